"""Owns what the lessons cost: seconds and memory of each. Also a program: `python -m tests.notebooks.measured`.

It runs every lesson and writes the table of the README anew; with names, such as `00 05`, the lines of these alone.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import nbformat

README = Path(__file__).with_name("README.md")
#: what a lesson may need at its full size: seconds on one core, and megabytes
MOST_SECONDS, MOST_MB = 60, 600
HEAD = """\
## What the lessons cost

Seconds of processor time of the kernel, with its start, and its peak memory, each lesson on one core.
`python -m tests.notebooks.measured` measures them again at full size, with `--small` at the sizes of every day."""
COLUMNS = ("| lesson | full size (s) | peak (MB) | every day (s) | peak (MB) |", "| --- | ---: | ---: | ---: | ---: |")

#: run in the lesson's own kernel, after its last cell; the peak of `getrusage` may be that of the process that began it
TALLY = """\
import json as _json, pathlib as _pathlib, resource as _resource, sys as _sys
_used = _resource.getrusage(_resource.RUSAGE_SELF)
_peak = _used.ru_maxrss / (2**20 if _sys.platform == "darwin" else 2**10)
_status = _pathlib.Path("/proc/self/status")
if _status.exists():
    _peak = next(int(line.split()[1]) for line in _status.read_text().splitlines() if line.startswith("VmHWM")) / 2**10
print("tally", _json.dumps([_used.ru_utime + _used.ru_stime, _peak]))
"""


@dataclass(frozen=True)
class Cost:
    """What a run of a lesson needed: seconds of processor time, megabytes at most, seconds by the clock."""

    seconds: float
    megabytes: float
    elapsed: float


def measure(name: str, parameters: Mapping[str, Any]) -> Cost:
    """Run a lesson, and ask its kernel at the end.

    Raises:
        papermill.PapermillExecutionError: if a cell fails.
    """
    import papermill  # noqa: PLC0415  reading the table needs no kernel

    from tests.notebooks import runner  # noqa: PLC0415

    book = runner.with_parameters(name, dict(parameters))
    book.cells.append(nbformat.v4.new_code_cell(TALLY))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / name
        nbformat.write(book, file)
        begin = time.perf_counter()
        done = papermill.execute_notebook(str(file), None, kernel_name="python3", progress_bar=False, cwd=runner.FOLDER)
        elapsed = time.perf_counter() - begin
    printed = next(output["text"] for output in done.cells[-1]["outputs"] if output["output_type"] == "stream")
    seconds, megabytes = json.loads(printed.removeprefix("tally"))
    return Cost(seconds, megabytes, elapsed)


def kept() -> dict[str, dict[str, Cost]]:
    """What the README tells: lesson -> ``full`` and ``small`` -> what it needed."""
    found: dict[str, dict[str, Cost]] = {}
    text = README.read_text(encoding="utf-8") if README.exists() else ""
    for line in text.partition(HEAD.splitlines()[0])[2].splitlines():
        parts = [part.strip() for part in line.strip("| ").split(" | ")]
        if len(parts) == 5 and parts[0][:2].isdigit():
            numbers = [float(part) if part != "–" else None for part in parts[1:]]
            pairs = {"full": numbers[:2], "small": numbers[2:]}
            found[parts[0]] = {size: Cost(*pair, 0.0) for size, pair in pairs.items() if None not in pair}  # type: ignore[arg-type]
    return found


def lines(costs: Mapping[str, Mapping[str, Cost]]) -> Iterator[str]:
    """The section of the README."""
    yield from HEAD.splitlines()
    yield ""
    yield from COLUMNS
    for lesson, sizes in sorted(costs.items()):
        cells = [lesson]
        for size in ("full", "small"):
            cost = sizes.get(size)
            cells += ["–", "–"] if cost is None else [f"{cost.seconds:.1f}", f"{cost.megabytes:.0f}"]
        yield f"| {' | '.join(cells)} |"
    totals = {size: [one[size] for one in costs.values() if size in one] for size in ("full", "small")}
    cells = ["**all**"]
    for size in ("full", "small"):
        seconds, most = sum(c.seconds for c in totals[size]), max((c.megabytes for c in totals[size]), default=0.0)
        cells += [f"**{seconds:.0f}**", f"**{most:.0f}**"] if totals[size] else ["–", "–"]
    yield f"| {' | '.join(cells)} |"


def write(costs: Mapping[str, Mapping[str, Cost]]) -> None:
    """Put the section at the end of the README, in place of the one that is there."""
    before = README.read_text(encoding="utf-8").partition(HEAD.splitlines()[0])[0].rstrip()
    README.write_text(before + "\n\n" + "\n".join(lines(costs)) + "\n", encoding="utf-8")


def main(asked: Sequence[str]) -> int:
    """Measure lessons one after the other, and write the table after each of them."""
    from tests.notebooks import runner  # noqa: PLC0415  only a run needs them
    from tests.notebooks.sizes import SMALL  # noqa: PLC0415

    small = "--small" in asked
    names = [word for word in asked if word != "--small"]
    over = []
    for name in runner.NOTEBOOKS:
        if names and not name.startswith(tuple(names)):
            continue
        cost = measure(name, SMALL[name] if small else {})
        costs = kept()
        costs.setdefault(Path(name).stem, {})["small" if small else "full"] = cost
        write(costs)
        sys.stdout.write(f"{name}: {json.dumps(asdict(cost))}\n")
        sys.stdout.flush()
        over += [name] if cost.seconds > MOST_SECONDS or cost.megabytes > MOST_MB else []
    return len(over)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
