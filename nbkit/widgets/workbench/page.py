"""Owns the page of a workbench: its panes, the figure and the words below it. Must not know what an action does."""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import ipywidgets

from nbkit.errors import Problem
from nbkit.network.document import Document
from nbkit.study.health import Health
from nbkit.study.prediction import Prediction
from nbkit.widgets.workbench.drawing import HEIGHT, WIDTH, Drawing
from nbkit.widgets.workbench.figure_part import FigurePart
from nbkit.widgets.workbench.folded import Told
from nbkit.widgets.workbench.inspector import Section
from nbkit.widgets.workbench.live_page import LivePage
from nbkit.widgets.workbench.menus import MODELS, MOTIFS, PARTS
from nbkit.widgets.workbench.own_model import Draft, Judged
from nbkit.widgets.workbench.pane import Act, CanvasPane, HeaderPane, InspectorPane
from nbkit.widgets.workbench.runner import Progress
from nbkit.widgets.workbench.silence import Silence
from nbkit.widgets.workbench.view import Header, LiveShown, Shown
from nbkit.widgets.workbench.wiring import Port

_HINT = "Select a population, a stimulus or an arrow to see its values."
_LISTED = 60  # revisions in the list: the last ones
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
        live: what is seen of a simulation that goes on.
    """

    def __init__(self, document: Document, act: Act, figures: Sequence[str] = ()) -> None:
        self._document = document
        self.header, self.canvas, self.inspector = HeaderPane(act), CanvasPane(act), InspectorPane(act)
        self.story = ipywidgets.HTML(_UNTITLED)
        self.story.add_class("nbk-story")
        self._problems: dict[str, str] = {}
        self.figures = FigurePart(act, self._place, [self.story], only=figures)
        self._figures = ipywidgets.VBox(self.figures.widgets)
        self._figures.add_class("nbk-figures")
        self.live = LivePage(act)
        body = ipywidgets.Box([self.canvas, self.inspector, self._figures, self.live.box])
        body.add_class("nbk-body")
        self.children = (self.header, body)
        self._ready: dict[str, str] = {"kind": "ready", "words": "Ready"}
        self._progress: dict[str, str] | None = None
        self._failed: dict[str, str] | None = None
        self._findings: list[dict[str, Any]] = []
        self._head: dict[str, Any] = {}
        self._verdict = ""

    def show_drawing(self, drawing: Drawing, selected: Sequence[str]) -> None:
        """Draw the network."""
        document = self._document
        first = max(0, len(document.revisions) - _LISTED)
        self.canvas.state = {
            **self.canvas.state,
            "drawing": drawing.as_mapping(),
            "selected": list(selected),
            "size": [WIDTH, HEIGHT],
            "models": [[name, words] for name, (words, *_) in MODELS.items()],
            "parts": [[name, motif.words] for name, motif in PARTS.items()],
            "cards": [[name, motif.words, motif.about] for name, motif in MOTIFS.items()],
            "revisions": [[first + i, r.words] for i, r in enumerate(document.revisions[first:])],
            "revision": document.number,
            "ports": None,
        }

    def show_sections(self, sections: Sequence[Section]) -> None:
        """Show the values of what is selected."""
        made = [_plain(dataclasses.asdict(section)) for section in sections]
        self.inspector.state = {**self.inspector.state, "sections": made, "problems": self._problems, "nothing": _HINT}

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
        self._verdict = ""
        self._ready = {"kind": _CHIPS.get(level, "ready"), "words": words}
        self._findings = [
            {
                "level": f.level,
                "text": f"{f.where}: {f.what}".removeprefix(": "),
                "remedies": [[r.words, bool(r.changes)] for r in f.remedies],  # words alone are for the reader to do
            }
            for f in (() if health is None else health.findings)
        ]
        self._show_chip()

    def _show_chip(self) -> None:
        """What there is to say at the top: how far a run is, what went wrong, or how the next run will be."""
        chip = self._progress or self._failed or self._ready
        running = self._progress is not None or bool(self._head.get("running"))
        self.header.state = {**self._head, "running": running, "chip": chip, "findings": self._findings,
                             "verdict": self._verdict}  # fmt: skip

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
        self.canvas.state = {**self.canvas.state, "problems": self._problems}
        words = f"{len(problems)} problem{'s' * (len(problems) != 1)}"
        self._failed = {"kind": "bad", "words": words} if problems else None
        self._show_chip()

    def show_run(self, run: Shown, before: Shown | None, difference: str) -> None:
        """Draw a result, the one before in grey behind it, and tell what made the difference."""
        since = f"<br><span class='nbk-since'>{html.escape(difference)}</span>" if difference else ""
        cut = "" if run.whole else " <i>The run was ended early.</i>"
        cut = f" <i>Preview: {html.escape(run.preview)}.</i>" if run.preview else cut
        self.story.value = f"<b>{html.escape(run.story.text)}</b>{cut}{since}"
        self.figures.show_run(run, before)

    def offered(self, names: list[str]) -> list[str]:
        """Which figures are offered, of those that can show a result."""
        return names

    def _place(self) -> None:
        """Put the figure where it belongs, once there is one."""
        self._figures.children = tuple(self.figures.widgets)

    def ask_port(self, source: str, target: str, choices: Sequence[Port]) -> None:
        """Ask which variable an arrow begins with, and at which input it ends."""
        told = [[port.source, port.target, port.words] for port in choices]
        self.canvas.state = {**self.canvas.state, "ports": {"source": source, "target": target, "choices": told}}

    def show_theory(self, told: Sequence[Prediction] | None) -> None:
        """Show what theory says; None while it is thinking."""
        self.figures.show_theory(told)

    def show_silence(self, silence: Silence | None) -> None:
        """Offer what can be done about a population that nothing drives."""
        told = None
        if silence is not None:
            told = {"name": silence.population, "remedies": [[r.words, r.full] for r in silence.remedies]}
        self.canvas.state = {**self.canvas.state, "silence": told}

    def show_draft(self, draft: Draft | None, judged: Judged | None) -> None:
        """Show equations that are being typed, with what is wrong with them."""
        told = None
        if draft is not None and judged is not None:
            told = {**_plain(dataclasses.asdict(draft)), **_plain(dataclasses.asdict(replace(judged, model=None)))}
        self.inspector.state = {**self.inspector.state, "draft": told}

    def show_computed(self, part: str, told: Sequence[Told] | None) -> None:
        """Show what was computed of a part; None where it is older than the last edit."""
        lines = None if told is None else [_plain(dataclasses.asdict(line)) for line in told]
        computed = {**self.inspector.state.get("computed", {}), part: lines}
        self.inspector.state = {**self.inspector.state, "computed": computed}

    def show_verdict(self, words: str) -> None:
        """Show whether what is seen is the model's or the step's."""
        self._verdict = words
        self._show_chip()

    def close_question(self) -> None:
        """Take the question about ports away."""
        self.canvas.state = {**self.canvas.state, "ports": None}


def _plain(held: Any) -> Any:
    """Mappings, lists, numbers and text."""
    if isinstance(held, dict):
        return {key: _plain(inside) for key, inside in held.items()}
    return [_plain(inside) for inside in held] if isinstance(held, tuple | list) else held
