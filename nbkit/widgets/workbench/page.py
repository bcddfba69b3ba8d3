"""Owns the page of a workbench: its panes, the figure and the words below it. Must not know what an action does."""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Sequence
from typing import Any

import ipywidgets

from nbkit.errors import NbkitError, Problem
from nbkit.network.document import Document
from nbkit.study.health import Health
from nbkit.study.prediction import Prediction
from nbkit.widgets.live_figure import LiveFigure
from nbkit.widgets.workbench.drawing import HEIGHT, WIDTH, Drawing
from nbkit.widgets.workbench.figures import FIGURES, fitting
from nbkit.widgets.workbench.inspector import Section
from nbkit.widgets.workbench.live_page import LivePage
from nbkit.widgets.workbench.menus import MODELS, MOTIFS
from nbkit.widgets.workbench.pane import Act, CanvasPane, HeaderPane, InspectorPane
from nbkit.widgets.workbench.runner import Progress
from nbkit.widgets.workbench.view import Header, LiveShown, Shown
from nbkit.widgets.workbench.wiring import Port

_HINT = "Select a population, a stimulus or an arrow to see its values."
_UNTITLED = "Nothing has run yet."
#: level of a finding -> the look of the chip
_CHIPS = {"problem": "bad", "warning": "waiting", "note": "note"}


class Page:
    """Shows what the presenter asks for, and reports what a user does to ``act``.

    Attributes:
        children: the widgets, from the top down.
        header: the line at the top.
        canvas: the drawing.
        inspector: the rows of values.
        story: what the last run did, in words.
        text: code or a link, to be copied.
        live: what is seen of a simulation that goes on.
    """

    def __init__(self, document: Document, act: Act) -> None:
        self._document = document
        self._linked: tuple[object, str] = (None, "")  # a revision and its link
        self.header, self.canvas, self.inspector = HeaderPane(act), CanvasPane(act), InspectorPane(act)
        self.story = ipywidgets.HTML(_UNTITLED)
        self.story.add_class("nbk-story")
        self.text = ipywidgets.Textarea(description="", layout={"width": "100%", "height": "160px", "display": "none"})
        self._choice = ipywidgets.ToggleButtons(options=[], style={"button_width": "auto"})
        self._choice.observe(lambda _: self._draw(), "value")
        self._theory = ipywidgets.HTML("")
        self._theory.add_class("nbk-theory")
        self._ask = ipywidgets.Button(description="What does theory say?", layout={"width": "max-content"})
        self._ask.on_click(lambda _: act("ask_theory", {}))
        self._figure: LiveFigure | None = None
        self._problems: dict[str, str] = {}
        self._last: tuple[Shown, Shown | None] | None = None
        self._figures = ipywidgets.VBox(self._below())
        self._figures.add_class("nbk-figures")
        self.live = LivePage(act, self.text)
        body = ipywidgets.Box([self.canvas, self.inspector, self._figures, self.live.box])
        body.add_class("nbk-body")
        self.children = (self.header, body)
        self._ready: dict[str, str] = {"kind": "ready", "words": "Ready"}
        self._progress: dict[str, str] | None = None
        self._failed: dict[str, str] | None = None
        self._findings: list[dict[str, Any]] = []
        self._head: dict[str, Any] = {}

    def show_drawing(self, drawing: Drawing, selected: Sequence[str]) -> None:
        """Draw the network."""
        self.canvas.state = {
            "drawing": drawing.as_mapping(),
            "selected": list(selected),
            "size": [WIDTH, HEIGHT],
            "models": [[name, words] for name, (words, *_) in MODELS.items()],
            "ports": None,
        }

    def show_sections(self, sections: Sequence[Section]) -> None:
        """Show the values of what is selected."""
        made = [
            {
                "title": section.title,
                "about": section.about,
                "equations": list(section.equations),
                "rows": [_plain_row(dataclasses.asdict(row)) for row in section.rows],
            }
            for section in sections
        ]
        self.inspector.state = {"sections": made, "problems": self._problems, "nothing": _HINT}

    def show_header(self, header: Header) -> None:
        """Show what can be done now."""
        self._progress = self._progress if header.running else None
        self._head = {
            "undo": header.undo,
            "redo": header.redo,
            "running": header.running,
            "setup": {"duration": header.setup.duration, "dt": header.setup.dt},
            "unit": "" if self._document.network.time_unit == "1" else self._document.network.time_unit,
            "motifs": [[name, motif.words] for name, motif in MOTIFS.items()],
            "link": self._link(),
            "follows": header.follows,
            "mode": header.mode,
        }
        self._figures.layout.display = "none" if header.mode == "live" else None
        self.live.show_mode(live=header.mode == "live")
        self._show_chip()

    def show_health(self, health: Health | None) -> None:
        """Show what was found about the run before it starts, with its remedies."""
        level = next((f.level for f in health.findings if f.code != "not-judged"), "") if health is not None else ""
        words = "Empty" if health is None else health.summary
        self._ready = {"kind": _CHIPS.get(level, "ready"), "words": words}
        self._findings = [
            {
                "level": f.level,
                "text": f"{f.where}: {f.what}".removeprefix(": "),
                "remedies": [r.words for r in f.remedies],
            }
            for f in (() if health is None else health.findings)
        ]
        self._show_chip()

    def _show_chip(self) -> None:
        """What there is to say at the top: how far a run is, what went wrong, or how the next run will be."""
        chip = self._progress or self._failed or self._ready
        running = self._progress is not None or bool(self._head.get("running"))
        self.header.state = {**self._head, "running": running, "chip": chip, "findings": self._findings}

    @property
    def live_ready(self) -> bool:
        """Whether a page has drawn the last picture of what goes on."""
        return self.live.ready

    def show_live(self, live: LiveShown) -> None:
        """Draw the last stretch of a simulation that goes on; what was being built is there now."""
        if self._progress is not None:
            self._progress = None
            self._show_chip()
        self.live.show(live)

    def show_progress(self, progress: Progress) -> None:
        """Show how far a run is."""
        self._progress = {"kind": "busy", "words": progress.words}
        self._show_chip()

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show what went wrong and what to try, each where it belongs."""
        self._problems = {p.where: f"{p.what}{f' Try: {p.hint}.' if p.hint else ''}" for p in problems}
        self.inspector.state = {**self.inspector.state, "problems": self._problems}
        words = f"{len(problems)} problem{'s' * (len(problems) != 1)}"
        self._failed = {"kind": "bad", "words": words} if problems else None
        self._show_chip()

    def show_run(self, run: Shown, before: Shown | None, difference: str) -> None:
        """Draw a result, the one before in grey behind it, and tell what made the difference."""
        self._last = run, before
        self._theory.value = ""
        since = f"<br><span class='nbk-since'>{html.escape(difference)}</span>" if difference else ""
        cut = "" if run.whole else " <i>The run was ended early.</i>"
        cut = f" <i>Preview: {html.escape(run.preview)}.</i>" if run.preview else cut
        self.story.value = f"<b>{html.escape(run.story.text)}</b>{cut}{since}"
        names = fitting(run.result)
        if list(self._choice.options) != names:
            self._choice.options = names
            self._choice.value = names[0] if names else None
        self._draw()

    def _draw(self) -> None:
        if self._last is None or self._choice.value is None:
            return
        picture = FIGURES[self._choice.value][1](*self._last)
        if self._figure is None:
            self._figure = LiveFigure(picture)
            self._figures.children = tuple(self._below())
        else:
            self._figure.show(picture)

    def _below(self) -> list[ipywidgets.Widget]:
        figure = [] if self._figure is None else [self._figure]
        return [self._choice, *figure, self.story, self._ask, self._theory, self.text]

    def ask_port(self, source: str, target: str, choices: Sequence[Port]) -> None:
        """Ask which variable an arrow begins with, and at which input it ends."""
        told = [[port.source, port.target, port.words] for port in choices]
        self.canvas.state = {**self.canvas.state, "ports": {"source": source, "target": target, "choices": told}}

    def show_theory(self, told: Sequence[Prediction] | None) -> None:
        """Show what theory says; None while it is thinking."""
        if told is None:
            self._theory.value = "<i>Theory is thinking …</i>"
            return
        lines = "".join(f"<li>{html.escape(str(prediction))}</li>" for prediction in told)
        self._theory.value = f"<ul>{lines}</ul>" if lines else "No ready theory speaks about this network."

    def show_text(self, text: str) -> None:
        """Show text to be copied; the same text again takes it away."""
        same = self.text.value == text and self.text.layout.display != "none"
        self.text.value = text
        self.text.layout.display = "none" if same else ""

    def close_question(self) -> None:
        """Take the question about ports away."""
        self.canvas.state = {**self.canvas.state, "ports": None}

    def _link(self) -> str:
        """The present network as a link; empty where it is too long for one."""
        present = self._document.present
        if self._linked[0] is not present:
            try:
                self._linked = present, self._document.to_link()
            except NbkitError:
                self._linked = present, ""
        return self._linked[1]


def _plain_row(row: dict[str, Any]) -> dict[str, Any]:
    return {key: list(held) if isinstance(held, tuple) else held for key, held in row.items()}
