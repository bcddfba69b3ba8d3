"""Owns numbers from Poisson distributions, drawn by table or event by event: exact, and quick for many units.

Must not know networks. For means that are not small, sixteen random bits choose an entry of a table, which is the
count wherever all numbers that begin with these bits give the same one. The few entries where they do not (one for
each possible count) are decided by more bits. So no tail is lost and no probability is rounded. For small means most
counts are zero: then the number of events of all units together is drawn for each step, and each event falls onto a
unit, all alike, which is the same distribution and needs fewer random bits.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from nbkit.run.interpreter.library import Library

Counts = npt.NDArray[np.integer[Any]]

ENTRIES = 2**16
UNDECIDED = 255
LARGEST_MEAN = 100.0  # counts of a table fit into a byte
FEW_EVENTS = 0.4  # a mean below this is drawn event by event
SHORT_WORDS = 4096  # units: up to here sixteen bits choose one, for more of them thirty-two


def poisson_counts(
    drawing: np.random.Generator, mean: float, shape: tuple[int, int], library: Library | None = None
) -> Counts:
    """Independent numbers from a Poisson distribution; the same with the compiled interpreter's library, and sooner.

    Args:
        drawing: where random bits come from.
        mean: of each number.
        shape: (steps, units).
        library: the compiled interpreter, if it is there.
    """
    if not 0 < mean <= LARGEST_MEAN:
        return drawing.poisson(mean, shape)
    if mean < FEW_EVENTS and shape[1] < 2**32:
        return _by_event(drawing, mean, shape, library)
    return _by_table(drawing, mean, math.prod(shape), library).reshape(shape)


# ------------------------------------------------------------ event by event


def _by_event(drawing: np.random.Generator, mean: float, shape: tuple[int, int], library: Library | None) -> Counts:
    """The events of every step, each on one of the units."""
    steps, units = shape
    totals = drawing.poisson(mean * units, steps)
    most, kind = int(totals.sum()), np.uint16 if units <= SHORT_WORDS else np.uint32
    counts: Counts = np.zeros(shape, dtype=np.uint8)
    words: Counts = np.zeros(0, dtype=kind)
    while True:  # nearly always once: words that are refused are few, and there are some to spare
        words = np.concatenate((words, _words(drawing, most + most // 8 + 64, kind)))
        if library is not None:
            fall = library.fall[words.itemsize]
            placed = fall(words.ctypes.data, len(words), totals.ctypes.data, steps, units, counts.ctypes.data)
            if placed == most:
                return counts
            counts[...] = 0
            continue
        reached = chosen_units(words, units)[:most]
        if len(reached) == most:
            np.add.at(counts.reshape(-1), np.repeat(np.arange(steps) * units, totals) + reached, np.uint8(1))
            return counts


def chosen_units(words: Counts, units: int) -> Counts:
    """The unit that each random word chooses, all alike; a word that would prefer some units chooses none.

    Source:
        Lemire (2019) ACM Trans. Model. Comput. Simul. 29:3, "Fast random integer generation in an interval".
    """
    bits, wide = 8 * words.itemsize, np.dtype(f"u{2 * words.itemsize}").type
    product = words * wide(units)
    kept = product.astype(words.dtype) >= 2**bits % units
    return np.asarray(product[kept] >> wide(bits), dtype=np.int64)


def _words(drawing: np.random.Generator, count: int, kind: Any) -> Counts:
    """Random words, the lowest bits of each number first."""
    each = 8 // np.dtype(kind).itemsize
    raw = np.asarray(drawing.bit_generator.random_raw(count // each + 1), dtype="<u8")
    return np.asarray(raw.view(np.dtype(kind).newbyteorder("<"))[:count])


# ------------------------------------------------------------ by table


def _by_table(drawing: np.random.Generator, mean: float, count: int, library: Library | None) -> Counts:
    table, below = _table(mean)
    words = _words(drawing, count, np.uint16)
    if library is None:
        counts = np.take(table, words, mode="wrap")
        open_ones = np.flatnonzero(counts == UNDECIDED)
    else:
        counts, places = np.empty(count, dtype=np.uint8), np.empty(count + 1, dtype=np.int64)
        found = library.counts(words.ctypes.data, count, table.ctypes.data, counts.ctypes.data, places.ctypes.data)
        open_ones = places[:found]
    shares = (words[open_ones] + drawing.random(len(open_ones))) / ENTRIES
    counts[open_ones] = np.searchsorted(below, shares, side="right")
    return np.asarray(counts)


@lru_cache(maxsize=64)
def _table(mean: float) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float64]]:
    """The count of each entry, and the probability of this count or fewer."""
    numbers = np.arange(UNDECIDED)
    logarithms = np.array([math.lgamma(k + 1) for k in numbers])
    below = np.cumsum(np.exp(numbers * math.log(mean) - mean - logarithms))
    edges = np.arange(ENTRIES + 1) / ENTRIES
    lowest = np.searchsorted(below, edges[:-1], side="right")
    highest = np.searchsorted(below, edges[1:], side="left")
    return np.where(lowest == highest, lowest, UNDECIDED).astype(np.uint8), below
