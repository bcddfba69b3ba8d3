"""Owns `explore`: a network, its sliders and its views, put together. Must not know how things look."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import ipywidgets
import xarray as xr

from nbkit.errors import did_you_mean, fail
from nbkit.network.network import Network
from nbkit.network.time import Time
from nbkit.plots import Picture, heatmap_picture, sheet_picture, space_time_picture, traces_picture
from nbkit.plots.predictions import Given
from nbkit.simulation import simulate
from nbkit.study.prediction import Check
from nbkit.widgets.controls import Control, controls
from nbkit.widgets.foretold import Foretold, Theory
from nbkit.widgets.panel import Draw, ExplorePanel
from nbkit.widgets.presenter import ExplorePresenter

Units = slice | Sequence[int] | None
View = Callable[[xr.Dataset, xr.Dataset, Units, Given], Picture]
#: Cells of all frames of a sheet together: few enough to be sent whenever a slider moves.
CELLS = 250_000


def _traces_view(result: xr.Dataset, before: xr.Dataset, units: Units, told: Given) -> Picture:
    return traces_picture(result, units=units, compare=[("before", before)], predictions=told)


def _space_time_view(result: xr.Dataset, _before: xr.Dataset, units: Units, told: Given) -> Picture:
    _refuse("a space-time plot", units)
    return space_time_picture(result, predictions=told)


def _of_all_units(words: str, draw: Callable[[xr.Dataset], Picture]) -> View:
    def view(result: xr.Dataset, _before: xr.Dataset, units: Units, told: Given) -> Picture:
        _refuse(words, units)
        if told:
            raise fail("bad-choice", "predictions", f"{words} tells no predictions", "the view 'traces'")
        return draw(result)

    return view


def _refuse(words: str, units: Units) -> None:
    if units is not None:
        what = f"{words} shows all recorded units"
        raise fail("bad-choice", "units", what, "leaving units out, or the view 'traces'")


#: name of a view -> how it draws a result, the result of the start values, and the chosen units
VIEWS: dict[str, View] = {
    "traces": _traces_view,
    "heatmap": _of_all_units("a heat map", heatmap_picture),
    "sheet": _of_all_units("a sheet", lambda result: sheet_picture(result, cells=CELLS)),
    "space_time": _space_time_view,
}


def explore(
    network: Network,
    ranges: Mapping[str, Sequence[float]],
    *,
    duration: Time,
    dt: Time,
    record: Sequence[str] | None = None,
    view: str = "traces",
    seed: int = 0,
    units: Units = None,
    backend: str = "numpy",
    predictions: Sequence[Theory] = (),
) -> Explorer:
    """Give every path a slider, and run the network anew whenever one moves.

    The figure shows the present run and, grey and dashed, the run of the start values. A run that fails says why; the
    last good picture stays. Without a page, too, setting ``.sliders["E.tau"].value`` runs the network at once.

    Args:
        network: what to explore; it is not changed.
        ranges: path -> (low, high) or (low, high, step), in the network's units.
        duration: length of a run, in the network's time unit, or such as ``"200 ms"``.
        dt: step, likewise.
        record: what to record and draw, as in `nbkit.simulate`.
        view: ``"traces"`` or ``"heatmap"``; for units with places also ``"sheet"`` or ``"space_time"``.
        seed: root of everything random; the same for every run, so that only the sliders make a difference.
        units: which single units ``"traces"`` draws: numbers, or a slice.
        backend: who computes, as in `nbkit.simulate`.
        predictions: theories to ask anew for every network, told below ``"traces"`` and ``"space_time"``: functions of
            a network, such as those of `nbkit.study.ready`, or predictions made by one.

    Returns:
        A widget with ``.network`` (with the present values), ``.result`` (the last good Dataset), ``.checks`` (theories
        beside it), ``.sliders`` (path -> slider), ``.figure`` and ``.reset()``.

    Raises:
        NbkitError: an unknown view, ranges that are empty or leave out the present value, paths that
            hold a law or an array, a network that cannot be run.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"E": nb.Population(nb.models.wilson_cowan, 10, initial={"r": 0.5})})
        >>> panel = nb.explore(net, {"E.tau": (1, 20)}, duration=20.0, dt=0.1)
        >>> panel.sliders["E.tau"].value = 5.0
        >>> panel.network.value("E.tau")
        5.0
    """
    if view not in VIEWS:
        raise fail("unknown-view", "view", f"there is no view '{view}'", did_you_mean(view, VIEWS))
    made = controls(network, ranges)
    told = Foretold(predictions, network)

    def run(edited: Network) -> xr.Dataset:
        told.ask(edited)
        return simulate(edited, duration=duration, dt=dt, record=record, seed=seed, backend=backend)

    def draw(result: xr.Dataset, before: xr.Dataset) -> Picture:
        return VIEWS[view](result, before, units, told.beside(result))

    return Explorer(network, made, run, draw, told)


class Explorer(ipywidgets.Box):
    """The widget that `explore` returns; make it with `explore`.

    Attributes:
        sliders: path -> slider.
        figure: the live figure.
    """

    def __init__(
        self,
        network: Network,
        made: Sequence[Control],
        run: Callable[[Network], xr.Dataset],
        draw: Draw,
        told: Foretold,
    ) -> None:
        self._told = told
        self._panel = ExplorePanel(made, draw)
        start = {control.path: control.as_value(control.start) for control in made}
        self._presenter = ExplorePresenter(network, start, run, self._panel)
        self._panel.listen(self._presenter.change, self._presenter.reset)
        self.sliders, self.figure = self._panel.sliders, self._panel.figure
        super().__init__(self._panel.boxes())
        self.add_class("nbkit-explore")

    @property
    def network(self) -> Network:
        """The network with the present values."""
        return self._presenter.network

    @property
    def result(self) -> xr.Dataset:
        """The last good result."""
        return self._presenter.result

    @property
    def checks(self) -> list[Check]:
        """What each theory says of the present network, beside the last good result."""
        return self._told.checks(self.result)

    def reset(self) -> None:
        """Return to the start values."""
        self._presenter.reset()
