"""Owns how spike statistics are drawn with Bokeh: panels of bars side by side. Must not know Datasets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bokeh.layouts import GridBox, column
from bokeh.models import ColumnDataSource, PrintfTickFormatter, Range1d
from bokeh.models.annotations import Label, Span
from bokeh.models.ui import UIElement
from bokeh.plotting import figure

from nbkit.plots.picture import Columns, Settings
from nbkit.plots.rows import box_of, name_rows
from nbkit.plots.style import FONT, GRID, INK, MUTED, add_headings, panel

BAR = 0.62
#: Columns of the grid that the first panel takes, which has the names, and the others.
FIRST, OTHER = 6, 4
NARROWEST = 140
#: Height of a line of the heading in pixels.
HEADING = 26
#: How many panels stand side by side, by how many there are.
ACROSS = {1: 1, 2: 2, 3: 3, 4: 2}


@dataclass(frozen=True)
class Measure:
    """One panel: its data source, its axis, what a Poisson process has, and more columns for the box of values."""

    key: str
    label: str
    poisson: float | None
    more: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class StatisticsPlan:
    """The fixed part of a picture of spike statistics.

    Attributes:
        names: populations from top to bottom.
        sizes: how many units each has.
        colours: the colour of each.
        measures: panels from left to right.
        title: a heading.
        height: height in pixels.
    """

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    colours: tuple[str, ...]
    measures: tuple[Measure, ...]
    title: str
    height: int

    def draw(self, columns: Mapping[str, Columns], settings: Mapping[str, Settings]) -> UIElement:
        """Make a layout of one panel for each measure."""
        across = ACROSS[len(self.measures)]
        children: list[tuple[UIElement, int, int, int, int]] = []
        for number, one in enumerate(self.measures):
            down, place = divmod(number, across)
            fig = self._panel(one, columns[one.key], settings)
            fig.yaxis.visible = place == 0
            left, wide = (0, FIRST) if place == 0 else (FIRST + OTHER * (place - 1), OTHER)
            children.append((fig, down, left, 1, wide))
        grid = GridBox(children=children, sizing_mode="stretch_width")
        return column(self._heading(settings), grid, sizing_mode="stretch_width")

    def _heading(self, settings: Mapping[str, Settings]) -> figure:
        """Make the lines above all panels, which may be longer than one of them is wide."""
        lines = bool(self.title) + bool(settings["note"]["visible"])
        fig = panel("", "", height=HEADING * max(1, lines))
        fig.x_range, fig.y_range = Range1d(start=0, end=1), Range1d(start=0, end=1)
        fig.toolbar_location = None
        fig.axis.visible = fig.grid.visible = False
        fig.visible = bool(lines)
        fig.scatter([], [])  # Bokeh warns of a figure in which nothing is drawn
        add_headings(fig, self.title, settings["note"]["text"])
        return fig

    def _panel(self, one: Measure, columns: Columns, settings: Mapping[str, Settings]) -> figure:
        fig = panel(one.label, "population (units)", height=self.height)
        fig.min_width = NARROWEST
        axis = f"{one.key} axis"
        fig.x_range = Range1d(name=axis, **settings[axis])
        fig.xgrid.grid_line_color, fig.ygrid.grid_line_color = GRID, None
        fig.xaxis.formatter = PrintfTickFormatter(format="%.4g")
        fig.xaxis.ticker.desired_num_ticks = 4
        name_rows(fig, [f"{name} ({size:,})" for name, size in zip(self.names, self.sizes, strict=True)])
        source = ColumnDataSource({**columns, "name": list(self.names), "colour": list(self.colours)}, name=one.key)
        bars = fig.hbar("row", BAR, "value", source=source, fill_color="colour", fill_alpha=0.75, line_color=None)
        more = [(words, f"@{extra}{{0.[00]}}") for extra, words in one.more]
        fig.add_tools(box_of([bars], [("", "@name"), (one.label, "@value{%.4g}"), *more], "@value"))
        if one.poisson is not None:
            fig.add_layout(Span(location=one.poisson, dimension="height", line_color=MUTED, line_dash="dashed"))
        for place, row in enumerate(columns["row"]):
            name = f"{one.key} number {place}"
            number = Label(y=float(row), name=name, x_offset=5, text_baseline="middle", **settings[name])
            number.update(text_font=FONT, text_font_size="12px", text_color=INK, background_fill_color="white")
            number.background_fill_alpha = 0.8
            fig.add_layout(number)
        return fig
