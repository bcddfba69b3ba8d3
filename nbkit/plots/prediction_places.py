"""Owns where a prediction stands in a picture: for each kind of picture, each quantity, its line or why it has none.

Must not know Bokeh, nor theories.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nbkit.plots.picture import Columns
from nbkit.plots.places import Axis, extremes
from nbkit.plots.prediction_names import name_is_covered
from nbkit.plots.prediction_units import as_rate, as_speed, as_time, same_unit
from nbkit.study.prediction import Prediction

Array = np.ndarray
#: Rows of a picture that a rate spans upwards and downwards; height of the ends of a bracket, as a part of its panel.
HALF_ROW, END = 0.38, 0.025
#: A name stands left of its line from this part of the width on; and at this height beside a line upwards.
TURN, FOOT = 0.7, 0.06
#: How far along a front the names of the first, second and third line of its speed stand.
ALONG = (0.3, 0.8, 0.55)
#: Fewest places that a front has run over.
FRONT = 3


@dataclass(frozen=True, eq=False)
class Line:
    """A line over a picture.

    Attributes:
        columns: ``x`` and ``y``, NaN between pieces.
        value: the number that it shows.
        axis: a label of the axes of the figure over which it is drawn.
        name_at: the place of its name; None where the legend has it.
        align: the side of its name that stands there: ``"left"``, ``"center"`` or ``"right"``.
        above: whether the name stands over its place, else beside it.
        dashed: whether it is a dashed line, else a solid stroke.
        whose: the variable or population, where a prediction is about several.
        in_legend: whether the legend has its own name, where a curve leaves no room beside the line.
    """

    columns: Columns
    value: float
    axis: str
    name_at: tuple[float, float] | None = None
    align: str = "right"
    above: bool = False
    dashed: bool = True
    whose: str = ""
    in_legend: bool = False


@dataclass(frozen=True, eq=False)
class Curve:
    """One variable of a picture over time: its names, its axis, its mean over time, and how far its panel goes."""

    name: str
    population: str
    unit: str
    axis: str
    time: Array
    mean: Array
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Traces:
    """What a trace plot offers: its variables."""

    curves: tuple[Curve, ...]
    time_unit: str


@dataclass(frozen=True, eq=False)
class Rates:
    """What a picture with one row for each population offers: the rows, top first, and its axis of rates."""

    rows: Mapping[str, float]
    axis: str
    unit: str


@dataclass(frozen=True, eq=False)
class SpaceTime:
    """What a space-time plot offers: a variable, (time, place), over time and one direction."""

    name: str
    population: str
    time: Array
    values: Array
    along: Axis
    time_unit: str


Stage = Traces | Rates | SpaceTime
#: how a prediction is placed: (stage, prediction, population or "", value, axis -> lines before) -> line, or why none
Placer = Callable[[Any, Prediction, str, float, Mapping[str, int]], Line | str]


def place(stage: Stage, prediction: Prediction, key: str, value: float, earlier: Mapping[str, int]) -> Line | str:
    """Find where one number of a prediction stands.

    Args:
        stage: the picture.
        prediction: that it comes from.
        key: the population that it is about, or nothing.
        value: the number.
        earlier: how many lines of the same quantity are drawn already, by the label of their axis.

    Returns:
        A line, or why there is none; empty text for what no picture draws, whose place is the card.
    """
    quantity = prediction.quantity
    placer = DRAWN[type(stage)].get(quantity)
    if placer is not None:
        return placer(stage, prediction, key, value, earlier)
    others = [words for kind, words in PICTURES.items() if quantity in DRAWN[kind]]
    return f"a {quantity} is seen in {' and '.join(others)}" if others else ""


# ------------------------------------------------------------ traces


def _level(stage: Traces, prediction: Prediction, key: str, value: float, earlier: Mapping[str, int]) -> Line | str:
    """A line across the panel of the variable."""
    curve = _curve(stage.curves, prediction, key)
    if isinstance(curve, str):
        return curve
    if not same_unit(prediction.unit, curve.unit):
        return _other_unit(prediction, f"of {curve.name}", curve.unit)
    ends = (float(curve.time[0]), float(curve.time[-1]))
    places = {"right": ends[1], "left": ends[0], "center": (ends[0] + ends[1]) / 2}
    align = list(places)[earlier.get(curve.axis, 0) % 3]
    points = _points(ends, (value, value))
    beside = [one for one in stage.curves if one.axis == curve.axis]
    if name_is_covered([(one.time, one.mean) for one in beside], value, align, tall=_tall(beside)):
        return Line(points, value, curve.axis, None, in_legend=True)
    return Line(points, value, curve.axis, (places[align], value), align, above=True)


def _tall(curves: Sequence[Curve]) -> float:
    """How high the panel is that these curves fill."""
    return (max(curve.high for curve in curves) - min(curve.low for curve in curves)) or 1.0


def _moment(
    stage: Traces | SpaceTime, prediction: Prediction, key: str, value: float, earlier: Mapping[str, int]
) -> Line | str:
    """A line upwards at the moment."""
    del earlier
    curve = _curve(stage.curves, prediction, key, lead=True) if isinstance(stage, Traces) else _field_curve(stage)
    if isinstance(curve, str):
        return curve
    moment = as_time(value, prediction.unit, stage.time_unit)
    if moment is None:
        return _other_unit(prediction, "of time", stage.time_unit)
    start, end = float(curve.time[0]), float(curve.time[-1])
    if not start <= moment <= end:
        return f"{prediction.words()} lies outside the recording"
    align = "right" if moment > start + TURN * (end - start) else "left"
    points = _points((moment, moment), (curve.low, curve.high))
    return Line(points, value, curve.axis, (moment, curve.low + FOOT * (curve.high - curve.low)), align)


def _cycle(stage: Traces, prediction: Prediction, key: str, value: float, earlier: Mapping[str, int]) -> Line | str:
    """A bracket of this length that begins at a late peak."""
    curve = _curve(stage.curves, prediction, key, lead=True)
    if isinstance(curve, str):
        return curve
    length = as_time(value, prediction.unit, stage.time_unit)
    if length is None:
        return _other_unit(prediction, "of time", stage.time_unit)
    start, end = float(curve.time[0]), float(curve.time[-1])
    if not 0 < length <= end - start:
        return f"{prediction.words()} is longer than the recording" if length > 0 else "it has no length"
    late = (curve.time >= end - 2.25 * length) & (curve.time <= end - length)
    peak = end - length
    if late.any() and np.isfinite(curve.mean[late]).any():
        peak = float(curve.time[late][np.nanargmax(curve.mean[late])])
    tall = (curve.high - curve.low) or 1.0
    y, tip = curve.high + (0.06 + 0.2 * earlier.get(curve.axis, 0)) * tall, END * tall
    points = _points(_along(peak, peak + length), _across(y, tip))
    side = 0.0 if peak < start + (1 - TURN) * (end - start) else 1.0
    at, align = (peak + side * length, y), "right" if side else "left"
    return Line(points, value, curve.axis, at, align, above=True, dashed=False)


def _curve(curves: Sequence[Curve], prediction: Prediction, key: str, *, lead: bool = False) -> Curve | str:
    """The variable that a number is about, or why there is none; ``lead`` takes the first where none is named."""
    wanted = key or prediction.of
    if not wanted:
        return curves[0] if lead or len(curves) == 1 else "it does not say of which variable it is a level"
    found = [curve for curve in curves if wanted in (curve.name, curve.population)]
    variable = prediction.of.rpartition(".")[2]
    found = [curve for curve in found if curve.name.partition(".")[2] == variable] or found
    if not found:
        return f"{wanted} is not in this picture"
    if len(found) > 1 and not lead:
        return f"{wanted} has several variables here"
    return found[0]


# ------------------------------------------------------------ rates


def _rate(stage: Rates, prediction: Prediction, key: str, value: float, earlier: Mapping[str, int]) -> Line | str:
    """A stroke in the row of the population."""
    del earlier
    if not stage.rows:
        return "the rate is not among what is shown"
    population = (key or prediction.of).partition(".")[0]
    if not population and len(stage.rows) == 1:
        population = next(iter(stage.rows))
    if population not in stage.rows:
        return f"{population} is not in this picture" if population else "it does not say of which population it is"
    rate = as_rate(value, prediction.unit, stage.unit)
    if rate is None:
        return _other_unit(prediction, "of rates", stage.unit)
    row = stage.rows[population]
    return Line(_points((rate, rate), (row - HALF_ROW, row + HALF_ROW)), value, stage.axis, dashed=False)


# ------------------------------------------------------------ space and time


def _slope(stage: SpaceTime, prediction: Prediction, key: str, value: float, earlier: Mapping[str, int]) -> Line | str:
    """Lines of this slope through the middle of where the front runs, one each way."""
    if (wrong := _other_field(stage, prediction, key)) is not None:
        return wrong
    speed = as_speed(value, prediction.unit, stage.along.unit, stage.time_unit)
    if speed is None:
        return _other_unit(prediction, "of speed", f"{stage.along.unit or '1'}/{stage.time_unit}")
    if not speed:
        return "a speed of zero has no front"
    pieces = [_piece(stage, run, speed) for run in _runs(stage, goes_back=speed < 0)]
    if not pieces:
        return "no front is seen to which it could be held"
    x, y = (np.concatenate([part for piece in pieces for part in (piece[i], [np.nan])]) for i in (0, 1))
    share = ALONG[earlier.get(stage.along.label, 0) % len(ALONG)]
    at = tuple(float(ends[0] + share * (ends[1] - ends[0])) for ends in pieces[0])
    align = "right" if at[0] > stage.time[0] + TURN * (stage.time[-1] - stage.time[0]) else "left"
    return Line(_points(x[:-1], y[:-1]), value, stage.along.label, (at[0], at[1]), align)


def _runs(stage: SpaceTime, *, goes_back: bool) -> list[tuple[Array, Array]]:
    """The places over which activity spreads, upwards and downwards, each with the time at which it arrives there."""
    low, high = extremes(stage.values)
    reached = stage.values >= (low + high) / 2
    reached = ~reached if goes_back else reached
    ever = reached.any(axis=0)
    if low == high or not ever.any():
        return []
    arrival = np.where(ever, stage.time[reached.argmax(axis=0)], np.inf)
    first = int(arrival.argmin())
    found = []
    for places in (np.arange(first, len(arrival)), np.arange(first, -1, -1)):
        stops = np.flatnonzero(~np.isfinite(arrival[places]))
        run = places[: stops[0]] if len(stops) else places
        run = run[: int(arrival[run].argmax()) + 1]
        moving = run[arrival[run] > arrival[first]]
        if len(moving) >= FRONT:
            found.append((stage.along.middles[moving], arrival[moving]))
    return found


def _piece(stage: SpaceTime, run: tuple[Array, Array], speed: float) -> tuple[Array, Array]:
    """The two ends of the line through the middle of a run, (times, places), within the picture."""
    places, times = run
    middle = len(places) // 2
    ends = np.array([places[0], places[-1]])
    slope = abs(speed) * np.sign(ends[1] - ends[0])
    t = times[middle] + (ends - places[middle]) / slope
    t = np.clip(t, stage.time[0], stage.time[-1])
    return t, places[middle] + (t - times[middle]) * slope


def _extent(stage: SpaceTime, prediction: Prediction, key: str, value: float, earlier: Mapping[str, int]) -> Line | str:
    """A bracket of this length beside the activity at the end."""
    if (wrong := _other_field(stage, prediction, key)) is not None:
        return wrong
    along = stage.along
    if along.unit and not same_unit(prediction.unit, along.unit):
        return _other_unit(prediction, f"of {along.name}", along.unit)
    if not 0 < value <= along.end - along.start:
        return f"{prediction.words()} is longer than the axis" if value > 0 else "it has no length"
    last = np.nan_to_num(stage.values[-1], nan=-np.inf)
    active = along.middles[last >= (last.max() + last.min()) / 2]
    centre = float(active.mean()) if len(active) else (along.start + along.end) / 2
    bottom = min(max(centre - value / 2, along.start), along.end - value)
    start, end = float(stage.time[0]), float(stage.time[-1])
    x, tip = end - (0.03 + 0.05 * earlier.get(along.label, 0)) * (end - start), END / 2 * (end - start)
    points = _points(_across(x, tip), _along(bottom, bottom + value))
    return Line(points, value, along.label, (x - tip, bottom + value / 2), dashed=False)


def _field_curve(stage: SpaceTime) -> Curve:
    low, high, mean = stage.along.start, stage.along.end, stage.values.mean(axis=1)
    return Curve(stage.name, stage.population, "", stage.along.label, stage.time, mean, low, high)


def _other_field(stage: SpaceTime, prediction: Prediction, key: str) -> str | None:
    wanted = key or prediction.of
    known = ("", stage.name, stage.population)
    return None if wanted in known else f"{wanted} is not in this picture"


# ------------------------------------------------------------ shared


def _points(x: Sequence[float] | Array, y: Sequence[float] | Array) -> Columns:
    return {"x": np.array(x, dtype=float), "y": np.array(y, dtype=float)}


def _along(start: float, end: float) -> list[float]:
    """How far a bracket, a line with a short stroke at each end, has come at each of its points."""
    return [start, start, start, end, end, end]


def _across(middle: float, tip: float) -> list[float]:
    """How far a bracket is to the side at each of its points."""
    return [middle - tip, middle + tip, middle, middle, middle + tip, middle - tip]


def _other_unit(prediction: Prediction, axis: str, unit: str) -> str:
    its = f"it is in {prediction.unit}" if prediction.unit else "it has no unit"
    there = "is in model units" if unit == "1" else f"is in {unit}" if unit else "has no unit"
    return f"{its}, the axis {axis} {there}"


#: the pictures, as they are called
PICTURES: dict[type[Stage], str] = {
    Traces: "traces",
    Rates: "rate boxes",
    SpaceTime: "space-time plots",
}

#: kind of picture -> quantity -> how it is drawn there; all others stand in the card alone
DRAWN: dict[type[Stage], dict[str, Placer]] = {
    Traces: {"level": _level, "time": _moment, "period": _cycle},
    Rates: {"rate": _rate},
    SpaceTime: {"speed": _slope, "length": _extent, "time": _moment},
}
