"""Owns Datasets made of spikes from elsewhere: data of an experiment, another simulator. Must not know analyses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from nbkit.analysis.labels import about, time_attributes
from nbkit.errors import fail
from nbkit.network.time import Time, to_unit


def spike_dataset(
    population: str,
    times: Sequence[float],
    units: Sequence[int],
    *,
    size: int,
    duration: Time,
    dt: Time,
    time_unit: str = "ms",
) -> xr.Dataset:
    """Put spikes that were not simulated here into the form of a result.

    Args:
        population: its name.
        times: when each spike fell, (spikes,), in ``time_unit``.
        units: whose it is, (spikes,), numbers from 0 to ``size - 1``.
        size: how many units were watched, silent ones too.
        duration: how long.
        dt: time between two samples.
        time_unit: ``"ms"``, ``"s"`` or ``"1"`` for model units.

    Raises:
        NbkitError: lists of different lengths, or units that are not there.

    Example:
        >>> import nbkit as nb
        >>> ds = nb.analysis.spike_dataset("E", [1.0, 2.5], [0, 2], size=3, duration=10.0, dt=0.1)
        >>> ds["E.spike_unit"].values.tolist(), ds.sizes["E.unit"]
        ([0, 2], 3)
    """
    stamps, numbers = np.asarray(times, dtype=float), np.asarray(units, dtype=int)
    if stamps.ndim != 1 or stamps.shape != numbers.shape:
        raise fail("wrong-shape", "times", f"{stamps.shape} times for {numbers.shape} units", "give one unit per spike")
    if not ((numbers >= 0) & (numbers < size)).all():
        raise fail("bad-value", "units", f"are not all between 0 and {size - 1}", "give a larger size")
    step = to_unit(dt, time_unit, "dt")
    samples = np.arange(round(to_unit(duration, time_unit, "duration") / step) + 1)
    spike, unit = f"{population}.spike", f"{population}.unit"
    arrays: dict[str, Any] = {
        f"{spike}_time": (spike, stamps, about(population, "spike_time", time_unit, "time of spike")),
        f"{spike}_unit": (spike, numbers, about(population, "spike_unit", "", "unit that spiked")),
    }
    coordinates: dict[str, Any] = {
        "time": ("time", samples * step, time_attributes(time_unit, "time")),
        "step": ("time", samples, {"long_name": "sample number"}),
        unit: (unit, np.arange(size), {"long_name": f"unit of {population}"}),
    }
    return xr.Dataset(arrays, coordinates, {"dt": step, "time_unit": time_unit})
