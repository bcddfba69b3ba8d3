"""Owns the PyRates side of a workload.

`run` compiles before it solves, so the cost of a step is the difference of two durations. It writes
a module into the working directory, hence a temporary one; `clear` and `clear_ir_caches` empty its caches.
`float_precision` is a keyword of `run`; without it the arithmetic is float32.
"""

from __future__ import annotations

import os
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
from common import DT, Job, answer, job, median_of, weights
from pyrates import CircuitTemplate, NodeTemplate
from pyrates.frontend.template.population import Connectivity, PopulationTemplate
from pyrates.ir.node import clear_ir_caches

UNIT = "model_templates.neural_mass_models.wilsoncowan.exc_pop"


def run(asked: Job, steps: int) -> tuple[float, np.ndarray]:
    """Seconds of one run, and the last row of its result."""
    clear_ir_caches()
    matrix, start = weights(asked["n"])
    unit = NodeTemplate.from_yaml(UNIT)
    population = PopulationTemplate(name="e", node=unit, n=asked["n"], params={"rate_op/r": start})
    late = {"delays": asked["delay"]} if asked["delay"] else {}
    coupling = Connectivity(source="e/rate_op/r", target="e/se_op/r_in", weights=matrix, **late)
    circuit = CircuitTemplate(name="wc", populations={"e": population}, connections=[coupling])
    began = time.perf_counter()
    result = circuit.run(
        simulation_time=steps * DT,
        step_size=DT,
        solver="euler",
        outputs={"r": "e/rate_op/r"},
        clear=True,
        verbose=False,
        float_precision=asked["precision"],
    )
    return time.perf_counter() - began, result.to_numpy()[-1]


def main() -> None:
    """Run the job of the command line."""
    asked = job()
    short = max(asked["steps"] // 10, 2)
    home = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        _, last = run(asked, asked["steps"] if asked["task"] == "first" else short)

        def difference() -> float:
            return run(asked, asked["steps"])[0] - run(asked, short)[0]

        per_step = median_of(difference) / (asked["steps"] - short) if asked["task"] == "steps" else None
        os.chdir(home)
        answer(last, per_step, pyrates=version("pyrates"))


main()
