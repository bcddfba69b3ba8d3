"""Owns the known bifurcations of shipped models, against closed forms and numbers of the literature."""

import math

import numpy as np
import pytest

import nbkit as nb

models = nb.models


def alone(model, unit="ms", parameters=None, **drives):
    """One unit of a model, with a constant drive onto each of some inputs."""
    stimuli = [nb.Stimulus(f"P.{name}", nb.Step(value)) for name, value in drives.items()]
    return nb.Network({"P": nb.Population(model, 1, parameters=parameters or {})}, stimuli=stimuli, time_unit=unit)


def events(branch, kind):
    """Where the events of a kind lie along a branch, in its order."""
    return branch[branch.attrs["parameter"]].values[branch["event"].values == kind]


def frequencies(branch):
    return branch["frequency"].values[branch["event"].values == "Hopf"]


def pair_of_units(**delays):
    """The pair of 1972 with the sigmoid's shifted maximum taken for 1, as two units of `wilson_cowan`."""
    numbers = {"E": {"s": 1.3, "theta": 4.0, "tau": 8.0}, "I": {"s": 2.0, "theta": 3.7, "tau": 8.0}}
    units = {name: nb.Population(models.wilson_cowan, 5, parameters=held) for name, held in numbers.items()}
    weights = {"EE": 16.0, "IE": -12.0, "EI": 15.0, "II": -3.0}
    return nb.Network(
        units,
        [
            nb.Projection(f"{a}.r", f"{b}.r_in", weight=w, weight_is="total", delay=delays.get(a + b, 0.0))
            for (a, b), w in weights.items()
        ],
        [nb.Stimulus("E.r_ext", nb.Step(1.0))],
    )


# Wilson and Cowan


def test_the_pair_of_1972_loses_its_low_state_in_a_fold_and_its_rhythm_in_a_hopf_point():
    branch = nb.study.continuation(alone(models.wilson_cowan_pair, P=1.0), "P.P.amplitude", 0.0, 3.0)
    low, _ = events(branch, "fold")
    assert low == pytest.approx(1.0873, abs=1e-4)
    assert events(branch, "Hopf") == pytest.approx([1.8795], abs=1e-3)
    assert frequencies(branch) * 2 * math.pi * 8e-3 == pytest.approx([2.664], abs=1e-3)
    assert branch["kind"].values[[0, -1]].tolist() == ["stable node", "stable focus"]


def test_the_convention_of_one_differs_by_two_per_cent():
    branch = nb.study.continuation(pair_of_units(), "E.r_ext.amplitude", 0.0, 3.0)
    assert events(branch, "fold")[0] == pytest.approx(1.0830, abs=1e-4)
    assert events(branch, "Hopf") == pytest.approx([1.9093], abs=1e-3)


def test_with_delays_the_branch_is_the_same_and_its_stability_is_not_told():
    plain = nb.study.continuation(pair_of_units(), "E.r_ext.amplitude", 0.0, 3.0)
    delayed = nb.study.continuation(pair_of_units(EI=2.0, IE=2.0), "E.r_ext.amplitude", 0.0, 3.0)
    np.testing.assert_allclose(events(delayed, "fold"), events(plain, "fold"), rtol=1e-10)
    assert len(events(delayed, "Hopf")) == 0
    assert np.isnan(delayed["eigenvalue_real"]).all()
    assert np.isnan(delayed["unstable"]).all()
    assert set(delayed["kind"].values) == {"not told: the network has delays"}
    assert delayed.attrs["note"] == "Stability not told: the network has delays of 2 ms; Hopf points are not looked for"


# Quadratic neurons


def test_the_mean_field_of_quadratic_neurons_lies_on_its_closed_form():
    branch = nb.study.continuation(alone(models.qif_mean_field, "1"), "P.eta", -10.0, 0.0)
    r, v, eta = (branch[path].values for path in ("P.r", "P.v", "P.eta"))
    np.testing.assert_allclose(v, -1 / (2 * np.pi * r), rtol=1e-9)
    np.testing.assert_allclose(eta, (np.pi * r) ** 2 - 15 * r - v**2, atol=1e-9)
    assert eta[[0, -1]].tolist() == [-10.0, 0.0]


def test_the_folds_of_quadratic_neurons_lie_where_the_formula_says():
    branch = nb.study.continuation(alone(models.qif_mean_field, "1"), "P.eta", -10.0, 0.0)
    at = branch["event"].values == "fold"
    r = branch["P.r"].values[at]
    assert events(branch, "fold") == pytest.approx([-3.1361, -5.7435], abs=1e-4)
    np.testing.assert_allclose(2 * np.pi**2 * r + 1 / (2 * np.pi**2 * r**3), 15.0, rtol=1e-6)
    np.testing.assert_allclose(events(branch, "fold"), -((np.pi * r) ** 2) - 3 / (4 * np.pi**2 * r**2), rtol=1e-6)


def test_below_the_cusp_there_are_no_folds():
    r = (3 / (4 * math.pi**4)) ** 0.25
    cusp = 2 * math.pi**2 * r + 1 / (2 * math.pi**2 * r**3)
    assert cusp == pytest.approx(7.7962, abs=1e-4)

    def folds(coupling):
        net = alone(models.qif_mean_field, "1", {"J": coupling})
        return events(nb.study.continuation(net, "P.eta", -3.0, 0.0), "fold")

    assert len(folds(cusp * (1 - 1e-4))) == 0
    assert folds(cusp * (1 + 1e-4)) == pytest.approx([-math.sqrt(3)] * 2, abs=1e-3)


# Jansen and Rit


def test_the_equilibria_of_jansen_and_rit():
    branch = nb.study.continuation(alone(models.jansen_rit, "s", p=100.0), "P.p.amplitude", -50.0, 400.0)
    assert events(branch, "fold") == pytest.approx([113.586, -41.301], abs=1e-3)
    assert events(branch, "Hopf") == pytest.approx([-12.1475, 89.8291, 315.6964], abs=1e-3)
    assert frequencies(branch)[1:] == pytest.approx([10.377, 11.164], abs=1e-3)
    np.testing.assert_allclose(branch["P.eeg"], branch["P.y1"] - branch["P.y2"], atol=1e-12)


# Excitable membranes


def test_fitzhugh_and_nagumo_lose_rest_where_the_trace_vanishes():
    branch = nb.study.continuation(alone(models.fitzhugh_nagumo, "1", I_ext=0.0), "P.I_ext.amplitude", 0.0, 2.0)
    at = branch["event"].values == "Hopf"
    np.testing.assert_allclose(branch["P.v"].values[at], [-math.sqrt(0.936), math.sqrt(0.936)], rtol=1e-7)
    assert events(branch, "Hopf") == pytest.approx([0.33128, 1.41872], abs=1e-5)
    assert frequencies(branch) == pytest.approx([math.sqrt(0.08 - 0.064**2) / (2 * math.pi)] * 2, rel=1e-6)


def test_rest_of_izhikevichs_neuron_is_lost_before_it_vanishes():
    neuron = nb.Model(
        "subthreshold",
        "dv/dt = 0.04*v**2 + 5*v + 140 - u + I\ndu/dt = a*(b*v - u)",
        states={"v": -65.0, "u": -13.0},
        inputs={"I": 0.0},
        parameters={"a": 0.02, "b": 0.2},
    )
    branch = nb.study.continuation(alone(neuron, I=3.0), "P.I.amplitude", 0.0, 5.0)
    assert events(branch, "fold") == pytest.approx([4.0], abs=1e-9)
    assert events(branch, "Hopf") == pytest.approx([3.7975], abs=1e-9)
    assert branch["P.v"].values[branch["event"].values == "Hopf"] == pytest.approx([-62.25], abs=1e-7)


def test_the_squid_axon_fires_between_two_hopf_points():
    branch = nb.study.continuation(alone(models.hodgkin_huxley, I_ext=0.0), "P.I_ext.amplitude", 0.0, 200.0)
    assert events(branch, "Hopf") == pytest.approx([9.776, 154.52], rel=1e-4)
    assert frequencies(branch) == pytest.approx([93.3, 169.2], abs=0.05)
