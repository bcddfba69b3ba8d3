"""Owns the spikes of a running program: who fired when, who is refractory, what arrives. Must not know networks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from nbkit.compile.program import Delivery, SpikeSource

Units = npt.NDArray[np.int64]
Rows = npt.NDArray[np.floating[Any]]
Deliver = Callable[[int, Rows], None]
Fold = Callable[[Units, Rows, Any], None]


class SpikeStore:
    """The spikes of one source.

    ``fired`` holds, by stamp, the units whose spikes may still arrive somewhere or that may be refractory;
    ``busy[0]`` is the first step at which surely no unit is refractory any more. Where all units are refractory
    for the same time, ``fired`` tells which are; else ``until`` keeps it for each of them.
    """

    def __init__(self, source: SpikeSource) -> None:
        self.source, self.until = source, np.zeros(source.size, dtype=np.float64)
        self.refractory = source.refractory
        self.longest = float(source.refractory.max(initial=0.0))
        self.alike = bool((source.refractory == self.longest).all())
        self.fired: dict[int, Units] = {}
        self.busy = [0.0]
        self.recorded: list[tuple[int, Units]] = []

    def fire(self, step: int, units: Units) -> None:
        """Take note of the units that spike in this step."""
        stamp = step + self.source.at_end
        self.fired[stamp] = units
        self.recorded.append((stamp, units))
        if self.longest:
            self.busy[0] = step + 1 + self.longest
            if not self.alike:
                self.until[units] = step + 1 + self.refractory[units]

    def held(self, step: int) -> Units | None:
        """The units that are refractory in this step, where all are so for the same time."""
        if step >= self.busy[0]:
            return None
        last = step + self.source.at_end
        first = last - self.longest
        fired = self.fired
        if self.longest < len(fired):
            found = [fired[stamp] for stamp in range(int(first), last) if stamp in fired]
        else:
            found = [units for stamp, units in fired.items() if first <= stamp < last]
        if not found:
            return None
        return found[0] if len(found) == 1 else np.concatenate(found)

    def forget(self, before: int) -> None:
        """Drop the spikes that have arrived everywhere."""
        for stamp in [s for s in self.fired if s < before]:
            del self.fired[stamp]

    def start(self) -> None:
        """Nobody has fired yet."""
        self.fired.clear()
        self.recorded.clear()
        self.busy[0] = 0.0
        self.until[...] = 0.0

    def collect(self) -> tuple[Units, Units]:
        """Stamps and units of all spikes since the last call."""
        stamps = [np.full(len(units), stamp, dtype=np.int64) for stamp, units in self.recorded]
        units = [units for _, units in self.recorded]
        self.recorded.clear()
        if not units:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        return np.concatenate(stamps), np.concatenate(units).astype(np.int64)

    def snapshot(self) -> tuple[Any, ...]:
        """What a step may change, to be put back by `restore`."""
        return dict(self.fired), len(self.recorded), self.busy[0], None if self.alike else self.until.copy()

    def restore(self, snapshot: tuple[Any, ...]) -> None:
        """Put back what `snapshot` kept."""
        fired, recorded, self.busy[0], until = snapshot
        self.fired.clear()
        self.fired.update(fired)
        del self.recorded[recorded:]
        if until is not None:
            self.until[...] = until

    def saved(self) -> dict[str, Any]:
        """Arrays from which `restored` makes the same store again."""
        stamps = [np.full(len(units), stamp, dtype=np.int64) for stamp, units in self.fired.items()]
        nothing = np.zeros(0, dtype=np.int64)
        return {
            "stamps": np.concatenate([nothing, *stamps]),
            "units": np.concatenate([nothing, *self.fired.values()]).astype(np.int64),
            "busy": np.array(self.busy),
            "until": self.until.copy(),
        }

    def restored(self, kept: dict[str, Any]) -> None:
        """Go on where `saved` was called."""
        self.fired.clear()
        self.recorded.clear()
        self.busy[0] = float(kept["busy"][0])
        self.until[...] = kept["until"]
        for stamp in np.unique(kept["stamps"]):
            self.fired[int(stamp)] = kept["units"][kept["stamps"] == stamp]


def columns(plan: str, weights: Any) -> Any:
    """Weights in the form in which the columns of single sources are quick to read."""
    if plan == "dense":
        return np.asfortranarray(weights)
    return weights.tocsc() if plan == "sparse" else weights


def make_delivery(store: SpikeStore, delivery: Delivery, plan: str, weights: Any) -> Deliver:
    """A function that adds to a row what arrives at the end of a step."""
    fired, add, delay = store.fired, _adder(plan, weights), delivery.steps
    start, stop = delivery.start, delivery.start + delivery.size
    whole = delivery.size == store.source.size

    def deliver(step: int, row: Rows) -> None:
        units = fired.get(step + 1 - delay)
        if units is not None:
            add(units if whole else units[(units >= start) & (units < stop)] - start, row, None)

    return deliver


def make_fold(plan: str, weights: Any) -> Fold:
    """A function that adds to a row what spikes bring at once, each times an amount."""
    return _adder(plan, weights)


def _adder(plan: str, weights: Any) -> Fold:
    """How spikes of some units add their columns to a row of targets."""

    def dense(units: Units, row: Rows, amount: Any) -> None:
        for unit in units:
            row += weights[:, unit] if amount is None else weights[:, unit] * _of(amount, unit)

    def uniform(units: Units, row: Rows, amount: Any) -> None:
        for unit in units:
            row += weights[0, unit] if amount is None else weights[0, unit] * _of(amount, unit)

    def sparse(units: Units, row: Rows, amount: Any) -> None:
        for unit in units:
            here = slice(weights.indptr[unit], weights.indptr[unit + 1])
            column = weights.data[here]
            row[weights.indices[here]] += column if amount is None else column * _of(amount, unit)

    def one_to_one(units: Units, row: Rows, amount: Any) -> None:
        row[units] += weights[units] if amount is None else weights[units] * _of(amount, units)

    return {"dense": dense, "uniform": uniform, "sparse": sparse, "one-to-one": one_to_one}[plan]


def _of(amount: Rows, unit: Any) -> Any:
    return amount[unit] if amount.ndim else amount
