"""Owns what a user may ask to be recorded. Must not know how it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from nbkit.compile.program import Program
from nbkit.errors import Problem, did_you_mean, shown
from nbkit.model.numbers import is_whole, plain
from nbkit.network.chosen import chosen, freeze_units, units_problems
from nbkit.network.description import SPIKE, split_path
from nbkit.run.tapes import Plan

AVERAGES = (None, "block", "population")


@dataclass(frozen=True, eq=False)
class Record:
    """The long form of a record string.

    Args:
        path: a state, an algebraic variable or ``"E.spike"``.
        units: which units: a slice, a list of numbers, rows and columns of a sheet such as
            ``(slice(0, 5), [1, 2])``, None for all.
        every: keep every ``every``-th sample, counted from sample 0. One number for a whole run.
        average: ``"population"``: the mean over the units; ``"block"``: for each unit the mean over the
            ``every`` samples up to the kept one; None for the samples as they are.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 50, initial={"x": 1.0})})
        >>> nb.simulate(net, 10.0, 0.1, record=[nb.Record("E.x", units=slice(0, 3), every=10)])["E.x"].shape
        (11, 3)
    """

    path: str
    units: Any = None
    every: int = 1
    average: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "units", freeze_units(self.units))
        object.__setattr__(self, "every", plain(self.every))


Asked = str | Record | Iterable[str | Record] | None


@dataclass(frozen=True)
class Recording:
    """What a run records.

    ``plans`` for variables; for each population whose spikes are wanted the units; and the units of the
    populations of which only some are recorded.
    """

    plans: tuple[Plan, ...]
    spikes: dict[str, Any]

    units: dict[str, Any]

    @property
    def averages(self) -> dict[str, str]:
        """Path -> the kind of mean, where there is one."""
        return {plan.variable.path: plan.average for plan in self.plans if plan.average}

    def begin(self, left_out: int) -> int:
        """The step up to which nothing need be recorded, if samples before ``left_out`` are not wanted.

        The first kept sample is then a whole one: a mean over a block begins with the block.
        """
        if "block" in self.averages.values():
            return max(0, -(-left_out // self.every) - 1) * self.every
        return max(0, left_out - 1)

    @property
    def every(self) -> int:
        """Samples from one kept sample to the next."""
        return self.plans[0].every if self.plans else 1


def recording(program: Program, asked: Asked) -> tuple[Recording, list[Problem]]:
    """Read what was asked for: None means the spikes of spiking populations and all states of the others.

    A population without states gives its algebraic variables.
    """
    spiking = [member.population for source in program.spikes for member in source.stack.members]
    known = [*program.variables, *(f"{name}.{SPIKE}" for name in spiking)]
    if asked is None:
        stateful = {name for name, p in program.network.populations.items() if p.model.states}
        kept = {path: v for path, v in program.variables.items() if v.is_state or v.population not in stateful}
        states = [path for path, v in kept.items() if v.population not in spiking]
        asked = [*states, *known[len(program.variables) :]]
    if not isinstance(asked, str | Record | Iterable) or isinstance(asked, bytes):
        what = f"{shown(asked)} is no list of paths"
        return Recording((), {}, {}), [Problem("unknown-record", "record", what, 'record=["E.r"]')]
    records = [asked] if isinstance(asked, str | Record) else list(asked)
    wanted = [r if isinstance(r, Record) else Record(r) for r in records]
    problems = _problems(program, wanted, known)
    if problems:
        return Recording((), {}, {}), problems
    plans: dict[str, Plan] = {}
    spikes: dict[str, Any] = {}
    partly: dict[str, Any] = {}
    for record in wanted:
        population, _ = split_path(record.path)
        units = chosen(record.units, program.network.populations[population].shape)
        if record.units is not None:
            partly[population] = units
        if record.path in program.variables:
            some = None if record.units is None else units
            plans[record.path] = Plan(program.variables[record.path], some, record.every, record.average)
        else:
            spikes[population] = units
    return Recording(tuple(plans.values()), spikes, partly), []


def _problems(program: Program, wanted: Sequence[Record], known: Sequence[str]) -> list[Problem]:
    found = []
    for record in wanted:
        where = f"record {record.path!r}"
        if record.path not in known:
            hint = did_you_mean(str(record.path), known)
            found.append(Problem("unknown-record", where, "no such state, algebraic variable or spikes", hint))
            continue
        population = program.network.populations[split_path(record.path)[0]]
        found += units_problems(record.units, f"{where}.units", population.shape)
        if not is_whole(record.every, 1):
            what = f"every = {shown(record.every)} is not a positive whole number"
            found.append(Problem("bad-record", where, what, "give 1, 2, 3, ..."))
        if record.average not in AVERAGES:
            hint = did_you_mean(str(record.average), [a for a in AVERAGES if a])
            found.append(Problem("bad-choice", f"{where}.average", f"no average {record.average!r}", hint))
    if not found and len({r.every for r in wanted if r.path in program.variables}) > 1:
        what = "records of one run with different every"
        found.append(Problem("bad-record", "record", what, "give all the same every, or run twice"))
    if not found:
        found += _mixed_units(wanted)
    if not found and len({r.path for r in wanted}) < len(wanted):
        found.append(Problem("bad-record", "record", "a variable is recorded twice", "name each variable once"))
    return found


def _mixed_units(wanted: Sequence[Record]) -> list[Problem]:
    """All that is recorded of a population must be of the same units: they share one dimension."""
    choices: dict[str, set[str]] = {}
    for record in wanted:
        choices.setdefault(split_path(record.path)[0], set()).add(repr(record.units))
    return [
        Problem(
            "bad-record", f"record of {name}", "variables of one population with different units", "choose the same"
        )
        for name, kinds in choices.items()
        if len(kinds) > 1
    ]
