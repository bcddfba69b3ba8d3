"""Owns the resting points of a network, and what a step of dt makes of its modes there. Must not know findings."""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from nbkit.errors import NbkitError
from nbkit.network.description import split_path
from nbkit.network.network import Network
from nbkit.study.dynamics.slopes import Slopes
from nbkit.study.flow import Flow, flow_of

Array = npt.NDArray[np.float64]

STARTS = 12  # points from which the search begins
ROUNDS = 32  # steps; most points have arrived after twenty-five
GROWTH = 2.0  # of a step from one to the next: in the end it is as good as infinite, and the step is Newton's
CLOSE = 1e-6  # points that are nearer to each other, beside their size, are one
FOUND = 1e-9  # of a point's size: a step that is shorter has arrived
#: a mode so much faster than the step belongs to a point beyond the range that the equations are meant for
SENSIBLE = 1e4
#: a growth in a run that can be seen
SEEN = 1.1
#: of a rate: what dies out more slowly than this, beside its own pace, is as good as lasting
LASTING = 1e-8
#: a network of more states is not searched: the time grows with their square, and health must answer at once
MOST_STATES = 40


def resting_points(flow: Flow) -> list[Array]:
    """Find points at which nothing moves, each (states,), from many seeded starts at once.

    Implicit Euler steps follow the flow, so that points which attract are found from afar; each step is longer than
    the one before, and the last ones are Newton's.
    """
    points, written = _starts(flow), Slopes.of(flow)
    duration = np.zeros(points.shape[1])
    found: list[Array] = []
    for number in range(ROUNDS):
        with np.errstate(all="ignore"):
            speed, slopes = flow.speed(points), written.at(flow, points, flow.states)
            usable = np.isfinite(speed).all(axis=0) & np.isfinite(slopes).all(axis=(1, 2))
            if not usable.any():
                break
            points, speed, slopes, duration = points[:, usable], speed[:, usable], slopes[usable], duration[usable]
            if not number:
                duration = 0.3 / np.maximum(np.abs(slopes).sum(axis=2).max(axis=1), 1e-300)
            steps = _implicit_step(speed, slopes, duration * GROWTH**number)
            arrived = (np.abs(steps) <= FOUND * np.maximum(1.0, np.abs(points))).all(axis=0)
            points = points + steps
            found += list(points.T[arrived])
            points, duration = points[:, ~arrived], duration[~arrived]
        if not points.size:
            break
    return _different(flow, found)


def _different(flow: Flow, found: list[Array]) -> list[Array]:
    """Each point once, if it lies within the limits of its states."""
    kept: list[Array] = []
    for point in found:
        near = CLOSE * np.maximum(1.0, np.abs(point))
        if _inside_limits(flow, point) and not any((np.abs(point - other) <= near).all() for other in kept):
            kept.append(point)
    return sorted(kept, key=tuple)


def _starts(flow: Flow) -> Array:
    """The point at which a run starts, the origin, and points around both at distances of all sizes, (states, n)."""
    drawing = np.random.default_rng(0)
    start = flow.start
    shape = (len(start), STARTS - 2)
    apart = drawing.standard_normal(shape) * 10.0 ** drawing.uniform(-1.5, 0.7, shape[1])
    around = start[:, None] + np.maximum(1.0, np.abs(start))[:, None] * apart
    return np.column_stack([start, np.zeros_like(start), around])


def _implicit_step(speed: Array, slopes: Array, duration: Array) -> Array:
    """A step of implicit Euler from every point, (states, points)."""
    matrices = np.eye(len(speed)) / duration[:, None, None] - slopes
    steps: Array = np.linalg.pinv(matrices) @ speed.T[:, :, None]
    return steps[:, :, 0].T


def _inside_limits(flow: Flow, point: Array) -> bool:
    populations = flow.reduction.network.populations
    for path, value in zip(flow.states, point, strict=True):
        name, key = split_path(path)
        low, high = populations[name].model.states[key].limits or (None, None)
        if (low is not None and value < low) or (high is not None and value > high):
            return False
    return True


# ---------------------------------------------------------------- what a step makes of modes


@dataclass(frozen=True, eq=False)
class RestingPoint:
    """A point at which a network rests, and how it moves near it.

    Attributes:
        states: their paths.
        values: where they are, (states,).
        slopes: how the speed of each state changes with each state, (states, states).
        own: the same with the connections cut.
        exact: the states that are stepped exactly, their inputs being held within a step, (states,).
    """

    states: tuple[str, ...]
    values: Array
    slopes: Array
    own: Array
    exact: npt.NDArray[np.bool_]

    @property
    def rates(self) -> npt.NDArray[np.complex128]:
        """The eigenvalues of the slopes: the modes, in truth."""
        return np.asarray(np.linalg.eigvals(self.slopes), dtype=np.complex128)

    @property
    def stable(self) -> bool:
        """Whether no mode grows in truth."""
        return bool(self.rates.real.max() <= LASTING * np.abs(self.rates).max())

    def factors(self, dt: float) -> npt.NDArray[np.complex128]:
        """What a step of dt multiplies the modes by; ``1 + dt*rate`` where all is stepped by Euler's rule."""
        if not self.exact.any():
            return 1.0 + dt * self.rates
        from scipy.linalg import expm  # noqa: PLC0415  only exact steps need it

        states = len(self.states)
        euler = np.eye(states) + dt * self.slopes
        grown = expm(dt * np.block([[self.own, np.eye(states)], [np.zeros((states, 2 * states))]]))
        held = grown[:states, :states] + grown[:states, states:] @ (self.slopes - self.own)
        return np.asarray(np.linalg.eigvals(np.where(self.exact[:, None], held, euler)), dtype=np.complex128)

    def radius(self, dt: float) -> float:
        """The spectral radius of a step: below 1 all modes die out."""
        return float(np.abs(self.factors(dt)).max())

    def swells(self, dt: float, length: float) -> bool:
        """Whether steps of dt let a mode grow so much in a run of this length that it can be seen."""
        return length / dt * math.log(max(self.radius(dt), 1e-300)) > math.log(SEEN)

    def longest_step(self, dt: float, length: float) -> float:
        """The step from which on a mode is seen to grow; infinite where exact steps of dt let none grow.

        For Euler's rule it is the least of ``-2 Re(rate)/|rate|**2``; a mode that hardly dies out in the run may have
        as long a step as keeps its growth unseen.
        """
        if not self.exact.any():
            rates = self.rates[np.abs(self.rates) > 0]
            bounds = np.maximum(-2.0 * rates.real, 2.0 * math.log(SEEN) / length) / np.abs(rates) ** 2
            return float(bounds.min(initial=np.inf))
        if not self.swells(dt, length):
            return math.inf
        low, high = 0.0, dt
        for _ in range(50):
            middle = (low + high) / 2.0
            low, high = (low, middle) if self.swells(middle, length) else (middle, high)
        return low

    def weakest(self, dt: float, length: float) -> tuple[complex, float]:
        """The mode whose damping suffers most, by Euler's rule, and the share of the damping that a step leaves.

        Modes that hardly die out within the run do not count.
        """
        rates = self.rates[-self.rates.real * length >= 1.0]
        if not rates.size:
            return complex(self.rates[0]), 1.0
        with np.errstate(divide="ignore"):
            shares = np.log(np.abs(1.0 + dt * rates)) / (dt * rates.real)
        worst = int(np.argmin(shares))
        return complex(rates[worst]), float(shares[worst])

    def told(self) -> str:
        """The point in words: ``E.r = 0.2653, I.r = 0.1171``; of many states the first few."""
        shown = [f"{path} = {value:.4g}" for path, value in zip(self.states[:3], self.values[:3], strict=True)]
        return ", ".join(shown) + (" ..." if len(self.states) > 3 else "")


@dataclass(frozen=True, eq=False)
class Judgement:
    """The resting points of a network, or the reason why none can be told; no reason where none is to be expected."""

    points: tuple[RestingPoint, ...] = ()
    reason: str = ""


def judge(network: Network, length: float, dt: float, method: str | None) -> Judgement:
    """Find the resting points of a sound network, its stimuli held as they are at the end of a run."""
    if any(p.model.spiking is not None for p in network.populations.values()):
        return Judgement()
    if not any(p.model.states for p in network.populations.values()):
        return Judgement()
    if any(_late(p.delay) for p in network.projections):
        return Judgement(reason="the network has delays, and stability with delays is another question")
    states = sum(len(p.model.states) for p in network.populations.values())
    if states > MOST_STATES:
        return Judgement(reason=f"{states} kinds of states are too many for a search that answers at once")
    try:
        flow = flow_of(network, at=length)
    except NbkitError as error:
        return Judgement(reason="; ".join(f"{p.where}: {p.what}" for p in error.problems))
    written = Slopes.of(flow)
    cut = replace(flow, values=dict(flow.values) | {f"{p.name}.gain": 0.0 for p in network.projections})
    exact = np.array([(method or network.populations[split_path(s)[0]].model.method) == "exact" for s in flow.states])
    found = []
    for values in resting_points(flow):
        slopes = written.at(flow, values, flow.states)
        own = written.at(cut, values, flow.states) if exact.any() else slopes
        if np.isfinite(slopes).all() and np.isfinite(own).all():
            point = RestingPoint(flow.states, values, slopes, own, exact)
            found += [point] if np.abs(point.rates).max() * dt < SENSIBLE else []
    return Judgement(tuple(found))


def _late(delay: object) -> bool:
    if isinstance(delay, float | int):
        return delay > 0
    return not isinstance(delay, str) or any(digit in delay for digit in "123456789")


def turn(rate: complex) -> float:
    """The period of a mode; infinite where it does not turn."""
    return 2.0 * math.pi / abs(rate.imag) if rate.imag else math.inf


def swing(factor: complex, dt: float) -> float:
    """The period with which a step lets a mode turn."""
    angle = abs(cmath.phase(factor))
    return 2.0 * math.pi * dt / angle if angle else math.inf
