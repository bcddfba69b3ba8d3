"""Owns what a stimulus can bring: formulas of time and recorded arrays. Must not know populations.

A formula is text of the same kind as a model's, in ``t`` and the fields of the signal. Edges in
time (``t >= start``) are decided on whole steps, so that rounding never moves them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from nbkit.model.numbers import plain
from nbkit.network.bubbles import MovingBubble
from nbkit.network.expressions import Expression, Signal
from nbkit.network.spike_times import SpikeTimes
from nbkit.network.time import Time
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
