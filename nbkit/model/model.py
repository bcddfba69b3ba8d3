"""Owns `Model`: equations with the meaning of their names, checked as one. Must not know networks or arrays."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field

from nbkit.errors import NbkitError
from nbkit.model import check
from nbkit.model.equations import Equation, ordered, read_equations
from nbkit.model.expression import names
from nbkit.model.frozen import FrozenMap
from nbkit.model.functions import XI
from nbkit.model.numbers import make_plain, plain
from nbkit.model.rendering import symbol_latex
from nbkit.model.spiking import Spiking, read_spiking

Limits = tuple[float | None, float | None]


@dataclass(frozen=True)
class State:
    """A variable with a differential equation.

    Args:
        initial: value at t = 0 where a population gives no other.
        unit: unit for axes; ``""`` for a dimensionless variable.
        limits: ``(low, high)``; the state is clamped to them after each step. ``None`` leaves a side open.
        meaning: a few words for labels.

    Example:
        >>> State(-65.0, unit="mV", limits=(-100.0, 50.0), meaning="membrane potential").limits
        (-100.0, 50.0)
    """

    initial: float = 0.0
    unit: str = ""
    limits: Limits | None = None
    meaning: str = ""

    def __post_init__(self) -> None:
        make_plain(self)


@dataclass(frozen=True)
class Parameter:
    """A quantity that stays as it is during a run.

    Args:
        default: value where a population gives no other.
        unit: its unit. ``"ms"``, ``"s"``, ``"1/ms"`` and ``"1/s"`` follow the network's time unit.
        limits: ``(low, high)`` that values must respect. ``None`` leaves a side open.
        meaning: a few words for labels.

    Example:
        >>> Parameter(10.0, unit="ms", limits=(0.1, 100.0), meaning="time constant").default
        10.0
    """

    default: float
    unit: str = ""
    limits: Limits | None = None
    meaning: str = ""

    def __post_init__(self) -> None:
        make_plain(self)


@dataclass(frozen=True)
class Model:
    r"""Equations of one kind of unit, and what their names mean.

    Args:
        name: an identifier.
        equations: one equation a line: ``tau * dr/dt = ...``, ``dr/dt = ...`` or ``m = ...``.
            Undeclared names are errors. ``xi`` in a differential equation is white noise of unit
            intensity, one for each unit, the same in all equations of a unit.
        states: name -> `State`, or -> initial value.
        inputs: name -> the value when nothing drives it. What projections and stimuli bring is summed.
        parameters: name -> `Parameter`, or -> default.
        events: states that spikes of other units add to when they arrive.
        threshold: a comparison such as ``"v >= v_th"``; a unit for which it is true spikes.
        reset: what a spike does to its own unit, one assignment a line: ``v = v_reset`` or ``w += b``.
        refractory: a time, or a formula of parameters. During it the variables that the reset assigns
            (with ``=``) are held, and events onto them are dropped.
        reset_at: ``"end"``: the threshold is tested after the step, the stored sample is the reset one,
            the spike is stamped t[k+1]. ``"start"``: it is tested on sample k, the spike is stamped t[k].
        method: how a step is made: ``"euler"``; or ``"exact"`` for equations that are linear in the states:
            then a step has no error as long as the inputs are constant in it.
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
    events: tuple[str, ...] = ()
    threshold: str = ""
    reset: str = ""
    refractory: str | float = 0.0
    reset_at: str = "end"
    method: str = "euler"
    time_unit: str = "ms"
    source: str = ""
    lines: tuple[Equation, ...] = field(init=False, repr=False, compare=False)
    spiking: Spiking | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        put = object.__setattr__
        wrong = check.type_problems(self)
        if wrong:
            raise NbkitError(wrong)
        put(self, "states", FrozenMap({k: v if isinstance(v, State) else State(v) for k, v in self.states.items()}))
        put(self, "inputs", FrozenMap({k: plain(v) for k, v in self.inputs.items()}))
        put(
            self,
            "parameters",
            FrozenMap({k: v if isinstance(v, Parameter) else Parameter(v) for k, v in self.parameters.items()}),
        )
        events = (self.events,) if isinstance(self.events, str) else self.events
        put(self, "events", tuple(events))
        lines, problems = read_equations(self.equations)
        spiking, wrong = read_spiking(self.threshold, self.reset, self.refractory)
        put(self, "lines", lines)
        put(self, "spiking", spiking)
        problems += wrong + check.problems(self)
        if problems:
            raise NbkitError(problems)
        put(self, "lines", ordered(lines))

    @property
    def differential(self) -> Mapping[str, Equation]:
        """state -> its differential equation."""
        return {e.target: e for e in self.lines if e.differential}

    @property
    def algebraic(self) -> Mapping[str, Equation]:
        """variable -> its algebraic line, in an order in which each needs only earlier ones."""
        return {e.target: e for e in self.lines if not e.differential}

    @property
    def noisy(self) -> bool:
        """Whether an equation has white noise ``xi`` in it."""
        return any(XI in names(line.right) for line in self.differential.values())

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
        if len(shown) == 1 and self.spiking is None:
            return shown[0].latex()
        spiking = [self.spiking.latex("&")] if self.spiking is not None else []
        rows = r" \\ ".join([*(e.latex("&") for e in shown), *spiking])
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
