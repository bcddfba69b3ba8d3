"""Owns the measuring: fresh processes, one at a time, both sides in turn. Knows no simulator."""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.peers import PEERS, WORKERS
from tests.bench.workloads import AGREEMENT, FIRST, WORKLOADS, Workload

ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM")}


@dataclass(frozen=True)
class Side:
    """One program that can run a workload: a name for the table, an interpreter, a script, a precision."""

    name: str
    python: Path
    worker: str
    precision: str
    accelerator: bool | None = None

    def run(self, task: str, load: Workload) -> dict[str, Any]:
        """Hand one job to a fresh process. ``wall`` in the answer is that process from start to end."""
        job = {"task": task, "n": load.n, "delay": load.delay, "steps": load.steps, "precision": self.precision}
        job["accelerator"] = self.accelerator
        command = [str(self.python), str(WORKERS / f"{self.worker}_worker.py"), json.dumps(job)]
        began = time.perf_counter()
        done = subprocess.run(command, env=os.environ | ONE_THREAD, stdout=subprocess.PIPE, text=True, check=True)
        wall = time.perf_counter() - began
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return answer | {"wall": wall}


def sides(cache: Path) -> list[Side]:
    """One precision after the other: nbkit first, then nbkit on NumPy alone, then every peer that knows it."""
    found = []
    for precision in ("float64", "float32"):
        found.append(Side("nbkit", Path(sys.executable), "nbkit", precision))
        found.append(Side("nbkit on NumPy alone", Path(sys.executable), "nbkit", precision, accelerator=False))
        found += [Side(p.name, p.python(cache), p.worker, precision) for p in PEERS if precision in p.precisions]
    return found


def measure(all_sides: list[Side], repeats: int, only: str = "") -> Iterator[dict[str, Any]]:
    """Yield one row for each workload and task: the medians of every side."""
    jobs = [("steps", load) for load in WORKLOADS] + [("first", FIRST)]
    for task, load in jobs:
        if only in f"{task}-{load.name}":
            yield _row(task, load, all_sides, repeats)


def _row(task: str, load: Workload, all_sides: list[Side], repeats: int) -> dict[str, Any]:
    """Every side once, then every side once again, in the other direction."""
    answers: dict[Side, list[dict[str, Any]]] = {side: [] for side in all_sides}
    for turn in range(repeats):
        for side in all_sides if turn % 2 == 0 else reversed(all_sides):
            answers[side].append(side.run(task, load))
            print(f"{task} {load.name} {side.name} {side.precision}", file=sys.stderr)
    check_agreement(load, answers)
    key = "us_per_step" if task == "steps" else "wall"
    return {
        "task": task,
        "workload": load.name,
        "words": load.words,
        "steps": load.steps,
        "limit": load.limit,
        "sides": [
            {
                "name": side.name,
                "precision": side.precision,
                "median": statistics.median(a[key] for a in found),
                "all": [a[key] for a in found],
                "peak_mb": statistics.median(a["peak_mb"] for a in found),
                "versions": found[0]["versions"],
            }
            for side, found in answers.items()
        ],
    }


def check_agreement(load: Workload, answers: dict[Side, list[dict[str, Any]]]) -> None:
    """Refuse to compare programs that computed different things."""
    ours, *peers = answers
    want = [*answers[ours][0]["last"], answers[ours][0]["mean"]]
    for side in peers:
        got = [*answers[side][0]["last"], answers[side][0]["mean"]]
        tolerance = AGREEMENT if side.precision == "float64" else 1e-4
        if not all(math.isclose(a, b, rel_tol=tolerance) for a, b in zip(want, got, strict=True)):
            raise SystemExit(f"{load.name}: {side.name} ({side.precision}) ended at {got}, nbkit at {want}")
