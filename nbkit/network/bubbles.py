"""Owns `MovingBubble`: bumps of activity that run over a sheet or a line, as a formula. Must not know populations."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from nbkit.errors import Problem, shown
from nbkit.model.numbers import is_finite_number, is_whole, plain
from nbkit.network.expressions import Signal
from nbkit.network.grids import Grid
from nbkit.network.places import lacking
from nbkit.network.time import Time, to_unit

#: more bubbles would make a formula longer than a formula may be
MOST_BUBBLES = 12


@dataclass(frozen=True)
class MovingBubble(Signal):
    """Bumps of Gaussian shape whose centres run round a circle; on a line they go back and forth.

    At a distance d from its centre a bump is ``amplitude * exp(-d**2 / (2*width**2))``; bumps add up. The centre
    of bump j stands at time t at ``centre + radius*cos(a)`` along x and ``centre + radius*sin(a)`` along y, with
    ``a = 2*pi*t/period + phase + 2*pi*j/count``. On periodic edges distances go the shorter way round.

    Args:
        amplitude: height of a bump.
        width: standard deviation of its shape, in the unit of the grid's extent.
        radius: of the circle, in the same unit.
        period: time of one turn.
        count: number of bumps, 1 to 12, at equal angles.
        phase: angle of the first one at t = 0, in radians.
        centre: middle of the circle: a number on a line, (y, x) on a sheet, as in ``size``; None for the middle
            of the grid.

    Source:
        The input of ANNarchy's neural field: Vitay, Dinkelbach & Hamker (2015) Front. Neuroinform. 9:19.

    Example:
        >>> import nbkit as nb
        >>> sheet = nb.Population(nb.models.leaky_integrator, (20, 20))
        >>> bubble = nb.Stimulus("E.u", nb.MovingBubble(1.0, width=0.1, radius=0.25, period="1 s"))
        >>> nb.simulate(nb.Network({"E": sheet}, stimuli=[bubble]), 10.0, 1.0)["E.x"].shape
        (11, 20, 20)
    """

    #: fields that are times, and fields that shape the formula itself
    times: ClassVar[tuple[str, ...]] = ("period",)
    fixed: ClassVar[tuple[str, ...]] = ("count", "centre")

    amplitude: float
    width: float
    radius: float
    period: Time
    count: int = 1
    phase: float = 0.0
    centre: float | tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if is_finite_number(self.count) and self.count == int(self.count):
            object.__setattr__(self, "count", int(self.count))
        if isinstance(self.centre, tuple | list | np.ndarray):
            object.__setattr__(self, "centre", tuple(plain(number) for number in self.centre))

    def on(self, grid: Grid | None) -> str:
        """The formula on a grid, in x, y, t and the fields.

        >>> MovingBubble(1.0, 0.1, 0.25, 1000.0).on(Grid((9,), (1.0,)))
        'amplitude*(exp(-((x - 0.5 - radius*cos(2*pi*t/period + phase))**2)/(2*width**2)))'
        """
        assert grid is not None
        bumps = []
        for number in range(self.count):
            later = f" + {2 * math.pi * number / self.count!r}" if number else ""
            angle = f"2*pi*t/period + phase{later}"
            squares = [f"{self._distance(grid, axis, angle)}**2" for axis in reversed(range(len(grid.shape)))]
            bumps.append(f"exp(-({' + '.join(squares)})/(2*width**2))")
        return f"amplitude*({' + '.join(bumps)})"

    def _distance(self, grid: Grid, axis: int, angle: str) -> str:
        """From the centre of a bump along an axis; the arctangent of a tangent brings it to within half a round."""
        name, length = grid.axes[axis], grid.extent[axis]
        wave = "cos" if name == "x" else "sin"
        straight = f"({name} - {self._middle(grid)[axis]!r} - radius*{wave}({angle}))"
        return f"({length / math.pi!r}*arctan(tan({math.pi / length!r}*{straight})))" if grid.periodic else straight

    def _middle(self, grid: Grid) -> tuple[float, ...]:
        if self.centre is None:
            return tuple(length / 2 for length in grid.extent)
        return tuple(float(c) for c in (self.centre if isinstance(self.centre, tuple) else (self.centre,)))

    def problems(self, where: str, time_unit: str, grid: Grid | None) -> Iterator[Problem]:
        """Numbers that are finite but make no bubble."""
        for name, low in (("width", "above 0"), ("radius", "0 or more")):
            number = getattr(self, name)
            if number < 0 or (number == 0 and name == "width"):
                yield Problem("bad-signal", f"{where}.{name}", f"{number:g} is not {low}", f"give a number {low}")
        if to_unit(self.period, time_unit, where) <= 0:
            yield Problem("bad-signal", f"{where}.period", f"{self.period!r} is not positive", "give a positive time")
        if not is_whole(self.count, 1, MOST_BUBBLES):
            what = f"{shown(self.count)} is not a whole number from 1 to {MOST_BUBBLES}"
            yield Problem("bad-signal", f"{where}.count", what, "give 1, 2, 3, ...")
        if grid is None:
            what, hint = lacking(grid)
            yield Problem("bad-signal", where, f"a bubble moves from place to place: {what}", hint)
        elif self.centre is not None and not _is_point(self.centre, len(grid.shape)):
            hint = "a number" if len(grid.shape) == 1 else "(y, x), as in size"
            what = f"{shown(self.centre)} is no place on a grid of {len(grid.shape)} axes"
            yield Problem("bad-signal", f"{where}.centre", what, hint)


def _is_point(centre: Any, axes: int) -> bool:
    numbers = centre if isinstance(centre, tuple) else (centre,)
    return len(numbers) == axes and all(is_finite_number(number) for number in numbers)
