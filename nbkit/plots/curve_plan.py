"""Owns how curves over any axis are drawn with Bokeh: lines, steps, ghosts, marked points. Must not know Datasets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bokeh.models import ColumnDataSource, DataRange1d, Label, PrintfTickFormatter
from bokeh.models.annotations import LegendItem
from bokeh.models.renderers import GlyphRenderer
from bokeh.models.ui import UIElement
from bokeh.plotting import figure

from nbkit.plots.picture import Columns, Settings, as_bokeh
from nbkit.plots.rows import box_of
from nbkit.plots.style import FONT, INK, add_headings, legend, panel


@dataclass(frozen=True)
class Curve:
    """One curve; its columns are ``x`` and ``y``, of bars ``left``, ``right`` and ``y``.

    Attributes:
        key: name of its data source.
        label: its entry in the legend; empty for none.
        colour: its colour.
        kind: ``"line"``, ``"bars"`` (filled from zero), ``"outline"`` (steps), ``"peak"`` (a marked point with words
            beside it, which the settings of ``"<key> words"`` hold), ``"start"`` or ``"end"`` of a path.
        dash: its dash.
        width: its width in pixels.
        alpha: its opacity, 0 to 1.
    """

    key: str
    label: str
    colour: str
    kind: str = "line"
    dash: str = "solid"
    width: float = 2.2
    alpha: float = 1.0


@dataclass(frozen=True)
class CurvePlan:
    """The fixed part of a picture of curves.

    Attributes:
        x_label: name and unit of the horizontal axis.
        y_label: name and unit of the vertical axis.
        x_words: what the horizontal axis is called in the hover box, and its unit.
        y_words: the same of the vertical axis.
        curves: the lowest first.
        from_zero: whether the vertical axis begins at zero.
        title: a heading.
        height: height in pixels.
    """

    x_label: str
    y_label: str
    x_words: tuple[str, str]
    y_words: tuple[str, str]
    curves: tuple[Curve, ...]
    from_zero: bool
    title: str
    height: int

    def draw(self, columns: Mapping[str, Columns], settings: Mapping[str, Settings]) -> UIElement:
        """Make the figure."""
        fig = panel(self.x_label, self.y_label, height=self.height)
        fig.yaxis.formatter = PrintfTickFormatter(format="%.3g")
        if self.from_zero and isinstance(fig.y_range, DataRange1d):
            fig.y_range.update(start=0, range_padding=0.08)
        entries: dict[str, list[GlyphRenderer]] = {}
        for curve in self.curves:
            source = ColumnDataSource({k: as_bokeh(v) for k, v in columns[curve.key].items()}, name=curve.key)
            drawn = DRAWN[curve.kind](fig, curve, source)
            if curve.kind == "peak":
                fig.add_layout(_words(curve, settings))
            if curve.kind in ("line", "bars"):
                fig.add_tools(box_of(drawn[:1], self._rows(curve), "@x", "@y", "@left", "@right"))
            if curve.label:
                entries.setdefault(curve.label, []).extend(drawn)
        if entries:
            box = legend()
            box.items = [LegendItem(label=text, renderers=made) for text, made in entries.items()]
            fig.add_layout(box, "above")
        add_headings(fig, self.title, settings["note"]["text"])
        return fig

    def _rows(self, curve: Curve) -> list[tuple[str, str]]:
        (x, x_unit), (y, y_unit) = self.x_words, self.y_words
        bars = curve.kind == "bars"
        where = f"@left{{%.4g}} to @right{{%.4g}} {x_unit}" if bars else f"@x{{%.4g}} {x_unit}"
        named = [("", curve.label)] if curve.label else []
        return [*named, (x, where.rstrip()), (y, f"@y{{%.4g}} {y_unit}".rstrip())]


def _line(fig: figure, curve: Curve, source: ColumnDataSource) -> list[GlyphRenderer]:
    drawn = fig.line("x", "y", source=source, line_color=curve.colour, line_dash=curve.dash, line_join="round")
    drawn.glyph.update(line_width=curve.width, line_alpha=curve.alpha)
    return [drawn]


def _bars(fig: figure, curve: Curve, source: ColumnDataSource) -> list[GlyphRenderer]:
    ends = {"left": "left", "right": "right", "top": "y", "bottom": 0}
    drawn = fig.quad(source=source, fill_color=curve.colour, line_color=curve.colour, **ends)
    drawn.glyph.update(fill_alpha=0.35 * curve.alpha, line_width=1.0)
    return [drawn]


def _outline(fig: figure, curve: Curve, source: ColumnDataSource) -> list[GlyphRenderer]:
    drawn = fig.step("x", "y", source=source, mode="after", line_color=curve.colour, line_dash=curve.dash)
    drawn.glyph.line_width = curve.width
    return [drawn]


def _point(marker: str) -> Callable[[figure, Curve, ColumnDataSource], list[GlyphRenderer]]:
    """A way to draw single points."""

    def draw(fig: figure, curve: Curve, source: ColumnDataSource) -> list[GlyphRenderer]:
        drawn = fig.scatter("x", "y", source=source, marker=marker, size=9, line_color="white", line_width=1.2)
        drawn.glyph.fill_color = curve.colour
        return [drawn]

    return draw


def _words(curve: Curve, settings: Mapping[str, Settings]) -> Label:
    """What stands beside a peak."""
    look = {"text_color": INK, "text_font": FONT, "text_font_size": "13px", "text_baseline": "middle"}
    words = Label(x=0, y=0, x_offset=9, background_fill_color="white", background_fill_alpha=0.8, padding=1, **look)
    words.update(name=f"{curve.key} words", **settings[f"{curve.key} words"])
    return words


DRAWN = {
    "line": _line,
    "bars": _bars,
    "outline": _outline,
    "peak": _point("circle"),
    "start": _point("diamond"),
    "end": _point("square"),
}
