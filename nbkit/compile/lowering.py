"""Owns the order in which a network becomes the graph of one step. Must not know memory or backends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbkit.compile.connections import Connection
from nbkit.compile.context import Context, Timing
from nbkit.compile.populations import (
    lower_advance,
    lower_algebraic,
    lower_inputs,
    lower_noise,
    lower_parameters,
    lower_states,
)
from nbkit.compile.projections import advance_chains, lower_projection, remember_sources
from nbkit.compile.spikes import lower_deliveries, lower_detection, lower_reset, lower_tables
from nbkit.compile.stimuli import lower_stimuli
from nbkit.network.description import SPIKE, split_path
from nbkit.network.network import Network

if TYPE_CHECKING:
    from nbkit.compile.synapses import SynapseTable


def lower(
    network: Network,
    seed: int,
    timing: Timing,
    connections: dict[str, Connection],
    *,
    tables: tuple[SynapseTable, ...] = (),
    method: str | None = None,
) -> Context:
    """Lower a network, in the order of a step's phases."""
    context = Context(network, seed, timing, connections, tables, method)
    graph, stacks = context.graph, context.stacks
    for name in stacks:
        lower_parameters(context, name)
        lower_states(context, name)
    graph.phase = "detect"
    for name in stacks:
        lower_detection(context, name)
    graph.phase = "emit"
    for name in stacks:
        lower_algebraic(context, name, after_inputs=False)
    graph.phase = "gather"
    for projection in network.projections:
        if split_path(projection.source)[1] == SPIKE:
            lower_deliveries(context, projection)
        else:
            context.gathered.setdefault(projection.target, []).append(lower_projection(context, projection))
    lower_tables(context)
    lower_stimuli(context)
    for name in stacks:
        lower_inputs(context, name)
        lower_noise(context, name)
        lower_algebraic(context, name, after_inputs=True)
    graph.phase = "remember"
    remember_sources(context)
    graph.phase = "advance"
    advance_chains(context)
    for name in stacks:
        lower_advance(context, name)
    graph.phase = "reset"
    for name in stacks:
        lower_reset(context, name)
    return context
