"""Owns the running of a program by the interpreter, a block or some steps at a time. Must not know networks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np

from nbkit.compile.instructions import Instruction, Slot
from nbkit.compile.program import Program
from nbkit.run.interpreter.counts import Counted
from nbkit.run.interpreter.encoder import EMPTY, Code, Encoder, by_interpreter
from nbkit.run.interpreter.guard import Bounds, check
from nbkit.run.interpreter.library import Library
from nbkit.run.interpreter.log import SOURCE, TABLE, OnTheWay, SpikeLog

#: numbers that a piece of a block may hold, so that it stays in the nearest cache
TILE_NUMBERS = 2048

Block = Callable[[int, int], None]
Steps = Callable[[int, int, int, int], None]


class Machine:
    """Makes the functions that the stepper calls.

    Args:
        library: the compiled interpreter.
        program: what to run.
        memory: its numbers.
        weights: those of each coupling times its gain; dense ones by columns.
        logs: the spikes of each source.
    """

    def __init__(
        self, library: Library, program: Program, memory: Any, weights: Sequence[Any], logs: Sequence[SpikeLog]
    ) -> None:
        self.library, self.program, self.memory, self.weights, self.logs = library, program, memory, weights, logs
        by_stack = {log.source.stack.name: log for log in logs}
        self._tables = [OnTheWay(t, by_stack[t.source].source.number, by_stack[t.source]) for t in program.tables]
        self._sources = np.zeros(max(1, len(logs)), dtype=SOURCE)
        self._on_way = np.zeros(max(1, len(self._tables)), dtype=TABLE)
        self._spikes = np.array(
            [self._sources.ctypes.data, self._on_way.ctypes.data, len(logs), len(self._tables), 0, 0], dtype=np.uint64
        )

    def block(
        self,
        instructions: Sequence[Instruction],
        numbers: Collection[Slot],
        by_numpy: Callable[[Sequence[Instruction]], Block],
        counts: Mapping[Slot, Counted] = EMPTY,
    ) -> Block:
        """A function that runs instructions for a whole block: ``run(base, first_step)``."""
        others = [i for i in instructions if i.target.slot not in counts]
        parts = [counted.fill for counted in counts.values()] + [
            self._block_part(list(group), numbers) if ours else by_numpy(list(group))
            for ours, group in groupby(others, lambda i: by_interpreter(self.program, i))
        ]

        def run(base: int, first_step: int) -> None:
            for part in parts:
                part(base, first_step)

        return run

    def _block_part(self, instructions: Sequence[Instruction], numbers: Collection[Slot]) -> Block:
        widest = max(i.target.length for i in instructions)
        tile = max(1, min(self.program.block, TILE_NUMBERS // widest))
        code = Encoder(self.program, self.weights, numbers).block(instructions)
        rows = self._checked(code, tile)
        precision = str(self.memory.dtype)
        live = np.zeros(self.library.live_size[precision], dtype=np.uint8)
        call, memory, address, count = (
            self.library.block[precision],
            self.memory.ctypes.data,
            rows.ctypes.data,
            len(rows),
        )
        place, block = live.ctypes.data, self.program.block

        def run(base: int, _: int, _kept: Any = (rows, live, code)) -> None:
            call(memory, address, count, place, base, block, tile)

        return run

    def steps(
        self, instructions: Sequence[Instruction], numbers: Collection[Slot], counts: Mapping[Slot, Counted] = EMPTY
    ) -> Steps:
        """A function that runs instructions step by step: ``run(base, begin, end, first_step)``."""
        code = Encoder(self.program, self.weights, numbers, counts).step(instructions)
        rows = self._checked(code, 1)
        precision = str(self.memory.dtype)
        live = np.zeros(max(1, len(rows)) * self.library.live_size[precision], dtype=np.uint8)
        call, memory, address, count = (
            self.library.steps[precision],
            self.memory.ctypes.data,
            rows.ctypes.data,
            len(rows),
        )
        place, spikes = live.ctypes.data, self._spikes.ctypes.data

        def go(base: int, begin: int, end: int, first_step: int, _kept: Any = (rows, live, code)) -> int:
            return int(call(memory, address, count, place, base, begin, end, first_step, spikes))

        def run(base: int, begin: int, end: int, first_step: int) -> None:
            while begin < end:
                self._before(first_step + begin, end - begin)
                begin = go(base, begin, end, first_step)
                self._after(first_step + begin)

        return run if self.logs else self._plain(go)

    @staticmethod
    def _plain(go: Callable[[int, int, int, int], int]) -> Steps:
        def run(base: int, begin: int, end: int, first_step: int) -> None:
            go(base, begin, end, first_step)

        return run

    def _checked(self, code: Code, tile: int) -> Any:
        rows, program = code.array(), self.program
        bounds = Bounds(
            len(self.memory),
            program.block,
            program.span - program.block + 1,
            tile,
            [log.source.size for log in self.logs],
            [table.width for table in program.tables],
        )
        check(rows, code.arrays, bounds)
        return rows

    def _before(self, step: int, steps: int) -> None:
        for log, row in zip(self.logs, self._sources, strict=False):
            log.before(step, steps)
            log.describe(row)
        for table, row in zip(self._tables, self._on_way, strict=False):
            table.before(row, step)

    def _after(self, step: int) -> None:
        for log, row in zip(self.logs, self._sources, strict=False):
            log.after(row, step)
        for table in self._tables:
            table.after(step)
