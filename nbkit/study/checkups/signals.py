"""Owns the checks of stimuli beside the run and its steps. Must not know how they are made into numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from nbkit.compile.delays import first_step
from nbkit.model.shipped import poisson_source
from nbkit.network.bubbles import MovingBubble
from nbkit.network.description import Stimulus, split_path
from nbkit.network.network import Network
from nbkit.network.signals import Poisson, Pulse, Ramp, Sine, Step
from nbkit.network.spike_times import SpikeTimes
from nbkit.network.time import steps_per_unit, to_unit
from nbkit.study.checkups.chart import Chart
from nbkit.study.checkups.finding import HealthFinding, PlannedRun, Remedy
from nbkit.study.checkups.remedies import finer, longer

#: steps in a turn of a sine: with fewer its peaks are cut by more than 5 %
TURN = 10
#: Poisson spikes in a step onto a unit that sends them on one by one: of so many 5 % have to wait for another step
WAITING = 0.1
#: the same onto any other unit: with more, a step holds no single spikes but a noisy current
CROWD = 10.0


def check_signals(chart: Chart) -> Iterator[HealthFinding]:
    """Every stimulus beside the run and its steps."""
    for stimulus in chart.plan.network.stimuli:
        for check in (_late, _short, _fast, _crowded):
            yield from check(chart.plan, stimulus)


def _times(plan: PlannedRun, stimulus: Stimulus) -> tuple[float, float]:
    """When a stimulus begins and ends; infinite where it does not end."""
    signal, unit = stimulus.signal, plan.network.time_unit
    if isinstance(signal, SpikeTimes):
        return float(signal.times.min(initial=np.inf)), float(signal.times.max(initial=np.inf))
    start, stop = getattr(signal, "start", 0.0), getattr(signal, "stop", None)
    ends = math.inf if stop is None else to_unit(stop, unit, stimulus.name)
    return to_unit(start, unit, stimulus.name), ends


def _late(plan: PlannedRun, stimulus: Stimulus) -> Iterator[HealthFinding]:
    begins, ends = _times(plan, stimulus)
    if begins < plan.length or math.isinf(begins):
        return
    what = f"it begins at {plan.told(begins)}, when the run of {plan.told(plan.length)} is over"
    duration = longer(plan, 1.2 * ends if math.isfinite(ends) else 2.0 * begins)
    remedies = [Remedy(f"run for {plan.told(duration, 12)}", duration=duration)]
    if isinstance(stimulus.signal, Step | Pulse | Ramp | Poisson):
        signal: Any = replace(stimulus.signal, start=0.0)
        if math.isfinite(ends):
            signal = replace(signal, stop=ends - begins)
        if math.isinf(ends) or ends - begins < plan.length:
            remedies.append(Remedy("let it begin at 0", network=_with(plan.network, replace(stimulus, signal=signal))))
    yield HealthFinding("too-late", "warning", stimulus.name, what, tuple(remedies))


def _short(plan: PlannedRun, stimulus: Stimulus) -> Iterator[HealthFinding]:
    if not isinstance(stimulus.signal, Pulse | Poisson):
        return
    begins, ends = _times(plan, stimulus)
    width, dt = ends - begins, plan.step
    if width >= dt * (1 - 1e-9):
        return
    steps = first_step(ends, dt) - first_step(begins, dt)
    effect = f"it is stretched to a whole step of {plan.told(dt)}" if steps else "it falls between two steps"
    remedies = []
    shorter = finer(plan, width / 2)
    if shorter is not None:
        remedies.append(Remedy(f"dt = {plan.told(shorter, 12)}", dt=shorter))
    signal = replace(stimulus.signal, stop=begins + dt)
    remedies.append(
        Remedy(f"let it last {plan.told(dt, 12)}", network=_with(plan.network, replace(stimulus, signal=signal)))
    )
    what = f"it lasts {plan.told(width)}, less than a step: {effect}"
    yield HealthFinding("between-steps", "warning", stimulus.name, what, tuple(remedies))


def _fast(plan: PlannedRun, stimulus: Stimulus) -> Iterator[HealthFinding]:
    signal, unit = stimulus.signal, plan.network.time_unit
    period = math.inf
    if isinstance(signal, Sine) and signal.frequency and signal.amplitude:
        period = steps_per_unit(unit) / abs(signal.frequency)
    elif isinstance(signal, MovingBubble):
        period = abs(to_unit(signal.period, unit, stimulus.name))
    if period >= TURN * plan.step * (1 - 1e-9):
        return
    what = (
        f"a turn of {plan.told(period)} has {period / plan.step:.3g} steps of {plan.told(plan.step)}; it needs {TURN}"
    )
    dt = finer(plan, period / TURN)
    remedies = () if dt is None else (Remedy(f"dt = {plan.told(dt, 12)}", dt=dt),)
    yield HealthFinding("undersampled", "warning", stimulus.name, what, remedies)


def _crowded(plan: PlannedRun, stimulus: Stimulus) -> Iterator[HealthFinding]:
    if not isinstance(stimulus.signal, Poisson):
        return
    count = stimulus.signal.rate / steps_per_unit(plan.network.time_unit) * plan.step
    passed_on = plan.network.populations[split_path(stimulus.target)[0]].model == poisson_source
    most = WAITING if passed_on else CROWD
    if count <= most:
        return
    effect = "of several spikes in one step all but the first wait" if passed_on else "they act together, as one jump"
    rate = f"{stimulus.signal.rate:g} spikes {'in a model unit' if plan.network.time_unit == '1' else 'a second'}"
    what = f"{rate} are {count:.3g} in a step of {plan.told(plan.step)}: {effect}"
    dt = finer(plan, plan.step * most / count)
    remedies = () if dt is None else (Remedy(f"dt = {plan.told(dt, 12)}", dt=dt),)
    yield HealthFinding("crowded", "warning" if passed_on else "note", stimulus.name, what, remedies)


def _with(network: Network, stimulus: Stimulus) -> Network:
    return replace(network, stimuli=[stimulus if s.name == stimulus.name else s for s in network.stimuli])
