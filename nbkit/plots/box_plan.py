"""Owns how box plots of rates are drawn with Bokeh. Must not know Datasets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from bokeh.models import ColumnDataSource
from bokeh.models.annotations import LegendItem
from bokeh.models.ui import UIElement
from bokeh.plotting import figure

from nbkit.plots.picture import Columns, Settings
from nbkit.plots.rows import box_of, name_rows
from nbkit.plots.style import GRID, INK, add_headings, legend, panel

#: Thickness of a box and of a cap of its whiskers, in rows; height of a reference mark in pixels.
BOX, CAP, MARK = 0.56, 0.22, 28
REFERENCE = "#be123c"


@dataclass(frozen=True)
class BoxPlan:
    """The fixed part of box plots of rates.

    Attributes:
        names: populations from top to bottom.
        sizes: how many units each has.
        colours: the colour of each.
        unit: unit of the rates.
        outliers: whether there are any.
        reference: what the reference marks are; empty for none.
        title: a heading.
        height: height in pixels.
    """

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    colours: tuple[str, ...]
    unit: str
    outliers: bool
    reference: str
    title: str
    height: int

    @property
    def x_label(self) -> str:
        """Label of the axis of rates."""
        return f"rate of single units ({self.unit})"

    def draw(self, columns: Mapping[str, Columns], settings: Mapping[str, Settings]) -> UIElement:
        """Make the figure."""
        fig = panel(self.x_label, "population (units)", height=self.height)
        fig.x_range.update(start=0, range_padding=0.03)
        fig.xgrid.grid_line_color, fig.ygrid.grid_line_color = GRID, None
        name_rows(fig, [f"{name} ({size:,})" for name, size in zip(self.names, self.sizes, strict=True)])
        items = self._boxes(fig, columns)
        if self.reference:
            source = ColumnDataSource(dict(columns["reference"]), name="reference")
            marks = fig.scatter("rate", "row", source=source, marker="dash", angle=math.pi / 2, size=MARK)
            marks.glyph.update(line_color=REFERENCE, line_width=3)
            items.append(LegendItem(label=self.reference, renderers=[marks]))
        box = legend()
        box.items = items
        fig.add_layout(box, "above")
        add_headings(fig, self.title, settings["note"]["text"])
        return fig

    def _boxes(self, fig: figure, columns: Mapping[str, Columns]) -> list[LegendItem]:
        fixed = {"name": list(self.names), "colour": list(self.colours)}
        source = ColumnDataSource({**columns["boxes"], **fixed}, name="boxes")
        for inner, outer in (("lower", "low"), ("upper", "high")):
            fig.segment(inner, "row", outer, "row", source=source, line_color="colour", line_width=1.4)
            fig.hbar("row", CAP, outer, outer, source=source, line_color="colour", line_width=1.4)
        box = fig.hbar("row", BOX, "upper", "lower", source=source, fill_color="colour", line_color="colour")
        box.glyph.fill_alpha = 0.3
        fig.hbar("row", BOX, "median", "median", source=source, line_color="colour", line_width=3)
        mean = fig.scatter("mean", "row", source=source, marker="diamond", size=10, line_color=INK, fill_color="white")
        few = ColumnDataSource(dict(columns["outliers"]), name="outliers")
        dots = fig.scatter("rate", "row", source=few, marker="circle", size=3, line_color=None, fill_color=INK)
        dots.glyph.fill_alpha = 0.45
        rate = f"{{%.3g}} {self.unit}"
        rows = [("", "@name"), ("mean", f"@mean{rate}"), ("median", f"@median{rate}")]
        rows += [("middle half", f"@lower{{%.3g}} to @upper{rate}"), ("silent units", "@silent{0.0%}")]
        rows += [(self.reference, f"@reference{rate}")] if self.reference else []
        fig.add_tools(box_of([box], rows, "@mean", "@median", "@lower", "@upper", "@reference"))
        fig.add_tools(box_of([dots], [("rate", f"@rate{rate}"), ("units with it", "@units")], "@rate"))
        entries = [("mean", mean), *([("outlying units", dots)] if self.outliers else [])]
        return [LegendItem(label=text, renderers=[made]) for text, made in entries]
