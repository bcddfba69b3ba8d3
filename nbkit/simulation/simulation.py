"""Owns `Simulation`: a network that stands at a point in time. Must not know pictures."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nbkit.compile.compiler import compile_network
from nbkit.compile.connections import bytes_of_draws
from nbkit.errors import NbkitError, NbkitNote, fail, shown
from nbkit.model.numbers import is_whole, plain
from nbkit.network.description import SPIKE
from nbkit.network.network import Network
from nbkit.network.time import Time
from nbkit.results import dataset
from nbkit.run.interpreter.choice import choose
from nbkit.run.memory import bytes_of_program
from nbkit.run.stepper import Progress, Stepper, Trace
from nbkit.run.tapes import kept_samples
from nbkit.simulation import changes, saved
from nbkit.simulation.asking import Ask, Out, ask, input_problems
from nbkit.simulation.checks import Stillness, choice_problems, not_finite, of_units, require_memory, told_stop
from nbkit.simulation.recording import Asked, Record, Recording, recording
from nbkit.simulation.streaming import pieces
from nbkit.simulation.synapses import synapses

if TYPE_CHECKING:
    import xarray


class Simulation:
    """A network that stands at a point in time and can be run on, changed and put back.

    Args:
        network: what to run.
        dt: step, in the network's time unit or as text such as ``"0.1 ms"``.
        seed: root of every draw.
        backend: ``"numpy"``, or ``"cupy"`` for an NVIDIA card, which pays for big networks. Random numbers in time are
            others there, networks are drawn alike. Results tell the card in their attribute ``device``.
        method: ``"euler"`` or ``"exact"`` for all populations; None for each model's own.
        precision: ``"float64"`` or ``"float32"``.
        delays: ``"error"`` refuses delays that are no whole number of steps, ``"nearest"`` rounds them.
        accelerator: True steps with the compiled interpreter, False with NumPy alone; None decides by the work of a
            step. Results tell in their attributes ``accelerator`` and ``accelerator_reason`` what ran.
        deterministic: False lets a card add up spikes in any order, so that no two runs have the same bits. Results
            tell so in their attribute ``deterministic``.

    Raises:
        NbkitError: all problems together.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 3, initial={"x": 1.0})})
        >>> sim = nb.Simulation(net, dt=0.1)
        >>> sim.run(10.0).sizes["time"], sim.run(10.0).sizes["time"]
        (101, 100)
    """

    def __init__(
        self,
        network: Network,
        dt: Time,
        *,
        seed: int = 0,
        backend: str = "numpy",
        method: str | None = None,
        precision: str = "float64",
        delays: str = "error",
        accelerator: bool | None = None,
        deterministic: bool = True,
    ) -> None:
        seed = plain(seed)
        problems = choice_problems(backend, method, precision, accelerator, deterministic=deterministic)
        try:
            if not isinstance(network, Network):
                raise fail("bad-type", "network", f"{type(network).__name__} is not a Network", "give nb.Network(...)")
            if not network.check():
                hint = "fewer connections: rule=nb.FixedInDegree(...), or a kernel with a cutoff"
                require_memory("this network", int(bytes_of_draws(network)), hint)
            self.program = compile_network(network, dt, seed, delays, None if problems else method)
            if not problems:
                choice, problems = choose(self.program, accelerator if backend == "numpy" else False)
        except NbkitError as error:
            problems += error.problems
        if problems:
            raise NbkitError(problems)
        self.network = network
        self._setup: dict[str, Any] = dict(dt=self.program.dt, seed=seed, backend=backend, method=method)
        self._setup |= dict(precision=precision, delays=delays, accelerator=accelerator, deterministic=deterministic)
        self._ran_by: dict[str, Any] = {"accelerator": choice.name, "accelerator_reason": choice.reason}
        require_memory("this network", bytes_of_program(self.program, precision))
        self._stepper = Stepper(self.program, backend, precision, choice.library, deterministic=deterministic)
        self._ran_by |= self._stepper.executor.told
        self._changes: list[tuple[str, Any, int]] = []
        self._edited = network

    @property
    def time(self) -> float:
        """Present time, in the network's unit."""
        return self._stepper.position * self.program.dt

    @property
    def state(self) -> xarray.Dataset:
        """All states at the present time, as a Dataset with one sample."""
        states = [v for v in self.program.variables.values() if v.is_state]
        rows = {v.path: self._stepper.present(v)[None].copy() for v in states}
        return dataset(self.program, np.array([self._stepper.position]), rows, self._setup)

    def run(
        self,
        duration: Time,
        record: Asked = None,
        progress: bool | Progress | None = None,  # noqa: FBT001  True is the common case
        until: str | None = None,
        out: Out = None,
    ) -> xarray.Dataset:
        """Run on for a duration and return what was recorded.

        The first run returns samples 0 to n, each later one its n new samples, so that the pieces of a
        run put together are the run. Ctrl-C ends a run early; what there is is returned, and the next run
        goes on from there.

        Args:
            duration: a whole number of steps.
            record: paths of states and algebraic variables, such as ``["E.r"]``, ``"E.spike"``, or `Record`; None
                for the spikes of spiking populations and all states of the others.
            progress: True for a bar, or a function called now and then with (steps made, steps asked).
            until: a condition such as ``"mean(E.r) > 0.5"``, tested on every new sample; the run ends with the
                first sample for which it holds.
            out: as for `nbkit.simulate`.

        Raises:
            NbkitError: for a duration off the grid, an unknown path, an input that ends too early, or a
                state that leaves the finite numbers; the last one carries the trace as ``.result``.
        """
        return self._run(duration, record, progress, until, 0.0, out=out)

    def _run(
        self,
        duration: Time,
        record: Asked,
        progress: bool | Progress | None,  # noqa: FBT001
        until: str | None,
        discard: Time,
        *,
        out: Out = None,
    ) -> xarray.Dataset:
        at = self._stepper.position
        asked = ask(self.program, at, duration, record, progress=progress, until=until, discard=discard, out=out)
        recorded = asked.recorded
        if asked.begun:
            unseen = self._stepper.run(asked.begun)
            if unseen.stopped is not None or unseen.interrupted:
                return self._checked(unseen, self._noted(unseen, self._labelled(unseen, recorded, {})))
        if asked.out is not None:
            return self._checked(*self._streamed(asked, asked.out))
        steps = asked.steps - asked.begun
        trace = self._stepper.run(steps, recorded.plans, recorded.spikes, asked.progress, asked.condition)
        return self._checked(trace, self._noted(trace, self._labelled(trace, recorded, asked.about, asked.left_out)))

    def _streamed(self, asked: Ask, path: Path) -> tuple[Trace, xarray.Dataset]:
        """Run and record into a store, piece by piece."""
        from nbkit.simulation.storage import Store, steps_at_once  # noqa: PLC0415  only large recordings need it

        every = asked.recorded.every
        first, last = self._stepper.next_sample, self._stepper.position + asked.steps - asked.begun
        samples = len(kept_samples(max(first, asked.left_out), last, every))
        length = steps_at_once(asked.recorded, self.program.block)
        still, store = Stillness(), None
        for trace in pieces(self._stepper, asked, length):
            piece = self._labelled(trace, asked.recorded, asked.about, asked.left_out)
            still.look(piece)
            store = store or Store(path, piece, samples, max(1, length // every))
            store.append(piece)
        assert store is not None, "a run has a step"
        store.close(self._notes(trace, still))
        return trace, store.opened()

    def _labelled(self, trace: Trace, recorded: Recording, about: dict[str, Any], left_out: int = 0) -> xarray.Dataset:
        """A trace with its labels, without what comes before a sample."""
        spikes = {n: of_units(*found, recorded.spikes[n]) for n, found in trace.spikes.items()}
        spikes = {n: (stamps[stamps >= left_out], units[stamps >= left_out]) for n, (stamps, units) in spikes.items()}
        before = int((trace.samples < left_out).sum())
        rows = {tape.plan.variable.path: tape.rows[before:] for tape in trace.tapes}
        changed = {"changes": self._told_changes()} if self._changes else {}
        setup = self._setup | about | changed | {"record": [*rows, *(f"{n}.{SPIKE}" for n in spikes)]}
        labels = {"units": recorded.units, "averages": recorded.averages}
        result = dataset(self.program, trace.samples[before:], rows, setup, spikes=spikes, **labels)
        result.attrs |= self._ran_by
        return result

    def _noted(self, trace: Trace, result: xarray.Dataset) -> xarray.Dataset:
        """A result in memory, with its notes."""
        still = Stillness()
        still.look(result)
        result.attrs |= self._notes(trace, still)
        return result

    def _checked(self, trace: Trace, result: xarray.Dataset) -> xarray.Dataset:
        """The result of a trace; raise if it left the finite numbers, warn if it was interrupted."""
        if trace.stopped is not None:
            raise not_finite(trace.stopped, self.program.dt, self.network.time_unit, result)
        if trace.interrupted:
            warnings.warn(result.attrs["interrupted"], NbkitNote, stacklevel=4)
        return result

    def _notes(self, trace: Trace, still: Stillness) -> dict[str, str]:
        """What a result tells of a run that did not come to its end, or in which nothing moved."""
        if trace.stopped is not None:
            return {"stopped": told_stop(trace.stopped, self.program.dt, self.network.time_unit)}
        note = f"interrupted at t = {self.time:g}; run() goes on from there"
        return still.notes | ({"interrupted": note} if trace.interrupted else {})

    def advance(self, steps: int, record: Sequence[str] = (), every: int = 1) -> tuple[Any, dict[str, Any]]:
        """Make steps and give plain arrays, for those who look on many times a second; `run` gives a labelled result.

        Args:
            steps: how many.
            record: paths of states and algebraic variables, and of spikes such as ``"E.spike"``.
            every: keep every ``every``-th sample, counted from sample 0. Spikes are always all kept.

        Returns:
            The numbers of the new samples, (samples,), and path -> values, (samples, units); of spikes the pair of
            the samples at which they are stamped and of their units, (spikes,) each.

        Raises:
            NbkitError: as `run`.
        """
        if not is_whole(steps, 1):
            raise fail("bad-duration", "steps", f"{shown(steps)} is no number of steps", "give 1, 2, 3, ...")
        recorded, problems = recording(self.program, [Record(path, every=every) for path in record])
        problems += input_problems(self.program, self._stepper.position + steps)
        if problems:
            raise NbkitError(problems)
        trace = self._stepper.run(steps, recorded.plans, recorded.spikes)
        if trace.stopped is not None or trace.interrupted:
            self._checked(trace, self._noted(trace, self._labelled(trace, recorded, {})))
        spikes = {f"{name}.{SPIKE}": found for name, found in trace.spikes.items()}
        return trace.samples, {tape.plan.variable.path: tape.rows for tape in trace.tapes} | spikes

    def set(self, path: str, value: object) -> None:
        """Change a value from the present step on.

        Parameters, weights, gains and numbers of stimuli can be set; a delay, a size or a refractory time needs a
        new network. Results tell in the attribute ``setup`` what was set, and at which step; their network is the
        one that the simulation was made of.

        Raises:
            NbkitError: if the path cannot be set or the value does not fit.
        """
        frozen, self._edited = changes.change(self.program, self._stepper.executor, self._edited, path, value)
        self._stepper.changed()
        self._changes.append((path, frozen, self._stepper.position))

    def synapses(self, projection: str) -> xarray.Dataset:
        """List the synapses of a projection of spikes as they were drawn, ordered by source unit.

        Returns:
            ``source``, ``target`` (units), ``weight`` (present gain included) and ``delay`` along the dimension
            ``synapse``. Where few synapses of one delay are kept as a matrix, several of one pair are one row, and
            those of weight 0 none.

        Raises:
            NbkitError: ``bad-choice`` if this is no projection of spikes.
        """
        return synapses(self.program, self._edited, projection)

    def save(self, path: str | Path) -> None:
        """Write the simulation as it stands; `load` continues it bit for bit.

        Values that were set are kept. The file holds arrays and JSON only.
        """
        arrays: dict[str, Any] = {}
        text = {
            "network": self.network.to_json(arrays),
            "setup": self._setup,
            "changes": self._told_changes(),
        }
        named = {f"array {name}": array for name, array in arrays.items()}
        saved.write(path, text, named | self._stepper.saved())

    def _told_changes(self) -> list[list[Any]]:
        """What was set: path, value, step."""
        return [[path, v.tolist() if hasattr(v, "tolist") else v, step] for path, v, step in self._changes]

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles stand where this simulation stands, each with a memory of its own."""
        return _stand, (self.network, self._setup, self._changes, self._stepper.saved())

    @classmethod
    def load(cls, path: str | Path) -> Simulation:
        """Read a simulation that `save` wrote; it goes on where it stood.

        Raises:
            NbkitError: ``unknown-format`` if the file is not one of `save`'s.
        """
        text, arrays = saved.read(path)
        large = {k.removeprefix("array "): v for k, v in arrays.items() if k.startswith("array ")}
        try:
            network = Network.from_json(text["network"], large)
            return _stand(network, text["setup"], text["changes"], arrays)
        except NbkitError:
            raise
        except (KeyError, ValueError, TypeError, IndexError, AttributeError) as error:
            what = f"a part of it is missing or damaged: {shown(error)}"
            raise fail("unknown-format", str(path), what, "give a whole file from save()") from None

    def reset(self) -> None:
        """Go back to t = 0 with the same draws; values that were set stay."""
        self._stepper.reset()


def _stand(network: Network, setup: dict[str, Any], changes: Any, kept: dict[str, Any]) -> Simulation:
    """A simulation that stands where another one stood."""
    made = Simulation(network, **setup)
    for path, value, _ in changes:
        made.set(path, value)
    made._changes = [tuple(change) for change in changes]  # noqa: SLF001  one file
    made._stepper.restored(kept)  # noqa: SLF001  one file
    return made
