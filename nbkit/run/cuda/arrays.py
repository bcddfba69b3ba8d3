"""Owns the arrays of one program on a card, and the copying of what changed. Must not know when steps are made."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from nbkit.compile.instructions import Operand, Slot
from nbkit.compile.products import Product
from nbkit.compile.program import Program
from nbkit.model.counting import bincount
from nbkit.run.cuda.draws import keys_of, tables_of
from nbkit.run.cuda.interface import Device
from nbkit.run.cuda.library import on_device
from nbkit.run.cuda.log import DeviceLog
from nbkit.run.cuda.pieces import Scatter
from nbkit.run.cuda.plan import Plan, first_keys
from nbkit.run.numpy_executor import NumpyExecutor

#: bits of a whole-number sum, without its sign and one to spare
BITS = 62


class Weights:
    """The weights of couplings; whoever looks at some may change them."""

    def __init__(self, held: Sequence[Any]) -> None:
        self._held = held
        self.looked_at: set[int] = set()

    def __getitem__(self, index: int) -> Any:
        self.looked_at.add(index)
        return self._held[index]


class Arrays:
    """Everything of a program that stands on a card.

    Args:
        program: what runs.
        device: where.
        host: NumPy's executor of the same program, which works out what is copied.
    """

    def __init__(self, program: Program, device: Device, host: NumpyExecutor) -> None:
        self.program, self.device, self.host = program, device, host
        self.weights = Weights(host.weights)
        made = device.arrays
        with device.work:
            self.memory = made.zeros(program.memory, dtype=host.memory.dtype)
            self.clock, self.flag = made.zeros(4, dtype=np.int64), made.zeros(1, dtype=np.int32)
            self.named: dict[str, Any] = {"memory": self.memory, "flag": self.flag}
            self.named["keys"] = made.array(keys_of(program.draws, program.seed))
        self.products: dict[int, Any] = {}
        self._means: dict[int, bytes] = {}
        self._sent: dict[int, Any] = {}
        self._gains: dict[object, Any] = {}
        self._bounds: dict[str, float] = {}
        self._scatters: tuple[Scatter, ...] = ()
        self._plan: Plan | None = None
        self._by_source = {d.coupling: f"delivery{n}" for n, d in enumerate(program.deliveries)}
        self._by_source |= {f.coupling: f"fold{n}" for n, f in enumerate(program.folds)}
        self._of_kernel: dict[str, list[Any]] = {}
        self.refresh()

    def rows(self, slot: Slot) -> Any:
        """All rows of a slot, (rows, width)."""
        return self.memory[slot.offset : slot.offset + slot.size].reshape(slot.rows, slot.width)

    def part(self, operand: Operand) -> Any:
        """All rows of an operand's part of its slot, (rows, length)."""
        return self.rows(operand.slot)[:, operand.start : operand.start + operand.length]

    def of_kernel(self, name: str) -> Sequence[Any]:
        """What a kernel is handed."""
        return self._of_kernel[name]

    def follow(self, plan: Plan, logs: Sequence[DeviceLog]) -> None:
        """Have everything ready that the kernels of a plan read."""
        for n, log in enumerate(logs):
            parts = {"counts": log.counts, "units": log.units, "until": log.until, "refractory": log.refractory}
            self.named |= {f"{name}{n}": array for name, array in parts.items()}
        self._plan, self._scatters = plan, plan.scatters
        for scatter in plan.scatters:
            if f"sum_{scatter.name}" not in self.named:
                self.named[f"sum_{scatter.name}"] = self.device.arrays.zeros(scatter.width, dtype=np.int64)
                self.named[f"unit_{scatter.name}"] = self.device.arrays.zeros(2, dtype=np.float64)
        self._send_units()
        self._hand_out(plan)

    def _hand_out(self, plan: Plan) -> None:
        self._of_kernel = {
            kernel.name: [self.clock, *(self.named[array] for array in kernel.arrays)] for kernel in plan.kernels
        }

    def empty_sums(self) -> None:
        """Forget what spikes have brought and nobody has taken yet."""
        with self.device.work:
            for scatter in self._scatters:
                self.named[f"sum_{scatter.name}"].fill(0)

    # ------------------------------------------------------------ copies

    def send_all(self) -> None:
        """Copy the whole memory."""
        with self.device.work:
            self.device.put(self.memory, self.host.memory)
        self._sent = {offset: self.host.memory[offset:end].copy() for offset, end in self._cells()}

    def refresh(self) -> None:
        """Copy what changed of cells, weights and tables."""
        with self.device.work:
            for offset, end in self._cells():
                present = self.host.memory[offset:end]
                if offset in self._sent and not np.array_equal(self._sent[offset], present, equal_nan=True):
                    self.device.put(self.memory[offset:end], present)
                    self._sent[offset] = present.copy()
            for index in range(len(self.program.couplings)):
                self._refresh_coupling(index)
            for index in range(len(self.program.tables)):
                self._refresh_table(index)
            self._refresh_counts()
            self._send_units()
        self.weights.looked_at.clear()

    def _cells(self) -> list[tuple[int, int]]:
        """First and last place of every stretch of cells."""
        found: list[tuple[int, int]] = []
        for slot in self.program.slots:
            if slot.role == "cell":
                first = found.pop()[0] if found and found[-1][1] == slot.offset else slot.offset
                found.append((first, slot.offset + slot.size))
        return found

    def _changed(self, key: object, gain: Any, *, looked_at: bool = False) -> bool:
        """Whether weights must be copied, since they or their gain were set."""
        old, self._gains[key] = self._gains.get(key), gain
        return looked_at or old != gain

    def _refresh_coupling(self, index: int) -> None:
        gain = float(self.host.rows(self.program.gains[index])[0, 0])
        if not self._changed(index, gain, looked_at=index in self.weights.looked_at):
            return
        held, plan = self.host.scaled[index], self.program.couplings[index].plan
        if index in self._by_source:
            name = self._by_source[index]
            self._put(f"of_{name}", held.data if plan == "sparse" else held.T.reshape(-1))
            if plan == "sparse":
                self._put(f"at_{name}", held.indptr.astype(np.int64))
                self._put(f"to_{name}", held.indices.astype(np.int32))
            self._bounds[name] = _bound(plan, held)
        elif isinstance(held, Product):
            self.products[index] = on_device(held, self.device)
        elif isinstance(held, np.ndarray):
            self._put(f"weights{index}", held)
        else:
            self._put(f"weights{index}", held.data)
            self._put(f"pointers{index}", held.indptr.astype(np.int64))
            self._put(f"indices{index}", held.indices.astype(np.int64))

    def _refresh_table(self, index: int) -> None:
        table, name = self.program.tables[index], f"table{index}"
        slots = [self.program.settings.get(f"{bundle.name}.gain") for bundle in table.bundles]
        gains = tuple(float(self.host.rows(s.slot)[0, 0]) for s in slots if s is not None)
        if not self._changed(name, gains):
            return
        if f"at_{name}" not in self.named:
            self._put(f"at_{name}", table.pointers)
            self._put(f"to_{name}", table.targets)
        self._put(f"of_{name}", table.weights)
        bound = 0.0
        if len(table.targets):
            each = self.device.arrays.abs(self.named[f"of_{name}"])
            summed = self.device.arrays.bincount(self.named[f"to_{name}"], weights=each, minlength=table.width)
            bound = float(self.device.get(summed.max()))
        self._bounds[name] = bound

    def _refresh_counts(self) -> None:
        """Tables of Poisson numbers, where a mean was set."""
        means = {
            i.index: self.host.rows(i.sources[0].slot)[0]
            for i in self.program.sections["block"]
            if i.operation == "poisson"
        }
        kept = {index: row.tobytes() for index, row in means.items()}
        if kept != self._means or "below" not in self.named:
            self._means = kept
            below, places = tables_of(self.program.draws, first_keys(self.program), means)
            self.named |= {"below": self.device.arrays.array(below), "places": self.device.arrays.array(places)}
            if self._plan is not None:
                self._hand_out(self._plan)

    def _send_units(self) -> None:
        """How much one is in each row of sums: the largest power of two that lets no sum overflow, and its inverse."""
        for scatter in self._scatters:
            bound = self._bounds[scatter.name]
            if scatter.amount is not None:
                bound *= float(np.abs(self.host.rows(scatter.amount.slot)).max())
            finite = bound > 0 and math.isfinite(bound)
            unit = math.ldexp(1.0, BITS - math.frexp(bound)[1]) if finite else 1.0
            self.device.put(self.named[f"unit_{scatter.name}"], np.array([unit, 1 / unit]))

    def _put(self, name: str, numbers: Any) -> None:
        """Let a named array hold these numbers; it stays where it is, since captured launches name its place."""
        if name in self.named:
            self.device.put(self.named[name], numbers)
        else:
            self.named[name] = self.device.arrays.array(np.ascontiguousarray(numbers))


def _bound(plan: str, held: Any) -> float:
    """The largest sum that the spikes of one step can bring to a unit, in size."""
    if plan == "sparse":
        sums: Any = bincount(held.indices, weights=np.abs(held.data)) if held.nnz else np.zeros(1)
        return float(sums.max())
    return float(np.abs(held).max() if plan == "one-to-one" else np.abs(held).sum(axis=1).max())
