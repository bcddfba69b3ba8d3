"""Owns the live mode: a simulation that goes on, edits that reach it where it stands. Must not know toolkits."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from nbkit.errors import NbkitError
from nbkit.model.numbers import is_finite_number
from nbkit.network.document import Revision
from nbkit.widgets.workbench.pace import Pace
from nbkit.widgets.workbench.runner import BUILDING, Schedule, builds_slowly
from nbkit.widgets.workbench.standing import Standing
from nbkit.widgets.workbench.view import LiveShown, WorkbenchView

#: Seconds from one picture to the next.
FRAME = 1 / 30
#: Seconds from one sentence about what it does to the next, at least; a slow one comes more rarely.
SENTENCE, SLOW = 1.0, 20
#: Speeds to choose from, in windows a second; the first one is the usual one.
SPEEDS = (0.25, 0.02, 0.05, 0.1, 0.5, 1.0)


class Live:
    """Lets a simulation go on, in slices, while the page stays alive, and follows the document.

    Values are set where the simulation stands; what needs a new simulation begins anew at t = 0.

    Args:
        view: whoever draws.
        schedule: calls a function once whoever draws had a turn.
        changed: called whenever it begins to go on or stands still.
        clock: seconds.

    Attributes:
        standing: the simulation and what is kept of it; None before the first one.
        running: whether it goes on.
    """

    def __init__(
        self,
        view: WorkbenchView,
        schedule: Schedule,
        changed: Callable[[], None],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._view, self._schedule, self._changed, self._clock = view, schedule, changed, clock
        self.standing: Standing | None = None
        self.running = False
        self._ended = False  # whether the next run begins at t = 0
        self._pace = Pace(clock)
        self._speed: float | None = None
        self._speeds: tuple[float, ...] = ()
        self._turn = 0  # only the newest chain of turns goes on
        self._building = False
        self._note, self._story = "", ""
        self._frame_due = self._sentence_due = 0.0
        self._drawn = -1  # the step that the last picture showed

    # ------------------------------------------------------------ what a user does

    def begin(self, revision: Revision, words: str = "", *, run: bool = True) -> None:
        """Make a simulation of a revision, at t = 0, and let it go on unless told otherwise.

        Args:
            revision: what to run.
            words: why it begins anew.
            run: whether it goes on at once.
        """
        self._turn += 1
        self.standing, self.running, self._note, self._story = None, run, words, ""
        self._building, self._ended, self._drawn = True, False, -1
        turn = self._turn
        if builds_slowly(revision.network):
            self._changed()
            self._view.show_progress(BUILDING)
            self._schedule(lambda: self._build(revision, turn))
        else:
            self._build(revision, turn)

    def _build(self, revision: Revision, turn: int) -> None:
        if turn != self._turn:
            return
        self._building = False
        try:
            self.standing = Standing(revision)
        except NbkitError as error:
            self.running = False
            self._view.show_problems(error.problems)
            self._changed()
            return
        self._choose_speeds(self.standing)
        going, self.running = self.running, False
        if going:
            self.run()
        else:
            self._changed()

    def _choose_speeds(self, standing: Standing) -> None:
        """Round speeds that suit the window; a chosen one stays as long as it is among them."""
        window = standing.window.steps * standing.dt
        usual, *others = (_round(share * window) for share in SPEEDS)
        first, self._speeds = not self._speeds, tuple(sorted({usual, *others}))
        if first or (self._speed is not None and self._speed not in self._speeds):
            self._speed = usual
        rate = None if self._speed is None else self._speed / standing.dt
        if rate != self._pace.rate:
            self._pace.rate = rate
            self._pace.begin(standing.position)

    def follow(self, revision: Revision) -> None:
        """Become a revision of the document: set its values where the simulation stands, or begin anew."""
        network = revision.network
        if not network.populations or network.check():
            return
        if self.standing is None:
            self.begin(revision, run=self.running or not self._building)
            return
        edit = self.standing.edit(revision, self._clock())
        if edit.kind == "rebuild":
            words = "; ".join(edit.reasons) if 0 < len(edit.reasons) < 3 else revision.words
            self.begin(revision, f"Began anew at t = 0: {words}, which needs a new simulation.", run=self.running)
            return
        if edit.kind == "values":
            self._note = ""
        self._choose_speeds(self.standing)
        if not self.running:
            self._show()

    def run(self) -> None:
        """Let it go on; after a stop from t = 0."""
        if self.standing is None or self.running:
            return
        if self._ended:
            self._reset(self.standing)
        self.running, self._note = True, self._note if not self.standing.position else ""
        self._turn += 1
        self._pace.begin(self.standing.position)
        self._sentence_due = self._clock() + SENTENCE
        self._view.show_problems([])
        self._changed()
        self._tick(self._turn)

    def pause(self) -> None:
        """Let it stand; `run` goes on from there."""
        if self.running:
            self.running = False
            self._turn += not self._building
            self._tell()
            self._show()
            self._changed()

    def stop(self) -> None:
        """End it; what there is stays, and the next run begins at t = 0."""
        self.pause()
        self._ended = self.standing is not None and self.standing.position > 0
        if self._ended:
            self._note = "Ended. Run begins again at t = 0."
            self._show()

    def leave(self) -> None:
        """End it and keep nothing."""
        self._turn += 1
        self.standing, self.running, self._building = None, False, False

    def step(self) -> None:
        """Make one step and stand there."""
        self.pause()
        if self.standing is not None:
            if self._ended:
                self._reset(self.standing)
            self._advance(self.standing, 1)
            self._show()

    def reset(self) -> None:
        """Go back to t = 0 with the same draws and the present values; what goes on goes on from there."""
        if self.standing is not None:
            self._reset(self.standing)
            self._show()

    def _reset(self, standing: Standing) -> None:
        self._ended, self._note, self._story = False, "", ""
        standing.reset()
        self._pace.begin(0)

    def set_speed(self, speed: object) -> None:
        """Choose units of time a second, or None for as many as can be."""
        if speed is None or (is_finite_number(speed) and float(speed) > 0):  # type: ignore[arg-type]
            self._speed = None if speed is None else float(speed)  # type: ignore[arg-type]
            if self.standing is not None:
                self._pace.rate = None if self._speed is None else self._speed / self.standing.dt
                self._pace.begin(self.standing.position)
                self._show()

    # ------------------------------------------------------------ the clockwork

    def _tick(self, turn: int) -> None:
        """Make the steps of a slice, show them if it is time, and wait for the next turn."""
        if turn != self._turn or self.standing is None or not self.running:
            return
        now = self._clock()
        if self._pace.rate is None or now >= self._frame_due:
            steps = self._pace.due(self.standing.position)
            if steps and not self._advance(self.standing, steps):
                return
            late = steps == self._pace.slice() and self._pace.rate is not None
            now = self._clock()
            if now >= self._frame_due and not (late and now < self._frame_due + FRAME):
                self._frame_due = max(self._frame_due + FRAME, now)
                if self._view.live_ready and self._drawn != self.standing.position:
                    self._tell_now_and_then()
                    self._show()
        self._schedule(lambda: self._tick(turn))

    def _advance(self, standing: Standing, steps: int) -> bool:
        """Run on; returns whether it could."""
        began = self._clock()
        try:
            standing.advance(steps)
        except NbkitError as error:
            self.running = False
            self._note = "It could not go on; Run begins again at t = 0."
            self._show()
            self._view.show_problems(error.problems)
            self._changed()
            return False
        self._pace.made(steps, self._clock() - began, standing.position)
        return True

    # ------------------------------------------------------------ what is told

    def _tell_now_and_then(self) -> None:
        began = self._clock()
        if began >= self._sentence_due:
            self._tell()
            now = self._clock()
            self._sentence_due = now + max(SENTENCE, SLOW * (now - began))

    def _tell(self) -> None:
        self._story = "" if self.standing is None else self.standing.story()

    def _show(self) -> None:
        if self.standing is None:
            return
        s = self.standing
        self._drawn = s.position
        unit = "" if s.network.time_unit == "1" else s.network.time_unit
        status = self._status(s)
        self._view.show_live(
            LiveShown(
                s.window, s.span, tuple(s.marks), status, self._story, self._note, self._speed, self._speeds, unit
            )
        )

    def _status(self, standing: Standing) -> str:
        unit = "" if standing.network.time_unit == "1" else f" {standing.network.time_unit}"
        digits = max(0, -math.floor(math.log10(standing.dt) + 1e-9))
        told = f"t = {standing.simulation.time:.{min(digits, 6)}f}{unit}"
        if not self.running or not self._pace.measured:
            return told
        pace = self._pace.measured * standing.dt
        return f"{told} · {pace:{',.0f' if pace >= 100 else '.3g'}}{unit or ' units'}/s"


def _round(number: float) -> float:
    """The nearest of 1, 2, 5, 10 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(number))
    return float(f"{min((1, 2, 5, 10), key=lambda one: abs(math.log(one * power / number))) * power:.6g}")
