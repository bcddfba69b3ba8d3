"""Owns grids: units that have a place on a line or a sheet, and the distances between them. Must not know populations.

Units are numbered row by row: unit ``i*nx + j`` of a grid (ny, nx) stands in row i (``y``) and column j (``x``).
Each unit stands in the middle of a cell of its own; a cell's area is what one unit stands for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from nbkit.errors import Problem, did_you_mean, shown
from nbkit.model.numbers import is_finite_number, is_whole
from nbkit.network.values import Array

#: names of the axes of a grid, by the number of its axes
AXES = {1: ("x",), 2: ("y", "x")}

EDGES = ("open", "periodic")


@dataclass(frozen=True)
class Grid:
    """Units on a line (``shape`` (nx,)) or on a sheet (``shape`` (ny, nx)).

    ``extent`` is the length of each axis, in the order of the shape. On a periodic grid the last unit of an
    axis is a neighbour of the first.

    >>> Grid((2, 4), (0.5, 1.0)).coordinates()["x"].tolist()
    [0.125, 0.375, 0.625, 0.875, 0.125, 0.375, 0.625, 0.875]
    """

    shape: tuple[int, ...]
    extent: tuple[float, ...]
    periodic: bool = False

    @property
    def axes(self) -> tuple[str, ...]:
        """Names of the axes, in the order of the shape."""
        return AXES[len(self.shape)]

    @property
    def spacing(self) -> tuple[float, ...]:
        """Distance from a unit to the next, along each axis."""
        return tuple(length / count for length, count in zip(self.extent, self.shape, strict=True))

    @property
    def cell(self) -> float:
        """What one unit stands for: a length on a line, an area on a sheet."""
        return math.prod(self.spacing)

    def ticks(self) -> tuple[Array, ...]:
        """The coordinates along each axis, in the order of the shape."""
        return tuple(
            (np.arange(n, dtype=np.float64) + 0.5) * gap for n, gap in zip(self.shape, self.spacing, strict=True)
        )

    def coordinates(self) -> dict[str, Array]:
        """The coordinates of every unit: axis -> shape (units,)."""
        meshed = np.meshgrid(*self.ticks(), indexing="ij")
        return {axis: places.reshape(-1) for axis, places in zip(self.axes, meshed, strict=True)}


def grid_of(size: object, extent: object, edges: str) -> Grid | None:
    """The grid of a population; None where its size is a plain number, or where one of the three is wrong."""
    if not isinstance(size, tuple) or any(grid_problems("", size, extent, edges)):
        return None
    lengths = extent if isinstance(extent, tuple) else tuple(n * _width(extent) / size[-1] for n in size)
    return Grid(size, tuple(float(length) for length in lengths), edges == "periodic")


def _width(extent: object) -> float:
    return 1.0 if extent is None else float(extent)  # type: ignore[arg-type]


def grid_problems(where: str, size: object, extent: object, edges: object) -> Iterator[Problem]:
    """Everything that is wrong with the size, extent and edges of a population."""
    if not isinstance(size, tuple):
        if not is_whole(size, 1):
            what = f"{shown(size)} is not a positive whole number below 2**31"
            yield Problem("bad-size", f"{where}.size", what, "give 1, 2, 3, ... or a grid such as (20, 20)")
        elif extent is not None or edges != "open":
            what = f"{size} units without places have neither extent nor edges"
            yield Problem("bad-size", f"{where}.size", what, f"size=({size},) for a line, or a sheet (ny, nx)")
        return
    if len(size) not in AXES or not all(is_whole(n, 1) for n in size) or math.prod(size) >= 2**31:
        what = f"{shown(size)} is no grid: one or two positive whole numbers, below 2**31 units in all"
        yield Problem("bad-size", f"{where}.size", what, "give (nx,) for a line or (ny, nx) for a sheet")
        return
    lengths = extent if isinstance(extent, tuple) else (1.0 if extent is None else extent,)
    fits = len(lengths) == len(size) or not isinstance(extent, tuple)
    if not fits or not all(is_finite_number(n) and not isinstance(n, str) and 1e-100 < n < 1e100 for n in lengths):
        hint = "one positive length for the x axis, or one for each axis in the order of size"
        yield Problem("bad-value", f"{where}.extent", f"{shown(extent)} is no extent of a grid {size}", hint)
    if not isinstance(edges, str) or edges not in EDGES:
        yield Problem("bad-choice", f"{where}.edges", f"no edges {shown(edges)}", did_you_mean(str(edges), EDGES))
