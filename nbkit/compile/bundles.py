"""Owns the way from projections of spikes to bundles of synapses. Must not know tables, graphs or backends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nbkit.compile.coupling import SMALL
from nbkit.compile.delays import OFF_GRID, DelayPlan
from nbkit.compile.stacks import Member
from nbkit.compile.synapses import Bundle, delay_shares, drawn, listed
from nbkit.errors import Problem
from nbkit.network.description import Projection, split_path
from nbkit.network.laws import Law
from nbkit.network.rules import Ends, FixedTotalNumber, Pairs, Units
from nbkit.network.values import Array

LARGE = 10_000  # synapses: from here on they are drawn cell by cell
LONG = 2**16  # steps: no table has cells for so long a delay
SPARSE_CELLS = 2**23  # a table of so few cells may be mostly empty


def is_drawn(projection: Projection) -> bool:
    """Whether all connections are drawn independently, so that they need no list and no order."""
    rule = projection.rule
    free = isinstance(rule, FixedTotalNumber) and rule.multapses and rule.autapses and rule.number >= LARGE
    whole = projection.source_units is None and projection.target_units is None
    plain = isinstance(projection.weight, float | Law) and projection.weight_is == "synapse"
    sharp = isinstance(projection.delay, float | int | str | Law)
    return free and whole and plain and sharp and split_path(projection.source)[1] == "spike"


def drawn_bundle(
    projection: Projection, plan: DelayPlan, dt: float, seed: int, members: Mapping[str, Member]
) -> Bundle | None:
    """The synapses of a projection, to be drawn cell by cell; None where its delays have no end."""
    assert isinstance(projection.rule, FixedTotalNumber)
    if plan.steps > LONG:
        return None
    shares: Any = np.eye(1, plan.steps, plan.steps - 1)[0]
    if isinstance(projection.delay, Law):
        shares = delay_shares(projection.delay, dt)
    source = members[split_path(projection.source)[0]]
    if shares is None or source.size * len(shares) > max(SPARSE_CELLS, 4 * projection.rule.number):
        return None
    return drawn(_empty(projection, members), projection.rule.number, shares, seed, projection.weight)


def bundle_of_pairs(
    projection: Projection, sizes: Ends, pairs: Pairs, weights: Array, steps: Units, *, members: Mapping[str, Member]
) -> Bundle | None:
    """The synapses of a projection that are known one by one; None where parts of one delay each do better."""
    longest = int(np.max(steps, initial=1))
    dense = longest == np.min(steps, initial=longest) and sizes.post * sizes.pre <= SMALL
    if dense or sizes.pre * longest > max(SPARSE_CELLS, 4 * len(steps)):
        return None
    return listed(_empty(projection, members), pairs, steps, weights, given=not isinstance(projection.weight, Law))


def delays_below_step(projection: Projection, dt: float) -> list[Problem]:
    """Whether a law can draw a delay that rounds to no step: spikes need one at least."""
    if not isinstance(projection.delay, Law):
        return []
    lowest = float(projection.delay.quantile(np.array([0.0]))[0])
    if lowest >= dt / 2 * (1 - OFF_GRID):
        return []
    what = f"{projection.delay} can draw a delay that rounds to no step; spikes need one at least"
    return [Problem("delay-below-step", f"{projection.name}.delay", what, f"nb.Truncated(law, low={dt / 2:g})")]


def _empty(projection: Projection, members: Mapping[str, Member]) -> Bundle:
    """A bundle without synapses: where those of a projection begin and end."""
    target, variable = split_path(projection.target)
    source = members[split_path(projection.source)[0]]
    return Bundle(projection.name, source, members[target], variable, projection.gain)
