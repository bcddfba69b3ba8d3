"""Owns what is kept of a simulation that goes on: its last stretch of time, and no more. Must not know toolkits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from nbkit.network.description import SPIKE
from nbkit.network.setup import Setup
from nbkit.results import dataset
from nbkit.simulation import Record, Simulation
from nbkit.simulation.recording import recording

Array = np.ndarray
#: Samples that are kept of a window at most; of a longer one every second, third, ... sample.
SAMPLES = 2000
#: Numbers that all samples of a window may hold together.
NUMBERS = 4_000_000


class Rows:
    """The last rows of a table that grows at its end, in memory of a fixed size."""

    def __init__(self, like: Array, length: int) -> None:
        hollow = np.nan if like.dtype.kind == "f" else 0
        self._held = np.full((2 * length, *like.shape[1:]), hollow, like.dtype)
        self._length = self._end = length

    def push(self, rows: Array) -> None:
        """Take in new rows; the oldest go."""
        rows = rows[-self._length :]
        if self._end + len(rows) > len(self._held):
            self._held[: self._length] = self._held[self._end - self._length : self._end].copy()
            self._end = self._length
        self._held[self._end : self._end + len(rows)] = rows
        self._end += len(rows)

    def last(self, count: int) -> Array:
        """A look at the last rows; those of what has not happened are not numbers."""
        return self._held[self._end - count : self._end]


class Window:
    """The last stretch of a simulation, as a Dataset of the same shape as any result.

    This is the one place in which the live mode steps and reads recordings.

    Args:
        simulation: what runs.
        setup: how; it tells what is recorded.
        steps: length of the stretch.

    Attributes:
        steps: length of the stretch.
        every: steps from one kept sample to the next.
        record: what `Simulation.run` has to record to give the same.
        kept: samples that are kept.
    """

    def __init__(self, simulation: Simulation, setup: Setup, steps: int) -> None:
        self._simulation, self._setup = simulation, setup
        found, _ = recording(simulation.program, setup.record)
        self._states = [plan.variable.path for plan in found.plans]
        self._spiking = [f"{name}.{SPIKE}" for name in found.spikes]
        self._width = sum(plan.variable.size for plan in found.plans)
        self.widen(steps)

    def widen(self, steps: int) -> None:
        """Show another length from now on; what was kept is forgotten."""
        self.steps = steps
        self.every = max(1, math.ceil(steps / SAMPLES), math.ceil(steps * self._width / NUMBERS))
        asked = self._setup.record
        self.record: list[str | Record] | None = None if asked is None else list(asked)
        if self.every > 1:
            self.record = [*(Record(path, every=self.every) for path in self._states), *self._spiking]
        self._room = steps // self.every + 1
        self.forget()

    def forget(self) -> None:
        """Keep nothing."""
        self._like: xr.Dataset | None = None
        self._rows: dict[str, Rows] = {}
        self._spikes: dict[str, list[Array]] = {}
        self.kept = 0

    def advance(self, steps: int) -> None:
        """Run on and keep the newest.

        Raises:
            NbkitError: as `Simulation.advance`; of numbers that ran away what there is up to then is kept.
        """
        samples, found = self._simulation.advance(steps, [*self._states, *self._spiking], self.every)
        self._push(samples, found)

    def push(self, result: xr.Dataset) -> None:
        """Take in a result: what there was of a run that failed."""
        samples, dt = result["step"].to_numpy(), self._simulation.program.dt
        found: dict[str, Any] = {path: result[path].to_numpy().reshape(len(samples), -1) for path in self._states}
        for path in self._spiking:
            stamps = np.rint(result[f"{path}_time"].to_numpy() / dt).astype(np.int64)
            found[path] = stamps, result[f"{path}_unit"].to_numpy()
        self._push(samples, found)

    def _push(self, samples: Array, found: Mapping[str, Any]) -> None:
        samples = np.asarray(samples)
        if self._like is None:
            self._begin(samples, found)
        self._rows["step"].push(samples)
        for path in self._states:
            self._rows[path].push(found[path])
        self.kept = min(self._room, self.kept + len(samples))
        for path in self._spiking:
            both = [np.concatenate(pair) for pair in zip(self._spikes[path], found[path], strict=True)]
            begin = int(np.searchsorted(both[0], self.now - self.steps, side="right"))
            self._spikes[path] = [part[begin:] for part in both]

    def _begin(self, samples: Array, found: Mapping[str, Any]) -> None:
        """Make room, and a result of no samples that tells how the kept ones are labelled."""
        self._rows = {path: Rows(found[path], self._room) for path in self._states}
        self._rows["step"] = Rows(samples, self._room)
        self._spikes = {path: [part[:0] for part in found[path]] for path in self._spiking}
        self._like = dataset(
            self._simulation.program,
            samples[:0],
            {path: found[path][:0] for path in self._states},
            self._setup.keywords(),
            spikes={path.removesuffix(f".{SPIKE}"): tuple(held) for path, held in self._spikes.items()},  # type: ignore[misc]
        )

    @property
    def now(self) -> int:
        """The last kept sample."""
        return int(self._rows["step"].last(1)[0]) if self.kept else 0

    @property
    def first(self) -> int:
        """The first kept sample."""
        return int(self._rows["step"].last(self.kept)[0]) if self.kept else 0

    def dataset(self, *, whole: bool = False) -> xr.Dataset:
        """What is kept; ``whole`` gives the whole stretch, with samples that are not numbers before the first."""
        if self._like is None:
            return xr.Dataset()
        count, dt = self._room if whole else self.kept, self._simulation.program.dt
        step = self.now - self.every * np.arange(count)[::-1] if whole else self._rows["step"].last(count)
        arrays: dict[str, Array] = {"step": step, "time": step * dt}
        for path in self._states:
            arrays[path] = self._rows[path].last(count).reshape(count, *self._like[path].shape[1:])
        for path, (stamps, units) in self._spikes.items():
            arrays |= {f"{path}_time": stamps * dt, f"{path}_unit": units}
        held = {
            str(name): xr.Variable(one.dims, arrays[str(name)], one.attrs) if name in arrays else one
            for name, one in self._like.variables.items()
        }
        coordinates = {name: held.pop(str(name)) for name in self._like.coords}
        return xr.Dataset(held, coordinates, self._like.attrs)
