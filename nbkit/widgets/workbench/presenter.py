"""Owns the behaviour of the workbench: an action edits the document, a change runs it anew. Must not know toolkits."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import xarray as xr

from nbkit.analysis.course import Story, in_words
from nbkit.compile.connections import bytes_of_draws
from nbkit.errors import NbkitError, Problem, fail
from nbkit.model.numbers import is_finite_number
from nbkit.network.description import Population, Stimulus
from nbkit.network.document import Document, Revision
from nbkit.network.network import Network
from nbkit.network.setup import Setup
from nbkit.network.signals import Step
from nbkit.simulation.checks import require_memory
from nbkit.widgets.workbench.drawing import Drawing, draw
from nbkit.widgets.workbench.inspector import Section, inspect
from nbkit.widgets.workbench.runner import Ears, Progress, Runner, Schedule
from nbkit.widgets.workbench.wiring import Port, connection, drives, free_name, parts_of, ports

#: a run that is forecast to be quicker than this follows every edit by itself
QUICK_SECONDS = 0.3
_BYTES_OF_A_UNIT = 200  # states, parameters and rows of a step


@dataclass(frozen=True)
class Header:
    """What the line at the top shows."""

    undo: str  # what would be undone; empty for nothing
    redo: str
    running: bool
    setup: Setup
    follows: bool  # whether edits run by themselves


@dataclass(frozen=True)
class Shown:
    """One finished run as the figure shows it.

    Attributes:
        result: the samples and spikes.
        story: what it did, in words.
        whole: whether it went to its end.
        revision: what was run.
    """

    result: xr.Dataset
    story: Story
    whole: bool
    revision: Revision


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

    def show_progress(self, progress: Progress) -> None:
        """Show how far a run is."""
        ...

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show what went wrong and what to try, each where it belongs; none takes all of them away."""
        ...

    def ask_port(self, source: str, target: str, choices: Sequence[Port]) -> None:
        """Ask which variable an arrow begins with, and at which input it ends."""
        ...


class WorkbenchPresenter:
    """Keeps a document, what of it is selected, and its last run; turns what a user does into edits.

    Every edit is one revision of the document. What cannot be run is kept and told; the last good picture stays.

    Args:
        document: what is edited.
        view: whoever draws.
        schedule: calls a function once whoever draws had a turn.
        clock: seconds.

    Attributes:
        selected: names of the selected parts.
        run_shown: the last run, or None.
    """

    def __init__(
        self,
        document: Document,
        view: WorkbenchView,
        schedule: Schedule,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.document, self._view, self._clock = document, view, clock
        self.selected: tuple[str, ...] = tuple(document.network.populations)[:1]
        self.run_shown: Shown | None = None
        self._before: Shown | None = None
        self._runner = Runner(schedule, clock)
        self._seconds = 0.0  # what the last run took
        self._leave = document.subscribe(self._changed)
        self._show()
        self._run_if_possible()

    # ------------------------------------------------------------ what a user does

    def select(self, names: Iterable[str]) -> None:
        """Select parts by name; unknown ones are passed over."""
        known = _parts(self.document.network)
        self.selected = tuple(name for name in names if name in known)
        self._show()

    def set_value(self, path: str, value: object, drag: str = "") -> bool:
        """Give a path another value; several selected parts of the same kind share it.

        Args:
            path: such as ``"E.tau"``.
            value: a number, text of a number or of a time, or a law.
            drag: the mark of a drag of a slider; its values are one revision.

        Returns:
            Whether the value was taken. If not, the view tells why, and the old one is kept.
        """
        network = self.document.network
        try:
            number = _read_number(path, value)
            edited = network
            for each in self._shared(path):
                edited = edited.with_value(each, round(number) if each.endswith(".size") else number)
            _require_no_new_problem(network, edited)
        except NbkitError as error:
            self._view.show_problems([_kept(network, path, problem) for problem in error.problems])
            return False
        self._view.show_problems([])
        self.document.edit(edited, merge=drag or None)
        return True

    def set_setup(self, key: str, value: object) -> bool:
        """Change duration, dt, seed, method, precision or what is recorded."""
        try:
            setup = replace(self.document.setup, **{key: value})
        except NbkitError as error:
            self._view.show_problems(error.problems)
            return False
        self._view.show_problems([])
        self.document.edit(setup=setup)
        return True

    def add_population(self, population: Population, name: str = "P") -> str:
        """Add a population under a free name and select it; returns the name."""
        network = self.document.network
        free = free_name(network, name)
        self.selected = (free,)
        self._edit(populations={**network.populations, free: population})
        return free

    def add_stimulus(self, target: str) -> str:
        """Let a step drive a population, by its usual input; returns the name of the stimulus.

        Raises:
            NbkitError: ``bad-choice`` where nothing can be driven.
        """
        network = self.document.network
        inputs = drives(network, target)
        if not inputs:
            raise fail("bad-choice", target, "has no input that could be driven", "a model with inputs")
        name = free_name(network, inputs[0])
        self.selected = (name,)
        self._edit(stimuli=[*network.stimuli, Stimulus(inputs[0], Step(1.0), name=name)])
        return name

    def connect(self, source: str, target: str, port: Port | None = None) -> str:
        """Connect two populations; asks if several ways are as good. Returns the new name, empty if it was asked."""
        network = self.document.network
        possible = ports(network, source, target)
        usual = [p for p in possible if p.source == possible[0].source and p.target.endswith("_in")]
        if port is None and len(possible) > 1 and len(usual) != 1:
            self._view.ask_port(source, target, possible)
            return ""
        made = connection(network, source, target, port)
        self.selected = (made.name,)
        self._edit(projections=[*network.projections, made])
        return made.name

    def remove(self) -> None:
        """Take away what is selected, and the arrows that would begin or end at nothing."""
        gone, self.selected = set(self.selected), ()
        if gone:
            self.document.edit(parts_of(self.document.network, gone))

    def duplicate(self) -> None:
        """Add a copy of each selected population, without its arrows, and select the copies."""
        network = self.document.network
        copies: dict[str, Population] = {}
        for name in self.selected:
            if name in network.populations:
                taken = Network({**network.populations, **copies}, network.projections, network.stimuli)
                copies[free_name(taken, name)] = network.populations[name]
        if copies:
            self.selected = tuple(copies)
            self._edit(populations={**network.populations, **copies})

    def move(self, places: Mapping[str, tuple[float, float]], drag: str = "") -> None:
        """Put parts somewhere else in the drawing."""
        self.document.edit(positions={**self.document.positions, **places}, merge=drag or None)

    def undo(self) -> None:
        """Take the last edit back."""
        self.document.undo()

    def redo(self) -> None:
        """Make the edit again that was taken back."""
        self.document.redo()

    def run(self) -> None:
        """Run the network from t = 0."""
        self._start()

    def stop(self) -> None:
        """End the run; what there is stays."""
        self._runner.stop()

    def close(self) -> None:
        """Leave the document alone from now on."""
        self._leave()
        self._runner.stop()

    # ------------------------------------------------------------ what follows from it

    @property
    def follows(self) -> bool:
        """Whether edits run by themselves, because a run is quick."""
        return self._seconds < QUICK_SECONDS

    def _shared(self, path: str) -> list[str]:
        """The path itself, and the same value of the other selected parts of the same kind."""
        network = self.document.network
        owner = next((n for n in sorted(_parts(network), key=len, reverse=True) if path.startswith(f"{n}.")), "")
        if owner not in self.selected:
            return [path]
        others = [f"{name}{path[len(owner) :]}" for name in self.selected if name != owner]
        known = set(network.paths())
        return [path, *(other for other in others if other in known)]

    def _edit(self, **parts: Any) -> None:
        self._view.show_problems([])
        self.document.edit(replace(self.document.network, **parts))

    def _changed(self, revision: Revision) -> None:
        """The document has another revision: show it, and run it if that is quick and anything but places changed."""
        self.selected = tuple(name for name in self.selected if name in _parts(revision.network))
        self._show()
        shown = self.run_shown
        same = shown is not None and shown.revision.network == revision.network
        if not same or (shown is not None and shown.revision.setup != revision.setup):
            self._run_if_possible()

    def _run_if_possible(self) -> None:
        if self.follows and self.document.network.populations and not self.document.network.check():
            self._start(QUICK_SECONDS)

    def _start(self, patience: float = 0.0) -> None:
        revision, began = self.document.present, self._clock()

        def done(result: xr.Dataset, whole: bool) -> None:  # noqa: FBT001
            self._seconds = self._clock() - began if whole else max(self._seconds, self._clock() - began)
            self._arrived(Shown(result, in_words(result), whole, revision))

        def failed(error: NbkitError, result: xr.Dataset | None) -> None:
            if result is not None and result.sizes.get("time", 0) > 4:
                self._arrived(Shown(result, in_words(result), whole=False, revision=revision))
            self._view.show_problems(error.problems)
            self._show_header()

        self._runner.start(
            revision.network, revision.setup, Ears(self._view.show_progress, done, failed), patience=patience
        )
        self._show_header()

    def _arrived(self, run: Shown) -> None:
        """A run has ended: the one before becomes the grey one, unless it was of the same revision."""
        if self.run_shown is not None and self.run_shown.revision is not run.revision:
            self._before = self.run_shown
        self.run_shown = run
        difference = ""
        if self._before is not None:
            effect = run.story.since(self._before.story)
            difference = ": ".join(filter(None, (run.revision.words, effect)))
        self._view.show_run(run, self._before, difference)
        self._show_header()

    def _show(self) -> None:
        network = self.document.network
        self._view.show_drawing(draw(network, self.document.positions), self.selected)
        self._view.show_sections(inspect(network, self.selected, self.document.setup))
        self._show_header()

    def _show_header(self) -> None:
        revisions, number = self.document.revisions, self.document.number
        undo = revisions[number].words if number else ""
        redo = revisions[number + 1].words if number + 1 < len(revisions) else ""
        self._view.show_header(Header(undo, redo, self._runner.running, self.document.setup, self.follows))


def _parts(network: Network) -> set[str]:
    return {*network.populations, *(p.name for p in network.projections), *(s.name for s in network.stimuli)}


def _require_no_new_problem(old: Network, new: Network) -> None:
    """Refuse an edit that brings a problem, or that no memory would hold."""
    fresh = [problem for problem in new.check() if problem not in old.check()]
    if fresh:
        raise NbkitError(fresh)
    if not new.check():
        units = sum(population.count for population in new.populations.values())
        require_memory("this network", int(bytes_of_draws(new)) + units * _BYTES_OF_A_UNIT, "a smaller size")


def _read_number(path: str, value: object) -> Any:
    """A number from what was typed; laws and times with units as they are."""
    if isinstance(value, str):
        text = value.strip().replace("−", "-").replace(",", ".")
        try:
            value = float(text)
        except ValueError:
            if path.endswith((".delay", ".spread", ".start", ".stop")) and text:
                return text
            raise fail("bad-value", path, f"'{value}' is no number", "such as 8 or 0.5") from None
    if isinstance(value, int | float) and not is_finite_number(value):
        raise fail("bad-value", path, f"{value} is no finite number", "such as 8 or 0.5")
    return value


def _kept(network: Network, path: str, problem: Problem) -> Problem:
    """A problem with an edit, told with what is kept."""
    held = network.value(path)
    unit = network.describe(path).unit
    words = f"{held:g} {unit}".strip() if is_finite_number(held) else str(type(held).__name__)
    return replace(problem, where=path, what=f"{problem.what}. Kept {words}.")
