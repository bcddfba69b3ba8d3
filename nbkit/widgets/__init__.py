"""Owns what moves in a notebook: live figures and sliders. Must not touch the arrays of a running simulation."""

from nbkit.errors import fail

try:
    import anywidget  # noqa: F401
    import ipywidgets  # noqa: F401
except ImportError as error:
    raise fail(
        "missing-package", "nbkit.widgets", f"needs the package {error.name}", 'pip install "nbkit[app]"'
    ) from error

from nbkit.widgets.explorer import Explorer, explore
from nbkit.widgets.live_figure import LiveFigure
from nbkit.widgets.live_simulation import Live, live
from nbkit.widgets.slider_names import SliderNames

__all__ = ["Explorer", "Live", "LiveFigure", "SliderNames", "explore", "live"]
