"""Owns what a widget leaves behind for a page without a kernel. Runs in the kernel that makes the page.

A widget shows itself to a kernel's messages alone. Here it also shows what a page can keep: its figures, its sliders,
and for each slider the pictures at some of its places. Must not know pages.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import ipywidgets
import numpy as np
from bokeh.embed import json_item
from bokeh.models.ui import UIElement
from IPython.core.getipython import get_ipython

from nbkit.app.site.moving import Frame, moving
from nbkit.errors import NbkitError
from nbkit.plots import Picture
from nbkit.widgets import Explorer, LiveFigure

#: the kind of output that only the page reads
MIME = "application/vnd.nbkit.still+json"
#: sliders of a panel that move in a page, and places of each: a run for each place
SLIDERS, PLACES = 2, 7


def keep() -> None:
    """Let every widget that this kernel shows leave something for a page."""
    shell = get_ipython()  # type: ignore[no-untyped-call]
    assert shell is not None
    shell.display_formatter.mimebundle_formatter.for_type(ipywidgets.Widget, _shown)


def _shown(widget: ipywidgets.Widget) -> Any:
    data = widget._repr_mimebundle_()
    bundle, metadata = data if isinstance(data, tuple) else (data, {})
    return {**bundle, MIME: still(widget)}, metadata


def still(widget: ipywidgets.Widget) -> dict[str, Any]:
    """What a page can keep of a widget.

    Returns:
        ``kind``: what it is; ``figures``: its Bokeh figures as JSON text, each with what it shows in words, and the
        path that a slider moves; ``sliders``: the paths of all; ``texts``: HTML; ``options``: what can be chosen.
    """
    inside = list(_descendants(widget))
    figures = [one for one in inside if isinstance(one, LiveFigure)]
    texts = [one.value for one in inside if isinstance(one, ipywidgets.HTML) and one.value]
    options = [list(map(str, one.options)) for one in inside if isinstance(one, ipywidgets.RadioButtons)]
    made = _swept(widget) if isinstance(widget, Explorer) else [_figure(one) for one in figures]
    named = [path for path, _ in sorted(getattr(widget, "sliders", {}).items())]
    return {"kind": type(widget).__name__, "figures": made, "sliders": named, "texts": texts, "options": options}


def _descendants(widget: ipywidgets.Widget) -> Iterator[ipywidgets.Widget]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _descendants(child)


def _figure(live: LiveFigure) -> dict[str, Any]:
    picture = live.picture
    drawn, said = (picture.draw(), picture.summary) if isinstance(picture, Picture) else (picture, "")
    return {"item": _text(drawn), "said": said, "path": ""}


def _text(figure: UIElement) -> str:
    """A figure's JSON as text: notebooks sort keys, and Bokeh names a part where it stands first."""
    return json.dumps(json_item(figure))


def _swept(panel: Explorer) -> list[dict[str, Any]]:
    """For each slider of a panel a figure that moves; the figure alone where its pictures cannot follow each other."""
    made = []
    for path, slider in list(panel.sliders.items())[:SLIDERS]:
        try:
            made.append(_moved(panel, path, slider))
        except (NbkitError, KeyError, ValueError):
            continue
        finally:
            panel.reset()
    return made or [_figure(panel.figure)]


def _moved(panel: Explorer, path: str, slider: Any) -> dict[str, Any]:
    begun = slider.value
    places = _places(slider)
    frames = []
    for value in places:
        slider.value = value
        if not isinstance(panel.figure.picture, Picture) or panel.figure.problem:
            raise ValueError(path)
        frames.append(Frame(f"{value:g}", panel.figure.picture))
    start = int(np.argmin(np.abs(np.array(places) - begun)))
    return {"item": _text(moving(path, frames, start)), "said": frames[start].picture.summary, "path": path}


def _places(slider: Any) -> list[float]:
    """Some places of a slider, the present one among them."""
    spread = np.linspace(slider.min, slider.max, PLACES)
    steps = np.rint((spread - slider.min) / slider.step) * slider.step + slider.min
    nearest = int(np.argmin(np.abs(steps - slider.value)))
    steps[nearest] = slider.value
    return sorted({float(f"{value:.9g}") for value in steps})
