"""Owns the check of delays before a run. Must not know how they are made."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nbkit.network.description import Projection
from nbkit.network.laws import Law
from nbkit.study.checkups.chart import Chart
from nbkit.study.checkups.finding import HealthFinding, PlannedRun, Remedy
from nbkit.study.checkups.realised import RealisedDelay
from nbkit.study.checkups.remedies import finer, longer

#: a mean that moves by more than this share when delays are rounded is told: it shifts a period by about as much
ROUNDED = 0.05
#: of the delays: if more than this share is rounded to none, that is told
LOST = 0.01
#: a delay of this many steps is rounded by 5 % at most
FINE_STEPS = 10


def check_delays(chart: Chart) -> Iterator[HealthFinding]:
    """Delays that are as long as the run, and delays that rounding changes."""
    plan = chart.plan
    by_name = {p.name: p for p in plan.network.projections}
    refused = {problem.where for problem in chart.problems}
    for found in chart.delays:
        where = f"{found.projection}.delay"
        if where in refused:
            continue
        if found.longest >= plan.length:
            yield _never(plan, found)
        elif found.wanted and (abs(found.mean / found.wanted - 1.0) > ROUNDED or found.lost > LOST):
            yield _rounded(plan, found, by_name[found.projection])


def _never(plan: PlannedRun, found: RealisedDelay) -> HealthFinding:
    nothing = found.least >= plan.length
    what = (
        f"{'nothing' if nothing else 'not all'} that it sends arrives within the run: "
        f"its {'' if found.least == found.longest else 'longest '}delay is {plan.told(found.longest)}, "
        f"the run lasts {plan.told(plan.length)}"
    )
    duration = longer(plan, 3.0 * found.longest)
    remedies = (Remedy(f"run for {plan.told(duration, 12)}", duration=duration),)
    return HealthFinding("never-arrives", "warning" if nothing else "note", f"{found.projection}.delay", what, remedies)


def _rounded(plan: PlannedRun, found: RealisedDelay, projection: Projection) -> HealthFinding:
    what = f"{found.asked} asked; rounded to steps of {plan.told(plan.step)} the mean is {plan.told(found.mean)}"
    what += f" in place of {plan.told(found.wanted)}"
    if found.lost > LOST:
        what += f", and {100 * found.lost:.3g} % round to none"
    shortest = found.wanted
    if isinstance(projection.delay, Law):
        shortest = float(projection.delay.quantile(np.array([LOST / 2]))[0]) if found.lost > LOST else shortest
    dt = finer(plan, shortest / FINE_STEPS)
    remedies = () if dt is None else (Remedy(f"dt = {plan.told(dt, 12)}", dt=dt),)
    return HealthFinding("delay-rounded", "note", f"{found.projection}.delay", what, remedies)
