"""Owns what a stimulus can bring: formulas of time and recorded arrays. Must not know populations.

A formula is text of the same kind as a model's, in ``t`` and the fields of the signal. Edges in
time (``t >= start``) are decided on whole steps, so that rounding never moves them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

import numpy as np

from nbkit.errors import NbkitError, Problem, shown
from nbkit.model.expression import parse, unknown_names
from nbkit.model.numbers import is_finite_number, make_plain, plain
from nbkit.network.time import Time, time_problems, to_unit
from nbkit.network.values import Array, freeze


class Signal:
    """A course in time, the same for all units or one for each."""

    def __post_init__(self) -> None:
        make_plain(self)


class Formula(Signal):
    """A signal whose value at time t is a formula of its fields.

    ``formula`` is what runs and what is shown. ``times`` names the fields that are times,
    ``frequencies`` those that are in Hz (per model unit in networks without physical time).
    """

    formula: ClassVar[str]
    times: ClassVar[tuple[str, ...]] = ()
    frequencies: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True)
class Step(Formula):
    """``amplitude`` from ``start`` on, nothing before.

    A start between two samples acts from the later one.
    """

    formula = "amplitude*(t >= start)"
    times = ("start",)

    amplitude: float
    start: Time = 0.0


@dataclass(frozen=True)
class Pulse(Formula):
    """``amplitude`` from ``start`` until ``stop``, nothing before and after."""

    formula = "amplitude*(t >= start)*(t < stop)"
    times = ("start", "stop")

    start: Time
    stop: Time
    amplitude: float


@dataclass(frozen=True)
class Ramp(Formula):
    """Nothing until ``start``, then a straight line up to ``amplitude`` at ``stop``, and that from there on."""

    formula = "amplitude*minimum(1, maximum(0, (t - start)/(stop - start)))"
    times = ("start", "stop")

    start: Time
    stop: Time
    amplitude: float


@dataclass(frozen=True)
class Sine(Formula):
    """A sine of this amplitude and frequency around ``offset``; ``phase`` in radians."""

    formula = "offset + amplitude*sin(2*pi*frequency*t + phase)"
    frequencies = ("frequency",)

    amplitude: float
    frequency: float
    phase: float = 0.0
    offset: float = 0.0


@dataclass(frozen=True)
class Expression(Signal):
    """A formula of ``t``, the time in the network's unit, such as ``"exp(-t/10)*(t >= 5)"``.

    Comparisons of ``t`` with a number are decided on whole steps.
    """

    text: str


@dataclass(frozen=True)
class Noise(Signal):
    """White noise around ``mean``, independent for every unit.

    ``intensity`` is per square root of time: over a time T the integral of the noise has the standard
    deviation ``intensity * sqrt(T)``, whatever the step.
    """

    intensity: float
    mean: float = 0.0


@dataclass(frozen=True)
class OrnsteinUhlenbeck(Signal):
    """Coloured noise around ``mean``, independent for every unit; correlations decay with ``tau``.

    It is stepped exactly, and starts in its stationary distribution: mean, standard deviation and
    correlation are the same for every step dt.
    """

    standard_deviation: float
    tau: Time
    mean: float = 0.0


@dataclass(frozen=True)
class Poisson(Signal):
    """Independent spike trains, one for each unit, each spike adding ``weight`` to a state that takes events.

    ``rate`` is in Hz, per model unit in networks without physical time. The spikes of the step from k to
    k+1 arrive at k+1. They come in the steps from ``start`` until ``stop``; None leaves the end open.
    """

    rate: float
    weight: float
    start: Time = 0.0
    stop: Time | None = None


@dataclass(frozen=True, eq=False)
class Recorded(Signal):
    """An array that was recorded or made elsewhere, held between its samples.

    Args:
        array: shape (time,) for all units alike, or (time, units).
        dt: time between its samples, a whole number of the simulation's steps. Row k drives the
            steps from k·dt to (k+1)·dt.
    """

    array: Array = field(repr=False)
    dt: Time

    def __post_init__(self) -> None:
        object.__setattr__(self, "array", freeze(self.array))
        object.__setattr__(self, "dt", plain(self.dt))


@dataclass(frozen=True, eq=False)
class SpikeTimes(Signal):
    """Spikes that are known beforehand, each adding ``weight`` to a state that takes events when it arrives.

    Args:
        times: when they arrive, shape (spikes,): whole numbers of steps, in any order, after t = 0.
        weight: one number, or one for each spike.
        units: the unit that each spike arrives at, shape (spikes,); None lets every spike reach all units.
    """

    times: Array = field(repr=False)
    weight: float | Array = 1.0
    units: Array | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for name in ("times", "weight", "units"):
            object.__setattr__(self, name, freeze(getattr(self, name)))


_SIGNALS = (Step, Pulse, Ramp, Sine, Expression, Noise, OrnsteinUhlenbeck, Poisson, SpikeTimes, Recorded)

#: The signals by the name that files use.
SIGNALS: dict[str, type[Signal]] = {signal.__name__: signal for signal in _SIGNALS}


def signal_problems(signal: Signal, where: str, size: int, time_unit: str) -> Iterator[Problem]:
    """Everything that is wrong with a signal for a population of this size."""
    if isinstance(signal, Recorded):
        yield from _recorded_problems(signal, where, size, time_unit)
        return
    if isinstance(signal, SpikeTimes):
        yield from _spike_times_problems(signal, where, size)
        return
    if isinstance(signal, Expression):
        yield from _expression_problems(signal, where)
        return
    wrong = []
    for name, number in _fields(signal).items():
        if name in _times_of(signal):
            wrong += list(time_problems(number, time_unit, f"{where}.{name}"))
        elif number is None and name == "stop":
            continue
        elif not is_finite_number(number) or isinstance(number, str):
            wrong.append(
                Problem("bad-value", f"{where}.{name}", f"{shown(number)} is not a finite number", "give a number")
            )
    yield from wrong
    if not wrong:
        yield from _range_problems(signal, where, time_unit)


def _times_of(signal: Signal) -> tuple[str, ...]:
    if isinstance(signal, OrnsteinUhlenbeck):
        return ("tau",)
    if isinstance(signal, Poisson):
        return ("start",) if signal.stop is None else ("start", "stop")
    return signal.times if isinstance(signal, Formula) else ()


def _range_problems(signal: Signal, where: str, time_unit: str) -> Iterator[Problem]:
    """Numbers that are finite but make no sense."""
    if isinstance(signal, Pulse | Ramp) or (isinstance(signal, Poisson) and signal.stop is not None):
        start, stop = (to_unit(getattr(signal, end), time_unit, where) for end in ("start", "stop"))
        if not start < stop:
            yield Problem("bad-signal", where, f"start {start:g} is not before stop {stop:g}", "exchange them")
    for name in {"intensity", "standard_deviation", "rate"} & _fields(signal).keys():
        if getattr(signal, name) < 0:
            yield Problem("bad-signal", f"{where}.{name}", f"{getattr(signal, name):g} is negative", "give 0 or more")
    if isinstance(signal, OrnsteinUhlenbeck) and to_unit(signal.tau, time_unit, where) <= 0:
        yield Problem("bad-signal", f"{where}.tau", f"{signal.tau!r} is not positive", "give a positive time")


def _expression_problems(signal: Expression, where: str) -> Iterator[Problem]:
    if not isinstance(signal.text, str):
        yield Problem("bad-value", where, f"{shown(signal.text)} is not text", 'write for example "sin(t)"')
        return
    try:
        tree = parse(signal.text, where)
    except NbkitError as error:
        yield from error.problems
        return
    yield from unknown_names(tree, frozenset({"t"}), where)


def _fields(signal: Signal) -> dict[str, Any]:
    return {f.name: getattr(signal, f.name) for f in fields(signal)}  # type: ignore[arg-type]


def _spike_times_problems(signal: SpikeTimes, where: str, size: int) -> Iterator[Problem]:
    times, units = signal.times, signal.units
    if not isinstance(times, np.ndarray) or times.ndim != 1 or not np.isfinite(times).all():
        yield Problem("bad-value", f"{where}.times", f"{shown(times)} is no list of times", "times=[10.0, 12.5]")
        return
    if times.size and times.min() <= 0:
        what = f"a spike at {times.min():g} would have to arrive before the first step"
        yield Problem("bad-signal", f"{where}.times", what, "give times of dt or later")
    one_each = isinstance(signal.weight, np.ndarray)
    if one_each and signal.weight.shape != times.shape:  # type: ignore[union-attr]
        what = f"{signal.weight.shape} weights for {times.size} spikes"  # type: ignore[union-attr]
        yield Problem("wrong-shape", f"{where}.weight", what, "one number, or one for each spike")
    elif not one_each and (not is_finite_number(signal.weight) or isinstance(signal.weight, str)):
        yield Problem("bad-value", f"{where}.weight", f"{shown(signal.weight)} is not a number", "give a number")
    elif one_each and not np.isfinite(signal.weight).all():
        yield Problem("not-finite", f"{where}.weight", "a weight is not finite", "replace it")
    if units is None:
        return
    if not isinstance(units, np.ndarray) or units.shape != times.shape:
        yield Problem("wrong-shape", f"{where}.units", f"{shown(units)} is not one unit for each spike", "units=[0, 3]")
    elif not ((units >= 0) & (units < size) & (units == np.floor(units))).all():
        yield Problem("bad-units", f"{where}.units", f"a unit is none of {size}", f"numbers from 0 to {size - 1}")


def _recorded_problems(signal: Recorded, where: str, size: int, time_unit: str) -> Iterator[Problem]:
    yield from time_problems(signal.dt, time_unit, f"{where}.dt")
    array = signal.array
    if not isinstance(array, np.ndarray) or array.ndim not in (1, 2) or not len(array):
        what = f"{type(array).__name__} where an array (time,) or (time, units) is needed"
        yield Problem("bad-value", f"{where}.array", what, "give a NumPy array of numbers")
    elif array.ndim == 2 and array.shape[1] != size:
        hint = f"give (time,) for all alike, or (time, {size})"
        yield Problem("input-width", f"{where}.array", f"{array.shape[1]} columns for {size} units", hint)
    elif not np.isfinite(array).all():
        row = int(np.argwhere(~np.isfinite(array))[0][0])
        yield Problem("not-finite", f"{where}.array", f"a value in row {row} is not finite", "replace it")
