"""Owns the running of one program for many points at once on a card: a block of threads for each.

What ensembles on the processor own (numbers of points, what is kept, who left the finite numbers) is shared with them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

import numpy as np

from nbkit.compile.instructions import Slot
from nbkit.compile.program import Program
from nbkit.run.cuda.draws import keys_of
from nbkit.run.cuda.executor import DeviceRows
from nbkit.run.cuda.interface import Device
from nbkit.run.cuda.pieces import Piece, pieces
from nbkit.run.cuda.plan import first_keys, read_elsewhere, read_of, types_of
from nbkit.run.cuda.printer import Printing, Text
from nbkit.run.ensemble import Ensemble, EnsembleTrace, Numbers
from nbkit.run.numpy_executor import live_instructions
from nbkit.run.tapes import Plan


class CudaEnsemble:
    """Memory and code of one program for many points, on a card.

    Args:
        program: a program that has no `refusal`.
        points: how many.
        numbers: path -> one number for each point, as its setting takes it; (points,).
        precision: ``"float64"`` or ``"float32"``.
        device: where.
    """

    def __init__(self, program: Program, points: int, numbers: Numbers, precision: str, device: Device) -> None:
        self.program, self.points, self.precision, self.device = program, points, precision, device
        self.host = Ensemble(program, points, numbers, precision)
        made = device.arrays
        with device.work:
            self.clock = made.zeros(4, dtype=np.int64)
            self.memory = made.array(np.ascontiguousarray(self.host.memory.T))
            self.named: dict[str, Any] = {"memories": self.memory}
            self.named["keys"] = made.array(keys_of(program.draws, program.seed))
            for index, held in enumerate(self.host.weights):
                self._add_weights(index, held.matrix, held.factor)

    def _add_weights(self, index: int, matrix: Any, factor: Any) -> None:
        """Weights for a thread to each row, dense ones by columns; and what each point multiplies its sums by."""
        parts = {"factors": np.ones(self.points) if factor is None else np.broadcast_to(factor, (self.points,))}
        if isinstance(matrix, np.ndarray):
            parts["weights"] = matrix.T
        else:
            parts |= {"weights": matrix.data, "pointers": matrix.indptr, "indices": matrix.indices}
        kinds = dict.fromkeys(("weights", "factors"), self.host.memory.dtype)
        for name, part in parts.items():
            kept = np.ascontiguousarray(part, dtype=kinds.get(name, np.int64))
            self.named[f"{name}{index}"] = self.device.arrays.array(kept)

    def run(
        self,
        steps: int,
        plans: Sequence[Plan],
        first: int = 0,
        progress: Callable[[int, int], None] | None = None,
    ) -> EnsembleTrace:
        """Run all points from t = 0 and record; as `Ensemble.run`."""
        return self.host.run(steps, plans, first, progress, mover=self)

    # ------------------------------------------------------------ what the run asks of us

    def rows(self, slot: Slot) -> DeviceRows:
        """All rows of a slot, (rows, width, points), to be read."""
        held = self.memory[:, slot.offset : slot.offset + slot.size].reshape(self.points, slot.rows, slot.width)
        return DeviceRows(self.device, held.transpose(1, 2, 0))

    def roll(self) -> None:
        """Move the last rows of every window to its front."""
        with self.device.work:
            for slot in self.program.slots:
                if slot.role == "window":
                    end, kept = slot.offset + slot.size, (slot.history + 1) * slot.width
                    first = slot.offset + self.program.span * slot.width
                    self.memory[:, slot.offset : slot.offset + kept] = self.memory[:, first:end].copy()

    def code(self, wanted: Collection[str]) -> tuple[Any, Any]:
        """The functions that run a block and its steps: both are the work of one launch, which the second one makes."""
        text, fetches = member_text(self.program, self.precision, self.points, frozenset(wanted))
        with self.device.work:
            launch = self.device.compile(text.whole(), text.kernels)["members"]
        arrays = [self.clock, *(self.named[name] for name in text.kernels[0].arrays)]

        def block(_base: int, first_step: int) -> None:
            for piece in fetches:
                self._fetch(piece, first_step)

        def steps(base: int, begin: int, end: int, first_step: int) -> None:
            with self.device.work:
                self.device.put(self.clock, np.array([base, begin, first_step, first_step], dtype=np.int64))
                launch(end, arrays)

        return block, steps

    def _fetch(self, piece: Piece, first_step: int) -> None:
        """Rows that are known beforehand, the same for every point."""
        item = piece.items[0]
        recorded, target = self.program.recorded[item.index], item.target
        rows: Any = np.empty((self.program.block, recorded.width), self.host.memory.dtype)
        recorded.write(first_step, rows)
        slot = target.slot
        with self.device.work:
            held = self.memory[:, slot.offset : slot.offset + slot.size].reshape(self.points, slot.rows, slot.width)
            held[:, :, target.start : target.start + target.length] = self.device.arrays.asarray(rows)


def member_text(program: Program, precision: str, points: int, wanted: frozenset[str]) -> tuple[Text, list[Piece]]:
    """A kernel that runs a block of steps, a network to each block of threads; and what is fetched before."""
    live = live_instructions(program, wanted)
    block = pieces(program, "block", [i for i in program.sections["block"] if i in live])
    step = pieces(program, "step", [i for i in program.sections["step"] if i in live])
    types = {name: kind for name, kind in types_of(program, ()).items() if name != "memory"} | {"memories": "F *"}
    types |= {f"factors{index}": "const F *" for index in range(len(program.couplings))}
    kept = {program.variables[path].operand.slot.offset for path in wanted}
    draws = first_keys(program)
    of_block = Printing(program, "block", kept | set(read_elsewhere(block)) | read_of(step), draws, members=True)
    of_step = Printing(program, "step", kept | set(read_elsewhere(step)), draws, members=True)
    lines = [
        f"    F *memory = memories + (I)blockIdx.x * {program.memory}LL;",
        "    const I base = clock[0];",
        *_phases(of_block, block),
        "    for (I s = clock[1]; s < ahead; s++) {",
        "    const I step = clock[2] + s;",
        *_phases(of_step, step),
        "    }",
    ]
    text = Text(precision, types)
    text.kernel("members", points, "\n".join(lines))
    return text, [piece for piece in block if piece.kind == "fetch"]


def _phases(printing: Printing, found: Sequence[Piece]) -> Iterator[str]:
    """All levels in turn: one block of threads does what the blocks of a launch would do."""
    for level in sorted({piece.level for piece in found}):
        for piece in found:
            if piece.level == level and piece.kind != "fetch":
                blocks, body = printing.job(piece)
                yield f"    for (I block = 0; block < {blocks}; block++) {{\n{body}    }}"
        yield "    SYNC"
