"""Owns the picture of a weight matrix: targets are rows, sources columns, zero is white. Must not know networks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr
from bokeh.models import ColumnDataSource, LinearColorMapper, Range1d
from bokeh.models.ui import UIElement

from nbkit.errors import fail, shown
from nbkit.plots.checks import LOWEST, require_picture
from nbkit.plots.heatmap import colour_bar
from nbkit.plots.picture import Columns, Picture, Settings, as_bokeh
from nbkit.plots.style import COLOURS, NO_COLOUR, add_headings, colour_label, hover, note_settings, panel

Array = np.ndarray
#: Steps of the colours, an odd number so that one of them is zero.
STEPS = 255


def weight_matrix(matrix: xr.DataArray, *, title: str = "", height: int = 360) -> UIElement:
    """Draw the weights of a projection: one row for each target, from the top, one column for each source.

    Positive weights are blue, negative ones rust, and zero is white; the colours reach as far to both sides.

    Args:
        matrix: of `nbkit.study.weight_matrix`.
        title: a heading; empty for none.
        height: height in pixels; the width follows the page.

    Returns:
        A Bokeh figure.

    Raises:
        NbkitError: ``bad-type`` for what is no weight matrix.

    Example:
        >>> import nbkit as nb
        >>> figure = nb.plots.weight_matrix(nb.study.weight_matrix(nb.networks.rhythm(), "E->I"))
    """
    return weight_matrix_picture(matrix, title=title, height=height).draw()


def weight_matrix_picture(matrix: xr.DataArray, *, title: str = "", height: int = 360) -> Picture:
    """Compute what `weight_matrix` draws, as a `Picture` that a live figure can follow.

    Example:
        >>> import nbkit as nb
        >>> matrix = nb.study.weight_matrix(nb.networks.rhythm(), "E->I")
        >>> nb.plots.weight_matrix_picture(matrix).summary.split(", from")[0]
        'Weight matrix of E->I: 20 rows of targets, 80 columns of sources'
    """
    require_picture(xr.Dataset(), title, height, LOWEST)
    if not isinstance(matrix, xr.DataArray) or matrix.dims != ("target", "source"):
        hint = 'nb.study.weight_matrix(network, "E->I")'
        raise fail("bad-type", "matrix", f"{shown(type(matrix).__name__)} is no weight matrix", hint)
    values = matrix.to_numpy().astype(float)
    about = matrix.attrs
    block = int(about.get("block_targets", 1)), int(about.get("block_sources", 1))
    most = float(np.abs(values[np.isfinite(values)]).max(initial=0.0)) or 1.0
    plan = MatrixPlan(
        (f"source: unit of {about.get('source', '')}", f"target: unit of {about.get('target', '')}"),
        str(about.get("long_name", matrix.name or "weight")), values.shape, block, title, height,
    )  # fmt: skip
    note = f"Each cell is the mean over {block[0]} targets × {block[1]} sources" if max(block) > 1 else ""
    if np.ptp(values) == 0:
        note = ". ".join(filter(None, (note, f"All weights are {values.flat[0]:.4g}")))
    settings: dict[str, Settings] = {"note": note_settings(note), "colours": {"low": -most, "high": most}}
    connected = float((values != 0).mean())
    summary = (
        f"Weight matrix of {matrix.name}: {values.shape[0]} rows of targets, {values.shape[1]} columns of sources, "
        f"from {values.min():.3g} to {values.max():.3g}, {100 * connected:.3g} % of the cells are not zero. {note}"
    )
    return Picture(plan, {"image": {"image": values.astype(np.float32)[None]}}, settings, summary.strip())


@dataclass(frozen=True)
class MatrixPlan:
    """The fixed part of a weight matrix.

    Attributes:
        labels: of the horizontal and the vertical axis.
        colour_label: what the colours mean.
        shape: rows and columns of cells.
        block: targets and sources of one cell.
        title: a heading.
        height: height in pixels.
    """

    labels: tuple[str, str]
    colour_label: str
    shape: tuple[int, ...]
    block: tuple[int, int]
    title: str
    height: int

    def draw(self, columns: Mapping[str, Columns], settings: Mapping[str, Settings]) -> UIElement:
        """Make the figure."""
        fig = panel(*self.labels, height=self.height)
        high, wide = (cells * units for cells, units in zip(self.shape, self.block, strict=True))
        fig.x_range, fig.y_range = Range1d(start=-0.5, end=wide - 0.5), Range1d(start=high - 0.5, end=-0.5)
        fig.ygrid.grid_line_color = None
        mapper = LinearColorMapper(palette=diverging(STEPS), nan_color=NO_COLOUR, name="colours")
        mapper.update(**settings["colours"])
        source = ColumnDataSource({"image": as_bokeh(columns["image"]["image"])}, name="image")
        drawn = fig.image("image", x=-0.5, y=-0.5, dw=wide, dh=high, source=source, color_mapper=mapper)
        rows = [("target", "$y{0}"), ("source", "$x{0}"), ("weight", "@image{%.4g}")]
        fig.add_tools(hover([drawn], rows))
        fig.add_layout(colour_bar(mapper), "right")
        fig.add_layout(colour_label(self.colour_label), "above")
        add_headings(fig, self.title, settings["note"]["text"])
        return fig


def diverging(steps: int) -> list[str]:
    """Colours from rust over white to blue.

    >>> diverging(3)
    ['#c2410c', '#ffffff', '#1d4ed8']
    """
    rust, blue = (np.array([int(ink[k : k + 2], 16) for k in (1, 3, 5)]) for ink in (COLOURS[1], COLOURS[0]))
    white = np.full(3, 255)
    found = []
    for share in np.linspace(-1.0, 1.0, steps):
        ink = white + abs(share) * ((blue if share > 0 else rust) - white)
        found.append("#" + "".join(f"{round(part):02x}" for part in ink))
    return found
