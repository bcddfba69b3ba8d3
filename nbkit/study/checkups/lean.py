"""Owns the network without its heavy connections: it compiles at once, and tells what a step is made of.

Must not know findings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from nbkit.compile.bundles import is_drawn
from nbkit.compile.compiler import compile_network
from nbkit.compile.connections import MANY, bytes_of_draws
from nbkit.compile.program import Program
from nbkit.errors import NbkitError, Problem
from nbkit.network.description import SPIKE, Projection, split_path
from nbkit.network.network import Network
from nbkit.network.rules import AllToAll
from nbkit.run.memory import SHARE, available
from nbkit.study.checkups.realised import realised_delay

#: bytes: the lightest connections that together need no more than this are made, in milliseconds; others are counted
HEAVY = 4e6
#: bytes: a network whose units take more is not compiled for a mere look
MOST_UNITS = 1e9


@dataclass(frozen=True, eq=False)
class Lean:
    """A network without its heavy projections.

    Attributes:
        program: compiled, without the parts that have problems; None where a population has some, or where there are
            too many units for a look.
        problems: what compiling found.
        heavy: the projections that were left out, or replaced by a light one.
        bytes_to_make: projection -> about how much memory the making of its connections takes.
    """

    program: Program | None
    problems: tuple[Problem, ...]
    heavy: tuple[Projection, ...]
    bytes_to_make: dict[str, float]


def lean(network: Network, dt: float, seed: int, delays: str, method: str | None) -> Lean:
    """Compile a sound network without its heavy connections.

    Spikes through heavy connections are left out: the rows of a step do not depend on them. Heavy connections of
    rates become one weight for all, with their longest delay.
    """
    bare = replace(network, projections=())
    units = bytes_of_draws(bare)
    to_make = {p.name: bytes_of_draws(replace(network, projections=[p])) - units for p in network.projections}
    heavy = _heaviest(network, to_make)
    if units > MOST_UNITS:
        return Lean(None, tuple(_crowd(units)), heavy, to_make)
    kept = [_light(network, p, dt) if p in heavy else p for p in network.projections]
    small = replace(network, projections=[p for p in kept if p is not None])
    program, problems = _compiled(small, dt, seed, delays, method)
    if problems:
        program, more = _compiled(_without(small, problems), dt, seed, "nearest", method)
        problems += [problem for problem in more if problem not in problems]
    return Lean(program, tuple(problems), heavy, to_make)


def _crowd(units: float) -> Iterator[Problem]:
    """The problem that the units alone do not fit into memory."""
    left = available()
    if left is not None and units > SHARE * left:
        what = f"its units alone take {units / 1e9:.3g} GB, {SHARE * left / 1e9:.3g} GB may be taken"
        yield Problem("too-much-memory", "network", what, "make the populations smaller")


def _compiled(
    network: Network, dt: float, seed: int, delays: str, method: str | None
) -> tuple[Program | None, list[Problem]]:
    try:
        return compile_network(network, dt, seed, delays, method), []
    except NbkitError as error:
        return None, list(error.problems)


def _without(network: Network, problems: list[Problem]) -> Network:
    """The network without what keeps it from being compiled, so that the rest of it can be looked at too."""
    wrong = {problem.where for problem in problems if problem.code != "delay-off-grid"}

    def fine(name: str) -> bool:
        return not any(where == name or where.startswith(f"{name}.") for where in wrong)

    return replace(
        network,
        projections=[p for p in network.projections if fine(p.name)],
        stimuli=[s for s in network.stimuli if fine(s.name)],
    )


def _heaviest(network: Network, to_make: dict[str, float]) -> tuple[Projection, ...]:
    """All projections but the lightest ones, which are light together; synapses that are drawn into a table always."""
    order = sorted((p for p in network.projections if not is_drawn(p)), key=lambda p: to_make[p.name])
    below = np.cumsum([to_make[p.name] for p in order]) <= HEAVY
    light = {p.name for p, fits in zip(order, below, strict=True) if fits}
    return tuple(p for p in network.projections if p.name not in light)


def _light(network: Network, projection: Projection, dt: float) -> Projection | None:
    """A light projection in the place of a heavy one; None for spikes."""
    if split_path(projection.source)[1] == SPIKE:
        return None
    delay = projection.delay
    if isinstance(delay, MANY):
        delay = float(np.ceil(realised_delay(network, projection, dt).longest / dt) * dt)
    return replace(
        projection, rule=AllToAll(), weight=1.0, weight_is="synapse", delay=delay, source_units=None, target_units=None
    )
