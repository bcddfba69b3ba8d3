"""Owns the order of the checks of a run before it starts. Must not know how findings are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nbkit.study.checkups.chart import Chart
from nbkit.study.checkups.delays import check_delays
from nbkit.study.checkups.drive import check_drive
from nbkit.study.checkups.finding import LEVELS, HealthFinding, PlannedRun
from nbkit.study.checkups.forecast import Forecast, forecast
from nbkit.study.checkups.memory import check_memory
from nbkit.study.checkups.problems import argument_problems, as_finding, asked_recording, duration_problems
from nbkit.study.checkups.realised import RealisedDelay
from nbkit.study.checkups.signals import check_signals
from nbkit.study.checkups.steps import check_duration, check_modes, check_steps

Check = Callable[[Chart], Iterator[HealthFinding]]

#: the checks of a run that makes sense, in the order in which they are told within a level
CHECKS: tuple[Check, ...] = (
    check_modes,
    check_steps,
    check_drive,
    check_signals,
    check_delays,
    check_duration,
)


def examine(plan: PlannedRun) -> tuple[list[HealthFinding], Forecast | None, tuple[RealisedDelay, ...]]:
    """Everything that is found about a planned run, its forecast and its delays.

    Where the network or a number makes no sense, that alone is told.
    """
    refused = argument_problems(plan)
    if refused:
        return [as_finding(plan, problem) for problem in refused], None, ()
    chart = Chart(plan)
    recorded, wrong = asked_recording(chart)
    problems = [*duration_problems(plan), *chart.problems, *wrong]
    findings = [as_finding(plan, problem) for problem in problems]
    taken = forecast(chart, recorded)
    if taken is not None:
        findings += check_memory(plan, taken, recorded, forecast_of)
    for check in CHECKS:
        findings += check(chart)
    order = list(LEVELS)
    return sorted(findings, key=lambda finding: order.index(finding.level)), taken, chart.delays


def forecast_of(plan: PlannedRun) -> Forecast | None:
    """The forecast of a run whose network and numbers make sense."""
    chart = Chart(plan)
    return forecast(chart, asked_recording(chart)[0])
