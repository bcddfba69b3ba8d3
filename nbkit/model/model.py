"""Owns `Model`: equations with the meaning of their names, checked as one. Must not know networks or arrays."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from nbkit.errors import NbkitError, Problem, did_you_mean
from nbkit.model.equations import Equation, read_equations
from nbkit.model.expression import names, unknown_names
from nbkit.model.frozen import FrozenMap
from nbkit.model.functions import RESERVED
from nbkit.model.rendering import symbol_latex

METHODS = ("euler",)
TIME_UNITS = ("ms", "s", "1")

_IDENTIFIER = re.compile(r"^[A-Za-z][A-Za-z0-9_]*$")

Limits = tuple[float | None, float | None]


@dataclass(frozen=True)
class State:
    """A variable with a differential equation.

    Args:
        initial: value at t = 0 where a population gives no other.
        unit: unit for axes; ``""`` for a dimensionless variable.
        limits: ``(low, high)``; the state is clamped to them after each step. ``None`` leaves a side open.
        meaning: a few words for labels.
    """

    initial: float = 0.0
    unit: str = ""
    limits: Limits | None = None
    meaning: str = ""


@dataclass(frozen=True)
class Parameter:
    """A quantity that stays as it is during a run.

    Args:
        default: value where a population gives no other.
        unit: its unit. ``"ms"``, ``"s"``, ``"1/ms"`` and ``"1/s"`` follow the network's time unit.
        limits: ``(low, high)`` that values must respect. ``None`` leaves a side open.
        meaning: a few words for labels.
    """

    default: float
    unit: str = ""
    limits: Limits | None = None
    meaning: str = ""


@dataclass(frozen=True)
class Model:
    r"""Equations of one kind of unit, and what their names mean.

    Args:
        name: an identifier.
        equations: one equation a line: ``tau * dr/dt = ...``, ``dr/dt = ...`` or ``m = ...``.
            Undeclared names are errors.
        states: name -> `State`, or -> initial value.
        inputs: name -> the value when nothing drives it. What projections and stimuli bring is summed.
        parameters: name -> `Parameter`, or -> default.
        method: how a step is made; ``"euler"``.
        time_unit: ``"ms"``, ``"s"`` or ``"1"`` (model units): the unit of time in the equations.
        source: where the equations come from.

    Raises:
        NbkitError: with every problem of the text and of the names.

    Example:
        >>> from nbkit.model.model import Model
        >>> m = Model("leak", "tau * dx/dt = -x + u", states={"x": 1.0}, inputs={"u": 0.0},
        ...           parameters={"tau": 10.0})
        >>> print(m.latex())
        \tau \, \frac{d x}{dt} = -x + u
    """

    name: str
    equations: str
    states: Mapping[str, State] = field(default_factory=dict)
    inputs: Mapping[str, float] = field(default_factory=dict)
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    method: str = "euler"
    time_unit: str = "ms"
    source: str = ""
    lines: tuple[Equation, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "states", FrozenMap({k: v if isinstance(v, State) else State(v) for k, v in self.states.items()}))
        put(self, "inputs", FrozenMap(self.inputs))
        put(
            self,
            "parameters",
            FrozenMap({k: v if isinstance(v, Parameter) else Parameter(v) for k, v in self.parameters.items()}),
        )
        lines, problems = read_equations(self.equations)
        put(self, "lines", lines)
        problems += list(_Check(self, lines).problems())
        if problems:
            raise NbkitError(problems)
        put(self, "lines", _ordered(lines))

    @property
    def differential(self) -> Mapping[str, Equation]:
        """state -> its differential equation."""
        return {e.target: e for e in self.lines if e.differential}

    @property
    def algebraic(self) -> Mapping[str, Equation]:
        """variable -> its algebraic line, in an order in which each needs only earlier ones."""
        return {e.target: e for e in self.lines if not e.differential}

    @property
    def variables(self) -> tuple[str, ...]:
        """States and algebraic variables: what can be recorded and projected."""
        return (*self.states, *self.algebraic)

    def depends_on_inputs(self, variable: str) -> bool:
        """Whether an algebraic variable changes at once when an input does."""
        if variable in self.states:
            return False
        used = names(self.algebraic[variable].right)
        return bool(used & set(self.inputs)) or any(self.depends_on_inputs(n) for n in used if n in self.algebraic)

    def latex(self) -> str:
        """The equations as LaTeX; several lines are aligned at their equals signs."""
        shown = [*self.differential.values(), *self.algebraic.values()]
        if len(shown) == 1:
            return shown[0].latex()
        rows = r" \\ ".join(e.latex("&") for e in shown)
        return rf"\begin{{aligned}} {rows} \end{{aligned}}"

    def _repr_latex_(self) -> str:
        return f"$$ {self.latex()} $$"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>${symbol_latex(name)}$</td><td>{p.default:g}</td><td>{html.escape(p.unit)}</td>"
            f"<td style='text-align:left'>{html.escape(p.meaning)}</td></tr>"
            for name, p in self.parameters.items()
        )
        head = "<tr><th>parameter</th><th>default</th><th>unit</th><th style='text-align:left'>meaning</th></tr>"
        source = f"<p><small>{html.escape(self.source)}</small></p>" if self.source else ""
        return f"<div><b>{self.name}</b>$$ {self.latex()} $$<table>{head}{rows}</table>{source}</div>"


@dataclass(frozen=True)
class _Check:
    """Finds everything that is wrong with a model."""

    model: Model
    lines: tuple[Equation, ...]

    def problems(self) -> Iterator[Problem]:
        yield from self._names()
        yield from self._numbers()
        yield from self._lines()
        yield from self._unused()
        yield from self._choices()

    def _declared(self) -> Iterator[tuple[str, str]]:
        yield from ((n, "state") for n in self.model.states)
        yield from ((n, "input") for n in self.model.inputs)
        yield from ((n, "parameter") for n in self.model.parameters)
        yield from ((e.target, "algebraic variable") for e in self.lines if not e.differential)

    def _names(self) -> Iterator[Problem]:
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

    def _numbers(self) -> Iterator[Problem]:
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

    def _lines(self) -> Iterator[Problem]:
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
            yield from unknown_names(line.right, known, where)
            if line.factor is not None and not names(line.factor) <= set(self.model.parameters):
                what = "the factor of a derivative may use only parameters"
                yield Problem("factor-not-constant", where, what, "divide the right side instead")
        for name in self.model.states:
            if (name, True) not in seen:
                yield Problem("missing-equation", f"state {name!r}", "has no equation", f"add d{name}/dt = ...")
        yield from _cycle_problems(self.lines)

    def _unused(self) -> Iterator[Problem]:
        used = frozenset().union(*(names(e.right) | (names(e.factor) if e.factor else set()) for e in self.lines))
        for kind, declared in (("parameter", self.model.parameters), ("input", self.model.inputs)):
            for name in declared:
                if name not in used:
                    yield Problem("unused-name", f"{kind} {name!r}", "appears in no equation", did_you_mean(name, used))

    def _choices(self) -> Iterator[Problem]:
        if self.model.method not in METHODS:
            hint = did_you_mean(self.model.method, METHODS)
            yield Problem("unknown-method", "method", f"no method {self.model.method!r}", hint)
        if self.model.time_unit not in TIME_UNITS:
            hint = did_you_mean(self.model.time_unit, TIME_UNITS)
            yield Problem("unknown-time-unit", "time_unit", f"no time unit {self.model.time_unit!r}", hint)


def is_identifier(name: object) -> bool:
    """Whether a name begins with a letter and goes on with letters, digits and underscores."""
    return isinstance(name, str) and _IDENTIFIER.match(name) is not None


def is_finite_number(value: object) -> bool:
    """Whether a value is one finite real number."""
    if isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return False


def _limit_problems(where: str, value: float, limits: Limits | None) -> Iterator[Problem]:
    if limits is None:
        return
    sides = limits if isinstance(limits, tuple) and len(limits) == 2 else (math.nan, math.nan)
    low, high = (-math.inf if sides[0] is None else sides[0]), (math.inf if sides[1] is None else sides[1])
    if not (low < high):
        yield Problem("bad-limits", where, f"{limits!r} is not an ordered pair", "write (low, high)")
    elif is_finite_number(value) and not low <= value <= high:
        yield Problem("outside-limits", where, f"{value:g} is outside {limits}", "change the default or the limits")


def _cycle_problems(lines: tuple[Equation, ...]) -> Iterator[Problem]:
    try:
        _ordered(lines)
    except ValueError as error:
        hint = "an algebraic line may only use states, inputs, parameters and lines that do not need it"
        yield Problem("algebraic-cycle", "equations", str(error), hint)


def _ordered(lines: tuple[Equation, ...]) -> tuple[Equation, ...]:
    """Put algebraic lines into an order in which each needs only earlier ones."""
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
