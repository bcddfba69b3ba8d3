"""Owns continuation: what becomes of a fixed point while one number of the network changes. Must not know plots."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nbkit.analysis.labels import frequency_unit
from nbkit.errors import NbkitError, Problem, did_you_mean, fail, shown
from nbkit.model.numbers import is_finite_number, is_whole, plain
from nbkit.network.network import Network
from nbkit.network.time import SECONDS
from nbkit.study.dynamics.branch import Curve, Place, between, followed, hopf_frequency, place_at, solved
from nbkit.study.dynamics.following import advance, begin
from nbkit.study.dynamics.given_flow import (
    about_number,
    about_variable,
    as_flow,
    limits_of,
    provenance,
    state_values,
    unknown_stability,
    variables_of,
)
from nbkit.study.dynamics.kinds import BORDER, kinds, unstable_directions
from nbkit.study.dynamics.resting import Box, boxes, polish, resting_points
from nbkit.study.dynamics.slopes import Slopes
from nbkit.study.flow import Flow
from nbkit.study.reduction import Reduction

if TYPE_CHECKING:
    import xarray as xr

Array = npt.NDArray[np.float64]

_MOST = 100_000
_STARTS = 200
_SETTLING = 3_000  # steps along the flow from the start values to a fixed point


def continuation(
    network: Network | Reduction | Flow,
    path: str,
    start: float,
    stop: float,
    *,
    at: float | None = None,
    near: Mapping[str, float] | None = None,
    points: int = 1000,
    progress: Callable[[int, int], None] | None = None,
) -> xr.Dataset:
    """Follow a branch of fixed points while one number changes, around folds, and tell where its stability changes.

    The branch begins at a fixed point and is followed both ways by pseudo-arclength, with steps that adapt to its
    bends. Folds, Hopf points and points where another branch crosses are located on the way; other branches are not
    followed. Events closer together than a step, a fiftieth of the whole picture, may be missed.

    Args:
        network: a network, its reduction or its flow.
        path: any number of the flow: ``"E.tau"``, ``"E->I.gain"``, ``"E.r_ext.amplitude"`` of a stimulus.
        start: one end of the range of this number.
        stop: the other end.
        at: the number at which to begin; by default that of the network if it lies in the range, else ``start``.
        near: states near which to begin; those left out at their start values. By default the fixed point to which
            the network goes from its start values, or else the one nearest to them.
        points: how many points to make in each direction, at most.
        progress: called with (points made, points at most) after each.

    Returns:
        Along ``point``, from one end of the branch to the other: the number, by its path; what `fixed_points` tells;
        ``event``: ``"fold"``, ``"Hopf"``, ``"branch point"`` or empty; ``frequency`` of the rhythm that begins at a
        Hopf point, in Hz or per model unit. The attribute ``ends`` tells why each end is one. If the network has
        delays, the branch is the same, but stability is not told, nor are Hopf points found.

    Raises:
        NbkitError: ``unknown-path``, ``empty-range``, ``outside-limits`` for a range beyond the limits of a parameter,
            ``bad-value`` where there is no fixed point to begin from.

    Source:
        Keller (1977) in Applications of Bifurcation Theory, Academic Press, 359-384.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"P": nb.Population(nb.models.qif_mean_field, 1)}, time_unit="1")
        >>> branch = nb.study.continuation(net, "P.eta", -10.0, 0.0)
        >>> branch["P.eta"].values[branch["event"] == "fold"].round(4).tolist()
        [-3.1361, -5.7435]
    """
    flow = as_flow(network)
    low, high = _range(flow, path, start, stop)
    if not is_whole(plain(points), 2, _MOST):
        raise fail("bad-value", "points", f"{shown(points)} is no number of points", f"from 2 to {_MOST}")
    own = flow.values[path]
    value = _beginning(at, low, high, own if low <= own <= high else float(start))
    curve, first = _begun(flow.with_value(path, value), path, high - low, state_values(flow, near, "near"))
    places, ends = _whole(curve, first, (low, high), int(points), _Counter(2 * int(points), progress))
    return _dataset(curve, _with_events(curve, places), ends)


def _whole(
    curve: Curve, first: Place, span: tuple[float, float], points: int, made: Callable[[], None]
) -> tuple[list[Place], tuple[str, str]]:
    """The branch in both directions, and why it ends on either side; from the lower number to the higher one."""
    forth, back = (_one_way(curve, place, span, points, made) for place in _both_ways(curve, first))
    if forth[1] == "the branch is closed":
        places, ends = [first, *forth[0]], (forth[1], forth[1])
    else:
        places, ends = [*reversed(back[0]), first, *forth[0]], (back[1], forth[1])
    return (places[::-1], ends[::-1]) if places[0].at[-1] > places[-1].at[-1] else (places, ends)


class _Counter:
    """Counts points and tells those who wait."""

    def __init__(self, most: int, told: Callable[[int, int], None] | None) -> None:
        self._made, self._most, self._told = 0, most, told

    def __call__(self) -> None:
        self._made += 1
        if self._told is not None:
            self._told(self._made, self._most)


def _range(flow: Flow, path: object, start: object, stop: object) -> tuple[float, float]:
    if path not in flow.values:
        hint = did_you_mean(str(path), flow.values)
        raise fail("unknown-path", "path", f"no number {shown(path)} in the flow", hint)
    wrong = [
        Problem("bad-value", where, f"{shown(value)} is no number", "such as 0.5")
        for where, value in (("start", start), ("stop", stop))
        if not is_finite_number(value)
    ]
    if wrong:
        raise NbkitError(wrong)
    low, high = sorted((float(start), float(stop)))  # type: ignore[arg-type]
    if low == high:
        raise fail("empty-range", "stop", f"the range from {low:g} to {high:g} is empty", "two different numbers")
    limits = flow.reduction.network.describe(str(path)).limits or (None, None)
    least, most = (-np.inf if limits[0] is None else limits[0]), (np.inf if limits[1] is None else limits[1])
    if low < least or high > most:
        what = f"the range from {low:g} to {high:g} leaves the limits {least:g} and {most:g} of {path}"
        raise fail("outside-limits", "start" if low < least else "stop", what, "a range within them")
    return low, high


def _beginning(at: object, low: float, high: float, default: float) -> float:
    if at is None:
        return default
    if not is_finite_number(at) or not low <= at <= high:  # type: ignore[operator]
        raise fail("bad-value", "at", f"{shown(at)} is no number in the range", f"from {low:g} to {high:g}")
    return float(at)  # type: ignore[arg-type]


def _begun(flow: Flow, path: str, span: float, near: dict[str, float]) -> tuple[Curve, Place]:
    """The curve, and the point on it where the branch begins."""
    slopes = Slopes.of(flow)
    wide, view = boxes(flow)
    width = np.maximum(view.width, 0.05 * wide.wider(0.0).width)
    unit = np.append(width, span)
    curve = Curve(flow, slopes, path, unit, np.ones(len(width)))
    point = _near(curve, Box(wide.low, wide.low + wide.wider(0.0).width), near)
    steep = np.abs(slopes.at(flow, point, (*flow.states, path))) @ unit
    curve = replace(curve, rates=np.where(np.isfinite(steep) & (steep > 0), steep, 1.0))
    at = np.append(point, flow.values[path]) / unit
    return curve, place_at(curve, at, np.eye(len(unit))[-1])


def _near(curve: Curve, wide: Box, near: dict[str, float]) -> Array:
    """The fixed point at which the branch begins."""
    flow, slopes, width, path = curve.flow, curve.slopes, curve.unit[:-1], curve.path
    start = np.array([near.get(state, value) for state, value in zip(flow.states, flow.start, strict=True)])
    found = polish(flow, slopes, start, width) if near else _settled(flow, slopes, start, width)
    if found is not None:
        return found
    others = resting_points(flow, wide.hull(start[:, None]), _STARTS, 0)[0]
    if near or not others.shape[1]:
        where = ", ".join(f"{state} = {value:.4g}" for state, value in near.items()) or "the start values"
        listed = "; ".join(", ".join(f"{s} = {v:.4g}" for s, v in zip(flow.states, p, strict=True)) for p in others.T)
        what = f"there is no fixed point near {where} at {path} = {flow.values[path]:g}"
        hint = f"near one of these: {listed}" if listed else "another number to begin from, with at="
        raise fail("bad-value", "near", what, hint)
    return np.asarray(others[:, (np.abs(others - start[:, None]) / width[:, None]).max(axis=0).argmin()])


def _settled(flow: Flow, slopes: Slopes, start: Array, width: Array) -> Array | None:
    """The fixed point to which a point goes, and near which it stays; None if it goes to none."""
    here, before = begin(flow, start[:, None]), None
    for _ in range(_SETTLING // 300):
        here = advance(flow, here, 300)
        point = here.states[:, 0]
        found = polish(flow, slopes, point, 0.01 * width) if np.isfinite(point).all() else None
        if found is not None and before is not None and (np.abs(found - before) < 1e-3 * width).all():
            return found
        if not here.step.any():
            return found
        before = found
    return None


def _both_ways(curve: Curve, first: Place) -> tuple[Place, Place]:
    return first, place_at(curve, first.at, -first.tangent)


def _one_way(
    curve: Curve, first: Place, span: tuple[float, float], points: int, made: Callable[[], None]
) -> tuple[list[Place], str]:
    """The branch in one direction up to the end of the range, which it meets exactly."""
    bounds = limits_of(curve.flow)
    low, high = (bound / curve.unit[-1] for bound in span)

    def inside(at: Array) -> str:
        states = curve.states_at(at)
        out = (states < bounds[0]) | (states > bounds[1])
        if not low <= at[-1] <= high:
            return f"{curve.path} reaches {span[int(at[-1] > high)]:g}"
        return f"{curve.flow.states[int(out.argmax())]} leaves its limits" if out.any() else ""

    places, reason = followed(curve, first, inside, points, made)
    last = places[-1] if places else first
    if reason.startswith(f"{curve.path} reaches"):
        edge = high if last.turn > 0 else low
        edge = low if reason.endswith(f" {span[0]:g}") and not reason.endswith(f" {span[1]:g}") else edge
        end = _at_edge(curve, last, edge)
        places += [end] if end is not None else []
    return places, reason


def _at_edge(curve: Curve, last: Place, edge: float) -> Place | None:
    """The point where a branch meets the end of the range; None if it is the last one already."""
    if abs(last.at[-1] - edge) < 1e-12 or abs(last.turn) < 1e-9:
        return None
    guess = last.at + (edge - last.at[-1]) / last.turn * last.tangent
    found = solved(curve, guess, np.eye(len(guess))[-1])
    if found is None:
        return None
    found[-1] = edge
    return place_at(curve, found, last.tangent)


def _with_events(curve: Curve, places: list[Place]) -> list[Place]:
    """The places, with the events between them put in."""
    whole = places[:1]
    for one, other in itertools.pairwise(places):
        along = other.at - one.at
        both = [place_at(curve, p.at, along) if p.tangent @ along < 0 else p for p in (one, other)]
        whole += [*between(curve, *both), other]
    return whole


def _dataset(curve: Curve, places: list[Place], ends: tuple[str, str]) -> xr.Dataset:
    import xarray  # noqa: PLC0415  half a second that only results need

    flow, path = curve.flow, curve.path
    states = np.array([curve.states_at(p.at) for p in places]).T + 0.0
    numbers = np.array([p.at[-1] for p in places]) * curve.unit[-1]
    values = np.array([p.values for p in places])
    turning = _values_at(flow, path, numbers)
    arrays: dict[str, Any] = {path: ("point", numbers, about_number(flow, path))}
    for name in (*flow.states, *variables_of(flow)):
        arrays[name] = ("point", turning.variable(name, states), about_variable(flow, name))
    unit = flow.reduction.network.time_unit
    rate = "" if unit == "1" else f"1/{unit}"
    for part, name in (("real", "growth"), ("imag", "angular frequency")):
        arrays[f"eigenvalue_{part}"] = ("point", "mode"), getattr(values, part), {"units": rate, "long_name": name}
    told = {"long_name": "eigenvalues with a positive real part"}
    arrays["unstable"] = "point", _unstable(places, values), told
    events = np.array([p.event for p in places], dtype=np.str_)
    delays = bool(unknown_stability(flow))
    kind = np.where((events == "") | delays, np.array(kinds(values), dtype=np.str_), BORDER)
    arrays["kind"] = "point", kind, {"long_name": "kind of fixed point"}
    arrays["event"] = "point", events, {"long_name": "what happens here"}
    cycles = 1 / (2 * np.pi * SECONDS.get(unit, 1.0))
    rhythm = np.array([hopf_frequency(p) * cycles if p.event == "Hopf" else np.nan for p in places])
    arrays["frequency"] = "point", rhythm, {"units": frequency_unit(unit), "long_name": "frequency of the rhythm"}
    attributes = provenance(flow, parameter=path, ends=json.dumps(ends))
    if delays:
        attributes["note"] = f"Stability {unknown_stability(flow)}; Hopf points are not looked for"
    return xarray.Dataset(arrays, {"point": np.arange(len(places))}, attributes)


def _values_at(flow: Flow, path: str, numbers: Array) -> Flow:
    """A flow whose number at a path is a different one at each point, for variables that depend on it."""
    return replace(flow, values={**flow.values, path: numbers})  # type: ignore[dict-item]


def _unstable(places: list[Place], values: npt.NDArray[np.complex128]) -> Array:
    """Unstable directions of each place; those that are just changing at an event do not count."""
    counts = unstable_directions(values)
    for i, place in enumerate(places[1:-1], 1):
        if place.event:
            counts[i] = min(counts[i - 1], counts[i + 1])
    return counts
