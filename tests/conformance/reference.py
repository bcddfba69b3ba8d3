"""Owns the plain meaning of a network: one unit, one connection and one step at a time, slow and obvious.

It follows the written convention of time, order and delay directly, from the description alone. It shares
with what it tests only the description, the draws and the evaluation of a formula.
"""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction

import numpy as np

import nbkit as nb
from nbkit.compile.sampling import evaluate, generator, sample
from nbkit.model.expression import parse
from nbkit.network.kernels import is_kernel
from nbkit.network.laws import Law
from nbkit.network.rules import Ends
from nbkit.network.time import to_unit


def simulate(net: nb.Network, steps: int, dt: float, seed: int = 0) -> dict[str, np.ndarray]:
    """Every state and algebraic variable at samples 0 to ``steps``, shape (samples, size)."""
    return _Reference(net, dt, seed).run(steps)


def _numbers(units: object, p: nb.Population) -> list[int]:
    """The numbers of the chosen units, row by row where they are chosen by rows and columns."""
    every = np.arange(p.count)
    if not hasattr(units, "rows"):
        return [int(i) for i in every[units if isinstance(units, slice) else np.asarray(units, dtype=int)]]
    rows, columns = (part if isinstance(part, slice) else part.astype(int) for part in (units.rows, units.columns))
    return [int(i) for row in every.reshape(p.shape)[rows] for i in row[columns]]


def spikes(net: nb.Network, steps: int, dt: float, seed: int = 0) -> dict[str, list[tuple[int, int]]]:
    """The (stamp, unit) of every spike that a run of ``steps`` finds, in order."""
    made = _Reference(net, dt, seed)
    made.run(steps)
    last = {n: steps + (p.model.reset_at == "end") for n, p in net.populations.items()}
    return {name: sorted((t, i) for t, i in found if t < last[name]) for name, found in made.spikes.items()}


class _Reference:
    def __init__(self, net: nb.Network, dt: float, seed: int) -> None:
        self.net, self.dt, self.seed = net, dt, seed
        self.parameters = {
            name: {key: self._of_units(p, net.value(f"{name}.{key}"), f"{name}.{key}") for key in p.model.parameters}
            for name, p in net.populations.items()
        }
        self.spikes: dict[str, list[tuple[int, int]]] = {}
        self.connections: dict[str, list[tuple[int, int, float, int]]] = {}
        self.chains: dict[str, list[np.ndarray]] = {}
        self.history: dict[str, list[np.ndarray]] = {}

    def run(self, steps: int) -> dict[str, np.ndarray]:
        for name, p in self.net.populations.items():
            for key in p.model.states:
                path = f"{name}.{key}.initial"
                self.history[f"{name}.{key}"] = [self._of_units(p, self.net.value(path), path)]
            for key in p.model.algebraic:
                self.history[f"{name}.{key}"] = []
        for k in range(steps + 1):
            self._sample(k)
        return {path: np.array(rows)[: steps + 1] for path, rows in self.history.items()}

    def _of_units(self, p: nb.Population, value: object, path: str) -> np.ndarray:
        """A value for each unit: drawn, worked out where the unit stands, or the same for all."""
        if isinstance(value, nb.Expression):
            return np.array([float(evaluate(parse(value.text), self._place(p, i))) for i in range(p.count)])
        drawn = np.reshape(sample(value, p.shape, self.seed, path), -1)
        return np.array(np.broadcast_to(drawn, (p.count,)), dtype=float)

    def _place(self, p: nb.Population, unit: int) -> dict[str, float]:
        """Where a unit stands: in the middle of its cell."""
        places = np.unravel_index(unit, p.shape)
        stands = [(int(i) + 0.5) * (length / n) for i, n, length in zip(places, p.shape, p.grid.extent, strict=True)]
        return dict(zip(("y", "x")[-len(stands) :], stands, strict=True))

    def _sample(self, k: int) -> None:  # noqa: C901  one step, told in order
        """Complete sample k and make the states of sample k+1."""
        known = {
            name: dict(self.parameters[name]) | {s: self.history[f"{name}.{s}"][k] for s in p.model.states}
            for name, p in self.net.populations.items()
        }
        for after_inputs in (False, True):
            if after_inputs:
                arriving = {name: self._inputs(name, k) for name in known}
            for name, p in self.net.populations.items():
                for key, line in p.model.algebraic.items():
                    if p.model.depends_on_inputs(key) == after_inputs:
                        names = known[name] | (arriving[name] if after_inputs else {})
                        known[name][key] = np.broadcast_to(evaluate(line.right, names), (p.count,))
                        self.history[f"{name}.{key}"].append(known[name][key])
        self._chains_forward(k)
        for name, p in self.net.populations.items():
            if p.model.spiking and p.model.reset_at == "start":
                self._detect(name, known[name], k)
        following = {name: {} for name in known}
        for name, p in self.net.populations.items():
            names = known[name] | arriving[name]
            for key, line in p.model.differential.items():
                factor = evaluate(line.factor, names) if line.factor is not None else 1.0
                moved = known[name][key] + self.dt * evaluate(line.right, names) / factor
                low, high = p.model.states[key].limits or (None, None)
                following[name][key] = np.clip(moved, low, high)
        self._spikes_act(k, known, following)
        for name, states in following.items():
            for key, row in states.items():
                self.history[f"{name}.{key}"].append(row)

    def _detect(self, name: str, values: dict[str, np.ndarray], stamp: int) -> None:
        p = self.net.populations[name]
        over = np.broadcast_to(evaluate(p.model.spiking.threshold, values), (p.count,))
        self.spikes.setdefault(name, []).extend((stamp, int(i)) for i in np.flatnonzero(over))

    def _spikes_act(self, k: int, known: dict, following: dict) -> None:  # noqa: C901, PLR0912  told in order
        """Deliveries, refractoriness and resets at the end of step k, unit by unit."""
        for q in self.net.projections:
            source, spike = q.source.split(".")
            if spike == "spike":
                post, state = q.target.split(".")
                connections = self._connections(q)
                in_degree = Counter(i for i, _, _, _ in connections)
                for i, j, weight, d in connections:
                    if (k + 1 - d, j) in self.spikes.get(source, []):
                        share = 1.0 / in_degree[i] if q.weight_is == "total" else 1.0
                        following[post][state][i] += q.gain * share * weight
        for name, p in self.net.populations.items():
            if not p.model.spiking:
                continue
            at_end = p.model.reset_at == "end"
            steps = np.rint(np.broadcast_to(evaluate(p.model.spiking.refractory, known[name]), (p.count,)) / self.dt)
            for line in p.model.spiking.reset:
                for i in range(p.count):
                    if not line.adds and any(
                        i == j and k <= t - at_end + steps[i] for t, j in self.spikes.get(name, [])
                    ):
                        following[name][line.target][i] = known[name][line.target][i]
            values = self.parameters[name] | {s: following[name][s].copy() for s in p.model.states}
            if at_end:
                self._detect(name, values, k + 1)
            else:
                values = known[name]
            fired = [i for t, i in self.spikes.get(name, []) if t == k + at_end]
            for line in p.model.spiking.reset:
                right = np.broadcast_to(evaluate(line.right, values), (p.count,))
                for i in fired:
                    following[name][line.target][i] = right[i] + (following[name][line.target][i] if line.adds else 0.0)

    def _inputs(self, name: str, k: int) -> dict[str, np.ndarray]:
        p = self.net.populations[name]
        found = {}
        for key, undriven in p.model.inputs.items():
            target = f"{name}.{key}"
            parts = [self._projected(q, k) for q in self.net.projections if q.target == target]
            parts += [self._stimulated(s, k, p) for s in self.net.stimuli if s.target == target]
            found[key] = sum(parts) if parts else np.full(p.count, float(undriven))
        return found

    def _projected(self, q: nb.Projection, k: int) -> np.ndarray:
        post = self.net.populations[q.target.split(".")[0]].count
        connections = self._connections(q)
        in_degree = np.bincount([i for i, _, _, _ in connections], minlength=post)
        arriving = np.zeros(post)
        for i, j, weight, d in connections:
            share = 1.0 / in_degree[i] if q.weight_is == "total" else 1.0
            arriving[i] += q.gain * share * weight * self._delayed(q, k, d)[j]
        return arriving

    def _connections(self, q: nb.Projection) -> list[tuple[int, int, float, int]]:
        """Target, source, weight and delay in steps of every single connection."""
        if q.name not in self.connections:
            pre, post = (self.net.populations[path.split(".")[0]].count for path in (q.source, q.target))
            ends = Ends(post, pre, q.source.split(".")[0] == q.target.split(".")[0])
            targets, sources = q.rule.pairs(generator(self.seed, f"{q.name}.rule"), ends)
            matrix = isinstance(q.rule, nb.AllToAll)
            shape = (post, pre) if matrix else targets.shape
            if is_kernel(q.weight):
                weights = np.array([[self._kernel(q, i, j) for j in range(pre)] for i in range(post)])
                near = [self._distance(q, i, j) <= self._cutoff(q) for i, j in zip(targets, sources, strict=True)]
                targets, sources = targets[near], sources[near]
            else:
                weights = np.broadcast_to(sample(q.weight, shape, self.seed, f"{q.name}.weight"), shape)
            if isinstance(q.delay, nb.ConductionDelay):
                pairs = np.ndindex(post, pre) if matrix else zip(targets, sources, strict=True)
                steps = np.reshape([self._travel(q, i, j) for i, j in pairs], shape)
            else:
                steps = np.broadcast_to(self._steps(q, shape), shape)
            where = [(i, j) for i, j in zip(targets, sources, strict=True)] if matrix else range(len(targets))
            self.connections[q.name] = [
                (int(i), int(j), float(weights[w]), int(steps[w]))
                for i, j, w in zip(targets, sources, where, strict=True)
            ]
        return self.connections[q.name]

    def _distance(self, q: nb.Projection, i: int, j: int) -> float:
        """Between the middles of the cells of target i and source j, the shorter way round on periodic grids."""
        post, pre = (self.net.populations[path.split(".")[0]] for path in (q.target, q.source))
        parts = []
        for n, m, length, a, b in zip(
            post.shape,
            pre.shape,
            post.grid.extent,
            np.unravel_index(i, post.shape),
            np.unravel_index(j, pre.shape),
            strict=True,
        ):
            apart = abs(Fraction(2 * int(a) + 1, 2 * n) - Fraction(2 * int(b) + 1, 2 * m))
            parts.append(float((min(apart, 1 - apart) if post.edges == "periodic" else apart) * Fraction(length)))
        return math.hypot(*parts)

    def _cutoff(self, q: nb.Projection) -> float:
        cutoff = getattr(q.weight, "cutoff", None)
        return math.inf if cutoff is None else cutoff

    def _kernel(self, q: nb.Projection, i: int, j: int) -> float:
        pre = self.net.populations[q.source.split(".")[0]]
        cell = math.prod(length / n for length, n in zip(pre.grid.extent, pre.shape, strict=True))
        text, numbers = (q.weight.formula, q.weight.numbers()) if hasattr(q.weight, "formula") else (q.weight.text, {})
        value = float(evaluate(parse(text), {"d": self._distance(q, i, j)} | numbers))
        return value * (cell if q.weight_is == "density" else 1.0)

    def _travel(self, q: nb.Projection, i: int, j: int) -> int:
        base = to_unit(q.delay.base, self.net.time_unit, "")
        return math.floor((base + self._distance(q, i, j) / q.delay.speed) / self.dt + 0.5 + 1e-9)

    def _steps(self, q: nb.Projection, shape: tuple[int, ...]) -> np.ndarray:
        if isinstance(q.delay, np.ndarray):
            return np.rint(q.delay / self.dt).astype(int)
        if isinstance(q.delay, Law):
            return np.floor(sample(q.delay, shape, self.seed, f"{q.name}.delay") / self.dt + 0.5).astype(int)
        return np.array(0 if q.spread is not None else round(to_unit(q.delay, self.net.time_unit, "") / self.dt))

    def _delayed(self, q: nb.Projection, k: int, d: int) -> np.ndarray:
        if q.spread is not None:
            return self._chain(q)[-1]
        if k - d >= 0:
            return self.history[q.source][k - d]
        first = self._first(q.source)
        return first if q.history == "initial" else np.zeros_like(first)

    def _first(self, path: str) -> np.ndarray:
        """A source at t = 0, with undriven inputs."""
        name, variable = path.split(".")
        p = self.net.populations[name]
        known = dict(self.parameters[name]) | {k: float(v) for k, v in p.model.inputs.items()}
        known |= {s: self.history[f"{name}.{s}"][0] for s in p.model.states}
        for key, line in p.model.algebraic.items():
            known[key] = evaluate(line.right, known)
        return np.array(np.broadcast_to(known[variable], (p.count,)), dtype=float)

    def _chain(self, q: nb.Projection) -> list[np.ndarray]:
        if q.name not in self.chains:
            delay, spread = (to_unit(v, self.net.time_unit, "") for v in (q.delay, q.spread))
            first = self._first(q.source)
            start = first if q.history == "initial" else np.zeros_like(first)
            self.chains[q.name] = [start.copy() for _ in range(max(1, round((delay / spread) ** 2)))]
        return self.chains[q.name]

    def _chains_forward(self, k: int) -> None:
        for q in self.net.projections:
            if q.spread is not None:
                stages = self._chain(q)
                rate = len(stages) / to_unit(q.delay, self.net.time_unit, "")
                before = [self.history[q.source][k], *stages[:-1]]
                self.chains[q.name] = [z + self.dt * rate * (b - z) for z, b in zip(stages, before, strict=True)]

    def _stimulated(self, s: nb.Stimulus, k: int, p: nb.Population) -> np.ndarray:
        """What a stimulus brings to each unit; its rows belong to the chosen units."""
        brought = np.zeros(p.count)
        numbers = range(p.count) if s.units is None else _numbers(s.units, p)
        brought[numbers] = self._signal(s.signal, k, p, numbers)
        return brought

    def _signal(self, signal: object, k: int, p: nb.Population, numbers: list[int]) -> np.ndarray:
        size, t, unit = len(numbers), k * self.dt, self.net.time_unit
        if isinstance(signal, nb.Expression):
            places = [self._place(p, i) if p.grid else {} for i in numbers]
            return np.array([float(evaluate(parse(signal.text), place | {"t": t})) for place in places])
        if isinstance(signal, nb.MovingBubble):
            return np.array([self._bubble(signal, t, p, i) for i in numbers])
        if isinstance(signal, nb.Step):
            start = to_unit(signal.start, unit, "")
            return np.full(size, signal.amplitude * (k >= start / self.dt - 1e-9))
        if isinstance(signal, nb.Sine):
            hertz = {"ms": 1e-3, "s": 1.0, "1": 1.0}[unit]
            angle = 2 * math.pi * signal.frequency * hertz * t + signal.phase
            return np.full(size, signal.offset + signal.amplitude * math.sin(angle))
        row = signal.array[k // round(to_unit(signal.dt, unit, "") / self.dt)]
        return np.broadcast_to(np.reshape(row, -1), (size,))

    def _bubble(self, signal: nb.MovingBubble, t: float, p: nb.Population, unit: int) -> float:
        """Bump by bump, from the unit to each of the nearest copies of a centre on a periodic grid."""
        total, copies = 0.0, (-2, -1, 0, 1, 2) if p.edges == "periodic" else (0,)
        for j in range(signal.count):
            angle = 2 * math.pi * (t / to_unit(signal.period, self.net.time_unit, "") + j / signal.count) + signal.phase
            square = 0.0
            for axis, length, stands in zip(p.grid.axes, p.grid.extent, self._place(p, unit).values(), strict=True):
                centre = length / 2 + signal.radius * (math.cos(angle) if axis == "x" else math.sin(angle))
                square += min(abs(stands - centre + copy * length) for copy in copies) ** 2
            total += signal.amplitude * math.exp(-square / (2 * signal.width**2))
        return total
