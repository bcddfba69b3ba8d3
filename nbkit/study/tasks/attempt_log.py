"""Owns the log of attempts: one line of JSON for each. Must not know tasks, nor how a log is read.

A line holds the task's name, the time, the verdicts, the prediction, the points, which hint was given and a short
digest of the answer. No name of a person or a machine, no path, no network. The file is the student's own: it says who
needs help, and proves nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

FORMAT = "nbkit.attempt"
VERSION = 1
SUFFIX = ".jsonl"
START_OF_LINE = f'{{"format": "{FORMAT}"'


@dataclass(frozen=True)
class Entry:
    """One attempt.

    Attributes:
        task: name of the task.
        time: seconds since 1970, UTC.
        points, of: points given, and points that there were.
        criteria: each criterion and whether it held; empty where the check gave no verdicts.
        kind: how the grading ended, one of `mark.KINDS`.
        hint: which hint was given, counted from 1; 0 for none.
        prediction, measured, close: what was predicted before, what was measured, and whether that was near.
        answer: digest of what was handed in.
        number: counts the attempts at this task, from 1.
    """

    task: str
    time: float
    points: float
    of: float
    criteria: Mapping[str, bool]
    kind: str
    hint: int = 0
    prediction: float | str | None = None
    measured: float | str | None = None
    close: bool | None = None
    answer: str = ""
    number: int = 1

    @property
    def failed(self) -> str:
        """The first criterion that did not hold, or how the grading ended if there were no verdicts."""
        if self.kind != "marked":
            return self.kind
        return next((name for name, holds in self.criteria.items() if not holds), "")


def append(path: Path, entry: Entry) -> None:
    """Add a line at the end; what an interrupted writer left half-written becomes a line of its own.

    Raises:
        OSError: if the file cannot be written.
    """
    told = {
        "format": FORMAT,
        "version": VERSION,
        "task": entry.task,
        "time": time_text(entry.time),
        "points": entry.points,
        "of": entry.of,
        "criteria": dict(entry.criteria),
        "kind": entry.kind,
        "hint": entry.hint,
        "prediction": entry.prediction,
        "measured": entry.measured,
        "close": entry.close,
        "answer": entry.answer,
        "number": entry.number,
    }
    line = json.dumps(told, allow_nan=False)
    with path.open("ab+") as file:
        end = file.seek(0, os.SEEK_END)
        if end:
            file.seek(end - 1)
            line = line if file.read(1) == b"\n" else f"\n{line}"
        file.write(f"{line}\n".encode())


def time_text(seconds: float) -> str:
    """A time as it stands in a log, to the millisecond."""
    whole = round(seconds * 1000)
    return f"{datetime.fromtimestamp(whole // 1000, UTC):%Y-%m-%dT%H:%M:%S}.{whole % 1000:03d}Z"
