"""Owns figures that move without a kernel: pictures made in advance, and a slider that chooses. Must not know pages."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from bokeh.layouts import column
from bokeh.models import ColumnDataSource, CustomJS, Div, Slider
from bokeh.models.ui import UIElement

from nbkit.errors import fail
from nbkit.plots.picture import Array, Columns, Picture, as_bokeh
from nbkit.plots.reduce import envelope, peak_samples
from nbkit.plots.style import FONT

#: samples of a line in a figure that moves
POINTS = 500

_LETTERS = {"font-size": "15px", "font-family": FONT, "margin": "0 8px"}

_SHOW = """
const frame = frames[cb_obj.value];
for (const [name, columns] of Object.entries(frame.columns)) {
  sources[name].data = Object.assign({}, sources[name].data, columns);
}
for (const [name, settings] of Object.entries(frame.settings)) {
  const model = cb_obj.document.get_model_by_name(name);
  if (model) model.setv(settings);
}
words.text = said[cb_obj.value];
"""


@dataclass(frozen=True)
class Frame:
    """One place of the slider: what it says there, and what is shown."""

    value: str
    picture: Picture


def moving(label: str, frames: Sequence[Frame], start: int) -> UIElement:
    """Make a figure below a slider, which goes from one picture to another.

    Args:
        label: what the slider moves, such as ``"E.tau (ms)"``.
        frames: the pictures, all of one plan.
        start: which is shown first.

    Raises:
        NbkitError: ``bad-choice`` for pictures that differ in more than numbers.
    """
    slim = [replace(frame, picture=slimmed(frame.picture)) for frame in frames]
    first = slim[start].picture
    for frame in slim:
        if frame.picture.plan != first.plan:
            what = f"at {label} = {frame.value} the figure has other parts than at {slim[start].value}"
            raise fail("bad-choice", "sweep", what, "values at which the same things are drawn, or another figure")
    figure = first.draw()
    said = [f"{html.escape(label)} = <b>{html.escape(frame.value)}</b>" for frame in slim]
    words = Div(text=said[start], sizing_mode="stretch_width", disable_math=True, styles=_LETTERS)
    slider = Slider(start=0, end=len(slim) - 1, value=start, step=1, show_value=False, sizing_mode="stretch_width")
    slider.update(name="sweep", title=None, tooltips=False)
    arguments = {"sources": _sources(figure, first), "frames": _changes(slim), "words": words, "said": said}
    slider.js_on_change("value", CustomJS(args=arguments, code=_SHOW))
    return column(words, slider, figure, sizing_mode="stretch_width")


def _sources(figure: UIElement, picture: Picture) -> dict[str, ColumnDataSource]:
    found = {source.name: source for source in figure.select({"type": ColumnDataSource})}
    return {name: found[name] for name in picture.columns}


def _changes(frames: Sequence[Frame]) -> list[dict[str, object]]:
    """For each frame the columns and settings that are not the same in all of them."""
    made: list[dict[str, object]] = []
    for frame in frames:
        columns = {
            source: {name: as_bokeh(values) for name, values in held.items() if _moves(frames, source, name)}
            for source, held in frame.picture.columns.items()
        }
        settings = {name: dict(held) for name, held in frame.picture.settings.items()}
        made.append({"columns": {source: held for source, held in columns.items() if held}, "settings": settings})
    return made


def _moves(frames: Sequence[Frame], source: str, name: str) -> bool:
    first, *others = (frame.picture.columns[source][name] for frame in frames)
    return any(other.shape != first.shape or not np.array_equal(other, first) for other in others)


def slimmed(picture: Picture, most: int = POINTS) -> Picture:
    """The same picture with fewer samples on each line; peaks stay."""
    return replace(picture, columns={name: _slim(held, most) for name, held in picture.columns.items()})


def _slim(held: Columns, most: int) -> Mapping[str, Array]:
    if set(held) == {"x", "y"} and len(held["x"]) > most and np.all(np.diff(held["x"]) >= 0):
        rows = peak_samples(np.asarray(held["y"], dtype=float)[:, None], most)[:, 0]
        return {"x": held["x"][rows], "y": held["y"][rows]}
    if set(held) == {"x", "low", "high"}:
        rows, low, high = envelope(held["low"], held["high"], most)
        return {"x": held["x"][rows], "low": low, "high": high}
    return held
