"""Owns the heat map: every unit's activity as colour over time. Must not know how a page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr
from bokeh.models import ColumnDataSource, LinearColorMapper, Range1d
from bokeh.models.annotations import ColorBar
from bokeh.models.ui import UIElement

from nbkit.errors import fail
from nbkit.plots.checks import require_picture
from nbkit.plots.picture import Columns, Picture, Settings, as_bokeh
from nbkit.plots.reduce import block_mean, image_limits
from nbkit.plots.series import Series, note_on, read_series
from nbkit.plots.style import FONT, MUTED, NO_COLOUR, PALETTE, add_headings, colour_label, hover, note_settings, panel

Array = np.ndarray


def heatmap(ds: xr.Dataset, variable: str | None = None, *, title: str = "", height: int = 320) -> UIElement:
    """Draw every unit's activity as colour: time to the right, units upwards.

    A recording of more than 200 units, or of more samples than fit, is averaged over equal blocks of
    samples and units, and the figure says so.

    Args:
        ds: a result of `nbkit.simulate`.
        variable: a name such as ``"E.r"``; may be left out when only one was recorded.
        title: a heading; empty for none.
        height: height in pixels; the width follows the page.

    Returns:
        A Bokeh figure.

    Raises:
        NbkitError: a variable that was not recorded, or none given where there are several.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"E": nb.Population(nb.models.wilson_cowan, 10)})
        >>> figure = nb.plots.heatmap(nb.simulate(net, duration=20.0, dt=0.1), "E.r")
    """
    return heatmap_picture(ds, variable, title=title, height=height).draw()


def heatmap_picture(ds: xr.Dataset, variable: str | None = None, *, title: str = "", height: int = 320) -> Picture:
    """Compute what `heatmap` draws, as a `Picture` that a live figure can follow.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"E": nb.Population(nb.models.wilson_cowan, 10, initial={"r": 0.1})})
        >>> nb.plots.heatmap_picture(nb.simulate(net, duration=20.0, dt=0.1), "E.r").summary
        'Heat map of E.r: 10 units over 0 to 20 ms, from 0.0134 to 0.1.'
    """
    require_picture(ds, title, height)
    series = read_series(ds, variable)
    if len(series) > 1:
        names = ", ".join(one.name for one in series)
        raise fail("bad-choice", "variable", "a heat map shows one variable", f"one of {names}")
    one = series[0]
    image, block = block_mean(one.values, image_limits(one.values.shape[1]))
    image = image.T.astype(np.float32)
    bottom, cell, unit_label = _unit_axis(one)
    step = (one.time[-1] - one.time[0]) / max(1, len(one.time) - 1) or 1.0
    plan = HeatmapPlan(
        x_label=one.time_label,
        y_label=unit_label,
        colour_label=one.axis_label,
        time_words=one.time_words,
        window=(one.time[0], one.time[-1], bottom, bottom + cell * one.values.shape[1]),
        image=(one.time[0] - step / 2, bottom, step * block[0] * image.shape[1], cell * block[1] * image.shape[0]),
        shape=image.shape,
        title=title,
        height=height,
    )
    text = ". ".join(part for part in (note_on(series), _block_text(block)) if part)
    low, high = _colour_limits(one, image)
    settings: dict[str, Settings] = {"note": note_settings(text), "colours": {"low": low, "high": high}}
    summary = (
        f"Heat map of {one.name}: {one.values.shape[1]} units over {one.time[0]:g} to {one.time[-1]:g} "
        f"{one.time_words}, from {low:.3g} to {high:.3g}. {text}"
    )
    return Picture(plan, {"image": {"image": image[None]}}, settings, summary.strip())


def _unit_axis(one: Series) -> tuple[float, float, str]:
    """Give the lower edge of the first row, the height of a row, and the label of the axis."""
    gaps = np.diff(one.numbers)
    if len(gaps) == 0 or (gaps == gaps[0]).all():
        cell = float(gaps[0]) if len(gaps) else 1.0
        return float(one.numbers[0]) - cell / 2, cell, f"unit of {one.population}"
    return -0.5, 1.0, f"recorded unit of {one.population}, in order"


def _block_text(block: tuple[int, int]) -> str:
    """Say what a cell stands for, if it is not one sample of one unit."""
    parts = [f"{n} {what}" for n, what in zip(block, ("samples", "units"), strict=True) if n > 1]
    return f"Each cell is the mean of {' × '.join(parts)}" if parts else ""


def _colour_limits(one: Series, image: Array) -> tuple[float, float]:
    finite = image[np.isfinite(image)]
    if not finite.size:
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    return (low - 0.5, high + 0.5) if one.still and low == high else (low, max(high, np.nextafter(low, np.inf)))


@dataclass(frozen=True)
class HeatmapPlan:
    """The fixed part of a heat map.

    Attributes:
        x_label: label of the time axis.
        y_label: label of the axis of units.
        colour_label: label of the colour bar.
        time_words: the unit of time.
        window: what the axes show: left, right, bottom, top.
        image: where the image lies: left, bottom, width, height.
        shape: cells of the image, (units, time).
        title: a heading.
        height: height in pixels.
        row_name: what a row is, for the hover box.
        row_format: how its number is written there.
    """

    x_label: str
    y_label: str
    colour_label: str
    time_words: str
    window: tuple[float, float, float, float]
    image: tuple[float, float, float, float]
    shape: tuple[int, ...]
    title: str
    height: int
    row_name: str = "unit"
    row_format: str = "0"

    def draw(self, columns: Mapping[str, Columns], settings: Mapping[str, Settings]) -> UIElement:
        """Make the figure."""
        fig = panel(self.x_label, self.y_label, height=self.height)
        left, right, bottom, top = self.window
        fig.x_range, fig.y_range = Range1d(start=left, end=right), Range1d(start=bottom, end=top)
        fig.ygrid.grid_line_color = None
        x, y, width, height = self.image
        mapper = LinearColorMapper(palette=PALETTE, nan_color=NO_COLOUR, name="colours")
        mapper.update(**settings["colours"])
        source = ColumnDataSource({"image": as_bokeh(columns["image"]["image"])}, name="image")
        drawn = fig.image("image", x=x, y=y, dw=width, dh=height, source=source, color_mapper=mapper)
        rows = [
            (self.row_name, f"$y{{{self.row_format}}}"),
            ("time", f"$x{{0.0}} {self.time_words}"),
            (self.colour_label, "@image{%.4g}"),
        ]
        fig.add_tools(hover([drawn], rows))
        fig.add_layout(colour_bar(mapper), "right")
        fig.add_layout(colour_label(self.colour_label), "above")
        add_headings(fig, self.title, settings["note"]["text"])
        return fig


def colour_bar(mapper: LinearColorMapper) -> ColorBar:
    """Make the bar that says which colour is which number."""
    return ColorBar(
        color_mapper=mapper,
        major_label_text_font=FONT,
        major_label_text_color=MUTED,
        width=14,
        label_standoff=8,
        border_line_color=None,
        background_fill_color=None,
        padding=8,
    )
