"""Owns the plane of two states: which they are, what is shown of them, where the others are held. Must not draw it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nbkit.errors import NbkitError, Problem, fail, shown
from nbkit.model.numbers import is_whole, plain
from nbkit.study.dynamics.given_flow import limits_of, require_state
from nbkit.study.dynamics.resting import Box
from nbkit.study.flow import Flow

Array = npt.NDArray[np.float64]

_MARGIN = 0.08  # of what is shown, beside what the network reaches


@dataclass(frozen=True, eq=False)
class Plane:
    """Two states of a flow.

    Attributes:
        axes: the states to the right and upwards.
        places: their places among all states.
        base: the values of all states, (states,), where the others are held.
        window: what is shown of each state.
    """

    axes: tuple[str, str]
    places: tuple[int, int]
    base: Array
    window: Box

    def ticks(self, count: int) -> tuple[Array, Array]:
        """Evenly spread values along both axes."""
        i, j = self.places
        box = self.window
        return np.linspace(box.low[i], box.high[i], count), np.linspace(box.low[j], box.high[j], count)

    def grid(self, count: int) -> Array:
        """All states, (states, count squared), at a grid of the plane, row by row."""
        values = np.stack([axis.ravel() for axis in np.meshgrid(*self.ticks(count))])
        return in_plane(self.base, self.places, values)

    def held(self, flow: Flow) -> str:
        """The values of the other states, as JSON."""
        pairs = zip(flow.states, self.base.tolist(), strict=True)
        return json.dumps({state: value for state, value in pairs if state not in self.axes})


def in_plane(base: Array, places: tuple[int, int], values: Array) -> Array:
    """All states, (states, points), where those at two places have values, (2, points), and the others are held."""
    whole = np.repeat(base[:, None], values.shape[1], axis=1)
    whole[list(places)] = values
    return whole


def axes_of(flow: Flow, x: str | None, y: str | None) -> tuple[str, str]:
    """The two states of a plane; by default the first two."""
    if len(flow.states) < 2:
        what = f"{flow.states[0] if flow.states else 'no state'} alone makes no plane"
        raise fail("no-reduction", "network", what, "a network of two states or more")
    free = [state for state in flow.states if state not in (x, y)]
    x = free.pop(0) if x is None else x
    y = free.pop(0) if y is None else y
    require_state(flow, x, "x")
    require_state(flow, y, "y")
    if x == y:
        raise fail("bad-choice", "y", f"{y} is the state of both axes", f"one of {', '.join(free)}")
    return x, y


def places_of(flow: Flow, axes: tuple[str, str]) -> tuple[int, int]:
    """The places of two states among all."""
    return flow.states.index(axes[0]), flow.states.index(axes[1])


def require_plane(
    axes: tuple[str, str], ranges: Mapping[str, object], held: Mapping[str, float], points: object, most: int
) -> None:
    """Raise for ranges of states that are on no axis, held states that are on one, and a wrong number of points."""
    wrong = [
        Problem("bad-choice", where, f"{path} is {what}", f"leave it out, or put it into {other}")
        for where, given, what, other in (
            ("ranges", set(ranges) - set(axes), "on neither axis", "others"),
            ("others", set(held) & set(axes), "on an axis", "ranges"),
        )
        for path in sorted(given)
    ]
    if not is_whole(plain(points), 2, most):
        wrong.append(Problem("bad-value", "points", f"{shown(points)} is no number of points", f"from 2 to {most}"))
    if wrong:
        raise NbkitError(wrong)


def searched(flow: Flow, wide: Box, chosen: Mapping[str, tuple[float, float]]) -> Box:
    """Where fixed points are looked for: in the chosen ranges, and wherever else the network may come."""
    pairs = [chosen.get(state, (wide.low[i], wide.high[i])) for i, state in enumerate(flow.states)]
    low, high = np.array(pairs, dtype=np.float64).T
    return Box(low, np.where(high > low, high, wide.wider(0.0).high))


def window_of(flow: Flow, view: Box, chosen: Mapping[str, tuple[float, float]]) -> Box:
    """What is shown of each state: what was chosen, else the view with a margin, within limits."""
    box = view.wider(_MARGIN).clipped(*limits_of(flow))
    pairs = [chosen.get(state, (box.low[i], box.high[i])) for i, state in enumerate(flow.states)]
    low, high = np.array(pairs, dtype=np.float64).T
    return Box(low, high)


def base_of(flow: Flow, held: Mapping[str, float], rests: Array, wide: Box) -> Array:
    """The values of all states in the slice, (states,); those on the axes are never used.

    States that are not held stand at the fixed point, of (states, points), that is nearest to the start values.
    """
    base = flow.start
    if rests.shape[1]:
        far = np.abs(rests - base[:, None]) / wide.wider(0.0).width[:, None]
        base = rests[:, far.max(axis=0).argmin()].copy()
    for path, value in held.items():
        base[flow.states.index(path)] = value
    return base
