"""Owns the forecast of a run: how many steps, about how many seconds, how many bytes. Must not know findings.

What a step is made of is read off the program of the network without its heavy connections; those are counted from
their rules. Seconds come from a table that was measured on one core of a server, and from a guess of the rate at which
neurons fire: they tell a tenth of a second from ten, not one from two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nbkit.compile.bundles import is_drawn
from nbkit.compile.coupling import DENSE_SHARE, SMALL
from nbkit.compile.fields import LARGE, choose, cost_of_transform, costs, whole
from nbkit.compile.instructions import Instruction
from nbkit.compile.neighbours import likely_pairs, places_of
from nbkit.compile.products import Product
from nbkit.compile.program import Program
from nbkit.network.check_projections import ends_of
from nbkit.network.conduction import ConductionDelay
from nbkit.network.description import SPIKE, Projection
from nbkit.network.kernels import is_kernel
from nbkit.network.laws import Law
from nbkit.network.network import Network
from nbkit.run.interpreter.choice import choose as who_runs
from nbkit.run.memory import SHARE, available, bytes_of_program
from nbkit.simulation.recording import Recording
from nbkit.study.checkups.amounts import (
    MAKING_CONNECTION,
    connection_bytes,
    noise_bytes,
    recording_bytes,
    rings,
    spikes_per_step,
)
from nbkit.study.checkups.chart import Chart
from nbkit.study.checkups.many import for_points

#: Microseconds on one core: of a number that an instruction goes through, of slow operations, of a draw.
NUMBER = 3.5e-4
SLOW = {"exp": 6e-3, "tanh": 1e-2, "power": 1e-2, "sin": 1e-2, "cos": 1e-2, "log": 6e-3, "divide": 1e-3, "sqrt": 1e-3}
DRAWN = {"normal": 1.2e-2, "uniform": 4e-3, "poisson": 5e-3, "recorded": 1e-3}
SYNAPSE = 1.2e-3  # that a spike reaches
#: of entries of matrices, in a product of one step
ENTRY = {"small": 1e-4, "dense": 4e-4, "sparse": 6e-4, "delayed": 8e-4, "block": 5e-5}
#: seconds: of compiling and starting, of a connection that is drawn and sorted, of a synapse that is drawn into a table
START, PER_CONNECTION, PER_SYNAPSE = 5e-3, 1e-7, 8e-8

#: bytes of the objects of a small simulation and of its result
OBJECTS = 400_000


@dataclass(frozen=True)
class Costs:
    """Microseconds that depend on who carries out the program.

    ``call`` of an instruction, ``product`` of one that multiplies by a dense matrix; ``spiking`` of a step of a
    population that spikes, ``spike`` of a step in which one does, ``underway`` of a spike on its way.
    """

    call: float
    product: float
    spiking: float
    spike: float
    underway: float


NUMPY = Costs(0.28, 0.6, 2.0, 5.0, 0.1)
INTERPRETER = Costs(0.01, 0.02, 0.3, 0.3, 0.02)


@dataclass(frozen=True)
class Forecast:
    """What a run, or the runs of a sweep, will take.

    Bytes are counted from what the process holds when the network is described and nbkit and its libraries are
    loaded, which itself is about 100 MB. They lie within 0.8 and 1.25 of the highest rise that the system reports
    for the process (``python -m tests.bench.memory`` measures it); of a rise of less than 5 MB, which a few pages or
    the loading of a library change, of the whole process. Neurons are taken to fire at 10 Hz.

    Attributes:
        steps: how many.
        seconds: about how long, on one core, with the making of the network.
        setup_bytes: the most that is needed while the connections are made.
        state_bytes: what the simulation holds while it stands.
        recording_bytes: what is kept of the run.
        limit_bytes: how much may be taken: a share of what the container or the machine has left, None if unknown.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 1, initial={"x": 1.0})})
        >>> nb.health(net, dt=0.1, duration=100.0).forecast.steps
        1000
    """

    steps: int
    seconds: float
    setup_bytes: int
    state_bytes: int
    recording_bytes: int
    limit_bytes: int | None = None

    @property
    def bytes(self) -> int:
        """The most that is taken at any moment."""
        return max(self.setup_bytes, self.state_bytes + self.recording_bytes)

    def __str__(self) -> str:
        limit = "" if self.limit_bytes is None else f" of {told_bytes(self.limit_bytes)}"
        return f"{self.steps:,} steps, about {told_seconds(self.seconds)}, {told_bytes(self.bytes)}{limit}"


def told_seconds(seconds: float) -> str:
    """A time that a user waits.

    >>> told_seconds(0.048), told_seconds(75.0)
    ('0.05 s', '1.2 min')
    """
    for size, unit in ((3600.0, "h"), (60.0, "min")):
        if seconds >= size:
            return f"{seconds / size:.2g} {unit}"
    return f"{max(seconds, 0.01):.1g} s" if seconds < 1 else f"{seconds:.2g} s"


def told_bytes(number: float) -> str:
    """An amount of memory.

    >>> told_bytes(1.0e6), told_bytes(2.4e9)
    ('1 MB', '2.4 GB')
    """
    for size, unit in ((1e9, "GB"), (1e6, "MB")):
        if number >= size:
            return f"{number / size:.2g} {unit}" if number < 10 * size else f"{number / size:.0f} {unit}"
    return "1 MB"


def forecast(chart: Chart, recorded: Recording | None) -> Forecast | None:
    """The forecast of a run; None where the network or the step has problems."""
    plan, program = chart.plan, chart.lean.program
    if program is None:
        return None
    setup, heavy = connection_bytes(chart)
    tables = sum(table.size for table in program.tables)
    state = bytes_of_program(program, plan.precision) + tables + noise_bytes(program, plan.steps) + heavy
    step = sum(_products(chart, p) for p in chart.lean.heavy if not p.source.endswith(f".{SPIKE}"))
    prices = NUMPY if who_runs(program, None)[0].library is None else INTERPRETER
    step += _step_cost(chart, program, prices) + _spike_cost(plan.network, plan.step, program, prices)
    left = available()
    one = Forecast(
        plan.steps,
        START + _making(chart) + plan.steps * step * 1e-6,
        int(setup),
        int(state + OBJECTS),
        int(recording_bytes(chart, recorded)),
        None if left is None else int(SHARE * left),
    )
    if plan.sweep is None:
        return one
    return for_points(plan, program, recorded, one, lambda side, points: _step_cost(chart, side, NUMPY, points))


# ---------------------------------------------------------------- seconds


def _step_cost(chart: Chart, program: Program, prices: Costs, points: int = 1) -> float:
    """Microseconds of a step: what is done at every step, and a step's share of what is done for a block."""
    step = sum(_cost(chart, program, prices, i, points) for i in program.sections["step"])
    block = sum(_cost(chart, program, prices, i, points * program.block) for i in program.sections["block"])
    return step + block / program.block


def _cost(chart: Chart, program: Program, prices: Costs, instruction: Instruction, rows: int) -> float:
    operation, numbers = instruction.operation, rows * instruction.target.length
    if operation == "couple":
        return prices.call + rows * _product(chart, program, prices, instruction.index, block=rows > 1)
    if operation in DRAWN:
        return NUMPY.call + numbers * (DRAWN[operation] + NUMBER)
    return prices.call + numbers * SLOW.get(operation, NUMBER)


def _product(chart: Chart, program: Program, prices: Costs, index: int, *, block: bool) -> float:
    """Microseconds of a product with a row."""
    coupling = program.couplings[index]
    projection = next(p for p in program.network.projections if p.name == coupling.name)
    weights: Any = coupling.weights
    if isinstance(weights, Product):
        return (
            _products(chart, projection)
            if whole(projection)
            else cost_of_transform(places_of(program.network, projection))
        )
    entries = float(weights.nnz if hasattr(weights, "nnz") else weights.size)
    if coupling.plan in ("sparse", "delayed"):
        return 6.0 + entries * ENTRY[coupling.plan]
    return prices.product + entries * ENTRY["block" if block else "dense" if entries > LARGE else "small"]


def _products(chart: Chart, projection: Projection) -> float:
    """Microseconds of the products of a projection whose connections are not made."""
    network = chart.plan.network
    ends = ends_of(network, projection)
    cells, count = float(ends.post) * ends.pre, projection.rule.connections(ends)
    if is_kernel(projection.weight):
        places = places_of(network, projection)
        found = costs(places)
        if whole(projection):
            return found[choose(found)]
        spectra = rings(chart, projection) * cost_of_transform(places)
        return spectra or likely_pairs(places) * ENTRY["delayed"]
    late = isinstance(projection.delay, np.ndarray | Law | ConductionDelay)
    if not late and (cells <= SMALL or count >= DENSE_SHARE * cells):
        return cells * ENTRY["dense" if cells > LARGE else "small"]
    return count * ENTRY["delayed" if late else "sparse"]


def _spike_cost(network: Network, dt: float, program: Program, prices: Costs) -> float:
    """Microseconds of a step for spikes: finding them, keeping them under way, adding up their synapses."""
    total = prices.spiking * len(program.spikes)
    for name in network.populations:
        spikes = spikes_per_step(network, name, dt)
        total += prices.spike * min(1.0, spikes)
        for p in network.projections:
            if p.source == f"{name}.{SPIKE}":
                ends = ends_of(network, p)
                reached = p.rule.connections(ends) / max(1, ends.pre)
                total += spikes * (reached * SYNAPSE + prices.underway)
    return total


def _making(chart: Chart) -> float:
    """Seconds in which the connections are made."""
    total = 0.0
    for p in chart.plan.network.projections:
        if is_drawn(p):
            total += p.rule.connections(ends_of(chart.plan.network, p)) * PER_SYNAPSE
        else:
            total += chart.lean.bytes_to_make[p.name] / MAKING_CONNECTION * PER_CONNECTION
    return total
