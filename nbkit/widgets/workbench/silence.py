"""Owns what is offered where nothing drives a population: a step, or another start. Must not know any toolkit."""

from __future__ import annotations

from dataclasses import dataclass, replace

from nbkit.network.description import Stimulus, split_path
from nbkit.network.network import Network
from nbkit.network.signals import Step
from nbkit.study.checkups.finding import HealthFinding
from nbkit.study.checkups.rest import WAKING_START
from nbkit.study.health import Health
from nbkit.widgets.workbench.wiring import drives, free_name

#: makes most of the shipped models of spiking neurons fire, where their threshold is not known
_STRONG = 10.0


@dataclass(frozen=True)
class Remedy:
    """A button: its words, what it does in full, and the network that it makes."""

    words: str
    full: str
    network: Network


@dataclass(frozen=True)
class Silence:
    """A population that nothing drives, and what can be done about it."""

    population: str
    remedies: tuple[Remedy, ...]


def silence_of(network: Network, health: Health | None) -> Silence | None:
    """The first population that nothing drives; None if something drives each of them.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"E": nb.Population(nb.models.wilson_cowan, 80)})
        >>> silence = silence_of(net, nb.health(net, 0.1, 400.0))
        >>> silence.population, [remedy.words for remedy in silence.remedies]
        ('E', ['Add a step', 'Start at 0.1'])
    """
    found = next((f for f in health.findings if f.code == "nothing-drives"), None) if health is not None else None
    if found is not None:
        return Silence(found.where, tuple(_of_finding(found)))
    reached = {split_path(part.target)[0] for part in (*network.projections, *network.stimuli)}
    for name, population in network.populations.items():
        alone = name not in reached and population.model.spiking is not None and not population.model.noisy
        inputs = [path for path in drives(network, name) if split_path(path)[1] in population.model.inputs]
        if alone and inputs:
            step = Stimulus(inputs[0], Step(_STRONG), name=free_name(network, inputs[0]))
            full = f"add a step of {_STRONG:g} onto {inputs[0]}"
            made = replace(network, stimuli=[*network.stimuli, step])
            return Silence(name, (Remedy("Add a step", full, made),))
    return None


def _of_finding(found: HealthFinding) -> list[Remedy]:
    """The remedies of a finding, each in a few words."""
    short = {"add": "Add a step", "start": f"Start at {WAKING_START:g}"}
    return [
        Remedy(short.get(r.words.split(" ", 1)[0], r.words), r.words, r.network)
        for r in found.remedies
        if r.network is not None
    ]
