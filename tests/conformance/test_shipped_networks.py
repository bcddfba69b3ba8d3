"""Owns what holds for the networks that come with nbkit: they run, keep themselves in files and code, and refuse."""

import importlib

import numpy as np
import pytest

import nbkit as nb
from nbkit.errors import CODES
from nbkit.network import shipped
from tests.unit.test_code import again

networks = nb.networks

SMALL = {
    "microcircuit": lambda: networks.microcircuit(0.02),
    "brunel": lambda: networks.brunel(50),
    "brunel with alpha": lambda: networks.brunel(50, "alpha"),
    "balanced": lambda: networks.balanced(60, 0.2, tau=nb.LogNormal(10.0, 5.0)),
    "rhythm": networks.rhythm,
    "rhythm with delays": lambda: networks.rhythm(delay=2.0),
    "moving_bump": networks.moving_bump,
}


def test_networks_can_be_listed_and_no_file_hides_one():
    assert set(networks.names()) < set(dir(networks))
    assert {name.split()[0] for name in SMALL} == set(networks.names())
    for file in set(shipped._FILES.values()):
        assert file not in networks.names()
        importlib.import_module(f"nbkit.network.shipped.{file}")
    with pytest.raises(AttributeError, match="did you mean 'brunel'"):
        networks.brunell


@pytest.mark.parametrize("name", SMALL)
def test_a_shipped_network_is_right_and_runs(name):
    net = SMALL[name]()
    assert net.check() == []
    ds = nb.simulate(net, 40.0, 0.1, seed=1)
    states = [key for key in ds.data_vars if "time" in ds[key].dims]
    assert all(np.isfinite(ds[key]).all() for key in states)
    assert any(ds[key].std() > 1e-3 for key in states) or not states
    if any(p.model.spiking is not None for p in net.populations.values()):
        assert sum(ds[f"{p}.spike_time"].size for p in net.populations) > 10


@pytest.mark.parametrize("name", SMALL)
def test_a_shipped_network_survives_json_code_and_link(name):
    net = SMALL[name]()
    assert nb.Network.from_json(net.to_json()) == net
    assert again(net) == net
    assert nb.Network.from_link(net.to_link()) == net
    for population in net.populations.values():
        assert f"nb.models.{population.model.name}" in net.to_code()


# Brunel


def test_the_full_network_is_that_of_nests_example():
    net = networks.brunel(2500)
    assert [p.count for p in net.populations.values()] == [10000, 2500]
    assert {p.name: (p.rule.in_degree, p.weight, p.delay) for p in net.projections} == {
        "E->E": (1000, 0.1, 1.5),
        "E->I": (1000, 0.1, 1.5),
        "I->E": (250, -0.5, 1.5),
        "I->I": (250, -0.5, 1.5),
    }
    assert sum(p.rule.in_degree * net.populations[p.target[0]].count for p in net.projections) == 15_625_000
    for stimulus in net.stimuli:
        assert stimulus.signal.rate == pytest.approx(20_000.0)
        assert stimulus.signal.weight == 0.1
    assert [net.value(f"E.{key}") for key in ("tau_m", "t_ref", "V_th", "V_reset", "E_L")] == [20, 2, 20, 0, 0]


def test_an_alpha_spike_has_the_peak_that_was_asked_for():
    """The potential of one spike on a fine grid; and the drive brings the mean potential to the threshold."""
    net = networks.brunel(2500, "alpha", eta=1.0)
    weight = net.value("E->E.weight")
    t, tau_m, tau_s, capacitance = np.linspace(0, 10, 1_000_001), 20.0, 0.5, 250.0
    slope = 1 / tau_s - 1 / tau_m
    rise = (np.exp(-t / tau_m) - np.exp(-t / tau_s)) / slope**2 - t * np.exp(-t / tau_s) / slope
    assert (weight * np.e / (tau_s * capacitance) * rise).max() == pytest.approx(0.1, rel=1e-9)
    charge = net.stimuli[0].signal.rate / 1000 * weight * np.e * tau_s
    assert charge * tau_m / capacitance == pytest.approx(20.0, rel=1e-12)
    assert {p.name: p.target for p in net.projections}["I->E"] == "E.dI_in"
    assert net.value("I->E.weight") == pytest.approx(-5 * weight)


def test_a_smaller_network_keeps_the_mean_input():
    small, large = networks.brunel(250), networks.brunel(2500)
    for net in (small, large):
        ee = net.projections[0]
        assert ee.rule.in_degree * ee.weight == pytest.approx(100.0)
        assert net.stimuli[0].signal.rate * net.stimuli[0].signal.weight == pytest.approx(2000.0)
    assert networks.brunel(250, psp=0.1).value("E->E.weight") == 0.1


def test_the_network_fires_at_the_rate_of_the_theory_and_is_quiet_without_drive():
    net = networks.brunel(500)
    predicted = nb.study.self_consistent_rates(net)["E"]
    ds = nb.simulate(net, 300.0, 0.1, seed=3)
    measured = float(nb.analysis.rate(ds, "E", discard=100.0)["E.rate"].mean())
    assert measured == pytest.approx(predicted, rel=0.1)
    quiet = nb.simulate(networks.brunel(100, eta=0.3), 100.0, 0.1, seed=3)
    assert quiet["E.spike_time"].size < 10


# Balanced


def test_a_balanced_network_has_exactly_the_synapses_asked_for():
    net = networks.balanced(100, 0.07, gain=2.0)
    rule = net.projections[0].rule
    assert (rule.number, rule.autapses, rule.multapses) == (700, False, False)
    assert net.value("N->N.gain") == 2.0
    assert networks.balanced(10, 1.0, autapses=True).projections[0].rule.number == 100


def test_weak_random_coupling_is_silent_and_strong_coupling_is_not():
    """Chaos begins where gain times standard deviation passes 1."""
    ends = []
    for gain in (0.5, 2.5):
        net = networks.balanced(300, 0.3, mean=0.0, gain=gain)
        ends.append(float(nb.simulate(net, 400.0, 0.5, seed=2)["N.x"][-1].std()))
    assert ends[0] < 1e-6
    assert ends[1] > 0.5


# What is refused


@pytest.mark.parametrize(
    ("make", "codes"),
    [
        (lambda: networks.microcircuit(0.0), ["bad-value"]),
        (lambda: networks.microcircuit(1.5, k_scale=-1), ["bad-value", "bad-value"]),
        (lambda: networks.microcircuit("big"), ["bad-value"]),
        (
            lambda: networks.microcircuit([], 0.1, background="possion", v0=3, resolution=5.0),
            ["bad-value", "bad-choice", "bad-choice", "bad-value"],
        ),
        (lambda: networks.microcircuit(0.008), ["bad-rule"]),
        (lambda: networks.microcircuit(0.1, 1e-4), ["bad-rule"] * 13),
        (lambda: networks.microcircuit(0.1, 1e-4, background="dc"), ["bad-rule"] * 5),
        (lambda: networks.microcircuit(0.0004, 1.0), ["bad-size"]),
        (lambda: networks.brunel(0, "beta", g=-1), ["bad-size", "bad-choice", "bad-value"]),
        (lambda: networks.brunel(10, epsilon=0.01), ["bad-size"]),
        (lambda: networks.brunel(10, eta=np.nan, psp=0, delay=0), ["bad-value"] * 3),
        (lambda: networks.brunel(10, epsilon=2.0), ["bad-value"]),
        (lambda: networks.balanced(2.5, 0.0), ["bad-size", "bad-value"]),
        (lambda: networks.balanced(10, 1.0), ["bad-rule"]),
        (lambda: networks.balanced(10, 0.5, fraction=1.0), ["bad-law"]),
        (lambda: networks.balanced(10, 0.5, tau=-1.0), ["outside-limits"]),
    ],
)
def test_what_makes_no_network_is_refused_all_at_once(make, codes):
    with pytest.raises(nb.NbkitError) as caught:
        make()
    assert [problem.code for problem in caught.value.problems] == codes
    assert set(codes) <= set(CODES)
    assert all(problem.where and problem.hint for problem in caught.value.problems)


def test_a_scale_that_loses_synapses_says_whose():
    with pytest.raises(nb.NbkitError, match=r"L5I->L4E.*7003 synapses"):
        networks.microcircuit(0.008)
    with pytest.raises(nb.NbkitError, match="did you mean 'poisson'"):
        networks.microcircuit(background="possion")


def test_a_poisson_source_sends_what_arrives_and_all_its_targets_share_it():
    source = nb.Population(nb.models.poisson_source, 50)
    target = nb.Population(nb.models.iaf_psc_exp, 3, parameters={"V_th": 1e9})
    onto = nb.Projection("S.spike", "T.I_ex", rule=nb.AllToAll(), weight=1.0, delay=1.5)
    train = nb.Stimulus("S.n", nb.Poisson(2000.0, 1.0, start=20.0, stop=120.0))
    net = nb.Network({"S": source, "T": target}, [onto], [train])
    ds = nb.simulate(net, 200.0, 0.1, record=["S.spike", "T.I_ex"])
    times = ds["S.spike_time"].to_numpy()
    assert times.size == pytest.approx(50 * 2000 * 0.1, abs=4 * np.sqrt(50 * 2000 * 0.1))
    assert 20.0 < times.min() < 20.3
    assert 119.5 < times.max() < 122.0
    assert (ds["T.I_ex"].values == ds["T.I_ex"].values[:, :1]).all()
    assert ds["T.I_ex"].values.max() > 5.0


def test_the_thalamus_wakes_the_layers_that_it_reaches():
    net = nb.networks.microcircuit(0.1, k_scale=0.02, thalamus=(30.0, 40.0))
    assert net.populations["TC"].count == 902
    reached = {p.target for p in net.projections if p.source == "TC.spike"}
    assert reached == {"L4E.I_ex", "L4I.I_ex", "L6E.I_ex", "L6I.I_ex"}
    ds = nb.simulate(net, 60.0, 0.1)
    relayed = ds["TC.spike_time"].to_numpy()
    assert relayed.size == pytest.approx(902 * 1.2, abs=4 * np.sqrt(902 * 1.2))
    assert 31.0 < relayed.min() <= relayed.max() < 42.0


@pytest.mark.parametrize("window", [5.0, (1.0,), (3.0, 2.0), (-1.0, 4.0), ("a", "b")])
def test_a_window_of_the_thalamus_that_is_none_is_refused(window):
    with pytest.raises(nb.NbkitError, match="thalamus"):
        nb.networks.microcircuit(0.1, thalamus=window)
