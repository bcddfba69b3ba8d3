"""Owns a run that gives way: pieces of it, one after the other, so that a page stays alive. Must not know toolkits."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import xarray as xr

from nbkit.errors import NbkitError
from nbkit.network.check_projections import ends_of
from nbkit.network.network import Network
from nbkit.network.setup import Setup
from nbkit.network.time import to_unit
from nbkit.simulation import Simulation, joined

#: one piece lasts about so long, so that a stop is heard well within 300 ms
PIECE_SECONDS = 0.05
#: The first piece has so many steps for small networks, and fewer where this many numbers are touched before.
_FIRST_STEPS, _FIRST_NUMBERS = 512, 20_000_000

Schedule = Callable[[Callable[[], None]], None]


@dataclass(frozen=True)
class Progress:
    """How far a run is: steps made and asked for, seconds spent and, once known, left."""

    steps: int
    of: int
    seconds: float
    left: float

    @property
    def words(self) -> str:
        """How far it is, as a user reads it."""
        return f"{100 * self.steps / self.of:.0f} % · {self.left:.1f} s left" if self.of else "building …"


#: the progress of a run whose network is being built
BUILDING = Progress(0, 0, 0.0, 0.0)
#: Connections from which a network takes so long to build that this is said before it begins.
MANY = 1_000_000


def builds_slowly(network: Network) -> bool:
    """Whether building a network takes so long that whoever looks on should know."""
    if network.check():
        return False
    return _numbers(network) > MANY


def _numbers(network: Network) -> float:
    """Units and connections."""
    counts = (p.rule.connections(ends_of(network, p)) for p in network.projections)
    return sum(counts) + sum(p.count for p in network.populations.values())


@dataclass(frozen=True)
class Ears:
    """Whom a run tells what: how far it is, its result, or why it failed and what there was up to then."""

    progress: Callable[[Progress], None]
    done: Callable[[xr.Dataset, bool], None]  # the result, and whether it is whole
    failed: Callable[[NbkitError, xr.Dataset | None], None]
    preview: Callable[[xr.Dataset], None] | None = None  # what there is when patience is over
    nothing: Callable[[], None] = lambda: None  # it was stopped before its first step


class _Run:
    """One run and its pieces so far."""

    def __init__(self, network: Network, setup: Setup, clock: Callable[[], float]) -> None:
        begun = clock()
        self.simulation, self.of = simulation_of(network, setup), _steps(network, setup)
        self.parts: list[xr.Dataset] = []
        self.made = 0
        self._size = max(1, min(_FIRST_STEPS, int(_FIRST_NUMBERS / _numbers(network))))
        self._record, self._clock, self.began = setup.record, clock, clock()
        self.spent = self.began - begun  # in building and in pieces; not while others have their turn

    def piece(self) -> bool:
        """Make the next piece, as long as the last ones tell; returns whether the run is whole."""
        size, before = min(self._size, self.of - self.made), self._clock()
        self.parts.append(self.simulation.run(size * self.simulation.program.dt, self._record))
        took = max(self._clock() - before, 1e-9)
        self.spent += took
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

    Attributes:
        spent: seconds that the last run took by itself, while others had no turn.
    """

    def __init__(self, schedule: Schedule, clock: Callable[[], float] = time.perf_counter) -> None:
        self._schedule, self._clock = schedule, clock
        self._present: _Run | None = None
        self._waiting: Callable[[], None] | None = None  # what is to be built in the next turn
        self._stopping = False
        self.spent = 0.0

    @property
    def running(self) -> bool:
        """Whether a run has begun and not ended."""
        return self._present is not None or self._waiting is not None

    def start(self, network: Network, setup: Setup, ears: Ears, *, patience: float = 0.0) -> None:
        """Begin a run; what is done within ``patience`` seconds is done before this returns.

        What takes long to build is told first, and built in the next turn; with endless patience, at once.
        """
        self.cancel()
        began = self._clock()

        def build() -> None:
            if self._waiting is not build:
                return
            self._waiting = None
            if self._stopping:
                ears.nothing()
                return
            try:
                self._present = _Run(network, setup, self._clock)
            except NbkitError as error:
                ears.failed(error, None)
                return
            self._go(self._present, ears, began + patience)

        self._waiting = build
        if patience < math.inf and builds_slowly(network):
            ears.progress(BUILDING)
            self._schedule(build)
        else:
            build()

    def _go(self, run: _Run, ears: Ears, until: float) -> None:
        """Make pieces while there is patience, then let others have a turn."""
        while run is self._present:
            if self._stopping:
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
            if self._clock() >= until:
                ears.progress(run.progress())
                if ears.preview is not None and until:
                    ears.preview(joined(run.parts))
                self._schedule(lambda: self._go(run, ears, 0.0))
                return

    def _end(self, run: _Run, ears: Ears, *, whole: bool) -> None:
        self._present, self.spent = None, run.spent
        if run.parts:
            ears.done(joined(run.parts), whole)
        else:
            ears.nothing()

    def stop(self) -> None:
        """End the run after its present piece; what there is becomes the result."""
        self._stopping = True

    def cancel(self) -> None:
        """Forget the run without a word."""
        self._stopping, self._present, self._waiting = False, None, None


def simulation_of(network: Network, setup: Setup) -> Simulation:
    """A simulation of a network, run as its setup says.

    Raises:
        NbkitError: if it cannot be run.
    """
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
