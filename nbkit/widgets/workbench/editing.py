"""Owns the edits of a workbench beyond single values: laws, equations, motifs, names. Must not know any toolkit."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping

import xarray as xr

from nbkit.analysis.course import in_words
from nbkit.errors import NbkitError, did_you_mean, fail, shown
from nbkit.model.model import Model
from nbkit.model.numbers import is_finite_number, is_whole
from nbkit.network.description import split_path
from nbkit.network.document import Document
from nbkit.network.laws import Law
from nbkit.network.network import Network
from nbkit.network.time import to_unit
from nbkit.study.health import Health
from nbkit.study.model_or_step import model_or_step
from nbkit.widgets.workbench.folded import told_of
from nbkit.widgets.workbench.law_rows import as_law, as_number, core
from nbkit.widgets.workbench.menus import PARTS
from nbkit.widgets.workbench.own_model import KINDS, Draft, applied, draft_of, judge
from nbkit.widgets.workbench.renaming import joined, renamed
from nbkit.widgets.workbench.runner import Schedule
from nbkit.widgets.workbench.silence import silence_of
from nbkit.widgets.workbench.typed import kept, require_no_new_problem
from nbkit.widgets.workbench.view import Shown, WorkbenchView
from nbkit.widgets.workbench.wiring import names_of

#: the question about the step runs the network three times without giving way: longer ones are not asked here
LONGEST_QUESTION = 20.0  # seconds
#: what was computed is computed anew after an edit only if it took no longer than this
_QUICK = 0.3  # seconds


class Editing:
    """Turns what a user does into edits of a document; each is one revision.

    Args:
        document: what is edited.
        view: whoever draws.
        schedule: calls a function once whoever draws had a turn.
        selected: gives the names of the selected parts.
        choose: selects parts before an edit shows them.
        health: gives what was found about the run as it would start now.
        shown: gives the last run.
        clock: seconds.
    """

    def __init__(
        self,
        document: Document,
        view: WorkbenchView,
        schedule: Schedule,
        *,
        selected: Callable[[], tuple[str, ...]],
        choose: Callable[[tuple[str, ...]], None],
        health: Callable[[], Health | None],
        shown: Callable[[], Shown | None],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._document, self._view, self._schedule, self._clock = document, view, schedule, clock
        self._selected, self._choose, self._health, self._shown = selected, choose, health, shown
        self._opened: dict[str, float] = {}  # part -> seconds that its computed values took
        self._draft: Draft | None = None
        self._edited: Model | None = None  # what the draft would take the place of

    # ------------------------------------------------------------ values

    def set_law(self, path: str, law: str) -> bool:
        """Let values be drawn from a law, or, for an empty name, be one number again; of all that are selected.

        Returns:
            Whether it was done. If not, the view tells why, and the old value is kept.
        """
        network = self._document.network
        edited = network
        try:
            network.value(path)
            for each in shared_paths(network, self._selected(), path):
                edited = edited.with_value(each, _other(network, each, law))
            require_no_new_problem(network, edited)
        except NbkitError as error:
            self._view.show_problems([kept(network, path, problem) for problem in error.problems])
            return False
        self._view.show_problems([])
        told = f"drawn from a law: {law}" if law else f"one number again: {edited.value(path):g}"
        self._document.edit(edited, words=f"{path} {told}")
        return True

    # ------------------------------------------------------------ equations

    def open_draft(self, population: str) -> None:
        """Show the equations of a population as text to be edited.

        Raises:
            NbkitError: ``unknown-population``.
        """
        network = self._document.network
        if population not in network.populations:
            hint = did_you_mean(str(population), network.populations)
            raise fail("unknown-population", str(population), "no such population", hint)
        self._edited = network.populations[population].model
        self._tell(draft_of(network, population))

    def judge_draft(
        self, equations: str, threshold: str = "", reset: str = "", new: Mapping[str, str] | None = None
    ) -> None:
        """Read what was typed, and show what is wrong with it or what it means; nothing is edited."""
        if self._draft is None:
            return
        given = new if isinstance(new, Mapping) else {}
        known = {str(name): str(kind) for name, kind in given.items() if kind in KINDS}
        self._tell(Draft(self._draft.population, str(equations), str(threshold), str(reset), known))

    def apply_draft(self) -> None:
        """Give the population its new model, and take out what no longer fits.

        Raises:
            NbkitError: with the faults of the draft.
        """
        draft = self._draft
        if draft is None:
            return
        network, setup = applied(self._document.network, self._document.setup, draft)
        self.close_draft()
        self._view.show_problems([])
        self._document.edit(network, setup=setup, words=f"new equations of {draft.population}")

    def close_draft(self) -> None:
        """Leave the equations as they are."""
        self._draft = None
        self._view.show_draft(None, None)

    def _tell(self, draft: Draft) -> None:
        self._draft = draft
        self._view.show_draft(draft, judge(self._document.network, self._document.setup, draft))

    # ------------------------------------------------------------ parts

    def rename(self, name: str, new: str) -> None:
        """Give a part another name, everywhere.

        Raises:
            NbkitError: ``name-clash`` or ``bad-name``.
        """
        new = str(new).strip()
        if name not in names_of(self._document.network) or new == name:
            return
        old = self._document.network
        network, setup = renamed(old, self._document.setup, name, new)
        names = {name: new}
        names |= {one.name: other.name for one, other in zip(old.projections, network.projections, strict=True)}
        names |= {one.name: other.name for one, other in zip(old.stimuli, network.stimuli, strict=True)}
        positions = {names.get(part, part): place for part, place in self._document.positions.items()}
        self._choose(tuple(names.get(part, part) for part in self._selected()))
        self._view.show_problems([])
        self._document.edit(network, setup=setup, positions=positions, words=f"{name} renamed to {new}")

    def add_motif(self, name: str) -> tuple[str, ...]:
        """Add a motif beside what there is, under free names; returns the names of its populations.

        Raises:
            NbkitError: ``bad-choice`` for a motif that is not in the menu, ``time-unit-mismatch``.
        """
        motif = PARTS.get(name)
        if motif is None:
            raise fail("bad-choice", "motif", f"no motif {shown(name)}", did_you_mean(str(name), PARTS))
        old, setup = self._document.network, self._document.setup
        network, new = joined(old, motif.network())
        if motif.setup is not None and not old.populations:
            setup = motif.setup
        elif motif.setup is not None:
            step = to_unit(motif.setup.dt, network.time_unit, "dt")
            setup = dataclasses.replace(setup, dt=min(step, to_unit(setup.dt, network.time_unit, "dt")))
        self._choose(new)
        self._view.show_problems([])
        self._document.edit(network, setup=setup, words=f"{motif.words} added: {', '.join(new)}")
        return new

    def wake(self, remedy: int = 0) -> None:
        """Take one of the remedies that are offered where nothing drives a population.

        Raises:
            NbkitError: ``bad-choice`` where nothing is silent.
        """
        silence = silence_of(self._document.network, self._health())
        if silence is None or not 0 <= remedy < len(silence.remedies):
            raise fail("bad-choice", "remedy", "everything is driven", "look at the drawing again")
        self._view.show_problems([])
        self._document.edit(silence.remedies[remedy].network, words=silence.remedies[remedy].full)

    # ------------------------------------------------------------ what is asked

    def go_to(self, number: int) -> None:
        """Go to a revision by its place among all."""
        if is_whole(number):
            self._document.go_to(number)

    def compute(self, part: str, opened: bool = True) -> None:  # noqa: FBT001, FBT002  a page says which
        """Compute what is folded under a part, and again after each edit while it is open and quick."""
        self._opened.pop(part, None)
        if opened and part in names_of(self._document.network):
            self._compute(part)

    def changed(self) -> None:
        """The document has another revision: what is open is computed anew, or told to be old."""
        network, selected = self._document.network, self._selected()
        seen = {*selected, *(p.name for p in network.projections if split_path(p.target)[0] in selected)}
        for part, took in tuple(self._opened.items()):
            if took > _QUICK or part not in seen & names_of(network):
                del self._opened[part]
                self._view.show_computed(part, None)
            else:
                self._schedule(lambda part=part: self._again(part))  # type: ignore[misc]
        if self._draft is not None:
            now = network.populations.get(self._draft.population)
            self._tell(self._draft) if now is not None and now.model == self._edited else self.close_draft()

    def _again(self, part: str) -> None:
        if part in self._opened and part in names_of(self._document.network):
            self._compute(part)

    def _compute(self, part: str) -> None:
        began = self._clock()
        told = told_of(self._document.network, part, self._document.setup)
        self._opened[part] = self._clock() - began
        self._view.show_computed(part, told)

    def ask_step(self) -> None:
        """Ask whether what is seen is the model's or the step's; the network is run three times."""
        health = self._health()
        seconds = 0.0 if health is None or health.forecast is None else 4 * health.forecast.seconds
        if seconds > LONGEST_QUESTION:
            self._view.show_verdict(f"This would take about {seconds:.0f} s. Shorten the duration, and ask again.")
            return
        self._view.show_verdict("Running with half the step …")
        self._schedule(self._asked)

    def _asked(self) -> None:
        network, setup, rhythm = self._document.network, self._document.setup, self._rhythm()
        try:
            found = model_or_step(
                network, setup.duration, setup.dt, setup.record, seeds=(setup.seed, setup.seed + 1),
                measure=_period_of(rhythm) if rhythm else None, method=setup.method, delays=setup.delays,
            )  # fmt: skip
        except NbkitError as error:
            self._view.show_verdict("; ".join(f"{p.where}: {p.what}" for p in error.problems))
            return
        verdict = str(found.attrs["verdict"])
        about = f"By the period of {rhythm}: " if rhythm else ""
        self._view.show_verdict(f"{about}{verdict if about else verdict[0].upper() + verdict[1:]}.")

    def _rhythm(self) -> str:
        """The first population with a rhythm in the last run; rhythms of one period may drift apart at every moment."""
        shown = self._shown()
        courses = {} if shown is None else shown.story.courses
        return next((name for name, course in courses.items() if course.kind == "rhythm"), "")


def _period_of(population: str) -> Callable[[xr.Dataset], float]:
    def measure(ds: xr.Dataset) -> float:
        return in_words(ds).courses[population].period

    return measure


def shared_paths(network: Network, selected: tuple[str, ...], path: str) -> list[str]:
    """A path, and the same value of the other selected parts of the same kind.

    >>> import nbkit as nb
    >>> shared_paths(nb.networks.rhythm(), ("E->I", "I->E"), "E->I.delay")
    ['E->I.delay', 'I->E.delay']
    """
    owner = next((n for n in sorted(names_of(network), key=len, reverse=True) if path.startswith(f"{n}.")), "")
    if owner not in selected:
        return [path]
    others = [f"{name}{path[len(owner) :]}" for name in selected if name != owner]
    known = set(network.paths())
    return [path, *(other for other in others if other in known)]


def _other(network: Network, path: str, law: str) -> float | Law:
    """The law of this name at a path, as large as what stands there; or the number again."""
    held = network.value(path)
    least, most = network.describe(path).limits or (None, None)
    if not law:
        return as_number(held, least, most) if isinstance(held, Law) else float(held)
    if isinstance(held, Law):
        if type(core(held)).__name__ == law:
            return held
        held = as_number(held, least, most)
    if not is_finite_number(held):
        raise fail("bad-choice", path, f"{type(held).__name__} cannot become a law", "give a number first")
    return as_law(law, float(held), least, most)
