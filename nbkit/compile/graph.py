"""Owns the graph of a step: every value once, with the earliest moment at which it can be known. Must not know memory.

The three moments are ``setup`` (made of parameters), ``block`` (made of the past and of stimuli) and
``step`` (needs the present state). What can be known early is computed for a whole block at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nbkit.compile.instructions import SECTIONS, Operand, Phase, Section
from nbkit.model.expression import Apply, Number, Tree, expansion
from nbkit.model.functions import CONSTANTS, OPERATIONS
from nbkit.model.rendering import to_text


@dataclass(frozen=True, eq=False)
class Node:
    """One value. ``units`` is the length of its row, 0 for one number that all units share."""

    number: int
    operation: str
    arguments: tuple[Node, ...]
    section: Section
    units: int
    phase: Phase
    text: str = ""
    place: Operand | None = None  # a leaf: where it is read
    index: int = -1

    @property
    def leaf(self) -> bool:
        """Whether the value is read from memory rather than computed."""
        return self.place is not None


def _latest(arguments: tuple[Node, ...]) -> Section:
    return SECTIONS[max((SECTIONS.index(a.section) for a in arguments), default=0)]


class Graph:
    """Builds nodes, each different value once, in an order in which each needs only earlier ones."""

    def __init__(self, constant: Callable[[float], Operand]) -> None:
        self.nodes: list[Node] = []
        self.phase: Phase = "prepare"
        self._constant = constant
        self._known: dict[object, Node] = {}

    def _add(self, key: object, make: Callable[[int], Node]) -> Node:
        node = self._known.get(key)
        if node is None:
            node = make(len(self.nodes))
            self.nodes.append(node)
            self._known[key] = node
        return node

    def leaf(self, place: Operand, section: Section, units: int) -> Node:
        """A value that stands in memory."""
        return self._add(place, lambda n: Node(n, "", (), section, units, self.phase, str(place), place))

    def number(self, value: float) -> Node:
        """A constant that a formula spells out."""
        return self.leaf(self._constant(value), "setup", 0)

    def special(
        self, operation: str, arguments: tuple[Node, ...], *, section: Section, units: int, text: str, index: int = -1
    ) -> Node:
        """A product, a propagator, a recorded input or the step number."""
        key = (operation, tuple(a.number for a in arguments), index)
        phase: Phase = "prepare" if section == "setup" else self.phase
        return self._add(key, lambda n: Node(n, operation, arguments, section, units, phase, text, None, index))

    def apply(self, operation: str, *arguments: Node, text: str = "") -> Node:
        """An operation on values.

        Signs are moved to where they cost nothing: ``-a + b`` is ``b - a`` and ``-(s*x)`` is ``(-s)*x``
        for a parameter s. That changes no bit of the result but the sign of a zero. Factors of 1 are dropped.
        """
        simpler = _without_sign(self, operation, arguments, text)
        if simpler is not None:
            return simpler
        if operation == "multiply" and self.number(1.0) in arguments:
            return arguments[1] if arguments[0] is self.number(1.0) else arguments[0]
        key = (operation, tuple(a.number for a in arguments))
        units = max(a.units for a in arguments)
        section = _latest(arguments)
        phase: Phase = "prepare" if section == "setup" else self.phase
        return self._add(key, lambda n: Node(n, operation, arguments, section, units, phase, text))

    def formula(self, tree: Tree, names: Mapping[str, Node]) -> Node:
        """The value of a formula, from the values of its names."""
        if isinstance(tree, Number):
            return self.number(tree.value)
        if not isinstance(tree, Apply):
            return self.number(CONSTANTS[tree.name][0]) if tree.name in CONSTANTS else names[tree.name]
        if tree.operation == "power" and isinstance(tree.arguments[1], Number):
            repeated = self._repeated(self.formula(tree.arguments[0], names), tree.arguments[1].value, to_text(tree))
            if repeated is not None:
                return repeated
        arguments = [self.formula(a, names) for a in tree.arguments]
        if OPERATIONS[tree.operation].expands:
            return self.formula(expansion(tree.operation), dict(zip("xy", arguments, strict=False)))
        return self.apply(tree.operation, *arguments, text=to_text(tree))

    def _repeated(self, base: Node, exponent: float, text: str) -> Node | None:
        """Small whole powers as products."""
        if exponent not in (2.0, 3.0, 4.0):
            return None
        square = self.apply("multiply", base, base, text=text)
        if exponent == 2.0:
            return square
        return self.apply("multiply", square, base if exponent == 3.0 else square, text=text)

    def affine(self, node: Node, state: Node) -> tuple[Node | None, Node | None] | None:  # noqa: PLR0911  a form each
        """Write a value as ``a * state + b`` with a and b known before the step, if that is what it is.

        A missing a or b means zero; None means that the value is of another form.
        """
        if node is state:
            return self.number(1.0), None
        if node.section != "step":
            return None, node
        if node.operation == "negative":
            inside = self.affine(node.arguments[0], state)
            return inside and (self._negated(inside[0]), self._negated(inside[1]))
        if node.operation not in ("add", "subtract", "multiply", "divide"):
            return None
        left, right = (self.affine(a, state) for a in node.arguments)
        if left is None or right is None:
            return None
        if node.operation in ("add", "subtract"):
            return self._summed(node.operation, left[0], right[0]), self._summed(node.operation, left[1], right[1])
        if right[0] is not None and (node.operation == "divide" or left[0] is not None):
            return None
        scaled, by = (left, right[1]) if right[0] is None else (right, left[1])
        if by is None:
            return (None, None) if node.operation == "multiply" else None
        a, b = (part and self.apply(node.operation, part, by, text=node.text) for part in scaled)
        return a, b

    def _negated(self, part: Node | None) -> Node | None:
        return part and self.apply("negative", part, text=f"-({part.text})")

    def _summed(self, operation: str, left: Node | None, right: Node | None) -> Node | None:
        if left is None or right is None:
            return left if right is None else right if operation == "add" else self._negated(right)
        return self.apply(operation, left, right, text=f"{left.text} {'+' if operation == 'add' else '-'} {right.text}")


def _without_sign(  # noqa: PLR0911  a form each
    graph: Graph, operation: str, arguments: tuple[Node, ...], text: str
) -> Node | None:
    """The same value with a negation moved out of the way, or None."""
    signs = [a.operation == "negative" for a in arguments]
    inner = [a.arguments[0] if s else a for a, s in zip(arguments, signs, strict=True)]
    if operation == "add" and signs[1]:
        return graph.apply("subtract", arguments[0], inner[1], text=text)
    if operation == "add" and signs[0]:
        return graph.apply("subtract", arguments[1], inner[0], text=text)
    if operation == "subtract" and signs[1]:
        return graph.apply("add", arguments[0], inner[1], text=text)
    if operation != "negative":
        return None
    (held,) = arguments
    if signs[0]:
        return inner[0]
    if held.operation == "subtract" and held.section != "setup":
        return graph.apply("subtract", *reversed(held.arguments), text=text)
    if held.operation == "multiply" and held.section != "setup":
        left, right = held.arguments
        if left.section == "setup":
            return graph.apply("multiply", graph.apply("negative", left, text=f"-{left.text}"), right, text=text)
        if right.section == "setup":
            return graph.apply("multiply", left, graph.apply("negative", right, text=f"-{right.text}"), text=text)
    return None
