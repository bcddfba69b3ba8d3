"""Owns the writing of NumPy source from instructions. Must not know the network, nor who runs the source.

The source holds generated names only: ``v0``, ``v1`` ... for arrays, ``x0``, ``x1`` ... for the rows of one
step, and NumPy's functions. No text of a user ever reaches it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nbkit.compile.instructions import Instruction, Operand, Slot
from nbkit.model.functions import OPERATIONS

Rows = npt.NDArray[np.floating[Any]]


class Writer:
    """Collects names and lines of one function.

    Args:
        rows: slot -> all its rows, shape (rows, width).
        block: steps in a block.
    """

    def __init__(self, rows: Callable[[Slot], Rows], block: int) -> None:
        self.rows, self.block = rows, block
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
        return rows[:, operand.start : operand.start + operand.length]

    # ------------------------------------------------------------ rows that stay

    def still(self, operand: Operand, *, as_row: bool = False) -> str:
        """A cell or scratch row; one number for all units is a zero-dimensional array, the fastest form."""
        row = self._columns(operand)[0]
        if operand.slot.shared and not as_row:
            return self.bind((operand, "number"), row.reshape(()))
        return self.bind((operand, "row"), row)

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
            first = operand.slot.history + operand.shift
            return f"{name}[base + {first} + begin:base + {first} + end]"
        rows = self._columns(operand)
        if operand.slot.shared:
            return self.bind((operand, "numbers"), [row.reshape(()) for row in rows]) + "[begin:end]"
        return self.bind((operand, "whole"), rows) + "[begin:end]"


def write_once(rows: Callable[[Slot], Rows], instructions: Sequence[Instruction], weights: Sequence[Any]) -> Any:
    """A function that runs instructions on cells: ``run()``."""
    writer = Writer(rows, 1)
    body = []
    for instruction in instructions:
        sources = [writer.still(s) for s in instruction.sources]
        target = writer.still(instruction.target)
        if instruction.operation == "couple":
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
    recorded: Sequence[Callable[[int, Rows], None]],
    block: int,
) -> Any:
    """A function that runs instructions for a whole block: ``run(base, first_step)``."""
    writer = Writer(rows, block)
    body = []
    for instruction in instructions:
        sources, target = [writer.whole(s) for s in instruction.sources], writer.whole(instruction.target)
        match instruction.operation:
            case "couple":
                body.append(_block_product(writer, instruction.index, sources[0], target, weights))
            case "step-number":
                numbers = writer.bind("numbers", np.arange(block, dtype=np.float64)[:, None])
                body.append(writer.call("add", [numbers, "first_step"], target))
            case "recorded":
                body.append(
                    f"{writer.bind(('recorded', instruction.index), recorded[instruction.index])}(first_step, {target})"
                )
            case operation:
                body.append(writer.call(operation, sources, target))
    return writer.finish("base, first_step", body)


def write_step(
    rows: Callable[[Slot], Rows], instructions: Sequence[Instruction], weights: Sequence[Any], block: int
) -> Any:
    """A function that runs instructions step by step: ``run(base, begin, end)``."""
    writer = Writer(rows, block)
    loop: dict[Operand, str] = {}

    def row(operand: Operand, *, as_row: bool = False) -> str:
        if operand.slot.role in ("cell", "scratch"):
            return writer.still(operand, as_row=as_row)
        return loop.setdefault(operand, f"x{len(loop)}")

    body = []
    for instruction in instructions:
        sources = [row(s) for s in instruction.sources]
        if instruction.operation == "couple":
            body.append(_product(writer, instruction, sources[0], row(instruction.target, as_row=True), weights))
        else:
            body.append(writer.call(instruction.operation, sources, row(instruction.target)))
    moving = ", ".join(writer.moving(operand) for operand in loop)
    head = f"for {', '.join(loop.values())}, in zip({moving}):"
    return writer.finish("base, begin, end", [head, *(f"    {line}" for line in body)])


def _product(writer: Writer, instruction: Instruction, source: str, target: str, weights: Sequence[Any]) -> str:
    held = weights[instruction.index]
    dot = writer.bind(("dot", instruction.index), held.dot)
    if isinstance(held, np.ndarray):
        return f"{dot}({source}, {target})"
    writer.names["copyto"] = np.copyto
    return f"copyto({target}, {dot}({source}))"


def _block_product(writer: Writer, index: int, source: str, target: str, weights: Sequence[Any]) -> str:
    held = weights[index]
    if isinstance(held, np.ndarray):
        turned = writer.bind(("turned", index), held.T)
        return f"{writer.bind('matmul', np.matmul)}({source}, {turned}, {target})"
    writer.names["copyto"] = np.copyto
    return f"copyto({target}, {writer.bind(('dot', index), held.dot)}({source}.T).T)"
