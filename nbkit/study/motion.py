"""Owns the speed of a flow at one point, computed fast: for rules that step along it. Must not know what for."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from nbkit.model.expression import Number, Symbol, Tree, expansion
from nbkit.model.functions import CONSTANTS, OPERATIONS
from nbkit.study.flow import Flow

Array = npt.NDArray[np.float64]
Motion = Callable[[Array], Array]
Numbers = list[float]
Formula = Callable[[Numbers], float]

#: operations that Python does faster than NumPy on single numbers
_PLAIN: dict[str, Callable[..., float]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "negative": operator.neg,
}


def motion_of(flow: Flow) -> Motion:
    """Make `Flow.speed` for one point at a time: formulas become nested functions, numbers are put in.

    Returns:
        A function of the states, shape (states,), which gives their derivatives, the same shape.

    >>> import nbkit as nb
    >>> flow = nb.study.flow_of(nb.Network({"N": nb.Population(nb.models.fitzhugh_nagumo, 1)}, time_unit="1"))
    >>> bool(abs(motion_of(flow)(flow.start) - flow.speed(flow.start)).max() < 1e-15)
    True
    """
    places = {state: i for i, state in enumerate(flow.states)}
    values = dict(flow.values)
    lines: list[Formula] = []
    for path, tree in flow.lines.items():
        line = _formula(tree, values, places)
        if isinstance(line, _Constant):
            values[path] = line.value
        else:
            lines.append(line)
            places[path] = len(places)
    rates = [_formula(flow.rates[state], values, places) for state in flow.states]

    def motion(states: Array) -> Array:
        known = states.tolist()
        for line in lines:
            known.append(line(known))
        return np.array([rate(known) for rate in rates])

    return motion


def _formula(tree: Tree, values: Mapping[str, float], places: Mapping[str, int]) -> Formula:
    if isinstance(tree, Number):
        return _constant(tree.value)
    if isinstance(tree, Symbol):
        if tree.name in places:
            return operator.itemgetter(places[tree.name])
        return _constant(CONSTANTS[tree.name][0] if tree.name in CONSTANTS else values[tree.name])
    row = OPERATIONS[tree.operation]
    parts = [_formula(argument, values, places) for argument in tree.arguments]
    if row.expands:
        made = _put(_formula(expansion(tree.operation), {}, {"x": 0, "y": 1}), parts)
    else:
        made = _applied(_PLAIN.get(tree.operation) or _of_numpy(row.numpy), parts)
    if not all(isinstance(part, _Constant) for part in parts):
        return made
    with np.errstate(all="ignore"):
        return _constant(made([]))


class _Constant:
    """A formula without names."""

    def __init__(self, value: float) -> None:
        self.value = value

    def __call__(self, known: Numbers) -> float:
        del known
        return self.value


def _constant(value: float) -> Formula:
    return _Constant(float(value))


def _of_numpy(name: str) -> Callable[..., float]:
    function = getattr(np, name)
    return lambda *arguments: float(function(*arguments))


def _applied(operation: Callable[..., float], parts: Sequence[Formula]) -> Formula:
    if len(parts) == 1:
        (only,) = parts
        return lambda known: operation(only(known))
    left, right = parts
    return lambda known: operation(left(known), right(known))


def _put(inside: Formula, parts: Sequence[Formula]) -> Formula:
    return lambda known: inside([part(known) for part in parts])
