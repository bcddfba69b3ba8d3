"""Owns what lowering shares: the graph and the layout being built, and the small pieces they are built from.

Must not know how projections or stimuli are lowered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from nbkit.compile.connections import Connection
from nbkit.compile.coupling import Coupling
from nbkit.compile.delays import first_step
from nbkit.compile.emitter import Effect, Layout, Root
from nbkit.compile.graph import Graph, Node
from nbkit.compile.instructions import Operand, Slot
from nbkit.compile.program import (
    Arrival,
    ArrivingSpikes,
    Delivery,
    Draw,
    Fill,
    Fold,
    Propagator,
    RecordedInput,
    Setting,
    SpikeSource,
    Variable,
)
from nbkit.compile.stacks import Member, Stack, stacks_of
from nbkit.errors import Problem
from nbkit.network.description import Projection
from nbkit.network.network import Network
from nbkit.network.time import SECONDS, to_unit
from nbkit.network.values import Array

if TYPE_CHECKING:
    from nbkit.compile.synapses import SynapseTable


@dataclass(frozen=True)
class Timing:
    """Everything about a compile that concerns time: the step, block and span in steps."""

    dt: float
    block: int
    span: int


@dataclass
class Context:
    """A network on its way to a program.

    ``names`` holds, for each stack of populations, the value that each of its names stands for; ``gathered`` what
    arrives at each input; ``pasts`` the windows from which delayed sources are read; ``chains`` the
    stages of gamma delays.
    """

    network: Network
    seed: int
    timing: Timing
    connections: dict[str, Connection]
    tables: tuple[SynapseTable, ...] = ()
    method: str | None = None
    layout: Layout = field(default_factory=Layout)
    roots: list[Root] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    couplings: list[Coupling] = field(default_factory=list)
    gains: list[Slot] = field(default_factory=list)
    recorded: list[RecordedInput | ArrivingSpikes] = field(default_factory=list)
    variables: dict[str, Variable] = field(default_factory=dict)
    settings: dict[str, Setting] = field(default_factory=dict)
    sampled: dict[str, float | Array] = field(default_factory=dict)
    starts: dict[str, Array] = field(default_factory=dict)
    gathered: dict[str, list[Node]] = field(default_factory=dict)
    pasts: dict[tuple[str, str], Slot] = field(default_factory=dict)
    chains: list[tuple[Projection, Slot]] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    spikes: dict[str, SpikeSource] = field(default_factory=dict)
    deliveries: list[Delivery] = field(default_factory=list)
    folds: list[Fold] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)
    draws: list[Draw] = field(default_factory=list)
    propagators: list[Propagator] = field(default_factory=list)

    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.masks: dict[str, Node] = {}
        self.folded: dict[str, list[tuple[int, Node]]] = {}
        self.places: dict[tuple[str, str], Node] = {}
        self.graph = Graph(self._constant)
        stacks = stacks_of(self.network)
        self.stacks: dict[str, Stack] = {stack.name: stack for stack in stacks}
        self.members: dict[str, Member] = {m.population: m for stack in stacks for m in stack.members}
        self.driven = {p.target for p in self.network.projections} | {s.target for s in self.network.stimuli}
        self.names: dict[str, dict[str, Node]] = {stack.name: {} for stack in stacks}
        self._numbers: dict[float, Slot] = {}
        self._steps: dict[float, Node] = {}

    def cell(self, name: str, value: float | Array) -> Node:
        """A number, or one number per unit, that stays."""
        array = np.asarray(value, dtype=np.float64)
        units = array.size if array.ndim else 0
        slot = self.layout.add(name, "cell", units)
        self.fills.append(Fill(slot, array.reshape(-1)))
        return self.graph.leaf(Operand(slot), "setup", units)

    def _constant(self, value: float) -> Operand:
        if value not in self._numbers:
            self._numbers[value] = self.layout.add(f"{value:g}", "cell", 0)
            self.fills.append(Fill(self._numbers[value], np.array([value])))
        return Operand(self._numbers[value])

    def step(self, value: float) -> Node:
        """The step, in the network's time or in a model's own."""
        if value not in self._steps:
            self._steps[value] = self.cell("dt" if value == self.timing.dt else f"dt={value:g}", value)
        return self._steps[value]

    def settable(self, path: str, value: float | Array, factor: float = 1.0) -> Node:
        """A cell that the user may set; what is given is multiplied by ``factor``."""
        node = self.cell(path, np.asarray(value, dtype=np.float64) * factor)
        self.settings[path] = Setting(path, slot_of(node), factor)
        return node

    def stacked(self, stack: Stack, key: str, values: Mapping[str, float | Array], factor: float) -> Node:
        """A settable cell for each member of a stack, end to end: ``values`` by population."""
        if len(stack.members) == 1:
            name = stack.members[0].population
            return self.settable(f"{name}.{key}", values[name], factor)
        row = [np.broadcast_to(np.asarray(values[m.population], dtype=np.float64), (m.size,)) for m in stack.members]
        node = self.cell(f"{stack.name}.{key}", np.concatenate(row) * factor)
        for m in stack.members:
            path = f"{m.population}.{key}"
            self.settings[path] = Setting(path, slot_of(node), factor, start=m.start, width=m.size)
        return node

    def edge(self, path: str, time: float) -> Node:
        """A settable time that marks an edge, as the first step that is not before it."""
        dt = self.timing.dt
        node = self.cell(path, float(first_step(time, dt)))
        self.settings[path] = Setting(path, slot_of(node), edge_of=dt)
        return node

    def window(self, name: str, size: int, history: int = 0) -> Slot:
        """Rows for the past and for the future of a value."""
        return self.layout.add(name, "window", size, history + self.timing.span + 1, history)

    def step_number(self) -> Node:
        """k, the number of the step."""
        return self.graph.special("step-number", (), section="block", units=0, text="k")

    def time(self) -> Node:
        """t = k·dt."""
        return self.graph.apply("multiply", self.step_number(), self.step(self.timing.dt), text="t = k*dt")

    def own_dt(self, name: str) -> float:
        """The step in a stack's own unit of time."""
        population, unit = self.network.populations[self.stacks[name].members[0].population], self.network.time_unit
        model_unit = population.model.time_unit
        if population.time_scale is not None:
            return self.timing.dt / to_unit(population.time_scale, unit, "time_scale")
        same = "1" in (unit, model_unit) or unit == model_unit
        return self.timing.dt if same else self.timing.dt * (SECONDS[unit] / SECONDS[model_unit])

    def add_coupling(self, name: str, coupling: Coupling, gain: Node) -> int:
        """Keep a coupling whose weights are multiplied by a gain, and make its weights settable."""
        index = len(self.couplings)
        self.couplings.append(coupling)
        self.gains.append(slot_of(gain))
        if coupling.settable:
            path = f"{name}.weight"
            self.settings[path] = Setting(path, slot_of(gain), coupling=index)
        return index

    def advance_root(self, node: Node, slot: Slot) -> None:
        """Let a value be the next row of a window."""
        self.roots.append(Root(node, Operand(slot, 1), "advance"))

    def random(self, draw: Draw, arguments: tuple[Node, ...] = ()) -> Node:
        """Random numbers of their own for each unit and step."""
        index, text = len(self.draws), f"{draw.kind} of {draw.name}"
        self.draws.append(draw)
        return self.graph.special(draw.kind, arguments, section="block", units=draw.size, text=text, index=index)

    def normal(self, name: str, size: int) -> Node:
        """Standard normal numbers."""
        return self.random(Draw(name, "normal", size))

    def white_noise(self, name: str, size: int, dt: float) -> Node:
        """White noise of unit intensity: normal numbers divided by the square root of the step."""
        root = self.cell(f"1/sqrt(dt) of {name}", 1.0 / float(np.sqrt(dt)))
        return self.graph.apply("multiply", root, self.normal(name, size), text=f"xi of {name}")

    def per_unit(self, node: Node, size: int) -> Node:
        """A value as one number per unit."""
        if node.units == size:
            return node
        return self.graph.apply("add", node, self.cell(f"zeros({size})", np.zeros(size)), text=node.text)


def slot_of(node: Node) -> Slot:
    """The slot from which a leaf is read."""
    assert node.place is not None
    return node.place.slot
