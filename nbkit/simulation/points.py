"""Owns runs of one network at many points that differ in numbers: side by side where they can, else one by one.

Must not know what the points are for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nbkit.compile.compiler import compile_network
from nbkit.compile.delays import first_step
from nbkit.compile.program import Program
from nbkit.errors import NbkitError
from nbkit.network.network import Network
from nbkit.network.time import Time, to_unit
from nbkit.results import dataset
from nbkit.run.ensemble import Ensemble, refusal, takes
from nbkit.simulation.asking import input_problems, whole_steps
from nbkit.simulation.recording import Asked, Recording, recording
from nbkit.simulation.simulation import Simulation

if TYPE_CHECKING:
    import xarray

    from nbkit.run.cuda.ensemble import CudaEnsemble

Numbers = npt.NDArray[np.float64]

#: units times points that step side by side; so many numbers stay near the processor
NUMBERS = 2**14
MOST_POINTS = 1024
NUMBERS_OF_A_CARD = 2**22

_ONE = np.zeros(1, dtype=np.int64)  # the first and only point


@dataclass(frozen=True)
class Settings:
    """The keywords of a run that all points share."""

    duration: Time
    dt: Time
    record: Asked = None
    seed: int = 0
    method: str | None = None
    precision: str = "float64"
    delays: str = "error"
    discard: Time = 0.0
    backend: str = "numpy"


@dataclass(frozen=True)
class Batch:
    """Some points of a run.

    Attributes:
        numbers: which points, (points,).
        sample: the result of the first of them, labelled.
        rows: path -> values, (points, time, ...) as in the sample; empty where the sample is all there is.
        stopped: time of the first sample of each point that is not finite, NaN for none; (points,).
    """

    numbers: npt.NDArray[np.int64]
    sample: xarray.Dataset
    rows: dict[str, Any] = field(default_factory=dict)
    stopped: Numbers = field(default_factory=lambda: np.full(1, np.nan))

    def release(self) -> None:
        """Let go of the values, before the next batch needs the room."""
        self.rows.clear()

    def points(self) -> Iterator[tuple[int, xarray.Dataset]]:
        """Each point with its own result."""
        for place, number in enumerate(self.numbers):
            held = {path: (self.sample[path].dims, rows[place]) for path, rows in self.rows.items()}
            attributes = {path: self.sample[path].attrs for path in held}
            yield int(number), self.sample.assign({p: (*h, attributes[p]) for p, h in held.items()})


def side_by_side(network: Network, path: str, settings: Settings) -> str:
    """Why points that differ in a value cannot run side by side; empty if they can.

    Raises:
        NbkitError: all problems of the network and of the settings.
    """
    program = _plan(network, settings)[0].program
    return refusal(program) or ("" if takes(program, path) else f"{path} cannot be changed in a compiled network")


def size_of_batch(network: Network, count: int, backend: str = "numpy") -> int:
    """How many of so many points go side by side."""
    units = sum(population.count for population in network.populations.values())
    most = NUMBERS if backend == "numpy" else NUMBERS_OF_A_CARD
    return min(count, int(np.clip(most // units, 1, MOST_POINTS)))


def run_points(network: Network, values: Mapping[str, Numbers], settings: Settings) -> Iterator[Batch]:
    """Run points side by side, a batch after the other.

    Args:
        network: one that `side_by_side` has nothing against, at the first point.
        values: path -> a number for each point; (points,).
        settings: the rest.
    """
    simulation, recorded, steps, left_out = _plan(network, settings)
    count = len(next(iter(values.values())))
    size = size_of_batch(network, count, settings.backend)
    program = compile_network(network, settings.dt, settings.seed, settings.delays, settings.method, points=size)
    numbers = {path: _as_read(program, path, held) for path, held in values.items()}
    plans = recording(program, settings.record)[0].plans
    about = simulation._setup | {"duration": steps * program.dt, "discard": left_out * program.dt, "record": [  # noqa: SLF001
        plan.variable.path for plan in plans]}  # fmt: skip
    for begin in range(0, count, size):
        here = np.arange(begin, min(begin + size, count))
        ensemble = _ensemble(program, len(here), {p: held[here] for p, held in numbers.items()}, settings)
        trace = ensemble.run(steps, plans, left_out)
        rows = {tape.plan.variable.path: np.moveaxis(tape.rows, -1, 0) for tape in trace.tapes}
        first = {path: held[0].copy() for path, held in rows.items()}
        sample = dataset(program, trace.samples, first, about, units=recorded.units, averages=recorded.averages)
        shaped = {path: held.reshape(len(here), *sample[path].shape) for path, held in rows.items()}
        stopped = np.where(trace.stopped < 0, np.nan, trace.stopped * program.dt)
        del trace, rows  # what is handed over is all that is held of them
        yield Batch(here, sample, shaped, stopped)


def _ensemble(
    program: Program, points: int, numbers: dict[str, Numbers], settings: Settings
) -> Ensemble | CudaEnsemble:
    """Who moves the points: NumPy or a card."""
    if settings.backend == "numpy":
        return Ensemble(program, points, numbers, settings.precision)
    from nbkit.run.cuda.device import open_device  # noqa: PLC0415  only who asks for a card needs it
    from nbkit.run.cuda.ensemble import CudaEnsemble  # noqa: PLC0415

    return CudaEnsemble(program, points, numbers, settings.precision, open_device())


def run_one(network: Network, settings: Settings) -> Batch:
    """Run one point by itself; if it leaves the finite numbers, the rest of it is NaN."""
    simulation, recorded, steps, left_out = _plan(network, settings)
    asked = (steps * simulation.program.dt, settings.record, None, None, left_out * simulation.program.dt)
    try:
        result = simulation._run(*asked)  # noqa: SLF001  one package
    except NbkitError as error:
        partial = getattr(error, "result", None)
        if partial is None:
            raise
        samples = np.arange(-(-left_out // recorded.every), steps // recorded.every + 1) * recorded.every
        times = samples * simulation.program.dt
        result = partial.reindex(time=times).assign_coords(step=("time", samples, partial["step"].attrs))
        last = float(partial["time"][-1]) if partial.sizes["time"] else -simulation.program.dt
        return Batch(_ONE, result, {}, np.array([last + simulation.program.dt]))
    return Batch(_ONE, result)


def _plan(network: Network, settings: Settings) -> tuple[Simulation, Recording, int, int]:
    """A simulation that stands at t = 0, what it records, its steps, and how many of them are left out."""
    simulation = Simulation(
        network, settings.dt, seed=settings.seed, method=settings.method, precision=settings.precision,
        delays=settings.delays, backend=settings.backend,
    )  # fmt: skip
    steps, problems = whole_steps(simulation.program, settings.duration)
    recorded, wrong = recording(simulation.program, settings.record)
    problems += wrong or input_problems(simulation.program, steps)
    if problems:
        raise NbkitError(problems)
    left_out = first_step(to_unit(settings.discard, network.time_unit, "discard"), simulation.program.dt)
    return simulation, recorded, steps, left_out


def _as_read(program: Program, path: str, values: Numbers) -> Numbers:
    """Numbers as a setting takes them: a time that marks an edge as whole steps."""
    edge = program.settings[path].edge_of
    return np.array([first_step(v, edge) for v in values], dtype=np.float64) if edge else values
