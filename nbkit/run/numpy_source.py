"""Owns the writing of NumPy source from instructions. Must not know the network, nor who runs the source.

The source holds generated names only: ``v0``, ``v1`` ... for arrays, ``x0``, ``x1`` ... for the rows of one
step, and NumPy's functions. No text of a user ever reaches it. Rows of an ensemble have an axis more, one number for
each of its points.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from nbkit.compile.instructions import EFFECTS, Instruction, Operand, Slot
from nbkit.compile.program import Arrival
from nbkit.model.functions import COMPARE, OPERATIONS
from nbkit.run.sparse import product_into
from nbkit.run.spikes import Deliver, Fold, SpikeStore

if TYPE_CHECKING:
    from nbkit.run.arrivals import Arrivals

Rows = npt.NDArray[np.floating[Any]]


class Writer:
    """Collects names and lines of one function.

    Args:
        rows: slot -> all its rows, shape (rows, width), or (rows, width, points).
        block: steps in a block.
        numbers: cells whose units all have the same number: it is read as one.

    Attributes:
        settled: whether cells hold their numbers already.
    """

    def __init__(self, rows: Callable[[Slot], Rows], block: int, numbers: Collection[Slot] = ()) -> None:
        self.rows, self.block, self.numbers = rows, block, numbers
        self.settled = True
        self.names: dict[str, Any] = {}
        self._known: dict[object, str] = {}

    def bind(self, key: object, value: Any, letter: str = "v") -> str:
        """A name for a value; the same for the same key."""
        if key not in self._known:
            self._known[key] = f"{letter}{len(self._known)}"
            self.names[self._known[key]] = value
        return self._known[key]

    def call(self, operation: str, sources: Sequence[str], target: str) -> str:
        """A line that calls a NumPy function."""
        if operation == "copy":
            self.names["copyto"] = np.copyto
            return f"copyto({target}, {sources[0]})"
        name = OPERATIONS[operation].numpy
        self.names[name] = getattr(np, name)
        out = f"out={target}" if name in ("minimum", "maximum") else target  # these two want it by name
        return f"{name}({', '.join([*sources, out])})"

    def finish(self, head: str, body: Sequence[str]) -> Any:
        """Make the function. Its names are arguments of a factory, so that each is a fast local."""
        indented = "\n".join(f"        {line}" for line in body) or "        pass"
        source = f"def factory({', '.join(self.names)}):\n    def run({head}):\n{indented}\n    return run"
        space: dict[str, Any] = {"__builtins__": {"zip": zip}}
        exec(compile(source, "<nbkit program>", "exec"), space)  # noqa: S102  generated names only
        return space["factory"](**self.names)

    def _columns(self, operand: Operand) -> Rows:
        rows = self.rows(operand.slot)
        if operand.reach:  # row r here begins at row r of the slot, and goes on to row r + reach
            return sliding_window_view(rows.reshape(-1), operand.length)[:: operand.slot.width]
        return rows[:, operand.start : operand.start + operand.length]

    # ------------------------------------------------------------ rows that stay

    def still(self, operand: Operand, *, as_row: bool = False) -> str:
        """A cell or scratch row; one number for all units is a zero-dimensional array, the fastest form."""
        row = self._columns(operand)[0]
        if self.is_number(operand) and not as_row:
            return self.bind((operand, "number"), self._one_number(operand, row))
        return self.bind((operand, "row"), row)

    def _one_number(self, operand: Operand, row: Rows) -> Rows:
        """The number that all units share: zero-dimensional, or (1, points) where points may differ."""
        if row.ndim == 1 or (self.settled and operand.slot.role == "cell" and (row[0] == row[0, 0]).all()):
            return row[(slice(0, 1),) * row.ndim].reshape(())
        return row[:1]

    def is_number(self, operand: Operand) -> bool:
        """Whether an operand is one number for all units."""
        return operand.slot.shared or operand.slot in self.numbers

    # ------------------------------------------------------------ whole blocks

    def whole(self, operand: Operand) -> str:
        """All rows of a block, shape (block, width)."""
        if operand.slot.role == "window":
            name = self.bind((operand.slot, operand.start, operand.length), self._columns(operand))
            first = operand.slot.history + operand.shift
            return f"{name}[base + {first}:base + {first + self.block}]"
        if operand.slot.role == "block":
            return self.bind((operand, "whole"), self._columns(operand))
        return self.still(operand)

    # ------------------------------------------------------------ rows of one step

    def moving(self, operand: Operand) -> str:
        """What to iterate over to meet the operand's row at each step from ``begin`` to ``end``."""
        if operand.slot.role == "window":
            name = self.bind((operand.slot, operand.start, operand.length), self._columns(operand))
            first = operand.slot.history + operand.shift - operand.reach
            return f"{name}[base + {first} + begin:base + {first} + end]"
        rows = self._columns(operand)
        if operand.slot.shared:
            return self.bind((operand, "numbers"), [row.reshape(row.shape[1:]) for row in rows]) + "[begin:end]"
        return self.bind((operand, "whole"), rows) + "[begin:end]"


def write_once(
    rows: Callable[[Slot], Rows],
    instructions: Sequence[Instruction],
    weights: Sequence[Any],
    propagate: Callable[..., None],
) -> Any:
    """A function that runs instructions on cells: ``run()``; ``propagate`` makes the numbers of propagators."""
    writer = Writer(rows, 1)
    writer.settled = False
    body = []
    for instruction in instructions:
        sources = [writer.still(s) for s in instruction.sources]
        target = writer.still(instruction.target)
        if instruction.operation == "propagator":
            called = writer.bind("propagate", propagate)
            body.append(f"{called}({', '.join([str(instruction.index), target, *sources])})")
        elif instruction.operation == "couple":
            body.append(
                _product(writer, instruction, sources[0], writer.still(instruction.target, as_row=True), weights)
            )
        else:
            body.append(writer.call(instruction.operation, sources, target))
    return writer.finish("", body)


def write_block(
    rows: Callable[[Slot], Rows],
    instructions: Sequence[Instruction],
    weights: Sequence[Any],
    fetch: Mapping[tuple[str, int], Callable[..., None]],
    block: int,
    *,
    numbers: Collection[Slot] = (),
) -> Any:
    """A function that runs instructions for a whole block: ``run(base, first_step)``."""
    writer = Writer(rows, block, numbers)
    body = []
    for instruction in instructions:
        sources, target = [writer.whole(s) for s in instruction.sources], writer.whole(instruction.target)
        match instruction.operation:
            case "couple":
                body.append(_block_product(writer, instruction.index, sources[0], target, weights))
            case "step-number":
                steps = np.arange(block, dtype=np.float64).reshape(-1, *[1] * (rows(instruction.target.slot).ndim - 1))
                numbered = writer.bind("numbers", steps)
                body.append(writer.call("add", [numbered, "first_step"], target))
            case "recorded" | "normal" | "uniform" | "poisson" as kind:
                called = writer.bind((kind, instruction.index), fetch[kind, instruction.index])
                body.append(f"{called}({', '.join(['first_step', target, *sources])})")
            case operation:
                body.append(writer.call(operation, sources, target))
    return writer.finish("base, first_step", body)


@dataclass(frozen=True)
class Effects:
    """What a step calls when spikes matter: stores, deliveries and folds, by number."""

    stores: Sequence[SpikeStore]
    deliveries: Sequence[Deliver]
    arrivals: Sequence[Arrivals]
    stretches: Sequence[Arrival]
    folds: Sequence[Fold]
    sources_of_folds: Sequence[int]


class _StepWriter(Writer):
    """Writes the loop over the steps of a block."""

    def __init__(self, base: Writer, weights: Sequence[Any], effects: Effects) -> None:
        super().__init__(base.rows, base.block, base.numbers)
        self.weights, self.effects = weights, effects
        self.loop: dict[Operand, str] = {}
        self.gathered: set[int] = set()
        self.masks: dict[Operand, npt.NDArray[np.bool_]] = {}

    def row(self, operand: Operand, *, as_row: bool = False) -> str:
        """The name of an operand's row at the present step."""
        if operand.slot.role in ("cell", "kept", "scratch"):
            return self.still(operand, as_row=as_row)
        return self.loop.setdefault(operand, f"x{len(self.loop)}")

    def lines(self, instruction: Instruction) -> list[str]:  # noqa: PLR0911  one return per operation
        """The lines that do what an instruction says."""
        sources = [self.row(s) for s in instruction.sources]
        operation, index = instruction.operation, instruction.index
        if operation == "couple":
            return [_product(self, instruction, sources[0], self.row(instruction.target, as_row=True), self.weights)]
        if operation not in EFFECTS:
            return [self.call(operation, sources, self.row(instruction.target))]
        if operation == "spike":
            mask = self.masks.pop(instruction.sources[0], self._row_of(instruction.sources[0]))
            nonzero = self.bind(("nonzero", index), mask.nonzero)
            fire = self.bind(("fire", index), self.effects.stores[index].fire)
            return [f"k{index} = {nonzero}()[0]", f"if k{index}.size:", f"    {fire}(step, k{index})"]
        target = self.row(instruction.target)
        if operation == "arrive":
            return [self.call("add", [target, sources[0]], target)]
        if operation == "synapses":
            return self._arrivals(self.effects.stretches[index], target)
        if operation == "deliver":
            return [f"{self.bind((operation, index), self.effects.deliveries[index])}(step, {target})"]
        if operation == "hold":
            return self._hold(instruction, sources, target)
        if operation == "fold":
            source = self.effects.sources_of_folds[index]
            add = self.bind((operation, index), self.effects.folds[index])
            return [f"if k{source}.size:", f"    {add}(k{source}, {target}, {sources[1]})"]
        value = sources[1] if self.is_number(instruction.sources[1]) else f"{sources[1]}[k{index}]"
        sign = "+=" if operation == "increase" else "="
        return [f"if k{index}.size:", f"    {target}[k{index}] {sign} {value}"]

    def test(self, instruction: Instruction) -> list[str]:
        """The line of a comparison that only asks who spikes: its answers need no numbers."""
        answers = np.zeros(instruction.target.length, dtype=bool)
        self.masks[instruction.target] = answers
        sources = [self.row(s) for s in instruction.sources]
        return [self.call(instruction.operation, sources, self.bind(("answers", instruction.target), answers))]

    def _row_of(self, operand: Operand) -> Rows:
        row: Rows = self._columns(operand)[0]
        return row

    def _arrivals(self, stretch: Arrival, target: str) -> list[str]:
        """Lines that gather what a table brings, when it is first met in a step, and add a stretch of it."""
        table = stretch.table
        made = self.effects.arrivals[table]
        sums = self.bind(("sums", stretch), made.sums[stretch.start : stretch.start + stretch.size])
        first = [] if table in self.gathered else [f"g{table} = {self.bind(('gather', table), made.gather)}(step)"]
        self.gathered.add(table)
        return [*first, f"if g{table}:", f"    {self.call('add', [target, sums], target)}"]

    def _hold(self, instruction: Instruction, sources: Sequence[str], target: str) -> list[str]:
        store = self.effects.stores[instruction.index]
        if store.alike:
            held = self.bind(("held", instruction.index), store.held)
            return [
                f"h{instruction.index} = {held}(step)",
                f"if h{instruction.index} is not None:",
                f"    {target}[h{instruction.index}] = {sources[0]}[h{instruction.index}]",
            ]
        busy = self.bind(("busy", instruction.index), store.busy)
        until = self.bind(("until", instruction.index), store.until)
        mask = self.bind(("mask", instruction.index), np.zeros(store.source.size, dtype=bool))
        self.names |= {"greater": np.greater, "copyto": np.copyto}
        return [
            f"if step < {busy}[0]:",
            f"    greater({until}, step, {mask})",
            f"    copyto({target}, {sources[0]}, where={mask})",
        ]


def write_step(
    rows: Callable[[Slot], Rows],
    instructions: Sequence[Instruction],
    weights: Sequence[Any],
    effects: Effects,
    block: int,
    *,
    numbers: Collection[Slot] = (),
) -> Any:
    """A function that runs instructions step by step: ``run(base, begin, end, first_step)``."""
    writer = _StepWriter(Writer(rows, block, numbers), weights, effects)
    body: list[str] = []
    for number, instruction in enumerate(instructions):
        body += writer.test(instruction) if only_asks(instructions[number:]) else writer.lines(instruction)
    moving = [writer.moving(operand) for operand in writer.loop]
    names = list(writer.loop.values())
    if any(i.operation in EFFECTS for i in instructions):
        writer.names["range"] = range
        moving, names = ["range(first_step + begin, first_step + end)", *moving], ["step", *names]
    if not names:  # models without states: all is done for whole blocks
        return writer.finish("base, begin, end, first_step", [])
    head = f"for {', '.join(names)}, in zip({', '.join(moving)}):"
    return writer.finish("base, begin, end, first_step", [head, *(f"    {line}" for line in body)])


def only_asks(instructions: Sequence[Instruction]) -> bool:
    """Whether the first of these is a comparison that nothing reads but the next one, which notes spikes."""
    first = instructions[0]
    row = OPERATIONS.get(first.operation)
    if row is None or row.binds != COMPARE or len(instructions) < 2:
        return False
    if instructions[1].operation != "spike" or instructions[1].sources != (first.target,):
        return False
    for later in instructions[2:]:
        if later.operation not in EFFECTS and first.target in later.sources:
            return False
        if later.target == first.target:
            return True
    return True


def _product(writer: Writer, instruction: Instruction, source: str, target: str, weights: Sequence[Any]) -> str:
    held = weights[instruction.index]
    if isinstance(held, np.ndarray):
        return f"{writer.bind(('dot', instruction.index), held.dot)}({source}, {target})"
    return f"{writer.bind(('into', instruction.index), _into(held))}({source}, {target})"


def _block_product(writer: Writer, index: int, source: str, target: str, weights: Sequence[Any]) -> str:
    held = weights[index]
    if isinstance(held, np.ndarray):
        turned = writer.bind(("turned", index), held.T)
        return f"{writer.bind('matmul', np.matmul)}({source}, {turned}, {target})"
    return f"{writer.bind(('into', index), _into(held))}({source}, {target})"


def _into(held: Any) -> Callable[[Rows, Rows], None]:
    """What multiplies rows by weights that are no array."""
    made: Callable[[Rows, Rows], None] = held.into if hasattr(held, "into") else product_into(held)
    return made
