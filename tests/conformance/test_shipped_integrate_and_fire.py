"""Owns the known numbers of the integrate-and-fire units that speak NEST's terms.

Closed forms: the response of the membrane to one spike, and the interval under a constant current. A short step keeps
the tolerances good for any order of integration.
"""

import re

import numpy as np
import pytest

import nbkit as nb
from nbkit.model import shipped

models = nb.models
NAMES = shipped._FAMILIES["integrate_and_fire"]
DT = 0.005

DEFAULTS = {
    "iaf_psc_delta": {"tau_m": 10, "C_m": 250, "E_L": -70, "V_th": -55, "V_reset": -70, "t_ref": 2, "I_e": 0},
    "iaf_psc_exp": {"tau_m": 10, "V_reset": -70, "tau_syn_ex": 2, "tau_syn_in": 2},
    "iaf_psc_alpha": {"tau_m": 10, "V_reset": -70, "tau_syn_ex": 2, "tau_syn_in": 2},
    "iaf_cond_exp": {"g_L": 16.6667, "C_m": 250, "V_reset": -60, "E_ex": 0, "E_in": -85, "tau_syn_ex": 0.2},
}
EVENTS = {
    "iaf_psc_delta": ("V_m",),
    "iaf_psc_exp": ("I_ex", "I_in"),
    "iaf_psc_alpha": ("dI_ex", "dI_in"),
    "iaf_cond_exp": ("g_ex", "g_in"),
}


def one_spike(name: str, event: str, weight: float, length: float = 60.0, **parameters: float) -> dict[str, np.ndarray]:
    """Traces of a unit that gets one spike, from its arrival on; the spike comes from a unit above its threshold."""
    model = getattr(models, name)
    source = nb.Population(models.iaf_psc_delta, 1, initial={"V_m": 0.0})
    target = nb.Population(model, 1, {"V_th": 1e6, **parameters})
    net = nb.Network({"S": source, "T": target}, [nb.Projection("S.spike", f"T.{event}", weight=weight, delay=1.0)])
    states = [f"T.{state}" for state in model.states]
    ds = nb.simulate(net, length, DT, record=[*states, "S.spike"])
    assert ds["S.spike_time"].size == 1
    first = round(float(ds["S.spike_time"][0] + 1.0) / DT)
    return {state.removeprefix("T."): ds[state].to_numpy()[first:, 0] for state in states}


@pytest.mark.parametrize("name", NAMES)
def test_names_units_and_defaults_are_those_of_nest(name):
    model = getattr(models, name)
    assert {key: model.parameters[key].default for key in DEFAULTS[name]} == DEFAULTS[name]
    assert model.events == EVENTS[name]
    assert (model.inputs, model.time_unit, model.reset_at) == ({"I_stim": 0.0}, "ms", "end")
    assert {p.unit for p in model.parameters.values()} | {s.unit for s in model.states.values()} <= {
        *("mV", "ms", "pA", "pF", "nS")
    }
    assert re.search(r"\(\d{4}\)", model.source)
    assert model.method == ("euler" if name == "iaf_cond_exp" else "exact")
    assert all(state.limits is None for state in model.states.values())


@pytest.mark.parametrize("name", NAMES)
def test_rest_is_rest(name):
    ds = nb.simulate(nb.Network({"P": nb.Population(getattr(models, name), 1)}), 20.0, 0.1, record=["P.V_m"])
    np.testing.assert_allclose(ds["P.V_m"], -70.0, atol=1e-12)


def test_a_spike_onto_a_delta_unit_moves_the_potential_by_its_weight():
    v = one_spike("iaf_psc_delta", "V_m", -3.0)["V_m"]
    np.testing.assert_allclose(v, -70 - 3 * np.exp(-DT * np.arange(v.size) / 10), atol=2e-3)


def test_a_spike_onto_an_exponential_unit_begins_with_its_weight_and_moves_the_membrane_as_computed():
    """1000 pA for 10 ms and 0.5 ms: the peak is 1000/585.389957 mV high, 1.5767 ms late."""
    trace = one_spike("iaf_psc_exp", "I_ex", 1000.0, tau_syn_ex=0.5)
    assert trace["I_ex"][0] == 1000.0
    assert not trace["I_in"].any()
    v = trace["V_m"] + 70
    assert v.max() == pytest.approx(1000 / 585.389957, rel=2e-3)
    assert v.argmax() * DT == pytest.approx(1.5767, abs=2 * DT)
    inhibited = one_spike("iaf_psc_exp", "I_in", -1000.0, tau_syn_in=0.5)
    np.testing.assert_allclose(inhibited["V_m"] + 70, -v, atol=1e-10)


def test_a_spike_onto_an_alpha_unit_has_a_current_whose_peak_is_its_weight():
    trace = one_spike("iaf_psc_alpha", "dI_in", -300.0, tau_syn_in=2.0)
    t = DT * np.arange(trace["I_in"].size)
    np.testing.assert_allclose(trace["I_in"], -300 * np.e * t / 2 * np.exp(-t / 2), atol=0.8)
    assert trace["I_in"].min() == pytest.approx(-300, rel=2e-3)
    assert trace["I_in"].argmin() * DT == pytest.approx(2.0, abs=4 * DT)
    rate = 1 / 2 - 1 / 10
    v = (np.exp(-t / 10) - np.exp(-t / 2)) / rate**2 - t * np.exp(-t / 2) / rate
    np.testing.assert_allclose(trace["V_m"] + 70, -300 * np.e / (2 * 250) * v, atol=5e-3)


def test_conductances_pull_towards_their_reversal_potentials():
    excited, inhibited = one_spike("iaf_cond_exp", "g_ex", 5.0), one_spike("iaf_cond_exp", "g_in", 5.0)
    assert excited["g_ex"][0] == inhibited["g_in"][0] == 5.0
    assert excited["V_m"].max() > -70 + 0.1 > -70 - 0.1 > inhibited["V_m"].min() > -85
    held = nb.Network({"P": nb.Population(models.iaf_cond_exp, 1, {"V_th": 100.0, "tau_syn_ex": 1e9}, {"g_ex": 1e4})})
    end = float(nb.simulate(held, 5.0, 0.001, record=["P.V_m"])["P.V_m"][-1, 0])
    assert end == pytest.approx((16.6667 * -70) / (1e4 + 16.6667), abs=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_a_constant_current_gives_the_interval_of_the_formula(name):
    """The same membrane in all four: the current can be a parameter or an input."""
    tau_m = 250 / 16.6667
    membrane = {"g_L": 16.6667} if name == "iaf_cond_exp" else {"tau_m": tau_m}
    theory = nb.study.lif_rate(tau_m / 250 * 400.0, tau_m=tau_m, t_ref=2.0, v_th=15.0, v_reset=0.0)
    for current in ({"I_e": 400.0}, {}):
        pop = nb.Population(getattr(models, name), 1, {**membrane, "V_reset": -70.0, **current})
        stimuli = [] if current else [nb.Stimulus("P.I_stim", nb.Step(400.0))]
        ds = nb.simulate(nb.Network({"P": pop}, stimuli=stimuli), 300.0, 0.01)
        interval = float(nb.analysis.interspike_intervals(ds, "P").mean())
        assert interval == pytest.approx(1000 / theory, abs=0.03)


def test_while_refractory_the_potential_is_held_and_what_arrives_is_dropped_or_kept():
    """The first unit fires at once. Its spike finds the second one refractory, which fired a little later."""
    first = nb.Population(models.iaf_psc_delta, 1, initial={"V_m": 0.0})
    for name, event, kept in (("iaf_psc_delta", "V_m", False), ("iaf_psc_exp", "I_ex", True)):
        second = nb.Population(getattr(models, name), 1, {"t_ref": 2.0}, {"V_m": 0.0})
        net = nb.Network({"A": first, "B": second}, [nb.Projection("A.spike", f"B.{event}", weight=5.0, delay=1.0)])
        v = nb.simulate(net, 4.0, 0.1, record=["B.V_m"])["B.V_m"].to_numpy()[1:, 0]
        assert (v[:20] == -70.0).all()
        assert (v[22:] > -70.0).all() == kept
