"""Owns how alike units are: synchrony of a population and correlations of pairs. Must not know single trains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from nbkit.analysis.counts import binned, population_count
from nbkit.analysis.labels import about, provenance
from nbkit.analysis.reading import (
    Array,
    Trains,
    is_spiking,
    is_still,
    kept,
    read_signal,
    read_trains,
)
from nbkit.errors import fail
from nbkit.network.time import Time
from nbkit.results import population_of, unit_dims, unit_numbers

#: Pairs that are multiplied at once, so that long recordings fit into memory.
PAIRS_AT_ONCE = 256


def synchrony(
    ds: xr.Dataset,
    name: str,
    bin: Time | None = None,  # noqa: A002  what the field calls it
    *,
    units: int | None = None,
    seed: int = 0,
    discard: Time = 0.0,
) -> xr.DataArray:
    """Measure how much a population moves as one.

    For spikes: variance over mean of the population's spike count in bins. Independent Poisson trains give 1
    whatever their number; trains that share spikes give more, the more of them are looked at.

    For a variable: χ² of Golomb, the variance of the mean over units, over the mean of their variances. 1 where all
    units do the same, 1/N where N units are independent.

    Args:
        ds: a result.
        name: a population such as ``"E"``, or a recorded variable such as ``"E.v"``.
        bin: width of the bins for spikes, a whole number of steps; 3 ms in the source.
        units: look at this many units drawn at random, or at all if there are fewer; 1000 in the source.
        seed: of that draw.
        discard: length left out at the beginning.

    Returns:
        ``E.synchrony`` or ``E.v_synchrony``, dimensionless; NaN where there was no spike, or nothing changes.

    Raises:
        NbkitError: an unknown name, a bin for a variable or none for spikes, fewer than two bins.

    Source:
        Potjans & Diesmann (2014) Cereb. Cortex 24:785-806; Golomb (2007) Scholarpedia 2(1):1347.

    Example:
        >>> import nbkit as nb
        >>> ds = nb.analysis.spike_dataset("E", [1.0, 1.5, 7.0], [0, 1, 1], size=2, duration=15.0, dt=0.5)
        >>> float(nb.analysis.synchrony(ds, "E", 5.0).round(3))  # counts 2, 1, 0
        0.667
    """
    if is_spiking(ds, name):
        trains = read_trains(ds, name, discard)
        value = count_synchrony(trains, _width(bin, name), units, seed)
        attributes = about(trains.population, "synchrony", "", "variance over mean of the population spike count")
        return xr.DataArray(value, name=f"{trains.population}.synchrony", attrs=attributes)
    found = _activity(ds, name, bin, discard)
    values = found.read(_drawn(len(found.numbers), units, seed))
    attributes = about(found.population, f"{found.stem}synchrony", "", "synchrony chi squared")
    return xr.DataArray(_chi_squared(values), found.coordinates, found.leading, f"{name}_synchrony", attributes)


def correlation(
    ds: xr.Dataset,
    name: str,
    *,
    bin: Time | None = None,  # noqa: A002  what the field calls it
    units: int | None = None,
    pairs: int | None = None,
    seed: int = 0,
    discard: Time = 0.0,
) -> xr.Dataset:
    """Correlate units pair by pair (Pearson), over time or over spike counts in bins.

    Args:
        ds: a result.
        name: a population such as ``"E"`` for its spikes, or a recorded variable such as ``"E.r"``.
        bin: width of the bins for spikes, a whole number of steps.
        units: look at this many units drawn at random, or at all if there are fewer.
        pairs: look at this many different pairs of them drawn at random; None for all, as a matrix.
        seed: of both draws.
        discard: length left out at the beginning.

    Returns:
        ``E.correlation`` or ``E.r_correlation``: a matrix with dimensions ``("E.unit", "E.other_unit")``, or with
        ``pairs`` a list along ``E.pair`` with the coordinates ``E.pair_first`` and ``E.pair_second``; NaN where a
        unit never changes. ``..._mean`` over the pairs of different units that have one, NaN if there are none;
        ``..._pairs``, how many they are. Dimensionless.

    Raises:
        NbkitError: an unknown name, a bin for a variable or none for spikes, more pairs than there are.

    Example:
        >>> import nbkit as nb
        >>> decay = nb.Population(nb.models.leaky_integrator, 2, initial={"x": [1.0, -2.0]})
        >>> ds = nb.simulate(nb.Network({"E": decay}), 20.0, 0.1)
        >>> float(nb.analysis.correlation(ds, "E.x")["E.x_correlation_mean"].round(6))
        -1.0
    """
    found = _activity(ds, name, bin, discard)
    rows = _drawn(len(found.numbers), units, seed)
    unit, pair, numbers = f"{found.population}.unit", f"{found.population}.pair", found.numbers[rows]
    other = f"{found.population}.other_unit"
    if pairs is None:
        standard = _standardised(found.read(rows))
        values = _matrix(standard)
        each, dims = values[(..., *np.triu_indices(len(rows), 1))], [unit, other]
        coordinates = {key: (key, numbers, {"long_name": f"unit of {found.population}"}) for key in (unit, other)}
    else:
        first, second = _drawn_pairs(len(rows), pairs, seed)
        used, places = np.unique([first, second], return_inverse=True)
        values = each = _products(_standardised(found.read(rows[used])), *places.reshape(2, -1))
        dims = [pair]
        coordinates = {
            f"{pair}_{which}": (pair, numbers[place], {"long_name": f"{which} unit of the pair"})
            for which, place in (("first", first), ("second", second))
        }
    return _labelled(ds, found, (dims, values, each), coordinates)


def count_synchrony(trains: Trains, width: Time, units: int | None, seed: int) -> float:
    """Variance over mean of the spike count of so many units drawn at random; NaN without spikes."""
    counts = population_count(trains, width, _drawn(len(trains.numbers), units, seed))
    return float(counts.var() / counts.mean()) if counts.any() else np.nan


def count_correlation(trains: Trains, width: Time, units: int | None, seed: int) -> float:
    """Mean correlation of the spike counts of all pairs of so many units drawn at random; NaN without a pair."""
    counts = binned(trains, width, 2, _drawn(len(trains.numbers), units, seed)).astype(float)
    each = _matrix(_standardised(counts))[np.triu_indices(counts.shape[1], 1)]
    known = np.isfinite(each)
    return float(each[known].mean()) if known.any() else np.nan


# ------------------------------------------------------------ inside


@dataclass(frozen=True, eq=False)
class _Activity:
    """What units did: ``read(rows)`` gives the values of the chosen units, (..., time, units).

    ``stem`` is put before the name of what is computed, ``leading`` and ``coordinates`` belong to the dimensions
    before time.
    """

    population: str
    stem: str
    numbers: Array
    read: Callable[[Array], Array]
    leading: list[str]
    coordinates: dict[str, Any]


def _activity(ds: xr.Dataset, name: str, width: Time | None, discard: Time) -> _Activity:
    if is_spiking(ds, name):
        trains, wide = read_trains(ds, name, discard), _width(width, name)
        return _Activity(
            trains.population, "", trains.numbers, lambda rows: binned(trains, wide, 2, rows).astype(float), [], {}
        )
    if width is not None:
        raise fail("bad-value", "bin", f"{name} is a variable; bins are for spikes", "leave it out")
    array = read_signal(ds, name, discard)
    units = unit_dims(array)
    if not units:
        raise fail("wrong-shape", name, "holds one average instead of units", "record single units")
    leading = [str(dim) for dim in array.dims if dim not in ("time", *units)]
    values = array.transpose(*leading, "time", *units).values
    values = values.reshape(*values.shape[: len(leading) + 1], -1)
    coordinates = {key: one for key, one in kept(array).items() if set(one.dims) <= set(leading)}
    stem = f"{name.partition('.')[2]}_"
    return _Activity(
        population_of(array), stem, unit_numbers(array), lambda rows: values[..., rows], leading, coordinates
    )


def _width(width: Time | None, name: str) -> Time:
    if width is None:
        raise fail("bad-value", "bin", f"the spikes of {name} are counted in bins", 'give a width, such as bin="3 ms"')
    return width


def _drawn(size: int, wanted: int | None, seed: int) -> Array:
    """Rows of so many units drawn at random, in order; all where that is all there are."""
    if wanted is None:
        return np.arange(size)
    if wanted < 1:
        raise fail("bad-value", "units", f"{wanted!r} is not a positive whole number", "give None for all")
    return np.sort(np.random.default_rng(seed).choice(size, min(wanted, size), replace=False))


def _drawn_pairs(size: int, wanted: int, seed: int) -> tuple[Array, Array]:
    """Draw different pairs first < second of so many things."""
    possible = size * (size - 1) // 2
    if not 1 <= wanted <= possible:
        raise fail("bad-value", "pairs", f"{wanted!r} of {possible} pairs", "give a number of pairs, or None for all")
    chosen = np.sort(np.random.default_rng(seed).choice(possible, wanted, replace=False))
    return _unrolled(chosen)


def _unrolled(chosen: Array) -> tuple[Array, Array]:
    """Pairs (0, 1), (0, 2), (1, 2), (0, 3), ... by their number in this order."""
    second = ((1 + np.sqrt(1 + 8.0 * chosen)) // 2).astype(np.int64)
    second -= second * (second - 1) // 2 > chosen
    second += second * (second + 1) // 2 <= chosen
    return chosen - second * (second - 1) // 2, second


def _chi_squared(values: Array) -> Array:
    """Variance of the mean over units, over the mean of their variances; (...) for (..., time, units)."""
    moves = ~is_still(np.moveaxis(values, -2, -1)).all(axis=-1)
    each = values.var(axis=-2).mean(axis=-1)
    return np.asarray(np.divide(values.mean(axis=-1).var(axis=-1), each, out=np.full(each.shape, np.nan), where=moves))


def _standardised(values: Array) -> Array:
    """Values less their mean over time, over their length, so that products sum to correlations; NaN where still."""
    known = np.isfinite(values).all(axis=-2) & ~is_still(np.moveaxis(values, -2, -1))
    centred = values - values.mean(axis=-2, keepdims=True)
    size = np.sqrt((centred**2).sum(axis=-2))
    return np.asarray(centred / np.where(known, size, np.nan)[..., None, :])


def _matrix(standard: Array) -> Array:
    """Correlations of all pairs, (..., units, units)."""
    known = np.isfinite(standard).all(axis=-2)
    filled = np.where(known[..., None, :], standard, 0.0)
    values = np.clip(np.swapaxes(filled, -2, -1) @ filled, -1.0, 1.0)
    return np.asarray(np.where(known[..., :, None] & known[..., None, :], values, np.nan))


def _products(standard: Array, first: Array, second: Array) -> Array:
    """Correlations of the listed pairs, (..., pairs)."""
    starts = range(0, len(first), PAIRS_AT_ONCE)
    pieces = [slice(start, start + PAIRS_AT_ONCE) for start in starts]
    sums = [(standard[..., first[piece]] * standard[..., second[piece]]).sum(axis=-2) for piece in pieces]
    return np.asarray(np.clip(np.concatenate(sums, axis=-1), -1.0, 1.0))


def _labelled(
    ds: xr.Dataset, found: _Activity, result: tuple[list[str], Array, Array], coordinates: dict[str, Any]
) -> xr.Dataset:
    """Put names on correlations: their dimensions, all of them, and those of different units."""
    dims, values, each = result
    known = np.isfinite(each)
    many = known.sum(axis=-1)
    mean = np.full(many.shape, np.nan)
    np.divide(np.where(known, each, 0.0).sum(axis=-1), many, out=mean, where=many > 0)
    variables: dict[str, Any] = {}
    for ending, where, what, words in (
        ("", (*found.leading, *dims), values, "correlation of pairs of units"),
        ("_mean", found.leading, mean, "mean correlation of pairs of different units"),
        ("_pairs", found.leading, many, "pairs of different units that both change"),
    ):
        name = f"{found.stem}correlation{ending}"
        variables[f"{found.population}.{name}"] = (where, what, about(found.population, name, "", words))
    return xr.Dataset(variables, found.coordinates | coordinates, provenance(ds))
