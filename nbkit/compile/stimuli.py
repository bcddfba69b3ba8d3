"""Owns the lowering of stimuli: formulas of time and recorded arrays become rows of a block.

Must not know what they drive.
"""

from __future__ import annotations

from dataclasses import fields

from nbkit.compile.context import Context
from nbkit.compile.delays import steps_of
from nbkit.compile.graph import Node
from nbkit.compile.program import RecordedInput
from nbkit.model.expression import Apply, Symbol, Tree, parse
from nbkit.network.description import Stimulus
from nbkit.network.signals import Formula, Recorded
from nbkit.network.time import steps_per_unit, to_unit


def lower_stimulus(context: Context, stimulus: Stimulus) -> Node:
    """What a stimulus brings to its target."""
    signal = stimulus.signal
    if isinstance(signal, Recorded):
        return _recorded(context, stimulus.name, signal)
    assert isinstance(signal, Formula)
    unit = context.network.time_unit
    names: dict[str, Node] = {"t": context.time(), "step": context.step_number()}
    for field in fields(signal):  # type: ignore[arg-type]
        path, value = f"{stimulus.name}.{field.name}", getattr(signal, field.name)
        if field.name in signal.times:
            names[field.name] = context.edge(path, to_unit(value, unit, path))
        else:
            factor = 1.0 / steps_per_unit(unit) if field.name in signal.frequencies else 1.0
            names[field.name] = context.settable(path, value, factor)
    return context.graph.formula(_on_whole_steps(parse(signal.formula), signal), names)


def _recorded(context: Context, name: str, signal: Recorded) -> Node:
    hold, _ = steps_of(to_unit(signal.dt, context.network.time_unit, name), context.timing.dt)
    array, index = signal.array, len(context.recorded)
    context.recorded.append(RecordedInput(name, array.reshape(len(array), -1), hold))
    units = array.shape[1] if array.ndim == 2 else 0
    return context.graph.special("recorded", (), section="block", units=units, text=f"{name}.array", index=index)


def _on_whole_steps(tree: Tree, signal: Formula) -> Tree:
    """Let comparisons of t with a time compare whole steps instead."""
    if not isinstance(tree, Apply):
        return tree
    left, right = tree.arguments[0], tree.arguments[-1]
    if left == Symbol("t") and isinstance(right, Symbol) and right.name in signal.times:
        return Apply(tree.operation, (Symbol("step"), right))
    return Apply(tree.operation, tuple(_on_whole_steps(a, signal) for a in tree.arguments))
