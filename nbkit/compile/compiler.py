"""Owns the one pure step from a network to a program. Must not know backends."""

from __future__ import annotations

import math

from nbkit.compile.context import Timing
from nbkit.compile.delays import POLICIES, DelayPlan, block_length, plan_delay, steps_of
from nbkit.compile.emitter import Emitter
from nbkit.compile.instructions import SECTIONS
from nbkit.compile.lowering import lower
from nbkit.compile.program import Program
from nbkit.compile.verifier import verify
from nbkit.errors import NbkitError, Problem, did_you_mean
from nbkit.model.frozen import FrozenMap
from nbkit.model.model import is_finite_number
from nbkit.network.network import Network
from nbkit.network.signals import Recorded
from nbkit.network.time import Time, to_unit


def compile_network(network: Network, dt: Time, seed: int = 0, delays: str = "error") -> Program:
    """Compile a network for a step of ``dt``.

    Args:
        network: what to run.
        dt: step, in the network's time unit or as text such as ``"0.1 ms"``.
        seed: root of every draw; equal seeds give equal programs.
        delays: ``"error"`` refuses delays off the grid of dt, ``"nearest"`` rounds them, halves up.

    Raises:
        NbkitError: every problem of the network, and those that this dt brings.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 3)})
        >>> compile_network(net, dt=0.1).block
        256
    """
    problems = network.check()
    problems += _choices(seed, delays)
    step, wrong = _step(network, dt)
    problems += wrong
    plans: dict[str, DelayPlan] = {}
    if not problems:
        plans, problems = _plans(network, step, delays)
    if problems:
        raise NbkitError(problems)
    program = _compiled(network, step, seed, plans)
    verify(program)
    return program


def _choices(seed: int, delays: str) -> list[Problem]:
    found = []
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        found.append(Problem("bad-seed", "seed", f"{seed!r} is not a whole number of 0 or more", "give 0, 1, 2, ..."))
    if delays not in POLICIES:
        found.append(Problem("bad-choice", "delays", f"no policy {delays!r}", did_you_mean(str(delays), POLICIES)))
    return found


def _step(network: Network, dt: Time) -> tuple[float, list[Problem]]:
    try:
        step = to_unit(dt, network.time_unit, "dt")
    except NbkitError as error:
        return math.nan, [Problem("bad-step", p.where, p.what, p.hint) for p in error.problems]
    if not step > 0 or not is_finite_number(step):
        return step, [Problem("bad-step", "dt", f"{dt!r} is not positive", "give a small positive time")]
    return step, []


def _plans(network: Network, dt: float, policy: str) -> tuple[dict[str, DelayPlan], list[Problem]]:
    plans, problems = {}, []
    for projection in network.projections:
        plans[projection.name], wrong = plan_delay(projection, network.time_unit, dt, policy)
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
    return plans, problems


def _compiled(network: Network, dt: float, seed: int, plans: dict[str, DelayPlan]) -> Program:
    steps = [plan.steps for plan in plans.values() if plan.steps]
    block = block_length(steps, _numbers_per_step(network, plans))
    span = block * math.ceil(max([block, *steps]) / block)
    context = lower(network, seed, Timing(dt, plans, block, span))
    emitter = Emitter(context.layout, block)
    emitter.emit(context.roots)
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
        variables=FrozenMap(context.variables),
        settings=FrozenMap(context.settings),
        sampled=FrozenMap(context.sampled),
        delays=FrozenMap({name: plan.delay for name, plan in plans.items() if plan.delay}),
        notes=network.notes,
    )


def _numbers_per_step(network: Network, plans: dict[str, DelayPlan]) -> int:
    """About how many numbers the rows of one step hold: states, variables, stages and what lies between."""
    held = sum(p.size * (len(p.model.variables) + 6) for p in network.populations.values())
    pre = {p.name: network.populations[p.source.split(".")[0]].size for p in network.projections}
    return int(held + sum(plan.stages * pre[name] for name, plan in plans.items()))
