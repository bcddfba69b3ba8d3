"""Owns histograms small enough for a row: counts, ends and a sentence. Must not know networks or toolkits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

_BARS = 24
#: values with long tails would be one bar: of those that reach so many times as far as their middle, it alone is drawn
_MIDDLE, _FAR = 0.95, 4.0


@dataclass(frozen=True)
class Histogram:
    """How many values lie where.

    Attributes:
        low: where the first bar begins.
        high: where the last bar ends.
        counts: values in each bar.
        words: number, mean and standard deviation of all values.
    """

    low: float
    high: float
    counts: tuple[int, ...]
    words: str


def histogram(values: npt.ArrayLike, unit: str = "", *, median: bool = False) -> Histogram | None:
    """Count values in equal bars; of long tails the outer ends are left out, and told.

    Args:
        values: numbers; None is returned for none.
        unit: of the values, for the words.
        median: whether the median is told in place of mean and standard deviation, for laws that have none.

    Example:
        >>> histogram([1.0, 2.0, 2.0, 3.0], "ms").words
        '4 values, mean 2, sd 0.707 ms'
    """
    array: Any = np.asarray(values, dtype=np.float64).ravel()
    array = array[np.isfinite(array)]
    if not array.size:
        return None
    low, high = (float(end) for end in (array.min(), array.max()))
    inner = np.quantile(array, [(1 - _MIDDLE) / 2, (1 + _MIDDLE) / 2])
    spread = float(inner[1] - inner[0])
    left, right = (low, high) if high - low <= _FAR * spread else (float(inner[0]), float(inner[1]))
    if left == right:
        left, right = left - 0.5, right + 0.5
    bars = _BARS
    if right - left < 2 * _BARS and (array == np.round(array)).all():  # a bar for each whole number
        left, right = float(np.floor(left)) - 0.5, float(np.ceil(right)) + 0.5
        bars = round(right - left)
    counts, _ = np.histogram(array, bars, (left, right))
    middle = f"median {np.median(array):.3g}" if median else f"mean {array.mean():.3g}, sd {array.std():.3g}"
    outside = array.size - int(counts.sum())
    told = f"{array.size} value{'s' * (array.size != 1)}, {middle} {unit}".strip()
    told += f"; {outside} outside the picture" if outside else ""
    return Histogram(left, right, tuple(map(int, counts)), told)
