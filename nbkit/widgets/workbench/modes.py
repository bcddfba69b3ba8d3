"""Owns the two modes of a workbench, rerun and live, behind one face. Must not know toolkits."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

from nbkit.errors import did_you_mean, fail, shown
from nbkit.network.document import Revision
from nbkit.widgets.workbench.live import Live
from nbkit.widgets.workbench.replay import code_of_a_run
from nbkit.widgets.workbench.runner import Schedule
from nbkit.widgets.workbench.runs import Runs
from nbkit.widgets.workbench.view import Shown, WorkbenchView

Mode = Literal["rerun", "live"]
MODES: tuple[Mode, ...] = ("rerun", "live")


class Modes:
    """Lets a document be run in one of two ways: anew after each edit, or on and on.

    Args:
        view: whoever draws.
        schedule: calls a function once whoever draws had a turn.
        changed: called whenever something begins or ends to run.
        clock: seconds.

    Attributes:
        mode: ``"rerun"`` or ``"live"``.
        live: the simulation that goes on.
    """

    def __init__(
        self,
        view: WorkbenchView,
        schedule: Schedule,
        changed: Callable[[], None],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.mode: Mode = "rerun"
        self.live = Live(view, schedule, changed, clock)
        self._runs, self._changed = Runs(view, schedule, changed, clock), changed

    @property
    def running(self) -> bool:
        """Whether something runs."""
        return self.live.running if self.mode == "live" else self._runs.running

    @property
    def follows(self) -> bool:
        """Whether edits run by themselves."""
        return self.mode == "live" or self._runs.follows

    @property
    def shown(self) -> Shown | None:
        """The last run of the rerun mode, or None."""
        return self._runs.shown

    def forget(self) -> None:
        """Begin anew: nothing was shown, and nothing was slow."""
        self._runs.forget()

    def switch(self, mode: object, revision: Revision) -> None:
        """Go over to a mode: live begins at t = 0 and goes on; rerun shows the run of the present network.

        Raises:
            NbkitError: ``bad-choice`` for an unknown mode.
        """
        if mode not in MODES:
            raise fail("bad-choice", "mode", f"there is no mode {shown(mode)}", did_you_mean(str(mode), MODES))
        if mode == self.mode:
            return
        self.stop()
        self.mode = mode  # type: ignore[assignment]
        self._changed()
        if mode == "live":
            if revision.network.populations and not revision.network.check():
                self.live.begin(revision)
        else:
            self.live.leave()
            self._runs.follow(revision)

    def follow(self, revision: Revision, *, drag: str = "") -> None:
        """The document has another revision; ``drag`` is the mark of the drag of a slider."""
        if self.mode == "live":
            self.live.follow(revision)
        else:
            self._runs.follow(revision, drag=drag)

    def start(self, revision: Revision) -> None:
        """Run a revision from t = 0, or let go on what stands."""
        if self.mode == "rerun":
            self._runs.start(revision)
        elif self.live.standing is None:
            self.live.begin(revision)
        else:
            self.live.run()

    def to_the_end(self, revision: Revision) -> None:
        """Run a revision from t = 0 without giving way."""
        self._runs.to_the_end(revision)

    def stop(self) -> None:
        """End what runs; what there is stays."""
        if self.mode == "live":
            self.live.stop()
        else:
            self._runs.stop()

    def code(self, revision: Revision) -> str:
        """The Python that gives what is shown, bit for bit."""
        if self.mode == "live" and self.live.standing is not None:
            return self.live.standing.code()
        return code_of_a_run(revision.network, revision.setup)
