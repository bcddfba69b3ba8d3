"""Owns the trial of a task before students see it. Must not know notebooks, nor how findings are printed."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from nbkit.errors import did_you_mean, fail, shown
from nbkit.model.numbers import is_whole, plain
from nbkit.study.tasks.mark import Mark
from nbkit.study.tasks.task import Task

FEWEST_WRONG = 3
WRONG_SEEDS = 3
ROOM = 3.0  # a busy server is easily three times slower than the author's machine


@dataclass(frozen=True)
class Finding:
    """One thing that a trial found out. ``good`` is False for what must be mended, None for what is worth knowing.

    Args:
        task: name of the task.
        good: True, False or None.
        what: what was found, in words.

    Example:
        >>> import nbkit as nb
        >>> start = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 1)})
        >>> def check(net, seed):
        ...     return {"slow": net.value("E.tau") > 20}
        >>> task = nb.Task("Make it slower.", check, start=start, name="slow")
        >>> print(task.trial(seeds=1)[0])
        slow: ok: the start gets no points (fails at 'slow')
    """

    task: str
    good: bool | None
    what: str

    def __str__(self) -> str:
        return f"{self.task}: {_WORDS[self.good]}: {self.what}"


_WORDS = {True: "ok", False: "FAILED", None: "note"}


def trial(task: Task, seeds: int = 20) -> list[Finding]:
    """Try a task; everything that is wrong is found at once. See `Task.trial`."""
    if not is_whole(plain(seeds), 1):
        raise fail("bad-seed", "seeds", f"{shown(seeds)} is no number of seeds", "give 20")
    tried = _Trial(task)
    tried.start()
    tried.reference(int(seeds))
    tried.wrong()
    tried.words()
    tried.prediction()
    tried.luck_and_time()
    return tried.findings


class _Trial:
    """What was found so far, and every mark that was given."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.called = task.name or task.text.strip().split("\n")[0][:40]
        self.findings: list[Finding] = []
        self.marks: list[Mark] = []
        self.unlike: list[str] = []
        self.touched: list[str] = []

    def good(self, what: str) -> None:
        self.findings.append(Finding(self.called, good=True, what=what))

    def bad(self, what: str) -> None:
        self.findings.append(Finding(self.called, good=False, what=what))

    def note(self, what: str) -> None:
        self.findings.append(Finding(self.called, good=None, what=what))

    def grade(self, what: str, answer: Any, seed: int, *, twice: bool = False) -> Mark | None:
        """Grade an answer, or one that is made from the seed; None if it cannot be made."""
        if callable(answer):
            try:
                answer = answer(seed)
            except Exception as error:  # noqa: BLE001  an author's function may raise anything
                self.bad(f"{what}: it cannot be made for seed {seed}: {type(error).__name__}: {error}")
                return None
        mark = self._once(what, answer, seed, 1)
        if twice and self._once(what, answer, seed, 2) != mark and what not in self.unlike:
            self.unlike.append(what)
        return mark

    def _once(self, what: str, answer: Any, seed: int, dice: int) -> Mark:
        with _dice(dice) as untouched:
            mark = self.task.grade(answer, seed, prediction=_some_prediction(self.task))
            if not untouched() and what not in self.touched:
                self.touched.append(what)
        self.marks.append(mark)
        return mark

    # -------------------------------------------------------- what is tried

    def start(self) -> None:
        mark = self.grade("the start", self.task.start, 0, twice=True)
        if mark is None:
            return
        if mark.points or mark.passed:
            self.bad(f"the start gets {mark.points:g} of {mark.of:g} points; it must get none")
        elif mark.kind not in _ANSWERED:
            self.bad(f"the start gets no points, but for a wrong reason: {mark.reason}")
        else:
            self.good(f"the start gets no points ({_why(mark)})")

    def reference(self, seeds: int) -> None:
        if self.task.reference is None:
            self.bad("there is no reference: give reference=, an answer that gets all points")
            return
        before = len(self.findings)
        lost: dict[str, list[int]] = {}
        for seed in range(seeds):
            mark = self.grade("the reference", self.task.reference, seed, twice=seed == 0)
            if mark is None:
                return
            if not mark.passed:
                lost.setdefault(_why(mark), []).append(seed)
        for why, failing in lost.items():
            told = ", ".join(map(str, failing))
            self.bad(f"the reference fails with {_count(len(failing), 'seed')} of {seeds} ({told}): {why}")
        if len(self.findings) == before:
            self.good(f"the reference passes with {_count(seeds, 'seed')}")

    def wrong(self) -> None:
        wrong = dict(self.task.wrong)
        if len(wrong) < FEWEST_WRONG:
            what = f"there are {_count(len(wrong), 'wrong answer')}; give {FEWEST_WRONG} or more in wrong="
            self.bad(what)
        for name, (answer, criterion) in wrong.items():
            called = f"wrong answer '{name}'"
            marks = [self.grade(called, answer, seed, twice=seed == 0) for seed in range(WRONG_SEEDS)]
            if None not in marks:
                self._meant(called, criterion, [m for m in marks if m is not None])

    def _meant(self, called: str, criterion: str, marks: list[Mark]) -> None:
        """Whether a wrong answer got no full points, and the hint that was meant for it."""
        other = next((m for m in marks if m.failed != criterion or m.passed or m.kind != "marked"), None)
        if other is not None:
            got = "passes" if other.passed else f"fails otherwise ({_why(other)})"
            self.bad(f"{called} {got}; it was meant to fail at '{criterion}'")
        elif not marks[0].hint:
            self.bad(f"{called} fails at '{criterion}', but there is no hint for that")
        else:
            self.good(f"{called} fails at '{criterion}' and gets its hint")

    def words(self) -> None:
        """Hints, points and questions that speak of criteria which the check never names."""
        known = list(dict.fromkeys(c.name for m in self.marks for c in m.criteria))
        spoken = dict.fromkeys(self.task.ladders, "a hint")
        if self.task.predict is not None and self.task.predict.criterion:
            spoken.setdefault(self.task.predict.criterion, "the question")
        for name, what in spoken.items():
            if known and name not in known:
                self.bad(f"{what} is for '{name}', which the check never names; {did_you_mean(name, known)}")
        silent = [name for name in known if name not in self.task.ladders]
        if silent:
            self.note(f"no hint for {', '.join(silent)}")
        if not self.task.name:
            self.note("the task has no name; logs and tables of a class need one")

    def prediction(self) -> None:
        question = self.task.predict
        if question is None:
            return
        if question.criterion and all(m.guess is None or m.guess.measured is None for m in self.marks):
            what = f"nothing is ever measured for '{question.criterion}', so no prediction is compared"
            self.bad(f"{what}; return nb.study.Verdict(holds, measured)")

    def luck_and_time(self) -> None:
        for what in self.unlike:
            self.bad(f"{what} graded twice gives two different marks; draw everything from the seed")
        for what in self.touched:
            self.bad(f"the check of {what} draws from a global random generator; draw from the seed instead")
        if self.marks and not self.unlike and not self.touched:
            self.good("grading twice gives the same marks")
        slowest = max((m.seconds for m in self.marks), default=0.0)
        limit = self.task.seconds
        if any(m.kind == "too-slow" for m in self.marks):
            self.bad(f"the check takes longer than its limit of {limit:g} s")
        elif slowest * ROOM > limit:
            self.note(f"the check takes {slowest:.1f} s of {limit:g} s; a busy server may be too slow for it")
        elif self.marks:
            self.good(f"the check takes {slowest:.2g} s, its limit is {limit:g} s")
        for note in dict.fromkeys(note for m in self.marks for note in m.notes):
            self.note(f"the check warns: {note}")


#: ends of a grading that say something about the answer, and nothing against the check
_ANSWERED = ("marked", "problems", "not-run")


def _why(mark: Mark) -> str:
    return f"fails at '{mark.failed}'" if mark.failed else mark.reason or "it passes"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _some_prediction(task: Task) -> Any:
    if task.predict is None:
        return None
    return task.predict.choices[0] if task.predict.choices else 0.0


@contextlib.contextmanager
def _dice(number: int) -> Iterator[Any]:
    """Put the global random generators somewhere, tell whether they stayed there, and put them back."""
    before = random.getstate(), np.random.get_state(legacy=True)  # noqa: NPY002  it is watched, not used
    random.seed(number)
    np.random.seed(number)  # noqa: NPY002
    placed = random.getstate(), _numpy_state()
    try:
        yield lambda: (random.getstate(), _numpy_state()) == placed
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])  # noqa: NPY002


def _numpy_state() -> tuple[Any, ...]:
    kind, keys, *rest = np.random.get_state(legacy=True)  # noqa: NPY002
    return (kind, np.asarray(keys).tobytes(), *rest)
