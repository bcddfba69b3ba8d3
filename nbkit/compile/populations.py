"""Owns the lowering of populations: parameters, states, algebraic lines and the step forward.

Must not know projections or stimuli.
"""

from __future__ import annotations

import numpy as np

from nbkit.compile.context import Context, slot_of
from nbkit.compile.emitter import Root
from nbkit.compile.graph import Node
from nbkit.compile.instructions import Operand
from nbkit.compile.program import Fill, Variable
from nbkit.compile.sampling import evaluate, sample_units
from nbkit.model.functions import XI
from nbkit.model.rendering import to_text
from nbkit.network.time import parameter_factor
from nbkit.network.values import Array


def lower_parameters(context: Context, name: str) -> None:
    """Give every parameter a cell, in the model's own units."""
    population, network = context.network.populations[name], context.network
    for key, parameter in population.model.parameters.items():
        path = f"{name}.{key}"
        value = sample_units(population, network.value(path), context.seed, path)
        context.sampled[path] = value
        factor = parameter_factor(parameter.unit, population.model.time_unit, network.time_unit)
        context.names[name][key] = context.settable(path, value, factor)


def lower_states(context: Context, name: str) -> None:
    """Give every state a window with as much past as its projections read."""
    population = context.network.populations[name]
    size = population.count
    for key, state in population.model.states.items():
        path = f"{name}.{key}"
        initial = sample_units(population, context.network.value(f"{path}.initial"), context.seed, f"{path}.initial")
        row = np.broadcast_to(np.asarray(initial, dtype=np.float64), (size,))
        history = histories(context, path)
        policy = next(iter(history), "initial")
        slot = context.window(path, size, history.get(policy, 0))
        context.starts[path] = row
        context.pasts[path, policy] = slot
        context.fills.append(Fill(slot, row, row if policy == "initial" else np.zeros_like(row)))
        context.names[name][key] = context.graph.leaf(Operand(slot), "step", size)
        context.variables[path] = Variable(
            path, name, key, size, Operand(slot), is_state=True, unit=state.unit, meaning=state.meaning
        )


def histories(context: Context, source: str) -> dict[str, int]:
    """What a source was before t = 0 -> the steps that it must be kept for so; the longest first."""
    needed: dict[str, int] = {}
    for projection in context.network.projections:
        steps = context.connections[projection.name].longest
        if projection.source == source and steps:
            needed[projection.history] = max(steps, needed.get(projection.history, 0))
    return dict(sorted(needed.items(), key=lambda item: -item[1]))


def lower_algebraic(context: Context, name: str, *, after_inputs: bool) -> None:
    """Give every algebraic line a row per step: those that follow inputs apart from those that do not."""
    population = context.network.populations[name]
    for key, line in population.model.algebraic.items():
        if population.model.depends_on_inputs(key) != after_inputs:
            continue
        path = f"{name}.{key}"
        node = context.graph.formula(line.right, context.names[name])
        context.names[name][key] = node
        place = Operand(context.layout.add(path, "block", population.count, context.timing.block))
        context.roots.append(Root(node, place, context.graph.phase))
        context.variables[path] = Variable(path, name, key, population.count, place, is_state=False)


def lower_noise(context: Context, name: str) -> None:
    """Give every population whose equations name ``xi`` white noise of its own for each unit."""
    population = context.network.populations[name]
    if population.model.noisy:
        noise = context.white_noise(f"{name}.{XI}", population.count, context.own_dt(name))
        context.names[name][XI] = noise


def lower_inputs(context: Context, name: str) -> None:
    """Sum what arrives at each input; an input that nothing drives keeps the model's number."""
    for key, undriven in context.network.populations[name].model.inputs.items():
        parts = context.gathered.get(f"{name}.{key}")
        if not parts:
            context.names[name][key] = context.cell(f"{name}.{key}", float(undriven))
            continue
        total = parts[0]
        for part in parts[1:]:
            total = context.graph.apply("add", total, part, text=f"{name}.{key}")
        context.names[name][key] = total


def at_start(context: Context, name: str, variable: str) -> Array:
    """A variable at t = 0, shape (size,); inputs have the values that they have when nothing drives them."""
    population, network = context.network.populations[name], context.network
    model = population.model
    known: dict[str, float | Array] = dict(model.inputs)
    known |= {key: context.starts[f"{name}.{key}"] for key in model.states}
    for key, parameter in model.parameters.items():
        factor = parameter_factor(parameter.unit, model.time_unit, network.time_unit)
        known[key] = np.asarray(context.sampled[f"{name}.{key}"]) * factor
    for key, line in model.algebraic.items():
        known[key] = evaluate(line.right, known)
    return np.broadcast_to(np.asarray(known[variable], dtype=np.float64), (population.count,))


def lower_advance(context: Context, name: str) -> None:
    """Move every state from sample k to k+1, then clamp it to its limits."""
    population, names, graph = context.network.populations[name], context.names[name], context.graph
    dt = context.step(context.own_dt(name))
    for key, line in population.model.differential.items():
        state, right, share = names[key], graph.formula(line.right, names), dt
        if line.factor is not None:
            share = graph.apply("divide", dt, graph.formula(line.factor, names), text=f"dt/({to_text(line.factor)})")
        following = _following(context, state, share, right, line.text)
        limits = population.model.states[key].limits or (None, None)
        for bound, operation in zip(limits, ("maximum", "minimum"), strict=True):
            if bound is not None:
                text = f"limits of {name}.{key}"
                following = graph.apply(operation, following, graph.number(bound), text=text)
        context.advance_root(following, slot_of(state))


def _following(context: Context, state: Node, share: Node, right: Node, text: str) -> Node:
    """The state one Euler step on: ``state + share * right``.

    Where the right side is ``a * state + b`` with a and b known for the whole block, the step is
    ``(1 + share * a) * state + share * b``: two operations are left in it.
    """
    graph = context.graph
    parts = graph.affine(right, state) if right.section == "step" else None
    if parts is None or parts[0] is None:
        change = graph.apply("multiply", share, right, text=f"dt*({text.split(' = ')[1]})")
        return graph.apply("add", state, change, text=text)
    slope = graph.apply("multiply", share, parts[0], text="dt*slope")
    factor = graph.apply("add", graph.number(1.0), slope, text="1 + dt*slope")
    kept = graph.apply("multiply", factor, state, text="(1 + dt*slope)*state")
    if parts[1] is None:
        return kept
    return graph.apply("add", kept, graph.apply("multiply", share, parts[1], text="dt*drive"), text=text)
