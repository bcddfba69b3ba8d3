"""Laws of explore's behaviour, without any toolkit: newest value wins, a failure keeps the last good picture."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pytest
import xarray as xr

from nbkit.errors import fail
from nbkit.widgets.presenter import ExplorePresenter


@dataclass(frozen=True)
class Net:
    """A network that is only its values."""

    values: dict = field(default_factory=dict)

    def with_value(self, path, value):
        if value < 0:
            raise fail("outside-limits", path, f"{value:g} is negative", "zero or more")
        return replace(self, values={**self.values, path: value})


class Screen:
    """A view that writes down what it is asked to show."""

    def __init__(self):
        self.seen = []

    def show_result(self, result, before):
        self.seen.append(("result", result.attrs["values"], before.attrs["values"]))

    def show_status(self, text):
        self.seen.append(("status", text))

    def show_problems(self, lines):
        self.seen.append(("problems", *lines))

    def show_values(self, values):
        self.seen.append(("values", dict(values)))

    def follow_closely(self, closely):
        self.seen.append(("closely", closely))

    def of(self, kind):
        return [entry for entry in self.seen if entry[0] == kind]


def result_of(net):
    step = np.arange(0, 2001, 10)
    return xr.Dataset(coords={"time": ("time", step * 0.1), "step": ("time", step)}, attrs={"values": dict(net.values)})


class Bench:
    """A presenter with a screen, a clock and a list of the runs."""

    def __init__(self, *, seconds=0.0013, during=None, failing=None):
        self.screen, self.runs, self.now = Screen(), [], 0.0
        self.seconds, self.during, self.failing = seconds, during, failing
        start = {"E.tau": 10.0, "E.k": 1.0}
        self.first = Net(dict(start))
        self.presenter = ExplorePresenter(self.first, start, self.run, self.screen, clock=lambda: self.now)

    def run(self, net):
        self.runs.append(dict(net.values))
        self.now += self.seconds
        if self.failing is not None and net.values["E.tau"] > 15:
            raise self.failing
        if self.during is not None:
            self.during(self)
        return result_of(net)


def test_the_first_run_is_shown_with_its_time_and_steps():
    bench = Bench()
    assert bench.screen.seen == [
        ("result", {"E.tau": 10.0, "E.k": 1.0}, {"E.tau": 10.0, "E.k": 1.0}),
        ("status", "1.3 ms per run · 2000 steps"),
        ("closely", True),
    ]


def test_a_slow_run_is_told_in_whole_milliseconds():
    assert Bench(seconds=2.5216).screen.of("status") == [("status", "2522 ms per run · 2000 steps")]


def test_a_change_runs_the_edited_network_and_keeps_the_start_for_comparison():
    bench = Bench()
    bench.presenter.change("E.tau", 5.0)
    assert bench.runs[-1] == {"E.tau": 5.0, "E.k": 1.0}
    assert bench.screen.of("result")[-1] == ("result", {"E.tau": 5.0, "E.k": 1.0}, {"E.tau": 10.0, "E.k": 1.0})
    assert bench.presenter.network.values["E.tau"] == 5.0
    assert bench.presenter.result.attrs["values"]["E.tau"] == 5.0


def test_changes_during_a_run_are_gathered_and_the_newest_wins():
    def fidget(bench):
        if len(bench.runs) == 2:
            for value in (6.0, 7.0, 8.0):
                bench.presenter.change("E.tau", value)
            bench.presenter.change("E.k", 2.0)

    bench = Bench(during=fidget)
    bench.presenter.change("E.tau", 5.0)
    assert [run["E.tau"] for run in bench.runs] == [10.0, 5.0, 8.0]
    assert bench.runs[-1]["E.k"] == 2.0


def test_a_run_that_fails_says_why_and_keeps_the_last_good_result():
    bench = Bench(failing=fail("run-not-finite", "E.r", "grew without bound", "a smaller dt"))
    bench.presenter.change("E.tau", 12.0)
    shown = len(bench.screen.of("result"))
    bench.presenter.change("E.tau", 20.0)
    assert bench.screen.seen[-1] == ("problems", ("E.r: grew without bound", "Try: a smaller dt"))
    assert len(bench.screen.of("result")) == shown
    assert bench.presenter.result.attrs["values"]["E.tau"] == 12.0
    assert bench.presenter.network.values["E.tau"] == 20.0
    bench.presenter.change("E.tau", 9.0)
    assert bench.screen.of("result")[-1][1]["E.tau"] == 9.0


def test_a_value_that_the_network_refuses_is_explained():
    bench = Bench()
    bench.presenter.change("E.tau", -1.0)
    assert bench.screen.seen[-1] == ("problems", ("E.tau: -1 is negative", "Try: zero or more"))
    assert len(bench.runs) == 1


def test_a_fault_of_ours_is_shown_and_not_swallowed():
    bench = Bench(failing=ZeroDivisionError("oh"))
    with pytest.raises(ZeroDivisionError):
        bench.presenter.change("E.tau", 20.0)
    assert bench.screen.seen[-1] == ("problems", ("ZeroDivisionError: oh", "Try: Reset"))
    bench.presenter.change("E.tau", 9.0)
    assert bench.screen.of("result")[-1][1]["E.tau"] == 9.0


def test_a_slow_run_waits_for_the_slider_to_be_let_go():
    bench = Bench(seconds=0.4)
    assert bench.screen.seen[-1] == ("closely", False)
    bench.seconds = 0.01
    bench.presenter.change("E.tau", 5.0)
    assert bench.screen.seen[-1] == ("closely", True)


def test_reset_returns_to_the_start_with_one_run():
    bench = Bench()
    bench.presenter.change("E.tau", 5.0)
    bench.presenter.change("E.k", 3.0)
    bench.presenter.reset()
    assert len(bench.runs) == 4
    assert bench.runs[-1] == {"E.tau": 10.0, "E.k": 1.0}
    assert bench.presenter.network is bench.first
    assert bench.screen.of("values") == [("values", {"E.tau": 10.0, "E.k": 1.0})]
