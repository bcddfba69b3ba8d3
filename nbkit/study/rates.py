"""Owns firing rates of one leaky integrate-and-fire neuron: driven steadily, and by noise. Must not know networks.

The neuron is ``tau_m dV/dt = -V + mu`` with threshold, reset and refractory time; the defaults are those of
``nb.models.lif``. Its input ``mu`` is in mV: resting potential plus resistance times current.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from nbkit.errors import fail
from nbkit.study.numbers import as_array, gauss_rule, require

Array = npt.NDArray[np.float64]

_HZ = 1000.0  # 1/ms in Hz

#: the square root of 2 times minus the Riemann zeta function at 1/2
COLOUR = 2.0652531522312172

_STILL = 1e8  # standard deviations beyond which noise changes no digit
_FAR = 1e150  # bounds farther away are as good as there, and their squares can be computed


def lif_rate(
    mu: npt.ArrayLike, *, tau_m: float = 20.0, t_ref: float = 2.0, v_th: float = 20.0, v_reset: float = 10.0
) -> Any:
    """Tell the rate of a neuron with a constant input: ``1/(t_ref + tau_m ln((mu - v_reset)/(mu - v_th)))``.

    Args:
        mu: input in mV, a number or an array of any shape.
        tau_m: membrane time constant, ms.
        t_ref: refractory time, ms.
        v_th: threshold, mV.
        v_reset: reset potential, mV, below the threshold.

    Returns:
        Hz, in the shape of ``mu``; 0 where the input does not exceed the threshold.

    Raises:
        NbkitError: ``bad-value`` for what is no number or makes no neuron.

    Source:
        Lapicque (1907) J. Physiol. Pathol. Gen. 9:620-635.

    Example:
        >>> import nbkit as nb
        >>> nb.study.lif_rate([15.0, 21.0, 25.0]).round(3).tolist()
        [0.0, 20.017, 41.715]
    """
    drive = _neuron("lif_rate", mu, tau_m=tau_m, t_ref=t_ref, v_th=v_th, v_reset=v_reset)
    fires = drive > v_th
    above = np.where(fires, drive - v_th, 1.0)
    interval = t_ref + tau_m * np.log1p((v_th - v_reset) / above)
    return _plain(np.where(fires, _HZ / interval, 0.0))


def lif_rate_euler(
    mu: npt.ArrayLike,
    dt: float,
    *,
    tau_m: float = 20.0,
    t_ref: float = 2.0,
    v_th: float = 20.0,
    v_reset: float = 10.0,
) -> Any:
    """Tell the rate of the same neuron when it is stepped by Euler, spike for spike.

    ``n`` steps lead from the reset to the threshold, ``n`` the least whole number above
    ``ln((mu - v_th)/(mu - v_reset)) / ln(1 - dt/tau_m)``; the interval is ``t_ref + n dt``.

    Args:
        mu: input in mV, a number or an array of any shape.
        dt: step in ms, shorter than the membrane time constant.
        tau_m: membrane time constant, ms.
        t_ref: refractory time, ms, a whole number of steps.
        v_th: threshold, mV.
        v_reset: reset potential, mV, below the threshold.

    Returns:
        Hz, in the shape of ``mu``; 0 where the input does not exceed the threshold.

    Raises:
        NbkitError: ``bad-value`` for what is no number or makes no neuron, ``bad-step`` for a step that is too long.

    Example:
        >>> import nbkit as nb
        >>> float(nb.study.lif_rate_euler(25.0, dt=0.1).round(3))
        41.667
    """
    drive = _neuron("lif_rate_euler", mu, tau_m=tau_m, t_ref=t_ref, v_th=v_th, v_reset=v_reset)
    require("lif_rate_euler", {"dt": dt}, positive=("dt",))
    if dt >= tau_m:
        raise fail("bad-step", "lif_rate_euler.dt", f"{dt:g} is not shorter than tau_m {tau_m:g}", "a shorter step")
    fires = drive > v_th
    above = np.where(fires, drive - v_th, 1.0)
    steps = np.ceil(np.log1p((v_th - v_reset) / above) / -np.log1p(-dt / tau_m))
    return _plain(np.where(fires, _HZ / (t_ref + steps * dt), 0.0))


def siegert_rate(
    mu: npt.ArrayLike,
    sigma: npt.ArrayLike,
    *,
    tau_m: float = 20.0,
    t_ref: float = 2.0,
    v_th: float = 20.0,
    v_reset: float = 10.0,
    tau_syn: float = 0.0,
) -> Any:
    """Tell the rate of a neuron with a noisy input: ``tau_m dV/dt = -V + mu + sigma sqrt(tau_m) xi``.

    The inverse of ``t_ref + tau_m sqrt(pi) * integral of e^(x^2) (1 + erf x)`` from ``(v_reset - mu)/sigma`` to
    ``(v_th - mu)/sigma``. The standard deviation of the free potential is ``sigma/sqrt(2)``. Synapses of time constant
    ``tau_syn``, short beside the membrane's, move both bounds up by ``sqrt(tau_syn/tau_m)`` times 1.0326. The
    largest exponential is taken out of the integral, so nothing overflows; rates too small for a float are 0.

    Args:
        mu: mean input in mV, a number or an array.
        sigma: strength of the noise in mV, 0 or more; a number or an array that goes with ``mu``.
        tau_m: membrane time constant, ms.
        t_ref: refractory time, ms.
        v_th: threshold, mV.
        v_reset: reset potential, mV, below the threshold.
        tau_syn: time constant of exponential synapses, ms; 0 for spikes that act at once.

    Returns:
        Hz, in the common shape of ``mu`` and ``sigma``.

    Raises:
        NbkitError: ``bad-value`` for what is no number or makes no neuron, ``wrong-shape`` for arrays that do not go
            together.

    Source:
        Siegert (1951) Phys. Rev. 81:617-623; Brunel (2000) J. Comput. Neurosci. 8:183-208; with synapses Fourcaud &
        Brunel (2002) Neural Comput. 14:2057-2110.

    Example:
        >>> import nbkit as nb
        >>> nb.study.siegert_rate([15.0, 20.0, 25.0], 5.0).round(3).tolist()
        [9.461, 27.341, 47.217]
    """
    drive = _neuron("siegert_rate", mu, tau_m=tau_m, t_ref=t_ref, v_th=v_th, v_reset=v_reset)
    require("siegert_rate", {"tau_syn": tau_syn})
    noise = as_array("siegert_rate.sigma", sigma)
    if (noise < 0).any():
        raise fail("bad-value", "siegert_rate.sigma", f"{noise.min():g} is negative", "give 0 or more")
    try:
        drive, noise = np.broadcast_arrays(drive, noise)
    except ValueError:
        what = f"mu {drive.shape} and sigma {noise.shape} do not go together"
        raise fail("wrong-shape", "siegert_rate", what, "give arrays of one shape, or a number") from None
    shift = COLOUR / 2 * np.sqrt(tau_syn / tau_m)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        low, high = ((bound - drive) / noise + shift for bound in (v_reset, v_th))
    noisy = np.isfinite(low) & np.isfinite(high) & (high > -_STILL)
    still = lif_rate(drive, tau_m=tau_m, t_ref=t_ref, v_th=v_th, v_reset=v_reset)
    rate = _passage_rate(np.where(noisy, low, 0.0), np.where(noisy, high, 1.0), tau_m, t_ref)
    return _plain(np.where(noisy, rate, still))


def _passage_rate(low: Array, high: Array, tau_m: float, t_ref: float) -> Array:
    """The rate between these bounds; ``e^(high^2)`` is taken out where ``high`` is positive.

    Below zero the integrand is ``erfcx(-x)``, above it ``2 e^(x^2) - erfcx(x)``; Dawson's function is the integral of
    the exponential, without its growth.
    """
    from scipy.special import dawsn  # noqa: PLC0415  the layer of formulas is loaded without SciPy

    low, high = (np.clip(bound, -_FAR, _FAR) for bound in (low, high))
    top, bottom = np.maximum(high, 0.0), np.maximum(low, 0.0)
    with np.errstate(under="ignore", divide="ignore", invalid="ignore"):
        shrink = np.exp(-(top**2))
        grown = 2.0 * (dawsn(top) - np.exp((bottom - top) * (bottom + top)) * dawsn(bottom))
        flat = _erfcx_between(np.maximum(-high, 0.0), np.maximum(-low, 0.0)) - _erfcx_between(bottom, top)
        time = shrink * t_ref + tau_m * np.sqrt(np.pi) * (grown + shrink * flat)
        rate: Array = np.where(shrink > 0, _HZ * shrink / time, 0.0)
    return rate


def _erfcx_between(low: Array, high: Array) -> Array:
    """Integral of ``e^(x^2) erfc(x)`` between bounds of 0 or more, by Gauss's rule in ``s`` with ``x = sinh s``."""
    from scipy.special import erfcx  # noqa: PLC0415

    places, weights = gauss_rule(64)
    first, last = np.arcsinh(low)[..., None], np.arcsinh(high)[..., None]
    s = first + (last - first) * (places + 1) / 2
    half = (last - first)[..., 0] / 2
    total: Array = half * (erfcx(np.sinh(s)) * np.cosh(s) * weights).sum(axis=-1)
    return total


def _neuron(where: str, mu: npt.ArrayLike, **numbers: float) -> Array:
    """The input as an array, the neuron's numbers being checked."""
    require(where, numbers, positive=("tau_m",), signed=("v_th", "v_reset"))
    if numbers["v_reset"] >= numbers["v_th"]:
        what = f"{numbers['v_reset']:g} is not below the threshold {numbers['v_th']:g}"
        raise fail("bad-value", f"{where}.v_reset", what, "a lower reset")
    return as_array(f"{where}.mu", mu)


def _plain(values: Array) -> Any:
    """A NumPy number for a single value, an array otherwise."""
    return values[()]
