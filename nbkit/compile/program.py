"""Owns `Program`: everything that runs a network, as plain data. Must not know backends, nor who runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from nbkit.compile.coupling import Coupling
from nbkit.compile.instructions import PHASES, SECTIONS, Instruction, Operand, Section, Slot
from nbkit.network.network import Network
from nbkit.network.values import Array


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
    """

    path: str
    slot: Slot
    factor: float = 1.0
    edge_of: float = 0.0
    coupling: int = -1


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


@dataclass(frozen=True)
class Draw:
    """Random numbers of their own for each unit and step: ``kind`` is ``"normal"``, ``"uniform"`` or ``"poisson"``."""

    name: str
    kind: str
    size: int


@dataclass(frozen=True)
class SpikeSource:
    """A population that spikes. ``until`` keeps, for each unit, the first step at which it is not refractory.

    ``refractory`` is the length of refractoriness in steps, one number for each unit. A spike found in
    step k is stamped k+1 where ``at_end``, else k.
    """

    number: int
    population: str
    size: int
    at_end: bool
    until: Slot
    refractory: Array


@dataclass(frozen=True)
class Delivery:
    """Spikes of a source that arrive ``steps`` after their stamp through a coupling."""

    coupling: int
    source: int
    steps: int


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
    recorded: tuple[RecordedInput, ...]
    draws: tuple[Draw, ...]
    spikes: tuple[SpikeSource, ...]
    deliveries: tuple[Delivery, ...]
    folds: tuple[Fold, ...]
    variables: Mapping[str, Variable]
    settings: Mapping[str, Setting]
    sampled: Mapping[str, float | Array]
    delays: Mapping[str, float | Array]
    notes: tuple[str, ...] = field(default=())

    def explain(self) -> str:
        """The program as a listing: plans with their reasons, then every instruction in its phase.

        ``x[k]`` is the present sample, ``x[k-20]`` one of 20 steps ago, ``x[k+1]`` the next one.
        """
        lines = [
            f"dt = {self.dt:g} {_unit(self.network.time_unit)}, blocks of {self.block} steps, {self.memory} numbers"
        ]
        lines += [f"coupling {c.name}: {c.plan} ({c.reason})" for c in self.couplings]
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


def _delay(delay: float | Array) -> str:
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
