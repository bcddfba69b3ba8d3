"""Owns phases that pull at each other: when many become coherent, and at which speeds delayed ones run together.

Oscillators obey ``dtheta_i/dt = omega_i + K mean_j sin(theta_j(t - T) - theta_i)``. Must not know networks.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

from nbkit.errors import fail, shown
from nbkit.network.laws import Law, Lorentzian, Normal, Quantiles
from nbkit.study.numbers import require

_KNOWN = (Lorentzian, Normal)
_MOST = 10_000  # turns of phase that couplings may pull over a delay


@dataclass(frozen=True)
class Synchrony:
    """A way in which identical oscillators run in step.

    Attributes:
        frequency: in radians per unit of time.
        stable: whether they come back to it after a small disturbance.

    Example:
        >>> [way.stable for way in delayed_synchrony(2.0, 1.5, 4.0)]
        [True, False, True]
    """

    frequency: float
    stable: bool


def kuramoto_critical_coupling(law: Law) -> float:
    """Tell from which coupling on infinitely many oscillators cohere: ``K_c = 2/(pi g(centre))``.

    Args:
        law: of the natural frequencies, in radians per unit of time: `Lorentzian` or `Normal`, or `Quantiles` of one.

    Returns:
        In the same unit: twice the half-width of a Lorentzian, ``sqrt(8/pi)`` standard deviations of a normal law.

    Raises:
        NbkitError: ``bad-law`` for another law, or one that is none.

    Source:
        Kuramoto (1984) Chemical Oscillations, Waves, and Turbulence; Strogatz (2000) Physica D 143:1-20.

    Example:
        >>> import nbkit as nb
        >>> nb.study.kuramoto_critical_coupling(nb.Lorentzian(10.0, 0.5))
        1.0
        >>> round(nb.study.kuramoto_critical_coupling(nb.Normal(10.0, 1.0)), 5)
        1.59577
    """
    inside = _one_of_known("kuramoto_critical_coupling", law)
    if isinstance(inside, Lorentzian):
        return 2.0 * inside.half_width
    return math.sqrt(8 / math.pi) * inside.standard_deviation


def kuramoto_coherence(coupling: float, law: Law) -> float:
    """Tell how coherent infinitely many oscillators become: the length r of the mean of ``exp(i theta)``.

    For a Lorentzian ``r = sqrt(1 - K_c/K)``; in general r solves ``1 = K * integral of cos^2(a) g(K r sin a)`` over
    angles from -pi/2 to pi/2, which for a normal law is a sum of two Bessel functions.

    Args:
        coupling: K.
        law: of the natural frequencies: `Lorentzian` or `Normal`, or `Quantiles` of one.

    Returns:
        From 0, up to the critical coupling, towards 1.

    Raises:
        NbkitError: ``bad-value`` for what is no number, ``bad-law`` for another law.

    Source:
        Kuramoto (1984) Chemical Oscillations, Waves, and Turbulence; Strogatz (2000) Physica D 143:1-20.

    Example:
        >>> import nbkit as nb
        >>> round(nb.study.kuramoto_coherence(2.0, nb.Lorentzian(0.0, 0.5)), 4)
        0.7071
        >>> round(nb.study.kuramoto_coherence(2.0, nb.Normal(0.0, 1.0)), 4)
        0.7152
    """
    from scipy.optimize import brentq  # noqa: PLC0415  the layer of formulas is loaded without SciPy
    from scipy.special import ive  # noqa: PLC0415

    require("kuramoto_coherence", {"coupling": coupling}, signed=("coupling",))
    inside = _one_of_known("kuramoto_coherence", law)
    critical = kuramoto_critical_coupling(law)
    if coupling <= critical:
        return 0.0
    if isinstance(inside, Lorentzian) or critical == 0:
        return math.sqrt(1 - critical / coupling)
    ratio, width = critical / coupling, inside.standard_deviation
    most = (coupling / width) ** 2 / 4  # r would be 1
    m = brentq(lambda m: ive(0, m) + ive(1, m) - ratio, 0.0, most, xtol=1e-15, rtol=1e-14)
    return float(2 * width * math.sqrt(m) / coupling)


def delayed_synchrony(omega: float, coupling: float, delay: float) -> tuple[Synchrony, ...]:
    """Tell all speeds at which identical oscillators with a delay can run in step.

    They solve ``W = omega - K sin(W T)``. A disturbance between oscillators decays at the rate ``K cos(W T)``, and
    one of all together does wherever that is positive: so they are stable exactly there.

    Args:
        omega: natural frequency, radians per unit of time.
        coupling: K.
        delay: T, 0 or more.

    Returns:
        The slowest first.

    Raises:
        NbkitError: ``bad-value`` for numbers that make no oscillators.

    Source:
        Yeung & Strogatz (1999) Phys. Rev. Lett. 82:648-651; Earl & Strogatz (2003) Phys. Rev. E 67:036204.

    Example:
        >>> import nbkit as nb
        >>> [(round(s.frequency, 4), s.stable) for s in nb.study.delayed_synchrony(2.0, 1.5, 1.0)]
        [(0.8616, True)]
        >>> [s.stable for s in nb.study.delayed_synchrony(2.0, 1.5, 4.0)]
        [True, False, True]
    """
    from scipy.optimize import brentq  # noqa: PLC0415

    where = "delayed_synchrony"
    numbers = {"omega": omega, "coupling": coupling, "delay": delay}
    require(where, numbers, signed=("omega", "coupling"))
    reach = abs(coupling) * delay
    if reach > _MOST * 2 * math.pi:
        hint = "a shorter delay, or a weaker coupling"
        raise fail("bad-value", where, f"too many speeds: {reach:g} radians over the delay", hint)

    def off(speed: float) -> float:
        return speed - omega + coupling * math.sin(speed * delay)

    edges = _turning_speeds(omega, coupling, delay)
    found = []
    for low, high in itertools.pairwise(edges):
        if off(low) == 0:
            found.append(low)
        elif off(low) * off(high) < 0:
            found.append(float(brentq(off, low, high, xtol=1e-15, rtol=1e-14)))
    if off(edges[-1]) == 0:
        found.append(edges[-1])
    return tuple(Synchrony(speed, coupling * math.cos(speed * delay) > 0) for speed in found)


def _turning_speeds(omega: float, coupling: float, delay: float) -> list[float]:
    """Speeds between which ``W - omega + K sin(W T)`` rises or falls all the way; its roots lie among them."""
    low, high = omega - abs(coupling), omega + abs(coupling)
    inside = []
    if abs(coupling) * delay > 1:
        angle = math.acos(-1 / (coupling * delay))
        turns = range(math.floor(low * delay / (2 * math.pi)) - 1, math.ceil(high * delay / (2 * math.pi)) + 2)
        inside = [(side * angle + 2 * math.pi * turn) / delay for turn in turns for side in (-1, 1)]
    return [low, *sorted(speed for speed in inside if low < speed < high), high]


def _one_of_known(where: str, law: object) -> Lorentzian | Normal:
    inside = law.inside if isinstance(law, Quantiles) else law
    if not isinstance(inside, _KNOWN) or inside.wrong():
        what = f"{shown(law)}: coherence is known for a Lorentzian and a normal law"
        raise fail("bad-law", f"{where}.law", what, "nb.Lorentzian(centre, half_width), nb.Normal(mean, deviation)")
    return inside
