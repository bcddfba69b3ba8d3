"""Owns the running of one program for many points at once, which differ in numbers. Must not know networks.

Every row has an axis more, the last one, along which the points stand: one NumPy call moves all of them. A point
equals its own run to rounding, since sums through a matrix are made for all points together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from nbkit.compile.instructions import Slot
from nbkit.compile.products import Product
from nbkit.compile.program import Program, Setting
from nbkit.run.noise import Noise
from nbkit.run.numpy_executor import PRECISIONS, live_instructions
from nbkit.run.numpy_source import Effects, Rows, write_block, write_once, write_step
from nbkit.run.tapes import Plan, Samples, Tape, kept_samples

Numbers = Mapping[str, Rows]
Made = Callable[[int, int], None]


def refusal(program: Program) -> str:
    """Why the points of a program cannot run side by side; empty if they can."""
    reasons = {
        "its neurons spike": program.spikes or program.deliveries or program.tables or program.folds,
        "it is stepped exactly, by propagators of each point": program.propagators,
        "it draws Poisson numbers": any(draw.kind == "poisson" for draw in program.draws),
        "its weights follow from places": any(isinstance(c.weights, Product) for c in program.couplings),
        "its delays grow with distance": any(
            source.reach for part in program.sections.values() for i in part for source in i.sources
        ),
    }
    return ", ".join(words for words, found in reasons.items() if found)


def takes(program: Program, path: str) -> bool:
    """Whether points may have different numbers at a path."""
    setting = program.settings.get(path)
    if setting is None:
        return False
    of_weights = setting.coupling >= 0 and not path.endswith(".gain")
    return not of_weights or _alike(program.couplings[setting.coupling].weights)


def _alike(weights: Any) -> bool:
    """Whether a matrix of weights is one number everywhere."""
    return isinstance(weights, np.ndarray) and bool((weights == weights.flat[0]).all())


@dataclass(frozen=True, eq=False)
class _Weights:
    """A matrix that multiplies the rows of all points, and what multiplies its sums: one number for each point."""

    matrix: Any
    factor: Rows | None

    def into(self, source: Rows, target: Rows) -> None:
        """Multiply (pre, points) to (post, points), or such rows for each step of a block."""
        if isinstance(self.matrix, np.ndarray):
            np.matmul(self.matrix, source, out=target)
        elif source.ndim > 2:
            for present, sums in zip(source, target, strict=True):
                sums[...] = self.matrix.dot(present)
        else:
            target[...] = self.matrix.dot(source)
        if self.factor is not None:
            np.multiply(target, self.factor, out=target)


class Mover(Protocol):
    """Who has the rows of all points and moves them: NumPy here, or a card."""

    def rows(self, slot: Slot) -> Any:
        """All rows of a slot, (rows, width, points), to be read."""

    def code(self, wanted: Collection[str]) -> tuple[Any, Any]:
        """The functions that run a block and its steps."""

    def roll(self) -> None:
        """Move the last rows of every window to its front."""


@dataclass
class EnsembleTrace:
    """What an ensemble recorded: samples, a tape for each plan, and where points left the finite numbers.

    ``stopped`` holds the first sample of each point that is not finite, -1 for none.
    """

    samples: Samples
    tapes: Sequence[Tape]
    stopped: Samples


class Ensemble:
    """Memory and code of one program for many points.

    Args:
        program: a program that has no `refusal`.
        points: how many.
        numbers: path -> one number for each point, as its setting takes it; (points,).
        precision: ``"float64"`` or ``"float32"``.
    """

    def __init__(self, program: Program, points: int, numbers: Numbers, precision: str = "float64") -> None:
        self.program, self.points = program, points
        self.memory: Rows = np.zeros((program.memory, points), PRECISIONS[precision])
        for fill in program.fills:
            if fill.slot.role == "cell":
                self.rows(fill.slot)[0] = np.broadcast_to(fill.row, fill.slot.width)[:, None]
        of_weights: dict[int, Rows] = {}
        for path, held in numbers.items():
            self._put(program.settings[path], np.asarray(held, dtype=np.float64), of_weights)
        self.weights = self._products(of_weights)
        with np.errstate(all="ignore"):
            write_once(self.rows, program.sections["setup"], self.weights, _no_propagators)()
        self._start()

    def rows(self, slot: Slot) -> Rows:
        """All rows of a slot, (rows, width, points)."""
        return self.memory[slot.offset : slot.offset + slot.size].reshape(slot.rows, slot.width, self.points)

    def _put(self, setting: Setting, numbers: Rows, of_weights: dict[int, Rows]) -> None:
        """Write one number for each point where the program reads it."""
        if setting.coupling >= 0 and not setting.path.endswith(".gain"):
            of_weights[setting.coupling] = numbers * setting.factor * self.program.couplings[setting.coupling].share
            return
        row = self.rows(setting.slot)[0]
        end = setting.start + (setting.width or len(row))
        row[setting.start : end] = numbers * setting.factor

    def _products(self, of_weights: Mapping[int, Rows]) -> list[_Weights]:
        """Weights times gains where all points agree; else weights, and a factor for each point."""
        made = []
        for index, coupling in enumerate(self.program.couplings):
            gain = self.rows(self.program.gains[index])[0, 0]
            held = coupling.weights.astype(self.memory.dtype)
            if index in of_weights:
                held, gain = np.ones_like(held), gain * of_weights[index].astype(gain.dtype)
            alike = bool((gain == gain[0]).all())
            made.append(_Weights(held * gain[0], None) if alike else _Weights(held, gain))
        return made

    def _start(self) -> None:
        """Put every window to t = 0."""
        for fill in self.program.fills:
            if fill.slot.role == "window":
                rows = self.rows(fill.slot)
                rows[fill.slot.history] = np.broadcast_to(fill.row, rows.shape[1])[:, None]
                if fill.past is not None:
                    before = (fill.slot.history, rows.shape[1])
                    rows[: fill.slot.history] = np.broadcast_to(fill.past, before)[:, :, None]

    def run(
        self,
        steps: int,
        plans: Sequence[Plan],
        first: int = 0,
        progress: Made | None = None,
        *,
        mover: Mover | None = None,
    ) -> EnsembleTrace:
        """Run all points from t = 0 and record samples ``first`` to ``steps``.

        Args:
            steps: how many.
            plans: what to record.
            first: the first sample that is wanted.
            progress: called with (steps made, steps asked) after each block.
            mover: who has the rows and makes the steps; None for NumPy, here.
        """
        mover = mover or self
        block, span = self.program.block, self.program.span
        tapes = [Tape(plan, first, steps, (self.points,)) for plan in plans]
        trace = EnsembleTrace(
            kept_samples(first, steps, plans[0].every if plans else 1), tapes, np.full(self.points, -1)
        )
        run_block, run_steps = mover.code([p.variable.path for p in plans if not p.variable.is_state])
        states = [v.operand.slot for v in self.program.variables.values() if v.is_state]
        last = steps + any(not p.variable.is_state for p in plans)  # the last sample of the others needs a step more
        with np.errstate(all="ignore"):
            for plan, tape in zip(plans, tapes, strict=True):
                if plan.variable.is_state and first == 0:
                    slot = plan.variable.operand.slot
                    tape.write(0, _part(mover, plan, slot.history, slot.history + 1))
            for begin in range(0, last, block):
                base, made = begin % span, min(block, last - begin)
                if begin and base == 0:
                    mover.roll()
                run_block(base, begin)
                run_steps(base, 0, made, begin)
                _record(mover, trace, begin, base, (min(made, steps - begin), made))
                _watch(mover, trace, begin, base, min(made, steps - begin), states=states)
                if progress is not None:
                    progress(min(begin + made, steps), steps)
        return trace

    def code(self, wanted: Collection[str]) -> tuple[Any, Any]:
        """The functions that run a block and its steps."""
        program = self.program
        needed = live_instructions(program, frozenset(wanted))
        fetch: dict[tuple[str, int], Callable[..., None]] = {
            ("recorded", i): self._for_all(r.write) for i, r in enumerate(program.recorded)
        }
        fetch |= {(d.kind, i): self._for_all(Noise(d, program.seed).rows) for i, d in enumerate(program.draws)}
        numbers = {
            slot
            for slot in program.slots
            if slot.role == "cell" and not slot.shared and (self.rows(slot)[0] == self.rows(slot)[0, :1]).all()
        }
        block, step = ([i for i in program.sections[part] if i in needed] for part in ("block", "step"))
        effects = Effects((), (), (), (), (), ())
        return (
            write_block(self.rows, block, self.weights, fetch, program.block, numbers=numbers),
            write_step(self.rows, step, self.weights, effects, program.block, numbers=numbers),
        )

    def _for_all(self, write: Callable[..., None]) -> Callable[..., None]:
        """Rows that are the same for every point."""

        def rows(first_step: int, target: Rows) -> None:
            one = np.empty(target.shape[:2], target.dtype)
            write(first_step, one)
            target[...] = one[:, :, None]

        return rows

    def roll(self) -> None:
        """Move the last rows of every window to its front."""
        for slot in self.program.slots:
            if slot.role == "window":
                rows = self.rows(slot)
                rows[: slot.history + 1] = rows[self.program.span :]


def _part(mover: Mover, plan: Plan, begin: int, end: int) -> Rows:
    operand = plan.variable.operand
    found: Rows = mover.rows(operand.slot)[begin:end, operand.start : operand.start + operand.length]
    return found


def _record(mover: Mover, trace: EnsembleTrace, begin: int, base: int, counts: tuple[int, int]) -> None:
    """Write the samples of a block: states after its steps, other variables before them; counts of the two."""
    steps, made = counts
    for tape in trace.tapes:
        if tape.plan.variable.is_state:
            here = base + tape.plan.variable.operand.slot.history
            tape.write(begin + 1, _part(mover, tape.plan, here + 1, here + 1 + max(0, steps)))
        else:
            tape.write(begin, _part(mover, tape.plan, 0, made))


def _watch(mover: Mover, trace: EnsembleTrace, begin: int, base: int, steps: int, *, states: Sequence[Slot]) -> None:
    """Note the first sample of each point that is not finite."""
    if steps <= 0 or not states:
        return
    here = {slot: base + slot.history + 1 for slot in states}
    finite = np.all([np.isfinite(mover.rows(s)[at + steps - 1]).all(axis=0) for s, at in here.items()], axis=0)
    for point in np.flatnonzero(~finite & (trace.stopped < 0)):
        firsts = [
            np.flatnonzero(~np.isfinite(mover.rows(s)[at : at + steps, :, point]).all(axis=1)) for s, at in here.items()
        ]
        trace.stopped[point] = begin + 1 + min(int(found[0]) for found in firsts if found.size)


def _no_propagators(index: int, target: Rows, *entries: Rows) -> None:
    """Programs with propagators are refused."""
    raise AssertionError(index, target, entries)
