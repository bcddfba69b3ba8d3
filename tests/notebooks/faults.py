"""Owns the seeding of faults: nbkit is copied, made wrong in one line, and the lessons run against it.

A program: ``python -m tests.notebooks.faults`` puts all faults in, one at a time, and writes the table of
``tests/notebooks/README.md``; with parts of names of faults behind it, it tries those alone and mends their rows, and
with the word ``missing`` those that have no row yet.
A fault is caught by the first lesson that fails; the unit tests take no part.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import nbformat

from tests.notebooks.engine_faults import FAULTS, Fault

ROOT = Path(__file__).parents[2]
TABLE = Path(__file__).with_name("README.md")
LONGEST = 300  # seconds that a lesson may take; the longest of them takes a tenth of this at its small size
WORKERS = 2

#: what a lesson needs as a plain program
SILENCE = """
import bokeh.io, IPython.display
display = IPython.display.display = bokeh.io.show = bokeh.io.output_notebook = lambda *shown, **how: None
"""

HEAD = """# What the lessons notice

Each line is a fault that was put into nbkit, alone, while all lessons ran at their small sizes. The unit tests were
switched off. `python -m tests.notebooks.faults` makes this table again; it takes about a quarter of an hour.

The table is no blind sample: noise without the square root of dt, one seed for all, Siegert's correction and the chain
that begins empty survived at first, and then the lessons were given an assertion each.
"""


@dataclass(frozen=True)
class Outcome:
    """What became of a fault: the lesson that failed, and on what; neither if it survived."""

    fault: Fault
    lesson: str = ""
    seen: str = ""


def in_order(fault: Fault, lessons: Sequence[str]) -> list[str]:
    """All lessons, those first that should notice a fault."""
    likely = [name for part in fault.lessons for name in lessons if part in name]
    return list(dict.fromkeys([*likely, *lessons]))


def copied(fault: Fault | None, folder: Path) -> None:
    """Copy the package and the lessons into a folder, and put a fault in.

    The compiled interpreter stays behind, so that NumPy runs what the fault is in.
    """
    left_out = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "interpreter*.so", "interpreter*.d*")
    for name in ("nbkit", "notebooks"):
        shutil.copytree(ROOT / name, folder / name, ignore=left_out)
    if fault is not None:
        path = folder / fault.file
        path.write_text(path.read_text(encoding="utf-8").replace(fault.line, fault.faulty), encoding="utf-8")


def failure(folder: Path, lesson: str, parameters: Mapping[str, object]) -> str:
    """Run a lesson in a folder; tell on what it failed, empty if it passed."""
    program = folder / f"{Path(lesson).stem}.py"
    program.write_text(as_program(folder / "notebooks" / lesson, parameters), encoding="utf-8")
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    here = {**os.environ, **threads, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    words = [sys.executable, "-W", "ignore", str(program)]
    try:
        run = subprocess.run(
            words, env=here, cwd=folder / "notebooks", capture_output=True, text=True, check=False, timeout=LONGEST
        )
    except subprocess.TimeoutExpired:
        return "it does not come to an end"
    return "" if run.returncode == 0 else _reason(program, run.stderr)


def as_program(path: Path, parameters: Mapping[str, object]) -> str:
    """The code of a notebook with these parameters, as one program that shows nothing: pictures cost time."""
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    given = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
    parts = [
        f"{cell.source}\n{given}" if "parameters" in cell.metadata.get("tags", []) else cell.source for cell in cells
    ]
    return "\n\n".join([SILENCE, *parts]) + "\n"


def _reason(program: Path, said: str) -> str:
    """The kind of the error that a lesson stopped with, and the last line of the lesson that led to it."""
    lines = said.strip().splitlines()
    kinds = [line.partition(":")[0] for line in lines if re.match(r"[\w.]+(Error|Exception|Interrupt)\b", line)]
    numbers = [int(n) for n in re.findall(rf'File "{re.escape(str(program))}", line (\d+)', said)]
    where = program.read_text(encoding="utf-8").splitlines()[numbers[0] - 1].strip() if numbers else ""
    kind = kinds[-1].rpartition(".")[2] if kinds else "it died"
    return f"{kind}: {where}" if where else f"{kind}: {lines[-1] if lines else 'without a word'}"


def tried(fault: Fault, sizes: Mapping[str, Mapping[str, object]]) -> Outcome:
    """Put a fault in and run the lessons until one of them fails."""
    with tempfile.TemporaryDirectory() as folder:
        copied(fault, Path(folder))
        for lesson in in_order(fault, sorted(sizes)):
            seen = failure(Path(folder), lesson, sizes[lesson])
            if seen:
                return Outcome(fault, lesson, seen)
    return Outcome(fault)


def sound(sizes: Mapping[str, Mapping[str, object]]) -> dict[str, str]:
    """The lessons that fail without any fault: a table made with them would tell nothing."""
    with tempfile.TemporaryDirectory() as folder:
        copied(None, Path(folder))
        told = {lesson: failure(Path(folder), lesson, sizes[lesson]) for lesson in sorted(sizes)}
    return {lesson: seen for lesson, seen in told.items() if seen}


def table(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """The lines of the table."""
    caught = sum(bool(outcome.lesson) for outcome in outcomes)
    yield from HEAD.splitlines()
    yield ""
    yield f"**{caught} of {len(outcomes)}** faults are caught by the lessons, {100 * caught / len(outcomes):.0f} %."
    yield ""
    yield "| fault | in | caught by | at |"
    yield "| --- | --- | --- | --- |"
    for outcome in outcomes:
        fault, lesson = outcome.fault, outcome.lesson.removesuffix(".ipynb")
        where = f"`{fault.file.removeprefix('nbkit/')}`"
        if lesson:
            yield f"| {fault.name} | {where} | {lesson} | `{_short(outcome.seen)}` |"
        else:
            yield f"| {fault.name} | {where} | **survives** | {fault.survives or 'no reason is known'} |"


def write(outcomes: Sequence[Outcome]) -> None:
    """Write the table anew; sections below it, which others own, stay."""
    held = TABLE.read_text(encoding="utf-8") if TABLE.exists() else ""
    _, below, rest = held.partition("\n## ")
    TABLE.write_text("\n".join(table(outcomes)) + "\n" + below + rest, encoding="utf-8")


def kept() -> dict[str, Outcome]:
    """What the table tells of each fault, by name."""
    if not TABLE.exists():
        return {}
    rows = [[part.strip() for part in line.split(" | ")] for line in TABLE.read_text(encoding="utf-8").splitlines()]
    told = {row[0].removeprefix("| "): row for row in rows if len(row) == 4}
    held = {}
    for fault in FAULTS:
        if fault.name in told:
            _, _, lesson, seen = told[fault.name]
            caught = not lesson.startswith("**")
            held[fault.name] = Outcome(fault, lesson, seen.removesuffix(" |").strip("`")) if caught else Outcome(fault)
    return held


def _short(text: str) -> str:
    plain = text.replace("|", "¦").replace("`", "'")
    return plain if len(plain) <= 100 else f"{plain[:99]}…"


def chosen(asked: Sequence[str], told: Mapping[str, Outcome]) -> list[Fault]:
    """The faults whose names hold one of these words; all without words; ``missing`` are those not in the table."""
    if list(asked) == ["missing"]:
        return [fault for fault in FAULTS if fault.name not in told]
    return [fault for fault in FAULTS if not asked or any(word in fault.name for word in asked)]


def main(asked: Sequence[str]) -> int:
    """Try faults, and write the table after each of them, so that nothing is lost when it is stopped."""
    from tests.notebooks.sizes import SMALL  # noqa: PLC0415  only a run needs it

    broken = {} if asked else sound(SMALL)
    if broken:
        sys.stdout.write("".join(f"{lesson} fails without a fault: {seen}\n" for lesson, seen in broken.items()))
        return 2
    found = kept()
    with ThreadPoolExecutor(WORKERS) as workers:
        tries = [workers.submit(tried, fault, SMALL) for fault in chosen(asked, found)]
        for done in as_completed(tries):
            outcome = done.result()
            found[outcome.fault.name] = outcome
            outcomes = [found[fault.name] for fault in FAULTS if fault.name in found]
            write(outcomes)
            sys.stdout.write(f"{outcome.fault.name}: {outcome.lesson or 'survives'} {outcome.seen}\n")
            sys.stdout.flush()
    return int(any(not outcome.lesson and not outcome.fault.survives for outcome in found.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
