"""Owns how traces are drawn with Bokeh: panels, layers, legend, hover. Must not know Datasets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bokeh.layouts import column
from bokeh.models import ColumnDataSource
from bokeh.models.annotations import LegendItem
from bokeh.models.renderers import GlyphRenderer
from bokeh.models.ui import UIElement
from bokeh.plotting import figure

from nbkit.plots.picture import Columns, Settings, as_bokeh
from nbkit.plots.style import add_headings, hover, legend, panel

#: Kinds of layers in the order in which the legend names them.
ORDER = ("mean", "units", "band", "compare")


@dataclass(frozen=True)
class Line:
    """One layer of a panel.

    Attributes:
        kind: ``"units"``, ``"band"``, ``"mean"`` or ``"compare"``.
        key: name of its data source.
        label: its entry in the legend; layers with the same entry share it.
        colour: its colour.
        dash: its dash.
        alpha: its opacity, 0 to 1.
        width: its width in pixels.
        who: whose activity this is, for the hover box.
    """

    kind: str
    key: str
    label: str
    colour: str
    dash: str = "solid"
    alpha: float = 1.0
    width: float = 1.0
    who: str = ""


@dataclass(frozen=True)
class Panel:
    """One pair of axes with its layers, the lowest first."""

    x_label: str
    y_label: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class TracePlan:
    """The fixed part of a trace plot: panels from top to bottom over one time axis."""

    panels: tuple[Panel, ...]
    title: str
    height: int
    time_words: str

    def draw(self, columns: Mapping[str, Columns], settings: Mapping[str, Settings]) -> UIElement:
        """Make the figure, or a column of figures."""
        figures: list[figure] = []
        for number, one in enumerate(self.panels):
            fig = panel(one.x_label, one.y_label, height=self.height)
            if number:
                fig.x_range = figures[0].x_range
            self._fill(fig, one, columns)
            figures.append(fig)
        add_headings(figures[0], self.title, settings["note"]["text"])
        if len(figures) == 1:
            return figures[0]
        return column(*figures, sizing_mode="stretch_width")

    def _fill(self, fig: figure, one: Panel, columns: Mapping[str, Columns]) -> None:
        entries: dict[str, list[GlyphRenderer]] = {}
        for line in one.lines:
            source = ColumnDataSource({k: as_bokeh(v) for k, v in columns[line.key].items()}, name=line.key)
            renderer = _layer(fig, line, source)
            entries.setdefault(line.label, []).append(renderer)
            if line.kind != "band":
                fig.add_tools(hover([renderer], self._hover_rows(line, one.y_label)))
        box = legend()
        places = {line.label: ORDER.index(line.kind) for line in one.lines}
        items = sorted(entries.items(), key=lambda entry: places[entry[0]])
        box.items = [LegendItem(label=text, renderers=made) for text, made in items]
        fig.add_layout(box, "above")

    def _hover_rows(self, line: Line, quantity: str) -> list[tuple[str, str]]:
        x, y, who = ("$snap_x", "$snap_y", f"{line.who} unit @unit") if line.kind == "units" else ("@x", "@y", line.who)
        return [("", who), ("time", f"{x}{{%.4g}} {self.time_words}"), (quantity, f"{y}{{%.4g}}")]


def _layer(fig: figure, line: Line, source: ColumnDataSource) -> GlyphRenderer:
    if line.kind == "band":
        return fig.varea("x", "low", "high", source=source, fill_color=line.colour, fill_alpha=line.alpha)
    drawn: GlyphRenderer
    if line.kind == "units":
        drawn = fig.multi_line("xs", "ys", source=source)
    else:
        drawn = fig.line("x", "y", source=source, line_join="round", line_dash=line.dash)
    drawn.glyph.update(line_color=line.colour, line_alpha=line.alpha, line_width=line.width)
    return drawn
