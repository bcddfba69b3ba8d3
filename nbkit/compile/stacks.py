"""Owns stacks: populations of one model that are stepped together as one long row. Must not know graphs.

A step costs a few calls for each stack, whatever its length. So populations that share a model and talk to
others by spikes alone are laid end to end. A population of its own is a stack of one.
"""

from __future__ import annotations

from dataclasses import dataclass

from nbkit.model.model import Model
from nbkit.network.description import SPIKE, split_path
from nbkit.network.network import Network
from nbkit.network.signals import Formula, Poisson


@dataclass(frozen=True)
class Member:
    """A population's place in its stack: the stack's name, the first unit, the number of units."""

    population: str
    stack: str
    start: int
    size: int


@dataclass(frozen=True)
class Stack:
    """Populations that are stepped together; ``name`` is the population's own where there is one alone."""

    name: str
    model: Model
    members: tuple[Member, ...]

    @property
    def size(self) -> int:
        """Units in all."""
        return sum(member.size for member in self.members)


def stacks_of(network: Network) -> tuple[Stack, ...]:
    """The stacks of a network, in the order of their first populations."""
    groups: list[list[str]] = []
    for name in network.populations:
        for group in groups:
            if _alike(network, group[0], name):
                group.append(name)
                break
        else:
            groups.append([name])
    return tuple(_stack(network, group) for group in groups)


def _alike(network: Network, first: str, second: str) -> bool:
    """Whether two populations can be stepped together."""
    one, other = network.populations[first], network.populations[second]
    same = one.model is other.model or one.model == other.model
    return same and one.time_scale == other.time_scale and _joins(network, first) and _joins(network, second)


def _stack(network: Network, names: list[str]) -> Stack:
    title = names[0] if len(names) == 1 else f"{names[0]}..{names[-1]}"
    members, start = [], 0
    for name in names:
        count = network.populations[name].count
        members.append(Member(name, title, start, count))
        start += count
    return Stack(title, network.populations[names[0]].model, tuple(members))


def _joins(network: Network, name: str) -> bool:
    """Whether a population can stand in one row with others: it spikes, and nothing else reaches or leaves it."""
    model = network.populations[name].model
    if model.spiking is None or model.noisy:
        return False
    for projection in network.projections:
        ends = (split_path(projection.source)[0], split_path(projection.target)[0])
        if name in ends and split_path(projection.source)[1] != SPIKE:
            return False
    return all(
        isinstance(stimulus.signal, Formula | Poisson)
        for stimulus in network.stimuli
        if split_path(stimulus.target)[0] == name
    )
