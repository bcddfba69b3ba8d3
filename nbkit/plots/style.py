"""Owns colours, fonts and the empty panel that every plot begins with. Must not know Datasets."""

from __future__ import annotations

from bokeh.models import BoxZoomTool, DataRange1d, HoverTool, PanTool, ResetTool, SaveTool
from bokeh.models.annotations import Legend, Title
from bokeh.models.renderers import GlyphRenderer
from bokeh.plotting import figure

#: Blue first, rust second; they stay apart for every kind of colour vision.
COLOURS = ("#1d4ed8", "#c2410c", "#0f766e", "#c084fc", "#eab308", "#0f172a", "#f472b6", "#581c87")
DASHES = ("solid", "dashed", "dotdash", "dotted")
INK = "#1e293b"
MUTED = "#64748b"
GRID = "#e9eef5"
AXIS = "#94a3b8"
GHOST = "#8693a6"
FONT = "Inter, 'Segoe UI', 'DejaVu Sans', Helvetica, Arial, sans-serif"
PALETTE = "Viridis256"
#: Where there is no number.
NO_COLOUR = "#cbd5e1"


def colour(index: int) -> str:
    """Give the colour of the series with this number; colours repeat after eight."""
    return COLOURS[index % len(COLOURS)]


def dash(index: int) -> str:
    """Give the dash of the series with this number: another one each time the colours repeat."""
    return DASHES[(index // len(COLOURS)) % len(DASHES)]


def panel(x_label: str, y_label: str, *, height: int) -> figure:
    """Make an empty panel: thin axes, horizontal grid lines only, as wide as the page lets it be."""
    fig = figure(
        x_range=DataRange1d(range_padding=0),
        x_axis_label=x_label,
        y_axis_label=y_label,
        height=height,
        sizing_mode="stretch_width",
        min_width=260,
        toolbar_location="right",
        tools=[PanTool(), BoxZoomTool(), ResetTool(), SaveTool()],
        min_border_top=6,
        output_backend="canvas",
        background_fill_color="white",
        border_fill_color="white",
        outline_line_color=None,
    )
    fig.toolbar.logo = None
    fig.toolbar.autohide = True
    fig.toolbar.active_drag = None
    _style_axes(fig)
    return fig


def _style_axes(fig: figure) -> None:
    fig.xgrid.grid_line_color = None
    fig.ygrid.grid_line_color = GRID
    for axis in (*fig.xaxis, *fig.yaxis):
        axis.axis_label_text_font = FONT
        axis.axis_label_text_font_size = "13px"
        axis.axis_label_text_font_style = "normal"
        axis.axis_label_text_color = INK
        axis.major_label_text_font = FONT
        axis.major_label_text_font_size = "12px"
        axis.major_label_text_color = MUTED
        axis.axis_line_color = AXIS
        axis.major_tick_line_color = AXIS
        axis.minor_tick_line_color = None
        axis.major_tick_in = 0


def add_headings(fig: figure, title: str, note: object) -> None:
    """Put the heading on top and, under it, the small line that says what a reader must know.

    What is added last stands highest, so this comes after the legend. The line is hidden while empty.
    """
    line = _heading(str(note), "12px", MUTED, "normal")
    line.name = "note"
    line.visible = bool(note)
    fig.add_layout(line, "above")
    if title:
        fig.add_layout(_heading(title, "14px", INK, "bold"), "above")


def note_settings(text: str) -> dict[str, object]:
    """Give the settings that make the small line under the heading say ``text``."""
    return {"text": text, "visible": bool(text)}


def colour_label(text: str) -> Title:
    """Make the line above the axes, on the right, that says what the colours mean."""
    label = _heading(f"colour: {text}", "12px", INK, "normal")
    label.align = "right"
    return label


def _heading(text: str, size: str, ink: str, weight: str) -> Title:
    return Title(
        text=text,
        text_font=FONT,
        text_font_size=size,
        text_font_style=weight,
        text_color=ink,
        standoff=6,
    )


def legend() -> Legend:
    """Make a legend that stands above the axes, where it covers no data. A click hides a line."""
    return Legend(
        items=[],
        orientation="horizontal",
        location="left",
        border_line_color=None,
        background_fill_color=None,
        label_text_font=FONT,
        label_text_font_size="12px",
        label_text_color=INK,
        ncols=4,
        glyph_width=18,
        label_standoff=5,
        spacing=12,
        margin=0,
        padding=4,
        click_policy="hide",
    )


def hover(renderers: list[GlyphRenderer], rows: list[tuple[str, str]]) -> HoverTool:
    """Make the box that shows the values under the pointer; numbers have four digits."""
    return HoverTool(
        renderers=renderers,
        tooltips=rows,
        formatters=dict.fromkeys(("@x", "@y", "$snap_x", "$snap_y", "@image"), "printf"),
        visible=False,
    )
