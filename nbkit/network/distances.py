"""Owns distances between units that have places, and what a kernel weighs at them. Must not know populations.

Distances are computed from whole numbers, so that pairs which are equally far apart have the same distance to
the last bit, and an edge in a kernel (``d <= 0.3``) never depends on where in the grid a pair stands.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from nbkit.errors import fail
from nbkit.model.expression import parse
from nbkit.network.evaluation import evaluate
from nbkit.network.expressions import Expression
from nbkit.network.grids import Grid
from nbkit.network.kernels import DISTANCE, OfDistance, reach_of
from nbkit.network.values import Array

Units = npt.NDArray[np.int64]


def along_axis(post: Grid, pre: Grid, axis: int, targets: Any, sources: Any) -> Array:
    """Distances along one axis between places of two grids of one extent, given by their numbers on it.

    >>> line = Grid((10,), (1.0,))
    >>> along_axis(line, line, 0, np.array([3]), np.array([0])).tolist()
    [0.3]
    """
    rows, columns = post.shape[axis], pre.shape[axis]
    common = math.gcd(rows, columns)
    a, b = rows // common, columns // common
    whole = 2 * common * a * b
    apart = np.abs((2 * targets + 1) * b - (2 * sources + 1) * a)
    if post.periodic:
        apart = np.minimum(apart, whole - apart)
    return np.asarray(apart * post.extent[axis] / whole)


def axis_distances(post: Grid, pre: Grid, axis: int) -> Array:
    """Distances along one axis between every place of two grids, shape (places of post, places of pre)."""
    rows, columns = (np.arange(grid.shape[axis], dtype=np.int64) for grid in (post, pre))
    return along_axis(post, pre, axis, rows[:, None], columns)


def distances(post: Grid, pre: Grid, targets: Units, sources: Units) -> Array:
    """Distances between pairs of units, in the unit of the extent."""
    places = [np.unravel_index(units, grid.shape) for units, grid in ((targets, post), (sources, pre))]
    found = [along_axis(post, pre, axis, *pair) for axis, pair in enumerate(zip(*places, strict=True))]
    return found[0] if len(found) == 1 else np.asarray(np.hypot(*found))


def weights_at(weight: OfDistance | Expression, apart: Array, where: str, *, own: bool = True) -> Array:
    """What a kernel weighs at distances of any shape: 0 beyond its cutoff and, without ``own``, at the distance 0.

    Raises:
        NbkitError: ``bad-kernel`` with the first distance at which the weight is no finite number.
    """
    text, numbers = (weight.text, {}) if isinstance(weight, Expression) else (weight.formula, weight.numbers())
    with np.errstate(all="ignore"):
        found = evaluate(parse(text, where), {DISTANCE: apart} | numbers)
    made = np.array(np.broadcast_to(np.asarray(found, dtype=np.float64), apart.shape))
    cutoff = reach_of(weight)
    if cutoff is not None:
        made[apart > cutoff] = 0.0
    if not own:
        made[apart == 0] = 0.0
    wrong = np.flatnonzero(~np.isfinite(made))
    if wrong.size:
        first = float(apart.reshape(-1)[wrong[0]])
        what = f"the weight at the distance {first:.6g} is {made.reshape(-1)[wrong[0]]}"
        hint = "change the formula"
        if first == 0:
            hint = "rule=nb.AllToAll(autapses=False) leaves out the distance 0; or change the formula"
        raise fail("bad-kernel", where, what, hint)
    return made
