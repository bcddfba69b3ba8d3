"""Owns what makes a unit spike: threshold, reset and refractoriness, read from text. Must not know states."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nbkit.errors import NbkitError, Problem, fail
from nbkit.model.expression import Apply, Number, Tree, names, parse
from nbkit.model.functions import COMPARE, OPERATIONS
from nbkit.model.rendering import symbol_latex, to_latex

_ASSIGNMENT = re.compile(r"^\s*(?P<target>[A-Za-z]\w*)\s*(?P<sign>\+?)=(?!=)(?P<right>.*)$")


@dataclass(frozen=True)
class Reset:
    """One line of a reset: ``target = right``, or ``target += right`` where ``adds``."""

    target: str
    right: Tree
    adds: bool


@dataclass(frozen=True)
class Spiking:
    """When a unit spikes, and what a spike does to it."""

    threshold: Tree
    reset: tuple[Reset, ...]
    refractory: Tree

    def formulas(self) -> dict[str, Tree]:
        """Where -> every formula."""
        found = {"threshold": self.threshold, "refractory": self.refractory}
        return found | {f"reset of {line.target}": line.right for line in self.reset}

    def names(self) -> frozenset[str]:
        """All names that the formulas use."""
        return frozenset().union(*(names(tree) for tree in self.formulas().values()))

    def latex(self, align: str = "") -> str:
        """The rule in one line of LaTeX."""
        done = ", \\; ".join(
            rf"{symbol_latex(line.target)} \leftarrow "
            + (f"{symbol_latex(line.target)} + " if line.adds else "")
            + to_latex(line.right)
            for line in self.reset
        )
        condition = to_latex(self.threshold).strip("[]")
        return rf"{align}\text{{if }} {condition}: \; " + (done or r"\text{spike}")


def read_spiking(threshold: str, reset: str, refractory: str | float) -> tuple[Spiking | None, list[Problem]]:
    """Read the three texts; also return every problem. Without a threshold nothing spikes."""
    if not threshold:
        return None, []
    problems: list[Problem] = []
    tree: Tree = Number(1.0, "1")
    held: Tree = Number(0.0, "0")
    lines: list[Reset] = []
    try:
        tree = _threshold(threshold)
    except NbkitError as error:
        problems += error.problems
    try:
        held = parse(str(refractory), "refractory")
    except NbkitError as error:
        problems += error.problems
    for number, text in enumerate(reset.splitlines(), 1):
        if text.split("#", 1)[0].strip():
            try:
                lines.append(_line(text.split("#", 1)[0], f"reset, line {number}"))
            except NbkitError as error:
                problems += error.problems
    return Spiking(tree, tuple(lines), held), problems


def _threshold(text: str) -> Tree:
    tree = parse(text, "threshold")
    if not isinstance(tree, Apply) or OPERATIONS[tree.operation].binds != COMPARE:
        raise fail("bad-threshold", "threshold", f"'{text}' is no comparison", 'write for example "v >= v_th"')
    return tree


def _line(text: str, where: str) -> Reset:
    matched = _ASSIGNMENT.match(text)
    if matched is None:
        raise fail("bad-reset", where, f"'{text.strip()}' is no assignment", "write v = v_reset, or w += b")
    return Reset(matched["target"], parse(matched["right"], where, matched.start("right")), bool(matched["sign"]))
