"""Owns what the workbench offers to begin with: motifs and models. Must not know any toolkit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nbkit.errors import did_you_mean, fail, shown
from nbkit.model import shipped as models
from nbkit.network import shipped as networks
from nbkit.network.description import Population, Projection, Stimulus
from nbkit.network.kernels import DifferenceOfGaussians
from nbkit.network.network import Network
from nbkit.network.setup import Setup
from nbkit.network.signals import Pulse


@dataclass(frozen=True)
class Motif:
    """A network to begin with, and the setup that shows it well."""

    words: str
    network: Callable[[], Network]
    setup: Setup | None = None
    about: str = ""


#: name -> motif, in the order of the menu
MOTIFS: dict[str, Motif] = {
    "rhythm": Motif("A rhythm", networks.rhythm, Setup(400.0, 0.02), "two populations that chase each other"),
    "moving_bump": Motif("A moving bump", networks.moving_bump, Setup(400.0, 1.0), "a sheet that follows its input"),
    "spikes": Motif("Spikes", lambda: networks.brunel(order=50), Setup(200.0, 0.1), "neurons that fire irregularly"),
    "blank": Motif("Blank", lambda: Network({}), Setup(400.0, 0.1), "an empty canvas, to draw on"),
}


def _ring() -> Network:
    """Units on a ring that keep a bump of activity where a kick has put it."""
    ring = Population(models.neural_field, (60,), edges="periodic")
    kernel = DifferenceOfGaussians(20.0, 0.07, surround_amplitude=8.0, surround_width=0.25)
    kick = Stimulus("ring.exc", Pulse(10.0, 60.0, 1.0), units=slice(26, 34), name="kick")
    return Network({"ring": ring}, [Projection("ring.r", "ring.lateral", weight=kernel)], [kick])


#: what can be added to any network in one edit, with weights and a kick that make it live
PARTS: dict[str, Motif] = {
    "pair": Motif("E-I pair", networks.rhythm, Setup(400.0, 0.02)),
    "ring": Motif("Ring", _ring, Setup(400.0, 1.0)),
    "field": Motif("Field", lambda: networks.moving_bump(20), Setup(400.0, 1.0)),
    "balanced": Motif("Balanced network", lambda: networks.balanced(100), Setup(400.0, 0.1)),
}

#: model -> its words, the wished name of a population of it, and its size
MODELS: dict[str, tuple[str, str, int]] = {
    "wilson_cowan": ("Excitatory rate units", "E", 80),
    "wilson_cowan_inhibitory": ("Inhibitory rate units", "I", 20),
    "leaky_integrator_tanh": ("Leaky units, tanh", "L", 50),
    "lif": ("Integrate-and-fire", "N", 50),
    "izhikevich": ("Izhikevich neurons", "Z", 50),
}


def population_of(model: str) -> tuple[str, Population]:
    """A new population of a model of the menu, and the name that it would like to have.

    Raises:
        NbkitError: ``bad-choice`` for a model that is not in the menu.
    """
    if model not in MODELS:
        raise fail("bad-choice", "model", f"{shown(model)} is not in the menu", did_you_mean(str(model), MODELS))
    _, name, size = MODELS[model]
    return name, Population(getattr(models, model), size)
