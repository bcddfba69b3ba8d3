"""Owns the executor on the CPU: a verified program in one flat NumPy array. Must not know the network.

NumPy carries out the program, or with a library the compiled interpreter does, in the same memory.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from nbkit.compile.instructions import Instruction, Operand, Slot
from nbkit.compile.products import Product
from nbkit.compile.program import Program
from nbkit.model.frozen import FrozenMap
from nbkit.run.noise import Noise
from nbkit.run.numpy_source import Effects, Rows, write_block, write_once, write_step
from nbkit.run.poisson import LARGEST_MEAN
from nbkit.run.propagators import Propagators
from nbkit.run.spikes import SpikeStore, columns, make_delivery, make_fold

if TYPE_CHECKING:
    from nbkit.run.arrivals import Arrivals
    from nbkit.run.interpreter.library import Library
    from nbkit.run.interpreter.log import SpikeLog

Instructions = Sequence[Instruction]
Block = Callable[[int, int], None]
Steps = Callable[[int, int, int, int], None]
Code = Callable[[Instructions, Instructions], tuple[Block, Steps]]

PRECISIONS: dict[str, type[np.floating[Any]]] = {"float64": np.float64, "float32": np.float32}


class NumpyExecutor:
    """Memory and code of one program. Who calls what, and when, is the stepper's business.

    Attributes:
        told: what results tell of who ran them.
    """

    told: Mapping[str, Any] = FrozenMap({})

    def __init__(self, program: Program, precision: str, library: Library | None = None) -> None:
        self.program, self.library = program, library
        self.memory: Rows = np.zeros(program.memory, PRECISIONS[precision])
        by_column = {d.coupling for d in program.deliveries} | {f.coupling for f in program.folds}
        self.weights: list[Any] = [
            columns(c.plan, c.weights.astype(self.memory.dtype))
            if i in by_column or (library and c.plan == "dense")
            else c.weights.astype(self.memory.dtype)
            for i, c in enumerate(program.couplings)
        ]
        self._states = list({v.operand.slot for v in program.variables.values() if v.is_state})
        self.stores: Sequence[SpikeStore | SpikeLog] = []
        self.arrivals: list[Arrivals] = []
        self._scaled: list[Any] = [w.copy(order="K") if isinstance(w, np.ndarray) else w.copy() for w in self.weights]
        self._code = self._by_numpy() if library is None else self._by_interpreter(library)
        self._wanted: frozenset[str] | None = None
        self._as_numbers: dict[Slot, Rows] = {}
        self._counted: list[Rows] = []
        self._setup: Callable[[], None] = write_once(
            self.rows, program.sections["setup"], self._scaled, Propagators(program.propagators).write
        )
        self.block: Block
        self.steps: Steps
        for fill in program.fills:
            if fill.slot.role == "cell":
                self.rows(fill.slot)[0] = fill.row
        self.setup()
        self.want(())
        self.start()

    def _by_numpy(self) -> Code:
        """What writes NumPy code; it keeps spikes in a store for each source."""
        stores = [SpikeStore(s) for s in self.program.spikes]
        if self.program.tables:
            from nbkit.run.arrivals import Arrivals  # noqa: PLC0415  only spikes through single synapses need it

            by_stack = {store.source.stack.name: store for store in stores}
            self.arrivals = [Arrivals(table, by_stack[table.source]) for table in self.program.tables]
        self.stores = stores

        def code(block: Instructions, step: Instructions) -> tuple[Block, Steps]:
            length, numbers = self.program.block, self._as_numbers
            steps: Steps = write_step(self.rows, step, self._scaled, self._effects(stores), length, numbers=numbers)
            return self._block_by_numpy(block), steps

        return code

    def _by_interpreter(self, library: Library) -> Code:
        """What encodes instructions for the interpreter; it keeps spikes in a log for each source."""
        from nbkit.run.interpreter.counts import counted  # noqa: PLC0415  only the interpreter needs it
        from nbkit.run.interpreter.log import SpikeLog  # noqa: PLC0415
        from nbkit.run.interpreter.machine import Machine  # noqa: PLC0415

        self.stores = logs = [SpikeLog(s) for s in self.program.spikes]
        machine = Machine(library, self.program, self.memory, self._scaled, logs)

        def code(block: Instructions, step: Instructions) -> tuple[Block, Steps]:
            numbers, counts = self._as_numbers, counted(self.program, {*block, *step}, self.rows, self._noise)
            self._counted = [made.mean for made in counts.values()]
            return (
                machine.block(block, numbers, self._block_by_numpy, counts),
                machine.steps(step, numbers, counts),
            )

        return code

    def _noise(self, number: int) -> Noise:
        return Noise(self.program.draws[number], self.program.seed, self.library)

    def _block_by_numpy(self, instructions: Instructions) -> Block:
        program = self.program
        fetch: dict[tuple[str, int], Callable[..., None]] = {
            ("recorded", i): r.write for i, r in enumerate(program.recorded)
        }
        fetch |= {(draw.kind, i): self._noise(i).rows for i, draw in enumerate(program.draws)}
        written: Block = write_block(
            self.rows, instructions, self._scaled, fetch, program.block, numbers=self._as_numbers
        )
        return written

    @property
    def scaled(self) -> Sequence[Any]:
        """The weights of each coupling times its gain, as they were when `setup` was called last."""
        return self._scaled

    def put_back(self, memory: Rows) -> None:
        """Let the memory be a copy that was taken before."""
        self.memory[...] = memory

    def finite(self, row: int) -> bool:
        """Whether the newest row of every state is finite; ``row`` is its number in its window, history left out."""
        sums = [self.rows(slot)[row + slot.history].sum() for slot in self._states]
        return all(isfinite(total) for total in sums)  # it is finite only if all its numbers are

    def part(self, operand: Operand) -> Rows:
        """All rows of an operand's part of its slot, shape (rows, length)."""
        return self.rows(operand.slot)[:, operand.start : operand.start + operand.length]

    def rows(self, slot: Slot) -> Rows:
        """All rows of a slot, shape (rows, width)."""
        return self.memory[slot.offset : slot.offset + slot.size].reshape(slot.rows, slot.width)

    def start(self) -> None:
        """Put every window to t = 0."""
        for fill in self.program.fills:
            if fill.slot.role == "window":
                rows = self.rows(fill.slot)
                rows[fill.slot.history] = fill.row
                if fill.past is not None:
                    rows[: fill.slot.history] = fill.past
        for store in self.stores:
            store.start()
        self.refold(0)

    def refold(self, row: int) -> None:
        """Compute every folded sum anew, in this row of its window."""
        for fold in self.program.folds:
            state = self.rows(fold.state)[row + fold.state.history]
            self.rows(fold.sum)[row] = self._scaled[fold.coupling].dot(state)

    def setup(self) -> None:
        """Compute what depends on parameters alone; weights times gains first."""
        for index, gain in enumerate(self.program.gains):
            old, new = self.weights[index], self._scaled[index]
            if isinstance(old, Product):
                old.scaled_into(new, self.rows(gain)[0, 0])
            elif isinstance(old, np.ndarray):
                np.multiply(old, self.rows(gain)[0, 0], out=new)
            else:
                np.multiply(old.data, self.rows(gain)[0, 0], out=new.data)
        with np.errstate(all="ignore"):
            self._setup()
        too_many = any(float(mean.max()) > LARGEST_MEAN for mean in self._counted)
        if too_many or any(not _is_one_number(row) for row in self._as_numbers.values()):
            self._wanted, wanted = None, self._wanted
            self.want(wanted or ())

    def roll(self) -> None:
        """Move the last rows of every window to its front."""
        for slot in self.program.slots:
            if slot.role == "window":
                rows = self.rows(slot)
                rows[: slot.history + 1] = rows[self.program.span :]

    def _effects(self, stores: Sequence[SpikeStore]) -> Effects:
        program, held = self.program, self._scaled
        plans = [c.plan for c in program.couplings]
        return Effects(
            stores,
            [make_delivery(stores[d.source], d, plans[d.coupling], held[d.coupling]) for d in program.deliveries],
            self.arrivals,
            program.arrivals,
            [make_fold(plans[f.coupling], held[f.coupling]) for f in program.folds],
            [f.source for f in program.folds],
        )

    def want(self, variables: Collection[str]) -> bool:
        """Write the code that computes the states and these variables, and nothing else; say whether it changed."""
        wanted = frozenset(variables)
        if wanted == self._wanted:
            return False
        self._wanted = wanted
        program = self.program
        live = live_instructions(program, wanted)
        block = [i for i in program.sections["block"] if i in live]
        step = [i for i in program.sections["step"] if i in live]
        self._as_numbers = {
            slot: self.rows(slot)[0]
            for slot in program.slots
            if slot.role == "cell" and not slot.shared and _is_one_number(self.rows(slot)[0])
        }
        self.block, self.steps = self._code(block, step)
        return True


def _is_one_number(row: Rows) -> bool:
    """Whether all units have the same number, bit for bit."""
    return bool((row == row[0]).all())


def live_instructions(program: Program, wanted: frozenset[str]) -> set[Instruction]:
    """The instructions on which the states and the wanted variables depend."""
    needed = {program.variables[path].operand.slot.offset for path in wanted}
    live = set()
    for section in ("step", "block"):
        for instruction in reversed(program.sections[section]):
            if instruction.target.slot.role in ("window", "kept") or instruction.target.slot.offset in needed:
                live.add(instruction)
                needed.update(source.slot.offset for source in instruction.sources)
    return live
