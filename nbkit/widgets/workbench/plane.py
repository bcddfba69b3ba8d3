"""Owns the phase plane of a run: the arrows of its network, and the way that the run took. Must not know the page."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import xarray as xr

from nbkit.errors import NbkitError
from nbkit.network.network import Network
from nbkit.plots import Picture, phase_plane_picture
from nbkit.results import unit_dims
from nbkit.study import flow_of, phase_plane
from nbkit.widgets.workbench.view import Shown

Array = np.ndarray
#: Points of the way of a run, and a moment so short that no way is solved beside it.
_POINTS, _MOMENT = 1500, 1e-3


def plane_states(run: Shown) -> tuple[str, ...]:
    """The states of the network's mean field; none where it has none."""
    return _states(run.revision.network)[0]


def why_no_plane(run: Shown) -> str:
    """Why there is no phase plane of a network; empty if there is one."""
    return _states(run.revision.network)[1]


@lru_cache(maxsize=4)
def _states(network: Network) -> tuple[tuple[str, ...], str]:
    try:
        states = tuple(flow_of(network).states)
    except NbkitError as error:
        first = error.problems[0]
        return (), f"{first.where}: {first.what}"
    if len(states) < 2:
        return (), "it needs two states, and this network has one"
    return states, ""


def plane_picture(run: Shown, x: str | None, y: str | None, *, height: int) -> Picture:
    """The phase plane with the means over units of the run as a trajectory.

    Args:
        run: the run.
        x: the state to the right; None for the first.
        y: the state upwards; None for the second.
        height: in pixels.

    Raises:
        NbkitError: what `nbkit.study.phase_plane` finds.
    """
    states = plane_states(run)
    x, y = x or states[0], y or states[1]
    way = _way(run.result, states)
    places = [states.index(x), states.index(y)]
    found = _plane(run.revision.network, x, y, _corners(way[places]))
    found = found.drop_vars(["trajectory", "trajectory_time"]).assign(
        trajectory=(("start", "state", "sample"), way[None], {"long_name": "the run, means over units"})
    )
    return phase_plane_picture(found, height=height)


@lru_cache(maxsize=4)
def _plane(network: Network, x: str, y: str, corners: tuple[tuple[float, float], ...]) -> xr.Dataset:
    return phase_plane(network, x, y, starts=list(corners) or None, duration=_MOMENT)


def _corners(way: Array) -> tuple[tuple[float, float], ...]:
    """The farthest places of a way to all four sides, (2, samples), so that the axes hold them."""
    finite = way[:, np.isfinite(way).all(axis=0)]
    if not finite.size:
        return ()
    ends = {int(pick(row)) for row in finite for pick in (np.argmin, np.argmax)}
    return tuple((float(f"{finite[0, k]:.2g}"), float(f"{finite[1, k]:.2g}")) for k in sorted(ends))


def _way(result: xr.Dataset, states: tuple[str, ...]) -> Array:
    """Means over units of every state, (states, samples); NaN for one that was not recorded."""
    every = max(1, -(-result.sizes["time"] // _POINTS))
    some = result.isel(time=slice(None, None, every))
    nothing = np.full(some.sizes["time"], np.nan)
    known = {name: some[name] for name in states if name in some.data_vars and "time" in some[name].dims}
    means = {name: array.mean(unit_dims(array)).to_numpy() for name, array in known.items()}
    return np.array([means.get(name, nothing) for name in states])
