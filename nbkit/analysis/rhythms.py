"""Owns rhythms in time: periods, and the order of phases. Must not know spikes."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from nbkit.analysis.labels import about, provenance
from nbkit.analysis.reading import (
    Array,
    kept,
    pooled,
    read_signal,
    spacing,
    time_last,
    time_unit,
)
from nbkit.errors import fail
from nbkit.network.time import Time
from nbkit.results import population_of, unit_dims

#: A cycle goes this far from the mean towards the lowest and the highest value, so that noise makes no cycles.
HYSTERESIS = 0.25
#: A signal repeats itself when it correlates this much with itself one period later.
REPEATS = 0.3
#: Intervals that differ more than this from the median one are no single cycles.
OUTLYING = 0.25
#: Below this length the mean of unit vectors has no direction.
NO_DIRECTION = 1e-12


def period(ds: xr.Dataset, name: str, *, discard: Time = 0.0, mean: bool = False) -> xr.DataArray:
    """Measure the period of an oscillation between its upward crossings of the mean.

    A crossing counts when the signal was a quarter of the way from its mean to its lowest value before and gets as
    far towards its highest value after; its time is interpolated between samples.

    Args:
        ds: a result.
        name: a recorded variable, such as ``"E.r"``.
        discard: length left out at the beginning; what settles slowly hides a rhythm.
        mean: whether to look at the mean over units instead of each unit.

    Returns:
        ``E.r_period`` per unit, in the Dataset's time unit: the mean of the cycles, without those that differ by more
        than a quarter from the median. NaN where there is no lasting rhythm: fewer than two whole cycles, none in
        the last two periods, or a signal that does not resemble itself one period later.

    Raises:
        NbkitError: an unknown variable, too few samples, uneven samples.

    Example:
        >>> import nbkit as nb
        >>> drive = nb.Stimulus("E.u", nb.Sine(1.0, 20.0))
        >>> net = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 1)}, stimuli=[drive])
        >>> ds = nb.simulate(net, 1000.0, 0.5)
        >>> round(float(nb.analysis.period(ds, "E.x", discard=100.0)[0]), 2)
        50.0
    """
    array = pooled(read_signal(ds, name, discard, least=3), mean=mean)
    unit = time_unit(ds)
    values, others = time_last(array)
    cycles = np.apply_along_axis(_cycle, -1, values) * spacing(array)
    words = f"period of {array.attrs.get('long_name', name)}"
    attributes = about(population_of(array), f"{name.partition('.')[2]}_period", unit, words)
    return xr.DataArray(cycles, kept(array), others, f"{name}_period", attributes)


def order_parameter(ds: xr.Dataset, name: str, *, discard: Time = 0.0) -> xr.Dataset:
    """Measure how far phases agree: r·exp(iψ) is the mean of exp(iφ) over units.

    Args:
        ds: a result.
        name: a recorded phase in radians, such as ``"E.phase"``.
        discard: length left out at the beginning.

    Returns:
        Over ``time``: ``E.phase_r``, 1 where all phases are equal, and ``E.phase_psi``, their mean direction in
        radians between -π and π, NaN where they cancel.

    Raises:
        NbkitError: an unknown variable, or one without units.

    Source:
        Kuramoto (1984) Chemical Oscillations, Waves, and Turbulence; Strogatz (2000) Physica D 143:1-20.

    Example:
        >>> import nbkit as nb
        >>> clock = nb.Model("clock", "dphase/dt = omega", states={"phase": 0.0}, parameters={"omega": 1.0})
        >>> net = nb.Network({"E": nb.Population(clock, 2, initial={"phase": [0.0, 1.0]})})
        >>> order = nb.analysis.order_parameter(nb.simulate(net, 1.0, 0.5), "E.phase")
        >>> order["E.phase_r"].round(4).values.tolist()  # cos(1/2)
        [0.8776, 0.8776, 0.8776]
    """
    array = read_signal(ds, name, discard, least=1)
    dims = unit_dims(array)
    if not dims:
        raise fail("wrong-shape", name, "holds one average instead of units", "record the phase of every unit")
    axes = tuple(array.dims.index(dim) for dim in dims)
    real, imaginary = np.cos(array.values).mean(axis=axes), np.sin(array.values).mean(axis=axes)
    length = np.hypot(real, imaginary)
    direction = np.where(length > NO_DIRECTION, np.arctan2(imaginary, real), np.nan)
    others = [str(dim) for dim in array.dims if dim not in dims]
    population, variable = population_of(array), name.partition(".")[2]
    variables: dict[str, Any] = {
        f"{name}_r": (others, length, about(population, f"{variable}_r", "", "Kuramoto order parameter r")),
        f"{name}_psi": (others, direction, about(population, f"{variable}_psi", "rad", "mean phase psi")),
    }
    coordinates = {str(key): one for key, one in array.coords.items() if set(one.dims) <= set(others)}
    return xr.Dataset(variables, coordinates, provenance(ds))


# ------------------------------------------------------------ inside


def _cycle(values: Array) -> float:
    """Length of a cycle in samples, NaN if nothing repeats itself."""
    if not np.isfinite(values).all():
        return np.nan
    crossings = _crossings(values)
    if len(crossings) < 3:
        return np.nan
    lengths = np.diff(crossings)
    usual = np.median(lengths)
    single = lengths[np.abs(lengths - usual) <= OUTLYING * usual]
    if not len(single):
        return np.nan
    cycle = float(single.mean())
    lasts = len(values) - 1 - crossings[-1] <= 2 * cycle
    return cycle if lasts and _resemblance(values, cycle) >= REPEATS else np.nan


def _crossings(values: Array) -> Array:
    """Where a signal crosses its mean upwards on its way from low to high, in samples."""
    level = values.mean()
    low = values < level - HYSTERESIS * (level - values.min())
    high = values > level + HYSTERESIS * (values.max() - level)
    marks = np.flatnonzero(low | high)
    tops = marks[1:][high[marks[1:]] & low[marks[:-1]]]
    upwards = np.flatnonzero((values[:-1] < level) & (values[1:] >= level))
    before = upwards[np.searchsorted(upwards, tops - 1, side="right") - 1]
    return np.asarray(before + (level - values[before]) / (values[before + 1] - values[before]))


def _resemblance(values: Array, cycle: float) -> float:
    """Correlation of a signal with itself one cycle later, at the better of the two nearest samples."""
    best = -1.0
    for lag in {int(np.floor(cycle)), int(np.ceil(cycle))}:
        early, late = values[:-lag] - values[:-lag].mean(), values[lag:] - values[lag:].mean()
        size = np.sqrt((early**2).sum() * (late**2).sum())
        best = max(best, float((early * late).sum() / size)) if size > 0 else best
    return best
