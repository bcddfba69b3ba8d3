"""Owns single spike trains: the table for a raster, intervals, their regularity. Must not know bins."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from nbkit.analysis.labels import about, provenance, time_attributes, unit_coordinate
from nbkit.analysis.reading import Trains, read_trains, spiking, time_unit
from nbkit.errors import fail
from nbkit.model.counting import bincount
from nbkit.network.time import Time


def spike_table(ds: xr.Dataset, population: str | None = None, *, discard: Time = 0.0) -> xr.Dataset:
    """List spikes in order of time, ready for a raster.

    Args:
        ds: a result with spikes.
        population: one name, or None for all populations with spikes.
        discard: length left out at the beginning.

    Returns:
        Along ``spike``: ``time``, ``unit`` (its number), ``population`` (its name), and ``row``, which counts units
        through all populations, so that ``row`` over ``time`` is the raster.

    Raises:
        NbkitError: an unknown population, or no spikes recorded.

    Example:
        >>> import nbkit as nb
        >>> ds = nb.analysis.spike_dataset("E", [5.0, 1.0], [0, 2], size=3, duration=10.0, dt=0.1)
        >>> nb.analysis.spike_table(ds)["unit"].values.tolist()
        [2, 0]
    """
    names = spiking(ds) if population is None else [population]
    if not names:
        raise fail("unknown-variable", "spikes", "none were recorded", 'record=["E.spike"] when simulating')
    trains = [read_trains(ds, name, discard) for name in names]
    offsets = np.cumsum([0, *(len(one.numbers) for one in trains)])
    time = np.concatenate([one.steps * one.span.dt for one in trains])
    row = np.concatenate([one.rows + offset for one, offset in zip(trains, offsets, strict=False)]).astype(int)
    order = np.lexsort((row, time))
    unit = np.concatenate([one.numbers[one.rows] for one in trains])
    whose = np.repeat([one.population for one in trains], [len(one.rows) for one in trains])
    columns: dict[str, Any] = {
        "time": ("spike", time[order], time_attributes(time_unit(ds), "time of spike")),
        "unit": ("spike", unit[order], {"long_name": "unit that spiked"}),
        "population": ("spike", whose[order], {"long_name": "population of the unit"}),
        "row": ("spike", row[order], {"long_name": "unit, counted through all populations"}),
    }
    return xr.Dataset(columns, attrs=provenance(ds))


def interspike_intervals(ds: xr.Dataset, population: str, *, discard: Time = 0.0) -> xr.DataArray:
    """List the times between neighbouring spikes of one unit.

    Args:
        ds: a result with spikes.
        population: such as ``"E"``.
        discard: length left out at the beginning.

    Returns:
        ``E.isi`` along ``E.interval``, in the Dataset's time unit, ordered by unit and then by time, with the
        coordinates ``E.interval_unit`` and ``E.interval_end``. Empty where no unit spiked twice.

    Raises:
        NbkitError: an unknown population, or no spikes recorded.

    Example:
        >>> import nbkit as nb
        >>> ds = nb.analysis.spike_dataset("E", [1.0, 3.0, 6.0], [0, 0, 0], size=1, duration=10.0, dt=0.5)
        >>> nb.analysis.interspike_intervals(ds, "E").values.tolist()
        [2.0, 3.0]
    """
    trains = read_trains(ds, population, discard)
    name, unit = trains.population, trains.span.time_unit
    steps, rows, ends = _intervals(trains)
    along = f"{name}.interval"
    coordinates: dict[str, Any] = {
        f"{along}_unit": (along, trains.numbers[rows], {"long_name": "unit of the interval"}),
        f"{along}_end": (along, ends * trains.span.dt, time_attributes(unit, "time of the spike that ends it")),
    }
    attributes = about(name, "isi", unit, "interspike interval")
    return xr.DataArray(steps * trains.span.dt, coordinates, [along], f"{name}.isi", attributes)


def cv(ds: xr.Dataset, population: str, *, least: int = 2, discard: Time = 0.0) -> xr.Dataset:
    """Measure how irregular spikes are: standard deviation of the intervals over their mean.

    0 for a clock, 1 for a Poisson process. Short recordings hold few long intervals, so they make it too small.

    Args:
        ds: a result with spikes.
        population: such as ``"E"``.
        least: intervals that a unit needs to be counted, two or more.
        discard: length left out at the beginning.

    Returns:
        ``E.cv`` per unit, NaN where there are too few intervals; ``E.cv_mean`` over the units that count, NaN if
        there are none; ``E.cv_units``, how many they are. Dimensionless.

    Raises:
        NbkitError: an unknown population, no spikes recorded, ``least`` below two.

    Source:
        Softky & Koch (1993) J. Neurosci. 13:334-350; standard deviation over n, not n - 1.

    Example:
        >>> import nbkit as nb
        >>> ds = nb.analysis.spike_dataset("E", [1.0, 3.0, 5.0, 2.0], [0, 0, 0, 1], size=2, duration=10.0, dt=0.5)
        >>> nb.analysis.cv(ds, "E")["E.cv"].values.tolist()
        [0.0, nan]
    """
    if isinstance(least, bool) or not isinstance(least, int) or least < 2:
        raise fail("bad-value", "least", f"{least!r} is not a whole number from 2 on", "one interval has no spread")
    trains = read_trains(ds, population, discard)
    values = variation(trains, least)
    known = np.isfinite(values)
    name, along = trains.population, f"{trains.population}.unit"
    mean = values[known].mean() if known.any() else np.nan
    many = f"units with {least} intervals or more"
    variables: dict[str, Any] = {
        f"{name}.cv": (along, values, about(name, "cv", "", "CV of interspike intervals")),
        f"{name}.cv_mean": ((), mean, about(name, "cv_mean", "", f"mean CV of the {many}")),
        f"{name}.cv_units": ((), int(known.sum()), about(name, "cv_units", "", many)),
    }
    return xr.Dataset(variables, unit_coordinate(ds, name), provenance(ds))


def variation(trains: Trains, least: int) -> np.ndarray:
    """CV of the intervals of each unit, (units,); NaN where there are fewer than ``least`` of them."""
    size = len(trains.numbers)
    steps, rows, _ = _intervals(trains)
    many = bincount(rows, minlength=size)
    enough = many >= least
    mean = np.full(size, np.nan)
    np.divide(bincount(rows, steps, size), many, out=mean, where=enough)
    squares = bincount(rows, (steps - mean[rows]) ** 2, size)
    values = np.full(size, np.nan)
    np.divide(np.sqrt(squares / np.maximum(many, 1)), mean, out=values, where=enough & (mean > 0))
    return values


# ------------------------------------------------------------ inside


def _intervals(trains: Trains) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Length of each interval, row of its unit, and its end; in steps, so that equal ones are equal."""
    same = trains.rows[1:] == trains.rows[:-1]
    return np.diff(trains.steps)[same], trains.rows[1:][same], trains.steps[1:][same]
