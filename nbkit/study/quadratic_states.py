"""Owns the states of infinitely many quadratic integrate-and-fire units in closed form. Must not know networks.

All units are coupled with each other; their excitabilities are Lorentzian. In units of the membrane time constant the
rate ``r`` and the mean potential ``v`` obey ``r' = Delta/pi + 2 r v`` and ``v' = v^2 + eta + J r - (pi r)^2``. At rest
``v = -Delta/(2 pi r)``, and ``eta`` is a function of ``r``: ``(pi r)^2 - J r - (Delta/(2 pi r))^2``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nbkit.study.numbers import require


@dataclass(frozen=True)
class QuadraticState:
    """A state in which the population stays.

    Attributes:
        rate: spikes of a unit in one membrane time constant.
        potential: mean potential.
        stable: whether the population comes back to it, if its synapses act at once.

    Example:
        >>> [state.stable for state in qif_states(-5.0, 15.0)]
        [True, False, True]
    """

    rate: float
    potential: float
    stable: bool


def qif_states(eta: float, coupling: float, half_width: float = 1.0) -> tuple[QuadraticState, ...]:
    """Find the states in which the population can stay: one, or three between the folds.

    Args:
        eta: centre of the excitabilities.
        coupling: J, the weight of all spikes that reach a unit.
        half_width: Delta, of the excitabilities.

    Returns:
        The states, the quietest first. A state is stable where a little more ``eta`` raises its rate.

    Raises:
        NbkitError: ``bad-value`` for what is no number, or no positive width.

    Source:
        Montbrio, Pazo & Roxin (2015) Phys. Rev. X 5:021028.

    Example:
        >>> import nbkit as nb
        >>> [(round(s.rate, 5), s.stable) for s in nb.study.qif_states(-5.0, 15.0)]
        [(0.08113, True), (0.47298, False), (1.0306, True)]
    """
    given = {"eta": eta, "coupling": coupling, "half_width": half_width}
    require("qif_states", given, positive=("half_width",), signed=("eta", "coupling"))
    half, pi2 = half_width / (2 * math.pi), math.pi**2
    roots = np.roots([pi2, -coupling, -eta, 0.0, -(half**2)])
    rates = sorted(float(root.real) for root in roots if abs(root.imag) < 1e-7 * (1 + abs(root)) and root.real > 0)
    return tuple(
        QuadraticState(rate, -half / rate, 2 * pi2 * rate - coupling + 2 * half**2 / rate**3 > 0) for rate in rates
    )


def qif_folds(coupling: float, half_width: float = 1.0) -> tuple[tuple[float, float], ...]:
    """Find the two excitabilities at which states meet and vanish.

    They lie where ``J = 2 pi^2 r + Delta^2/(2 pi^2 r^3)``, and then ``eta = -(pi r)^2 - 3 Delta^2/(2 pi r)^2``.

    Args:
        coupling: J.
        half_width: Delta.

    Returns:
        The pairs (eta, rate), the lowest eta first: there the active state ends, at the second the quiet one. Empty
        where the coupling is too weak, see `qif_cusp`.

    Raises:
        NbkitError: ``bad-value`` for what is no number, or no positive width.

    Source:
        Montbrio, Pazo & Roxin (2015) Phys. Rev. X 5:021028.

    Example:
        >>> import nbkit as nb
        >>> [round(eta, 4) for eta, _ in nb.study.qif_folds(15.0)]
        [-5.7435, -3.1361]
    """
    from scipy.optimize import brentq  # noqa: PLC0415  the layer of formulas is loaded without SciPy

    require(
        "qif_folds", {"coupling": coupling, "half_width": half_width}, positive=("half_width",), signed=("coupling",)
    )
    _, least = qif_cusp(half_width)
    if coupling <= least:
        return ()
    turn = _cusp_rate(half_width)

    def lacking(rate: float) -> float:
        return 2 * math.pi**2 * rate + half_width**2 / (2 * math.pi**2 * rate**3) - coupling

    low = (half_width**2 / (2 * math.pi**2 * coupling)) ** (1 / 3)
    high = coupling / (2 * math.pi**2)
    rates = (brentq(lacking, low * 0.999, turn, xtol=1e-15), brentq(lacking, turn, high * 1.001, xtol=1e-15))
    found = [(-((math.pi * r) ** 2) - 3 * (half_width / (2 * math.pi * r)) ** 2, float(r)) for r in rates]
    return tuple(sorted(found))


def qif_cusp(half_width: float = 1.0) -> tuple[float, float]:
    """Tell where both folds begin: ``eta = -sqrt(3) Delta``, and the weakest coupling that has two stable states.

    Args:
        half_width: Delta.

    Returns:
        The pair (eta, J).

    Raises:
        NbkitError: ``bad-value`` for what is no positive number.

    Source:
        Montbrio, Pazo & Roxin (2015) Phys. Rev. X 5:021028.

    Example:
        >>> import nbkit as nb
        >>> [round(value, 4) for value in nb.study.qif_cusp()]
        [-1.7321, 7.7962]
    """
    require("qif_cusp", {"half_width": half_width}, positive=("half_width",))
    rate = _cusp_rate(half_width)
    return -math.sqrt(3.0) * half_width, 2 * math.pi**2 * rate + half_width**2 / (2 * math.pi**2 * rate**3)


def _cusp_rate(half_width: float) -> float:
    """The rate at which the coupling on the line of folds is smallest."""
    return float((3 * half_width**2 / 4) ** 0.25 / math.pi)
