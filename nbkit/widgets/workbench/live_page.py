"""Owns what is seen of a simulation that goes on: its figure, its words and its buttons. Must not know what runs."""

from __future__ import annotations

import html
from collections.abc import Sequence

import ipywidgets

from nbkit.errors import NbkitError
from nbkit.widgets.live_figure import LiveFigure
from nbkit.widgets.workbench.live_figures import fitting, live_picture
from nbkit.widgets.workbench.pane import Act, LivePane
from nbkit.widgets.workbench.view import LiveShown
from nbkit.widgets.workbench.window import Window


class LivePage:
    """The part of the page that the live mode has.

    Args:
        act: told what a user does.

    Attributes:
        box: the widget.
        bar: buttons, speed, and where the simulation is.
        figure: the live figure; there from the first picture on.
    """

    def __init__(self, act: Act) -> None:
        self.bar = LivePane(act)
        self.figure: LiveFigure | None = None
        self._choice = ipywidgets.ToggleButtons(options=[], style={"button_width": "auto"})
        self._choice.observe(lambda _: self._draw(), "value")
        self._story = ipywidgets.HTML("")
        self._story.add_class("nbk-live-story")
        self._last: LiveShown | None = None
        self._stretch: Window | None = None
        self.box = ipywidgets.VBox([self.bar, self._choice, self._story], layout={"display": "none"})
        self.box.add_class("nbk-live")

    @property
    def ready(self) -> bool:
        """Whether a page looks on and has drawn the last picture; also as long as there is none."""
        return self.figure is None or self.figure.ready

    def show_mode(self, *, live: bool) -> None:
        """Be seen, or not; what is not seen keeps nothing."""
        self.box.layout.display = None if live else "none"
        if not live:
            self._last = self._stretch = None

    def show(self, live: LiveShown) -> None:
        """Draw the last stretch, and tell where it is."""
        self._last = live
        self.bar.state = {
            "status": live.status,
            "note": live.note,
            "speed": live.speed,
            "speeds": list(live.speeds),
            "unit": live.unit,
        }
        told = f"<b>{html.escape(live.story)}</b>" if live.story else ""
        if self._story.value != told:
            self._story.value = told
        if self.figure is not None:
            self.figure.layout.visibility = "visible" if live.stretch is not None and live.stretch.kept else "hidden"
        if live.stretch is None or not live.stretch.kept:
            return
        if live.stretch is not self._stretch:  # what a stretch holds stays as it is
            self._stretch = live.stretch
            self._offer(fitting(live.stretch.dataset()))
        self._draw()

    def _offer(self, names: Sequence[str]) -> None:
        """Let a user choose between figures; a chosen one stays if it can."""
        if list(self._choice.options) != list(names):
            self._choice.options = names
            self._choice.value = names[0] if names else None

    def _draw(self) -> None:
        live = self._last
        if live is None or live.stretch is None or not live.stretch.kept or self._choice.value is None:
            return
        try:
            picture = live_picture(self._choice.value, live, live.stretch)
        except NbkitError as error:
            self.bar.state = {**self.bar.state, "note": "; ".join(problem.what for problem in error.problems)}
            return
        if self.figure is None:
            self.figure = LiveFigure(picture)
            self.box.children = [self.bar, self._choice, self.figure, self._story]
        else:
            self.figure.show(picture)
