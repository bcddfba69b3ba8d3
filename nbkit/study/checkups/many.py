"""Owns the forecast of the points of a sweep from that of one run. Must not know findings."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from nbkit.compile.compiler import compile_network
from nbkit.compile.program import Program
from nbkit.run.ensemble import refusal, takes
from nbkit.simulation.points import size_of_batch
from nbkit.simulation.recording import Recording
from nbkit.study.checkups.finding import PlannedRun

if TYPE_CHECKING:
    from nbkit.study.checkups.forecast import Forecast

#: program and points of a batch -> microseconds of a step of all of them
StepCost = Callable[[Program, int], float]


def for_points(
    plan: PlannedRun, program: Program, recorded: Recording | None, one: Forecast, step: StepCost
) -> Forecast:
    """The forecast of all points, as `nbkit.sweep` runs them: side by side where they can be, else one by one.

    What is recorded of every point is kept, and beside it, of the points that are under way, once more.
    """
    sweep = plan.sweep or {}
    rows = _bytes_of_rows(plan, recorded)
    inner = [] if refusal(program) else [path for path in sweep if takes(program, path)]
    if not inner:
        return replace(
            one,
            steps=plan.steps * plan.points,
            seconds=one.seconds * plan.points,
            recording_bytes=int(one.recording_bytes + rows * plan.points),
        )
    together = math.prod(len(sweep[path]) for path in inner)
    size = size_of_batch(plan.network, together)
    side = compile_network(program.network, plan.step, plan.seed, "nearest", plan.method, points=size)
    batches = plan.points / together * math.ceil(together / size)
    each = 4 if plan.precision == "float32" else 8
    return replace(
        one,
        steps=plan.steps * plan.points,
        seconds=one.seconds + plan.steps * batches * step(side, size) * 1e-6,
        state_bytes=int(one.state_bytes + side.memory * each * size),
        recording_bytes=int(rows * (plan.points + size)),
    )


def _bytes_of_rows(plan: PlannedRun, recorded: Recording | None) -> float:
    """Of the samples of one point."""
    if recorded is None:
        return 0.0
    kept = (plan.steps - min(plan.steps, plan.left_out / plan.step)) / recorded.every + 1
    return kept * 8.0 * sum(p.width for p in recorded.plans)
