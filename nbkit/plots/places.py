"""Owns the reading of activity that has a place: lines and sheets with their axes. Must not know Bokeh."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from nbkit.errors import NbkitError, fail, shown
from nbkit.model.numbers import is_finite_number
from nbkit.plots.series import Series, read_series

Array = np.ndarray


@dataclass(frozen=True)
class Axis:
    """One direction of a line or a sheet.

    Attributes:
        name: ``x`` or ``y``.
        start: where the first cell begins.
        cell: length of a cell.
        count: number of cells.
        unit: unit of length, empty when there is none.
    """

    name: str
    start: float
    cell: float
    count: int
    unit: str = ""

    @property
    def end(self) -> float:
        """Where the last cell ends."""
        return round(self.start + self.cell * self.count, 12)

    @property
    def label(self) -> str:
        """Name and unit, as an axis shows them."""
        return f"{self.name} ({self.unit})" if self.unit else self.name

    @property
    def middles(self) -> Array:
        """The middle of each cell, (count,)."""
        return self.start + self.cell * (np.arange(self.count) + 0.5)

    def index(self, place: float) -> int:
        """Give the number of the cell in which a place lies."""
        return min(self.count - 1, int((place - self.start) / self.cell))


@dataclass(frozen=True, eq=False)
class Field:
    """One recorded variable of units that have a place.

    Attributes:
        series: its names, units and times.
        axes: (x,) of a line, (y, x) of a sheet.
        values: (time, x) of a line, (time, y, x) of a sheet.
    """

    series: Series
    axes: tuple[Axis, ...]
    values: Array


def read_field(ds: xr.Dataset, name: str | None, *, axes: int | None = None) -> Field:
    """Read one recorded variable of a line or a sheet out of a Dataset.

    Args:
        ds: a result.
        name: its name; None for the only one that fits.
        axes: 1 if it must be a line, 2 if a sheet; None if either will do.

    Raises:
        NbkitError: a name that is not recorded, none where several fit, units that have no place.
    """
    series = read_series(ds, name)
    if name is None and len(series) > 1:
        fitting = [one for one in series if len(_dimensions(ds[one.name])) in ((axes,) if axes else (1, 2))]
        series = tuple(fitting) or series
    if len(series) > 1:
        names = ", ".join(one.name for one in series)
        raise fail("bad-choice", "variable", "the picture shows one variable", f"one of {names}")
    return _field(ds[series[0].name], series[0])


def _field(array: xr.DataArray, series: Series) -> Field:
    dims = _dimensions(array)
    if len(dims) not in (1, 2):
        raise _placeless(array, series)
    values = np.asarray(array.transpose("time", *dims).values)
    return Field(series, tuple(_axis(array, dim) for dim in dims), values)


def _placeless(array: xr.DataArray, series: Series) -> NbkitError:
    if any(str(coordinate).startswith(f"{series.population}.unit_") for coordinate in array.coords):
        what, hint = "only some of its units were recorded", "record all of them"
    elif array.ndim == 1:
        what, hint = "is an average over the units", "record it without average="
    else:
        what = f"the units of {series.population} have no places"
        hint = f"size=(ny, nx) makes {series.population} a sheet, size=(nx,) a line"
    return fail("wrong-shape", series.name, what, f"{hint}; nb.plots.heatmap shows units without places")


def _dimensions(array: xr.DataArray) -> list[str]:
    """The dimensions of place, y before x."""
    found = [str(dim) for dim in array.dims if str(dim).rpartition(".")[2] in ("grid_x", "grid_y")]
    return sorted(found, reverse=True)


def _axis(array: xr.DataArray, dim: str) -> Axis:
    middles = np.asarray(array[dim].values, dtype=float)
    # the first cell begins at zero, so its middle tells its length where there is only one
    cell = float(middles[-1] - middles[0]) / (len(middles) - 1) if len(middles) > 1 else 2 * float(middles[0]) or 1.0
    unit = str(array[dim].attrs.get("units", ""))
    start = round(float(middles[0]) - cell / 2, 12)
    return Axis(dim[-1], start, cell, len(middles), "" if unit == "1" else unit)


def extremes(values: Array) -> tuple[float, float]:
    """Give the lowest and the highest finite number; 0 and 1 where there is none."""
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)


def colour_limits(values: Array, chosen: Sequence[float] | None, *, still: bool = False) -> tuple[float, float]:
    """Give the numbers at the two ends of the colours.

    Raises:
        NbkitError: chosen limits that are no ordered pair of finite numbers.
    """
    if chosen is None:
        low, high = extremes(values)
        return (low - 0.5, high + 0.5) if still or low == high else (low, high)
    if not _is_pair(chosen) or not chosen[0] < chosen[1]:
        raise fail("bad-choice", "limits", f"{shown(chosen)} is no pair of numbers (low, high)", "limits=(0.0, 1.0)")
    return float(chosen[0]), float(chosen[1])


def _is_pair(chosen: object) -> bool:
    if isinstance(chosen, np.ndarray):
        chosen = chosen.tolist()
    return isinstance(chosen, list | tuple) and len(chosen) == 2 and all(map(is_finite_number, chosen))
