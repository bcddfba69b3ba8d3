"""Owns what is written about a measurement: the machine, the JSON file, the table in the README."""

from __future__ import annotations

import json
import os
import platform
import textwrap
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench.figures import OURS, Line, lines, shown, times
from tests.bench.peers import PEERS

REPOSITORY = Path(__file__).parents[2]
RESULT = Path(__file__).with_name("results") / "last.json"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
PICTURE = "gallery/readme/speed.png"
NAMES = {
    "numpy": "NumPy",
    "pyrates": "PyRates",
    "rectipy": "RectiPy",
    "torch": "PyTorch",
    "annarchy": "ANNarchy",
    "brian2": "Brian2",
    "nest": "NEST",
}


def report(rows: list[dict[str, Any]], repeats: int, at: dict[str, Any] | None = None) -> dict[str, Any]:
    """The measurement with all that is needed to read it; ``at``: the machine, looked at before."""
    when = f"{datetime.now(UTC):%Y-%m-%d}"
    dated = [row | {"when": when} for row in rows]
    return {"when": when, "repeats": repeats, "machine": at or machine(), "rows": dated}


def merged(before: dict[str, Any], now: dict[str, Any], order: Sequence[str]) -> dict[str, Any]:
    """A measurement in which the rows that were measured anew take the places of the old ones, in the table's order."""
    known = {row["workload"]: row for row in (*before["rows"], *now["rows"])}
    return now | {"rows": [known[name] for name in order if name in known]}


def machine() -> dict[str, Any]:
    """What the measurement ran on."""
    cpuinfo, meminfo = Path("/proc/cpuinfo"), Path("/proc/meminfo")
    lines_of = {p: p.read_text().splitlines() if p.exists() else [] for p in (cpuinfo, meminfo)}
    models = (line.split(":")[1].strip() for line in lines_of[cpuinfo] if line.startswith("model name"))
    return {
        "cpu": next(models, platform.processor()),
        "cores": os.cpu_count(),
        "memory_gb": round(int(lines_of[meminfo][0].split()[1]) / 1024**2) if lines_of[meminfo] else None,
        "system": platform.system(),
        "python": platform.python_version(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


def table(found: dict[str, Any]) -> str:
    """The measurement as Markdown."""
    rows = ["| | nbkit | on NumPy alone | peer | peer / nbkit |", "| --- | ---: | ---: | ---: | ---: |"]
    return "\n".join([*rows, *map(_row, lines(found)), "", _small_print(found)])


def _row(line: Line) -> str:
    cells = [line.words, _cell(line.ours, line), _cell(line.alone, line), "–", "–"]
    if line.peer is not None:
        cells[3] = f"{line.peer}: {_cell(line.theirs, line) if line.theirs is not None else 'not measured'}"
    if line.factor is not None:
        alone = "" if line.numpy_factor is None else f" ({times(line.numpy_factor)})"
        cells[4] = f"**{times(line.factor)}**{alone}"
    return f"| {' | '.join(cells)} |"


def _cell(figure: float | None, line: Line) -> str:
    return "–" if figure is None else shown(figure, line.metric)


def _small_print(found: dict[str, Any]) -> str:
    at = found["machine"]
    processes = f"{found['repeats']} fresh process{'es' if found['repeats'] > 1 else ''}"
    sentences = [
        f"Medians of {processes}, all sides in turn; factors are medians of pairs of neighbours",
        "In brackets: on NumPy alone",
        "One thread, float64 and every step recorded where nothing else is said",
        *_compiling(found),
        *(peer.remark for peer in PEERS if peer.remark and peer.worker in _programs(found)),
        *(f"Measured on {row['when']}: {row['words']}" for row in found["rows"] if row["when"] != found["when"]),
        *_fewer(found),
        *(f"{what} was not measured: {reason}" for what, reason in _unmeasured(found)),
        f"{', '.join(_versions(found))}; Python {at['python']}, {at['cores']} cores of {at['cpu']}, {found['when']}",
        "`python -m tests.bench --readme` measures again",
    ]
    text = "".join(f"{sentence}. " for sentence in sentences)
    return textwrap.fill(text.strip(), width=120, break_on_hyphens=False, break_long_words=False)


def _compiling(found: dict[str, Any]) -> Iterator[str]:
    """What a user waits for who is the first to compile."""
    waits = [
        f"{name} {seconds:.0f} s ({row['words']})"
        for row in found["rows"]
        for name, seconds in row["compiling_s"].items()
    ]
    if waits:
        yield f"To the first result where nothing is compiled yet: {', '.join(waits)}"


def _fewer(found: dict[str, Any]) -> Iterator[str]:
    """Slow peers that were given fewer turns."""
    for row in found["rows"]:
        for name, side in row["sides"].items():
            turns = len(side["yardstick"])
            if turns < found["repeats"]:
                yield f"{name} ({row['words']}): {turns} process{'es' if turns > 1 else ''} only"


def _unmeasured(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """A side, named with its workload, and why it gave no figure."""
    for row in found["rows"]:
        for name, reason in row["failed"].items():
            yield f"{name} ({row['words']})", reason.rstrip(".")


def _programs(found: dict[str, Any]) -> dict[str, str]:
    """Every program that ran, with its version; NumPy's is the one beside nbkit."""
    sides = [(name, side["versions"]) for row in found["rows"] for name, side in row["sides"].items()]
    return {k: v for name, versions in sorted(sides, key=lambda s: s[0] == OURS) for k, v in versions.items()}


def _versions(found: dict[str, Any]) -> list[str]:
    programs = _programs(found)
    return [f"{name} {programs[key]}" for key, name in NAMES.items() if key in programs]


def read(path: Path) -> dict[str, Any]:
    """A measurement that was kept."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def write_json(found: dict[str, Any], path: Path) -> None:
    """Keep the last measurement."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def block(found: dict[str, Any]) -> str:
    """What stands between the marks of the README: picture and table."""
    told = "How many times a peer needs as long or as much as nbkit, workload by workload, on a logarithmic axis"
    return f"![{told}]({PICTURE})\n\n{table(found)}"


def write_readme(found: dict[str, Any], path: Path = REPOSITORY / "README.md") -> None:
    """Put picture and table between the marks of the README."""
    before, rest = path.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    path.write_text(f"{before}{BEGIN}\n\n{block(found)}\n\n{END}{after}", encoding="utf-8")
