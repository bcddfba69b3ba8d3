"""Owns formulas: text -> a checked tree. Must not know models, networks or arrays.

The text is read by Python's own parser, and only arithmetic is let through. The tree keeps the
order in which it was typed, so that the formula shown is the formula run.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import NoReturn

from nbkit.errors import Problem, did_you_mean, fail
from nbkit.model.functions import CONSTANTS, FUNCTIONS, OPERATIONS

MAX_LENGTH = 4000
MAX_DEPTH = 100


@dataclass(frozen=True)
class Number:
    """A number as typed."""

    value: float
    text: str


@dataclass(frozen=True)
class Symbol:
    """A declared name."""

    name: str


@dataclass(frozen=True)
class Apply:
    """An operation of the table, applied to its arguments in the order typed."""

    operation: str
    arguments: tuple[Tree, ...]


Tree = Number | Symbol | Apply

_BINARY: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.Pow: "power",
}
_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Lt: "less",
    ast.LtE: "less_equal",
    ast.Gt: "greater",
    ast.GtE: "greater_equal",
}


class _Reader:
    """Turns one piece of text into a tree; knows where it stands for its errors."""

    def __init__(self, text: str, where: str, column: int) -> None:
        self.text, self.where, self.column = text, where, column

    def stop(self, code: str, node: ast.AST | None, what: str, hint: str = "") -> NoReturn:
        column = self.column + int(getattr(node, "col_offset", 0))
        place = f"{self.where}, column {column + 1}" if self.where else f"column {column + 1}"
        raise fail(code, place, what, hint)

    def read(self) -> Tree:
        if len(self.text) > MAX_LENGTH:
            self.stop(
                "too-long",
                None,
                f"{len(self.text)} characters; at most {MAX_LENGTH}",
                "name parts of it in lines of their own",
            )
        try:
            tree = ast.parse(self.text.strip(), mode="eval")
        except (SyntaxError, ValueError) as error:
            offset = max(0, (getattr(error, "offset", None) or 1) - 1)
            node = ast.Constant(value=0, col_offset=offset)
            self.stop(
                "bad-syntax",
                node,
                f"'{self.text.strip()}' is not a formula",
                "check brackets and operators; multiply with *",
            )
        except (RecursionError, MemoryError):
            self.stop("too-deep", None, "nested too deeply", "name parts of it in lines of their own")
        return self.node(tree.body, 0)

    def node(self, node: ast.expr, depth: int) -> Tree:  # noqa: PLR0911, RET503  a case each; stop() never returns
        if depth > MAX_DEPTH:
            self.stop(
                "too-deep", node, f"nested deeper than {MAX_DEPTH} levels", "name parts of it in lines of their own"
            )
        match node:
            case ast.Constant():
                return self.number(node)
            case ast.Name():
                return self.symbol(node)
            case ast.UnaryOp(op=ast.USub()):
                return Apply("negative", (self.node(node.operand, depth + 1),))
            case ast.UnaryOp(op=ast.UAdd()):
                return self.node(node.operand, depth + 1)
            case ast.BinOp() if type(node.op) in _BINARY:
                return self.binary(node, depth)
            case ast.Compare() if len(node.ops) == 1 and type(node.ops[0]) in _COMPARE:
                left, right = node.left, node.comparators[0]
                return Apply(_COMPARE[type(node.ops[0])], (self.node(left, depth + 1), self.node(right, depth + 1)))
            case ast.Call():
                return self.call(node, depth)
            case ast.Attribute():
                self.stop(
                    "attribute-access",
                    node,
                    "a dot looks inside an object; formulas have only names",
                    "use a plain name",
                )
            case _:
                kind = type(getattr(node, "op", node)).__name__
                self.stop(
                    "forbidden-syntax", node, f"{kind} is not arithmetic", "use + - * / **, comparisons and functions"
                )

    def number(self, node: ast.Constant) -> Tree:
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            self.stop("forbidden-syntax", node, f"{node.value!r} is not a number", "write a plain number")
        text = ast.get_source_segment(self.text.strip(), node) or str(node.value)
        try:
            value = float(node.value)
        except OverflowError:
            value = math.inf
        if not math.isfinite(value):
            self.stop("number-not-finite", node, f"{text[:20]} is too large", "write a finite number")
        return Number(value, text)

    def symbol(self, node: ast.Name) -> Tree:
        if node.id.startswith("_"):
            self.stop(
                "private-name",
                node,
                f"'{node.id}' begins with an underscore",
                "choose a name that begins with a letter",
            )
        if node.id in FUNCTIONS:
            self.stop("wrong-arity", node, f"'{node.id}' is a function", f"write {node.id}(...)")
        return Symbol(node.id)

    def binary(self, node: ast.BinOp, depth: int) -> Tree:
        name = _BINARY[type(node.op)]
        left, right = self.node(node.left, depth + 1), self.node(node.right, depth + 1)
        if name == "power" and any(isinstance(t, Apply) and t.operation == "power" for t in walk(right)):
            self.stop(
                "power-tower", node.right, "an exponent that contains a power", "name the exponent in a line of its own"
            )
        return Apply(name, (left, right))

    def call(self, node: ast.Call, depth: int) -> Tree:
        if isinstance(node.func, ast.Attribute):
            self.node(node.func, depth)
        if not isinstance(node.func, ast.Name):
            self.stop("forbidden-syntax", node, "only functions with a name can be called", "write for example exp(x)")
        name = node.func.id
        row = FUNCTIONS.get(name)
        if row is None:
            self.stop("unknown-function", node, f"no function '{name}'", did_you_mean(name, FUNCTIONS))
        if node.keywords or len(node.args) != row.arity or any(isinstance(a, ast.Starred) for a in node.args):
            count = "one argument" if row.arity == 1 else f"{row.arity} arguments"
            self.stop("wrong-arity", node, f"{name} takes {count}, got {len(node.args) + len(node.keywords)}")
        return Apply(name, tuple(self.node(a, depth + 1) for a in node.args))


def parse(text: str, where: str = "", column: int = 0) -> Tree:
    """Read a formula into a checked tree.

    Only numbers, names, arithmetic, comparisons and the functions of the table pass.

    Args:
        text: the formula, for example ``"-r + (1 - k*r)*m"``.
        where: how errors name the place.
        column: where the text begins in its line, for errors.

    Raises:
        NbkitError: with the column of the first thing that is not a formula.

    >>> parse("2*x")
    Apply(operation='multiply', arguments=(Number(value=2.0, text='2'), Symbol(name='x')))
    """
    lead = len(text) - len(text.lstrip())
    return _Reader(text, where, column + lead).read()


def walk(tree: Tree) -> Iterator[Tree]:
    """Visit a tree and all its parts, parents first."""
    yield tree
    if isinstance(tree, Apply):
        for argument in tree.arguments:
            yield from walk(argument)


def names(tree: Tree) -> frozenset[str]:
    """All names in a tree, constants such as pi left out."""
    found = (part.name for part in walk(tree) if isinstance(part, Symbol))
    return frozenset(name for name in found if name not in CONSTANTS)


def unknown_names(tree: Tree, known: frozenset[str], where: str) -> list[Problem]:
    """One problem for each name in the tree that nobody declared."""
    return [
        Problem("unknown-name", where, f"'{name}' is not declared", did_you_mean(name, known))
        for name in sorted(names(tree) - known)
    ]


@cache
def expansion(name: str) -> Tree:
    """The tree, in x and y, that a shorthand function stands for."""
    return parse(OPERATIONS[name].expands)
