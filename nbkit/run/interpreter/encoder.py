"""Owns the way from instructions to rows of numbers that the interpreter reads. Must not know networks.

An array outside the memory (weights, pointers of cells) is named by its address; `Code` keeps it alive.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from nbkit.compile.instructions import Instruction, Operand, Slot
from nbkit.compile.products import Product
from nbkit.compile.program import Program
from nbkit.model.functions import OPERATIONS
from nbkit.run.interpreter.counts import Counted
from nbkit.run.interpreter.pairs import Job, can_wait, paired
from nbkit.run.interpreter.printer import COLUMNS, NUMBERS
from nbkit.run.numpy_source import only_asks

Rows = npt.NDArray[np.uint64]

EMPTY: Mapping[Slot, Counted] = MappingProxyType({})

COLUMN = {name: number for number, name in enumerate(COLUMNS)}

#: weights: up to so many a whole block is multiplied by the interpreter, beyond by the library for linear algebra
SMALL_PRODUCT = 1024
#: weights at each step: beyond so many the library for linear algebra makes a step quicker
LARGE_PRODUCT = 2**16
#: units: longer rows are worked on a piece at a time, so that a piece stays in the nearest cache
PIECE = 1024

#: what NumPy does for whole blocks
LEFT_TO_NUMPY = ("step-number", "recorded", "normal", "uniform", "poisson")


def refusal(program: Program) -> str:
    """Why the interpreter cannot run a program, or nothing."""
    for instruction in program.sections["step"]:
        if instruction.operation == "couple" and isinstance(program.couplings[instruction.index].weights, Product):
            coupling = program.couplings[instruction.index]
            return f"{coupling.name} is a {coupling.plan} product at every step"
    for table in program.tables:
        if table.targets.dtype != np.int32:
            return f"the synapses of {table.source} need long numbers"
    return ""


def weights_at_each_step(program: Program) -> int:
    """Weights of the dense products that every step needs."""
    dense = [i.index for i in program.sections["step"] if i.operation == "couple"]
    return sum(program.couplings[i].weights.size for i in dense if program.couplings[i].plan == "dense")


def by_interpreter(program: Program, instruction: Instruction) -> bool:
    """Whether an instruction of a block is the interpreter's; the others are NumPy's."""
    if instruction.operation != "couple":
        return instruction.operation not in LEFT_TO_NUMPY
    coupling = program.couplings[instruction.index]
    return not isinstance(coupling.weights, Product) and not (
        coupling.plan == "dense" and coupling.weights.size > SMALL_PRODUCT
    )


@dataclass
class Code:
    """Rows of instructions, and the arrays that they name, by address."""

    rows: list[list[int]] = field(default_factory=list)
    arrays: dict[int, Any] = field(default_factory=dict)

    def add(self, operation: str, units: int, **columns: int) -> None:
        """Add an instruction."""
        row = [0] * len(COLUMNS)
        row[0], row[1] = NUMBERS[operation], units
        for name, value in columns.items():
            row[COLUMN[name]] = value
        self.rows.append(row)

    def address(self, array: Any) -> int:
        """The address of an array, which is kept."""
        found = int(array.ctypes.data)
        self.arrays[found] = array
        return found

    def array(self) -> Rows:
        """All rows, shape (instructions, columns)."""
        return np.array(self.rows, dtype=np.uint64).reshape(-1, len(COLUMNS))


def placed(name: str, operand: Operand) -> dict[str, int]:
    """The three columns that say where an operand is."""
    slot, width = operand.slot, operand.slot.width
    offset = slot.offset + operand.start
    if slot.role == "window":
        first = slot.history + operand.shift - operand.reach
        return {name: offset + first * width, f"{name}_STEP": width, f"{name}_BASE": width}
    return {name: offset, f"{name}_STEP": width if slot.role == "block" else 0}


class Encoder:
    """Encodes the instructions of one program.

    Args:
        program: what they belong to.
        weights: those of each coupling times its gain; dense ones by columns.
        numbers: cells whose units all have the same number: it is read as one.
        counts: rows of a block that hold Poisson counts as bytes, by their slot.
    """

    def __init__(
        self,
        program: Program,
        weights: Sequence[Any],
        numbers: Collection[Slot],
        counts: Mapping[Slot, Counted] = EMPTY,
    ) -> None:
        self.program, self.weights, self.numbers, self.counts = program, weights, numbers, counts
        self.code = Code()
        self._gathered: set[int] = set()
        self._waiting: list[Job] = []
        self._asked: Job | None = None

    def block(self, instructions: Sequence[Instruction]) -> Code:
        """Instructions that are carried out for whole blocks."""
        for instruction in instructions:
            if instruction.operation == "couple":
                self._couple(instruction)
            else:
                self._elementwise(self._job(instruction), 0, instruction.target.length, whole=True)
        return self.code

    def step(self, instructions: Sequence[Instruction]) -> Code:
        """Instructions that are carried out at every step; long rows a piece at a time."""
        for number, instruction in enumerate(instructions):
            if only_asks(instructions[number:]):
                self._flush()
                self._asked = self._job(instruction)
                continue
            if instruction.operation in _BY_NAME:
                self._flush()
                _BY_NAME[instruction.operation](self, instruction)
                continue
            if instruction.operation == "synapses":
                self._gather(instruction)
            if self._waiting and self._waiting[0].target.length != instruction.target.length:
                self._flush()
            self._wait(self._job(instruction), instructions[number + 1 :])
        self._flush()
        return self.code

    def _wait(self, job: Job, later: Sequence[Instruction]) -> None:
        """Let a job wait, as one with an earlier one where that can be done as late as this."""
        for place in reversed(range(len(self._waiting))):
            both = paired(self._waiting[place], job, later)
            if both is not None and can_wait(self._waiting[place], self._waiting[place + 1 :]):
                del self._waiting[place]
                job = both
                break
        self._waiting.append(job)

    def _flush(self) -> None:
        """Encode the instructions of one length that wait, all of them for a piece of the units, then for the next."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        units = waiting[0].target.length
        for begin in range(0, units, PIECE):
            size = min(PIECE, units - begin)
            for job in waiting:
                if job.operation in _BY_PIECE:
                    _BY_PIECE[job.operation](self, job, begin, size)
                else:
                    self._elementwise(job, begin, size, whole=False)

    def _is_number(self, operand: Operand) -> bool:
        return operand.slot.shared or operand.slot in self.numbers

    def _job(self, instruction: Instruction) -> Job:
        form = "" if instruction.operation in _BY_PIECE else self._form(instruction)
        return Job(instruction.operation, instruction.target, instruction.sources, form, instruction.index)

    def _form(self, instruction: Instruction) -> str:
        """Which sources are a number for each unit."""
        if instruction.target.length == 1:
            return "v" * len(instruction.sources)
        form = "".join("s" if self._is_number(s) else "v" for s in instruction.sources)
        if form == "ss":  # all units have the same number, which stands there for each of them
            return "sv" if instruction.sources[0].slot.shared else "vs"
        return "v" if form == "s" and instruction.operation != "copy" else form

    def _elementwise(self, job: Job, begin: int, units: int, *, whole: bool) -> None:
        columns = placed("TARGET", job.target)
        for name, source, kind in zip("ABC", job.sources, job.form, strict=False):
            columns |= placed(name, source)
            columns[name] += begin if kind == "v" else 0
        columns["TARGET"] += begin
        rows = [columns["TARGET_STEP"] == units]
        rows += [
            columns[f"{name}_STEP"] == (units if kind == "v" else 0)
            for name, kind in zip("ABC", job.form, strict=False)
        ]
        self.code.add(f"{job.operation}_{job.form}", units, WHOLE=int(whole and all(rows)), **columns)

    # ------------------------------------------------------------ products

    def _couple(self, instruction: Instruction) -> None:
        weights = self.weights[instruction.index]
        columns = placed("TARGET", instruction.target) | placed("A", instruction.sources[0])
        columns["OTHER"] = weights.shape[1]
        plan = self.program.couplings[instruction.index].plan
        if plan in ("dense", "uniform"):
            columns["X"] = self.code.address(weights)
            self.code.add(plan, weights.shape[0], **columns)
            return
        wide = self._entries(columns, weights)
        self.code.add(f"sparse_{wide}", weights.shape[0], **columns)

    def _entries(self, columns: dict[str, int], weights: Any) -> int:
        """Name the entries of a sparse matrix; say how wide its numbers are."""
        columns["X"] = self.code.address(weights.data)
        columns["Y"], columns["Z"] = self.code.address(weights.indices), self.code.address(weights.indptr)
        return 64 if weights.indices.dtype == np.int64 else 32

    # ------------------------------------------------------------ spikes

    def _spike(self, instruction: Instruction) -> None:
        mask, asked, self._asked = instruction.sources[0], self._asked, None
        if asked is None:
            self.code.add("spike", mask.length, OTHER=instruction.index, **placed("A", mask))
            return
        columns = placed("A", asked.sources[0]) | placed("B", asked.sources[1])
        name = f"spike_{asked.operation}_{asked.form}"
        self.code.add(name, mask.length, OTHER=instruction.index, **columns)

    def _change(self, instruction: Instruction) -> None:
        value = instruction.sources[1]
        columns = placed("TARGET", instruction.target) | placed("A", value)
        self.code.add(
            instruction.operation,
            instruction.target.length,
            OTHER=instruction.index,
            BY=int(not value.slot.shared),
            **columns,
        )

    def _hold(self, instruction: Instruction) -> None:
        columns = placed("TARGET", instruction.target) | placed("A", instruction.sources[0])
        self.code.add("hold", instruction.target.length, OTHER=instruction.index, **columns)

    def _arrive(self, job: Job, begin: int, units: int) -> None:
        value = job.sources[0]
        if value.slot in self.counts:
            self._arrive_counts(self.counts[value.slot], job.target, begin, begin + units)
            return
        columns, by = placed("TARGET", job.target) | placed("A", value), int(value.length == job.target.length)
        columns["TARGET"] += begin
        columns["A"] += begin * by
        self.code.add("arrive", units, BY=by, **columns)

    def _arrive_counts(self, counted: Counted, target: Operand, begin: int, end: int) -> None:
        rows = {"X": self.code.address(counted.rows), "OTHER": counted.rows.shape[1]}
        for _, start, size in counted.draw.segments:
            first, last = max(begin, start), min(end, start + size)
            if first < last:
                columns = placed("TARGET", target) | placed("A", counted.weight) | rows
                columns["TARGET"] += first
                columns["A"] += 0 if counted.weight.slot.shared else start
                self.code.add("arrive_counts", last - first, FIRST=first, **columns)

    def _deliver(self, instruction: Instruction) -> None:
        delivery = self.program.deliveries[instruction.index]
        columns = placed("TARGET", instruction.target)
        columns |= {"OTHER": delivery.source, "DELAY": delivery.steps, "FIRST": delivery.start, "SIZE": delivery.size}
        self._columns("deliver", delivery.coupling, instruction, columns)

    def _fold(self, instruction: Instruction) -> None:
        fold, amount = self.program.folds[instruction.index], instruction.sources[1]
        columns = placed("TARGET", instruction.target) | placed("A", amount)
        columns |= {"OTHER": fold.source, "SIZE": self.program.spikes[fold.source].size}
        columns["BY"] = int(not amount.slot.shared)
        self._columns("fold", fold.coupling, instruction, columns)

    def _columns(self, operation: str, coupling: int, instruction: Instruction, columns: dict[str, int]) -> None:
        """An instruction that adds columns of weights."""
        plan, weights = self.program.couplings[coupling].plan, self.weights[coupling]
        columns["TWIN"] = int(plan == "one-to-one")
        form = "dense" if plan == "dense" else "alike"
        if plan == "sparse":
            form = f"sparse_{self._entries(columns, weights)}"
        else:
            columns["X"] = self.code.address(weights)
        self.code.add(f"{operation}_{form}", instruction.target.length, **columns)

    def _synapses(self, job: Job, begin: int, units: int) -> None:
        arrival = self.program.arrivals[job.index]
        columns = placed("TARGET", job.target)
        columns["TARGET"] += begin
        self.code.add("synapses", units, OTHER=arrival.table, FIRST=arrival.start + begin, **columns)

    def _gather(self, instruction: Instruction) -> None:
        """Sum what a table brings before anything reads it; nothing that waits has to do with it."""
        table = self.program.arrivals[instruction.index].table
        if table not in self._gathered:
            self._gathered.add(table)
            self.code.add("gather", 1, OTHER=table)


_BY_NAME: dict[str, Callable[[Encoder, Instruction], None]] = {
    "couple": Encoder._couple,  # noqa: SLF001  one file
    "spike": Encoder._spike,  # noqa: SLF001
    "assign": Encoder._change,  # noqa: SLF001
    "increase": Encoder._change,  # noqa: SLF001
    "hold": Encoder._hold,  # noqa: SLF001
    "deliver": Encoder._deliver,  # noqa: SLF001
    "fold": Encoder._fold,  # noqa: SLF001
}

#: what adds to a row unit by unit, and so waits with the elementwise operations
_BY_PIECE: dict[str, Callable[[Encoder, Job, int, int], None]] = {
    "arrive": Encoder._arrive,  # noqa: SLF001
    "synapses": Encoder._synapses,  # noqa: SLF001
}


def is_known(operation: str) -> bool:
    """Whether the interpreter has an operation."""
    row = OPERATIONS.get(operation)
    return operation in ("copy", *_BY_NAME, *_BY_PIECE) or (row is not None and bool(row.numpy))
