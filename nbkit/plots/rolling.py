"""Owns pictures whose time goes on: an axis that moves, and marks at moments. Must not know what runs."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bokeh.models import BoxAnnotation, Image, Label, Plot, Range1d
from bokeh.models.ui import UIElement
from bokeh.plotting import figure

from nbkit.plots.heatmap import HeatmapPlan
from nbkit.plots.picture import Columns, Picture, Plan, Settings
from nbkit.plots.raster_plan import RasterPlan
from nbkit.plots.style import FONT, INK, MUTED
from nbkit.plots.trace_plan import TracePlan

#: Marks that a picture shows at most: the last ones.
MARKS = 8
#: Rows of words above each other, and the height of one in pixels.
ROWS, ROW = 4, 17
#: Size of a dot of a raster, whatever its number: a picture that changes its dots would be drawn anew.
_DOT = 3.0


@dataclass(frozen=True)
class Mark:
    """Something that was done, at a moment or from one moment to another.

    Attributes:
        first: when it began.
        last: when it was over; the same moment for what takes no time.
        words: what was done.
    """

    first: float
    last: float
    words: str


@dataclass(frozen=True)
class RollingPlan:
    """The fixed part of a picture whose time goes on.

    Attributes:
        plan: of the picture itself, as it would be at t = 0.
    """

    plan: Plan

    def draw(self, columns: Mapping[str, Columns], settings: Mapping[str, Settings]) -> UIElement:
        """Make the figure with a time axis and marks that can be moved."""
        made = self.plan.draw(columns, settings)
        time = Range1d(name="rolling time")
        time.update(**settings["rolling time"])
        for number, fig in enumerate(_panels(made)):
            fig.x_range = time
            glyphs = [getattr(one, "glyph", None) for one in fig.renderers]
            for place, image in enumerate(glyph for glyph in glyphs if isinstance(glyph, Image)):
                image.name = f"rolling image {place}"
                image.update(**{key: _number(held) for key, held in settings[image.name].items()})
            for place in range(MARKS):
                _add_mark(fig, number, place, settings)
        return made


def rolling_picture(picture: Picture, window: tuple[float, float], marks: Sequence[Mark] = ()) -> Picture:
    """Make a picture over time one whose time goes on.

    Args:
        picture: of traces, a raster or a heat map.
        window: where the time axis begins and ends.
        marks: what was done, the oldest first.
    """
    fix = _FIXED.get(type(picture.plan), lambda plan: (plan, {}))
    plan, moved = fix(picture.plan)
    panels = len(picture.plan.panels) if isinstance(picture.plan, TracePlan) else 1
    settings: dict[str, Settings] = {
        **picture.settings,
        **moved,
        "rolling time": {"start": window[0], "end": window[1]},
        **_mark_settings(window, [mark for mark in marks if mark.last >= window[0]][-MARKS:], panels),
    }
    told = "".join(f" {mark.words} at {mark.last:g}." for mark in marks[-MARKS:])
    return Picture(RollingPlan(plan), picture.columns, settings, picture.summary + told)


def _panels(made: UIElement) -> list[figure]:
    return list(made.select({"type": Plot}))


def _mark_settings(window: tuple[float, float], marks: Sequence[Mark], panels: int) -> dict[str, Settings]:
    """Where each mark stands; those that are not needed are not seen. Words stay on the side that has room."""
    found: dict[str, Settings] = {}
    middle = (window[0] + window[1]) / 2
    for place in range(MARKS):
        mark = marks[place] if place < len(marks) else None
        box: dict[str, Any] = {"visible": mark is not None}
        words: dict[str, Any] = {"visible": mark is not None}
        if mark is not None:
            right = mark.last > middle
            box |= {"left": mark.first, "right": mark.last}
            words |= {"text": mark.words, "x": mark.last, "text_align": "right" if right else "left"}
            words |= {"x_offset": -5 if right else 5}
        for panel in range(panels):
            found[f"mark {place} of {panel}"] = box
        found[f"words {place}"] = words
    return found


def _add_mark(fig: figure, panel: int, place: int, settings: Mapping[str, Settings]) -> None:
    dark = any(isinstance(getattr(one, "glyph", None), Image) for one in fig.renderers)
    box = BoxAnnotation(name=f"mark {place} of {panel}", line_color="white" if dark else INK, line_width=1)
    box.update(fill_color=MUTED, fill_alpha=0.12, left=0, right=0, level="overlay")
    box.update(**settings[f"mark {place} of {panel}"])
    fig.add_layout(box)
    if panel:
        return
    words = Label(name=f"words {place}", x=0, y=4 + ROW * (place % ROWS), x_units="data", y_units="screen", text="")
    words.update(text_font=FONT, text_font_size="12px", text_color=INK, text_baseline="bottom")
    words.update(background_fill_color="white", background_fill_alpha=0.85, padding=2)
    words.update(**settings[f"words {place}"])
    fig.add_layout(words)


def _number(held: Any) -> Any:
    return held["value"] if isinstance(held, dict) else held


Fixed = tuple[Plan, dict[str, Settings]]


def _heatmap(plan: HeatmapPlan) -> Fixed:
    *_, bottom, top = plan.window
    x, y, wide, high = plan.image
    fixed = dataclasses.replace(plan, window=(0.0, 1.0, bottom, top), image=(0.0, y, 1.0, high))
    return fixed, {"rolling image 0": {"x": {"value": x}, "dw": {"value": wide}}}


def _raster(plan: RasterPlan) -> Fixed:
    fixed = dataclasses.replace(plan, window=(0.0, 1.0), dot=_DOT)
    if plan.cells is None:
        return fixed, {}
    cells = plan.cells
    fixed = dataclasses.replace(fixed, cells=dataclasses.replace(cells, start=0.0))
    place = {"x": {"value": cells.start}, "dw": {"value": cells.width * cells.number}}
    return fixed, {f"rolling image {number}": place for number in range(len(plan.bands))}


#: kind of plan -> how it looks at t = 0, and the settings that move it
_FIXED: dict[type, Callable[[Any], Fixed]] = {HeatmapPlan: _heatmap, RasterPlan: _raster}
