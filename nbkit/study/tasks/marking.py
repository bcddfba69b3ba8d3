"""Owns the running of a check so that it can only fail closed: whatever goes wrong gives no points, and says why.

Must not know files, nor how a mark is shown.
"""

from __future__ import annotations

import contextlib
import math
import sys
import time
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import xarray as xr

from nbkit.errors import NbkitError, NbkitNote, shown
from nbkit.model.numbers import plain
from nbkit.network.network import Network
from nbkit.study.tasks.mark import Criterion, Guess, Mark, Measured, as_measured
from nbkit.study.tasks.watch import Interrupted, OutOfTime, Watch

if TYPE_CHECKING:
    from nbkit.study.tasks.task import Task

NAME_LENGTH = 100
REASON_LENGTH = 300
MOST_CRITERIA = 50
MOST_NOTES = 5

#: what a task takes -> its type, how it is called, and what to hand in
TAKES: dict[str, tuple[type, str, str]] = {
    "network": (Network, "a Network", "hand in the network itself, such as nb.Network(...)"),
    "result": (xr.Dataset, "a Dataset", "hand in the result of a run, such as nb.simulate(...)"),
}


class Unreadable(Exception):  # noqa: N818  it never leaves this file
    """What a check returned is no answer."""


@dataclass(frozen=True)
class Outcome:
    """How a check ended: a kind of `mark.KINDS`, its reason, and the criteria if there are verdicts."""

    kind: str
    reason: str = ""
    criteria: tuple[Criterion, ...] = ()


def marked(task: Task, answer: Any, seed: int, prediction: Any) -> Mark:
    """Grade an answer. Nothing that the check or the answer does can raise, but Ctrl-C."""
    begin = time.perf_counter()
    notes: list[str] = []
    outcome = _before(task, answer, prediction) or _watched(task, answer, seed, notes)
    failed = next((c.name for c in outcome.criteria if not c.holds), "")
    return Mark(
        task=task.name,
        points=_points(task, outcome),
        of=task.of,
        criteria=outcome.criteria,
        kind=outcome.kind,
        reason=outcome.reason,
        hints=task.ladders.get(failed, ()),
        guess=_guess(task, outcome, prediction),
        seconds=time.perf_counter() - begin,
        notes=tuple(notes),
    )


def _points(task: Task, outcome: Outcome) -> float:
    """All or nothing, or those of each criterion where the task says so."""
    if outcome.kind != "marked" or not outcome.criteria:
        return 0.0
    if isinstance(task.points, Mapping):
        return math.fsum(task.points[c.name] for c in outcome.criteria if c.holds)
    return task.of if all(c.holds for c in outcome.criteria) else 0.0


def _guess(task: Task, outcome: Outcome, prediction: Any) -> Guess | None:
    question = task.predict
    if question is None or outcome.kind == "predict-first":
        return None
    held: Measured = plain(prediction)
    measured = next((c.measured for c in outcome.criteria if c.name == question.criterion), None)
    return Guess(held, measured, question.close(held, measured), question.unit)


# ------------------------------------------------------------ before the check


def _before(task: Task, answer: Any, prediction: Any) -> Outcome | None:
    """What can be said without running anything: no answer, no prediction, the wrong thing handed in."""
    if answer is None:
        return Outcome("no-answer", "nothing was handed in")
    kind, named, advice = TAKES[task.takes]
    if not isinstance(answer, kind):
        inside = getattr(type(answer), "network", None) is not None and task.takes == "network"
        advice = "hand in its .network" if inside else advice
        return Outcome("wrong-type", f"{_a(type(answer).__name__)} was handed in, {named} is needed: {advice}")
    if task.predict is not None:
        wrong = task.predict.problem(prediction)
        if wrong:
            return Outcome("predict-first", f"predict first: {task.predict.text} ({wrong})")
    return None


def _a(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


# ------------------------------------------------------------ the check


def _watched(task: Task, answer: Any, seed: int, notes: list[str]) -> Outcome:
    """Run the check under the clock, and turn every end that it may have into an outcome."""
    watch = Watch(task.seconds)
    outcome = Outcome("check-failed", "the check was stopped")
    try:
        with _quiet(notes, watch), watch:
            outcome = _run(task, answer, seed)
    except (OutOfTime, Interrupted):
        pass
    except KeyboardInterrupt:
        watch.interrupted = True
    except NbkitError as error:
        outcome = Outcome("not-run", _trimmed(error))
    except Unreadable as error:
        outcome = Outcome("bad-verdict", str(error))
    except BaseException as error:  # noqa: BLE001  a check may raise anything, and nothing of it is a pass
        outcome = Outcome("check-failed", f"the check stopped: {type(error).__name__}: {_trimmed(error)}")
    finally:
        watch.close()
    if watch.interrupted:
        raise KeyboardInterrupt
    if watch.late:
        return Outcome("too-slow", f"the check took longer than {task.seconds:g} s and was stopped")
    return outcome


def _run(task: Task, answer: Any, seed: int) -> Outcome:
    if isinstance(answer, Network):
        problems = answer.check()
        if problems:
            return Outcome("problems", _trimmed(NbkitError(problems)))
    return Outcome("marked", criteria=_criteria(task, task.check(answer, seed)))


def _trimmed(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # noqa: BLE001  what a stranger's error cannot tell is not told
        return "it does not say why"
    return text if len(text) <= REASON_LENGTH else text[: REASON_LENGTH - 3] + "..."


@contextlib.contextmanager
def _quiet(notes: list[str], watch: Watch) -> Iterator[None]:
    """Collect warnings, hear of a run that ended half-way, and keep the error stream clean; graders read it."""
    with warnings.catch_warnings(record=True) as heard, contextlib.redirect_stderr(sys.stdout):
        warnings.simplefilter("always")
        try:
            yield
        finally:
            told = [_trimmed(w.message) if isinstance(w.message, Warning) else str(w.message) for w in heard]
            mine = [note for note, w in zip(told, heard, strict=True) if issubclass(w.category, NbkitNote)]
            watch.interrupted |= any(note.startswith("interrupted at") for note in mine)
            notes += list(dict.fromkeys(mine + told))[:MOST_NOTES]


# ------------------------------------------------------------ what it returned


def _criteria(task: Task, found: Any) -> tuple[Criterion, ...]:
    """Read verdicts, and refuse everything that is not plainly True or False."""
    if not isinstance(found, Mapping):
        raise Unreadable(f"the check returned {shown(found)}; a mapping of criteria to True or False is needed")
    items = list(found.items())
    if not 1 <= len(items) <= MOST_CRITERIA:
        raise Unreadable(f"the check spoke of {len(items)} criteria; 1 to {MOST_CRITERIA} can be marked")
    for name, _ in items:
        if not isinstance(name, str) or not name.strip() or len(name) > NAME_LENGTH:
            raise Unreadable(f"{shown(name)} is no name of a criterion: a few words are needed")
    if isinstance(task.points, Mapping) and set(task.points) != {name for name, _ in items}:
        spoken, given = sorted(name for name, _ in items), sorted(task.points)
        raise Unreadable(f"the check spoke of {', '.join(spoken)}; there are points for {', '.join(given)}")
    return tuple(_criterion(name, value) for name, value in items)


def _criterion(name: str, value: Any) -> Criterion:
    whole = hasattr(value, "holds")
    truth = plain(value.holds if whole else value)
    if not isinstance(truth, bool):
        many = getattr(truth, "size", 0)
        what = f"{many} values: take one of them, or .all()" if many else shown(truth)
        raise Unreadable(f"the verdict on '{name}' is neither True nor False but {what}")
    if not whole:
        return Criterion(name, truth)
    reason = getattr(value, "reason", "")
    return Criterion(
        name,
        truth,
        as_measured(getattr(value, "measured", None)),
        reason[:REASON_LENGTH] if isinstance(reason, str) else "",
    )
