"""Owns what all workers share: the job they are handed, the network's numbers, and how they answer."""

from __future__ import annotations

import json
import resource
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypedDict

import numpy as np

DT = 1e-3
REPEATS = 3


class Job(TypedDict):
    """What a worker is asked: a workload, and whether to time steps or to hand over one result."""

    task: str
    n: int
    delay: float
    steps: int
    precision: str
    accelerator: bool | None


def job() -> Job:
    """The job on the command line."""
    asked: Job = json.loads(sys.argv[1])
    return asked


def weights(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights (post, pre) with a diagonal of 15, and the start of every unit."""
    rng = np.random.default_rng(42)
    matrix = rng.normal(0.0, 1.0 / np.sqrt(n), (n, n))
    np.fill_diagonal(matrix, 15.0)
    return matrix, rng.uniform(0.0, 0.5, n)


def median_of(timed: Callable[[], float]) -> float:
    """Median of a few timings in this process."""
    return statistics.median(timed() for _ in range(REPEATS))


def answer(last: np.ndarray, seconds_per_step: float | None, **versions: str) -> None:
    """Print what was found, as one line of JSON."""
    found: dict[str, Any] = {
        "last": np.asarray(last, dtype=float)[:5].tolist(),
        "mean": float(np.mean(last, dtype=float)),
        "us_per_step": None if seconds_per_step is None else 1e6 * seconds_per_step,
        "peak_mb": _peak_mb(),
        "versions": {"numpy": np.__version__, **versions},
    }
    print(json.dumps(found))


def _peak_mb() -> float:
    """Largest resident memory of this process so far."""
    status = Path("/proc/self/status")
    if status.exists():
        row = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(row.split()[1]) / 1024
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
