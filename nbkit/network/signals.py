"""Owns what a stimulus can bring: formulas of time and recorded arrays. Must not know populations.

A formula is text of the same kind as a model's, in ``t`` and the fields of the signal. Edges in
time (``t >= start``) are decided on whole steps, so that rounding never moves them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

import numpy as np

from nbkit.errors import Problem, shown
from nbkit.model.numbers import is_finite_number, plain
from nbkit.network.bubbles import MovingBubble
from nbkit.network.expressions import Expression, Signal, expression_problems
from nbkit.network.grids import Grid
from nbkit.network.places import lacking, places_on
from nbkit.network.spike_times import SpikeTimes, spike_times_problems
from nbkit.network.time import Time, time_problems, to_unit
from nbkit.network.values import Array, freeze

MOST_SPIKES = 1e12  # Hz, of a Poisson train


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

    Args:
        amplitude: in the unit of the input.
        start: a time.

    Example:
        >>> import nbkit as nb
        >>> unit = nb.Model("drive", "y = u", inputs={"u": 0.0})
        >>> drive = nb.Stimulus("E.u", nb.Step(1.5, start=2.0))
        >>> net = nb.Network({"E": nb.Population(unit, 1)}, stimuli=[drive])
        >>> nb.simulate(net, 5.0, 1.0, record=["E.y"])["E.y"][:, 0].values.tolist()
        [0.0, 0.0, 1.5, 1.5, 1.5, 1.5]
    """

    formula = "amplitude*(t >= start)"
    times = ("start",)

    amplitude: float
    start: Time = 0.0


@dataclass(frozen=True)
class Pulse(Formula):
    """``amplitude`` from ``start`` until ``stop``, nothing before and after.

    Args:
        start: a time.
        stop: a later time; the sample at it is 0 again.
        amplitude: in the unit of the input.

    Example:
        >>> import nbkit as nb
        >>> unit = nb.Model("drive", "y = u", inputs={"u": 0.0})
        >>> drive = nb.Stimulus("E.u", nb.Pulse(start=1.0, stop=3.0, amplitude=1.5))
        >>> net = nb.Network({"E": nb.Population(unit, 1)}, stimuli=[drive])
        >>> nb.simulate(net, 5.0, 1.0, record=["E.y"])["E.y"][:, 0].values.tolist()
        [0.0, 1.5, 1.5, 0.0, 0.0, 0.0]
    """

    formula = "amplitude*(t >= start)*(t < stop)"
    times = ("start", "stop")

    start: Time
    stop: Time
    amplitude: float


@dataclass(frozen=True)
class Ramp(Formula):
    """Nothing until ``start``, then a straight line up to ``amplitude`` at ``stop``, and that from there on.

    Args:
        start: a time.
        stop: a later time.
        amplitude: from ``stop`` on, in the unit of the input.

    Example:
        >>> import nbkit as nb
        >>> unit = nb.Model("drive", "y = u", inputs={"u": 0.0})
        >>> drive = nb.Stimulus("E.u", nb.Ramp(start=1.0, stop=3.0, amplitude=1.0))
        >>> net = nb.Network({"E": nb.Population(unit, 1)}, stimuli=[drive])
        >>> nb.simulate(net, 5.0, 1.0, record=["E.y"])["E.y"][:, 0].values.tolist()
        [0.0, 0.0, 0.5, 1.0, 1.0, 1.0]
    """

    formula = "amplitude*minimum(1, maximum(0, (t - start)/(stop - start)))"
    times = ("start", "stop")

    start: Time
    stop: Time
    amplitude: float


@dataclass(frozen=True)
class Sine(Formula):
    """A sine of this amplitude and frequency around ``offset``; ``phase`` in radians.

    Args:
        amplitude: in the unit of the input.
        frequency: in Hz; per model unit in networks without physical time.
        phase: in radians.
        offset: what it swings around, in the unit of the input.

    Example:
        >>> import nbkit as nb
        >>> unit = nb.Model("drive", "y = u", inputs={"u": 0.0})
        >>> drive = nb.Stimulus("E.u", nb.Sine(amplitude=2.0, frequency=250.0))
        >>> net = nb.Network({"E": nb.Population(unit, 1)}, stimuli=[drive])
        >>> nb.simulate(net, 4.0, 1.0, record=["E.y"])["E.y"][:, 0].values.round(6).tolist()
        [0.0, 2.0, 0.0, -2.0, -0.0]
    """

    formula = "offset + amplitude*sin(2*pi*frequency*t + phase)"
    frequencies = ("frequency",)

    amplitude: float
    frequency: float
    phase: float = 0.0
    offset: float = 0.0


@dataclass(frozen=True)
class Noise(Signal):
    """White noise around ``mean``, independent for every unit.

    ``intensity`` is per square root of time: over a time T the integral of the noise has the standard
    deviation ``intensity * sqrt(T)``, whatever the step.

    Args:
        intensity: unit of the input times the square root of a time; 0 or more.
        mean: in the unit of the input.

    Example:
        >>> import nbkit as nb
        >>> unit = nb.Model("walk", "dx/dt = u", states={"x": 0.0}, inputs={"u": 0.0})
        >>> net = nb.Network({"E": nb.Population(unit, 4000)}, stimuli=[nb.Stimulus("E.u", nb.Noise(2.0))])
        >>> spread = [float(nb.simulate(net, 9.0, dt)["E.x"][-1].std()) for dt in (1.0, 0.1)]
        >>> [round(value) for value in spread]  # 2 * sqrt(9) with either step
        [6, 6]
    """

    intensity: float
    mean: float = 0.0


@dataclass(frozen=True)
class UniformNoise(Signal):
    """A fresh number between ``low`` and ``high`` for every unit and every step, each equally likely.

    The number is the same size whatever the step, so its effect on a state goes with the square root of dt and
    depends on the step that was chosen: this is how ANNarchy's ``Uniform(low, high)`` in an equation acts.
    `Noise` is the one whose effect does not depend on dt.

    Args:
        low: in the unit of the input.
        high: above ``low``.

    Example:
        >>> import nbkit as nb
        >>> unit = nb.Model("drive", "y = u", inputs={"u": 0.0})
        >>> drive = nb.Stimulus("E.u", nb.UniformNoise(0.0, 1.0))
        >>> net = nb.Network({"E": nb.Population(unit, 1)}, stimuli=[drive])
        >>> nb.simulate(net, 1000.0, 1.0, record=["E.y"])["E.y"][:, 0].values.mean().round(1).item()
        0.5
    """

    low: float
    high: float


@dataclass(frozen=True)
class OrnsteinUhlenbeck(Signal):
    """Coloured noise around ``mean``, independent for every unit; correlations decay with ``tau``.

    It is stepped exactly, and starts in its stationary distribution: mean, standard deviation and
    correlation are the same for every step dt.

    Args:
        standard_deviation: in the unit of the input.
        tau: correlation time.
        mean: in the unit of the input.

    Example:
        >>> import nbkit as nb
        >>> unit = nb.Model("drive", "y = u", inputs={"u": 0.0})
        >>> drive = nb.Stimulus("E.u", nb.OrnsteinUhlenbeck(0.5, tau=5.0, mean=1.0))
        >>> net = nb.Network({"E": nb.Population(unit, 1)}, stimuli=[drive])
        >>> nb.simulate(net, 20000.0, 1.0, record=["E.y"])["E.y"][:, 0].values.std().round(1).item()
        0.5
    """

    standard_deviation: float
    tau: Time
    mean: float = 0.0


@dataclass(frozen=True)
class Poisson(Signal):
    """Independent spike trains, one for each unit, each spike adding ``weight`` to a state that takes events.

    ``rate`` is in Hz, per model unit in networks without physical time. The spikes of the step from k to
    k+1 arrive at k+1. They come in the steps from ``start`` until ``stop``; None leaves the end open.

    Args:
        rate: of each unit's train, in Hz; per model unit in networks without physical time.
        weight: what a spike adds, in the unit of the state.
        start: a time.
        stop: a later time, or None.

    Example:
        >>> import nbkit as nb
        >>> cells = nb.Population(nb.models.poisson_source, 200)
        >>> net = nb.Network({"P": cells}, stimuli=[nb.Stimulus("P.n", nb.Poisson(rate=50.0, weight=1.0))])
        >>> ds = nb.simulate(net, 1000.0, 0.1)
        >>> round(ds.sizes["P.spike"] / 200, -1)  # about 50 spikes of each unit in a second
        50.0
    """

    rate: float
    weight: float
    start: Time = 0.0
    stop: Time | None = None


@dataclass(frozen=True, eq=False)
class Recorded(Signal):
    """An array that was recorded or made elsewhere, held between its samples.

    Args:
        array: shape (time,) for all units alike, or (time, units); (time, ny, nx) for units on a sheet.
        dt: time between its samples, a whole number of the simulation's steps. Row k drives the
            steps from k·dt to (k+1)·dt.

    Example:
        >>> import nbkit as nb
        >>> unit = nb.Model("drive", "y = u", inputs={"u": 0.0})
        >>> drive = nb.Stimulus("E.u", nb.Recorded([0.0, 1.0, 4.0], dt=2.0))
        >>> net = nb.Network({"E": nb.Population(unit, 1)}, stimuli=[drive])
        >>> nb.simulate(net, 5.0, 1.0, record=["E.y"])["E.y"][:, 0].values.tolist()
        [0.0, 0.0, 1.0, 1.0, 4.0, 4.0]
    """

    array: Array = field(repr=False)
    dt: Time

    def __post_init__(self) -> None:
        object.__setattr__(self, "array", freeze(self.array))
        object.__setattr__(self, "dt", plain(self.dt))


_SIGNALS = (
    Step,
    Pulse,
    Ramp,
    Sine,
    Expression,
    MovingBubble,
    Noise,
    UniformNoise,
    OrnsteinUhlenbeck,
    Poisson,
    SpikeTimes,
    Recorded,
)

#: The signals by the name that files use.
SIGNALS: dict[str, type[Signal]] = {signal.__name__: signal for signal in _SIGNALS}


def signal_problems(
    signal: Signal, where: str, shape: tuple[int, ...], time_unit: str, grid: Grid | None = None
) -> Iterator[Problem]:
    """Everything that is wrong with a signal for units of this shape, on this grid."""
    if isinstance(signal, Recorded):
        yield from _recorded_problems(signal, where, shape, time_unit)
        return
    if isinstance(signal, SpikeTimes):
        yield from spike_times_problems(signal, where, math.prod(shape))
        return
    if isinstance(signal, Expression):
        yield from expression_problems(signal, where, ("t", *places_on(grid)), lacking(grid))
        return
    wrong = []
    for name, number in _fields(signal).items():
        if name in _times_of(signal):
            wrong += list(time_problems(number, time_unit, f"{where}.{name}"))
        elif (number is None and name == "stop") or (isinstance(signal, MovingBubble) and name in signal.fixed):
            continue
        elif not is_finite_number(number) or isinstance(number, str):
            wrong.append(
                Problem("bad-value", f"{where}.{name}", f"{shown(number)} is not a finite number", "give a number")
            )
    yield from wrong
    if not wrong:
        yield from _range_problems(signal, where, time_unit)
        if isinstance(signal, MovingBubble):
            yield from signal.problems(where, time_unit, grid)


def _times_of(signal: Signal) -> tuple[str, ...]:
    if isinstance(signal, OrnsteinUhlenbeck):
        return ("tau",)
    if isinstance(signal, Poisson):
        return ("start",) if signal.stop is None else ("start", "stop")
    return signal.times if isinstance(signal, Formula | MovingBubble) else ()


def _range_problems(signal: Signal, where: str, time_unit: str) -> Iterator[Problem]:
    """Numbers that are finite but make no sense."""
    if isinstance(signal, Pulse | Ramp) or (isinstance(signal, Poisson) and signal.stop is not None):
        start, stop = (to_unit(getattr(signal, end), time_unit, where) for end in ("start", "stop"))
        if not start < stop:
            yield Problem("bad-signal", where, f"start {start:g} is not before stop {stop:g}", "exchange them")
    if isinstance(signal, Poisson) and signal.stop is not None and to_unit(signal.stop, time_unit, where) <= 0:
        yield Problem("bad-signal", f"{where}.stop", f"{signal.stop!r} is over before the run begins", "a later stop")
    if isinstance(signal, Poisson) and signal.rate > MOST_SPIKES:
        yield Problem("bad-signal", f"{where}.rate", f"{signal.rate:g} is too high", f"at most {MOST_SPIKES:g}")
    for name in {"intensity", "standard_deviation", "rate"} & _fields(signal).keys():
        if getattr(signal, name) < 0:
            yield Problem("bad-signal", f"{where}.{name}", f"{getattr(signal, name):g} is negative", "give 0 or more")
    if isinstance(signal, UniformNoise) and signal.low > signal.high:
        yield Problem("bad-signal", where, f"low {signal.low:g} is above high {signal.high:g}", "exchange them")
    if isinstance(signal, OrnsteinUhlenbeck) and to_unit(signal.tau, time_unit, where) <= 0:
        yield Problem("bad-signal", f"{where}.tau", f"{signal.tau!r} is not positive", "give a positive time")


def _fields(signal: Signal) -> dict[str, Any]:
    return {f.name: getattr(signal, f.name) for f in fields(signal)}  # type: ignore[arg-type]


def _recorded_problems(signal: Recorded, where: str, shape: tuple[int, ...], time_unit: str) -> Iterator[Problem]:
    yield from time_problems(signal.dt, time_unit, f"{where}.dt")
    array = signal.array
    if not isinstance(array, np.ndarray) or not 1 <= array.ndim <= 3 or not len(array):
        what = f"{type(array).__name__} where an array (time,) or (time, units) is needed"
        yield Problem("bad-value", f"{where}.array", what, "give a NumPy array of numbers")
    elif array.ndim > 1 and array.shape[1:] != shape:
        wanted = ", ".join(map(str, shape))
        hint = f"give (time,) for all alike, or (time, {wanted})"
        if array.size == len(array) * math.prod(shape):
            hint = f"turn it with .reshape(-1, {wanted})"
        got = " x ".join(map(str, array.shape[1:]))
        what = f"rows of {got} numbers for {' x '.join(map(str, shape))} units"
        yield Problem("input-width", f"{where}.array", what, hint)
    elif not np.isfinite(array).all():
        row = int(np.argwhere(~np.isfinite(array))[0][0])
        yield Problem("not-finite", f"{where}.array", f"a value in row {row} is not finite", "replace it")
