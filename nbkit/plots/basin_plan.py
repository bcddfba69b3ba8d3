"""Owns how basins are drawn with Bokeh. Must not know Datasets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bokeh.models import ColumnDataSource, CustomJSHover, HoverTool, LinearColorMapper, Range1d
from bokeh.models.annotations import LegendItem
from bokeh.models.ui import UIElement

from nbkit.plots.picture import Columns, Settings, as_bokeh
from nbkit.plots.style import INK, NO_COLOUR, add_headings, colour, hover, legend, panel

#: Share of its own colour that the basin of an end has; the rest is white.
TINT = 0.4
#: Number of a start without an end -> its colour.
LOST = {-2: NO_COLOUR, -1: "#ffffff"}


def tint(ink: str) -> str:
    """Mix a colour with white."""
    parts = [int(ink[k : k + 2], 16) for k in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - TINT * (255 - part)):02x}" for part in parts)


@dataclass(frozen=True)
class BasinPlan:
    """The fixed part of a picture of basins.

    Attributes:
        labels: the labels of the axes.
        names: the states of the axes.
        image: where the image begins: left, bottom.
        size: its width and height.
        ends: what each end is, in words.
        lost: numbers of starts without an end, with what is said of them.
        title: a heading.
        height: height in pixels.
    """

    labels: tuple[str, str]
    names: tuple[str, str]
    image: tuple[float, float]
    size: tuple[float, float]
    ends: tuple[str, ...]
    lost: tuple[tuple[int, str], ...]
    title: str
    height: int

    def draw(self, columns: Mapping[str, Columns], settings: Mapping[str, Settings]) -> UIElement:
        """Make the figure."""
        fig = panel(*self.labels, height=self.height)
        (left, bottom), (width, height) = self.image, self.size
        fig.x_range = Range1d(start=left, end=left + width)
        fig.y_range = Range1d(start=bottom, end=bottom + height)
        fig.grid.grid_line_color = None
        sources = {
            key: ColumnDataSource({k: as_bokeh(v) for k, v in held.items()}, name=key) for key, held in columns.items()
        }
        colours = [*LOST.values(), *(tint(colour(n)) for n in range(len(self.ends)))]
        mapper = LinearColorMapper(palette=colours, low=-2.5, high=len(self.ends) - 0.5)
        drawn = fig.image("image", x=left, y=bottom, dw=width, dh=height, source=sources["image"], color_mapper=mapper)
        rows = [(self.names[0], "$x{%.4g}"), (self.names[1], "$y{%.4g}"), ("", "@image{custom}")]
        words = [*(dict(self.lost).get(number, "") for number in LOST), *self.ends]
        named = CustomJSHover(args={"words": words}, code=f"return words[value + {len(LOST)}]")
        forms = {"$x": "printf", "$y": "printf", "@image": named}
        fig.add_tools(HoverTool(renderers=[drawn], tooltips=rows, formatters=forms, visible=False))
        fig.multi_line("xs", "ys", source=sources["cycles"], line_color=INK, line_width=2)
        dots = fig.scatter("x", "y", source=sources["points"], marker="circle", size=11, line_color="white")
        dots.glyph.update(fill_color=INK, line_width=1.5)
        fig.add_tools(hover([dots], [("", "@words")]))
        box = legend()
        box.ncols = 2
        inks = [(text, tint(colour(n))) for n, text in enumerate(self.ends)]
        inks += [(text, LOST[number]) for number, text in self.lost]
        for text, ink in inks:
            nowhere = fig.scatter([float("nan")], [float("nan")], marker="square", size=13, line_color="#94a3b8")
            nowhere.glyph.update(fill_color=ink)
            box.items.append(LegendItem(label=text, renderers=[nowhere]))
        box.click_policy = "none"
        fig.add_layout(box, "above")
        add_headings(fig, self.title, settings["note"]["text"])
        return fig
