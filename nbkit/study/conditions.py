"""Owns what a theory may ask of a network, and the answer in words. Must not know any theory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from nbkit.model.expression import names, parse
from nbkit.network.conduction import ConductionDelay
from nbkit.network.description import Projection, split_path
from nbkit.network.expressions import Expression
from nbkit.network.laws import Law
from nbkit.network.network import Network
from nbkit.network.signals import Noise, OrnsteinUhlenbeck, Poisson, Sine, UniformNoise
from nbkit.network.time import to_unit
from nbkit.study.prediction import Applies

_RANDOM = (Noise, UniformNoise, OrnsteinUhlenbeck, Poisson)


def longest_delay(network: Network, projection: Projection) -> float | None:
    """The delay of a projection in the network's time; None where it is drawn or computed."""
    if isinstance(projection.delay, Law | ConductionDelay):
        return None
    if isinstance(projection.delay, np.ndarray):
        return float(projection.delay.max(initial=0.0))
    return to_unit(projection.delay, network.time_unit, f"{projection.name}.delay")


def without_delay(network: Network) -> Applies:
    """For theories that were derived without delay."""
    longest = [longest_delay(network, p) for p in network.projections]
    if not any(delay is None or delay > 0 for delay in longest):
        return Applies()
    known = [delay for delay in longest if delay is not None]
    unit = "" if network.time_unit == "1" else f" {network.time_unit}"
    told = "delays that are drawn" if None in longest else f"delays of {max(known):g}{unit}"
    return Applies("no", (f"derived without delay; your network has {told}",))


def without_noise(network: Network) -> Applies:
    """For theories of deterministic networks."""
    noisy = [name for name, p in network.populations.items() if p.model.noisy]
    noisy += [s.name for s in network.stimuli if isinstance(s.signal, _RANDOM)]
    if not noisy:
        return Applies()
    return Applies("approximately", (f"derived without noise; there is some in {', '.join(noisy)}",))


def constant_drive(network: Network, populations: Iterable[str] | None = None) -> Applies:
    """For theories in which nothing from outside changes in time, once everything has begun."""
    chosen = set(network.populations if populations is None else populations)
    moving = [
        s.name
        for s in network.stimuli
        if split_path(s.target)[0] in chosen and type(s.signal).__name__ not in ("Step", "Ramp", "Pulse")
        and not isinstance(s.signal, _RANDOM) and not _still(s.signal)
    ]  # fmt: skip
    if not moving:
        return Applies()
    return Applies("no", (f"derived for a constant drive; {', '.join(moving)} changes in time",))


def _still(signal: Any) -> bool:
    """Whether a signal has the same value at all times."""
    if isinstance(signal, Sine):
        return signal.amplitude == 0 or signal.frequency == 0
    return isinstance(signal, Expression) and "t" not in names(parse(signal.text))


def one_value(network: Network, population: str, *keys: str) -> Applies:
    """For theories in which these parameters are the same number for all units of a population."""
    differing = [
        f"{population}.{key}" for key in keys if not isinstance(network.value(f"{population}.{key}"), float | int)
    ]
    if not differing:
        return Applies()
    return Applies("no", (f"derived for equal units; {', '.join(differing)} differs between them",))
