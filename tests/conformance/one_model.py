"""Owns what tests ask of one model: its vector field from the printed equations, equilibria, bifurcations, runs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.integrate import solve_ivp
from scipy.optimize import brentq, root

import nbkit as nb
from nbkit.compile.sampling import evaluate

Vector = npt.NDArray[np.float64]


def everything(model: nb.Model, states: dict[str, float | Vector], **values: float | Vector) -> dict[str, Vector]:
    """All quantities of a model, derivatives under ``d<state>``; what is not given has its default."""
    known = {key: p.default for key, p in model.parameters.items()} | dict(model.inputs) | states | values
    assert set(known) == {*model.parameters, *model.inputs, *model.states}, "a name that the model does not have"
    for key, line in model.algebraic.items():
        known[key] = evaluate(line.right, known)
    for key, line in model.differential.items():
        factor = evaluate(line.factor, known) if line.factor is not None else 1.0
        known[f"d{key}"] = evaluate(line.right, known) / factor
    return known


def field(model: nb.Model, state: Vector, **values: float | Vector) -> Vector:
    """Time derivatives; ``state`` has shape (states,) or (states, points)."""
    known = everything(model, dict(zip(model.states, state, strict=True)), **values)
    return np.array([np.broadcast_to(known[f"d{key}"], state.shape[1:]) for key in model.states])


def eigenvalues(model: nb.Model, state: Vector, **values: float) -> npt.NDArray[np.complex128]:
    """Eigenvalues of the Jacobian, by central differences; the one of the largest real part first."""
    steps = np.diag(1e-6 * np.maximum(np.abs(state), 1.0))
    columns = np.concatenate([state[:, None] + steps, state[:, None] - steps], axis=1)
    moved = field(model, columns, **values)
    size = len(state)
    found = np.linalg.eigvals((moved[:, :size] - moved[:, size:]) / (2 * np.diag(steps)))
    return found[np.lexsort((-found.imag, -found.real))]


def equilibrium(model: nb.Model, guess: Vector, **values: float) -> Vector:
    """The state near a guess at which nothing changes."""
    found = root(lambda x: field(model, x, **values), guess, tol=1e-13).x
    assert np.abs(field(model, found, **values)).max() < 1e-8, "no equilibrium near the guess"
    return found


class Branch:
    """Equilibria of a model along one state, with an input or a parameter as it must be there.

    A fold of the free value is passed without harm.
    """

    def __init__(self, model: nb.Model, along: str, free: str, guess: dict[str, float], **values: float) -> None:
        self.model, self.along, self.free, self.values = model, along, free, values
        self.others = [key for key in model.states if key != along]
        self.near = np.array([guess[key] for key in [*self.others, free]])

    def at(self, position: float) -> tuple[Vector, float]:
        """The state and the free value where the state ``along`` has this value."""

        def wrong(unknown: Vector) -> Vector:
            states = dict(zip(self.others, unknown, strict=False)) | {self.along: position}
            state = np.array([states[key] for key in self.model.states])
            return field(self.model, state, **self.values, **{self.free: float(unknown[-1])})

        self.near = root(wrong, self.near, tol=1e-13).x
        assert np.abs(wrong(self.near)).max() < 1e-6, "the branch is lost"
        states = dict(zip(self.others, self.near, strict=False)) | {self.along: position}
        return np.array([states[key] for key in self.model.states]), float(self.near[-1])

    def eigenvalues(self, position: float) -> npt.NDArray[np.complex128]:
        """Eigenvalues there."""
        state, value = self.at(position)
        return eigenvalues(self.model, state, **self.values, **{self.free: value})

    def hopf(self, low: float, high: float) -> tuple[float, float]:
        """Where a complex pair crosses the imaginary axis between two positions: free value and frequency."""

        def leading(position: float) -> float:
            found = self.eigenvalues(position)
            return float(found[np.abs(found.imag) > 1e-6].real.max())

        position = brentq(leading, low, high, xtol=1e-10)
        found = self.eigenvalues(position)
        return self.at(position)[1], float(np.abs(found.imag[np.argmin(np.abs(found.real))]))

    def fold(self, low: float, high: float) -> float:
        """The free value at which the branch turns between two positions."""
        width = 1e-4 * (high - low)

        def slope(position: float) -> float:
            return self.at(position + width)[1] - self.at(position - width)[1]

        return self.at(brentq(slope, low, high, xtol=1e-10))[1]


def integrate(model: nb.Model, start: list[float], begin: float, end: float, dt: float, **values: float) -> Vector:
    """The states from ``begin`` on, shape (states, samples), by a solver that chooses its own steps."""
    times = np.arange(begin, end, dt)
    run = solve_ivp(lambda _, y: field(model, y, **values), (0, end), start, t_eval=times, rtol=1e-6, atol=1e-8)
    states: Vector = run.y
    return states


def drive(
    model: nb.Model, inputs: list[dict[str, float]], duration: float, dt: float, record: str, **population: object
) -> list[Vector]:
    """Run one unit per set of constant inputs, side by side; one array (time,) per set."""
    populations = {f"P{k}": nb.Population(model, 1, **population) for k in range(len(inputs))}
    steps = [nb.Stimulus(f"P{k}.{key}", nb.Step(value)) for k, s in enumerate(inputs) for key, value in s.items()]
    net = nb.Network(populations, stimuli=steps, time_unit=model.time_unit)
    ds = nb.simulate(net, duration, dt, record=[f"{name}.{record}" for name in populations])
    return [ds[f"{name}.{record}"].to_numpy()[:, 0] for name in populations]


def period(trace: Vector, dt: float) -> float:
    """Mean time between upward crossings of the middle of a trace."""
    middle = (trace.min() + trace.max()) / 2
    before = np.flatnonzero((trace[:-1] < middle) & (trace[1:] >= middle))
    crossed = before + (middle - trace[before]) / (trace[before + 1] - trace[before])
    assert len(crossed) > 2, "no cycle"
    return float(dt * (crossed[-1] - crossed[0]) / (len(crossed) - 1))
