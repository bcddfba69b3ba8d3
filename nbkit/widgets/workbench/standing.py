"""Owns a simulation that stands and can be changed: its last stretch, what was set and when. Must not know toolkits."""

from __future__ import annotations

from nbkit.analysis.course import LEFT_OUT, in_words
from nbkit.compile.edits import Edit, edit_between
from nbkit.errors import NbkitError
from nbkit.network.difference import differences
from nbkit.network.document import Revision
from nbkit.network.time import to_unit
from nbkit.plots.rolling import MARKS, Mark
from nbkit.widgets.workbench.replay import Change, code_of_a_run, code_of_a_window
from nbkit.widgets.workbench.runner import simulation_of
from nbkit.widgets.workbench.window import Window

#: Edits of one value that follow each other within so many seconds are one mark.
ONE_MOVE = 0.7


class Standing:
    """A simulation of a revision, the window of its last samples, and the changes since it began.

    Args:
        revision: what to begin with; the duration of its setup is the length of the window.

    Attributes:
        network: the network with its present values.
        setup: how it is run.
        marks: what was done lately, the oldest first.

    Raises:
        NbkitError: if it cannot be run.
    """

    def __init__(self, revision: Revision) -> None:
        self.network, self.setup = revision.network, revision.setup
        self._began_with = revision.network
        self.simulation = simulation_of(revision.network, revision.setup)
        self.dt = self.simulation.program.dt
        self.window = Window(self.simulation, self.setup, self._steps_shown())
        self.marks: list[Mark] = []
        self._changes: list[Change] = []
        self._moved: tuple[str, float] = ("", 0.0)  # which value was changed last, and when
        self._before_move = revision.network
        self._failed = False

    def _steps_shown(self) -> int:
        return max(2, round(to_unit(self.setup.duration, self.network.time_unit, "duration") / self.dt))

    @property
    def position(self) -> int:
        """Steps made."""
        return round(self.simulation.time / self.dt)

    @property
    def span(self) -> tuple[float, float]:
        """What the time axis shows: from t = 0 at first, then the last stretch."""
        width, now = self.window.steps * self.dt, self.window.now * self.dt
        return (0.0, width) if now < width else (now - width, now)

    def advance(self, steps: int) -> None:
        """Run on.

        Raises:
            NbkitError: if numbers run away; what there is up to then can be seen, and the next step is from t = 0.
        """
        if self._failed:
            self.reset()
        try:
            self.window.advance(steps)
        except NbkitError as error:
            result = getattr(error, "result", None)
            if result is not None:
                self._failed = True
                self.window.push(result)
            raise

    def reset(self) -> None:
        """Back to t = 0 with the same draws; values that were set stay."""
        self.simulation.reset()
        self.window.forget()
        self._changes = [Change(0, path, value) for path, value in {c.path: c.value for c in self._changes}.items()]
        self.marks, self._failed = [], False

    def edit(self, revision: Revision, now: float) -> Edit:
        """Become another revision where that needs no new simulation; what it would have needed is given back.

        Args:
            revision: what it should be.
            now: seconds, by which edits that follow each other at once are one mark.
        """
        edit = edit_between(self.simulation.program, revision.network, self.network)
        if edit.kind == "rebuild" or not self._same_run(revision):
            return Edit("rebuild", reasons=edit.reasons)
        try:
            for path, value in edit.values:
                self.simulation.set(path, value)
                self._log(path, value)
        except NbkitError as error:
            return Edit("rebuild", reasons=tuple(problem.what for problem in error.problems))
        if edit.values:
            self._mark(revision, " ".join(path for path, _ in edit.values), now)
        self.network = revision.network
        if revision.setup != self.setup:
            self.setup = revision.setup
            self.window.widen(self._steps_shown())
        return edit

    def _same_run(self, revision: Revision) -> bool:
        """Whether the setups differ in nothing but the stretch that is shown."""
        one, other = ({**s.keywords(), "duration": 0} for s in (self.setup, revision.setup))
        return one == other

    def _log(self, path: str, value: object) -> None:
        """Write down a change; of several at one step the newest counts."""
        begin = len(self._changes)
        while begin and self._changes[begin - 1].step == self.position:
            begin -= 1
        kept = [change for change in self._changes[begin:] if change.path != path]
        self._changes[begin:] = [*kept, Change(self.position, path, value)]

    def _mark(self, revision: Revision, paths: str, now: float) -> None:
        """Mark the present moment with the words of the edit; a slider that is moved makes one mark."""
        moment = self.simulation.time
        last, when = self._moved
        goes_on = bool(self.marks) and last == paths and now - when < ONE_MOVE
        first = self.marks.pop().first if goes_on else moment
        self._before_move = self._before_move if goes_on else self.network
        words = "; ".join(d.words for d in differences(self._before_move, revision.network))
        self.marks = [*self.marks[-MARKS:], Mark(first, moment, words)]
        self._moved = (paths, now)

    def story(self) -> str:
        """What it does, in words, since the last change; empty while too little of it is known."""
        if self.window.kept < 8:
            return ""
        known = self.window.dataset()
        begin, end = float(known["time"][0]), float(known["time"][-1])
        changed = max([begin, *(mark.last for mark in self.marks)])
        share = (changed - begin) / max(end - begin, self.dt)
        if share > 0.5 or end - begin < 0.5 * self.window.steps * self.dt:
            return ""
        try:
            return in_words(known, max(LEFT_OUT, share)).text
        except NbkitError:
            return ""

    def code(self) -> str:
        """The Python that makes the samples of the window again."""
        if not self.window.kept or self._failed:
            return code_of_a_run(self.network, self.setup)
        steps = (max(0, self.window.first - 1), self.position)
        record = self.window.record
        return code_of_a_window(self._began_with, self.setup, self._changes, steps, record=record, dt=self.dt)
