"""Owns the phase plane: how two states of a network move each other. Must not know plots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nbkit.errors import fail, shown
from nbkit.model.numbers import is_finite_number
from nbkit.network.network import Network
from nbkit.study.dynamics.given_flow import (
    Ranges,
    about_variable,
    as_flow,
    provenance,
    state_ranges,
    state_values,
    unknown_stability,
)
from nbkit.study.dynamics.plane import Plane, axes_of, base_of, in_plane, places_of, require_plane, searched, window_of
from nbkit.study.dynamics.resting import boxes, resting_points
from nbkit.study.dynamics.trajectories import require_duration, trajectories
from nbkit.study.dynamics.zero_lines import zero_lines
from nbkit.study.fixed_points import point_dataset
from nbkit.study.flow import Flow
from nbkit.study.reduction import Reduction

if TYPE_CHECKING:
    import xarray as xr

Array = npt.NDArray[np.float64]

_CELLS = 200  # of the grid on which nullclines are looked for, along each axis
_STARTS = 200  # of the search for fixed points
_MOST = 1_000


def phase_plane(
    network: Network | Reduction | Flow,
    x: str | None = None,
    y: str | None = None,
    ranges: Ranges | None = None,
    *,
    others: Mapping[str, float] | None = None,
    starts: Sequence[Sequence[float]] | None = None,
    duration: float | None = None,
    points: int = 61,
) -> xr.Dataset:
    """Show how two states of a network move each other: vector field, nullclines, fixed points, trajectories.

    Field and nullclines are those of the flow, which knows no delays. Of more than two states they are a slice, in
    which the others are held. Fixed points are those of all states; trajectories that begin in a slice leave it. They
    are solved from the flow to 1e-6, by LSODA; with delays the reduced network runs by Euler's rule instead.

    Args:
        network: a network, its reduction or its flow.
        x: the state to the right, such as ``"E.r"``; the first one by default.
        y: the state upwards; the second one by default.
        ranges: of x, y or both; by default they hold the fixed points, what is reached from the start values and
            around them, and the trajectories, with a margin.
        others: values of other states; those left out are held at the fixed point nearest to the start values.
        starts: where trajectories begin, as pairs (x, y) in the slice; by default one, from the start values.
        duration: how long trajectories are; by default ten times the slowest time constant of the fixed points, from
            20 to 300 times the fastest.
        points: places of the field along each axis.

    Returns:
        Coordinates ``x`` and ``y``; the field ``x_speed`` and ``y_speed`` (y, x); ``x_nullcline`` (x_vertex, xy) and
        ``y_nullcline``, lines along which x, or y, does not change, with a row of NaN between two of them; along
        ``point`` what `fixed_points` tells, and ``in_plane``: whether it lies in the slice; ``trajectory`` (start,
        state, sample) and ``trajectory_time`` (start, sample). The attribute ``held`` tells the values of the other
        states, ``solver`` how trajectories were made.

    Raises:
        NbkitError: ``no-reduction`` for a network without a flow or of one state, ``unknown-path``, ``bad-choice`` for
            the same state twice, ``empty-range``, ``bad-value``, ``bad-duration``.

    Source:
        LSODA: Petzold (1983) SIAM J. Sci. Stat. Comput. 4:136-148.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"N": nb.Population(nb.models.fitzhugh_nagumo, 1)}, time_unit="1")
        >>> v, w = nb.study.phase_plane(net, "N.v", "N.w")["x_nullcline"].values.T
        >>> bool(abs(w - (v - v**3 / 3)).max() < 1e-9)
        True
    """
    flow = as_flow(network)
    axes = axes_of(flow, x, y)
    chosen, held = state_ranges(flow, ranges), state_values(flow, others, "others")
    require_plane(axes, chosen, held, points, _MOST)
    require_duration(duration)
    return _shown(flow, axes, (chosen, held), _starts(starts), (duration, int(points)))


def _shown(
    flow: Flow,
    axes: tuple[str, str],
    given: tuple[dict[str, tuple[float, float]], dict[str, float]],
    begin: Array | None,
    length: tuple[float | None, int],
) -> xr.Dataset:
    wide, view = boxes(flow)
    rests, crowded = resting_points(flow, searched(flow, wide, given[0]), _STARTS, 0)
    base, places = base_of(flow, given[1], rests, wide), places_of(flow, axes)
    whole = flow.start[:, None] if begin is None else in_plane(base, places, begin.T)
    ways, times, solver = trajectories(flow, whole, length[0], rests)
    seen = ways.swapaxes(0, 1).reshape(len(base), -1)
    view = view.hull(rests).hull(whole).hull(seen[:, wide.wider(0.5).inside(seen)])
    plane = Plane(axes, places, base, window_of(flow, view, given[0]))
    notes = ["The flow seems to rest along a line"] if crowded else []
    if unknown_stability(flow):
        notes.append("Arrows and nullclines leave the delays out; stability is not told")
    attributes = provenance(flow, x=axes[0], y=axes[1], held=plane.held(flow), solver=solver, note=". ".join(notes))
    made = point_dataset(flow, rests, attributes).assign(_fields(flow, plane, length[1]))
    off = np.abs(rests - base[:, None]) / wide.wider(0.0).width[:, None]
    off[list(places)] = 0.0
    inside = ("point", off.max(axis=0, initial=0.0) < 1e-6, {"long_name": "lies in the slice that is shown"})
    return made.assign({"in_plane": inside, **_ways(flow, ways, times)})


def _starts(given: object) -> Array | None:
    """Pairs (starts, 2); None by default."""
    if given is None:
        return None
    rows: list[Any] = list(given) if isinstance(given, list | tuple | np.ndarray) else [None]
    good = all(isinstance(row, list | tuple | np.ndarray) and len(row) == 2 for row in rows)
    if not good or not all(is_finite_number(value) for row in rows for value in row):
        raise fail("bad-value", "starts", f"{shown(given)} are no places in the plane", "[(0.1, 0.2), (0.5, 0.0)]")
    return np.array(rows, dtype=np.float64).reshape(-1, 2)


def _fields(flow: Flow, plane: Plane, points: int) -> dict[str, Any]:
    """The vector field and the nullclines."""
    ticks, fine = plane.ticks(points), plane.ticks(_CELLS + 1)
    speed = flow.speed(plane.grid(points)).reshape(-1, points, points)
    unit = flow.reduction.network.time_unit
    found: dict[str, Any] = {}
    for k, (name, path, index) in enumerate(zip("xy", plane.axes, plane.places, strict=True)):
        about = about_variable(flow, path) | {"path": path}
        found[name] = (name, ticks[k], about)
        per = f"{about['units'] or '1'}/{unit}" if unit != "1" else about["units"]
        found[f"{name}_speed"] = (("y", "x"), speed[index], {"units": per, "long_name": f"speed of {path}"})

        def along(places: Array, index: int = index) -> Array:
            return np.asarray(flow.speed(in_plane(plane.base, plane.places, places))[index])

        lines = zero_lines(along, *fine)
        found[f"{name}_nullcline"] = ((f"{name}_vertex", "xy"), lines, {"long_name": f"where {path} does not change"})
    return found | {"xy": ("xy", ["x", "y"])}


def _ways(flow: Flow, ways: Array, times: Array) -> dict[str, Any]:
    unit = flow.reduction.network.time_unit
    return {
        "trajectory": (("start", "state", "sample"), ways, {"long_name": "trajectory"}),
        "trajectory_time": (("start", "sample"), times, {"units": unit, "long_name": "time since the start"}),
        "state": ("state", list(flow.states)),
    }
