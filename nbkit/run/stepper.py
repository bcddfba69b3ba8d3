"""Owns the passage of time: positions, blocks, recording, and the watch for numbers that are not finite.

Must not know the network's description. Block boundaries are multiples of the block length counted from
step 0, however a run is cut, so that the bits do not depend on the cuts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nbkit.compile.program import Program, Variable
from nbkit.run.numpy_executor import NumpyExecutor
from nbkit.run.numpy_source import Rows
from nbkit.run.spikes import Units

BACKENDS: dict[str, type[NumpyExecutor]] = {"numpy": NumpyExecutor}

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Trace:
    """What a run recorded: sample numbers, for each variable its rows, shape (samples, size), and spikes.

    Spikes are, for each population, the stamps in steps and the units.
    """

    samples: npt.NDArray[np.int64]
    rows: dict[str, Rows]
    spikes: dict[str, tuple[Units, Units]]
    stopped: Stop | None = None


@dataclass(frozen=True)
class Stop:
    """Where a run left the finite numbers: the first such sample, its variable and unit."""

    sample: int
    variable: Variable
    unit: int
    value: float


class Stepper:
    """Steps a program, remembers where it is, and records.

    Args:
        program: what to run.
        backend: ``"numpy"``.
        precision: ``"float64"`` or ``"float32"``.
    """

    def __init__(self, program: Program, backend: str = "numpy", precision: str = "float64") -> None:
        self.program = program
        self.executor = BACKENDS[backend](program, precision)
        self.position = 0
        self._first = True
        self._entered = -1
        self._stale = True
        self._longest = 1 + max((d.steps for d in program.deliveries), default=0)

    # ------------------------------------------------------------ position

    def reset(self) -> None:
        """Back to step 0; values that were set stay."""
        self.executor.start()
        self.position, self._first, self._entered, self._stale = 0, True, -1, True

    def changed(self) -> None:
        """Say that a value was set: what was computed from it is computed again."""
        self.executor.setup()
        self.executor.refold(self._base + self._inside)
        self._stale = True

    def present(self, variable: Variable) -> Rows:
        """The row of a state at the present sample, shape (size,)."""
        row = self._base + variable.operand.slot.history + self._inside
        held: Rows = self.executor.rows(variable.operand.slot)[row]
        return held

    @property
    def _base(self) -> int:
        return max(self._entered, 0) * self.program.block % self.program.span

    @property
    def _inside(self) -> int:
        """Steps since the block that was entered last began."""
        return self.position - max(self._entered, 0) * self.program.block

    def _enter(self) -> None:
        """Make the block of the present position ready."""
        number = self.position // self.program.block
        if number != self._entered:
            if number and number * self.program.block % self.program.span == 0:
                self.executor.roll()
            self._entered, self._stale = number, True
            for store in self.executor.stores:
                store.forget(self.position - self._longest)
        if self._stale:
            self.executor.block(self._base, number * self.program.block)
            self._stale = False

    # ------------------------------------------------------------ running

    def run(self, steps: int, record: Sequence[str], progress: Progress | None = None) -> Trace:
        """Make steps and record. The first run also returns sample 0; each later one only its new samples."""
        variables = [self.program.variables[path] for path in record if path in self.program.variables]
        spiking = {path.split(".")[0] for path in record if path not in self.program.variables}
        if self.executor.want([v.path for v in variables if not v.is_state]):
            self._stale = True
        first = self.position + (0 if self._first else 1)
        last = self.position + steps
        rows: dict[str, Rows] = {v.path: np.empty((last + 1 - first, v.size)) for v in variables}
        trace = Trace(np.arange(first, last + 1, dtype=np.int64), rows, {})
        with np.errstate(all="ignore"):
            if self._first:
                for v in variables:
                    if v.is_state:
                        trace.rows[v.path][0] = self.present(v)
            while self.position < last:
                begin = self.position
                self._segment(last - begin)
                self._record(trace, variables, first, begin)
                stop = self._not_finite(begin)
                if stop is not None:
                    self._collect(trace, spiking, stop.sample)
                    return self._stopped(trace, first, stop)
                if progress is not None:
                    progress(self.position - last + steps, steps)
            if any(not v.is_state for v in variables):
                self._look_ahead(trace, variables, first)
        self._first = False
        self._collect(trace, spiking)
        return trace

    def _collect(self, trace: Trace, wanted: Collection[str], before: int | None = None) -> None:
        """Hand over the spikes of the wanted populations, and forget those of the others."""
        for store in self.executor.stores:
            stamps, units = store.collect()
            if store.source.population in wanted:
                kept = slice(None) if before is None else stamps < before
                trace.spikes[store.source.population] = stamps[kept], units[kept]

    def _segment(self, most: int) -> None:
        """Go on to the end of the block, or as far as asked."""
        self._enter()
        begin = self._inside
        end = min(self.program.block, begin + most)
        self.executor.steps(self._base, begin, end, self.position - begin)
        self.position += end - begin

    def _record(self, trace: Trace, variables: Sequence[Variable], first: int, begin: int) -> None:
        for v in variables:
            rows, slot = self.executor.rows(v.operand.slot), v.operand.slot
            if v.is_state:
                here = self._base + slot.history + self._inside
                new = rows[here - (self.position - begin) + 1 : here + 1]
                trace.rows[v.path][begin + 1 - first : self.position + 1 - first] = new
            else:
                skip = max(0, first - begin)
                new = rows[self._inside - (self.position - begin) + skip : self._inside]
                trace.rows[v.path][begin + skip - first : self.position - first] = new

    def _look_ahead(self, trace: Trace, variables: Sequence[Variable], first: int) -> None:
        """Compute the algebraic variables at the last sample. The state that this makes is made again."""
        self._enter()
        inside = self._inside
        kept = [store.snapshot() for store in self.executor.stores]
        self.executor.steps(self._base, inside, inside + 1, self.position - inside)
        for store, snapshot in zip(self.executor.stores, kept, strict=True):
            store.restore(snapshot)
        for v in variables:
            if not v.is_state:
                trace.rows[v.path][self.position - first] = self.executor.rows(v.operand.slot)[inside]

    def _not_finite(self, begin: int) -> Stop | None:
        """The first number of the last segment that is not finite."""
        found = []
        for v in self.program.variables.values():
            if v.is_state and not np.isfinite(self.present(v)).all():
                here = self._base + v.operand.slot.history + self._inside
                rows = self.executor.rows(v.operand.slot)[here - (self.position - begin) + 1 : here + 1]
                row, unit = (int(n) for n in np.argwhere(~np.isfinite(rows))[0])
                found.append(Stop(begin + 1 + row, v, unit, float(rows[row, unit])))
        return min(found, key=lambda stop: stop.sample, default=None)

    def _stopped(self, trace: Trace, first: int, stop: Stop) -> Trace:
        """Keep what was finite."""
        kept = max(stop.sample - first, 0)
        self.reset()
        return Trace(trace.samples[:kept], {path: rows[:kept] for path, rows in trace.rows.items()}, trace.spikes, stop)
