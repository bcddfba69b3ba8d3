"""Owns the drawing of distinct numbers, in time and memory proportional to what is drawn. Knows nothing else."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]


def distinct_below(generator: np.random.Generator, rows: int, count: int, limit: int) -> Numbers:
    """For each row, ``count`` distinct numbers below ``limit``, every choice equally likely.

    A full row costs no more than an empty one: where more than half of the numbers are wanted, the
    ones that are *not* wanted are drawn.

    Args:
        generator: source of the draws.
        rows: number of independent rows.
        count: numbers in each row, at most ``limit``.
        limit: numbers go from 0 to ``limit - 1``.

    Returns:
        Numbers in increasing order, shape (rows, count).

    >>> distinct_below(np.random.default_rng(0), 2, 3, 3).tolist()
    [[0, 1, 2], [0, 1, 2]]
    """
    if 2 * count <= limit:
        return _few(generator, rows, count, limit)
    unwanted = _few(generator, rows, limit - count, limit)
    wanted = np.ones((rows, limit), dtype=bool)
    wanted[np.arange(rows)[:, None], unwanted] = False
    return np.nonzero(wanted)[1].reshape(rows, count)


def _few(generator: np.random.Generator, rows: int, count: int, limit: int) -> Numbers:
    """Draw, then draw again whatever stands twice; at most half of the numbers are taken, so this ends soon."""
    if rows == 1:
        return _few_in_one(generator, count, limit)[None]
    numbers = np.sort(generator.integers(0, max(1, limit), (rows, count)), axis=1)
    while True:
        twice = numbers[:, 1:] == numbers[:, :-1]
        if not twice.any():
            return numbers
        row, column = np.nonzero(twice)
        numbers[row, column + 1] = generator.integers(0, limit, row.size)
        touched = np.unique(row)
        numbers[touched] = np.sort(numbers[touched], axis=1)


def _few_in_one(generator: np.random.Generator, count: int, limit: int) -> Numbers:
    """The same for one long row: what is missing is drawn and merged in, so that the row is sorted only once."""
    numbers = _unequal(np.sort(generator.integers(0, max(1, limit), count)))
    while len(numbers) < count:
        more = _unequal(np.sort(generator.integers(0, limit, count - len(numbers))))
        place = np.minimum(np.searchsorted(numbers, more), len(numbers) - 1)
        new = more[numbers[place] != more]
        numbers = np.sort(np.concatenate([numbers, new]), kind="stable")
    return numbers


def _unequal(ordered: Numbers) -> Numbers:
    """Each number once."""
    return ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])] if len(ordered) else ordered
