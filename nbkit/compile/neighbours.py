"""Owns the pairs of units that a kernel connects, with their weights. Must not know plans or backends.

Time and memory follow from the pairs that are near enough, not from all that there are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from nbkit.network.chosen import chosen
from nbkit.network.description import Projection, split_path
from nbkit.network.distances import along_axis, distances, weights_at
from nbkit.network.grids import Grid
from nbkit.network.kernels import Filter, reach_of
from nbkit.network.network import Network
from nbkit.network.rules import AllToAll, Units
from nbkit.network.values import Array

PIECE = 2**18  # pairs that are weighed at once

Axis = tuple[Units, Units, Array]


@dataclass(frozen=True)
class Places:
    """Where the units of a projection stand, and which pairs of them its kernel connects.

    ``scale`` is what a kernel's value is multiplied by; ``twins`` tells whether a unit reaches itself.
    """

    weight: Any
    post: Grid
    pre: Grid
    scale: float
    same: bool
    twins: bool
    where: str

    @property
    def even(self) -> bool:
        """Whether the kernel is the same around every unit."""
        return self.post.shape == self.pre.shape


def places_of(network: Network, projection: Projection) -> Places:
    """The places of a projection between grids."""
    names = [split_path(path)[0] for path in (projection.target, projection.source)]
    post, pre = (network.populations[name].grid for name in names)
    assert post is not None
    assert pre is not None
    scale = pre.cell if projection.weight_is == "density" else 1.0
    same, rule = names[0] == names[1], projection.rule
    twins = not same or not isinstance(rule, AllToAll) or rule.autapses
    return Places(projection.weight, post, pre, scale, same, twins, f"{projection.name}.weight")


def reach(places: Places, axis: int) -> int:
    """How many units of the source, along an axis, may reach one unit of the target at most."""
    count = places.pre.shape[axis]
    if isinstance(places.weight, Filter):
        return int(min(count, places.weight.array.shape[axis]))
    cutoff = reach_of(places.weight)
    return count if cutoff is None else int(min(count, 2 * cutoff / places.pre.spacing[axis] + 2))


def most_pairs(places: Places) -> float:
    """How many pairs a kernel connects at most."""
    return float(np.prod([float(n) * reach(places, axis) for axis, n in enumerate(places.post.shape)]))


def likely_pairs(places: Places) -> float:
    """About how many pairs a kernel connects."""
    cutoff = reach_of(places.weight)
    if cutoff is None or len(places.post.shape) == 1:
        return most_pairs(places)
    return min(
        most_pairs(places),
        math.prod(places.post.shape) * max(1.0, math.pi * min(cutoff, sum(places.pre.extent)) ** 2 / places.pre.cell),
    )


def _axis(places: Places, axis: int) -> Axis:
    """The pairs along one axis that may be connected: places of target and source, and what they are weighed by."""
    if isinstance(places.weight, Filter):
        return _filter_axis(places, axis)
    rows, columns, cutoff = places.post.shape[axis], places.pre.shape[axis], reach_of(places.weight)
    targets = np.arange(rows, dtype=np.int64)
    half = columns if cutoff is None else int(cutoff / places.pre.spacing[axis]) + 1
    if 2 * half + 1 >= columns:
        found = np.repeat(targets, columns), np.tile(np.arange(columns, dtype=np.int64), rows)
    else:
        near = ((2 * targets + 1) * columns // (2 * rows))[:, None] + np.arange(-half, half + 1)
        found = _inside(places, np.repeat(targets, 2 * half + 1), near.reshape(-1), columns)
    apart = along_axis(places.post, places.pre, axis, *found)
    kept = slice(None) if cutoff is None else apart <= cutoff
    return found[0][kept], found[1][kept], apart[kept]


def _filter_axis(places: Places, axis: int) -> Axis:
    rows, columns, entries = places.post.shape[axis], places.pre.shape[axis], places.weight.array.shape[axis]
    targets = np.arange(rows, dtype=np.int64)
    if columns >= rows:  # the middle of the target's cell, between two sources if the factor is even
        first = targets * (columns // rows) + (columns // rows - entries) // 2
    else:
        first = targets // (rows // columns) - entries // 2
    number = np.tile(np.arange(entries, dtype=np.int64), rows)
    of_target, of_source = np.repeat(targets, entries), np.repeat(first, entries) + number
    fits = slice(None) if places.pre.periodic else (of_source >= 0) & (of_source < columns)
    return of_target[fits], of_source[fits] % columns, number[fits].astype(np.float64)


def _inside(places: Places, targets: Units, sources: Units, count: int) -> tuple[Units, Units]:
    """The pairs whose sources are there; on periodic grids the other side goes on."""
    if places.pre.periodic:
        return targets, sources % count
    fits = (sources >= 0) & (sources < count)
    return targets[fits], sources[fits]


def pieces(places: Places, wanted: tuple[Any, Any] | None = None) -> Iterator[tuple[Units, Units, Array]]:
    """The connected pairs and their weights, in pieces: target units, source units, weights.

    ``wanted`` marks the units of target and source that take part.
    """
    axes = [_axis(places, axis) for axis in range(len(places.post.shape))]
    if len(axes) == 1:
        none = np.zeros(1, dtype=np.int64)
        axes.insert(0, (none, none, np.zeros(1)))
    (i, j, u), (m, n, v) = axes
    step = max(1, PIECE // max(1, len(m)))
    for first in range(0, len(i), step):
        part = slice(first, first + step)
        targets = (i[part, None] * places.post.shape[-1] + m).reshape(-1)
        sources = (j[part, None] * places.pre.shape[-1] + n).reshape(-1)
        left, right = np.broadcast_arrays(u[part, None], v)
        kept = np.ones(len(targets), dtype=bool)
        if wanted is not None:
            kept &= wanted[0][targets] & wanted[1][sources]
        if not places.twins:
            kept &= targets != sources
        weights = _weighed(places, left.reshape(-1)[kept], right.reshape(-1)[kept])
        near = slice(None) if weights[1] is None else weights[1]
        yield targets[kept][near], sources[kept][near], weights[0][near] * places.scale


def _weighed(places: Places, left: Array, right: Array) -> tuple[Array, Any]:
    """The weights of pairs from what weighs them along each axis, and which of them are near enough."""
    if isinstance(places.weight, Filter):
        entries = places.weight.array.reshape(-1, places.weight.array.shape[-1])
        return entries[left.astype(np.int64), right.astype(np.int64)], None
    apart, cutoff = np.hypot(left, right), reach_of(places.weight)
    near = None if cutoff is None else apart <= cutoff
    return weights_at(places.weight, apart, places.where), near


def kernel_pairs(network: Network, projection: Projection) -> tuple[Units, Units, Array]:
    """Single connections of a kernel between the chosen units, ordered by target, as numbers among the chosen."""
    places = places_of(network, projection)
    posts, pres = units_of(network, projection)
    if len(posts) * float(len(pres)) <= most_pairs(places) and not isinstance(places.weight, Filter):
        found = _pairs_of(places, posts, pres)
    else:
        wanted = tuple(np.zeros(np.prod(grid.shape), dtype=bool) for grid in (places.post, places.pre))
        wanted[0][posts], wanted[1][pres] = True, True
        found = joined(pieces(places, (wanted[0], wanted[1])))
    targets, sources = (_among(units, numbers) for units, numbers in ((posts, found[0]), (pres, found[1])))
    order = np.lexsort((sources, targets))
    return targets[order], sources[order], found[2][order]


def joined(made: Iterable[tuple[Units, Units, Array]]) -> tuple[Units, Units, Array]:
    """Targets, sources and weights of several pieces, or of none."""
    none = np.zeros(0, dtype=np.int64)
    targets, sources, weights = zip((none, none, np.zeros(0)), *made, strict=True)
    return np.concatenate(targets), np.concatenate(sources), np.concatenate(weights)


def _pairs_of(places: Places, posts: Units, pres: Units) -> tuple[Units, Units, Array]:
    """Every chosen pair that is near enough."""
    targets, sources = np.repeat(posts, len(pres)), np.tile(pres, len(posts))
    if not places.twins:
        kept = targets != sources
        targets, sources = targets[kept], sources[kept]
    apart, cutoff = distances(places.post, places.pre, targets, sources), reach_of(places.weight)
    if cutoff is not None:
        near = apart <= cutoff
        targets, sources, apart = targets[near], sources[near], apart[near]
    return targets, sources, weights_at(places.weight, apart, places.where) * places.scale


def _among(units: Units, numbers: Units) -> Units:
    """The places of units in a list of chosen ones."""
    order = np.argsort(units, kind="stable")
    return order[np.searchsorted(units[order], numbers)]


def units_of(network: Network, projection: Projection) -> tuple[Units, Units]:
    """The chosen units of target and source."""
    target, source = (network.populations[split_path(path)[0]] for path in (projection.target, projection.source))
    return chosen(projection.target_units, target.shape), chosen(projection.source_units, source.shape)
