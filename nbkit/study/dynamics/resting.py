"""Owns the search for all points at which a flow rests. Must not know what kind of points they are.

The search is blind and seeded: many starts, each followed downhill on the speed by damped Newton steps, then polished.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nbkit.study.dynamics.following import advance, begin
from nbkit.study.dynamics.given_flow import limits_of
from nbkit.study.dynamics.slopes import Slopes
from nbkit.study.dynamics.zero_lines import crossings
from nbkit.study.flow import Flow

Array = npt.NDArray[np.float64]

#: points from which the flow is followed, and for how many steps, to see where it leads
_SCOUTS, _STEPS = 16, 300

_ROUNDS = 60  # damped Newton steps
_NEAR = 1e-6  # points nearer than this share of the box are one
_STILL = 1e-9  # a point rests if its speed is at most this share of what the box allows
_MOST = 100  # points that are told apart; a flow with more rests along a line
_PLAUSIBLE = 3  # points at once that may just be appearing; more of them lie on a line
_CELLS = 120  # of the grid on which nullclines cross, along each axis


@dataclass(frozen=True, eq=False)
class Box:
    """A range for each state: ``low`` and ``high``, both (states,)."""

    low: Array
    high: Array

    @property
    def width(self) -> Array:
        """Length of each side, (states,)."""
        return self.high - self.low

    def inside(self, states: Array, slack: float = 1e-9) -> npt.NDArray[np.bool_]:
        """Which points, (states, points), lie in the box."""
        edge = slack * self.width[:, None]
        within = (states >= self.low[:, None] - edge) & (states <= self.high[:, None] + edge)
        return np.asarray(within.all(axis=0))

    def hull(self, states: Array) -> Box:
        """The least box that holds this one and finite points, (states, points)."""
        finite = states[:, np.isfinite(states).all(axis=0)]
        both = np.column_stack([self.low, self.high, finite])
        return Box(both.min(axis=1), both.max(axis=1))

    def wider(self, share: float) -> Box:
        """A box with a margin; a side without length gets one."""
        middle = np.abs(self.low + self.high) / 2
        flat = self.width <= 1e-9 * (1 + middle)
        edge = np.where(flat, 0.5 * np.maximum(middle, 1.0), share * self.width)
        return Box(self.low - edge, self.high + edge)

    def clipped(self, low: Array, high: Array) -> Box:
        """The part of the box between bounds."""
        return Box(np.clip(self.low, low, high), np.clip(self.high, low, high))


def spread_points(count: int, states: int, seed: int) -> Array:
    """Numbers between 0 and 1 that fill a cube evenly, (states, count).

    Source:
        The additive sequence of the roots of ``x^(n + 1) = x + 1``: Roberts (2018), a generalisation of the golden
        ratio; the seed shifts it.
    """
    root = 2.0
    for _ in range(60):
        root = (1 + root) ** (1 / (states + 1))
    shift = np.random.default_rng(seed).random(states)
    return np.mod(shift[:, None] + np.arange(1, count + 1) * (1 / root) ** np.arange(1, states + 1)[:, None], 1.0)


def boxes(flow: Flow, seed: int = 0) -> tuple[Box, Box]:
    """Where to look for what a flow does: everywhere that may be reached, and where it goes on its own.

    Points around the start values, as far away as these are large and at least 1, are followed along the flow. The
    first box holds them and their ways; the second the way from the start values, and the ends of the other ways.
    Both are cut at the limits of the states; and at 0 for states that begin at or above it and cannot fall below.
    """
    start = flow.start
    reach = np.maximum(1.0, np.abs(start))
    scattered = start[:, None] + reach[:, None] * (2 * spread_points(_SCOUTS, len(start), seed) - 1)
    low, high = limits_of(flow)
    low = np.maximum(low, _floors(flow, scattered))
    scouts = np.clip(np.column_stack([start, scattered]), low[:, None], high[:, None])
    wide = Box(start, start).hull(scouts)
    ways = [scouts]
    advance(flow, begin(flow, scouts), _STEPS, seen=lambda points: ways.append(points.states), rtol=1e-3)
    there = np.isfinite(ways[-1]).all(axis=0)
    for way in ways:
        wide = wide.hull(way[:, there])
    near = Box(start, start)
    for way in ways:
        near = near.hull(way[:, :1] if there[0] else start[:, None])
    for way in ways[3 * len(ways) // 4 :]:
        near = near.hull(way[:, there])
    return wide.wider(0.0).clipped(low, high), near.clipped(low, high)


def _floors(flow: Flow, points: Array) -> Array:
    """0 for the states that cannot fall below it, minus infinity for the others; points are (states, points)."""
    floors = np.full(len(flow.states), -np.inf)
    for i, start in enumerate(flow.start):
        on_edge = points.copy()
        on_edge[i] = 0.0
        speed = flow.speed(on_edge)[i]
        if start >= 0 and (speed >= 0).all() and (speed > 0).any():
            floors[i] = 0.0
    return floors


def resting_points(flow: Flow, box: Box, starts: int, seed: int) -> tuple[Array, bool]:
    """All points in a box at which the flow rests, as far as the search sees.

    Returns:
        The points, (states, points), in the order of their first state; and whether they are so many, or so near to
        each other, that the flow seems to rest along a line.
    """
    slopes = Slopes.of(flow)
    x = box.low[:, None] + box.width[:, None] * spread_points(starts, len(box.low), seed)
    x = np.column_stack([flow.start, x])
    scale = _typical_speed(flow, slopes, box, x)
    found = _downhill(flow, slopes, box, scale, x)
    if len(flow.states) == 2:
        found = np.column_stack([found, _crossing_starts(flow, box)])
    found = _apart(found, box.width)[:, : 4 * _MOST]
    polished = [p for p in (_polished(flow, slopes, box, scale, point) for point in found.T) if p is not None]
    points = np.array(polished).T.reshape(len(box.low), -1)
    points = points[:, box.inside(points)]
    points = _merged(flow, points, box, scale)
    points = np.where(np.abs(points) < 1e-13 * box.width[:, None], 0.0, points)
    points = points[:, np.lexsort(points[::-1])]
    crowded = points.shape[1] > _MOST or _degenerate(flow, slopes, points, box, scale) > _PLAUSIBLE
    return points[:, :_MOST], crowded


def _degenerate(flow: Flow, slopes: Slopes, points: Array, box: Box, scale: Array) -> int:
    """At how many points the flow does not change in some direction."""
    jacobians = slopes.at(flow, points, flow.states) * box.width / scale[:, None]
    jacobians = jacobians[np.isfinite(jacobians).all(axis=(1, 2))]
    sizes = np.linalg.svd(jacobians, compute_uv=False)
    return int((sizes[:, -1] <= 1e-8 * sizes[:, 0]).sum())


def polish(flow: Flow, slopes: Slopes, near: Array, width: Array) -> Array | None:
    """The resting point that Newton's method finds from a point, (states,); None if it finds none.

    Args:
        flow: the flow.
        slopes: its slopes.
        near: where to begin, (states,).
        width: what a long way is for each state, (states,).
    """
    box = Box(near - width, near + width)
    return _polished(flow, slopes, box, _typical_speed(flow, slopes, box, near[:, None]), near)


def _typical_speed(flow: Flow, slopes: Slopes, box: Box, points: Array) -> Array:
    """How fast each state moves, (states,), if the others are as far off as the box is wide."""
    jacobians = np.abs(slopes.at(flow, points, flow.states)) @ box.width
    finite = jacobians[np.isfinite(jacobians).all(axis=1)]
    typical = np.median(finite, axis=0) if len(finite) else np.ones(len(box.low))
    return np.asarray(np.where(typical > 0, typical, 1.0), dtype=np.float64)


def _downhill(flow: Flow, slopes: Slopes, box: Box, scale: Array, x: Array) -> Array:
    """Follow points, (states, points), to where the flow rests, by Newton steps that are damped until they help.

    Source:
        Levenberg (1944) Q. Appl. Math. 2:164-168; Marquardt (1963) J. Soc. Ind. Appl. Math. 11:431-441.
    """
    damping = np.full(x.shape[1], 1e-2)
    residual = flow.speed(x) / scale[:, None]
    keep = np.isfinite(residual).all(axis=0)
    x, residual, damping = x[:, keep], residual[:, keep], damping[keep]
    for _ in range(_ROUNDS):
        jacobian = slopes.at(flow, x, flow.states) * box.width / scale[:, None]
        jacobian = np.where(np.isfinite(jacobian), jacobian, 0.0)
        square = np.swapaxes(jacobian, 1, 2) @ jacobian
        ridge = damping[:, None] * (np.einsum("pii->pi", square) + 1e-12)
        slope = np.einsum("psi,sp->pi", jacobian, residual)
        move = np.linalg.solve(square + ridge[:, :, None] * np.eye(len(scale)), -slope[:, :, None])[:, :, 0]
        there = x + box.width[:, None] * np.clip(move, -0.5, 0.5).T
        new = flow.speed(there) / scale[:, None]
        with np.errstate(all="ignore"):
            better = (new**2).sum(axis=0) < (residual**2).sum(axis=0)
        x, residual = np.where(better, there, x), np.where(better, new, residual)
        damping = np.where(better, np.maximum(damping / 5, 1e-14), np.minimum(damping * 4, 1e8))
    return x[:, np.abs(residual).max(axis=0, initial=0.0) < 1e-4]


def _crossing_starts(flow: Flow, box: Box) -> Array:
    """Where the two nullclines of a flow of two states cross, about, (2, points)."""
    axes = [np.linspace(low, high, _CELLS + 1) for low, high in zip(box.low, box.high, strict=True)]
    x, y = np.meshgrid(*axes)
    speed = flow.speed(np.stack([x, y]))
    return crossings(axes[0], axes[1], speed[0], speed[1])


def _polished(flow: Flow, slopes: Slopes, box: Box, scale: Array, near: Array) -> Array | None:
    from scipy.optimize import root  # noqa: PLC0415  the layer of formulas is loaded without SciPy

    def residual(move: Array) -> Array:
        return np.asarray(flow.speed(near + box.width * move) / scale)

    def jacobian(move: Array) -> Array:
        return np.asarray(slopes.at(flow, near + box.width * move, flow.states) * box.width / scale[:, None])

    with np.errstate(all="ignore"):
        found = root(residual, np.zeros(len(near)), jac=jacobian, method="hybr", options={"xtol": 1e-14})
    off = np.abs(residual(found.x)).max()
    if not off <= _STILL or not np.abs(found.x).max() <= 1:
        return None
    return np.asarray(near + box.width * found.x)


def _apart(points: Array, width: Array, near: float = 1e-4) -> Array:
    """Points, (states, points), without those that lie nearer to an earlier one than a share of the box."""
    kept: list[Array] = []
    while points.shape[1] and len(kept) < 4 * _MOST:
        kept.append(points[:, 0])
        points = points[:, (np.abs(points - points[:, :1]) > near * width[:, None]).any(axis=0)]
    return np.array(kept).T.reshape(len(width), -1)


def _merged(flow: Flow, points: Array, box: Box, scale: Array) -> Array:
    """One of each: points are the same if they are near, or if the flow rests all the way between near ones."""
    kept: list[Array] = []
    for point in points.T:
        if not any(_same(flow, point, other, box, scale) for other in kept):
            kept.append(point)
    return np.array(kept).T.reshape(len(box.low), -1)


def _same(flow: Flow, one: Array, other: Array, box: Box, scale: Array) -> bool:
    far = float((np.abs(one - other) / box.width).max())
    if far > 1e-2:
        return False
    between = one[:, None] + (other - one)[:, None] * np.array([0.25, 0.5, 0.75])
    return far <= _NEAR or bool((np.abs(flow.speed(between)) <= _STILL * scale[:, None]).all())
