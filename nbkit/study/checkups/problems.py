"""Owns what a run would be refused for, with remedies where a number can be mended. Must not know other findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from nbkit.compile.compiler import SHORTEST_STEP
from nbkit.compile.connections import bytes_of_draws
from nbkit.compile.delays import POLICIES, first_step, steps_of
from nbkit.errors import NbkitError, Problem, did_you_mean, shown
from nbkit.model.numbers import is_whole, plain
from nbkit.network.conduction import ConductionDelay
from nbkit.network.description import Projection
from nbkit.network.laws import Law, Truncated
from nbkit.network.network import Network
from nbkit.network.signals import Recorded
from nbkit.network.time import to_unit
from nbkit.run.memory import SHARE, available
from nbkit.simulation.checks import choice_problems
from nbkit.simulation.recording import Recording, recording
from nbkit.study.checkups.chart import Chart
from nbkit.study.checkups.finding import HealthFinding, PlannedRun, Remedy
from nbkit.study.checkups.remedies import finer, fitting, refractory_path, rounded, smaller
from nbkit.study.checkups.units import pace_of
from nbkit.study.sweep import sweep_problems


def argument_problems(plan: PlannedRun) -> list[Problem]:
    """What is wrong with the network, and with numbers and words without which nothing else can be told."""
    found = plan.network.check()
    found += choice_problems("numpy", plan.method, plan.precision)
    if not isinstance(plan.delays, str) or plan.delays not in POLICIES:
        hint = did_you_mean(str(plan.delays), POLICIES)
        found.append(Problem("bad-choice", "delays", f"no policy {shown(plan.delays)}", hint))
    if not is_whole(plain(plan.seed), 0, 2**128):
        found.append(Problem("bad-seed", "seed", f"{shown(plan.seed)} is not a whole number", "give 0, 1, 2, ..."))
    times = (("bad-step", "dt", SHORTEST_STEP), ("bad-duration", "duration", 0.0), ("bad-duration", "discard", None))
    for code, name, least in times:
        given = getattr(plan, name)
        try:
            time = to_unit(given, plan.network.time_unit, name)
        except NbkitError as error:
            found += [Problem(code, name, p.what, p.hint) for p in error.problems]
            continue
        if least is not None and not (time > 0 and time >= least):
            found.append(Problem(code, name, f"{shown(given)} is not positive", "give a positive time"))
    if plan.sweep is not None and not found:
        found += sweep_problems(plan.network, plan.sweep)
    return found


def duration_problems(plan: PlannedRun) -> Iterator[Problem]:
    """What is wrong with the duration for this step."""
    steps, off = steps_of(plan.length, plan.step)
    if off or not steps:
        what = f"{plan.length:.12g} is {plan.length / plan.step:.6g} steps of {plan.step:.12g}"
        yield Problem("duration-off-grid", "duration", what, "a whole number of steps")
    if not 0 <= plan.left_out <= plan.steps * plan.step:
        yield Problem("bad-duration", "discard", f"{shown(plan.discard)} is not within the run", "less than the run")
    for stimulus in plan.network.stimuli:
        if isinstance(stimulus.signal, Recorded):
            lasts = len(stimulus.signal.array) * to_unit(stimulus.signal.dt, plan.network.time_unit, stimulus.name)
            if lasts < plan.length * (1 - 1e-9):
                what = f"it lasts {plan.told(lasts)}, the run {plan.told(plan.length)}"
                yield Problem("input-too-short", stimulus.name, what, "a shorter run, or a longer array")


def asked_recording(chart: Chart) -> tuple[Recording | None, list[Problem]]:
    """What will be recorded, and what is wrong with it; nothing while the network cannot be compiled."""
    plan = chart.plan
    if chart.lean.program is None:
        return None, []
    recorded, problems = recording(chart.lean.program, plan.record)
    if problems:
        return None, problems
    if "block" in recorded.averages.values() and plan.steps % recorded.every:
        what = f"means over {recorded.every} samples need a run of a whole multiple of {recorded.every} steps"
        problems = [Problem("bad-record", "record", what, "another duration, or another every=")]
    return recorded, problems


# ---------------------------------------------------------------- remedies


def as_finding(plan: PlannedRun, problem: Problem) -> HealthFinding:
    """A problem with what can be done about it: first what is sure to mend it, then the words of the problem."""
    try:
        mended = tuple(_MENDED[problem.code](plan, problem)) if problem.code in _MENDED else ()
    except NbkitError:
        mended = ()  # another problem of the network keeps this one from being mended alone
    hint = (Remedy(problem.hint),) if problem.hint and not mended else ()
    return HealthFinding(problem.code, "problem", problem.where, problem.what, (*mended, *hint))


def _on_grid(plan: PlannedRun, problem: Problem) -> Iterator[Remedy]:
    """A step that fits all times; a delay, a duration or a refractory time that fits the step."""
    yield from _near(plan, problem)
    dt = fitting(plan)
    if dt is not None:
        yield Remedy(f"dt = {plan.told(dt, 12)}", dt=dt)
    if problem.code == "delay-off-grid":
        yield Remedy('round delays to whole steps, delays="nearest"', delays="nearest")


def _near(plan: PlannedRun, problem: Problem) -> Iterator[Remedy]:
    """The nearest whole number of steps in place of one given time."""
    network, dt = plan.network, plan.step
    if problem.code == "duration-off-grid":
        duration = rounded(plan.steps * dt)
        yield Remedy(f"run for {plan.told(duration, 12)}", duration=duration)
        return
    projection = _projection(network, problem.where)
    if projection is not None and isinstance(projection.delay, float | int | str):
        delay = to_unit(projection.delay, network.time_unit, problem.where)
        near = rounded(max(1, steps_of(delay, dt)[0]) * dt)
        yield Remedy(f"{problem.where} = {plan.told(near, 12)}", network=network.with_value(problem.where, near))
    name = problem.where.split(".")[0]
    path = refractory_path(name, network.populations[name]) if name in network.populations else None
    if problem.code == "refractory-off-grid" and path is not None and isinstance(network.value(path), float):
        own = dt * pace_of(network, network.populations[name]) if network.populations[name].time_scale else dt
        near = rounded(max(1, steps_of(network.value(path), own)[0]) * own)
        yield Remedy(f"{path} = {near:g}", network=network.with_value(path, near))


def _projection(network: Network, where: str) -> Projection | None:
    return next((p for p in network.projections if where == f"{p.name}.delay"), None)


def _below_step(plan: PlannedRun, problem: Problem) -> Iterator[Remedy]:
    projection = _projection(plan.network, problem.where)
    if projection is not None and isinstance(projection.delay, ConductionDelay):
        slower = plan.network.with_value(f"{problem.where}.base", plan.step)
        yield Remedy(f"{problem.where}.base = {plan.told(plan.step, 12)}", network=slower)
        return
    if projection is None or not isinstance(projection.delay, Law):
        yield from _on_grid(plan, problem)
        return
    law = projection.delay
    inside, high = (law.inside, law.high) if isinstance(law, Truncated) else (law, None)
    cut = plan.network.with_value(problem.where, Truncated(inside, low=plan.step / 2, high=high))
    if not cut.check():
        yield Remedy(f"draw delays below {plan.told(plan.step / 2)} again", network=cut)
    least = float(law.quantile(np.array([0.0]))[0])
    dt = finer(plan, 2 * least) if least > 0 else None
    if dt is not None:
        yield Remedy(f"dt = {plan.told(dt, 12)}", dt=dt)


def _one_step(plan: PlannedRun, problem: Problem) -> Iterator[Remedy]:
    """A delay of one step, where one is needed."""
    if _projection(plan.network, problem.where) is not None:
        changed = plan.network.with_value(problem.where, plan.step)
        yield Remedy(f"{problem.where} = {plan.told(plan.step, 12)}", network=changed)


def _chain(plan: PlannedRun, problem: Problem) -> Iterator[Remedy]:
    """A step with which the stages of a gamma delay settle, and a spread that needs fewer of them."""
    name = problem.where.removesuffix(".spread")
    projection = next(p for p in plan.network.projections if p.name == name)
    delay = to_unit(projection.delay, plan.network.time_unit, name)
    spread = to_unit(projection.spread, plan.network.time_unit, name)
    stages = max(1, round((delay / spread) ** 2))
    dt = finer(plan, delay / stages)
    if dt is not None:
        yield Remedy(f"dt = {plan.told(dt, 12)}", dt=dt)
    wider = float(f"{delay / max(1.0, delay / plan.step) ** 0.5:.3g}")
    yield Remedy(f"{problem.where} = {plan.told(wider, 12)}", network=plan.network.with_value(problem.where, wider))


def _euler(plan: PlannedRun, problem: Problem) -> Iterator[Remedy]:
    if plan.method == "exact":
        yield Remedy('method="euler"', method="euler")
        return
    names = [name for name in plan.network.populations if name in problem.where.split(".")[0].split("..")]
    populations = dict(plan.network.populations)
    for name in names:
        populations[name] = replace(populations[name], model=replace(populations[name].model, method="euler"))
    if names:
        yield Remedy(f"step {', '.join(names)} by Euler's rule", network=replace(plan.network, populations=populations))


def _shorter(plan: PlannedRun, problem: Problem) -> Iterator[Remedy]:
    """A run that ends with the input."""
    stimulus = next(s for s in plan.network.stimuli if s.name == problem.where)
    assert isinstance(stimulus.signal, Recorded)
    lasts = len(stimulus.signal.array) * to_unit(stimulus.signal.dt, plan.network.time_unit, stimulus.name)
    steps = int(lasts / plan.step * (1 + 1e-12))
    if steps:
        duration = rounded(steps * plan.step)
        yield Remedy(f"run for {plan.told(duration, 12)}", duration=duration)


def _word(_: PlannedRun, problem: Problem) -> Iterator[Remedy]:
    """The usual word in place of an unknown one."""
    usual = {"precision": Remedy('precision="float64"', precision="float64"), "method": None, "delays": None}
    usual["delays"] = Remedy('delays="error"', delays="error")
    usual["method"] = Remedy('method="euler"', method="euler")
    remedy = usual.get(problem.where)
    if remedy is not None:
        yield remedy


def _discarded(_: PlannedRun, problem: Problem) -> Iterator[Remedy]:
    if problem.where == "discard":
        yield Remedy("discard nothing", discard=0.0)


def _whole_blocks(plan: PlannedRun, problem: Problem) -> Iterator[Remedy]:
    """A run of whole blocks, where means over blocks are recorded."""
    records = [plan.record] if not isinstance(plan.record, list) else plan.record
    every = next((getattr(r, "every", 1) for r in records if getattr(r, "average", None) == "block"), 0)
    if every and problem.where == "record" and "means over" in problem.what:
        duration = rounded(first_step(plan.steps / every, 1.0) * every * plan.step)
        yield Remedy(f"run for {plan.told(duration, 12)}", duration=duration)


def _fewer_units(plan: PlannedRun, _: Problem) -> Iterator[Remedy]:
    """A network of so few units that they fit, with room for the rest."""
    left, units = available(), bytes_of_draws(replace(plan.network, projections=()))
    made = smaller(plan.network, 0.1 * SHARE * left / units) if left is not None else None
    if made is not None:
        count = sum(p.count for p in made.populations.values())
        yield Remedy(f"{count:,} units in all", network=made)


_MENDED: dict[str, Callable[[PlannedRun, Problem], Iterator[Remedy]]] = {
    "delay-off-grid": _on_grid,
    "delay-below-step": _below_step,
    "refractory-off-grid": _on_grid,
    "input-off-grid": _on_grid,
    "duration-off-grid": _on_grid,
    "needs-delay": _one_step,
    "chain-unstable": _chain,
    "not-linear": _euler,
    "input-too-short": _shorter,
    "unknown-method": _word,
    "unknown-precision": _word,
    "bad-choice": _word,
    "bad-duration": _discarded,
    "bad-record": _whole_blocks,
    "too-much-memory": _fewer_units,
}
