"""Owns exact steps: linear equations become propagators. Must not know projections, stimuli or backends.

Between two samples the inputs of a population are constant. If its equations are linear in its states,
``dx/dt = A x + b``, the next sample follows without error: ``x[k+1] = P x[k] + S b`` with ``P = exp(A dt)`` and
``S`` the integral of ``exp(A s)`` over the step (Rotter & Diesmann 1999, Biol. Cybern. 81:381-402).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nbkit.compile.context import Context
from nbkit.compile.graph import Graph, Node
from nbkit.compile.instructions import SECTIONS
from nbkit.compile.program import Propagator
from nbkit.errors import Problem
from nbkit.model.equations import Equation
from nbkit.model.rendering import to_text

#: operations that keep a value linear; any other one of a state is not
_LINEAR = ("add", "subtract", "multiply", "divide", "negative")


@dataclass(frozen=True)
class Linear:
    """A value as ``sum of slopes[state] * state + rest``; a missing rest is zero."""

    slopes: Mapping[str, Node]
    rest: Node | None


class NotLinearError(Exception):
    """A value is no linear function of the states; the text says where."""


def exact_steps(context: Context, name: str) -> dict[str, Node]:
    """The next value of every state of a stack, before limits; problems are left in the context."""
    model, names, graph = context.stacks[name].model, context.names[name], context.graph
    keys = {names[key].number: key for key in model.states}
    rates: dict[str, Linear] = {}
    for key, line in model.differential.items():
        try:
            rates[key] = _rate(graph, line, names, keys)
        except NotLinearError as error:
            what = f"'{line.text}' is not linear: {error}"
            hint = 'method="euler" for this model'
            context.problems.append(Problem("not-linear", f"{name}.{key}", what, hint))
    if len(rates) < len(keys):
        return {}
    return {key: _following(context, name, key, rates) for key in rates}


def _rate(graph: Graph, line: Equation, names: Mapping[str, Node], keys: Mapping[int, str]) -> Linear:
    """The derivative of a state as a linear function of all states."""
    found = linear(graph, graph.formula(line.right, names), keys)
    if line.factor is None:
        return found
    factor, text = graph.formula(line.factor, names), to_text(line.factor)
    slopes = {
        key: graph.apply("divide", slope, factor, text=f"{slope.text}/{text}") for key, slope in found.slopes.items()
    }
    rest = found.rest and graph.apply("divide", found.rest, factor, text=f"{found.rest.text}/{text}")
    return Linear(slopes, rest)


def linear(graph: Graph, node: Node, keys: Mapping[int, str]) -> Linear:
    """Write a value as a linear function of states.

    Inputs, noise and other populations count as constant over the step.

    Raises:
        NotLinearError: it is none, or a slope changes in time.
    """
    if node.number in keys:
        return Linear({keys[node.number]: graph.number(1.0)}, None)
    if node.leaf or node.section != "step" or node.index >= 0:
        return Linear({}, node)
    parts = [linear(graph, argument, keys) for argument in node.arguments]
    if not any(part.slopes for part in parts):
        return Linear({}, node)
    if node.operation not in _LINEAR:
        raise NotLinearError(f"{node.text}")
    if node.operation == "negative":
        return _scaled(graph, parts[0], graph.number(-1.0), "multiply", node.text)
    if node.operation in ("add", "subtract"):
        sign = "add" if node.operation == "add" else "subtract"
        return _summed(graph, sign, *parts)
    left, right = parts
    if right.slopes and (node.operation == "divide" or left.slopes):
        raise NotLinearError(f"{node.text}")
    held, by = (right, left.rest) if right.slopes else (left, right.rest)
    if by is None or by.section != "setup":
        raise NotLinearError(f"{node.text}, whose slope changes in time")
    return _scaled(graph, held, by, node.operation, node.text)


def _scaled(graph: Graph, held: Linear, by: Node, operation: str, text: str) -> Linear:
    def scale(node: Node) -> Node:
        return graph.apply(operation, node, by, text=text)

    return Linear({key: scale(slope) for key, slope in held.slopes.items()}, held.rest and scale(held.rest))


def _summed(graph: Graph, operation: str, left: Linear, right: Linear) -> Linear:
    slopes = dict(left.slopes)
    for key, slope in right.slopes.items():
        slopes[key] = _joined(graph, operation, slopes.get(key), slope)  # type: ignore[assignment]
    return Linear(slopes, _joined(graph, operation, left.rest, right.rest))


def _joined(graph: Graph, operation: str, left: Node | None, right: Node | None) -> Node | None:
    if right is None:
        return left
    if left is None:
        return right if operation == "add" else graph.apply("negative", right, text=f"-({right.text})")
    return graph.apply(operation, left, right, text=f"{left.text} {'+' if operation == 'add' else '-'} {right.text}")


def _following(context: Context, name: str, key: str, rates: Mapping[str, Linear]) -> Node:
    """A state one step on; terms that are known early are summed early."""
    graph, names = context.graph, context.names[name]
    order = list(rates)
    reached = _reached(order, rates)
    terms = []
    for other in order:
        if other not in reached[key]:
            continue
        kept = _propagator(context, name, order, rates, (key, other), drive=False)
        terms.append(graph.apply("multiply", kept, names[other], text=f"P[{key},{other}]*{other}"))
        rest = rates[other].rest
        if rest is not None:
            moved = _propagator(context, name, order, rates, (key, other), drive=True)
            terms.append(graph.apply("multiply", moved, rest, text=f"S[{key},{other}]*drive of {other}"))
    total = None
    for section in SECTIONS:
        for term in terms:
            if term.section == section:
                total = term if total is None else graph.apply("add", total, term, text=f"{key} one step on")
    assert total is not None
    return total


def _reached(order: list[str], rates: Mapping[str, Linear]) -> dict[str, set[str]]:
    """State -> the states that it depends on within a step, itself included."""
    reached = {key: {key, *rates[key].slopes} for key in order}
    for _ in order:
        for key in order:
            reached[key] = reached[key].union(*(reached[other] for other in reached[key]))
    return reached


def _propagator(
    context: Context, name: str, order: list[str], rates: Mapping[str, Linear], place: tuple[str, str], *, drive: bool
) -> Node:
    """One number of the propagators of a population, made of the numbers of its matrix."""
    entries = [(i, j) for i in order for j in order if j in rates[i].slopes]
    row, column = (order.index(key) for key in place)
    made = Propagator(name, len(order), tuple((order.index(i), order.index(j)) for i, j in entries), row, column, drive)
    index = len(context.propagators)
    if made in context.propagators:
        index = context.propagators.index(made)
    else:
        context.propagators.append(made)
    arguments = (*(rates[i].slopes[j] for i, j in entries), context.step(context.own_dt(name)))
    units = max(node.units for node in arguments)
    symbol = "S" if drive else "P"
    text = f"{symbol}[{place[0]},{place[1]}] of {name}"
    return context.graph.special("propagator", arguments, section="setup", units=units, text=text, index=index)
