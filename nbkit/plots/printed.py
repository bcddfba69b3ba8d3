"""Owns how pictures are drawn for paper with Matplotlib: fonts, line widths, millimetres. Must not know Datasets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from nbkit.errors import fail
from nbkit.plots.curve_plan import CurvePlan
from nbkit.plots.heatmap import HeatmapPlan
from nbkit.plots.picture import Array, Columns, Picture
from nbkit.plots.raster_plan import RasterPlan
from nbkit.plots.style import AXIS, FONT, INK, PALETTE
from nbkit.plots.trace_plan import TracePlan
from nbkit.plots.weight_matrix import MatrixPlan, diverging

#: Millimetres of an inch; points of letters and lines; dots of an inch in a PNG.
INCH, LETTERS, SMALL, LINE, RULE, DOTS = 25.4, 8.0, 7.0, 1.0, 0.6, 300
DASHES = {"solid": "-", "dashed": (0, (4, 2)), "dotted": (0, (1, 1.5)), "dotdash": (0, (4, 2, 1, 2))}
#: What a file says of itself: nothing that changes from day to day.
NO_DATE: dict[str, dict[str, Any]] = {
    ".pdf": {"CreationDate": None, "ModDate": None},
    ".svg": {"Date": None},
    ".png": {"Software": None},
}


def printed(picture: Picture, size_mm: tuple[float, float], path: Path) -> None:
    """Draw a picture into a file.

    Args:
        picture: of curves, traces, an image, a raster or a matrix.
        size_mm: width and height in millimetres.
        path: ends in ``.pdf``, ``.svg`` or ``.png``.

    Raises:
        NbkitError: ``missing-package`` without Matplotlib, ``bad-file`` where nothing can be written.
    """
    plan: Any = picture.plan
    with _looks() as figure_class:
        rows = len(plan.panels) if isinstance(plan, TracePlan) else 1
        figure = figure_class(figsize=tuple(mm / INCH for mm in size_mm), layout="constrained")
        axes = figure.subplots(rows, 1, sharex=True, squeeze=False)[:, 0]
        PRINTED[type(plan)](figure, axes, plan, picture)
        note = str(picture.settings.get("note", {}).get("text", ""))
        if note:
            axes[0].set_title(note, fontsize=SMALL, color=INK, loc="left")
        for ax in axes:
            ax.spines[["top", "right"]].set_visible(False)
        try:
            figure.savefig(path, dpi=DOTS, metadata=NO_DATE[path.suffix])
        except OSError as error:
            raise fail("bad-file", str(path), error.strerror or str(error), "another folder or name") from None


@contextmanager
def _looks() -> Iterator[Any]:
    """Matplotlib's figure, with the looks of a paper as long as it is needed."""
    try:
        import matplotlib as mpl  # noqa: PLC0415  an extra, and a second that only a paper needs
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError:
        hint = 'pip install "nbkit[paper]"'
        raise fail("missing-package", "nb.paper", "needs the package matplotlib", hint) from None
    families = [name.strip(" '") for name in FONT.split(",") if name.strip() != "sans-serif"]
    known = set(mpl.font_manager.get_font_names()) if hasattr(mpl, "font_manager") else {"DejaVu Sans"}
    looks = {
        "font.family": [name for name in families if name in known] or ["DejaVu Sans"],
        "font.size": LETTERS, "axes.labelsize": LETTERS, "xtick.labelsize": SMALL, "ytick.labelsize": SMALL,
        "legend.fontsize": SMALL, "axes.linewidth": RULE, "xtick.major.width": RULE, "ytick.major.width": RULE,
        "xtick.major.size": 2.5, "ytick.major.size": 2.5, "lines.linewidth": LINE, "axes.edgecolor": INK,
        "text.color": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK, "legend.frameon": False,
        "pdf.fonttype": 42, "svg.fonttype": "none", "svg.hashsalt": "nbkit", "axes.unicode_minus": True,
    }  # fmt: skip
    with mpl.rc_context(looks):
        yield Figure


def _legend(ax: Any) -> None:
    handles, labels = ax.get_legend_handles_labels()
    unique = dict(zip(labels, handles, strict=True))
    if unique:
        ax.figure.legend(
            unique.values(), unique, loc="outside upper left", ncols=4, handlelength=1.6, columnspacing=1.2
        )


def _traces(_: Any, axes: Any, plan: TracePlan, picture: Picture) -> None:
    for ax, panel in zip(axes, plan.panels, strict=True):
        for line in panel.lines:
            held = picture.columns[line.key]
            look = {"color": line.colour, "alpha": line.alpha}
            if line.kind == "band":
                ax.fill_between(held["x"], held["low"], held["high"], label=line.label, linewidth=0, **look)
            elif line.kind == "units":
                for xs, ys in zip(held["xs"], held["ys"], strict=True):
                    ax.plot(xs, ys, linewidth=RULE / 2, label=line.label, **look)
            else:
                ax.plot(held["x"], held["y"], linestyle=DASHES[line.dash], label=line.label, **look)
        ax.set_ylabel(panel.y_label)
        ax.margins(x=0)
    axes[-1].set_xlabel(plan.panels[-1].x_label)
    _legend(axes[0])


def _curves(_: Any, axes: Any, plan: CurvePlan, picture: Picture) -> None:
    ax = axes[0]
    for curve in plan.curves:
        held = picture.columns[curve.key]
        look = {"color": curve.colour, "linestyle": DASHES[curve.dash], "label": curve.label or None}
        if curve.kind == "bars":
            widths = held["right"] - held["left"]
            ax.bar(
                held["left"], held["y"], widths, align="edge", color=curve.colour, alpha=0.5, label=curve.label or None
            )
        elif curve.kind == "outline":
            ax.step(held["x"], held["y"], where="post", **look)
        elif curve.kind == "line":
            ax.plot(held["x"], held["y"], **look)
        else:
            marker = {"peak": "o", "start": "D", "end": "s"}[curve.kind]
            ax.plot(held["x"], held["y"], marker, markersize=3, color=curve.colour, label=curve.label or None)
            words = picture.settings.get(f"{curve.key} words", {})
            if words.get("text"):
                place = (words["x"], words["y"])
                ax.annotate(words["text"], place, (4, 0), textcoords="offset points", va="center", fontsize=SMALL)
    if plan.from_zero:
        ax.set_ylim(bottom=0)
    ax.set(xlabel=plan.x_label, ylabel=plan.y_label)
    ax.margins(x=0 if plan.from_zero else 0.05)
    _legend(ax)


def _heatmap(figure: Any, axes: Any, plan: HeatmapPlan, picture: Picture) -> None:
    ax, (x, y, width, height) = axes[0], plan.image
    drawn = _image(ax, picture.columns["image"]["image"][0], (x, x + width, y, y + height), _ramp(PALETTE), "lower")
    left, right, bottom, top = plan.window
    ax.set(xlabel=plan.x_label, ylabel=plan.y_label, xlim=(left, right), ylim=(bottom, top))
    _bar(figure, ax, drawn, picture, plan.colour_label)


def _matrix(figure: Any, axes: Any, plan: MatrixPlan, picture: Picture) -> None:
    ax, (high, wide) = axes[0], (cells * units for cells, units in zip(plan.shape, plan.block, strict=True))
    edges = (-0.5, wide - 0.5, high - 0.5, -0.5)
    drawn = _image(ax, picture.columns["image"]["image"][0], edges, _mapped(diverging(255)), "upper")
    ax.set(xlabel=plan.labels[0], ylabel=plan.labels[1])
    _bar(figure, ax, drawn, picture, plan.colour_label)


def _image(ax: Any, values: Array, edges: tuple[float, ...], colours: Any, origin: str) -> Any:
    return ax.imshow(values, extent=edges, origin=origin, aspect="auto", cmap=colours, interpolation="nearest")


def _bar(figure: Any, ax: Any, drawn: Any, picture: Picture, label: str) -> None:
    limits = picture.settings["colours"]
    drawn.set_clim(limits["low"], limits["high"])
    figure.colorbar(drawn, ax=ax, label=label, pad=0.02).outline.set_linewidth(RULE)


def _ramp(palette: str) -> Any:
    from bokeh import palettes  # noqa: PLC0415

    return _mapped(list(getattr(palettes, palette)))


def _mapped(colours: list[str]) -> Any:
    from matplotlib.colors import ListedColormap  # noqa: PLC0415

    return ListedColormap(colours)


def _raster(_: Any, axes: Any, plan: RasterPlan, picture: Picture) -> None:
    ax = axes[0]
    for band in plan.bands:
        held: Columns = picture.columns[f"{band.name} spikes"]
        if plan.cells is None:
            ax.scatter(
                held["x"],
                held["y"],
                s=0.8,
                marker="s",
                linewidths=0,
                color=band.colour,
                rasterized=len(held["x"]) > 5000,
            )
        else:
            start, end = plan.cells.start, plan.cells.start + plan.cells.width * plan.cells.number
            counts = np.asarray(held["image"][0], dtype=float)
            faded = _mapped([f"{band.colour}{round(255 * share):02x}" for share in np.linspace(0, 1, 64)])
            _image(ax, counts, (start, end, band.bottom, band.top), faded, "lower")
    ax.set(xlabel=f"time ({plan.time_words})", ylabel=plan.unit_label, xlim=plan.window)
    ax.set_ylim(plan.bands[-1].bottom, plan.bands[0].top)
    if len(plan.bands) > 1:
        middles = [(band.bottom + band.top) / 2 for band in plan.bands]
        ax.set_yticks(middles, [f"{band.name} ({band.units})" for band in plan.bands])
        for band in plan.bands[1:]:
            ax.axhline(band.top, color=AXIS, linewidth=RULE / 2)


#: kind of plan -> what draws it
PRINTED: dict[type, Callable[[Any, Any, Any, Picture], None]] = {
    TracePlan: _traces,
    CurvePlan: _curves,
    HeatmapPlan: _heatmap,
    MatrixPlan: _matrix,
    RasterPlan: _raster,
}
