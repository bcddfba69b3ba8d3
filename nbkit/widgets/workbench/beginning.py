"""Owns what a workbench begins with: everything that was given, checked at once. Must not know any toolkit."""

from __future__ import annotations

import time
from pathlib import Path

from nbkit.errors import NbkitError, Problem, shown
from nbkit.network.document import Document
from nbkit.network.network import Network
from nbkit.network.setup import Setup
from nbkit.study.tasks.attempting import Attempts
from nbkit.widgets.workbench.form import form_of, require
from nbkit.widgets.workbench.keeping import problem_of, read_kept
from nbkit.widgets.workbench.lesson import attempts_of
from nbkit.widgets.workbench.menus import MOTIFS


class Beginning:
    """What was given to a workbench, as values that can be relied on.

    Attributes:
        network: what to begin with.
        setup: how it is run; None for one that suits it.
        form: what is left to the student.
        attempts: the tasks.
        path: the file that is kept; None for none.

    Raises:
        NbkitError: with everything that is wrong.
    """

    def __init__(
        self,
        network: object,
        setup: object,
        *,
        show: object,
        figures: object,
        lock: object,
        task: object,
        autosave: object,
    ) -> None:
        wrong: list[Problem] = []
        self.attempts = attempts_of(task, wrong)
        self._kept = _kept(autosave, wrong)
        self.path = Path(str(autosave)) if autosave is not None else None
        if setup is not None and not isinstance(setup, Setup):
            wrong.append(Problem("bad-type", "setup", f"{shown(setup)} is no setup", "nb.Setup(400.0, 0.1)"))
        if network is not None and not isinstance(network, Network):
            wrong.append(Problem("bad-type", "network", f"{shown(network)} is no network", "nb.networks.rhythm()"))
        motif = MOTIFS["rhythm"]
        self.setup = setup if isinstance(setup, Setup) else None
        begun = network if isinstance(network, Network) else self._default()
        self.network = motif.network() if begun is None else begun
        self.setup = self.setup or (motif.setup if begun is None else None)
        self.form = form_of(self.network, show, figures, lock, wrong)
        require(wrong)

    def _default(self) -> Network | None:
        """What the first task begins with, or what the file holds; None if neither is there."""
        starts = (_start(each) for each in self.attempts[:1])
        start = next((start for start in starts if isinstance(start, Network)), None)
        if start is None and self._kept is not None:
            self.setup = self.setup or self._kept.setup
            return self._kept.network
        return start

    def open_kept(self, document: Document) -> str:
        """Open what the file holds as an edit, which undo takes back; returns what to say about it.

        Raises:
            NbkitError: ``bad-file`` for a network that the form does not allow.
        """
        kept = self._kept
        if kept is None or self.path is None:
            return ""
        refused = document.refusals(kept.network)
        require([problem_of(self.path, refused)] if refused else [])
        words = f"opened {self.path.name}"
        if not document.edit(kept.network, setup=kept.setup, positions=kept.positions, words=words):
            return ""
        when = time.strftime("%d.%m.%Y %H:%M", time.localtime(self.path.stat().st_mtime))
        return f"{words}, saved {when}; undo goes back to what the cell gave"


def _start(attempts: Attempts) -> object:
    """What a task begins with; one that is made from a seed is made from the first."""
    start = attempts.task.start
    return start(0) if callable(start) else start


def _kept(autosave: object, wrong: list[Problem]) -> Document | None:
    if autosave is None:
        return None
    try:
        return read_kept(autosave)
    except NbkitError as error:
        wrong += error.problems
        return None
