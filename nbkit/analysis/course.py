"""Owns what a run did, in words: rhythm, rest, growth, firing. Must not know pictures or networks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import xarray as xr

from nbkit.analysis.counts import rate
from nbkit.analysis.labels import frequency_unit
from nbkit.analysis.reading import Array, read_signal, recording_start, spacing, spiking, time_unit
from nbkit.analysis.rhythms import period
from nbkit.analysis.trains import cv
from nbkit.errors import NbkitError
from nbkit.network.time import steps_per_unit
from nbkit.results import population_of, unit_dims

#: This share of a recording is left out at its beginning.
LEFT_OUT = 1 / 3
#: A signal stands still when the rest of it varies less than this share of all that it did.
STILL = 0.01
#: A rhythm dies away when its second half is smaller than this share of the first.
DYING = 0.7
#: What is no rhythm settles when its second half moves less than this share of the first.
SETTLING = 0.5
#: Units with fewer spikes than this, on average, tell nothing about their regularity.
ENOUGH_SPIKES = 10

Kind = Literal["rhythm", "fading", "rest", "change", "firing", "silence"]


@dataclass(frozen=True)
class Course:
    """What one population did, after a first part that is left out.

    Attributes:
        population: its name.
        kind: ``"rhythm"``, ``"fading"`` (a rhythm that dies away), ``"rest"``, ``"change"`` (neither), ``"firing"``
            or ``"silence"``.
        value: the mean level; for spikes the mean rate.
        low: the lowest value of the mean over units, NaN for spikes.
        high: the highest one.
        period: of a rhythm, else NaN.
        cv: irregularity of spikes, else NaN.

    Example:
        >>> import nbkit as nb
        >>> course = nb.analysis.in_words(nb.simulate(nb.networks.rhythm(), 800.0, 0.02)).courses["E"]
        >>> course.kind, round(course.period, 1)
        ('rhythm', 40.5)
    """

    population: str
    kind: Kind
    value: float
    low: float = math.nan
    high: float = math.nan
    period: float = math.nan
    cv: float = math.nan


@dataclass(frozen=True)
class Story:
    """What a run did.

    Attributes:
        courses: population -> what it did.
        lags: (leader, follower) -> by how much the second rhythm comes later than the first, of the same period.
        text: all of it in one or two sentences.
        unit: of times, with a blank before it.

    Example:
        >>> import nbkit as nb
        >>> story = nb.analysis.in_words(nb.simulate(nb.networks.rhythm(), 800.0, 0.02))
        >>> {pair: round(lag, 2) for pair, lag in story.lags.items()}
        {('E', 'I'): 4.27}
    """

    courses: Mapping[str, Course]
    lags: Mapping[tuple[str, str], float]
    text: str
    unit: str

    def __str__(self) -> str:
        return self.text

    def since(self, before: Story) -> str:
        """What became different from an earlier run, in words; empty if nothing worth a word did.

        Example:
            >>> import nbkit as nb
            >>> net = nb.networks.rhythm()
            >>> before = nb.analysis.in_words(nb.simulate(net, 800.0, 0.02))
            >>> net = nb.networks.rhythm(delay=2.0)
            >>> nb.analysis.in_words(nb.simulate(net, 800.0, 0.02)).since(before)
            'period 40.5 → 91.7 ms'
        """
        parts = []
        for name, now in self.courses.items():
            then = before.courses.get(name)
            if then is None:
                continue
            if now.kind != then.kind:
                parts.append(f"{name}: {_KINDS[then.kind]} → {_KINDS[now.kind]}")
            elif now.kind == "rhythm" and abs(now.period - then.period) > 0.005 * then.period:
                parts.append(f"period {then.period:.3g} → {now.period:.3g}{self.unit}")
            elif now.kind in ("rest", "firing") and abs(now.value - then.value) > 0.005 * max(abs(then.value), 1e-12):
                parts.append(f"{name}: {then.value:.3g} → {now.value:.3g}")
        return "; ".join(dict.fromkeys(parts))


_KINDS: dict[Kind, str] = {
    "rhythm": "a rhythm",
    "fading": "a rhythm that dies away",
    "rest": "rest",
    "change": "no rhythm",
    "firing": "firing",
    "silence": "silence",
}


def in_words(ds: xr.Dataset, left_out: float = LEFT_OUT) -> Story:
    """Tell what a run did: which populations oscillate, rest or fire, and who follows whom.

    Args:
        ds: a result of `nbkit.simulate`.
        left_out: share of the recording that is left out at its beginning.

    Returns:
        The course of every recorded population, told by the first of its recorded variables.

    Raises:
        NbkitError: ``too-short`` for a recording of too few samples.

    Example:
        >>> import nbkit as nb
        >>> print(nb.analysis.in_words(nb.simulate(nb.networks.rhythm(), 800.0, 0.02)))
        E and I oscillate, period 40.5 ms. I follows E by 4.27 ms.
    """
    unit = "" if time_unit(ds) == "1" else f" {time_unit(ds)}"
    start = recording_start(ds)
    discard = start + left_out * (float(ds["time"][-1]) - start)
    signals = _first_variables(ds)
    means = xr.Dataset({variable: _mean(ds, variable, 0.0) for variable in signals.values()}, attrs=ds.attrs)
    courses = {name: _of_signal(means, name, variable, discard) for name, variable in signals.items()}
    courses |= {name: _of_spikes(ds, name, discard) for name in spiking(ds) if name not in courses}
    lags = _lags(means, {name: signals[name] for name, c in courses.items() if c.kind == "rhythm"}, courses, discard)
    return Story(courses, lags, _told(courses, lags, unit, frequency_unit(time_unit(ds))), unit)


def _first_variables(ds: xr.Dataset) -> dict[str, str]:
    """Population -> the first of its variables that were recorded over time; spikes tell more than potentials."""
    found: dict[str, str] = {}
    for name, array in ds.data_vars.items():
        population = population_of(array)
        if "time" in array.dims and population and population not in spiking(ds) and not array.attrs.get("input"):
            found.setdefault(population, str(name))
    return found


def _mean(ds: xr.Dataset, variable: str, discard: float) -> xr.DataArray:
    array = read_signal(ds, variable, discard, least=4)
    return array.mean(unit_dims(array), keep_attrs=True) if unit_dims(array) else array


def _of_signal(ds: xr.Dataset, population: str, variable: str, discard: float) -> Course:
    whole = _mean(ds, variable, 0.0).to_numpy()
    values = _mean(ds, variable, discard).to_numpy()
    low, high = float(values.min()), float(values.max())
    told = {"value": float(values.mean()), "low": low, "high": high}
    if not high - low > STILL * max(float(np.ptp(whole)), 1e-9 * max(abs(low), abs(high), 1e-300)):
        return Course(population, "rest", float(values[-1]), low, high)
    cycle = float(period(ds, variable, discard=discard, mean=True))
    early, late = (float(np.ptp(part)) for part in np.array_split(values, 2))
    if math.isnan(cycle):
        return Course(population, "rest" if late < SETTLING * early else "change", **told)
    return Course(population, "fading" if late < DYING * early else "rhythm", **told, period=cycle)


def _of_spikes(ds: xr.Dataset, population: str, discard: float) -> Course:
    mean = float(rate(ds, population, discard=discard)[f"{population}.rate_mean"])
    if mean == 0:
        return Course(population, "silence", 0.0)
    watched = float(ds["time"][-1]) - discard
    if mean * watched / steps_per_unit(time_unit(ds)) < ENOUGH_SPIKES:
        return Course(population, "firing", mean)
    try:
        irregular = float(np.nanmean(cv(ds, population, discard=discard)[f"{population}.cv"]))
    except NbkitError:
        irregular = math.nan
    return Course(population, "firing", mean, cv=irregular)


def _lags(
    ds: xr.Dataset, variables: Mapping[str, str], courses: Mapping[str, Course], discard: float
) -> dict[tuple[str, str], float]:
    """Who follows the first rhythm, and by how much; only rhythms of the same period."""
    leader, *others = variables or [""]
    lags = {}
    for name in others:
        cycle = courses[leader].period
        if abs(courses[name].period - cycle) > 0.02 * cycle:
            continue
        one, other = (_mean(ds, variables[key], discard) for key in (leader, name))
        delay = _lag(one.to_numpy(), other.to_numpy(), cycle / spacing(one)) * spacing(one)
        pair = (leader, name) if delay >= 0 else (name, leader)
        lags[pair] = abs(delay)
    return lags


def _lag(one: Array, other: Array, cycle: float) -> float:
    """By how many samples the second signal comes later, between minus and plus half a cycle: their phases."""
    turn = np.exp(-2j * np.pi * np.arange(len(one)) / cycle)
    whole = int(len(one) // cycle * cycle)
    phases = [np.angle(((values - values[:whole].mean())[:whole] * turn[:whole]).sum()) for values in (one, other)]
    return float((phases[0] - phases[1] + np.pi) % (2 * np.pi) - np.pi) * cycle / (2 * np.pi)


def _told(courses: Mapping[str, Course], lags: Mapping[tuple[str, str], float], unit: str, per_time: str) -> str:
    sentences = []
    rhythms: dict[str, list[str]] = {}
    for name, course in courses.items():
        if course.kind == "rhythm":
            rhythms.setdefault(f"{course.period:.3g}", []).append(name)
    for length, names in rhythms.items():
        sentences.append(f"{_listed(names)} {_verb(names, 'oscillates', 'oscillate')}, period {length}{unit}")
    resting = [name for name, c in courses.items() if c.kind == "rest"]
    if resting and len(resting) == len(courses):
        values = " and ".join(f"{name} at {courses[name].value:.3g}" for name in resting)
        sentences.append(f"No rhythm: activity settles, {values}")
    elif resting:
        sentences.append(f"{_listed(resting)} {_verb(resting, 'rests', 'rest')}")
    for kind, words in (("fading", "a rhythm that dies away"), ("change", "keeps changing, without a rhythm")):
        names = [name for name, c in courses.items() if c.kind == kind]
        if names:
            sentences.append(f"{_listed(names)}: {words}")
    sentences += [_firing(course, per_time) for course in courses.values() if course.kind == "firing"]
    silent = [name for name, c in courses.items() if c.kind == "silence"]
    if silent:
        sentences.append(f"{_listed(silent)} {_verb(silent, 'is', 'are')} silent")
    sentences += [f"{b} follows {a} by {lag:.3g}{unit}" for (a, b), lag in lags.items() if lag > 0]
    return ". ".join(sentences) + "." if sentences else "Nothing was recorded."


def _firing(course: Course, per_time: str) -> str:
    regular = "" if math.isnan(course.cv) else f", CV {course.cv:.2f}"
    return f"{course.population} fires at {course.value:.3g} {per_time}{regular}"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _verb(names: list[str], one: str, many: str) -> str:
    return one if len(names) == 1 else many
