"""Owns the lowering of populations: parameters, states, algebraic lines and the step forward.

Must not know projections or stimuli.
"""

from __future__ import annotations

import numpy as np

from nbkit.compile.context import Context, slot_of
from nbkit.compile.emitter import Root
from nbkit.compile.graph import Node
from nbkit.compile.instructions import Operand, Slot
from nbkit.compile.program import Fill, Variable
from nbkit.compile.sampling import evaluate, sample_units
from nbkit.compile.stacks import Member, Stack
from nbkit.model.expression import names as names_in
from nbkit.model.functions import XI
from nbkit.model.model import State
from nbkit.model.rendering import to_text
from nbkit.network.time import parameter_factor
from nbkit.network.values import Array


def lower_parameters(context: Context, name: str) -> None:
    """Give every parameter a cell, in the model's own units."""
    stack, network = context.stacks[name], context.network
    for key, parameter in stack.model.parameters.items():
        values = {}
        for member in stack.members:
            path = f"{member.population}.{key}"
            held = network.value(path)
            values[member.population] = sample_units(network.populations[member.population], held, context.seed, path)
            context.sampled[path] = values[member.population]
        factor = parameter_factor(parameter.unit, stack.model.time_unit, network.time_unit)
        context.names[name][key] = context.stacked(stack, key, values, factor)
        if stack.model.spiking is not None and key in names_in(stack.model.spiking.refractory):
            for member in stack.members:  # refractoriness is counted in steps when the network is compiled
                del context.settings[f"{member.population}.{key}"]


def lower_states(context: Context, name: str) -> None:
    """Give every state a window with as much past as its projections read."""
    stack = context.stacks[name]
    for key, state in stack.model.states.items():
        row = np.concatenate([_start(context, f"{m.population}.{key}", m) for m in stack.members])
        history = histories(context, f"{name}.{key}")
        policy = next(iter(history), "initial")
        slot = context.window(f"{name}.{key}", stack.size, history.get(policy, 0))
        if len(stack.members) == 1:
            context.pasts[f"{name}.{key}", policy] = slot
        context.fills.append(Fill(slot, row, row if policy == "initial" else np.zeros_like(row)))
        context.names[name][key] = context.graph.leaf(Operand(slot), "step", stack.size)
        _variables(context, stack, key, slot, state)


def _start(context: Context, path: str, member: Member) -> Array:
    """The values of a population's state at t = 0."""
    population, held = context.network.populations[member.population], context.network.value(f"{path}.initial")
    initial = sample_units(population, held, context.seed, f"{path}.initial")
    context.starts[path] = np.broadcast_to(np.asarray(initial, dtype=np.float64), (member.size,))
    return context.starts[path]


def _variables(context: Context, stack: Stack, key: str, slot: Slot, about: State | None = None) -> None:
    """Say where each population of a stack has its share of a state (a window) or of an algebraic variable."""
    unit, meaning = (about.unit, about.meaning) if about is not None else ("", "")
    for m in stack.members:
        path, part = f"{m.population}.{key}", Operand(slot, 0, m.start, m.size if len(stack.members) > 1 else 0)
        context.variables[path] = Variable(
            path, m.population, key, m.size, part, is_state=slot.role == "window", unit=unit, meaning=meaning
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
    stack = context.stacks[name]
    for key, line in stack.model.algebraic.items():
        if stack.model.depends_on_inputs(key) != after_inputs:
            continue
        node = context.graph.formula(line.right, context.names[name])
        context.names[name][key] = node
        slot = context.layout.add(f"{name}.{key}", "block", stack.size, context.timing.block)
        context.roots.append(Root(node, Operand(slot), context.graph.phase))
        _variables(context, stack, key, slot)


def lower_noise(context: Context, name: str) -> None:
    """Give every stack whose equations name ``xi`` white noise of its own for each unit."""
    stack = context.stacks[name]
    if stack.model.noisy:
        noise = context.white_noise(f"{name}.{XI}", stack.size, context.own_dt(name))
        context.names[name][XI] = noise


def lower_inputs(context: Context, name: str) -> None:
    """Sum what arrives at each input; an input that nothing drives keeps the model's number."""
    stack = context.stacks[name]
    for key, undriven in stack.model.inputs.items():
        parts = context.gathered.get(f"{name}.{key}")
        if not parts:
            context.names[name][key] = context.cell(f"{name}.{key}", float(undriven))
            continue
        left = [m for m in stack.members if f"{m.population}.{key}" not in context.driven]
        if left and undriven:
            row = np.zeros(stack.size)
            for member in left:
                row[member.start : member.start + member.size] = undriven
            parts = [*parts, context.cell(f"{name}.{key} where nothing drives it", row)]
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
    model, names, graph = context.stacks[name].model, context.names[name], context.graph
    exact = (context.method or model.method) == "exact"
    steps = _exact_steps(context, name) if exact else _euler_steps(context, name)
    for key, free in steps.items():
        following, limits = free, model.states[key].limits or (None, None)
        for bound, operation in zip(limits, ("maximum", "minimum"), strict=True):
            if bound is not None:
                text = f"limits of {name}.{key}"
                following = graph.apply(operation, following, graph.number(bound), text=text)
        context.advance_root(following, slot_of(names[key]))


def _exact_steps(context: Context, name: str) -> dict[str, Node]:
    from nbkit.compile.exact import exact_steps  # noqa: PLC0415  only the exact method needs it

    return exact_steps(context, name)


def _euler_steps(context: Context, name: str) -> dict[str, Node]:
    """The next value of every state of a population by Euler's rule, before limits."""
    model, names, graph = context.stacks[name].model, context.names[name], context.graph
    dt = context.step(context.own_dt(name))
    steps = {}
    for key, line in model.differential.items():
        state, right, share = names[key], graph.formula(line.right, names), dt
        if line.factor is not None:
            share = graph.apply("divide", dt, graph.formula(line.factor, names), text=f"dt/({to_text(line.factor)})")
        steps[key] = _following(context, state, share, right, line.text)
    return steps


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
