"""Owns the table of spike statistics: one row for each population. Must not know how each number is counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from nbkit.analysis.labels import frequency_unit, provenance
from nbkit.analysis.reading import Trains, Window, read_all_trains, time_unit
from nbkit.analysis.together import count_correlation, count_synchrony
from nbkit.analysis.trains import variation
from nbkit.errors import NbkitError, Problem, did_you_mean, fail, shown
from nbkit.model.counting import bincount
from nbkit.model.numbers import is_whole, plain
from nbkit.network.time import Time, time_problems

#: Widths of bins in the literature, for networks that count physical time.
COUNT_BIN = "3 ms"
PAIR_BIN = "2 ms"


def spike_statistics(
    ds: xr.Dataset,
    populations: str | Sequence[str] | None = None,
    window: Window | None = None,
    *,
    measures: Sequence[str] = ("rate", "cv", "synchrony", "correlation"),
    bin: Time | None = None,  # noqa: A002  what the field calls it
    units: int = 1000,
    pair_bin: Time | None = None,
    pair_units: int = 200,
    seed: int = 0,
    discard: Time = 0.0,
) -> xr.Dataset:
    """Describe spiking populations by the numbers that the literature compares.

    Args:
        ds: a result with spikes.
        populations: one name or several; None for all whose spikes were recorded.
        window: start and stop; None, as one of them or for both, means that of the recording.
        measures: some of ``"rate"``, ``"cv"``, ``"synchrony"``, ``"correlation"``.
        bin: width of the bins for synchrony; None for 3 ms.
        units: synchrony looks at this many units drawn at random, or at all if there are fewer.
        pair_bin: width of the bins for correlation; None for 2 ms.
        pair_units: correlation looks at the pairs of this many units drawn at random.
        seed: of those draws.
        discard: length left out at the beginning.

    Returns:
        Along ``population``: ``units``; for the rate ``rate`` (mean over all units, in Hz, or per model unit),
        ``rate_spread`` (standard deviation over units) and ``silent`` (share of units without a spike); ``cv`` (mean
        over units with two intervals or more) and ``cv_units`` (how many they are); ``synchrony`` (variance over mean
        of the spike count in bins); ``correlation`` (mean over pairs of units that both spiked). NaN where there are
        too few spikes.

    Raises:
        NbkitError: no spikes recorded, an unknown population or measure, a bin off the grid, or none in a network
            that counts model units.

    Source:
        Potjans & Diesmann (2014) Cereb. Cortex 24:785-806; the single numbers as `cv`, `synchrony`, `correlation`.

    Example:
        >>> import nbkit as nb
        >>> ds = nb.analysis.spike_dataset("E", [1.0, 3.0, 5.0, 2.0], [0, 0, 0, 1], size=4, duration=30.0, dt=0.5)
        >>> table = nb.analysis.spike_statistics(ds, measures=["rate", "cv"])
        >>> table["rate"].round(2).values.tolist(), table["silent"].values.tolist(), table["cv"].values.tolist()
        ([33.33], [0.5], [0.0])
    """
    wanted = measures_of(measures)
    trains = read_all_trains(ds, populations, discard, window)
    _require(wanted, {"bin": bin, "pair_bin": pair_bin}, (units, pair_units, seed), time_unit(ds))
    widths = (COUNT_BIN if bin is None else bin, PAIR_BIN if pair_bin is None else pair_bin)
    draws = _Draws(widths[0], units, widths[1], pair_units, seed)
    rows = [
        {"units": len(one.numbers)} | {key: value for name in wanted for key, value in MEASURES[name](one, draws)}
        for one in trains
    ]
    columns = {key: ("population", [row[key] for row in rows], _about(key, time_unit(ds))) for key in rows[0]}
    names = [one.population for one in trains]
    return xr.Dataset(columns, {"population": names}, provenance(ds))


def measures_of(measures: object) -> list[str]:
    """Give one measure or several as a list.

    Raises:
        NbkitError: ``bad-type`` for what is neither a name nor a list of names.
    """
    if isinstance(measures, str):
        return [measures]
    if not isinstance(measures, list | tuple) or not all(isinstance(name, str) for name in measures):
        what = f"{shown(measures)} is neither a measure nor a list of them"
        raise fail("bad-type", "measures", what, f"some of {', '.join(MEASURES)}")
    return list(measures)


# ------------------------------------------------------------ inside


def _count_problems(counts: tuple[object, ...]) -> Iterator[Problem]:
    """What is wrong with units, pair_units and the seed, which must be whole."""
    for (key, least), value in zip(COUNTED.items(), counts, strict=True):
        if not is_whole(plain(value), least):
            code = "bad-seed" if key == "seed" else "bad-value"
            yield Problem(code, key, f"{shown(value)} is no whole number from {least} on", f"such as {key}={least}")


@dataclass(frozen=True)
class _Draws:
    """Widths of bins, how many units are looked at, and the seed of their draw."""

    bin: Time
    units: int
    pair_bin: Time
    pair_units: int
    seed: int


def _rate(trains: Trains, _draws: _Draws) -> Iterator[tuple[str, float]]:
    counts = bincount(trains.rows, minlength=len(trains.numbers))
    rates = counts / trains.span.duration * trains.span.hertz
    yield "rate", float(rates.mean())
    yield "rate_spread", float(rates.std())
    yield "silent", float((counts == 0).mean())


def _cv(trains: Trains, _draws: _Draws) -> Iterator[tuple[str, float]]:
    values = variation(trains, 2)
    known = np.isfinite(values)
    yield "cv", float(values[known].mean()) if known.any() else np.nan
    yield "cv_units", int(known.sum())


def _synchrony(trains: Trains, draws: _Draws) -> Iterator[tuple[str, float]]:
    yield "synchrony", count_synchrony(trains, draws.bin, draws.units, draws.seed)


def _correlation(trains: Trains, draws: _Draws) -> Iterator[tuple[str, float]]:
    yield "correlation", count_correlation(trains, draws.pair_bin, draws.pair_units, draws.seed)


MEASURES: Mapping[str, Callable[[Trains, _Draws], Iterator[tuple[str, float]]]] = {
    "rate": _rate,
    "cv": _cv,
    "synchrony": _synchrony,
    "correlation": _correlation,
}
#: How much is looked at and how it is drawn -> the least that it may be.
COUNTED = {"units": 1, "pair_units": 1, "seed": 0}
#: Measure -> the width that it needs.
NEEDS = {"synchrony": "bin", "correlation": "pair_bin"}
WORDS = {
    "units": "recorded units",
    "rate": "mean firing rate",
    "rate_spread": "standard deviation of the firing rate over units",
    "silent": "share of units without a spike",
    "cv": "mean CV of interspike intervals",
    "cv_units": "units with 2 intervals or more",
    "synchrony": "variance over mean of the population spike count",
    "correlation": "mean correlation of spike counts of pairs of units",
}


def _about(key: str, unit: str) -> dict[str, str]:
    return {"units": frequency_unit(unit) if key.startswith("rate") else "", "long_name": WORDS[key]}


def _require(wanted: Sequence[str], widths: Mapping[str, Time | None], counts: tuple[object, ...], unit: str) -> None:
    """Refuse unknown measures, numbers that do not count, and bins that nobody gave where there is no usual width."""
    problems = [
        Problem("bad-choice", "measures", f"{shown(name)} is not a measure", did_you_mean(str(name), MEASURES))
        for name in wanted
        if name not in MEASURES
    ]
    problems += [
        Problem("bad-choice", "measures", f"'{name}' is named twice", "name each measure once")
        for name in dict.fromkeys(wanted)
        if wanted.count(name) > 1
    ]
    if not wanted:
        problems.append(Problem("bad-choice", "measures", "none was named", f"some of {', '.join(MEASURES)}"))
    problems += _count_problems(counts)
    problems += [p for key, width in widths.items() if width is not None for p in time_problems(width, unit, key)]
    for measure, key in NEEDS.items():
        if unit == "1" and measure in wanted and widths[key] is None:
            what = f"{measure} counts spikes in bins, and the network counts model units, not ms"
            problems.append(Problem("bad-value", key, what, f"give a width, such as {key}=1.0"))
    if problems:
        raise NbkitError(problems)
