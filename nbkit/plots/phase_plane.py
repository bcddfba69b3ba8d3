"""Owns what a phase plane shows: arrows, nullclines, fixed points, trajectories. Must not know how they are drawn."""

from __future__ import annotations

import json

import numpy as np
import xarray as xr
from bokeh.models.ui import UIElement

from nbkit.errors import fail
from nbkit.plots.checks import require_picture
from nbkit.plots.phase_plane_plan import MARKS, PhasePlanePlan
from nbkit.plots.picture import Columns, Picture
from nbkit.plots.style import note_settings

Array = np.ndarray
#: Arrows along each axis.
ARROWS = 21
#: Length of an arrow, in distances between two of them.
LENGTH = 0.62
#: Parts of a Dataset without which it is no phase plane.
NEEDED = ("x_speed", "y_speed", "x_nullcline", "y_nullcline", "kind", "trajectory")


def phase_plane(ds: xr.Dataset, *, title: str = "", height: int = 440) -> UIElement:
    """Draw how two states move each other: arrows, nullclines, fixed points and trajectories.

    Arrows have one length; they tell the direction only. Fixed points are filled where they are stable, open where
    they are unstable, half filled for saddles, and grey where stability is not told; pale ones lie beside the slice
    that the arrows show. A click on the plane sketches the path from there, along the arrows, in any page; the tool
    that resets the axes takes these sketches away. Networks with delays are not sketched: arrows leave delays out.

    The places that were clicked stand in the data source ``starts``, for those who want to run the network from there.

    Args:
        ds: a result of `nbkit.study.phase_plane`.
        title: a heading; empty for none.
        height: height in pixels; the width follows the page.

    Returns:
        A Bokeh figure.

    Raises:
        NbkitError: ``bad-type`` for what is no Dataset, ``unknown-variable`` for one that is no phase plane.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"N": nb.Population(nb.models.fitzhugh_nagumo, 1)}, time_unit="1")
        >>> figure = nb.plots.phase_plane(nb.study.phase_plane(net, "N.v", "N.w"))
    """
    return phase_plane_picture(ds, title=title, height=height).draw()


def phase_plane_picture(ds: xr.Dataset, *, title: str = "", height: int = 440) -> Picture:
    """Compute what `phase_plane` draws, as a `Picture` that a live figure can follow.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"N": nb.Population(nb.models.fitzhugh_nagumo, 1)}, time_unit="1")
        >>> nb.plots.phase_plane_picture(nb.study.phase_plane(net, "N.v", "N.w")).summary
        'Phase plane of N.v and N.w: 1 fixed point: stable focus at N.v = -1.2, N.w = -0.624.'
    """
    require_picture(ds, title, height)
    require_parts(ds, NEEDED, "a phase plane", "nb.study.phase_plane(network)")
    x, y = (str(ds[axis].attrs["path"]) for axis in "xy")
    held = json.loads(ds.attrs["held"])
    told = not str(ds.attrs["stability"]).startswith("not told")
    sketch = ("sketched on click" if not held else "sketched on click, other states held") if told else ""
    plan = PhasePlanePlan(
        names=(x, y),
        labels=(axis_label(ds["x"], x, 90), axis_label(ds["y"], y)),
        window=tuple(float(edge) for axis in "xy" for edge in ds[axis].values[[0, -1]]),
        time_words=time_words(ds),
        kinds=tuple(key for key in MARKS if (_marks(ds) == key).any()),
        sketch=sketch,
        title=title,
        height=height,
    )
    columns: dict[str, Columns] = {
        "arrows": _arrows(ds),
        "x nullcline": dict(zip("xy", ds["x_nullcline"].values.T, strict=True)),
        "y nullcline": dict(zip("xy", ds["y_nullcline"].values.T, strict=True)),
        **_trajectories(ds, x, y),
        **{f"{key} points": _points(ds, x, y, _marks(ds) == key) for key in plan.kinds},
        "field": {"u": ds["x_speed"].values.ravel(), "v": ds["y_speed"].values.ravel()},
        "frame": {"x": np.array(plan.window[:2]), "y": np.array(plan.window[2:])},
        "starts": {"x": np.empty(0), "y": np.empty(0)},
        "sketches": {"xs": np.empty((0, 0)), "ys": np.empty((0, 0))},
    }
    note = _note(ds, held)
    return Picture(plan, columns, {"note": note_settings(note)}, _summary(ds, x, y, note))


def require_parts(ds: xr.Dataset, needed: tuple[str, ...], what: str, hint: str) -> None:
    """Raise for a Dataset that lacks what a picture is made of.

    Raises:
        NbkitError: ``unknown-variable``.
    """
    missing = [name for name in needed if name not in ds.variables]
    if missing:
        raise fail("unknown-variable", "ds", f"is not {what}: it lacks {', '.join(missing)}", hint)


def axis_label(array: xr.DataArray, path: str, room: int = 52) -> str:
    """Path, meaning and unit of a state or a number, as an axis shows them; without the meaning if there is no room."""
    meaning, unit = str(array.attrs.get("long_name", "")), str(array.attrs.get("units", ""))
    known = "" if not meaning or path.endswith(f".{meaning}") else f": {meaning}"
    unit = unit or ("dimensionless" if "variable" in array.attrs else "")
    texts = [f"{path}{meant}{f' ({unit})' * bool(unit)}" for meant in (known, "")]
    return texts[0] if len(texts[0]) <= room else texts[1]


def time_words(ds: xr.Dataset) -> str:
    """The unit of time in words."""
    unit = str(ds.attrs.get("time_unit", "1"))
    return "model units" if unit == "1" else unit


def eigenvalue_words(real: Array, imag: Array, unit: str) -> str:
    """Eigenvalues, the least stable first, as text; of a pair one stands for both."""
    if not np.isfinite(real).all():
        return "not told"
    told = []
    for growth, turning in zip(real, imag, strict=True):
        if turning >= 0:
            told.append(
                f"{growth:.3g} ± {turning:.3g}i" if turning > 1e-6 * np.hypot(growth, turning) else f"{growth:.3g}"
            )
    listed = ", ".join(told[:4]) + (", …" if len(told) > 4 else "")
    return f"{listed} {unit}".strip()


def _arrows(ds: xr.Dataset) -> dict[str, Array]:
    """Ends of the arrows, each of one length in the frame; none where nothing moves."""
    chosen = [_every(ds.sizes[axis]) for axis in "xy"]
    x, y = np.meshgrid(ds["x"].values[chosen[0]], ds["y"].values[chosen[1]])
    parts = [ds[f"{axis}_speed"].values[np.ix_(chosen[1], chosen[0])] for axis in "xy"]
    spans = [float(np.ptp(ds[axis].values)) for axis in "xy"]
    u, v = (part / span for part, span in zip(parts, spans, strict=True))
    with np.errstate(all="ignore"):
        size = np.hypot(u, v) * np.array([len(some) - 1 for some in chosen]).max() / LENGTH
        ends = {"x": u / size * spans[0] / 2, "y": v / size * spans[1] / 2}
    moves = np.isfinite(ends["x"]) & np.isfinite(ends["y"])
    middles = {"x": x, "y": y}
    return {
        f"{axis}{end}": (middles[axis] + sign * ends[axis])[moves]
        for axis in "xy"
        for end, sign in (("0", -1), ("1", 1))
    }


def _every(count: int) -> Array:
    """Places of the arrows along an axis: evenly spread, half a distance from the edges."""
    arrows = min(ARROWS, count)
    return np.unique(np.round((np.arange(arrows) + 0.5) / arrows * (count - 1)).astype(int))


def _marks(ds: xr.Dataset) -> Array:
    """How each fixed point is marked."""
    named = {kind: key for key, (kinds, _) in MARKS.items() for kind in kinds}
    return np.array([named.get(str(kind), "unknown") for kind in ds["kind"].values], dtype=object)


def _points(ds: xr.Dataset, x: str, y: str, chosen: Array) -> dict[str, Array]:
    unit = str(ds["eigenvalue_real"].attrs.get("units", ""))
    pairs = zip(ds["eigenvalue_real"].values[chosen], ds["eigenvalue_imag"].values[chosen], strict=True)
    return {
        "x": ds[x].values[chosen],
        "y": ds[y].values[chosen],
        "kind": ds["kind"].values[chosen],
        "eigenvalues": np.array([eigenvalue_words(real, imag, unit) for real, imag in pairs], dtype=object),
        "alpha": np.where(ds["in_plane"].values[chosen], 1.0, 0.35),
    }


def _trajectories(ds: xr.Dataset, x: str, y: str) -> dict[str, Columns]:
    places = [list(ds["state"].values).index(path) for path in (x, y)]
    xs, ys = (ds["trajectory"].values[:, place] for place in places)
    return {
        "trajectories": {"xs": xs, "ys": ys},
        "begins": {"x": xs[:, 0], "y": ys[:, 0]},
    }


def _note(ds: xr.Dataset, held: dict[str, float]) -> str:
    parts = [str(ds.attrs.get("note", ""))]
    if held:
        listed = ", ".join(f"{path} = {value:.3g}" for path, value in held.items())
        parts.append(f"Arrows and nullclines are those at {listed}")
    return ". ".join(part for part in parts if part)


def _summary(ds: xr.Dataset, x: str, y: str, note: str) -> str:
    """Say in words what the picture shows."""
    points = [
        f"{kind} at {x} = {a:.3g}, {y} = {b:.3g}"
        for kind, a, b in zip(ds["kind"].values, ds[x].values, ds[y].values, strict=True)
    ]
    count = f"{len(points)} fixed point{'s' * (len(points) != 1)}"
    return f"Phase plane of {x} and {y}: {count}{': ' * bool(points)}{'; '.join(points)}. {note}".strip()
