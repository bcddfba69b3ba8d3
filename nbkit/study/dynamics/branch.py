"""Owns how a branch of fixed points is followed while one number changes. Must not know networks or Datasets.

A branch is a curve in the space of states and number, all scaled to lengths of about 1. It is followed by its arc
length, so that it may turn back; each step goes along the tangent and then, across it, back onto the curve.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from nbkit.study.dynamics.kinds import eigenvalues, unstable_directions
from nbkit.study.dynamics.slopes import Slopes
from nbkit.study.flow import Flow

Array = npt.NDArray[np.float64]

_LONGEST, _FIRST, _SHORTEST = 0.02, 0.004, 1e-8  # steps along the scaled curve; the first for one of length 1
_TURN = 0.95  # least cosine between the tangents at both ends of a step
_CLOSE = 1e-12  # a correction shorter than this is none
_FAR = 1e4  # lengths away from where a branch is given up


@dataclass(frozen=True, eq=False)
class Curve:
    """What is followed.

    Attributes:
        flow: the flow, with any number at the path.
        slopes: its slopes.
        path: the number that changes.
        unit: what counts as a length for each state and, last, for the number; (states + 1,).
        rates: what counts as a speed for each state, (states,).
    """

    flow: Flow
    slopes: Slopes
    path: str
    unit: Array
    rates: Array

    def flow_at(self, place: Array) -> Flow:
        """The flow with the number of a place."""
        return self.flow.with_value(self.path, float(place[-1] * self.unit[-1]))

    def states_at(self, place: Array) -> Array:
        """The states of a place, (states,)."""
        return np.asarray(place[:-1] * self.unit[:-1])

    def residual(self, place: Array) -> Array:
        """The scaled speed at a place, (states,)."""
        return np.asarray(self.flow_at(place).speed(self.states_at(place)) / self.rates)

    def matrix(self, place: Array) -> Array:
        """How the scaled speed changes with the place, (states, states + 1)."""
        paths = (*self.flow.states, self.path)
        found = self.slopes.at(self.flow_at(place), self.states_at(place), paths)
        return np.asarray(found * self.unit / self.rates[:, None])


@dataclass(frozen=True, eq=False)
class Place:
    """A point of a branch.

    Attributes:
        at: scaled states and number, (states + 1,).
        tangent: the direction of the branch there, of length 1.
        values: eigenvalues of the flow, the least stable first; NaN where they tell nothing.
        split: a determinant that changes its sign where another branch crosses.
        event: what the point is, such as ``"fold"``; empty for any other.
    """

    at: Array
    tangent: Array
    values: npt.NDArray[np.complex128]
    split: float
    event: str = ""

    @property
    def unstable(self) -> float:
        """Eigenvalues with a positive real part."""
        return float(unstable_directions(self.values))

    @property
    def turn(self) -> float:
        """How the number changes along the branch; 0 at a fold."""
        return float(self.tangent[-1])

    @property
    def balance(self) -> float:
        """A number that changes its sign where two eigenvalues add up to zero, as at a Hopf point."""
        one, other = np.triu_indices(len(self.values), 1)
        sums = self.values[one] + self.values[other]
        if not len(sums) or not np.isfinite(sums).all():
            return 1.0
        return float(np.abs(sums).min() * np.sign(np.cos(np.angle(sums).sum())))


def solved(curve: Curve, guess: Array, across: Array) -> Array | None:
    """The point of the curve in the plane through a guess that stands across a direction; None if it is not found."""
    at = guess.copy()
    for _ in range(10):
        matrix = np.vstack([curve.matrix(at), across])
        rest = np.append(curve.residual(at), across @ (at - guess))
        if not np.isfinite(matrix).all() or not np.isfinite(rest).all():
            return None
        try:
            move = np.linalg.solve(matrix, -rest)
        except np.linalg.LinAlgError:
            return None
        at = at + move
        size = np.abs(move).max()
        if size < _CLOSE * (1 + np.abs(at).max()):
            return np.asarray(at)
        if size > 1:
            return None
    return np.asarray(at) if size < 1e-9 * (1 + np.abs(at).max()) else None


def _nearest(curve: Curve, guess: Array) -> Array:
    """A point of the curve near a guess, where two branches cross and the way across is not unique."""
    at = guess
    for _ in range(4):
        at = at - np.linalg.lstsq(curve.matrix(at), curve.residual(at), rcond=1e-6)[0]
    return np.asarray(at)


def place_at(curve: Curve, at: Array, along: Array) -> Place:
    """Everything about a point of the curve; ``along`` is about the direction in which it is followed."""
    matrix = curve.matrix(at)
    rows = matrix / np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-300)
    tangent = np.linalg.svd(rows)[2][-1]
    tangent = tangent if tangent @ along >= 0 else -tangent
    values = eigenvalues(curve.flow_at(at), curve.states_at(at)[:, None], curve.slopes)[0]
    return Place(at, tangent, values, float(np.linalg.det(np.vstack([rows, tangent]))))


def stepped(curve: Curve, here: Place, length: float) -> Place | None:
    """A step along the curve; None if it leads off it, or if more happens on the way than one step may hide."""
    guess = here.at + length * here.tangent
    at = solved(curve, guess, here.tangent)
    if at is None or np.linalg.norm(at - guess) > 0.5 * length:
        return None
    there = place_at(curve, at, here.tangent)
    if there.tangent @ here.tangent < _TURN:
        return None
    hidden = abs(there.unstable - here.unstable) > explained(here, there)
    return None if hidden and length > 100 * _SHORTEST else there


def explained(one: Place, other: Place) -> int:
    """How many eigenvalues may have changed sides between two places, by the events that are seen between them."""
    crossed = [(one.turn, other.turn), (one.split, other.split), (one.balance, other.balance), (one.balance, 1)]
    fold, branch, pair, _ = (a * b < 0 for a, b in crossed)
    return int(fold) + int(branch) + 2 * int(pair)


def followed(
    curve: Curve, start: Place, inside: Callable[[Array], str], most: int, made: Callable[[], None]
) -> tuple[list[Place], str]:
    """Follow a branch from a place in the direction of its tangent.

    Args:
        curve: the curve.
        start: where to begin.
        inside: of a place; the reason why the branch ends before it, empty if it goes on.
        most: how many points to make.
        made: called after each.

    Returns:
        The places after the start, and the reason why there are no more.
    """
    places: list[Place] = []
    here, length = start, _FIRST
    reach = np.stack([start.at, start.at])
    while len(places) < most:
        there = stepped(curve, here, length)
        if there is None:
            length /= 2
            if length < _SHORTEST:
                return places, "the branch turns too sharply, or ends here"
            continue
        if _passes(start, here, there, len(places)):
            return [*places, start], "the branch is closed"
        reason = inside(there.at)
        if reason:
            return places, reason
        if np.abs(there.at[:-1] - start.at[:-1]).max() > _FAR:
            return places, "the states grow beyond all bounds"
        places.append(there)
        made()
        reach = np.stack([np.minimum(reach[0], there.at), np.maximum(reach[1], there.at)])
        longest = _LONGEST * max(1.0, float(np.ptp(reach, axis=0).max()))
        length = min(longest, length * (1.5 if there.tangent @ here.tangent > 0.995 else 1.0))
        here = there
    return places, f"{most} points are made"


def _passes(start: Place, here: Place, there: Place, count: int) -> bool:
    """Whether the step from here to there passes the start again, in its direction."""
    if count < 8 or start.tangent @ there.tangent < _TURN:
        return False
    way = there.at - here.at
    share = (start.at - here.at) @ way / (way @ way)
    return bool(0 <= share <= 1) and bool(np.linalg.norm(start.at - here.at - share * way) < 0.1 * np.linalg.norm(way))


def between(curve: Curve, one: Place, other: Place) -> list[Place]:
    """The folds, Hopf points and branch points between two neighbours, in order along the branch."""
    from scipy.optimize import brentq  # noqa: PLC0415  the layer of formulas is loaded without SciPy

    way = other.at - one.at
    length = float(np.linalg.norm(way))
    along = way / length if length else one.tangent

    def at(share: float) -> Place:
        if share in (0.0, length):
            return one if share == 0 else other
        guess = one.at + share * along
        found = solved(curve, guess, along)
        return place_at(curve, _nearest(curve, guess) if found is None else found, along)

    events = []
    for name, test in _TESTS.items():
        if test(one) * test(other) >= 0:
            continue
        share = brentq(lambda s, test=test: test(at(s)), 0.0, length, xtol=1e-15, rtol=1e-14)
        place = replace(at(share), event=name)
        if name != "Hopf" or hopf_frequency(place) > 0:
            events.append((share, place))
    return [place for _, place in sorted(events, key=lambda event: event[0])]


def hopf_frequency(place: Place) -> float:
    """The imaginary part of the two eigenvalues that are nearest to adding up to zero; 0 if these are real."""
    one, other = np.triu_indices(len(place.values), 1)
    pair = int(np.abs(place.values[one] + place.values[other]).argmin())
    turning = abs(float(place.values[one[pair]].imag))
    return turning if turning > 1e-6 * np.abs(place.values).max() else 0.0


#: event -> the number that changes its sign there
_TESTS: dict[str, Callable[[Place], float]] = {
    "fold": lambda place: place.turn,
    "branch point": lambda place: place.split,
    "Hopf": lambda place: place.balance,
}
