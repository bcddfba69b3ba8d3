"""Owns the behaviour of the workbench: an action edits the document, a change runs it anew. Must not know toolkits."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from typing import Any

from nbkit.errors import NbkitError, fail
from nbkit.network.description import Population, Stimulus
from nbkit.network.document import Document, Revision
from nbkit.network.network import Network
from nbkit.network.setup import Setup
from nbkit.network.signals import Step
from nbkit.network.time import to_unit
from nbkit.study.health import Health, health
from nbkit.study.prediction import Prediction
from nbkit.study.ready import predictions
from nbkit.widgets.workbench.drawing import draw
from nbkit.widgets.workbench.editing import Editing, shared_paths
from nbkit.widgets.workbench.inspector import inspect
from nbkit.widgets.workbench.live import Live
from nbkit.widgets.workbench.modes import Modes
from nbkit.widgets.workbench.runner import Schedule
from nbkit.widgets.workbench.silence import silence_of
from nbkit.widgets.workbench.typed import kept, read_value, require_no_new_problem
from nbkit.widgets.workbench.view import Header, Shown, WorkbenchView
from nbkit.widgets.workbench.wiring import Port, connection, drives, free_name, names_of, parts_of, ports


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
        health: what was found about the run as it would start now; None for an empty canvas.
        editing: the edits beyond single values: laws, equations, motifs, names.
    """

    def __init__(
        self,
        document: Document,
        view: WorkbenchView,
        schedule: Schedule,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.document, self._view = document, view
        self.selected: tuple[str, ...] = tuple(document.network.populations)[:1]
        self._runs = Modes(view, schedule, self._show_header, clock)
        self._schedule, self._looks, self._edits = schedule, False, 0  # whether a look at the run is due
        self._drag = ""  # the mark of the drag whose edit is being made
        self._leave = document.subscribe(self._changed)
        self.health: Health | None = None
        self.editing = Editing(
            document,
            view,
            schedule,
            selected=lambda: self.selected,
            choose=self._choose,
            health=lambda: self.health,
            shown=lambda: self.run_shown,
        )
        self._show()
        self._runs.follow(document.present)
        self._look()

    # ------------------------------------------------------------ what a user does

    def select(self, names: Iterable[str]) -> None:
        """Select parts by name; unknown ones are passed over."""
        known = names_of(self.document.network)
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
            network.value(path)
            number = read_value(network, path, value)
            edited = network
            for each in shared_paths(network, self.selected, path):
                edited = edited.with_value(each, round(number) if each.endswith(".size") else number)
            require_no_new_problem(network, edited)
        except NbkitError as error:
            self._view.show_problems([kept(network, path, problem) for problem in error.problems])
            return False
        self._view.show_problems([])
        self._drag = drag
        self.document.edit(edited, merge=drag or None)
        self._drag = ""
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

    def open(
        self,
        network: Network,
        setup: Setup | None,
        words: str,
        positions: Mapping[str, tuple[float, float]] | None = None,
    ) -> None:
        """Begin with another network; the old one can be had back by undo."""
        self._runs.forget()
        self.selected = tuple(network.populations)[:1]
        self.document.edit(network, setup=setup, positions=positions or {}, words=words)

    def apply_remedy(self, finding: int, remedy: int = 0) -> None:
        """Take a remedy for what was found about the run; one edit like any other."""
        found = () if self.health is None else self.health.findings
        if not 0 <= finding < len(found) or not 0 <= remedy < len(found[finding].remedies):
            raise fail("bad-choice", "remedy", "this is not among what was found", "look at the list again")
        chosen = found[finding].remedies[remedy]
        if not chosen.changes:
            raise fail("bad-choice", "remedy", f"'{chosen.words}' is yours to do", "no edit of the workbench does it")
        known = {f.name for f in fields(Setup)}
        changes = {key: held for key, held in chosen.changes.items() if key in known}
        setup = replace(self.document.setup, **changes)
        self.document.edit(chosen.network, setup=setup, words=chosen.words)

    def predictions(self) -> list[Prediction]:
        """What theory says about the network at this step; takes a second or more."""
        network = self.document.network
        return predictions(network, to_unit(self.document.setup.dt, network.time_unit, "dt"))

    def undo(self) -> None:
        """Take the last edit back."""
        self.document.undo()

    def redo(self) -> None:
        """Make the edit again that was taken back."""
        self.document.redo()

    def run(self, *, to_the_end: bool = False) -> None:
        """Run the network from t = 0, giving way to others, or without a stop ``to_the_end``."""
        revision = self.document.present
        self._runs.to_the_end(revision) if to_the_end else self._runs.start(revision)

    def stop(self) -> None:
        """End the run; what there is stays."""
        self._runs.stop()

    def set_mode(self, mode: str) -> None:
        """Go over to ``"rerun"``, where each edit runs anew, or ``"live"``, where the simulation goes on."""
        self._runs.switch(mode, self.document.present)

    @property
    def live(self) -> Live:
        """The simulation that goes on."""
        return self._runs.live

    def code(self) -> str:
        """The Python that gives what is shown, bit for bit."""
        return self._runs.code(self.document.present)

    def close(self) -> None:
        """Leave the document alone from now on."""
        self._leave()
        self._runs.stop()

    # ------------------------------------------------------------ what follows from it

    @property
    def run_shown(self) -> Shown | None:
        """The last run, or None."""
        return self._runs.shown

    @property
    def follows(self) -> bool:
        """Whether edits run by themselves, because a run is quick."""
        return self._runs.follows

    def _choose(self, names: tuple[str, ...]) -> None:
        self.selected = names

    def _edit(self, **parts: Any) -> None:
        self._view.show_problems([])
        self.document.edit(replace(self.document.network, **parts))

    def _changed(self, revision: Revision) -> None:
        """The document has another revision: show it, and run it if that is quick and anything but places changed."""
        self.selected = tuple(name for name in self.selected if name in names_of(revision.network))
        self._runs.follow(revision, drag=self._drag)  # first of all the picture
        self._show()
        self._look_soon()
        self.editing.changed()

    def _look_soon(self) -> None:
        """Look at the run once the picture is out and no further edit comes at once, as in a drag."""
        self._edits += 1
        if not self._looks:
            self._looks = True
            self._look_when_quiet(0)

    def _look_when_quiet(self, seen: int) -> None:
        if seen == self._edits:
            self._look()
        else:
            number = self._edits
            self._schedule(lambda: self._look_when_quiet(number))

    def _look(self) -> None:
        """Look at the run before it starts."""
        self._looks = False
        network, setup = self.document.network, self.document.setup
        if not network.populations:
            self.health = None
        else:
            self.health = health(
                network, setup.dt, setup.duration, seed=setup.seed, record=setup.record, method=setup.method,
                precision=setup.precision, delays=setup.delays,
            )  # fmt: skip
        self._view.show_health(self.health)
        self._view.show_silence(silence_of(network, self.health))

    def _show(self) -> None:
        network = self.document.network
        self._view.show_drawing(draw(network, self.document.positions), self.selected)
        self._view.show_sections(inspect(network, self.selected, self.document.setup))
        self._show_header()

    def _show_header(self) -> None:
        revisions, number = self.document.revisions, self.document.number
        undo = revisions[number].words if number else ""
        redo = revisions[number + 1].words if number + 1 < len(revisions) else ""
        self._view.show_header(
            Header(undo, redo, self._runs.running, self.document.setup, self.follows, self._runs.mode)
        )
