"""Owns the checks of the step dt: beside time constants, and at the points where a network rests.

Must not know how a step is made by the backends.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from nbkit.compile.compiler import compile_network
from nbkit.errors import NbkitError
from nbkit.model.model import Model
from nbkit.network.description import Population, Stimulus
from nbkit.network.network import Network
from nbkit.network.signals import Sine
from nbkit.study.checkups.chart import Chart
from nbkit.study.checkups.finding import HealthFinding, Level, PlannedRun, Remedy
from nbkit.study.checkups.modes import LASTING, RestingPoint, swing, turn
from nbkit.study.checkups.remedies import finer, longer

#: of a time constant: Euler's error in a decay is half of this share, so 5 % here
COARSE = 0.1
#: of a time constant: what is no more than this beyond a bound comes from rounding
ROUNDING = 1e-3
#: from here on an Euler step overshoots a resting value and swings around it
SWINGS = 1.0
#: from here on the swings grow
GROWS = 2.0
#: of the damping: a rhythm that dies out twice as slowly as it should looks like one that stays
LEAST_DAMPING = 0.5
#: time constants after which 95 % of a change are done
SETTLED = 3.0


@dataclass(frozen=True)
class TimeConstant:
    """How long something takes to fall to a third: of a state of a unit, or of a mode of the network."""

    where: str
    time: float
    what: str


def own_constants(chart: Chart, name: str) -> list[TimeConstant]:
    """Those of a population's units alone, as they start: of each way in which their states settle together."""
    states, found = chart.units[name].states, []
    for slopes in chart.slopes[name]:
        if not slopes.size or not np.isfinite(slopes).all():
            continue
        rates, shares = np.linalg.eig(slopes)
        for rate, share in zip(rates, shares.T, strict=True):
            if rate.real < -LASTING * np.abs(rates).max():
                time = 1.0 / abs(complex(rate))
                state = states[int(np.argmax(np.abs(share)))]
                words = f"{state} of {name} {'turns' if rate.imag else 'decays'} within {chart.plan.told(time)}"
                found.append(TimeConstant(f"{name}.{state}", time, words))
    return found


def mode_constants(chart: Chart) -> list[TimeConstant]:
    """Those of the modes of the network at points where it rests for good."""
    plan, found = chart.plan, []
    for point in chart.judgement.points:
        for rate in point.rates.tolist() if point.stable else ():
            if rate.real < -LASTING * abs(rate):
                time = -1.0 / rate.real
                words = f"{_rhythm(rate, plan)} near {point.told()} dies out within {plan.told(time)}"
                found.append(TimeConstant(point.states[0], time, words))
    return found


def _rhythm(rate: complex, plan: PlannedRun) -> str:
    return f"a rhythm of period {plan.told(turn(rate))}" if rate.imag else "a change"


def check_steps(chart: Chart) -> Iterator[HealthFinding]:
    """The step beside the fastest time constant of every population that is stepped by Euler's rule."""
    for name in chart.units:
        fastest = min(own_constants(chart, name), key=lambda constant: constant.time, default=None)
        if fastest is None or chart.is_exact(name):
            continue
        ratio = chart.plan.step / fastest.time
        if ratio > COARSE * (1 + ROUNDING):
            yield _coarse(chart.plan, name, fastest, ratio)


def _coarse(plan: PlannedRun, name: str, fastest: TimeConstant, ratio: float) -> HealthFinding:
    level: Level = "problem" if ratio >= GROWS else "warning"
    long = ratio >= SWINGS
    effect = f"Euler's error in that decay is about {50 * ratio:.2g} %"
    if long:
        effect = "Euler's steps swing out ever wider" if ratio >= GROWS else "Euler's steps overshoot and swing"
    what = f"{fastest.what}, a step of {plan.told(plan.step)} is {ratio:.3g} of that: {effect}"
    remedies = []
    dt = finer(plan, COARSE * fastest.time)
    if dt is not None:
        remedies.append(Remedy(f"dt = {plan.told(dt, 12)}", dt=dt))
    exact = exactly(plan, name)
    if exact is not None:
        remedies.append(Remedy(f"step {name} exactly: its equations are linear", network=exact))
    return HealthFinding("step-too-long" if long else "coarse-step", level, fastest.where, what, tuple(remedies))


def exactly(plan: PlannedRun, name: str) -> Network | None:
    """The network with one population stepped exactly; None where that is not possible."""
    population = plan.network.populations[name]
    if plan.method is not None or not _is_linear(population.model):
        return None
    changed = replace(population, model=replace(population.model, method="exact"))
    return replace(plan.network, populations={**plan.network.populations, name: changed})


def _is_linear(model: Model) -> bool:
    """Whether a model can be stepped exactly when all its inputs change in time."""
    if model.noisy:
        return False
    alone = Network(
        {"N": Population(model, 1)},
        stimuli=[Stimulus(f"N.{key}", Sine(1.0, 1.0)) for key in model.inputs],
        time_unit=model.time_unit,
    )
    try:
        compile_network(alone, 2.0**-10, method="exact")
    except NbkitError as error:
        return all(problem.code != "not-linear" for problem in error.problems)
    return True


# ---------------------------------------------------------------- resting points


def check_modes(chart: Chart) -> Iterator[HealthFinding]:
    """Whether what dies out in truth dies out in steps too."""
    judgement, plan = chart.judgement, chart.plan
    if judgement.reason:
        yield HealthFinding(
            "not-judged", "note", "dt", f"whether dt is short enough near rest cannot be told: {judgement.reason}"
        )
    for point in judgement.points:
        if not point.stable:
            continue
        if plan.step >= point.longest_step(plan.step, plan.length):
            yield _false_rhythm(plan, point)
        elif not point.exact.any() and point.weakest(plan.step, plan.length)[1] < LEAST_DAMPING:
            yield _weak_damping(plan, point)


def _false_rhythm(plan: PlannedRun, point: RestingPoint) -> HealthFinding:
    dt, most, radius = plan.step, point.longest_step(plan.step, plan.length), point.radius(plan.step)
    factors = point.factors(dt)
    period = swing(complex(factors[np.argmax(np.abs(factors))]), dt)
    rate = complex(point.rates[int(np.argmax(np.abs(1.0 + dt * point.rates)))])
    lasting = rate.real >= -LASTING * abs(rate)
    truth = (
        "neither grows nor dies out in truth" if lasting else f"dies out in truth, within {plan.told(-1 / rate.real)}"
    )
    time = plan.length if lasting else min(plan.length, max(dt, -1.0 / rate.real))
    grown = math.exp(min(50.0, time / dt * math.log(radius)))
    what = (
        f"{_rhythm(rate, plan)} near {point.told()} {truth}; "
        f"with steps of {plan.told(dt)} it grows, by a factor of {grown:.3g} in {plan.told(time)}: "
        f"a rhythm of period {plan.told(period)} appears that is not there. dt must stay below {plan.told(most)}"
    )
    return HealthFinding("false-rhythm", "warning", point.states[0], what, _finer_remedies(plan, most))


def _weak_damping(plan: PlannedRun, point: RestingPoint) -> HealthFinding:
    rate, share = point.weakest(plan.step, plan.length)
    most = point.longest_step(plan.step, plan.length)
    what = (
        f"{_rhythm(rate, plan)} near {point.told()} dies out within {plan.told(-1 / rate.real)} in truth, "
        f"with steps of {plan.told(plan.step)} within {plan.told(-1 / (rate.real * share))}"
    )
    return HealthFinding("weak-damping", "note", point.states[0], what, _finer_remedies(plan, most))


def _finer_remedies(plan: PlannedRun, most: float) -> tuple[Remedy, ...]:
    dt = finer(plan, most * (1.0 - LEAST_DAMPING))
    return () if dt is None else (Remedy(f"dt = {plan.told(dt, 12)}", dt=dt),)


# ---------------------------------------------------------------- duration


def check_duration(chart: Chart) -> Iterator[HealthFinding]:
    """The run, and what is discarded of it, beside the slowest time constant."""
    plan = chart.plan
    constants = [*mode_constants(chart), *(c for name in chart.units for c in own_constants(chart, name))]
    slowest = max(constants, key=lambda constant: constant.time, default=None)
    if slowest is None or not math.isfinite(slowest.time):
        return
    if plan.length < slowest.time:
        what = f"the run ends before anything settles: {slowest.what}, the run lasts {plan.told(plan.length)}"
        duration = longer(plan, SETTLED * slowest.time)
        remedies = (Remedy(f"run for {plan.told(duration, 12)}", duration=duration),)
        yield HealthFinding("ends-early", "note", "duration", what, remedies)
    elif 0 < plan.left_out < slowest.time:
        what = f"{plan.told(plan.left_out)} are left out, but {slowest.what}"
        discard = longer(plan, SETTLED * slowest.time)
        duration = longer(plan, discard + plan.length)
        words = f"leave out {plan.told(discard)} and run for {plan.told(duration)}"
        yield HealthFinding(
            "discard-too-short", "note", "discard", what, (Remedy(words, discard=discard, duration=duration),)
        )
