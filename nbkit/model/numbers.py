"""Owns what counts as a number, and the plain form in which descriptions keep it. Knows nothing else of nbkit."""

from __future__ import annotations

import dataclasses
import math
from typing import Any


def plain(value: Any) -> Any:
    """A NumPy number as Python's own; anything else as it is.

    Small NumPy integers would otherwise overflow in the arithmetic of sizes and laws.
    """
    if hasattr(value, "dtype") and getattr(value, "shape", None) == () and hasattr(value, "item"):
        return value.item()
    return value


def make_plain(part: Any) -> None:
    """Bring all fields of a frozen dataclass into their plain form."""
    for field in dataclasses.fields(part):
        if field.init:
            object.__setattr__(part, field.name, plain(getattr(part, field.name)))


def is_finite_number(value: object) -> bool:
    """Whether a value is one finite real number."""
    if isinstance(value, bool | str | bytes):
        return False
    held = plain(value)
    try:
        return isinstance(held, int | float) and not isinstance(held, bool) and math.isfinite(held)
    except OverflowError:
        return False


def is_whole(value: object, least: int = 0, most: int = 2**31 - 1) -> bool:
    """Whether a value is a whole number within these bounds."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
