"""Owns the reading of logs of attempts, with care: a log comes from a stranger. Must not know tasks, nor a class."""

from __future__ import annotations

import json
import os
import re
import stat
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbkit.errors import NbkitError, Problem, fail, shown
from nbkit.model.numbers import is_finite_number, is_whole
from nbkit.study.tasks.attempt_log import FORMAT, START_OF_LINE, VERSION, Entry, time_text
from nbkit.study.tasks.mark import KINDS

if TYPE_CHECKING:
    import xarray

FILE_BYTES = 4_000_000
LINE_LENGTH = 20_000
MOST_TASKS = 100
MOST_PROBLEMS = 3
MOST_POINTS = 1e6
WORDS = 100  # letters in a name
CLOCK_S = 300.0  # clocks of honest machines differ by less


@dataclass(frozen=True)
class Log:
    """What a file holds: its entries, and how many lines were cut off while they were written."""

    entries: tuple[Entry, ...]
    cut_off: int = 0


def attempts(path: str | Path) -> xarray.Dataset:
    """Read a log of attempts.

    Args:
        path: the file that was given as ``log=``.

    Returns:
        Along the dimension ``attempt``: ``task``, ``time`` (UTC), ``points``, ``of``, ``failed`` (the first criterion
        that did not hold, or how the grading ended), ``hint`` (which one was given, 0 for none), ``prediction``,
        ``measured`` (texts, empty where there is none) and ``answer`` (a digest: equal answers have equal ones). The
        attribute ``cut_off`` counts lines that were never finished.

    Raises:
        NbkitError: ``bad-log`` for a file that is not there, or no log.

    Example:
        >>> import nbkit as nb
        >>> import pathlib, tempfile
        >>> start = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 1)})
        >>> def check(net, seed):
        ...     return {"slow": net.value("E.tau") > 20}
        >>> task = nb.Task("Make it slower.", check, start=start, name="slow")
        >>> log = pathlib.Path(tempfile.mkdtemp()) / "ann.jsonl"
        >>> work = task.attempts(log)
        >>> marks = [work.grade(start), work.grade(start.with_value("E.tau", 30.0))]
        >>> attempts(log)["points"].values.tolist()
        [0.0, 1.0]
    """
    import numpy as np  # noqa: PLC0415  with the next one
    import xarray as xr  # noqa: PLC0415  only those who look at a log need it

    log = read_log(Path(path))
    moments = np.array([round(e.time * 1000) for e in log.entries], dtype="datetime64[ms]")
    held: dict[str, Any] = {name: [getattr(e, name) for e in log.entries] for name in ("task", "failed", "answer")}
    held |= {
        name: ["" if (value := getattr(e, name)) is None else str(value) for e in log.entries]
        for name in ("prediction", "measured")
    }
    numbers = {name: [float(getattr(e, name)) for e in log.entries] for name in ("points", "of")}
    columns = {name: ("attempt", np.array(texts, dtype=np.str_)) for name, texts in held.items()}
    columns |= {name: ("attempt", np.array(values, dtype=np.float64)) for name, values in numbers.items()}
    columns["hint"] = ("attempt", np.array([e.hint for e in log.entries], dtype=np.int64))
    columns["time"] = ("attempt", moments.astype("datetime64[ns]"))
    order = ("task", "time", "points", "of", "failed", "hint", "prediction", "measured", "answer")
    return xr.Dataset({name: columns[name] for name in order}, attrs={"cut_off": log.cut_off})


def read_log(path: Path, now: float | None = None, name: str = "") -> Log:
    """Read a log, and believe nothing in it.

    Args:
        path: the file.
        now: no entry may be later; the present by default.
        name: how the file is called in messages; its own name by default.

    Raises:
        NbkitError: ``bad-log`` with the file's name, the line and the reason, for the first few things that are wrong.
    """
    name = name or printable(path.name)
    present = time.time() if now is None else now
    entries: list[Entry] = []
    problems: list[Problem] = []
    cut_off = 0
    seen: set[str] = set()
    for number, line in enumerate(_text(path, name).split("\n"), 1):
        line = line.removesuffix("\r")  # noqa: PLW2901
        if not line.strip() or len(problems) >= MOST_PROBLEMS:
            continue
        try:
            entry = _entry(line, seen)
            _in_time(entry, entries, present)
        except _Bad as bad:
            if bad.cut_off:
                cut_off += 1
            else:
                what = printable(str(bad))
                problems.append(Problem("bad-log", f"{name}, line {number}", what, "leave the file as it was written"))
        else:
            entries.append(entry)
    if not problems and len({e.task for e in entries}) > MOST_TASKS:
        problems.append(
            Problem("bad-log", name, f"it speaks of more than {MOST_TASKS} tasks", "keep one log per course")
        )
    if problems:
        raise NbkitError(problems)
    return Log(tuple(entries), cut_off)


class _Bad(Exception):  # noqa: N818  it never leaves this file
    """Why a line is no entry."""

    def __init__(self, what: str, *, cut_off: bool = False) -> None:
        super().__init__(what)
        self.cut_off = cut_off


def printable(text: str) -> str:
    """A stranger's text as it may be printed: nothing in it moves the cursor or turns the writing round."""
    return "".join(c if c.isprintable() else "�" for c in text)


def _text(path: Path, name: str) -> str:
    """The text of a plain file; links, pipes, large files and other encodings are refused."""
    try:
        if stat.S_ISLNK(path.lstat().st_mode):
            raise fail("bad-log", name, "it is a link, not a file", "copy the file itself")
        # a pipe must not keep us waiting, and a link that was put there meanwhile is not followed
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
        with open(os.open(path, flags), "rb") as file:  # noqa: PTH123  opened by its descriptor
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise fail("bad-log", name, "it is not a plain file", "give the file that log= wrote")
            raw = file.read(FILE_BYTES + 1)
    except OSError as error:
        raise fail("bad-log", name, f"it cannot be read: {error.strerror or error}", "look at its name") from None
    if len(raw) > FILE_BYTES:
        what = f"it has more than {FILE_BYTES / 1e6:g} MB; an attempt needs less than a thousand bytes"
        raise fail("bad-log", name, what, "give the file that log= wrote")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        what = f"it is not UTF-8: byte {error.start} is 0x{raw[error.start]:02x}"
        raise fail("bad-log", name, what, "give the file that log= wrote") from None


def _entry(line: str, seen: set[str]) -> Entry:
    if len(line) > LINE_LENGTH:
        raise _Bad(f"it has {len(line)} letters")
    if line in seen:
        raise _Bad("it stands there twice")
    seen.add(line)
    try:
        held = json.loads(line, object_pairs_hook=_without_twins, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        begun = isinstance(error, json.JSONDecodeError) and _is_begun(line)
        raise _Bad(f"it is not JSON: {error}", cut_off=begun) from None
    if not isinstance(held, dict) or held.get("format") != FORMAT or held.get("version") != VERSION:
        raise _Bad(f"it is no attempt ({FORMAT!r}, version {VERSION}, is missing)")
    if held.keys() != _FIELDS.keys() | {"format", "version"}:
        wrong = sorted(map(str, held.keys() ^ (_FIELDS.keys() | {"format", "version"})))
        raise _Bad(f"its keys are not those of an attempt: {shown(wrong)}")
    for key, (fits, needed) in _FIELDS.items():
        if not fits(held[key]):
            raise _Bad(f"'{key}' is {shown(held[key])}; {needed} is needed")
    entry = Entry(**{key: held[key] for key in _FIELDS} | {"time": _seconds(held["time"])})
    _require_sense(entry)
    return entry


def _is_begun(line: str) -> bool:
    """Whether a line that is no JSON is the beginning of one that we write: its writer was interrupted."""
    return line.startswith(START_OF_LINE) or START_OF_LINE.startswith(line)


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Bad("a key stands twice")
    return found


def _no_constant(word: str) -> Any:
    raise _Bad(f"{word} is no number")


def _seconds(text: str) -> float:
    whole, milliseconds = text[:19], int(text[20:23])
    return datetime.strptime(whole + "+0000", "%Y-%m-%dT%H:%M:%S%z").timestamp() + milliseconds / 1000


def _is_time(value: Any) -> bool:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", value, re.ASCII):
        return False
    try:
        return _seconds(value) > 0
    except (ValueError, OverflowError):
        return False


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and len(value.strip()) > 0 and len(value) <= WORDS


def _is_guess(value: Any) -> bool:
    return value is None or (isinstance(value, str) and len(value) <= WORDS) or is_finite_number(value)


def _are_criteria(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and len(value) <= WORDS
        and all(_is_name(name) and isinstance(holds, bool) for name, holds in value.items())
    )


#: key -> whether a value fits, and what is needed
_FIELDS: dict[str, tuple[Any, str]] = {
    "task": (_is_name, "a short name"),
    "time": (_is_time, "a time such as 2026-05-04T10:12:33.120Z"),
    "points": (lambda v: is_finite_number(v) and 0 <= v <= MOST_POINTS, "a number of points"),
    "of": (lambda v: is_finite_number(v) and 0 < v <= MOST_POINTS, "a number of points"),
    "criteria": (_are_criteria, "a mapping of short names to true or false"),
    "kind": (lambda v: isinstance(v, str) and v in KINDS, "one of " + ", ".join(KINDS)),
    "hint": (lambda v: is_whole(v, 0, 1000), "a whole number"),
    "prediction": (_is_guess, "a number, a word or null"),
    "measured": (_is_guess, "a number, a word or null"),
    "close": (lambda v: v is None or isinstance(v, bool), "true, false or null"),
    "answer": (lambda v: isinstance(v, str) and re.fullmatch(r"[0-9a-f]{0,16}", v) is not None, "a digest"),
    "number": (lambda v: is_whole(v, 1), "a whole number"),
}


def _require_sense(entry: Entry) -> None:
    """Refuse points that do not follow from the verdicts."""
    if entry.points > entry.of:
        raise _Bad(f"{entry.points:g} points of {entry.of:g}")
    if (entry.kind == "marked") != bool(entry.criteria):
        raise _Bad("verdicts stand beside a grading that gave none, or are missing")
    passed = entry.kind == "marked" and all(entry.criteria.values())
    if passed != (entry.points == entry.of) or (entry.kind != "marked" and entry.points):
        raise _Bad(f"{entry.points:g} of {entry.of:g} points do not follow from its verdicts")


def _in_time(entry: Entry, before: list[Entry], now: float) -> None:
    if entry.time > now + CLOCK_S:
        raise _Bad(f"its time, {time_text(entry.time)}, is in the future")
    if before and entry.time < before[-1].time - CLOCK_S:
        raise _Bad(f"its time, {time_text(entry.time)}, is before that of the line above")
