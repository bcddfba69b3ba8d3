"""Owns the nbkit side of a workload."""

from __future__ import annotations

import time

import numpy as np
from common import DT, Job, answer, job, median_of, weights

import nbkit as nb


def simulation(asked: Job) -> nb.Simulation:
    """The network of a job, built."""
    matrix, start = weights(asked["n"])
    net = nb.Network(
        {"E": nb.Population(nb.models.wilson_cowan, asked["n"], initial={"r": start})},
        projections=[nb.Projection("E.r", "E.r_in", weight=matrix, delay=asked["delay"], history="zero")],
    )
    return nb.Simulation(net, dt=DT, seed=0, precision=asked["precision"], accelerator=asked["accelerator"])


def main() -> None:
    """Run the job of the command line."""
    asked = job()
    sim = simulation(asked)
    short = max(asked["steps"] // 10, 2)
    count = asked["steps"] if asked["task"] == "first" else short
    # a peer returns rows 0 .. count-1; row `count` is nbkit's extra, last one
    last = np.asarray(sim.run(count * DT, record=["E.r"])["E.r"])[count - 1]

    def run() -> float:
        began = time.perf_counter()
        sim.run(asked["steps"] * DT, record=["E.r"])
        return time.perf_counter() - began

    per_step = median_of(run) / asked["steps"] if asked["task"] == "steps" else None
    answer(last, per_step, nbkit=nb.__version__)


main()
