"""Owns how a spike raster is drawn with Bokeh: bands, dots or images of counts, rates below. Must not know Datasets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from bokeh.layouts import column
from bokeh.models import ColumnDataSource, LinearColorMapper, Range1d
from bokeh.models.annotations import LegendItem
from bokeh.models.renderers import GlyphRenderer
from bokeh.models.ui import UIElement
from bokeh.plotting import figure

from nbkit.plots.picture import Columns, Settings, as_bokeh
from nbkit.plots.rows import box_of, name_axis
from nbkit.plots.style import GRID, add_headings, legend, panel

RATE_HEIGHT = 200
#: Height of a row of the legend in pixels, and letters that fit into one on a small page.
LEGEND_ROW, LEGEND_LETTERS = 25, 90
#: Pixels of a letter of a tick label, and of what stands beside it: what the axis needs at the left.
LETTER, BESIDE = 7, 30


@dataclass(frozen=True)
class Band:
    """A population in a raster: its name, its units, its colour, and where it lies."""

    name: str
    units: int
    colour: str
    bottom: float
    top: float


@dataclass(frozen=True)
class Cells:
    """Cells in which spikes are counted.

    Attributes:
        start: when the first begins.
        width: how long one lasts.
        steps: the same in steps.
        number: how many there are.
        units: units in one, at most.
    """

    start: float
    width: float
    steps: int
    number: int
    units: int


@dataclass(frozen=True)
class RatePanel:
    """The rates below a raster: the width of their bins, in words, and their unit."""

    bin: str
    unit: str


@dataclass(frozen=True)
class RasterPlan:
    """The fixed part of a raster.

    Attributes:
        bands: populations from top to bottom.
        window: start and stop of the time axis.
        time_words: the unit of time.
        unit_label: label of the axis of units.
        cells: in what spikes are counted; None where each is a dot.
        images: shape and type of the counts of each population.
        dot: size of a dot in pixels.
        rates: the panel of rates; None for none.
        title: a heading.
        height: height of the raster in pixels.
    """

    bands: tuple[Band, ...]
    window: tuple[float, float]
    time_words: str
    unit_label: str
    cells: Cells | None
    images: tuple[tuple[tuple[int, ...], str], ...]
    dot: float
    rates: RatePanel | None
    title: str
    height: int

    def draw(self, columns: Mapping[str, Columns], settings: Mapping[str, Settings]) -> UIElement:
        """Make the figure, or a column of two."""
        top = self._raster(columns, settings)
        add_headings(top, self.title, settings["note"]["text"])
        if self.rates is None:
            return top
        below = self._rates(self.rates, columns, top)
        top.xaxis.axis_label = None
        return column(top, below, sizing_mode="stretch_width")

    def _panel(self, y_label: str, height: int) -> figure:
        fig = panel(f"time ({self.time_words})", y_label, height=height)
        fig.x_range = Range1d(start=self.window[0], end=self.window[1])
        widest = max(len(_tick(band)) for band in self.bands) if len(self.bands) > 1 else 7
        fig.min_border_left = LETTER * max(widest, 7) + BESIDE
        return fig

    def _raster(self, columns: Mapping[str, Columns], settings: Mapping[str, Settings]) -> figure:
        fig = self._panel(self.unit_label, self.height)
        fig.y_range = Range1d(start=self.bands[-1].bottom, end=self.bands[0].top)
        fig.ygrid.grid_line_color = None
        if len(self.bands) > 1:
            _name_bands(fig, self.bands)
        for band in self.bands:
            drawn = self._band(fig, band, columns[f"{band.name} spikes"], settings.get(f"{band.name} shades", {}))
            fig.add_tools(box_of([drawn], self._hover_rows(band), "@x", "$x"))
        return fig

    def _band(self, fig: figure, band: Band, columns: Columns, shades: Settings) -> GlyphRenderer:
        key = f"{band.name} spikes"
        source = ColumnDataSource({name: as_bokeh(values) for name, values in columns.items()}, name=key)
        drawn: GlyphRenderer
        if self.cells is None:
            drawn = fig.scatter("x", "y", source=source, marker="square", size=self.dot, line_color=None)
            drawn.glyph.update(fill_color=band.colour, fill_alpha=0.85)
            return drawn
        mapper = LinearColorMapper(palette=_shades(band.colour), low=0.5, low_color="#ffffff00")
        mapper.update(name=f"{band.name} shades", **shades)
        wide, high = self.cells.width * self.cells.number, band.top - band.bottom
        place = {"x": self.cells.start, "y": band.bottom, "dw": wide, "dh": high}
        drawn = fig.image("image", source=source, color_mapper=mapper, **place)
        return drawn

    def _hover_rows(self, band: Band) -> list[tuple[str, str]]:
        if self.cells is None:
            return [("", f"{band.name} unit @unit"), ("time", f"@x{{%.6g}} {self.time_words}")]
        return [("", band.name), ("time", f"$x{{%.5g}} {self.time_words}"), ("spikes in this cell", "@image")]

    def _rates(self, rates: RatePanel, columns: Mapping[str, Columns], top: figure) -> figure:
        across = max(1, min(8, LEGEND_LETTERS // max(len(band.name) + 6 for band in self.bands)))
        fig = self._panel(f"rate ({rates.unit})", RATE_HEIGHT + LEGEND_ROW * ((len(self.bands) - 1) // across))
        fig.x_range = top.x_range
        fig.y_range.update(start=0, range_padding=0.05)
        box = legend()
        items = []
        for band in self.bands:
            key = f"{band.name} rate"
            source = ColumnDataSource(dict(columns[key]), name=key)
            drawn = fig.line("x", "y", source=source, line_width=1.3, line_color=band.colour, line_alpha=0.85)
            rows = [("", band.name), ("time", f"@x{{%.6g}} {self.time_words}"), ("rate", f"@y{{%.3g}} {rates.unit}")]
            fig.add_tools(box_of([drawn], rows, "@x", "@y"))
            items.append(LegendItem(label=band.name, renderers=[drawn]))
        box.items = items
        box.ncols = across
        if len(items) > 1:
            fig.add_layout(box, "above")
        fig.xaxis.axis_label = f"time ({self.time_words}); rates in bins of {rates.bin} {self.time_words}"
        return fig


def _tick(band: Band) -> str:
    return f"{band.name} ({band.units:,})"


def _name_bands(fig: figure, bands: tuple[Band, ...]) -> None:
    """Write the names of the populations beside their bands, and draw lines between the bands."""
    middles = [(band.bottom + band.top) / 2 for band in bands]
    name_axis(fig, middles, [_tick(band) for band in bands])
    between = [(upper.bottom + lower.top) / 2 for upper, lower in pairwise(bands)]
    fig.hspan(y=between, line_color=GRID, level="underlay")


def _shades(colour: str) -> list[str]:
    """From a trace of a colour to all of it, as dots that lie over each other."""
    return [f"{colour}{round(255 * (0.15 + 0.85 * (level / 255) ** 0.75)):02x}" for level in range(256)]
