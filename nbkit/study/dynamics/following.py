"""Owns how many points are carried along a flow at once, each with steps of its own. Must not know what for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from nbkit.study.dynamics.given_flow import limits_of
from nbkit.study.flow import Flow

Array = npt.NDArray[np.float64]
Speed = Callable[[Array], Array]

#: what a step may be wrong by: a share of each state, and a number beside it
RTOL, ATOL = 1e-5, 1e-8

_HUGE = 1e9  # a state beyond it has left for good


@dataclass(frozen=True, eq=False)
class Points:
    """Points on their way along a flow.

    Attributes:
        states: shape (states, points); NaN for a point that has left the finite numbers.
        time: how far each has come, shape (points,).
        step: the step that each will try next; 0 for one that rests or has left.
    """

    states: Array
    time: Array
    step: Array

    def at_rest(self) -> npt.NDArray[np.bool_]:
        """Which points move no more, shape (points,)."""
        moves_not: npt.NDArray[np.bool_] = (self.step == 0) & np.isfinite(self.states).all(axis=0)
        return moves_not


def begin(flow: Flow, states: npt.ArrayLike) -> Points:
    """Put points, shape (states, points), onto a flow, each with a first step."""
    low, high = limits_of(flow)
    x = np.clip(np.array(states, dtype=np.float64), low[:, None], high[:, None])
    speed = held_speed(flow, x, (low, high))
    with np.errstate(all="ignore"):
        step = 0.01 * (1 + np.abs(x).max(axis=0)) / np.abs(speed).max(axis=0)
    return Points(x, np.zeros(x.shape[1]), np.where(np.isfinite(step), step, 0.0))


def held_speed(flow: Flow, states: Array, limits: tuple[Array, Array]) -> Array:
    """The speed of points, (states, points), where a state at its limit, (states,) each, goes no further."""
    speed = flow.speed(states)
    if not np.isfinite(limits).any():
        return speed
    low, high = (limit[:, None] for limit in limits)
    return np.where(((states <= low) & (speed < 0)) | ((states >= high) & (speed > 0)), 0.0, speed)


def advance(
    flow: Flow,
    points: Points,
    steps: int,
    *,
    until: float = np.inf,
    seen: Callable[[Points], None] | None = None,
    rtol: float = RTOL,
) -> Points:
    """Carry points along a flow by the pair of third and second order of Bogacki and Shampine.

    Args:
        flow: the flow; states are kept within their limits.
        points: where they are.
        steps: how many steps to try, at most.
        until: a time at which they stop.
        seen: called with the points after each step.
        rtol: what a step may be wrong by, as a share of each state.

    Source:
        Bogacki & Shampine (1989) Appl. Math. Lett. 2:321-325.
    """
    limits = limits_of(flow)

    def speed(states: Array) -> Array:
        return held_speed(flow, states, limits)

    first = speed(points.states)
    for _ in range(steps):
        h = np.minimum(points.step, until - points.time)
        if not (h > 0).any():
            break
        new, last, error = _tried(speed, points.states, first, h, rtol)
        good = (error <= 1) & (h > 0)
        states = np.where(good, np.clip(new, limits[0][:, None], limits[1][:, None]), points.states)
        first = np.where(good, last, first)
        with np.errstate(all="ignore"):
            grown = np.where(np.isfinite(error), np.clip(0.9 * error ** (-1 / 3), 0.2, 3.0), 0.2) * h
        grown = np.where((h <= 0) | (good & (h < points.step)), points.step, grown)
        points = _judged(Points(states, points.time + np.where(good, h, 0.0), grown), first)
        if seen is not None:
            seen(points)
    return points


def _tried(speed: Speed, x: Array, first: Array, h: Array, rtol: float) -> tuple[Array, Array, Array]:
    """A step of each point: where it leads, the speed there, and its error as a share of what is allowed."""
    with np.errstate(all="ignore"):
        second = speed(x + h / 2 * first)
        third = speed(x + 0.75 * h * second)
        new = x + h * (2 * first + 3 * second + 4 * third) / 9
        last = speed(new)
        wrong = h * (-5 * first / 72 + second / 12 + third / 9 - last / 8)
        allowed = ATOL + rtol * np.maximum(np.abs(x), np.abs(new))
        error = (np.abs(wrong) / allowed).max(axis=0)
    return new, last, np.where(np.isfinite(new).all(axis=0), error, np.inf)


def _judged(points: Points, speed: Array) -> Points:
    """End the way of points that rest, and of those that have left."""
    with np.errstate(all="ignore"):
        gone = (np.abs(points.states) > _HUGE).any(axis=0) | ~np.isfinite(points.states).all(axis=0)
        stuck = (points.step > 0) & (points.step < 1e-13 * points.time)
        rests = (speed == 0).all(axis=0)
    states = np.where(gone | stuck, np.nan, points.states)
    return replace(points, states=states, step=np.where(gone | stuck | rests, 0.0, points.step))
