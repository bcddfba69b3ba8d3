"""Owns where a flow goes from a start: to rest, or onto a cycle. Must not know networks, nor plots.

By a solver that chooses its own steps, or by Euler's rule at a step of a given length, whose cycles are its own.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nbkit.study.flow import Flow
from nbkit.study.motion import Motion, motion_of

Array = npt.NDArray[np.float64]

_ROUNDS = 6  # stretches that are looked at, each twice as long as the one before
_NEAR = 1e-5  # a point this near to a stable rest, as a share of the way it came, goes there
_NEARBY = 0.1  # so does one this near that approaches at the pace of the slowest eigenvalue
_CLOSE = 1e-8  # two returns this near, as a share of the swing, close a cycle
_LEAP = 0.1  # of the swing: a cycle farther than this from the last return is not leapt to
_LOOSE, _FINE, _FINEST = 1e-7, 1e-10, 1e-12  # relative tolerances of the solver
_EULER_STEPS = 200_000  # of Euler's rule, at most
_EULER_CYCLES = 6  # whose mean is the period of Euler's rule


@dataclass(frozen=True, eq=False)
class Rest:
    """A stable point at which a flow comes to rest, shape (states,), and the eigenvalues of the flow there."""

    point: Array
    eigenvalues: npt.NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class Cycle:
    """A cycle that a flow settles on: its period, a point of it, and the lowest and highest value of each state."""

    period: float
    point: Array
    low: Array
    high: Array


Fate = Rest | Cycle | None


def rest_near(flow: Flow, point: Array) -> Rest | None:
    """The resting point that Newton's rule finds from a point, with its eigenvalues; None if it finds none."""
    x = np.array(point, dtype=np.float64)
    for _ in range(30):
        slopes = flow.slopes(x)
        if not np.isfinite(slopes).all() or np.linalg.cond(slopes) > 1e14:
            return None
        move = np.linalg.solve(slopes, flow.speed(x))
        x = x - move
        if np.abs(move).max() <= 1e-14 * (1 + np.abs(x).max()):
            break
    if not np.abs(move).max() <= 1e-11 * (1 + np.abs(x).max()):
        return None
    return Rest(x, np.linalg.eigvals(flow.slopes(x)).astype(np.complex128))


def carried(flow: Flow, start: Array, duration: float) -> Array:
    """Where a flow carries a state in a time, (states,); NaN where it leaves the finite numbers."""
    with np.errstate(all="ignore"):
        way = _followed(motion_of(flow), start, duration, _LOOSE) if np.isfinite(start).all() else None
    return np.full_like(start, np.nan) if way is None else np.asarray(way.y[:, -1])


def fate(flow: Flow, start: Array) -> Fate:
    """Follow a flow from a start until it rests or repeats itself.

    A cycle is taken where it crosses, upwards, the middle of its widest swing. It counts when two returns are the
    same, and when the period does not change with a finer solver.

    Args:
        flow: the flow.
        start: where to begin, (states,).

    Returns:
        None where it does neither in thousands of its shortest time constant, or leaves the finite numbers.
    """
    motion, point = motion_of(flow), np.array(start, dtype=np.float64)
    stretch, came = 50.0 * _fastest(flow, point), 0.0
    with np.errstate(all="ignore"):
        for _ in range(_ROUNDS):
            way = _followed(motion, point, stretch, _LOOSE)
            if way is None:
                return None
            came = max(came, float(np.ptp(way.y, axis=1).max()))
            found = _resting(flow, way, came) or _cycling(motion, way)
            if found is not None:
                return found
            point, stretch = way.y[:, -1], 2 * stretch
    return None


def _fastest(flow: Flow, point: Array) -> float:
    """The shortest time constant at a point."""
    size = float(np.abs(flow.slopes(point)).max())
    return 1.0 / size if 0 < size < np.inf else 1.0


def _followed(motion: Motion, start: Array, duration: float, rtol: float, event: Any = None) -> Any:
    """The solver's answer; None where it fails."""
    from scipy.integrate import solve_ivp  # noqa: PLC0415  the layer of formulas is loaded without SciPy

    scale = rtol * 1e-2 * max(1e-6, float(np.abs(start).max()))
    way = solve_ivp(lambda _, x: motion(x), (0.0, duration), start, "DOP853", rtol=rtol, atol=scale, events=event)
    return way if way.success and np.isfinite(way.y).all() else None


def _resting(flow: Flow, way: Any, came: float) -> Rest | None:
    """The stable point to which a way goes, if there is one."""
    end, middle = way.y[:, -1], way.y[:, len(way.t) // 2]
    rest = rest_near(flow, end)
    if rest is None or not (rest.eigenvalues.real < 0).all():
        return None
    off = np.abs(rest.point - end).max()
    if off <= _NEAR * max(came, 1e-2 * (1 + np.abs(end).max())):
        return rest
    if off > _NEARBY * came:
        return None
    values, vectors = np.linalg.eig(flow.slopes(rest.point))
    slowest = int(np.argmax(values.real))
    late, early = (abs(np.linalg.solve(vectors, point - rest.point)[slowest]) for point in (end, middle))
    pace = np.log(late / early) / (values[slowest].real * (way.t[-1] - way.t[len(way.t) // 2]))
    return rest if 0.8 < pace < 1.25 else None


def _cycling(motion: Motion, way: Any) -> Cycle | None:
    """The cycle on which a way ends, if it returns to where it was."""
    late = way.y[:, way.t >= way.t[-1] / 2]
    k = int(np.argmax(np.ptp(late, axis=1)))
    swing, level = float(np.ptp(late[k])), float(late[k].max() + late[k].min()) / 2
    crossings = np.count_nonzero((late[k, :-1] < level) & (late[k, 1:] >= level))
    if crossings < 3:
        return None
    section = _Section(motion, k, level, float(way.t[-1] / (crossings - 1)))
    point = section.closed(way.y[:, -1], swing)
    if point is None:
        return None
    period, _ = section.back(point, _FINEST)
    if not abs(period - section.back(point, _FINE)[0]) <= 1e-6 * period:
        return None
    around = _followed(motion, point, period, _FINE)
    return Cycle(period, point, around.y.min(axis=1), around.y.max(axis=1))


@dataclass(frozen=True, eq=False)
class _Section:
    """Where state ``k`` crosses a level upwards; ``longest`` is more than a cycle."""

    motion: Motion
    k: int
    level: float
    longest: float

    def back(self, point: Array, rtol: float) -> tuple[float, Array]:
        """When and where a point comes back to the section; NaN where it does not."""
        if not np.isfinite(point).all():
            return np.nan, point

        def crossing(time: float, x: Array) -> float:
            return float(x[self.k] - self.level) if time > 0 else 0.0

        crossing.direction = 1.0  # type: ignore[attr-defined]
        way = _followed(self.motion, point, self.longest, rtol, crossing)
        later = np.flatnonzero(way.t_events[0] > 1e-6 * self.longest) if way is not None else np.empty(0, dtype=int)
        if not later.size:
            return np.nan, np.full_like(point, np.nan)
        return float(way.t_events[0][later[0]]), way.y_events[0][later[0]]

    def closed(self, start: Array, swing: float) -> Array | None:
        """The point of the section that comes back to itself; from a start that is near it."""
        _, before = self.back(start, _FINE)
        _, here = self.back(before, _FINE)
        for _ in range(8):
            _, there = self.back(here, _FINE)
            off = np.abs(there - here).max()
            if not np.isfinite(off):
                return None
            if off <= _CLOSE * swing:
                return self.back(there, _FINE)[1]
            before, here = self._leap(before, here, there, swing)
        return None

    def _leap(self, before: Array, here: Array, there: Array, swing: float) -> tuple[Array, Array]:
        """The next two points: where returns that shrink by one factor would end, if that is near, and one on."""
        first, second = here - before, there - here
        factor = float(second @ first) / float(first @ first) if np.any(first) else 0.0
        leap = second * factor / (1 - factor) if abs(factor) < 1 else np.inf * second
        if len(here) > 2 or not np.abs(leap).max() <= _LEAP * swing:
            return here, there
        return there + leap, self.back(there + leap, _FINE)[1]


def euler_fate(flow: Flow, start: Array, dt: float, found: Fate) -> Fate:
    """The same for Euler's rule: a rest that is stable at this step, or a cycle with the mean of its periods.

    Args:
        flow: the flow.
        start: where to begin, (states,).
        dt: the step.
        found: the fate of the flow itself; if it is a cycle, Euler's is looked for from there.
    """
    if found is None:
        return None
    if isinstance(found, Rest) and (np.abs(1 + dt * found.eigenvalues) < 1).all():
        return found
    motion = motion_of(flow)
    x = found.point if isinstance(found, Cycle) else np.array(start, dtype=np.float64)
    length = found.period if isinstance(found, Cycle) else 50.0 * _fastest(flow, x)
    block, steps = max(64, int(2 * _EULER_CYCLES * length / dt)), 0
    with np.errstate(all="ignore"):
        while steps < _EULER_STEPS:
            track = _stepped(motion, x, dt, block)
            if not np.isfinite(track[-1]).all():
                return None
            cycle = _euler_cycle(track, dt)
            if cycle is not None:
                return cycle
            x, steps, block = track[-1], steps + block, 2 * block
    return None


def _stepped(motion: Motion, start: Array, dt: float, steps: int) -> Array:
    """States, (steps + 1, states), under Euler's rule."""
    track = np.empty((steps + 1, len(start)))
    track[0] = x = start
    for n in range(steps):
        x = x + dt * motion(x)
        track[n + 1] = x
    return track


def _euler_cycle(track: Array, dt: float) -> Cycle | None:
    """The cycle on which a track has settled: the swing is the same in all of its later half."""
    late = track[len(track) // 2 :]
    k = int(np.argmax(np.ptp(late, axis=0)))
    values = late[:, k]
    level = (values.max() + values.min()) / 2
    before = np.flatnonzero((values[:-1] < level) & (values[1:] >= level))
    if len(before) < _EULER_CYCLES - 1:
        return None
    times = before + (level - values[before]) / (values[before + 1] - values[before])
    tops = np.array([values[a:b].max() for a, b in itertools.pairwise(before)])
    if np.ptp(tops) > 1e-2 * np.ptp(values) or abs(tops[0] - tops[-1]) > 1e-3 * np.ptp(values):
        return None
    return Cycle(float(dt * (times[-1] - times[0]) / (len(times) - 1)), late[-1], late.min(axis=0), late.max(axis=0))
