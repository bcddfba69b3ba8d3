"""Owns which picture shows a window of a simulation that goes on. Must not know the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import xarray as xr

from nbkit.analysis.reading import spiking
from nbkit.plots import Picture, heatmap_picture, raster_picture, sheet_picture, traces_picture
from nbkit.plots.places import extremes
from nbkit.plots.rolling import rolling_picture
from nbkit.plots.sheet import block_words
from nbkit.plots.sheet_plan import SheetPlan
from nbkit.plots.style import note_settings
from nbkit.widgets.workbench.view import LiveShown
from nbkit.widgets.workbench.window import Window

_HEIGHT = 320


def _traces(window: Window) -> Picture:
    return traces_picture(window.dataset(), band="none", units=[], height=_HEIGHT)


def _raster(window: Window) -> Picture:
    return raster_picture(window.dataset(whole=True), height=_HEIGHT)


def _heatmap(window: Window) -> Picture:
    whole = window.dataset(whole=True)
    return heatmap_picture(whole, _over_time(whole)[0], height=_HEIGHT)


def _sheet(window: Window) -> Picture:
    """The present moment of a sheet, without a player; colours are those of the whole stretch."""
    known = window.dataset()
    name = _on_sheets(known)[0]
    low, high = extremes(known[name].to_numpy())
    limits = (low, high) if low < high else None
    picture = sheet_picture(known.isel(time=slice(-1, None)), name, limits=limits, height=_HEIGHT)
    assert isinstance(picture.plan, SheetPlan)
    columns = {"image": picture.columns["image"]}
    settings = {key: picture.settings[key] for key in ("colours", "moment")}
    settings["note"] = note_settings(block_words(picture.plan.moment.block))
    return Picture(picture.plan.moment, columns, settings, picture.summary)


def _over_time(ds: xr.Dataset) -> list[str]:
    return [str(name) for name in ds.data_vars if "time" in ds[name].dims]


def _on_sheets(ds: xr.Dataset) -> list[str]:
    return [name for name in _over_time(ds) if any(str(dim).endswith("grid_y") for dim in ds[name].dims)]


#: name -> whether it can show a result, how, and whether time goes to the right
LIVE_FIGURES: dict[str, tuple[Callable[[xr.Dataset], object], Callable[[Window], Picture], bool]] = {
    "Sheet": (_on_sheets, _sheet, False),
    "Raster": (spiking, _raster, True),
    "Traces": (_over_time, _traces, True),
    "Heatmap": (lambda ds: [name for name in _over_time(ds) if len(ds[name].dims) > 1], _heatmap, True),
}


def fitting(ds: xr.Dataset) -> Sequence[str]:
    """Names of the figures that can show a result, the best one first."""
    return [name for name, (fits, *_) in LIVE_FIGURES.items() if fits(ds)]


def live_picture(name: str, live: LiveShown, stretch: Window) -> Picture:
    """The picture of this name."""
    _, draw, over_time = LIVE_FIGURES[name]
    picture = draw(stretch)
    return rolling_picture(picture, live.span, live.marks) if over_time else picture
