"""Owns the choice of some units of a population: a slice, their numbers, or rows and columns of a sheet.

Must not know populations.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nbkit.errors import Problem, shown
from nbkit.model.numbers import plain
from nbkit.network.values import freeze

Units = npt.NDArray[np.int64]
#: A number of units, or the shape of their grid.
Shape = int | tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Rectangle:
    """The units of a sheet where chosen rows cross chosen columns, row by row; each a slice or an array of numbers."""

    rows: Any
    columns: Any

    def __post_init__(self) -> None:
        for name in ("rows", "columns"):
            part = getattr(self, name)
            object.__setattr__(self, name, slice(None) if part is None else freeze_units(part))

    def __repr__(self) -> str:
        return f"({_typed(self.rows)}, {_typed(self.columns)})"


def _typed(part: Any) -> str:
    """Rows or columns as a user types them."""
    numbers = part.tolist() if isinstance(part, np.ndarray) else part
    if isinstance(numbers, list):
        return repr([int(n) if isinstance(n, float) and n.is_integer() else n for n in numbers])
    return repr(numbers)


def freeze_units(units: object) -> Any:
    """Bring a choice into the form in which descriptions keep it.

    None for all, a slice, an array of numbers; a pair (rows, columns), of which one at least is a slice or a
    list, becomes a `Rectangle`.
    """
    if isinstance(units, slice):
        return slice(*(plain(end) for end in (units.start, units.stop, units.step)))
    if units is None or isinstance(units, Rectangle):
        return units
    if isinstance(units, tuple) and len(units) == 2 and any(_spans(part) for part in units):
        return Rectangle(*units)
    frozen = freeze(list(units) if isinstance(units, range) else units)
    return np.array([frozen]) if isinstance(frozen, float) else frozen


def _spans(part: object) -> bool:
    return part is None or isinstance(part, slice | list | range)


def chosen(units: Any, shape: Shape) -> Units:
    """The numbers of the chosen units of a population of this size or shape, in the order given.

    >>> chosen(slice(0, 3), 10).tolist()
    [0, 1, 2]
    >>> chosen(freeze_units(([1, 0], slice(2, 4))), (2, 4)).tolist()
    [6, 7, 2, 3]
    """
    sizes = _sizes(shape)
    if isinstance(units, Rectangle):
        rows, columns = _numbers(units.rows, sizes[0]), _numbers(units.columns, sizes[1])
        return np.asarray((rows[:, None] * sizes[1] + columns).reshape(-1))
    return _numbers(units, math.prod(sizes))


def shape_chosen(units: Any, shape: Shape) -> tuple[int, ...]:
    """Shape of an array with one number for each chosen unit.

    >>> shape_chosen(freeze_units((slice(0, 3), [1, 2])), (5, 5)), shape_chosen(slice(0, 3), (5, 5))
    ((3, 2), (3,))
    """
    sizes = _sizes(shape)
    if units is None:
        return sizes
    if isinstance(units, Rectangle):
        return _count(units.rows, sizes[0]), _count(units.columns, sizes[1])
    return (_count(units, math.prod(sizes)),)


def _sizes(shape: Shape) -> tuple[int, ...]:
    return (shape,) if isinstance(shape, int) else shape


def _numbers(units: Any, size: int) -> Units:
    if units is None or isinstance(units, slice):
        return np.arange(size, dtype=np.int64)[units or slice(None)]
    return np.asarray(units).astype(np.int64)


def _count(units: Any, size: int) -> int:
    return len(range(size)[units]) if isinstance(units, slice) else len(units)


def units_problems(units: Any, where: str, shape: Shape) -> Iterator[Problem]:
    """What is wrong with a choice."""
    sizes = _sizes(shape)
    if not isinstance(units, Rectangle):
        yield from _line_problems(units, where, math.prod(sizes), "unit")
    elif len(sizes) != 2:
        what = f"rows and columns of {sizes[0]} units that are no sheet"
        yield Problem("bad-units", where, what, "one slice, or one list of numbers")
    else:
        yield from _line_problems(units.rows, f"{where}, rows", sizes[0], "row")
        yield from _line_problems(units.columns, f"{where}, columns", sizes[1], "column")


def _line_problems(units: Any, where: str, size: int, word: str) -> Iterator[Problem]:
    if units is None or isinstance(units, slice):
        try:
            empty = not len(range(size)[units or slice(None)])
        except (TypeError, ValueError):
            yield Problem("bad-units", where, f"{units!r} is no slice of whole numbers", "slice(0, 10)")
            return
        if empty:
            yield Problem("bad-units", where, f"{units!r} chooses none of {size} {word}s", f"slice(0, {size})")
    elif not isinstance(units, np.ndarray) or units.ndim != 1 or not units.size:
        hint = "slice(0, 10), or (slice(0, 5), slice(0, 5)) for rows and columns of a sheet"
        yield Problem("bad-units", where, f"{shown(units)} is neither a slice nor a list of numbers", hint)
    else:
        wrong = units[~((units >= 0) & (units < size) & (units == np.floor(units)))]
        if wrong.size:
            what = f"{wrong[0]:g} is no {word} of {'a population' if word == 'unit' else 'a sheet'} of {size}"
            yield Problem("bad-units", where, what, f"numbers from 0 to {size - 1}")
        elif len(np.unique(units)) < len(units):
            yield Problem("bad-units", where, f"a {word} is chosen twice", f"name each {word} once")
