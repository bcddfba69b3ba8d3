"""Owns the forecast of bytes: connections while they are made and while they stand, random numbers, recordings.

Connections are counted from their rules, none is made. Must not know seconds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nbkit.compile.around import padded_shape
from nbkit.compile.bundles import is_drawn
from nbkit.compile.coupling import DENSE_SHARE, SMALL
from nbkit.compile.fields import (
    MOST_PAIRS,
    bytes_of_kernel,
    choose,
    cost_of_transform,
    costs,
    travels,
    whole,
)
from nbkit.compile.late import cost_together
from nbkit.compile.neighbours import likely_pairs, most_pairs, places_of
from nbkit.compile.program import Draw, Program
from nbkit.compile.synapses import CHUNK, SINGLE
from nbkit.network.check_projections import ends_of
from nbkit.network.conduction import ConductionDelay
from nbkit.network.description import SPIKE, Projection, split_path
from nbkit.network.kernels import is_kernel
from nbkit.network.laws import Law
from nbkit.network.network import Network
from nbkit.network.time import steps_per_unit
from nbkit.run.noise import CHUNK as NOISE_STEPS
from nbkit.run.noise import KEPT, NUMBERS
from nbkit.simulation.recording import Recording
from nbkit.study.checkups.chart import Chart

#: Hz, or per model unit: about what neurons fire when nobody knows; rates from 1 to 50 Hz are usual
RATE = {"ms": 10.0, "s": 10.0, "1": 0.2}

#: bytes: of a synapse drawn into a table while that is filled, of a connection while it is drawn and sorted
FILLING_SYNAPSE, MAKING_CONNECTION = 36, 64
#: bytes: of a pair of a kernel with delays of its own while pairs are weighed and sorted, of a number of a spectrum
MAKING_PAIR, SPECTRUM = 112, 24
#: bytes of a spike that is recorded, of a step with spikes, and of a sample beside its numbers
SPIKE_BYTES, STEP_BYTES, SAMPLE_BYTES = 48, 500, 24


@dataclass(frozen=True)
class Taken:
    """Bytes of a projection's connections: while they are made, when they stand, and more while a table is filled."""

    making: float
    held: float
    filling: float = 0.0


def connection_bytes(chart: Chart) -> tuple[float, float]:
    """The most that is needed while all connections are made, and what the heavy ones hold when they stand."""
    most = held = filling = heavy = 0.0
    for p in chart.plan.network.projections:
        taken = _taken(chart, p)
        most, filling = max(most, held + taken.making), max(filling, taken.filling)
        held += taken.held
        heavy += taken.held if p in chart.lean.heavy else 0.0
    return max(most, held + filling), heavy


def _taken(chart: Chart, projection: Projection) -> Taken:
    network, each = chart.plan.network, 4 if chart.plan.precision == "float32" else 8
    ends = ends_of(network, projection)
    cells, count = float(ends.post) * ends.pre, projection.rule.connections(ends)
    if split_path(projection.source)[1] == SPIKE:
        return _synapses(chart, projection, count)
    if is_kernel(projection.weight):
        return _kernel(chart, projection, cells, each)
    whole_matrix = chart.lean.bytes_to_make[projection.name] < MAKING_CONNECTION * count
    if whole_matrix:
        given = isinstance(projection.weight, np.ndarray) and projection.weight_is == "synapse"
        held = 0.0 if isinstance(projection.weight, float) else (8 * (not given) + 2 * each) * count
        return Taken(held, held)
    if cells <= SMALL or count >= DENSE_SHARE * cells:
        return Taken(MAKING_CONNECTION * count, (8 + 2 * each) * cells)
    late = isinstance(projection.delay, np.ndarray | Law | ConductionDelay)
    return Taken(MAKING_CONNECTION * count, (12 + 2 * (4 + each) + 8 * late) * count)


def _kernel(chart: Chart, projection: Projection, cells: float, each: int) -> Taken:
    network = chart.plan.network
    places, making = places_of(network, projection), bytes_of_kernel(network, projection)
    if not whole(projection):
        count = rings(chart, projection)
        if count:
            spectra = count * SPECTRUM * float(math.prod(padded_shape(places)))
            return Taken(spectra, spectra)
        pairs = min(likely_pairs(places), cells)
        return Taken(MAKING_PAIR * pairs, (20 + 2 * (4 + each)) * pairs)
    plan = choose(costs(places))
    held = {"dense": (8 + 2 * each) * cells, "sparse": (12 + 2 * (4 + each)) * likely_pairs(places)}
    return Taken(making, held.get(plan, making))


def rings(chart: Chart, projection: Projection) -> int:
    """How many products of spectra stand for a kernel with conduction delays; 0 where its pairs are written out."""
    places = places_of(chart.plan.network, projection)
    if not travels(projection, places):
        return 0
    delays = next((d for d in chart.delays if d.projection == projection.name), None)
    count = 1 if delays is None else 1 + round((delays.longest - delays.least) / chart.plan.step)
    few = most_pairs(places) <= MOST_PAIRS
    return 0 if few and cost_together(likely_pairs(places)) <= count * cost_of_transform(places) else count


def _synapses(chart: Chart, projection: Projection, count: float) -> Taken:
    """Synapses of spikes: a table, and where they are not drawn into it a list of them beside it."""
    source = chart.plan.network.populations[split_path(projection.source)[0]]
    delay = next((d.longest for d in chart.delays if d.projection == projection.name), chart.plan.step)
    cells = source.count * max(1.0, delay / chart.plan.step)
    if is_drawn(projection):
        table = (8 if count >= SINGLE and isinstance(projection.weight, Law) else 12) * count
        return Taken(8 * cells, table + 5 * cells, FILLING_SYNAPSE * min(count, CHUNK))
    listed = 12 * count if count <= CHUNK else 0.0
    return Taken(MAKING_CONNECTION * count, 12 * count + listed + 12 * cells)


def noise_bytes(program: Program, steps: int) -> float:
    """Random numbers that are kept, a few chunks of each draw, and the one that is being drawn."""
    return sum(_chunks(draw, math.ceil(steps / program.block) * program.block) for draw in program.draws)


def _chunks(draw: Draw, steps: int) -> float:
    length = min(NOISE_STEPS, max(8, NUMBERS // draw.size))
    held = min(KEPT + 1, math.ceil(steps / length))
    return float(length) * draw.size * (held + 1 if draw.kind == "poisson" else 8 * held)  # counts are bytes


def recording_bytes(chart: Chart, recorded: Recording | None) -> float:
    """What is kept of the run: rows in double precision, their times, and spikes at a guessed rate."""
    if recorded is None:
        return 0.0
    plan = chart.plan
    kept = (plan.steps - min(plan.steps, plan.left_out / plan.step)) / recorded.every + 1
    rows = kept * (8.0 * sum(p.width for p in recorded.plans) + SAMPLE_BYTES)
    spikes = sum(spikes_per_step(plan.network, name, plan.step) for name in recorded.spikes)
    return rows + plan.steps * (spikes * SPIKE_BYTES + STEP_BYTES * min(1.0, spikes))


def spikes_per_step(network: Network, name: str, dt: float) -> float:
    """About how many units of a population fire in a step."""
    population = network.populations[name]
    if population.model.spiking is None:
        return 0.0
    return population.count * RATE[network.time_unit] / steps_per_unit(network.time_unit) * dt
