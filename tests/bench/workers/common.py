"""Owns what all workers share: the job they are handed, the numbers of the networks, and how they answer.

It runs in every peer's environment, so it knows the standard library and NumPy alone.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypedDict

import numpy as np

DT = 1e-3

#: A neural field on a sheet, as ANNarchy ships it: difference of Gaussians, time constant, bubble on a circle.
KERNEL = {"amp_pos": 0.2, "sigma_pos": 0.1, "amp_neg": 0.1, "sigma_neg": 0.7}
TAU, RADIUS, SIGMA, PERIOD, DELAY = 10.0, 0.5, 2.0, 5000.0, 20.0

#: A sparse network of leaky neurons with exponential currents (Vogels & Abbott 2005), in mV and ms.
CUBA = {"taum": 20.0, "taue": 5.0, "taui": 10.0, "vt": -50.0, "vr": -60.0, "el": -49.0, "t_ref": 5.0}
CUBA_WEIGHTS, CUBA_SIZES, CUBA_SHARE = (1.62, -9.0), (3200, 800), 0.02

#: Five coupled units whose drive is turned between short runs.
LIVE_UNITS, LIVE_STEPS, LIVE_TURNS = 5, 20, 30


class Job(TypedDict):
    """What a worker is asked: a task of its table, the sizes of it, and how exactly it may count."""

    task: str
    settings: dict[str, Any]
    precision: str
    options: dict[str, Any]
    began: float


class Answer(TypedDict):
    """What a task gives back: its durations by name, and a few numbers that the other side must meet."""

    values: dict[str, float]
    check: list[float]
    first: float


def weights(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights (post, pre) with a diagonal of 15, and the start of every unit."""
    rng = np.random.default_rng(42)
    matrix = rng.normal(0.0, 1.0 / np.sqrt(n), (n, n))
    np.fill_diagonal(matrix, 15.0)
    return matrix, rng.uniform(0.0, 0.5, n)


def quadratic(n: int, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights (post, pre) and input (steps, n) of quadratic neurons: a fifth of them hear one sine, a fifth another."""
    rng = np.random.default_rng(7)
    matrix = rng.uniform(0.0, 100.0 / n, (n, n))
    times = np.arange(steps) * DT
    inputs = np.zeros((steps, n))
    inputs[:, 2::5] = 10.0 * np.sin(2 * np.pi * 0.5 * times)[:, None]
    inputs[:, 4::5] = 15.0 * np.sin(2 * np.pi * 0.25 * times)[:, None]
    return matrix, inputs


def bump(n: int) -> np.ndarray:
    """Start of a field without input: a bump of activity in its middle."""
    places = np.linspace(0.0, 1.0, n) - 0.5
    return np.exp(-(places[:, None] ** 2 + places[None, :] ** 2) / (2 * 0.1**2))


def turned(turn: int) -> float:
    """The drive after so many turns of the slider."""
    return 0.5 + 0.01 * turn


def timed(work: Callable[[], Any]) -> float:
    """Seconds that a piece of work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def median_of(seconds: Callable[[], float], repeats: int = 3) -> float:
    """Median of a few durations in this process."""
    return statistics.median(seconds() for _ in range(repeats))


def few(last: Any) -> list[float]:
    """Five numbers of a state, to see that two programs computed the same: ends, mean, size and a weighted sum."""
    flat = np.asarray(last, dtype=float).ravel()
    weighted = float(np.cos(np.arange(len(flat))) @ flat)
    return [float(flat[0]), float(flat[-1]), float(flat.mean()), float(np.sqrt((flat**2).mean())), weighted]


def work_off(tasks: Mapping[str, Callable[[Job], Answer]], **versions: str) -> None:
    """Carry out the job of the command line and print what was found, as one line of JSON."""
    asked: Job = json.loads(sys.argv[1])
    found = tasks[asked["task"]](asked)
    told = {"peak_mb": _peak_mb(), "yardstick": median_of(_yardstick, 5)}
    print("\n" + json.dumps({**found, **told, "versions": {"numpy": np.__version__, **versions}}))


def since(asked: Job) -> float:
    """Seconds since the process of a job was started."""
    return time.time() - asked["began"]


def _yardstick() -> float:
    """Seconds of a piece of work that no version of any simulator changes: how fast the machine is just now."""
    row = np.arange(400.0)
    return timed(lambda: [np.exp(-row).sum() + sum(range(200)) for _ in range(500)])


def _peak_mb() -> float:
    """Largest resident memory of this process so far."""
    status = Path("/proc/self/status")
    if status.exists():
        row = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(row.split()[1]) / 1024
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
