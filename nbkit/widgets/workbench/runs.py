"""Owns the last runs of a workbench: what is shown, what was before, and when an edit runs. Must not know toolkits."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import xarray as xr

from nbkit.analysis.course import Story, in_words
from nbkit.errors import NbkitError
from nbkit.network.document import Revision
from nbkit.network.time import to_unit
from nbkit.widgets.workbench.runner import Ears, Runner, Schedule
from nbkit.widgets.workbench.view import Shown, WorkbenchView

#: a run is made at once if it is no longer than this, else it gives way to others
QUICK_SECONDS = 0.15
#: an edit is run by itself if the last run took no longer than this
PATIENT_SECONDS = 2.0

#: so little says nothing about what the whole run will do
_UNTOLD = Story({}, {}, "", "")


class Runs:
    """Runs revisions of a document and keeps the last run, with the one before as the grey one behind it.

    Args:
        view: whoever draws.
        schedule: calls a function once whoever draws had a turn.
        clock: seconds.
        changed: called whenever a run begins or ends.

    Attributes:
        shown: the last run, or None.
    """

    def __init__(
        self,
        view: WorkbenchView,
        schedule: Schedule,
        changed: Callable[[], None],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.shown: Shown | None = None
        self._view, self._changed = view, changed
        self._before: Shown | None = None
        self._runner = Runner(schedule, clock)
        self._seconds = 0.0  # what the last run took
        self._drag = ""  # the mark of the drag that made what is shown

    @property
    def running(self) -> bool:
        """Whether a run has begun and not ended."""
        return self._runner.running

    @property
    def follows(self) -> bool:
        """Whether edits run by themselves, because a run is quick."""
        return self._seconds < PATIENT_SECONDS

    def forget(self) -> None:
        """Begin anew: nothing was shown, and nothing was slow."""
        self._seconds, self._before, self.shown = 0.0, None, None

    def follow(self, revision: Revision, *, drag: str = "") -> None:
        """Run a revision if runs are quick and it can be run and is not what is shown already.

        Args:
            revision: what to run.
            drag: the mark of a drag of a slider, if more of its values are to be expected at once. What there is after
                a short while is then shown as a preview; of a run that is not quick, it is all.
        """
        shown = None if self.shown is None else self.shown.revision
        same = shown is not None and shown.network == revision.network and shown.setup == revision.setup
        same = same and self.shown is not None and not self.shown.preview
        if (self.follows or drag) and not same and revision.network.populations and not revision.network.check():
            self.start(revision, QUICK_SECONDS, drag=drag)

    def start(self, revision: Revision, patience: float = 0.0, *, drag: str = "") -> None:
        """Run a revision from t = 0; what is done within ``patience`` seconds is done before this returns."""

        def done(result: xr.Dataset, whole: bool) -> None:  # noqa: FBT001
            self._seconds = self._runner.spent if whole else max(self._seconds, self._runner.spent)
            self._arrived(Shown(result, in_words(result), whole, revision), drag)

        def failed(error: NbkitError, result: xr.Dataset | None) -> None:
            if result is not None and result.sizes.get("time", 0) > 4:
                self._arrived(Shown(result, in_words(result), whole=False, revision=revision), drag)
            self._view.show_problems(error.problems)
            self._changed()

        def preview(result: xr.Dataset) -> None:
            if not self.follows:
                self._runner.cancel()
            if result.sizes.get("time", 0) > 4:
                told = _share(result, revision) + ("" if self.follows else "; Run gives the rest")
                self._arrived(Shown(result, _UNTOLD, whole=False, revision=revision, preview=told), drag)

        ears = Ears(self._view.show_progress, done, failed, preview if drag else None, self._changed)
        self._runner.start(revision.network, revision.setup, ears, patience=patience)
        self._changed()

    def to_the_end(self, revision: Revision) -> None:
        """Run a revision without giving way."""
        self.start(revision, math.inf)

    def stop(self) -> None:
        """End the run; what there is stays."""
        self._runner.stop()

    def _arrived(self, run: Shown, drag: str) -> None:
        """A run has ended: the one before becomes the grey one, unless it was of the same edit, or a preview."""
        same_edit = self.shown is not None and (
            self.shown.revision is run.revision or (bool(drag) and drag == self._drag)
        )
        if self.shown is not None and not same_edit and not self.shown.preview:
            self._before = self.shown
        self._drag = drag
        self.shown = run
        difference = ""
        if self._before is not None:
            effect = "" if run.preview else run.story.since(self._before.story)
            difference = ": ".join(filter(None, (run.revision.words, effect)))
        self._view.show_run(run, self._before, difference)
        self._changed()


def _share(result: xr.Dataset, revision: Revision) -> str:
    """Of how much of the time a preview is."""
    unit = revision.network.time_unit
    whole = to_unit(revision.setup.duration, unit, "duration")
    return f"the first {float(result['time'][-1]):.4g} of {whole:.6g}{'' if unit == '1' else f' {unit}'}"
