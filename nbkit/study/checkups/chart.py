"""Owns what the checks of a run share: each fact once, when it is first asked for. Must not know what is made of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from nbkit.compile.bundles import delays_below_step
from nbkit.compile.connections import MANY
from nbkit.compile.delays import plan_delay
from nbkit.errors import Problem
from nbkit.network.description import SPIKE, split_path
from nbkit.study.checkups.finding import PlannedRun
from nbkit.study.checkups.lean import Lean, lean
from nbkit.study.checkups.modes import Judgement, judge
from nbkit.study.checkups.realised import RealisedDelay, realised_delay
from nbkit.study.checkups.units import Array, Units, units_of


@dataclass(frozen=True, eq=False)
class Chart:
    """The facts about a planned run whose network and numbers make sense."""

    plan: PlannedRun

    @cached_property
    def lean(self) -> Lean:
        """The network without its heavy connections, compiled."""
        plan = self.plan
        return lean(plan.network, plan.step, plan.seed, plan.delays, plan.method)

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """What compiling the network for this step finds, heavy connections included."""
        found = list(self.lean.problems)
        plan = self.plan
        for p in self.lean.heavy:
            if not isinstance(p.delay, MANY):
                found += plan_delay(p, plan.network.time_unit, plan.step, plan.delays)[1]
            elif split_path(p.source)[1] == SPIKE:
                found += delays_below_step(p, plan.step)
        return tuple({(problem.code, problem.where): problem for problem in found}.values())

    @cached_property
    def units(self) -> dict[str, Units]:
        """Population -> representatives of its units."""
        return {name: units_of(self.plan.network, name) for name in self.plan.network.populations}

    @cached_property
    def slopes(self) -> dict[str, Array]:
        """Population -> how the speed of each state of a unit changes with each of its states, as `Units.slopes`."""
        return {name: units.slopes() for name, units in self.units.items()}

    @cached_property
    def delays(self) -> tuple[RealisedDelay, ...]:
        """The delays of all projections that have any, as they will be realised."""
        plan = self.plan
        found = (realised_delay(plan.network, p, plan.step) for p in plan.network.projections)
        return tuple(delay for delay in found if delay.wanted > 0 or delay.longest > 0)

    @cached_property
    def judgement(self) -> Judgement:
        """The resting points of the network."""
        plan = self.plan
        return judge(plan.network, plan.length, plan.step, plan.method)

    def is_exact(self, name: str) -> bool:
        """Whether a population is stepped exactly."""
        return (self.plan.method or self.plan.network.populations[name].model.method) == "exact"
