"""Owns what is kept of a run: which samples of which units, and their means. Must not know programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nbkit.compile.program import Variable

Rows = npt.NDArray[np.floating[Any]]
Samples = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Plan:
    """How one variable is kept.

    Every ``every``-th sample of the chosen ``units`` (None for all). ``average`` is ``"population"``: their mean
    at each of these samples; ``"block"``: for each unit the mean over the ``every`` samples up to this one;
    or None.
    """

    variable: Variable
    units: npt.NDArray[np.int64] | None = None
    every: int = 1
    average: str | None = None

    @property
    def width(self) -> int:
        """Numbers kept for each sample."""
        if self.average == "population":
            return 1
        return self.variable.size if self.units is None else len(self.units)


def kept_samples(first: int, last: int, every: int) -> Samples:
    """The numbers of the samples that are kept between two samples, both included."""
    return np.arange(-(-first // every), last // every + 1, dtype=np.int64) * every


class Tape:
    """The rows of one plan during one run, (samples, width), or (samples, width, points) of an ensemble."""

    def __init__(self, plan: Plan, first: int, last: int, points: tuple[int, ...] = ()) -> None:
        self.plan, self.first = plan, first
        self.first_row = -(-first // plan.every)
        self.written = first  # the next sample that is to be written
        self.rows: Rows = np.zeros((max(0, last // plan.every + 1 - self.first_row), plan.width, *points))

    def write(self, first: int, rows: Rows) -> None:
        """Take in the rows of samples ``first``, ``first + 1`` ..."""
        plan, every = self.plan, self.plan.every
        rows, first = rows[max(0, self.written - first) :], max(first, self.written)
        if plan.units is not None:
            rows = rows[:, plan.units]
        if plan.average == "population":
            rows = rows.mean(axis=1, keepdims=True)
        if plan.average == "block":
            self._add(first, rows)
            self.written = first + len(rows)
            return
        count = len(rows)
        skip = -first % every
        chosen = rows[skip::every]
        start = (first + skip) // every - self.first_row
        self.rows[start : start + len(chosen)] = chosen
        self.written = first + count

    def _add(self, first: int, rows: Rows) -> None:
        """Add samples to the means to which they belong: sample k to the first kept sample that is not before it."""
        every = self.plan.every
        places = -(-np.arange(first, first + len(rows)) // every) - self.first_row
        shares = np.where(places + self.first_row == 0, 1.0, 1.0 / every)
        inside = (places >= 0) & (places < len(self.rows))
        np.add.at(self.rows, places[inside], rows[inside] * shares[inside, None])
