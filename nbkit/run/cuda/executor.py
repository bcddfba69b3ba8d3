"""Owns the executor on a card: memory, kernels and who calls them. Must not know the network.

The processor prepares: NumPy's executor holds the same memory at t = 0, works out what depends on parameters alone and
multiplies weights by gains; what changed is copied to the card. The steps are the card's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import numpy as np

from nbkit.compile.instructions import Operand, Slot
from nbkit.compile.program import Program
from nbkit.errors import fail
from nbkit.run.cuda.arrays import Arrays, Weights
from nbkit.run.cuda.interface import Device, Launch
from nbkit.run.cuda.library import couple
from nbkit.run.cuda.log import DeviceLog
from nbkit.run.cuda.pieces import Piece
from nbkit.run.cuda.plan import Call, Plan, make_plan
from nbkit.run.cuda.printer import ring_rows
from nbkit.run.numpy_executor import NumpyExecutor, live_instructions
from nbkit.run.numpy_source import Rows

SHARE = 0.9  # of the free memory of a card
REPLAYED = (64, 8)  # steps that are captured and replayed together


def bytes_on_card(program: Program, precision: str) -> int:
    """Bytes that a program takes on a card: memory, weights, synapses, and the lists of spikes."""
    each = np.dtype(precision).itemsize
    weights = sum(c.weights.size * (each + (0 if isinstance(c.weights, np.ndarray) else 16)) for c in program.couplings)
    lists = sum(ring_rows(program, source) * source.size * 4 for source in program.spikes)
    return int(program.memory * each + weights + sum(table.size for table in program.tables) + lists)


def _require(needed: int, device: Device) -> None:
    left = device.free()
    if needed > SHARE * left:
        what = f"needs {needed / 1e9:.2f} GB on the card, {left / 1e9:.2f} GB are free there"
        hint = 'precision="float32", shorter delays, smaller populations, or leave backend= out'
        raise fail("too-much-memory", "this network", what, hint)


class DeviceRows:
    """Rows that stand on a card, read like an array of NumPy; every look is a copy."""

    def __init__(self, device: Device, rows: Any) -> None:
        self._device, self._rows = device, rows

    def __getitem__(self, key: Any) -> Any:
        with self._device.work:
            return self._device.get(self._rows[key])


class CudaExecutor:
    """Memory and code of one program on a card. Who calls what, and when, is the stepper's business.

    Args:
        program: what to run.
        precision: ``"float64"`` or ``"float32"``.
        device: where.
        deterministic: whether spikes are summed as whole numbers, so that their order does not matter.
    """

    def __init__(self, program: Program, precision: str, device: Device, *, deterministic: bool = True) -> None:
        self.program, self.device, self.precision = program, device, precision
        self.deterministic = deterministic
        #: whole numbers in netCDF, which knows no truth values
        self.told: dict[str, Any] = {"device": device.name, "deterministic": int(deterministic)}
        self.told["accelerator_reason"] = "a card makes every step"
        _require(bytes_on_card(program, precision), device)
        self.host = NumpyExecutor(program, precision)
        self.arrays = Arrays(program, device, self.host)
        self.stores = [
            DeviceLog(s, device, ring_rows(program, s), program.block, self.arrays.empty_sums) for s in program.spikes
        ]
        self._wanted: frozenset[str] = frozenset()
        self._plan: Plan | None = None
        self._launches: dict[str, Launch] = {}
        self._replays: dict[int, Callable[[], None]] = {}
        self.start()

    # ------------------------------------------------------------ memory

    @property
    def weights(self) -> Weights:
        """The weights of each coupling, to be written before `setup`."""
        return self.arrays.weights

    @property
    def memory(self) -> Rows:
        """A copy of the whole memory."""
        with self.device.work:
            held: Rows = self.device.get(self.arrays.memory)
        return held

    def put_back(self, memory: Rows) -> None:
        """Let the memory be a copy that was taken before."""
        self.host.memory[...] = memory
        self.arrays.send_all()

    def rows(self, slot: Slot) -> Any:
        """All rows of a slot, (rows, width): those of a cell to be written before `setup`, others to be read."""
        if slot.role == "cell":
            return self.host.rows(slot)
        return DeviceRows(self.device, self.arrays.rows(slot))

    def part(self, operand: Operand) -> Any:
        """All rows of an operand's part of its slot, to be read, (rows, length)."""
        return DeviceRows(self.device, self.arrays.part(operand))

    def finite(self, row: int) -> bool:
        """Whether the newest row of every state is finite; ``row`` is its number in its window, history left out."""
        self._ready()
        with self.device.work:
            self._clock(0, 0, 0, 0)
            self._launch("look", row)
            found = bool(self.device.get(self.arrays.flag)[0])
            if found:
                self.arrays.flag.fill(0)
        return not found

    # ------------------------------------------------------------ as the stepper calls them

    def start(self) -> None:
        """Put every window to t = 0."""
        self.host.start()
        self.arrays.send_all()
        self.arrays.empty_sums()
        for log in self.stores:
            log.start()

    def setup(self) -> None:
        """Compute what depends on parameters alone, and let the card know what changed."""
        self.host.setup()
        self.arrays.refresh()

    def refold(self, row: int) -> None:
        """Compute every folded sum anew, in this row of its window."""
        for fold in self.program.folds:
            state = fold.state.history + row
            self.host.rows(fold.state)[state] = self.rows(fold.state)[state]
        self.host.refold(row)
        with self.device.work:
            for fold in self.program.folds:
                self.device.put(self.arrays.rows(fold.sum)[row], self.host.rows(fold.sum)[row])

    def roll(self) -> None:
        """Move the last rows of every window to its front."""
        with self.device.work:
            for slot in self.program.slots:
                if slot.role == "window":
                    rows = self.arrays.rows(slot)
                    rows[: slot.history + 1] = rows[self.program.span :].copy()

    def want(self, variables: Collection[str]) -> bool:
        """Compute the states and these variables, and nothing else; say whether that is a change."""
        wanted = frozenset(variables)
        if wanted == self._wanted:
            return False
        self._wanted, self._plan = wanted, None
        return True

    def block(self, base: int, first_step: int) -> None:
        """Carry out what is done for a whole block."""
        plan = self._ready()
        with self.device.work:
            self._clock(base, 0, first_step, first_step)
            for call in plan.block:
                self._call(call, base, first_step)

    def steps(self, base: int, begin: int, end: int, first_step: int) -> None:
        """Make the steps of a block from one to before another: as many as can be by replays, the rest one by one."""
        plan = self._ready()
        for log in self.stores:
            log.reach = first_step + end + int(log.source.at_end)
        with self.device.work:
            self._clock(base, begin, first_step + begin, first_step)
            left = end - begin
            for length in REPLAYED if plan.by_kernels else ():
                for _ in range(left // length):
                    self._replay(length)
                left %= length
            for ahead in range(left):
                for call in plan.step:
                    self._call(call, base, end - left, ahead)
        for log in self.stores:
            log.following = log.reach

    # ------------------------------------------------------------ inside

    def _ready(self) -> Plan:
        """The plan; its kernels are compiled when they are first needed."""
        if self._plan is None:
            live = live_instructions(self.program, self._wanted)
            block, step = ([i for i in self.program.sections[part] if i in live] for part in ("block", "step"))
            self._plan = make_plan(
                self.program, self.precision, block, step, self._wanted, loose=not self.deterministic
            )
            with self.device.work:
                self._launches = dict(self.device.compile(self._plan.source, self._plan.kernels))
                self.arrays.follow(self._plan, self.stores)
            self._replays.clear()
        return self._plan

    def _replay(self, length: int) -> None:
        """Make some steps by launches that were written down when this was first called."""

        def steps() -> None:
            assert self._plan is not None
            for ahead in range(length):
                for call in self._plan.step:
                    assert not isinstance(call, Piece)
                    self._launch(call.name, ahead)
            self._launch("tick", length)

        if length not in self._replays:
            self._replays[length] = self.device.capture(steps)
        self._replays[length]()

    def _call(self, call: Call, base: int, first: int, ahead: int | None = None) -> None:
        """Do what a plan says: at step ``first + ahead`` of the block, or for a whole block from step ``first`` on."""
        if not isinstance(call, Piece):
            self._launch(call.name, ahead or 0)
        elif call.kind == "fetch":
            recorded = self.program.recorded[call.items[0].index]
            rows: Any = np.empty((self.program.block, recorded.width), self.host.memory.dtype)
            recorded.write(first, rows)
            self.device.put(self.arrays.part(call.items[0].target), rows)
        else:
            couple(self.arrays, call.items[0], base, None if ahead is None else first + ahead)

    def _launch(self, name: str, ahead: int) -> None:
        self._launches[name](ahead, self.arrays.of_kernel(name))

    def _clock(self, *numbers: int) -> None:
        self.device.put(self.arrays.clock, np.array(numbers, dtype=np.int64))
