"""Law: the formulas behind ready predictions equal a second way to the same number: a loop, an integral, a matrix."""

import math
from functools import partial

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq

import nbkit as nb
from nbkit.study.flow import flow_of
from nbkit.study.mean_inputs import mean_inputs
from nbkit.study.random_matrices import Columns, eigenvalues
from nbkit.study.stepped_rates import OVERSHOOT, equivalent, threshold_shift

study = nb.study


# A leak


def test_the_closed_forms_of_a_leak():
    assert study.leak_value(7.0, tau=3.0, start=2.0, goal=-1.0) == pytest.approx(-1 + 3 * math.exp(-7 / 3))
    x = 2.0
    for _ in range(14):
        x += 0.5 * (-x - 1) / 3
    assert study.leak_value(7.0, tau=3.0, start=2.0, goal=-1.0, dt=0.5) == pytest.approx(x, rel=1e-13)
    assert [study.leak_manner(dt, 2.0).split()[0] for dt in (1.0, 2.0, 3.0, 4.0, 5.0)] == [
        "falls", "is", "rings:", "swings", "blows",
    ]  # fmt: skip


def test_the_variance_of_a_leak_is_that_of_its_autoregression():
    for ratio in (0.01, 0.1, 1.0, 1.5):
        kept, tau = 1 - ratio, 4.0
        added = (ratio / math.sqrt(ratio * tau)) ** 2 * 9
        assert study.leak_variance(3.0, tau=tau, dt=ratio * tau) == pytest.approx(added / (1 - kept**2))
    assert study.leak_variance(3.0, tau=4.0) == pytest.approx(9 / 8)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (partial(study.leak_value, 1.05, tau=1.0, start=1.0, dt=0.1), "duration-off-grid"),
        (partial(study.leak_value, 1e5, tau=1.0, start=1.0, dt=50.0), "not-finite"),
        (partial(study.leak_value, -1.0, tau=1.0, start=1.0), "bad-value"),
        (partial(study.leak_variance, 1.0, tau=1.0, dt=2.0), "bad-step"),
        (partial(study.leak_manner, 0.0, 1.0), "bad-value"),
        (partial(study.siegert_rate_stepped, 15.0, 5.0, 20.0), "bad-step"),
        (partial(study.siegert_rate_stepped, 15.0, 5.0, 1.0, method="heun"), "bad-choice"),
        (partial(study.lif_rate_exact, 25.0, 0.0), "bad-value"),
        (partial(study.qif_states, 1.0, 1.0, 0.0), "bad-value"),
        (partial(study.random_network_variance, -1.0), "bad-value"),
    ],
)
def test_numbers_that_make_no_unit_are_refused(call, code):
    with pytest.raises(nb.NbkitError) as caught:
        call()
    assert caught.value.problems[0].code == code


# Neurons


def test_the_rate_of_an_exact_membrane_is_that_of_a_loop():
    for mu in (20.3, 24.0, 35.0, 90.0):
        for dt in (0.1, 1.0, 3.0):
            v, steps = 10.0, 0
            while v < 20.0:
                v, steps = mu + (v - mu) * math.exp(-dt / 20.0), steps + 1
            assert study.lif_rate_exact(mu, dt) == pytest.approx(1000 / (2 + steps * dt))
    assert study.lif_rate_exact([20.0, 5.0], 0.1).tolist() == [0.0, 0.0]


def test_the_overshoot_of_a_random_walk():
    """Beyond a far barrier, by steps of unit noise without a drift and with one."""
    assert pytest.approx(0.5825971579) == OVERSHOOT
    generator = np.random.default_rng(1)
    for drift in (0.1, 0.3):
        place, beyond = np.zeros(100_000), []
        while place.size:
            place = place + drift + generator.standard_normal(place.size)
            beyond.append(place[place >= 8.0] - 8.0)
            place = place[place < 8.0]
        mean = np.concatenate(beyond).mean()
        # a neuron of dt = tau = 1 whose noise is 1 and whose input is the drift above the threshold
        assert mean == pytest.approx(threshold_shift(drift, 1.0, 1.0, 1.0, 0.0), abs=0.006)


def test_steps_are_samples_of_a_continuous_neuron():
    """Euler's chain keeps 1 - dt/tau and adds sigma sqrt(dt/tau): variance and memory are those of the equivalent."""
    sigma, dt, tau = 3.0, 2.0, 20.0
    for method, kept in (("euler", 0.9), ("exact", math.exp(-0.1))):
        found, noise = equivalent(sigma, dt, tau, method)
        added = sigma * (1 - kept) * math.sqrt(tau / dt)
        assert math.exp(-dt / found) == pytest.approx(kept)
        assert noise**2 / 2 == pytest.approx(added**2 / (1 - kept**2))
    assert study.siegert_rate_stepped(15.0, 5.0, 1e-9) == pytest.approx(study.siegert_rate(15.0, 5.0), rel=1e-4)
    assert study.siegert_rate_stepped(30.0, 0.0, 0.1) == pytest.approx(study.lif_rate(30.0), rel=5e-3)


# Quadratic units


@pytest.mark.parametrize(
    ("eta", "coupling", "width"), [(-5.0, 15.0, 1.0), (-2.0, 15.0, 1.0), (-9.0, 20.0, 2.0), (1.0, -5.0, 0.3)]
)
def test_quadratic_states_are_where_the_flow_rests(eta, coupling, width):
    net = nb.Network({"N": nb.Population(nb.models.qif_mean_field, 1)}, time_unit="1")
    flow = flow_of(net.with_value("N.eta", eta).with_value("N.J", coupling).with_value("N.Delta", width))
    for state in study.qif_states(eta, coupling, width):
        point = [state.rate, state.potential]
        np.testing.assert_allclose(flow.speed(point), 0.0, atol=1e-9)
        assert state.stable == bool((np.linalg.eigvals(flow.slopes(point)).real < 0).all())


def test_folds_and_cusp():
    (active, high), (quiet, low) = study.qif_folds(15.0)
    assert (active, quiet) == (pytest.approx(-5.743527), pytest.approx(-3.136134))
    assert low < high
    for eta, gone in ((active, -1), (quiet, 1)):
        assert len(study.qif_states(eta - gone * 1e-6, 15.0)) == 3
        assert len(study.qif_states(eta + gone * 1e-6, 15.0)) == 1
    assert study.qif_cusp() == (pytest.approx(-math.sqrt(3)), pytest.approx(7.796217))
    assert study.qif_cusp(4.0) == (pytest.approx(-4 * math.sqrt(3)), pytest.approx(2 * 7.796217))
    assert study.qif_folds(7.79) == ()
    near = study.qif_folds(7.7963)
    assert near[1][0] - near[0][0] < 1e-4


# Random networks


def test_the_variance_of_a_random_network():
    """By the integral as it is printed."""

    def moment(power, variance):
        def share(z):
            return np.log(np.cosh(math.sqrt(variance) * z)) ** power * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

        return 2 * quad(share, 0, 12, epsabs=1e-13)[0]

    for g in (1.2, 1.5, 3.0):
        variance = brentq(lambda d, g=g: d * d / 2 - g**2 * (moment(2, d) - moment(1, d) ** 2), 0.1, g * g, xtol=1e-12)
        assert study.random_network_variance(g) == pytest.approx(variance, rel=1e-8)
    assert study.random_network_variance(1.0) == 0.0
    assert study.random_network_variance(1.001) == pytest.approx(0.001, rel=0.01)


def test_half_of_the_eigenvalues_of_unlike_columns():
    """Against a matrix of 600 units."""
    generator = np.random.default_rng(3)
    deviations = np.where(np.arange(600) < 480, 0.5, 2.0)
    drawn = np.abs(np.linalg.eigvals(generator.standard_normal((600, 600)) * deviations / math.sqrt(600)))
    told = eigenvalues([Columns(0.8, 0.0, 0.25 / 600), Columns(0.2, 0.0, 4.0 / 600)], 600, 600)
    assert np.median(drawn) == pytest.approx(told.half, rel=0.03)
    assert drawn.max() == pytest.approx(told.radius, rel=2 / math.sqrt(600 * told.evenness))
    alike = eigenvalues([Columns(1.0, 0.0, 1.0)], 100, 100)
    assert alike.evenness == pytest.approx(1.0)
    assert alike.half == pytest.approx(alike.radius / math.sqrt(2))


# Circuits of neurons


def alone(model, parameters, initial, stimuli):
    return nb.Network({"N": nb.Population(model, 1, parameters, initial)}, stimuli=stimuli)


def test_the_size_of_a_spike_is_what_a_neuron_shows():
    numbers = {"tau_m": 10.0, "C_m": 250.0, "E_L": 0.0, "V_th": 100.0, "tau_syn_ex": 0.5, "tau_syn_in": 0.5}
    spike = nb.Stimulus("N.I_ex", nb.SpikeTimes([1.0]))
    ds = nb.simulate(alone(nb.models.iaf_psc_exp, numbers, {"V_m": 0.0}, [spike]), 20.0, 0.01, record=["N.V_m"])
    poisson = nb.Stimulus("N.I_ex", nb.Poisson(1000.0, 1.0))
    found = mean_inputs(alone(nb.models.iaf_psc_exp, numbers, {}, [poisson]), {"N": 0.0})["N"]
    assert float(ds["N.V_m"].max()) == pytest.approx(found.jump, rel=1e-3)
    assert found.outside == pytest.approx(10.0 / 250.0 * 0.5)
    assert found.share == pytest.approx(found.jump / 100)
