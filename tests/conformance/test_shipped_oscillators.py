"""Owns the known numbers of the shipped oscillators and excitable membranes.

Equilibria and eigenvalues come from the printed equations. The numbers are those of the literature,
worked out again with independent code.
"""

import numpy as np
import pytest
from scipy.optimize import brentq

import nbkit as nb
from tests.conformance.one_model import Branch, drive, eigenvalues, equilibrium, everything, field, period

models = nb.models


# Oscillators


def test_fitzhugh_nagumo_loses_its_rest_between_two_currents():
    lower = Branch(models.fitzhugh_nagumo, "v", "I_ext", {"w": -0.6, "I_ext": 0.3}).hopf(-1.1, -0.9)[0]
    upper = Branch(models.fitzhugh_nagumo, "v", "I_ext", {"w": 1.5, "I_ext": 1.4}).hopf(0.9, 1.1)[0]
    assert (lower, upper) == pytest.approx((0.33128, 1.41872), abs=1e-5)


def test_fitzhugh_nagumo_starts_at_rest():
    model = models.fitzhugh_nagumo
    start = np.array([s.initial for s in model.states.values()])
    np.testing.assert_allclose(start, equilibrium(model, start), atol=2e-3)


def test_stuart_landau_settles_on_the_circle_of_radius_root_a():
    """Under Euler the radius R solves (1 + dt (a - R^2))^2 + (dt omega)^2 = 1, which tends to root a."""
    dt, a, omega = 0.01, 0.49, 3.0
    numbers = {"a": a, "omega": omega}
    (x,) = drive(models.stuart_landau, [{}], 40.0, dt, "x", parameters=numbers)
    (y,) = drive(models.stuart_landau, [{}], 40.0, dt, "y", parameters=numbers)
    radius = np.sqrt(a + (1 - np.sqrt(1 - (dt * omega) ** 2)) / dt)
    assert np.hypot(x, y)[-1] == pytest.approx(radius, rel=1e-9)
    assert period(x[-2000:], dt) == pytest.approx(2 * np.pi / omega, rel=1e-3)
    assert y[1] > 0, "turns from x to y"
    state = np.sqrt(a) * np.array([np.cos(0.7), np.sin(0.7)])
    np.testing.assert_allclose(
        field(models.stuart_landau, state, **numbers), omega * np.array([-state[1], state[0]]), atol=1e-14
    )


def test_van_der_pol_has_its_known_cycle():
    dt = 1e-3
    small, unit = (
        drive(models.van_der_pol, [{}], 80.0, dt, "x", parameters={"mu": mu})[0][-40000:] for mu in (0.1, 1.0)
    )
    assert small.max() == pytest.approx(2.0, abs=0.02)
    assert (period(unit, dt), unit.max()) == pytest.approx((6.6633, 2.0086), abs=5e-3)


def test_two_kuramoto_oscillators_feel_the_sine_of_their_difference():
    theta, weights = np.array([0.4, 2.1, -1.3]), np.array([[0.0, 0.7, -0.2], [1.1, 0.0, 0.3], [0.5, 0.4, 0.0]])
    population = nb.Population(models.kuramoto, 3, initial={"theta": theta}, parameters={"K": 1.7})
    both = [nb.Projection(f"P.{kind}_phase", f"P.{kind}_in", weight=weights, name=kind) for kind in ("sin", "cos")]
    ds = nb.simulate(nb.Network({"P": population}, both, time_unit="1"), 0.01, 0.01)["P.theta"]
    expected = 10 + 1.7 * (weights * np.sin(theta[None, :] - theta[:, None])).sum(axis=1)
    np.testing.assert_allclose((ds[1] - ds[0]) / 0.01, expected, rtol=1e-12)


def test_kuramoto_oscillators_synchronise_as_much_as_theory_says():
    """Quantile frequencies of a Lorentzian of half-width 0.5: r = sqrt(1 - K_c/K) with K_c = 1."""
    size, width, couplings = 2000, 0.5, (0.8, 1.5, 2.0, 4.0)
    omega = width * np.tan(np.pi * ((np.arange(size) + 0.5) / size - 0.5))
    start = 2 * np.pi * ((np.arange(size) * 0.6180339887498949) % 1)
    populations, projections = {}, []
    for k, coupling in enumerate(couplings):
        numbers = {"omega": omega, "K": coupling}
        populations[f"P{k}"] = nb.Population(models.kuramoto, size, parameters=numbers, initial={"theta": start * 0.5})
        for kind in ("sin", "cos"):
            ends = (f"P{k}.{kind}_phase", f"P{k}.{kind}_in")
            projections.append(nb.Projection(*ends, weight=1.0, weight_is="total", name=f"{kind}{k}"))
    ds = nb.simulate(nb.Network(populations, projections, time_unit="1"), 40.0, 0.05)
    r = [np.abs(np.exp(1j * ds[f"{name}.theta"].to_numpy()[-200:]).mean(axis=1)).mean() for name in populations]
    assert r[0] < 0.05
    assert r[1:] == pytest.approx([np.sqrt(1 - 1 / coupling) for coupling in couplings[1:]], abs=0.01)


def test_the_kuramoto_mean_field_rests_at_the_same_synchrony():
    model, width = models.kuramoto_mean_field, 0.5
    for coupling in (1.5, 2.0, 4.0):
        numbers = {"omega": 0.0, "Delta": width, "K": coupling}
        state = equilibrium(model, np.array([0.6, 0.0]), **numbers)
        radius = np.sqrt(1 - 2 * width / coupling)
        assert everything(model, dict(zip("xy", state, strict=True)), **numbers)["r"] == pytest.approx(radius)
    assert eigenvalues(model, np.zeros(2), Delta=width, K=0.8)[0] == pytest.approx(-0.1 + 10j, abs=1e-6)
    (r,) = drive(model, [{}], 20.0, 1e-3, "r")
    assert r[-1] == pytest.approx(np.sqrt(0.5), abs=0.03)


@pytest.mark.parametrize(
    ("name", "inputs", "added"),
    [
        ("stuart_landau", {"x_in": 0.3, "y_in": -0.2}, [0.3, -0.2]),
        ("van_der_pol", {"u": 0.3}, [0.0, 0.3]),
        ("fitzhugh_nagumo", {"I_ext": 0.3}, [0.3, 0.0]),
        ("kuramoto", {"omega_ext": 0.3}, [0.3]),
        ("morris_lecar", {"I_ext": 0.3}, [0.3 / 20, 0.0]),
        ("hodgkin_huxley", {"I_ext": 0.3}, [0.3, 0.0, 0.0, 0.0]),
    ],
)
def test_an_input_is_added_to_its_state(name, inputs, added):
    model = getattr(models, name)
    state = np.linspace(0.3, 0.5, len(model.states))
    np.testing.assert_allclose(field(model, state, **inputs) - field(model, state), added, atol=1e-12)


# Excitable membranes


def test_hodgkin_huxley_loses_its_rest_between_two_currents():
    lower = Branch(models.hodgkin_huxley, "V", "I_ext", {"m": 0.05, "h": 0.6, "n": 0.32, "I_ext": 0.0}).hopf(-62, -58)
    upper = Branch(models.hodgkin_huxley, "V", "I_ext", {"m": 0.4, "h": 0.1, "n": 0.6, "I_ext": 100.0}).hopf(-45, -42)
    assert (lower[0], upper[0]) == pytest.approx((9.776, 154.52), abs=3e-3)
    assert (500 * lower[1] / np.pi, 500 * upper[1] / np.pi) == pytest.approx((93.3, 169.2), abs=0.05)


@pytest.mark.parametrize("name", ["hodgkin_huxley", "morris_lecar"])
def test_a_membrane_starts_at_rest(name):
    model = getattr(models, name)
    start = np.array([s.initial for s in model.states.values()])
    np.testing.assert_allclose(equilibrium(model, start), start, atol=5e-3)
    (v,) = drive(model, [{"I_ext": 0.0}], 20.0, 0.01, "V")
    assert np.ptp(v) < 0.01


def test_hodgkin_huxley_fires_above_and_rests_below():
    rest, fires = drive(models.hodgkin_huxley, [{"I_ext": 5.0}, {"I_ext": 10.0}], 100.0, 0.01, "V")
    assert rest[5000:].max() < -50
    assert fires[5000:].max() > 20
    assert 12 < period(fires[4000:], 0.01) < 16


def morris_lecar_by_hand(v):
    """Trace of the Jacobian and current of the equilibrium at V = v, from the derivatives taken by hand."""
    m, w, tau = (1 + np.tanh((v + 1.2) / 18)) / 2, (1 + np.tanh((v - 2) / 30)) / 2, 1 / np.cosh((v - 2) / 60)
    slope_m = (1 - np.tanh((v + 1.2) / 18) ** 2) / 36
    current = 4.4 * m * (v - 120) + 8 * w * (v + 84) + 2 * (v + 60)
    return -(4.4 * (slope_m * (v - 120) + m) + 8 * w + 2) / 20 - 0.04 / tau, current


def test_morris_lecar_loses_its_rest_where_the_trace_vanishes():
    """dV/dt and dw/dt by hand: the trace of the Jacobian is zero at I = 93.86 and 212.02 uA/cm2."""
    for guess, low, high, known in ((90.0, -30.0, -20.0, 93.86), (200.0, 5.0, 10.0, 212.02)):
        by_hand = morris_lecar_by_hand(brentq(lambda v: morris_lecar_by_hand(v)[0], low, high))[1]
        found, frequency = Branch(models.morris_lecar, "V", "I_ext", {"w": 0.2, "I_ext": guess}).hopf(low, high)
        assert found == pytest.approx(by_hand, abs=1e-3)
        assert found == pytest.approx(known, abs=1e-2)
        assert frequency > 0
