"""Owns the names, units and provenance that results of an analysis carry. Must not know how they are computed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

#: What a result keeps of the attributes of the Dataset that it was computed from.
KEPT = ("network", "seed", "time_unit", "dt", "nbkit")


def frequency_unit(time_unit: str) -> str:
    """How frequencies and rates are counted in a network of this time unit.

    >>> frequency_unit("ms"), frequency_unit("1")
    ('Hz', 'per model unit')
    """
    return "per model unit" if time_unit == "1" else "Hz"


def about(population: str, variable: str, units: str, long_name: str) -> dict[str, str]:
    """Attributes of a computed variable, in the order of those of a recorded one."""
    return {"units": units, "long_name": long_name, "population": population, "variable": variable}


def time_attributes(time_unit: str, long_name: str) -> dict[str, str]:
    """Attributes of times that are not those of the samples."""
    return {"units": time_unit, "long_name": long_name}


def provenance(ds: xr.Dataset, **changes: Any) -> dict[str, Any]:
    """Attributes that a computed Dataset takes over, and those that are new."""
    return {key: ds.attrs[key] for key in KEPT if key in ds.attrs} | changes


def unit_coordinate(ds: xr.Dataset, population: str) -> Mapping[str, Any]:
    """The numbers of the recorded units, as a coordinate of a result; and their places if they have any."""
    name = f"{population}.unit"
    known = [key for key in (name, f"{name}_y", f"{name}_x") if key in ds.coords]
    return {key: (name, np.asarray(ds[key].values), dict(ds[key].attrs)) for key in known}
