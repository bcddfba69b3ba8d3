"""Owns what the workbench asks of whoever draws. Must not know how anything is drawn, nor why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import xarray as xr

from nbkit.analysis.course import Story
from nbkit.errors import Problem
from nbkit.network.document import Revision
from nbkit.network.setup import Setup
from nbkit.plots.rolling import Mark
from nbkit.study.health import Health
from nbkit.widgets.workbench.drawing import Drawing
from nbkit.widgets.workbench.folded import Told
from nbkit.widgets.workbench.inspector import Section
from nbkit.widgets.workbench.own_model import Draft, Judged
from nbkit.widgets.workbench.runner import Progress
from nbkit.widgets.workbench.silence import Silence
from nbkit.widgets.workbench.window import Window
from nbkit.widgets.workbench.wiring import Port


@dataclass(frozen=True)
class Header:
    """What the line at the top shows."""

    undo: str  # what would be undone; empty for nothing
    redo: str
    running: bool
    setup: Setup
    follows: bool  # whether edits run by themselves
    mode: str = "rerun"  # or "live"


@dataclass(frozen=True)
class Shown:
    """One finished run as the figure shows it.

    Attributes:
        result: the samples and spikes.
        story: what it did, in words.
        whole: whether it went to its end.
        revision: what was run.
        preview: of how much of the time it is, in words, if the rest is still to come; else empty.
    """

    result: xr.Dataset
    story: Story
    whole: bool
    revision: Revision
    preview: str = ""


@dataclass(frozen=True)
class LiveShown:
    """A simulation that goes on, as the figure shows it.

    Attributes:
        stretch: its last stretch.
        span: what the time axis shows.
        marks: what was done lately.
        status: where it is and how fast it goes, in words.
        story: what it does, in words.
        note: a word about what happened, such as why it began anew.
        speed: units of time a second; None for as many as can be.
        speeds: those that can be chosen.
        unit: of time; empty for none.
    """

    stretch: Window | None
    span: tuple[float, float]
    marks: tuple[Mark, ...]
    status: str
    story: str
    note: str
    speed: float | None
    speeds: tuple[float, ...]
    unit: str


class WorkbenchView(Protocol):
    """What the presenter asks of whoever draws."""

    def show_drawing(self, drawing: Drawing, selected: Sequence[str]) -> None:
        """Draw the network."""
        ...

    def show_sections(self, sections: Sequence[Section]) -> None:
        """Show the values of what is selected."""
        ...

    def show_header(self, header: Header) -> None:
        """Show what can be done now."""
        ...

    def show_run(self, run: Shown, before: Shown | None, difference: str) -> None:
        """Draw a result, the one before in grey behind it, and tell what made the difference and what it did."""
        ...

    def show_health(self, health: Health | None) -> None:
        """Show what was found about the run before it starts, with its remedies; None for an empty canvas."""
        ...

    def show_progress(self, progress: Progress) -> None:
        """Show how far a run is."""
        ...

    @property
    def live_ready(self) -> bool:
        """Whether somebody looks on and has drawn the last picture of what goes on."""
        ...

    def show_live(self, live: LiveShown) -> None:
        """Draw the last stretch of a simulation that goes on."""
        ...

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show what went wrong and what to try, each where it belongs; none takes all of them away."""
        ...

    def ask_port(self, source: str, target: str, choices: Sequence[Port]) -> None:
        """Ask which variable an arrow begins with, and at which input it ends."""
        ...

    def show_silence(self, silence: Silence | None) -> None:
        """Offer what can be done about a population that nothing drives; None where there is none."""
        ...

    def show_draft(self, draft: Draft | None, judged: Judged | None) -> None:
        """Show equations that are being typed, with what is wrong with them; None takes them away."""
        ...

    def show_computed(self, part: str, told: Sequence[Told] | None) -> None:
        """Show what was computed of a part; None where it is older than the last edit."""
        ...

    def show_verdict(self, words: str) -> None:
        """Show whether what is seen is the model's or the step's."""
        ...
