"""Owns what a bifurcation diagram shows: a branch, where it is stable, its events. Must not know how it is drawn."""

from __future__ import annotations

import json

import numpy as np
import xarray as xr
from bokeh.models.ui import UIElement

from nbkit.errors import did_you_mean, fail, shown
from nbkit.plots.bifurcation_plan import ABOVE, EVENTS, SIDE, BifurcationPlan
from nbkit.plots.checks import require_picture
from nbkit.plots.label_places import label_places
from nbkit.plots.phase_plane import axis_label, eigenvalue_words, require_parts
from nbkit.plots.picture import Columns, Picture
from nbkit.plots.style import note_settings

Array = np.ndarray
#: Parts of a Dataset without which it is no branch.
NEEDED = ("event", "kind", "unstable", "frequency", "eigenvalue_real", "eigenvalue_imag")
#: A number below this share of the largest one is zero.
ROUNDING = 1e-9


def bifurcation(ds: xr.Dataset, variable: str | None = None, *, title: str = "", height: int = 400) -> UIElement:
    """Draw a branch of fixed points over the number that was changed: solid where stable, dashed where unstable.

    Folds, Hopf points and branch points are marked, with the number at which they lie; Hopf points also with the
    frequency of the rhythm that begins there. A branch of a network with delays is grey: its stability is not told.

    Args:
        ds: a result of `nbkit.study.continuation`.
        variable: a state or an algebraic variable such as ``"E.r"``; by default the first state.
        title: a heading; empty for none.
        height: height in pixels; the width follows the page.

    Returns:
        A Bokeh figure.

    Raises:
        NbkitError: ``bad-type`` for what is no Dataset, ``unknown-variable`` for one that is no branch, or for a
            variable that is not in it.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"P": nb.Population(nb.models.qif_mean_field, 1)}, time_unit="1")
        >>> figure = nb.plots.bifurcation(nb.study.continuation(net, "P.eta", -8.0, -2.0), "P.r")
    """
    return bifurcation_picture(ds, variable, title=title, height=height).draw()


def bifurcation_picture(ds: xr.Dataset, variable: str | None = None, *, title: str = "", height: int = 400) -> Picture:
    """Compute what `bifurcation` draws, as a `Picture` that a live figure can follow.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"P": nb.Population(nb.models.qif_mean_field, 1)}, time_unit="1")
        >>> nb.plots.bifurcation_picture(nb.study.continuation(net, "P.eta", -8.0, -2.0), "P.r").summary.split(": ")[0]
        'Branch of fixed points over P.eta from -8 to -2'
    """
    require_picture(ds, title, height)
    require_parts(ds, NEEDED, "a branch of fixed points", "nb.study.continuation(network, path, start, stop)")
    name = _variable(ds, variable)
    path = str(ds.attrs["parameter"])
    x, y = ds[path].values, ds[name].values
    told = bool(np.isfinite(ds["unstable"].values).any())
    plan = BifurcationPlan(
        names=(path, name),
        labels=(axis_label(ds[path], path, 90), axis_label(ds[name], name)),
        unit=str(ds["eigenvalue_real"].attrs.get("units", "")),
        told=told,
        events=tuple(event for event in EVENTS if (ds["event"].values == event).any()),
        title=title,
        height=height,
    )
    columns: dict[str, Columns] = {
        key: _line(ds, x, y, chosen) for key, chosen in _stretches(ds["unstable"].values, ds["event"].values).items()
    }
    words = _event_words(ds, x)
    for event in plan.events:
        chosen = ds["event"].values == event
        columns[event] = {"x": x[chosen], "y": y[chosen], "words": words[chosen]}
    columns["labels"] = _labels(x, y, words)
    note = str(ds.attrs.get("note", ""))
    return Picture(plan, columns, {"note": note_settings(note)}, _summary(ds, path, name, words, note))


def _variable(ds: xr.Dataset, variable: object) -> str:
    known = [str(n) for n in ds.data_vars if ds[n].dims == ("point",) and "variable" in ds[n].attrs]
    if variable is None:
        return known[0]
    if variable not in known:
        raise fail(
            "unknown-variable", "variable", f"{shown(variable)} is not in it", did_you_mean(str(variable), known)
        )
    return str(variable)


def _stretches(unstable: Array, events: Array) -> dict[str, Array]:
    """Which pieces between two neighbours are stable, unstable or not told, (points - 1,) each.

    A piece that ends at an event is what its other end is.
    """
    plain = events == ""
    before, after = unstable[:-1], unstable[1:]
    count = np.where(plain[:-1], before, np.where(plain[1:], after, np.maximum(before, after)))
    return {"stable": count == 0, "unstable": count > 0, "not told": ~np.isfinite(count)}


def _line(ds: xr.Dataset, x: Array, y: Array, chosen: Array) -> dict[str, Array]:
    """The chosen pieces as one line, with gaps."""
    unit = str(ds["eigenvalue_real"].attrs.get("units", ""))
    points: list[int] = []
    for i in np.flatnonzero(chosen):
        if not points or points[-1] != i:
            points += [-1, int(i)] if points else [int(i)]
        points.append(int(i) + 1)
    index = np.array(points, dtype=int)
    gap = index < 0
    values = zip(ds["eigenvalue_real"].values[index], ds["eigenvalue_imag"].values[index], strict=True)
    return {
        "x": np.where(gap, np.nan, x[index]) if len(index) else np.empty(0),
        "y": np.where(gap, np.nan, y[index]) if len(index) else np.empty(0),
        "kind": ds["kind"].values[index],
        "eigenvalues": np.array([eigenvalue_words(real, imag, unit) for real, imag in values], dtype=object),
    }


def _event_words(ds: xr.Dataset, x: Array) -> Array:
    """What a mark says: the event, its place, and the frequency of a Hopf point."""
    unit = str(ds["frequency"].attrs.get("units", ""))
    words = np.full(len(x), "", dtype=object)
    for i in np.flatnonzero(ds["event"].values != ""):
        rhythm = float(ds["frequency"].values[i])
        beside = f", {rhythm:.4g} {unit}" if np.isfinite(rhythm) else ""
        words[i] = f"{ds['event'].values[i]} {_plain(x[i], x):.5g}{beside}"
    return words


def _labels(x: Array, y: Array, words: Array) -> dict[str, Array]:
    """The words beside the marks, where they cover neither the branch nor each other."""
    at = np.flatnonzero(words != "")
    places = np.column_stack([_shares(x, SIDE), _shares(y, ABOVE)])
    chosen = label_places(places[at], [str(text) for text in words[at]], _filled(places))
    return {
        "x": x[at],
        "y": y[at],
        "words": words[at],
        "align": np.array([label.align for label in chosen], dtype=object),
        "baseline": np.array([label.baseline for label in chosen], dtype=object),
        "dx": np.array([label.dx for label in chosen], dtype=float),
        "dy": np.array([label.dy for label in chosen], dtype=float),
    }


def _shares(values: Array, margin: float) -> Array:
    """Values as shares of an axis that has a margin on both sides."""
    span = float(np.ptp(values)) or 1.0
    return np.asarray((values - values.min() + margin * span) / (span * (1 + 2 * margin)))


def _filled(places: Array) -> Array:
    """A line with so many vertices that none is far from the next, (vertices, 2)."""
    length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(places, axis=0).T))])
    along = np.linspace(0.0, length[-1], 600)
    return np.column_stack([np.interp(along, length, axis) for axis in places.T])


def _plain(value: float, values: Array) -> float:
    """A value without what rounding left of zero."""
    return 0.0 if abs(value) < ROUNDING * float(np.abs(values).max()) else float(value)


def _summary(ds: xr.Dataset, path: str, name: str, words: Array, note: str) -> str:
    """Say in words what the picture shows."""
    x, y = ds[path].values, ds[name].values
    found = "; ".join(word for word in words if word) or "no event"
    low, high = (_plain(edge, y) for edge in (y.min(), y.max()))
    ends = " and ".join(dict.fromkeys(json.loads(ds.attrs["ends"])))
    return (
        f"Branch of fixed points over {path} from {x.min():.3g} to {x.max():.3g}: {name} from {low:.3g} to "
        f"{high:.3g}; {found}. It ends where {ends}. {note}"
    ).strip()
