"""Owns the choice of some units of a population: a slice, or their numbers. Must not know populations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from nbkit.errors import Problem, shown
from nbkit.network.values import freeze

Units = npt.NDArray[np.int64]


def freeze_units(units: object) -> Any:
    """Bring a choice into the form in which descriptions keep it: None for all, a slice, or an array of numbers."""
    if units is None or isinstance(units, slice):
        return units
    if isinstance(units, range):
        return slice(units.start, units.stop, units.step)
    frozen = freeze(units)
    return np.array([frozen]) if isinstance(frozen, float) else frozen


def chosen(units: Any, size: int) -> Units:
    """The numbers of the chosen units of a population of this size, in the order given.

    >>> chosen(slice(0, 3), 10).tolist()
    [0, 1, 2]
    """
    if units is None or isinstance(units, slice):
        return np.arange(size, dtype=np.int64)[units or slice(None)]
    return np.asarray(units).astype(np.int64)


def count_chosen(units: Any, size: int) -> int:
    """How many units are chosen."""
    if units is None or isinstance(units, slice):
        return len(range(size)[units or slice(None)])
    return len(units)


def units_problems(units: Any, where: str, size: int) -> Iterator[Problem]:
    """What is wrong with a choice."""
    if units is None or isinstance(units, slice):
        try:
            empty = not count_chosen(units, size)
        except (TypeError, ValueError):
            yield Problem("bad-units", where, f"{units!r} is no slice of whole numbers", "slice(0, 10)")
            return
        if empty:
            yield Problem("bad-units", where, f"{units!r} chooses none of {size} units", "slice(0, 10)")
    elif not isinstance(units, np.ndarray) or units.ndim != 1 or not units.size:
        yield Problem("bad-units", where, f"{shown(units)} is neither a slice nor a list of numbers", "slice(0, 10)")
    else:
        wrong = units[~((units >= 0) & (units < size) & (units == np.floor(units)))]
        if wrong.size:
            what = f"{wrong[0]:g} is no unit of a population of {size}"
            yield Problem("bad-units", where, what, f"numbers from 0 to {size - 1}")
        elif len(np.unique(units)) < len(units):
            yield Problem("bad-units", where, "a unit is chosen twice", "name each unit once")
