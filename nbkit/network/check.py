"""Owns the check of a network: everything that is wrong with it, found in one go. Must not know how it runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nbkit.errors import NbkitError, Problem, did_you_mean
from nbkit.model.model import TIME_UNITS, Limits, is_finite_number, is_identifier
from nbkit.network.description import Population, Projection, Stimulus, split_path
from nbkit.network.laws import Law
from nbkit.network.rules import Ends, OneToOne, Rule
from nbkit.network.signals import signal_problems
from nbkit.network.time import time_problems, to_unit
from nbkit.network.values import Value, lowest_and_highest, value_problems

if TYPE_CHECKING:
    from nbkit.network.network import Network

HISTORIES = ("initial", "zero")
WEIGHTS_ARE = ("synapse", "total")


def problems(network: Network) -> list[Problem]:
    """Every problem of a network that does not depend on the step dt."""
    found = [*_names(network)]
    for name, population in network.populations.items():
        found += _population(network, name, population)
    for projection in network.projections:
        found += _projection(network, projection)
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
    parts = [p.name for p in network.projections] + [s.name for s in network.stimuli]
    for name, count in Counter([*network.populations, *parts]).items():
        if count > 1:
            yield Problem(
                "name-clash", f"{name!r}", f"{count} parts of the network have this name", "give each a name="
            )


def _population(network: Network, name: str, population: Population) -> Iterator[Problem]:
    where, model = name, population.model
    size = population.size
    whole = isinstance(size, int | np.integer) and not isinstance(size, bool)
    if not whole or size < 1:
        yield Problem("bad-size", f"{where}.size", f"{size!r} is not a positive whole number", "give 1, 2, 3, ...")
    shape = (int(size),) if whole and size > 0 else (-1,)
    for part in ("parameters", "initial"):
        if not isinstance(getattr(population, part), Mapping):
            yield Problem("bad-type", f"{where}.{part}", "is not a mapping", 'give {"name": value}')
            return
    for key, value in population.parameters.items():
        if key in model.parameters:
            yield from limited_problems(value, f"{where}.{key}", shape, model.parameters[key].limits)
        elif key in model.inputs:
            hint = f'nb.Stimulus("{name}.{key}", nb.Step({value!r:.20}))'
            yield Problem("undeclared-input", f"{where}.{key}", f"'{key}' is an input, not a parameter", hint)
        else:
            hint = f'initial={{"{key}": ...}}' if key in model.states else did_you_mean(key, model.parameters)
            yield Problem("unknown-parameter", f"{where}.{key}", f"{model.name} has no parameter '{key}'", hint)
    for key, value in population.initial.items():
        if key in model.states:
            yield from limited_problems(value, f"{where}.{key}.initial", shape, model.states[key].limits)
        else:
            hint = did_you_mean(key, model.states)
            yield Problem("unknown-variable", f"{where}.initial", f"{model.name} has no state '{key}'", hint)
    yield from _time_unit(network, where, population)


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


def _end(network: Network, path: str, where: str) -> tuple[list[Problem], Population | None]:
    """Find the population that a path names."""
    name, variable = split_path(path)
    if name not in network.populations:
        hint = did_you_mean(name, network.populations)
        return [Problem("unknown-population", where, f"no population '{name}' in '{path}'", hint)], None
    population = network.populations[name]
    model = population.model
    known = {*model.variables, *model.inputs, *model.parameters}
    if variable not in known:
        hint = did_you_mean(variable, known)
        return [Problem("unknown-variable", where, f"{model.name} has no variable '{variable}' ('{path}')", hint)], None
    return [], population


def _projection(network: Network, projection: Projection) -> Iterator[Problem]:
    where = projection.name
    wrong_source, pre = _end(network, projection.source, f"{where}.source")
    wrong_target, post = _end(network, projection.target, f"{where}.target")
    yield from wrong_source
    yield from wrong_target
    source, target = split_path(projection.source)[1], split_path(projection.target)[1]
    if pre is not None and source not in pre.model.variables:
        hint = did_you_mean(source, pre.model.variables)
        yield Problem(
            "not-a-source", f"{where}.source", f"'{source}' is neither a state nor an algebraic variable", hint
        )
    if post is not None and target not in post.model.inputs:
        hint = did_you_mean(target, post.model.inputs)
        yield Problem("not-an-input", f"{where}.target", f"'{target}' is not an input", hint)
    if pre is not None and post is not None and all(isinstance(p.size, int) and p.size > 0 for p in (pre, post)):
        same = split_path(projection.source)[0] == split_path(projection.target)[0]
        yield from _connections(projection, Ends(int(post.size), int(pre.size), same))
    yield from _choices(projection)
    sharp = yield from _delay(network, projection)
    if (
        sharp is not None
        and sharp <= 0
        and pre is not None
        and source in pre.model.variables
        and pre.model.depends_on_inputs(source)
    ):
        what = f"'{source}' follows its own inputs at once, so reading it needs a delay"
        yield Problem("needs-delay", f"{where}.delay", what, "give a delay of at least one step")


def _connections(projection: Projection, ends: Ends) -> Iterator[Problem]:
    """What is wrong with the rule, and with weights and delays that hold one number per connection."""
    if not isinstance(projection.rule, Rule):
        where = f"{projection.name}.rule"
        yield Problem("bad-type", where, f"{projection.rule!r:.60} is not a rule", "give nb.AllToAll()")
        return
    fault = projection.rule.fault(ends)
    if fault:
        code = "size-mismatch" if isinstance(projection.rule, OneToOne) else "bad-rule"
        yield Problem(code, f"{projection.name}.rule", fault, "change the rule or the sizes")
        return
    shape = projection.rule.weight_shape(ends)
    for part in ("weight", "delay"):
        held = getattr(projection, part)
        if part == "weight" or isinstance(held, np.ndarray | Law):
            yield from _per_connection(f"{projection.name}.{part}", held, shape, ends)


def _per_connection(where: str, held: object, shape: tuple[int, ...] | None, ends: Ends) -> Iterator[Problem]:
    given = getattr(held, "shape", None)
    if given is None:
        yield from value_problems(held, where, shape or (0,), "one per connection")
    elif shape is None:
        hint = "give a number or a law, or rule=nb.Explicit(sources, targets)"
        yield Problem("weight-shape", where, "an array for connections that are drawn", hint)
    elif given != shape:
        got = "x".join(map(str, given))
        hint = "transpose it: rows are targets" if given == shape[::-1] else f"the shape must be {shape}"
        yield Problem("weight-shape", where, f"an array of {got} for {ends.post} targets and {ends.pre} sources", hint)
    else:
        yield from value_problems(held, where, shape, "one per connection")


def _choices(projection: Projection) -> Iterator[Problem]:
    for key, value, choices in (
        ("history", projection.history, HISTORIES),
        ("weight_is", projection.weight_is, WEIGHTS_ARE),
    ):
        if value not in choices:
            hint = did_you_mean(str(value), choices)
            yield Problem("bad-choice", f"{projection.name}.{key}", f"{value!r} is not one of the choices", hint)
    if not is_finite_number(projection.gain) or isinstance(projection.gain, Law):
        yield Problem(
            "bad-value", f"{projection.name}.gain", f"{projection.gain!r:.60} is not a number", "give a number"
        )


def _delay(network: Network, projection: Projection) -> Any:
    """Yield the problems of delay and spread; return the sharp delay, or None where there is none."""
    where, unit = projection.name, network.time_unit if network.time_unit in TIME_UNITS else "ms"
    if isinstance(projection.delay, np.ndarray | Law):
        return (yield from _many_delays(projection))
    try:
        delay = to_unit(projection.delay, unit, f"{where}.delay")
    except NbkitError as error:
        yield from error.problems
        return None
    if delay < 0:
        yield Problem(
            "delay-negative", f"{where}.delay", f"{delay:g} is negative", "a signal arrives after it was sent"
        )
        return None
    if projection.spread is None:
        return delay
    try:
        spread = to_unit(projection.spread, unit, f"{where}.spread")
    except NbkitError as error:
        yield from error.problems
        return None
    if delay == 0:
        yield Problem("spread-without-delay", f"{where}.spread", "a spread around no delay", "give delay= as its mean")
    elif spread <= 0:
        yield Problem("bad-spread", f"{where}.spread", f"{spread:g} is not positive", "leave it out for a sharp delay")
    return None


def _many_delays(projection: Projection) -> Any:
    """Delays of single connections: never negative, and without a spread of their own."""
    where, delay = projection.name, projection.delay
    if projection.spread is not None:
        what = "a spread around delays that differ already"
        yield Problem("bad-spread", f"{where}.spread", what, "give one of the two")
    lowest = _lowest_drawn(delay) if isinstance(delay, Law) else float(np.min(delay))
    if lowest < 0:
        what = f"can be {lowest:g}, which is negative"
        yield Problem("delay-negative", f"{where}.delay", what, "nb.Truncated(law, low=0)")
    return lowest


def _lowest_drawn(law: Law) -> float:
    return float(law.quantile(np.array([0.0]))[0]) if not law.fault() else 0.0


def _stimulus(network: Network, stimulus: Stimulus) -> Iterator[Problem]:
    where = stimulus.name
    wrong, population = _end(network, stimulus.target, f"{where}.target")
    yield from wrong
    if population is None:
        return
    variable = split_path(stimulus.target)[1]
    if variable not in population.model.inputs:
        hint = did_you_mean(variable, population.model.inputs)
        yield Problem("not-an-input", f"{where}.target", f"'{variable}' is not an input", hint)
    unit = network.time_unit if network.time_unit in TIME_UNITS else "ms"
    yield from signal_problems(stimulus.signal, where, population.size, unit)
