"""Owns the check of a model: everything that is wrong with it, found in one go. Must not know networks."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbkit.errors import Problem, did_you_mean, shown
from nbkit.model.equations import Equation, ordered
from nbkit.model.expression import names, unknown_names
from nbkit.model.functions import RESERVED, XI
from nbkit.model.numbers import is_finite_number

if TYPE_CHECKING:
    from nbkit.model.model import Limits, Model

METHODS = ("euler", "exact")
TIME_UNITS = ("ms", "s", "1")
RESET_AT = ("end", "start")

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def type_problems(model: Model) -> list[Problem]:
    """Parts of a model that are not of the kind that they must be; nothing else can be looked at before."""
    found = []
    for name in ("name", "equations", "threshold", "reset", "reset_at", "method", "time_unit", "source"):
        if not isinstance(getattr(model, name), str):
            what = f"{shown(getattr(model, name))} is not text"
            found.append(Problem("bad-type", name, what, "write it in quotation marks"))
    if not isinstance(model.refractory, str) and not is_finite_number(model.refractory):
        found.append(
            Problem("bad-type", "refractory", f"{shown(model.refractory)} is no time", "give a number or a name")
        )
    for name in ("states", "inputs", "parameters"):
        held = getattr(model, name)
        if not isinstance(held, Mapping) or not all(isinstance(key, str) for key in held):
            found.append(Problem("bad-type", name, f"{shown(held)} is not a mapping of names", 'give {"x": 0.0}'))
        else:
            found += [p for key, value in held.items() for p in _texts(f"{name}[{key!r}]", value)]
    if not isinstance(model.events, str | tuple | list):
        found.append(Problem("bad-type", "events", f"{shown(model.events)} is not a list of names", 'give ("v",)'))
    return found


def _texts(where: str, value: object) -> Iterator[Problem]:
    """Unit and meaning of a state or parameter must be text."""
    for name in ("unit", "meaning"):
        held = getattr(value, name, "")
        if not isinstance(held, str):
            yield Problem("bad-type", f"{where}.{name}", f"{shown(held)} is not text", "write it in quotation marks")


def problems(model: Model) -> list[Problem]:
    """Everything that is wrong with a model, its lines as they were read."""
    found = _Check(model, model.lines)
    return [
        *found.names(),
        *found.numbers(),
        *found.equations(),
        *found.spiking(),
        *found.unused(),
        *found.choices(),
    ]


@dataclass(frozen=True)
class _Check:
    """A model under examination."""

    model: Model
    lines: tuple[Equation, ...]

    def _declared(self) -> Iterator[tuple[str, str]]:
        yield from ((n, "state") for n in self.model.states)
        yield from ((n, "input") for n in self.model.inputs)
        yield from ((n, "parameter") for n in self.model.parameters)
        yield from ((e.target, "algebraic variable") for e in self.lines if not e.differential)

    def names(self) -> Iterator[Problem]:
        seen: dict[str, str] = {}
        if not is_identifier(self.model.name):
            yield Problem("bad-name", "name", f"{self.model.name!r} is not an identifier", "use letters, digits and _")
        for name, kind in self._declared():
            where = f"{kind} {name!r}"
            if not is_identifier(name):
                yield Problem("bad-name", where, "not an identifier", "begin with a letter; then letters, digits and _")
            elif name in RESERVED:
                yield Problem("reserved-name", where, f"nbkit uses '{name}' itself", f"call it '{name}_'")
            elif name in seen and not kind == seen[name] == "algebraic variable":
                code = "assigned-parameter" if kind == "algebraic variable" else "name-clash"
                yield Problem(code, where, f"'{name}' is also a {seen[name]}", "give each its own name")
            seen.setdefault(name, kind)

    def numbers(self) -> Iterator[Problem]:
        defaults = {f"states[{n!r}].initial": s.initial for n, s in self.model.states.items()}
        defaults |= {f"inputs[{n!r}]": v for n, v in self.model.inputs.items()}
        defaults |= {f"parameters[{n!r}].default": p.default for n, p in self.model.parameters.items()}
        for where, value in defaults.items():
            if not is_finite_number(value):
                yield Problem("bad-default", where, f"{value!r} is not a finite number", "write a number")
        limited = {f"states[{n!r}]": (s.initial, s.limits) for n, s in self.model.states.items()}
        limited |= {f"parameters[{n!r}]": (p.default, p.limits) for n, p in self.model.parameters.items()}
        for where, (value, limits) in limited.items():
            yield from _limit_problems(where, value, limits)

    def equations(self) -> Iterator[Problem]:
        known = frozenset(name for name, _ in self._declared())
        seen: set[tuple[str, bool]] = set()
        for line in self.lines:
            where = f"line {line.line}"
            if line.differential and line.target not in self.model.states:
                hint = f'states={{"{line.target}": 0.0}}'
                yield Problem("undeclared-state", where, f"'{line.target}' is not declared as a state", hint)
            if (line.target, line.differential) in seen:
                yield Problem("double-equation", where, f"a second equation for '{line.target}'", "keep one of them")
            seen.add((line.target, line.differential))
            yield from unknown_names(line.right, known | ({XI} if line.differential else set()), where)
            if line.factor is not None and not names(line.factor) <= set(self.model.parameters):
                what = "the factor of a derivative may use only parameters"
                yield Problem("factor-not-constant", where, what, "divide the right side instead")
        for name in self.model.states:
            if (name, True) not in seen:
                yield Problem("missing-equation", f"state {name!r}", "has no equation", f"add d{name}/dt = ...")
        yield from _cycle_problems(self.lines)

    def unused(self) -> Iterator[Problem]:
        used = frozenset().union(*(names(e.right) | (names(e.factor) if e.factor else set()) for e in self.lines))
        if self.model.spiking is not None:
            used |= self.model.spiking.names()
        for kind, declared in (("parameter", self.model.parameters), ("input", self.model.inputs)):
            for name in declared:
                if name not in used:
                    yield Problem("unused-name", f"{kind} {name!r}", "appears in no equation", did_you_mean(name, used))

    def spiking(self) -> Iterator[Problem]:
        """What is wrong with threshold, reset, refractoriness and events."""
        model = self.model
        for name in model.events:
            if name not in model.states:
                hint = did_you_mean(str(name), model.states)
                yield Problem("unknown-event", f"events {name!r}", "events add to states only", hint)
        if model.spiking is None:
            if model.reset.strip() or model.refractory:
                yield Problem("bad-threshold", "threshold", "a reset without a threshold", 'threshold="v >= v_th"')
            return
        known = frozenset({*model.states, *model.parameters})
        for where, tree in model.spiking.formulas().items():
            yield from unknown_names(tree, known, where)
        for line in model.spiking.reset:
            if line.target not in model.states:
                hint = did_you_mean(line.target, model.states)
                yield Problem("bad-reset", "reset", f"'{line.target}' is no state", hint)
        if not names(model.spiking.refractory) <= set(model.parameters):
            yield Problem("bad-reset", "refractory", "may use only parameters", "name a parameter")

    def choices(self) -> Iterator[Problem]:
        if self.model.reset_at not in RESET_AT:
            hint = did_you_mean(str(self.model.reset_at), RESET_AT)
            yield Problem("bad-choice", "reset_at", f"no time {self.model.reset_at!r}", hint)
        if self.model.method not in METHODS:
            hint = did_you_mean(self.model.method, METHODS)
            yield Problem("unknown-method", "method", f"no method {self.model.method!r}", hint)
        if self.model.time_unit not in TIME_UNITS:
            hint = did_you_mean(self.model.time_unit, TIME_UNITS)
            yield Problem("unknown-time-unit", "time_unit", f"no time unit {self.model.time_unit!r}", hint)


def is_identifier(name: object) -> bool:
    """Whether a name begins with a letter and goes on with letters, digits and underscores."""
    return isinstance(name, str) and _IDENTIFIER.fullmatch(name) is not None


def _limit_problems(where: str, value: float, limits: Limits | None) -> Iterator[Problem]:
    if limits is None:
        return
    pair = isinstance(limits, tuple) and len(limits) == 2
    fits = pair and all(side is None or is_finite_number(side) for side in limits)
    sides = limits if fits else (math.nan, math.nan)
    low, high = (-math.inf if sides[0] is None else sides[0]), (math.inf if sides[1] is None else sides[1])
    if not (low < high):
        yield Problem("bad-limits", where, f"{shown(limits)} is not an ordered pair", "write (low, high)")
    elif is_finite_number(value) and not low <= value <= high:
        yield Problem("outside-limits", where, f"{value:g} is outside {limits}", "change the default or the limits")


def _cycle_problems(lines: tuple[Equation, ...]) -> Iterator[Problem]:
    try:
        ordered(lines)
    except ValueError as error:
        hint = "an algebraic line may only use states, inputs, parameters and lines that do not need it"
        yield Problem("algebraic-cycle", "equations", str(error), hint)
