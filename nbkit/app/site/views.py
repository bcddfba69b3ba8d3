"""Owns the figures that a story may ask for: from a run, or from a network alone. Must not know pages."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import xarray as xr

from nbkit import plots, study
from nbkit.app.site.stories import Call
from nbkit.errors import did_you_mean, fail
from nbkit.network.network import Network
from nbkit.network.setup import Setup
from nbkit.plots import Picture
from nbkit.simulation import simulate

#: figures of a run
OF_A_RUN: dict[str, Callable[..., Picture]] = {
    "traces": plots.traces_picture,
    "heatmap": plots.heatmap_picture,
    "raster": plots.raster_picture,
    "rates": plots.rates_picture,
    "rate_boxes": plots.rate_boxes_picture,
    "spectrum": plots.spectrum_picture,
    "two_variables": plots.two_variables_picture,
    "histogram": plots.histogram_picture,
    "sheet": plots.sheet_picture,
    "space_time": plots.space_time_picture,
    "spike_statistics": plots.spike_statistics_picture,
}
#: figures that draw means, so that a sweep need not record each unit
OF_MEANS = ("traces", "two_variables", "spectrum")
#: pictures of a film
FRAMES = 120


def _phase_plane(network: Network, *asked: object, title: str = "", **given: object) -> Picture:
    return plots.phase_plane_picture(study.phase_plane(network, *asked, **given), title=title)  # type: ignore[arg-type]


def _bifurcation(network: Network, path: str, start: float, stop: float, variable: str, *, title: str = "") -> Picture:
    return plots.bifurcation_picture(study.continuation(network, path, start, stop), variable, title=title)


#: figures of a network
OF_A_NETWORK: dict[str, Callable[..., Picture]] = {"phase_plane": _phase_plane, "bifurcation": _bifurcation}


def known(call: Call) -> Callable[..., Picture]:
    """The function that makes a figure.

    Raises:
        NbkitError: ``unknown-view``.
    """
    table = OF_A_RUN | OF_A_NETWORK
    if call.name not in table:
        raise fail("unknown-view", "figure", f"there is no figure '{call.name}'", did_you_mean(call.name, table))
    return table[call.name]


def picture(call: Call, network: Network, ds: xr.Dataset) -> Picture:
    """Make a figure that a story asks for.

    Args:
        call: the figure.
        network: what it is a figure of.
        ds: the run of this network.

    Raises:
        NbkitError: ``unknown-view``, ``bad-syntax`` for arguments that it does not take, and what it cannot do.
    """
    make = known(call)
    about = network if call.name in OF_A_NETWORK else _few_frames(ds) if call.name == "sheet" else ds
    try:
        inspect.signature(make).bind(about, *call.arguments, **dict(call.keywords))
    except TypeError as error:
        raise fail("bad-syntax", f"figure {call.name}", str(error), "see nb.plots") from None
    return make(about, *call.arguments, **dict(call.keywords))


def _few_frames(ds: xr.Dataset) -> xr.Dataset:
    """No more samples than a film on a page needs."""
    every = -(-ds.sizes["time"] // FRAMES)
    return ds.isel(time=slice(None, None, every))


def run(network: Network, setup: Setup) -> xr.Dataset:
    """Run a network as its setup says."""
    return simulate(network, **setup.keywords())
