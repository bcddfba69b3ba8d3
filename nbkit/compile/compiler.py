"""Owns the one pure step from a network to a program. Must not know backends."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from nbkit.compile.connections import Connection, connect, sizes_of
from nbkit.compile.context import Timing
from nbkit.compile.delays import POLICIES, block_length, steps_of
from nbkit.compile.emitter import Emitter
from nbkit.compile.instructions import SECTIONS
from nbkit.compile.lowering import lower
from nbkit.compile.program import Program
from nbkit.compile.stacks import stacks_of
from nbkit.compile.verifier import verify
from nbkit.errors import NbkitError, Problem, did_you_mean, shown
from nbkit.model.frozen import FrozenMap
from nbkit.model.numbers import is_finite_number, is_whole, plain
from nbkit.network.description import SPIKE, split_path
from nbkit.network.network import Network
from nbkit.network.signals import Recorded
from nbkit.network.spike_times import SpikeTimes
from nbkit.network.time import Time, to_unit

if TYPE_CHECKING:
    from nbkit.compile.synapses import Bundle, SynapseTable

SHORTEST_STEP = 1e-15


def compile_network(
    network: Network, dt: Time, seed: int = 0, delays: str = "error", method: str | None = None, *, points: int = 1
) -> Program:
    """Compile a network for a step of ``dt``.

    Args:
        network: what to run.
        dt: step, in the network's time unit or as text such as ``"0.1 ms"``.
        seed: root of every draw; equal seeds give equal programs.
        delays: ``"error"`` refuses delays off the grid of dt, ``"nearest"`` rounds them, halves up.
        method: ``"euler"`` or ``"exact"`` for all populations, None for each model's own.
        points: how many variants of the network run side by side; blocks are the shorter.

    Raises:
        NbkitError: every problem of the network, and those that this dt brings.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 3)})
        >>> compile_network(net, dt=0.1).block
        1024
    """
    seed = plain(seed)
    problems = network.check()
    problems += _choices(seed, delays)
    step, wrong = _step(network, dt)
    problems += wrong
    connections: dict[str, Connection] = {}
    if not problems:
        connections, problems = _connections(network, step, seed, delays)
    if problems:
        raise NbkitError(problems)
    program = _compiled(network, step, seed, connections, method, points=points)
    verify(program)
    return program


def _choices(seed: int, delays: str) -> list[Problem]:
    found = []
    if not is_whole(seed, 0, 2**128):
        found.append(
            Problem("bad-seed", "seed", f"{shown(seed)} is not a whole number of 0 or more", "give 0, 1, 2, ...")
        )
    if not isinstance(delays, str) or delays not in POLICIES:
        found.append(Problem("bad-choice", "delays", f"no policy {shown(delays)}", did_you_mean(str(delays), POLICIES)))
    return found


def _step(network: Network, dt: Time) -> tuple[float, list[Problem]]:
    try:
        step = to_unit(dt, network.time_unit, "dt")
    except NbkitError as error:
        return math.nan, [Problem("bad-step", p.where, p.what, p.hint) for p in error.problems]
    if not step >= SHORTEST_STEP or not is_finite_number(step):
        return step, [Problem("bad-step", "dt", f"{dt!r} is not positive", "give a small positive time")]
    return step, []


def _connections(network: Network, dt: float, seed: int, policy: str) -> tuple[dict[str, Connection], list[Problem]]:
    made: dict[str, Connection] = {}
    problems: list[Problem] = []
    members = {m.population: m for stack in stacks_of(network) for m in stack.members}
    for projection in network.projections:
        made[projection.name], wrong = connect(network, projection, dt, seed, policy, members=members)
        problems += wrong
    for stimulus in network.stimuli:
        if isinstance(stimulus.signal, Recorded):
            sampling = to_unit(stimulus.signal.dt, network.time_unit, stimulus.name)
            steps, off = steps_of(sampling, dt)
            if steps < 1 or off:
                what = f"its samples are {sampling / dt:.6g} steps apart"
                problems.append(
                    Problem("input-off-grid", f"{stimulus.name}.dt", what, f"a whole multiple of dt = {dt:g}")
                )
        if isinstance(stimulus.signal, SpikeTimes):
            off_grid = [t for t in stimulus.signal.times if steps_of(float(t), dt)[1] or t < dt * (1 - 1e-9)]
            if off_grid:
                what = f"{off_grid[0]:g} is {off_grid[0] / dt:.6g} steps ({len(off_grid)} of them are not whole)"
                hint = f"whole multiples of dt = {dt:g}, or another dt"
                problems.append(Problem("input-off-grid", f"{stimulus.name}.times", what, hint))
    return made, problems


def _compiled(
    network: Network, dt: float, seed: int, connections: dict[str, Connection], method: str | None, *, points: int
) -> Program:
    rated = [connections[p.name] for p in network.projections if split_path(p.source)[1] != SPIKE]
    block = block_length([d for made in rated for d in made.steps], points * _numbers_per_step(network, connections))
    span = block * math.ceil(max([block, *(made.longest for made in rated)]) / block)
    bundles = [c.bundle for c in connections.values() if c.bundle is not None]
    tables = _tables(network, bundles) if bundles else ()
    context = lower(network, seed, Timing(dt, block, span), connections, tables=tables, method=method)
    if context.problems:
        raise NbkitError(context.problems)
    emitter = Emitter(context.layout, block)
    emitter.emit(context.roots, context.effects)
    return Program(
        network=network,
        dt=dt,
        seed=seed,
        block=block,
        span=span,
        memory=context.layout.size,
        slots=tuple(context.layout.slots),
        sections=FrozenMap({s: tuple(emitter.sections[s]) for s in SECTIONS}),
        fills=tuple(context.fills),
        couplings=tuple(context.couplings),
        gains=tuple(context.gains),
        recorded=tuple(context.recorded),
        draws=tuple(context.draws),
        propagators=tuple(context.propagators),
        spikes=tuple(context.spikes.values()),
        deliveries=tuple(context.deliveries),
        folds=tuple(context.folds),
        tables=tables,
        arrivals=tuple(context.arrivals),
        variables=FrozenMap(context.variables),
        settings=FrozenMap(context.settings),
        sampled=FrozenMap(context.sampled),
        delays=FrozenMap({name: made.delay for name, made in connections.items() if np.any(made.delay)}),
        notes=network.notes,
    )


def _tables(network: Network, bundles: list[Bundle]) -> tuple[SynapseTable, ...]:
    from nbkit.compile.synapses import tables_of  # noqa: PLC0415  only spikes through single synapses need it

    return tables_of(bundles, {stack.name: stack.size for stack in stacks_of(network)})


def _numbers_per_step(network: Network, connections: dict[str, Connection]) -> int:
    """About how many numbers the rows of one step hold: states, variables, stages and what lies between."""
    held = sum(p.count * (len(p.model.variables) + 6) for p in network.populations.values())
    stages = sum(connections[p.name].chain.stages * sizes_of(network, p).pre for p in network.projections)
    return int(held + stages)
