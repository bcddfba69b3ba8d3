"""Owns delays in steps: on the grid of dt, as gamma chains, and the length of a block. Must not know arrays."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from nbkit.errors import Problem
from nbkit.network.description import Projection
from nbkit.network.time import to_unit

POLICIES = ("error", "nearest")

OFF_GRID = 1e-9  # steps
MOST_STAGES = 100_000
LONGEST_BLOCK = 256  # steps
LONGEST_SMALL_BLOCK = 1024  # of a network that keeps few numbers a step
FEW_NUMBERS = 2**16  # that the rows of such a block may hold
SHORTEST_BLOCK = 8  # a delay shorter than this is followed step by step
BLOCK_NUMBERS = 2**22  # numbers that the rows of a block may hold together
NEAR_NUMBERS = 2**21  # where no product of a whole block is won: fewer, so that rows stay in a near cache


@dataclass(frozen=True)
class DelayPlan:
    """How the delay of a projection is made.

    A sharp delay reads the source ``steps`` samples back. A gamma delay passes it through ``stages``
    first-order stages of rate ``rate``; its mean is ``delay`` and its standard deviation
    ``delay / sqrt(stages)``.
    """

    steps: int
    delay: float
    stages: int = 0
    rate: float = 0.0


def steps_of(time: float, dt: float) -> tuple[int, float]:
    """Nearest whole number of steps, halves up, and how far the time is from it, in steps."""
    ratio = time / dt
    nearest = math.floor(ratio + 0.5)
    off = abs(ratio - nearest)
    return nearest, 0.0 if off <= max(OFF_GRID, 4e-16 * nearest) else off


def first_step(time: float, dt: float) -> int:
    """The first step whose sample is not before this time."""
    nearest, off = steps_of(time, dt)
    return math.ceil(time / dt) if off else nearest


def plan_delay(projection: Projection, time_unit: str, dt: float, policy: str) -> tuple[DelayPlan, list[Problem]]:
    """Realise a projection's delay for this dt, with the problems that the step brings."""
    where = f"{projection.name}.delay"
    delay = to_unit(projection.delay, time_unit, where)
    if projection.spread is not None:
        return _gamma(projection, time_unit, delay, dt)
    steps, off = steps_of(delay, dt)
    plan = DelayPlan(steps, steps * dt)
    if delay > 0 and delay / dt < 1 - OFF_GRID:
        hint = f"give 0, or at least dt = {dt:g}"
        return plan, [Problem("delay-below-step", where, f"{delay:g} lies between 0 and one step of {dt:g}", hint)]
    if off and policy == "error":
        hint = f'give {steps * dt:.12g} ({steps} steps), another dt, or delays="nearest"'
        return plan, [Problem("delay-off-grid", where, f"{delay:g} is {delay / dt:.6g} steps of {dt:g}", hint)]
    return plan, []


def _gamma(projection: Projection, time_unit: str, delay: float, dt: float) -> tuple[DelayPlan, list[Problem]]:
    spread = to_unit(projection.spread, time_unit, f"{projection.name}.spread")
    if delay / spread > MOST_STAGES**0.5:
        what = f"a spread of {spread:g} around {delay:g} needs more than {MOST_STAGES} stages"
        return DelayPlan(0, delay), [Problem("bad-spread", f"{projection.name}.spread", what, "leave it out")]
    stages = max(1, round((delay / spread) ** 2))
    plan = DelayPlan(0, delay, stages, stages / delay)
    if dt * plan.rate >= 2:
        product = f"dt·n/D = {dt * plan.rate:.3g}"
        what = f"{stages} stages of rate {plan.rate:g} blow up with steps of {dt:g}: {product} is not below 2"
        return plan, [
            Problem(
                "chain-unstable", f"{projection.name}.spread", what, f"dt below {2 / plan.rate:.3g}, or a wider spread"
            )
        ]
    return plan, []


def block_length(delays: Iterable[int], width: int) -> int:
    """Steps whose past-dependent part is computed at once.

    It follows from the delays (in steps) and from the numbers kept per step, ``width``, alone.
    """
    width = max(1, width)
    longest = max(LONGEST_BLOCK, min(LONGEST_SMALL_BLOCK, FEW_NUMBERS // width))
    long = [d for d in delays if d >= SHORTEST_BLOCK]
    roomy = max(1, min(longest, (BLOCK_NUMBERS if long else NEAR_NUMBERS) // width))
    return min([roomy, *long])
