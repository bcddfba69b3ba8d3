"""Owns the table of a class: what the logs of many students say together. Must not know how a table is written down.

A folder holds one log for each student; the file's name stands for the student. A log that cannot be true is refused
by name, and the rest goes on.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from nbkit.errors import NbkitError, Problem, fail
from nbkit.study.tasks.attempt_log import SUFFIX, Entry
from nbkit.study.tasks.attempt_reading import printable, read_log

STUCK_ATTEMPTS = 3
STUCK_S = 600.0


@dataclass(frozen=True)
class Standing:
    """How a student stands with a task.

    Attributes:
        points, of: the best points, and what they were of.
        attempts: how often it was tried.
        solved: whether an attempt met every criterion.
        unchanged: how many of the last attempts had the same verdicts.
        minutes: how long they have been the same, up to the class's last attempt.
        failed: the first criterion that the last attempt did not meet.
    """

    points: float
    of: float
    attempts: int
    solved: bool
    unchanged: int
    minutes: float
    failed: str

    @property
    def stuck(self) -> bool:
        """Three attempts or more, or ten minutes, without any change of the verdicts."""
        return not self.solved and (self.unchanged >= STUCK_ATTEMPTS or self.minutes * 60 >= STUCK_S)


@dataclass(frozen=True)
class Student:
    """A log that was read: whose it is, its entries, and how many of its lines were cut off."""

    name: str
    entries: tuple[Entry, ...]
    cut_off: int = 0


@dataclass(frozen=True)
class ClassTable:
    """Students x tasks.

    Attributes:
        tasks: names of the tasks, in the order in which the class met them.
        rows: student -> task -> how they stand; a task that was never tried is missing.
        commonest: task -> the criterion at which most students failed, and how many of how many; tasks that nobody
            failed are missing.
        notes: what is worth knowing about the logs.
        refused: logs that were not believed, with the reason.
    """

    tasks: tuple[str, ...]
    rows: dict[str, dict[str, Standing]]
    commonest: dict[str, tuple[str, int, int]]
    notes: tuple[str, ...] = ()
    refused: tuple[Problem, ...] = ()

    @property
    def stuck(self) -> Iterator[tuple[str, str, Standing]]:
        """Student, task and standing of all who are stuck."""
        for name, row in self.rows.items():
            yield from ((name, task, row[task]) for task in self.tasks if task in row and row[task].stuck)


def class_table(folder: str | Path, now: float | None = None) -> ClassTable:
    """Read all logs in a folder and the folders in it.

    Args:
        folder: files ending in ``.jsonl``, one for each student. In a folder of their own they are named after both.
        now: no attempt may be later; the present by default.

    Raises:
        NbkitError: ``bad-log`` if there is no such folder, or no log in it.
    """
    place = Path(folder)
    if not place.is_dir():
        raise fail("bad-log", printable(str(folder)), "there is no such folder", "give the folder with the logs")
    students: list[Student] = []
    refused: list[Problem] = []
    for path in _logs(place):
        name = _name(path.relative_to(place), {student.name for student in students})
        try:
            log = read_log(path, now, name)
        except NbkitError as error:
            refused += error.problems
        else:
            students.append(Student(name, log.entries, log.cut_off))
    if not students and not refused:
        what = f"no file in it ends in {SUFFIX}"
        raise fail("bad-log", printable(str(folder)), what, f'students write logs with task.attempts(log="me{SUFFIX}")')
    return _together(students, tuple(refused))


def _logs(place: Path) -> list[Path]:
    """Every log under a folder, by name; links to folders are not followed."""
    found = [Path(where, name) for where, _, names in os.walk(place) for name in names if name.endswith(SUFFIX)]
    return sorted(found, key=lambda path: (path.as_posix().casefold(), path.as_posix()))


def _name(path: Path, taken: Collection[str]) -> str:
    """How a log's owner is called: the file's name, with a number where two look alike when they are printed."""
    name = printable(path.with_suffix("").as_posix())
    alike = (f"{name} ({number})" for number in count(2))
    return next(other for other in alike if other not in taken) if name in taken else name


def _together(students: Sequence[Student], refused: tuple[Problem, ...]) -> ClassTable:
    entries = [e for student in students for e in student.entries]
    first: dict[str, float] = {}
    for e in entries:
        first[e.task] = min(e.time, first.get(e.task, e.time))
    tasks = tuple(sorted(first, key=lambda task: (first[task], task)))
    last = max((e.time for e in entries), default=0.0)
    rows = {student.name: _row(student, last) for student in students}
    notes = [f"{s.name}: {s.cut_off} unfinished line{'s' * (s.cut_off > 1)} left out" for s in students if s.cut_off]
    notes += [note for task in tasks for note in _unlike_points(task, rows)]
    return ClassTable(tasks, rows, dict(_commonest(tasks, students)), tuple(notes), refused)


def _row(student: Student, last: float) -> dict[str, Standing]:
    held: dict[str, list[Entry]] = {}
    for e in student.entries:
        held.setdefault(e.task, []).append(e)
    return {task: _standing(tries, last) for task, tries in held.items()}


def _standing(tries: Sequence[Entry], last: float) -> Standing:
    best = max(tries, key=lambda e: e.points / e.of)
    now = tries[-1]
    unchanged = 0
    for e in reversed(tries):
        if (e.kind, e.criteria) != (now.kind, now.criteria):
            break
        unchanged += 1
    return Standing(
        points=best.points,
        of=best.of,
        attempts=len(tries),
        solved=any(e.points == e.of for e in tries),
        unchanged=unchanged,
        minutes=max(0.0, last - tries[-unchanged].time) / 60,
        failed=now.failed,
    )


def _commonest(tasks: Sequence[str], students: Sequence[Student]) -> Iterator[tuple[str, tuple[str, int, int]]]:
    """The criterion at which most students failed, each counted once; the first in the alphabet of several."""
    for task in tasks:
        failing = [{e.failed for e in s.entries if e.task == task and e.failed} for s in students]
        counts = Counter(criterion for criteria in failing for criterion in criteria)
        if counts:
            criterion = min(counts, key=lambda c: (-counts[c], c))
            tried = sum(any(e.task == task for e in s.entries) for s in students)
            yield task, (criterion, counts[criterion], tried)


def _unlike_points(task: str, rows: dict[str, dict[str, Standing]]) -> Iterator[str]:
    """A note where logs disagree on what a task is worth: an old version of it, or a log that was touched."""
    worth = Counter(row[task].of for row in rows.values() if task in row)
    if len(worth) < 2:
        return
    usual = max(worth, key=lambda of: (worth[of], -of))
    others = [f"{name} ({row[task].of:g})" for name, row in rows.items() if task in row and row[task].of != usual]
    told = ", ".join(others[:5]) + (f" and {len(others) - 5} more" if len(others) > 5 else "")
    yield f"{task}: worth {usual:g} in most logs, but not for {told}"
