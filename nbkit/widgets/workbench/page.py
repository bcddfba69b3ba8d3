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
from nbkit.widgets.workbench.drawing import HEIGHT, WIDTH, Drawing
from nbkit.widgets.workbench.figure_part import FigurePart
from nbkit.widgets.workbench.inspector import Section
from nbkit.widgets.workbench.menus import MODELS, MOTIFS
from nbkit.widgets.workbench.pane import Act, CanvasPane, HeaderPane, InspectorPane
from nbkit.widgets.workbench.runner import Progress
from nbkit.widgets.workbench.view import Header, Shown
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
        figures: the figures, and what belongs to them.
        story: what the last run did, in words.
        text: code or a link, to be copied.
    """

    def __init__(self, document: Document, act: Act) -> None:
        self._document = document
        self.header, self.canvas, self.inspector = HeaderPane(act), CanvasPane(act), InspectorPane(act)
        self.story = ipywidgets.HTML(_UNTITLED)
        self.story.add_class("nbk-story")
        self.text = ipywidgets.Textarea(description="", layout={"width": "100%", "height": "160px", "display": "none"})
        self._problems: dict[str, str] = {}
        self.figures = FigurePart(act, self._place, [self.story], lambda names: self.offered(names))
        self._figures = ipywidgets.VBox([*self.figures.widgets, self.text])
        self._figures.add_class("nbk-figures")
        body = ipywidgets.Box([self.canvas, self.inspector, self._figures])
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
        }
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

    def show_progress(self, progress: Progress) -> None:
        """Show how far a run is."""
        share = 100 * progress.steps / progress.of
        self._progress = {"kind": "busy", "words": f"{share:.0f} % · {progress.left:.1f} s left"}
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
        since = f"<br><span class='nbk-since'>{html.escape(difference)}</span>" if difference else ""
        cut = "" if run.whole else " <i>The run was ended early.</i>"
        self.story.value = f"<b>{html.escape(run.story.text)}</b>{cut}{since}"
        self.figures.show_run(run, before)

    def offered(self, names: list[str]) -> list[str]:
        """Which figures are offered, of those that can show a result."""
        return names

    def _place(self) -> None:
        """Put the figure where it belongs, once there is one."""
        self._figures.children = (*self.figures.widgets, self.text)

    def ask_port(self, source: str, target: str, choices: Sequence[Port]) -> None:
        """Ask which variable an arrow begins with, and at which input it ends."""
        told = [[port.source, port.target, port.words] for port in choices]
        self.canvas.state = {**self.canvas.state, "ports": {"source": source, "target": target, "choices": told}}

    def show_theory(self, told: Sequence[Prediction] | None) -> None:
        """Show what theory says; None while it is thinking."""
        self.figures.show_theory(told)

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
        try:
            return self._document.to_link()
        except NbkitError:
            return ""


def _plain_row(row: dict[str, Any]) -> dict[str, Any]:
    return {key: list(held) if isinstance(held, tuple) else held for key, held in row.items()}
