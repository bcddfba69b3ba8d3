"""Owns connections of many delays: conduction delays in steps, and the plans of connections that differ in delay.

A few delays are a matrix each. Many are one matrix over the past: its columns are the units of the source at
every step that is read, from the earliest to the latest, as they lie in memory. Must not know graphs or backends.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nbkit.compile.coupling import SMALL, Coupling, plan_pairs
from nbkit.compile.delays import OFF_GRID
from nbkit.errors import Problem
from nbkit.network.conduction import ConductionDelay
from nbkit.network.description import SPIKE, Projection, split_path
from nbkit.network.distances import distances
from nbkit.network.network import Network
from nbkit.network.rules import Ends, Units
from nbkit.network.time import to_unit
from nbkit.network.values import Array

#: Microseconds: of a small dense product and of a sparse one with what adds it up, and of a sparse entry.
SMALL_PART, PART, ENTRY = 1.0, 3.5, 6e-4
SPARSE, LATE_ENTRY = 6.0, 8e-4  # its sources lie farther apart

Piece = tuple[int, int, Coupling]


def conduction_steps(network: Network, projection: Projection, pairs: tuple[Units, Units], dt: float) -> Units:
    """The delay of each connection in steps, halves up; ``pairs`` are units of the whole populations."""
    post, pre = (network.populations[split_path(path)[0]].grid for path in (projection.target, projection.source))
    assert post is not None
    assert pre is not None
    return travel_steps(network, projection, distances(post, pre, *pairs), dt)


def travel_steps(network: Network, projection: Projection, apart: Array, dt: float) -> Units:
    """How many steps signals take for these distances, halves up."""
    delay = projection.delay
    assert isinstance(delay, ConductionDelay)
    times = to_unit(delay.base, network.time_unit, f"{projection.name}.delay.base") + apart / delay.speed
    return np.asarray(np.floor(times / dt + (0.5 + OFF_GRID)).astype(np.int64))


def too_early(network: Network, projection: Projection, steps: Units, dt: float) -> list[Problem]:
    """Computed delays that round to no step where there must be one."""
    name, variable = split_path(projection.source)
    model = network.populations[name].model
    early = int(np.count_nonzero(steps < 1))
    event = variable == SPIKE
    if not early or not (event or (variable in model.variables and model.depends_on_inputs(variable))):
        return []
    what = f"{early} delays round to no step at all; {'spikes need' if event else f'{variable!r} needs'} one at least"
    if isinstance(projection.delay, ConductionDelay):
        hint = f"nb.ConductionDelay(speed, base={dt:g}), or a smaller dt"
    else:
        hint = f"nb.Truncated(law, low={dt / 2:g})"
    return [Problem("delay-below-step", f"{projection.name}.delay", what, hint)]


def longest_time(projection: Projection, steps: Units, dt: float) -> list[Problem]:
    """Delays for which no past can be kept."""
    most = int(steps.max(initial=0))
    if most < 2**31:
        return []
    what = f"the longest one is {most:.3g} steps of {dt:g}"
    return [Problem("bad-time", f"{projection.name}.delay", what, "a higher speed, or a larger dt")]


def plan_late(
    name: str, ends: Ends, pairs: tuple[Units, Units], weights: Array, steps: Units, *, events: bool
) -> list[Piece]:
    """Connections by their delays: the least delay of each piece, how many steps more it reaches back, and its plan.

    Spikes (``events``) arrive by delays of their own.
    """
    late = steps > 0
    delays = np.unique(steps)
    if events or _apart(ends, len(steps), len(delays)) <= cost_together(len(steps)):
        return [(int(d), 0, _alone(name, ends, pairs, weights, steps == d)) for d in delays]
    pieces = [(0, 0, _alone(name, ends, pairs, weights, ~late))] if not late.all() else []
    first, last = int(steps[late].min()), int(steps[late].max())
    matrix = _over_the_past(ends, (pairs[0][late], pairs[1][late]), weights[late], last - steps[late], last - first)
    reason = (
        f"{len(delays)} different delays from {first} to {last} steps, {matrix.nnz} connections: "
        "one product with the past as it lies in memory"
    )
    return [*pieces, (first, last - first, Coupling(name, "delayed", matrix, reason, settable=False))]


def _alone(name: str, ends: Ends, pairs: tuple[Units, Units], weights: Array, which: Any) -> Coupling:
    return plan_pairs(name, ends, pairs[0][which], pairs[1][which], weights[which])


def _apart(ends: Ends, connections: int, delays: int) -> float:
    """About how many microseconds a step takes with a matrix for each delay."""
    each = SMALL_PART if ends.post * ends.pre <= SMALL else PART
    return delays * each + connections * ENTRY


def cost_together(connections: float) -> float:
    """About how many it takes with one matrix over the past."""
    return SPARSE + connections * LATE_ENTRY


def _over_the_past(ends: Ends, pairs: tuple[Units, Units], weights: Array, ago: Units, reach: int) -> Any:
    """The matrix whose columns are the units of the source at the earliest step that is read, then at the next."""
    from scipy.sparse import coo_array  # noqa: PLC0415  only sparse networks need SciPy

    columns = ago * ends.pre + pairs[1]
    narrow = np.int32 if (reach + 1) * ends.pre < 2**31 else np.int64
    entries = (weights, (pairs[0].astype(narrow), columns.astype(narrow)))
    return coo_array(entries, shape=(ends.post, (reach + 1) * ends.pre)).tocsr()
