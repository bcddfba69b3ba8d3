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

from nbkit.model.counting import repeat

if TYPE_CHECKING:
    from nbkit.run.interpreter.library import Library

Counts = npt.NDArray[np.integer[Any]]
Bytes = npt.NDArray[np.uint8]

ENTRIES = 2**16
UNDECIDED = 255
LARGEST_MEAN = 100.0  # counts of a table fit into a byte
FEW_EVENTS = 0.4  # a mean below this is drawn event by event
SHORT_WORDS = 4096  # units: up to here sixteen bits choose one, for more of them thirty-two


def poisson_counts(drawing: np.random.Generator, mean: float, target: Bytes, library: Library | None = None) -> Counts:
    """Independent numbers from a Poisson distribution; the same with the compiled interpreter's library, and sooner.

    Args:
        drawing: where random bits come from.
        mean: of each number.
        target: where the numbers are written, shape (steps, units); the rows may stand apart.
        library: the compiled interpreter, if it is there.

    Returns:
        The target, or an array of its own where numbers may be larger than a byte.
    """
    if mean == 0:
        target[...] = 0
    elif not 0 < mean <= LARGEST_MEAN:
        return drawing.poisson(mean, target.shape)
    elif mean < FEW_EVENTS and target.shape[1] < 2**32:
        _by_event(drawing, mean, target, library)
    else:
        _by_table(drawing, mean, target, library)
    return target


# ------------------------------------------------------------ event by event


def _by_event(drawing: np.random.Generator, mean: float, target: Bytes, library: Library | None) -> None:
    """The events of every step, each on one of the units."""
    steps, units = target.shape
    totals = drawing.poisson(mean * units, steps)
    most, kind = int(totals.sum()), np.uint16 if units <= SHORT_WORDS else np.uint32
    words = _words(drawing, most + most // 8 + 64, kind)
    while not _fallen(words, totals, target, library):  # words that are refused are few, and there are some to spare
        words = np.concatenate((words, _words(drawing, most + 64, kind)))


def _fallen(words: Counts, totals: Counts, target: Bytes, library: Library | None) -> bool:
    """Let events fall onto the units that words choose; say whether there were words enough."""
    steps, units = target.shape
    if library is not None:
        target[...] = 0
        fall, most = library.fall[words.itemsize], int(totals.sum())
        where = target.ctypes.data, target.strides[0]
        return bool(fall(words.ctypes.data, len(words), totals.ctypes.data, steps, units, *where) == most)
    begins = repeat(np.arange(steps) * units, totals)
    chosen = chosen_units(words, units)[: len(begins)]
    if len(chosen) < len(begins):
        return False
    counts = np.zeros(steps * units, dtype=np.uint8)  # NumPy adds far quicker along one axis
    np.add.at(counts, begins + chosen, np.uint8(1))
    target[...] = counts.reshape(target.shape)
    return True


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


def _by_table(drawing: np.random.Generator, mean: float, target: Bytes, library: Library | None) -> None:
    """The counts that words choose; the few that are still open are decided by more bits."""
    table, below = _table(mean)
    words = _words(drawing, target.size, np.uint16)
    if library is None:
        counts = np.take(table, words, mode="wrap")
        target[...] = counts.reshape(target.shape)
        open_ones = np.flatnonzero(counts == UNDECIDED)
    else:
        places = np.empty(target.size + 1, dtype=np.int64)
        where = target.ctypes.data, target.strides[0], places.ctypes.data
        open_ones = places[: library.counts(words.ctypes.data, *target.shape, table.ctypes.data, *where)]
    shares = (words[open_ones] + drawing.random(len(open_ones))) / ENTRIES
    target[np.divmod(open_ones, target.shape[1])] = np.searchsorted(below, shares, side="right")


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
