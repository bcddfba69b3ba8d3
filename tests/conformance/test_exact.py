"""Owns the laws of the exact method: closed forms, steps of any length, and what it refuses."""

import numpy as np
import pytest
from scipy.linalg import expm

import nbkit as nb

OSCILLATOR = nb.Model(
    "oscillator",
    """
    tau * dx/dt = -x + w*y + u
    dy/dt = -(w*x + y)/tau + c
    """,
    states={"x": 1.0, "y": -0.5},
    inputs={"u": 0.0},
    parameters={"tau": 5.0, "w": 3.0, "c": 0.2},
    method="exact",
)


def closed_form(times, tau, w, c, u=0.0):
    """``x(t)`` from the eigenvalues of the whole system, drive included, one time at a time."""
    matrix = np.array([[-1 / tau, w / tau, u / tau], [-w / tau, -1 / tau, c], [0.0, 0.0, 0.0]])
    return np.array([(expm(matrix * t) @ [1.0, -0.5, 1.0])[:2] for t in times])


@pytest.mark.parametrize("dt", [0.1, 0.5, 4.0])
def test_a_linear_model_has_no_error_at_any_step(dt):
    net = nb.Network({"A": nb.Population(OSCILLATOR, 1)})
    ds = nb.simulate(net, 20.0, dt)
    found = np.stack([ds["A.x"].values[:, 0], ds["A.y"].values[:, 0]], axis=1)
    np.testing.assert_allclose(found, closed_form(ds["time"].values, 5.0, 3.0, 0.2), rtol=1e-11, atol=1e-13)


def test_units_with_parameters_of_their_own():
    taus = [2.0, 5.0, 5.0, 11.0]
    ds = nb.simulate(nb.Network({"A": nb.Population(OSCILLATOR, 4, parameters={"tau": taus})}), 6.0, 0.5)
    for unit, tau in enumerate(taus):
        expected = closed_form(ds["time"].values, tau, 3.0, 0.2)[:, 0]
        np.testing.assert_allclose(ds["A.x"].values[:, unit], expected, rtol=1e-11, atol=1e-13)


def test_an_input_that_steps_acts_from_its_own_step():
    stimulus = nb.Stimulus("A.u", nb.Step(2.0, start=0.0))
    ds = nb.simulate(nb.Network({"A": nb.Population(OSCILLATOR, 1)}, stimuli=[stimulus]), 6.0, 0.5)
    expected = closed_form(ds["time"].values, 5.0, 3.0, 0.2, u=2.0)[:, 0]
    np.testing.assert_allclose(ds["A.x"].values[:, 0], expected, rtol=1e-11)


def test_a_parameter_that_is_set_makes_new_propagators():
    sim = nb.Simulation(nb.Network({"A": nb.Population(OSCILLATOR, 2)}), 0.5)
    sim.set("A.tau", 9.0)
    ds = sim.run(6.0)
    expected = closed_form(ds["time"].values, 9.0, 3.0, 0.2)[:, 0]
    np.testing.assert_allclose(ds["A.x"].values[:, 1], expected, rtol=1e-11)
    sim.reset()
    sim.set("A.tau", 2.0)
    again = sim.run(6.0)
    np.testing.assert_allclose(
        again["A.x"].values[:, 0], closed_form(ds["time"].values, 2.0, 3.0, 0.2)[:, 0], rtol=1e-11, atol=1e-13
    )


def test_a_cell_alike_for_all_units_may_become_different():
    """What is read as one number is read as a row again, once its units differ."""
    net = nb.Network({"A": nb.Population(OSCILLATOR, 3, parameters={"tau": [5.0, 5.0, 5.0]})})
    sim = nb.Simulation(net, 0.5)
    sim.run(1.0)
    sim.reset()
    sim.set("A.tau", [2.0, 5.0, 11.0])
    ds = sim.run(6.0)
    for unit, tau in enumerate((2.0, 5.0, 11.0)):
        expected = closed_form(ds["time"].values, tau, 3.0, 0.2)[:, 0]
        np.testing.assert_allclose(ds["A.x"].values[:, unit], expected, rtol=1e-11, atol=1e-13)


def test_euler_converges_to_the_exact_step_with_order_one():
    net = nb.Network({"A": nb.Population(OSCILLATOR, 1)})
    exact = nb.simulate(net, 4.0, 0.5)["A.x"].values[-1, 0]
    errors = [abs(nb.simulate(net, 4.0, dt, method="euler")["A.x"].values[-1, 0] - exact) for dt in (0.01, 0.005)]
    assert errors[0] / errors[1] == pytest.approx(2.0, rel=0.02)


def test_equal_time_constants_are_no_exception():
    """Where the formula of the propagator has a zero below the line, the limit is h/C exp(-h/tau)."""
    parameters = {"tau_m": 2.0, "tau_syn_ex": 2.0, "C_m": 250.0, "E_L": 0.0, "V_th": 1e9, "V_reset": 0.0}
    population = nb.Population(nb.models.iaf_psc_exp, 1, parameters, {"V_m": 0.0, "I_ex": 100.0})
    ds = nb.simulate(nb.Network({"E": population}), 5.0, 0.1, record=["E.V_m"])
    t = ds["time"].values
    np.testing.assert_allclose(ds["E.V_m"].values[:, 0], 100.0 * t / 250.0 * np.exp(-t / 2.0), rtol=1e-11, atol=1e-14)


def test_the_weight_of_an_alpha_synapse_is_the_peak_of_its_current():
    parameters = {"E_L": 0.0, "V_th": 1e9, "V_reset": 0.0, "tau_syn_ex": 0.5}
    population = nb.Population(nb.models.iaf_psc_alpha, 1, parameters, {"V_m": 0.0})
    events = [e for e in nb.models.iaf_psc_alpha.events if "ex" in e]
    stimulus = nb.Stimulus(f"E.{events[0]}", nb.SpikeTimes([1.0], weight=80.0))
    ds = nb.simulate(nb.Network({"E": population}, stimuli=[stimulus]), 10.0, 0.1, record=["E.I_ex"])
    current = ds["E.I_ex"].values[:, 0]
    assert current.max() == pytest.approx(80.0, rel=1e-12)
    assert ds["time"].values[current.argmax()] == pytest.approx(1.5)


@pytest.mark.parametrize("line", ["dx/dt = -x*x", "dx/dt = -exp(x)", "dx/dt = x/(1 + x)", "dx/dt = -x*u"])
def test_equations_that_are_not_linear_are_refused(line):
    model = nb.Model("bent", line, states={"x": 1.0}, inputs={"u": 0.0} if "u" in line else {}, method="exact")
    stimuli = [nb.Stimulus("A.u", nb.Sine(1.0, 10.0))] if "u" in line else []
    net = nb.Network({"A": nb.Population(model, 1)}, stimuli=stimuli)
    with pytest.raises(nb.NbkitError) as caught:
        nb.Simulation(net, 0.1)
    assert [p.code for p in caught.value.problems] == ["not-linear"]
    assert caught.value.where == "A.x"
    nb.simulate(net, 1.0, 0.1, method="euler")


def test_limits_clamp_after_an_exact_step_too():
    model = nb.Model("bounded", "dx/dt = 1 - 0*x", states={"x": nb.State(0.0, limits=(0.0, 0.5))}, method="exact")
    ds = nb.simulate(nb.Network({"A": nb.Population(model, 1)}), 1.0, 0.1)
    np.testing.assert_allclose(ds["A.x"].values[:, 0], np.minimum(np.arange(11) * 0.1, 0.5), atol=1e-12)
