"""Owns the measurement on a card: `python -m tests.bench.device`, from the top of the repository.

Each part is measured by itself and written down at once, so that what there is stays when a later part fails. NumPy,
SciPy, xarray and CuPy suffice; the part `tests` needs pytest and Hypothesis too. With `--stand-in` the parts are tried
on the processor, in sizes that prove nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

import nbkit as nb
from nbkit.compile.compiler import compile_network
from nbkit.network.shipped.microcircuit_table import FULL_RATES
from nbkit.run.cuda import device
from nbkit.run.cuda.ensemble import CudaEnsemble
from nbkit.run.cuda.executor import CudaExecutor
from nbkit.run.cuda.interface import Device
from nbkit.run.ensemble import Ensemble
from nbkit.run.tapes import Plan
from tests.bench.report import REPOSITORY, machine

RESULT = Path(__file__).with_name("results") / "device.json"

#: what is to be reached, by part and figure: "at most" or "at least" a number
GOALS = {
    ("microcircuit", "real_time_factor"): ("at most", 0.25),
    ("microcircuit", "construction_s"): ("at most", 5.0),
    ("ensemble", "times_the_processor"): ("at least", 50.0),
}

#: NEST 3.10 at a tenth, five seeds: mean rates and the spread between seeds
NEST = [0.489, 2.116, 3.971, 5.001, 6.616, 7.829, 0.828, 7.020]
SPREAD = [0.025, 0.067, 0.066, 0.047, 0.348, 0.065, 0.037, 0.063]


@dataclass(frozen=True)
class Asked:
    """A card, and whether sizes are small, because it is the stand-in."""

    card: Device
    small: bool


def about(asked: Asked) -> dict[str, Any]:
    """The card, its driver and CuPy."""
    if asked.small:
        return {"device": asked.card.name}
    cupy = asked.card.arrays
    runtime = cupy.cuda.runtime
    properties = runtime.getDeviceProperties(runtime.getDevice())
    return {
        "device": asked.card.name,
        "driver_speaks_cuda": runtime.driverGetVersion(),
        "driver": _driver(),
        "cuda": runtime.runtimeGetVersion(),
        "cupy": cupy.__version__,
        "capability": f"{properties['major']}.{properties['minor']}",
        "multiprocessors": properties["multiProcessorCount"],
        "memory_gb": properties["totalGlobalMem"] / 1e9,
    }


def _driver() -> str:
    command = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def launches(asked: Asked) -> dict[str, Any]:
    """Microseconds of a step of two small populations: replayed, launched one by one, and with everything recorded."""
    net = nb.Network(
        {"E": nb.Population(nb.models.wilson_cowan, 10), "I": nb.Population(nb.models.wilson_cowan, 10)},
        [nb.Projection("E.r", "I.r_in", weight=np.eye(10)), nb.Projection("I.r", "E.r_in", weight=-np.eye(10))],
    )
    found = {}
    for name, steps in (("replayed", 64), ("one by one", 7)):
        executor = CudaExecutor(compile_network(net, 0.1), "float64", asked.card)
        executor.block(0, 0)
        executor.steps(0, 0, steps, 0)
        executor.finite(0)
        turns = 2 if asked.small else 500
        began = time.perf_counter()
        for _ in range(turns):
            executor.steps(0, 0, steps, 0)
        executor.finite(0)  # waits for all of them
        found[f"{name}_us"] = (time.perf_counter() - began) / (turns * steps) * 1e6
    duration = 50.0 if asked.small else 2000.0
    sim = nb.Simulation(net, 0.1, backend="cupy")
    sim.run(duration)
    began = time.perf_counter()
    sim.run(duration)
    return found | {"recorded_us": (time.perf_counter() - began) / (duration / 0.1) * 1e6}


def rates(asked: Asked) -> dict[str, Any]:
    """Microseconds of a step of dense networks and of a sheet, on the card and on the processor."""
    found: dict[str, Any] = {}
    draws = np.random.default_rng(1)
    for size in (20,) if asked.small else (100, 1000, 4000):
        weight = draws.normal(size=(size, size)) / size**0.5
        for delay in (0.0, 5.0):
            net = nb.Network(
                {"E": nb.Population(nb.models.wilson_cowan, size, initial={"r": 0.1})},
                [nb.Projection("E.r", "E.r_in", weight=weight, delay=delay)],
            )
            found[f"dense {size}, delay {delay:g}"] = _both(net, 50.0 if asked.small else 200.0)
    side = 12 if asked.small else 256
    kernel = nb.Projection("E.r", "E.r_in", weight=nb.kernels.MexicanHat(0.1, 0.1), delay=0.1)
    sheet = nb.Population(nb.models.wilson_cowan, (side, side), initial={"r": nb.Uniform(0, 1)})
    found[f"sheet {side} x {side}"] = _both(nb.Network({"E": sheet}, [kernel]), 20.0)
    return found


def _both(net: nb.Network, duration: float) -> dict[str, float]:
    made = {}
    for backend in ("cupy", "numpy"):
        sim = nb.Simulation(net, 0.1, backend=backend)
        record = [nb.Record("E.r", every=100)]
        sim.run(10.0, record)
        began = time.perf_counter()
        sim.run(duration, record)
        made[f"{backend}_us"] = (time.perf_counter() - began) / (duration / 0.1) * 1e6
    return made


def ensemble(asked: Asked) -> dict[str, Any]:
    """A thousand networks of 100 rate units that differ in a parameter, on the card and on the processor."""
    points, steps = (4, 50) if asked.small else (1000, 2000)
    weight = np.random.default_rng(2).normal(size=(100, 100)) / 10
    population = nb.Population(nb.models.wilson_cowan, 100, initial={"r": nb.Uniform(0, 1)})
    net = nb.Network({"E": population}, [nb.Projection("E.r", "E.r_in", weight=weight)])
    program = compile_network(net, 0.1, points=points)
    numbers = {"E.tau": np.linspace(5.0, 15.0, points)}
    plans = [Plan(program.variables["E.r"], every=steps)]
    found: dict[str, Any] = {"points": points, "units": 100, "steps": steps}
    makers: dict[str, Callable[[], Any]] = {
        "card": lambda: CudaEnsemble(program, points, numbers, "float64", asked.card),
        "processor": lambda: Ensemble(program, points, numbers, "float64"),
    }
    last = {}
    for name, make in makers.items():
        make().run(10, plans)
        made = make()
        began = time.perf_counter()
        last[name] = made.run(steps, plans).tapes[0].rows[-1]
        found[f"{name}_us"] = (time.perf_counter() - began) / steps * 1e6
    found["largest_difference"] = float(np.abs(last["card"] - last["processor"]).max())
    found["times_the_processor"] = found["processor_us"] / found["card_us"]
    found["threads_of_the_processor"] = os.environ.get("OMP_NUM_THREADS", "as many as it has")
    return found


def _microcircuit(asked: Asked, scale: float, nest: list[float]) -> dict[str, Any]:
    before, duration = (5.0, 20.0) if asked.small else (500.0, 2000.0)
    net = nb.networks.microcircuit(scale)
    began = time.perf_counter()
    sim = nb.Simulation(net, 0.1, seed=1, backend="cupy", precision="float32" if scale > 0.5 else "float64")
    construction = time.perf_counter() - began
    sim.run(before)
    compiled = time.perf_counter() - began - construction
    began = time.perf_counter()
    ds = sim.run(duration)
    taken = time.perf_counter() - began
    seconds = duration / 1000
    found = [ds.sizes[f"{name}.spike"] / p.count / seconds for name, p in net.populations.items()]
    spread = np.maximum(4 * np.array(SPREAD), 0.04 * np.array(nest))
    return {
        "scale": scale,
        "neurons": sum(p.count for p in net.populations.values()),
        "synapses": sum(len(table.targets) for table in sim.program.tables),
        "construction_s": construction,
        "first_run_s": compiled,
        "model_s": seconds,
        "wall_s": taken,
        "real_time_factor": taken / seconds,
        "us_per_step": taken / (duration / 0.1) * 1e6,
        "rates_hz": dict(zip(net.populations, found, strict=True)),
        "rates_within_bands": bool((np.abs(np.array(found) - nest) < spread).all()),
    }


def microcircuit(asked: Asked) -> dict[str, Any]:
    """The microcircuit at full scale."""
    return _microcircuit(asked, 0.01 if asked.small else 1.0, list(FULL_RATES))


def small_microcircuit(asked: Asked) -> dict[str, Any]:
    """A tenth of the microcircuit."""
    return _microcircuit(asked, 0.01 if asked.small else 0.1, NEST)


def tests(asked: Asked) -> dict[str, Any]:
    """The tests that need a card: its own, and those of conformance and of the peers."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "device", "tests/device"]
    if asked.small:
        command.append("--collect-only")
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    return {"passed": done.returncode == 0, "closing": lines[-1] if lines else "", "tail": lines[-40:]}


PARTS: dict[str, Callable[[Asked], dict[str, Any]]] = {
    "launches": launches,
    "rates": rates,
    "ensemble": ensemble,
    "small microcircuit": small_microcircuit,
    "microcircuit": microcircuit,
    "tests": tests,
}


def missed(parts: dict[str, Any]) -> list[str]:
    """One line for each goal that a measured figure does not reach, and for each part that failed."""
    lines = [f"{name} failed: {found['error']}" for name, found in parts.items() if "error" in found]
    for (part, figure), (way, goal) in GOALS.items():
        value = parts.get(part, {}).get(figure)
        if value is not None and (value > goal if way == "at most" else value < goal):
            lines.append(f"{part}: {figure} is {value:.3g}, the goal is {way} {goal:g}")
    lines += [f"{name}: rates beyond their bands" for name, p in parts.items() if not p.get("rates_within_bands", True)]
    if not parts.get("tests", {}).get("passed", True):
        lines.append(f"tests: {parts['tests']['closing']}")
    return lines


def measure(asked: Asked, names: list[str], out: Path) -> dict[str, Any]:
    """Measure some parts, each written down at once beside those that the file has already."""
    old = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}
    whole = {"when": f"{datetime.now(UTC):%Y-%m-%d %H:%M}", "machine": machine(), "device": about(asked)}
    parts = old.get("parts", {}) if old.get("device") == whole["device"] else {}
    for name in names:
        began = time.perf_counter()
        try:
            found = PARTS[name](asked)
        except Exception as error:  # noqa: BLE001  a part that fails must not take the others along
            found = {"error": f"{type(error).__name__}: {error}", "trace": traceback.format_exc().splitlines()[-12:]}
        parts[name] = found | {"measured_in_s": time.perf_counter() - began, "when": whole["when"]}
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(whole | {"parts": parts}, indent=1) + "\n", encoding="utf-8")
        print(name, json.dumps({k: v for k, v in parts[name].items() if k != "tail"}, indent=1), flush=True)
    return parts


def main(arguments: list[str] | None = None) -> int:
    """Measure on a card, write down, and return 1 where a goal was missed, 2 without a card."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.device", description=__doc__)
    parser.add_argument("--only", action="append", choices=list(PARTS), help="a part to measure; may stand again")
    parser.add_argument("--out", type=Path, default=RESULT, help="JSON file of the measurement")
    parser.add_argument("--stand-in", action="store_true", help="try the parts on the processor, in small sizes")
    asked = parser.parse_args(arguments)
    if asked.stand_in:
        from tests.device.host_device import HostDevice  # noqa: PLC0415  only a trial needs it

        device.find = HostDevice
        asked.out = asked.out if asked.out != RESULT else asked.out.with_name("stand-in.json")
    found = device.find()
    if not isinstance(found, Device):
        print(*found, sep="\n", file=sys.stderr)
        return 2
    lines = missed(measure(Asked(found, asked.stand_in), asked.only or list(PARTS), asked.out))
    print(*lines, sep="\n", file=sys.stderr)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
