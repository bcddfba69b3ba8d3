"""Owns the space-time plot: activity along one direction as colour over time. Must not know how it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import xarray as xr
from bokeh.models.ui import UIElement

from nbkit.errors import NbkitError, Problem, did_you_mean, shown
from nbkit.model.numbers import is_finite_number
from nbkit.plots.checks import require_picture
from nbkit.plots.heatmap import HeatmapPlan
from nbkit.plots.picture import Picture, Settings
from nbkit.plots.places import Axis, Field, colour_limits, extremes, read_field
from nbkit.plots.prediction_places import SpaceTime
from nbkit.plots.predictions import Given, require_predictions, with_predictions
from nbkit.plots.reduce import block_mean, image_limits
from nbkit.plots.series import note_on
from nbkit.plots.style import note_settings

Array = np.ndarray
#: word -> how a sheet becomes a line
REDUCED: dict[str, Callable[..., Array]] = {"mean": np.mean, "max": np.max}


def space_time(
    ds: xr.Dataset,
    variable: str | None = None,
    *,
    axis: str = "x",
    at: float | str = "mean",
    limits: Sequence[float] | None = None,
    predictions: Given = (),
    title: str = "",
    height: int = 320,
) -> UIElement:
    """Draw the activity along a line as colour: time to the right, place upwards.

    What moves at a constant speed is a straight stripe; the steeper, the faster. Of a sheet one direction is drawn:
    one row or column of units, or the mean or the maximum over the other direction. A picture of more cells
    than fit is averaged over equal blocks, and the figure says so.

    Args:
        ds: a result of `nbkit.simulate`.
        variable: a name such as ``"E.r"``; may be left out when only one line or sheet was recorded.
        axis: the direction that is drawn, ``"x"`` or ``"y"``; a line has only ``"x"``.
        at: for a sheet, what is taken of the other direction: ``"mean"``, ``"max"``, or a place on it, in its unit of
            length; the units whose cells lie there are drawn. A line takes no notice of it.
        limits: the numbers (low, high) at the ends of the colours; by default the lowest and the highest drawn.
        predictions: what theory says, told in a card below: a speed is a line of that slope through the middle of where
            the front ran, a length a bracket, a moment a line. ``p.check(number)`` in place of ``p`` adds
            what was measured.
        title: a heading; empty for none.
        height: height in pixels; the width follows the page.

    Returns:
        A Bokeh figure.

    Raises:
        NbkitError: a variable that was not recorded, units without places, an unknown axis, a place outside the sheet,
            what is no prediction.

    Example:
        >>> import numpy as np, xarray as xr
        >>> import nbkit as nb
        >>> middles = (np.arange(40) + 0.5) / 40
        >>> time = np.arange(100.0)
        >>> wave = np.sin(20 * middles - 0.2 * time[:, None])
        >>> ds = xr.Dataset({"E.r": (("time", "E.grid_x"), wave)}, {"time": time, "E.grid_x": middles})
        >>> figure = nb.plots.space_time(ds, "E.r")
    """
    return space_time_picture(
        ds, variable, axis=axis, at=at, limits=limits, predictions=predictions, title=title, height=height
    ).draw()


def space_time_picture(
    ds: xr.Dataset,
    variable: str | None = None,
    *,
    axis: str = "x",
    at: float | str = "mean",
    limits: Sequence[float] | None = None,
    predictions: Given = (),
    title: str = "",
    height: int = 320,
) -> Picture:
    """Compute what `space_time` draws, as a `Picture` that a live figure can follow.

    Example:
        >>> import numpy as np, xarray as xr
        >>> import nbkit as nb
        >>> middles = (np.arange(40) + 0.5) / 40
        >>> time = np.arange(100.0)
        >>> wave = np.sin(20 * middles - 0.2 * time[:, None])
        >>> ds = xr.Dataset({"E.r": (("time", "E.grid_x"), wave)}, {"time": time, "E.grid_x": middles})
        >>> nb.plots.space_time_picture(ds, "E.r").summary
        'Space-time plot of E.r: 40 places along x over 0 to 99 model units, from -1 to 1.'
    """
    require_picture(ds, title, height)
    require_predictions(predictions)
    field = read_field(ds, variable)
    problems = direction_problems(field.axes, axis, at)
    if problems:
        raise NbkitError(problems)
    one = field.series
    along, values, what = _line(field, axis, at)
    image, block = block_mean(values, image_limits(values.shape[1]))
    image = image.T.astype(np.float32)
    low, high = colour_limits(image, limits, still=one.still)
    start, end = float(one.time[0]), float(one.time[-1])
    step = (end - start) / max(1, len(one.time) - 1) or 1.0
    plan = HeatmapPlan(
        x_label=one.time_label,
        y_label=along.label,
        colour_label=f"{one.axis_label}{what}",
        time_words=one.time_words,
        window=(start, end if end > start else start + step, along.start, along.end),
        image=(start - step / 2, along.start, step * block[0] * image.shape[1], along.cell * block[1] * image.shape[0]),
        shape=image.shape,
        title=title,
        height=height,
        row_name=along.label,
        row_format="%.4g",
    )
    note = ". ".join(part for part in (note_on((one,)), _block_words(block)) if part)
    settings: dict[str, Settings] = {"note": note_settings(note), "colours": {"low": low, "high": high}}
    lowest, highest = extremes(values)
    summary = (
        f"Space-time plot of {one.name}{what}: {along.count} places along {along.label} over {start:g} to {end:g} "
        f"{one.time_words}, from {lowest:.3g} to {highest:.3g}. {note}"
    )
    picture = Picture(plan, {"image": {"image": image[None]}}, settings, summary.strip())
    stage = SpaceTime(one.name, one.population, one.time, values, along, one.time_unit)
    return with_predictions(picture, ds, predictions, stage) if predictions else picture


def direction_problems(axes: Sequence[Axis], axis: object, at: object) -> list[Problem]:
    """Everything that is wrong with the direction of a space-time plot."""
    names = [one.name for one in axes]
    if not isinstance(axis, str) or axis not in names:
        return [Problem("bad-choice", "axis", f"no axis {shown(axis)}", did_you_mean(str(axis), names))]
    others = [one for one in axes if one.name != axis]
    if isinstance(at, str):
        return [] if at in REDUCED else [Problem("bad-choice", "at", f"no {at!r}", did_you_mean(at, list(REDUCED)))]
    if not is_finite_number(at):
        return [Problem("bad-choice", "at", f"{shown(at)} is no place", 'a number, "mean" or "max"')]
    return [
        Problem("bad-choice", "at", f"{at:g} lies outside the sheet", f"a place from {one.start:g} to {one.end:g}")
        for one in others
        if not one.start <= at <= one.end
    ]


def reduced(values: Array, axes: Sequence[Axis], axis: str, at: float | str) -> Array:
    """Take one direction of a sheet, (time, y, x) -> (time, place); a line stays as it is."""
    if len(axes) == 1:
        return values
    across = 1 if axis == "x" else 2
    if isinstance(at, str):
        return np.asarray(REDUCED[at](values, axis=across))
    return np.asarray(np.take(values, axes[across - 1].index(float(at)), axis=across))


def direction_words(axes: Sequence[Axis], axis: str, at: float | str) -> str:
    """Say what of the other direction of a sheet is drawn; empty for a line."""
    others = [one for one in axes if one.name != axis]
    if not others:
        return ""
    across = others[0]
    if isinstance(at, str):
        return f", {at} over {across.name}"
    place = across.middles[across.index(float(at))]
    return f", at {across.name} = {place:.4g} {across.unit}".rstrip()


def _line(field: Field, axis: str, at: float | str) -> tuple[Axis, Array, str]:
    """Give the direction that is drawn, its values (time, place), and what was taken of the other."""
    along = next(one for one in field.axes if one.name == axis)
    values = reduced(field.values, field.axes, axis, at)
    return along, values, direction_words(field.axes, axis, at)


def _block_words(block: tuple[int, int]) -> str:
    parts = [f"{n} {what}" for n, what in zip(block, ("samples", "places"), strict=True) if n > 1]
    return f"Each cell is the mean of {' × '.join(parts)}" if parts else ""
