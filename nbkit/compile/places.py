"""Owns the lowering of stimuli that know where units stand. Must not know how populations step."""

from __future__ import annotations

from dataclasses import fields

from nbkit.compile.context import Context
from nbkit.compile.graph import Node
from nbkit.model.expression import names, parse
from nbkit.network.bubbles import MovingBubble
from nbkit.network.description import Stimulus, split_path
from nbkit.network.expressions import PLACES
from nbkit.network.time import to_unit


def places(context: Context, target: str, used: frozenset[str]) -> dict[str, Node]:
    """The coordinates of a target's units, as far as a formula uses them: name -> one number for each unit."""
    name = split_path(target)[0]
    grid, wanted = context.network.populations[name].grid, [place for place in PLACES if place in used]
    if grid is None or not wanted:
        return {}
    stand = grid.coordinates()
    for place in wanted:
        if (name, place) not in context.places:
            context.places[name, place] = context.cell(f"{place} of {name}", stand[place])
    return {place: context.places[name, place] for place in wanted}


def lower_bubble(context: Context, stimulus: Stimulus, signal: MovingBubble, size: int) -> Node:  # noqa: ARG001
    """Moving bumps: a formula of place and time, computed for all units and all steps of a block at once."""
    network, name = context.network, split_path(stimulus.target)[0]
    tree = parse(signal.on(network.populations[name].grid))
    known = {"t": context.time()} | places(context, stimulus.target, names(tree))
    for field in fields(signal):
        if field.name not in signal.fixed:
            path, value = f"{stimulus.name}.{field.name}", getattr(signal, field.name)
            known[field.name] = context.settable(
                path, to_unit(value, network.time_unit, path) if field.name in signal.times else value
            )
    return context.graph.formula(tree, known)
