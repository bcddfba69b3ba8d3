"""Owns the connections of a projection: pairs, weights and delays, drawn, realised on the grid and grouped.

Connections of one delay are one part with one coupling plan. Must not know graphs or backends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nbkit.compile.coupling import SMALL, Coupling, plan_matrix, plan_pairs
from nbkit.compile.delays import OFF_GRID, DelayPlan, plan_delay
from nbkit.compile.sampling import generator, sample
from nbkit.compile.stacks import Member
from nbkit.compile.synapses import Bundle, delay_shares, drawn, listed
from nbkit.errors import Problem
from nbkit.network.balanced import Balanced
from nbkit.network.check_projections import ends_of
from nbkit.network.chosen import chosen
from nbkit.network.description import SPIKE, Projection, split_path
from nbkit.network.laws import Law
from nbkit.network.network import Network
from nbkit.network.rules import AllToAll, Ends, FixedTotalNumber, OneToOne, Pairs, Units
from nbkit.network.values import Array, SparseMatrix

BYTES_PER_CONNECTION = 64  # while they are drawn and grouped
BYTES_PER_SYNAPSE = 8  # of a table that is drawn cell by cell
MANY = 10_000  # synapses: from here on they are drawn cell by cell, and drawn weights are kept in single precision
SPARSE_CELLS = 2**20  # a table of so few cells may be mostly empty


@dataclass(frozen=True)
class Part:
    """Connections that share a delay of ``steps``."""

    steps: int
    coupling: Coupling


@dataclass(frozen=True)
class Connection:
    """A projection, made: its parts, its gamma chain if it has one, and its delays as they are realised.

    ``delay`` is one number, or one for each connection in the order of the rule; NaN where they are many and
    stand in a table. ``bundle`` holds the synapses of spikes that do not go through parts.
    """

    parts: tuple[Part, ...]
    chain: DelayPlan
    delay: float | Array
    bundle: Bundle | None = None

    @property
    def steps(self) -> list[int]:
        """The different delays of its parts, in steps, that are not zero."""
        return [part.steps for part in self.parts if part.steps]


def sizes_of(network: Network, projection: Projection) -> Ends:
    """The two sides of a projection with all their units, chosen or not."""
    pre, post = split_path(projection.source)[0], split_path(projection.target)[0]
    return Ends(network.populations[post].count, network.populations[pre].count, pre == post)


def bytes_of_draws(network: Network) -> float:
    """About how much memory the drawing of all parameters, start values and connections needs."""
    units = sum(p.count * 16 * (len(p.model.parameters) + len(p.model.variables)) for p in network.populations.values())
    kept_whole = (AllToAll, OneToOne)
    counts = [
        p.rule.connections(ends_of(network, p))
        * (BYTES_PER_SYNAPSE if isinstance(p.rule, kept_whole) or _is_drawn(p) else BYTES_PER_CONNECTION)
        for p in network.projections
        if not (isinstance(p.rule, kept_whole) and isinstance(p.weight, float))
    ]
    return float(sum(counts) + units)


def connect(
    network: Network, projection: Projection, dt: float, seed: int, policy: str, *, members: Mapping[str, Member]
) -> tuple[Connection, list[Problem]]:
    """Make the connections of a projection for this dt, with the problems that the step brings."""
    ends, rule = ends_of(network, projection), projection.rule
    many_delays = isinstance(projection.delay, np.ndarray | Law)
    plan, problems = DelayPlan(0, 0.0), list[Problem]()
    if not many_delays:
        plan, problems = plan_delay(projection, network.time_unit, dt, policy)
    whole = isinstance(rule, OneToOne) or (isinstance(rule, AllToAll) and (rule.autapses or not ends.same))
    whole = whole and projection.source_units is None and projection.target_units is None
    if whole and not many_delays and not isinstance(projection.weight, SparseMatrix):
        part = Part(plan.steps, plan_matrix(projection, ends, seed))
        return Connection((part,), plan, plan.delay), problems
    of_target, of_source, sizes = _units(network, projection)
    spiking = split_path(projection.source)[1] == SPIKE
    if spiking and not problems:
        problems = _delays_below_step(projection, dt)
    if problems:
        return Connection((), plan, plan.delay), problems
    if spiking and _is_drawn(projection):
        made = _drawn(projection, plan, dt, seed, members)
        if made is not None:
            return made, []
    targets, sources, weights = _pairs(projection, ends, seed)
    pairs = of_target[targets], of_source[sources]
    steps = np.full(len(targets), plan.steps, dtype=np.int64)
    if many_delays:
        steps, problems = _many_steps(projection, ends, (targets, sources), dt=dt, seed=seed, policy=policy)
    if problems:
        return Connection((), plan, plan.delay), problems
    delay = np.asarray(steps * dt, dtype=np.float64) if many_delays else plan.delay
    longest = int(np.max(steps, initial=1))
    dense = not many_delays and sizes.post * sizes.pre <= SMALL
    if spiking and not dense and sizes.pre * longest <= max(SPARSE_CELLS, 4 * len(targets)):
        single = isinstance(projection.weight, Law) and len(targets) >= MANY
        kept = weights.astype(np.float32) if single else weights
        return Connection((), plan, delay, listed(_ends(projection, members), pairs, steps, kept)), []
    if not many_delays:
        part = Part(plan.steps, plan_pairs(projection.name, sizes, *pairs, weights))
        return Connection((part,), plan, delay), []
    parts = tuple(
        Part(
            int(d), plan_pairs(projection.name, sizes, pairs[0][steps == d], pairs[1][steps == d], weights[steps == d])
        )
        for d in np.unique(steps)
    )
    return Connection(parts, plan, delay), []


def _ends(projection: Projection, members: Mapping[str, Member]) -> Bundle:
    """A bundle without synapses: where those of a projection begin and end."""
    target, variable = split_path(projection.target)
    source = members[split_path(projection.source)[0]]
    return Bundle(projection.name, source, members[target], variable, projection.gain)


def _is_drawn(projection: Projection) -> bool:
    """Whether all connections are drawn independently, so that they need no list and no order."""
    rule = projection.rule
    free = isinstance(rule, FixedTotalNumber) and rule.multapses and rule.autapses and rule.number >= MANY
    whole = projection.source_units is None and projection.target_units is None
    plain = isinstance(projection.weight, float | Law) and projection.weight_is == "synapse"
    return free and whole and plain and not isinstance(projection.delay, np.ndarray)


def _drawn(
    projection: Projection, plan: DelayPlan, dt: float, seed: int, members: Mapping[str, Member]
) -> Connection | None:
    """The connections of a projection, drawn cell by cell; None where its delays have no end."""
    assert isinstance(projection.rule, FixedTotalNumber)
    shares: Any = np.eye(1, plan.steps, plan.steps - 1)[0]
    if isinstance(projection.delay, Law):
        shares = delay_shares(projection.delay, dt)
        if shares is None:
            return None
    bundle = drawn(_ends(projection, members), projection.rule.number, shares, seed, projection.weight)
    return Connection((), plan, np.nan if isinstance(projection.delay, Law) else plan.delay, bundle)


def _delays_below_step(projection: Projection, dt: float) -> list[Problem]:
    """Whether a law can draw a delay that rounds to no step: spikes need one at least."""
    if not isinstance(projection.delay, Law):
        return []
    lowest = float(projection.delay.quantile(np.array([0.0]))[0])
    if lowest >= dt / 2 * (1 - OFF_GRID):
        return []
    what = f"{projection.delay} can draw a delay that rounds to no step; spikes need one at least"
    return [Problem("delay-below-step", f"{projection.name}.delay", what, f"nb.Truncated(law, low={dt / 2:g})")]


def _units(network: Network, projection: Projection) -> tuple[Units, Units, Ends]:
    """The chosen units of target and source, and the whole populations' sizes."""
    sizes = sizes_of(network, projection)
    return chosen(projection.target_units, sizes.post), chosen(projection.source_units, sizes.pre), sizes


def _pairs(projection: Projection, ends: Ends, seed: int) -> tuple[Units, Units, Array]:
    """Targets, sources and weights of all connections."""
    weight, name = projection.weight, projection.name
    if isinstance(weight, SparseMatrix):
        targets, sources = weight.rows.astype(np.int64), weight.columns.astype(np.int64)
        weights = weight.values
    else:
        targets, sources = projection.rule.pairs(generator(seed, f"{name}.rule"), ends)
        drawn = _per_connection(projection, "weight", ends, (targets, sources), seed)
        weights = np.broadcast_to(np.asarray(drawn, dtype=np.float64), targets.shape)
    if projection.weight_is == "total":
        in_degree = np.bincount(targets, minlength=ends.post)
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
