"""Owns `Program`: everything that runs a network, as plain data. Must not know backends, nor who runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from nbkit.compile.coupling import Coupling
from nbkit.compile.instructions import PHASES, SECTIONS, Instruction, Operand, Section, Slot
from nbkit.compile.stacks import Stack
from nbkit.network.network import Network
from nbkit.network.values import Array

if TYPE_CHECKING:
    from nbkit.compile.synapses import SynapseTable, Units


@dataclass(frozen=True)
class Variable:
    """Something that can be recorded: where its row stands, and what it means."""

    path: str
    population: str
    name: str
    size: int
    operand: Operand
    is_state: bool
    unit: str = ""
    meaning: str = ""


@dataclass(frozen=True)
class Setting:
    """A value that can be changed while a simulation stands.

    What a user gives is multiplied by ``factor``; a time that marks an edge (``edge_of`` is dt then) is
    rounded up to whole steps. ``coupling`` is the number of the coupling whose weights or gain it is.
    ``start`` and ``width`` tell which part of the slot is meant, where it is not all of it.
    """

    path: str
    slot: Slot
    factor: float = 1.0
    edge_of: float = 0.0
    coupling: int = -1
    start: int = 0
    width: int = 0


@dataclass(frozen=True)
class Fill:
    """What a slot holds at the start: ``row`` at sample 0 and ``past`` in every row before it."""

    slot: Slot
    row: Array
    past: Array | None = None


@dataclass(frozen=True)
class RecordedInput:
    """A recorded array, one row for every ``hold`` steps."""

    name: str
    array: Array
    hold: int

    @property
    def width(self) -> int:
        """Numbers in a row."""
        return int(self.array.shape[1])

    @property
    def steps(self) -> int | None:
        """How many steps it lasts."""
        return len(self.array) * self.hold

    def write(self, first_step: int, target: Array) -> None:
        """Fill the rows of a block; after the end the last one stays (no run gets there)."""
        numbers = np.arange(first_step, first_step + len(target)) // self.hold
        target[...] = self.array[np.minimum(numbers, len(self.array) - 1)]


@dataclass(frozen=True)
class ArrivingSpikes:
    """Spikes that are known beforehand, in the order of the steps at which they arrive; ``units`` None means all."""

    name: str
    arrivals: Units
    weights: Array
    units: Units | None
    width: int

    @property
    def steps(self) -> int | None:
        """How many steps it lasts: for ever."""
        return None

    def write(self, first_step: int, target: Array) -> None:
        """Fill the rows of a block: that of step k has what arrives at sample k + 1."""
        target[...] = 0.0
        begin, end = np.searchsorted(self.arrivals, (first_step + 1, first_step + len(target) + 1))
        rows = self.arrivals[begin:end] - first_step - 1
        if self.units is None:
            np.add.at(target, rows, self.weights[begin:end, None])
        else:
            np.add.at(target, (rows, self.units[begin:end]), self.weights[begin:end])


@dataclass(frozen=True)
class Draw:
    """Random numbers of their own for each unit and step: ``kind`` is ``"normal"``, ``"uniform"`` or ``"poisson"``.

    Poisson numbers are made a segment at a time: (name, first unit, units).
    """

    name: str
    kind: str
    size: int
    segments: tuple[tuple[str, int, int], ...] = ()


@dataclass(frozen=True)
class Propagator:
    """One number of the propagators ``P = exp(A dt)`` or, where ``drive``, ``S``, the integral of ``exp(A s)`` over dt.

    ``A`` has ``size`` rows. An instruction brings its numbers at ``entries`` (row, column), the others being
    zero, and dt last; the result is the number at (``row``, ``column``).
    """

    population: str
    size: int
    entries: tuple[tuple[int, int], ...]
    row: int
    column: int
    drive: bool


@dataclass(frozen=True)
class SpikeSource:
    """A stack of populations that spikes. ``until`` keeps, for each unit, the first step at which it is not refractory.

    ``refractory`` is the length of refractoriness in steps, one number for each unit. A spike found in
    step k is stamped k+1 where ``at_end``, else k.
    """

    number: int
    stack: Stack
    at_end: bool
    until: Slot
    refractory: Array

    @property
    def size(self) -> int:
        """Units of the stack."""
        return self.stack.size


@dataclass(frozen=True)
class Delivery:
    """Spikes of a source's units, from ``start`` on, that arrive ``steps`` after their stamp through a coupling."""

    coupling: int
    source: int
    steps: int
    start: int
    size: int


@dataclass(frozen=True)
class Arrival:
    """What the synapses of a table bring to one event state: a stretch of the table's row of sums."""

    table: int
    source: int
    start: int
    size: int


@dataclass(frozen=True)
class Fold:
    """What a coupling brings, kept at the target: ``sum`` stands for weights times the ``state`` of the source."""

    coupling: int
    source: int
    state: Slot
    sum: Slot


@dataclass(frozen=True)
class Program:
    """A compiled network.

    ``sections`` hold the instructions that run once (``setup``), once a block of ``block`` steps
    (``block``), and at every step (``step``). Windows have room for ``span`` steps before their last
    rows move to the front. `explain` prints all of it for a reader.
    """

    network: Network
    dt: float
    seed: int
    block: int
    span: int
    memory: int
    slots: tuple[Slot, ...]
    sections: Mapping[Section, tuple[Instruction, ...]]
    fills: tuple[Fill, ...]
    couplings: tuple[Coupling, ...]
    gains: tuple[Slot, ...]
    recorded: tuple[RecordedInput | ArrivingSpikes, ...]
    draws: tuple[Draw, ...]
    propagators: tuple[Propagator, ...]
    spikes: tuple[SpikeSource, ...]
    deliveries: tuple[Delivery, ...]
    folds: tuple[Fold, ...]
    tables: tuple[SynapseTable, ...]
    arrivals: tuple[Arrival, ...]
    variables: Mapping[str, Variable]
    settings: Mapping[str, Setting]
    sampled: Mapping[str, float | Array]
    delays: Mapping[str, float | Array]
    notes: tuple[str, ...] = field(default=())

    @cached_property
    def written_network(self) -> tuple[str, dict[str, Array]]:
        """The network as JSON, and the arrays that are too large for text; written once for all results."""
        large: dict[str, Array] = {}
        return self.network.to_json(large), large

    def explain(self) -> str:
        """The program as a listing: plans with their reasons, then every instruction in its phase.

        ``x[k]`` is the present sample, ``x[k-20]`` one of 20 steps ago, ``x[k+1]`` the next one.
        """
        lines = [
            f"dt = {self.dt:g} {_unit(self.network.time_unit)}, blocks of {self.block} steps, {self.memory} numbers"
        ]
        lines += [f"coupling {c.name}: {c.plan} ({c.reason})" for c in self.couplings]
        lines += [f"synapses of {t.source}: {_table(t)}" for t in self.tables]
        lines += [
            f"delay {name}: {_delay(delay)} {_unit(self.network.time_unit)}" for name, delay in self.delays.items()
        ]
        lines += [f"note: {note}" for note in self.notes]
        titles = {"setup": "once", "block": f"once for each block of {self.block} steps", "step": "at every step"}
        for section in SECTIONS:
            shown = self.sections[section]
            if not shown:
                continue
            lines += ["", titles[section]]
            phase = ""
            for instruction in shown:
                if instruction.phase != phase:
                    phase = instruction.phase
                    lines.append(f"  {phase}: {PHASES[instruction.phase]}")
                lines.append(f"    {_line(instruction, self.couplings)}")
        return "\n".join(lines)


def _table(table: SynapseTable) -> str:
    each = table.size / max(1, len(table.targets))
    kind = f"{table.weights.dtype} weights, {table.delays} delays, {each:.1f} bytes each"
    return f"{len(table.targets)} in cells by source and delay ({kind}); a spike reads its own cells when it arrives"


def _delay(delay: float | Array) -> str:
    if not isinstance(delay, np.ndarray) and np.isnan(delay):
        return "one for each synapse,"
    if isinstance(delay, np.ndarray):
        return f"{delay.min():.12g} to {delay.max():.12g}, {len(np.unique(delay))} different ones,"
    return f"{delay:.12g}"


def _unit(time_unit: str) -> str:
    return "model units" if time_unit == "1" else time_unit


def _line(instruction: Instruction, couplings: tuple[Coupling, ...]) -> str:
    arguments = ", ".join(map(str, instruction.sources))
    if instruction.operation == "couple":
        arguments = f"{couplings[instruction.index].name}.weight, {arguments}"
    done = f"{instruction.target!s:<24} = {instruction.operation}({arguments})"
    return f"{done:<76} {instruction.text}".rstrip()
