"""Owns what is counted: rates, spikes in bins, and how much counts vary. Must not know pairs of units."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from nbkit.analysis.labels import about, frequency_unit, provenance, time_attributes, unit_coordinate
from nbkit.analysis.reading import Array, Trains, Window, read_trains
from nbkit.errors import fail
from nbkit.model.counting import bincount
from nbkit.network.time import Time


def rate(
    ds: xr.Dataset,
    population: str,
    window: Window | None = None,
    *,
    bin: Time | None = None,  # noqa: A002  what the field calls it
    discard: Time = 0.0,
) -> xr.Dataset:
    """Count spikes per time.

    Args:
        ds: a result with spikes.
        population: such as ``"E"``.
        window: start and stop; None, as one of them or for both, means that of the recording. A spike at the stop
            counts only where the recording ends there.
        bin: width of bins for a rate over time, a whole number of steps; None for one number per unit.
        discard: length left out at the beginning.

    Returns:
        ``E.rate`` per unit, dimensions ``("E.unit",)`` or ``("time", "E.unit")`` with the middles of the bins as
        ``time``, and ``E.rate_mean`` over all recorded units, silent ones too. In Hz in networks that count ms or s,
        per model unit otherwise. What is left after the last whole bin is left out.

    Raises:
        NbkitError: an unknown population, no spikes recorded, a window outside the recording, a bin off the grid.

    Example:
        >>> import nbkit as nb
        >>> ds = nb.analysis.spike_dataset("E", [10.0, 20.0, 70.0], [0, 0, 1], size=3, duration=100.0, dt=0.1)
        >>> nb.analysis.rate(ds, "E")["E.rate"].values.tolist()
        [20.0, 10.0, 0.0]
        >>> nb.analysis.rate(ds, "E", bin="50 ms")["E.rate_mean"].round(3).values.tolist()
        [13.333, 6.667]
    """
    trains = read_trains(ds, population, discard, window)
    span, name = trains.span, trains.population
    dims: tuple[str, ...] = (f"{name}.unit",)
    coordinates: dict[str, Any] = dict(unit_coordinate(ds, name))
    if bin is None:
        attributes = provenance(ds)
        values = bincount(trains.rows, minlength=len(trains.numbers)) / span.duration
    else:
        width = span.bins(bin)[0]
        values = binned(trains, bin, least=1) / (width * span.dt)
        middles = (span.first + width * (np.arange(len(values)) + 0.5)) * span.dt
        coordinates["time"] = ("time", middles, time_attributes(span.time_unit, "middle of the bin"))
        attributes = provenance(ds, dt=width * span.dt)
        dims = ("time", *dims)
    values, units = values * span.hertz, frequency_unit(span.time_unit)
    many = f"mean firing rate of {len(trains.numbers)} units"
    variables: dict[str, Any] = {
        f"{name}.rate": (dims, values, about(name, "rate", units, "firing rate")),
        f"{name}.rate_mean": (dims[:-1], values.mean(axis=-1), about(name, "rate_mean", units, many)),
    }
    return xr.Dataset(variables, coordinates, attributes)


def fano_factor(
    ds: xr.Dataset,
    population: str,
    bin: Time,  # noqa: A002  what the field calls it
    *,
    discard: Time = 0.0,
) -> xr.Dataset:
    """Measure how much spike counts vary: variance over mean of the counts in bins, for each unit.

    1 for a Poisson process; for a renewal process and wide bins the square of the CV.

    Args:
        ds: a result with spikes.
        population: such as ``"E"``.
        bin: width of the bins, a whole number of steps.
        discard: length left out at the beginning.

    Returns:
        ``E.fano`` per unit, NaN for silent ones; ``E.fano_mean`` over the others, NaN if there are none;
        ``E.fano_units``, how many they are. Dimensionless.

    Raises:
        NbkitError: an unknown population, no spikes recorded, a bin off the grid, fewer than two bins.

    Source:
        Fano (1947) Phys. Rev. 72:26-29; variance over n, not n - 1.

    Example:
        >>> import nbkit as nb
        >>> ds = nb.analysis.spike_dataset("E", [1.0, 2.0, 7.0, 7.5], [0, 0, 0, 1], size=3, duration=10.0, dt=0.5)
        >>> nb.analysis.fano_factor(ds, "E", 5.0)["E.fano"].round(3).values.tolist()
        [0.167, 0.5, nan]
    """
    trains = read_trains(ds, population, discard)
    index, bins = bin_of(trains, bin, least=2)
    size, inside = len(trains.numbers), index >= 0
    cells, counts = np.unique(trains.rows[inside] * bins + index[inside], return_counts=True)
    total = bincount(cells // bins, counts, size).astype(np.int64)
    squares = bincount(cells // bins, counts**2, size).astype(np.int64)
    values = np.full(size, np.nan)
    np.divide(bins * squares - total**2, bins * total, out=values, where=total > 0)
    known = total > 0
    name = trains.population
    mean = values[known].mean() if known.any() else np.nan
    variables: dict[str, Any] = {
        f"{name}.fano": (f"{name}.unit", values, about(name, "fano", "", "Fano factor of spike counts")),
        f"{name}.fano_mean": ((), mean, about(name, "fano_mean", "", "mean Fano factor of the units that spiked")),
        f"{name}.fano_units": ((), int(known.sum()), about(name, "fano_units", "", "units that spiked")),
    }
    return xr.Dataset(variables, unit_coordinate(ds, name), provenance(ds))


def bin_of(trains: Trains, width: Time, least: int) -> tuple[Array, int]:
    """Find the bin of each spike, and the number of bins.

    A bin holds the spikes from its start up to, but not at, its end; the last one holds a spike at the end of the
    recording too. -1 for what lies behind the last whole bin.

    Raises:
        NbkitError: a width off the grid, or fewer than ``least`` bins.
    """
    span = trains.span
    steps, bins = span.bins(width)
    if bins < least:
        what = f"{span.duration:g} has room for {bins} of them, {least} are needed"
        raise fail("too-short", "bin", what, "narrower bins, or a longer run")
    index = ((trains.steps - span.first) // steps).astype(int)
    at_end = (trains.steps == span.last) & (index == bins) & (span.first + bins * steps == span.last)
    index[at_end] = bins - 1
    index[index >= bins] = -1
    return index, bins


def binned(trains: Trains, width: Time, least: int, rows: Array | None = None) -> Array:
    """Count spikes in bins, (bins, units), of all units or of the chosen rows."""
    index, bins = bin_of(trains, width, least)
    chosen = np.arange(len(trains.numbers)) if rows is None else rows
    column = np.full(len(trains.numbers), -1)
    column[chosen] = np.arange(len(chosen))
    place = column[trains.rows]
    inside = (index >= 0) & (place >= 0)
    cells = bincount(index[inside] * len(chosen) + place[inside], minlength=bins * len(chosen))
    return cells.reshape(bins, len(chosen))


def population_count(trains: Trains, width: Time, rows: Array) -> Array:
    """Count the spikes of the chosen rows together, (bins,)."""
    index, bins = bin_of(trains, width, least=2)
    inside = (index >= 0) & np.isin(trains.rows, rows)
    return bincount(index[inside], minlength=bins)
