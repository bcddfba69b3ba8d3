"""Owns what a spike raster shows: bands of populations, dots or counts, rates below. Must not know how it is drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import xarray as xr
from bokeh.models.ui import UIElement

from nbkit.analysis.counts import bin_of
from nbkit.analysis.labels import frequency_unit
from nbkit.analysis.reading import Span, Trains
from nbkit.errors import fail
from nbkit.model.counting import bincount
from nbkit.network.time import Time, steps_per_unit
from nbkit.plots.checks import LOWEST, require_picture
from nbkit.plots.picture import Columns, Picture, Settings
from nbkit.plots.populations import Units, and_list, colours_of, counted, read_populations
from nbkit.plots.raster_plan import Band, Cells, RasterPlan, RatePanel
from nbkit.plots.style import note_settings

Array = np.ndarray
#: More spikes than these are counted in cells instead of drawn one by one.
DOTS = 20_000
#: Cells of a raster of counts, over time and over units: about one for each pixel of a small page.
CELLS = (800, 300)
#: Points of a rate over time, at most, and the narrowest bin that is chosen by itself, in seconds.
RATE_POINTS = 400
NARROWEST_BIN = 0.005
#: Pixels of a raster that are not its bands, of the thinnest band, and between two bands.
FRAME, THINNEST, GAP = 60, 20, 3


def raster(
    ds: xr.Dataset,
    populations: str | Sequence[str] | None = None,
    *,
    start: Time | None = None,
    stop: Time | None = None,
    units: Units = None,
    rate: bool = False,
    bin: Time | None = None,  # noqa: A002  what the field calls it
    title: str = "",
    height: int | None = None,
) -> UIElement:
    """Draw every spike as a dot: time to the right, units upwards, populations stacked from top to bottom.

    The height of a population follows its number of units, but none is too thin to read. More than 20,000 spikes
    are counted in cells, drawn the darker the more there are, and the figure says so; with ``start`` and ``stop``,
    or with fewer ``units``, single spikes can be seen again.

    Args:
        ds: a result of `nbkit.simulate` with spikes.
        populations: one name, or several from top to bottom; None for all whose spikes were recorded.
        start: begin here; None for the start of the recording.
        stop: end here; None for the end of the recording.
        units: numbers of the units to draw, from the bottom up, or a slice of those recorded; None for all.
            ``slice(None, None, 20)`` draws every twentieth.
        rate: whether to draw the rates of the drawn units over time below.
        bin: width of the bins of those rates, a whole number of steps; None for a few ms.
        title: a heading; empty for none.
        height: height of the raster in pixels; the width follows the page.

    Returns:
        A Bokeh figure, or a column of two.

    Raises:
        NbkitError: no spikes recorded, an unknown population, a unit that is not there, a time outside the recording.

    Example:
        >>> import nbkit as nb
        >>> ds = nb.analysis.spike_dataset("E", [1.0, 2.5, 4.0], [0, 2, 1], size=3, duration=10.0, dt=0.1)
        >>> figure = nb.plots.raster(ds, rate=True)
    """
    return raster_picture(
        ds, populations, start=start, stop=stop, units=units, rate=rate, bin=bin, title=title, height=height
    ).draw()


def raster_picture(
    ds: xr.Dataset,
    populations: str | Sequence[str] | None = None,
    *,
    start: Time | None = None,
    stop: Time | None = None,
    units: Units = None,
    rate: bool = False,
    bin: Time | None = None,  # noqa: A002  what the field calls it
    title: str = "",
    height: int | None = None,
) -> Picture:
    """Compute what `raster` draws, as a `Picture` that a live figure can follow.

    Example:
        >>> import nbkit as nb
        >>> ds = nb.analysis.spike_dataset("E", [1.0, 2.5, 4.0], [0, 2, 1], size=3, duration=10.0, dt=0.1)
        >>> nb.plots.raster_picture(ds, rate=True).summary
        'Raster of 3 spikes of E over 0 to 10 ms. E: 3 units, mean rate 100 Hz.'
    """
    require_picture(ds, title, 320 if height is None else height, FRAME + LOWEST, rate=rate)
    if bin is not None and not rate:
        raise fail("bad-choice", "bin", "bins are for the rates", "give rate=True too")
    trains = read_populations(ds, populations, (start, stop), units)
    span = trains[0].span
    tall = height or (320 if len(trains) == 1 else min(max(320, 52 * len(trains) + FRAME), 640))
    edges = _edges([len(one.numbers) for one in trains], tall - FRAME) if len(trains) > 1 else _alone(trains[0])
    many = sum(len(one.steps) for one in trains)
    cells = _cells(trains, span) if many > DOTS else None
    columns: dict[str, Columns] = {}
    bands, dtypes = [], []
    for one, ink, edge in zip(trains, colours_of(ds, [one.population for one in trains]), edges, strict=True):
        if cells is None:
            columns[f"{one.population} spikes"] = _dots(one, edge)
        else:
            image = _image(one, cells)
            columns[f"{one.population} spikes"] = {"image": image[None]}
            dtypes.append((image.shape, image.dtype.name))
        bands.append(Band(one.population, len(one.numbers), ink, *edge))
    panel = _rates(trains, bin, columns) if rate else None
    words = "model units" if span.time_unit == "1" else span.time_unit
    plan = RasterPlan(
        bands=tuple(bands),
        window=(span.first * span.dt, span.last * span.dt),
        time_words=words,
        unit_label=_unit_label(trains),
        cells=cells,
        images=tuple(dtypes),
        dot=_dot_size(many),
        rates=panel,
        title=title,
        height=tall,
    )
    note = _note(trains, many, cells, words)
    settings: dict[str, Settings] = {"note": note_settings(note)}
    if cells is not None:
        settings |= {f"{one.population} shades": {"high": _darkest(columns)} for one in trains}
    return Picture(plan, columns, settings, _summary(trains, many, note, words))


# ------------------------------------------------------------ inside


def _edges(sizes: Sequence[int], tall: int) -> list[tuple[float, float]]:
    """Bottom and top of each band, in shares of the height: in proportion to its units, but never too thin."""
    free = 1.0 - GAP / tall * (len(sizes) - 1)
    least = min(THINNEST / tall, free / len(sizes))
    shares = np.array(sizes, dtype=float)
    thin = np.zeros(len(sizes), dtype=bool)
    while True:
        heights = np.where(thin, least, 0.0)
        heights[~thin] = shares[~thin] / max(shares[~thin].sum(), 1.0) * (free - least * thin.sum())
        now = heights < least
        if not (now & ~thin).any():
            break
        thin |= now
    tops = 1.0 - np.concatenate([[0.0], np.cumsum(heights + GAP / tall)])[:-1]
    return [(float(top - size), float(top)) for top, size in zip(tops, heights, strict=True)]


def _spacing(one: Trains) -> float | None:
    """The distance of unit numbers that count upwards evenly."""
    gaps = np.diff(one.numbers)
    if not len(gaps):
        return 1.0
    return float(gaps[0]) if gaps[0] > 0 and (gaps == gaps[0]).all() else None


def _alone(one: Trains) -> list[tuple[float, float]]:
    """A lone population stands on an axis of unit numbers, or of places where numbers do not count evenly."""
    gap = _spacing(one)
    bottom = -0.5 if gap is None else float(one.numbers[0]) - gap / 2
    return [(bottom, bottom + (gap or 1.0) * len(one.numbers))]


def _unit_label(trains: Sequence[Trains]) -> str:
    if len(trains) > 1:
        return "population (units)"
    name = trains[0].population
    return f"unit of {name}" if _spacing(trains[0]) else f"chosen unit of {name}, in order"


def _dots(one: Trains, edge: tuple[float, float]) -> Columns:
    bottom, top = edge
    row = (top - bottom) / len(one.numbers)
    return {
        "x": one.steps * one.span.dt,
        "y": (bottom + row * (one.rows + 0.5)).astype(np.float32),
        "unit": one.numbers[one.rows].astype(np.int32),
    }


def _dot_size(many: int) -> float:
    return 4.0 if many <= 1500 else 3.0 if many <= 6000 else 2.0


def _cells(trains: Sequence[Trains], span: Span) -> Cells:
    """Choose cells of whole steps, with about as many units in each, whatever the population."""
    steps = max(1, math.ceil((span.last - span.first) / CELLS[0]))
    units = max(1, math.ceil(sum(len(one.numbers) for one in trains) / CELLS[1]))
    return Cells(span.first * span.dt, steps * span.dt, steps, math.ceil((span.last - span.first) / steps), units)


def _image(one: Trains, cells: Cells) -> Array:
    """Spikes in each cell, (units, time), in the smallest type that holds them."""
    rows = -(-len(one.numbers) // cells.units)
    row = one.rows * rows // len(one.numbers)
    moment = np.minimum((one.steps - one.span.first) // cells.steps, cells.number - 1).astype(int)
    counts = bincount(row * cells.number + moment, minlength=rows * cells.number)
    return counts.reshape(rows, cells.number).astype(np.min_scalar_type(int(counts.max())))


def _darkest(columns: dict[str, Columns]) -> float:
    """The count from which a cell is drawn darkest: few cells hold more, so that single bursts do not pale the rest."""
    images = [one["image"].ravel() for one in columns.values() if "image" in one]
    counts = np.concatenate(images)
    return max(4.0, float(np.quantile(counts[counts > 0], 0.995)))


def _rates(trains: Sequence[Trains], asked: Time | None, columns: dict[str, Columns]) -> RatePanel:
    """Add the mean rate over the units of each population, bin by bin."""
    span = trains[0].span
    width = _few_ms(span) if asked is None else asked
    for one in trains:
        index, bins = bin_of(one, width, least=1)
        steps = span.bins(width)[0]
        counts = bincount(index[index >= 0], minlength=bins)
        scale = span.hertz / (steps * span.dt * len(one.numbers))
        edges = (span.first + steps * np.arange(bins + 1)) * span.dt
        columns[f"{one.population} rate"] = {"x": np.repeat(edges, 2)[1:-1], "y": np.repeat(counts * scale, 2)}
    return RatePanel(f"{span.bins(width)[0] * span.dt:g}", frequency_unit(span.time_unit))


def _few_ms(span: Span) -> float:
    """A round width of bins, of whole steps, that leaves a few hundred of them."""
    physical = span.time_unit != "1"
    least = NARROWEST_BIN * steps_per_unit(span.time_unit) if physical else span.dt
    wanted = min(max(span.duration / RATE_POINTS, least), span.duration)
    power = 10.0 ** math.floor(math.log10(wanted) + 1e-9)
    round_width = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= wanted * (1 - 1e-9))
    longest = math.floor(span.duration / span.dt + 1e-6)
    return min(max(1, round(round_width / span.dt)), longest) * span.dt


def _note(trains: Sequence[Trains], many: int, cells: Cells | None, words: str) -> str:
    if not many:
        return "No unit spiked"
    if cells is None:
        return ""
    share = counted(cells.units, "unit")
    what = f"{'up to ' if len(trains) > 1 and cells.units > 1 else ''}{share} in {cells.width:g} {words}"
    return f"{many:,} spikes are too many for dots: each cell counts those of {what}, darker for more"


def _summary(trains: Sequence[Trains], many: int, note: str, words: str) -> str:
    """Say in words what the picture shows."""
    span = trains[0].span
    unit = frequency_unit(span.time_unit)
    whose, when = and_list([one.population for one in trains]), f"{span.first * span.dt:g} to {span.last * span.dt:g}"
    parts = [f"Raster of {counted(many, 'spike')} of {whose} over {when} {words}."]
    for one in trains:
        mean = len(one.steps) / len(one.numbers) / span.duration * span.hertz
        parts.append(f"{one.population}: {counted(len(one.numbers), 'unit')}, mean rate {mean:.3g} {unit}.")
    return " ".join([*parts, f"{note}." if note else ""]).strip()
