"""Owns what the workbench offers to begin with: motifs and models. Must not know any toolkit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nbkit.errors import did_you_mean, fail, shown
from nbkit.model import shipped as models
from nbkit.network import shipped as networks
from nbkit.network.description import Population
from nbkit.network.network import Network
from nbkit.network.setup import Setup


@dataclass(frozen=True)
class Motif:
    """A network to begin with, and the setup that shows it well."""

    words: str
    network: Callable[[], Network]
    setup: Setup | None = None


#: name -> motif, in the order of the menu
MOTIFS: dict[str, Motif] = {
    "rhythm": Motif("A rhythm", networks.rhythm, Setup(400.0, 0.02)),
    "moving_bump": Motif("A moving bump", networks.moving_bump, Setup(400.0, 1.0)),
    "spikes": Motif("Spikes", lambda: networks.brunel(order=50), Setup(200.0, 0.1)),
    "blank": Motif("Blank", lambda: Network({}), Setup(400.0, 0.1)),
}

#: model -> its words, the wished name of a population of it, its size and where it starts
MODELS: dict[str, tuple[str, str, int, dict[str, float]]] = {
    "wilson_cowan": ("Excitatory rate units", "E", 80, {"r": 0.1}),
    "wilson_cowan_inhibitory": ("Inhibitory rate units", "I", 20, {"r": 0.1}),
    "leaky_integrator_tanh": ("Leaky units, tanh", "L", 50, {"x": 0.1}),
    "lif": ("Integrate-and-fire", "N", 50, {}),
    "izhikevich": ("Izhikevich neurons", "Z", 50, {}),
}


def population_of(model: str) -> tuple[str, Population]:
    """A new population of a model of the menu, and the name that it would like to have.

    Raises:
        NbkitError: ``bad-choice`` for a model that is not in the menu.
    """
    if model not in MODELS:
        raise fail("bad-choice", "model", f"{shown(model)} is not in the menu", did_you_mean(str(model), MODELS))
    _, name, size, initial = MODELS[model]
    return name, Population(getattr(models, model), size, {}, initial)
