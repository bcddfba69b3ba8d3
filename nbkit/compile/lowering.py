"""Owns the meaning of a network as values of one step: models, projections and stimuli become one graph.

Must not know memory addresses or backends.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from nbkit.compile.coupling import Coupling, plan_coupling
from nbkit.compile.delays import DelayPlan, steps_of
from nbkit.compile.emitter import Layout, Root
from nbkit.compile.graph import Graph, Node
from nbkit.compile.instructions import Operand, Slot
from nbkit.compile.program import Fill, RecordedInput, Setting, Variable
from nbkit.compile.sampling import evaluate, sample
from nbkit.model.expression import Apply, Symbol, Tree, parse
from nbkit.model.model import Model
from nbkit.network.description import Population, Projection, Stimulus, split_path
from nbkit.network.network import Network
from nbkit.network.signals import Formula, Recorded
from nbkit.network.time import SECONDS, parameter_factor, steps_per_unit, to_unit
from nbkit.network.values import Array


@dataclass
class Lowered:
    """What lowering found: the roots of the graph, and all that a program keeps beside it."""

    roots: list[Root] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    couplings: list[Coupling] = field(default_factory=list)
    gains: list[Slot] = field(default_factory=list)
    recorded: list[RecordedInput] = field(default_factory=list)
    variables: dict[str, Variable] = field(default_factory=dict)
    settings: dict[str, Setting] = field(default_factory=dict)
    sampled: dict[str, float | Array] = field(default_factory=dict)


class Lowering:
    """Lowers one network for one dt, seed and block length."""

    def __init__(self, network: Network, dt: float, seed: int, delays: dict[str, DelayPlan], block: int, span: int) -> None:
        self.network, self.dt, self.seed = network, dt, seed
        self.delays, self.block, self.span = delays, block, span
        self.layout, self.out = Layout(), Lowered()
        self.graph = Graph(self._constant)
        self._numbers: dict[float, Slot] = {}
        self._steps: dict[float, Node] = {}
        self._names: dict[str, dict[str, Node]] = {name: {} for name in network.populations}
        self._pasts: dict[tuple[str, str], Slot] = {}
        self._gathered: dict[str, list[Node]] = {}
        self._clock: Node | None = None

    def run(self) -> Lowered:
        """Lower everything, in the order of a step's phases."""
        for name, population in self.network.populations.items():
            self._parameters(name, population)
            self._states(name, population)
        self.graph.phase = "emit"
        for name, population in self.network.populations.items():
            self._algebraic(name, population.model, after_inputs=False)
        self.graph.phase = "gather"
        for projection in self.network.projections:
            self._gathered.setdefault(projection.target, []).append(self._projection(projection))
        for stimulus in self.network.stimuli:
            self._gathered.setdefault(stimulus.target, []).append(self._stimulus(stimulus))
        for name, population in self.network.populations.items():
            self._inputs(name, population.model)
            self._algebraic(name, population.model, after_inputs=True)
        self._remember()
        self.graph.phase = "advance"
        for name, population in self.network.populations.items():
            self._advance(name, population)
        return self.out

    # ------------------------------------------------------------ cells

    def _cell(self, name: str, value: float | Array) -> Node:
        array = np.asarray(value, dtype=np.float64)
        slot = self.layout.add(name, "cell", array.size if array.ndim else 0)
        self.out.fills.append(Fill(slot, array.reshape(-1)))
        return self.graph.leaf(Operand(slot), "setup", array.size if array.ndim else 0)

    def _constant(self, value: float) -> Operand:
        if value not in self._numbers:
            slot = self.layout.add(f"{value:g}", "cell", 0)
            self._numbers[value] = slot
            self.out.fills.append(Fill(slot, np.array([value])))
        return Operand(self._numbers[value])

    def _dt(self, value: float) -> Node:
        """The step, in the network's time or in a model's own."""
        if value not in self._steps:
            self._steps[value] = self._cell("dt" if value == self.dt else f"dt={value:g}", value)
        return self._steps[value]

    def _settable(self, path: str, value: float | Array, factor: float = 1.0, edge_of: float = 0.0) -> Node:
        number = np.asarray(value, dtype=np.float64) * factor
        if edge_of:
            number = np.float64(first_step(float(number), edge_of))
        node = self._cell(path, number)
        assert node.place is not None
        self.out.settings[path] = Setting(path, node.place.slot, factor, edge_of)
        return node

    # ------------------------------------------------------------ populations

    def _parameters(self, name: str, population: Population) -> None:
        model, network = population.model, self.network
        for key, parameter in model.parameters.items():
            path = f"{name}.{key}"
            value = sample(network.value(path), (population.size,), self.seed, path)
            self.out.sampled[path] = value
            factor = parameter_factor(parameter.unit, model.time_unit, network.time_unit)
            self._names[name][key] = self._settable(path, value, factor)

    def _states(self, name: str, population: Population) -> None:
        for key, state in population.model.states.items():
            path = f"{name}.{key}"
            initial = sample(self.network.value(f"{path}.initial"), (population.size,), self.seed, f"{path}.initial")
            row = np.broadcast_to(np.asarray(initial, dtype=np.float64), (population.size,))
            history = self._history(path)
            slot = self._window(path, population.size, max(history.values(), default=0))
            policy = next(iter(history), "initial")
            self._pasts[path, policy] = slot
            self.out.fills.append(Fill(slot, row, row if policy == "initial" else np.zeros_like(row)))
            self._names[name][key] = self.graph.leaf(Operand(slot), "step", population.size)
            self.out.variables[path] = Variable(path, name, key, population.size, Operand(slot), True, state.unit, state.meaning)

    def _history(self, path: str) -> dict[str, int]:
        """History policy -> steps that a source must be kept for; the longest first."""
        needed: dict[str, int] = {}
        for projection in self.network.projections:
            steps = self.delays[projection.name].steps
            if projection.source == path and steps:
                needed[projection.history] = max(steps, needed.get(projection.history, 0))
        return dict(sorted(needed.items(), key=lambda item: -item[1]))

    def _window(self, name: str, size: int, history: int) -> Slot:
        return self.layout.add(name, "window", size, history + self.span + 1, history)

    def _algebraic(self, name: str, model: Model, *, after_inputs: bool) -> None:
        size = self.network.populations[name].size
        for key, line in model.algebraic.items():
            if model.depends_on_inputs(key) != after_inputs:
                continue
            path = f"{name}.{key}"
            node = self.graph.formula(line.right, self._names[name])
            self._names[name][key] = node
            slot = self.layout.add(path, "block", size, self.block)
            self.out.roots.append(Root(node, Operand(slot), self.graph.phase))
            self.out.variables[path] = Variable(path, name, key, size, Operand(slot), False)

    # ------------------------------------------------------------ inputs

    def _projection(self, projection: Projection) -> Node:
        pre_name, source_name = split_path(projection.source)
        pre = self.network.populations[pre_name]
        post = self.network.populations[split_path(projection.target)[0]]
        plan = self.delays[projection.name]
        if plan.stages:
            source = self._chain(projection, plan, pre)
        elif plan.steps:
            place = Operand(self._past(projection), -plan.steps)
            source = self.graph.leaf(place, "block" if plan.steps >= self.block else "step", pre.size)
        else:
            source = self._row(self._names[pre_name][source_name], pre.size)
        coupling = plan_coupling(projection, post.size, pre.size, self.seed)
        gain = self._settable(f"{projection.name}.gain", projection.gain)
        if coupling.plan == "one-to-one":
            weight = self._settable(f"{projection.name}.weight", coupling.weights)
            factor = self.graph.apply("multiply", gain, weight, text=f"{projection.name}.gain*weight")
            return self.graph.apply("multiply", factor, source, text=f"{projection.name}: weight*{source.text}")
        index = len(self.out.couplings)
        self.out.couplings.append(coupling)
        assert gain.place is not None
        self.out.gains.append(gain.place.slot)
        for inside in ("gain", "weight"):
            path = f"{projection.name}.{inside}"
            self.out.settings[path] = Setting(path, gain.place.slot, coupling=index)
        units = post.size if coupling.plan == "dense" else 0
        return self.graph.special("couple", (source,), source.section, units, f"{projection.source} onto {projection.target}", index)

    def _row(self, node: Node, size: int) -> Node:
        """A source as one number per unit."""
        if node.units == size:
            return node
        return self.graph.apply("add", node, self._cell(f"zeros({size})", np.zeros(size)), text=node.text)

    def _past(self, projection: Projection) -> Slot:
        """The window that a delayed source is read from; it may be shared with the state itself."""
        key = (projection.source, projection.history)
        if key not in self._pasts:
            population, variable = split_path(projection.source)
            size = self.network.populations[population].size
            steps = self._history(projection.source)[projection.history]
            slot = self._window(f"{projection.source} ({projection.history} before 0)", size, steps)
            first = self._at_start(population, variable)
            past = first if projection.history == "initial" else np.zeros(size)
            self.out.fills.append(Fill(slot, first, past))
            self._pasts[key] = slot
        return self._pasts[key]

    def _at_start(self, name: str, variable: str) -> Array:
        """A variable at t = 0, its inputs at their undriven values."""
        population = self.network.populations[name]
        model = population.model
        known: dict[str, float | Array] = dict(model.inputs)
        for key, parameter in model.parameters.items():
            factor = parameter_factor(parameter.unit, model.time_unit, self.network.time_unit)
            known[key] = np.asarray(self.out.sampled[f"{name}.{key}"]) * factor
        for fill in self.out.fills:
            for key in model.states:
                if fill.slot.name == f"{name}.{key}":
                    known[key] = fill.row
        for key, line in model.algebraic.items():
            known[key] = evaluate(line.right, known)
        return np.broadcast_to(np.asarray(known[variable], dtype=np.float64), (population.size,))

    def _chain(self, projection: Projection, plan: DelayPlan, pre: Population) -> Node:
        """A gamma delay: stages that pass the source on, each a leaky step behind the one before."""
        population, variable = split_path(projection.source)
        size, stages = pre.size, plan.stages
        slot = self.layout.add(f"{projection.name}.stages", "window", stages * size, self.span + 1)
        start = self._at_start(population, variable) if projection.history == "initial" else np.zeros(size)
        self.out.fills.append(Fill(slot, np.tile(start, stages)))
        pieces = [(0, size)] if stages == 1 else [(0, size), (size, (stages - 1) * size)]
        self.graph.phase = "advance"
        rate = self._cell(f"{projection.name}.stage_rate", plan.rate)
        step = self.graph.apply("multiply", self._dt(self.dt), rate, text="dt*n/D")
        for start_at, width in pieces:
            here = self.graph.leaf(Operand(slot, 0, start_at, width), "step", width)
            before = self._row(self._names[population][variable], size)
            if start_at:
                before = self.graph.leaf(Operand(slot, 0, 0, width), "step", width)
            difference = self.graph.apply("subtract", before, here, text="stage before - stage")
            moved = self.graph.apply("multiply", step, difference, text="dt*n/D * (stage before - stage)")
            following = self.graph.apply("add", here, moved, text=f"stages of {projection.name}")
            self.out.roots.append(Root(following, Operand(slot, 1, start_at, width), "advance"))
        self.graph.phase = "gather"
        return self.graph.leaf(Operand(slot, 0, (stages - 1) * size, size), "step", size)

    def _stimulus(self, stimulus: Stimulus) -> Node:
        signal, unit = stimulus.signal, self.network.time_unit
        if isinstance(signal, Recorded):
            hold, _ = steps_of(to_unit(signal.dt, unit, stimulus.name), self.dt)
            array = signal.array
            self.out.recorded.append(RecordedInput(stimulus.name, array.reshape(len(array), -1), hold))
            units = array.shape[1] if array.ndim == 2 else 0
            return self.graph.special("recorded", (), "block", units, f"{stimulus.name}.array", len(self.out.recorded) - 1)
        assert isinstance(signal, Formula)
        names: dict[str, Node] = {"t": self._time()}
        for key in type(signal).__dataclass_fields__:  # type: ignore[attr-defined]
            path, value = f"{stimulus.name}.{key}", getattr(signal, key)
            if key in signal.times:
                names[key] = self._settable(path, to_unit(value, unit, path), edge_of=self.dt)
            else:
                factor = 1.0 / steps_per_unit(unit) if key in signal.frequencies else 1.0
                names[key] = self._settable(path, value, factor)
        return self.graph.formula(_on_whole_steps(parse(signal.formula), signal), names | {"step": self._step_number()})

    def _step_number(self) -> Node:
        if self._clock is None:
            self._clock = self.graph.special("step-number", (), "block", 0, "k")
        return self._clock

    def _time(self) -> Node:
        return self.graph.apply("multiply", self._step_number(), self._dt(self.dt), text="t = k*dt")

    def _inputs(self, name: str, model: Model) -> None:
        for key, undriven in model.inputs.items():
            parts = self._gathered.get(f"{name}.{key}")
            if not parts:
                self._names[name][key] = self._cell(f"{name}.{key}", float(undriven))
                continue
            total = parts[0]
            for part in parts[1:]:
                total = self.graph.apply("add", total, part, text=f"{name}.{key}")
            self._names[name][key] = total

    # ------------------------------------------------------------ pasts and steps

    def _remember(self) -> None:
        for (path, _), slot in self._pasts.items():
            population, variable = split_path(path)
            node = self._names[population][variable]
            if node.place is None or node.place.slot is not slot:
                self.out.roots.append(Root(node, Operand(slot), "remember"))

    def _advance(self, name: str, population: Population) -> None:
        model, names = population.model, self._names[name]
        dt = self._dt(self.dt * _own_time(population, self.network.time_unit))
        for key, line in model.differential.items():
            state, right = names[key], self.graph.formula(line.right, names)
            share = dt
            if line.factor is not None:
                share = self.graph.apply("divide", dt, self.graph.formula(line.factor, names), text=f"dt/({line.text.split(' * d')[0]})")
            following = self._following(state, share, right, line.text)
            for bound, operation in zip(model.states[key].limits or (None, None), ("maximum", "minimum"), strict=True):
                if bound is not None:
                    following = self.graph.apply(operation, following, self.graph.number(bound), text=f"limits of {name}.{key}")
            assert state.place is not None
            self.out.roots.append(Root(following, Operand(state.place.slot, 1), "advance"))

    def _following(self, state: Node, share: Node, right: Node, text: str) -> Node:
        """The state one Euler step on: ``state + share * right``.

        Where the right side is ``a * state + b`` with a and b known for the whole block, the step is
        ``(1 + share * a) * state + share * b``: two operations are left in it.
        """
        graph = self.graph
        parts = graph.affine(right, state) if right.section == "step" else None
        if parts is not None and parts[0] is not None:
            factor = graph.apply("add", graph.number(1.0), graph.apply("multiply", share, parts[0], text="dt*slope"), text="1 + dt*slope")
            kept = graph.apply("multiply", factor, state, text="(1 + dt*slope)*state")
            if parts[1] is None:
                return kept
            return graph.apply("add", kept, graph.apply("multiply", share, parts[1], text="dt*drive"), text=text)
        return graph.apply("add", state, graph.apply("multiply", share, right, text=f"dt*({text.split(' = ')[1]})"), text=text)


def first_step(time: float, dt: float) -> int:
    """The first step whose sample is not before this time."""
    nearest, off = steps_of(time, dt)
    return nearest if not off else math.ceil(time / dt)


def _own_time(population: Population, network_unit: str) -> float:
    """Units of the model's own time in one unit of the network's."""
    unit = population.model.time_unit
    if population.time_scale is not None:
        return 1.0 / to_unit(population.time_scale, network_unit, "time_scale")
    return 1.0 if "1" in (unit, network_unit) else SECONDS[network_unit] / SECONDS[unit]


def _on_whole_steps(tree: Tree, signal: Formula) -> Tree:
    """Let comparisons of t with a time compare whole steps instead."""
    if not isinstance(tree, Apply):
        return tree
    left, right = tree.arguments[0], tree.arguments[-1]
    if left == Symbol("t") and isinstance(right, Symbol) and right.name in signal.times:
        return Apply(tree.operation, (Symbol("step"), right))
    return Apply(tree.operation, tuple(_on_whole_steps(a, signal) for a in tree.arguments))
