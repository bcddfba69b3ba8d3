"""Owns what a picture of a sheet shows: its frames, their colours, what was left out. Must not know how it is drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import xarray as xr
from bokeh.models.ui import UIElement

from nbkit.errors import fail, shown
from nbkit.model.numbers import is_finite_number, plain
from nbkit.plots.checks import require_picture
from nbkit.plots.picture import Columns, Picture, Settings
from nbkit.plots.places import Axis, Field, colour_limits, extremes, read_field
from nbkit.plots.reduce import mean_along
from nbkit.plots.series import Series, note_on
from nbkit.plots.sheet_plan import FramePlan, SheetPlan
from nbkit.plots.style import note_settings

Array = np.ndarray
#: Cells of all frames together, of two bytes each: two megabytes.
CELLS = 1_000_000
#: Cells along each side of a frame: three pixels each on the largest figure.
SIDE = 128
#: Frames: more of them are closer together than the pixels of the slider.
FRAMES = 2400
#: A cell is kept as a whole number from 0 to 65534 between the lowest and the highest value; 65535 is no number.
TOP, NOTHING = 65534, 65535


def sheet(
    ds: xr.Dataset,
    variable: str | None = None,
    *,
    time: float | None = None,
    limits: Sequence[float] | None = None,
    title: str = "",
    height: int = 360,
) -> UIElement:
    """Draw the activity of a sheet of units as colour, with a slider over time and a play button.

    Units lie where they lie: x to the right, y upwards, to scale. The colours mean the same at every
    moment. The player works in any page, also without a kernel. A long recording shows every
    second, third ... sample, a sheet of more than 128 units along a side the means over small blocks of
    units; the figure says so.

    Args:
        ds: a result of `nbkit.simulate`.
        variable: a name such as ``"E.r"``; may be left out when one sheet only was recorded.
        time: the moment that is shown first, in the time unit of the result; the last one if left out.
        limits: the numbers (low, high) at the ends of the colours; by default the lowest and the highest of the run.
        title: a heading; empty for none.
        height: height of the sheet in pixels; the width follows from the sheet and the page.

    Returns:
        A Bokeh figure over its player.

    Raises:
        NbkitError: a variable that was not recorded, units that form no sheet, a time outside the recording.

    Example:
        >>> import numpy as np, xarray as xr
        >>> import nbkit as nb
        >>> middles = (np.arange(8) + 0.5) / 8
        >>> time = np.arange(20.0)
        >>> y, x = middles[:, None], middles[None, :]
        >>> wave = np.sin(6 * x + 3 * y + 0.3 * time[:, None, None])
        >>> dims = ("time", "E.grid_y", "E.grid_x")
        >>> ds = xr.Dataset({"E.r": (dims, wave)}, dict(zip(dims, (time, middles, middles))))
        >>> figure = nb.plots.sheet(ds, "E.r", time=5.0)
    """
    return sheet_picture(ds, variable, time=time, limits=limits, title=title, height=height).draw()


def sheet_picture(
    ds: xr.Dataset,
    variable: str | None = None,
    *,
    time: float | None = None,
    limits: Sequence[float] | None = None,
    title: str = "",
    height: int = 360,
    cells: int = CELLS,
) -> Picture:
    """Compute what `sheet` draws, as a `Picture` that a live figure can follow.

    ``cells`` is how many cells all frames may have together.

    Example:
        >>> import numpy as np, xarray as xr
        >>> import nbkit as nb
        >>> middles = (np.arange(8) + 0.5) / 8
        >>> time = np.arange(20.0)
        >>> y, x = middles[:, None], middles[None, :]
        >>> wave = np.sin(6 * x + 3 * y + 0.3 * time[:, None, None])
        >>> dims = ("time", "E.grid_y", "E.grid_x")
        >>> ds = xr.Dataset({"E.r": (dims, wave)}, dict(zip(dims, (time, middles, middles))))
        >>> nb.plots.sheet_picture(ds, "E.r", time=5.0).summary.split(". ")[0]
        'Sheet of E.r: 8 × 8 units over 0 to 19 model units, from -1 to 1'
    """
    require_picture(ds, title, height)
    field = read_field(ds, variable, axes=2)
    one = field.series
    if len(field.axes) != 2:
        hint = f'nb.plots.space_time(ds, "{one.name}") shows a line over time'
        raise fail("wrong-shape", one.name, f"{one.population} is a line, no sheet", hint)
    every, images, block = _frames(field, cells)
    times = one.time[::every]
    first = len(times) - 1 if time is None else _nearest(times, time, one)
    low, high = extremes(images)
    colours = colour_limits(images, limits, still=one.still)
    digits = decimals(times)
    y, x = field.axes
    frame = FramePlan(x, y, images.shape[1:], block, one.axis_label, title, height)
    columns: dict[str, Columns] = {
        "image": {"image": images[first][None]},
        "scale": {"low": np.array([low]), "high": np.array([high]), "digits": np.array([float(digits)])},
        "moments": {"time": times},
        "frames": {"code": _coded(images, low, high)},
    }
    note = ". ".join(part for part in (note_on((one,)), _thinned(every, block)) if part)
    settings: dict[str, Settings] = {
        "note": note_settings(note),
        "colours": {"low": colours[0], "high": colours[1]},
        "moment": {"text": f"t = {times[first]:.{digits}f} {one.time_words}"},
        "slider": {"end": max(1, len(times) - 1), "value": first},
    }
    summary = f"{_summary(field, images[first], times[first])} {note}"
    return Picture(SheetPlan(frame, one.time_words, len(times)), columns, settings, summary.strip())


def frame_picture(
    plan: FramePlan, values: Array, moment: str, colours: tuple[float, float], *, note: str = ""
) -> Picture:
    """Make the picture of one moment of a sheet, without a player.

    Args:
        plan: axes and labels.
        values: (y, x), before blocks of units are averaged.
        moment: the time in words.
        colours: the numbers at the ends of the colours.
        note: a small line for what a reader must know.
    """
    image = shrunk(values[None], plan.block).astype(np.float32)
    settings: dict[str, Settings] = {
        "note": note_settings(note),
        "colours": {"low": colours[0], "high": colours[1]},
        "moment": {"text": moment},
    }
    low, high = extremes(values)
    summary = f"Sheet of {plan.colour_label} at {moment}: from {low:.3g} to {high:.3g}"
    return Picture(plan, {"image": {"image": image}}, settings, summary)


def sheet_block(shape: Sequence[int]) -> tuple[int, int]:
    """Give the number of units that one cell of a picture stands for, along y and x."""
    rows, columns = (max(1, math.ceil(n / SIDE)) for n in shape)
    return rows, columns


def shrunk(values: Array, block: tuple[int, int]) -> Array:
    """Average blocks of units; (time, y, x)."""
    return mean_along(mean_along(values, 1, block[0]), 2, block[1])


def block_words(block: tuple[int, int]) -> str:
    """Say what a cell stands for, if it is not one unit."""
    return "" if block == (1, 1) else f"Each cell is the mean of {block[0]} × {block[1]} units"


def decimals(times: Array) -> int:
    """Digits after the point that tell the moments apart, six at most."""
    step = float(np.diff(times).min()) if len(times) > 1 else 1.0
    text = f"{step:.6f}".rstrip("0")
    return len(text.partition(".")[2])


def _frames(field: Field, cells: int) -> tuple[int, Array, tuple[int, int]]:
    """Choose samples and average cells until the frames fit: every how many samples, (frames, y, x), block."""
    block = sheet_block(field.values.shape[1:])
    rows, columns = (-(-n // length) for n, length in zip(field.values.shape[1:], block, strict=True))
    most = max(1, min(FRAMES, cells // (rows * columns)))
    every = -(-len(field.values) // most)
    return every, shrunk(field.values[::every], block).astype(np.float32), block


def _coded(images: Array, low: float, high: float) -> Array:
    """Give every cell in two bytes, as the player decodes them."""
    share = (images - np.float32(low)) / np.float32(high - low or 1.0)
    coded = np.where(np.isfinite(share), np.rint(share.clip(0, 1) * TOP), NOTHING)
    return coded.astype(np.uint16).reshape(-1)


def _thinned(every: int, block: tuple[int, int]) -> str:
    thinned = "" if every == 1 else f"The player shows every {_ordinal(every)} sample"
    return ". ".join(part for part in (thinned, block_words(block)) if part)


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ending}"


def _nearest(times: Array, wanted: float, one: Series) -> int:
    if not is_finite_number(wanted) or not times[0] <= plain(wanted) <= one.time[-1]:
        what = (
            f"{shown(wanted)} is outside the recording" if is_finite_number(wanted) else f"{shown(wanted)} is no time"
        )
        hint = f"a time from {times[0]:g} to {one.time[-1]:g} {one.time_words}"
        raise fail("bad-choice", "time", what, hint)
    return int(np.abs(times - float(wanted)).argmin())


def _summary(field: Field, image: Array, time: float) -> str:
    """Say in words what the picture shows, and where the sheet is most active."""
    one, (y, x) = field.series, field.axes
    low, high = extremes(field.values)
    when = f"{one.time[0]:g} to {one.time[-1]:g} {one.time_words}"
    parts = [f"Sheet of {one.name}: {y.count} × {x.count} units over {when}, from {low:.3g} to {high:.3g}."]
    if np.isfinite(image).any() and not one.still:
        row, column = (int(n) for n in np.unravel_index(int(np.nanargmax(image)), image.shape))
        parts.append(
            f"At {time:g} {one.time_words} it is highest, {image[row, column]:.3g}, near "
            f"x = {_place(x, column, image.shape[1]):.3g}, y = {_place(y, row, image.shape[0]):.3g}."
        )
    return " ".join(parts)


def _place(axis: Axis, cell: int, cells: int) -> float:
    """The middle of a cell of the image."""
    length = -(-axis.count // cells)
    return axis.start + axis.cell * min(axis.count, (cell + 0.5) * length)
