"""Owns what a picture of basins shows: the end of every start, and the ends. Must not know how it is drawn."""

from __future__ import annotations

import json

import numpy as np
import xarray as xr
from bokeh.models.ui import UIElement

from nbkit.plots.basin_plan import BasinPlan
from nbkit.plots.checks import require_picture
from nbkit.plots.phase_plane import axis_label, require_parts, time_words
from nbkit.plots.picture import Columns, Picture
from nbkit.plots.style import note_settings

Array = np.ndarray
#: Parts of a Dataset without which it shows no basins.
NEEDED = ("attractor", "end_kind", "end_name", "lowest", "highest", "cycle", "period", "share")
#: What is said of starts that come to no end, by their number.
NO_END = {-1: "leaves for good", -2: "has not settled"}


def basin(ds: xr.Dataset, *, title: str = "", height: int = 440) -> UIElement:
    """Draw where a network ends up from each start: one colour for each end, with the ends on top.

    Fixed points are dots, cycles closed lines. Starts that leave for good are white, those that have not settled grey.

    Args:
        ds: a result of `nbkit.study.basin`.
        title: a heading; empty for none.
        height: height in pixels; the width follows the page.

    Returns:
        A Bokeh figure.

    Raises:
        NbkitError: ``bad-type`` for what is no Dataset, ``unknown-variable`` for one without basins.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"P": nb.Population(nb.models.qif_mean_field, 1)}, time_unit="1")
        >>> figure = nb.plots.basin(nb.study.basin(net, "P.r", "P.v", points=12))
    """
    return basin_picture(ds, title=title, height=height).draw()


def basin_picture(ds: xr.Dataset, *, title: str = "", height: int = 440) -> Picture:
    """Compute what `basin` draws, as a `Picture` that a live figure can follow.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"P": nb.Population(nb.models.qif_mean_field, 1)}, time_unit="1")
        >>> nb.plots.basin_picture(nb.study.basin(net, "P.r", "P.v", points=12)).summary.split(": ")[0]
        'Basins in the plane of P.r and P.v'
    """
    require_picture(ds, title, height)
    require_parts(ds, NEEDED, "a picture of basins", "nb.study.basin(network)")
    image = ds["attractor"].values
    lost = tuple(number for number in NO_END if (image == number).any())
    words = [_words(ds, n) for n in range(ds.sizes["end"])]
    x, y = (str(ds[axis].attrs["path"]) for axis in "xy")
    steps = [float(np.diff(ds[axis].values).mean()) for axis in "xy"]
    plan = BasinPlan(
        labels=(axis_label(ds["x"], x, 90), axis_label(ds["y"], y)),
        names=(x, y),
        image=(float(ds["x"][0]) - steps[0] / 2, float(ds["y"][0]) - steps[1] / 2),
        size=(steps[0] * image.shape[1], steps[1] * image.shape[0]),
        ends=tuple(words),
        lost=tuple((number, NO_END[number]) for number in lost),
        title=title,
        height=height,
    )
    places = [list(ds["state"].values).index(path) for path in (x, y)]
    still = ds["end_kind"].values != "cycle"
    middles = (ds["lowest"].values + ds["highest"].values) / 2
    columns: dict[str, Columns] = {
        "image": {"image": image[None].astype(np.float32)},
        "points": {
            "x": middles[still][:, places[0]],
            "y": middles[still][:, places[1]],
            "words": np.array(words, dtype=object)[still],
        },
        "cycles": {
            "xs": ds["cycle"].values[~still][:, places[0]],
            "ys": ds["cycle"].values[~still][:, places[1]],
        },
    }
    note = _note(ds)
    shares = [
        f"{text} from {100 * float(share):.0f} % of the starts" for text, share in zip(words, ds["share"], strict=True)
    ]
    shares += [f"{100 * float((image == n).mean()):.0f} % of the starts: {NO_END[n]}" for n in lost]
    summary = f"Basins in the plane of {x} and {y}: {'; '.join(shares)}. {note}".strip()
    return Picture(plan, columns, {"note": note_settings(note)}, summary)


def _words(ds: xr.Dataset, number: int) -> str:
    """What an end is, in the legend."""
    name, period = str(ds["end_name"].values[number]), float(ds["period"].values[number])
    unit = time_words(ds) if ds.attrs.get("time_unit") == "1" else str(ds["period"].attrs.get("units", ""))
    return f"{name}, period {period:.4g} {unit}" if np.isfinite(period) else name


def _note(ds: xr.Dataset) -> str:
    held = ", ".join(f"{path} = {value:.3g}" for path, value in json.loads(ds.attrs["held"]).items())
    return f"All begin at {held}" if held else ""
