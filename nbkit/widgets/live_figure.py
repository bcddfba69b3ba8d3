"""Owns the live figure: a Bokeh figure in a notebook that follows its picture. Must not know what the picture shows."""

from __future__ import annotations

import json
import pathlib
import threading
from collections.abc import Mapping
from typing import Any

import anywidget
import bokeh
import numpy as np
import traitlets
from bokeh.embed import json_item
from bokeh.models.ui import UIElement
from bokeh.resources import Resources

from nbkit.plots import Picture

Array = np.ndarray
HERE = pathlib.Path(__file__).parent
#: Numbers go to the page in single precision where its rounding stays below this part of their spread.
FINE = 1e-4


class LiveFigure(anywidget.AnyWidget):
    """A figure that changes in place, in JupyterLab, Notebook and Voila alike.

    The page fetches BokehJS from the kernel once, so nothing comes from elsewhere. Changes send
    only the columns that differ; while the page paints, only the newest picture is kept.

    Args:
        picture: what to show first; a plain Bokeh figure is shown as it is.

    Attributes:
        problem: a line of text under the figure; empty for none.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"E": nb.Population(nb.models.wilson_cowan, 10)})
        >>> ds = nb.simulate(net, duration=20.0, dt=0.1)
        >>> live = nb.LiveFigure(nb.plots.traces_picture(ds))
        >>> live.show(nb.plots.traces_picture(ds))
    """

    _esm = "\n".join((HERE / name).read_text(encoding="utf-8") for name in ("live_theme.js", "live.js"))
    _css = HERE / "live.css"
    _bokeh_version = traitlets.Unicode(bokeh.__version__).tag(sync=True)
    problem = traitlets.Unicode("").tag(sync=True)

    def __init__(self, picture: Picture | UIElement) -> None:
        super().__init__()
        self._picture = picture
        self._painted: Picture | UIElement | None = None  # what every view of the figure holds
        self._views: set[str] = set()
        self._awaited: int | None = None  # the message that the page has not painted yet
        self._sent = 0
        self._lock = threading.RLock()  # a kernel may hear the page in another thread while a cell runs
        self.layout.width = "100%"
        self.on_msg(self._receive)

    @property
    def picture(self) -> Picture | UIElement:
        """What the figure shows, or will show as soon as the page has time."""
        return self._picture

    @property
    def ready(self) -> bool:
        """Whether a page looks on and has painted all that was sent, so that it would show a picture at once."""
        return bool(self._views) and self._awaited is None

    def show(self, picture: Picture | UIElement) -> None:
        """Show another picture. Returns at once; without a page that looks on, nothing is sent."""
        self._picture = picture
        self._update()

    def _update(self) -> None:
        """Send the newest picture, if the page is free; what is shown while it is sent waits for the next time."""
        with self._lock:
            picture = self._picture
            if not self._views or self._awaited is not None or self._painted is picture:
                return
            self._sent += 1
            self._awaited = self._sent
            if _same_plan(self._painted, picture) and _in_numbers(self._painted, picture):  # type: ignore[arg-type]
                self._send_change(self._painted, picture)  # type: ignore[arg-type]
            else:
                self._send_item("all", picture)
            self._painted = picture

    def _receive(self, _widget: object, message: dict[str, Any], _buffers: object) -> None:
        kind = message.get("type")
        if kind == "want-script":
            self.send({"type": "script"}, [_bokeh_script()])
            return
        with self._lock:
            if kind == "want-item":
                self._welcome(str(message["view"]))
            elif kind == "gone":
                self._views.discard(str(message["view"]))
                self._awaited = None
                self._update()
            elif kind == "ack" and message.get("number") == self._awaited:
                self._awaited = None
                self._update()

    def _welcome(self, view: str) -> None:
        """Give a new view the whole figure; what other views hold is not known any more."""
        picture, alone = self._picture, not self._views
        self._views.add(view)
        self._awaited = None
        self._send_item(view, picture)
        self._painted = picture if alone or self._painted is picture else None
        self._update()

    def _send_item(self, view: str, picture: Picture | UIElement) -> None:
        """Send the whole figure to one view, or to all of them."""
        figure = picture.draw() if isinstance(picture, Picture) else picture
        summary = picture.summary if isinstance(picture, Picture) else "A figure"
        item = json.dumps(json_item(figure)).encode()
        self.send({"type": "item", "view": view, "number": self._sent, "summary": summary}, [item])

    def _send_change(self, old: Picture, new: Picture) -> None:
        """Send the columns and settings in which two pictures of one plan differ."""
        columns, buffers = [], []
        for source, name, values in _changed(old, new):
            packed = pack(values)
            columns.append({"source": source, "name": name, "shape": values.shape, "dtype": packed.dtype.name})
            buffers.append(packed.tobytes())
        settings = {k: dict(v) for k, v in new.settings.items() if v != old.settings.get(k)}
        message = {"type": "change", "number": self._sent, "summary": new.summary}
        self.send({**message, "columns": columns, "settings": settings}, buffers)


def pack(values: Array) -> Array:
    """Give the numbers in single precision if that cannot be seen, else in double precision.

    Example:
        >>> import numpy as np
        >>> pack(np.array([0.0, 0.1])).dtype.name, pack(np.array([1e9, 1e9 + 1])).dtype.name
        ('float32', 'float64')
    """
    exact = np.ascontiguousarray(values, dtype=np.float64)
    finite = exact[np.isfinite(exact)]
    if not finite.size:
        return exact.astype(np.float32)
    size, spread = float(np.abs(finite).max()), float(np.ptp(finite))
    fits = size < float(np.finfo(np.float32).max) and size * np.finfo(np.float32).eps <= FINE * spread
    return exact.astype(np.float32) if fits else exact


def _bokeh_script() -> bytes:
    return "\n".join(Resources(mode="inline", components=["bokeh", "bokeh-widgets"]).js_raw).encode()


def _same_plan(old: object, new: object) -> bool:
    return isinstance(old, Picture) and isinstance(new, Picture) and old.plan == new.plan


def _in_numbers(old: Picture, new: Picture) -> bool:
    """Whether all that differs are numbers; words in columns come with the whole figure."""
    return all(values.dtype.kind in "fiub" for _, _, values in _changed(old, new))


def _changed(old: Picture, new: Picture) -> list[tuple[str, str, Array]]:
    return [
        (source, name, values)
        for source, columns in new.columns.items()
        for name, values in columns.items()
        if not _equal(old.columns.get(source), name, values)
    ]


def _equal(columns: Mapping[str, Array] | None, name: str, values: Array) -> bool:
    old = None if columns is None else columns.get(name)
    if old is None or old.shape != values.shape:
        return False
    return np.array_equal(old, values, equal_nan=values.dtype.kind == "f")
