"""Owns what is written about a measurement: the machine, the JSON file, the table in the README."""

from __future__ import annotations

import json
import os
import platform
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench.peers import PEERS

REPOSITORY = Path(__file__).parents[2]
RESULT = Path(__file__).with_name("results") / "last.json"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


def report(rows: list[dict[str, Any]], repeats: int) -> dict[str, Any]:
    """The measurement with all that is needed to read it."""
    return {"when": f"{datetime.now(UTC):%Y-%m-%d}", "repeats": repeats, "machine": machine(), "rows": rows}


def machine() -> dict[str, Any]:
    """What the measurement ran on."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


def over_limit(rows: list[dict[str, Any]]) -> Iterator[str]:
    """One line for each limit of nbkit's own that was missed."""
    for row in rows:
        cost = row["sides"][0]["median"]
        if row["limit"] is not None and cost > row["limit"]:
            yield f"{row['words']}: {cost:.2f} µs a step, limit {row['limit']:g}"


def table(found: dict[str, Any]) -> str:
    """The measurement as Markdown."""
    heads = [_head(side) for side in found["rows"][0]["sides"]]
    lines = [f"| all-to-all Wilson-Cowan | {' | '.join(heads)} |", "| --- |" + " ---: |" * len(heads)]
    for row in found["rows"]:
        if row["task"] == "steps":
            lines.append(_line(row, f"one step, {row['words']}", "median", "µs", 1))
        else:
            lines.append(_line(row, "first result, from the start of the process", "median", "s", 2))
            lines.append(_line(row, "memory of that process", "peak_mb", "MB", 0))
    return "\n".join([*lines, "", _small_print(found)])


def _head(side: dict[str, Any]) -> str:
    return f"{side['name']}, float32" if side["precision"] == "float32" else str(side["name"])


def _line(row: dict[str, Any], what: str, key: str, unit: str, digits: int) -> str:
    """One row; a peer's cell also says how many times nbkit's figure of the same precision it is."""
    ours = {side["precision"]: side[key] for side in row["sides"] if side["name"] == "nbkit"}
    cells = []
    for side in row["sides"]:
        times = "" if side["name"] == "nbkit" else f" (×{side[key] / ours[side['precision']]:.1f})"
        cells.append(f"{side[key]:.{digits}f} {unit}{times}")
    return f"| {what} | {' | '.join(cells)} |"


def _small_print(found: dict[str, Any]) -> str:
    versions: dict[str, str] = {}
    for side in found["rows"][0]["sides"]:
        versions.setdefault(side["name"], side["versions"]["numpy"])
    numpys = ", ".join(f"{name} on NumPy {number}" for name, number in versions.items())
    at = found["machine"]
    sentences = [
        f"Medians of {found['repeats']} fresh processes, all sides in turn, one BLAS thread, every step recorded",
        "float64 where the column does not say float32",
        "×: so many times nbkit's figure of that precision",
        *(peer.remark for peer in PEERS if peer.remark),
        f"{numpys}; Python {at['python']}, {at['cores']} cores of {at['cpu']}, {found['when']}",
        "`python -m tests.bench --readme` measures again",
    ]
    text = "".join(f"{sentence}. " for sentence in sentences)
    return textwrap.fill(text.strip(), width=120, break_on_hyphens=False)


def write_json(found: dict[str, Any], path: Path) -> None:
    """Keep the last measurement."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def write_readme(found: dict[str, Any], path: Path = REPOSITORY / "README.md") -> None:
    """Put the table between the markers of the README."""
    before, rest = path.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    path.write_text(f"{before}{BEGIN}\n\n{table(found)}\n\n{END}{after}", encoding="utf-8")
