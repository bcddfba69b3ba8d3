"""Owns what is read out of a Dataset: its span, trains of spikes, signals over time. Must not know what comes of them.

Coordinates rule: spikes before the first or after the last sample of ``time`` and spikes of units that are not in
``E.unit`` are left out, so that ``ds.sel(time=slice(500, None))`` cuts signals and spikes alike.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from nbkit.errors import NbkitError, Problem, did_you_mean, fail, shown
from nbkit.network.time import Time, steps_per_unit, to_unit
from nbkit.results import unit_dims

Array = np.ndarray
#: Start and stop of a stretch of time; None for the start or the end of the recording.
Window = tuple[Time | None, Time | None]
#: Times nearer than this to a whole step are on it; in steps.
ON_GRID = 1e-6
#: A signal stands still when it changes by less than this, or by less than `ROUNDING` of its size.
ROUNDING_AT_ZERO = 1e-13
ROUNDING = 1e-9


@dataclass(frozen=True)
class Span:
    """A stretch of a recording: from step ``first`` up to step ``last``.

    The end belongs to it only where it is the end of the recording, so that neighbouring spans share no spike.
    """

    first: float
    last: float
    closed: bool
    dt: float
    time_unit: str

    @property
    def duration(self) -> float:
        """Length in the Dataset's time unit."""
        return (self.last - self.first) * self.dt

    @property
    def hertz(self) -> float:
        """What a number of events, per time unit, is multiplied by: Hz, or 1 for model units."""
        return steps_per_unit(self.time_unit)

    def bins(self, width: Time) -> tuple[int, int]:
        """Steps of one bin, and how many whole bins there are room for."""
        asked = to_unit(width, self.time_unit, "bin") / self.dt
        steps = round(asked)
        if steps < 1 or abs(asked - steps) > ON_GRID:
            near = max(steps, 1) * self.dt
            what = f"{asked * self.dt:g} is {asked:.6g} steps of {self.dt:g}"
            raise fail("duration-off-grid", "bin", what, f"give {near:.12g}, or another whole number of steps")
        return steps, int((self.last - self.first + ON_GRID) // steps)


@dataclass(frozen=True, eq=False)
class Trains:
    """Spikes of a population within a span, ordered by unit and then by time.

    Attributes:
        population: its name.
        steps: stamp of each spike, in steps, (spikes,).
        rows: place of its unit among ``numbers``, (spikes,).
        numbers: the number of each recorded unit, silent ones too, (units,).
        span: the stretch of time.
    """

    population: str
    steps: Array
    rows: Array
    numbers: Array
    span: Span


def time_unit(ds: xr.Dataset) -> str:
    """Time unit of a Dataset."""
    stated = ds["time"].attrs.get("units", "1") if "time" in ds.coords else "1"
    return str(ds.attrs.get("time_unit", stated))


def read_span(ds: xr.Dataset, discard: Time = 0.0, window: Window | None = None) -> Span:
    """Read which stretch of time a Dataset covers, less what is left out.

    Args:
        ds: a Dataset with a coordinate ``time`` and an attribute ``dt``.
        discard: length left out at the beginning.
        window: start and stop on the clock of the recording.

    Raises:
        NbkitError: no samples, a window outside the recording, nothing left.
    """
    unit, dt = time_unit(ds), ds.attrs.get("dt")
    if dt is None or "time" not in ds.coords or not ds["time"].size:
        hint = 'the coordinate "time" and the attribute "dt" say how long spikes were watched'
        raise fail("unknown-variable", "time", "the Dataset does not say when it was recorded", hint)
    begin, end = recording_start(ds), float(ds["time"].values[-1])
    low, high = (None, None) if window is None else window
    start = begin if low is None else to_unit(low, unit, "window")
    stop = end if high is None else to_unit(high, unit, "window")
    slack = ON_GRID * dt
    if start < begin - slack or stop > end + slack:
        what = f"({start:g}, {stop:g}) is not within the recording"
        raise fail("bad-value", "window", what, f"it lasts from {begin:g} to {end:g}")
    start = max(start, begin + _checked_discard(discard, unit))
    if stop - start < slack:
        raise fail("too-short", "time", f"nothing is left between {start:g} and {stop:g}", "leave out less")
    return Span(float(_snap(start / dt)), float(_snap(stop / dt)), bool(stop > end - slack), float(dt), unit)


def recording_start(ds: xr.Dataset) -> float:
    """When the recording began.

    The first sample of a continued run lies one step after its beginning, which its duration gives away.
    """
    time = ds["time"].values
    first, dt = float(time[0]), float(ds.attrs.get("dt", 0.0))
    try:
        duration = json.loads(ds.attrs.get("setup", "{}")).get("duration")
    except (ValueError, TypeError, AttributeError) as error:
        raise fail("bad-json", "ds.attrs['setup']", str(error), "a result of nb.simulate as it came") from None
    if isinstance(duration, int | float) and abs(duration - (time[-1] - first) - dt) < ON_GRID * dt:
        return max(first - dt, 0.0)
    return first


def read_trains(ds: xr.Dataset, population: str, discard: Time = 0.0, window: Window | None = None) -> Trains:
    """Read the spikes of a population.

    Args:
        ds: a result with ``E.spike_time``, ``E.spike_unit`` and the coordinate ``E.unit``.
        population: ``"E"`` or ``"E.spike"``.
        discard: length left out at the beginning.
        window: start and stop of the stretch of time.

    Raises:
        NbkitError: an unknown population, one without spikes, or what `read_span` finds.
    """
    name = str(population).removesuffix(".spike")
    _require_spikes(ds, name)
    span = read_span(ds, discard, window)
    stamps, units = np.asarray(ds[f"{name}.spike_time"].values), np.asarray(ds[f"{name}.spike_unit"].values)
    numbers = np.asarray(ds[f"{name}.unit"].values)
    if stamps.ndim != 1 or stamps.shape != units.shape:
        what = f"spike times {stamps.shape} and units {units.shape} are not two equally long lists"
        raise fail("wrong-shape", f"{name}.spike_time", what, "choose one run, such as ds.isel(seed=0)")
    steps = _snap(stamps / span.dt)
    before_end = steps <= span.last if span.closed else steps < span.last
    kept = (steps >= span.first) & before_end & np.isin(units, numbers)
    steps, units = steps[kept], units[kept]
    order = np.argsort(numbers, kind="stable")
    rows = order[np.searchsorted(numbers, units, sorter=order)] if len(units) else np.empty(0, dtype=int)
    by_unit = np.lexsort((steps, rows))
    return Trains(name, steps[by_unit], rows[by_unit], numbers, span)


def spiking(ds: xr.Dataset) -> list[str]:
    """Names of the populations whose spikes were recorded."""
    if not isinstance(ds, xr.Dataset):
        raise fail("bad-type", "ds", f"{shown(ds)} is not a Dataset", "give a result of nb.simulate")
    return [str(name).removesuffix(".spike_time") for name in ds.variables if str(name).endswith(".spike_time")]


def read_all_trains(
    ds: xr.Dataset,
    populations: str | Sequence[str] | None = None,
    discard: Time = 0.0,
    window: Window | None = None,
) -> list[Trains]:
    """Read the spikes of several populations over the same stretch of time.

    Args:
        ds: a result with spikes.
        populations: one name or several; None for all whose spikes were recorded, in the order of the Dataset.
        discard: length left out at the beginning.
        window: start and stop of the stretch of time.

    Raises:
        NbkitError: no spikes at all, what `read_span` finds, or every name that is wrong or twice, at once.
    """
    names = spiking(ds)
    if populations is not None:
        named = [populations] if isinstance(populations, str) else populations
        if not isinstance(named, Sequence) or not all(isinstance(name, str) for name in named):
            raise fail("bad-type", "populations", f"{shown(populations)} is no list of names", did_you_mean("", names))
        names = list(named)
    if not names:
        raise _no_spikes(ds)
    read_span(ds, discard, window)
    found: list[Trains] = []
    problems: list[Problem] = []
    for number, name in enumerate(names):
        if name in names[:number]:
            problems.append(Problem("bad-choice", str(name), "is named twice", "name each population once"))
            continue
        try:
            found.append(read_trains(ds, name, discard, window))
        except NbkitError as error:
            problems += error.problems
    if problems:
        raise NbkitError(problems)
    return found


def is_spiking(ds: xr.Dataset, name: str) -> bool:
    """Whether a name means the spikes of a population and not a variable.

    Raises:
        NbkitError: if it is neither.
    """
    if "." in str(name) and not str(name).endswith(".spike"):
        return False
    _require_spikes(ds, str(name).removesuffix(".spike"))
    return True


def read_signal(ds: xr.Dataset, name: str, discard: Time = 0.0, least: int = 2) -> xr.DataArray:
    """Read a variable that was recorded over time, as float64.

    What changes within rounding alone is made constant, and an infinite number becomes NaN.

    Args:
        ds: a result.
        name: such as ``"E.r"``.
        discard: length left out at the beginning.
        least: samples needed.

    Raises:
        NbkitError: an unknown variable, or too few samples.
    """
    known = [str(key) for key in ds.data_vars if "time" in ds[key].dims]
    if name not in known:
        raise fail("unknown-variable", str(name), "was not recorded over time", did_you_mean(str(name), known))
    unit = time_unit(ds)
    left_out = _checked_discard(discard, unit)
    array = ds[name]
    if left_out:
        step = float(ds.attrs.get("dt", 0.0))
        array = array.isel(time=np.asarray(ds["time"].values) >= recording_start(ds) + left_out - ON_GRID * step)
    if array.sizes["time"] < least:
        what = f"{array.sizes['time']} samples are left, {least} are needed"
        raise fail("too-short", str(name), what, "run longer, or leave out less")
    return _without_rounding(array)


def spacing(array: xr.DataArray) -> float:
    """Time between two samples of a signal.

    Raises:
        NbkitError: if the samples are not evenly spaced.
    """
    time = np.asarray(array["time"].values, dtype=float)
    step = float((time[-1] - time[0]) / (len(time) - 1))
    if not np.allclose(np.diff(time), step, rtol=1e-5, atol=0.0):
        raise fail("bad-value", "time", "the samples are not evenly spaced", "analyse the pieces one by one")
    return step


def pooled(array: xr.DataArray, *, mean: bool) -> xr.DataArray:
    """The mean over units, or the signal as it is."""
    return array.mean(unit_dims(array), skipna=False, keep_attrs=True) if mean else array


def time_last(array: xr.DataArray) -> tuple[Array, list[str]]:
    """Values, (..., time), and the names of the dimensions before it."""
    others = [str(dim) for dim in array.dims if dim != "time"]
    return np.ascontiguousarray(array.transpose(*others, "time").values), others


def kept(array: xr.DataArray) -> dict[str, Any]:
    """The coordinates that are left when time is gone."""
    return {str(name): one for name, one in array.coords.items() if "time" not in one.dims}


def is_still(values: Array) -> Array:
    """Whether a signal, (..., time), never changes."""
    return np.asarray(values.max(axis=-1) == values.min(axis=-1))


# ------------------------------------------------------------ inside


def _no_spikes(ds: xr.Dataset) -> NbkitError:
    known = list(dict.fromkeys(str(key).partition(".")[0] for key in ds.data_vars if "time" in ds[key].dims))
    wanted = ", ".join(f'"{name}.spike"' for name in known or ["E"])
    hint = f"record=[{wanted}] when simulating; only a model with a threshold spikes"
    return fail("unknown-variable", "the Dataset", "no spikes were recorded", hint)


def _require_spikes(ds: xr.Dataset, name: str) -> None:
    if f"{name}.spike_time" in ds.variables and f"{name}.spike_unit" in ds.variables and f"{name}.unit" in ds.coords:
        return
    known = {str(key).partition(".")[0] for key in ds.variables if "." in str(key) and "->" not in str(key)}
    if name in known:
        hint = f'record=["{name}.spike"] when simulating'
        raise fail("unknown-variable", f"{name}.spike_time", "no spikes of this population were recorded", hint)
    raise fail("unknown-population", name, "is not in the Dataset", did_you_mean(name, known))


def _checked_discard(discard: Time, unit: str) -> float:
    length = to_unit(discard, unit, "discard")
    if length < 0:
        raise fail("bad-value", "discard", f"{length:g} is negative", "give the length of the stretch to leave out")
    return length


def _snap(steps: Array | float) -> Array:
    """Whole steps where times are on the grid, as they are elsewhere."""
    nearest = np.rint(steps)
    return np.where(np.abs(steps - nearest) < ON_GRID, nearest, steps)


def _without_rounding(array: xr.DataArray) -> xr.DataArray:
    exact = float(np.finfo(array.dtype).eps) if array.dtype.kind == "f" else 0.0
    axis = array.get_axis_num("time")
    held = array.to_numpy().astype(float)
    values = np.where(np.isfinite(held), held, np.nan)
    low, high = values.min(axis, keepdims=True), values.max(axis, keepdims=True)
    size = np.maximum(np.abs(low), np.abs(high))
    still = high - low <= ROUNDING_AT_ZERO + max(ROUNDING, 8 * exact) * size
    return array.copy(data=np.where(still, np.take(values, [0], axis), values))
