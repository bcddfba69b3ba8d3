"""Owns the laws of conduction delays: signals that travel arrive when they should, and waves run as theory says."""

import math
from fractions import Fraction

import numpy as np
import pytest

import nbkit as nb
from nbkit.compile import late, rings

RELAY = nb.Model(
    "relay",
    "tau*dx/dt = -x + u\n y = u",
    states={"x": 0.0},
    inputs={"u": 0.0},
    parameters={"tau": 1.0},
)  # with dt = tau, x[k+1] = u[k]
PLANS = ("delayed", "parts")


def force(plan: str, patch: pytest.MonkeyPatch) -> None:
    """Let many delays be one matrix over the past, or a matrix for each."""
    patch.setattr(late, "cost_together", lambda _: 0.0 if plan == "delayed" else math.inf)


def steps(apart: Fraction, speed: Fraction, dt: Fraction) -> int:
    return math.floor(apart / (speed * dt) + Fraction(1, 2))


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("edges", ["open", "periodic"])
@pytest.mark.parametrize("case", [("1", "1", 0), ("3", "0.5", 7), ("0.25", "0.1", 39), ("7", "1", 20)])
def test_a_pulse_reaches_each_unit_of_a_line_after_its_distance_over_the_speed(plan, edges, case, monkeypatch):
    """A line of 40 units 1/2 apart: many distances lie exactly between two steps, and are rounded up."""
    force(plan, monkeypatch)
    speed, dt, start = case
    count, extent = 40, 20
    expected = []
    for j in range(count):
        apart = Fraction(abs(j - start) * extent, count)
        if edges == "periodic":
            apart = min(apart, extent - apart)
        expected.append(steps(apart, Fraction(speed), Fraction(dt)))
    line = nb.Population(RELAY, (count,), parameters={"tau": float(dt)}, extent=extent, edges=edges)
    pulse = np.zeros(1000)
    pulse[3] = 1.0  # in x at sample 4
    net = nb.Network(
        {"A": line, "B": line},
        [nb.Projection("A.x", "B.u", delay=nb.ConductionDelay(float(speed)), name="p")],
        [nb.Stimulus("A.u", nb.Recorded(pulse, dt=float(dt)), units=[start])],
    )
    sim = nb.Simulation(net, float(dt))
    rows = sim.run(900 * float(dt), record=["B.y", "B.x"])["B.y"].to_numpy()
    assert ("delayed" in {c.plan for c in sim.program.couplings}) == (plan == "delayed")
    for j, d in enumerate(expected):
        assert np.flatnonzero(rows[:, j]).tolist() == [4 + d], j
    assert rows.max() == 1.0


def test_the_delays_are_in_the_result_as_they_were_realised():
    line = nb.Population(RELAY, (5,), extent=5.0)
    rule = nb.Explicit([0, 0, 0, 1], [0, 1, 4, 3])
    delay = nb.ConductionDelay(0.4, base=1.5)
    ds = nb.simulate(nb.Network({"A": line}, [nb.Projection("A.x", "A.u", rule=rule, delay=delay)]), 5.0, 1.0)
    assert ds["A->A.realised_delay"].to_numpy().tolist() == [2.0, 4.0, 12.0, 7.0]  # 1.5, 4, 11.5 and 6.5


def test_on_a_sheet_signals_travel_straight_and_on_a_torus_the_shorter_way(monkeypatch):
    for edges, across in (("open", math.hypot(3, 4)), ("periodic", math.hypot(2, 1))):
        for plan in PLANS:
            force(plan, monkeypatch)
            sheet = nb.Population(RELAY, (5, 5), extent=5.0, edges=edges)
            pulse = np.zeros(200)
            pulse[0] = 1.0
            net = nb.Network(
                {"A": sheet, "B": sheet},
                [nb.Projection("A.x", "B.u", delay=nb.ConductionDelay(0.125))],
                [nb.Stimulus("A.u", nb.Recorded(pulse, dt=1.0), units=[0])],
            )
            rows = nb.simulate(net, 150.0, 1.0, record=["B.y"])["B.y"].to_numpy().reshape(-1, 25)
            assert np.flatnonzero(rows[:, 23]).tolist() == [1 + math.floor(across * 8 + 0.5)]


@pytest.mark.parametrize("history", ["initial", "zero"])
@pytest.mark.parametrize("source", ["x", "y"])
@pytest.mark.parametrize("base", [1.0, 12.0])
def test_one_matrix_over_the_past_equals_a_matrix_for_each_delay(history, source, base, monkeypatch):
    """With delays below and above a block, with gains set, cut runs, and in single precision."""
    start = np.random.default_rng(2).normal(size=60)
    line = nb.Population(RELAY, (60,), initial={"x": start}, parameters={"tau": 9.0}, extent=30.0)
    kernel, delay = nb.kernels.MexicanHat(0.6, 2.0, cutoff=9.3), nb.ConductionDelay(0.7, base=base)
    net = nb.Network({"A": line}, [nb.Projection(f"A.{source}", "A.u", weight=kernel, delay=delay, history=history)])
    found = {}
    for plan in PLANS:
        force(plan, monkeypatch)
        sim = nb.Simulation(net, 0.5)
        assert ("delayed" in {c.plan for c in sim.program.couplings}) == (plan == "delayed")
        rows = [sim.run(t)["A.x"].to_numpy() for t in (20.0, 3.5)]
        sim.set("A->A.gain", 0.5)
        rows += [sim.run(t)["A.x"].to_numpy() for t in (0.5, 60.0)]
        found[plan] = np.concatenate(rows)
        single = nb.simulate(net, 20.0, 0.5, precision="float32")["A.x"].to_numpy()
        np.testing.assert_allclose(single, rows[0], atol=1e-5)
    np.testing.assert_allclose(found["delayed"], found["parts"], rtol=0, atol=1e-12)
    assert np.abs(found["parts"][60]).max() > 1e-3


@pytest.mark.parametrize("shape", [(12,), (5, 6)])
@pytest.mark.parametrize("edges", ["open", "periodic"])
@pytest.mark.parametrize("twins", [True, False])
@pytest.mark.parametrize("cutoff", [None, 0.43])
def test_a_ring_for_each_delay_equals_single_connections(shape, edges, twins, cutoff, monkeypatch):
    start = np.random.default_rng(2).normal(size=shape)
    population = nb.Population(RELAY, shape, initial={"x": start}, parameters={"tau": 9.0}, edges=edges)
    kernel, delay = nb.kernels.DifferenceOfGaussians(9.0, 0.2, 4.0, 0.4, cutoff), nb.ConductionDelay(0.06)
    projection = nb.Projection("A.x", "A.u", weight=kernel, delay=delay, rule=nb.AllToAll(autapses=twins))
    net, found, made, parts = nb.Network({"A": population}, [projection]), [], [], []
    for cost in (0.0, math.inf):
        monkeypatch.setattr(rings, "cost_of_transform", lambda _, cost=cost: cost)
        sim = nb.Simulation(net, 0.5)
        assert ({c.plan for c in sim.program.couplings} == {"fft"}) == (cost == 0.0)
        parts.append(len(sim.program.couplings))
        found.append(sim.run(60.0))
        made.append(np.unique(found[-1]["A->A.realised_delay"].to_numpy()))
    np.testing.assert_allclose(found[0]["A.x"], found[1]["A.x"], rtol=0, atol=1e-12)
    assert parts[0] == len(made[1])
    if cutoff is None and twins:
        assert made[0].tolist() == made[1].tolist()
    assert np.abs(found[0]["A.x"][60]).max() > 1e-3


def test_signals_may_travel_on_a_sheet_that_has_too_many_pairs_to_write_out():
    sheet = nb.Population(RELAY, (100, 100), initial={"x": nb.Expression("(x < 0.1)*(y < 0.1)")}, extent=10.0)
    delay, kernel = nb.ConductionDelay(2.0, base=1.0), nb.kernels.Exponential(1.0, 2.0)
    projection = nb.Projection("A.x", "A.u", weight=kernel, delay=delay, history="zero")
    sim = nb.Simulation(nb.Network({"A": sheet}, [projection]), 1.0)
    assert len(sim.program.couplings) == 8  # delays from 1 to 8 steps, over distances up to 10*sqrt(2)
    reached = sim.run(6.0)["A.x"].to_numpy()[:, 0] > 1e-9
    ever = np.logical_or.accumulate(reached[1:], axis=0).sum(axis=1)
    assert ever.tolist() == [0, 10, 30, 50, 70, 90]  # the units of the first row with d/2 + 1.5 < k


def test_laws_and_arrays_of_delays_may_be_one_matrix_too(monkeypatch):
    generator = np.random.default_rng(0)
    start, weights = generator.normal(size=30), generator.normal(0, 0.2, size=(30, 30))
    for delay in (nb.Uniform(0.2, 20.0), nb.Uniform(9.0, 20.0), generator.integers(0, 25, size=(30, 30)) * 0.5):
        population = nb.Population(RELAY, 30, initial={"x": start}, parameters={"tau": 9.0})
        net = nb.Network({"A": population}, [nb.Projection("A.x", "A.u", weight=weights, delay=delay)])
        found = []
        for plan in PLANS:
            force(plan, monkeypatch)
            sim = nb.Simulation(net, 0.5)
            assert ("delayed" in {c.plan for c in sim.program.couplings}) == (plan == "delayed")
            found.append(sim.run(100.0)["A.x"].to_numpy())
        np.testing.assert_allclose(found[0], found[1], rtol=0, atol=1e-12)


def test_a_few_delays_are_a_matrix_each_and_many_are_one():
    population = nb.Population(RELAY, 30)
    for number, plans in ((2, {"dense"}), (24, {"delayed"})):
        delay = 1.0 + np.arange(900).reshape(30, 30) % number
        net = nb.Network({"A": population}, [nb.Projection("A.x", "A.u", weight=0.1, delay=delay)])
        program = nb.Simulation(net, 1.0).program
        assert {c.plan for c in program.couplings} == plans
        assert all(c.reason in program.explain() for c in program.couplings)
    assert f"{number} different delays from 1 to {number} steps" in program.explain()
    assert f"A.x[k-{number}...k-1]" in program.explain()


# ---------------------------------------------------------------- a front that travels

FRONT = nb.Model(
    "front",
    "tau*dv/dt = -v + u\n f = (v >= h)",
    states={"v": 0.0},
    inputs={"u": 0.0},
    parameters={"tau": 1.0, "h": 0.2},
    time_unit="1",
)


def front_speed(delay: object, dx: float, dt: float) -> float:
    """Speed of the front between a third and two thirds of a line, half of which was excited."""
    length = 40.0
    count = round(length / dx)
    places = (np.arange(count) + 0.5) * dx
    line = nb.Population(FRONT, (count,), initial={"v": np.where(places < 10.0, 1.0, 0.0)}, extent=length)
    kernel = nb.kernels.Exponential(0.5, width=1.0)
    net = nb.Network({"E": line}, [nb.Projection("E.f", "E.u", weight=kernel, delay=delay)], time_unit="1")
    ds = nb.simulate(net, 30.0, dt, record=["E.v"])
    over = ds["E.v"].to_numpy() >= 0.2
    crossed = ds["time"].to_numpy()[over.argmax(axis=0)]
    part = (places > 15.0) & (places < 25.0)
    assert over.any(axis=0)[part].all()
    return float(np.polyfit(crossed[part], places[part], 1)[0])


@pytest.mark.parametrize(("speed", "expected"), [(None, 1.5), (3.0, 1.0), (1.0, 0.6)])
def test_a_front_runs_at_the_speed_that_theory_gives_it(speed, expected):
    """Without delays at c = (1 - 2h)/(2h) for a kernel exp(-|x|)/2 and a step at h; with conduction 1/c is more by 1/s.

    Source: Pinto & Ermentrout (2001) SIAM J. Appl. Math. 62:206-225, for the front; for its delays see
    Coombes (2005) Biol. Cybern. 93:91-108.
    """
    delay = 0.0 if speed is None else nb.ConductionDelay(speed)
    assert front_speed(delay, 0.05, 0.01) == pytest.approx(expected, rel=0.01)
