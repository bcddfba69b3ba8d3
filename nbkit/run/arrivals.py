"""Owns the delivery of spikes through tables of synapses. Must not know networks.

At every step the cells of all spikes that arrive now are added into a row of sums by one call of SciPy's
product of a sparse matrix, which reads a list of stretches of two arrays. The stretches come in descending order of
address, with an empty one between any two; that is no valid matrix, so a small case is tried before it is trusted, and
plain NumPy, which adds in the same order, takes its place where it fails.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from nbkit.compile.synapses import SynapseTable
from nbkit.model.counting import repeat
from nbkit.run.spikes import SpikeStore

Units = npt.NDArray[np.integer[Any]]
Sums = npt.NDArray[Any]
NEVER = -10  # a step after which none follows
Add = Callable[[Units, Units, Units, Sums, Sums], None]


def add_plainly(begins: Units, ends: Units, targets: Units, weights: Sums, sums: Sums) -> None:
    """Add the weights of stretches to their targets, the last stretch first."""
    lengths = (ends - begins)[::-1]
    places = repeat(begins[::-1] - (np.cumsum(lengths) - lengths), lengths) + np.arange(lengths.sum())
    np.add.at(sums, targets[places], weights[places])


@cache
def quickest() -> Add:
    """The quickest way to add that is right here."""
    try:
        from scipy.sparse import _sparsetools  # noqa: PLC0415  only spikes through many synapses need SciPy

        multiply = _sparsetools.csc_matvec
    except (ImportError, AttributeError):
        return add_plainly

    def add(begins: Units, ends: Units, targets: Units, weights: Sums, sums: Sums) -> None:
        count = len(begins)
        stretches = np.empty(2 * count, dtype=targets.dtype)
        stretches[0::2] = begins[::-1]
        stretches[1::2] = ends[::-1]
        multiply(len(sums), 2 * count - 1, stretches, targets, weights, _ones(count, sums.dtype.str), sums)

    return add if _agrees(add) else add_plainly


@cache
def _ones_of(power: int, kind: str) -> Sums:
    return np.ones(2**power, dtype=kind)


def _ones(count: int, kind: str) -> Sums:
    return _ones_of(int(2 * count).bit_length(), kind)


def _agrees(add: Add) -> bool:
    """Whether a way to add gives the same bits as the plain one in a small case."""
    targets = (np.arange(40) % 3).astype(np.int32)
    begins, ends = np.array([0, 5, 17, 30], dtype=np.int32), np.array([5, 15, 17, 40], dtype=np.int32)
    for kind in (np.float32, np.float64):
        weights = (10.0 ** -(np.arange(40) % 7) / 3).astype(kind)
        plain, quick = np.zeros(3, dtype=kind), np.zeros(3, dtype=kind)
        add_plainly(begins, ends, targets, weights, plain)
        try:
            add(begins, ends, targets, weights, quick)
        except (TypeError, ValueError):
            return False
        if not (plain == quick).all():
            return False
    return True


class Arrivals:
    """What arrives through one table at the end of each step.

    ``sums`` is the row of sums; ``units`` and ``stamps`` are those of the spikes that are still on their way.
    """

    def __init__(self, table: SynapseTable, store: SpikeStore) -> None:
        self.table, self.store = table, store
        self.sums: Sums = np.zeros(table.width, dtype=table.weights.dtype)
        self.whole = table.units == store.source.size
        self.add = quickest() if table.targets.dtype == np.int32 else add_plainly
        self._step = NEVER
        self._cells: Units = np.zeros(0, dtype=np.int64)
        self._stamps: Units = np.zeros(0, dtype=np.int64)

    def gather(self, step: int) -> bool:
        """Sum what arrives at sample ``step + 1``; say whether anything does."""
        table, delays = self.table, self.table.delays
        known, self._step = self._step, NEVER  # whoever interrupts here lets the next call look again
        if step == known + 1:
            self._take(step)
        else:
            self._take_all(step)
        if not len(self._stamps):
            self._step = step
            return False
        cells = self._cells + (step - self._stamps)
        begins = table.pointers[cells]
        ends = table.pointers[cells + 1]
        begins.sort()
        ends.sort()
        self.sums.fill(0.0)
        self.add(begins, ends, table.targets, table.weights, self.sums)
        if step + 1 - self._stamps[0] == delays:
            late = int(np.searchsorted(self._stamps, self._stamps[0], side="right"))
            self._cells, self._stamps = self._cells[late:], self._stamps[late:]
        self._step = step
        return True

    def _take(self, step: int) -> None:
        """Let the spikes stamped with this step set out."""
        units = self.store.fired.get(step)
        if units is not None:
            if not self.whole:
                units = units[(units >= self.table.first) & (units < self.table.first + self.table.units)]
                units = units - self.table.first
            self._cells = np.concatenate([self._cells, units * self.table.delays])
            self._stamps = np.concatenate([self._stamps, np.full(len(units), step, dtype=np.int64)])

    def _take_all(self, step: int) -> None:
        """Find the spikes that are on their way at this step."""
        self._cells, self._stamps = self._cells[:0], self._stamps[:0]
        for stamp in range(step + 1 - self.table.delays, step + 1):
            self._take(stamp)
