"""Owns the spikes of a program that the interpreter runs: who fired when, what is on its way. Must not know networks.

A `SpikeLog` stands where NumPy's executor has its store of spikes, and keeps the same things in arrays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nbkit.compile.program import SpikeSource

if TYPE_CHECKING:
    from nbkit.compile.synapses import SynapseTable

Units = npt.NDArray[np.int64]

SOURCE = np.dtype(
    [(name, np.int64) for name in ("size", "at_end", "alike", "longest", "low", "count", "capacity")]
    + [(name, np.uint64) for name in ("units", "starts", "refractory", "until")]
    + [("busy", np.float64)]
)
TABLE = np.dtype(
    [(n, np.int64) for n in ("source", "first", "units", "delays", "width", "wide", "single", "count", "capacity")]
    + [("any", np.int64)]
    + [(name, np.uint64) for name in ("pointers", "targets", "weights", "sums", "on_way", "stamps", "longest")]
)


class SpikeLog:
    """The spikes of one source, in one list; ``starts[k]`` is where those stamped ``low + k`` begin.

    ``turns`` counts how often it was put to another time: then what was derived from it no longer holds.
    """

    def __init__(self, source: SpikeSource) -> None:
        self.source, self.refractory = source, np.ascontiguousarray(source.refractory, dtype=np.float64)
        self.longest = int(source.refractory.max(initial=0.0))
        self.alike = bool((source.refractory == self.longest).all())
        self.until = np.zeros(source.size, dtype=np.float64)
        self.busy = 0.0
        self.low = self.count = self.filled = self.collected = self.turns = 0
        self.units: Units = np.zeros(max(64, 4 * source.size), dtype=np.int64)
        self.starts: Units = np.zeros(1024, dtype=np.int64)
        self._described: tuple[Units, Units] | None = None

    # ------------------------------------------------------------ around a call

    def before(self, step: int, steps: int) -> None:
        """Make ready for some steps: a beginning for every stamp so far, and room for those to come."""
        following = step + self.source.at_end
        if not self.count:
            self.low, self.filled = following, 0
            self.starts[0] = 0
        if following - self.low + steps + 2 > len(self.starts):
            self.starts = np.concatenate([self.starts, np.zeros(following - self.low + steps + 2, dtype=np.int64)])
        self.starts[self.filled : following - self.low + 1] = self.count
        self.filled = following - self.low
        if len(self.units) - self.count < 2 * self.source.size:
            self.units = np.concatenate([self.units, np.zeros(len(self.units), dtype=np.int64)])

    def describe(self, row: Any) -> None:
        """Tell the interpreter where everything is."""
        row["low"], row["count"], row["busy"] = self.low, self.count, self.busy
        if self._described is not None and self._described[0] is self.units and self._described[1] is self.starts:
            return
        self._described = self.units, self.starts
        row["size"], row["at_end"] = self.source.size, self.source.at_end
        row["alike"], row["longest"], row["capacity"] = self.alike, self.longest, len(self.units)
        row["units"], row["starts"] = self.units.ctypes.data, self.starts.ctypes.data
        row["refractory"], row["until"] = self.refractory.ctypes.data, self.until.ctypes.data

    def after(self, row: Any, step: int) -> None:
        """Take note of what the interpreter did up to a step."""
        self.count, self.busy = int(row["count"]), float(row["busy"])
        self.filled = step + self.source.at_end - self.low

    def stamped(self, first: int, last: int) -> tuple[Units, Units]:
        """Stamps and units of the spikes between two stamps, both included."""
        begin, end = max(0, first - self.low), min(self.filled, last + 1 - self.low)
        if end <= begin:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        bounds = self.starts[begin : end + 1]
        stamps = np.repeat(np.arange(begin, end) + self.low, np.diff(bounds))
        return stamps, self.units[bounds[0] : bounds[-1]].copy()

    # ------------------------------------------------------------ as the store of NumPy's executor

    def forget(self, before: int) -> None:
        """Drop the spikes that have arrived everywhere and were collected."""
        gone = min(before - self.low, self.filled)
        spikes = int(self.starts[gone]) if gone > 0 else 0
        if spikes > self.collected or 2 * gone < len(self.starts):
            return
        kept = self.filled - gone
        self.starts[: kept + 1] = self.starts[gone : self.filled + 1] - spikes
        self.units[: self.count - spikes] = self.units[spikes : self.count].copy()
        self.low, self.filled = self.low + gone, kept
        self.count, self.collected = self.count - spikes, self.collected - spikes

    def start(self) -> None:
        """Nobody has fired yet."""
        self.low = self.count = self.filled = self.collected = 0
        self.turns += 1
        self.busy = 0.0
        self.until[...] = 0.0

    def collect(self) -> tuple[Units, Units]:
        """Stamps and units of all spikes since the last call."""
        stamps, units = self.stamped(self.low, self.low + self.filled)
        found = stamps[self.collected :], units[self.collected :]
        self.collected = self.count
        return found

    def snapshot(self) -> tuple[Any, ...]:
        """What a step may change, to be put back by `restore`."""
        kept = None if self.alike else self.until.copy()
        return self.low, self.count, self.filled, self.collected, self.busy, kept

    def restore(self, snapshot: tuple[Any, ...]) -> None:
        """Put back what `snapshot` kept."""
        self.low, self.count, self.filled, self.collected, self.busy, until = snapshot
        self.turns += 1
        if not self.count:  # the beginnings were of another stamp since
            self.filled = 0
        if until is not None:
            self.until[...] = until

    def saved(self) -> dict[str, Any]:
        """Arrays from which `restored` makes the same log again."""
        stamps, units = self.stamped(self.low, self.low + self.filled)
        return {"stamps": stamps, "units": units, "busy": np.array([self.busy]), "until": self.until.copy()}

    def restored(self, kept: dict[str, Any]) -> None:
        """Go on where `saved` was called."""
        self.start()
        stamps, units = kept["stamps"], kept["units"]
        self.busy = float(kept["busy"][0])
        self.until[...] = kept["until"]
        if not len(stamps):
            return
        self.low, self.filled = int(stamps.min()), int(np.ptp(stamps)) + 1
        self.starts = np.searchsorted(stamps, self.low + np.arange(self.filled + 1)).astype(np.int64)
        self.units = np.concatenate([units, np.zeros(max(64, 4 * self.source.size), dtype=np.int64)])
        self.count = self.collected = len(units)


class OnTheWay:
    """The spikes that are on their way through one table, in the order of their cells, the last cell first.

    The interpreter keeps them up to date from step to step; they are found anew where the time made a jump.
    """

    def __init__(self, table: SynapseTable, number: int, log: SpikeLog) -> None:
        self.table, self.number, self.log = table, number, log
        self.sums = np.zeros(table.width, dtype=table.weights.dtype)
        self.units: Units = np.zeros(0, dtype=np.int64)
        self.stamps: Units = np.zeros(0, dtype=np.int64)
        self._holds_at = -1, -1
        self._longest = longest_delays(table)

    def before(self, row: Any, step: int) -> None:
        """Make ready for a step: tell the interpreter of the spikes on their way, unless it knows them."""
        room = len(self.units) - int(row["count"]) >= 2 * self.table.units
        if self._holds_at != (step, self.log.turns) or not room:
            self._describe(row, self._find(step))

    def after(self, step: int) -> None:
        """Take note of the step that the interpreter reached."""
        self._holds_at = step, self.log.turns

    def _find(self, step: int) -> int:
        """Find the spikes that are on their way before a step sends out its own; say how many."""
        table = self.table
        stamps, units = self.log.stamped(step + 1 - table.delays, step - 1)
        units -= table.first
        own = (units >= 0) & (units < table.units)
        stamps, units = stamps[own], units[own]
        order = np.lexsort((stamps, -units))
        needed = len(order) + 2 * table.units
        if len(self.units) < needed:
            self.units, self.stamps = np.zeros(2 * needed, dtype=np.int64), np.zeros(2 * needed, dtype=np.int64)
        self.units[: len(order)], self.stamps[: len(order)] = units[order], stamps[order]
        return len(order)

    def _describe(self, row: Any, count: int) -> None:
        """Tell the interpreter where everything is."""
        table = self.table
        row["source"], row["first"], row["units"], row["delays"] = self.number, table.first, table.units, table.delays
        row["width"], row["wide"] = table.width, table.pointers.dtype == np.int64
        row["single"], row["count"], row["capacity"] = self.sums.dtype == np.float32, count, len(self.units)
        row["pointers"], row["targets"] = table.pointers.ctypes.data, table.targets.ctypes.data
        row["weights"], row["sums"] = table.weights.ctypes.data, self.sums.ctypes.data
        row["on_way"], row["stamps"] = self.units.ctypes.data, self.stamps.ctypes.data
        row["longest"] = self._longest.ctypes.data


def longest_delays(table: SynapseTable) -> npt.NDArray[np.int32]:
    """The longest delay of the synapses of each source unit, in steps; 0 without any."""
    cells = table.delays * np.arange(table.units)
    exhausted = np.searchsorted(table.pointers, table.pointers[cells + table.delays])
    return np.asarray(np.maximum(exhausted - cells, 0), dtype=np.int32)
