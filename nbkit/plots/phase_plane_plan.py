"""Owns how a phase plane is drawn with Bokeh, and what a click on it does. Must not know Datasets."""

from __future__ import annotations

import math
import pathlib
from collections.abc import Mapping
from dataclasses import dataclass

from bokeh.models import Arrow, ColumnDataSource, CustomJS, Range1d, VeeHead
from bokeh.models.annotations import LegendItem
from bokeh.models.renderers import GlyphRenderer
from bokeh.models.ui import UIElement
from bokeh.plotting import figure

from nbkit.plots.picture import Columns, Settings, as_bokeh
from nbkit.plots.style import GHOST, INK, add_headings, colour, hover, legend, panel

SKETCH = pathlib.Path(__file__).with_name("sketch.js")
ARROW = "#b4c0d0"
PATH = "#0f766e"
SKETCHED = "#a855f7"

#: Mark -> the kinds of fixed points that it stands for, and its entry in the legend.
MARKS: dict[str, tuple[tuple[str, ...], str]] = {
    "stable": (("stable node", "stable focus"), "stable"),
    "unstable": (("unstable node", "unstable focus"), "unstable"),
    "saddle": (("saddle",), "◐ saddle"),
    "border": (("centre or on the border",), "on the border"),
    "unknown": (("not told: the network has delays",), "stability not told"),
}
#: Mark -> how it is filled.
FILLS = {"stable": INK, "unstable": "white", "saddle": "white", "border": "#cbd5e1", "unknown": GHOST}
#: Width of a mark in pixels.
SIZE = 11


@dataclass(frozen=True)
class PhasePlanePlan:
    """The fixed part of a phase plane.

    Attributes:
        names: the states of the horizontal and the vertical axis.
        labels: the labels of these axes.
        window: what they show: left, right, bottom, top.
        time_words: the unit of time.
        kinds: marks of the fixed points that are there, keys of `MARKS`.
        sketch: what the legend says about the paths that a click sketches; empty if a click sketches none.
        title: a heading.
        height: height in pixels.
    """

    names: tuple[str, str]
    labels: tuple[str, str]
    window: tuple[float, ...]
    time_words: str
    kinds: tuple[str, ...]
    sketch: str
    title: str
    height: int

    def draw(self, columns: Mapping[str, Columns], settings: Mapping[str, Settings]) -> UIElement:
        """Make the figure."""
        fig = panel(*self.labels, height=self.height)
        left, right, bottom, top = self.window
        fig.x_range, fig.y_range = Range1d(start=left, end=right), Range1d(start=bottom, end=top)
        fig.ygrid.grid_line_color = None
        sources = {
            key: ColumnDataSource({k: as_bokeh(v) for k, v in held.items()}, name=key) for key, held in columns.items()
        }
        self._arrows(fig, sources["arrows"])
        entries = self._lines(fig, sources)
        entries |= {MARKS[key][1]: self._marks(fig, key, sources[f"{key} points"]) for key in self.kinds}
        box = legend()
        box.items = [LegendItem(label=text, renderers=made) for text, made in entries.items()]
        fig.add_layout(box, "above")
        add_headings(fig, self.title, settings["note"]["text"])
        self._listen(fig, sources)
        return fig

    def _arrows(self, fig: figure, source: ColumnDataSource) -> None:
        head = VeeHead(size=5, line_color=ARROW, fill_color=ARROW)
        ends = {"x_start": "x0", "y_start": "y0", "x_end": "x1", "y_end": "y1"}
        fig.add_layout(Arrow(source=source, end=head, line_color=ARROW, level="underlay", **ends))

    def _lines(self, fig: figure, sources: Mapping[str, ColumnDataSource]) -> dict[str, list[GlyphRenderer]]:
        entries = {}
        for index, axis in enumerate("xy"):
            source = sources[f"{axis} nullcline"]
            drawn = fig.line("x", "y", source=source, line_color=colour(index), line_width=2, line_join="round")
            rows = [("", f"{self.names[index]} does not change"), *self._places("$snap_x", "$snap_y")]
            fig.add_tools(hover([drawn], rows))
            entries[f"{self.names[index]} nullcline"] = [drawn]
        way = fig.multi_line("xs", "ys", source=sources["trajectories"], line_color=PATH, line_width=1.6)
        begin = fig.scatter("x", "y", source=sources["begins"], marker="diamond", size=9, line_color="white")
        begin.glyph.update(fill_color=PATH)
        fig.add_tools(hover([way], [("", "trajectory"), *self._places("$snap_x", "$snap_y")]))
        fig.add_tools(hover([begin], [("", "start"), *self._places("@x", "@y")]))
        entries["trajectory"] = [way, begin]
        if self.sketch:
            drawn = fig.multi_line("xs", "ys", source=sources["sketches"], line_color=SKETCHED, line_dash=[4, 3])
            drawn.glyph.line_width = 1.4
            begin = fig.scatter("x", "y", source=sources["starts"], marker="diamond", size=9, line_color="white")
            begin.glyph.update(fill_color=SKETCHED)
            # a legend draws no sign for lines that are not there yet
            sign = fig.line([math.nan], [math.nan], line_color=SKETCHED, line_dash=[4, 3], line_width=1.4)
            entries[self.sketch] = [sign, drawn, begin]
        return entries

    def _marks(self, fig: figure, key: str, source: ColumnDataSource) -> list[GlyphRenderer]:
        fade = {"line_alpha": "alpha", "fill_alpha": "alpha"}
        ring = {"line_color": INK, "line_width": 1.6}
        disc = fig.scatter("x", "y", source=source, marker="circle", size=SIZE, **ring, **fade)
        disc.glyph.update(fill_color=FILLS[key])
        made = [disc]
        if key == "saddle":
            half = {"start_angle": math.pi / 2, "end_angle": 3 * math.pi / 2}
            drawn = fig.wedge("x", "y", SIZE / 2, source=source, radius_units="screen", **half, **fade)
            drawn.glyph.update(fill_color=INK, line_color=None)
            made = []  # the legend draws no half: its entry has one in words
        fig.add_tools(hover([disc], [("", "@kind"), *self._places("@x", "@y"), ("eigenvalues", "@eigenvalues")]))
        return made

    def _places(self, x: str, y: str) -> list[tuple[str, str]]:
        return [(name, f"{place}{{%.4g}}") for name, place in zip(self.names, (x, y), strict=True)]

    def _listen(self, fig: figure, sources: Mapping[str, ColumnDataSource]) -> None:
        """Let a click put a start, and sketch the path from there."""
        args = {key: sources[key] for key in ("field", "frame", "starts", "sketches")}
        code = SKETCH.read_text(encoding="utf-8")
        clicked = CustomJS(args={**args, "sketched": bool(self.sketch)}, code=code)
        for event in ("tap", "doubletap", "reset"):  # of two quick clicks Bokeh tells the second as a double one
            fig.js_on_event(event, clicked)
