"""Owns the numbers that remedies offer: a finer step, a step that fits, a longer run, a smaller network.

Must not know findings.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from nbkit.compile.delays import steps_of
from nbkit.model.expression import Symbol
from nbkit.network.chosen import Rectangle
from nbkit.network.description import Population
from nbkit.network.network import Network
from nbkit.network.rules import Explicit, FixedInDegree, FixedOutDegree, FixedTotalNumber, Rule
from nbkit.network.signals import Recorded
from nbkit.network.spike_times import SpikeTimes
from nbkit.network.time import to_unit
from nbkit.network.values import SparseMatrix
from nbkit.study.checkups.finding import PlannedRun
from nbkit.study.checkups.units import pace_of

#: a step is divided by one of these: what stood on the old grid stands on the new one, and decimals stay short
DIVISORS = sorted(2**a * 5**b for a, b in itertools.product(range(18), range(8)) if 2**a * 5**b <= 100_000)

#: a step that fits everything may be this much finer; beyond it another remedy is better
FINEST = 1000
#: steps that are tried for their digits
TRIED = 1000


def finer(plan: PlannedRun, most: float) -> float | None:
    """The longest step of at most this much on whose grid everything of the old one stands; None if there is none."""
    if not most > 0:
        return None
    for divisor in DIVISORS[1:]:
        if plan.step / divisor <= most * (1 + 1e-9):
            return rounded(plan.step / divisor)
    return None


def fitting(plan: PlannedRun) -> float | None:
    """A step of few digits, not much shorter than the present one, of which all given times are whole multiples."""
    times = [Fraction(f"{time:.12g}") for time in _given_times(plan) if time > 0]
    if not times:
        return None
    whole = math.lcm(*(time.denominator for time in times))
    common = Fraction(math.gcd(*(int(time * whole) for time in times)), whole)
    parts = max(1, math.ceil(float(common) / plan.step - 1e-9))
    steps = [rounded(float(common) / n) for n in range(parts, min(2 * parts, parts + TRIED) + 1)]
    steps = [step for step in steps if plan.step / FINEST <= step < plan.step * (1 - 1e-9)]
    return min(steps, key=lambda step: (len(f"{step:.12g}"), -step), default=None)


def _given_times(plan: PlannedRun) -> Iterable[float]:
    """Every time that must be a whole number of steps."""
    network, unit = plan.network, plan.network.time_unit
    yield plan.length
    for p in network.projections:
        if isinstance(p.delay, np.ndarray):
            yield from np.unique(p.delay).tolist()
        elif isinstance(p.delay, float | int | str) and p.spread is None:
            yield to_unit(p.delay, unit, p.name)
    for stimulus in network.stimuli:
        if isinstance(stimulus.signal, Recorded):
            yield to_unit(stimulus.signal.dt, unit, stimulus.name)
        elif isinstance(stimulus.signal, SpikeTimes):
            yield from np.unique(stimulus.signal.times).tolist()
    for name, population in network.populations.items():
        path = refractory_path(name, population)
        if path is not None and isinstance(held := network.value(path), float | int):
            yield held if population.time_scale is None else held / pace_of(network, population)


def refractory_path(name: str, population: Population) -> str | None:
    """The parameter that is a population's refractory time; None where that is a formula or does not exist."""
    spiking = population.model.spiking
    if spiking is None or not isinstance(spiking.refractory, Symbol):
        return None
    return f"{name}.{spiking.refractory.name}"


def longer(plan: PlannedRun, least: float) -> float:
    """A duration of at least this much: two digits, and a whole number of steps."""
    digit = 10.0 ** (math.floor(math.log10(least)) - 1)
    wanted = math.ceil(least / digit * (1 - 1e-9)) * digit
    steps, off = steps_of(wanted, plan.step)
    return rounded((steps + 1 if off and steps * plan.step < least else max(1, steps)) * plan.step)


def rounded(number: float) -> float:
    """Without the dust of a division."""
    return float(f"{number:.12g}")


def smaller(network: Network, share: float) -> Network | None:
    """The network with this share of its units, and of the connections onto each; None where arrays fix the sizes."""
    held: list[Any] = [
        value for p in network.populations.values() for value in (*p.parameters.values(), *p.initial.values())
    ]
    held += [part for p in network.projections for part in (p.weight, p.delay, p.source_units, p.target_units)]
    held += [part for s in network.stimuli for part in (s.units, getattr(s.signal, "units", None))]
    held += [s.signal.array for s in network.stimuli if isinstance(s.signal, Recorded) and s.signal.array.ndim > 1]
    if any(isinstance(value, np.ndarray | slice | SparseMatrix | Rectangle) for value in held):
        return None
    if any(isinstance(p.rule, Explicit) for p in network.projections):
        return None
    populations = {
        name: replace(p, size=_size(p.size, share), extent=None if p.grid is None else p.grid.extent)
        for name, p in network.populations.items()
    }
    projections = [replace(p, rule=_rule(p.rule, share)) for p in network.projections]
    made = replace(network, populations=populations, projections=projections)
    return made if not made.check() else None


def _size(size: Any, share: float) -> Any:
    if isinstance(size, tuple):
        return tuple(max(1, round(n * share ** (1 / len(size)))) for n in size)
    return max(1, round(size * share))


def _rule(rule: Rule, share: float) -> Rule:
    """The rule for so many fewer units, each with so many fewer inputs; chances stay."""
    if isinstance(rule, FixedTotalNumber):
        return replace(rule, number=max(1, round(rule.number * share * share)))
    if isinstance(rule, FixedInDegree):
        return replace(rule, in_degree=max(1, round(rule.in_degree * share)))
    if isinstance(rule, FixedOutDegree):
        return replace(rule, out_degree=max(1, round(rule.out_degree * share)))
    return rule
