"""Owns the check of projections: ends, rules, weights and delays. Must not know how they run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from nbkit.errors import NbkitError, Problem, did_you_mean, shown
from nbkit.model.check import TIME_UNITS
from nbkit.model.model import Model
from nbkit.model.numbers import is_finite_number
from nbkit.network.balanced import Balanced
from nbkit.network.check_kernels import conduction_problems, kernel_problems, meaning_problems
from nbkit.network.chosen import chosen, units_problems
from nbkit.network.conduction import ConductionDelay
from nbkit.network.description import SPIKE, Population, Projection, split_path
from nbkit.network.grids import grid_problems
from nbkit.network.kernels import is_kernel
from nbkit.network.laws import Law
from nbkit.network.rules import Ends, OneToOne, Rule
from nbkit.network.time import LONGEST_TIME, to_unit
from nbkit.network.values import SparseMatrix, value_problems

if TYPE_CHECKING:
    from nbkit.network.network import Network

HISTORIES = ("initial", "zero")
WEIGHTS_ARE = ("synapse", "total", "density")


def population_at(network: Network, path: str, where: str) -> tuple[list[Problem], Population | None]:
    """Find the population that a path names."""
    name, variable = split_path(path)
    if name not in network.populations:
        hint = did_you_mean(name, network.populations)
        return [Problem("unknown-population", where, f"no population '{name}' in '{path}'", hint)], None
    population = network.populations[name]
    model = population.model
    known = {*model.variables, *model.inputs, *model.parameters}
    if variable not in known and variable != SPIKE:
        hint = did_you_mean(variable, known)
        return [Problem("unknown-variable", where, f"{model.name} has no variable '{variable}' ('{path}')", hint)], None
    return [], population


def projection_problems(network: Network, projection: Projection) -> Iterator[Problem]:
    where = projection.name
    wrong_source, pre = population_at(network, projection.source, f"{where}.source")
    wrong_target, post = population_at(network, projection.target, f"{where}.target")
    yield from wrong_source
    yield from wrong_target
    source, target = split_path(projection.source)[1], split_path(projection.target)[1]
    if pre is not None and post is not None:
        yield from _variables(where, source, target, pre.model, post.model)
    if pre is not None and post is not None and all(has_size(p) for p in (pre, post)):
        wrong = [
            *units_problems(projection.source_units, f"{where}.source_units", pre.shape),
            *units_problems(projection.target_units, f"{where}.target_units", post.shape),
        ]
        yield from wrong
        if not wrong:
            yield from _connections(projection, ends_of(network, projection))
        yield from kernel_problems(projection, post, pre)
    yield from _choices(projection)
    yield from meaning_problems(projection)
    if isinstance(projection.delay, ConductionDelay):
        ends = [end if end is not None and has_size(end) else None for end in (post, pre)]
        unit = network.time_unit if network.time_unit in TIME_UNITS else "ms"
        yield from conduction_problems(projection, projection.delay, unit, *ends)
        return  # its least delay is known when its connections are
    sharp = yield from _delay(network, projection)
    follows = pre is not None and source in pre.model.variables and pre.model.depends_on_inputs(source)
    if source == SPIKE:
        yield from _event_delay(projection, sharp)
    elif follows and sharp is not None and sharp <= 0:
        what = f"'{source}' follows its own inputs at once, so reading it needs a delay"
        yield Problem("needs-delay", f"{where}.delay", what, "give a delay of at least one step")


def has_size(population: Population) -> bool:
    """Whether the population's size makes sense, so that units can be counted."""
    return not any(grid_problems("", population.size, population.extent, population.edges))


def _variables(where: str, source: str, target: str, pre: Model, post: Model) -> Iterator[Problem]:
    """Whether the source can be read and the target can take it."""
    if source == SPIKE:
        if pre.spiking is None:
            yield Problem("no-spikes", f"{where}.source", f"{pre.name} has no threshold", "give the model one")
        if target not in post.events:
            hint = did_you_mean(target, post.events)
            yield Problem("not-an-event", f"{where}.target", f"'{target}' takes no events", hint)
        return
    if source not in pre.variables:
        hint, what = did_you_mean(source, pre.variables), f"'{source}' is neither a state nor an algebraic variable"
        yield Problem("not-a-source", f"{where}.source", what, hint)
    if target not in post.inputs:
        hint = did_you_mean(target, post.inputs)
        yield Problem("not-an-input", f"{where}.target", f"'{target}' is not an input", hint)


def _event_delay(projection: Projection, sharp: float | None) -> Iterator[Problem]:
    if projection.spread is not None:
        yield Problem("bad-spread", f"{projection.name}.spread", "spikes arrive sharply", "draw delays from a law")
    elif sharp == 0 and not isinstance(projection.delay, Law):
        what = "a spike arrives one step later at the earliest"
        yield Problem("needs-delay", f"{projection.name}.delay", what, "give a delay of at least one step")


def ends_of(network: Network, projection: Projection) -> Ends:
    """The two sides of a projection: the chosen units of its populations."""
    pre, post = split_path(projection.source)[0], split_path(projection.target)[0]
    of_post, of_pre = network.populations[post], network.populations[pre]
    if projection.target_units is None and projection.source_units is None:
        return Ends(of_post.count, of_pre.count, pre == post)
    of_target = chosen(projection.target_units, of_post.shape)
    of_source = chosen(projection.source_units, of_pre.shape)
    return Ends(len(of_target), len(of_source), pre == post and np.array_equal(of_target, of_source))


def _connections(projection: Projection, ends: Ends) -> Iterator[Problem]:
    """What is wrong with the rule, and with weights and delays that hold one number per connection."""
    if not isinstance(projection.rule, Rule):
        where = f"{projection.name}.rule"
        yield Problem("bad-type", where, f"{shown(projection.rule)} is not a rule", "give nb.AllToAll()")
        return
    fault = projection.rule.fault(ends)
    if fault:
        code = "size-mismatch" if isinstance(projection.rule, OneToOne) else "bad-rule"
        yield Problem(code, f"{projection.name}.rule", fault, "change the rule or the sizes")
        return
    shape = projection.rule.weight_shape(ends)
    for part in ("weight", "delay"):
        held = getattr(projection, part)
        if isinstance(held, np.ndarray | Law) or (part == "weight" and not is_kernel(held)):
            yield from _per_connection(f"{projection.name}.{part}", held, shape, ends)


def _per_connection(where: str, held: object, shape: tuple[int, ...] | None, ends: Ends) -> Iterator[Problem]:
    given = getattr(held, "shape", None) if isinstance(held, np.ndarray | SparseMatrix) else None
    if isinstance(held, Balanced) and where.endswith(".weight"):
        if held.fault(ends.pre):
            yield Problem("bad-law", where, held.fault(ends.pre), "for example nb.Balanced(0.8, 1.0, 1.0)")
    elif given is None:
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
        if not isinstance(value, str) or value not in choices:
            hint = did_you_mean(str(value), choices)
            yield Problem("bad-choice", f"{projection.name}.{key}", f"{value!r} is not one of the choices", hint)
    if not is_finite_number(projection.gain) or isinstance(projection.gain, Law):
        yield Problem(
            "bad-value", f"{projection.name}.gain", f"{shown(projection.gain)} is not a number", "give a number"
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
    assert isinstance(delay, np.ndarray | Law)
    if projection.spread is not None:
        what = "a spread around delays that differ already"
        yield Problem("bad-spread", f"{where}.spread", what, "give one of the two")
    lowest = _lowest_drawn(delay) if isinstance(delay, Law) else float(np.min(delay, initial=np.inf))
    highest = -np.inf if isinstance(delay, Law) else float(np.max(delay, initial=-np.inf))
    if highest > LONGEST_TIME:
        yield Problem("bad-time", f"{where}.delay", f"{highest:g} is too long", f"at most {LONGEST_TIME:g}")
    if lowest < 0:
        what = f"can be {lowest:g}, which is negative"
        yield Problem("delay-negative", f"{where}.delay", what, "nb.Truncated(law, low=0)")
    return lowest


def _lowest_drawn(law: Law) -> float:
    if any(value_problems(law, "", ())):
        return 0.0  # said elsewhere
    return float(law.quantile(np.array([0.0]))[0])
