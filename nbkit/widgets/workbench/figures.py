"""Owns which pictures can show a run, and what each of them asks. Must not know the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import xarray as xr

from nbkit.analysis.reading import spiking
from nbkit.errors import fail
from nbkit.network.setup import Setup
from nbkit.plots import (
    Picture,
    heatmap_picture,
    histogram_picture,
    raster_picture,
    rates_picture,
    sheet_picture,
    spectrum_picture,
    traces_picture,
    two_variables_picture,
    weight_matrix_picture,
)
from nbkit.plots.ghosts import Earlier
from nbkit.plots.histogram import countable
from nbkit.plots.predictions import Given
from nbkit.study.weights import weight_matrix
from nbkit.widgets.workbench.plane import plane_picture, plane_states, why_no_plane
from nbkit.widgets.workbench.view import Shown

_CELLS = 150_000  # of all frames of a sheet together, so that it is sent quickly
#: Height of a figure alone, and of one of two, in pixels.
ALONE, ONE_OF_TWO = 300, 230


@dataclass(frozen=True)
class Ask:
    """What a figure asks: a key, what it is called, and what can be chosen, the usual answer first."""

    key: str
    words: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Scene:
    """What a figure shows.

    Attributes:
        run: the present run.
        earlier: runs to compare with, each with its name.
        chosen: the answers to what the figure asks.
        predictions: those that are drawn.
        height: in pixels.
    """

    run: Shown
    earlier: Earlier = ()
    chosen: Mapping[str, str] = ()  # type: ignore[assignment]
    predictions: Given = ()
    height: int = ALONE

    @property
    def result(self) -> xr.Dataset:
        """The samples and spikes."""
        return self.run.result


@dataclass(frozen=True)
class Figure:
    """A kind of figure.

    Attributes:
        fits: whether it can show a run at all; else it is not offered.
        draw: makes the picture.
        asks: what it asks.
        why_not: why it cannot show a run although it is offered; empty if it can.
    """

    fits: Callable[[Shown], bool]
    draw: Callable[[Scene], Picture]
    asks: Callable[[Shown], tuple[Ask, ...]] = lambda _: ()
    why_not: Callable[[Shown], str] = lambda _: ""


def over_time(run: Shown) -> tuple[str, ...]:
    """Names of the variables that were recorded over time."""
    held = run.result.variables
    return tuple(str(name) for name in run.result.data_vars if "time" in held[name].dims)


def asked(figure: Figure, run: Shown, chosen: Mapping[str, str]) -> dict[str, str]:
    """What was chosen where that is possible, else the usual answer; two questions never have one answer."""
    found: dict[str, str] = {}
    for ask in figure.asks(run):
        free = [option for option in ask.options if option not in found.values()] or list(ask.options)
        wish = chosen.get(ask.key, "")
        found[ask.key] = wish if wish in free else free[0]
    return found


def _traces(scene: Scene) -> Picture:
    names = over_time(scene.run)
    earlier = [(label, ds) for label, ds in scene.earlier if set(names) <= set(map(str, ds.data_vars))]
    return traces_picture(
        scene.result, compare=earlier, band="none", units=[], height=scene.height, predictions=scene.predictions
    )


def _two(scene: Scene) -> Picture:
    chosen = scene.chosen
    return two_variables_picture(
        scene.result, chosen["x"], chosen["y"], compare=scene.earlier, height=scene.height + 20
    )


def _weights(scene: Scene) -> Picture:
    setup: Setup = scene.run.revision.setup
    matrix = weight_matrix(
        scene.run.revision.network, scene.chosen["projection"], setup.dt, seed=setup.seed, delays=setup.delays
    )
    return weight_matrix_picture(matrix, height=scene.height + 20)


def _spectrum(scene: Scene) -> Picture:
    names = _alike(scene.run)
    return spectrum_picture(scene.result, list(names), compare=scene.earlier, height=scene.height)


def _alike(run: Shown) -> tuple[str, ...]:
    """The variables over time that share the quantity of the first, so that one axis holds them."""
    names = over_time(run)
    kinds = {name: run.result[name].attrs.get("long_name") for name in names}
    return tuple(name for name in names if kinds[name] == kinds[names[0]])


def _ask_of(key: str, words: str, options: Callable[[Shown], tuple[str, ...]]) -> Callable[[Shown], tuple[Ask, ...]]:
    return lambda run: (Ask(key, words, options(run)),)


def _ask_two(run: Shown) -> tuple[Ask, ...]:
    names = over_time(run)
    return Ask("x", "x axis", names), Ask("y", "y axis", (*names[1:], names[0]))


def _ask_plane(run: Shown) -> tuple[Ask, ...]:
    states = plane_states(run)
    return (Ask("x", "x axis", states), Ask("y", "y axis", (*states[1:], states[0]))) if len(states) > 2 else ()


def _projections(run: Shown) -> tuple[str, ...]:
    return tuple(p.name for p in run.revision.network.projections)


def _in_space(run: Shown) -> bool:
    return any(str(d).endswith("grid_y") for d in run.result.dims)


def _many_units(run: Shown) -> tuple[str, ...]:
    return tuple(name for name in over_time(run) if len(run.result.variables[name].dims) > 1)


#: name -> figure, the one that suits a run best before the others
FIGURES: dict[str, Figure] = {
    "Sheet": Figure(_in_space, lambda s: sheet_picture(s.result, cells=_CELLS, height=s.height + 20)),
    "Raster": Figure(lambda run: bool(spiking(run.result)), lambda s: raster_picture(s.result, height=s.height)),
    "Rate": Figure(
        lambda run: bool(spiking(run.result)),
        lambda s: rates_picture(s.result, compare=s.earlier, height=s.height),
    ),
    "Traces": Figure(lambda run: bool(over_time(run)), _traces),
    "Heatmap": Figure(
        lambda run: bool(_many_units(run)),
        lambda s: heatmap_picture(s.result, s.chosen["variable"], height=s.height),
        _ask_of("variable", "variable", _many_units),
    ),
    "Spectrum": Figure(lambda run: bool(over_time(run)), _spectrum),
    "Phase plane": Figure(
        lambda run: bool(run.revision.network.populations),
        lambda s: plane_picture(s.run, s.chosen.get("x"), s.chosen.get("y"), height=s.height + 20),
        _ask_plane,
        why_no_plane,
    ),
    "Two variables": Figure(lambda run: len(over_time(run)) > 1, _two, _ask_two),
    "Weights": Figure(lambda run: bool(_projections(run)), _weights, _ask_of("projection", "projection", _projections)),
    "Histogram": Figure(
        lambda run: bool(countable(run.result)),
        lambda s: histogram_picture(s.result, s.chosen["variable"], compare=s.earlier, height=s.height),
        _ask_of("variable", "values", lambda run: tuple(countable(run.result))),
    ),
}


def fitting(run: Shown) -> list[str]:
    """Names of the figures that are offered for a run, the best one first."""
    return [name for name, figure in FIGURES.items() if figure.fits(run)]


def drawn(name: str, scene: Scene) -> Picture:
    """The picture of a run.

    Raises:
        NbkitError: ``unknown-view`` for a figure that is not offered, ``bad-choice`` with the reason why one cannot
            show the run, and what the picture itself finds.
    """
    figure = FIGURES.get(name)
    if figure is None or not figure.fits(scene.run):
        raise fail("unknown-view", name, "cannot show this run", ", ".join(fitting(scene.run)))
    why = figure.why_not(scene.run)
    if why:
        raise fail("bad-choice", name, why, "another figure")
    return figure.draw(scene)
