"""Owns spectra of signals. Must not know spikes."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from nbkit.analysis.labels import about, frequency_unit, provenance
from nbkit.analysis.reading import (
    Array,
    is_still,
    kept,
    pooled,
    read_signal,
    spacing,
    time_last,
    time_unit,
)
from nbkit.errors import fail
from nbkit.network.time import Time, steps_per_unit, to_unit
from nbkit.results import population_of


def spectrum(
    ds: xr.Dataset,
    name: str,
    *,
    discard: Time = 0.0,
    segment: Time | None = None,
    taper: str = "hann",
    mean: bool = False,
) -> xr.Dataset:
    """Estimate a power spectrum by Welch's method, and where it is highest.

    Args:
        ds: a result.
        name: a recorded variable, such as ``"E.r"``.
        discard: length left out at the beginning.
        segment: length of the pieces that are averaged; they overlap by half. A longer one resolves frequencies
            better, a shorter one averages more. None for a quarter of the recording.
        taper: a window of `scipy.signal.get_window`; ``"boxcar"`` for none.
        mean: whether to take the spectrum of the mean over units instead of that of each unit.

    Returns:
        ``E.r_power``, one-sided density, dimensions ``("frequency", "E.unit")``: its integral is the variance.
        ``E.r_peak``: the frequency of the highest value, a parabola through its logarithms laid between samples;
        NaN for what stands still. Frequencies are in Hz in networks that count ms or s, per model unit otherwise.

    Raises:
        NbkitError: an unknown variable, too few samples, uneven samples, an unknown taper.

    Source:
        Welch (1967) IEEE Trans. Audio Electroacoust. 15:70-73, by `scipy.signal.welch`.

    Example:
        >>> import nbkit as nb
        >>> drive = nb.Stimulus("E.u", nb.Sine(1.0, 20.0))
        >>> net = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 1)}, stimuli=[drive])
        >>> ds = nb.simulate(net, 1000.0, 0.5)
        >>> round(float(nb.analysis.spectrum(ds, "E.x", discard=100.0)["E.x_peak"][0]), 1)
        20.0
    """
    array = pooled(read_signal(ds, name, discard, least=8), mean=mean)
    values, others = time_last(array)
    unit, step = time_unit(ds), spacing(array)
    length = _samples_per_segment(segment, unit, step, values.shape[-1])
    try:
        from scipy import signal  # noqa: PLC0415  almost a second that only spectra need

        frequencies, power = signal.welch(values, steps_per_unit(unit) / step, taper, length, detrend="constant")
    except ValueError as error:
        raise fail("bad-choice", "taper", f"{taper!r}: {error}", "a window of scipy.signal.get_window") from None
    peaks = np.where(is_still(values), np.nan, _peak(frequencies, power))
    variables = {"power": ((*others, "frequency"), power), "peak": (others, peaks)}
    return _labelled(ds, array, frequencies, variables)


# ------------------------------------------------------------ inside


def _samples_per_segment(segment: Time | None, unit: str, step: float, samples: int) -> int:
    if segment is None:
        return max(samples // 4, min(samples, 8))
    length = round(to_unit(segment, unit, "segment") / step)
    if not 4 <= length <= samples:
        what = f"{length} samples, where 4 to {samples} are possible"
        raise fail("too-short" if length > samples else "bad-value", "segment", what, "a segment within the recording")
    return length


def _peak(frequencies: Array, power: Array) -> Array:
    """Frequency of the highest power above zero, refined by a parabola; (...) for (..., frequency)."""
    top = np.asarray(np.argmax(power[..., 1:], axis=-1)) + 1
    inner = np.clip(top, 1, power.shape[-1] - 2)[..., None]
    around = np.concatenate([np.take_along_axis(power, inner + shift, axis=-1) for shift in (-1, 0, 1)], axis=-1)
    low, middle, high = np.moveaxis(np.log(np.maximum(around, np.finfo(float).tiny)), -1, 0)
    bend = low - 2 * middle + high
    shift = np.where((bend < 0) & (top == inner[..., 0]), 0.5 * (low - high) / np.where(bend < 0, bend, -1.0), 0.0)
    return np.asarray((top + np.clip(shift, -0.5, 0.5)) * (frequencies[1] - frequencies[0]))


def _density_unit(array: xr.DataArray, unit: str) -> str:
    quantity = str(array.attrs.get("units", ""))
    per = "model units" if unit == "1" else "1/Hz"
    if quantity in ("", "1"):
        return per
    return f"({quantity})² · model units" if unit == "1" else f"({quantity})²/Hz"


def _labelled(ds: xr.Dataset, array: xr.DataArray, frequencies: Array, variables: dict[str, Any]) -> xr.Dataset:
    """Put names and units on a spectrum; the frequency stands where the time stood."""
    population, name, unit = population_of(array), str(array.name), time_unit(ds)
    words, hertz = array.attrs.get("long_name", name), frequency_unit(unit)
    described = {
        "power": (_density_unit(array, unit), f"power spectral density of {words}"),
        "peak": (hertz, f"frequency of the highest power of {words}"),
    }
    labelled = {
        f"{name}_{ending}": (dims, values, about(population, f"{name.partition('.')[2]}_{ending}", *described[ending]))
        for ending, (dims, values) in variables.items()
    }
    axis = {"frequency": ("frequency", frequencies, {"units": hertz, "long_name": "frequency"})}
    result = xr.Dataset(labelled, axis | kept(array), provenance(ds))
    return result.transpose(*("frequency" if dim == "time" else dim for dim in array.dims))
