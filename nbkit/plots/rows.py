"""Owns pictures with one row for each population: names at the left, zoom to the sides. Must not know Datasets."""

from __future__ import annotations

from collections.abc import Sequence

from bokeh.models import BoxZoomTool, FixedTicker, HoverTool, PanTool, Range1d
from bokeh.models.renderers import GlyphRenderer
from bokeh.plotting import figure

from nbkit.plots.style import INK


def zoom_sideways(fig: figure) -> None:
    """Keep the axis of names as it is when a reader zooms or moves."""
    for tool in fig.toolbar.tools:
        if isinstance(tool, PanTool | BoxZoomTool):
            tool.dimensions = "width"


def name_axis(fig: figure, places: Sequence[float], labels: Sequence[str]) -> None:
    """Write names beside their places on the vertical axis."""
    axis = fig.yaxis[0]
    axis.ticker = FixedTicker(ticks=list(places))
    axis.major_label_overrides = dict(zip(places, labels, strict=True))
    axis.update(major_label_text_color=INK, major_tick_line_color=None, axis_line_color=None)
    zoom_sideways(fig)


def name_rows(fig: figure, labels: Sequence[str]) -> None:
    """Make one row for each label, the first on top: row n for the first of n labels, row 1 for the last."""
    fig.y_range = Range1d(start=0.4, end=len(labels) + 0.6)
    name_axis(fig, [float(row) for row in range(len(labels), 0, -1)], labels)


def box_of(renderers: list[GlyphRenderer], rows: list[tuple[str, str]], *numbers: str) -> HoverTool:
    """Make the box that shows values under the pointer; the named columns are formatted as in C."""
    return HoverTool(renderers=renderers, tooltips=rows, formatters=dict.fromkeys(numbers, "printf"), visible=False)
