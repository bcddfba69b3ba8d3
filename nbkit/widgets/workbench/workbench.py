"""Owns `Workbench`: a document, its presenter and its page, put together. Must not know how things look."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import ipywidgets
import xarray as xr

from nbkit.errors import NbkitError, Problem, did_you_mean, fail, shown
from nbkit.model.numbers import is_finite_number
from nbkit.network.document import Document, Revision
from nbkit.network.network import Network
from nbkit.network.setup import Setup
from nbkit.simulation import simulate
from nbkit.study.tasks.attempting import Attempts
from nbkit.study.tasks.task import Task
from nbkit.widgets.workbench.beginning import Beginning
from nbkit.widgets.workbench.drawing import HEIGHT, WIDTH
from nbkit.widgets.workbench.figures import fitting
from nbkit.widgets.workbench.form_page import FormPage
from nbkit.widgets.workbench.keeping import FileKeeper
from nbkit.widgets.workbench.lesson import Lesson
from nbkit.widgets.workbench.menus import MOTIFS, population_of
from nbkit.widgets.workbench.presenter import WorkbenchPresenter
from nbkit.widgets.workbench.sharing import Sharing
from nbkit.widgets.workbench.turns import Turns
from nbkit.widgets.workbench.wiring import Port


class Workbench(ipywidgets.VBox):
    """A network composed by hand and seen at once: draw it, turn its values, watch what it does.

    Without a notebook nothing is drawn, and everything else works as well.

    Args:
        network: what to begin with; by default what the first task begins with, or the rhythm of two populations.
        setup: how it is run; by default one that suits it.
        show: the values that may be changed, as paths or patterns such as ``"*.delay"``; all others are told as fixed
            by the teacher. None leaves all of them open.
        figures: the figures that are shown, such as ``["Traces"]``; None for all that fit.
        lock: whether parts can be added, removed and connected no more.
        task: an `nb.Task`, what its ``attempts(log)`` gives, or several of them. If a task asks for a prediction, runs
            are hidden until there is one.
        autosave: a file that is opened first if it is there, and written after each edit, at most once a second.

    Attributes:
        document: the network with its past: ``edit(net)``, ``undo()``, ``redo()``.
        page: what is seen of it.
        lesson: its tasks: ``predict(text)``, ``check()``.

    Raises:
        NbkitError: ``bad-type`` for what is no network, setup, list of names or task; ``unknown-path`` and
            ``bad-choice`` for values and figures that there are not; ``bad-file`` for a file that holds something
            else. Edits that the form does not allow are ``locked``.

    Example:
        >>> import nbkit as nb
        >>> bench = nb.Workbench(nb.networks.rhythm(), nb.Setup(400.0, 0.05), show=["*.delay"], lock=True)
        >>> bench.document.edit(bench.network.with_value("E->I.delay", 2.0))
        True
        >>> bench.run()
        >>> bench.result["E.r"].shape
        (8001, 80)
    """

    _presenter: WorkbenchPresenter | None = None
    _keeper: FileKeeper | None = None

    def __init__(
        self,
        network: Network | None = None,
        setup: Setup | None = None,
        *,
        show: Sequence[str] | None = None,
        figures: Sequence[str] | None = None,
        lock: bool = False,
        task: Task | Attempts | Sequence[Task | Attempts] | None = None,
        autosave: str | Path | None = None,
    ) -> None:
        begin = Beginning(network, setup, show=show, figures=figures, lock=lock, task=task, autosave=autosave)
        self.document = Document(begin.network, begin.setup, guard=begin.form.guard(begin.network))
        opened = begin.open_kept(self.document)
        self.lesson = Lesson(begin.attempts, lambda: self.network, self._result_now, self._show_lesson)
        self.page = FormPage(self.document, self._act, begin.form, self.lesson)
        super().__init__(self.page.children)
        self.add_class("nbkit-workbench")
        if begin.form.lock:
            self.add_class("nbk-locked")
        self.lesson.begin(begin.network)
        self._turns = Turns()
        # the page holds a copy of an edit before anything else is done about it
        self._sharing = Sharing(self.document, self._show_sharing, self._in_words, self._open)
        self._presenter = WorkbenchPresenter(self.document, self.page, self._turns)
        if begin.path is not None:
            self._keeper = FileKeeper(begin.path, self.document, self._sharing.tell_file)
            words = opened or f"edits are saved to {begin.path.name}"
            self._sharing.tell_file(words, "note" if opened else "good")
        self.document.subscribe(self._changed)
        self._turns.drain()
        self._show_lesson()

    @property
    def network(self) -> Network:
        """The network as it is now."""
        return self.document.network

    @property
    def result(self) -> xr.Dataset | None:
        """The last result; None if nothing has run."""
        run = None if self._presenter is None else self._presenter.run_shown
        return None if run is None else run.result

    def run(self) -> None:
        """Run the network as it is now, to the end."""
        self._actor.run(to_the_end=True)

    def close(self) -> None:
        """Take the workbench out of the page; what is not saved yet is saved."""
        if self._keeper is not None:
            self._keeper.close()
        if self._presenter is not None:
            self._presenter.close()
        super().close()

    @property
    def _actor(self) -> WorkbenchPresenter:
        assert self._presenter is not None
        return self._presenter

    # ------------------------------------------------------------ what the page reports

    def _act(self, what: str, given: Mapping[str, Any]) -> None:
        """Do what a user asked for in the page; anything else than the known actions is passed over."""
        action = self._actions().get(what)
        if action is None:
            return
        try:
            action(**given)
        except NbkitError as error:
            self.page.show_problems(error.problems)
        except TypeError:
            self.page.show_problems(
                [Problem("bad-type", what, "the page sent something else than expected", "reload the page")]
            )

    def _actions(self) -> dict[str, Callable[..., object]]:
        p, s, lesson = self._actor, self._sharing, self.lesson
        return {
            "select": p.select, "set_value": p.set_value, "set_setup": self._set_setup, "add_population": self._add,
            "add_stimulus": p.add_stimulus, "connect": self._connect, "remove": p.remove, "remove_parts": self._remove,
            "duplicate": p.duplicate, "move": self._move, "undo": p.undo, "redo": p.redo, "run": p.run, "stop": p.stop,
            "open_motif": self._open_motif, "apply_remedy": p.apply_remedy, "ask_theory": self._ask_theory,
            "share": s.ask, "look_at": s.look_at, "open_offered": s.open_offered, "forget_offered": s.forget_offered,
            "restore": self._restore, "predict": lesson.predict, "check": lesson.check, "go_to_task": lesson.go,
            "start_over": self._start_over,
        }  # fmt: skip

    def _set_setup(self, key: str, value: str) -> None:
        number: object = value.strip().replace(",", ".")
        with contextlib.suppress(ValueError):
            number = float(str(number))
        self._actor.set_setup(key, number)

    def _add(self, model: str) -> None:
        name, population = population_of(model)
        self._actor.add_population(population, name)

    def _connect(self, source: str, target: str, port: Sequence[str] | None = None) -> None:
        self.page.close_question()
        self._actor.connect(source, target, None if port is None else Port(*port))

    def _remove(self, names: Sequence[str]) -> None:
        self._actor.select(names)
        self._actor.remove()

    def _move(self, name: str, place: Sequence[float], drag: str = "") -> None:
        if len(place) == 2 and all(map(is_finite_number, place)):
            x, y = (min(max(float(p), 0.0), most) for p, most in zip(place, (WIDTH, HEIGHT), strict=True))
            self._actor.move({name: (x, y)}, drag)

    def _open_motif(self, name: str) -> None:
        motif = MOTIFS.get(name)
        if motif is None:
            raise fail("bad-choice", "motif", f"no motif {shown(name)}", did_you_mean(str(name), MOTIFS))
        self._begin_with(Document(motif.network(), motif.setup), f"begin with: {motif.words}")

    def _open(self, document: Document) -> None:
        self._begin_with(document, "opened from a link or a file")

    def _restore(self, text: str) -> None:
        """Open what the browser kept."""
        self._sharing.look_at(text)
        document = self._sharing.offered
        if document is not None:
            self._sharing.forget_offered()
            self._begin_with(document, "restored")

    def _begin_with(self, document: Document, words: str) -> None:
        if refused := self.document.refusals(document.network):
            raise NbkitError(refused)
        self.page.show_problems([])
        self._actor.open(document.network, document.setup, words, document.positions)

    def _start_over(self) -> None:
        if self.lesson.first is not None:
            self._actor.open(self.lesson.first, self.document.setup, "start over", self.document.positions)

    def _ask_theory(self) -> None:
        self.page.show_theory(None)
        self.page.show_theory(self._actor.predictions())

    # ------------------------------------------------------------ what the parts ask of each other

    def _changed(self, _revision: Revision) -> None:
        if self.lesson.attempts:
            self._show_lesson()

    def _show_lesson(self) -> None:
        self.page.show_lesson()

    def _show_sharing(self, state: Mapping[str, Any]) -> None:
        self.page.header.sharing = dict(state)

    def _in_words(self) -> tuple[str, str]:
        """What the last run did, and the plot that shows it."""
        run = self._actor.run_shown
        if run is None:
            return "", "traces"
        name = next(iter(self.page.offered(fitting(run.result))), "Traces").lower()
        return run.story.text, name

    def _result_now(self) -> xr.Dataset:
        """The result of the present network: the one that is shown if it is of it, else that of a run."""
        run, present = self._actor.run_shown, self.document.present
        if run is not None and run.whole and (run.revision.network, run.revision.setup) == (
            present.network, present.setup,
        ):  # fmt: skip
            return run.result
        return simulate(present.network, **present.setup.keywords())
