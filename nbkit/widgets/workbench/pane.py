"""Owns a pane: a part of the page that shows a state and reports what a user does. Must not know what it means."""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Mapping
from typing import Any

import anywidget
import traitlets

HERE = pathlib.Path(__file__).parent

Act = Callable[[str, Mapping[str, Any]], None]


def _with_words(name: str) -> str:
    """A pane's script, behind the pieces that all panes share."""
    return "\n".join((HERE / file).read_text(encoding="utf-8") for file in ("shared.js", f"{name}.js"))


class Pane(anywidget.AnyWidget):
    """A part of the page. Without a page it is an inert holder of its state.

    Attributes:
        state: what is shown; plain mappings, lists, numbers and text.
    """

    _esm = "export default { render() {} };"
    _css = HERE / "workbench.css"
    state = traitlets.Dict().tag(sync=True)

    def __init__(self, act: Act) -> None:
        super().__init__()
        self._act = act
        self.layout.width = "100%"
        self.on_msg(self._receive)

    def _receive(self, _widget: object, message: Any, _buffers: object) -> None:
        if isinstance(message, dict) and isinstance(message.get("do"), str):
            self._act(message["do"], {key: held for key, held in message.items() if key != "do"})


class HeaderPane(Pane):
    """The line at the top: run, undo, how long and how finely, and how things stand."""

    _esm = _with_words("header")


class CanvasPane(Pane):
    """The network as a drawing."""

    _esm = _with_words("canvas")


class InspectorPane(Pane):
    """The values of what is selected."""

    _esm = _with_words("inspector")
