"""Owns the comparison of nbkit with itself: `python -m tests.bench.compare [OLD.json]` names what became slower.

OLD is the stored measurement if left out. nbkit alone is measured anew, without peers; `--new` takes a file instead.
Figures are divided by the yardstick of their process, a piece of work that no version of nbkit changes, so that a slow
hour of a shared machine is not taken for a slow program. What counts is a change beyond what the turns differ by.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.figures import ALONE, OURS
from tests.bench.measure import as_installed, measure
from tests.bench.peers import default_cache
from tests.bench.report import RESULT, machine, read, report
from tests.bench.store import Store
from tests.bench.workloads import WORKLOADS

#: A change below this share is none, however steady the turns are.
LEAST = 0.15
#: Two processes that do the same differ by this share of memory at most.
LEAST_MEMORY = 0.05
#: What is taken for chance where a figure was measured once or twice.
FEW_TURNS = 1.0


@dataclass(frozen=True)
class Change:
    """One figure of nbkit in two measurements: new over old, and up to where that may be chance."""

    words: str
    ratio: float
    noise: float

    @property
    def slower(self) -> bool:
        """Whether it takes more than chance explains."""
        return self.ratio > 1 + self.noise

    @property
    def faster(self) -> bool:
        """Whether it takes less than chance explains."""
        return self.ratio < 1 / (1 + self.noise)

    def __str__(self) -> str:
        return f"{self.words}: {self.ratio:.2f} times the old figure (chance: up to {1 + self.noise:.2f})"


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """Every figure of nbkit that stands in both measurements."""
    before = {row["workload"]: row for row in old["rows"]}
    for row in new["rows"]:
        known = before.get(row["workload"])
        for name in (OURS, ALONE) if known else ():
            a, b = known["sides"].get(name), row["sides"].get(name)
            if a and b:
                yield from _of_side(row, name, a, b)


def _of_side(row: Mapping[str, Any], name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for metric in row["metrics"]:
        key = metric["key"]
        if key not in old["values"] or key not in new["values"]:
            continue
        size = metric["unit"] == "MB"
        a, b = (s["values"][key] if size else _measured(s["values"][key], s["yardstick"]) for s in (old, new))
        noise = max(LEAST_MEMORY if size else LEAST, _spread(a), _spread(b))
        ratio = statistics.median(b) / statistics.median(a)
        yield Change(f"{row['words']}: {metric['words']} ({name})", ratio, noise)


def _measured(seconds: Sequence[float], yardstick: Sequence[float]) -> list[float]:
    return [s / y for s, y in zip(seconds, yardstick, strict=True)]


def _spread(turns: Sequence[float]) -> float:
    """How far the turns lie apart, as a share of their median; one or two tell little."""
    if len(turns) < 3:
        return FEW_TURNS
    return (max(turns) - min(turns)) / statistics.median(turns)


def _alone(repeats: int, only: str) -> dict[str, Any]:
    """Nbkit measured now, without its peers."""
    as_installed()
    loads = [load for load in WORKLOADS if only in load.name and not load.full]
    return report(list(measure(loads, repeats, default_cache(), Store(None), peers=False)), repeats)


def main(given: list[str] | None = None) -> int:
    """Compare; return 1 if something became slower or larger, 2 if there is nothing to compare."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.compare", description=__doc__)
    parser.add_argument("old", type=Path, nargs="?", default=RESULT, help="the measurement before")
    parser.add_argument("--new", type=Path, help="a stored measurement; otherwise nbkit is measured now")
    parser.add_argument("--repeats", type=int, default=3, help="fresh processes for each workload")
    parser.add_argument("--only", default="", help="only workloads whose name contains this text")
    asked = parser.parse_args(given)
    old = read(asked.old)
    cpu = machine()["cpu"] if asked.new is None else read(asked.new)["machine"]["cpu"]
    if cpu != old["machine"]["cpu"]:
        print(f"not comparable: measured on {old['machine']['cpu']}, now {cpu}", file=sys.stderr)
        return 2
    new = read(asked.new) if asked.new else _alone(asked.repeats, asked.only)
    found = list(changes(old, new))
    if not found:
        print("no workload stands in both measurements", file=sys.stderr)
        return 2
    for name, which in (("slower", [c for c in found if c.slower]), ("faster", [c for c in found if c.faster])):
        print(f"{name}: {len(which)} of {len(found)}", *(f"  {change}" for change in which), sep="\n")
    return 1 if any(change.slower for change in found) else 0


if __name__ == "__main__":
    sys.exit(main())
