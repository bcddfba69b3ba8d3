"""Owns the plan of a program on a card: the text of its kernels, and who is called when. Must not know devices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from nbkit.compile.instructions import Instruction, Section
from nbkit.compile.program import Program
from nbkit.run.cuda.pieces import Piece, Scatter, pieces
from nbkit.run.cuda.printer import Kernel, Printing, Text

#: what every kernel of a section knows of the time
_HEADS: dict[Section, str] = {
    "block": "    const I base = clock[0];",
    "step": "    const I base = clock[0], s = clock[1] + ahead, step = clock[2] + ahead;",
}

Call = Kernel | Piece


@dataclass(frozen=True)
class Plan:
    """The source of all kernels, and for each section what is called in turn: kernels, and pieces for the processor."""

    source: str
    kernels: tuple[Kernel, ...]
    block: tuple[Call, ...]
    step: tuple[Call, ...]
    scatters: tuple[Scatter, ...]

    @property
    def by_kernels(self) -> bool:
        """Whether a step is kernels alone, so that it can be captured and replayed."""
        return all(isinstance(call, Kernel) for call in self.step)


def make_plan(
    program: Program,
    precision: str,
    block: Sequence[Instruction],
    step: Sequence[Instruction],
    wanted: frozenset[str] = frozenset(),
    *,
    loose: bool = False,
) -> Plan:
    """The plan of some of a program's instructions; ``wanted`` are the variables that are read after a block."""
    cut = {"block": pieces(program, "block", block), "step": pieces(program, "step", step)}
    scatters = tuple(p.scatter for p in cut["step"] if p.scatter is not None)
    text = Text(precision, types_of(program, scatters))
    kept = {program.variables[path].operand.slot.offset for path in wanted}
    kept |= {slot.offset for slot in (v.operand.slot for v in program.variables.values()) if slot.role == "window"}
    calls: dict[str, tuple[Call, ...]] = {}
    for section, found in cut.items():
        later = kept | set(read_elsewhere(found)) | (read_of(cut["step"]) if section == "block" else set())
        printing = Printing(program, section, later, first_keys(program), loose)  # type: ignore[arg-type]
        calls[section] = tuple(_calls(text, printing, found))
    text.add("tick", [(1, "        EACH { if (thread < 2) ((I *)clock)[1 + thread] += ahead; }\n")])
    text.add("look", list(_looks(program)), "    const I base = clock[0];")
    return Plan(text.whole(), tuple(text.kernels), calls["block"], calls["step"], scatters)


def _calls(text: Text, printing: Printing, found: Sequence[Piece]) -> Iterator[Call]:
    """A launch for each level; what the processor or a library does goes first."""
    for level, held in groupby(found, lambda piece: piece.level):
        together = list(held)
        yield from (piece for piece in together if piece.kind in ("library", "fetch"))
        jobs = [printing.job(piece) for piece in together if piece.kind not in ("library", "fetch")]
        if jobs:
            yield text.add(f"{printing.section}{level}", jobs, _HEADS[printing.section])


def read_of(found: Sequence[Piece]) -> set[int]:
    """The slots that pieces read."""
    return {t.key for piece in found for t in piece.reads if isinstance(t.key, int)}


def read_elsewhere(found: Sequence[Piece]) -> Iterator[int]:
    """The slots that one piece writes and another one reads."""
    for piece in found:
        written = {t.key for t in piece.writes if isinstance(t.key, int)}
        yield from written & read_of([other for other in found if other is not piece])


def _looks(program: Program) -> Iterator[tuple[int, str]]:
    """Look whether the newest row of every state is finite; ``ahead`` is its step inside the block."""
    for slot in dict.fromkeys(v.operand.slot for v in program.variables.values() if v.is_state):
        at = f"memory[{slot.offset}LL + (base + ahead + {slot.history}) * {slot.width} + j]"
        inside = f"if (j < {slot.width} && !is_finite({at})) flag[0] = 1;"
        yield -(-slot.width // 128), f"        EACH {{ const I j = block * THREADS + thread; {inside} }}\n"


def first_keys(program: Program) -> list[int]:
    """Where the keys of each draw begin: Poisson numbers have one for each segment."""
    counts = [len(draw.segments) if draw.kind == "poisson" else 1 for draw in program.draws]
    return [0, *np.cumsum(counts).tolist()][: len(counts)]


def types_of(program: Program, scatters: Sequence[Scatter]) -> dict[str, str]:
    """The C type of every array that a kernel may be handed."""
    types = {"memory": "F *", "flag": "int *", "keys": "const U *", "below": "const double *", "places": "const I *"}
    for index in range(len(program.couplings)):
        types |= {f"weights{index}": "const F *", f"pointers{index}": "const I *", f"indices{index}": "const I *"}
    for n in range(len(program.spikes)):
        types |= {f"counts{n}": "int *", f"units{n}": "int *", f"until{n}": "I *", f"refractory{n}": "const I *"}
    for scatter in scatters:
        name = scatter.name
        types |= {f"sum_{name}": "I *", f"unit_{name}": "const double *"}
        types |= {f"at_{name}": "const I *", f"to_{name}": "const int *", f"of_{name}": "const F *"}
        if scatter.plan == "table":
            table = program.tables[int(name.removeprefix("table"))]
            types[f"of_{name}"] = f"const {'float' if table.weights.dtype == np.float32 else 'double'} *"
            types[f"at_{name}"] = f"const {_whole(table.pointers.dtype)} *"
            types[f"to_{name}"] = f"const {_whole(table.targets.dtype)} *"
    return types


def _whole(kind: np.dtype[np.integer]) -> str:
    return "int" if kind == np.int32 else "I"
