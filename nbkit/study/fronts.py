"""Owns fronts of a field with any kernel that excites: on a line without units, and from unit to unit at a step.

A field obeys ``tau du/dt = -u + integral of w(x - y) [u(y) >= h] dy``. Must not know networks.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from nbkit.errors import fail, shown
from nbkit.study.numbers import gauss_rule, require

Array = npt.NDArray[np.float64]
Kernel = Callable[[Array], Any]

_PIECES, _NODES = 2000, 16
_SLOWEST = 1e9  # times tau over the reach of the kernel: a front slower than this stands
_WARM, _COUNTED = 60, 120  # units that a front passes before its speed is taken, and on which it is taken
_STEPS = 100_000  # of Euler's rule, at most, from unit to unit


def kernel_front_speed(
    threshold: float,
    kernel: Kernel,
    *,
    longest: float,
    tau: float = 1.0,
    conduction: float | None = None,
    delay: float = 0.0,
) -> float:
    """Tell how fast activity invades a field with a kernel that only excites.

    At the speed ``c`` a place at the distance ``x`` behind the front has been active for ``x/c``, of which the signal
    takes ``x/s + D``. That the field just reaches the threshold h at the front is
    ``h = integral over x > 0 of w(x) (1 - e^(-(x/c - x/s - D)/tau))``, over places from which signals have arrived.
    Above half of the kernel's whole weight the front goes back: rest invades, with the whole weight less h.

    Args:
        threshold: h, above 0 and below the kernel's whole weight.
        kernel: a function of an array of distances, 0 or more, which gives weights of 0 or more.
        longest: the distance up to which the kernel is looked at.
        tau: time constant of the field.
        conduction: speed of signals along the field; None for signals that arrive at once.
        delay: that every signal takes besides.

    Returns:
        The speed, in the kernel's length over the unit of ``tau``; negative for a front that goes back.

    Raises:
        NbkitError: ``bad-value`` for numbers that make no field, or a kernel that is negative somewhere.

    Source:
        Amari (1977) Biol. Cybern. 27:77-87; with delays Coombes (2005) Biol. Cybern. 93:91-108.

    Example:
        >>> import numpy as np
        >>> import nbkit as nb
        >>> def falls(x):
        ...     return np.exp(-x) / 2
        >>> round(nb.study.kernel_front_speed(0.2, falls, longest=40.0), 6)
        1.5
        >>> round(nb.study.kernel_front_speed(0.2, falls, longest=40.0, conduction=3.0), 6)
        1.0
    """
    given = {"threshold": threshold, "longest": longest, "tau": tau} | (
        {} if conduction is None else {"conduction": conduction}
    )
    require("kernel_front_speed", {**given, "delay": delay}, positive=tuple(given))
    places, weights = _weighed(kernel, float(longest))
    half = float(weights.sum())
    if threshold >= 2 * half:
        what = f"{threshold:g} is never reached by a kernel of weight {2 * half:g}"
        raise fail("bad-value", "kernel_front_speed.threshold", what, "give a lower threshold")
    if math.isclose(threshold, half, rel_tol=1e-12):
        return 0.0
    slowness = slowness_of(min(threshold, 2 * half - threshold), places, weights, tau, delay)
    if slowness is None:
        return 0.0
    speed = 1 / (slowness + (1 / conduction if conduction is not None else 0.0))
    return math.copysign(speed, half - threshold)


def _weighed(kernel: Kernel, longest: float) -> tuple[Array, Array]:
    """Distances, and the kernel there times the stretch that each stands for."""
    places, weights = gauss_rule(_NODES)
    half = longest / _PIECES / 2
    x = (np.arange(_PIECES)[:, None] * 2 * half + half * (places + 1)).reshape(-1)
    try:
        found = np.asarray(kernel(x))
    except Exception as error:
        hint = "a function of an array, such as lambda x: np.exp(-x)"
        raise fail("bad-value", "kernel_front_speed.kernel", f"the kernel fails: {shown(error)}", hint) from error
    if found.shape != x.shape or found.dtype.kind not in "iuf" or not np.isfinite(found).all() or (found < 0).any():
        what = "the kernel does not give a number of 0 or more for each distance"
        raise fail("bad-value", "kernel_front_speed.kernel", what, "a kernel that only excites")
    return x, found * np.tile(weights * half, _PIECES)


def slowness_of(level: float, places: Array, weights: Array, tau: float, delay: float) -> float | None:
    """Time that a front needs for a length, beyond that of its signals; None where it stands."""
    from scipy.optimize import brentq  # noqa: PLC0415  the layer of formulas is loaded without SciPy

    def lacking(slowness: float) -> float:
        since = np.maximum(places * slowness - delay, 0.0)
        return float(-(weights * np.expm1(-since / tau)).sum()) - level

    longest = float(places[-1])
    high = (tau + delay) / longest
    while lacking(high) < 0:
        high *= 4
        if high > _SLOWEST * (tau + delay) / longest:
            return None
    return float(brentq(lacking, 0.0, high, xtol=1e-15 * high, rtol=1e-13))


def lattice_front(threshold: float, weights: Array, own: float, decay: float, late: npt.NDArray[np.int64]) -> float:
    """Tell how many steps a front takes from unit to unit, under Euler's rule on units in a line.

    Units are followed one by one: each wakes at the first sample at which what those behind it have sent so far
    reaches the threshold. Above half of all weights units fall asleep in the same way.

    Args:
        threshold: of the units.
        weights: between units that are 1, 2, ... apart, shape (reach,).
        own: that of a unit onto itself.
        decay: share of the activity that is left after a step, ``1 - dt/tau``.
        late: steps that a signal takes between them, shape (reach,).

    Returns:
        Steps per unit, as a mean; negative for a front that goes back, infinite for one that is pinned.
    """
    whole = own + 2 * float(weights.sum())
    back = threshold > whole / 2
    level = whole - threshold if back else threshold
    if float(weights.sum()) <= level:
        return math.inf
    woken: list[int] = []
    before = np.full(len(weights), -(10**9), dtype=np.int64)
    step = 0
    for _ in range(_WARM + _COUNTED):
        arrived = before + late
        for _ in range(_STEPS):
            since = np.maximum(step - arrived, 0)
            if float((weights * (1 - decay**since)).sum()) >= level:
                break
            step += 1
        else:
            return math.inf
        woken.append(step)
        before = np.concatenate([[step], before[:-1]])
    taken = (woken[-1] - woken[_WARM - 1]) / _COUNTED
    return -taken if back else taken
