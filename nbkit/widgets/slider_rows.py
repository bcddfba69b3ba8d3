"""Owns one slider with its words and its unit, as every panel shows it. Must not know what a slider changes."""

from __future__ import annotations

import html
from collections.abc import Sequence

import ipywidgets

from nbkit.widgets.controls import Control


def slider(control: Control) -> ipywidgets.FloatSlider:
    """Make the slider of a control."""
    made = ipywidgets.FloatSlider(
        value=control.start,
        min=control.low,
        max=control.high,
        step=control.step,
        readout_format=f".{control.decimals}f",
    )
    made.layout.width = "auto"
    return made


def control_row(control: Control, made: ipywidgets.FloatSlider) -> ipywidgets.Box:
    """Put the symbol and the words of a control over its slider, and the unit behind its number."""
    symbol, index = (html.escape(part) for part in control.symbol)
    name = f"<b>{symbol}{f'<sub>{index}</sub>' if index else ''}</b> {html.escape(control.words)}"
    return row(name, made, control.unit)


def row(words: str, made: ipywidgets.DOMWidget, unit: str) -> ipywidgets.Box:
    """Put words, which are HTML, over a slider, and the unit behind its number."""
    above = ipywidgets.HTML(words)
    above.add_class("nbkit-words")
    behind = ipywidgets.HTML(html.escape(unit))
    behind.add_class("nbkit-unit")
    return box(ipywidgets.VBox, "nbkit-row", [above, box(ipywidgets.HBox, "nbkit-line", [made, behind])])


def box(kind: type[ipywidgets.Box], name: str, children: Sequence[ipywidgets.Widget | None]) -> ipywidgets.Box:
    """Make a box with a CSS class."""
    made = kind([child for child in children if child is not None])
    made.add_class(name)
    return made


def problem_lines(lines: Sequence[tuple[str, str]]) -> str:
    """Give the HTML of problems: what went wrong and what to try; empty for none."""
    shown = "".join(f"<div><b>{html.escape(told)}</b><br>{html.escape(hint)}</div>" for told, hint in lines)
    return f'<div class="nbkit-problem" role="alert">{shown}</div>' if lines else ""
