"""Owns what is computed from a part, shown when asked for: samples, degrees, plans, fixed points. No toolkits."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from nbkit.compile.compiler import compile_network
from nbkit.compile.sampling import generator, sample_units
from nbkit.errors import NbkitError
from nbkit.model.counting import bincount
from nbkit.model.numbers import is_finite_number
from nbkit.network.check_projections import ends_of
from nbkit.network.description import Projection, split_path
from nbkit.network.kernels import Kernel
from nbkit.network.network import Network
from nbkit.network.rules import AllToAll, OneToOne
from nbkit.network.setup import Setup
from nbkit.network.time import to_unit
from nbkit.study.checkups.realised import realised_delay
from nbkit.study.fixed_points import fixed_points
from nbkit.widgets.workbench.histograms import Histogram, histogram

#: connections that are made to be counted; of more the rule alone is told
MOST_CONNECTIONS = 2_000_000
_MOST_POINTS = 6


@dataclass(frozen=True)
class Told:
    """One thing that was computed: what, in words, and the values behind it."""

    what: str
    words: str
    drawn: Histogram | None = None


def told_of(network: Network, part: str, setup: Setup) -> tuple[Told, ...]:
    """What can be computed of a population or a projection; what cannot is said, with the reason.

    Example:
        >>> import nbkit as nb
        >>> [t.words for t in told_of(nb.networks.rhythm(delay=2.0), "E->I", nb.Setup(400.0, 0.02))]
        ['80 onto each unit', '2 ms · 100 steps', 'uniform: one weight for all: every target gets the same sum, \
computed once']
    """
    problems = network.check()
    if problems:
        return (Told("", "when the network has no problems"),)
    if part in network.populations:
        return (*_samples(network, part, setup), *_rests(network, part))
    projection = next((p for p in network.projections if p.name == part), None)
    return () if projection is None else tuple(_of_projection(network, projection, setup))


# ---------------------------------------------------------------- populations


def _samples(network: Network, name: str, setup: Setup) -> Iterator[Told]:
    """Parameters and start values that are not the same for all units."""
    population = network.populations[name]
    for key in (*population.model.parameters, *(f"{state}.initial" for state in population.model.states)):
        path = f"{name}.{key}"
        held = network.value(path)
        if not is_finite_number(held):
            drawn = histogram(sample_units(population, held, setup.seed, path), network.describe(path).unit)
            yield Told(key.replace(".initial", "(0)"), "" if drawn is None else drawn.words, drawn)


def _rests(network: Network, name: str) -> Iterator[Told]:
    """Where the whole network rests, seen from one population, and whether it returns there."""
    try:
        points = fixed_points(network)
    except NbkitError as error:
        reasons = "; ".join(f"{problem.where}: {problem.what}" for problem in error.problems[:2])
        yield Told("fixed points", f"not known: {reasons}")
        return
    states = network.populations[name].model.states
    count = points.sizes["point"]
    if not count:
        yield Told("fixed points", "none was found in what the network may reach")
    for i in range(min(count, _MOST_POINTS)):
        at = points.isel(point=i)
        where = ", ".join(f"{key} = {float(at[f'{name}.{key}']):.3g}" for key in states)
        real, imaginary = at["eigenvalue_real"].to_numpy(), at["eigenvalue_imag"].to_numpy()
        if np.isnan(real).all():
            yield Told("rests at", f"{where}: with delays its stability is not told")
            continue
        unit = str(points["eigenvalue_real"].attrs.get("units", ""))
        pairs = ", ".join(_eigenvalue(a, b) for a, b in zip(real, imaginary, strict=True) if b >= 0)
        yield Told("rests at", f"{where}: {at['kind'].item()}, eigenvalues {pairs} {unit}".strip())
    if count > _MOST_POINTS:
        yield Told("", f"and {count - _MOST_POINTS} more")


def _eigenvalue(real: float, imaginary: float) -> str:
    return f"{real:.3g} ± {imaginary:.3g}i" if imaginary else f"{real:.3g}"


# ---------------------------------------------------------------- projections


def _of_projection(network: Network, projection: Projection, setup: Setup) -> Iterator[Told]:
    dt = to_unit(setup.dt, network.time_unit, "dt")
    yield _degree(network, projection, setup.seed)
    yield Told("delay", _delay(network, projection, dt))
    ends = ends_of(network, projection)
    if projection.rule.connections(ends) > MOST_CONNECTIONS:
        yield Told("plan", "made when the run starts: too many connections to be looked at beside it")
        return
    names = {split_path(projection.source)[0], split_path(projection.target)[0]}
    alone = dataclasses.replace(
        network, populations={n: p for n, p in network.populations.items() if n in names}, projections=[projection],
        stimuli=[],
    )  # fmt: skip
    try:
        program = compile_network(alone, dt, setup.seed, setup.delays)
    except NbkitError as error:
        yield Told("plan", f"not known: {error.what}")
        return
    plans = dict.fromkeys(f"{c.plan}: {c.reason}" for c in program.couplings)
    yield from (Told("plan", words) for words in plans)
    if program.tables:
        count = sum(len(table.targets) for table in program.tables)
        yield Told("plan", f"{count} synapses in a table by source and delay: a spike reads its own")


def _degree(network: Network, projection: Projection, seed: int) -> Told:
    ends = ends_of(network, projection)
    rule, count = projection.rule, projection.rule.connections(ends)
    if isinstance(projection.weight, Kernel):
        return Told("inputs", f"{ends.pre} units, weighted by their distance")
    if isinstance(rule, AllToAll | OneToOne):
        return Told("inputs", f"{count / max(ends.post, 1):g} onto each unit")
    if count > MOST_CONNECTIONS:
        return Told("inputs", f"about {count / max(ends.post, 1):.4g} onto each unit")
    targets, _ = rule.pairs(generator(seed, f"{projection.name}.rule"), ends)
    degrees = bincount(targets, minlength=ends.post)
    if degrees.min() == degrees.max():
        return Told("inputs", f"{degrees[0]} onto each unit")
    drawn = histogram(degrees)
    return Told("inputs", "" if drawn is None else drawn.words.replace(" values", " units", 1), drawn)


def _delay(network: Network, projection: Projection, dt: float) -> str:
    """A delay as it is realised, with its steps."""
    made = realised_delay(network, projection, dt)
    unit = "" if network.time_unit == "1" else f" {network.time_unit}"
    if made.least == made.longest:
        return f"{made.mean:.6g}{unit} · {made.mean / dt:.6g} steps"
    return made.told(network.time_unit)
