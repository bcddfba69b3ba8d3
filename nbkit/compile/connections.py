"""Owns the connections of a projection: weights and delays, drawn, realised on the grid and planned.

A whole matrix of one delay is planned here; connections that must be told apart are made in `nbkit.compile.single`.
Must not know graphs or backends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nbkit.compile.coupling import Coupling, plan_matrix
from nbkit.compile.delays import DelayPlan, plan_delay
from nbkit.compile.stacks import Member
from nbkit.errors import NbkitError, Problem
from nbkit.network.check_projections import ends_of
from nbkit.network.conduction import ConductionDelay
from nbkit.network.description import SPIKE, Projection, split_path
from nbkit.network.kernels import is_kernel
from nbkit.network.laws import Law
from nbkit.network.network import Network
from nbkit.network.rules import AllToAll, Ends, OneToOne
from nbkit.network.values import Array, SparseMatrix

if TYPE_CHECKING:
    from nbkit.compile.synapses import Bundle

#: delays that differ from connection to connection
MANY = (np.ndarray, Law, ConductionDelay)


@dataclass(frozen=True)
class Part:
    """Connections that share a delay of ``steps``, or delays from ``steps`` to ``steps + reach``."""

    steps: int
    coupling: Coupling
    reach: int = 0


@dataclass(frozen=True)
class Connection:
    """A projection, made: its parts, its gamma chain if it has one, and its delays as they are realised.

    ``delay`` is one number, or one for each connection in the order of the rule; or, where the connections are
    the same around every unit, one for each offset of a target from its source, shape (offsets in y, in x). It is NaN
    where delays are many and stand in a table. ``bundle`` holds synapses of spikes that do not go through parts.
    """

    parts: tuple[Part, ...]
    chain: DelayPlan
    delay: float | Array
    bundle: Bundle | None = None

    @property
    def steps(self) -> list[int]:
        """The different delays that stand alone, in steps, that are not zero."""
        return [part.steps for part in self.parts if part.steps and not part.reach]

    @property
    def longest(self) -> int:
        """The longest delay, in steps."""
        return max((part.steps + part.reach for part in self.parts), default=0)


def sizes_of(network: Network, projection: Projection) -> Ends:
    """The two sides of a projection with all their units, chosen or not."""
    pre, post = split_path(projection.source)[0], split_path(projection.target)[0]
    return Ends(network.populations[post].count, network.populations[pre].count, pre == post)


def connect(
    network: Network, projection: Projection, dt: float, seed: int, policy: str, *, members: Mapping[str, Member]
) -> tuple[Connection, list[Problem]]:
    """Make the connections of a projection for this dt, with the problems that the step brings.

    ``members`` tells where populations stand in their stacks.
    """
    if is_whole(projection, ends_of(network, projection)):
        plan, problems = plan_delay(projection, network.time_unit, dt, policy)
        coupling = plan_matrix(projection, ends_of(network, projection), seed)
        return Connection((Part(plan.steps, coupling),), plan, plan.delay), problems
    from nbkit.compile import single  # noqa: PLC0415  much that plain matrices do not need

    try:
        if split_path(projection.source)[1] == SPIKE:
            return single.connect_spikes(network, projection, dt, seed, policy, members=members)
        return single.connect_rates(network, projection, dt, seed, policy)
    except NbkitError as error:
        return Connection((), DelayPlan(0, 0.0), 0.0), list(error.problems)


def is_whole(projection: Projection, ends: Ends) -> bool:
    """Whether the connections are a whole matrix, or one for each unit, of one delay: none need be told apart."""
    rule = projection.rule
    every = isinstance(rule, OneToOne) or (isinstance(rule, AllToAll) and (rule.autapses or not ends.same))
    chosen = projection.source_units is not None or projection.target_units is not None
    apart = isinstance(projection.delay, MANY) or isinstance(projection.weight, SparseMatrix)
    return every and not chosen and not apart and not is_kernel(projection.weight)


def bytes_of_draws(network: Network) -> float:
    """About how much memory the drawing of all parameters, start values and connections needs."""
    units = sum(p.count * 16 * (len(p.model.parameters) + len(p.model.variables)) for p in network.populations.values())
    return float(sum(_bytes_of(network, p) for p in network.projections) + units)


def _bytes_of(network: Network, projection: Projection) -> float:
    ends = ends_of(network, projection)
    if is_whole(projection, ends):
        return 0.0 if isinstance(projection.weight, float) else projection.rule.connections(ends) * 8
    from nbkit.compile import single  # noqa: PLC0415  much that plain matrices do not need

    return single.bytes_of(network, projection)
