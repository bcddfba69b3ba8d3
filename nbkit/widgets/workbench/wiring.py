"""Owns what can be connected to what, and with which sign, when a user draws an arrow. Must not know any toolkit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from nbkit.errors import did_you_mean, fail
from nbkit.model.model import Model
from nbkit.network.balanced import Balanced
from nbkit.network.description import SPIKE, Projection, Stimulus, split_path
from nbkit.network.kernels import Kernel
from nbkit.network.laws import Law
from nbkit.network.network import Network
from nbkit.network.values import SparseMatrix

#: variables that a population gives to others, the usual ones first
_OUTPUTS = ("r", "rate", "s", "f", "m")

_SPIKE_DELAY = 1.5  # ms: spikes need one


@dataclass(frozen=True)
class Port:
    """One way in which an arrow between two populations can be meant."""

    source: str
    target: str

    @property
    def words(self) -> str:
        """``r → r_in``."""
        return f"{split_path(self.source)[1]} → {split_path(self.target)[1]}"


def ports(network: Network, source: str, target: str) -> tuple[Port, ...]:
    """Every way to connect a population to another one, or to itself; the usual way first.

    Args:
        network: the network.
        source: name of the population where the arrow begins.
        target: name of the population where it ends.
    """
    giving, taking = (_model_of(network, name) for name in (source, target))
    if giving.spiking is not None:
        return tuple(Port(f"{source}.{SPIKE}", f"{target}.{event}") for event in taking.events)
    outputs = sorted(giving.variables, key=lambda v: _OUTPUTS.index(v) if v in _OUTPUTS else len(_OUTPUTS))
    pairs = [(output, key) for output in outputs for key in _inputs(taking)]
    pairs.sort(key=lambda pair: pair[1] not in (f"{pair[0]}_in", "lateral"))
    return tuple(Port(f"{source}.{output}", f"{target}.{key}") for output, key in pairs)


def drives(network: Network, target: str) -> tuple[str, ...]:
    """Inputs of a population that a stimulus may drive, the usual one first; events come after inputs."""
    model = _model_of(network, target)
    outside = sorted(model.inputs, key=lambda key: (not key.endswith("ext"), key.endswith("_in") or key == "lateral"))
    return tuple(f"{target}.{key}" for key in (*outside, *model.events))


def _model_of(network: Network, population: str) -> Model:
    if population not in network.populations:
        hint = did_you_mean(str(population), network.populations)
        raise fail("unknown-population", str(population), "no such population", hint)
    return network.populations[population].model


def _inputs(model: Model) -> list[str]:
    return sorted(model.inputs, key=lambda key: (not key.endswith("_in"), key.endswith("ext")))


def sign_of_weight(projection: Projection) -> int:
    """Whether a projection excites (1), inhibits (-1) or does neither or both (0)."""
    weight = projection.weight
    if isinstance(weight, Balanced | Kernel | SparseMatrix):
        held = weight.values if isinstance(weight, SparseMatrix) else np.array([0.0])
    elif isinstance(weight, Law):
        held = weight.quantile(np.array([0.1, 0.9]))
    else:
        held = np.asarray(weight if isinstance(weight, float | int | np.ndarray) else 0.0, dtype=np.float64)
    held = np.asarray(held) * projection.gain
    return int((held >= 0).all() and (held > 0).any()) - int((held <= 0).all() and (held < 0).any())


def sign_of(network: Network, population: str) -> int:
    """Whether a population excites (1) or inhibits (-1): as its other arrows do, else as its model or its name says."""
    signs = {sign_of_weight(p) for p in network.projections if split_path(p.source)[0] == population} - {0}
    if len(signs) == 1:
        return signs.pop()
    model = network.populations[population].model.name
    return -1 if "inhibitory" in model or (not signs and population.upper().startswith("I")) else 1


def free_name(network: Network, wished: str) -> str:
    """A name that nothing has yet: the wished one, or with a number behind it."""
    return free_among(names_of(network), wished)


def free_among(taken: Collection[str], wished: str) -> str:
    """A name that is not taken: the wished one, or with a number behind it."""
    numbered = (f"{wished}{number}" for number in range(2, len(taken) + 3))
    return wished if wished not in taken else next(name for name in numbered if name not in taken)


def names_of(network: Network) -> set[str]:
    """Names of all parts of a network."""
    return {*network.populations, *(p.name for p in network.projections), *(s.name for s in network.stimuli)}


def connection(network: Network, source: str, target: str, port: Port | None = None) -> Projection:
    """The projection that a new arrow stands for: all to all, a weight of one onto a unit, the sign of its source.

    Raises:
        NbkitError: ``bad-choice`` where nothing of the source fits into the target.
    """
    possible = ports(network, source, target)
    if not possible:
        spiking = network.populations[source].model.spiking is not None
        what, hint = ("spikes", "events") if spiking else ("input", "inputs")
        raise fail("bad-choice", f"{source}->{target}", f"{target} takes no {what}", f"a model with {hint}")
    chosen = possible[0] if port is None else port
    spikes = chosen.source.endswith(f".{SPIKE}")
    delay = _SPIKE_DELAY if spikes and network.time_unit == "ms" else 0.0
    weight = float(sign_of(network, source))
    name = free_name(network, f"{source}->{target}")
    return Projection(chosen.source, chosen.target, weight=weight, weight_is="total", delay=delay, name=name)


def parts_of(network: Network, names: set[str]) -> Network:
    """The network without some of its parts, and without the arrows that would begin or end at nothing."""

    def stays(projection: Projection) -> bool:
        ends = {split_path(projection.source)[0], split_path(projection.target)[0]}
        return projection.name not in names and not ends & names

    def drives_something(stimulus: Stimulus) -> bool:
        return stimulus.name not in names and split_path(stimulus.target)[0] not in names

    return Network(
        {name: p for name, p in network.populations.items() if name not in names},
        [p for p in network.projections if stays(p)],
        [s for s in network.stimuli if drives_something(s)],
        network.time_unit,
    )
