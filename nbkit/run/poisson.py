"""Owns numbers from Poisson distributions, drawn by table: exact, and quick for many units. Must not know networks.

Sixteen random bits choose an entry of a table, which is the count wherever all numbers that begin with these bits give
the same one. The few entries where they do not (one for each possible count) are decided by more bits. So no tail is
lost and no probability is rounded.
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


def poisson_counts(drawing: np.random.Generator, mean: float, count: int, library: Library | None = None) -> Counts:
    """Independent numbers from a Poisson distribution; the same with the compiled interpreter's library, and sooner."""
    if not 0 < mean <= LARGEST_MEAN:
        return drawing.poisson(mean, count)
    table, below = _table(mean)
    words = drawing.bit_generator.random_raw(count // 4 + 1).astype("<u8", copy=False).view(np.uint16)[:count]
    if library is None:
        counts = np.take(table, words, mode="wrap")
        open_ones = np.flatnonzero(counts == UNDECIDED)
    else:
        counts, places = np.empty(count, dtype=np.uint8), np.empty(count + 1, dtype=np.int64)
        found = library.counts(words.ctypes.data, count, table.ctypes.data, counts.ctypes.data, places.ctypes.data)
        open_ones = places[:found]
    shares = (words[open_ones] + drawing.random(len(open_ones))) / ENTRIES
    counts[open_ones] = np.searchsorted(below, shares, side="right")
    return counts


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
