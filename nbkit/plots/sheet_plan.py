"""Owns how a sheet is drawn with Bokeh: square cells, colours, the moment, and a player. Must not know Datasets."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping
from dataclasses import dataclass

from bokeh.layouts import column, row
from bokeh.models import ColumnDataSource, CustomJS, DataRange1d, LinearColorMapper
from bokeh.models.annotations import Title
from bokeh.models.ui import UIElement
from bokeh.models.widgets import Slider, Toggle
from bokeh.plotting import figure

from nbkit.plots.heatmap import colour_bar
from nbkit.plots.picture import Columns, Settings, as_bokeh
from nbkit.plots.places import Axis
from nbkit.plots.style import FONT, INK, NO_COLOUR, PALETTE, add_headings, colour_label, hover, panel

PLAYER = pathlib.Path(__file__).with_name("player.js")
#: Pixels beside the cells: the vertical axis on the left, the colour bar on the right.
LEFT, RIGHT = 64, 112
#: The narrowest and the widest figure, in pixels.
WIDTHS = (320, 900)
#: The lowest sheet, in pixels.
LOWEST = 80


@dataclass(frozen=True)
class FramePlan:
    """The fixed part of one moment of a sheet.

    Attributes:
        x, y: the axes.
        shape: cells of the image, (y, x).
        block: how many units one cell stands for, along (y, x).
        colour_label: label of the colours.
        title: a heading.
        height: height of the sheet in pixels; a very long one is lower.
    """

    x: Axis
    y: Axis
    shape: tuple[int, int]
    block: tuple[int, int]
    colour_label: str
    title: str
    height: int

    def draw(self, columns: Mapping[str, Columns], settings: Mapping[str, Settings]) -> UIElement:
        """Make the figure."""
        return self.frame(columns, settings)

    def frame(self, columns: Mapping[str, Columns], settings: Mapping[str, Settings]) -> figure:
        """Make the figure, for those who put something under it."""
        fig = panel(self.x.label, self.y.label, height=self.height)
        fig.grid.grid_line_color = None
        fig.update(min_border_left=LEFT, min_border_right=RIGHT)
        self._keep_cells_square(fig)
        mapper = LinearColorMapper(palette=PALETTE, nan_color=NO_COLOUR, name="colours")
        mapper.update(**settings["colours"])
        source = ColumnDataSource({"image": as_bokeh(columns["image"]["image"])}, name="image")
        cells = zip((self.x, self.y), self.shape[::-1], self.block[::-1], strict=True)
        size = [round(axis.cell * count * block, 12) for axis, count, block in cells]
        corner = (self.x.start, self.y.start)
        drawn = fig.image("image", x=corner[0], y=corner[1], dw=size[0], dh=size[1], source=source, color_mapper=mapper)
        rows = [(self.x.label, "$x{%.4g}"), (self.y.label, "$y{%.4g}"), (self.colour_label, "@image{%.4g}")]
        fig.add_tools(hover([drawn], rows))
        fig.add_layout(colour_bar(mapper), "right")
        fig.add_layout(colour_label(self.colour_label), "above")
        fig.add_layout(_moment(settings["moment"]["text"]), "above")
        add_headings(fig, self.title, settings["note"]["text"])
        return fig

    def _keep_cells_square(self, fig: figure) -> None:
        """Let the figure grow with the page until the cells fill it; before that, the axes leave room."""
        fig.x_range, fig.y_range = DataRange1d(range_padding=0), DataRange1d(range_padding=0)
        wide = (self.x.end - self.x.start) / (self.y.end - self.y.start)
        narrowest, widest = (width - LEFT - RIGHT for width in WIDTHS)
        tall = round(max(LOWEST, min(self.height, widest / wide)))
        fig.update(match_aspect=True, frame_height=tall)
        fig.max_width = LEFT + RIGHT + round(min(widest, max(narrowest, tall * wide)))


def _moment(text: object) -> Title:
    words = Title(text=str(text), name="moment", standoff=6)
    words.update(text_font=FONT, text_font_size="14px", text_font_style="normal", text_color=INK)
    return words


@dataclass(frozen=True)
class SheetPlan:
    """The fixed part of a sheet with a player: a button, a slider over time, and the frames behind them.

    Attributes:
        moment: how one moment is drawn.
        time_words: the unit of time.
        moments: number of frames.
    """

    moment: FramePlan
    time_words: str
    moments: int

    def draw(self, columns: Mapping[str, Columns], settings: Mapping[str, Settings]) -> UIElement:
        """Make the figure and the player under it."""
        fig = self.moment.frame(columns, settings)
        if self.moments == 1:
            return fig
        sources = {
            key: ColumnDataSource({k: as_bokeh(v) for k, v in columns[key].items()}, name=key)
            for key in ("scale", "moments", "frames")
        }
        button = Toggle(label="▶ Play", width=92, margin=(4, 8, 4, 12))
        slider = Slider(start=0, step=1, title=None, show_value=False, tooltips=False, name="slider")
        slider.update(**settings["slider"], sizing_mode="stretch_width", margin=(10, RIGHT, 4, 8))
        found = {name: fig.select_one({"name": name}) for name in ("image", "moment")}
        told = {"time_words": self.time_words, "spoken": f"time, in {self.time_words}"}
        player = CustomJS(
            args={**sources, **found, **told, "button": button, "slider": slider, "figure": fig},
            code=PLAYER.read_text(encoding="utf-8"),
        )
        button.js_on_change("active", player)
        slider.js_on_change("value", player)
        sources["frames"].js_on_change("data", player)
        fig.js_on_change("inner_width", player)
        controls = row(button, slider, sizing_mode="stretch_width", max_width=fig.max_width)
        return column(fig, controls, sizing_mode="stretch_width")
