"""Owns the passage of time: positions, blocks, stopping, and the watch for numbers that are not finite.

Must not know the network's description. Block boundaries are multiples of the block length counted from
step 0, however a run is cut, so that the bits do not depend on the cuts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from nbkit.compile.program import Program, Variable
from nbkit.run.numpy_executor import NumpyExecutor
from nbkit.run.numpy_source import Rows
from nbkit.run.spikes import Units
from nbkit.run.tapes import Plan, Samples, Tape, kept_samples

if TYPE_CHECKING:
    from nbkit.run.cuda.executor import CudaExecutor
    from nbkit.run.interpreter.library import Library


def _on_the_processor(
    program: Program, precision: str, library: Library | None, *, deterministic: bool
) -> NumpyExecutor:
    assert deterministic
    return NumpyExecutor(program, precision, library)


def _on_a_card(program: Program, precision: str, library: Library | None, *, deterministic: bool) -> CudaExecutor:
    from nbkit.run.cuda.device import open_device  # noqa: PLC0415  only who asks for a card needs it
    from nbkit.run.cuda.executor import CudaExecutor  # noqa: PLC0415

    assert library is None
    return CudaExecutor(program, precision, open_device(), deterministic=deterministic)


#: name -> what makes an executor
BACKENDS: dict[str, Callable[..., NumpyExecutor | CudaExecutor]] = {"numpy": _on_the_processor, "cupy": _on_a_card}

Progress = Callable[[int, int], None]
Until = Callable[[Callable[[Variable], Rows]], bool]


@dataclass(frozen=True)
class Stop:
    """Where a run left the finite numbers: the first such sample, its variable and unit."""

    sample: int
    variable: Variable
    unit: int
    value: float


@dataclass
class Trace:
    """What a run recorded: samples, a tape for each plan, and for each population the stamps and units of spikes."""

    samples: Samples
    tapes: Sequence[Tape]
    spikes: dict[str, tuple[Units, Units]] = field(default_factory=dict)
    stopped: Stop | None = None
    interrupted: bool = False
    reached: int = 0  # the position up to which samples are written

    def cut(self, last: int) -> None:
        """Keep only what belongs to samples up to ``last``."""
        kept = int(np.searchsorted(self.samples, last, side="right"))
        self.samples = self.samples[:kept]
        for tape in self.tapes:
            tape.rows = tape.rows[:kept]


class Stepper:
    """Steps a program, remembers where it is, and records.

    Args:
        program: what to run.
        backend: ``"numpy"`` or ``"cupy"``.
        precision: ``"float64"`` or ``"float32"``.
        library: the compiled interpreter, if it is to carry out the program.
        deterministic: whether sums of spikes on a card do not depend on their order.
    """

    def __init__(
        self,
        program: Program,
        backend: str = "numpy",
        precision: str = "float64",
        library: Library | None = None,
        *,
        deterministic: bool = True,
    ) -> None:
        self.program = program
        self.executor = BACKENDS[backend](program, precision, library, deterministic=deterministic)
        self.position = 0
        self._first = True
        self._entered = -1
        self._stale = True
        longest = max([0, *(d.steps for d in program.deliveries), *(t.delays for t in program.tables)])
        self._longest = 1 + max([longest, *(int(s.refractory.max(initial=0.0)) for s in program.spikes)])

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
        held: Rows = self.executor.part(variable.operand)[row]
        return held

    def saved(self) -> dict[str, Any]:
        """Everything that makes the next step: numbers and arrays, to be put back by `restored`."""
        flags = np.array([self.position, self._entered, self._first], dtype=np.int64)
        kept = {"memory": self.executor.memory.copy(), "position": flags}
        for store in self.executor.stores:
            kept |= {f"store {store.source.number} {key}": value for key, value in store.saved().items()}
        return kept

    def restored(self, kept: dict[str, Any]) -> None:
        """Go on where `saved` was called."""
        memory = kept["memory"]
        if memory.shape != self.executor.memory.shape or memory.dtype != self.executor.memory.dtype:
            raise ValueError("the memory is of another program")
        self.executor.put_back(memory)
        self.position, self._entered, first = (int(n) for n in kept["position"])
        self._first, self._stale = bool(first), True
        for store in self.executor.stores:
            prefix = f"store {store.source.number} "
            store.restored({k.removeprefix(prefix): v for k, v in kept.items() if k.startswith(prefix)})
        self.executor.setup()

    @property
    def next_sample(self) -> int:
        """The first sample that the next run returns."""
        return self.position + (0 if self._first else 1)

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

    def run(
        self,
        steps: int,
        plans: Sequence[Plan] = (),
        spiking: Collection[str] = (),
        progress: Progress | None = None,
        until: Until | None = None,
    ) -> Trace:
        """Make steps and record. The first run also returns sample 0; each later one only its new samples.

        With ``until`` the condition is tested at every new sample, and the run ends where it first holds.
        An interrupt from the keyboard ends the run too; what was recorded is kept, and the next run goes on.
        """
        if self.executor.want([p.variable.path for p in plans if not p.variable.is_state]):
            self._stale = True
        first, last = self.next_sample, self.position + steps
        every = plans[0].every if plans else 1
        trace = Trace(kept_samples(first, last, every), [Tape(p, first, last) for p in plans])
        with np.errstate(all="ignore"):
            try:
                self._record_start(trace)
                self._go(trace, last, progress, until)
            except KeyboardInterrupt:
                trace.interrupted = True
                if trace.reached < self.position:
                    self._record(trace, trace.reached)
            if trace.stopped is None:
                self._look_ahead(trace, first)
        self._first = False
        self._collect(trace, spiking, None if trace.stopped is None else trace.stopped.sample)
        trace.cut(self.position if trace.stopped is None else trace.stopped.sample - 1)
        if trace.stopped is not None:
            self.reset()
        return trace

    def _go(self, trace: Trace, last: int, progress: Progress | None, until: Until | None) -> None:
        asked = last - self.position
        trace.reached = self.position
        while self.position < last and trace.stopped is None:
            begin = self.position
            self._segment(1 if until else last - begin)
            self._record(trace, begin)
            trace.stopped = self._not_finite(begin)
            if progress is not None:
                progress(self.position - last + asked, asked)
            if until is not None and trace.stopped is None and until(self.present):
                return

    def _segment(self, most: int) -> None:
        """Go on to the end of the block, or as far as asked; all of it or, when interrupted, nothing."""
        self._enter()
        begin = self._inside
        end = min(self.program.block, begin + most)
        before = [store.snapshot() for store in self.executor.stores]
        try:
            self.executor.steps(self._base, begin, end, self.position - begin)
        except KeyboardInterrupt:
            self._put_back(before)
            raise
        self.position += end - begin

    def _put_back(self, snapshots: Iterable[tuple[Any, ...]]) -> None:
        for store, snapshot in zip(self.executor.stores, snapshots, strict=True):
            store.restore(snapshot)

    # ------------------------------------------------------------ recording

    def _record_start(self, trace: Trace) -> None:
        if self._first:
            for tape in trace.tapes:
                if tape.plan.variable.is_state:
                    tape.write(self.position, self.present(tape.plan.variable)[None])

    def _record(self, trace: Trace, begin: int) -> None:
        """Write the samples that the last segment made: states after its steps, other variables before them."""
        made = self.position - begin
        for tape in trace.tapes:
            variable = tape.plan.variable
            slot = variable.operand.slot
            rows = self.executor.part(variable.operand)
            if variable.is_state:
                here = self._base + slot.history + self._inside
                tape.write(begin + 1, rows[here - made + 1 : here + 1])
            else:
                old = max(0, tape.first - begin)  # a sample that the run before has returned
                tape.write(begin + old, rows[self._inside - made + old : self._inside])
        trace.reached = self.position

    def _look_ahead(self, trace: Trace, first: int) -> None:
        """Compute the algebraic variables at the last sample. The state that this makes is made again."""
        tapes = [tape for tape in trace.tapes if not tape.plan.variable.is_state]
        if not tapes or self.position < first:
            return
        self._enter()
        inside = self._inside
        before = [store.snapshot() for store in self.executor.stores]
        self.executor.steps(self._base, inside, inside + 1, self.position - inside)
        self._put_back(before)
        for tape in tapes:
            tape.write(self.position, self.executor.part(tape.plan.variable.operand)[inside : inside + 1])

    def _collect(self, trace: Trace, wanted: Collection[str], before: int | None = None) -> None:
        """Hand over the spikes of the wanted populations, and forget those of the others."""
        for store in self.executor.stores:
            stamps, units = store.collect()
            for member in store.source.stack.members:
                if member.population in wanted:
                    kept = (units >= member.start) & (units < member.start + member.size)
                    if before is not None:
                        kept &= stamps < before
                    trace.spikes[member.population] = stamps[kept], units[kept] - member.start

    def _not_finite(self, begin: int) -> Stop | None:
        """The first number of the last segment that is not finite."""
        here = self._base + self._inside
        if self.executor.finite(here):
            return None
        found = []
        for v in self.program.variables.values():
            if v.is_state and not np.isfinite(self.present(v)).all():
                last = here + v.operand.slot.history
                rows = self.executor.part(v.operand)[last - (self.position - begin) + 1 : last + 1]
                row, unit = (int(n) for n in np.argwhere(~np.isfinite(rows))[0])
                found.append(Stop(begin + 1 + row, v, unit, float(rows[row, unit])))
        return min(found, key=lambda stop: stop.sample, default=None)
