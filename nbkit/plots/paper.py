"""Owns `nb.paper`: a figure of a result as a file for a paper. Must not know how it is drawn."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import xarray as xr

from nbkit.errors import NbkitError, Problem, did_you_mean, fail, shown
from nbkit.model.numbers import is_finite_number
from nbkit.plots.checks import require_picture
from nbkit.plots.heatmap import heatmap_picture
from nbkit.plots.histogram import histogram_picture
from nbkit.plots.picture import Picture
from nbkit.plots.printed import NO_DATE, printed
from nbkit.plots.raster import raster_picture
from nbkit.plots.rates import rates_picture
from nbkit.plots.series import read_series
from nbkit.plots.spectrum import spectrum_picture
from nbkit.plots.traces import traces_picture
from nbkit.plots.two_variables import two_variables_picture

#: Height of a figure as a share of its width, when nobody says.
SHAPE = 0.62
#: Millimetres between which a figure fits on a page.
NARROWEST, WIDEST = 30.0, 400.0

#: Units that differ by less than this share of what they all do are one line.
SAME = 0.01

Names = str | tuple[str, ...] | list[str] | None

#: name of a view -> the picture of a result, with the variables that were asked for
VIEWS: dict[str, Callable[[xr.Dataset, Names], Picture]] = {
    "traces": lambda ds, names: traces_picture(ds, names, units=[], band=_band(ds, names)),
    "raster": raster_picture,
    "rates": rates_picture,
    "spectrum": spectrum_picture,
    "heatmap": lambda ds, names: heatmap_picture(ds, _single(names)),
    "histogram": lambda ds, names: histogram_picture(ds, _single(names)),
    "two_variables": lambda ds, names: two_variables_picture(ds, *_pair(names)),
}


def paper(
    ds: xr.Dataset,
    view: str = "traces",
    variable: Names = None,
    *,
    path: str | os.PathLike[str],
    width_mm: float = 85.0,
    height_mm: float | None = None,
) -> Path:
    """Draw a result into a file for a paper or a poster: PDF, SVG or PNG by Matplotlib.

    Letters are 8 and 7 points high whatever the width, lines 1 point; axes have their units. Blue and rust, dashes and
    Viridis can be told apart by every kind of colour vision. Letters stay letters in PDF and SVG, so that they can be
    edited; a PNG has 300 dots an inch. Equal results give equal files.

    Args:
        ds: a result of `nbkit.simulate`.
        view: ``"traces"``, ``"raster"``, ``"rates"``, ``"spectrum"``, ``"heatmap"``, ``"histogram"`` or
            ``"two_variables"``.
        variable: a variable or several, of rasters and rates populations; as the plot of that name takes them.
        path: of the file; its ending is the format.
        width_mm: width in millimetres: 85 for one column, 180 for a page.
        height_mm: height in millimetres; None for what suits the width.

    Returns:
        The path of the file.

    Raises:
        NbkitError: ``missing-package`` without Matplotlib, ``unknown-view``, ``bad-file`` for an ending that is none of
            the three or a folder that is not there, ``bad-value`` for a size that is none, and what the plot finds.

    Example:
        >>> import nbkit as nb
        >>> ds = nb.simulate(nb.networks.rhythm(), 200.0, 0.1)
        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     nb.paper(ds, "spectrum", path=pathlib.Path(folder) / "rhythm.pdf").name
        'rhythm.pdf'
    """
    require_picture(ds, "", 320)
    problems = [*_wrong_size(width_mm, "width_mm"), *(_wrong_size(height_mm, "height_mm") if height_mm else [])]
    if not isinstance(view, str) or view not in VIEWS:
        problems.append(Problem("unknown-view", "view", f"no view {shown(view)}", did_you_mean(str(view), VIEWS)))
    where = Path(path) if isinstance(path, str | os.PathLike) else Path()
    if where.suffix not in NO_DATE:
        hint = f"a name that ends in {', '.join(NO_DATE)}"
        problems.append(Problem("bad-file", "path", f"{shown(path)} is no PDF, SVG or PNG", hint))
    if problems:
        raise NbkitError(problems)
    picture = VIEWS[view](ds, variable)
    rows = len(getattr(picture.plan, "panels", (1,)))
    printed(picture, (float(width_mm), float(height_mm or width_mm * SHAPE * (0.4 + 0.6 * rows))), where)
    return where


def _wrong_size(millimetres: object, name: str) -> list[Problem]:
    if is_finite_number(millimetres) and NARROWEST <= millimetres <= WIDEST:  # type: ignore[operator]
        return []
    what = f"{shown(millimetres)} is no number of millimetres from {NARROWEST:g} to {WIDEST:g}"
    return [Problem("bad-value", name, what, "85 for a column, 180 for a page")]


def _band(ds: xr.Dataset, names: Names) -> str:
    """The band of a trace plot: none where all units of a population do the same."""
    apart = (
        float(np.ptp(one.values, axis=1).max()) > SAME * float(np.ptp(one.values)) for one in read_series(ds, names)
    )
    return "range" if any(apart) else "none"


def _single(names: Names) -> str | None:
    if names is None or isinstance(names, str):
        return names
    if len(names) == 1:
        return names[0]
    raise fail("bad-choice", "variable", "this view shows one variable", f"one of {', '.join(map(str, names))}")


def _pair(names: Names) -> tuple[str, str]:
    if names is None or isinstance(names, str) or len(names) != 2:
        raise fail("bad-choice", "variable", f"{shown(names)} are not two variables", '("E.r", "I.r")')
    return names[0], names[1]
