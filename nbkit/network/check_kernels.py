"""Owns the check of what follows from places: kernels and conduction delays. Must not know how they run."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from nbkit.errors import Problem, shown
from nbkit.model.numbers import is_finite_number
from nbkit.network.conduction import ConductionDelay
from nbkit.network.description import Population, Projection
from nbkit.network.expressions import Expression, expression_problems
from nbkit.network.grids import Grid
from nbkit.network.kernels import DISTANCE, Filter, OfDistance, is_kernel
from nbkit.network.rules import AllToAll
from nbkit.network.time import time_problems, to_unit

SAME_EXTENT = 1e-9  # relative


def kernel_problems(projection: Projection, post: Population, pre: Population) -> Iterator[Problem]:
    """Everything that is wrong with a kernel between two populations whose sizes make sense."""
    where, weight = f"{projection.name}.weight", projection.weight
    if not is_kernel(weight):
        return
    if not isinstance(projection.rule, AllToAll):
        hint = "rule=nb.AllToAll(), or AllToAll(autapses=False); a kernel's cutoff leaves out distant pairs"
        yield Problem("bad-kernel", where, "a kernel weighs every pair of units", hint)
    if isinstance(weight, Expression):
        yield from expression_problems(weight, where, (DISTANCE,))
    elif isinstance(weight, OfDistance):
        yield from _number_problems(weight, where)
    wrong = list(grid_pair_problems(where, "a kernel", post, pre))
    yield from wrong
    if isinstance(weight, Filter):
        inside = list(_array_problems(weight, where))
        yield from inside
        if not wrong and not inside and post.grid is not None and pre.grid is not None:
            yield from _filter_problems(weight, where, post.grid, pre.grid)


def _number_problems(weight: OfDistance, where: str) -> Iterator[Problem]:
    for name, number in weight.numbers().items():
        place = f"{where}.{name}"
        if number is None and name == "cutoff":
            continue
        if not is_finite_number(number):
            yield Problem("bad-value", place, f"{shown(number)} is not a finite number", "give a number")
        elif number <= 0 and (name in weight.lengths or name == "cutoff"):
            hint = "give a length, in the unit of extent" + ("; None for no cutoff" if name == "cutoff" else "")
            yield Problem("bad-kernel", place, f"{number:g} is not positive", hint)


def grid_pair_problems(where: str, what: str, post: Population, pre: Population) -> Iterator[Problem]:
    """What keeps two populations from having distances between their units."""
    grids = [post.grid, pre.grid]
    if None in grids:
        lacking = "the target's" if post.grid is None else "the source's"
        count = (post if post.grid is None else pre).count
        hint = f"give its population a grid: size=({count},) for a line, or (ny, nx)"
        yield Problem("no-distance", where, f"{what} needs distances, and {lacking} units have no places", hint)
        return
    to, of = (grid for grid in grids if grid is not None)
    if len(to.shape) != len(of.shape):
        what = f"a {_word(of)} of source units and a {_word(to)} of target units have no distances"
        yield Problem("no-distance", where, what, "give both populations the same number of axes")
        return
    if not all(math.isclose(a, b, rel_tol=SAME_EXTENT) for a, b in zip(to.extent, of.extent, strict=True)):
        what = f"the source's extent is {_lengths(of)}, the target's {_lengths(to)}"
        yield Problem("no-distance", where, what, "give both populations one extent=")
    if to.periodic != of.periodic:
        what = "one population's edges are open, the other's are periodic"
        yield Problem("no-distance", where, what, "give both populations the same edges=")


def _word(grid: Grid) -> str:
    return "line" if len(grid.shape) == 1 else "sheet"


def _lengths(grid: Grid) -> str:
    return " x ".join(f"{length:.6g}" for length in grid.extent)


def _array_problems(weight: Filter, where: str) -> Iterator[Problem]:
    array: Any = weight.array
    if not isinstance(array, np.ndarray) or array.ndim not in (1, 2) or not array.size:
        yield Problem("bad-kernel", f"{where}.array", f"{shown(array)} is no filter", "give an array of numbers")
    elif not np.isfinite(array).all():
        yield Problem("not-finite", f"{where}.array", "an entry is not finite", "replace it by a finite number")


def _filter_problems(weight: Filter, where: str, post: Grid, pre: Grid) -> Iterator[Problem]:
    """Whether a filter's entries fall onto units of the source."""
    if weight.array.ndim != len(post.shape):
        what = f"a filter of shape {weight.array.shape} on a {_word(post)}"
        yield Problem("bad-kernel", where, what, f"a filter has {len(post.shape)} axes there")
        return
    for axis, rows, columns, entries in zip(post.axes, post.shape, pre.shape, weight.array.shape, strict=True):
        factor = max(rows, columns) // min(rows, columns)
        if max(rows, columns) != factor * min(rows, columns):
            what = f"{columns} source units and {rows} target units along {axis}: neither is a multiple of the other"
            yield Problem("bad-kernel", where, what, "sizes that differ by a whole factor, or a kernel of distance")
            continue
        odd = columns <= rows or factor % 2 == 1
        if (entries % 2 == 1) != odd:
            middle = "at a source unit" if odd else "between two source units"
            what = f"{entries} entries along {axis}, where the middle stands {middle}"
            yield Problem("bad-kernel", where, what, f"give an {'odd' if odd else 'even'} number of entries")
        most = columns if pre.periodic else 2 * columns - 1
        if entries > most:
            what = f"{entries} entries along {axis} for {columns} source units: some would reach none, or one twice"
            yield Problem("bad-kernel", where, what, f"at most {most}")


def meaning_problems(projection: Projection) -> Iterator[Problem]:
    """Whether ``weight_is`` fits the kind of weight."""
    where, said, kernel = f"{projection.name}.weight_is", projection.weight_is, is_kernel(projection.weight)
    if kernel and said == "total":
        what = "a kernel says what each connection weighs, not what all of a unit weigh together"
        yield Problem("bad-choice", where, what, 'weight_is="density", or "synapse"')
    if not kernel and said == "density":
        what = f"a density is a weight per area or length, which {shown(projection.weight)} has not"
        yield Problem("bad-choice", where, what, 'give a kernel such as nb.kernels.Gaussian(1.0, 0.1), or "synapse"')


def conduction_problems(
    projection: Projection, delay: ConductionDelay, unit: str, post: Population | None, pre: Population | None
) -> Iterator[Problem]:
    """Everything that is wrong with a delay that follows from distances."""
    where = f"{projection.name}.delay"
    if projection.spread is not None:
        what = "a spread around delays that differ already"
        yield Problem("bad-spread", f"{projection.name}.spread", what, "give one of the two")
    if not is_finite_number(delay.speed):
        yield Problem("bad-value", f"{where}.speed", f"{shown(delay.speed)} is not a finite number", "give a speed")
    elif delay.speed <= 0:
        hint = "length in one unit of time; leave delay out for signals that take no time"
        yield Problem("bad-value", f"{where}.speed", f"a speed of {delay.speed:g} is not positive", hint)
    wrong = list(time_problems(delay.base, unit, f"{where}.base"))
    yield from wrong
    if not wrong and to_unit(delay.base, unit, where) < 0:
        hint = "a signal arrives after it was sent"
        yield Problem("delay-negative", f"{where}.base", f"{delay.base} is negative", hint)
    if post is not None and pre is not None:
        yield from grid_pair_problems(where, "a delay by distance", post, pre)
