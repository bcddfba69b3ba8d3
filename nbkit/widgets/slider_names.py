"""Owns the names of sliders for those who hear the page or use the keyboard. Must not know what the sliders change."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping

import anywidget
import ipywidgets
import traitlets

HERE = pathlib.Path(__file__).parent


class SliderNames(anywidget.AnyWidget):
    """Give ipywidgets sliders a name that screen readers speak, and their arrow keys back.

    ipywidgets leaves the handles of its sliders nameless, and Notebook takes the arrow keys for
    itself. Put this widget, which shows nothing, into the same box as the sliders.

    Args:
        sliders: spoken name -> slider.

    Example:
        >>> import ipywidgets
        >>> slider = ipywidgets.FloatSlider(description="tau")
        >>> box = ipywidgets.VBox([slider, SliderNames({"time constant, in ms": slider})])
    """

    #: CSS selector -> attributes that every element under it gets
    marks = traitlets.Dict().tag(sync=True)
    _esm = HERE / "slider_names.js"
    _css = HERE / "explore.css"

    def __init__(self, sliders: Mapping[str, ipywidgets.DOMWidget]) -> None:
        marks = {}
        for name, slider in sliders.items():
            place = f"nbkit-slider-{slider.model_id}"
            slider.add_class(place)
            marks[f".{place} .noUi-handle"] = {"aria-label": name, "data-lm-suppress-shortcuts": "true"}
        super().__init__(marks=marks)
