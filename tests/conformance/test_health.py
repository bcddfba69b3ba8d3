"""Law: what health says of a run is what the run then does."""

from __future__ import annotations

import dataclasses
import gc
import json
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nbkit as nb
from nbkit.study.checkups.finding import PlannedRun
from nbkit.study.health import Health
from tests.unit.test_error_cases import CASES

M = nb.models
LEAK = M.leaky_integrator


def pair(drive: float = 2.0, **initial: float) -> nb.Network:
    """The pair of Wilson and Cowan; the time constants are 8 ms."""
    units = nb.Population(M.wilson_cowan_pair, 1, initial=initial)
    return nb.Network({"N": units}, stimuli=[nb.Stimulus("N.P", nb.Step(drive))])


def finding(health: Health, code: str) -> Any:
    (found,) = [f for f in health.findings if f.code == code]
    return found


def run(plan: PlannedRun) -> Any:
    """Run what was planned."""
    return nb.simulate(
        plan.network, plan.duration, plan.dt, plan.record, plan.seed, method=plan.method,
        precision=plan.precision, delays=plan.delays, discard=plan.discard,
    )  # fmt: skip


# ---------------------------------------------------------------- Euler at rest


def late_swing(net: nb.Network, dt: float, path: str = "N.E", duration: float = 2000.0) -> float:
    """How far a variable swings in the last tenth of a run."""
    late = nb.simulate(net, duration, dt, [path], discard=0.9 * duration)[path].to_numpy()
    return float(np.ptp(late))


def test_the_false_rhythm_is_foretold_and_the_remedy_removes_it() -> None:
    health = nb.health(pair(), 0.1, 2000.0)
    warned = finding(health, "false-rhythm")
    assert warned.level == "warning"
    false = late_swing(pair(), 0.1)
    assert false > 0.06
    assert nb.health(pair(), 0.02, 2000.0).findings == ()
    true = late_swing(pair(), 0.02)
    assert true < 0.05 * false
    assert late_swing(pair(), 0.02, duration=4000.0) < 0.05 * true
    assert late_swing(pair(), 0.1, duration=4000.0) == pytest.approx(false, rel=0.01)
    mended = health.after(warned.remedy).plan
    assert late_swing(mended.network, mended.dt) < 0.05 * false


def test_the_limit_that_is_told_is_where_the_mode_begins_to_grow() -> None:
    told = finding(nb.health(pair(), 0.1, 2000.0), "false-rhythm").what
    limit = float(told.rpartition("below ")[2].removesuffix(" ms"))
    assert limit == pytest.approx(0.0540, rel=2e-3)
    near = pair(E=0.2572 + 1e-3, I=0.2147)
    for dt, grows in ((0.96 * limit, False), (1.04 * limit, True)):
        swings = nb.simulate(near, 20_000 * dt, dt, ["N.E"])["N.E"].to_numpy()[:, 0]
        assert (np.ptp(swings[-500:]) > np.ptp(swings[500:1000])) == grows


def test_a_rhythm_that_is_there_is_not_warned_of() -> None:
    assert nb.health(pair(1.25), 0.1, 2000.0).findings == ()
    assert late_swing(pair(1.25), 0.1) > 0.1


@pytest.mark.parametrize("method", ["euler", "exact"])
def test_the_longest_step_holds_for_both_methods(method: str) -> None:
    loop = nb.Projection("E.x", "E.u", weight=-50.0)
    net = nb.Network({"E": nb.Population(LEAK, 1, initial={"x": 1.0})}, [loop])
    told = finding(nb.health(net, 1.0, 100.0, method=method), "false-rhythm").what
    limit = float(told.rpartition("below ")[2].removesuffix(" ms"))
    for dt, grows in ((0.98 * limit, False), (1.02 * limit, True)):
        ends = nb.simulate(net, 200 * dt, dt, ["E.x"], method=method)["E.x"].to_numpy()[-1, 0]
        assert (abs(ends) > 1.0) == grows


def test_the_damping_that_is_left_is_the_one_of_a_run() -> None:
    health = nb.health(pair(), 0.04, 2000.0)
    told = finding(health, "weak-damping").what
    within = float(told.rpartition("within ")[2].removesuffix(" ms"))
    swings = nb.simulate(pair(E=0.2582, I=0.2147), 2000.0, 0.04, ["N.E"])["N.E"].to_numpy()[:, 0] - 0.257196
    early, late = (np.ptp(swings[first : first + 1000]) for first in (10_000, 30_000))
    assert 800.0 / np.log(early / late) == pytest.approx(within, rel=0.03)


# ---------------------------------------------------------------- drive


def test_what_nothing_drives_stands_still_until_it_is_woken() -> None:
    net = nb.Network(
        {"E": nb.Population(M.wilson_cowan, 5), "I": nb.Population(M.wilson_cowan_inhibitory, 5)},
        [nb.Projection("E.r", "I.r_in"), nb.Projection("I.r", "E.r_in", weight=-1.0)],
    )
    health = nb.health(net, 0.1, 50.0)
    assert "nothing moved" in run(health.plan).attrs["note"]
    for remedy in finding(health, "nothing-drives").remedies:
        woken = run(health.after(remedy).plan)
        assert "note" not in woken.attrs
        assert np.ptp(woken["I.r"].to_numpy()) > 0


@pytest.mark.parametrize("model", [M.lif, M.lif_exponential, M.iaf_psc_delta, M.iaf_psc_exp, M.iaf_psc_alpha])
def test_below_the_rheobase_nothing_spikes_and_with_the_remedy_all_do(model: nb.Model) -> None:
    key = next(iter(model.inputs))
    for amplitude in (1.0, -1.0):
        net = nb.Network({"N": nb.Population(model, 2)}, stimuli=[nb.Stimulus(f"N.{key}", nb.Step(amplitude))])
        health = nb.health(net, 0.1, 200.0)
        assert run(health.plan)["N.spike_time"].size == 0
        fired = run(health.after(finding(health, "below-rheobase").remedy).plan)
        assert sorted(set(fired["N.spike_unit"].to_numpy().tolist())) == [0, 1]


# ---------------------------------------------------------------- delays


def test_the_delays_that_are_foretold_are_realised() -> None:
    net = nb.Network({"L": nb.Population(M.lif, 200, initial={"v": nb.Uniform(0.0, 20.0)})}, [
        nb.Projection("L.spike", "L.v", weight=0.1, delay=0.26, name="given"),
        nb.Projection("L.spike", "L.v", rule=nb.FixedTotalNumber(20_000), weight=0.1,
                      delay=nb.Truncated(nb.Normal(1.5, 0.75), low=0.05), name="drawn"),
    ])  # fmt: skip
    health = nb.health(net, 0.1, 1.0, delays="nearest")
    told = {d.projection: d for d in health.delays}
    realised = json.loads(run(health.plan).attrs["realised_delays"])
    assert told["given"].mean == pytest.approx(realised["given"])
    assert told["drawn"].mean == pytest.approx(realised["drawn"]["mean"], rel=0.01)
    assert told["drawn"].least == pytest.approx(realised["drawn"]["least"])
    assert told["drawn"].longest == pytest.approx(realised["drawn"]["longest"], rel=0.2)


# ---------------------------------------------------------------- what is refused, and what is not


class LookedAt(Exception):  # noqa: N818  it is no error
    """Ends a case once its run was looked at."""


def _look(network: nb.Network, duration: Any, dt: Any, record: Any = None, seed: Any = 0, **keywords: Any) -> None:
    """Hold what health tells beside what the run does."""
    asked = {k: v for k, v in keywords.items() if k in ("method", "precision", "delays", "discard")}
    if len(asked) < len(keywords) or not isinstance(network, nb.Network) or isinstance(seed, list):
        raise LookedAt  # it speaks of something that health is not asked about
    try:
        SIMULATE(network, duration, dt, record, seed, **keywords)
        refused = set()
    except nb.NbkitError as error:
        refused = {p.code for p in error.problems} - {"run-not-finite"}
    health = nb.health(network, dt, duration, record=record, seed=seed, **asked)
    told = {f.code for f in health.of_level("problem")}
    assert refused <= told
    assert told <= refused | {"duration-off-grid", "input-too-short"} or not refused
    assert str(health)
    assert health._repr_html_()
    for found in health.findings:
        for remedy in found.remedies:
            if remedy.changes:
                after = health.after(remedy)
                assert (found.code, found.where) not in [(f.code, f.where) for f in after.findings]
    raise LookedAt


SIMULATE = nb.simulate

#: kinds of mistakes that are made before a run is asked for, or that need a machine with little memory
ELSEWHERE = ("not-passed", "bad-log", "bad-notebook")


def _needs_a_small_machine(case: Callable[[], object]) -> bool:
    return getattr(case, "__name__", "") == "starve"


@pytest.mark.parametrize("code", sorted(set(CASES) - set(ELSEWHERE)))
def test_what_a_run_is_refused_for_is_told_before(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nb, "simulate", _look)
    for case in CASES[code]:
        if not _needs_a_small_machine(case):
            with pytest.raises((LookedAt, nb.NbkitError)):
                case()


@pytest.mark.parametrize("name", nb.models.names())
def test_what_is_called_ready_runs(name: str) -> None:
    model = getattr(M, name)
    dt = {"ms": 0.01, "s": 1e-4, "1": 1e-3}[model.time_unit]
    drive = [nb.Stimulus(f"N.{key}", nb.Step(0.1)) for key in list(model.inputs)[-1:]]
    net = nb.Network({"N": nb.Population(model, 2)}, stimuli=drive, time_unit=model.time_unit)
    health = nb.health(net, dt, 100 * dt)
    assert health.ready
    assert run(health.plan).sizes["time"] == 101
    assert health.forecast is not None
    assert health.forecast.steps == 100


# ---------------------------------------------------------------- forecast


def rates() -> PlannedRun:
    both = {"E": nb.Population(M.wilson_cowan, 100), "I": nb.Population(M.wilson_cowan_inhibitory, 100)}
    ways = [nb.Projection("E.r", "E.r_in", weight=0.15), nb.Projection("I.r", "E.r_in", weight=-0.12)]
    return PlannedRun(nb.Network(both, ways, [nb.Stimulus("E.r_ext", nb.Step(1.0))]), 0.1, 2000.0)


def sheet() -> PlannedRun:
    units = nb.Population(M.wilson_cowan, (100, 100), initial={"r": nb.Uniform(0.0, 0.1)})
    kernel = nb.kernels.Gaussian(10.0, width=0.05)
    return PlannedRun(nb.Network({"E": units}, [nb.Projection("E.r", "E.r_in", weight=kernel)]), 0.1, 20.0)


def matrix() -> PlannedRun:
    loop = nb.Projection("E.r", "E.r_in", weight=nb.Normal(0.0, 0.03))
    net = nb.Network({"E": nb.Population(M.wilson_cowan, 1000, initial={"r": 0.1})}, [loop])
    return PlannedRun(net, 0.1, 10.0, precision="float32")


def sparse() -> PlannedRun:
    loop = nb.Projection("E.r", "E.r_in", rule=nb.Bernoulli(0.05), weight=nb.Normal(0.0, 0.03))
    return PlannedRun(nb.Network({"E": nb.Population(M.wilson_cowan, 5000, initial={"r": 0.1})}, [loop]), 0.1, 1.0)


def noisy() -> PlannedRun:
    net = nb.Network({"E": nb.Population(LEAK, 10_000)}, stimuli=[nb.Stimulus("E.u", nb.Noise(1.0))])
    return PlannedRun(net, 0.1, 60.0, record=[nb.Record("E.x", average="population")])


def cortex() -> PlannedRun:
    return PlannedRun(nb.networks.microcircuit(0.1), 0.1, 200.0)


FORECASTS = [rates, sheet, matrix, sparse, noisy, cortex]


def taken(plan: PlannedRun) -> tuple[float, float]:
    """Bytes at the peak of a run, and seconds of the processor."""
    run(dataclasses.replace(plan, duration=plan.step, record=None))  # what is imported is not counted
    gc.collect()
    began = time.process_time()
    run(plan)
    seconds = time.process_time() - began
    gc.collect()
    tracemalloc.start()
    try:
        run(plan)
        return float(tracemalloc.get_traced_memory()[1]), seconds
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("made", FORECASTS)
def test_bytes_and_seconds_are_foretold(made: Callable[[], PlannedRun]) -> None:
    plan = made()
    looked_at = nb.health(plan.network, plan.dt, plan.duration, record=plan.record, precision=plan.precision)
    forecast = looked_at.forecast
    assert forecast is not None
    size, seconds = taken(plan)
    assert 0.8 <= forecast.bytes / size <= 1.25
    assert 1 / 8 <= forecast.seconds / seconds <= 8


def quickest(look: Callable[[], object]) -> float:
    """The least processor time of several looks, the first of which loads what it needs."""
    found = []
    for _ in range(6):
        began = time.process_time()
        look()
        found.append(time.process_time() - began)
    return min(found[1:])


def test_health_is_quick() -> None:
    small = rates().network
    assert quickest(lambda: nb.health(pair(), 0.1, 1000.0)) < 0.05
    assert quickest(lambda: nb.health(small, 0.1, 1000.0)) < 0.05


def test_the_whole_microcircuit_is_looked_at_without_its_synapses() -> None:
    net = nb.networks.microcircuit(1.0)
    assert quickest(lambda: nb.health(net, 0.1, 1000.0)) < 1.0
    tracemalloc.start()
    health = nb.health(net, 0.1, 1000.0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1e8
    assert health.forecast is not None
    assert health.forecast.bytes > 298_880_968 * 8
