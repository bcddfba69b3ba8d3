"""Owns what drives the units of a circuit at given rates: the mean of their potential, and the size of single spikes.

It tells how far a circuit is from what self-consistent rates take it for. Must not know how networks run.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from nbkit.network.check_projections import ends_of
from nbkit.network.description import split_path
from nbkit.network.network import Network
from nbkit.network.signals import Poisson
from nbkit.study.mean_field import MODELS, couplings, moments, neuron_of, reach


@dataclass(frozen=True)
class MeanInput:
    """What the units of a population are driven by, in mV.

    Attributes:
        mean: of the potential that a unit would have without a threshold.
        outside: the same from outside alone, rest included.
        noise: the strength of the noise from outside alone.
        jump: by how much a spike that excites moves the potential at its peak; the mean over what they bring.
        rest: the potential without any input.
        threshold: the threshold.
    """

    mean: float
    outside: float
    noise: float
    jump: float
    rest: float
    threshold: float

    @property
    def share(self) -> float:
        """A jump as a share of the way from rest to the threshold; infinite where there is no such way."""
        way = self.threshold - self.rest
        return self.jump / way if way > 0 else math.inf


def mean_inputs(network: Network, rates: Mapping[str, float]) -> dict[str, MeanInput]:
    """Tell what drives every population of a network that `self_consistent_rates` knows.

    Args:
        network: the network.
        rates: population -> rate in Hz.

    Example:
        >>> import nbkit as nb
        >>> net = nb.networks.brunel(order=2500)
        >>> found = mean_inputs(net, nb.study.self_consistent_rates(net))["E"]
        >>> round(found.outside, 9), round(found.jump, 9), round(found.mean, 1)
        (40.0, 0.1, 24.0)
    """
    names, mean = list(network.populations), couplings(network)[0]
    inside = mean @ np.array([rates[name] for name in names])
    found = {}
    for name, moved in zip(names, inside.tolist(), strict=True):
        rest, v_th = (float(network.value(f"{name}.{key}")) for key in ("E_L", "V_th"))
        held = neuron_of(network, name)
        noise, jump = math.sqrt(held.noise), _jump(network, name, rates)
        found[name] = MeanInput(held.rest + moved, held.rest, noise, jump, rest, v_th)
    return found


def _jump(network: Network, name: str, rates: Mapping[str, float]) -> float:
    """The mean jump of the spikes that excite, each counted by what it brings; 0 where none does."""
    brought = [(rate * jump, jump) for rate, jump in _spikes(network, name, rates) if jump > 0]
    total = sum(weight for weight, _ in brought)
    return sum(weight * jump for weight, jump in brought) / total if total else 0.0


def _spikes(network: Network, name: str, rates: Mapping[str, float]) -> Iterator[tuple[float, float]]:
    """The rate at which each kind of spike reaches a unit, and how far one moves it."""
    for projection in network.projections:
        target, state = split_path(projection.target)
        if target == name:
            ends = ends_of(network, projection)
            in_degree = projection.rule.connections(ends) / ends.post
            scale = projection.gain / (in_degree if projection.weight_is == "total" and in_degree else 1.0)
            jump = scale * moments(projection.weight)[0] * _peak(network, name, state)
            yield rates[split_path(projection.source)[0]] * in_degree, jump
    for stimulus in network.stimuli:
        target, state = split_path(stimulus.target)
        if target == name and isinstance(stimulus.signal, Poisson):
            yield stimulus.signal.rate, stimulus.signal.weight * _peak(network, name, state)


def _peak(network: Network, name: str, state: str) -> float:
    """The peak of the potential after a spike of weight 1, in mV."""
    key = MODELS[network.populations[name].model.name][state]
    if not key:
        return 1.0
    tau_m, tau = (float(network.value(f"{name}.{path}")) for path in ("tau_m", key))
    ratio = tau_m / tau
    shape = math.exp(-1.0) if math.isclose(ratio, 1.0) else ratio ** (-1.0 / (ratio - 1.0))
    return reach(network, name, state) * shape
