"""Owns arrays that refuse what those of a card refuse: to be mixed with NumPy's own, or read without a copy."""

from __future__ import annotations

from typing import Any

import numpy as np


def plain(value: Any) -> Any:
    """What stands behind an array of the card."""
    return value.view(np.ndarray) if isinstance(value, CardArray) else value


def refuse_plain(values: Any, what: str) -> None:
    """Raise where an array of the processor is among values."""
    for value in values:
        if isinstance(value, np.ndarray) and not isinstance(value, CardArray) and value.ndim:
            raise TypeError(f"an array of the processor in {what}")


class CardArray(np.ndarray):
    """An array as a card has it."""

    def __array_function__(self, function: Any, *_: Any) -> Any:
        raise TypeError(f"NumPy's {function.__name__} cannot look into an array of the card")

    def __array_ufunc__(self, ufunc: Any, method: str, *given: Any, **more: Any) -> Any:
        refuse_plain(given, ufunc.__name__)
        if more.get("out") is not None:
            more["out"] = tuple(plain(held) for held in more["out"])
        return np.asarray(getattr(ufunc, method)(*map(plain, given), **more)).view(CardArray)

    def __setitem__(self, key: Any, value: Any) -> None:
        keys = key if isinstance(key, tuple) else (key,)
        refuse_plain((*keys, value), "an assignment")
        plain(self)[tuple(map(plain, keys)) if isinstance(key, tuple) else plain(key)] = plain(value)

    def max(self) -> Any:
        return np.asarray(plain(self).max()).view(CardArray)

    def _refuse(self) -> Any:
        raise TypeError("an array of the card is no number before it was copied")

    __float__ = __int__ = __bool__ = _refuse


class CardModule:
    """NumPy's functions for such arrays, as CuPy's module has them."""

    def __init__(self, base: Any = np) -> None:
        self._base = base

    def __getattr__(self, name: str) -> Any:
        if name == "fft" and self._base is np:
            return CardModule(np.fft)
        function = getattr(self._base, name)

        def call(*given: Any, **more: Any) -> Any:
            if name not in ("zeros", "array", "asarray"):
                refuse_plain((*given, *more.values()), name)
            made = function(*map(plain, given), **{key: plain(value) for key, value in more.items()})
            return np.asarray(made).view(CardArray)

        return call
