"""Owns what a picture of one variable against another shows: the way of the run. Must not know how it is drawn."""

from __future__ import annotations

import numpy as np
import xarray as xr
from bokeh.models.ui import UIElement

from nbkit.errors import fail
from nbkit.plots.checks import require_picture
from nbkit.plots.curve_plan import Curve, CurvePlan
from nbkit.plots.ghosts import COLOUR, Earlier, dash_of, require_earlier
from nbkit.plots.picture import Columns, Picture
from nbkit.plots.reduce import LINE_POINTS
from nbkit.plots.series import Series, note_on, read_series
from nbkit.plots.style import colour, note_settings

Array = np.ndarray


def two_variables(
    ds: xr.Dataset, x: str, y: str, *, compare: Earlier = (), title: str = "", height: int = 360
) -> UIElement:
    """Draw one variable against another, as the run went through both: the mean over units of each.

    A diamond marks the start, a square the end.

    Args:
        ds: a result of `nbkit.simulate`.
        x: name of the variable to the right, such as ``"E.r"``.
        y: name of the variable upwards.
        compare: earlier runs, as (label, Dataset), drawn grey and dashed.
        title: a heading; empty for none.
        height: height in pixels; the width follows the page.

    Returns:
        A Bokeh figure.

    Raises:
        NbkitError: a variable that was not recorded, one variable twice, what are no earlier runs.

    Example:
        >>> import nbkit as nb
        >>> figure = nb.plots.two_variables(nb.simulate(nb.networks.rhythm(), 100.0, 0.1), "E.r", "I.r")
    """
    return two_variables_picture(ds, x, y, compare=compare, title=title, height=height).draw()


def two_variables_picture(
    ds: xr.Dataset, x: str, y: str, *, compare: Earlier = (), title: str = "", height: int = 360
) -> Picture:
    """Compute what `two_variables` draws, as a `Picture` that a live figure can follow.

    Example:
        >>> import nbkit as nb
        >>> ds = nb.simulate(nb.networks.rhythm(), 100.0, 0.1)
        >>> nb.plots.two_variables_picture(ds, "E.r", "I.r").summary.split(", E")[0]
        'I.r against E.r, means over units: from (0.1, 0.1) to (0.203, 0.18)'
    """
    require_picture(ds, title, height)
    require_earlier(compare)
    if x == y:
        raise fail("bad-choice", "y", f"{y} against itself is a straight line", "another variable")
    right, up = read_series(ds, [x, y])
    columns: dict[str, Columns] = {}
    curves: list[Curve] = []
    for number, (label, other) in enumerate(compare):
        if x in other.data_vars and y in other.data_vars:
            columns[f"compare {number}"] = _way(*read_series(other, [x, y]))
            curves.append(Curve(f"compare {number}", label, COLOUR, dash=dash_of(number), width=1.6))
    columns["way"] = _way(right, up)
    xs, ys = columns["way"]["x"], columns["way"]["y"]
    for name, place in (("start", 0), ("end", -1)):
        columns[name] = {"x": xs[[place]], "y": ys[[place]]}
    curves.append(Curve("way", "this run", colour(0), width=1.8))
    curves += [Curve("start", "start", colour(0), kind="start"), Curve("end", "end", colour(0), kind="end")]
    plan = CurvePlan(
        _label(right), _label(up), (right.name, right.unit), (up.name, up.unit), tuple(curves),
        from_zero=False, title=title, height=height,
    )  # fmt: skip
    note = note_on((right, up))
    summary = (
        f"{y} against {x}, means over units: from ({xs[0]:.3g}, {ys[0]:.3g}) to ({xs[-1]:.3g}, {ys[-1]:.3g}), "
        f"{x} from {xs.min():.3g} to {xs.max():.3g}, {y} from {ys.min():.3g} to {ys.max():.3g}. {note}"
    )
    return Picture(plan, columns, {"note": note_settings(note)}, summary.strip())


def _label(one: Series) -> str:
    return f"{one.population}: {one.axis_label}"


def _way(right: Series, up: Series) -> Columns:
    """The means over units at the samples, thinned evenly where there are many."""
    every = max(1, -(-len(right.time) // (2 * LINE_POINTS)))
    rows = np.unique(np.append(np.arange(0, len(right.time), every), len(right.time) - 1))
    return {axis: one.values[rows].mean(axis=1, dtype=float) for axis, one in (("x", right), ("y", up))}
