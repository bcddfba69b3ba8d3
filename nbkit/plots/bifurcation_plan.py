"""Owns how a bifurcation diagram is drawn with Bokeh. Must not know Datasets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bokeh.models import ColumnDataSource, DataRange1d
from bokeh.models.annotations import LegendItem
from bokeh.models.renderers import GlyphRenderer
from bokeh.models.ui import UIElement
from bokeh.plotting import figure

from nbkit.plots.picture import Columns, Settings
from nbkit.plots.style import COLOURS, FONT, GHOST, INK, add_headings, hover, legend, panel

#: Event -> its marker and colour.
EVENTS: dict[str, tuple[str, str]] = {
    "fold": ("square", "#c2410c"),
    "Hopf": ("circle", "#0f766e"),
    "branch point": ("diamond", "#581c87"),
}
SIZES = {"fold": 9, "Hopf": 9, "branch point": 13}
#: Piece of a branch -> colour, dash and width of its line.
LINES: dict[str, tuple[str, object, float]] = {
    "stable": (COLOURS[0], "solid", 2.4),
    "unstable": (COLOURS[0], [5, 4], 1.6),
    "not told": (GHOST, "solid", 2.2),
}
#: Share of the branch that is left free on each side of it, and above and below.
SIDE, ABOVE = 0.05, 0.1
LABELS = {"stable": "stable", "unstable": "unstable", "not told": "stability not told"}


@dataclass(frozen=True)
class BifurcationPlan:
    """The fixed part of a bifurcation diagram.

    Attributes:
        names: the number that was changed, and the variable that is shown.
        labels: the labels of the axes.
        unit: unit of the eigenvalues.
        told: whether stability is told.
        events: the kinds of events that are marked, keys of `EVENTS`.
        title: a heading.
        height: height in pixels.
    """

    names: tuple[str, str]
    labels: tuple[str, str]
    unit: str
    told: bool
    events: tuple[str, ...]
    title: str
    height: int

    def draw(self, columns: Mapping[str, Columns], settings: Mapping[str, Settings]) -> UIElement:
        """Make the figure."""
        fig = panel(*self.labels, height=self.height)
        fig.x_range, fig.y_range = DataRange1d(range_padding=2 * SIDE), DataRange1d(range_padding=2 * ABOVE)
        self._words(fig, columns["labels"])
        entries: dict[str, list[GlyphRenderer]] = {}
        for key in ("stable", "unstable") if self.told else ("not told",):
            source = ColumnDataSource(dict(columns[key]), name=key)
            ink, dash, width = LINES[key]
            drawn = fig.line("x", "y", source=source, line_color=ink, line_dash=dash, line_width=width)
            drawn.glyph.line_join = "round"
            fig.add_tools(hover([drawn], [("", "@kind"), *self._places(), ("eigenvalues", "@eigenvalues")]))
            entries[LABELS[key]] = [drawn]
        for event in self.events:
            source = ColumnDataSource(dict(columns[event]), name=event)
            marker, ink = EVENTS[event]
            mark = fig.scatter(
                "x", "y", source=source, marker=marker, size=SIZES[event], fill_color=ink, line_color="white"
            )
            fig.add_tools(hover([mark], [("", "@words"), *self._places()]))
            entries[event] = [mark]
        box = legend()
        box.items = [LegendItem(label=text, renderers=made) for text, made in entries.items()]
        fig.add_layout(box, "above")
        add_headings(fig, self.title, settings["note"]["text"])
        return fig

    def _words(self, fig: figure, labels: Columns) -> None:
        drawn = fig.text(
            "x", "y", "words", source=ColumnDataSource(dict(labels), name="labels"), x_offset="dx", y_offset="dy"
        )
        drawn.glyph.update(
            text_align={"field": "align"}, text_baseline={"field": "baseline"}, text_font={"value": FONT}
        )
        drawn.glyph.update(text_font_size="12px", text_color=INK, background_fill_color="white")
        drawn.glyph.update(background_fill_alpha=0.75, padding=2)

    def _places(self) -> list[tuple[str, str]]:
        return [(name, f"{place}{{%.5g}}") for name, place in zip(self.names, ("@x", "@y"), strict=True)]
