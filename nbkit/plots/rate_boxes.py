"""Owns what box plots of rates show: quartiles, whiskers, outliers, references. Must not know how they are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from bokeh.models.ui import UIElement

from nbkit.analysis.labels import frequency_unit
from nbkit.analysis.reading import Trains
from nbkit.errors import NbkitError, Problem, did_you_mean, fail, shown
from nbkit.model.counting import bincount
from nbkit.model.numbers import is_finite_number
from nbkit.network.time import Time
from nbkit.plots.box_plan import BoxPlan
from nbkit.plots.checks import require_picture, require_text
from nbkit.plots.picture import Columns, Picture
from nbkit.plots.populations import and_list, colours_of, read_populations
from nbkit.plots.prediction_places import Rates
from nbkit.plots.predictions import Given, require_predictions, with_predictions
from nbkit.plots.reduce import spread_evenly
from nbkit.plots.style import note_settings

Array = np.ndarray
#: Outliers drawn for one population; beyond that they are thinned, and the farthest stays.
OUTLIERS = 60
#: Whiskers reach the last unit within so many heights of the box.
REACH = 1.5


def rate_boxes(
    ds: xr.Dataset,
    populations: str | Sequence[str] | None = None,
    *,
    start: Time | None = None,
    stop: Time | None = None,
    reference: Mapping[str, float] | None = None,
    reference_label: str = "reference",
    predictions: Given = (),
    title: str = "",
    height: int | None = None,
) -> UIElement:
    """Draw how the rates of single units are spread: one box for each population, from top to bottom.

    A box holds the middle half of the units, its line is the median, the diamond the mean. Whiskers reach the last
    unit within 1.5 box lengths; units beyond are dots, one for each rate, thinned out where there are many.

    Args:
        ds: a result of `nbkit.simulate` with spikes.
        populations: one name, or several from top to bottom; None for all whose spikes were recorded.
        start: count spikes from here on; None for the start of the recording.
        stop: count spikes up to here; None for the end of the recording.
        reference: mean rates to compare with, population -> rate in Hz (per model unit in such a network).
        reference_label: what these are, for the legend.
        predictions: what theory says, told in a card below: rates are strokes over the boxes. ``p.check(number)`` in
            place of ``p`` adds what was measured.
        title: a heading; empty for none.
        height: height in pixels; the width follows the page.

    Returns:
        A Bokeh figure.

    Raises:
        NbkitError: no spikes recorded, an unknown population, a time outside the recording, a reference that is no
            rate of a population that is drawn, what is no prediction.

    Source:
        Tukey (1977) Exploratory Data Analysis.

    Example:
        >>> import nbkit as nb
        >>> ds = nb.analysis.spike_dataset("E", [1.0, 2.5, 4.0], [0, 2, 2], size=3, duration=1000.0, dt=0.1)
        >>> figure = nb.plots.rate_boxes(ds, reference={"E": 0.9})
    """
    return rate_boxes_picture(
        ds,
        populations,
        start=start,
        stop=stop,
        reference=reference,
        reference_label=reference_label,
        predictions=predictions,
        title=title,
        height=height,
    ).draw()


def rate_boxes_picture(
    ds: xr.Dataset,
    populations: str | Sequence[str] | None = None,
    *,
    start: Time | None = None,
    stop: Time | None = None,
    reference: Mapping[str, float] | None = None,
    reference_label: str = "reference",
    predictions: Given = (),
    title: str = "",
    height: int | None = None,
) -> Picture:
    """Compute what `rate_boxes` draws, as a `Picture` that a live figure can follow.

    Example:
        >>> import nbkit as nb
        >>> ds = nb.analysis.spike_dataset("E", [1.0, 2.5, 4.0], [0, 2, 2], size=3, duration=1000.0, dt=0.1)
        >>> nb.plots.rate_boxes_picture(ds, reference={"E": 0.9}).summary
        'Box plots of the rates of single units of E, Hz. E: median 1, middle half 0.5 to 1.5, mean 1, reference 0.9.'
    """
    require_picture(ds, title, 320 if height is None else height)
    require_text(reference_label, "reference_label")
    require_predictions(predictions)
    trains = read_populations(ds, populations, (start, stop))
    names = [one.population for one in trains]
    wanted = _checked({} if reference is None else reference, names)
    rates = [_rates(one) for one in trains]
    rows = np.arange(len(trains), 0, -1, dtype=float)
    each = [_box(values) for values in rates]
    boxes = {key: np.array([box[key] for box in each]) for key in each[0]}
    dots = [_outliers(*one) for one in zip(rates, boxes["low"], boxes["high"], strict=True)]
    columns: dict[str, Columns] = {
        "boxes": {"row": rows, **boxes},
        "outliers": {
            "row": np.repeat(rows, [len(values) for values, _ in dots]),
            "rate": np.concatenate([values for values, _ in dots]),
            "units": np.concatenate([many for _, many in dots]),
        },
    }
    if wanted:
        columns["boxes"] = {**columns["boxes"], "reference": np.array([wanted.get(name, np.nan) for name in names])}
        columns["reference"] = {
            "row": np.array([rows[names.index(name)] for name in wanted]),
            "rate": np.array(list(wanted.values())),
        }
    plan = BoxPlan(
        names=tuple(names),
        sizes=tuple(len(one.numbers) for one in trains),
        colours=tuple(colours_of(ds, names)),
        unit=frequency_unit(trains[0].span.time_unit),
        outliers=any(len(values) for values, _ in dots),
        reference=reference_label if wanted else "",
        title=title,
        height=height or max(200, 38 * len(trains) + 110),
    )
    note = "" if any(len(one.steps) for one in trains) else "No unit spiked"
    summary = _summary(plan, boxes, wanted)
    picture = Picture(plan, columns, {"note": note_settings(note)}, f"{summary} {note}".strip())
    stage = Rates(dict(zip(names, rows, strict=True)), plan.x_label, plan.unit)
    return with_predictions(picture, ds, predictions, stage) if predictions else picture


# ------------------------------------------------------------ inside


def _checked(reference: Mapping[str, float], names: Sequence[str]) -> dict[str, float]:
    if not isinstance(reference, Mapping):
        raise fail("bad-type", "reference", f"{shown(reference)} tells no rates", 'such as {"E": 4.4}')
    problems = [
        Problem("unknown-population", f"reference: {name}", "is not drawn", did_you_mean(str(name), names))
        for name in reference
        if name not in names
    ]
    problems += [
        Problem("bad-value", f"reference: {name}", f"{shown(rate)} is not a rate", "a number, zero or more")
        for name, rate in reference.items()
        if not is_finite_number(rate) or rate < 0
    ]
    if problems:
        raise NbkitError(problems)
    return {name: float(rate) for name, rate in reference.items()}


def _rates(one: Trains) -> Array:
    """Spikes of each unit per time, (units,)."""
    counts = bincount(one.rows, minlength=len(one.numbers))
    return np.asarray(counts / one.span.duration * one.span.hertz)


def _box(values: Array) -> dict[str, float]:
    low, middle, high = (float(number) for number in np.quantile(values, (0.25, 0.5, 0.75)))
    reach = REACH * (high - low)
    within = values[(values >= low - reach) & (values <= high + reach)]
    return {
        "lower": low,
        "median": middle,
        "upper": high,
        "low": float(within.min()),
        "high": float(within.max()),
        "mean": float(values.mean()),
        "silent": float((values == 0).mean()),
    }


def _outliers(values: Array, low: float, high: float) -> tuple[Array, Array]:
    """Rates beyond the whiskers, each once, and how many units have them."""
    rates, many = np.unique(values[(values < low) | (values > high)], return_counts=True)
    chosen = spread_evenly(len(rates), OUTLIERS)
    return rates[chosen], many[chosen]


def _summary(plan: BoxPlan, boxes: Mapping[str, Array], reference: Mapping[str, float]) -> str:
    """Say in words what the picture shows."""
    parts = [f"Box plots of the rates of single units of {and_list(plan.names)}, {plan.unit}."]
    for place, name in enumerate(plan.names):
        box = {key: f"{values[place]:.3g}" for key, values in boxes.items()}
        beside = f", {plan.reference} {reference[name]:.3g}" if name in reference else ""
        parts.append(
            f"{name}: median {box['median']}, middle half {box['lower']} to {box['upper']}, mean {box['mean']}{beside}."
        )
    return " ".join(parts)
