"""Owns the lowering of projections: from a source, through its delay and its weights, to an input.

Must not know how populations step.
"""

from __future__ import annotations

import numpy as np

from nbkit.compile.connections import Part, sizes_of
from nbkit.compile.context import Context
from nbkit.compile.delays import DelayPlan
from nbkit.compile.emitter import Root
from nbkit.compile.graph import Node
from nbkit.compile.instructions import Operand, Slot
from nbkit.compile.populations import at_start, histories
from nbkit.compile.program import Fill
from nbkit.compile.spikes import fold
from nbkit.network.description import Projection, split_path


def lower_projection(context: Context, projection: Projection) -> Node:
    """What a projection brings to its target: the sum over its parts, one for each different delay."""
    connection = context.connections[projection.name]
    gain = context.settable(f"{projection.name}.gain", projection.gain)
    brought = [_part(context, projection, part, gain) for part in connection.parts]
    if not brought:
        return context.cell(f"{projection.name} (no connections)", 0.0)
    total = brought[0]
    for more in brought[1:]:
        total = context.graph.apply("add", total, more, text=f"parts of {projection.name}")
    return total


def _part(context: Context, projection: Projection, part: Part, gain: Node) -> Node:
    folded = fold(context, projection, part, gain)
    if folded is not None:
        return folded
    graph, coupling = context.graph, part.coupling
    ends = sizes_of(context.network, projection)
    source = _source(context, projection, part, ends.pre)
    text = f"{projection.source} onto {projection.target}"
    if coupling.plan == "one-to-one":
        weight = context.settable(f"{projection.name}.weight", coupling.weights)
        factor = graph.apply("multiply", gain, weight, text=f"{projection.name}.gain*weight")
        return graph.apply("multiply", factor, source, text=text)
    index = context.add_coupling(projection.name, coupling, gain)
    units = 0 if coupling.plan == "uniform" else ends.post
    return graph.special("couple", (source,), section=source.section, units=units, text=text, index=index)


def _source(context: Context, projection: Projection, part: Part, size: int) -> Node:
    """The source as it arrives: at once, after a sharp delay or many, or at the end of a gamma chain."""
    steps = part.steps
    chain = context.connections[projection.name].chain
    if chain.stages:
        return _chain(context, projection, chain, size)
    if part.reach:
        place = Operand(_past(context, projection, size), -steps, reach=part.reach)
        return context.graph.leaf(place, "step", place.length)
    if steps:
        place = Operand(_past(context, projection, size), -steps)
        return context.graph.leaf(place, "block" if steps >= context.timing.block else "step", size)
    population, variable = split_path(projection.source)
    return context.per_unit(context.names[population][variable], size)


def _past(context: Context, projection: Projection, size: int) -> Slot:
    """The window that a delayed source is read from; a state's own serves where it has the right past."""
    key = (projection.source, projection.history)
    if key not in context.pasts:
        steps = histories(context, projection.source)[projection.history]
        slot = context.window(f"{projection.source} ({projection.history} before 0)", size, steps)
        first = at_start(context, *split_path(projection.source))
        past = first if projection.history == "initial" else np.zeros(size)
        context.fills.append(Fill(slot, first, past))
        context.pasts[key] = slot
    return context.pasts[key]


def _chain(context: Context, projection: Projection, plan: DelayPlan, size: int) -> Node:
    """The end of a gamma delay: stages that pass the source on, each a leaky step behind the one before."""
    slot = context.window(f"{projection.name}.stages", plan.stages * size)
    start = at_start(context, *split_path(projection.source)) if projection.history == "initial" else np.zeros(size)
    context.fills.append(Fill(slot, np.tile(start, plan.stages)))
    context.chains.append((projection, slot))
    return context.graph.leaf(Operand(slot, 0, (plan.stages - 1) * size, size), "step", size)


def advance_chains(context: Context) -> None:
    """Move every stage of every gamma delay from sample k to k+1, all from their old values."""
    graph = context.graph
    for projection, slot in context.chains:
        plan, name = context.connections[projection.name].chain, projection.name
        size = slot.width // plan.stages
        rate = context.cell(f"{name}.stage_rate", plan.rate)
        step = graph.apply("multiply", context.step(context.timing.dt), rate, text="dt*n/D")
        population, variable = split_path(projection.source)
        behind = slot.width - size
        pieces = [(context.per_unit(context.names[population][variable], size), Operand(slot, 0, 0, size))]
        if behind:
            pieces.append((graph.leaf(Operand(slot, 0, 0, behind), "step", behind), Operand(slot, 0, size, behind)))
        for before, place in pieces:
            here = graph.leaf(place, "step", place.length)
            difference = graph.apply("subtract", before, here, text="stage before - stage")
            moved = graph.apply("multiply", step, difference, text="dt*n/D*(stage before - stage)")
            following = graph.apply("add", here, moved, text=f"stages of {name}")
            context.roots.append(Root(following, Operand(slot, 1, place.start, place.length), "advance"))


def remember_sources(context: Context) -> None:
    """Keep every delayed source that is not kept by its own state."""
    for (path, _), slot in context.pasts.items():
        population, variable = split_path(path)
        node = context.names[population][variable]
        if node.place is None or node.place.slot is not slot:
            context.roots.append(Root(node, Operand(slot), "remember"))
