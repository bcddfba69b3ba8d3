"""Owns how numbers that are predicted are read from a result. Must not know any theory, nor networks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from nbkit.analysis.reading import read_signal, recording_start, time_unit
from nbkit.analysis.rhythms import order_parameter, period
from nbkit.errors import fail
from nbkit.network.time import steps_per_unit

if TYPE_CHECKING:
    import xarray as xr

Measure = Callable[["xr.Dataset"], float | Mapping[str, float]]

_STILL = 0.05  # of its size: what a signal that rests may still change by
_SMALL = 0.02  # a perturbation below this is small


def span(ds: xr.Dataset) -> float:
    """How long a recording lasted."""
    return float(ds["time"].to_numpy()[-1]) - recording_start(ds)


def at_step(measure: Measure, dt: float | None) -> Measure:
    """The same measurement, for results with this step alone: NaN at another one. None lets every step through."""
    if dt is None:
        return measure

    def checked(ds: xr.Dataset) -> float | Mapping[str, float]:
        fits = np.isclose(float(ds.attrs.get("dt", np.nan)), dt, rtol=1e-9, atol=0.0)
        return measure(ds) if fits else float("nan")

    return checked


def period_of(path: str) -> Measure:
    """The period of the mean over units in the later half of a recording; NaN where there is no lasting rhythm."""

    def measure(ds: xr.Dataset) -> float:
        return float(period(ds, path, discard=span(ds) / 2, mean=True).mean(skipna=False))

    return measure


def levels_of(paths: Sequence[str]) -> Measure:
    """The mean over units of each path in the last tenth of a recording; NaN for what does not stand still."""

    def measure(ds: xr.Dataset) -> dict[str, float]:
        return {path: _level(ds, path) for path in paths}

    return measure


def _level(ds: xr.Dataset, path: str) -> float:
    signal = read_signal(ds, path, 0.9 * span(ds))
    values = signal.mean([dim for dim in signal.dims if dim != "time"], skipna=False).to_numpy()
    still = np.ptp(values) <= _STILL * np.abs(values).max() + 1e-4
    return float(values[-1]) if still else float("nan")


def change_of(paths: Sequence[str], since: float, amplitude: float) -> Measure:
    """How far the mean over units of each path is, at the end, from where it was at a moment, per unit of drive."""

    def measure(ds: xr.Dataset) -> dict[str, float]:
        return {path: _change(ds, path, since) / amplitude for path in paths}

    return measure


def _change(ds: xr.Dataset, path: str, since: float) -> float:
    time = ds["time"].to_numpy()
    if time[0] > since or time[-1] <= since:
        return float("nan")
    signal = read_signal(ds, path, least=1).sel(time=since, method="nearest")
    return _level(ds, path) - float(signal.mean(skipna=False))


def growth_of(path: str) -> Measure:
    """How fast the peaks of the mean over units grow in the later half of a recording; NaN without four small ones."""

    def measure(ds: xr.Dataset) -> float:
        late = read_signal(ds, path, span(ds) / 2)["time"]
        signal = ds[path].sel(time=late)
        size = np.abs(signal.mean([dim for dim in signal.dims if dim != "time"], skipna=False).to_numpy())
        tops = np.flatnonzero((size[1:-1] >= size[:-2]) & (size[1:-1] > size[2:])) + 1
        if len(tops) < 4 or not 0 < size[tops].min() <= size[tops].max() < _SMALL:
            return float("nan")
        low, middle, high = (np.log(size[tops + shift]) for shift in (-1, 0, 1))
        bend = low - 2 * middle + high
        heights = middle - (high - low) ** 2 / (8 * bend)
        return float(np.polyfit(signal["time"].to_numpy()[tops], heights, 1)[0])

    return measure


def coherence_of(path: str) -> Measure:
    """The order parameter r of phases, as a mean over the later half of a recording."""

    def measure(ds: xr.Dataset) -> float:
        order = order_parameter(ds, path, discard=span(ds) / 2)
        return float(order[f"{path}_r"].mean(skipna=False))

    return measure


def turning_of(path: str) -> Measure:
    """Cycles of phases in a second, or in a model unit, in the later half; NaN where units turn at different speeds."""

    def measure(ds: xr.Dataset) -> float:
        phases = read_signal(ds, path, span(ds) / 2)
        first, last = phases.isel(time=0), phases.isel(time=-1)
        speeds = ((last - first) / (float(last["time"]) - float(first["time"]))).to_numpy()
        if np.ptp(speeds) > _STILL * np.abs(speeds).max():
            return float("nan")
        return float(speeds.mean() * steps_per_unit(time_unit(ds)) / (2 * np.pi))

    return measure


def awake_length_of(path: str, level: float) -> Measure:
    """The length of a line on which a state is above a level, at the end of a recording."""

    def measure(ds: xr.Dataset) -> float:
        awake, gap, _ = _awake(ds, path, level)
        return float(awake[-1].sum() * gap)

    return measure


def front_speed_of(path: str, level: float) -> Measure:
    """How fast one border between awake and asleep units moves, positive where it wakes them; NaN without one.

    The border nearest to where it was is followed as long as it is there, and the later half of its way is taken.
    """

    def measure(ds: xr.Dataset) -> float:
        awake, gap, time = _awake(ds, path, level)
        borders = [np.flatnonzero(row[:-1] != row[1:]) for row in awake]
        if not len(borders[0]):
            return float("nan")
        here = int(borders[0][-1])
        wakes_up = 1.0 if awake[0, here] else -1.0
        way = []
        for found in borders:
            if not len(found) or abs(found - here).min() > len(awake[0]) / 10:
                break
            here = int(found[np.argmin(np.abs(found - here))])
            way.append(here)
        gone = np.abs(np.array(way) - way[0])
        part = gone >= gone.max() / 2
        if gone.max() < 8:
            return float("nan")
        return float(wakes_up * gap * np.polyfit(time[: len(way)][part], np.array(way)[part], 1)[0])

    return measure


def _awake(ds: xr.Dataset, path: str, level: float) -> tuple[np.ndarray, float, np.ndarray]:
    """Which units are awake, (time, units), their distance, and the times."""
    signal = read_signal(ds, path)
    (line,) = [str(dim) for dim in signal.dims if dim != "time"]
    if not line.endswith("grid_x"):
        raise fail("wrong-shape", path, "some units of the line are not there", f'record=["{path}"] for all of them')
    return signal.transpose("time", line).to_numpy() >= level, _gap(signal[line].to_numpy()), signal["time"].to_numpy()


def _gap(places: np.ndarray) -> float:
    return float((places[-1] - places[0]) / max(1, len(places) - 1))


def half_width_of(path: str, level: float) -> Measure:
    """Half of the length of a ring on which a state is above a level at the end, interpolated; NaN without a bump."""

    def measure(ds: xr.Dataset) -> float:
        values, gap = _last_row(ds, path)
        above = values - level
        if (above > 0).all() or not (above > 0).any():
            return float("nan")
        after = np.roll(above, -1)
        rising, falling = ((above <= 0) & (after > 0)), ((above > 0) & (after <= 0))
        if rising.sum() != 1:
            return float("nan")
        partly = (after[rising] / (after[rising] - above[rising])) + (
            above[falling] / (above[falling] - after[falling])
        )
        return float(gap * ((above > 0).sum() - 1 + partly[0]) / 2)

    return measure


def peak_of(path: str, level: float, gain: float) -> Measure:
    """The highest of threshold-linear rates at the end, ``gain (x - level)``, through three units by a parabola."""

    def measure(ds: xr.Dataset) -> float:
        values, _ = _last_row(ds, path)
        if np.ptp(values) <= _STILL * np.abs(values).max():
            return float("nan")
        k = int(np.argmax(values))
        low, middle, high = values[k - 1], values[k], values[(k + 1) % len(values)]
        bend = low - 2 * middle + high
        top = middle - (high - low) ** 2 / (8 * bend) if bend < 0 else middle
        return float(gain * (top - level))

    return measure


def uniform_level_of(path: str) -> Measure:
    """The level at the end, if it is the same for all units; NaN otherwise."""

    def measure(ds: xr.Dataset) -> float:
        values, _ = _last_row(ds, path)
        alike = np.ptp(values) <= 1e-3 * (1e-3 + np.abs(values).max())
        return float(values.mean()) if alike else float("nan")

    return measure


def _last_row(ds: xr.Dataset, path: str) -> tuple[np.ndarray, float]:
    """The last sample of a line of units, (units,), and their distance."""
    signal = read_signal(ds, path, least=1)
    (line,) = [str(dim) for dim in signal.dims if dim != "time"]
    return signal.isel(time=-1).to_numpy(), _gap(signal[line].to_numpy())
