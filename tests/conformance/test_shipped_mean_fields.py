"""Owns the laws and known numbers of the shipped mean fields.

A mean field of quadratic neurons with a Lorentzian spread is one neuron with a complex potential
z = v + i w, its spread turned into an imaginary number; the firing rate is w/pi in the neuron's own units.
"""

import numpy as np
import pytest

import nbkit as nb
from tests.conformance.one_model import Branch, eigenvalues, equilibrium, everything

models = nb.models
IZHIKEVICH = {"C": 90.0, "k": 0.7, "v_r": -60.0, "v_t": -42.0, "g": 15.0, "eta": 3.0, "E_r": 5.0}


def qif(z, p, s):
    return (z**2 + p["eta"] + 1j * p["Delta"] + p["tau"] * (p["J"] * s["r"] + p["r_in"]) + p["I_ext"]) / p["tau"]


def adaptation(z, p, s):
    return qif(z, p, s) - s["a"] / p["tau"]


def gap_junctions(z, p, s):
    return qif(z, p, s) + p["g"] * (s["v"] - z) / p["tau"]


def alpha(z, p, s):
    return (z**2 + p["eta"] + 1j * p["Delta"] + p["tau"] * s["s"] + p["I_ext"]) / p["tau"]


def conductance(z, p, s):
    synapse = p["g"] * p["tau"] * s["s"] * (p["E_r"] - z)
    return (z**2 + p["eta"] + 1j * p["Delta"] + p["I_ext"] + synapse) / p["tau"]


def depression(z, p, s):
    return qif(z, p, {**s, "r": p["U"] * s["x"] * s["r"]})


def stp(z, p, s):
    return qif(z, p, {**s, "r": s["u"] * s["x"] * s["r"]})


def dimensionless(z, p, s):
    return conductance(z, p, s) - (p["alpha"] * z + s["u"]) / p["tau"]


def currents(z, p, s):
    quadratic = p["k"] * (z - p["v_r"]) * (z - p["v_t"]) + 1j * p["Delta"]
    return (quadratic + p["eta"] + p["I_ext"] - s["u"] + p["g"] * s["s"] * (p["E_r"] - z)) / p["C"]


def thresholds(z, p, s):
    spread_threshold = p["v_t"] - 1j * p["Delta"]
    quadratic = p["k"] * (z - p["v_r"]) * (z - spread_threshold)
    return (quadratic + p["eta"] + p["I_ext"] - s["u"] + p["g"] * s["s"] * (p["E_r"] - z)) / p["C"]


NEURONS = {
    "qif_mean_field": qif,
    "qif_mean_field_adaptation": adaptation,
    "qif_mean_field_gap_junctions": gap_junctions,
    "qif_mean_field_alpha": alpha,
    "qif_mean_field_conductance": conductance,
    "qif_mean_field_depression": depression,
    "qif_mean_field_stp": stp,
    "izhikevich_mean_field_dimensionless": dimensionless,
    "izhikevich_mean_field_currents": currents,
    "izhikevich_mean_field_thresholds": thresholds,
}


@pytest.mark.parametrize("name", NEURONS)
def test_a_mean_field_is_its_neuron_with_a_complex_potential(name):
    model = getattr(models, name)
    rng = np.random.default_rng(7)
    p = {key: value.default * rng.uniform(0.6, 1.4) + 0.01 for key, value in model.parameters.items()}
    p |= {key: float(rng.uniform(0.5, 1.5)) for key in model.inputs}
    p |= {key: value for key, value in IZHIKEVICH.items() if "v_r" in p and key in p}
    s = {key: float(rng.uniform(0.2, 1.2)) for key in model.states}
    per_rate = np.pi * (p["C"] / p["k"] if "v_r" in p else p["tau"])  # w = per_rate * r
    got = everything(model, s, **p)
    z = NEURONS[name](s["v"] + 1j * per_rate * s["r"], p, s)
    assert (got["dv"], per_rate * got["dr"]) == pytest.approx((z.real, z.imag), rel=1e-12)


@pytest.mark.parametrize("name", ["theta_mean_field", "theta_mean_field_conductance"])
def test_a_theta_mean_field_is_that_of_quadratic_neurons_seen_from_the_circle(name):
    """The order parameter z and W = pi tau r + i v are one: W = (1 - conj z)/(1 + conj z)."""
    model, numbers = getattr(models, name), {"tau": 1.7, "Delta": 0.6, "eta": 0.9, "J": 3.0}
    inputs = {"r_in": 0.4, "I_ext": -0.8}
    r, v = 0.35, -0.45
    big = np.pi * 1.7 * r + 1j * v
    z = np.conj((1 - big) / (1 + big))
    got = everything(model, {"x": z.real, "y": z.imag}, **numbers, **inputs)
    assert got["r"] == pytest.approx(r, rel=1e-12)
    dz = np.conj(got["dx"] + 1j * got["dy"])
    drive = 1.7 * (3.0 * r + 0.4)
    if name == "theta_mean_field":
        complex_potential = qif(v + 1j * np.pi * 1.7 * r, {**numbers, **inputs}, {"r": r})
    else:
        p = {**numbers, **inputs, "g": 1.0 / 1.7, "E_r": model.parameters["v_s"].default}
        complex_potential = conductance(v + 1j * np.pi * 1.7 * r, p, {"r": r, "s": drive})
    expected = complex_potential.imag + 1j * complex_potential.real
    assert -2 / (1 + np.conj(z)) ** 2 * dz == pytest.approx(expected, rel=1e-12)


def test_the_quadratic_mean_field_has_its_three_fixed_points():
    model = models.qif_mean_field
    for guess, rate in (((0.08, -2.0), 0.08113), ((0.5, -0.3), 0.47298), ((1.0, -0.2), 1.03060)):
        assert equilibrium(model, np.array(guess))[0] == pytest.approx(rate, abs=1e-5)
    node, saddle, focus = (
        eigenvalues(model, equilibrium(model, np.array(g))) for g in ((0.08, -2), (0.5, -0.3), (1, 0))
    )
    assert node.real.max() < 0
    assert np.abs(node.imag).max() == 0
    assert saddle.real.prod() < 0
    assert focus[0] == pytest.approx(-0.309 + 3.319j, abs=1e-3)


def test_the_quadratic_mean_field_folds_where_its_curve_turns():
    branch = Branch(models.qif_mean_field, "r", "eta", {"v": -1.0, "eta": -3.0})
    assert branch.fold(0.12, 0.3) == pytest.approx(-3.1361, abs=1e-4)
    assert branch.fold(0.6, 0.9) == pytest.approx(-5.7435, abs=1e-4)
    cusp = Branch(models.qif_mean_field, "r", "eta", {"v": -1.0, "eta": -1.7}, J=7.7962)
    slopes = np.diff([cusp.at(r)[1] for r in np.linspace(0.2, 0.6, 81)])
    assert np.abs(slopes).min() < 1e-4


def test_slow_variables_come_to_rest_where_their_papers_say():
    r = 0.02
    adapted = {"a": 0.5 * 10.0 * r, "x": 0.0, "r": r, "v": -1.0}
    got = everything(models.qif_mean_field_adaptation, adapted)
    assert (got["da"], got["dx"]) == pytest.approx((0.0, 0.0), abs=1e-15)
    u = 0.6 * (1 + r * 200) / (1 + 0.6 * r * 200)
    x = 1 / (1 + u * r * 100)
    got = everything(models.qif_mean_field_stp, {"r": r, "v": -1.0, "x": x, "u": u})
    assert (got["dx"], got["du"], got["r_eff"]) == pytest.approx((0.0, 0.0, u * x * r), abs=1e-15)
    got = everything(models.qif_mean_field_depression, {"r": r, "v": -1.0, "x": 1 / (1 + r * 100)})
    assert got["dx"] == pytest.approx(0.0, abs=1e-15)
    states = {"r": r, "v": -1.0, "s": 0.2, "z": -0.4}
    got = everything(models.qif_mean_field_alpha, states, r_in=0.3, tau_s=1.7)
    assert got["ds"] == -0.4
    assert 1.7**2 * got["dz"] == pytest.approx(15.0 * r + 0.3 + 2 * 1.7 * 0.4 - 0.2)
    for name in ("qif_mean_field_conductance", "izhikevich_mean_field_dimensionless", "izhikevich_mean_field_currents"):
        model = getattr(models, name)
        states = dict.fromkeys(model.states, 0.1) | {"r": r, "s": model.parameters["tau_s"].default * (r + 0.3)}
        assert everything(model, states, r_in=0.3)["ds"] == pytest.approx(0.0, abs=1e-14)


@pytest.mark.parametrize("name", [n for n in NEURONS if n.startswith("izhikevich")])
def test_the_recovery_of_izhikevich_follows_potential_and_spikes(name):
    model = getattr(models, name)
    p = {key: value.default for key, value in model.parameters.items()}
    states = {"r": 0.03, "v": -50.0, "u": 0.7, "s": 0.1}
    expected = p["a"] * (p["b"] * (-50.0 - p.get("v_r", 0.0)) - 0.7) + p["d"] * 0.03
    assert everything(model, states)["du"] == pytest.approx(expected, rel=1e-13)


def test_gap_junctions_give_the_quadratic_mean_field_a_rhythm():
    """At J = 0 and eta = 1 they lead to a Hopf bifurcation; where, follows from a trace of zero: v = g/4."""
    model, numbers = models.qif_mean_field_gap_junctions, {"J": 0.0, "eta": 1.0}
    found = Branch(model, "v", "g", {"r": 0.3, "g": 1.0}, **numbers)
    g, frequency = found.hopf(0.1, 0.6)
    assert found.at(g / 4)[1] == pytest.approx(g, abs=1e-6)
    assert frequency > 0.5
