"""Owns values of place: what an expression of x and y is at each unit of a grid. Must not know populations."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nbkit.errors import Problem
from nbkit.model.expression import parse
from nbkit.network.evaluation import evaluate
from nbkit.network.expressions import Expression, expression_problems
from nbkit.network.grids import Grid
from nbkit.network.values import Array


def places_on(grid: Grid | None) -> tuple[str, ...]:
    """Names of the places that units have: none, ``x``, or ``x`` and ``y``."""
    return tuple(sorted(grid.axes)) if grid is not None else ()


def lacking(grid: Grid | None) -> tuple[str, str]:
    """Why units have no ``x`` or no ``y``, and what to try."""
    if grid is None:
        return "these units have none", "size=(nx,) for a line, or size=(ny, nx) for a sheet"
    return "units on a line have only x", "size=(ny, nx) for a sheet"


def place_problems(expression: Expression, where: str, grid: Grid | None) -> Iterator[Problem]:
    """What is wrong with the text of a value of place."""
    yield from expression_problems(expression, where, places_on(grid), lacking(grid))


def at_places(expression: Expression, grid: Grid | None, count: int) -> Array:
    """The value of an expression at the place of each unit, shape (units,); it must be free of problems.

    >>> at_places(Expression("x + 10*y"), Grid((2, 2), (1.0, 1.0)), 4).tolist()
    [2.75, 3.25, 7.75, 8.25]
    """
    with np.errstate(all="ignore"):
        found = evaluate(parse(expression.text), grid.coordinates() if grid is not None else {})
    return np.array(np.broadcast_to(np.asarray(found, dtype=np.float64), (count,)))
