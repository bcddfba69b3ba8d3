"""Owns `Simulation` and `simulate`: the road from a network to a labelled result. Must not know pictures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from nbkit.compile.compiler import compile_network
from nbkit.compile.delays import first_step, steps_of
from nbkit.compile.program import Setting
from nbkit.errors import NbkitError, Problem, did_you_mean, fail
from nbkit.model.check import METHODS
from nbkit.network.check import limited_problems
from nbkit.network.description import SPIKE
from nbkit.network.laws import Law
from nbkit.network.network import Network
from nbkit.network.time import Time, to_unit
from nbkit.network.values import freeze
from nbkit.results import dataset
from nbkit.run.memory import SHARE, available, bytes_of_program
from nbkit.run.numpy_executor import PRECISIONS
from nbkit.run.stepper import BACKENDS, Progress, Stepper, Stop, Trace

if TYPE_CHECKING:
    import xarray


class Simulation:
    """A network that stands at a point in time and can be run on, changed and put back.

    Args:
        network: what to run.
        dt: step, in the network's time unit or as text such as ``"0.1 ms"``.
        seed: root of every draw.
        backend: ``"numpy"``.
        method: ``"euler"``; None for the models' own.
        precision: ``"float64"`` or ``"float32"``.
        delays: ``"error"`` refuses delays that are no whole number of steps, ``"nearest"`` rounds them.

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
    ) -> None:
        problems = _choice_problems(backend, method, precision)
        try:
            if not isinstance(network, Network):
                raise fail("bad-type", "network", f"{type(network).__name__} is not a Network", "give nb.Network(...)")
            self.program = compile_network(network, dt, seed, delays)
        except NbkitError as error:
            problems += error.problems
        if problems:
            raise NbkitError(problems)
        self.network = network
        self._setup = {
            "dt": self.program.dt,
            "seed": seed,
            "backend": backend,
            "precision": precision,
            "delays": delays,
        }
        _require_memory("this network", bytes_of_program(self.program, precision))
        self._stepper = Stepper(self.program, backend, precision)

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
        self, duration: Time, record: Iterable[str] | None = None, progress: Progress | None = None
    ) -> xarray.Dataset:
        """Run on for a duration and return what was recorded.

        The first run returns samples 0 to n, each later one its n new samples, so that the pieces of a
        run put together are the run.

        Args:
            duration: a whole number of steps.
            record: paths of states and algebraic variables, such as ``["E.r"]``, or ``"E.spike"``; None for the
                spikes of spiking populations and all states of the others.
            progress: called now and then with (steps made, steps asked).

        Raises:
            NbkitError: for a duration off the grid, an unknown path, an input that ends too early, or a
                state that leaves the finite numbers; the last one carries the trace as ``.result``.
        """
        steps, problems = self._steps(duration)
        paths, wrong = self._recorded(record)
        problems += wrong or self._input_problems(steps)
        if problems:
            raise NbkitError(problems)
        width = sum(self.program.variables[p].size for p in paths if p in self.program.variables)
        _require_memory("this recording", (steps + 1) * width * 8, "record fewer variables, or run in pieces")
        trace = self._stepper.run(steps, paths, progress)
        result = self._labelled(trace, steps * self.program.dt)
        if trace.stopped is not None:
            raise _not_finite(trace.stopped, self.program.dt, self.network.time_unit, result)
        return result

    def set(self, path: str, value: object) -> None:
        """Change a value from the present step on.

        Parameters, weights, gains and numbers of stimuli can be set; a delay or a size needs a new network.

        Raises:
            NbkitError: if the path cannot be set or the value does not fit.
        """
        setting = self.program.settings.get(path)
        if setting is None:
            self.network.value(path)
            hint = f"make a new network with with_value({path!r}, ...). {did_you_mean(path, self.program.settings)}"
            raise fail("not-settable", path, "cannot be changed while a simulation stands", hint)
        frozen = freeze(value)
        if setting.edge_of:
            frozen = float(first_step(to_unit(value, self.network.time_unit, path), setting.edge_of))
        self._write(setting, frozen)
        self._stepper.changed()

    def reset(self) -> None:
        """Go back to t = 0 with the same draws; values that were set stay."""
        self._stepper.reset()

    # ------------------------------------------------------------ inside

    def _write(self, setting: Setting, value: Any) -> None:
        executor = self._stepper.executor
        of_weights = setting.coupling >= 0 and not setting.path.endswith(".gain")
        target = executor.weights[setting.coupling] if of_weights else executor.rows(setting.slot)[0]
        shape = () if setting.slot.shared and not of_weights else target.shape
        limits = None if setting.edge_of else self.network.describe(setting.path).limits
        problems = list(limited_problems(value, setting.path, shape, limits))
        if isinstance(value, Law):
            hint = "give numbers, or make a new network"
            problems.append(Problem("not-settable", setting.path, "laws are drawn when a network is compiled", hint))
        if problems:
            raise NbkitError(problems)
        target[...] = value * setting.factor

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

    def _recorded(self, record: Iterable[str] | None) -> tuple[list[str], list[Problem]]:
        spiking = {s.population for s in self.program.spikes}
        known = [*self.program.variables, *(f"{name}.{SPIKE}" for name in spiking)]
        if record is None:
            states = [v.path for v in self.program.variables.values() if v.is_state and v.population not in spiking]
            return [*states, *known[len(self.program.variables) :]], []
        paths = [record] if isinstance(record, str) else list(record)
        wrong = [
            Problem(
                "unknown-record",
                f"record {path!r}",
                "no such state or algebraic variable",
                did_you_mean(str(path), known),
            )
            for path in paths
            if path not in known
        ]
        return list(dict.fromkeys(paths)), wrong

    def _input_problems(self, steps: int) -> list[Problem]:
        last = self._stepper.position + steps
        return [
            Problem(
                "input-too-short",
                r.name,
                f"its {len(r.array)} samples last {len(r.array) * r.hold} steps, the run goes on to step {last}",
                f"run for at most {len(r.array) * r.hold * self.program.dt:.12g} in all, or give a longer array",
            )
            for r in self.program.recorded
            if len(r.array) * r.hold < last
        ]

    def _labelled(self, trace: Trace, duration: float) -> xarray.Dataset:
        setup = self._setup | {"duration": duration, "record": [*trace.rows, *(f"{n}.{SPIKE}" for n in trace.spikes)]}
        return dataset(self.program, trace.samples, trace.rows, setup, trace.spikes)


def simulate(
    network: Network,
    duration: Time,
    dt: Time,
    record: Iterable[str] | None = None,
    seed: int = 0,
    *,
    backend: str = "numpy",
    method: str | None = None,
    precision: str = "float64",
    delays: str = "error",
    progress: Progress | None = None,
) -> xarray.Dataset:
    """Run a network from t = 0 and return what was recorded.

    Args:
        network: what to run.
        duration: a whole number of steps, in the network's time unit or as text such as ``"200 ms"``.
        dt: step.
        record: paths such as ``["E.r"]``; None for all states.
        seed: root of every draw; equal seeds give equal bits.
        backend: as for `Simulation`.
        method: as for `Simulation`.
        precision: as for `Simulation`.
        delays: as for `Simulation`.
        progress: called now and then with (steps made, steps asked).

    Returns:
        Samples 0 to n of every recorded variable, dimensions ``("time", "E.unit")``. Sample k is the
        state at t = k·dt, before step k.

    Raises:
        NbkitError: all problems together.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 1, initial={"x": 1.0})})
        >>> round(float(nb.simulate(net, 10.0, 0.1)["E.x"][-1, 0]), 6)  # (1 - 0.01)**100
        0.366032
    """
    simulation = Simulation(network, dt, seed=seed, backend=backend, method=method, precision=precision, delays=delays)
    return simulation.run(duration, record, progress)


def _choice_problems(backend: str, method: str | None, precision: str) -> list[Problem]:
    found = []
    for code, where, value, known in (
        ("unknown-backend", "backend", backend, tuple(BACKENDS)),
        ("unknown-method", "method", method, (*METHODS, None)),
        ("unknown-precision", "precision", precision, tuple(PRECISIONS)),
    ):
        if value not in known:
            hint = did_you_mean(str(value), [k for k in known if k])
            found.append(Problem(code, where, f"no {where} {value!r}", hint))
    return found


def _require_memory(what: str, needed: int, hint: str = "make the populations smaller") -> None:
    left = available()
    if left is not None and needed > SHARE * left:
        raise fail("too-much-memory", what, f"needs {needed / 1e9:.2f} GB, {left / 1e9:.2f} GB are left", hint)


def _not_finite(stop: Stop, dt: float, time_unit: str, result: xarray.Dataset) -> NbkitError:
    shown = "model units" if time_unit == "1" else time_unit
    error = fail(
        "run-not-finite",
        stop.variable.path,
        f"unit {stop.unit} became {stop.value} at t = {stop.sample * dt:g} {shown}, step {stop.sample}",
        f"a smaller dt than {dt:g}, or weaker coupling; the trace up to there is the error's .result",
    )
    error.result = result  # type: ignore[attr-defined]
    return error
