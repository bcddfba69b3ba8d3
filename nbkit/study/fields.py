"""Owns closed forms of neural fields: bumps, fronts and ring attractors. Must not know networks.

A field obeys ``tau du/dt = -u + integral of w(x - y) f(u(y)) dy``. For bumps and fronts f is 1 above a threshold and
0 below it. Lengths are in units of the kernel's length, unless a function takes that length.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nbkit.errors import fail, shown
from nbkit.model.numbers import is_whole, plain
from nbkit.study.numbers import gauss_rule, require

Kernel = Callable[[npt.NDArray[np.float64]], Any]

_NODES = 16
_MOST = 1_000_000  # places that are looked at, at most


@dataclass(frozen=True)
class Bump:
    """A stretch of a field that keeps itself above the threshold.

    Attributes:
        width: its length.
        stable: whether it comes back after a small change of its width.

    Example:
        >>> bump_widths(0.2)[-1].stable
        True
    """

    width: float
    stable: bool


def mexican_hat(x: npt.ArrayLike) -> Any:
    """The kernel ``(1 - |x|) e^(-|x|)``: excitation up to a distance of 1, inhibition beyond."""
    distance = np.abs(x)
    return (1 - distance) * np.exp(-distance)


def bump_widths(
    threshold: float, kernel: Kernel = mexican_hat, *, longest: float = 50.0, samples: int = 5000
) -> tuple[Bump, ...]:
    """Find the widths of all bumps of a field on a line.

    A bump of width ``a`` exists where ``W(a)``, the integral of the kernel from 0 to ``a``, equals the threshold. It is
    stable where the kernel is negative at ``a``: then a wider bump shrinks and a narrower one grows. For the kernel
    ``(1 - |x|) e^(-|x|)`` this is ``a e^(-a) = threshold``, with two bumps below ``1/e`` and none above.

    Args:
        threshold: of the activity, positive.
        kernel: a function of an array of distances, 0 or more, which gives the weights there.
        longest: look at widths up to this one.
        samples: look at this many places; two bumps between neighbours are not seen.

    Returns:
        The bumps, the narrowest first; empty if there is none.

    Raises:
        NbkitError: ``bad-value`` for numbers that make no field, or a kernel that gives no finite numbers.

    Source:
        Amari (1977) Biol. Cybern. 27:77-87.

    Example:
        >>> import nbkit as nb
        >>> [(round(bump.width, 4), bump.stable) for bump in nb.study.bump_widths(0.2)]
        [(0.2592, False), (2.5426, True)]
    """
    from scipy.optimize import brentq  # noqa: PLC0415  the layer of formulas is loaded without SciPy

    require("bump_widths", {"threshold": threshold, "longest": longest}, positive=("threshold", "longest"))
    if not is_whole(plain(samples), 2, _MOST):
        hint = f"from 2 to {_MOST}"
        raise fail("bad-value", "bump_widths.samples", f"{shown(samples)} is no number of places", hint)
    edges = np.linspace(0.0, float(longest), samples)
    reached = np.concatenate([[0.0], np.cumsum(_integrals(kernel, edges[:-1], edges[1:]))]) - threshold
    found = []
    for i in np.flatnonzero((reached[:-1] < 0) != (reached[1:] < 0)):
        start, before = edges[i], reached[i]

        def above(width: float, start: float = start, before: float = before) -> float:
            return float(before + _integrals(kernel, np.array([start]), np.array([width]))[0])

        width = edges[i + 1] if above(edges[i + 1]) == 0 else brentq(above, start, edges[i + 1], xtol=1e-14)
        found.append(Bump(float(width), bool(reached[i] > 0)))
    return tuple(found)


def _integrals(kernel: Kernel, low: npt.NDArray[np.float64], high: npt.NDArray[np.float64]) -> Any:
    """Integral of the kernel over each stretch, by Gauss's rule."""
    places, weights = gauss_rule(_NODES)
    half = (high - low)[:, None] / 2
    values = _weights(kernel, low[:, None] + half * (places + 1))
    if values.shape != (len(low), _NODES) or values.dtype.kind not in "iuf" or not np.isfinite(values).all():
        what = "the kernel gives no finite number for each distance"
        raise fail("bad-value", "bump_widths.kernel", what, "a function of an array, such as lambda x: np.exp(-x)")
    return (half * values * weights).sum(axis=1)


def _weights(kernel: Kernel, distances: npt.NDArray[np.float64]) -> npt.NDArray[Any]:
    try:
        return np.asarray(kernel(distances))
    except Exception as error:
        what = f"the kernel fails: {shown(error)}"
        hint = "a function of an array, such as lambda x: np.exp(-x)"
        raise fail("bad-value", "bump_widths.kernel", what, hint) from error


def front_speed(threshold: float, *, width: float = 1.0, tau: float = 1.0, conduction: float | None = None) -> float:
    """Tell how fast activity invades a field with the kernel ``e^(-|x|/width)/(2 width)``.

    Without conduction delays ``c0 = (width/tau) (1 - 2 h)/(2 h)`` for a threshold ``h`` up to 1/2. If signals travel at
    the speed ``s``, ``1/c = 1/c0 + 1/s``. Above a half the front goes back: rest invades, with the threshold ``1 - h``.

    Args:
        threshold: above 0 and below 1, the share of the kernel's whole weight.
        width: length of the kernel.
        tau: time constant of the field.
        conduction: speed of signals along the field; None for no delays.

    Returns:
        The speed, in units of width over tau; negative for a front that goes back.

    Raises:
        NbkitError: ``bad-value`` for numbers that make no field.

    Source:
        Amari (1977) Biol. Cybern. 27:77-87; with delays Coombes (2005) Biol. Cybern. 93:91-108.

    Example:
        >>> import nbkit as nb
        >>> round(nb.study.front_speed(0.2), 12), round(nb.study.front_speed(0.2, conduction=3.0), 12)
        (1.5, 1.0)
    """
    given = {"threshold": threshold, "width": width, "tau": tau}
    given |= {} if conduction is None else {"conduction": conduction}
    require("front_speed", given, positive=tuple(given))
    if threshold >= 1:
        what = f"{threshold:g} is never reached by a kernel of weight 1"
        raise fail("bad-value", "front_speed.threshold", what, "give a threshold below 1")
    least = min(threshold, 1 - threshold)
    speed = width / tau * (1 - 2 * least) / (2 * least)
    if conduction is not None:
        speed *= conduction / (conduction + speed)
    return math.copysign(speed, 0.5 - threshold) if speed else 0.0


def ring_half_width(modulation: float) -> float | None:
    """Tell the half-width of the bump of a threshold-linear ring with the kernel ``J0 + J1 cos(angle)``.

    It is the angle ``c`` for which ``J1 = 2 pi/(c - sin(2 c)/2)``; J0 and the input change the height of a bump, not
    its width. Up to ``J1 = 2`` the uniform state is stable, and there is no bump.

    Args:
        modulation: J1, with the mean over the ring as the sum.

    Returns:
        The angle from the middle to the edge of the bump, in radians; None where there is no bump.

    Raises:
        NbkitError: ``bad-value`` for what is no number.

    Source:
        Ben-Yishai, Bar-Or & Sompolinsky (1995) Proc. Natl. Acad. Sci. 92:3844-3848.

    Example:
        >>> import math
        >>> import nbkit as nb
        >>> round(math.degrees(nb.study.ring_half_width(4.0)), 9)
        90.0
        >>> nb.study.ring_half_width(1.9) is None
        True
    """
    from scipy.optimize import brentq  # noqa: PLC0415

    require("ring_half_width", {"modulation": modulation}, signed=("modulation",))
    if modulation <= 2:
        return None
    return float(brentq(lambda c: c - math.sin(2 * c) / 2 - 2 * math.pi / modulation, 0.0, math.pi, xtol=1e-15))
