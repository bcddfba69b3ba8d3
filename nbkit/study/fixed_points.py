"""Owns the fixed points of a network: where its flow rests, and whether it returns there. Must not know plots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nbkit.errors import fail, shown
from nbkit.model.numbers import is_whole, plain
from nbkit.network.network import Network
from nbkit.study.dynamics.given_flow import (
    Ranges,
    about_variable,
    as_flow,
    limits_of,
    provenance,
    state_ranges,
    variables_of,
)
from nbkit.study.dynamics.kinds import eigenvalues, kinds, unstable_directions
from nbkit.study.dynamics.resting import Box, boxes, resting_points
from nbkit.study.flow import Flow
from nbkit.study.reduction import Reduction

if TYPE_CHECKING:
    import xarray as xr

Array = npt.NDArray[np.float64]

_MOST_STARTS = 100_000


def fixed_points(
    network: Network | Reduction | Flow, ranges: Ranges | None = None, starts: int = 200, seed: int = 0
) -> xr.Dataset:
    """Find the points at which a network rests, and tell of each whether it is stable.

    They are looked for from many starts, which fill the ranges evenly, by damped Newton steps; of two states also
    where the nullclines cross. Of more than two, a point that no start leads to is missed: more starts find more.
    A state that rests at one of its limits, where it is held, is not found.

    Without ranges the search covers what the network may reach: points around its start values, as far away as these
    are large and at least 1, and everything that the flow visits from there; cut at the limits of the states, and at 0
    for states that begin at or above it and cannot fall below.

    Args:
        network: a network, its reduction or its flow.
        ranges: state -> the lowest and the highest value to look at; states that are left out are looked for as above.
        starts: how many points the search begins from.
        seed: shifts the starts.

    Returns:
        Along ``point``, in the order of the first state: every state and algebraic variable; ``kind``, one of
        ``"stable node"``, ``"stable focus"``, ``"saddle"``, ``"unstable focus"``, ``"unstable node"``, ``"centre or on
        the border"``; ``unstable``, the number of eigenvalues with a positive real part; ``eigenvalue_real`` and
        ``eigenvalue_imag``, (point, mode), per unit of time, the least stable first. The first eigenvalue makes the
        kind: complex for a focus, around which the flow turns; real and positive for a saddle where others lead in,
        for a node where none does. If the network has delays, its fixed points are these, but their stability is not
        told: the eigenvalues are NaN. The attribute ``note`` says where the search may have missed something.

    Raises:
        NbkitError: ``no-reduction`` for a network without a flow, ``unknown-path`` and ``empty-range`` for ranges,
            ``bad-value`` for ``starts``, ``bad-seed``.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"P": nb.Population(nb.models.qif_mean_field, 1)}, time_unit="1")
        >>> points = nb.study.fixed_points(net)
        >>> points["P.r"].values.round(5).tolist(), points["kind"].values.tolist()
        ([0.08113, 0.47298, 1.0306], ['stable node', 'saddle', 'stable focus'])
    """
    flow = as_flow(network)
    chosen = state_ranges(flow, ranges)
    if not is_whole(plain(starts), 1, _MOST_STARTS):
        hint = f"from 1 to {_MOST_STARTS}"
        raise fail("bad-value", "starts", f"{shown(starts)} is no number of starts", hint)
    if not is_whole(plain(seed)):
        raise fail("bad-seed", "seed", f"{shown(seed)} is no seed", "a whole number, zero or more")
    box = search_box(flow, chosen, seed)
    points, crowded = resting_points(flow, box, starts, seed)
    return point_dataset(flow, points, provenance(flow, note=_note(flow, crowded=crowded)))


def search_box(flow: Flow, chosen: dict[str, tuple[float, float]], seed: int = 0) -> Box:
    """The ranges that were chosen, and those that are searched for the other states."""
    wide = boxes(flow, seed)[0] if set(chosen) < set(flow.states) else Box(flow.start, flow.start)
    pairs = [chosen.get(state, (wide.low[i], wide.high[i])) for i, state in enumerate(flow.states)]
    low, high = np.array(pairs, dtype=np.float64).T
    box = Box(low, high)
    return Box(low, np.where(box.width > 0, high, box.wider(0.0).high))


def point_dataset(flow: Flow, points: Array, attributes: dict[str, Any]) -> xr.Dataset:
    """Points of rest, (states, points), with what is told of them."""
    import xarray  # noqa: PLC0415  half a second that only results need

    arrays: dict[str, Any] = {}
    for path in (*flow.states, *variables_of(flow)):
        arrays[path] = ("point", flow.variable(path, points), about_variable(flow, path))
    values = eigenvalues(flow, points)
    rate = "" if flow.reduction.network.time_unit == "1" else f"1/{flow.reduction.network.time_unit}"
    for part, name in (("real", "growth"), ("imag", "angular frequency")):
        arrays[f"eigenvalue_{part}"] = ("point", "mode"), getattr(values, part), {"units": rate, "long_name": name}
    told = {"long_name": "eigenvalues with a positive real part"}
    arrays["unstable"] = "point", unstable_directions(values), told
    arrays["kind"] = "point", np.array(kinds(values), dtype=np.str_), {"long_name": "kind of fixed point"}
    return xarray.Dataset(arrays, {"point": np.arange(points.shape[1])}, attributes)


def _note(flow: Flow, *, crowded: bool) -> str:
    low, high = limits_of(flow)
    limited = [s for s, pair in zip(flow.states, zip(low, high, strict=True), strict=True) if np.isfinite(pair).any()]
    parts = ["The flow seems to rest along a line; only some of its points are listed"] if crowded else []
    if limited:
        parts.append(f"A state that rests at its limit is not found: {', '.join(limited)}")
    return ". ".join(parts)
