"""Owns the one intermediate form: slots of memory, operands, instructions. Must not know networks or backends.

All numbers of a simulation live in one flat memory. A slot is a named stretch of it:

- a ``cell`` holds one row that stays: a parameter, a constant, or something made of them;
- a ``kept`` slot holds one row that the steps themselves change, such as who is refractory until when;
- a ``scratch`` holds one row that each step overwrites;
- a ``block`` holds one row for each step of a block: ``address = offset + step * width``;
- a ``window`` holds the past and the future of a state: ``history`` rows before the block, then the
  block's own. History, delay buffer and recording are the same rows.

Windows do not move at each block. Their ``base`` advances by a block until the rows end; then the
last ``history + 1`` rows are copied to the front.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["cell", "kept", "scratch", "block", "window"]
Section = Literal["setup", "block", "step"]
Phase = Literal["prepare", "detect", "emit", "gather", "remember", "advance", "deliver", "hold", "reset"]

SECTIONS: tuple[Section, ...] = ("setup", "block", "step")

#: phase -> what it does, for the listing
PHASES: dict[Phase, str] = {
    "prepare": "what depends on parameters alone",
    "detect": "which units spike, by the present sample",
    "emit": "outputs that follow from the present state",
    "gather": "inputs: delayed sources through their weights, and stimuli",
    "remember": "values that others will read after a delay",
    "advance": "the state moves from sample k to k+1",
    "deliver": "spikes that arrive at k+1 add their weights",
    "hold": "refractory units stay where they are",
    "reset": "units that spike are reset",
}

#: operations beside those of the function table
SPECIAL = ("copy", "couple", "propagator", "step-number", "recorded", "normal", "uniform", "poisson")

#: operations that change what is already there; their index names a spike source, a delivery or a fold
EFFECTS = ("spike", "assign", "increase", "hold", "deliver", "synapses", "fold", "arrive")


@dataclass(frozen=True)
class Slot:
    """A named stretch of memory; ``shared`` rows hold one number for all units."""

    name: str
    role: Role
    offset: int
    width: int
    rows: int = 1
    history: int = 0
    shared: bool = False

    @property
    def size(self) -> int:
        """Numbers in the slot."""
        return self.rows * self.width


@dataclass(frozen=True)
class Operand:
    """Where an instruction reads or writes: a slot, moved by ``shift`` steps, from ``start`` for ``width`` numbers.

    With a ``reach`` it is whole rows: that of this step and so many before it, the earliest first.
    """

    slot: Slot
    shift: int = 0
    start: int = 0
    width: int = 0
    reach: int = 0

    @property
    def length(self) -> int:
        """Numbers that an instruction meets at one step."""
        return (self.width or self.slot.width) * (self.reach + 1)

    def row(self, base: int, step: int) -> int:
        """Row of the slot at a step of the block."""
        if self.slot.role == "window":
            return base + self.slot.history + step + self.shift
        return step if self.slot.role == "block" else 0

    def __str__(self) -> str:
        name = self.slot.name
        if self.slot.role == "window":
            name += "[" + (f"k{self.shift - self.reach:+d}..." if self.reach else "")
            name += "k]" if not self.shift else f"k{self.shift:+d}]"
        if self.width and self.width != self.slot.width:
            name += f"({self.start}:{self.start + self.width})"
        return name


@dataclass(frozen=True)
class Instruction:
    """``target = operation(sources)``, in a phase of a section, with the source text that it came from.

    ``index`` names the coupling or recorded array that ``couple`` and ``recorded`` use.
    """

    operation: str
    target: Operand
    sources: tuple[Operand, ...]
    section: Section
    phase: Phase
    text: str = ""
    index: int = -1
