"""Owns the printing of CUDA C++: pieces of a program as the kernels of one text. Must not know devices or arrays.

What differs between programs of one shape (numbers, weights, seeds) stands in device memory, so that it can change
without a new text. No text of a user ever reaches a kernel.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from nbkit.compile.instructions import Operand, Section
from nbkit.compile.program import Program, SpikeSource
from nbkit.model.functions import OPERATIONS
from nbkit.run.cuda.bodies import THREADS, member_product_body, product_body, scatter_body
from nbkit.run.cuda.pieces import OF_UNITS, Item, Piece

TYPES = {"float64": "double", "float32": "float"}

#: names of C whose treatment of numbers that are none is not NumPy's -> ours
OWN = {"fmin": "least", "fmax": "most"}


@dataclass(frozen=True)
class Kernel:
    """A kernel: its name, the blocks of a launch, and the arrays that it is handed, by name."""

    name: str
    blocks: int
    arrays: tuple[str, ...]


@dataclass
class Text:
    """The source of a program's kernels as it grows. ``types`` tells the C type of every array."""

    precision: str
    types: dict[str, str]
    parts: list[str] = field(default_factory=list)
    kernels: list[Kernel] = field(default_factory=list)

    def add(self, name: str, jobs: Sequence[tuple[int, str]], head: str = "") -> Kernel:
        """Add a kernel whose blocks share jobs among them: (blocks, what a block does)."""
        lines, first = [head], 0
        for blocks, body in jobs:
            lines.append(f"    if (blockIdx.x >= {first} && blockIdx.x < {first + blocks}) {{")
            lines.append(f"    const I block = (I)blockIdx.x - {first};\n{body}    }}")
            first += blocks
        return self.kernel(name, first, "\n".join(lines))

    def kernel(self, name: str, blocks: int, body: str) -> Kernel:
        """Add a kernel with this body; it is handed every array that the body names."""
        used = tuple(array for array in self.types if re.search(rf"\b{array}\b", body))
        arguments = ", ".join([f"{self.types[array]}{array}" for array in used])
        head = f"KERNEL {name}(const I *clock, I ahead{', ' if used else ''}{arguments}) {{\n"
        shared = "    SHARED F part[THREADS];\n" if "part[" in body else ""
        self.parts.append(f"{head}{shared}{body}\n}}\n")
        self.kernels.append(Kernel(name, blocks, used))
        return self.kernels[-1]

    def whole(self) -> str:
        """The text that a compiler is given."""
        return f"{common()}\ntypedef {TYPES[self.precision]} F;\n\n" + "\n".join(self.parts)


@cache
def common() -> str:
    """What every text begins with."""
    return (Path(__file__).parent / "common.cu").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Printing:
    """How pieces of a section become text.

    ``read_later`` are the slots that somebody else reads; ``draws`` tells where the keys of a draw begin; with
    ``loose`` sums are made in floating point, in any order; ``members`` tells that every block is a network of its own.
    """

    program: Program
    section: Section
    read_later: Collection[int]
    draws: Sequence[int]
    loose: bool = False
    members: bool = False

    def job(self, piece: Piece) -> tuple[int, str]:
        """Blocks of a piece, and what each of them does."""
        if piece.kind == "run":
            return self._run(piece)
        if piece.kind == "scatter":
            assert piece.scatter is not None
            source = self.program.spikes[piece.scatter.source]
            amount = None if piece.scatter.amount is None else place(piece.scatter.amount, f"u + {piece.scatter.first}")
            return scatter_body(piece.scatter, source, ring_rows(self.program, source), amount, loose=self.loose)
        item = piece.items[0]
        coupling = self.program.couplings[item.index]
        rows = self.program.block if self.section == "block" else None
        return (member_product_body if self.members else product_body)(
            coupling.plan, item.index, coupling.weights.shape, rows,
            source=lambda unit: place(item.sources[0], unit), target=place(item.target, "row"),
        )  # fmt: skip

    def _run(self, piece: Piece) -> tuple[int, str]:
        """Every thread makes all instructions for its unit, in its own registers; what others read is stored."""
        lines = _Unit(self, piece.length)
        for item in piece.items:
            lines.item(item)
        count = piece.length * (self.program.block if self.section == "block" else 1)
        if self.section == "block":
            where = f"const I s = i / {piece.length}, j = i % {piece.length}, step = clock[3] + s;"
        else:
            where = "const I j = i;"
        inside = "\n".join(f"            {line}" for line in [where, *lines.lines, *lines.stores()])
        body = f"        EACH {{ const I i = block * THREADS + thread; if (i < {count}) {{\n{inside}\n        }} }}\n"
        return -(-count // THREADS), body


def ring_rows(program: Program, source: SpikeSource) -> int:
    """Stamps whose spikes are kept: those on their way, and those of a block that nobody has collected yet."""
    longest = [d.steps for d in program.deliveries if d.source == source.number]
    longest += [t.delays for t in program.tables if t.source == source.stack.name]
    return max([1, *longest]) + program.block + 4


def place(operand: Operand, unit: str) -> str:
    """Where an operand's number for a unit stands; one number for all has no unit."""
    slot, width = operand.slot, operand.slot.width
    added = "" if operand.length == 1 else f" + {unit}"
    offset = f"{slot.offset + operand.start}LL"
    if slot.role == "window":
        first = slot.history + operand.shift - operand.reach
        return f"memory[{offset} + (base + s + {first}) * {width}{added}]"
    return f"memory[{offset} + s * {width}{added}]" if slot.role == "block" else f"memory[{offset}{added}]"


class _Unit:
    """The lines that one thread carries out for one unit."""

    def __init__(self, printing: Printing, length: int) -> None:
        self.printing, self.length = printing, length
        self.lines: list[str] = []
        self.names: dict[Operand, str] = {}
        self.written: dict[Operand, None] = {}

    def value(self, operand: Operand) -> str:
        """The name of a number, which is read when it is first met."""
        if operand not in self.names:
            self.names[operand] = f"x{len(self.names)}"
            self.lines.append(f"F {self.names[operand]} = {place(operand, 'j')};")
        return self.names[operand]

    def put(self, operand: Operand, value: str) -> None:
        """Give a number a value."""
        self.written[operand] = None
        if operand in self.names:
            self.lines.append(f"{self.names[operand]} = {value};")
        else:
            self.names[operand] = f"x{len(self.names)}"
            self.lines.append(f"F {self.names[operand]} = {value};")

    def item(self, item: Item) -> None:
        """Carry out an instruction."""
        if item.operation in _LINES:
            _LINES[item.operation](self, item)
            return
        assert item.operation not in OF_UNITS
        written = OPERATIONS[item.operation].c.format(*[self.value(s) for s in item.sources])
        self.put(item.target, f"(F){re.sub(r'[a-z]+(?=[(])', lambda m: OWN.get(m[0], m[0]), written)}")

    def stores(self) -> list[str]:
        """The lines that store what others read."""
        later = self.printing.read_later
        kept = [o for o in self.written if o.slot.role == "window" or o.slot.offset in later]
        return [f"{place(o, 'j')} = {self.names[o]};" for o in kept]

    # ------------------------------------------------------------ instructions beside the table

    def copy(self, item: Item) -> None:
        self.put(item.target, self.value(item.sources[0]))

    def number(self, item: Item) -> None:
        self.put(item.target, "(F)step")

    def free(self, item: Item) -> None:
        key = self.printing.draws[item.index]
        self.put(item.target, f"(F)draw_{item.operation}(keys[{key}], step, j)")

    def poisson(self, item: Item) -> None:
        """Counts by the table of the segment in which the unit stands, times their weight."""
        key, weight = self.printing.draws[item.index], self.value(item.sources[1])
        segments = self.printing.program.draws[item.index].segments
        self.lines.append(f"I g{key} = {key}, f{key} = 0;")
        self.lines += [
            f"if (j >= {start}) {{ g{key} = {key + n}; f{key} = {start}; }}"
            for n, (_, start, _) in enumerate(segments)
            if n
        ]
        count = f"draw_count(keys[g{key}], step, j - f{key}, below, places + 3 * g{key})"
        self.put(item.target, f"(F){count} * {weight}")

    def arrive(self, item: Item) -> None:
        self.put(item.target, f"{self.value(item.target)} + {self.value(item.sources[0])}")

    def sum(self, item: Item) -> None:
        """Add what spikes brought, and leave the row of sums empty for the next step."""
        assert item.sum is not None
        held, present = item.sum, self.value(item.target)
        name, read = held.scatter.name, "loose_of" if self.printing.loose else "whole_of"
        inside = f"j >= {held.start} && j < {held.start + held.size}"
        if held.scatter.plan == "uniform":  # all read one number; that of the next step is emptied meanwhile
            self.lines.append(f"if ({inside}) {present} += (F){read}(sum_{name}[step & 1], unit_{name}[1]);")
            self.lines.append(f"if (j == 0) sum_{name}[(step + 1) & 1] = 0;")
        else:
            at = f"sum_{name}[j - {held.start} + {held.offset}]"
            self.lines.append(f"if ({inside}) {{ {present} += (F){read}({at}, unit_{name}[1]); {at} = 0; }}")
        self.written[item.target] = None

    def spike(self, item: Item) -> None:
        """Take note of a spike; thread 0 makes the list of the next stamp ready."""
        source = self.printing.program.spikes[item.index]
        n, mask, rows = item.index, self.value(item.sources[0]), ring_rows(self.printing.program, source)
        self.lines += [
            f"const I stamp{n} = step + {int(source.at_end)};",
            f"if ({mask} != 0) {{",
            f"    const int last{n} = atomicAdd(&counts{n}[stamp{n} % {rows}], 1);",
            f"    units{n}[stamp{n} % {rows} * {source.size} + last{n}] = (int)j;",
            f"    until{n}[j] = step + 1 + refractory{n}[j];",
            "}",
            f"if (j == 0) counts{n}[(stamp{n} + 1) % {rows}] = 0;",
        ]

    def assign(self, item: Item) -> None:
        self._where(item, f"{self.value(item.sources[0])} != 0", self.value(item.sources[1]))

    def increase(self, item: Item) -> None:
        added = f"{self.value(item.target)} + {self.value(item.sources[1])}"
        self._where(item, f"{self.value(item.sources[0])} != 0", added)

    def hold(self, item: Item) -> None:
        self._where(item, f"until{item.index}[j] > step", self.value(item.sources[0]))

    def _where(self, item: Item, condition: str, value: str) -> None:
        present = self.value(item.target)
        self.lines.append(f"if ({condition}) {present} = {value};")
        self.written[item.target] = None


_LINES: dict[str, Callable[[_Unit, Item], None]] = {
    "copy": _Unit.copy,
    "step-number": _Unit.number,
    "normal": _Unit.free,
    "uniform": _Unit.free,
    "poisson": _Unit.poisson,
    "arrive": _Unit.arrive,
    "sum": _Unit.sum,
    "spike": _Unit.spike,
    "assign": _Unit.assign,
    "increase": _Unit.increase,
    "hold": _Unit.hold,
}
