"""Owns what many starts do in one stretch of time after another: how far each state ranges. Must not judge it.

A network without delays is carried along its flow; one with delays runs, with one unit of each population for a start.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from nbkit.simulation import Record, Simulation
from nbkit.study.dynamics.following import Points, advance, begin
from nbkit.study.dynamics.trajectories import as_one_run, solved, step_of
from nbkit.study.flow import Flow

Array = npt.NDArray[np.float64]

_SAMPLES = 400  # of a run, in one stretch
_STEPS = 20_000  # along the flow, in one stretch at most
TURN = 300  # samples of one turn of a cycle
_BY = 0.1  # share of the range within which a way comes by a place


@dataclass(frozen=True, eq=False)
class Window:
    """What points did in a stretch of time: the lowest and highest values in each half of it, and where they are.

    ``low`` and ``high`` have the shape (2, states, points), ``last`` has (states, points).
    """

    low: Array
    high: Array
    last: Array


class Moving(Protocol):
    """Points on their way."""

    def window(self, chosen: npt.NDArray[np.intp], length: float) -> Window:
        """Let the chosen points go on for some time, and tell what they did."""
        ...

    def cycle(self, point: int) -> tuple[float, Array]:
        """The period of the cycle on which a point is, and one turn, (states, samples); NaN if it cannot be told."""
        ...


class AlongFlow:
    """Points that follow a flow."""

    def __init__(self, flow: Flow, starts: Array) -> None:
        self._flow, self._points = flow, begin(flow, starts)
        self._length = 0.0

    def window(self, chosen: npt.NDArray[np.intp], length: float) -> Window:
        here = Points(self._points.states[:, chosen], np.zeros(len(chosen)), self._points.step[chosen])
        halves = []
        for until in (length / 2, length):
            reach = _Reach(here.states)
            here = advance(self._flow, here, _STEPS, until=until, seen=reach)
            halves.append(reach)
        for name in ("states", "time", "step"):
            getattr(self._points, name)[..., chosen] = getattr(here, name)
        self._length = length
        low, high = (np.array([getattr(half, name) for half in halves]) for name in ("low", "high"))
        return Window(low, high, here.states)

    def cycle(self, point: int) -> tuple[float, Array]:
        start, length = self._points.states[:, point], self._length
        about = cycle_of(*solved(self._flow, start, length))[0]
        return cycle_of(*solved(self._flow, start, min(3 * about, length) if about > 0 else length))


class _Reach:
    """The lowest and highest values that are seen of points, (states, points)."""

    def __init__(self, states: Array) -> None:
        self.low, self.high = states, states

    def __call__(self, points: Points) -> None:
        self.low, self.high = np.minimum(self.low, points.states), np.maximum(self.high, points.states)


class AsRun:
    """Points that run with their delays, by Euler's rule."""

    def __init__(self, flow: Flow, starts: Array, fast: float, length: float) -> None:
        self._states = flow.states
        self.dt = step_of(flow, length, fast)
        self._simulation = Simulation(as_one_run(flow, starts), self.dt, delays="nearest")
        self._seen: tuple[Array, Array] = np.empty(0), np.empty(0)

    def window(self, chosen: npt.NDArray[np.intp], length: float) -> Window:
        every = max(1, round(length / self.dt / _SAMPLES))
        steps = max(2, round(length / self.dt / every)) * every
        record = [Record(state, every=every) for state in self._states]
        ds = self._simulation.run(steps * self.dt, record=record)
        values = np.array([ds[state].to_numpy() for state in self._states])
        self._seen = ds["time"].to_numpy(), values
        halves = np.array_split(values[:, :, chosen], 2, axis=1)
        low, high = (np.array([getattr(half, name)(axis=1) for half in halves]) for name in ("min", "max"))
        return Window(low, high, values[:, -1, chosen])

    def cycle(self, point: int) -> tuple[float, Array]:
        times, values = self._seen
        return cycle_of(times, values[:, :, point])


def cycle_of(times: Array, way: Array) -> tuple[float, Array]:
    """The period of a way, (states, samples), and one turn of it, (states, samples); NaN if it never comes back.

    It is the time since the way last came by the place where it moves fastest in its later half.
    """
    moved = np.diff(way, axis=1) / np.maximum(np.ptp(way, axis=1), 1e-300)[:, None]
    scaled = way / np.maximum(np.ptp(way, axis=1), 1e-300)[:, None]
    fastest = len(times) // 2 + int(np.abs(moved[:, len(times) // 2 :]).max(axis=0).argmax())
    off = scaled - scaled[:, fastest : fastest + 1]
    ahead = moved[:, fastest] @ off
    passes = np.flatnonzero((ahead[: fastest - 1] < 0) & (ahead[1:fastest] >= 0))
    share = -ahead[passes] / (ahead[passes + 1] - ahead[passes])
    place = off[:, passes] + share * (off[:, passes + 1] - off[:, passes])
    passed = (times[passes] + share * (times[passes + 1] - times[passes]))[np.abs(place).max(axis=0) < _BY]
    if not len(passed):
        return float("nan"), np.full((len(way), TURN), np.nan)
    turn = np.linspace(passed[-1], times[fastest], TURN)
    return float(times[fastest] - passed[-1]), np.array([np.interp(turn, times, one) for one in way])
