"""Owns equations that a user types: what is wrong with them and where, and what they would change. No toolkits."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from nbkit.errors import NbkitError, Problem, fail
from nbkit.model.equations import Equation, read_equations
from nbkit.model.expression import names
from nbkit.model.functions import XI
from nbkit.model.mathml import model_mathml
from nbkit.model.model import Model, Parameter, State
from nbkit.model.spiking import Spiking, read_spiking
from nbkit.network.description import SPIKE, Population, split_path
from nbkit.network.network import Network
from nbkit.network.setup import Setup

#: what a name that nobody declared may become
KINDS = ("parameter", "input")

_PLACE = re.compile(r"line (?P<line>\d+)(?:, column (?P<column>\d+))?")
_WORD = re.compile(r"[A-Za-z]\w*")
_NAMED = re.compile(r"'(?P<name>[A-Za-z]\w*)'")


@dataclass(frozen=True)
class Draft:
    """What a user typed in place of a model.

    Attributes:
        population: whose model it would be.
        equations: one equation a line.
        threshold: a comparison; empty for units that do not spike.
        reset: one assignment a line.
        new: names that the old model does not have -> ``"parameter"`` or ``"input"``.
    """

    population: str
    equations: str
    threshold: str = ""
    reset: str = ""
    new: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a draft, and where: counted from 1, the line 0 for no line of the equations.

    ``undeclared`` is the name that must become a parameter or an input; empty for other faults.
    """

    line: int
    column: int
    what: str
    hint: str
    undeclared: str = ""


@dataclass(frozen=True)
class Judged:
    """A draft as it was read.

    Attributes:
        faults: what is wrong; without any the draft can be applied.
        formula: the equations as MathML; empty while something is wrong.
        changes: what else changes, such as new parameters.
        losses: parts of the network that no longer fit, and why; they are taken out when the draft is applied.
        model: the model that the draft describes; None while something is wrong.
    """

    faults: tuple[Fault, ...]
    formula: str = ""
    changes: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()
    model: Model | None = None


def draft_of(network: Network, population: str) -> Draft:
    """The present model of a population as a draft."""
    model = network.populations[population].model
    return Draft(population, "\n".join(line.strip() for line in model.equations.strip().splitlines()),
                 model.threshold, model.reset)  # fmt: skip


def judge(network: Network, setup: Setup, draft: Draft) -> Judged:
    """Read a draft: everything that is wrong with it, or its formula and what it would change.

    States are what has a derivative. Parameters and inputs are those of the old model that are still used, and the
    new ones that the draft declares.

    Example:
        >>> import nbkit as nb
        >>> net = nb.networks.rhythm()
        >>> judged = judge(net, nb.Setup(400.0, 0.1), Draft("E", "tau * dr/dt = -r + b*r_in"))
        >>> [(f.line, f.column, f.what, f.undeclared) for f in judged.faults]
        [(1, 20, "'b' is not declared", 'b')]
    """
    old = network.populations[draft.population].model
    lines, wrong = read_equations(draft.equations)
    spiking, more = read_spiking(draft.threshold, draft.reset, old.refractory if draft.threshold else 0.0)
    faults = [_fault(problem, draft.equations) for problem in (*wrong, *more)]
    if not lines and not faults:
        faults.append(Fault(1, 1, "there is no equation", "such as tau * dr/dt = -r + r_in"))
    faults += _undeclared(old, draft, lines, spiking)
    if faults:
        return Judged(tuple(sorted(faults, key=lambda f: (f.line, f.column))))
    try:
        model = old if _same_text(draft, draft_of(network, draft.population)) else _model(old, draft, lines, spiking)
    except NbkitError as error:
        return Judged(tuple(_fault(problem, draft.equations) for problem in error.problems))
    fits, fits_setup, losses = _fitted(network, setup, draft.population, model)
    problems = [problem for problem in fits.check() if problem not in network.check()]
    if problems:
        return Judged(tuple(Fault(0, 0, f"{p.where}: {p.what}", p.hint) for p in problems))
    del fits_setup
    return Judged((), model_mathml(model), tuple(_changes(old, model)), losses, model)


def applied(network: Network, setup: Setup, draft: Draft) -> tuple[Network, Setup]:
    """The network with the model of a draft, and without what no longer fits.

    Raises:
        NbkitError: with the faults of the draft.
    """
    judged = judge(network, setup, draft)
    if judged.model is None:
        raise NbkitError([fail("bad-equation", f"line {f.line}", f.what, f.hint).problems[0] for f in judged.faults])
    made, made_setup, _ = _fitted(network, setup, draft.population, judged.model)
    return made, made_setup


# ---------------------------------------------------------------- faults


def _fault(problem: Problem, text: str) -> Fault:
    """A problem of a model at its line and column; where no column is told, at the name that it speaks of."""
    place = _PLACE.match(problem.where)
    if place is None:
        return Fault(0, 0, f"{problem.where}: {problem.what}", problem.hint)
    line, lines = int(place["line"]), text.splitlines()
    column = int(place["column"]) if place["column"] else 0
    named = _NAMED.search(problem.what)
    if not column and named is not None and line <= len(lines):
        column = _column(lines[line - 1], named["name"])
    return Fault(line, column or 1, problem.what, problem.hint)


def _column(line: str, name: str) -> int:
    found = re.search(rf"\bd?({re.escape(name)})\b", line.split("#", 1)[0])
    return found.start(1) + 1 if found else 1


def _undeclared(old: Model, draft: Draft, lines: tuple[Equation, ...], spiking: Spiking | None) -> Iterator[Fault]:
    """Names that are used and nobody declared, each where it stands first."""
    texts = draft.equations.splitlines()
    known = {*old.parameters, *old.inputs, *(e.target for e in lines), *draft.new, XI}
    known |= {name.removeprefix("d") for text in texts for name in _WORD.findall(text.split("=", 1)[0])}
    found: set[str] = set()
    for line in sorted(lines, key=lambda e: e.line):
        used = names(line.right) | (names(line.factor) if line.factor else frozenset())
        for name in sorted(used - known - found):
            found.add(name)
            yield Fault(line.line, _column(texts[line.line - 1], name), f"'{name}' is not declared",
                        "make it a parameter or an input, or correct it", name)  # fmt: skip
    for name in sorted((spiking.names() if spiking is not None else frozenset()) - known - found):
        yield Fault(0, 0, f"threshold and reset: '{name}' is not declared", "make it a parameter, or correct it", name)


# ---------------------------------------------------------------- the model


def _same_text(one: Draft, other: Draft) -> bool:
    parts = [(d.equations.strip(), d.threshold.strip(), d.reset.strip()) for d in (one, other)]
    return parts[0] == parts[1]


def _model(old: Model, draft: Draft, lines: tuple[Equation, ...], spiking: Spiking | None) -> Model:
    """The model of a draft without undeclared names."""
    used = frozenset().union(*(names(e.right) | (names(e.factor) if e.factor else frozenset()) for e in lines))
    used |= spiking.names() if spiking is not None else frozenset()
    states = {e.target: old.states.get(e.target, State()) for e in lines if e.differential}
    kept = {name: held for name, held in old.parameters.items() if name in used}
    kept |= {name: Parameter(1.0) for name, kind in draft.new.items() if kind == "parameter" and name in used}
    inputs = {name: held for name, held in old.inputs.items() if name in used}
    inputs |= {name: 0.0 for name, kind in draft.new.items() if kind == "input" and name in used}
    return dataclasses.replace(
        old,
        name=old.name if old.source == "" else f"{old.name}_own",
        source="",
        equations=draft.equations.strip(),
        states=states,
        parameters=kept,
        inputs=inputs,
        events=tuple(event for event in old.events if event in states),
        threshold=draft.threshold.strip(),
        reset=draft.reset.strip() if draft.threshold.strip() else "",
        refractory=old.refractory if draft.threshold.strip() else 0.0,
        method="euler" if old.method == "exact" else old.method,
    )


def _changes(old: Model, new: Model) -> Iterator[str]:
    """What else a draft changes, in words."""
    for kind, before, after in (
        ("state", old.states, new.states), ("parameter", old.parameters, new.parameters),
        ("input", old.inputs, new.inputs),
    ):  # fmt: skip
        yield from (f"new {kind} {name}" for name in after if name not in before)
        yield from (f"{kind} {name} is no longer used and goes" for name in before if name not in after)
    if old.method != new.method:
        yield "steps are made by Euler's method, no longer exactly"


# ---------------------------------------------------------------- what fits


def _fitted(network: Network, setup: Setup, name: str, model: Model) -> tuple[Network, Setup, tuple[str, ...]]:
    """The network and setup with another model, without what no longer fits, and that in words."""
    losses: list[str] = []
    outgoing = {*model.variables, *([SPIKE] if model.spiking is not None else [])}
    incoming = {*model.inputs, *model.events}

    def lost(part: str, path: str, known: set[str]) -> bool:
        population, variable = split_path(path)
        gone = population == name and variable not in known
        if gone and f"{part}: there is no {path}" not in losses:
            losses.append(f"{part}: there is no {path}")
        return gone

    projections = [
        p for p in network.projections if not (lost(p.name, p.source, outgoing) | lost(p.name, p.target, incoming))
    ]
    stimuli = [s for s in network.stimuli if not lost(s.name, s.target, incoming)]
    record = setup.record
    if record is not None:
        record = tuple(path for path in record if not lost("recording", path, outgoing)) or None
    old = network.populations[name]
    population = dataclasses.replace(
        old, model=model,
        parameters={key: held for key, held in old.parameters.items() if key in model.parameters},
        initial={key: held for key, held in old.initial.items() if key in model.states},
    )  # fmt: skip
    populations: dict[str, Population] = {**network.populations, name: population}
    made = dataclasses.replace(network, populations=populations, projections=projections, stimuli=stimuli)
    return made, dataclasses.replace(setup, record=record), tuple(losses)
