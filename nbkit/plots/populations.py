"""Owns what pictures of spikes share: whose spikes, of which units, in which colours. Must not know Bokeh's figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import xarray as xr

from nbkit.analysis.reading import Trains, Window, read_all_trains, spiking
from nbkit.errors import NbkitError, Problem
from nbkit.plots.checks import names_of, require_units
from nbkit.plots.style import COLOURS, colour

Array = np.ndarray
Units = slice | Sequence[int] | None
#: Colours of an excitatory population and the inhibitory one beside it: dark and bright of one hue.
PAIRS = (
    ("#1e3a8a", "#3b82f6"),
    ("#9a3412", "#ea7317"),
    ("#134e4a", "#0d9488"),
    ("#581c87", "#a855f7"),
    ("#831843", "#e0468f"),
    ("#3f3f46", "#85858f"),
)


def read_populations(
    ds: xr.Dataset, populations: str | Sequence[str] | None, window: Window, units: Units = None
) -> list[Trains]:
    """Read the spikes of the populations that a picture shows, in their order, of the chosen units only.

    Raises:
        NbkitError: what `read_all_trains` raises, or every population in which chosen units are missing.
    """
    return choose_units(read_all_trains(ds, names_of(populations, "populations"), window=window), units)


def choose_units(trains: Sequence[Trains], units: Units) -> list[Trains]:
    """Keep the chosen units of each population, in the order in which they were chosen."""
    require_units(units)
    problems = [problem for one in trains if (problem := _wrong_choice(one, units))]
    if problems:
        raise NbkitError(problems)
    return [_chosen(one, units) for one in trains]


def _wrong_choice(one: Trains, units: Units) -> Problem | None:
    count = len(one.numbers)
    if not count:
        return Problem("bad-choice", one.population, "no unit of it was recorded", "leave it out")
    if units is None:
        return None
    if isinstance(units, slice):
        what = "the slice leaves no unit" if not len(range(count)[units]) else ""
    else:
        known = set(one.numbers.tolist())
        missing = [number for number in units if number not in known]
        what = f"unit {missing[0]} was not recorded" if missing else ""
        what = what or ("no unit was chosen" if not len(units) else "")
        what = what or ("a unit was chosen twice" if len(set(units)) < len(units) else "")
    hint = f"{count} units were recorded, numbered from {one.numbers.min()} to {one.numbers.max()}"
    return Problem("bad-choice", one.population, what, hint) if what else None


def _chosen(one: Trains, units: Units) -> Trains:
    if units is None:
        return one
    count = len(one.numbers)
    if isinstance(units, slice):
        places = np.arange(count)[units]
    else:
        order = np.argsort(one.numbers, kind="stable")
        places = order[np.searchsorted(one.numbers, np.asarray(units), sorter=order)]
    row_of = np.full(count, -1)
    row_of[places] = np.arange(len(places))
    rows = row_of[one.rows]
    kept = rows >= 0
    by_unit = np.lexsort((one.steps[kept], rows[kept]))
    return replace(one, steps=one.steps[kept][by_unit], rows=rows[kept][by_unit], numbers=one.numbers[places])


def colours_of(ds: xr.Dataset, names: Sequence[str]) -> list[str]:
    """Give the colours of populations, the same ones in every picture of a Dataset, whichever of them it shows."""
    known = spiking(ds)
    colours = dict(zip(known, population_colours(known), strict=True))
    return [colours[name] for name in names]


def population_colours(names: Sequence[str]) -> list[str]:
    """Give each population its colour.

    Where names come in pairs that end in E and I, such as L4E and L4I, a pair shares a hue: dark for the excitatory
    one, bright for the inhibitory one. A lone pair is blue and rust, and so are populations without such names.

    Example:
        >>> population_colours(["L4E", "L4I", "L5E", "L5I"])
        ['#1e3a8a', '#3b82f6', '#9a3412', '#ea7317']
        >>> population_colours(["E", "I"])
        ['#1d4ed8', '#c2410c']
    """
    layers = list(dict.fromkeys(name[:-1] for name in names if {name[:-1] + "E", name[:-1] + "I"} <= set(names)))
    if len(layers) == 1:
        pairs: Sequence[tuple[str, str]] = [(COLOURS[0], COLOURS[1])]
    else:
        pairs = PAIRS
    hues = {
        layer + ending: pairs[number % len(pairs)][place]
        for number, layer in enumerate(layers)
        for place, ending in enumerate("EI")
    }
    others = [name for name in names if name not in hues]
    offset = 2 * len(layers)
    return [hues.get(name) or colour(offset + others.index(name)) for name in names]


def counted(number: int, what: str) -> str:
    """Count things in words.

    >>> counted(1, "unit"), counted(20683, "unit")
    ('1 unit', '20,683 units')
    """
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def and_list(names: Sequence[str]) -> str:
    """List names as a sentence does.

    >>> and_list(["E"]), and_list(["E", "I", "S"])
    ('E', 'E, I and S')
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
