"""Owns firing rates of a leaky integrate-and-fire neuron as steps of a finite length make them. Must not know networks.

What happens between two steps is not seen: a threshold is reached at the end of a step, or it is missed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from nbkit.errors import fail, shown
from nbkit.study.numbers import as_array, require
from nbkit.study.rates import COLOUR, lif_rate, siegert_rate

_HZ = 1000.0  # 1/ms in Hz

#: how far a random walk of unit steps jumps beyond a barrier, on average: minus zeta(1/2) over the root of 2 pi
OVERSHOOT = COLOUR / (2.0 * np.sqrt(np.pi))

#: how a step moves a leak -> the share that is left of it
_KEPT = {"euler": lambda ratio: 1.0 - ratio, "exact": lambda ratio: np.exp(-ratio)}


def lif_rate_exact(
    mu: npt.ArrayLike,
    dt: float,
    *,
    tau_m: float = 20.0,
    t_ref: float = 2.0,
    v_th: float = 20.0,
    v_reset: float = 10.0,
) -> Any:
    """Tell the rate of a neuron with a constant input whose membrane is stepped without error, spike for spike.

    The potential is right at the end of every step, but spikes fall on steps: the way from reset to threshold,
    ``tau_m ln((mu - v_reset)/(mu - v_th))``, is rounded up to whole steps.

    Args:
        mu: input in mV, a number or an array of any shape.
        dt: step, ms.
        tau_m: membrane time constant, ms.
        t_ref: refractory time, ms, a whole number of steps.
        v_th: threshold, mV.
        v_reset: reset potential, mV, below the threshold.

    Returns:
        Hz, in the shape of ``mu``; 0 where the input does not exceed the threshold.

    Raises:
        NbkitError: ``bad-value`` for what is no number or makes no neuron.

    Example:
        >>> import nbkit as nb
        >>> float(nb.study.lif_rate_exact(25.0, dt=1.0).round(3))
        41.667
    """
    require("lif_rate_exact", {"dt": dt}, positive=("dt",))
    free = np.asarray(lif_rate(mu, tau_m=tau_m, t_ref=t_ref, v_th=v_th, v_reset=v_reset))
    drive = as_array("lif_rate_exact.mu", mu)
    above = np.where(free > 0, drive - v_th, 1.0)
    steps = np.ceil(tau_m * np.log1p((v_th - v_reset) / above) / dt)
    return np.where(free > 0, _HZ / (t_ref + steps * dt), 0.0)[()]


def siegert_rate_stepped(
    mu: float,
    sigma: float,
    dt: float,
    *,
    method: str = "euler",
    tau_m: float = 20.0,
    t_ref: float = 2.0,
    v_th: float = 20.0,
    v_reset: float = 10.0,
) -> float:
    """Tell the rate of a neuron with white noise that is stepped: crossings between two steps are missed.

    The steps are samples of a continuous neuron with a time constant and a noise of its own, told by how much of the
    potential a step keeps and how much noise it adds. Seen only at steps, that neuron has a higher threshold: by
    0.5826 standard deviations of a step's noise, and by a quarter of what the mean input moves it in a step.

    Args:
        mu: mean input, mV.
        sigma: strength of the noise, mV, as for `siegert_rate`.
        dt: step, ms.
        method: ``"euler"``; ``"exact"`` where the membrane decays exactly and the noise is held during a step.
        tau_m: membrane time constant, ms, longer than the step.
        t_ref: refractory time, ms.
        v_th: threshold, mV.
        v_reset: reset potential, mV, below the threshold.

    Returns:
        Hz; within 1 % as long as the step is below a tenth of ``tau_m``.

    Raises:
        NbkitError: ``bad-value`` for what is no number or makes no neuron, ``bad-step`` for a step that is too long,
            ``bad-choice`` for an unknown method.

    Source:
        the threshold seen at steps: Broadie, Glasserman & Kou (1997) Math. Finance 7:325-349, with the drift of
        Chang & Peres (1997) Ann. Probab. 25:787-802; the rate: Siegert (1951) Phys. Rev. 81:617-623.

    Example:
        >>> import nbkit as nb
        >>> round(float(nb.study.siegert_rate(15.0, 5.0)), 2), round(nb.study.siegert_rate_stepped(15.0, 5.0, 0.1), 2)
        (9.46, 8.86)
    """
    numbers = {"mu": mu, "sigma": sigma, "dt": dt, "tau_m": tau_m}
    require("siegert_rate_stepped", numbers, positive=("dt", "tau_m"), signed=("mu",))
    if method not in _KEPT:
        raise fail("bad-choice", "siegert_rate_stepped.method", f"no method {shown(method)}", "euler or exact")
    if dt >= tau_m:
        what = f"{dt:g} is not shorter than tau_m {tau_m:g}"
        raise fail("bad-step", "siegert_rate_stepped.dt", what, "a shorter step")
    tau, noise = equivalent(sigma, dt, tau_m, method)
    seen = v_th + threshold_shift(mu, noise, dt, tau, v_th)
    return float(siegert_rate(mu, noise, tau_m=tau, t_ref=t_ref, v_th=seen, v_reset=v_reset))


def equivalent(sigma: float, dt: float, tau_m: float, method: str) -> tuple[float, float]:
    """Time constant and noise of the continuous neuron whose samples the steps are."""
    ratio = dt / tau_m
    kept = float(_KEPT[method](ratio))
    added = sigma * (1.0 - kept) / np.sqrt(ratio)
    return float(-dt / np.log(kept)), float(added * np.sqrt(2.0 / (1.0 - kept**2)))


def threshold_shift(mu: float, sigma: float, dt: float, tau: float, v_th: float) -> float:
    """How much higher the threshold of a neuron is that is looked at only at steps, in mV."""
    return float(OVERSHOOT * sigma * np.sqrt(dt / tau) + max(0.0, mu - v_th) * dt / (4.0 * tau))
