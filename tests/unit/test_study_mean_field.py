"""Owns the tests of self-consistent rates: published numbers, the equations put in again, and what is refused."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import erfcx

import nbkit as nb
from nbkit.network.shipped import microcircuit_table as table
from nbkit.study.mean_field import settle

study, networks = nb.study, nb.networks


def passage_rate(mu: float, sigma: float, neuron: dict[str, float]) -> float:
    """Siegert's formula by quadrature, with the shift for synapses."""
    shift = 1.0326265761156086 * np.sqrt(neuron["tau_syn"] / neuron["tau_m"])
    low, high = ((neuron[key] - mu) / sigma + shift for key in ("v_reset", "v_th"))
    found = quad(lambda x: erfcx(-x), low, high, epsabs=0, epsrel=1e-11)[0]
    return 1000 / (neuron["t_ref"] + neuron["tau_m"] * np.sqrt(np.pi) * found)


def test_the_microcircuit_is_predicted_as_known():
    rates = study.self_consistent_rates(networks.microcircuit(1.0))
    assert list(rates) == list(table.POPULATIONS)
    known = [0.756, 2.800, 4.440, 5.830, 7.153, 8.479, 1.161, 7.765]
    np.testing.assert_allclose(list(rates.values()), known, atol=5e-4)
    simulated = np.array(table.FULL_RATES)
    assert (np.abs(np.array(known) / simulated - 1)[1:] < 0.06).all()


def test_the_rates_of_the_microcircuit_give_themselves():
    """Mean and noise from the published table alone, the passage time by quadrature."""
    rates = np.array(list(study.self_consistent_rates(networks.microcircuit(1.0)).values()))
    sizes = np.array(table.SIZES, dtype=float)
    contacts = np.log(1 - np.array(table.PROBABILITIES)) / np.log(1 - 1 / np.outer(sizes, sizes)) / sizes[:, None]
    weights = np.where(np.arange(8) % 2, -4.0, 1.0) * 87.808493529 * np.ones((8, 8))
    weights[0, 2] *= 2
    outside = np.array(table.EXTERNAL_IN_DEGREES) * 8.0
    neuron = {"tau_m": 10.0, "t_ref": 2.0, "v_th": -50.0, "v_reset": -65.0, "tau_syn": 0.5}
    jump = 0.5 / 250
    mu = -65 + 10e-3 * jump * (contacts * weights @ rates + 87.808493529 * outside)
    variance = 10e-3 * jump**2 * (contacts * weights**2 * 1.01 @ rates + 87.808493529**2 * outside)
    again = [passage_rate(m, s, neuron) for m, s in zip(mu, np.sqrt(variance), strict=True)]
    np.testing.assert_allclose(rates, again, rtol=1e-4)  # synapse numbers are rounded in the network


def test_a_smaller_microcircuit_keeps_mean_and_noise_of_the_input():
    """At the full rates of the table; the self-consistent ones lie lower, as in simulations."""
    full = np.array(list(study.self_consistent_rates(networks.microcircuit(1.0)).values()))
    tenth = np.array(list(study.self_consistent_rates(networks.microcircuit(0.1)).values()))
    simulated = np.array([0.489, 2.116, 3.971, 5.001, 6.616, 7.829, 0.828, 7.020])
    assert (tenth < full).all()
    assert (simulated < tenth).all()


@pytest.mark.parametrize(
    ("g", "eta", "known", "estimate"), [(5.0, 2.0, 37.95, 40.0), (6.0, 4.0, 55.84, 60.0), (4.5, 0.9, 6.52, None)]
)
def test_brunels_network_is_predicted_as_known(g, eta, known, estimate):
    rate = study.brunel_rate(g, eta)
    assert rate == pytest.approx(known, abs=5e-3)
    inside, outside = rate / 1000, eta / 100  # per ms
    mu = 1000 * 0.1 * 20 * (outside + inside * (1 - g / 4))
    sigma = np.sqrt(1000 * 0.1**2 * 20 * (outside + inside * (1 + g**2 / 4)))
    neuron = {"tau_m": 20.0, "t_ref": 2.0, "v_th": 20.0, "v_reset": 10.0, "tau_syn": 0.0}
    assert rate == pytest.approx(passage_rate(mu, sigma, neuron), rel=1e-7)
    if estimate:
        assert (eta * 10 - 10) / (g / 4 - 1) == pytest.approx(estimate)
        assert rate == pytest.approx(estimate, rel=0.08)


def test_without_inhibition_the_rate_saturates():
    assert 300 < study.brunel_rate(3.0, 2.0) < 500
    assert study.brunel_rate(5.0, 0.0) == 0.0


def test_the_formula_and_the_network_agree():
    """And NEST, whose simulated rate for this network is 32.1 Hz."""
    rates = study.self_consistent_rates(networks.brunel(2500))
    assert rates["E"] == pytest.approx(rates["I"], rel=1e-9)
    assert rates["E"] == pytest.approx(study.brunel_rate(5.0, 2.0, v_reset=0.0), rel=1e-9)
    assert rates["E"] == pytest.approx(32.1, rel=0.01)


def test_gain_currents_and_laws_count():
    def pair(weight: object, gain: float = 1.0, **connection: object) -> nb.Network:
        units = nb.Population(nb.models.iaf_psc_exp, 100, {"I_e": 80.0})
        rule = connection.pop("rule", nb.FixedInDegree(50))
        e = nb.Projection("A.spike", "B.I_ex", rule=rule, weight=weight, gain=gain, delay=1.0, **connection)
        drive = [nb.Stimulus(f"{name}.I_ex", nb.Poisson(2000.0, 60.0)) for name in "AB"]
        return nb.Network({"A": units, "B": units}, [e], drive)

    plain = study.self_consistent_rates(pair(10.0))
    assert 1 < plain["A"] < plain["B"]
    assert study.self_consistent_rates(pair(5.0, 2.0)) == pytest.approx(plain)
    assert study.self_consistent_rates(pair(500.0, weight_is="total")) == pytest.approx(plain)
    assert study.self_consistent_rates(pair(10.0, rule=nb.FixedTotalNumber(5000))) == pytest.approx(plain)
    assert study.self_consistent_rates(pair(10.0, rule=nb.Bernoulli(0.5))) == pytest.approx(plain)
    assert study.self_consistent_rates(pair(nb.Normal(10.0, 0.0))) == pytest.approx(plain)
    spread = study.self_consistent_rates(pair(nb.Normal(10.0, 20.0)))["B"]
    assert spread == pytest.approx(
        study.self_consistent_rates(pair(nb.Uniform(10 - 20 * 3**0.5, 10 + 20 * 3**0.5)))["B"]
    )
    assert spread > plain["B"] + 0.1


def test_the_start_decides_between_two_states():
    """Excitation alone: silence, and a state that keeps itself up."""
    units = nb.Population(nb.models.iaf_psc_delta, 100, {"E_L": 0.0, "V_th": 20.0, "V_reset": 10.0, "tau_m": 20.0})
    e = nb.Projection("A.spike", "A.V_m", rule=nb.FixedInDegree(100), weight=0.3, delay=1.0)
    net = nb.Network({"A": units}, [e], [nb.Stimulus("A.V_m", nb.Poisson(1000.0, 0.3))])
    low = study.self_consistent_rates(net)["A"]
    high = study.self_consistent_rates(net, start={"A": 300.0})["A"]
    assert low < 1
    assert 100 < high < 500


def test_what_never_rests_is_told():
    with pytest.raises(nb.NbkitError, match="does not come to rest"):
        settle(lambda rates: rates + 1.0, np.zeros(1))


# What is refused


def net(**change: object) -> nb.Network:
    units = nb.Population(change.get("model", nb.models.iaf_psc_exp), 10, change.get("parameters", {}))
    connection = {"rule": nb.FixedInDegree(5), "weight": 1.0, "delay": 1.0} | change.get("connection", {})
    projection = nb.Projection("A.spike", "A.I_ex", **connection)
    stimuli = [nb.Stimulus(*change["stimulus"])] if "stimulus" in change else []
    return nb.Network({"A": units}, [projection] if change.get("coupled", True) else [], stimuli)


@pytest.mark.parametrize(
    ("call", "codes"),
    [
        (lambda: study.self_consistent_rates(net(connection={"delay": -1.0})), ["delay-negative"]),
        (lambda: study.self_consistent_rates(net(model=nb.models.lif, coupled=False)), ["bad-type"]),
        (lambda: study.self_consistent_rates(net(parameters={"tau_m": nb.Uniform(8, 12)})), ["bad-value"]),
        (lambda: study.self_consistent_rates(net(parameters={"tau_syn_in": 5.0})), ["bad-value"]),
        (lambda: study.self_consistent_rates(net(connection={"weight": nb.Lorentzian(1.0, 1.0)})), ["bad-law"]),
        (
            lambda: study.self_consistent_rates(
                net(connection={"weight": np.ones((10, 5)), "rule": nb.AllToAll(), "source_units": slice(0, 5)})
            ),
            ["bad-type", "bad-type"],
        ),
        (lambda: study.self_consistent_rates(net(stimulus=("A.I_stim", nb.Step(1.0)))), ["bad-type"]),
        (lambda: study.self_consistent_rates(net(), start={"B": 1.0, "A": -1.0}), ["unknown-population", "bad-value"]),
        (
            lambda: study.self_consistent_rates(
                nb.Network({"A": nb.Population(nb.models.leaky_integrator, 3)}, [nb.Projection("A.x", "A.u")])
            ),
            ["bad-type", "bad-type"],
        ),
        (lambda: study.brunel_rate(-1.0, 2.0, contacts=0), ["bad-value", "bad-value"]),
        (lambda: study.brunel_rate(5.0, 2.0, v_reset=30.0), ["bad-value"]),
    ],
)
def test_what_the_theory_does_not_know_is_refused(call, codes):
    with pytest.raises(nb.NbkitError) as caught:
        call()
    assert [problem.code for problem in caught.value.problems] == codes


def test_a_network_in_seconds_is_refused():
    with pytest.warns(nb.NbkitNote):
        seconds = nb.Network({"A": nb.Population(nb.models.iaf_psc_exp, 3)}, time_unit="s")
    with pytest.raises(nb.NbkitError, match="networks in ms"):
        study.self_consistent_rates(seconds)


@pytest.mark.parametrize(
    ("call", "code", "where"),
    [
        (lambda: study.self_consistent_rates(3), "bad-type", "network"),
        (lambda: study.self_consistent_rates(networks.brunel(order=20), 3), "bad-type", "start"),
        (lambda: study.self_consistent_rates(networks.brunel(order=20), "a"), "bad-type", "start"),
        (lambda: study.self_consistent_rates(networks.brunel(order=20), np.ones(2)), "bad-type", "start"),
        (lambda: study.brunel_rate(1e300, 2.0), "bad-value", "brunel_rate"),
        (lambda: study.brunel_rate(5.0, 2.0, psp=1e-300, tau_m=1e-300), "bad-value", "brunel_rate"),
        (lambda: study.brunel_rate(1e30, 2.0), "not-finite", "self-consistent rates"),
        (lambda: study.brunel_rate("5", 2.0), "bad-value", "brunel_rate.g"),
    ],
)
def test_what_is_no_network_is_refused(call, code, where):
    with pytest.raises(nb.NbkitError) as caught:
        call()
    assert (caught.value.code, caught.value.where) == (code, where)
