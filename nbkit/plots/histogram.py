"""Owns what a histogram shows: samples of a variable, a drawn parameter, intervals. Must not know how it is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from bokeh.models.ui import UIElement

from nbkit.analysis.reading import spiking, time_unit
from nbkit.analysis.trains import interspike_intervals
from nbkit.errors import did_you_mean, fail, shown
from nbkit.model.numbers import is_whole
from nbkit.plots.checks import require_picture
from nbkit.plots.curve_plan import Curve, CurvePlan
from nbkit.plots.ghosts import COLOUR, Earlier, dash_of, require_earlier
from nbkit.plots.picture import Columns, Picture
from nbkit.plots.populations import colours_of
from nbkit.plots.style import colour, note_settings

Array = np.ndarray
#: Bars at most, and values that are looked at; of more every second, third … one is taken.
BARS, VALUES = 60, 2_000_000
INTERVALS = "intervals"


@dataclass(frozen=True, eq=False)
class Values:
    """What is counted: its values, what they are, how each is called, their unit, and the name of a population."""

    numbers: Array
    meaning: str
    each: str
    unit: str
    population: str
    note: str = ""


def countable(ds: xr.Dataset) -> list[str]:
    """Names of what a histogram of a result can show: intervals between spikes, variables, drawn parameters."""
    names = [f"{name}.{INTERVALS}" for name in spiking(ds)]
    names += [str(n) for n in ds.data_vars if "time" in ds.variables[n].dims]
    return names + [str(n) for n in ds.data_vars if _is_drawn(ds, str(n))]


def histogram(
    ds: xr.Dataset,
    variable: str | None = None,
    *,
    bins: int | None = None,
    compare: Earlier = (),
    title: str = "",
    height: int = 320,
) -> UIElement:
    """Draw how often which value occurs: of a variable, of a drawn parameter, or of intervals between spikes.

    Args:
        ds: a result of `nbkit.simulate`.
        variable: ``"E.r"`` for all samples of all units, ``"E.tau"`` for a parameter drawn for each unit,
            ``"E.intervals"`` for the times between neighbouring spikes of a unit; None for the first that there is.
        bins: number of bars; None for as many as the values can bear.
        compare: earlier runs, as (label, Dataset), drawn as grey dashed outlines over the same bars.
        title: a heading; empty for none.
        height: height in pixels; the width follows the page.

    Returns:
        A Bokeh figure.

    Raises:
        NbkitError: nothing of that name, nothing to count, a number of bars that is none, what are no earlier runs.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"E": nb.Population(nb.models.wilson_cowan, 50, {"tau": nb.Uniform(5.0, 10.0)})})
        >>> figure = nb.plots.histogram(nb.simulate(net, duration=20.0, dt=0.1), "E.tau")
    """
    return histogram_picture(ds, variable, bins=bins, compare=compare, title=title, height=height).draw()


def histogram_picture(
    ds: xr.Dataset,
    variable: str | None = None,
    *,
    bins: int | None = None,
    compare: Earlier = (),
    title: str = "",
    height: int = 320,
) -> Picture:
    """Compute what `histogram` draws, as a `Picture` that a live figure can follow.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"E": nb.Population(nb.models.wilson_cowan, 50, {"tau": nb.Uniform(5.0, 10.0)})})
        >>> nb.plots.histogram_picture(nb.simulate(net, duration=20.0, dt=0.1), "E.tau").summary
        'Histogram of E.tau: time constant. 50 units, mean 7.522, standard deviation 1.52 ms.'
    """
    require_picture(ds, title, height)
    require_earlier(compare)
    if bins is not None and not is_whole(bins, 1, 1000):
        raise fail("bad-value", "bins", f"{shown(bins)} is no number of bars", "from 1 to 1000")
    known = countable(ds)
    name = known[0] if variable is None and known else variable
    if name not in known:
        raise fail("unknown-variable", shown(name), "cannot be counted", did_you_mean(str(name), known))
    mine = read_values(ds, name)
    if not mine.numbers.size:
        raise fail("too-short", name, f"there is no {mine.each} to count", "run longer, or drive it more")
    others = [(label, read_values(other, name)) for label, other in compare if name in countable(other)]
    edges = _edges([mine.numbers, *(other.numbers for _, other in others)], bins)
    columns: dict[str, Columns] = {"bars": _bars(mine.numbers, edges)}
    ink = colours_of(ds, [mine.population])[0] if mine.population in spiking(ds) else colour(0)
    curves = [Curve("bars", "this run" if others else "", ink, kind="bars")]
    for number, (label, other) in enumerate(others):
        columns[f"compare {number}"] = _outline(other.numbers, edges)
        curves.append(Curve(f"compare {number}", label, COLOUR, kind="outline", dash=dash_of(number), width=1.8))
    words = f"share of {mine.each}s"
    plan = CurvePlan(
        f"{mine.meaning} ({mine.unit or 'dimensionless'})", f"{words} (%)", (mine.meaning, mine.unit), (words, "%"),
        tuple(curves), from_zero=True, title=title, height=height,
    )  # fmt: skip
    told = f"mean {mine.numbers.mean():.4g}, standard deviation {mine.numbers.std():.3g} {mine.unit}".rstrip()
    note = ". ".join(filter(None, (f"{mine.numbers.size:,} {mine.each}s, {told}", mine.note)))
    return Picture(plan, columns, {"note": note_settings(note)}, f"Histogram of {mine.meaning}. {note}.")


def read_values(ds: xr.Dataset, name: str) -> Values:
    """The finite values of one of the names that `countable` gives."""
    population, _, kind = name.partition(".")
    if kind == INTERVALS and population in spiking(ds):
        gaps = interspike_intervals(ds, population).to_numpy().astype(float)
        unit = time_unit(ds)
        words = "model units" if unit == "1" else unit
        return Values(gaps, f"interval between spikes of {population}", "interval", words, population)
    array = ds[name]
    flat = np.asarray(array.to_numpy(), dtype=float).reshape(-1)
    every = -(-flat.size // VALUES)
    some = flat[::every]
    meaning, unit = str(array.attrs.get("long_name", "")), str(array.attrs.get("units", ""))
    words = f"{name}: {meaning}" if meaning and meaning != kind else name
    note = f"Every {every} values one was counted" if every > 1 else ""
    each = "sample" if "time" in array.dims else "unit"
    return Values(some[np.isfinite(some)], words, each, "" if unit == "1" else unit, population, note)


def _is_drawn(ds: xr.Dataset, name: str) -> bool:
    """Whether a variable is a parameter with a value of its own for each unit."""
    array = ds.variables[name]
    prefix = f"{array.attrs.get('population', '')}."
    return (
        array.size > 1
        and "time" not in array.dims
        and all(str(d).startswith(prefix) for d in array.dims)
        and (prefix != "." and name.startswith(prefix) and "spike" not in name.removeprefix(prefix))
    )


def _edges(values: list[Array], bins: int | None) -> Array:
    """Edges of bars that hold all values; one bar where all are the same."""
    together = np.concatenate(values)
    low, high = float(together.min()), float(together.max())
    if high - low <= 1e-12 * max(abs(low), abs(high)):
        half = 0.05 * abs(low) or 0.5
        return np.array([low - half, low + half])
    count = bins or min(BARS, max(8, len(np.histogram_bin_edges(values[0], "fd")) - 1 if _spread(values[0]) else 8))
    return np.linspace(low, high, count + 1)


def _spread(values: Array) -> bool:
    """Whether the middle half of the values is not all the same, so that their spread can tell a width."""
    lower, upper = np.quantile(values, (0.25, 0.75))
    return bool(upper - lower > 1e-3 * np.ptp(values))


def _shares(values: Array, edges: Array) -> Array:
    return np.histogram(values, edges)[0] * (100.0 / max(1, values.size))


def _bars(values: Array, edges: Array) -> Columns:
    return {"left": edges[:-1], "right": edges[1:], "y": _shares(values, edges)}


def _outline(values: Array, edges: Array) -> Columns:
    """The upper rim of the bars, from zero up and back."""
    shares = _shares(values, edges)
    return {"x": np.concatenate([edges[:1], edges]), "y": np.concatenate([[0.0], shares, [0.0]])}
