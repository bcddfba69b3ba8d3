"""Owns the cutting of instructions into pieces of work, and their order: what may run side by side does.

A piece is a run of instructions on the units of one length (a thread makes all of them for its unit), a product, the
spikes that set out through weights, or something that a library or the processor does. Pieces that touch nothing in
common stand in one level; a level is one launch. Must not know how kernels are printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from nbkit.compile.instructions import Instruction, Operand, Section
from nbkit.compile.products import Product
from nbkit.compile.program import Program

Kind = Literal["run", "product", "scatter", "library", "fetch"]

#: what a thread does for its own unit, beside the operations of the table
OF_UNITS = ("copy", "step-number", "normal", "uniform", "poisson", "spike", "assign", "increase", "hold", "arrive")


@dataclass(frozen=True)
class Touch:
    """A stretch that a piece reads or writes: rows ``first`` to ``last`` of something, units from ``start`` on.

    ``own`` is what a thread meets of it, where that is its own unit's number alone.
    """

    key: object
    first: int
    last: int
    start: int
    length: int
    own: Operand | None = None

    def meets(self, other: Touch) -> bool:
        """Whether two stretches have a number in common."""
        return (
            self.key == other.key
            and self.first <= other.last
            and other.first <= self.last
            and self.start < other.start + other.length
            and other.start < self.start + self.length
        )


@dataclass(frozen=True)
class Scatter:
    """Spikes that set out through weights, and the row of sums in which these meet, called ``name``.

    ``delays`` cells stand beside each other for each of ``units`` sources from ``first`` on; of ``steps`` delay where
    there is one alone; spikes of this very step where that is 0. ``amount`` multiplies what a spike brings.
    """

    name: str
    plan: str
    source: int
    first: int
    units: int
    width: int
    delays: int = 1
    steps: int = 0
    amount: Operand | None = None


@dataclass(frozen=True)
class Sum:
    """What a row of sums brings to units ``start`` to ``start + size``; it is read from ``offset`` on."""

    scatter: Scatter
    offset: int
    start: int
    size: int


@dataclass(frozen=True)
class Item:
    """An instruction of a run; with a `Sum` it adds what spikes brought."""

    operation: str
    target: Operand
    sources: tuple[Operand, ...]
    index: int = -1
    sum: Sum | None = None


@dataclass
class Piece:
    """A piece of work; ``length`` units, ``level`` in the order of launches."""

    kind: Kind
    length: int
    items: list[Item] = field(default_factory=list)
    reads: list[Touch] = field(default_factory=list)
    writes: list[Touch] = field(default_factory=list)
    scatter: Scatter | None = None
    level: int = 0

    def follows(self, other: Piece) -> bool:
        """Whether it must wait until another one is done."""
        return any(w.meets(t) for w in self.writes for t in (*other.reads, *other.writes)) or any(
            r.meets(w) for r in self.reads for w in other.writes
        )

    def takes(self, other: Piece) -> bool:
        """Whether a run may go on with another one: every thread then meets its own numbers alone."""
        if self.kind != "run" or other.kind != "run" or self.length != other.length:
            return False
        pairs = [(w, t) for w in other.writes for t in (*self.reads, *self.writes)]
        pairs += [(r, w) for r in other.reads for w in self.writes]
        return all(a.own is not None and a.own == b.own for a, b in pairs if a.meets(b))

    def add(self, other: Piece) -> None:
        """Go on with another run."""
        self.items += other.items
        self.reads += other.reads
        self.writes += other.writes


def pieces(program: Program, section: Section, instructions: Iterable[Instruction]) -> list[Piece]:
    """The pieces of a section, each with its level, in an order in which they may run."""
    found: list[Piece] = []
    for instruction in instructions:
        for piece in _Reader(program, section, found).read(instruction):
            _join(found, piece)
    for number, piece in enumerate(found):
        before = [other.level for other in found[:number] if piece.follows(other)]
        piece.level = 1 + max(before, default=-1)
    return sorted(found, key=lambda piece: piece.level)


def _join(found: list[Piece], piece: Piece) -> None:
    """Let the last run that may do so go on with a run; put another piece where it first may stand."""
    place = 1 + max((n for n, other in enumerate(found) if piece.follows(other)), default=-1)
    if piece.kind != "run":
        found.insert(place, piece)
        return
    joined = [n for n, other in enumerate(found) if other.takes(piece) and n >= place - 1]
    if joined:
        found[joined[-1]].add(piece)
    else:
        found.append(piece)


class _Reader:
    """Reads instructions of one section into pieces; ``found`` are those before."""

    def __init__(self, program: Program, section: Section, found: Sequence[Piece]) -> None:
        self.program, self.section = program, section
        self.sent = {piece.scatter.name for piece in found if piece.scatter}

    def read(self, instruction: Instruction) -> list[Piece]:
        """The pieces of one instruction."""
        match instruction.operation:
            case "couple":
                return [self._couple(instruction)]
            case "recorded":
                made = Piece("fetch", instruction.target.length, [_item(instruction)])
                made.writes.append(self._touch(instruction.target))
                return [made]
            case "deliver":
                delivery = self.program.deliveries[instruction.index]
                plan, width = self._weights(delivery.coupling)
                scatter = Scatter(
                    f"delivery{instruction.index}", plan, delivery.source, delivery.start, delivery.size, width,
                    steps=delivery.steps,
                )  # fmt: skip
                return self._sent(instruction, scatter, 0, instruction.target.start, instruction.target.length)
            case "fold":
                fold = self.program.folds[instruction.index]
                plan, width = self._weights(fold.coupling)
                units = self.program.spikes[fold.source].size
                name = f"fold{instruction.index}"
                scatter = Scatter(name, plan, fold.source, 0, units, width, amount=instruction.sources[1])
                return self._sent(instruction, scatter, 0, instruction.target.start, instruction.target.length)
            case "synapses":
                arrival = self.program.arrivals[instruction.index]
                table = self.program.tables[arrival.table]
                scatter = Scatter(
                    f"table{arrival.table}", "table", arrival.source, table.first, table.units, table.width,
                    delays=table.delays,
                )  # fmt: skip
                return self._sent(instruction, scatter, arrival.start, instruction.target.start, arrival.size)
            case _:
                return [self._run(_item(instruction), instruction.target.length)]

    def _weights(self, coupling: int) -> tuple[str, int]:
        held = self.program.couplings[coupling]
        return held.plan, 2 if held.plan == "uniform" else int(held.weights.shape[0])

    def _couple(self, instruction: Instruction) -> Piece:
        """A product: a kernel's at each step and where weights are few, a library's else."""
        coupling = self.program.couplings[instruction.index]
        whole = isinstance(coupling.weights, Product) or (self.section == "block" and coupling.plan == "dense")
        made = Piece("library" if whole else "product", instruction.target.length, [_item(instruction)])
        made.reads += [self._touch(s) for s in instruction.sources]
        made.writes.append(self._touch(instruction.target))
        return made

    def _sent(self, instruction: Instruction, scatter: Scatter, offset: int, start: int, size: int) -> list[Piece]:
        """The piece that sums what spikes bring, when it is first met, and a run that adds a stretch of it."""
        made = []
        if scatter.name not in self.sent:
            piece = Piece("scatter", scatter.units, scatter=scatter)
            piece.reads.append(Touch(("log", scatter.source), 0, 0, 0, 1))
            piece.reads += [self._touch(scatter.amount)] if scatter.amount else []
            piece.writes.append(Touch(("sum", scatter.name), 0, 0, 0, scatter.width))
            made.append(piece)
        whole = Operand(instruction.target.slot, instruction.target.shift)
        item = Item("sum", whole, (), sum=Sum(scatter, offset, start, size))
        return [*made, self._run(item, whole.length)]

    def _run(self, item: Item, length: int) -> Piece:
        """An instruction whose every thread meets one unit."""
        made = Piece("run", length, [item])
        made.reads += [self._touch(s, length) for s in item.sources]
        made.writes.append(self._touch(item.target, length))
        if item.sum is not None:
            held = item.sum
            made.writes.append(Touch(("sum", held.scatter.name), 0, 0, held.offset, held.size))
        if item.operation == "spike":
            made.writes.append(Touch(("log", item.index), 0, 0, 0, 1))
        return made

    def _touch(self, operand: Operand, length: int = 0) -> Touch:
        slot = operand.slot
        here = slot.role == "window" and self.section == "step"
        last = operand.shift if here else 0
        units = operand.width or slot.width
        own = operand if operand.length == length else None
        return Touch(slot.offset, last - operand.reach, last, operand.start, units, own)


def _item(instruction: Instruction) -> Item:
    return Item(instruction.operation, instruction.target, instruction.sources, instruction.index)
