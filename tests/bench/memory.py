"""Owns the comparison of forecast and measured memory: `python -m tests.bench.memory`, from the top of the repository.

Every workload runs in a fresh process. Measured is how far the resident memory of that process rises above what it
held once nbkit, its libraries and the description of the network were there: while the simulation is made and run.
Forecast is `Forecast.bytes` of `nb.health`. Two ratios are told, forecast over measured:

- of the rise, which is what the forecast tells; below a few MB it means little, since a process grows by whole pages
  and loads more of its libraries as it goes;
- of the whole process, what it held before included on both sides.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import nbkit as nb
from nbkit.study.checkups.forecast import Forecast

ROOT = Path(__file__).parents[2]
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
BAND = (0.8, 1.25)
#: MB: a smaller rise says little
TELLING = 5.0
#: accelerator= of the two ways
WAYS: dict[str, bool | None] = {"auto": None, "numpy": False}


@dataclass(frozen=True)
class Load:
    """What is run: a network, its duration and step, the other keywords, and the values of a sweep."""

    network: nb.Network
    duration: float
    dt: float
    keywords: Mapping[str, Any] = field(default_factory=dict)
    sweep: Mapping[str, Any] = field(default_factory=dict)

    def run(self, way: str) -> object:
        """Make and run it."""
        if self.sweep:
            return nb.sweep(self.network, self.sweep, self.duration, self.dt, **self.keywords)
        return nb.simulate(self.network, self.duration, self.dt, accelerator=WAYS[way], **self.keywords)

    def forecast(self) -> Forecast:
        """What health says that it takes."""
        found = nb.health(self.network, self.dt, self.duration, **self.keywords, sweep=self.sweep or None).forecast
        assert found is not None, "the workloads have no problems"
        return found


def coupled(count: int, steps: int, delay: float = 0.0, precision: str = "float64") -> Load:
    """All-to-all Wilson-Cowan units."""
    rng = np.random.default_rng(42)
    weights = rng.normal(0.0, 1.0 / np.sqrt(count), (count, count))
    units = nb.Population(nb.models.wilson_cowan, count, initial={"r": rng.uniform(0.0, 0.5, count)})
    loop = nb.Projection("E.r", "E.r_in", weight=weights, delay=delay, history="zero")
    return Load(nb.Network({"E": units}, [loop]), steps * 1e-3, 1e-3, {"precision": precision})


def qif(count: int, steps: int) -> Load:
    """Quadratic integrate-and-fire units, coupled all to all."""
    units = nb.Population(nb.models.qif, count, {"eta": nb.Uniform(0.0, 2.0)})
    loop = nb.Projection("E.s", "E.s_in", weight=1.0 / count)
    return Load(nb.Network({"E": units}, [loop], time_unit="1"), steps * 1e-3, 1e-3)


def sheet(size: int, steps: int) -> Load:
    """A neural field with a lateral kernel, and a bubble that moves."""
    return Load(nb.networks.moving_bump(size), steps * 0.5, 0.5)


def many(points: int, steps: int, record: list[nb.Record] | None) -> Load:
    """Ten units at many points."""
    base = coupled(10, steps)
    return Load(base.network, base.duration, base.dt, {"record": record}, {"E.tau": np.linspace(5.0, 20.0, points)})


RUNS: dict[str, Callable[[], Load]] = {
    "Wilson-Cowan, 10 units, 2,000 steps": lambda: coupled(10, 2000),
    "Wilson-Cowan, 10 units, 200,000 steps": lambda: coupled(10, 200_000),
    "Wilson-Cowan, 1000 units, delay 0.5, 3,000 steps": lambda: coupled(1000, 3000, 0.5),
    "Wilson-Cowan, 1000 units, delay 0.5, float32": lambda: coupled(1000, 3000, 0.5, "float32"),
    "Wilson-Cowan, 3000 units, 500 steps": lambda: coupled(3000, 500),
    "Wilson-Cowan, 3000 units, delay 0.5, 1,000 steps": lambda: coupled(3000, 1000, 0.5),
    "QIF, 5 units, 30,000 steps": lambda: qif(5, 30_000),
    "QIF, 1000 units, 10,000 steps": lambda: qif(1000, 10_000),
    "field 20 x 20, 2,000 steps": lambda: sheet(20, 2000),
    "field 100 x 100, 500 steps": lambda: sheet(100, 500),
    "4000 neurons, 2 %, 1 s": lambda: Load(nb.networks.brunel(800, epsilon=0.02), 1000.0, 0.1),
    "microcircuit 0.1, 0.5 s": lambda: Load(nb.networks.microcircuit(0.1), 500.0, 0.1),
}

#: NumPy alone runs them
SWEEPS: dict[str, Callable[[], Load]] = {
    "ensemble 1000 x 10 units, 500 steps": lambda: many(1000, 500, None),
    "sweep of 2000 points, 2,000 steps": lambda: many(2000, 2000, None),
    "sweep of 2000 points, every 10th of 2,000 steps": lambda: many(2000, 2000, [nb.Record("E.r", every=10)]),
}

WORKLOADS = RUNS | SWEEPS


def resident(key: str = "VmRSS") -> float:
    """MB of this process that are in memory now, or ``VmHWM``: at most, since the mark was put back."""
    status = Path("/proc/self/status")
    if status.exists():
        row = next(line for line in status.read_text().splitlines() if line.startswith(key))
        return int(row.split()[1]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1.0 if sys.platform == "darwin" else 1024.0) / 1e6


def put_mark_back() -> None:
    """Let the highest mark of this process be what it holds now, where the system can."""
    mark = Path("/proc/self/clear_refs")
    if mark.exists():
        mark.write_text("5")


def measured(name: str, way: str) -> dict[str, float]:
    """Run a workload in this process: MB that it held before, at most, and by forecast."""
    tiny = coupled(3, 20)
    Load(tiny.network, tiny.duration, tiny.dt, {}, {"E.tau": [5.0, 10.0]} if name in SWEEPS else {}).run(way)
    nb.simulate(nb.networks.brunel(10), 1.0, 0.1)
    tiny.forecast()
    load = WORKLOADS[name]()
    gc.collect()
    put_mark_back()
    before = resident()
    kept = load.run(way)
    most = resident("VmHWM")
    del kept
    taken = load.forecast()
    parts = {key: getattr(taken, f"{key}_bytes") / 1e6 for key in ("setup", "state", "recording")}
    return {"before": before, "most": most, "forecast": taken.bytes / 1e6, **parts}


def in_a_fresh_process(name: str, way: str = "auto") -> dict[str, float]:
    """What `measured` says there."""
    command = [sys.executable, "-m", "tests.bench.memory", "--here", "--only", name, "--way", way]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | ONE_THREAD, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def ratios(found: Mapping[str, float]) -> tuple[float, float]:
    """Forecast over measured: of the rise, and of the whole process."""
    rise = max(found["most"] - found["before"], 0.01)
    return found["forecast"] / rise, (found["before"] + found["forecast"]) / found["most"]


def in_band(found: Mapping[str, float]) -> bool:
    """Whether a forecast holds: of the whole process, and of the rise where that is large enough to be told."""
    rise, whole = ratios(found)
    telling = found["most"] - found["before"] >= TELLING
    return BAND[0] <= whole <= BAND[1] and (not telling or BAND[0] <= rise <= BAND[1])


def line(name: str, way: str, found: Mapping[str, float]) -> str:
    """A row of the table."""
    rise, whole = ratios(found)
    parts = " + ".join(f"{found[key]:.1f}" for key in ("setup", "state", "recording"))
    numbers = f"{found['before']:.0f} | {found['most'] - found['before']:.1f} | {found['forecast']:.1f}"
    told = "" if in_band(found) else " outside"
    return f"| {name} | {way} | {numbers} | {parts} | {rise:.2f} | {whole:.2f}{told} |"


def main() -> int:
    """Measure, print the table, and return 1 where a forecast lies outside of its band."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.memory", description=__doc__)
    parser.add_argument("--only", default="", help="only workloads whose name contains this text")
    parser.add_argument("--way", choices=tuple(WAYS), help="auto, or numpy without the accelerator; both by default")
    parser.add_argument("--here", action="store_true", help="one workload in this process, as JSON")
    asked = parser.parse_args()
    if asked.here:
        print(json.dumps(measured(asked.only, asked.way or "auto")))
        return 0
    print(
        "| workload | accelerator | before, MB | rise, MB | forecast, MB | made, standing, recorded | of the rise ",
        end="",
    )
    print("| of the whole |\n| --- | --- | ---: | ---: | ---: | --- | ---: | ---: |")
    good = True
    for name in [name for name in WORKLOADS if asked.only in name]:
        for way in [asked.way] if asked.way else WAYS if name not in SWEEPS else ["auto"]:
            found = in_a_fresh_process(name, way)
            print(line(name, way, found), flush=True)
            good = good and in_band(found)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
