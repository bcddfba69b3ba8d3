"""Owns the check of a network: everything that is wrong with it, found in one go. Must not know how it runs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from nbkit.errors import Problem, did_you_mean, shown
from nbkit.model.check import TIME_UNITS, is_identifier
from nbkit.model.model import Limits
from nbkit.network.check_projections import has_size, population_at, projection_problems
from nbkit.network.check_signals import signal_problems
from nbkit.network.chosen import shape_chosen, units_problems
from nbkit.network.description import Population, Stimulus, split_path
from nbkit.network.expressions import Expression
from nbkit.network.grids import grid_problems
from nbkit.network.places import at_places, place_problems
from nbkit.network.signals import Poisson
from nbkit.network.spike_times import SpikeTimes
from nbkit.network.time import time_problems, to_unit
from nbkit.network.values import Value, lowest_and_highest, value_problems

if TYPE_CHECKING:
    from nbkit.network.network import Network


#: an expression on more units than this is evaluated only when the network is compiled, if it fits into memory
MOST_EVALUATED = 2**22

#: the names of projections and stimuli: an identifier, or one of the two forms of default names
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*((->|[.])[A-Za-z][A-Za-z0-9_]*)?")


def problems(network: Network) -> list[Problem]:
    """Every problem of a network that does not depend on the step dt."""
    found = [*_names(network)]
    for name, population in network.populations.items():
        found += _population(network, name, population)
    for projection in network.projections:
        found += projection_problems(network, projection)
    for stimulus in network.stimuli:
        found += _stimulus(network, stimulus)
    return found


def _names(network: Network) -> Iterator[Problem]:
    if network.time_unit not in TIME_UNITS:
        hint = did_you_mean(str(network.time_unit), TIME_UNITS)
        yield Problem("unknown-time-unit", "time_unit", f"no time unit {network.time_unit!r}", hint)
    if not network.populations:
        yield Problem("empty-network", "populations", "there is none", 'give {"E": nb.Population(...)}')
    for name in network.populations:
        if not is_identifier(name):
            hint = "begin with a letter, then letters, digits and _; use label= for free text"
            yield Problem("bad-name", f"populations[{name!r}]", "not an identifier", hint)
    for name in [p.name for p in network.projections] + [s.name for s in network.stimuli]:
        if not _NAME.fullmatch(name):
            hint = "begin with a letter, then letters, digits and _"
            yield Problem("bad-name", f"name {shown(name)}", "not usable in a path", hint)
    parts = [p.name for p in network.projections] + [s.name for s in network.stimuli]
    for name, count in Counter([*network.populations, *parts]).items():
        if count > 1:
            yield Problem(
                "name-clash", f"{name!r}", f"{count} parts of the network have this name", "give each a name="
            )


def _population(network: Network, name: str, population: Population) -> Iterator[Problem]:
    where, model = name, population.model
    wrong = list(grid_problems(where, population.size, population.extent, population.edges))
    yield from wrong
    shape = (-1,) if any(p.code == "bad-size" for p in wrong) else population.shape
    if not isinstance(population.label, str):
        yield Problem("bad-type", f"{where}.label", f"{shown(population.label)} is not text", 'label="..."')
    for part in ("parameters", "initial"):
        if not isinstance(getattr(population, part), Mapping):
            yield Problem("bad-type", f"{where}.{part}", "is not a mapping", 'give {"name": value}')
            return
    for key, value in population.parameters.items():
        if key in model.parameters:
            yield from _value_problems(population, value, f"{where}.{key}", shape, model.parameters[key].limits)
        elif key in model.inputs:
            hint = f'nb.Stimulus("{name}.{key}", nb.Step({shown(value)}))'
            yield Problem("undeclared-input", f"{where}.{key}", f"'{key}' is an input, not a parameter", hint)
        else:
            hint = f'initial={{"{key}": ...}}' if key in model.states else did_you_mean(key, model.parameters)
            yield Problem("unknown-parameter", f"{where}.{key}", f"{model.name} has no parameter '{key}'", hint)
    for key, value in population.initial.items():
        if key in model.states:
            yield from _value_problems(population, value, f"{where}.{key}.initial", shape, model.states[key].limits)
        else:
            hint = did_you_mean(key, model.states)
            yield Problem("unknown-variable", f"{where}.initial", f"{model.name} has no state '{key}'", hint)
    yield from _time_unit(network, where, population)


def _value_problems(
    population: Population, value: Value, where: str, shape: tuple[int, ...], limits: Limits | None
) -> Iterator[Problem]:
    """What is wrong with a parameter or an initial value; an expression is looked at where the units stand."""
    if not isinstance(value, Expression):
        yield from limited_problems(value, where, shape, limits)
        return
    if not has_size(population):
        return
    wrong = list(place_problems(value, where, population.grid))
    yield from wrong
    if not wrong and population.count <= MOST_EVALUATED:
        held = at_places(value, population.grid, population.count).reshape(shape)
        yield from limited_problems(held, where, shape, limits)


def limited_problems(value: Value, where: str, shape: tuple[int, ...], limits: Limits | None) -> Iterator[Problem]:
    """Everything that is wrong with a value of this shape that must respect limits."""
    if shape == (-1,) and isinstance(value, np.ndarray):
        return
    wrong = list(value_problems(value, where, shape))
    yield from wrong
    if wrong or limits is None:
        return
    low, high = lowest_and_highest(value)
    if (limits[0] is not None and low < limits[0]) or (limits[1] is not None and high > limits[1]):
        shown = f"{low:g}" if low == high else f"{low:g} to {high:g}"
        yield Problem("outside-limits", where, f"{shown} lies outside {_interval(limits)}", "keep to the limits")


def _interval(limits: Limits) -> str:
    low = "-inf" if limits[0] is None else f"{limits[0]:g}"
    high = "inf" if limits[1] is None else f"{limits[1]:g}"
    return f"[{low}, {high}]"


def _time_unit(network: Network, where: str, population: Population) -> Iterator[Problem]:
    model, scale = population.model, population.time_scale
    if model.time_unit == "1" and network.time_unit != "1":
        if scale is None:
            what = f"{model.name} counts model units, the network counts {network.time_unit}"
            yield Problem("time-unit-mismatch", where, what, 'Population(..., time_scale="10 ms"), or time_unit="1"')
            return
        wrong = list(time_problems(scale, network.time_unit, f"{where}.time_scale"))
        yield from wrong
        if not wrong and to_unit(scale, network.time_unit, "") <= 0:
            yield Problem("bad-time", f"{where}.time_scale", f"{scale!r} is not positive", "give a positive time")
    elif scale is not None:
        what = f"{model.name} in a network of unit {network.time_unit!r} needs no time scale"
        yield Problem("time-unit-mismatch", f"{where}.time_scale", what, "leave it out")
    elif model.time_unit != "1" and network.time_unit == "1":
        what = f"{model.name} counts {model.time_unit}, the network counts model units"
        yield Problem("time-unit-mismatch", where, what, f'Network(..., time_unit="{model.time_unit}")')


def _stimulus(network: Network, stimulus: Stimulus) -> Iterator[Problem]:
    where = stimulus.name
    wrong, population = population_at(network, stimulus.target, f"{where}.target")
    yield from wrong
    if population is None:
        return
    variable = split_path(stimulus.target)[1]
    if isinstance(stimulus.signal, Poisson | SpikeTimes):
        if variable not in population.model.events:
            hint = did_you_mean(variable, population.model.events)
            yield Problem("not-an-event", f"{where}.target", f"'{variable}' takes no events", hint)
    elif variable not in population.model.inputs:
        hint = did_you_mean(variable, population.model.inputs)
        yield Problem("not-an-input", f"{where}.target", f"'{variable}' is not an input", hint)
    if not has_size(population):
        return
    wrong = list(units_problems(stimulus.units, f"{where}.units", population.shape))
    yield from wrong
    timed = isinstance(stimulus.signal, SpikeTimes)
    if timed and stimulus.units is not None and stimulus.signal.units is not None:  # type: ignore[attr-defined]
        hint = "SpikeTimes(times, units=...) says which unit each spike reaches; leave the other out"
        yield Problem("bad-units", f"{where}.units", "units are given twice", hint)
        return
    shape = population.shape if wrong or timed else shape_chosen(stimulus.units, population.shape)
    unit = network.time_unit if network.time_unit in TIME_UNITS else "ms"
    yield from signal_problems(stimulus.signal, where, shape, unit, population.grid)
