"""Owns closed forms of one leaky unit, in continuous time and as Euler's rule steps it. Must not know networks.

The unit obeys ``tau dx/dt = -x + u``. Euler's rule multiplies what is left of the way to ``u`` by ``1 - dt/tau`` in
every step, so all that it does can be told in advance.
"""

from __future__ import annotations

import math

from nbkit.errors import fail
from nbkit.study.numbers import require

#: from which step on, in time constants, what is left of the way does this
_MANNERS = (
    (1.0, "falls evenly"),
    (math.nextafter(1.0, 2.0), "is gone after one step"),
    (2.0, "rings: every step goes beyond the goal"),
    (math.nextafter(2.0, 3.0), "swings for ever"),
    (math.inf, "blows up"),
)


def leak_manner(dt: float, tau: float) -> str:
    """Tell in words what Euler's rule makes of a leak.

    Args:
        dt: step, positive.
        tau: time constant, positive, in the same unit.

    Returns:
        Evenly below ``tau``, ringing from ``tau`` to ``2 tau``, and blowing up beyond.

    Raises:
        NbkitError: ``bad-value`` for what is no positive number.

    Example:
        >>> import nbkit as nb
        >>> [nb.study.leak_manner(dt, tau=10.0) for dt in (1.0, 15.0, 21.0)]
        ['falls evenly', 'rings: every step goes beyond the goal', 'blows up']
    """
    require("leak_manner", {"dt": dt, "tau": tau}, positive=("dt", "tau"))
    return next(words for bound, words in _MANNERS if dt / tau < bound)


def leak_value(time: float, *, tau: float, start: float, goal: float = 0.0, dt: float | None = None) -> float:
    """Tell where a leaky unit with a constant input is after a time.

    ``goal + (start - goal) e^(-time/tau)``; stepped by Euler ``goal + (start - goal) (1 - dt/tau)^(time/dt)``.

    Args:
        time: 0 or more, in the unit of ``tau``; with ``dt`` a whole number of steps.
        tau: time constant.
        start: value at time 0.
        goal: the constant input, where the unit ends.
        dt: step of Euler's rule; None for continuous time.

    Raises:
        NbkitError: ``bad-value`` for what is no number, ``duration-off-grid`` for a time between two steps,
            ``not-finite`` where the steps have blown it up beyond all numbers.

    Example:
        >>> import nbkit as nb
        >>> round(nb.study.leak_value(10.0, tau=10.0, start=1.0), 6)
        0.367879
        >>> round(nb.study.leak_value(10.0, tau=10.0, start=1.0, dt=1.0), 6)
        0.348678
    """
    given = {"time": time, "tau": tau, "start": start, "goal": goal} | ({} if dt is None else {"dt": dt})
    require("leak_value", given, positive=("tau", "dt"), signed=("start", "goal"))
    if dt is None:
        return float(goal + (start - goal) * math.exp(-time / tau))
    steps = round(time / dt)
    if abs(time / dt - steps) > 1e-9 * max(1, steps):
        what = f"{time:g} is {time / dt:.6g} steps of {dt:g}"
        raise fail("duration-off-grid", "leak_value.time", what, f"{steps * dt:.12g}")
    try:
        left = (1.0 - dt / tau) ** steps
    except OverflowError:
        left = math.inf
    if not math.isfinite((start - goal) * left):
        raise fail("not-finite", "leak_value", f"{steps} steps of {dt:g} blow it up", "a step shorter than 2 tau")
    return float(goal + (start - goal) * left)


def leak_variance(intensity: float, *, tau: float, dt: float | None = None) -> float:
    """Tell the variance at which a leaky unit driven by white noise settles.

    For ``tau dx/dt = -x + intensity xi`` it is ``intensity^2/(2 tau)``. Stepped by Euler it is larger,
    ``intensity^2/(tau (2 - dt/tau))``.

    Args:
        intensity: of the noise, per square root of time.
        tau: time constant.
        dt: step of Euler's rule, shorter than ``2 tau``; None for continuous time.

    Raises:
        NbkitError: ``bad-value`` for what is no number, ``bad-step`` for a step at which nothing settles.

    Source:
        Uhlenbeck & Ornstein (1930) Phys. Rev. 36:823-841; stepped, a first-order autoregression.

    Example:
        >>> import nbkit as nb
        >>> nb.study.leak_variance(1.0, tau=1.0), round(nb.study.leak_variance(1.0, tau=1.0, dt=0.1), 5)
        (0.5, 0.52632)
    """
    given = {"intensity": intensity, "tau": tau} | ({} if dt is None else {"dt": dt})
    require("leak_variance", given, positive=("tau", "dt"))
    ratio = 0.0 if dt is None else dt / tau
    if ratio >= 2:
        what = f"with {dt:g}, not below twice {tau:g}, the variance grows without end"
        raise fail("bad-step", "leak_variance.dt", what, "a shorter step")
    return float(intensity) ** 2 / (tau * (2.0 - ratio))
