"""Owns `Setup`: how a network is to be run, as a value beside it. Must not know what runs."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from nbkit.errors import NbkitError, Problem, shown
from nbkit.model.model import Model
from nbkit.model.numbers import is_whole, make_plain
from nbkit.network.network import Network
from nbkit.network.time import Time, parameter_factor, time_problems, to_unit

#: numbers that a step may have: these times a power of ten
_ROUND = (1.0, 2.0, 5.0, 10.0)

_STEPS_IN_A_TIME_CONSTANT = 50
_TIME_CONSTANTS_IN_A_RUN = 40
_FEWEST_STEPS, _MOST_STEPS = 500, 20_000


@dataclass(frozen=True)
class Setup:
    """How a network is run: the keywords of `nbkit.simulate`, kept as a value.

    Args:
        duration: a whole number of steps, in the network's time unit or as text such as ``"200 ms"``.
        dt: step.
        seed: root of every draw.
        record: paths such as ``("E.r",)``; None for what `nbkit.simulate` records by itself.
        method: ``"euler"``, ``"exact"``, or None for what each model asks for.
        precision: ``"float64"`` or ``"float32"``.
        delays: ``"error"`` for delays that must lie on the grid of steps, ``"nearest"`` to round them.

    Raises:
        NbkitError: with everything that can be seen to be wrong without the network.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"E": nb.Population(nb.models.wilson_cowan, 10)})
        >>> setup = nb.Setup(duration=20.0, dt=0.1, record=["E.r"])
        >>> nb.simulate(net, **setup.keywords())["E.r"].shape
        (201, 10)
    """

    duration: Time
    dt: Time
    seed: int = 0
    record: tuple[str, ...] | None = None
    method: str | None = None
    precision: str = "float64"
    delays: str = "error"

    def __post_init__(self) -> None:
        make_plain(self)
        if isinstance(self.record, str):
            object.__setattr__(self, "record", (self.record,))
        elif isinstance(self.record, Iterable):
            object.__setattr__(self, "record", tuple(self.record))
        wrong = [p for key in ("duration", "dt") for p in time_problems(getattr(self, key), "ms", f"Setup.{key}")]
        if not is_whole(self.seed, most=2**63 - 1):
            wrong.append(Problem("bad-seed", "Setup.seed", f"{shown(self.seed)} is no seed", "0, 1, 2 ..."))
        if self.record is not None and not all(isinstance(path, str) for path in self.record):
            wrong.append(Problem("unknown-record", "Setup.record", "a path is text", 'record=["E.r"]'))
        for key, choices in (("precision", ("float64", "float32")), ("delays", ("error", "nearest"))):
            if getattr(self, key) not in choices:
                what = f"no {key} {shown(getattr(self, key))}"
                wrong.append(Problem("bad-choice", f"Setup.{key}", what, f"one of {', '.join(choices)}"))
        if self.method not in (None, "euler", "exact"):
            what = f"no method {shown(self.method)}"
            wrong.append(Problem("unknown-method", "Setup.method", what, "euler, exact, or None"))
        if wrong:
            raise NbkitError(wrong)

    def keywords(self) -> dict[str, Any]:
        """The setup as keywords of `nbkit.simulate`; those that have their default are left out."""
        kept = {f.name: getattr(self, f.name) for f in fields(self)}
        given = {f.name for f in fields(self) if kept[f.name] != f.default}
        return {key: list(held) if isinstance(held, tuple) else held for key, held in kept.items() if key in given}


def proposed(network: Network) -> Setup:
    """A setup with which a network shows what it does: a step well below its fastest time constant, a run of many.

    The step is a round number that divides every delay which is given as a number, if a short enough one does.

    Example:
        >>> import nbkit as nb
        >>> nb.Setup.__name__, proposed(nb.Network({"E": nb.Population(nb.models.wilson_cowan, 10)})).dt
        ('Setup', 0.2)
    """
    times = [time for name in network.populations for time in _time_constants(network, name)] or [10.0]
    delays = [time for projection in network.projections for time in _delay(network, projection.delay)]
    dt = _round_down(min(times) / _STEPS_IN_A_TIME_CONSTANT)
    dt = next((step for step in _shorter(dt) if all(_divides(step, delay) for delay in delays)), dt)
    wished = _TIME_CONSTANTS_IN_A_RUN * max(*times, *delays, 0.0)
    steps = min(max(round(_round_up(wished) / dt), _FEWEST_STEPS), _MOST_STEPS)
    return Setup(duration=float(f"{steps * dt:.12g}"), dt=dt)


def _time_constants(network: Network, name: str) -> list[float]:
    """Positive time constants of a population in the network's time; those of a law at its median."""
    population = network.populations[name]
    model, found = population.model, []
    for key, parameter in model.parameters.items():
        if parameter.unit in ("ms", "s") or (model.time_unit == "1" and key.startswith("tau")):
            held = network.value(f"{name}.{key}")
            value = _typical(held) * parameter_factor(parameter.unit, model.time_unit, network.time_unit)
            found.append(value * _length_of_unit(network, name, model))
        elif parameter.unit in ("1/ms", "1/s"):
            rate = _typical(network.value(f"{name}.{key}"))
            found.append(1 / rate if rate else math.nan)
    return [time for time in found if math.isfinite(time) and time > 0]


def _length_of_unit(network: Network, name: str, model: Model) -> float:
    """One unit of the model's time in the network's."""
    scale = network.populations[name].time_scale
    if scale is not None:
        return to_unit(scale, network.time_unit, "time_scale")
    pair = (model.time_unit, network.time_unit)
    return 1.0 if "1" in pair or pair[0] == pair[1] else parameter_factor("ms", network.time_unit, model.time_unit)


def _typical(held: Any) -> float:
    if isinstance(held, int | float):
        return float(held)
    if hasattr(held, "quantile"):
        import numpy as np  # noqa: PLC0415  numbers alone need none

        return float(held.quantile(np.array([0.5]))[0])
    return float(held.mean()) if hasattr(held, "mean") else math.nan


def _delay(network: Network, held: Any) -> list[float]:
    """A delay that is given as a number; nothing for those that are drawn, computed, or none."""
    if not isinstance(held, int | float | str):
        return []
    try:
        delay = to_unit(held, network.time_unit, "delay")
    except NbkitError:
        return []
    return [delay] if delay > 0 else []


def _round_down(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return float(f"{max(r for r in _ROUND if r <= value / power * (1 + 1e-12)) * power:.12g}")


def _round_up(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return float(f"{min(r for r in _ROUND if r >= value / power * (1 - 1e-12)) * power:.12g}")


def _shorter(step: float) -> list[float]:
    """A step and the next shorter round ones, down to a tenth of it."""
    found = [step]
    while found[-1] > step / 10 * (1 + 1e-12):
        found.append(_round_down(found[-1] * 0.75))
    return found


def _divides(step: float, time: float) -> bool:
    return abs(time / step - round(time / step)) < 1e-9
