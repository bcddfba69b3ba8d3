"""Owns the picture of a measurement: a dot for each factor, on a logarithmic axis, as a page and as a PNG."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

from bokeh.core.properties import value
from bokeh.embed import file_html
from bokeh.models import FactorRange, Span
from bokeh.plotting import figure
from bokeh.resources import CDN, INLINE

from nbkit.plots.style import COLOURS, FONT, GRID, INK, MUTED
from tests.bench.figures import Line, lines, times
from tests.bench.report import PICTURE, REPOSITORY, RESULT

WIDTH, ROW, MARGIN = 1000, 23, 96
PAGE = RESULT.with_name("speed.html")
STYLE = "<style>body { margin: 12px; background: white; }</style></head>"


def picture(found: dict[str, Any]) -> Any:
    """A figure: workloads and peers downwards, how many times the peer's figure is nbkit's to the right."""
    shown = [line for line in lines(found) if line.factor]
    names = [f"{line.words}  ·  {line.peer}" for line in shown]
    factors = [factor for line in shown for factor in (line.factor, line.numpy_factor) if factor]
    plot = figure(
        width=WIDTH,
        height=ROW * len(shown) + MARGIN,
        x_axis_type="log",
        x_range=(min(0.7, *factors) / 7, max(factors) * 12),
        y_range=FactorRange(*reversed(names)),
        title="The peer's time or memory over nbkit's",
        toolbar_location=None,
        min_border_right=40,
        background_fill_color="white",
        border_fill_color="white",
        outline_line_color=None,
    )
    _dress(plot)
    plot.add_layout(Span(location=1.0, dimension="height", line_color=INK, line_dash="dashed", line_width=1.2))
    for name, line in zip(names, shown, strict=True):
        _draw(plot, name, line)
    plot.legend.location = "top_right"
    plot.legend.orientation = "horizontal"
    plot.legend.border_line_color = None
    plot.legend.label_text_font = FONT
    plot.legend.label_text_color = INK
    plot.add_layout(plot.legend[0], "below")
    return plot


def _dress(plot: Any) -> None:
    plot.title.text_font = FONT
    plot.title.text_color = INK
    plot.title.text_font_size = "14px"
    plot.ygrid.grid_line_color = None
    plot.xgrid.grid_line_color = GRID
    for axis in plot.axis:
        axis.major_label_text_font = FONT
        axis.major_label_text_color = INK
        axis.major_label_text_font_size = "12px"
        axis.axis_line_color = None
        axis.major_tick_line_color = None
        axis.minor_tick_line_color = None
    ticks = [0.01, 0.1, 1, 10, 100, 1000, 10_000]
    plot.xaxis.ticker = ticks
    plot.xaxis.major_label_overrides = {tick: f"×{tick:,g}" for tick in ticks}


def _draw(plot: Any, name: str, line: Line) -> None:
    """One row: where the turns lie, nbkit without and with the accelerator, and the number."""
    assert line.factor is not None
    plot.segment([min(line.turns)], [name], [max(line.turns)], [name], line_color=COLOURS[0], line_width=2)
    plot.scatter([line.factor], [name], size=9, color=COLOURS[0], legend_label="nbkit, as it decides by itself")
    seen = [*line.turns]
    if line.numpy_factor:
        ring = {"fill_color": None, "line_color": MUTED, "line_width": 1.8}
        plot.scatter([line.numpy_factor], [name], size=9, legend_label="on NumPy alone", **ring)
        seen.append(line.numpy_factor)
    label = {"text_font": value(FONT), "text_color": INK, "text_font_size": value("12px"), "text_baseline": "middle"}
    ahead = line.factor >= 1
    side = {"x_offset": 10} if ahead else {"x_offset": -10, "text_align": "right"}
    plot.text([max(seen) if ahead else min(seen)], [name], [times(line.factor)], **side, **label)


def write_picture(found: dict[str, Any], page: Path = PAGE, png: Path = REPOSITORY / PICTURE) -> None:
    """Write the page, and photograph it where a browser is at hand."""
    page.write_text(file_html(picture(found), CDN, "nbkit beside its peers"), encoding="utf-8")
    browser = shutil.which("chromium")
    if browser is None:
        print(f"no chromium here: {png.name} was not drawn anew", file=sys.stderr)
        return
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  only who draws needs it

    plot = picture(found)
    html = file_html(plot, INLINE, "nbkit").replace("</head>", STYLE)
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        size = {"width": WIDTH + 24, "height": plot.height + 24}
        seen = opened.new_page(viewport=size, device_scale_factor=2)
        seen.set_content(html)
        seen.wait_for_function("Bokeh.documents.length && Bokeh.documents.every(d => d.is_idle)")
        seen.wait_for_timeout(500)
        seen.screenshot(path=png)
        opened.close()
