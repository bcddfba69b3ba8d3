"""Owns what ready predictions ask of a network before they compute: its parts, its drive. Must not know any theory."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from nbkit.errors import NbkitError, did_you_mean, fail, shown
from nbkit.model.expression import names, parse
from nbkit.model.model import Model
from nbkit.model.numbers import is_finite_number
from nbkit.network.chosen import chosen
from nbkit.network.description import Projection, Stimulus, split_path
from nbkit.network.evaluation import evaluate
from nbkit.network.expressions import Expression
from nbkit.network.network import Network
from nbkit.network.signals import Noise, Poisson, Ramp, Step
from nbkit.network.time import to_unit
from nbkit.study.prediction import Applies, together
from nbkit.study.wiring import no

T = TypeVar("T")


@dataclass(frozen=True)
class Drive:
    """What arrives at an input from outside.

    Attributes:
        mean: the constant part, once it lasts.
        intensity: of white noise, per square root of the network's time.
        begins: since when it lasts, in the network's time.
        verdict: no where something else arrives too.
    """

    mean: float
    intensity: float
    begins: float
    verdict: Applies


def require(network: object, dt: object = None) -> None:
    """Raise for what is no network, no valid one, or no step."""
    if not isinstance(network, Network):
        raise fail("bad-type", "network", f"{shown(network)} is no network", "nb.Network(...)")
    if dt is not None and (not is_finite_number(dt) or dt <= 0):  # type: ignore[operator]
        raise fail("bad-value", "dt", f"{shown(dt)} is no step", "a positive time, or None")
    network.require()


def attempt(work: Callable[[], T]) -> tuple[T | None, Applies]:
    """What a computation gives; where it refuses, nothing, and its reasons."""
    try:
        return work(), Applies()
    except NbkitError as error:
        return None, no(*(f"{problem.where}: {problem.what}" for problem in error.problems))


def of_models(network: Network, population: str, models: Iterable[Model]) -> Applies:
    """For theories of units of these models: the very equations, not only their name."""
    found, known = network.populations.get(population), tuple(models)
    if found is None:
        return no(f"there is no population {shown(population)}; {did_you_mean(str(population), network.populations)}")
    if any(found.model == model for model in known):
        return Applies()
    listed = ", ".join(model.name for model in known)
    other = " with other equations" if any(found.model.name == model.name for model in known) else ""
    return no(f"derived for units of {listed}; {population} has units of {found.model.name}{other}")


def idle(part: Projection | Stimulus) -> bool:
    """Whether a projection or a stimulus brings nothing at all."""
    if isinstance(part, Projection):
        return part.gain == 0 or (isinstance(part.weight, float | int) and part.weight == 0)
    signal = part.signal
    if isinstance(signal, Poisson):
        return signal.rate == 0 or signal.weight == 0
    return isinstance(signal, Step | Ramp) and signal.amplitude == 0


def projections_onto(network: Network, population: str) -> list[Projection]:
    """The projections that bring something to a population."""
    return [p for p in network.projections if split_path(p.target)[0] == population and not idle(p)]


def stimuli_onto(network: Network, population: str) -> list[Stimulus]:
    """The stimuli that bring something to a population."""
    return [s for s in network.stimuli if split_path(s.target)[0] == population and not idle(s)]


def alone(network: Network, population: str) -> Applies:
    """For theories of units that get nothing from others."""
    reaching = [p.name for p in projections_onto(network, population)]
    if not reaching:
        return Applies()
    return no(f"derived for units that nothing else reaches; {', '.join(reaching)} reaches {population}")


def drive_onto(network: Network, population: str, key: str) -> Drive:
    """Read what stimuli bring to a population, if it is a lasting constant through one input, with white noise or not.

    Whatever else they bring makes the verdict no: the numbers then are of no use.
    """
    mean = square = begins = 0.0
    answers = []
    arriving = stimuli_onto(network, population)
    for stimulus in arriving:
        part = _part(network, stimulus)
        answers.append(_understood(network, stimulus, f"{population}.{key}", part))
        if part is not None:
            mean, square, begins = mean + part[0], square + part[1] ** 2, max(begins, part[2])
    targets = {*(s.target for s in network.stimuli), *(p.target for p in network.projections)}
    usual = 0.0 if f"{population}.{key}" in targets else float(network.populations[population].model.inputs[key])
    return Drive(mean + usual, square**0.5, begins, together(answers))


def _understood(network: Network, stimulus: Stimulus, target: str, part: Any) -> Applies:
    shape = network.populations[split_path(target)[0]].shape
    count = network.populations[split_path(target)[0]].count
    if stimulus.target != target:
        return no(f"derived for a drive through {target}; {stimulus.name} drives {stimulus.target}")
    if stimulus.units is not None and len(chosen(stimulus.units, shape)) < count:
        return no(f"derived for equal units; {stimulus.name} reaches only some of them")
    if part is None:
        kind = type(stimulus.signal).__name__
        return no(f"derived for a drive that lasts as it is, or for white noise; {stimulus.name} is of the kind {kind}")
    return Applies()


def _part(network: Network, stimulus: Stimulus) -> tuple[float, float, float] | None:
    """Mean, intensity and beginning of a signal; None where it is neither constant in the end nor white."""
    signal, unit = stimulus.signal, network.time_unit
    if isinstance(signal, Step):
        return float(signal.amplitude), 0.0, max(0.0, to_unit(signal.start, unit, stimulus.name))
    if isinstance(signal, Ramp):
        return float(signal.amplitude), 0.0, max(0.0, to_unit(signal.stop, unit, stimulus.name))
    if isinstance(signal, Noise):
        return float(signal.mean), float(signal.intensity), 0.0
    if isinstance(signal, Expression) and not names(parse(signal.text)):
        value = float(evaluate(parse(signal.text), {}))
        return (value, 0.0, 0.0) if math.isfinite(value) else None
    return None
