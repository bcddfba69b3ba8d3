"""Owns how predictions are drawn with Bokeh: lines over a figure, and the card below. Must not know theories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bokeh.core.properties import value
from bokeh.layouts import column
from bokeh.models import ColumnDataSource, DataRange1d, Div, Image, InlineStyleSheet, Plot
from bokeh.models.annotations import Legend, LegendItem
from bokeh.models.renderers import GlyphRenderer
from bokeh.models.ui import UIElement
from bokeh.plotting import figure

from nbkit.plots.picture import Columns, Plan, Settings
from nbkit.plots.prediction_card import SHEET, escaped
from nbkit.plots.rows import box_of
from nbkit.plots.style import DASHES, FONT, INK

#: Width of a line of theory, and of the white rim that lifts it off what lies below, in pixels. On an image the rim has
#: no gaps, so that dark and bright take turns and the line is seen on every colour.
WIDTH, RIM = 1.8, 3.6
#: How far a name stands from its line in pixels, and the room above and below the lines that names need.
AWAY, ROOM = 4, 0.22


@dataclass(frozen=True)
class Mark:
    """One line of theory over a figure; where it lies is in the columns of its name.

    Attributes:
        key: name of its data source, with ``x``, ``y`` and ``value``; ``f"{key} name"`` has the place of its name.
        name: what is predicted.
        unit: of the value.
        axis: a label of the axes of the figure over which it is drawn.
        dash: number of its dash.
        legend: its entry in the legend, where the figure has one.
        align: ``"left"``, ``"center"`` or ``"right"``: the side of its name that stands there; empty for no name.
        above: whether the name stands over its place, else beside it.
    """

    key: str
    name: str
    unit: str
    axis: str
    dash: int
    legend: str
    align: str = ""
    above: bool = False


@dataclass(frozen=True)
class PredictedPlan:
    """The fixed part of a picture with predictions.

    Attributes:
        plan: of the picture itself.
        marks: what is drawn over it.
    """

    plan: Plan
    marks: tuple[Mark, ...]

    def draw(self, columns: Mapping[str, Columns], settings: Mapping[str, Settings]) -> UIElement:
        """Make the figure with its lines, and the card below it."""
        made = self.plan.draw(columns, settings)
        entries: dict[tuple[str, str], list[GlyphRenderer]] = {}
        for mark in self.marks:
            fig = _figure_of(made, mark.axis)
            drawn = _line(fig, mark, columns)
            drawn += _name(fig, mark, columns) if mark.align else []
            entries.setdefault((mark.axis, mark.legend), []).extend(drawn)
        for (axis, text), drawn in entries.items():
            _explain(_figure_of(made, axis), text, drawn)
        card = Div(
            name="predictions",
            text=str(settings["predictions"]["text"]),
            sizing_mode="stretch_width",
            margin=0,
            stylesheets=[InlineStyleSheet(css=SHEET)],
        )
        return column(made, card, sizing_mode="stretch_width")


def _figure_of(made: UIElement, axis: str) -> figure:
    """The figure of a layout that has an axis with this label."""
    return next(fig for fig in made.select({"type": Plot}) if axis in [one.axis_label for one in fig.axis])


def _line(fig: figure, mark: Mark, columns: Mapping[str, Columns]) -> list[GlyphRenderer]:
    source = ColumnDataSource(dict(columns[mark.key]), name=mark.key)
    dash = DASHES[mark.dash % len(DASHES)]
    on_colours = any(isinstance(getattr(one, "glyph", None), Image) for one in fig.renderers)
    drawn = []
    for ink, width, style in (("white", RIM, "solid" if on_colours else dash), (INK, WIDTH, dash)):
        drawn.append(fig.line("x", "y", source=source, line_color=ink, line_width=width, line_dash=style))
    rows = [("predicted", escaped(mark.name)), ("", f"@value{{%.4g}} {escaped(mark.unit)}".rstrip())]
    fig.add_tools(box_of(drawn[-1:], rows, "@value"))
    return drawn


def _name(fig: figure, mark: Mark, columns: Mapping[str, Columns]) -> list[GlyphRenderer]:
    source = ColumnDataSource(dict(columns[f"{mark.key} name"]), name=f"{mark.key} name")
    drawn = fig.text("x", "y", text=value(mark.name), source=source, text_font=value(FONT), text_font_size="12px")
    away = {"left": AWAY, "center": 0, "right": -AWAY}[mark.align]
    drawn.glyph.update(
        text_color=INK,
        text_align=mark.align,
        text_baseline="bottom" if mark.above else "middle",
        x_offset=away,
        y_offset=-AWAY if mark.above else 0,
        background_fill_color="white",
        background_fill_alpha=0.8,
        padding=1,
    )
    if mark.above and isinstance(fig.y_range, DataRange1d):
        fig.y_range.range_padding = ROOM
    return [drawn]


def _explain(fig: figure, text: str, drawn: Sequence[GlyphRenderer]) -> None:
    """Add an entry to the legend, if the figure has one."""
    box = fig.select_one({"type": Legend})
    if text and box is not None:
        box.items = [*box.items, LegendItem(label=value(text), renderers=list(drawn))]
