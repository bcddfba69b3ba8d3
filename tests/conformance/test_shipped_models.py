"""Owns the known numbers of the shipped rate models, neural masses and synapses; and what holds for all shipped models.

Equilibria and eigenvalues come from the printed equations. The numbers are those of the literature,
worked out again with independent code.
"""

import importlib
import re

import numpy as np
import pytest

import nbkit as nb
from nbkit.model import shipped
from tests.conformance.one_model import Branch, drive, everything, field, integrate, period

models = nb.models

#: time unit -> a step that is short for every model
SHORT = {"ms": 0.01, "s": 1e-4, "1": 1e-3}
SPIKING = ("spiking", "integrate_and_fire")
CONTINUOUS = [name for family, members in shipped._FAMILIES.items() if family not in SPIKING for name in members]
#: states whose limits belong to the model
SATURATES = {"neural_field": {"r"}}
UNITS = {"", "ms", "s", "1/ms", "1/s", "mV", "1/mV", "mV/s", "pA", "pF", "nS", "nS/mV", "mS/cm2", "uF/cm2", "rad"}


# All of them


@pytest.mark.parametrize("family", shipped._FAMILIES)
def test_a_family_lists_all_its_models(family):
    module = importlib.import_module(f"nbkit.model.shipped.{family}")
    found = {name for name, value in vars(module).items() if isinstance(value, nb.Model)}
    assert found == set(shipped._FAMILIES[family])
    assert family not in models.names(), "a file of this name would hide the model"


def test_all_models_can_be_listed_and_each_is_named_once():
    assert set(models.names()) <= set(dir(models))
    assert len(set(models.names())) == len(models.names()) == sum(map(len, shipped._FAMILIES.values()))
    assert models.names()[0] == "wilson_cowan"


@pytest.mark.parametrize("name", CONTINUOUS)
def test_a_shipped_model_runs_from_its_own_start(name):
    """A thousand short steps with nothing but defaults: finite, and nothing is clamped to hide a blow-up."""
    model = getattr(models, name)
    dt = SHORT[model.time_unit]
    ds = nb.simulate(nb.Network({"P": nb.Population(model, 1)}, time_unit=model.time_unit), 1000 * dt, dt)
    for state in model.states:
        assert np.isfinite(ds[f"P.{state}"].to_numpy()).all()
    limited = {key for key, state in model.states.items() if state.limits is not None}
    assert limited == SATURATES.get(name, set())


@pytest.mark.parametrize("name", CONTINUOUS)
def test_a_shipped_model_says_its_units_and_its_paper(name):
    model = getattr(models, name)
    assert {p.unit for p in model.parameters.values()} | {s.unit for s in model.states.values()} <= UNITS
    assert re.search(r"\(\d{4}\)", model.source) or name == "leaky_integrator"
    other = {"ms": {"s", "1/s"}, "s": {"ms", "1/ms"}, "1": {"s", "1/s", "ms", "1/ms"}}[model.time_unit]
    assert not other & {p.unit for p in model.parameters.values()}, "times are in the model's own unit"


@pytest.mark.parametrize(
    ("name", "one", "other", "ratio"),
    [
        ("wilson_cowan", "r_in", "r_ext", 1.0),
        ("wilson_cowan_inhibitory", "r_in", "r_ext", 1.0),
        ("wilson_cowan_stp", "r_in", "r_ext", 1.0),
        ("jansen_rit", "m_in", "p", 1.0),
        ("jansen_rit_column", "m_in", "p", 45.0),
        ("jansen_rit_pyramidal", "m_e", "p", 1.0),
    ],
)
def test_two_inputs_of_one_kind_act_alike(name, one, other, ratio):
    model = getattr(models, name)
    state = np.linspace(0.3, 0.5, len(model.states))
    by_one = field(model, state, **{one: 0.7, other: 0.2})
    by_other = field(model, state, **{one: 0.0, other: 0.2 + 0.7 * ratio})
    np.testing.assert_allclose(by_one, by_other, rtol=1e-12)
    assert np.abs(by_one - field(model, state, **{one: 0.0, other: 0.2})).max() > 1e-3


# Neural fields


def test_a_unit_of_a_field_relaxes_to_its_input_within_its_limits():
    for exc, lateral in ((0.7, -0.2), (0.9, 0.4), (0.1, -3.0)):
        (r,) = drive(models.neural_field, [{"exc": exc, "lateral": lateral}], 200.0, 0.1, "r", initial={"r": 0.3})
        u = exc + lateral
        free = u + (0.3 - u) * 0.99 ** np.arange(len(r))
        np.testing.assert_allclose(r, np.clip(free, 0, 1), atol=1e-12)
        assert r[-1] == pytest.approx(np.clip(u, 0, 1), abs=1e-8)


def test_an_input_unit_is_the_positive_part_of_what_arrives_and_keeps_nothing():
    net = nb.Network({"P": nb.Population(models.rectified_input, 1)}, stimuli=[nb.Stimulus("P.u", nb.Sine(1.0, 50.0))])
    t = np.arange(401) * 0.1
    for duration in (0.1, 40.0):
        r = nb.simulate(net, duration, 0.1, record=["P.r"])["P.r"].to_numpy()[:, 0]
        np.testing.assert_allclose(r, np.maximum(np.sin(2 * np.pi * 0.05 * t[: len(r)]), 0), atol=1e-12)
    sim = nb.Simulation(net, 0.1)
    pieces = [sim.run(4.0, record=["P.r"])["P.r"].to_numpy()[:, 0] for _ in range(10)]
    assert np.array_equal(np.concatenate(pieces), r)


# Wilson and Cowan


def test_the_pair_of_1972_is_quiet_then_oscillates_then_is_steady():
    pair, dt = models.wilson_cowan_pair, 0.1
    quiet, cycle, faster, steady = (integrate(pair, [0.1, 0.05], 500, 700, dt, P=p)[0] for p in (1.0, 1.25, 1.5, 2.0))
    assert np.ptp(quiet) < 1e-6
    assert quiet[-1] == pytest.approx(0.02825, abs=5e-6)
    assert (period(cycle, dt) / 8, period(faster, dt) / 8) == pytest.approx((4.996, 3.320), abs=1e-3)
    assert (cycle.min(), cycle.max()) == pytest.approx((0.1026, 0.2697), abs=2e-4)
    assert np.ptp(steady[1000:]) < 0.8 * np.ptp(steady[:1000])


def test_the_pair_of_1972_starts_at_a_fold_and_stops_at_a_hopf():
    branch = Branch(models.wilson_cowan_pair, "E", "P", {"I": 0.01, "P": 1.0})
    assert branch.fold(0.03, 0.07) == pytest.approx(1.0873, abs=1e-4)
    value, frequency = branch.hopf(0.24, 0.26)
    assert (value, 8 * frequency) == pytest.approx((1.8795, 2.664), abs=1e-3)


def test_the_pair_without_refractory_factor_is_two_units_with_k_of_zero():
    pair = models.wilson_cowan_pair_no_refractory
    alone = nb.Network({"P": nb.Population(pair, 1, initial={"E": 0.2, "I": 0.1})})
    p = {key: parameter.default for key, parameter in pair.parameters.items()}
    units = {
        name: nb.Population(
            models.wilson_cowan,
            1,
            parameters={"k": 0.0, "tau": p[f"tau_{name}"], "s": p[f"a_{name}"], "theta": p[f"theta_{name}"]},
            initial={"r": start},
        )
        for name, start in (("e", 0.2), ("i", 0.1))
    }
    weights = {"ee": p["c1"], "ie": -p["c2"], "ei": p["c3"], "ii": -p["c4"]}
    coupled = nb.Network(units, [nb.Projection(f"{a}.r", f"{b}.r_in", weight=w) for (a, b), w in weights.items()])
    one, two = nb.simulate(alone, 100.0, 0.1), nb.simulate(coupled, 100.0, 0.1)
    assert np.ptp(one["P.E"].to_numpy()) > 0.1
    np.testing.assert_allclose(one["P.E"], two["e.r"], atol=1e-12)
    np.testing.assert_allclose(one["P.I"], two["i.r"], atol=1e-12)


def test_a_unit_with_plastic_synapses_is_the_plain_unit_beside_a_synapse():
    model, r = models.wilson_cowan_stp, 0.3
    states = {"r": r, "x": 0.7, "u": 0.5}
    got = everything(model, states, r_in=1.3, r_ext=0.4)
    plain = everything(models.wilson_cowan, {"r": r}, r_in=1.3, r_ext=0.4)
    numbers = {key: model.parameters[key].default for key in ("U", "tau_d", "tau_f")}
    synapse = everything(models.tsodyks_markram, {"x": 0.7, "u": 0.5}, r_in=0.1 * r, **numbers)
    assert got["dr"] == plain["dr"]
    assert (got["dx"], got["du"]) == pytest.approx((synapse["dx"], synapse["du"]), rel=1e-14)
    assert got["r_eff"] == pytest.approx(0.7 * 0.5 * r)


@pytest.mark.parametrize(
    ("name", "parameters", "output"),
    [
        ("leaky_integrator_sigmoid", {"r_max": 3.0, "s": 2.0, "theta": 0.5}, lambda x: 3 / (1 + np.exp(1 - 2 * x))),
        ("leaky_integrator_tanh", {}, np.tanh),
        ("leaky_integrator_threshold_linear", {"g": 2.0, "theta": 0.5}, lambda x: np.where(x > 0.5, 2 * x - 1, 0.0)),
    ],
)
def test_a_leaky_integrator_goes_to_its_input_and_shows_it_through_its_output(name, parameters, output):
    for u in (-0.3, 0.5, 0.8):
        (x,) = drive(getattr(models, name), [{"u": u}], 50.0, 0.1, "x", parameters=parameters)
        (r,) = drive(getattr(models, name), [{"u": u}], 50.0, 0.1, "r", parameters=parameters)
        np.testing.assert_allclose(x, u * (1 - 0.99 ** np.arange(len(x))), rtol=1e-10, atol=1e-15)
        np.testing.assert_allclose(r, output(x), rtol=1e-13, atol=1e-15)


# Jansen and Rit


def test_the_folds_and_hopf_points_of_jansen_and_rit():
    branch = Branch(models.jansen_rit, "y0", "p", {"y1": 20.0, "y2": 18.0, "y3": 0.0, "y4": 0.0, "y5": 0.0, "p": 100.0})
    assert (branch.fold(0.019, 0.024), branch.fold(0.05, 0.07)) == pytest.approx((113.586, -41.301), abs=1e-3)
    assert branch.hopf(0.075, 0.085)[0] == pytest.approx(-12.1475, abs=1e-3)
    for low, high, known, hertz in ((0.09, 0.1, 89.829, 10.377), (0.12, 0.13, 315.696, 11.164)):
        value, frequency = branch.hopf(low, high)
        assert (value, frequency / (2 * np.pi)) == pytest.approx((known, hertz), abs=1e-3)


def test_jansen_and_rit_show_an_alpha_rhythm():
    """Started on the cycle, which is slow to settle near the Hopf points."""
    starts = {
        120.0: [0.1140, 21.2857, 14.5275, -0.4818, 5.9571, 77.5170],
        220.0: [0.0999, 24.6189, 18.4186, -1.0379, -5.7758, -44.5452],
        310.0: [0.1228, 27.5888, 19.9871, -0.3735, -0.2623, 8.6014],
    }
    dt = 1e-3
    states = [integrate(models.jansen_rit, start, 0, 1.5, dt, p=p) for p, start in starts.items()]
    eeg = [y[1] - y[2] for y in states]
    assert [1 / period(trace, dt) for trace in eeg] == pytest.approx([10.468, 10.938, 11.155], abs=5e-3)
    assert (eeg[1].min(), eeg[1].max()) == pytest.approx((6.088, 9.034), abs=5e-3)


def test_the_three_forms_of_jansen_and_rit_are_one_model():
    start = 0.05
    six = nb.Population(models.jansen_rit, 1, initial={"y0": start, "y1": 15.0, "y2": 10.0})
    eight = nb.Population(
        models.jansen_rit_column,
        1,
        initial={"v_ein": 135.0 * start, "v_iin": 33.75 * start, "v_e": 15.0, "v_i": 10.0},
    )
    three = {
        "PC": nb.Population(models.jansen_rit_pyramidal, 1, initial={"v_e": 15.0, "v_i": 10.0}),
        "EIN": nb.Population(models.jansen_rit_interneuron, 1, initial={"v": 135.0 * start}),
        "IIN": nb.Population(models.jansen_rit_interneuron, 1, initial={"v": 33.75 * start}),
    }
    contacts = {("PC", "EIN.m_e"): 135.0, ("PC", "IIN.m_e"): 33.75, ("EIN", "PC.m_e"): 108.0, ("IIN", "PC.m_i"): 33.75}
    projections = [nb.Projection(f"{pre}.m", post, weight=w) for (pre, post), w in contacts.items()]
    net = nb.Network({"six": six, "eight": eight, **three}, projections, time_unit="s")
    ds = nb.simulate(net, 1.0, 1e-4, record=["six.eeg", "eight.eeg", "PC.eeg"])
    assert np.ptp(ds["six.eeg"].to_numpy()) > 2
    np.testing.assert_allclose(ds["eight.eeg"], ds["six.eeg"], atol=1e-9)
    np.testing.assert_allclose(ds["PC.eeg"], ds["six.eeg"], atol=1e-9)


# Synapses


@pytest.mark.parametrize("r", [5.0, 20.0, 50.0])
def test_tsodyks_markram_goes_to_its_steady_state(r):
    facilitating = {"U": 0.15, "tau_d": 0.2, "tau_f": 1.5}
    u = 0.15 * (1 + r * 1.5) / (1 + 0.15 * r * 1.5)
    x = 1 / (1 + u * r * 0.2)
    (u_run,) = drive(models.tsodyks_markram, [{"r_in": r}], 10.0, 1e-3, "u")
    (r_eff,) = drive(models.tsodyks_markram, [{"r_in": r}], 10.0, 1e-3, "r_eff", parameters=facilitating)
    assert (u_run[-1], r_eff[-1]) == pytest.approx((u, u * x * r), rel=1e-6)
    (depressed,) = drive(models.synaptic_depression, [{"r_in": r}], 10.0, 1e-3, "r_eff")
    assert depressed[-1] == pytest.approx(0.5 * r / (1 + 0.5 * r * 0.8), rel=1e-6)
    (facilitated,) = drive(models.synaptic_facilitation, [{"r_in": r}], 10.0, 1e-3, "r_eff")
    assert facilitated[-1] == pytest.approx(u * r, rel=1e-6)


def test_a_facilitating_synapse_prefers_a_rate():
    """Its efficacy u x is largest where U td tf^2 r^2 + 2 U td tf r + U (td + tf) - tf = 0: at 3.68 Hz."""
    rates = np.arange(3.0, 5.0, 0.02)
    best = (-0.09 + np.sqrt(0.09**2 + 4 * 0.0675 * 1.245)) / (2 * 0.0675)
    inputs = [{"r_in": float(r)} for r in rates]
    efficacy = np.array([trace[-1] for trace in drive(models.tsodyks_markram, inputs, 20.0, 1e-2, "r_eff")]) / rates
    assert rates[efficacy.argmax()] == pytest.approx(best, abs=0.02)


@pytest.mark.parametrize(
    ("name", "kernel"),
    [
        ("exponential_synapse", lambda t: np.exp(-t / 5)),
        ("biexponential_synapse", lambda t: (np.exp(-t / 10) - np.exp(-t)) / 9),
        ("alpha_synapse", lambda t: t / 25 * np.exp(-t / 5)),
    ],
)
def test_a_synapse_has_the_kernel_of_its_name(name, kernel):
    dt, length = 1e-3, 40.0
    pulse = np.zeros(round(length / dt))
    pulse[0] = 1 / dt
    net = nb.Network(
        {"S": nb.Population(getattr(models, name), 1)}, stimuli=[nb.Stimulus("S.r_in", nb.Recorded(pulse, dt))]
    )
    s = nb.simulate(net, length, dt)["S.s"].to_numpy()[1:, 0]
    np.testing.assert_allclose(s, kernel(dt * np.arange(len(s))), atol=2e-3 * s.max())
