"""Owns the last runs of a workbench: what is shown, what was before, and when an edit runs. Must not know toolkits."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import xarray as xr

from nbkit.analysis.course import in_words
from nbkit.errors import NbkitError
from nbkit.network.document import Revision
from nbkit.widgets.workbench.runner import Ears, Runner, Schedule
from nbkit.widgets.workbench.view import Shown, WorkbenchView

#: a run is made at once if it is no longer than this, else it gives way to others
QUICK_SECONDS = 0.15
#: an edit is run by itself if the last run took no longer than this
PATIENT_SECONDS = 2.0


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
        self._view, self._changed, self._clock = view, changed, clock
        self._before: Shown | None = None
        self._runner = Runner(schedule, clock)
        self._seconds = 0.0  # what the last run took

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

    def follow(self, revision: Revision) -> None:
        """Run a revision if runs are quick and it can be run and is not what is shown already."""
        shown = None if self.shown is None else self.shown.revision
        same = shown is not None and shown.network == revision.network and shown.setup == revision.setup
        if self.follows and not same and revision.network.populations and not revision.network.check():
            self.start(revision, QUICK_SECONDS)

    def start(self, revision: Revision, patience: float = 0.0) -> None:
        """Run a revision from t = 0; what is done within ``patience`` seconds is done before this returns."""
        began = self._clock()

        def done(result: xr.Dataset, whole: bool) -> None:  # noqa: FBT001
            self._seconds = self._clock() - began if whole else max(self._seconds, self._clock() - began)
            self._arrived(Shown(result, in_words(result), whole, revision))

        def failed(error: NbkitError, result: xr.Dataset | None) -> None:
            if result is not None and result.sizes.get("time", 0) > 4:
                self._arrived(Shown(result, in_words(result), whole=False, revision=revision))
            self._view.show_problems(error.problems)
            self._changed()

        self._runner.start(
            revision.network, revision.setup, Ears(self._view.show_progress, done, failed), patience=patience
        )
        self._changed()

    def to_the_end(self, revision: Revision) -> None:
        """Run a revision without giving way."""
        self.start(revision, math.inf)

    def stop(self) -> None:
        """End the run; what there is stays."""
        self._runner.stop()

    def _arrived(self, run: Shown) -> None:
        """A run has ended: the one before becomes the grey one, unless it was of the same revision."""
        if self.shown is not None and self.shown.revision is not run.revision:
            self._before = self.shown
        self.shown = run
        difference = ""
        if self._before is not None:
            effect = run.story.since(self._before.story)
            difference = ": ".join(filter(None, (run.revision.words, effect)))
        self._view.show_run(run, self._before, difference)
        self._changed()
