"""Owns what a trace plot shows: means, bands, single units, earlier runs. Must not know how lines are drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from bokeh.models.ui import UIElement

from nbkit.errors import fail, shown
from nbkit.plots.checks import require_picture, require_units
from nbkit.plots.ghosts import Earlier, dash_of, require_earlier
from nbkit.plots.picture import Columns, Picture
from nbkit.plots.places import extremes
from nbkit.plots.prediction_card import escaped
from nbkit.plots.prediction_places import Curve, Traces
from nbkit.plots.predictions import Given, require_predictions, with_predictions
from nbkit.plots.reduce import LINE_POINTS, envelope, peak_samples, spread_evenly
from nbkit.plots.series import Series, note_on, read_series
from nbkit.plots.style import GHOST, colour, dash, note_settings
from nbkit.plots.trace_plan import Line, Panel, TracePlan

Array = np.ndarray
Units = slice | Sequence[int] | None
#: Single units drawn when nobody chose; more of them become a grey cloud.
UNITS_DRAWN = 30
BANDS = {"range": "min to max", "quartiles": "middle half", "none": ""}


def traces(
    ds: xr.Dataset,
    variable: str | Sequence[str] | None = None,
    *,
    units: Units = None,
    mean: bool = True,
    band: str = "range",
    compare: Earlier = (),
    predictions: Given = (),
    title: str = "",
    height: int = 320,
) -> UIElement:
    """Draw activity over time: the mean of each population, its band, and single units.

    Variables of the same quantity share a panel; other quantities get a panel of their own below,
    with the same time axis. Long recordings are thinned out; every peak stays.

    Args:
        ds: a result of `nbkit.simulate`.
        variable: one name such as ``"E.r"``, several, or None for all that were recorded.
        units: which single units to draw: their numbers, or a slice of those recorded; ``[]`` for none.
            By default up to 30, spread evenly, when the panel shows one population, else none.
        mean: whether to draw the mean over all recorded units.
        band: ``"range"`` (lowest to highest unit), ``"quartiles"`` (the middle half) or ``"none"``.
        compare: earlier runs, as (label, Dataset); their means are drawn grey and dashed.
        predictions: what theory says, told in a card below: levels and moments are lines, a period is a bracket.
            ``p.check(number)`` in place of ``p`` adds what was measured.
        title: a heading; empty for none.
        height: height of each panel in pixels; the width follows the page.

    Returns:
        A Bokeh figure, or a column of figures.

    Raises:
        NbkitError: a variable that was not recorded, a unit that is not there, an unknown band, what is no prediction.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"E": nb.Population(nb.models.wilson_cowan, 10)})
        >>> figure = nb.plots.traces(nb.simulate(net, duration=20.0, dt=0.1), "E.r")
    """
    return traces_picture(
        ds,
        variable,
        units=units,
        mean=mean,
        band=band,
        compare=compare,
        predictions=predictions,
        title=title,
        height=height,
    ).draw()


def traces_picture(
    ds: xr.Dataset,
    variable: str | Sequence[str] | None = None,
    *,
    units: Units = None,
    mean: bool = True,
    band: str = "range",
    compare: Earlier = (),
    predictions: Given = (),
    title: str = "",
    height: int = 320,
) -> Picture:
    """Compute what `traces` draws, as a `Picture` that a live figure can follow.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"E": nb.Population(nb.models.wilson_cowan, 10, initial={"r": 0.1})})
        >>> nb.plots.traces_picture(nb.simulate(net, duration=20.0, dt=0.1), "E.r").summary
        'Traces over 0 to 20 ms. E.r, mean of 10 units: from 0.0134 to 0.1, at the end 0.0134.'
    """
    require_picture(ds, title, height, mean=mean)
    require_units(units)
    require_earlier(compare)
    require_predictions(predictions)
    if not isinstance(band, str) or band not in BANDS:
        raise fail("bad-choice", "band", f"{shown(band)} is not a band", f"one of {', '.join(BANDS)}")
    series = read_series(ds, variable)
    names = [one.name for one in series]
    earlier = [(label, {one.name: one for one in read_series(other, names)}) for label, other in compare]
    columns: dict[str, Columns] = {}
    panels = []
    for group in _by_quantity(series):
        lines = _units_lines(group, units, columns, alone=mean)
        lines += _ghost_lines(group, earlier, columns)
        if mean or group[0].averaged:
            lines += _mean_lines(group, band, columns)
        panels.append(Panel(group[0].time_label, group[0].axis_label, tuple(lines)))
    plan = TracePlan(tuple(panels), title, height, series[0].time_words)
    note = note_on(series)
    picture = Picture(plan, columns, {"note": note_settings(note)}, _summary(series, note))
    return with_predictions(picture, ds, predictions, _stage(series)) if predictions else picture


def _stage(series: Sequence[Series]) -> Traces:
    """What the panels offer to predictions."""
    curves = []
    for group in _by_quantity(series):
        reach = [extremes(one.values) for one in group]
        low, high = min(low for low, _ in reach), max(high for _, high in reach)
        curves += [
            Curve(one.name, one.population, one.unit, one.axis_label, one.time, _mean(one), low, high) for one in group
        ]
    return Traces(tuple(curves), series[0].time_unit)


def _by_quantity(series: Sequence[Series]) -> list[list[Series]]:
    groups: dict[str, list[Series]] = {}
    for one in series:
        groups.setdefault(one.axis_label, []).append(one)
    return list(groups.values())


def _choose(one: Series, units: Units, *, crowded: bool) -> Array:
    """Choose the places, among the recorded units, whose single lines are drawn."""
    count = one.values.shape[1]
    if units is None:
        return np.arange(0) if crowded or count == 1 else spread_evenly(count, UNITS_DRAWN)
    if isinstance(units, slice):
        return np.arange(count)[units]
    places = {int(number): place for place, number in enumerate(one.numbers)}
    missing = [number for number in units if number not in places]
    if missing:
        raise fail(
            "bad-choice",
            one.name,
            f"unit {missing[0]} was not recorded",
            f"{count} units were, numbered from {one.numbers.min()} to {one.numbers.max()}",
        )
    return np.array([places[number] for number in units], dtype=int)


def _units_lines(group: Sequence[Series], units: Units, columns: dict[str, Columns], *, alone: bool) -> list[Line]:
    """Add the single units of every population; ``alone`` says that a mean is drawn over them."""
    lines = []
    for index, one in enumerate(group):
        places = _choose(one, units, crowded=len(group) > 1 and alone)
        if not len(places):
            continue
        chosen = _without_rounding(one)[:, places]
        rows = peak_samples(chosen, _points_per_unit(len(places)))
        key = f"{one.name} units"
        columns[key] = {
            "xs": np.ascontiguousarray(one.time[rows].T),
            "ys": np.ascontiguousarray(np.take_along_axis(chosen, rows, axis=0).T),
            "unit": one.numbers[places],
        }
        whose = _label(one, group)
        text = _units_text(one, places) if len(group) == 1 else f"{whose}: {_units_text(one, places)}"
        alpha = max(0.32, min(0.8, 1.6 / len(places) ** 0.5))
        lines.append(Line("units", key, text, colour(index), alpha=alpha, who=whose))
    return lines


def _units_text(one: Series, places: Array) -> str:
    """Name the drawn units if they are few, else count them."""
    total = one.values.shape[1]
    if len(places) < min(total, 5):
        return f"{'unit' if len(places) == 1 else 'units'} {', '.join(str(n) for n in one.numbers[places])}"
    return f"{total} units" if len(places) == total else f"{len(places)} of {total} units"


def _points_per_unit(lines: int) -> int:
    """Give a crowd fewer points each: nobody reads one line out of thirty to the pixel."""
    return LINE_POINTS if lines <= 8 else LINE_POINTS // 2


def _ghost_lines(
    group: Sequence[Series], earlier: Sequence[tuple[str, dict[str, Series]]], columns: dict[str, Columns]
) -> list[Line]:
    lines = []
    for number, (label, others) in enumerate(earlier):
        for one in group:
            key = f"{one.name} compare {number}"
            columns[key] = _line_columns(others[one.name], _mean(others[one.name]))
            style = dash_of(number)
            who = escaped(f"{_label(one, group)}, {label}")  # Bokeh reads HTML in the box of values
            lines.append(Line("compare", key, label, GHOST, dash=style, width=1.8, who=who))
    return lines


def _mean_lines(group: Sequence[Series], band: str, columns: dict[str, Columns]) -> list[Line]:
    lines = []
    shade = 0.14 if len(group) == 1 else 0.1
    for index, one in enumerate(group):
        count = one.values.shape[1]
        label = _label(one, group)
        text = label if count == 1 else f"{label}, mean of {count}"
        if one.averaged:
            text = f"{label}, average"
        if count > 1 and band != "none":
            columns[f"{one.name} band"] = _band_columns(one, band)
            lines.append(Line("band", f"{one.name} band", BANDS[band], colour(index), alpha=shade, who=label))
        columns[f"{one.name} mean"] = _line_columns(one, _mean(one))
        ink, style = colour(index), dash(index)
        lines.append(Line("mean", f"{one.name} mean", text, ink, dash=style, width=2.6, who=text))
    return lines


def _label(one: Series, group: Sequence[Series]) -> str:
    same = [other for other in group if other.population == one.population]
    return one.population if len(same) == 1 else one.name


def _without_rounding(one: Series) -> Array:
    """Give the values; if nothing moved, the initial ones, so that no axis zooms into rounding."""
    return np.broadcast_to(one.values[0], one.values.shape) if one.still else one.values


def _mean(one: Series) -> Array:
    return np.asarray(_without_rounding(one).mean(axis=1, dtype=float))


def _line_columns(one: Series, line: Array) -> Columns:
    rows = peak_samples(line[:, None])[:, 0]
    return {"x": one.time[rows], "y": line[rows]}


def _band_columns(one: Series, band: str) -> Columns:
    values = _without_rounding(one)
    if band == "quartiles":
        low, high = np.quantile(values, (0.25, 0.75), axis=1)
    else:
        low, high = values.min(axis=1), values.max(axis=1)
    rows, low, high = envelope(low, high)
    return {"x": one.time[rows], "low": low, "high": high}


def _summary(series: Sequence[Series], note: str) -> str:
    """Say in words what the picture shows."""
    first = series[0]
    parts = [f"Traces over {first.time[0]:g} to {first.time[-1]:g} {first.time_words}."]
    for one in series:
        mean = _mean(one)
        many = f", mean of {one.values.shape[1]} units" if one.values.shape[1] > 1 else ""
        parts.append(f"{one.name}{many}: from {mean.min():.3g} to {mean.max():.3g}, at the end {mean[-1]:.3g}.")
    return " ".join([*parts, note]).strip()
