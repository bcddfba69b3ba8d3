"""Owns which picture shows a run, and the run before behind it. Must not know the page."""

from __future__ import annotations

from collections.abc import Callable

import xarray as xr

from nbkit.analysis.reading import spiking
from nbkit.plots import Picture, heatmap_picture, raster_picture, sheet_picture, traces_picture
from nbkit.widgets.workbench.view import Shown

_CELLS = 150_000  # of all frames of a sheet together, so that it is sent quickly


def _traces(run: Shown, before: Shown | None) -> Picture:
    earlier = [("before", before.result)] if before is not None and _same_names(run.result, before.result) else []
    return traces_picture(run.result, compare=earlier, band="none", units=[], height=300)


def _same_names(one: xr.Dataset, other: xr.Dataset) -> bool:
    return {str(n) for n in one.data_vars if "time" in one[n].dims} <= {str(n) for n in other.data_vars}


#: name -> whether it can show a result, and how
FIGURES: dict[str, tuple[Callable[[xr.Dataset], bool], Callable[[Shown, Shown | None], Picture]]] = {
    "Sheet": (
        lambda ds: any(str(d).endswith("grid_y") for d in ds.dims),
        lambda run, _: sheet_picture(run.result, cells=_CELLS),
    ),
    "Raster": (lambda ds: bool(spiking(ds)), lambda run, _: raster_picture(run.result, height=340)),
    "Traces": (lambda ds: any("time" in ds[n].dims for n in ds.data_vars), _traces),
    "Heatmap": (
        lambda ds: any("time" in ds[n].dims and len(ds[n].dims) > 1 for n in ds.data_vars),
        lambda run, _: heatmap_picture(run.result),
    ),
}


def fitting(ds: xr.Dataset) -> list[str]:
    """Names of the figures that can show a result, the best one first."""
    return [name for name, (fits, _) in FIGURES.items() if fits(ds)]
