"""Owns Poisson counts that stay counts until they arrive: bytes instead of rows of numbers. Must not know networks.

Where a block's Poisson numbers do nothing but arrive at a state, nobody needs them times their weight beforehand. Kept
as bytes they take a quarter or an eighth of the memory, and are weighed when they are added.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nbkit.compile.instructions import Instruction, Operand, Slot
from nbkit.compile.program import Draw, Program
from nbkit.run.noise import Noise
from nbkit.run.poisson import LARGEST_MEAN

Rows = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Counted:
    """The counts of a block, one byte each, shape (steps, units); one weight for each segment of the draw."""

    draw: Draw
    noise: Noise
    mean: Rows
    weight: Operand
    rows: npt.NDArray[np.uint8]

    def fill(self, _base: int, first_step: int) -> None:
        """Draw the counts of a block."""
        self.noise.counts(first_step, self.rows, self.mean)


def counted(
    program: Program,
    live: Collection[Instruction],
    rows: Callable[[Slot], Rows],
    noise: Callable[[int], Noise],
) -> dict[Slot, Counted]:
    """The Poisson numbers that need only arrive, by the slot that would hold them."""
    found = {}
    for instruction in program.sections["block"]:
        if instruction.operation == "poisson" and instruction in live and _only_arrives(instruction, live):
            mean, weight = instruction.sources
            held = rows(mean.slot)[0]
            if mean.slot.role == weight.slot.role == "cell" and float(held.max()) <= LARGEST_MEAN:
                draw = program.draws[instruction.index]
                counts = np.zeros((program.block, draw.size), dtype=np.uint8)
                mean_row = held.reshape(()) if mean.slot.shared else held
                found[instruction.target.slot] = Counted(draw, noise(instruction.index), mean_row, weight, counts)
    return found


def _only_arrives(instruction: Instruction, live: Collection[Instruction]) -> bool:
    """Whether all who read a value let it arrive, unit for unit."""
    value = instruction.target
    readers = [other for other in live if any(source.slot == value.slot for source in other.sources)]
    return all(
        other.operation == "arrive" and other.sources == (value,) and other.target.length == value.length
        for other in readers
    )
