"""Owns the laws of delays: a pulse arrives when it should, whatever else is going on."""

import numpy as np
import pytest

import nbkit as nb

DT = 1.0
RELAY = nb.Model(
    "relay",
    "tau*dx/dt = -x + u\n y = u",
    states={"x": 0.0},
    inputs={"u": 0.0},
    parameters={"tau": 1.0},
)  # with dt = tau, x[k+1] = u[k]: what comes in is passed on one step later


def pulse(at: int, length: int = 300) -> nb.Recorded:
    array = np.zeros(length)
    array[at] = 1.0
    return nb.Recorded(array, dt=DT)


def arrivals(net: nb.Network, path: str, steps: int = 200) -> list[int]:
    row = nb.simulate(net, steps * DT, DT, record=[path])[path].to_numpy()[:, 0]
    assert set(np.unique(row)) <= {0.0, 1.0}
    return list(np.flatnonzero(row))


def relays(*names: str) -> dict[str, nb.Population]:
    return {name: nb.Population(RELAY, 1) for name in names}


@pytest.mark.parametrize("delay", range(1, 65))
@pytest.mark.parametrize("at", [0, 37])
def test_a_pulse_arrives_exactly_d_steps_later(delay, at):
    net = nb.Network(relays("A", "B"), [nb.Projection("A.x", "B.u", delay=delay)], [nb.Stimulus("A.u", pulse(at))])
    assert arrivals(net, "A.x") == [at + 1]
    assert arrivals(net, "B.y") == [at + 1 + delay]
    assert arrivals(net, "B.x") == [at + 2 + delay]


@pytest.mark.parametrize("delay", [1, 5, 8, 9, 64])
def test_an_algebraic_source_arrives_exactly_d_steps_later(delay):
    net = nb.Network(relays("A", "B"), [nb.Projection("A.y", "B.u", delay=delay)], [nb.Stimulus("A.u", pulse(20))])
    assert arrivals(net, "B.y") == [20 + delay]


@pytest.mark.parametrize(("first", "second"), [(10, 20), (20, 10), (3, 64), (64, 3), (12, 12)])
def test_two_delayed_projections_to_two_targets_keep_their_own_delays(first, second):
    projections = [nb.Projection("A.x", "B.u", delay=first), nb.Projection("A.x", "C.u", delay=second)]
    net = nb.Network(relays("A", "B", "C"), projections, [nb.Stimulus("A.u", pulse(5))])
    assert arrivals(net, "B.y") == [6 + first]
    assert arrivals(net, "C.y") == [6 + second]


@pytest.mark.parametrize(("first", "second"), [(10, 20), (20, 10), (3, 64), (64, 3)])
def test_two_delayed_projections_to_one_target_keep_their_own_delays(first, second):
    projections = [
        nb.Projection("A.x", "B.u", delay=first, name="first"),
        nb.Projection("A.x", "B.u", delay=second, name="second"),
    ]
    net = nb.Network(relays("A", "B"), projections, [nb.Stimulus("A.u", pulse(5))])
    assert arrivals(net, "B.y") == sorted([6 + first, 6 + second])


@pytest.mark.parametrize("delay", [1, 9, 40])
def test_before_zero_a_source_had_its_initial_value_or_zero(delay):
    for history, expected in (("initial", 0.5), ("zero", 0.0)):
        populations = {"A": nb.Population(RELAY, 2, initial={"x": 0.5}), "B": nb.Population(RELAY, 2)}
        projection = nb.Projection("A.x", "B.u", rule=nb.OneToOne(), delay=delay, history=history)
        ds = nb.simulate(nb.Network(populations, [projection]), 100, DT, record=["B.y", "A.x"])
        assert np.all(ds["B.y"][:delay] == expected)
        assert np.all(ds["B.y"][delay] == 0.5)
        assert np.all(ds["B.y"][delay + 1 :] == 0.0)


@pytest.mark.parametrize("delays", [(5, 30), (30, 5), (9, 9)])
def test_two_histories_of_one_source_do_not_mix(delays):
    populations = {"A": nb.Population(RELAY, 1, initial={"x": 0.5}), **relays("B", "C")}
    projections = [
        nb.Projection("A.x", "B.u", delay=delays[0], history="zero"),
        nb.Projection("A.x", "C.u", delay=delays[1], history="initial"),
    ]
    ds = nb.simulate(nb.Network(populations, projections), 80, DT, record=["B.y", "C.y"])
    assert np.flatnonzero(ds["B.y"][:, 0].to_numpy()).tolist() == [delays[0]]
    assert np.flatnonzero(ds["C.y"][:, 0].to_numpy()).tolist() == list(range(delays[1] + 1))


def test_a_gamma_delay_has_the_mean_and_the_standard_deviation_that_were_asked_for():
    dt, mean, spread = 0.01, 5.0, 1.0
    relay = {name: nb.Population(RELAY, 1, parameters={"tau": dt}) for name in ("A", "B")}
    array = np.zeros(3000)
    array[0] = 1.0
    projection = nb.Projection("A.x", "B.u", delay=mean, spread=spread)
    net = nb.Network(relay, [projection], [nb.Stimulus("A.u", nb.Recorded(array, dt=dt))])
    kernel = nb.simulate(net, 20.0, dt, record=["B.y"])["B.y"].to_numpy()[:, 0]
    time = np.arange(len(kernel)) * dt - dt  # the pulse is in A at sample 1
    got = (time * kernel).sum() / kernel.sum()
    variance = ((time - got) ** 2 * kernel).sum() / kernel.sum()
    stages, rate = 25, 25 / mean
    assert kernel.sum() == pytest.approx(1.0, abs=1e-12)  # nothing is lost on the way
    assert got == pytest.approx(mean, abs=1e-9)
    assert variance == pytest.approx(stages / rate**2 - mean * dt, abs=1e-9)  # Euler's own value; 1.0 as dt -> 0


@pytest.mark.parametrize(("dt", "first_unstable"), [(0.1, 11), (0.05, 24), (0.02, 60)])
def test_delayed_feedback_turns_unstable_at_the_bound_of_the_discrete_equation(dt, first_unstable):
    """x' = -x - 2 tanh(x(t-d)): one step of delay decides, where the roots of z^(k+1) - (1-h) z^k + 2h = 0 say."""
    model = nb.Model("x", "dx/dt = -x + u\n f = tanh(x)", states={"x": 0.001}, inputs={"u": 0.0}, time_unit="1")
    for steps in (first_unstable - 1, first_unstable):
        projection = nb.Projection("E.f", "E.u", weight=-2.0, delay=steps * dt)
        net = nb.Network({"E": nb.Population(model, 1)}, [projection], time_unit="1")
        x = np.abs(nb.simulate(net, 400.0, dt)["E.x"].to_numpy()[:, 0])
        part = round(30 / dt)
        grows = x[-part:].max() > x[part : 2 * part].max()
        roots = np.roots([1.0, dt - 1.0, *[0.0] * (steps - 1), 2 * dt])
        assert grows == (np.abs(roots).max() > 1) == (steps == first_unstable)
