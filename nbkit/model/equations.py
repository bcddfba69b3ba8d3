"""Owns the lines of a model: text -> differential and algebraic equations. Must not know states or parameters."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nbkit.errors import NbkitError, Problem, fail
from nbkit.model.expression import Tree, names, parse
from nbkit.model.rendering import symbol_latex, to_latex, to_text

_DERIVATIVE = re.compile(r"^(?:(?P<factor>.+?)\s*\*\s*)?(?:d(?P<d>[A-Za-z]\w*)\s*/\s*dt|(?P<prime>[A-Za-z]\w*)')$")
_NAME = re.compile(r"^[A-Za-z]\w*$")


@dataclass(frozen=True)
class Equation:
    """One line of a model.

    A differential line reads ``factor * d(target)/dt = right``; an algebraic one ``target = right``.
    """

    target: str
    right: Tree
    line: int
    differential: bool = False
    factor: Tree | None = None

    @property
    def text(self) -> str:
        """The line as nbkit reads it."""
        left = self.target
        if self.differential:
            left = f"d{left}/dt"
            if self.factor is not None:
                left = f"{_as_factor(to_text(self.factor))} * {left}"
        return f"{left} = {to_text(self.right)}"

    def latex(self, align: str = "") -> str:
        """The line as LaTeX, with ``align`` put before the equals sign."""
        left = symbol_latex(self.target)
        if self.differential:
            left = rf"\frac{{d {left}}}{{dt}}"
            if self.factor is not None:
                left = rf"{_as_factor(to_latex(self.factor))} \, {left}"
        return f"{left} {align}= {to_latex(self.right)}"


def _as_factor(text: str) -> str:
    return f"({text})" if re.search(r" [-+] ", text) else text


def read_equations(text: str) -> tuple[tuple[Equation, ...], list[Problem]]:
    """Read the lines of a model; also return every problem found on the way.

    Empty lines and what follows a ``#`` are passed over.
    """
    equations: list[Equation] = []
    problems: list[Problem] = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.split("#", 1)[0]
        if not line.strip():
            continue
        try:
            equations.append(_read_line(line, number))
        except NbkitError as error:
            problems.extend(error.problems)
    return tuple(equations), problems


def _read_line(line: str, number: int) -> Equation:
    where = f"line {number}"
    left, equals, right = line.partition("=")
    bare = left.strip()
    if not equals or right.startswith("="):
        raise fail("bad-equation", where, f"'{line.strip()}' has no single =", "write dr/dt = ... or m = ...")
    column = len(left) + 1
    if _NAME.match(bare):
        return Equation(bare, parse(right, where, column), number)
    matched = _DERIVATIVE.match(bare)
    if matched is None:
        hint = "write dr/dt = ..., tau * dr/dt = ... or m = ..."
        raise fail("bad-equation", where, f"'{bare}' is neither a name nor a derivative", hint)
    factor = parse(matched["factor"], where, left.index(matched["factor"])) if matched["factor"] else None
    return Equation(
        matched["d"] or matched["prime"], parse(right, where, column), number, differential=True, factor=factor
    )


def ordered(lines: tuple[Equation, ...]) -> tuple[Equation, ...]:
    """Put algebraic lines into an order in which each needs only earlier ones.

    Raises:
        ValueError: if some of them need each other.
    """
    waiting = {e.target: e for e in lines if not e.differential}
    ordered: list[Equation] = []
    while waiting:
        ready = [e for e in waiting.values() if not names(e.right) & set(waiting)]
        if not ready:
            raise ValueError(f"{', '.join(waiting)} need each other")
        ordered += ready
        for equation in ready:
            del waiting[equation.target]
    return (*(e for e in lines if e.differential), *ordered)
