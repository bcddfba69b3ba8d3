"""Owns the lowering of stimuli: formulas of time and recorded arrays become rows of a block.

Must not know how populations step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np

from nbkit.compile.background import lower_background
from nbkit.compile.context import Context, slot_of
from nbkit.compile.delays import first_step, steps_of
from nbkit.compile.emitter import Effect
from nbkit.compile.graph import Node
from nbkit.compile.instructions import Operand
from nbkit.compile.places import lower_bubble, places
from nbkit.compile.program import ArrivingSpikes, Draw, Fill, RecordedInput
from nbkit.compile.sampling import generator
from nbkit.model.expression import Apply, Number, Symbol, Tree, parse
from nbkit.model.expression import names as names_in
from nbkit.network.bubbles import MovingBubble
from nbkit.network.chosen import chosen
from nbkit.network.description import Stimulus, split_path
from nbkit.network.expressions import Expression, Signal
from nbkit.network.signals import Formula, Noise, OrnsteinUhlenbeck, Poisson, Recorded, UniformNoise
from nbkit.network.spike_times import SpikeTimes
from nbkit.network.time import steps_per_unit, to_unit


def lower_stimuli(context: Context) -> None:
    """Lower all stimuli, in their order; background spikes that can be drawn in one go come first."""
    joined = lower_background(context)
    for stimulus in context.network.stimuli:
        if stimulus not in joined:
            _lower(context, stimulus)


def _lower(context: Context, stimulus: Stimulus) -> None:
    """Add what a stimulus brings to what arrives at its target."""
    name, variable = split_path(stimulus.target)
    member = context.members[name]
    size, stack = member.size, context.stacks[member.stack]
    signal, units = stimulus.signal, chosen(stimulus.units, context.network.populations[name].shape)
    brought = (
        _LOWER[type(signal)](context, stimulus, signal, size)
        if type(signal) in _LOWER
        else _formula(context, stimulus, signal)
    )
    events = isinstance(signal, Poisson | SpikeTimes)
    whole = size if events else stack.size
    if len(units) < whole:
        mask = np.zeros(whole)
        mask[units if events else member.start + units] = 1.0
        brought = context.graph.apply("multiply", context.cell(f"{stimulus.name}.units", mask), brought, text="units")
    if events:
        place = Operand(slot_of(context.names[stack.name][variable]), 1, member.start, size)
        context.effects.append(Effect("deliver", "arrive", place, (brought,), -1, f"{stimulus.name}: spikes"))
    else:
        context.gathered.setdefault(f"{stack.name}.{variable}", []).append(brought)


def _formula(context: Context, stimulus: Stimulus, signal: Signal) -> Node:
    """A formula of time and the signal's own numbers."""
    assert isinstance(signal, Formula)
    unit, tree = context.network.time_unit, parse(signal.formula)
    on_steps = _on_whole_steps(tree, signal.times)
    edges = names_in(on_steps) - names_in(tree)
    names: dict[str, Node] = {"t": context.time()}
    for field in fields(signal):  # type: ignore[arg-type]
        path, value = f"{stimulus.name}.{field.name}", getattr(signal, field.name)
        if _EDGE + field.name in edges:
            names[_EDGE + field.name] = context.edge(path, to_unit(value, unit, path))
        elif field.name in signal.times:
            names[field.name] = context.settable(path, to_unit(value, unit, path))
        else:
            factor = 1.0 / steps_per_unit(unit) if field.name in signal.frequencies else 1.0
            names[field.name] = context.settable(path, value, factor)
    return context.graph.formula(on_steps, names | {_STEP: context.step_number()})


def _expression(context: Context, stimulus: Stimulus, signal: Expression, size: int) -> Node:  # noqa: ARG001
    """A user's formula of t, and of the places of the units."""
    tree = _on_whole_steps(parse(signal.text), (), context.timing.dt)
    names = {"t": context.time(), _STEP: context.step_number()} | places(context, stimulus.target, names_in(tree))
    return context.graph.formula(tree, names)


def _noise(context: Context, stimulus: Stimulus, signal: Noise, size: int) -> Node:
    """White noise: the mean over one step has a variance that goes as 1/dt."""
    xi = context.white_noise(stimulus.name, size, context.timing.dt)
    intensity = context.settable(f"{stimulus.name}.intensity", signal.intensity)
    mean = context.settable(f"{stimulus.name}.mean", signal.mean)
    moved = context.graph.apply("multiply", intensity, xi, text="intensity*xi")
    return context.graph.apply("add", mean, moved, text=f"{stimulus.name}: white noise")


def _uniform_noise(context: Context, stimulus: Stimulus, signal: UniformNoise, size: int) -> Node:
    """Fresh numbers between two bounds, the same whatever the step."""
    graph = context.graph
    low, high = (context.settable(f"{stimulus.name}.{key}", getattr(signal, key)) for key in ("low", "high"))
    shares = context.random(Draw(stimulus.name, "uniform", size))
    reach = graph.apply("multiply", graph.apply("subtract", high, low, text="high - low"), shares, text="share of it")
    return graph.apply("add", low, reach, text=f"{stimulus.name}: uniform noise")


def _ornstein_uhlenbeck(context: Context, stimulus: Stimulus, signal: OrnsteinUhlenbeck, size: int) -> Node:
    """Coloured noise as a state of its own, stepped exactly and started where it settles."""
    graph, name = context.graph, stimulus.name
    tau = to_unit(signal.tau, context.network.time_unit, name)
    kept = float(np.exp(-context.timing.dt / tau))
    slot = context.window(f"{name} (standardised)", size)
    context.fills.append(Fill(slot, generator(context.seed, f"{name}.initial").standard_normal(size)))
    here = graph.leaf(Operand(slot), "step", size)
    gathering, graph.phase = graph.phase, "advance"
    kick = graph.apply(
        "multiply", context.cell(f"{name}.kick", float(np.sqrt(1 - kept**2))), context.normal(name, size)
    )
    following = graph.apply("add", graph.apply("multiply", context.cell(f"{name}.kept", kept), here, text="kept"), kick)
    context.advance_root(following, slot)
    graph.phase = gathering
    deviation = context.settable(f"{name}.standard_deviation", signal.standard_deviation)
    mean = context.settable(f"{name}.mean", signal.mean)
    return graph.apply("add", mean, graph.apply("multiply", deviation, here, text=name), text=f"{name}: coloured noise")


def _poisson(context: Context, stimulus: Stimulus, signal: Poisson, size: int) -> Node:
    """How much arrives at each unit in a step."""
    name, unit = stimulus.name, context.network.time_unit
    rate = context.settable(f"{name}.rate", signal.rate, 1.0 / steps_per_unit(unit))
    mean = context.graph.apply("multiply", rate, context.step(context.timing.dt), text="rate*dt")
    weight = context.settable(f"{name}.weight", signal.weight)
    brought = context.random(Draw(name, "poisson", size, ((name, 0, size),)), (mean, weight))
    step = context.step_number()
    for key, time, operation in (("start", signal.start, "greater_equal"), ("stop", signal.stop, "less")):
        if time is not None and to_unit(time, unit, name) > 0:
            edge = context.edge(f"{name}.{key}", to_unit(time, unit, name))
            inside = context.graph.apply(operation, step, edge, text=f"t {'>=' if key == 'start' else '<'} {key}")
            brought = context.graph.apply("multiply", inside, brought, text=f"{name}: weight*count, {key}")
    return brought


def _spike_times(context: Context, stimulus: Stimulus, signal: SpikeTimes, size: int) -> Node:
    """What arrives at each unit at the end of a step."""
    steps = np.array([steps_of(float(time), context.timing.dt)[0] for time in signal.times], dtype=np.int64)
    order = np.argsort(steps, kind="stable")
    units = None if signal.units is None else signal.units.astype(np.int64)[order]
    weights = np.broadcast_to(signal.weight, steps.shape)[order]
    index = len(context.recorded)
    context.recorded.append(ArrivingSpikes(stimulus.name, steps[order], weights, units, size))
    text = f"{stimulus.name}: what arrives at k+1"
    return context.graph.special("recorded", (), section="block", units=size, text=text, index=index)


def _recorded(context: Context, stimulus: Stimulus, signal: Recorded, size: int) -> Node:
    """A recorded array, its columns put to the chosen units."""
    name = stimulus.name
    hold, _ = steps_of(to_unit(signal.dt, context.network.time_unit, name), context.timing.dt)
    array, index = signal.array, len(context.recorded)
    if array.ndim > 1:
        array = array.reshape(len(array), -1)
    if array.ndim == 2 and array.shape[1] < size:
        wide = np.zeros((len(array), size))
        wide[:, chosen(stimulus.units, context.network.populations[split_path(stimulus.target)[0]].shape)] = array
        array = wide
    context.recorded.append(RecordedInput(name, array.reshape(len(array), -1), hold))
    units = array.shape[1] if array.ndim == 2 else 0
    return context.graph.special("recorded", (), section="block", units=units, text=f"{name}.array", index=index)


#: a name that no user can give: the step number, and the first step that is not before a time
_STEP, _EDGE = " step", " first step of "


def _on_whole_steps(tree: Tree, times: tuple[str, ...], dt: float = 0.0) -> Tree:
    """Let comparisons of t with a time, or with a number where dt is given, compare whole steps instead."""
    if not isinstance(tree, Apply):
        return tree
    left, right = tree.arguments[0], tree.arguments[-1]
    if left == Symbol("t") and tree.operation in ("greater_equal", "less"):
        if isinstance(right, Symbol) and right.name in times:
            return Apply(tree.operation, (Symbol(_STEP), Symbol(_EDGE + right.name)))
        if isinstance(right, Number) and dt:
            step = first_step(right.value, dt)
            return Apply(tree.operation, (Symbol(_STEP), Number(float(step), str(step))))
    return Apply(tree.operation, tuple(_on_whole_steps(a, times, dt) for a in tree.arguments))


_LOWER: dict[type, Callable[[Context, Stimulus, Any, int], Node]] = {
    Recorded: _recorded,
    Expression: _expression,
    MovingBubble: lower_bubble,
    Noise: _noise,
    UniformNoise: _uniform_noise,
    OrnsteinUhlenbeck: _ornstein_uhlenbeck,
    Poisson: _poisson,
    SpikeTimes: _spike_times,
}
