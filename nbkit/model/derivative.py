"""Owns derivatives: how a formula changes with one of its names, as a formula. Must not know models or arrays."""

from __future__ import annotations

from functools import cache

from nbkit.model.expression import Apply, Number, Symbol, Tree, names, parse
from nbkit.model.functions import SLOPES

_ZERO, _ONE = Number(0.0, "0"), Number(1.0, "1")


def derivative(tree: Tree, name: str) -> Tree:
    """Write down how a formula changes with one of its names.

    Comparisons do not change. At the corner of ``abs``, ``minimum`` and ``maximum`` it is the slope of one side.

    Args:
        tree: the formula.
        name: the name; the formula may lack it.

    Returns:
        A formula of the same names.

    Source:
        The chain rule, with the slopes of the table of operations.

    >>> from nbkit.model.rendering import to_text
    >>> to_text(derivative(parse("a*x**2 + sin(b)"), "x"))
    'a*(2*x)'
    """
    if name not in names(tree):
        return _ZERO
    if not isinstance(tree, Apply):
        return _ONE
    total: Tree = _ZERO
    for slope, argument in zip(_slopes(tree.operation), tree.arguments, strict=True):
        inner = derivative(argument, name)
        if inner != _ZERO:
            outer = _put(slope, dict(zip("xy", tree.arguments, strict=False)))
            total = _sum(total, _product(outer, inner))
    return total


@cache
def _slopes(operation: str) -> tuple[Tree, ...]:
    return tuple(parse(text) for text in SLOPES[operation])


def _put(tree: Tree, values: dict[str, Tree]) -> Tree:
    """A formula with its names replaced by formulas."""
    if isinstance(tree, Symbol):
        return values[tree.name]
    if not isinstance(tree, Apply):
        return tree
    arguments = tuple(_put(argument, values) for argument in tree.arguments)
    if tree.operation == "subtract" and all(isinstance(argument, Number) for argument in arguments):
        value = arguments[0].value - arguments[1].value  # type: ignore[union-attr]
        return Number(value, f"{value:g}")
    if tree.operation == "power" and arguments[1] == _ONE:
        return arguments[0]
    if tree.operation == "multiply":
        return _product(*arguments)
    return Apply(tree.operation, arguments)


def _sum(left: Tree, right: Tree) -> Tree:
    return right if left == _ZERO else Apply("add", (left, right))


def _product(left: Tree, right: Tree) -> Tree:
    if _ZERO in (left, right):
        return _ZERO
    if left == _ONE:
        return right
    return left if right == _ONE else Apply("multiply", (left, right))
