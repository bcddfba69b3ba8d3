"""Owns the flow of a small network: how fast each state moves, as a function of all of them. Must not know plots.

The right-hand sides are read off the equations of the models, symbol by symbol, with delays taken as none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from nbkit.errors import NbkitError, Problem, did_you_mean, fail, shown
from nbkit.model.derivative import derivative
from nbkit.model.expression import Apply, Number, Symbol, Tree, names
from nbkit.model.functions import CONSTANTS, XI
from nbkit.network.description import Population
from nbkit.network.evaluation import evaluate
from nbkit.network.network import Network
from nbkit.network.time import SECONDS, parameter_factor, to_unit
from nbkit.study.conditions import longest_delay
from nbkit.study.reduction import Reduction, reduced

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Flow:
    """How fast the states of a network move, as long as nothing from outside changes.

    Attributes:
        reduction: the small network, one unit for each population, whose states these are.
        states: the paths of the states, in the order of all vectors here.
        values: path -> number, for everything that can be turned: parameters, weights, gains, amplitudes.
        delays: projection -> its delay, where it has one; the flow knows none.
        lines: variable -> its formula, each needing only earlier ones.
        rates: state -> the formula of its derivative.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"N": nb.Population(nb.models.fitzhugh_nagumo, 1)}, time_unit="1")
        >>> flow = nb.study.flow_of(net)
        >>> flow.states, sorted(flow.values)[:3]
        (('N.v', 'N.w'), ['N.a', 'N.b', 'N.epsilon'])
    """

    reduction: Reduction
    states: tuple[str, ...]
    values: Mapping[str, float]
    delays: Mapping[str, float]
    lines: Mapping[str, Tree] = field(repr=False)
    rates: Mapping[str, Tree] = field(repr=False)

    @property
    def start(self) -> Array:
        """The states at t = 0, shape (states,)."""
        return np.array([float(self.reduction.network.value(f"{state}.initial")) for state in self.states])

    def with_value(self, path: str, value: float) -> Flow:
        """The flow with another number at a path.

        Raises:
            NbkitError: ``unknown-path`` for a path that is no number of the flow.
        """
        if path not in self.values:
            raise fail("unknown-path", path, "no such number in the flow", did_you_mean(path, self.values))
        return replace(self, values={**self.values, path: float(value)})

    def speed(self, states: npt.ArrayLike) -> Array:
        """The derivative of every state.

        Args:
            states: shape (states, ...): any number of points at once.

        Returns:
            The same shape, per unit of the network's time.
        """
        x = np.asarray(states, dtype=np.float64)
        with np.errstate(all="ignore"):
            known = self._known(x)
            found = [np.broadcast_to(evaluate(self.rates[state], known), x.shape[1:]) for state in self.states]
        return np.array(found)

    def variable(self, path: str, states: npt.ArrayLike) -> Array:
        """A state or an algebraic variable at points, shape (...)."""
        x = np.asarray(states, dtype=np.float64)
        with np.errstate(all="ignore"):
            known = self._known(x)
        if path not in known:
            raise fail("unknown-path", path, "no such variable in the flow", did_you_mean(path, known))
        return np.broadcast_to(np.asarray(known[path], dtype=np.float64), x.shape[1:]).copy()

    def slopes(self, states: npt.ArrayLike) -> Array:
        """The Jacobian: how the derivative of each state changes with each state.

        Args:
            states: shape (states,).

        Returns:
            Shape (states, states): row i tells the derivative of state i.
        """
        return np.column_stack([self.slope(states, state) for state in self.states])

    def slope(self, states: npt.ArrayLike, path: str) -> Array:
        """How the derivative of each state changes with one state or one number of the flow, shape (states,)."""
        x = np.asarray(states, dtype=np.float64)
        if path not in self.values and path not in self.states:
            hint = did_you_mean(path, (*self.states, *self.values))
            raise fail("unknown-path", path, "no such number in the flow", hint)
        with np.errstate(all="ignore"):
            known = self._known(x)
            change: dict[str, Any] = {path: 1.0}
            for name, tree in self.lines.items():
                change[name] = _change(tree, known, change)
            return np.array([float(_change(self.rates[state], known, change)) for state in self.states])

    def _known(self, x: Array) -> dict[str, Any]:
        if x.shape[:1] != (len(self.states),):
            what = f"{shown(x.shape)}: the first axis must have one entry for each of {', '.join(self.states)}"
            raise fail("wrong-shape", "states", what, f"shape ({len(self.states)}, ...)")
        known: dict[str, Any] = dict(self.values) | dict(zip(self.states, x, strict=True))
        for name, tree in self.lines.items():
            known[name] = evaluate(tree, known)
        return known


def _change(tree: Tree, known: Mapping[str, Any], change: Mapping[str, Any]) -> Any:
    """The chain rule: how a formula changes when the names in it do."""
    total: Any = 0.0
    for name in names(tree):
        moved = change.get(name, 0.0)
        if np.any(moved):
            total = total + evaluate(derivative(tree, name), known) * moved
    return total


def flow_of(network: Network | Reduction, at: float = np.inf) -> Flow:
    """Read the flow of a network off its equations.

    A network of many units is reduced first, see `reduced`. Delays are taken as none: the points at which the flow
    rests are those of the network, but whether they are stable is another question, which the flow cannot answer.

    Args:
        network: a network, or what `reduced` made of it.
        at: a stimulus is held at the value that it has at this time; at the one that it ends with by default.

    Raises:
        NbkitError: ``no-reduction`` for a network that has none, or whose variables need each other at once.

    Example:
        >>> import nbkit as nb
        >>> flow = nb.study.flow_of(nb.Network({"N": nb.Population(nb.models.fitzhugh_nagumo, 1)}, time_unit="1"))
        >>> flow.states
        ('N.v', 'N.w')
        >>> flow.slopes([0.0, 0.0]).round(3).tolist()
        [[1.0, -1.0], [0.08, -0.064]]
    """
    reduction = network if isinstance(network, Reduction) else reduced(network, at)
    small = reduction.network
    values = _numbers(small)
    waiting: dict[str, Tree] = {}
    rates: dict[str, Tree] = {}
    for name, population in small.populations.items():
        own = _meanings(small, name, population)
        waiting |= {f"{name}.{key}": _renamed(line.right, own) for key, line in population.model.algebraic.items()}
        rates |= {f"{name}.{key}": _rate(small, population, key, own) for key in population.model.states}
    waiting |= _inputs(small)
    delays = {p.name: d for p in small.projections if (d := longest_delay(small, p))}
    return Flow(reduction, tuple(rates), values, delays, _in_order(waiting, {*values, *rates}), rates)


def _numbers(network: Network) -> dict[str, float]:
    """Every number that can be turned, by its path."""
    paths = [f"{name}.{key}" for name, p in network.populations.items() for key in p.model.parameters]
    paths += [f"{p.name}.{key}" for p in network.projections for key in ("gain", "weight")]
    paths += [f"{stimulus.name}.amplitude" for stimulus in network.stimuli]
    return {path: float(network.value(path)) for path in paths}


def _meanings(network: Network, name: str, population: Population) -> dict[str, Tree]:
    """What the names of a model stand for in the network: full paths; parameters in the model's own time."""
    model = population.model
    own: dict[str, Tree] = {key: Symbol(f"{name}.{key}") for key in (*model.inputs, *model.variables)}
    for key, parameter in model.parameters.items():
        own[key] = _times(Symbol(f"{name}.{key}"), parameter_factor(parameter.unit, model.time_unit, network.time_unit))
    return {**own, XI: Number(0.0, "0")}


def _rate(network: Network, population: Population, key: str, own: Mapping[str, Tree]) -> Tree:
    """The derivative of a state in the network's time."""
    line = population.model.differential[key]
    right = _renamed(line.right, own)
    if line.factor is not None:
        right = Apply("divide", (right, _renamed(line.factor, own)))
    return _times(right, _pace(network, population))


def _pace(network: Network, population: Population) -> float:
    """Units of the model's time in one unit of the network's."""
    unit, own = network.time_unit, population.model.time_unit
    if population.time_scale is not None:
        return 1.0 / to_unit(population.time_scale, unit, "time_scale")
    return 1.0 if "1" in (unit, own) or unit == own else SECONDS[unit] / SECONDS[own]


def _inputs(network: Network) -> dict[str, Tree]:
    """Input -> what arrives there: the sum over projections and stimuli, or the model's own number."""
    arriving: dict[str, list[Tree]] = {}
    for p in network.projections:
        factor = Apply("multiply", (Symbol(f"{p.name}.gain"), Symbol(f"{p.name}.weight")))
        arriving.setdefault(p.target, []).append(Apply("multiply", (factor, Symbol(p.source))))
    for stimulus in network.stimuli:
        arriving.setdefault(stimulus.target, []).append(Symbol(f"{stimulus.name}.amplitude"))
    for name, population in network.populations.items():
        for key, undriven in population.model.inputs.items():
            arriving.setdefault(f"{name}.{key}", [Number(float(undriven), f"{undriven:g}")])
    return {path: _summed(parts) for path, parts in arriving.items()}


def _summed(parts: list[Tree]) -> Tree:
    total = parts[0]
    for part in parts[1:]:
        total = Apply("add", (total, part))
    return total


def _times(tree: Tree, factor: float) -> Tree:
    return tree if factor == 1 else Apply("multiply", (Number(factor, f"{factor:g}"), tree))


def _renamed(tree: Tree, own: Mapping[str, Tree]) -> Tree:
    if isinstance(tree, Symbol):
        return tree if tree.name in CONSTANTS else own[tree.name]
    if not isinstance(tree, Apply):
        return tree
    return Apply(tree.operation, tuple(_renamed(argument, own) for argument in tree.arguments))


def _in_order(waiting: dict[str, Tree], known: set[str]) -> dict[str, Tree]:
    """The lines in an order in which each needs only earlier ones."""
    done: dict[str, Tree] = {}
    while waiting:
        ready = {name: tree for name, tree in waiting.items() if names(tree) <= known}
        if not ready:
            what = f"{', '.join(waiting)} need each other at once when delays are left out"
            problem = Problem("no-reduction", min(waiting), what, "project a state instead of an algebraic variable")
            raise NbkitError([problem])
        done |= ready
        known |= set(ready)
        waiting = {name: tree for name, tree in waiting.items() if name not in ready}
    return done
