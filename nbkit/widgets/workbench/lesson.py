"""Owns the tasks of a workbench: predicted, checked, solved. Must not know any toolkit, nor how a check runs."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import xarray as xr

from nbkit.errors import NbkitError, Problem, fail, shown
from nbkit.network.network import Network
from nbkit.study.tasks.attempting import Attempts
from nbkit.study.tasks.mark import Mark
from nbkit.study.tasks.task import Task


def attempts_of(given: object, wrong: list[Problem]) -> tuple[Attempts, ...]:
    """Read a task, what `Task.attempts` gives, or several of them; what is wrong is added to ``wrong``."""
    several = list(given) if isinstance(given, Sequence) and not isinstance(given, str) else [given]
    found = []
    for task in [] if given is None else several:
        if isinstance(task, Task | Attempts):
            found.append(task.attempts() if isinstance(task, Task) else task)
        else:
            what = f"{shown(task)} is neither a task nor what its attempts() gives"
            wrong.append(Problem("bad-type", "task", what, "nb.Task(...), or a list of them"))
    return tuple(found)


class Lesson:
    """The tasks that a student works on, one at a time. The check takes the network or a result, never a widget.

    Args:
        attempts: the tasks, each with what was tried.
        network: gives the network as it is now.
        result: gives the result of its run.
        changed: called whenever there is something else to show.

    Attributes:
        at: number of the present task.
    """

    def __init__(
        self,
        attempts: Sequence[Attempts],
        network: Callable[[], Network],
        result: Callable[[], xr.Dataset],
        changed: Callable[[], None],
    ) -> None:
        self.attempts, self.at = tuple(attempts), 0
        self._network, self._result, self._changed = network, result, changed
        self._checked: dict[int, tuple[Network, Mark]] = {}
        self._problem, self._notes, self._checking = "", (), False
        self._first: Network | None = None

    def begin(self, network: Network) -> None:
        """Remember what the student begins with."""
        self._first = network

    @property
    def present(self) -> Attempts:
        """The task that is worked on.

        Raises:
            NbkitError: ``bad-choice`` where there is none.
        """
        if not self.attempts:
            raise fail("bad-choice", "task", "this workbench has no task", "nb.Workbench(net, task=nb.Task(...))")
        return self.attempts[self.at]

    @property
    def waits(self) -> bool:
        """Whether a prediction is due before a run may be seen."""
        return bool(self.attempts) and self.present.task.predict is not None and self.present.prediction is None

    @property
    def first(self) -> Network | None:
        """What the student began with, if it is something else by now."""
        return None if self._first is None or self._first == self._network() else self._first

    def go(self, number: int) -> None:
        """Work on another task.

        Raises:
            NbkitError: ``bad-choice`` if there is none of this number.
        """
        if not isinstance(number, int) or not 0 <= number < len(self.attempts):
            raise fail("bad-choice", "task", f"no task {shown(number)}", f"0 to {len(self.attempts) - 1}")
        self.at, self._problem = number, ""
        self._changed()

    def predict(self, typed: str | float) -> None:
        """Take a prediction as it was typed, once; what is wrong with it is told beside it."""
        question = self.present.task.predict
        if not self.waits or question is None:
            return
        value: Any = str(typed).strip()
        if not question.choices:
            value = _number(value, question.unit)
        self._problem = question.problem(value)
        if not self._problem:
            self.present.predict(value)
        self._changed()

    def check(self) -> Mark | None:
        """Let the task check the present network; None while a prediction is due, or if there is no result."""
        present = self.present
        if self.waits:
            self._problem = "predict first"
            self._changed()
            return None
        self._problem, self._checking = "", True
        self._changed()
        network = self._network()
        try:
            answer = network if present.task.takes == "network" else self._result()
            with warnings.catch_warnings(record=True) as heard:
                warnings.simplefilter("always")
                mark = present.grade(answer)
        except NbkitError as error:
            self._problem, self._checking = f"cannot be run: {error.what}", False
            self._changed()
            return None
        self._notes = tuple(str(w.message) for w in heard)
        self._checked[self.at], self._checking = (network, mark), False
        self._changed()
        return mark

    # ------------------------------------------------------------ what there is to see

    def state(self) -> dict[str, Any]:
        """What there is to see, as plain values."""
        if not self.attempts:
            return {}
        task = self.present.task
        return {
            "at": self.at,
            "solved": [self._solved(number) for number in range(len(self.attempts))],
            "name": task.name,
            "text": task.text.strip(),
            "of": task.of,
            "question": self._question(),
            "verdict": self._verdict(),
            "checking": self._checking,
            "changed": self.first is not None,
            "problem": self._problem,
            "notes": list(self._notes),
        }

    def _solved(self, number: int) -> bool:
        return any(mark.passed for mark in self.attempts[number].marks)

    def _question(self) -> dict[str, Any] | None:
        question = self.present.task.predict
        if question is None:
            return None
        held = self.present.prediction
        told = "" if held is None else held if isinstance(held, str) else f"{held:g} {question.unit}".strip()
        return {"text": question.text, "unit": question.unit, "choices": list(question.choices), "predicted": told}

    def _verdict(self) -> dict[str, Any] | None:
        """The last mark of the present task, and whether it is of the network as it is now."""
        if self.at not in self._checked:
            return None
        network, mark = self._checked[self.at]
        return {
            "passed": mark.passed,
            "points": mark.points,
            "of": mark.of,
            "stale": network != self._network(),
            "criteria": [[c.holds, str(c)[2:]] for c in mark.criteria],
            "reason": mark.reason,
            "hint": mark.hint,
            "rung": [mark.rung + 1, len(mark.hints)],
            "guess": "" if mark.guess is None else str(mark.guess),
        }


def _number(typed: str, unit: str) -> float | str:
    """A number as it was typed, with a comma or its unit; the text itself if it is none."""
    text = typed.removesuffix(unit).strip() if unit else typed
    try:
        return float(text.replace("−", "-").replace(",", "."))
    except ValueError:
        return typed
