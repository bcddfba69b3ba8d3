"""Owns how ready predictions read their numbers off results, of one seed or of several. Must not know any theory.

Where a result cannot show the number, because it is too short or was stepped otherwise, the number is NaN.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

#: the method of a run that leaves each population the one of its model
_OWN = None


def runs(result: xr.Dataset) -> list[xr.Dataset]:
    """The single runs in a result, one for each seed."""
    if "seed" not in result.dims:
        return [result]
    found = []
    for place, seed in enumerate(result["seed"].to_numpy()):
        run = result.isel(seed=place)
        for name in [str(name) for name in result.variables if str(name).endswith(".spike_seed")]:
            along = name.removesuffix("_seed")
            run = run.isel({along: np.flatnonzero(result[name].to_numpy() == seed)})
        found.append(run)
    return found


def stepped_by(result: xr.Dataset, dt: float | None, method: str) -> bool:
    """Whether a result was made with this step, None for any, by this method of the model."""
    if dt is None:
        return True
    chosen = json.loads(result.attrs.get("setup", "{}")).get("method", _OWN)
    same = math.isclose(float(result.attrs.get("dt", math.nan)), dt, rel_tol=1e-9)
    return same and chosen in (_OWN, method)


def regular_rate(
    result: xr.Dataset, *, population: str, since: float, shortest: float, dt: float | None, method: str
) -> float:
    """The rate at which units fire like clocks: one over the mean interval; 0 if no unit fires twice.

    Args:
        result: with the spikes of the population.
        population: its name.
        since: when the drive has begun.
        shortest: how long a silence must last to be called one.
        dt: the step that the run must have; None for any.
        method: the method that the run must have, if a step is asked for.
    """
    from nbkit.analysis import interspike_intervals  # noqa: PLC0415  loads xarray, which only results need
    from nbkit.analysis.reading import read_span  # noqa: PLC0415

    if not (stepped_by(result, dt, method) and _goes_on(result, since)):
        return math.nan
    each = [interspike_intervals(run, population, discard=since).to_numpy() for run in runs(result)]
    intervals = np.concatenate(each)
    if intervals.size:
        return float(read_span(result).hertz / intervals.mean())
    return 0.0 if read_span(result, since).duration >= shortest else math.nan


def mean_rate(
    result: xr.Dataset, *, population: str, since: float, dt: float | None = None, method: str = "euler"
) -> float:
    """The mean rate of all units from a time on."""
    from nbkit.analysis import rate  # noqa: PLC0415

    if not (stepped_by(result, dt, method) and _goes_on(result, since)):
        return math.nan
    return _mean(rate(run, population, discard=since)[f"{population}.rate_mean"].item() for run in runs(result))


def mean_rates(result: xr.Dataset, *, populations: tuple[str, ...], since: float) -> dict[str, float]:
    """The mean rate of each population."""
    return {name: mean_rate(result, population=name, since=since) for name in populations}


def value_at(result: xr.Dataset, *, path: str, time: float, dt: float | None, method: str) -> float:
    """The mean over units of a variable at a time; NaN where this time was not recorded."""
    from nbkit.analysis.reading import read_signal  # noqa: PLC0415

    signal = read_signal(result, path, least=1)
    here = np.flatnonzero(np.isclose(signal["time"].to_numpy(), time, rtol=1e-9, atol=1e-9))
    if not stepped_by(result, dt, method) or not here.size:
        return math.nan
    return float(result[path].isel(time=int(here[0])).mean())


def first_factor(result: xr.Dataset, *, path: str, goal: float, dt: float, method: str) -> float:
    """What the first step leaves of the way to a goal, as a share of it."""
    first = value_at(result, path=path, time=0.0, dt=dt, method=method) - goal
    second = value_at(result, path=path, time=dt, dt=dt, method=method) - goal
    return second / first if first else math.nan


def variance(result: xr.Dataset, *, path: str, since: float, dt: float | None = None, method: str = "euler") -> float:
    """The variance of a variable over units and time, from a time on."""
    from nbkit.analysis.reading import read_signal  # noqa: PLC0415

    if not (stepped_by(result, dt, method) and _goes_on(result, since)):
        return math.nan
    return _mean(float(read_signal(run, path, since).to_numpy().var()) for run in runs(result))


def _goes_on(result: xr.Dataset, since: float) -> bool:
    """Whether a recording has two samples after a time."""
    return int((result["time"].to_numpy() >= since * (1 - 1e-9)).sum()) > 1


def _mean(numbers: Iterable[float]) -> float:
    return float(np.mean(list(numbers)))
