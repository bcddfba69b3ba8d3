"""Owns what random numbers on a card are made from: keys and tables. Must not know kernels or devices.

A number belongs to a key, a step and a unit. So it is the same however a run is cut, in whatever order threads come.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nbkit.compile.program import Draw

Numbers = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

FAR = 10.0  # standard deviations: a table of counts ends where no double can tell the probability from 0 or 1
LARGEST_MEAN = 1e9


def keys_of(draws: Sequence[Draw], seed: int) -> npt.NDArray[np.uint64]:
    """A key for each draw; Poisson numbers have one for each segment."""
    names = [
        f"{name}.{draw.kind}"
        for draw in draws
        for name in ([name for name, *_ in draw.segments] if draw.kind == "poisson" else [draw.name])
    ]
    made = [hashlib.sha256(f"{seed} {name}".encode()).digest()[:8] for name in names]
    return np.array([int.from_bytes(m, "little") for m in made], dtype=np.uint64)


def counts_below(mean: float) -> tuple[int, Numbers]:
    """The smallest count of a table, and for it and each larger one the probability of that count or fewer."""
    if not mean > 0:
        return 0, np.ones(1)
    width = FAR * math.sqrt(mean) + 40.0
    low = max(0, int(mean - width))
    counts = np.arange(low, int(mean + width) + 1, dtype=np.float64)
    log_first = low * math.log(mean) - mean - math.lgamma(low + 1)
    logs = log_first + np.concatenate([[0.0], np.cumsum(np.log(mean / counts[1:]))])
    below = np.cumsum(np.exp(logs))
    return low, below / below[-1]


def tables_of(draws: Sequence[Draw], firsts: Sequence[int], means: dict[int, Any]) -> tuple[Numbers, Whole]:
    """The tables of all segments behind each other, and where each begins, its length and its smallest count.

    Args:
        draws: those of a program.
        firsts: where the keys of each draw begin.
        means: draw -> the mean of each unit.
    """
    total = max([f + max(1, len(d.segments)) for f, d in zip(firsts, draws, strict=True)], default=0)
    places = np.zeros((max(1, total), 3), dtype=np.int64)
    parts: list[Numbers] = []
    length = 0
    for number, row in means.items():
        for n, (_, start, _) in enumerate(draws[number].segments):
            low, below = counts_below(float(row[start] if np.ndim(row) and len(row) > 1 else np.ravel(row)[0]))
            places[firsts[number] + n] = length, len(below), low
            parts.append(below)
            length += len(below)
    return np.concatenate([*parts, np.ones(1)]), places
