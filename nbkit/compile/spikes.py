"""Owns the lowering of spikes: thresholds, resets, refractoriness, deliveries and folds.

Must not know how populations step between spikes.
"""

from __future__ import annotations

import numpy as np

from nbkit.compile.connections import Part, sizes_of
from nbkit.compile.context import Context, slot_of
from nbkit.compile.delays import steps_of
from nbkit.compile.emitter import Effect
from nbkit.compile.graph import Node
from nbkit.compile.instructions import Operand, Phase
from nbkit.compile.program import Arrival, Delivery, Fill, Fold, SpikeSource
from nbkit.compile.sampling import evaluate
from nbkit.compile.stacks import Member, Stack
from nbkit.errors import Problem
from nbkit.model.expression import Tree
from nbkit.model.expression import names as names_in
from nbkit.model.rendering import to_text
from nbkit.network.description import Projection, split_path
from nbkit.network.network import Network
from nbkit.network.time import parameter_factor
from nbkit.network.values import Array


def refractory_steps(context: Context, name: str) -> tuple[Array, list[Problem]]:
    """The length of refractoriness of each unit in steps; it must be a whole number of them."""
    stack, own_dt = context.stacks[name], context.own_dt(name)
    rows, problems = [], []
    for member in stack.members:
        times = _refractory(context, stack, member)
        different, of_unit = np.unique(times, return_inverse=True)
        found = [steps_of(float(time), own_dt) for time in different]
        rows.append(np.array([float(nearest) for nearest, _ in found])[of_unit])
        off = [i for i, (_, distance) in enumerate(found) if distance]
        if off:
            unit = int(np.flatnonzero(np.isin(of_unit, off))[0])
            what = f"{times[unit]:g} of unit {unit} is {times[unit] / own_dt:.6g} steps"
            hint = "a whole number of steps, or another dt"
            problems.append(Problem("refractory-off-grid", f"{member.population}.refractory", what, hint))
    return np.concatenate(rows), problems


def _refractory(context: Context, stack: Stack, member: Member) -> Array:
    """The refractory time of each unit of a population, in the model's own unit."""
    model, unit = stack.model, context.network.time_unit
    assert model.spiking is not None
    known = {
        key: np.asarray(context.sampled[f"{member.population}.{key}"])
        * parameter_factor(parameter.unit, model.time_unit, unit)
        for key, parameter in model.parameters.items()
    }
    times = np.asarray(evaluate(model.spiking.refractory, known), dtype=np.float64)
    return np.broadcast_to(times, (member.size,))


def lower_detection(context: Context, name: str) -> None:
    """Register a stack that spikes; with ``reset_at="start"`` look for spikes in the present sample."""
    stack = context.stacks[name]
    model = stack.model
    if model.spiking is None:
        return
    steps, wrong = refractory_steps(context, name)
    context.problems += wrong
    until = context.layout.add(f"{name} refractory until", "kept", stack.size)
    context.fills.append(Fill(until, np.zeros(stack.size)))
    source = SpikeSource(len(context.spikes), stack, model.reset_at == "end", until, steps)
    context.spikes[name] = source
    if not source.at_end:
        _spike(context, source, context.names[name], "detect")


def _spike(context: Context, source: SpikeSource, names: dict[str, Node], phase: Phase) -> None:
    spiking, name = source.stack.model.spiking, source.stack.name
    assert spiking is not None
    mask = context.per_unit(context.graph.formula(spiking.threshold, names), source.size)
    context.masks[name] = mask
    text = f"spikes of {name}: {to_text(spiking.threshold)}"
    context.effects.append(Effect(phase, "spike", Operand(source.until), (mask,), source.number, text))


def lower_reset(context: Context, name: str) -> None:
    """Hold refractory units, find the units that spike (unless that is done) and reset them."""
    model = context.stacks[name].model
    if model.spiking is None:
        return
    source, graph = context.spikes[name], context.graph
    present, following = context.names[name], dict(context.names[name])
    for key in model.states:
        slot = slot_of(present[key])
        following[key] = graph.leaf(Operand(slot, 1), "step", source.size)
    if source.refractory.any():
        until = graph.leaf(Operand(source.until), "step", source.size)
        for line in model.spiking.reset:
            if not line.adds:
                target = Operand(slot_of(present[line.target]), 1)
                text = f"{name}.{line.target} while refractory"
                context.effects.append(
                    Effect("hold", "hold", target, (present[line.target], until), source.number, text)
                )
    if source.at_end:
        _spike(context, source, following, "reset")
    values = following if source.at_end else present
    for line in model.spiking.reset:
        target = Operand(slot_of(present[line.target]), 1)
        arguments = (context.masks[name], graph.formula(line.right, values))
        text = f"{line.target} {'+=' if line.adds else '='} {to_text(line.right)}"
        operation = "increase" if line.adds else "assign"
        context.effects.append(Effect("reset", operation, target, arguments, source.number, text))
    for fold, amount in context.folded.get(name, []):
        arguments = (context.masks[name], amount)
        target = Operand(context.folds[fold].sum, 1)
        context.effects.append(Effect("reset", "fold", target, arguments, fold, "what these spikes bring"))


def lower_deliveries(context: Context, projection: Projection) -> None:
    """Let spikes add their weights to an event state when they arrive."""
    target_name, variable = split_path(projection.target)
    target, sender = context.members[target_name], context.members[split_path(projection.source)[0]]
    source = context.spikes[sender.stack]
    bundle = context.connections[projection.name].bundle
    if bundle is not None:
        if bundle.can_be_drawn_again:
            context.settable(f"{projection.name}.gain", projection.gain)
        return
    gain = context.settable(f"{projection.name}.gain", projection.gain)
    place = Operand(slot_of(context.names[target.stack][variable]), 1, target.start, target.size)
    for part in context.connections[projection.name].parts:
        index = len(context.deliveries)
        coupling = context.add_coupling(projection.name, part.coupling, gain)
        context.deliveries.append(Delivery(coupling, source.number, part.steps, sender.start, sender.size))
        text = f"{projection.source} onto {projection.target}, {part.steps} steps after the stamp"
        context.effects.append(Effect("deliver", "deliver", place, (), index, text))


def lower_tables(context: Context) -> None:
    """Let spikes bring what their synapses in tables hold for them."""
    for number, table in enumerate(context.tables):
        source = context.spikes[table.source]
        for region in table.regions:
            place = Operand(slot_of(context.names[region.stack][region.variable]), 1)
            text = f"synapses of {table.source} onto {region.stack}.{region.variable}, each after its own delay"
            context.effects.append(Effect("deliver", "synapses", place, (), len(context.arrivals), text))
            context.arrivals.append(Arrival(number, source.number, region.start, region.size))


def fold(context: Context, projection: Projection, part: Part, gain: Node) -> Node | None:
    """Keep what a source brings at the target, if that is exact: then a step costs no product at all.

    A source that decays at one rate for all its units, and that only its own spikes add to, has weighted
    sums that decay at the same rate; each spike adds a column of the weights.
    """
    name, key = split_path(projection.source)
    decay = _decay(context.network, name, key)
    delayed = part.steps or context.connections[projection.name].chain.stages
    graph, population = context.graph, context.network.populations[name]
    exact = (context.method or population.model.method) == "exact"
    if decay is None or delayed or exact or part.coupling.plan not in ("dense", "sparse"):
        return None
    state, names = context.names[name][key], context.names[name]
    line = population.model.differential[key]
    parts = graph.affine(graph.formula(line.right, names), state)
    share = context.step(context.own_dt(name))
    if line.factor is not None:
        share = graph.apply("divide", share, graph.formula(line.factor, names), text="dt/factor")
    if parts is None or parts[0] is None or parts[1] is not None or share.units or parts[0].units:
        return None
    size = sizes_of(context.network, projection).post
    slot = context.window(f"{projection.name} sum", size)
    coupling = context.add_coupling(projection.name, part.coupling, gain)
    index = len(context.folds)
    context.folds.append(Fold(coupling, context.spikes[name].number, slot_of(state), slot))
    context.fills.append(Fill(slot, np.zeros(size)))
    amount = graph.formula(decay, names)
    context.folded.setdefault(name, []).append((index, amount))
    here = graph.leaf(Operand(slot), "step", size)
    factor = graph.apply(
        "add", graph.number(1.0), graph.apply("multiply", share, parts[0], text="dt*slope"), text="1 + dt*slope"
    )
    kept = graph.apply("multiply", factor, here, text=f"sum of {projection.name} decays")
    context.advance_root(kept, slot)
    return here


def _decay(network: Network, name: str, key: str) -> Tree | None:
    """The amount that a spike adds to a state which otherwise only decays, as a formula of parameters; else None."""
    model = network.populations[name].model
    if model.spiking is None or key not in model.states or model.states[key].limits or key in model.events:
        return None
    lines = [line for line in model.spiking.reset if line.target == key]
    allowed = {key, *model.parameters}
    if not lines or not all(line.adds and names_in(line.right) <= set(model.parameters) for line in lines):
        return None
    if len(lines) > 1 or not names_in(model.differential[key].right) <= allowed:
        return None
    return lines[0].right
