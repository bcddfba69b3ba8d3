"""Owns `Simulation`: a network that stands at a point in time. Must not know pictures."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nbkit.compile.compiler import compile_network
from nbkit.compile.connections import bytes_of_draws
from nbkit.compile.delays import first_step, steps_of
from nbkit.errors import NbkitError, NbkitNote, Problem, fail, shown
from nbkit.model.numbers import is_whole, plain
from nbkit.network.description import SPIKE
from nbkit.network.network import Network
from nbkit.network.time import Time, to_unit
from nbkit.results import dataset
from nbkit.run.interpreter.choice import choose
from nbkit.run.memory import bytes_of_program
from nbkit.run.stepper import Progress, Stepper, Trace
from nbkit.simulation import changes, saved
from nbkit.simulation.checks import STOOD_STILL, choice_problems, not_finite, of_units, require_memory, stood_still
from nbkit.simulation.progress import Bar
from nbkit.simulation.recording import Asked, Record, Recording, recording
from nbkit.simulation.synapses import synapses
from nbkit.simulation.until import read_until

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

        Raises:
            NbkitError: for a duration off the grid, an unknown path, an input that ends too early, or a
                state that leaves the finite numbers; the last one carries the trace as ``.result``.
        """
        return self._run(duration, record, progress, until, 0.0)

    def _run(
        self,
        duration: Time,
        record: Asked,
        progress: bool | Progress | None,  # noqa: FBT001
        until: str | None,
        discard: Time,
    ) -> xarray.Dataset:
        steps, problems = self._steps(duration)
        recorded, wrong = recording(self.program, record)
        problems += wrong or self._input_problems(steps)
        if "block" in recorded.averages.values() and (
            self._stepper.position % recorded.every or steps % recorded.every
        ):
            what = f"means over {recorded.every} samples need runs of whole multiples of {recorded.every} steps"
            problems.append(Problem("bad-record", "record", what, "another duration, or another every="))
        if progress is not None and not isinstance(progress, bool) and not callable(progress):
            what = f"{shown(progress)} is neither True nor a function"
            problems.append(Problem("bad-choice", "progress", what, "progress=True"))
        condition, left_out = None, 0
        try:
            left_out = first_step(to_unit(discard, self.network.time_unit, "discard"), self.program.dt)
            condition = None if until is None else read_until(until, self.program)
        except NbkitError as error:
            problems += error.problems
        if not problems and not 0 <= left_out <= steps:
            what = f"{discard!r} is not within the run"
            problems.append(Problem("bad-duration", "discard", what, "leave out less than the whole run"))
        if problems:
            raise NbkitError(problems)
        kept = (steps - left_out) // recorded.every + 1
        bytes_kept = kept * sum(plan.width for plan in recorded.plans) * 8
        require_memory("this recording", bytes_kept, "record fewer units, every few samples, or run in pieces")
        begun = recorded.begin(left_out)
        if begun:
            unseen = self._stepper.run(begun)
            if unseen.stopped is not None or unseen.interrupted:
                return self._checked(unseen, recorded, {})
        call = Bar() if progress is True else progress or None
        trace = self._stepper.run(steps - begun, recorded.plans, recorded.spikes, call, condition)
        about = {"duration": steps * self.program.dt, "until": until, "discard": left_out * self.program.dt}
        for name, (stamps, units) in trace.spikes.items():
            trace.spikes[name] = stamps[stamps >= left_out], units[stamps >= left_out]
        result = self._checked(trace, recorded, about)
        return result.sel(time=result["step"] >= left_out) if left_out and not begun else result

    def _checked(self, trace: Trace, recorded: Recording, about: dict[str, Any]) -> xarray.Dataset:
        """Label a trace; raise if it left the finite numbers, warn if it was interrupted."""
        spikes = {n: of_units(*found, recorded.spikes[n]) for n, found in trace.spikes.items()}
        rows = {tape.plan.variable.path: tape.rows for tape in trace.tapes}
        changed = {"changes": self._told_changes()} if self._changes else {}
        setup = self._setup | about | changed | {"record": [*rows, *(f"{n}.{SPIKE}" for n in spikes)]}
        result = dataset(
            self.program,
            trace.samples,
            rows,
            setup,
            spikes=spikes,
            units=recorded.units,
            averages=recorded.averages,
        )
        result.attrs |= self._ran_by
        if trace.stopped is not None:
            raise not_finite(trace.stopped, self.program.dt, self.network.time_unit, result)
        if stood_still(rows, spikes):
            result.attrs["note"] = STOOD_STILL
        if trace.interrupted:
            note = f"interrupted at t = {self.time:g}; run() goes on from there"
            warnings.warn(note, NbkitNote, stacklevel=4)
            result.attrs["interrupted"] = note
        return result

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
        problems += self._input_problems(steps)
        if problems:
            raise NbkitError(problems)
        trace = self._stepper.run(steps, recorded.plans, recorded.spikes)
        if trace.stopped is not None or trace.interrupted:
            self._checked(trace, recorded, {})
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

    # ------------------------------------------------------------ inside

    def _steps(self, duration: Time) -> tuple[int, list[Problem]]:
        try:
            asked = to_unit(duration, self.network.time_unit, "duration")
        except NbkitError as error:
            return 0, [Problem("bad-duration", p.where, p.what, p.hint) for p in error.problems]
        if not asked > 0:
            return 0, [Problem("bad-duration", "duration", f"{duration!r} is not positive", "give a positive time")]
        steps, off = steps_of(asked, self.program.dt)
        if off or not steps:
            near = max(steps, 1) * self.program.dt
            what = f"{asked:g} is {asked / self.program.dt:.6g} steps of {self.program.dt:g}"
            return 0, [Problem("duration-off-grid", "duration", what, f"give {near:.12g}, or another dt")]
        return steps, []

    def _input_problems(self, steps: int) -> list[Problem]:
        last = self._stepper.position + steps
        return [
            Problem(
                "input-too-short",
                r.name,
                f"it lasts {r.steps} steps, the run goes on to step {last}",
                f"run for at most {r.steps * self.program.dt:.12g} in all, or give a longer array",
            )
            for r in self.program.recorded
            if r.steps is not None and r.steps < last
        ]


def _stand(network: Network, setup: dict[str, Any], changes: Any, kept: dict[str, Any]) -> Simulation:
    """A simulation that stands where another one stood."""
    made = Simulation(network, **setup)
    for path, value, _ in changes:
        made.set(path, value)
    made._changes = [tuple(change) for change in changes]  # noqa: SLF001  one file
    made._stepper.restored(kept)  # noqa: SLF001  one file
    return made
