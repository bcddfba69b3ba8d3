"""Owns the reading of Datasets: which variables are traces, what their axes are called. Must not know Bokeh."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from nbkit.errors import NbkitError, Problem, did_you_mean, fail
from nbkit.plots.checks import names_of
from nbkit.results import unit_dims, unit_numbers

Array = np.ndarray
#: A state counts as moved when it changed by more than this, or by more than `ROUNDING` of its size.
ROUNDING_AT_ZERO = 1e-13
ROUNDING = 1e-9
#: Letters of an axis label for which a panel of the usual height has room.
ROOM = 38


@dataclass(frozen=True, eq=False)
class Series:
    """One recorded variable of one population.

    Attributes:
        name: its name in the Dataset, such as ``E.r``.
        population: ``E``.
        quantity: how the axis names it, such as ``rate r``.
        unit: its unit, empty when it has none.
        time: (time,), in ``time_unit``.
        time_unit: ``ms``, ``s``, or ``1`` for model units.
        values: (time, units).
        numbers: the number of each recorded unit, (units,).
        averaged: whether the recording holds one average instead of units.
    """

    name: str
    population: str
    quantity: str
    unit: str
    time: Array
    time_unit: str
    values: Array
    numbers: Array
    averaged: bool

    @property
    def axis_label(self) -> str:
        """Name and unit, as an axis shows them; without the meaning of the name if there is no room."""
        unit = self.unit or "dimensionless"
        full = f"{self.quantity} ({unit})"
        return full if len(full) <= ROOM else f"{self.quantity.rpartition(' ')[2]} ({unit})"

    @property
    def time_label(self) -> str:
        """Name and unit of the time axis."""
        return f"time ({self.time_words})"

    @property
    def time_words(self) -> str:
        """The unit of time in words."""
        return "model units" if self.time_unit == "1" else self.time_unit

    @property
    def still(self) -> bool:
        """Whether every unit kept its first value, to rounding."""
        if not np.isfinite(self.values).all():
            return False
        exact = np.finfo(self.values.dtype).eps if self.values.dtype.kind == "f" else 0.0
        size = np.abs(self.values).max(initial=0.0)
        tolerance = ROUNDING_AT_ZERO + max(ROUNDING, 8 * float(exact)) * size
        return bool(np.abs(self.values - self.values[0]).max(initial=0.0) <= tolerance)


def read_series(ds: xr.Dataset, names: str | Sequence[str] | None = None) -> tuple[Series, ...]:
    """Read recorded variables out of a Dataset; every one of them if no names are given.

    Raises:
        NbkitError: a name that is not recorded, or a dimension that is neither time nor units.
    """
    known = [str(name) for name in ds.data_vars if "time" in ds[name].dims]
    asked = names_of(names, "variable")
    wanted = known if asked is None else asked
    if not wanted:
        raise fail(
            "unknown-variable", "the Dataset", "nothing in it was recorded over time", 'record=["E.r"] when simulating'
        )
    missing = [name for name in wanted if name not in known]
    if missing:
        raise NbkitError(
            [Problem("unknown-variable", name, "was not recorded", did_you_mean(name, known)) for name in missing]
        )
    odd = [problem for name in wanted for problem in (*_odd_dimensions(ds[name], name), *_nothing(ds[name], name))]
    if odd:
        raise NbkitError(odd)
    return tuple(_read(ds[name], name) for name in wanted)


def _population(array: xr.DataArray, name: str) -> str:
    return str(array.attrs.get("population", name.partition(".")[0]))


def _odd_dimensions(array: xr.DataArray, name: str) -> Iterable[Problem]:
    prefix = _population(array, name) + "."
    for dim in array.dims:
        if dim != "time" and not str(dim).startswith(prefix):
            yield Problem(
                "wrong-shape",
                name,
                f"has a dimension '{dim}' of length {array.sizes[dim]}; a plot shows one run",
                f'choose one: ds.isel({{"{dim}": 0}})',
            )


def _nothing(array: xr.DataArray, name: str) -> Iterable[Problem]:
    if not array.size:
        what = "samples" if not array.sizes["time"] else "units"
        yield Problem("too-short", name, f"holds no {what}", "run longer, or cut out less of the result")


def _read(array: xr.DataArray, name: str) -> Series:
    dims = unit_dims(array)
    ordered = array.transpose("time", *dims)
    values = np.asarray(ordered.values)
    values = values.reshape(len(values), -1)
    if values.dtype.kind != "f":
        values = values.astype(float)
    variable = str(array.attrs.get("variable", name.partition(".")[2]))
    long_name = str(array.attrs.get("long_name", ""))
    unit = str(array.attrs.get("units", ""))
    return Series(
        name=name,
        population=_population(array, name),
        quantity=f"{long_name} {variable}" if long_name and long_name != variable else variable,
        unit="" if unit == "1" else unit,
        time=np.asarray(array["time"].values, dtype=float),
        time_unit=str(array["time"].attrs.get("units", "1")),
        values=values,
        numbers=unit_numbers(array),
        averaged=not dims,
    )


def note_on(series: Sequence[Series]) -> str:
    """Say in one line what a reader would otherwise wonder about: nothing moved, or numbers ran away."""
    for one in series:
        bad = ~np.isfinite(one.values).all(axis=1)
        if bad.any():
            start = one.time[int(bad.argmax())]
            return f"{one.name} is not a finite number from {start:.6g} {one.time_words} on: try a smaller dt"
    if series and all(one.still for one in series):
        return "Nothing moved: every unit began at a fixed point and stayed"
    return ""
