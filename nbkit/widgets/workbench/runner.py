"""Owns a run that gives way: pieces of it, one after the other, so that a page stays alive. Must not know toolkits."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import xarray as xr

from nbkit.errors import NbkitError
from nbkit.network.network import Network
from nbkit.network.setup import Setup
from nbkit.network.time import to_unit
from nbkit.simulation import Simulation

#: one piece lasts about so long, so that a stop is heard well within 300 ms
PIECE_SECONDS = 0.05
_FIRST_PIECE = 64  # steps

Schedule = Callable[[Callable[[], None]], None]


@dataclass(frozen=True)
class Progress:
    """How far a run is: steps made and asked for, seconds spent and, once known, left."""

    steps: int
    of: int
    seconds: float
    left: float


@dataclass(frozen=True)
class Ears:
    """Whom a run tells what: how far it is, its result, or why it failed and what there was up to then."""

    progress: Callable[[Progress], None]
    done: Callable[[xr.Dataset, bool], None]  # the result, and whether it is whole
    failed: Callable[[NbkitError, xr.Dataset | None], None]


class _Run:
    """One run and its pieces so far."""

    def __init__(self, network: Network, setup: Setup, clock: Callable[[], float]) -> None:
        self.simulation, self.of = _simulation(network, setup), _steps(network, setup)
        self.parts: list[xr.Dataset] = []
        self.made, self._size = 0, _FIRST_PIECE
        self._record, self._clock, self.began = setup.record, clock, clock()

    def piece(self) -> bool:
        """Make the next piece, as long as the last ones tell; returns whether the run is whole."""
        size, before = min(self._size, self.of - self.made), self._clock()
        self.parts.append(self.simulation.run(size * self.simulation.program.dt, self._record))
        took = max(self._clock() - before, 1e-9)
        self.made += size
        self._size = max(1, min(4 * size, int(size * PIECE_SECONDS / took)))
        return self.made >= self.of

    def progress(self) -> Progress:
        """How far it is."""
        spent = self._clock() - self.began
        return Progress(self.made, self.of, spent, spent * (self.of / self.made - 1))


class Runner:
    """Runs one network at a time, in pieces, and can be stopped between them.

    A new run ends the old one without a word. The pieces put together are the run, bit for bit.

    Args:
        schedule: calls a function as soon as whoever draws had a turn.
        clock: seconds.
    """

    def __init__(self, schedule: Schedule, clock: Callable[[], float] = time.perf_counter) -> None:
        self._schedule, self._clock = schedule, clock
        self._present: _Run | None = None
        self._stopping = False

    @property
    def running(self) -> bool:
        """Whether a run has begun and not ended."""
        return self._present is not None

    def start(self, network: Network, setup: Setup, ears: Ears, *, patience: float = 0.0) -> None:
        """Begin a run; what is done within ``patience`` seconds is done before this returns."""
        self._stopping, self._present = False, None
        try:
            self._present = _Run(network, setup, self._clock)
        except NbkitError as error:
            ears.failed(error, None)
            return
        self._go(self._present, ears, patience)

    def _go(self, run: _Run, ears: Ears, patience: float) -> None:
        """Make pieces while there is patience, then let others have a turn."""
        while run is self._present:
            if self._stopping and run.parts:
                self._end(run, ears, whole=False)
                return
            try:
                whole = run.piece()
            except NbkitError as error:
                self._present = None
                last = getattr(error, "result", None)
                kept = [*run.parts, last] if last is not None else run.parts
                ears.failed(error, joined(kept) if kept else None)
                return
            if whole:
                self._end(run, ears, whole=True)
                return
            progress = run.progress()
            ears.progress(progress)
            if progress.seconds >= patience:
                self._schedule(lambda: self._go(run, ears, 0.0))
                return

    def _end(self, run: _Run, ears: Ears, *, whole: bool) -> None:
        self._present = None
        ears.done(joined(run.parts), whole)

    def stop(self) -> None:
        """End the run after its present piece; what there is becomes the result."""
        self._stopping = True


def _simulation(network: Network, setup: Setup) -> Simulation:
    return Simulation(
        network, setup.dt, seed=setup.seed, method=setup.method, precision=setup.precision, delays=setup.delays
    )


def _steps(network: Network, setup: Setup) -> int:
    """Steps of a run; a duration off the grid is an error that `Simulation.run` would raise."""
    duration, dt = (to_unit(getattr(setup, key), network.time_unit, key) for key in ("duration", "dt"))
    steps = round(duration / dt)
    if abs(steps * dt - duration) > 1e-9 * max(duration, dt) or steps < 1:
        Simulation(network, setup.dt, seed=setup.seed).run(setup.duration)
    return steps


def joined(parts: list[xr.Dataset]) -> xr.Dataset:
    """The pieces of a run as one result: samples and spikes one after the other."""
    first = parts[0]
    if len(parts) == 1:
        return first
    along = {"time"} | {str(d) for d in first.dims if str(d).endswith(".spike")}
    held = {}
    for name, array in first.variables.items():
        dim = next((str(d) for d in array.dims if d in along), None)
        if dim is None:
            held[name] = array
        else:
            axis = array.dims.index(dim)
            pieces = [part.variables[name].to_numpy() for part in parts]
            held[name] = xr.Variable(array.dims, np.concatenate(pieces, axis), array.attrs)
    coordinates = {name: held.pop(name) for name in first.coords}
    attributes = {**parts[-1].attrs}
    if any("note" not in part.attrs for part in parts):
        attributes.pop("note", None)
    return xr.Dataset(held, coordinates, attributes)
