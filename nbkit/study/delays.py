"""Owns delayed negative feedback, ``tau dx/dt = -x - g f(x(t - d))`` with a slope of 1 at rest. Must not know networks.

Times are in the unit of ``tau``. What holds for the equation has a twin that holds for Euler's rule at a step.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nbkit.errors import fail
from nbkit.study.numbers import require

_LONGEST = 20_000  # steps of a delay whose roots are looked for


@dataclass(frozen=True)
class Onset:
    """Where delayed feedback loses its rest.

    Attributes:
        delay: the shortest delay with which rest is unstable.
        period: of the rhythm that grows there.

    Example:
        >>> onset = delayed_feedback_onset(gain=2.0, tau=10.0)
        >>> round(onset.delay, 2)
        12.09
    """

    delay: float
    period: float


def delayed_feedback_onset(gain: float, tau: float = 1.0) -> Onset | None:
    """Tell from which delay on negative feedback oscillates.

    At ``d = tau arccos(-1/g)/sqrt(g^2 - 1)`` a pair of roots of ``tau z + 1 + g e^(-z d) = 0`` crosses the imaginary
    axis at ``omega = sqrt(g^2 - 1)/tau``.

    Args:
        gain: g, of the whole loop.
        tau: time constant.

    Returns:
        The delay and the period there, in the unit of ``tau``; None up to a gain of 1, where rest is stable with any
        delay.

    Raises:
        NbkitError: ``bad-value`` for numbers that make no loop.

    Source:
        Hayes (1950) J. Lond. Math. Soc. 25:226-232.

    Example:
        >>> import nbkit as nb
        >>> onset = nb.study.delayed_feedback_onset(2.0, 10.0)
        >>> round(onset.delay, 3), round(onset.period, 2)
        (12.092, 36.28)
    """
    require("delayed_feedback_onset", {"gain": gain, "tau": tau}, positive=("tau",))
    if gain <= 1:
        return None
    speed = math.sqrt((gain - 1) * (gain + 1)) / tau
    return Onset(math.acos(-1 / gain) / speed, 2 * math.pi / speed)


def delayed_feedback_onset_euler(gain: float, dt: float, tau: float = 1.0) -> Onset | None:
    """Tell from which delay on negative feedback oscillates under Euler's rule with a buffer of past samples.

    With ``h = dt/tau`` and a delay of k steps, rest is stable while all roots of ``z^(k+1) - (1 - h) z^k + h g = 0``
    lie within the unit circle. On the circle ``|z - (1 - h)| = h g``, which gives one angle; the first k beyond the
    angle's own is unstable.

    Args:
        gain: g, of the whole loop.
        dt: the step, shorter than ``tau``.
        tau: time constant.

    Returns:
        The first delay of a whole number of steps with which rest is unstable, and the period of the fastest growing
        perturbation there, in the unit of ``tau``; None where rest is stable with any delay.

    Raises:
        NbkitError: ``bad-value`` for numbers that make no loop, ``bad-step`` for a step that is not shorter than tau.

    Example:
        >>> import nbkit as nb
        >>> [round(nb.study.delayed_feedback_onset_euler(2.0, h).delay, 9) for h in (0.1, 0.05, 0.02, 0.01)]
        [1.1, 1.2, 1.2, 1.2]
    """
    _require_step("delayed_feedback_onset_euler", gain, dt, tau)
    h = dt / tau
    if gain <= 1:
        return None
    if h * (1 + gain) > 2:
        return Onset(0.0, 2 * dt)
    cosine = (1 + (1 - h) ** 2 - (h * gain) ** 2) / (2 * (1 - h))
    angle = math.acos(max(-1.0, min(1.0, cosine)))
    on_circle = cmath.exp(1j * angle)
    turned = cmath.phase(-h * gain / (on_circle - (1 - h))) % (2 * math.pi)
    steps = math.floor(turned / angle * (1 + 1e-12)) + 1
    growth, period = _mode(gain, steps, h)
    return Onset(steps * dt, period * dt) if growth >= 0 else Onset((steps + 1) * dt, _mode(gain, steps + 1, h)[1] * dt)


def delayed_feedback_growth(gain: float, delay: float, tau: float = 1.0) -> complex:
    """Tell how a small perturbation of delayed negative feedback grows and turns: the rightmost root.

    The root of ``tau z + 1 + g e^(-z d) = 0`` with the largest real part is ``W(-g d/tau e^(d/tau))/d - 1/tau``, W
    being Lambert's function on its main branch.

    Args:
        gain: g, of the whole loop.
        delay: d, 0 or more.
        tau: time constant.

    Returns:
        A complex rate per unit of time: growth, negative where rest is stable, and radians.

    Raises:
        NbkitError: ``bad-value`` for numbers that make no loop.

    Source:
        Corless, Gonnet, Hare, Jeffrey & Knuth (1996) Adv. Comput. Math. 5:329-359.

    Example:
        >>> import nbkit as nb
        >>> [round(nb.study.delayed_feedback_growth(2.0, d, 10.0).real, 5) for d in (12.0, 12.2)]
        [-0.0003, 0.00034]
    """
    from scipy.special import lambertw  # noqa: PLC0415  the layer of formulas is loaded without SciPy

    where = "delayed_feedback_growth"
    require(where, {"gain": gain, "delay": delay, "tau": tau}, positive=("tau",))
    if delay == 0:
        return complex(-(1 + gain) / tau, 0.0)
    if delay / tau > 500:
        raise fail("bad-value", f"{where}.delay", f"{delay:g} is too long beside tau {tau:g}", "at most 500 tau")
    root = complex(lambertw(-gain * delay / tau * math.exp(delay / tau)))
    return complex(root.real / delay - 1 / tau, abs(root.imag) / delay)


def delayed_feedback_growth_euler(gain: float, delay: float, dt: float, tau: float = 1.0) -> complex:
    """Tell the same for Euler's rule with a buffer of past samples, where the delay is a whole number of steps.

    The root of ``z^(k+1) - (1 - h) z^k + h g = 0`` with the largest size, as ``ln(z)/dt``.

    Args:
        gain: g, of the whole loop.
        delay: d, a whole number of steps.
        dt: the step, shorter than ``tau``.
        tau: time constant.

    Returns:
        A complex rate per unit of time: growth and radians.

    Raises:
        NbkitError: ``bad-value`` for numbers that make no loop, ``bad-step`` for a step that is not shorter than tau,
            ``delay-off-grid`` for a delay that is no whole number of steps.

    Example:
        >>> import nbkit as nb
        >>> [nb.study.delayed_feedback_growth_euler(2.0, d, 0.1).real > 0 for d in (1.0, 1.1)]
        [False, True]
    """
    where = "delayed_feedback_growth_euler"
    _require_step(where, gain, dt, tau)
    require(where, {"delay": delay})
    steps = round(delay / dt)
    if abs(delay / dt - steps) > 1e-6 or steps > _LONGEST:
        hint = f"give {min(steps, _LONGEST) * dt:g}"
        raise fail("delay-off-grid", f"{where}.delay", f"{delay:g} is {delay / dt:.6g} steps of {dt:g}", hint)
    growth, period = _mode(gain, steps, dt / tau)
    return complex(growth / dt, 2 * math.pi / (period * dt) if math.isfinite(period) else 0.0)


def delayed_feedback_period(delay: float, tau: float = 1.0) -> float:
    """Tell the period of the rhythm that delayed negative feedback makes, as if it had one harmonic.

    What goes round the loop must come back half a turn late: ``omega d + arctan(omega tau) = pi``. The gain sets the
    size of the rhythm and not, in this balance, its period. At the onset this is exact, far beyond it a few percent
    too long.

    Args:
        delay: d, positive.
        tau: time constant.

    Returns:
        In the unit of ``tau``.

    Raises:
        NbkitError: ``bad-value`` for numbers that make no loop.

    Source:
        Gelb & Vander Velde (1968) Multiple-Input Describing Functions and Nonlinear System Design, McGraw-Hill.

    Example:
        >>> import nbkit as nb
        >>> round(nb.study.delayed_feedback_period(24.2, 10.0), 2)
        64.23
    """
    from scipy.optimize import brentq  # noqa: PLC0415

    require("delayed_feedback_period", {"delay": delay, "tau": tau}, positive=("delay", "tau"))
    ratio = tau / delay
    turned = brentq(lambda angle: angle + math.atan(angle * ratio) - math.pi, 0.0, math.pi, xtol=1e-15)
    return float(2 * math.pi * delay / turned)


def _mode(gain: float, steps: int, h: float) -> tuple[float, float]:
    """Growth in a step, and period in steps, of the mode that grows fastest."""
    z = _largest_root(gain, steps, h)
    turn = abs(cmath.phase(z))
    return math.log(abs(z)) if z else -math.inf, 2 * math.pi / turn if turn else math.inf


def _largest_root(gain: float, steps: int, h: float) -> complex:
    """The largest root of ``z^(k+1) - (1 - h) z^k + h g``: by the companion matrix, or by Newton's rule for many."""
    if steps == 0:
        return complex(1 - h - h * gain)
    if steps <= 200:
        coefficients: npt.NDArray[np.float64] = np.zeros(steps + 2)
        coefficients[[0, 1, -1]] = 1.0, -(1 - h), h * gain
        roots = np.roots(coefficients)
        return complex(roots[np.argmax(np.abs(roots))])
    z = cmath.exp(h * delayed_feedback_growth(gain, steps * h))
    for _ in range(100):
        # in the form that does not overflow: z - (1 - h) + h g z^-k
        fed = h * gain * z**-steps
        move = (z - (1 - h) + fed) / (1 - steps * fed / z)
        z -= move
        if abs(move) <= 1e-15:
            break
    return z


def _require_step(where: str, gain: float, dt: float, tau: float) -> None:
    require(where, {"gain": gain, "dt": dt, "tau": tau}, positive=("dt", "tau"))
    if dt >= tau:
        raise fail("bad-step", f"{where}.dt", f"{dt:g} is not shorter than tau {tau:g}", "a shorter step")
