"""Owns what a picture of firing rates shows: a line a population, earlier runs. Must not know how it is drawn."""

from __future__ import annotations

from collections.abc import Sequence

import xarray as xr
from bokeh.models.ui import UIElement

from nbkit.analysis.counts import rate
from nbkit.analysis.labels import frequency_unit
from nbkit.analysis.reading import Span, read_span, spiking
from nbkit.network.time import Time, steps_per_unit
from nbkit.plots.checks import require_picture
from nbkit.plots.curve_plan import Curve, CurvePlan
from nbkit.plots.ghosts import COLOUR, Earlier, dash_of, require_earlier
from nbkit.plots.picture import Columns, Picture
from nbkit.plots.populations import colours_of, read_populations
from nbkit.plots.style import note_settings

#: Points of a line, at most, and the narrowest bin that is chosen by itself, in seconds.
POINTS, NARROWEST = 400, 0.005


def rates(
    ds: xr.Dataset,
    populations: str | Sequence[str] | None = None,
    *,
    bin: Time | None = None,  # noqa: A002  what the field calls it
    compare: Earlier = (),
    title: str = "",
    height: int = 320,
) -> UIElement:
    """Draw how often units fire over time: the mean rate of each population, counted in bins.

    Args:
        ds: a result of `nbkit.simulate` with spikes.
        populations: one name or several; None for all whose spikes were recorded.
        bin: width of the bins, a whole number of steps; None for a few ms.
        compare: earlier runs, as (label, Dataset), drawn grey and dashed.
        title: a heading; empty for none.
        height: height in pixels; the width follows the page.

    Returns:
        A Bokeh figure.

    Raises:
        NbkitError: no spikes recorded, an unknown population, a bin off the grid, what are no earlier runs.

    Example:
        >>> import nbkit as nb
        >>> ds = nb.analysis.spike_dataset("E", [1.0, 2.5, 4.0], [0, 2, 1], size=3, duration=100.0, dt=0.1)
        >>> figure = nb.plots.rates(ds, bin=10.0)
    """
    return rates_picture(ds, populations, bin=bin, compare=compare, title=title, height=height).draw()


def rates_picture(
    ds: xr.Dataset,
    populations: str | Sequence[str] | None = None,
    *,
    bin: Time | None = None,  # noqa: A002  what the field calls it
    compare: Earlier = (),
    title: str = "",
    height: int = 320,
) -> Picture:
    """Compute what `rates` draws, as a `Picture` that a live figure can follow.

    Example:
        >>> import nbkit as nb
        >>> ds = nb.analysis.spike_dataset("E", [1.0, 2.5, 4.0], [0, 2, 1], size=3, duration=100.0, dt=0.1)
        >>> nb.plots.rates_picture(ds, bin=10.0).summary
        'Firing rates in Hz, over 100 ms: E from 0 to 100.'
    """
    require_picture(ds, title, height)
    require_earlier(compare)
    names = [one.population for one in read_populations(ds, populations, (None, None))]
    span = read_span(ds)
    width = _width(span) if bin is None else bin
    unit, words = frequency_unit(span.time_unit), "model units" if span.time_unit == "1" else span.time_unit
    columns: dict[str, Columns] = {}
    curves: list[Curve] = []
    for number, (label, other) in enumerate(compare):
        for name in names:
            if name in spiking(other):
                key = f"{name} compare {number}"
                columns[key] = _columns(other, name, width)
                curves.append(Curve(key, label, COLOUR, dash=dash_of(number), width=1.8))
    for name, ink in zip(names, colours_of(ds, names), strict=True):
        columns[f"{name} rate"] = _columns(ds, name, width)
        many = ds.sizes[f"{name}.unit"]
        curves.append(Curve(f"{name} rate", f"{name}, mean of {many}" if many > 1 else name, ink))
    told = width if isinstance(width, str) else f"{width:g} {words}"
    plan = CurvePlan(
        f"time ({words}); rates in bins of {told}", f"firing rate ({unit})", ("time", words), ("rate", unit),
        tuple(curves), from_zero=True, title=title, height=height,
    )  # fmt: skip
    silent = not any(columns[f"{name} rate"]["y"].any() for name in names)
    note = "No unit spiked" if silent else ""
    told_of = (f"{name} from {y.min():.3g} to {y.max():.3g}" for name in names for y in [columns[f"{name} rate"]["y"]])
    summary = f"Firing rates in {unit}, over {span.duration:g} {words}: {', '.join(told_of)}. {note}".strip()
    return Picture(plan, columns, {"note": note_settings(note)}, summary)


def _columns(ds: xr.Dataset, name: str, width: Time) -> Columns:
    found = rate(ds, name, bin=width)
    return {"x": found["time"].to_numpy(), "y": found[f"{name}.rate_mean"].to_numpy()}


def _width(span: Span) -> float:
    """Some ms, or what makes few enough points; a whole number of steps, and never longer than the recording."""
    least = NARROWEST * steps_per_unit(span.time_unit) if span.time_unit != "1" else 0.0
    steps = max(1, round(max(span.duration / POINTS, least) / span.dt))
    return float(min(steps, max(1, int(span.duration / span.dt))) * span.dt)
