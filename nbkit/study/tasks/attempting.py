"""Owns a student's work on a task: predictions, hints that become plainer, the log. Must not know how checks run."""

from __future__ import annotations

import dataclasses
import hashlib
import html
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from nbkit.errors import NbkitNote, fail, shown
from nbkit.model.numbers import plain
from nbkit.network.network import Network
from nbkit.study.tasks.attempt_log import SUFFIX, Entry, append
from nbkit.study.tasks.attempt_reading import read_log
from nbkit.study.tasks.mark import Mark

if TYPE_CHECKING:
    from nbkit.study.tasks.task import Task

DIGEST = 12


class Attempts:
    """A student's attempts at a task; `Task.attempts` makes it.

    A hint becomes plainer when a *changed* answer fails at the same criterion again; asking twice with the same answer
    gives the same hint. With a log, and only then, each attempt is appended to it; a later session goes on from there.

    Args:
        task: the task.
        log: a file ending in ``.jsonl``, made where it is missing.

    Attributes:
        marks: the marks of this session, oldest first.

    Raises:
        NbkitError: ``bad-value`` for a log of a task without a name; ``bad-file``
            for a log that cannot be written; ``bad-log`` for a file that is no log.

    Example:
        >>> import nbkit as nb
        >>> start = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 1)})
        >>> asked = nb.study.Question("Which tau will do?", "slow", unit="ms", tolerance=1.0)
        >>> def check(net, seed):
        ...     tau = net.value("E.tau")
        ...     return {"slow": nb.study.Verdict(tau > 20, tau)}
        >>> hints = {"slow": ["What does tau mean?", "Set E.tau above 20 ms."]}
        >>> task = nb.Task("Make it slower.", check, start=start, hints=hints, name="slow", predict=asked)
        >>> work = task.attempts()
        >>> work.grade(start).reason
        'predict first: Which tau will do? (a number in ms)'
        >>> work.predict(25.0)
        >>> work.grade(start).hint, work.grade(start.with_value("E.tau", 15.0)).hint
        ('What does tau mean?', 'Set E.tau above 20 ms.')
        >>> print(work.grade(start.with_value("E.tau", 24.5)).guess)
        you predicted 25 ms, measured was 24.5 ms: close
    """

    def __init__(self, task: Task, log: str | Path | None = None) -> None:
        self.task = task
        self.log = None if log is None else _opened(task, log)
        self.prediction: Any = None
        self.marks: tuple[Mark, ...] = ()
        known = read_log(self.log).entries if self.log is not None and self.log.exists() else ()
        self._tried = [(e.failed, e.answer) for e in known if e.task == task.name]

    def predict(self, value: Any) -> None:
        """Say what will be measured, before the run. It stays until another prediction is made.

        Raises:
            NbkitError: ``bad-value`` if the task asks for none, or for something else.
        """
        question = self.task.predict
        if question is None:
            raise fail("bad-value", "prediction", "the task asks for no prediction", "grade(...) right away")
        wrong = "a prediction is missing" if value is None else question.problem(value)
        if wrong:
            raise fail("bad-value", "prediction", wrong, question.text)
        self.prediction = plain(value)

    def grade(self, answer: Any, seed: int = 0) -> Mark:
        """Check an answer, give the hint that is due, and write the attempt to the log if there is one.

        Args:
            answer: a network, or a result where the task takes one.
            seed: handed to the check.

        Raises:
            NbkitError: ``bad-seed``. A log that can no longer be written is a warning: the mark is given all the same.
        """
        mark = self.task.grade(answer, seed, prediction=self.prediction)
        digest = digest_of(answer)
        earlier = {known for failed, known in self._tried if failed == mark.failed and known != digest}
        rung = min(len(earlier), max(len(mark.hints) - 1, 0)) if mark.failed else 0
        mark = dataclasses.replace(mark, rung=rung)
        self.marks = (*self.marks, mark)
        entry = _entry(mark, digest, len(self._tried) + 1)
        self._tried.append((entry.failed, digest))
        if self.log is not None:
            try:
                append(self.log, entry)
            except OSError as error:
                note = f"the attempt is not in {self.log.name}: {error.strerror or error}"
                warnings.warn(note, NbkitNote, stacklevel=2)
        return mark

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{number}</td><td>{mark.points:g} of {mark.of:g}</td>"
            f"<td style='text-align:left'>{html.escape(mark.failed or mark.reason)}</td></tr>"
            for number, mark in enumerate(self.marks, 1)
        )
        head = "<tr><th>attempt</th><th>points</th><th style='text-align:left'>not yet</th></tr>"
        return f"{self.task._repr_html_()}<table>{head}{rows}</table>"


def digest_of(answer: Any) -> str:
    """A short text that is equal for equal answers, and says nothing else; empty for what is no answer."""
    found = hashlib.sha256()
    if isinstance(answer, Network):
        try:
            found.update(answer.to_json().encode())
        except Exception:  # noqa: BLE001  a broken network still is an attempt
            return ""
    elif isinstance(answer, xr.Dataset):
        for name in sorted(map(str, answer.variables)):
            held = np.ascontiguousarray(answer[name].to_numpy())
            found.update(f"{name} {held.dtype} {held.shape} ".encode())
            found.update(str(held.tolist()).encode() if held.dtype.hasobject else held.tobytes())
    else:
        return ""
    return found.hexdigest()[:DIGEST]


def _entry(mark: Mark, digest: str, number: int) -> Entry:
    guess = mark.guess
    return Entry(
        task=mark.task,
        time=time.time(),
        points=mark.points,
        of=mark.of,
        criteria={c.name: c.holds for c in mark.criteria},
        kind=mark.kind,
        hint=mark.rung + 1 if mark.hint else 0,
        prediction=None if guess is None else guess.prediction,
        measured=None if guess is None else guess.measured,
        close=None if guess is None else guess.close,
        answer=digest,
        number=number,
    )


def _opened(task: Task, log: str | Path) -> Path:
    """The path of a log that can be written; its folder must be there."""
    if not isinstance(log, str | Path) or Path(log).suffix != SUFFIX:
        raise fail("bad-file", "log", f"{shown(log)} does not end in {SUFFIX}", f'log="attempts{SUFFIX}"')
    if not task.name:
        raise fail("bad-value", "Task.name", "a log needs the task's name", 'nb.Task(..., name="gain")')
    path = Path(log)
    try:
        with path.open("ab"):
            pass
    except OSError as error:
        raise fail("bad-file", "log", f"cannot be written: {error.strerror or error}", "another place") from None
    return path
