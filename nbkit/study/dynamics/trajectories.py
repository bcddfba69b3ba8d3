"""Owns single trajectories of a small network: solved from its flow, run where it has delays. Must not know plots."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from nbkit.errors import fail, shown
from nbkit.model.numbers import is_finite_number
from nbkit.network.description import split_path
from nbkit.network.network import Network
from nbkit.simulation import simulate
from nbkit.study.dynamics.following import held_speed
from nbkit.study.dynamics.given_flow import limits_of, network_of, unknown_stability
from nbkit.study.dynamics.slopes import Slopes
from nbkit.study.flow import Flow

Array = npt.NDArray[np.float64]

_SAMPLES = 2000
_SOLVER = {"dense_output": True, "rtol": 1e-6, "atol": 1e-9}
_HUGE = 1e6  # a trajectory that is so far away has left
_STEPS = 400_000  # of a run, at most

#: a trajectory is so many of the slowest times long; at least, and at most, so many of the fastest
_LENGTHS = (10, 20, 300)

#: parts of a delay that make a step that can be read
_PARTS = (1, 2, 4, 5, 8, 10, 16, 20, 25, 40, 50, 80, 100, 200, 400, 500, 1000)


def require_duration(duration: object) -> None:
    """Raise for what is neither a positive time nor None."""
    if duration is not None and (not is_finite_number(duration) or duration <= 0):  # type: ignore[operator]
        raise fail("bad-duration", "duration", f"{shown(duration)} is no duration", "a positive time, or None")


def trajectories(flow: Flow, starts: Array, duration: float | None, rests: Array) -> tuple[Array, Array, str]:
    """Follow a network from several starts.

    Args:
        flow: its flow.
        starts: (states, starts).
        duration: for how long; None for as long as the fixed points suggest.
        rests: the fixed points, (states, points).

    Returns:
        (starts, states, samples) and the times (starts, samples), NaN after the end; and how they were made.
    """
    delay = max(flow.delays.values(), default=0.0)
    fast, slow = time_scales(flow, np.column_stack([starts, rests]))
    length = _LENGTHS[0] * slow if duration is None else float(duration)
    if duration is None:
        length = min(max(length, _LENGTHS[1] * fast), max(_LENGTHS[2] * fast, _LENGTHS[0] * delay))
    if unknown_stability(flow):
        return _run(flow, starts, length, fast)
    ways = np.full((starts.shape[1], len(flow.states), _SAMPLES), np.nan)
    times = np.full((starts.shape[1], _SAMPLES), np.nan)
    for i, start in enumerate(starts.T):
        time, way = solved(flow, start, length)
        ways[i, :, : len(time)], times[i, : len(time)] = way, time
    return ways, times, "solved from the flow to a relative accuracy of 1e-6"


def time_scales(flow: Flow, points: Array) -> tuple[float, float]:
    """The fastest and the slowest time constant at points, (states, points), and the longest delay if that is slower.

    The slowest counts up to a thousand times the fastest.
    """
    jacobians = Slopes.of(flow).at(flow, points, flow.states)
    jacobians = jacobians[np.isfinite(jacobians).all(axis=(1, 2))]
    values = np.linalg.eigvals(jacobians) if len(jacobians) else np.array([1.0])
    most = float(np.abs(values).max()) or 1.0
    growth = np.abs(values.real)
    least = float(growth[growth > 1e-3 * most].min(initial=most))
    delay = max(flow.delays.values(), default=0.0)
    return 1 / most, max(1 / least, delay)


def solved(flow: Flow, start: Array, length: float) -> tuple[Array, Array]:
    """Times and states of one trajectory; it ends early where it leaves."""
    from scipy.integrate import solve_ivp  # noqa: PLC0415  the layer of formulas is loaded without SciPy

    limits = limits_of(flow)

    def speed(_: float, x: Array) -> Array:
        return held_speed(flow, np.clip(x, *limits)[:, None], limits)[:, 0]

    def gone(_: float, x: Array) -> float:
        away = float(np.abs(x).max())
        return _HUGE - away if np.isfinite(away) else -1.0

    gone.terminal = True  # type: ignore[attr-defined]
    start = np.clip(start, *limits)
    if not np.isfinite(speed(0.0, start)).all():
        return np.zeros(1), start[:, None]
    with np.errstate(all="ignore"):
        found = solve_ivp(speed, (0.0, length), start, "LSODA", events=gone, max_step=length / 50, **_SOLVER)
    times = np.linspace(0.0, found.t[-1], _SAMPLES)
    way = np.clip(found.sol(times), limits[0][:, None], limits[1][:, None])
    way[:, 0] = start
    return times, way


def as_one_run(flow: Flow, starts: Array) -> Network:
    """The small network with a unit of each population for every start, which do not meet each other."""
    network = network_of(flow)
    populations = {}
    for name, population in network.populations.items():
        mine = {split_path(s)[1]: starts[i] for i, s in enumerate(flow.states) if split_path(s)[0] == name}
        populations[name] = replace(population, size=starts.shape[1], initial=mine)
    return replace(network, populations=populations)


def step_of(flow: Flow, length: float, fast: float) -> float:
    """A step for a run: a twentieth of the fastest time constant and a whole part of the shortest delay."""
    shortest = min(flow.delays.values(), default=length)
    wanted = max(min(fast / 20, shortest / 5, length / _SAMPLES), length / _STEPS)
    return shortest / next((n for n in _PARTS if shortest / n <= wanted), _PARTS[-1])


def _run(flow: Flow, starts: Array, length: float, fast: float) -> tuple[Array, Array, str]:
    dt = step_of(flow, length, fast)
    steps = max(1, round(length / dt))
    every = max(1, steps // _SAMPLES)
    steps -= steps % every
    network = as_one_run(flow, starts)
    ds = simulate(network, steps * dt, dt, record=list(flow.states), delays="nearest")
    ways = np.array([ds[state].to_numpy()[::every].T for state in flow.states]).swapaxes(0, 1)
    times = np.broadcast_to(ds["time"].to_numpy()[::every], (ways.shape[0], ways.shape[2])).copy()
    return ways, times, f"run with Euler's rule at dt = {dt:g}, with its delays to the nearest step"
