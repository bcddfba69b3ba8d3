"""Owns the spikes of one source on a card: lists by stamp in a ring, and who is refractory. Must not know kernels.

It stands where NumPy's executor has its store of spikes. The lists of a block are fetched when the next one begins.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from nbkit.compile.program import SpikeSource
from nbkit.run.cuda.interface import Device

Units = npt.NDArray[np.int64]


class DeviceLog:
    """Spikes of one source.

    Args:
        source: who spikes.
        device: where.
        rows: stamps that the ring holds.
        block: steps of a block.
        empty_sums: forgets what a step that is not to count has sent out.

    Attributes:
        following: the stamp of the next step's spikes.
        reach: that of the step after those which were asked for last, whether they were made or not.
    """

    def __init__(
        self, source: SpikeSource, device: Device, rows: int, block: int, empty_sums: Callable[[], None]
    ) -> None:
        self.source, self.device, self.rows, self.block = source, device, rows, block
        self._empty_sums = empty_sums
        arrays = device.arrays
        with device.work:
            self.counts = arrays.zeros(rows, dtype=np.int32)
            self.units = arrays.zeros(rows * source.size, dtype=np.int32)
            self.until = arrays.zeros(source.size, dtype=np.int64)
            self.refractory = arrays.array(source.refractory.astype(np.int64))
            self._until_before = arrays.zeros(source.size, dtype=np.int64)
        self.following = self.reach = self._fetched = int(source.at_end)
        self._recorded: list[tuple[Units, Units]] = []

    def start(self) -> None:
        """Nobody has fired yet."""
        with self.device.work:
            self.counts.fill(0)
            self.until.fill(0)
        self.following = self.reach = self._fetched = int(self.source.at_end)
        self._recorded.clear()

    def fetch(self) -> None:
        """Take the spikes of the steps since the last call to the processor."""
        if self.following > self._fetched:
            found = self._listed(self._fetched, self.following)
            self._fetched = self.following
            if len(found[0]):
                self._recorded.append(found)

    def _listed(self, first: int, end: int) -> tuple[Units, Units]:
        """Stamps and units of the spikes from one stamp to before another; the units of a stamp ascend."""
        stamps = np.arange(max(0, first), end)
        with self.device.work:
            counts = self.device.get(self.counts)[stamps % self.rows].astype(np.int64)
            total = int(counts.sum())
            if not total:
                return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
            starts = np.repeat(stamps % self.rows * self.source.size - (np.cumsum(counts) - counts), counts)
            places = self.device.arrays.asarray(starts + np.arange(total))
            units = self.device.get(self.device.arrays.take(self.units, places)).astype(np.int64)
        of_spike = np.repeat(stamps, counts)
        return of_spike, units[np.lexsort((units, of_spike))]

    def forget(self, _before: int) -> None:
        """A block begins: those of the last one are fetched before their places in the ring are needed again."""
        self.fetch()

    def collect(self) -> tuple[Units, Units]:
        """Stamps and units of all spikes since the last call."""
        self.fetch()
        nothing = np.zeros(0, dtype=np.int64)
        parts = [(nothing, nothing), *self._recorded]
        self._recorded.clear()
        stamps, units = (np.concatenate(part) for part in zip(*parts, strict=True))
        return stamps, units

    def snapshot(self) -> tuple[Any, ...]:
        """What a step may change, to be put back by `restore`."""
        with self.device.work:
            self._until_before[...] = self.until
        return self.following, self._fetched, len(self._recorded)

    def restore(self, snapshot: tuple[Any, ...]) -> None:
        """Put back what `snapshot` kept: the lists of the steps since are empty again."""
        self.following, self._fetched, recorded = snapshot
        del self._recorded[recorded:]
        with self.device.work:
            self.until[...] = self._until_before
            places = np.arange(self.following, self.reach + 1) % self.rows
            self.counts[self.device.arrays.asarray(places)] = 0
        self._empty_sums()

    def saved(self) -> dict[str, Any]:
        """Arrays from which `restored` makes the same log again."""
        stamps, units = self._listed(self.following - (self.rows - self.block - 4), self.following)
        with self.device.work:
            until = self.device.get(self.until).astype(np.float64)
        return {"stamps": stamps, "units": units, "busy": np.array([float(self.following)]), "until": until}

    def restored(self, kept: dict[str, Any]) -> None:
        """Go on where `saved` was called."""
        self.start()
        counts, units = np.zeros(self.rows, dtype=np.int32), np.zeros((self.rows, self.source.size), dtype=np.int32)
        for stamp in np.unique(kept["stamps"]):
            here = kept["units"][kept["stamps"] == stamp]
            counts[stamp % self.rows] = len(here)
            units[stamp % self.rows, : len(here)] = here
        with self.device.work:
            self.device.put(self.counts, counts)
            self.device.put(self.units, units.reshape(-1))
            self.device.put(self.until, np.asarray(kept["until"]).astype(np.int64))
        self.following = self.reach = self._fetched = int(kept["busy"][0])
