"""Owns what pictures of spike statistics show: a bar and a number each. Must not know how they are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import xarray as xr
from bokeh.models.ui import UIElement

from nbkit.analysis import statistics
from nbkit.analysis.reading import time_unit
from nbkit.network.time import Time
from nbkit.plots.checks import names_of, require_picture
from nbkit.plots.picture import Columns, Picture, Settings
from nbkit.plots.populations import and_list, colours_of
from nbkit.plots.prediction_places import Rates
from nbkit.plots.predictions import Given, require_predictions, with_predictions
from nbkit.plots.statistics_plan import Measure, StatisticsPlan
from nbkit.plots.style import note_settings

Array = np.ndarray
#: Measure -> how its axis names it, how its numbers are written, and what else the table says about it.
SHOWN = {
    "rate": ("mean rate ({unit})", "{:#.3g}", {"rate_spread": "spread over units", "silent": "share of silent units"}),
    "cv": ("CV of intervals", "{:.2f}", {"cv_units": "units with 2 intervals or more"}),
    "synchrony": ("synchrony in {bin}", "{:#.3g}", {}),
    "correlation": ("correlation in {pair_bin}", "{:z.4f}", {}),
}
#: What a Poisson process would have; for the correlation, independent ones.
POISSON = {"cv": 1.0, "synchrony": 1.0}
#: Room for a number beside the longest bar, in lengths of that bar.
ROOM = 0.4
#: What a number takes of the axis of a small panel.
NUMBER = 0.28


def spike_statistics(
    ds: xr.Dataset,
    populations: str | Sequence[str] | None = None,
    *,
    start: Time | None = None,
    stop: Time | None = None,
    measures: Sequence[str] = ("rate", "cv", "synchrony"),
    bin: Time | None = None,  # noqa: A002  what the field calls it
    units: int = 1000,
    pair_bin: Time | None = None,
    pair_units: int = 200,
    seed: int = 0,
    predictions: Given = (),
    title: str = "",
    height: int | None = None,
) -> UIElement:
    """Draw the statistics of spikes by population, side by side: how often, how regularly, how much together.

    Args:
        ds: a result of `nbkit.simulate` with spikes.
        populations: one name, or several from top to bottom; None for all whose spikes were recorded.
        start: count spikes from here on; None for the start of the recording.
        stop: count spikes up to here; None for the end of the recording.
        measures: from left to right, some of ``"rate"``, ``"cv"``, ``"synchrony"``, ``"correlation"``.
        bin: width of the bins for synchrony; None for 3 ms.
        units: synchrony looks at this many units drawn at random, or at all if there are fewer.
        pair_bin: width of the bins for correlation; None for 2 ms.
        pair_units: correlation looks at the pairs of this many units drawn at random.
        seed: of those draws.
        predictions: what theory says, in a card below; rates are strokes. ``p.check(number)`` adds what was measured.
        title: a heading; empty for none.
        height: height in pixels; the width follows the page.

    Returns:
        A Bokeh layout of one panel for each measure; dashed is what a Poisson process has. The numbers are those of
        `nbkit.analysis.spike_statistics`.

    Raises:
        NbkitError: what `nbkit.analysis.spike_statistics` raises; what is no prediction.

    Example:
        >>> import nbkit as nb
        >>> ds = nb.analysis.spike_dataset("E", [1.0, 2.5, 4.0], [0, 0, 0], size=3, duration=30.0, dt=0.1)
        >>> figure = nb.plots.spike_statistics(ds)
    """
    return spike_statistics_picture(
        ds,
        populations,
        start=start,
        stop=stop,
        measures=measures,
        bin=bin,
        units=units,
        pair_bin=pair_bin,
        pair_units=pair_units,
        seed=seed,
        predictions=predictions,
        title=title,
        height=height,
    ).draw()


def spike_statistics_picture(
    ds: xr.Dataset,
    populations: str | Sequence[str] | None = None,
    *,
    start: Time | None = None,
    stop: Time | None = None,
    measures: Sequence[str] = ("rate", "cv", "synchrony"),
    bin: Time | None = None,  # noqa: A002  what the field calls it
    units: int = 1000,
    pair_bin: Time | None = None,
    pair_units: int = 200,
    seed: int = 0,
    predictions: Given = (),
    title: str = "",
    height: int | None = None,
) -> Picture:
    """Compute what `spike_statistics` draws, as a `Picture` that a live figure can follow.

    Example:
        >>> import nbkit as nb
        >>> ds = nb.analysis.spike_dataset("E", [1.0, 2.5, 4.0], [0, 0, 0], size=3, duration=30.0, dt=0.1)
        >>> nb.plots.spike_statistics_picture(ds).summary
        'Spike statistics of E. E: mean rate (Hz) 33.3, CV of intervals 0, synchrony in 3 ms 1.37.'
    """
    require_picture(ds, title, 320 if height is None else height)
    require_predictions(predictions)
    wanted = statistics.measures_of(measures)
    draws = {"units": units, "pair_units": pair_units, "seed": seed}
    table = statistics.spike_statistics(
        ds, names_of(populations, "populations"), (start, stop), measures=wanted, bin=bin, pair_bin=pair_bin, **draws
    )
    names = [str(name) for name in table["population"].values]
    clock = time_unit(ds)
    words = {
        "unit": table["rate"].attrs["units"] if "rate" in table else "",
        "bin": _bin_text(statistics.COUNT_BIN if bin is None else bin, clock),
        "pair_bin": _bin_text(statistics.PAIR_BIN if pair_bin is None else pair_bin, clock),
    }
    columns: dict[str, Columns] = {}
    poisson = [key for key in wanted if key in POISSON]
    settings: dict[str, Settings] = {"note": note_settings("Dashed: a Poisson process" if poisson else "")}
    panels = []
    for key in wanted:
        label, form, more = SHOWN[key]
        columns[key] = {"row": np.arange(len(names), 0, -1.0), "value": table[key].values} | {
            extra: table[extra].values for extra in more
        }
        settings |= _labels(key, table[key].values, form)
        panels.append(Measure(key, label.format(**words), POISSON.get(key), tuple(more.items())))
    plan = StatisticsPlan(
        names=tuple(names),
        sizes=tuple(int(size) for size in table["units"].values),
        colours=tuple(colours_of(ds, names)),
        measures=tuple(panels),
        title=title,
        height=height or max(190, 30 * len(names) + 100),
    )
    picture = Picture(plan, columns, settings, _summary(names, panels, columns))
    stage = Rates(_rows_of(names, wanted), SHOWN["rate"][0].format(**words), words["unit"])
    return picture if not predictions else _with_room(with_predictions(picture, ds, predictions, stage), len(names))


# ------------------------------------------------------------ inside


def _rows_of(names: Sequence[str], wanted: Sequence[str]) -> dict[str, float]:
    """In which row of the panel of rates a population stands."""
    return {name: float(len(names) - k) for k, name in enumerate(names)} if "rate" in wanted else {}


def _bin_text(width: Time, clock: str) -> str:
    if isinstance(width, str):
        return width
    return f"{width:g} model units" if clock == "1" else f"{width:g} {clock}"


def _labels(key: str, values: Array, form: str) -> dict[str, Settings]:
    """Numbers beside the bars, and an axis with room for them."""
    known = values[np.isfinite(values)]
    low, high = min(0.0, *known, 0.0), max(POISSON.get(key, 0.0), *known, 0.0)
    length = (high - low) or 1.0
    start = low - 0.05 * length if low < 0 else 0.0
    made: dict[str, Settings] = {f"{key} axis": {"start": start, "end": high + ROOM * length}}
    for place, value in enumerate(values):
        text = form.format(value).rstrip(".") if np.isfinite(value) else "too few spikes"
        made[f"{key} number {place}"] = {"x": max(0.0, float(np.nan_to_num(value))), "text": text}
    return made


def _with_room(picture: Picture, rows: int) -> Picture:
    """Make room for strokes: the axis reaches them, a number on which one would fall stands beside it."""
    strokes = [one for key, one in picture.columns.items() if key.startswith("prediction ")]
    if not strokes:
        return picture
    x, y = (np.concatenate([one[axis] for one in strokes]) for axis in ("x", "y"))
    settings = dict(picture.settings)
    end = max(float(str(settings["rate axis"]["end"])), (1 + ROOM) * float(np.nanmax(x)))
    settings["rate axis"] = {**settings["rate axis"], "end": end}
    for place in range(rows):
        key = f"rate number {place}"
        at = float(str(settings[key]["x"]))
        for stroke in np.unique(x[np.abs(y - (rows - place)) < 0.5]):
            at = float(stroke) if at <= stroke < at + NUMBER * end else at
        settings[key] = {**settings[key], "x": at}
    note = ". ".join(part for part in (str(settings["note"]["text"]), "Black strokes: predictions") if part)
    return replace(picture, settings={**settings, "note": note_settings(note)})


def _summary(names: Sequence[str], panels: Sequence[Measure], columns: dict[str, Columns]) -> str:
    """Say in words what the picture shows."""
    parts = [f"Spike statistics of {and_list(names)}."]
    for place, name in enumerate(names):
        numbers = []
        for panel in panels:
            value = columns[panel.key]["value"][place]
            numbers.append(f"{panel.label} {value:.3g}" if np.isfinite(value) else f"{panel.label}: too few spikes")
        parts.append(f"{name}: {', '.join(numbers)}.")
    return " ".join(parts)
