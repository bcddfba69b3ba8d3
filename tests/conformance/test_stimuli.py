"""Owns the laws of stimuli and noise: what arrives is what was written, and noise has its variance for every step."""

import numpy as np
import pytest

import nbkit as nb

THROUGH = nb.Model("through", "dx/dt = -x\n y = u", states={"x": 0.0}, inputs={"u": 0.0})
LEAK = nb.Model(
    "leak", "tau*dx/dt = -x + sigma*sqrt(tau)*xi", {"x": 0.0}, {}, {"tau": nb.Parameter(10.0, "ms"), "sigma": 1.0}
)


def seen(signal: object, duration: float = 20.0, dt: float = 0.1, size: int = 1, **keywords: object) -> np.ndarray:
    net = nb.Network({"A": nb.Population(THROUGH, size)}, stimuli=[nb.Stimulus("A.u", signal, **keywords)])
    return nb.simulate(net, duration, dt, record=["A.y"], seed=3)["A.y"].to_numpy()


T = np.arange(201) * 0.1


@pytest.mark.parametrize(
    ("signal", "expected"),
    [
        (nb.Step(2.0, start=3.0), 2.0 * (np.arange(201) >= 30)),
        (nb.Pulse(3.0, "7 ms", 2.0), 2.0 * ((np.arange(201) >= 30) & (np.arange(201) < 70))),
        (nb.Ramp(5.0, 15.0, 4.0), 4.0 * np.clip((T - 5) / 10, 0, 1)),
        (nb.Sine(2.0, 50.0, phase=0.5, offset=1.0), 1 + 2 * np.sin(2 * np.pi * 0.05 * T + 0.5)),
        (nb.Expression("exp(-t/10)*(t >= 0.3)"), np.exp(-T / 10) * (np.arange(201) >= 3)),
        (nb.Expression("2"), np.full(201, 2.0)),
        (nb.Expression("(t < 4.35) - 1"), (np.arange(201) < 44) - 1.0),
    ],
)
def test_a_signal_is_its_formula(signal, expected):
    np.testing.assert_allclose(seen(signal)[:, 0], expected, atol=1e-12)
    stimulus = nb.Stimulus("A.u", signal)
    net = nb.Network({"A": nb.Population(THROUGH, 1)}, stimuli=[stimulus])
    assert nb.Network.from_json(net.to_json()) == net


def test_every_edge_falls_on_its_step_for_awkward_steps():
    for dt in (0.1, 0.3, 0.7, 1 / 3):
        for k in range(60):
            y = seen(nb.Pulse(k * dt, (k + 3) * dt, 1.0), duration=70 * dt, dt=dt)[:, 0]
            assert np.flatnonzero(y).tolist() == [k, k + 1, k + 2]


@pytest.mark.parametrize("units", [slice(1, 3), [2, 0], slice(None, None, 2), range(1, 4)])
def test_only_the_chosen_units_are_driven(units):
    y = seen(nb.Step(1.0), size=4, units=units)[0]
    expected = np.zeros(4)
    expected[list(units) if not isinstance(units, slice) else units] = 1.0
    assert y.tolist() == expected.tolist()


def test_a_recorded_array_goes_to_the_chosen_units_in_their_order():
    y = seen(nb.Recorded([[1.0, 2.0]] * 300, dt=0.1), size=4, units=[3, 1])[0]
    assert y.tolist() == [0.0, 2.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("units", "code"),
    [(slice(5, 9), "bad-units"), ([0, 4], "bad-units"), ([1, 1], "bad-units"), ("all", "bad-units"), ([], "bad-units")],
)
def test_units_that_are_not_there_are_refused(units, code):
    with pytest.raises(nb.NbkitError) as caught:
        seen(nb.Step(1.0), size=4, units=units)
    assert caught.value.code == code


def test_projections_from_and_onto_slices_are_blocks_of_the_matrix():
    rng = np.random.default_rng(0)
    block = rng.normal(size=(2, 3))
    whole = np.zeros((5, 6))
    whole[np.ix_([4, 1], [1, 2, 3])] = block
    model = nb.Model("node", "tau*dx/dt = -x + tanh(u)", {"x": 0.0}, {"u": 0.0}, {"tau": 5.0})
    populations = {"A": nb.Population(model, 6, initial={"x": rng.normal(size=6)}), "B": nb.Population(model, 5)}
    for delay in (0.0, 0.5, 10.0):
        some = nb.Projection("A.x", "B.u", weight=block, delay=delay, source_units=slice(1, 4), target_units=[4, 1])
        full = nb.Projection("A.x", "B.u", weight=whole, delay=delay)
        nets = [nb.Network(populations, [p]) for p in (some, full)]
        assert nb.Network.from_json(nets[0].to_json()) == nets[0]
        runs = [nb.simulate(net, 30.0, 0.5)["B.x"].to_numpy() for net in nets]
        np.testing.assert_allclose(runs[0], runs[1], atol=1e-14)


# ---------------------------------------------------------------- noise


@pytest.mark.parametrize("ratio", [0.05, 0.5])
def test_the_variance_of_noise_in_an_equation_is_eulers_own(ratio):
    """x' = -x/tau + noise of stationary variance 1/2 has, stepped by Euler, the variance 1/(2 - dt/tau)."""
    net = nb.Network({"A": nb.Population(LEAK, 4000)})
    dt = ratio * 10.0
    x = nb.simulate(net, 40 * 10.0, dt, seed=1)["A.x"].to_numpy()[-1]
    assert x.mean() == pytest.approx(0.0, abs=0.06)
    assert x.var() == pytest.approx(1 / (2 - ratio), rel=0.07)


def test_noise_is_independent_between_units_steps_and_populations():
    net = nb.Network(
        {"A": nb.Population(THROUGH, 40), "B": nb.Population(THROUGH, 40)},
        stimuli=[nb.Stimulus(f"{n}.u", nb.Noise(1.0)) for n in "AB"],
    )
    ds = nb.simulate(net, 200.0, 0.1, record=["A.y", "B.y"], seed=2)
    both = np.concatenate([ds["A.y"].to_numpy(), ds["B.y"].to_numpy()], axis=1)
    correlation = np.corrcoef(both.T) - np.eye(80)
    assert np.abs(correlation).max() < 5 / np.sqrt(len(both))
    shifted = np.corrcoef(both[1:].ravel(), both[:-1].ravel())[0, 1]
    assert abs(shifted) < 0.01


@pytest.mark.parametrize("dt", [0.05, 0.4])
def test_white_noise_adds_up_to_the_same_whatever_the_step(dt):
    y = seen(nb.Noise(0.7, mean=2.0), duration=40.0, dt=dt, size=2000)
    sums = (y[:-1] * dt).sum(axis=0)
    assert sums.mean() == pytest.approx(80.0, abs=0.4)
    assert sums.std() == pytest.approx(0.7 * np.sqrt(40), rel=0.06)


@pytest.mark.parametrize("dt", [0.1, 1.0, 5.0])
def test_coloured_noise_has_its_deviation_and_correlation_at_every_step(dt):
    y = seen(nb.OrnsteinUhlenbeck(0.5, tau=10.0, mean=1.0), duration=50.0, dt=dt, size=4000)
    for row in (0, len(y) // 2, -1):
        assert y[row].mean() == pytest.approx(1.0, abs=0.05)
        assert y[row].std() == pytest.approx(0.5, rel=0.05)
    lag = round(10.0 / dt)
    assert np.corrcoef(y[0], y[lag])[0, 1] == pytest.approx(np.exp(-1), abs=0.05)


def test_poisson_trains_are_independent_and_have_their_rate():
    model = nb.Model("counter", "dx/dt = 0*x", states={"x": 0.0}, events=("x",))
    net = nb.Network({"A": nb.Population(model, 2000)}, stimuli=[nb.Stimulus("A.x", nb.Poisson(50.0, weight=2.0))])
    x = nb.simulate(net, 100.0, 0.1, record=["A.x"], seed=4)["A.x"].to_numpy()
    assert (x[0] == 0).all()
    assert x[-1].mean() / 2 == pytest.approx(5.0, abs=0.2)
    assert (x[-1] / 2).var() == pytest.approx(5.0, rel=0.12)
    assert set(np.unique(np.diff(x, axis=0))) <= {0.0, 2.0, 4.0}


def noisy() -> nb.Network:
    return nb.Network(
        {"A": nb.Population(LEAK, 3), "B": nb.Population(nb.models.lif, 4)},
        stimuli=[
            nb.Stimulus("B.I_ext", nb.OrnsteinUhlenbeck(3.0, tau=5.0, mean=19.0)),
            nb.Stimulus("B.I_ext", nb.Noise(1.0), name="white"),
            nb.Stimulus("B.v", nb.Poisson(300.0, 0.5)),
        ],
    )


@pytest.mark.parametrize("chunk", [1, 7, 100])
def test_noise_does_not_depend_on_how_a_run_is_cut(chunk):
    record = ["A.x", "B.v", "B.spike"]
    whole = nb.simulate(noisy(), 70.0, 0.1, record=record, seed=6)
    sim = nb.Simulation(noisy(), dt=0.1, seed=6)
    pieces = [sim.run(chunk * 0.1, record=record) for _ in range(700 // chunk)]
    for path in ("A.x", "B.v", "B.spike_time"):
        assert np.concatenate([p[path].to_numpy() for p in pieces]).tobytes() == whole[path].to_numpy().tobytes()


def test_noise_belongs_to_its_step_and_is_not_drawn_again():
    """A delay elsewhere changes the length of a block, but not the noise; a set value keeps it too."""
    plain = nb.simulate(noisy(), 70.0, 0.1, seed=6)["A.x"].to_numpy()
    other = nb.Network(
        {**noisy().populations, "C": nb.Population(THROUGH, 1)},
        [nb.Projection("C.x", "C.u", delay=1.3)],
        noisy().stimuli,
    )
    assert nb.simulate(other, 70.0, 0.1, seed=6)["A.x"].to_numpy().tobytes() == plain.tobytes()
    sim = nb.Simulation(noisy(), dt=0.1, seed=6)
    sim.run(3.3)
    sim.set("A.sigma", 2.0)
    sim.set("A.sigma", 1.0)
    assert sim.run(66.7)["A.x"].to_numpy().tobytes() == plain[34:].tobytes()
    assert not np.array_equal(nb.simulate(noisy(), 70.0, 0.1, seed=7)["A.x"], plain)
    sim.reset()
    assert sim.run(70.0)["A.x"].to_numpy().tobytes() == plain.tobytes()


def test_noise_numbers_can_be_set():
    sim = nb.Simulation(noisy(), dt=0.1, seed=6)
    for path, value in (
        ("white.intensity", 0.0),
        ("B.I_ext.standard_deviation", 0.0),
        ("B.v.rate", 0.0),
        ("A.sigma", 0.0),
    ):
        sim.set(path, value)
    ds = sim.run(100.0, record=["A.x", "B.v"])
    assert (ds["A.x"] == 0).all()
    assert float(ds["B.v"][-1].max() - ds["B.v"][-1].min()) == 0.0


@pytest.mark.parametrize(
    "signal",
    [
        nb.Pulse(3, 3, 1.0),
        nb.Ramp(3, 1, 1.0),
        nb.Noise(-1.0),
        nb.OrnsteinUhlenbeck(1.0, tau=0),
        nb.OrnsteinUhlenbeck(-1.0, tau=1),
    ],
)
def test_signals_that_make_no_sense_are_refused(signal):
    with pytest.raises(nb.NbkitError) as caught:
        seen(signal)
    assert caught.value.code == "bad-signal"


@pytest.mark.parametrize(
    ("text", "code"),
    [("u + t", "unknown-name"), ("t.real", "attribute-access"), ("__import__('os')", "unknown-function")],
)
def test_an_expression_knows_only_time(text, code):
    with pytest.raises(nb.NbkitError) as caught:
        seen(nb.Expression(text))
    assert caught.value.code == code
