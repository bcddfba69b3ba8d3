"""Owns connections that must be told apart: pairs, kernels, chosen units, many delays, and synapses of spikes.

Must not know graphs or backends.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nbkit.compile.bundles import bundle_of_pairs, delays_below_step, drawn_bundle, is_drawn
from nbkit.compile.connections import MANY, Connection, Part, sizes_of
from nbkit.compile.coupling import plan_pairs
from nbkit.compile.delays import OFF_GRID, DelayPlan, plan_delay
from nbkit.compile.fields import bytes_of_kernel, plan_kernel, whole
from nbkit.compile.late import conduction_steps, longest_time, plan_late, too_early
from nbkit.compile.neighbours import kernel_pairs
from nbkit.compile.rings import plan_rings
from nbkit.compile.sampling import generator, sample
from nbkit.compile.stacks import Member
from nbkit.errors import NbkitError, Problem
from nbkit.model.counting import bincount
from nbkit.network.balanced import Balanced
from nbkit.network.check_projections import ends_of
from nbkit.network.chosen import chosen
from nbkit.network.conduction import ConductionDelay
from nbkit.network.description import Projection, split_path
from nbkit.network.kernels import is_kernel
from nbkit.network.laws import Law
from nbkit.network.network import Network
from nbkit.network.rules import AllToAll, Ends, Pairs, Units
from nbkit.network.values import Array, SparseMatrix

BYTES_PER_CONNECTION = 64  # while they are drawn and grouped
BYTES_PER_SYNAPSE = 8  # of a table that is drawn cell by cell


def bytes_of(network: Network, projection: Projection) -> float:
    """About how much memory the making of these connections needs."""
    if is_kernel(projection.weight):
        return bytes_of_kernel(network, projection)
    each = BYTES_PER_SYNAPSE if is_drawn(projection) else BYTES_PER_CONNECTION
    return projection.rule.connections(ends_of(network, projection)) * each


def connect_rates(
    network: Network, projection: Projection, dt: float, seed: int, policy: str
) -> tuple[Connection, list[Problem]]:
    ends = ends_of(network, projection)
    many_delays = isinstance(projection.delay, MANY)
    plan, problems = DelayPlan(0, 0.0), list[Problem]()
    if not many_delays:
        plan, problems = plan_delay(projection, network.time_unit, dt, policy)
    if is_kernel(projection.weight) and whole(projection):
        coupling = plan_kernel(network, projection)
        return Connection((Part(plan.steps, coupling),), plan, plan.delay), problems
    if is_kernel(projection.weight) and isinstance(projection.delay, ConductionDelay):
        rings = plan_rings(network, projection, dt)
        if rings is not None:
            problems = _unfit(network, projection, rings.steps, dt)
            parts = tuple(Part(d, coupling) for d, coupling in rings.pieces)
            return Connection(parts, plan, np.asarray(rings.around * dt, dtype=np.float64)), problems
    targets, sources, weights = _pairs(network, projection, ends, seed)
    of_target, of_source, sizes = _units(network, projection)
    pairs = of_target[targets], of_source[sources]
    if not many_delays:
        part = Part(plan.steps, plan_pairs(projection.name, sizes, *pairs, weights))
        return Connection((part,), plan, plan.delay), problems
    steps = _single_steps(network, projection, (targets, sources), dt=dt, seed=seed, policy=policy)
    pieces = plan_late(projection.name, sizes, pairs, weights, steps, events=False)
    parts = tuple(Part(d, coupling, reach) for d, reach, coupling in pieces)
    return Connection(parts, plan, np.asarray(steps * dt, dtype=np.float64)), problems


def connect_spikes(
    network: Network, projection: Projection, dt: float, seed: int, policy: str, *, members: Mapping[str, Member]
) -> tuple[Connection, list[Problem]]:
    """The connections of spikes: as one matrix where they are few and alike, else as synapses for a table."""
    ends = ends_of(network, projection)
    many_delays = isinstance(projection.delay, MANY)
    plan, problems = DelayPlan(0, 0.0), delays_below_step(projection, dt)
    if not many_delays:
        plan, problems = plan_delay(projection, network.time_unit, dt, policy)
    if problems:
        return Connection((), plan, plan.delay), problems
    drawn = drawn_bundle(projection, plan, dt, seed, members) if is_drawn(projection) else None
    if drawn is not None:
        return Connection((), plan, np.nan if many_delays else plan.delay, drawn), []
    targets, sources, weights = _pairs(network, projection, ends, seed)
    of_target, of_source, sizes = _units(network, projection)
    pairs = of_target[targets], of_source[sources]
    steps = np.full(len(targets), plan.steps, dtype=np.int64)
    if many_delays:
        steps = _single_steps(network, projection, (targets, sources), dt=dt, seed=seed, policy=policy)
    delay = np.asarray(steps * dt, dtype=np.float64) if many_delays else plan.delay
    bundle = bundle_of_pairs(projection, sizes, pairs, weights, steps, members=members)
    if bundle is not None:
        return Connection((), plan, delay, bundle), []
    pieces = plan_late(projection.name, sizes, pairs, weights, steps, events=True)
    return Connection(tuple(Part(d, c, reach) for d, reach, c in pieces), plan, delay), []


def _single_steps(
    network: Network, projection: Projection, pairs: Pairs, *, dt: float, seed: int, policy: str
) -> Units:
    """The delay of each connection in steps; ``pairs`` count the chosen units.

    Raises:
        NbkitError: what is wrong with these delays for this dt.
    """
    problems = list[Problem]()
    if isinstance(projection.delay, ConductionDelay):
        of_target, of_source, _ = _units(network, projection)
        steps = conduction_steps(network, projection, (of_target[pairs[0]], of_source[pairs[1]]), dt)
    else:
        ends = ends_of(network, projection)
        steps, problems = _many_steps(projection, ends, pairs, dt=dt, seed=seed, policy=policy)
    problems += _unfit(network, projection, steps, dt)
    if problems:
        raise NbkitError(problems)
    return steps


def _unfit(network: Network, projection: Projection, steps: Units, dt: float) -> list[Problem]:
    """What is wrong with delays in steps."""
    early = [] if isinstance(projection.delay, np.ndarray) else too_early(network, projection, steps, dt)
    return [*longest_time(projection, steps, dt), *early]


def _units(network: Network, projection: Projection) -> tuple[Units, Units, Ends]:
    """The chosen units of target and source, and the whole populations' sizes."""
    shapes = [network.populations[split_path(path)[0]].shape for path in (projection.target, projection.source)]
    of_target, of_source = chosen(projection.target_units, shapes[0]), chosen(projection.source_units, shapes[1])
    return of_target, of_source, sizes_of(network, projection)


def _pairs(network: Network, projection: Projection, ends: Ends, seed: int) -> tuple[Units, Units, Array]:
    """Targets, sources and weights of all connections."""
    weight, name = projection.weight, projection.name
    if is_kernel(weight):
        return kernel_pairs(network, projection)
    if isinstance(weight, SparseMatrix):
        targets, sources = weight.rows.astype(np.int64), weight.columns.astype(np.int64)
        weights = weight.values
    else:
        targets, sources = projection.rule.pairs(generator(seed, f"{name}.rule"), ends)
        drawn = _per_connection(projection, "weight", ends, (targets, sources), seed)
        weights = np.broadcast_to(np.asarray(drawn, dtype=np.float64), targets.shape)
    if projection.weight_is == "total":
        in_degree = bincount(targets, minlength=ends.post)
        weights = weights / in_degree[targets]
    return targets, sources, weights


def _per_connection(projection: Projection, part: str, ends: Ends, pairs: Pairs, seed: int) -> float | Array:
    """Weight or delay of each connection; a matrix is read at the pairs, a law is drawn for each of them."""
    held = getattr(projection, part)
    if isinstance(held, Balanced):
        in_degree = len(pairs[0]) / ends.post
        return held.draw(generator(seed, f"{projection.name}.{part}"), pairs[1], ends.pre, max(1.0, in_degree))
    shape = (ends.post, ends.pre) if isinstance(projection.rule, AllToAll) else pairs[0].shape
    drawn = sample(held, shape, seed, f"{projection.name}.{part}")
    return drawn[pairs] if isinstance(drawn, np.ndarray) and drawn.ndim == 2 else drawn


def _many_steps(
    projection: Projection, ends: Ends, pairs: Pairs, *, dt: float, seed: int, policy: str
) -> tuple[Units, list[Problem]]:
    """The delay of each connection in steps: given ones must fit the grid, drawn ones are rounded, halves up."""
    where, delay = f"{projection.name}.delay", projection.delay
    assert isinstance(delay, np.ndarray | Law)
    times = np.asarray(_per_connection(projection, "delay", ends, pairs, seed), dtype=np.float64)
    ratios = times / dt
    steps = np.floor(ratios + 0.5).astype(np.int64)
    if isinstance(delay, Law):
        return steps, []
    problems = []
    below = np.flatnonzero((times > 0) & (ratios < 1 - OFF_GRID))
    off = np.flatnonzero(np.abs(ratios - steps) > np.maximum(OFF_GRID, 4e-16 * steps))
    if below.size:
        what = f"{times[below[0]]:g} lies between 0 and one step of {dt:g} ({below.size} of them)"
        problems.append(Problem("delay-below-step", where, what, f"give 0, or at least dt = {dt:g}"))
    elif off.size and policy == "error":
        what = f"{times[off[0]]:g} is {ratios[off[0]]:.6g} steps of {dt:g} ({off.size} of them)"
        problems.append(Problem("delay-off-grid", where, what, 'another dt, or delays="nearest"'))
    return steps, problems
