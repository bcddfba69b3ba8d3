"""Owns the condition at which a run ends early: text such as ``"E.r > 0.5"``. Must not know how a run is made."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from nbkit.compile.program import Program, Variable
from nbkit.compile.sampling import evaluate
from nbkit.errors import did_you_mean, fail, shown
from nbkit.model.expression import MAX_LENGTH, Apply, parse
from nbkit.model.expression import names as names_in
from nbkit.model.functions import COMPARE, OPERATIONS
from nbkit.run.stepper import Until

_WHOLE = re.compile(r"^\s*(any|all)\s*\((.*)\)\s*$")
_MEAN = re.compile(r"\bmean\s*\(\s*([A-Za-z]\w*\.[A-Za-z]\w*)\s*\)")
_PATH = re.compile(r"\b([A-Za-z]\w*\.[A-Za-z]\w*)\b")


def read_until(text: str, program: Program) -> Until:
    """Read a condition on states into a test of the present sample.

    ``"E.r > 0.5"`` for a population of one unit, ``"any(E.r > 0.5)"``, ``"all(E.r > 0.5)"`` or
    ``"mean(E.r) > 0.5"`` for several.

    Raises:
        NbkitError: ``bad-until`` if the text is no such condition.
    """
    if not isinstance(text, str):
        raise fail("bad-until", "until", f"{shown(text)} is not text", 'write for example "mean(E.r) > 0.5"')
    matched = _WHOLE.match(text)
    wrapper, inside = (matched[1], matched[2]) if matched else ("", text)
    names: dict[str, tuple[Variable, bool]] = {}

    def named(path: str, *, mean: bool) -> str:
        variable = program.variables.get(path)
        if variable is None or not variable.is_state:
            states = [p for p, v in program.variables.items() if v.is_state]
            raise fail("bad-until", "until", f"'{path}' is no state", did_you_mean(path, states))
        name = f"value_{len(names)}_of_until"
        names[name] = (variable, mean)
        return name

    inside = _MEAN.sub(lambda found: named(found[1], mean=True), inside)
    if len(text) > MAX_LENGTH:
        raise fail("bad-until", "until", f"{len(text)} characters", "a shorter condition")
    tree = parse(_PATH.sub(lambda found: named(found[1], mean=False), inside), "until")
    whole: Callable[[Any], Any] = {"any": np.any, "all": np.all}.get(wrapper, _single)
    sizes = {variable.size for variable, mean in names.values() if not mean}
    compares = isinstance(tree, Apply) and OPERATIONS[tree.operation].binds == COMPARE
    unknown = names_in(tree) - set(names)
    if unknown:
        raise fail("bad-until", "until", f"'{min(unknown)}' is no state", 'states are written as "E.r"')
    if not names or not compares or len(sizes - {1}) > bool(wrapper):
        what = f"'{text}' is not one truth value" if names else f"'{text}' names no state"
        raise fail("bad-until", "until", what, "compare: any(E.r > 0.5), all(E.r > 0.5) or mean(E.r) > 0.5")

    def holds(present: Callable[[Variable], Any]) -> bool:
        known = {n: present(v).mean() if mean else present(v) for n, (v, mean) in names.items()}
        return bool(whole(evaluate(tree, known)))

    return holds


def _single(value: Any) -> Any:
    return np.ravel(value)[0]
