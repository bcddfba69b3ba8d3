"""Owns the dynamic mean field of random networks of rates: how much they fluctuate. Must not know networks.

The units obey ``tau dx/dt = -x + sum of J_ij tanh(x_j)``, the weights being random with mean 0 and variance ``g^2/N``.
"""

from __future__ import annotations

import numpy as np

from nbkit.study.numbers import gauss_rule, require

_NODES = 200
_REACH = 10.0  # standard deviations up to which a normal law is looked at
_LEAST = 1e-6  # beside which the variance of a network just above the border is too small to be told


def random_network_variance(g: float) -> float:
    """Tell the variance of the activity that a random network keeps up without any drive.

    Up to ``g = 1`` there is none: every activity dies out. Above, the network is chaotic, and the variance ``D`` is
    where ``D^2/2 = g^2`` times the variance of ``ln cosh x``, for a normal ``x`` of variance ``D``. It is exact for
    infinitely many units.

    Args:
        g: standard deviation of the weights times the root of their number onto a unit.

    Returns:
        The variance over units and time.

    Raises:
        NbkitError: ``bad-value`` for what is no number, or negative.

    Source:
        Sompolinsky, Crisanti & Sommers (1988) Phys. Rev. Lett. 61:259-262.

    Example:
        >>> import nbkit as nb
        >>> [round(nb.study.random_network_variance(g), 4) for g in (0.9, 1.2, 1.5, 2.0, 3.0)]
        [0.0, 0.2426, 0.7477, 1.9248, 5.4463]
    """
    from scipy.optimize import brentq  # noqa: PLC0415  the layer of formulas is loaded without SciPy

    require("random_network_variance", {"g": g})
    if g <= 1 or _surplus(_LEAST, g) <= 0:
        return 0.0
    return float(brentq(_surplus, _LEAST, float(g) ** 2, args=(g,), xtol=1e-14))


def _surplus(variance: float, g: float) -> float:
    """What fluctuations of this variance call forth, beside what they are: positive where they grow."""
    places, weights = gauss_rule(_NODES)
    z = _REACH * places
    share = _REACH * weights * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    x = np.sqrt(variance) * np.abs(z)
    logarithm = x + np.log1p(np.exp(-2 * x)) - np.log(2.0)
    mean = share @ logarithm
    return float(2 * g**2 * (share @ logarithm**2 - mean**2) / variance**2 - 1)
