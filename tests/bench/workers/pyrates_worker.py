"""Owns PyRates' side: Wilson-Cowan units.

`run` compiles before it solves, so the cost of a step is the difference of two durations. It writes
a module into the working directory, hence a temporary one; `clear` and `clear_ir_caches` empty its caches.
`float_precision` is a keyword of `run`; without it the arithmetic is float32.
"""

from __future__ import annotations

import os
import tempfile
from importlib.metadata import version
from pathlib import Path

import common as c
import numpy as np
from common import Answer, Job
from pyrates import CircuitTemplate, NodeTemplate
from pyrates.frontend.template.population import Connectivity, PopulationTemplate
from pyrates.ir.node import clear_ir_caches

UNIT = "model_templates.neural_mass_models.wilsoncowan.exc_pop"


def run(asked: Job, steps: int, delay: float = 0.0) -> tuple[float, np.ndarray]:
    """Seconds of one run, and the last row of its result."""
    clear_ir_caches()
    n = asked["settings"]["n"]
    matrix, start = c.weights(n)
    unit = NodeTemplate.from_yaml(UNIT)
    population = PopulationTemplate(name="e", node=unit, n=n, params={"rate_op/r": start})
    late = {"delays": delay} if delay else {}
    coupling = Connectivity(source="e/rate_op/r", target="e/se_op/r_in", weights=matrix, **late)
    circuit = CircuitTemplate(name="wc", populations={"e": population}, connections=[coupling])
    kept = []

    def solve() -> None:
        result = circuit.run(
            simulation_time=steps * c.DT,
            step_size=c.DT,
            solver="euler",
            outputs={"r": "e/rate_op/r"},
            clear=True,
            verbose=False,
            float_precision=asked["precision"],
        )
        kept.append(result.to_numpy()[-1])

    return c.timed(solve), kept[0]


def wilson_cowan(asked: Job) -> Answer:
    """The cost of a step: a longer run less a shorter one."""
    delay, steps = asked["settings"]["delay"], asked["settings"]["steps"]
    short = max(steps // 10, 2)
    _, last = run(asked, short, delay)
    first = c.since(asked)
    seconds = c.median_of(
        lambda: run(asked, steps, delay)[0] - run(asked, short, delay)[0], asked["settings"]["repeats"]
    )
    return {"values": {"step": seconds / (steps - short)}, "check": c.few(last), "first": first}


def wilson_cowan_first(asked: Job) -> Answer:
    """From nothing to a DataFrame."""
    _, last = run(asked, asked["settings"]["steps"])
    return {"values": {}, "check": c.few(last), "first": c.since(asked)}


if __name__ == "__main__":
    home = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        tasks = {"wilson_cowan": wilson_cowan, "wilson_cowan_first": wilson_cowan_first}
        try:
            c.work_off(tasks, pyrates=version("pyrates"))
        finally:
            os.chdir(home)
