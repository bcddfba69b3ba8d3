"""Owns the rheobase of linear neurons: whether a constant drive reaches the threshold, and which one would.

Must not know findings.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from nbkit.model.expression import Apply
from nbkit.network.description import SPIKE, Stimulus, split_path
from nbkit.network.evaluation import evaluate
from nbkit.network.network import Network
from nbkit.network.signals import Formula, Pulse, Ramp, Recorded, Sine, Step
from nbkit.study.checkups.strength import has_effect, has_strength
from nbkit.study.checkups.units import Units, units_of

Array = npt.NDArray[np.float64]

#: over the rheobase: a fifth more fires at a rate that can be seen in a short run
ABOVE_RHEOBASE = 1.2
#: the parameters by which models take a constant current
CURRENTS = ("I_e", "I_ext", "I")


@dataclass(frozen=True, eq=False)
class Drive:
    """The constant drive of a population: where it stands, what it is, the least that makes it spike, and a new one."""

    path: str
    has: float
    least: float
    wanted: float
    unit: str = ""

    def __str__(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        return f"{self.path} is {self.has:.4g}{unit}, above {self.least:.4g}{unit} it would spike"


def silent(network: Network) -> dict[str, bool]:
    """Populations of linear neurons whose constant drive never reaches the threshold -> whether others may help.

    Helped ones are told only if they have a drive of their own; that nothing but spikes moves a neuron is usual.
    """
    margins = {name: _margin(network, name) for name in network.populations}
    quiet = [name for name, margin in margins.items() if margin is not None and margin <= 0]
    heard = {name: _hears(network, name, quiet) for name in quiet}
    return {name: helped for name, helped in heard.items() if not helped or _has_own_drive(network, name)}


def _hears(network: Network, name: str, quiet: list[str]) -> bool:
    """Whether spikes of anyone who may spike reach a population."""
    return any(
        split_path(p.target)[0] == name and split_path(p.source)[0] not in quiet and has_strength(p)
        for p in network.projections
    )


def _has_own_drive(network: Network, name: str) -> bool:
    if any(split_path(s.target)[0] == name and has_effect(s.signal) for s in network.stimuli):
        return True
    key = _current_of(network, name)
    return key is not None and bool(np.any(units_of(network, name).known[key]))


def _margin(network: Network, name: str) -> float | None:
    """How far above its threshold the most excitable unit comes to rest; None where that cannot be told."""
    model = network.populations[name].model
    if model.spiking is None or model.noisy:
        return None
    for p in network.projections:
        if split_path(p.target)[0] == name and split_path(p.source)[1] != SPIKE and has_strength(p):
            return None
    units = units_of(network, name)
    for stimulus in network.stimuli:
        if split_path(stimulus.target)[0] == name and has_effect(stimulus.signal):
            peak = _peak(stimulus)
            if peak is None:
                return None
            key = split_path(stimulus.target)[1]
            units = _with(units, key, units.known[key] + peak)
    return _height(units)


def _peak(stimulus: Stimulus) -> float | None:
    """The most that a stimulus ever brings; None where that is not bounded or not known."""
    signal = stimulus.signal
    if isinstance(signal, Sine):
        return float(signal.offset + abs(signal.amplitude))
    if isinstance(signal, Step | Pulse | Ramp):
        return max(0.0, float(signal.amplitude))
    return float(signal.array.max()) if isinstance(signal, Recorded) else None


def _with(units: Units, key: str, value: float | Array) -> Units:
    """Units with another value of an input or a parameter."""
    return replace(units, known={**units.known, key: np.broadcast_to(value, units.known[key].shape)})


def _height(units: Units) -> float | None:
    """How far above the threshold the most excitable representative rests; None unless its equations are linear."""
    known = units.known
    zero = {key: np.zeros_like(known[key]) for key in units.states}
    far = {key: np.full_like(known[key], 1.0 + place) for place, key in enumerate(units.states)}
    slopes, elsewhere = units.slopes(zero), units.slopes(far)
    spiking = units.population.model.spiking
    if spiking is None or not isinstance(spiking.threshold, Apply):
        return None
    if not np.allclose(slopes, elsewhere, rtol=1e-5, atol=1e-9):
        return None
    try:
        levels = -np.linalg.solve(slopes, units.speed(zero).T[:, :, None])[:, :, 0].T
    except np.linalg.LinAlgError:
        return None
    held = {**known, **dict(zip(units.states, levels, strict=True))}
    left, right = (np.asarray(evaluate(side, held)) for side in spiking.threshold.arguments)
    highest = float(np.max(left - right if spiking.threshold.operation.startswith("greater") else right - left))
    return highest if math.isfinite(highest) else None


def _least(at: Callable[[float], Units]) -> float | None:
    """The constant drive that just reaches the threshold; ``at`` makes units for a drive."""
    low, high = _height(at(0.0)), _height(at(1.0))
    if low is None or high is None or high <= low:
        return None
    least = -low / (high - low)
    return least if least > 0 else None


def _above(least: float) -> float:
    return float(f"{least * ABOVE_RHEOBASE:.4g}")


def needed(network: Network, name: str, key: str) -> float | None:
    """A constant input with which a population of linear neurons spikes; None for any other model."""
    units = units_of(network, name)
    least = _least(lambda a: _with(units, key, a))
    return None if least is None else _above(least)


def free_input(network: Network, name: str) -> str | None:
    """The input of a population that is for stimuli: one that is called so, or that no projection reaches."""
    inputs = sorted(network.populations[name].model.inputs, key=lambda key: "ext" not in key and "stim" not in key)
    taken = {split_path(p.target)[1] for p in network.projections if split_path(p.target)[0] == name}
    return next((key for key in inputs if key not in taken), inputs[0] if inputs else None)


def _current_of(network: Network, name: str) -> str | None:
    """The parameter that is a constant current from outside, where a model has one."""
    known = network.populations[name].model.parameters
    return next((key for key in CURRENTS if key in known), None)


def drive_of(network: Network, name: str) -> Drive | None:
    """The constant drive of a population, if one number is all of it."""
    mine = [s for s in network.stimuli if split_path(s.target)[0] == name and isinstance(s.signal, Formula)]
    units, key = units_of(network, name), _current_of(network, name)
    if len(mine) == 1 and isinstance(mine[0].signal, Step | Pulse | Ramp):
        target = split_path(mine[0].target)[1]
        unit = network.populations[name].model.parameters[key].unit if key else ""
        return _drive(
            f"{mine[0].name}.amplitude", mine[0].signal.amplitude, _least(lambda a: _with(units, target, a)), unit
        )
    if not mine and key is not None:
        unit = network.populations[name].model.parameters[key].unit
        return _drive(f"{name}.{key}", float(units.known[key][0]), _least(lambda a: _with(units, key, a)), unit)
    return None


def _drive(path: str, has: float, least: float | None, unit: str) -> Drive | None:
    return None if least is None else Drive(path, has, least, _above(least), unit)
