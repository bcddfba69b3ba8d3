"""Owns basins: where a network ends up, from each start in a plane. Must not know plots."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nbkit.network.network import Network
from nbkit.study.dynamics.given_flow import (
    Ranges,
    about_variable,
    as_flow,
    limits_of,
    provenance,
    state_ranges,
    state_values,
    unknown_stability,
)
from nbkit.study.dynamics.kinds import NOT_TOLD, STABLE, eigenvalues, kinds
from nbkit.study.dynamics.plane import Plane, axes_of, base_of, places_of, require_plane, searched, window_of
from nbkit.study.dynamics.resting import Box, boxes, resting_points
from nbkit.study.dynamics.trajectories import require_duration, time_scales
from nbkit.study.dynamics.windows import TURN, AlongFlow, AsRun, Moving, Window
from nbkit.study.flow import Flow
from nbkit.study.reduction import Reduction

if TYPE_CHECKING:
    import xarray as xr

Array = npt.NDArray[np.float64]

#: what stands in ``attractor`` for a start that leaves, and for one that has not settled at the end
LEFT, UNSETTLED = -1, -2

_MOST = 400  # starts along each axis
_STARTS = 200  # of the search for fixed points
_ROUNDS = 5  # stretches of time, each twice as long as the one before
_LENGTHS = (5, 20, 100)  # the first: so many of the slowest times; at least, and at most, so many of the fastest
_STILL, _NEAR, _SAME, _ALIKE, _FAR = 1e-4, 2e-3, 0.005, 0.03, 20.0  # as shares of the box, of a cycle, and boxes away


def basin(
    network: Network | Reduction | Flow,
    x: str | None = None,
    y: str | None = None,
    ranges: Ranges | None = None,
    *,
    others: Mapping[str, float] | None = None,
    points: int = 50,
    duration: float | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> xr.Dataset:
    """Tell for every start in a plane where the network ends up: at which fixed point, on which cycle.

    A start has reached a fixed point if it stays within a ten-thousandth of the range; it is on a cycle if it goes
    through the same range again and again. The network is carried along its flow, to an accuracy of 1e-5 in each step,
    for up to five stretches of time, each twice as long as the one before. If it has delays, the reduced network runs
    by Euler's rule instead.

    Args:
        network: a network, its reduction or its flow.
        x: the state to the right, such as ``"E.r"``; the first one by default.
        y: the state upwards; the second one by default.
        ranges: of x, y or both; by default those of `phase_plane`.
        others: where other states begin; by default at the fixed point that is nearest to the start values.
        points: starts along each axis.
        duration: the first stretch of time; by default five times the slowest time constant of the fixed points,
            from 20 to 100 times the fastest.
        progress: called with (starts that have settled, starts) after each stretch.

    Returns:
        ``attractor`` (y, x): the number of an end, -1 for a start that leaves for good, -2 for one that has not
        settled. Along ``end``: ``end_kind``, the kind of fixed point, ``"cycle"`` or ``"held at a limit"``;
        ``end_name`` in words; ``lowest`` and ``highest`` (end, state); ``period`` of a cycle and one turn of it,
        ``cycle`` (end, state, sample); ``share`` of the starts.

    Raises:
        NbkitError: as `phase_plane`.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"P": nb.Population(nb.models.qif_mean_field, 1)}, time_unit="1")
        >>> nb.study.basin(net, points=12)["end_kind"].values.tolist()
        ['stable node', 'stable focus']
    """
    flow = as_flow(network)
    axes = axes_of(flow, x, y)
    chosen, held = state_ranges(flow, ranges), state_values(flow, others, "others")
    require_plane(axes, chosen, held, points, _MOST)
    require_duration(duration)
    wide, view = boxes(flow)
    rests, _ = resting_points(flow, searched(flow, wide, chosen), _STARTS, 0)
    base = base_of(flow, held, rests, wide)
    plane = Plane(axes, places_of(flow, axes), base, window_of(flow, view.hull(rests), chosen))
    starts = plane.grid(int(points))
    ends = Ends(flow, wide.hull(starts).hull(rests), rests)
    moving, length = _moving(flow, starts, rests, duration)
    attractor = _settled(moving, ends, starts.shape[1], length, progress)
    return _dataset(plane, attractor.reshape(int(points), -1), ends, moving)


def _moving(flow: Flow, starts: Array, rests: Array, duration: float | None) -> tuple[Moving, float]:
    """The starts on their way, and the length of the first stretch."""
    fast, slow = time_scales(flow, rests if rests.shape[1] else starts[:, :: len(starts.T) // 50 + 1])
    delay = max(flow.delays.values(), default=0.0)
    length = min(max(_LENGTHS[0] * slow, _LENGTHS[1] * fast), max(_LENGTHS[2] * fast, 10 * delay))
    length = length if duration is None else float(duration)
    return (AsRun(flow, starts, fast, length) if unknown_stability(flow) else AlongFlow(flow, starts)), length


@dataclass(eq=False)
class Ends:
    """The ends that starts have come to.

    Attributes:
        flow: the flow.
        box: where things happen.
        rests: fixed points, (states, points).
        kinds: the kind of each end.
        low, high: the range of each state on it, (states,) each.
        first: a start that came to it.
    """

    flow: Flow
    box: Box
    rests: Array
    kinds: list[str] = field(default_factory=list)
    low: list[Array] = field(default_factory=list)
    high: list[Array] = field(default_factory=list)
    first: list[int] = field(default_factory=list)

    def number(self, kind: str, low: Array, high: Array, start: int, near: float) -> int:
        """The number of an end: an old one if its range differs by less than this share, else a new one."""
        for n, old in enumerate(self.kinds):
            allowed = near * np.maximum(self.high[n] - self.low[n], 0.05 * self.box.width)
            if old == kind and (np.abs(low - self.low[n]) + np.abs(high - self.high[n]) <= 2 * allowed).all():
                return n
        self.kinds.append(kind)
        self.low.append(low)
        self.high.append(high)
        self.first.append(start)
        return len(self.kinds) - 1


def _settled(
    moving: Moving, ends: Ends, count: int, length: float, progress: Callable[[int, int], None] | None
) -> npt.NDArray[np.intp]:
    """The end of every start."""
    attractor = np.full(count, UNSETTLED)
    for turn in range(_ROUNDS):
        waiting = np.flatnonzero(attractor == UNSETTLED)
        if not len(waiting):
            break
        window = moving.window(waiting, length * 2**turn)
        attractor[waiting] = _judged(window, ends, waiting, last=turn == _ROUNDS - 1)
        if progress is not None:
            progress(int((attractor != UNSETTLED).sum()), count)
    return attractor


def _judged(window: Window, ends: Ends, starts: npt.NDArray[np.intp], *, last: bool) -> npt.NDArray[np.intp]:
    """The end of each point, as far as it is reached."""
    found = np.full(len(starts), UNSETTLED, dtype=np.intp)
    width = ends.box.wider(0.0).width[:, None]
    with np.errstate(all="ignore"):
        away = np.maximum(ends.box.low[:, None] - window.last, window.last - ends.box.high[:, None]) / width
        found[~np.isfinite(window.last).all(axis=0) | (away > _FAR).any(axis=0)] = LEFT
        reach = window.high - window.low
        still = (reach[1] <= _STILL * width).all(axis=0)
        changed = np.maximum(np.abs(window.low[1] - window.low[0]), np.abs(window.high[1] - window.high[0]))
        cycles = (changed <= _SAME * np.maximum(reach[1], 0.1 * _STILL * width)).all(axis=0)
    waiting = found == UNSETTLED
    found[waiting & still] = _rested(window.last[:, waiting & still], ends, starts[waiting & still], last=last)
    for n in np.flatnonzero(waiting & ~still & cycles):
        found[n] = ends.number("cycle", window.low[1, :, n], window.high[1, :, n], int(starts[n]), _ALIKE)
    return found


def _rested(points: Array, ends: Ends, starts: npt.NDArray[np.intp], *, last: bool) -> npt.NDArray[np.intp]:
    """The fixed point that each point, (states, points), has reached; not settled for those that may only pass by."""
    found = np.full(len(starts), UNSETTLED, dtype=np.intp)
    width = ends.box.wider(0.0).width
    kind = kinds(eigenvalues(ends.flow, ends.rests))
    for n, rest in enumerate(ends.rests.T):
        here = (np.abs(points - rest[:, None]) <= _NEAR * width[:, None]).all(axis=0) & (found == UNSETTLED)
        if here.any() and (last or kind[n] in (*STABLE, NOT_TOLD)):
            found[here] = ends.number(kind[n], rest, rest, int(starts[here.argmax()]), _NEAR)
    bounds = [bound[:, None] for bound in limits_of(ends.flow)]
    held = ((points <= bounds[0]) | (points >= bounds[1])).any(axis=0) & (found == UNSETTLED)
    for k in np.flatnonzero(held):
        found[k] = ends.number("held at a limit", points[:, k], points[:, k], int(starts[k]), _NEAR)
    return found


def _dataset(plane: Plane, attractor: npt.NDArray[np.intp], ends: Ends, moving: Moving) -> xr.Dataset:
    import xarray  # noqa: PLC0415  half a second that only results need

    flow, ticks = ends.flow, plane.ticks(len(attractor))
    order = sorted(range(len(ends.kinds)), key=lambda n: tuple(ends.low[n]))
    renumbered = np.array([*np.argsort(order), UNSETTLED, LEFT], dtype=int)  # the last two are met from the end
    states = len(flow.states)
    low, high = (np.array([held_[n] for n in order]).reshape(-1, states) for held_ in (ends.low, ends.high))
    names = [ends.kinds[n] for n in order]
    none = (np.nan, np.full((states, TURN), np.nan))
    turns = [moving.cycle(ends.first[n]) if ends.kinds[n] == "cycle" else none for n in order]
    shares = [float((attractor == n).mean()) for n in order]
    words = [_words(flow, plane.axes, *one) for one in zip(names, low, high, strict=True)]
    unit = flow.reduction.network.time_unit
    paths = np.array([path for _, path in turns])
    told = "number of the end; -1 leaves for good, -2 has not settled"
    arrays: dict[str, Any] = {
        "attractor": (("y", "x"), renumbered[attractor], {"long_name": told}),
        "end_kind": ("end", np.array(names, dtype=np.str_), {"long_name": "kind of end"}),
        "end_name": ("end", np.array(words, dtype=np.str_), {"long_name": "end in words"}),
        "lowest": (("end", "state"), low, {"long_name": "lowest value there"}),
        "highest": (("end", "state"), high, {"long_name": "highest value there"}),
        "cycle": (("end", "state", "sample"), paths.reshape(-1, states, TURN), {"long_name": "one turn of the cycle"}),
        "period": ("end", np.array([length for length, _ in turns]), {"units": unit, "long_name": "period"}),
        "share": ("end", np.array(shares), {"long_name": "share of the starts"}),
    }
    coordinates = {
        name: (name, ticks[k], about_variable(flow, path) | {"path": path})
        for k, (name, path) in enumerate(zip("xy", plane.axes, strict=True))
    }
    named = {"end": np.arange(len(order)), "state": list(flow.states)}
    solver = f"run with Euler's rule at dt = {moving.dt:g}" if isinstance(moving, AsRun) else "carried along the flow"
    attributes = provenance(flow, x=plane.axes[0], y=plane.axes[1], held=plane.held(flow), solver=solver)
    return xarray.Dataset(arrays, coordinates | named, attributes)


def _words(flow: Flow, axes: tuple[str, str], kind: str, low: Array, high: Array) -> str:
    kind = "fixed point" if kind == NOT_TOLD else kind
    parts = []
    for path in axes:
        i = flow.states.index(path)
        one = high[i] - low[i] <= 1e-9 * max(abs(low[i]), abs(high[i]))
        parts.append(f"{path} = {low[i]:.3g}" if one else f"{path} from {low[i]:.3g} to {high[i]:.3g}")
    return f"{kind}: {', '.join(parts)}"
