"""Owns the laws of Euler's step: its order, its own exact solutions, conservation, clamping and non-finite numbers."""

import numpy as np
import pytest
from scipy.linalg import expm

import nbkit as nb

ROTATION = np.array([[-0.1, -0.7], [0.9, -0.2]])
PLANE = nb.Model("plane", "dx/dt = u", states={"x": 1.0}, inputs={"u": 0.0}, time_unit="1")


def plane(matrix: np.ndarray, initial: np.ndarray) -> nb.Network:
    population = nb.Population(PLANE, len(matrix), initial={"x": initial})
    return nb.Network({"A": population}, [nb.Projection("A.x", "A.u", weight=matrix)], time_unit="1")


def test_euler_converges_with_order_one():
    start, duration = np.array([1.0, -0.5]), 4.0
    exact = expm(ROTATION * duration) @ start
    steps = 2.0 ** -np.arange(4, 11)
    errors = [
        np.abs(nb.simulate(plane(ROTATION, start), duration, dt)["A.x"].to_numpy()[-1] - exact).max() for dt in steps
    ]
    slope = np.polyfit(np.log(steps), np.log(errors), 1)[0]
    assert slope == pytest.approx(1.0, abs=0.05)


def test_euler_is_the_matrix_power_it_claims_to_be():
    start, dt = np.array([1.0, -0.5]), 0.125
    x = nb.simulate(plane(ROTATION, start), 100 * dt, dt)["A.x"].to_numpy()
    for k in (0, 1, 2, 50, 100):
        power = np.linalg.matrix_power(np.eye(2) + dt * ROTATION, k) @ start
        np.testing.assert_allclose(x[k], power, rtol=1e-12)


@pytest.mark.parametrize(("ratio", "behaviour"), [(0.5, "monotone"), (1.5, "ringing"), (2.5, "blow-up")])
def test_a_leak_follows_eulers_own_solution(ratio, behaviour):
    tau, start = 10.0, 2.0
    net = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 1, initial={"x": start})})
    x = nb.simulate(net, 40 * ratio * tau, ratio * tau)["E.x"].to_numpy()[:, 0]
    np.testing.assert_allclose(x, start * (1 - ratio) ** np.arange(41), rtol=1e-12)
    seen = "blow-up" if abs(x[-1]) > start else "ringing" if (x < 0).any() else "monotone"
    assert seen == behaviour


def test_exchange_conserves_what_is_exchanged():
    rng = np.random.default_rng(0)
    flow = rng.uniform(0, 1, (6, 6))
    np.fill_diagonal(flow, 0)
    matrix = flow - np.diag(flow.sum(axis=0))  # columns sum to zero
    x = nb.simulate(plane(matrix, rng.uniform(0, 1, 6)), 50.0, 0.02)["A.x"].to_numpy()
    assert np.ptp(x[:, 0]) > 0.01
    np.testing.assert_allclose(x.sum(axis=1), x[0].sum(), rtol=1e-12)


def test_a_state_is_clamped_after_the_step():
    model = nb.Model("ramp", "dx/dt = u", states={"x": nb.State(0.0, limits=(-0.25, 0.5))}, inputs={"u": 1.0})
    net = nb.Network({"A": nb.Population(model, 1)})
    x = nb.simulate(net, 1.0, 0.1)["A.x"].to_numpy()[:, 0]
    np.testing.assert_allclose(x, np.minimum(np.arange(11) * 0.1, 0.5), atol=1e-15)
    down = nb.simulate(net, 0.1, 0.1)  # the undriven input is 1; a stimulus replaces it
    assert float(down["A.x"][-1, 0]) == pytest.approx(0.1)
    driven = nb.Network({"A": nb.Population(model, 1)}, stimuli=[nb.Stimulus("A.u", nb.Step(-1.0))])
    np.testing.assert_allclose(
        nb.simulate(driven, 1.0, 0.1)["A.x"].to_numpy()[:, 0], np.maximum(-np.arange(11) * 0.1, -0.25), atol=1e-15
    )


def test_a_run_that_leaves_the_finite_numbers_keeps_its_trace():
    model = nb.Model("burst", "dx/dt = x**2", states={"x": 1.0}, time_unit="1")
    net = nb.Network({"calm": nb.Population(nb.models.qif_mean_field, 2), "A": nb.Population(model, 3)}, time_unit="1")
    with pytest.raises(nb.NbkitError) as caught:
        nb.simulate(net.with_value("A.x.initial", [1.0, 4.0, 1.0]), 500.0, 0.5)
    error = caught.value
    assert (error.code, error.where) == ("run-not-finite", "A.x")
    assert "unit 1" in error.what
    kept = error.result["A.x"].to_numpy()
    assert len(kept) > 3
    assert np.isfinite(kept).all()
    assert f"step {len(kept)}" in error.what


@pytest.mark.parametrize("start", [0.0, 0.3, 1.1, 4.1, 2.05])
def test_a_step_begins_with_the_first_sample_that_is_not_before_it(start):
    model = nb.Model("through", "dx/dt = -x\n y = u", states={"x": 0.0}, inputs={"u": 0.0})
    net = nb.Network({"A": nb.Population(model, 1)}, stimuli=[nb.Stimulus("A.u", nb.Step(2.0, start=start))])
    ds = nb.simulate(net, 10.0, 0.1, record=["A.y"])
    first = int(np.flatnonzero(ds["A.y"][:, 0].to_numpy())[0])
    assert first == int(np.ceil(round(start / 0.1, 6)))
    assert set(np.unique(ds["A.y"])) <= {0.0, 2.0}


def test_the_exact_mean_field_of_qif_neurons_rests_where_theory_says():
    """Montbrio, Pazo & Roxin 2015: Delta 1, J 15, eta -5 has a node at r = 0.08113 and a focus at 1.03060."""
    population = nb.Population(nb.models.qif_mean_field, 2, initial={"r": [0.05, 1.0], "v": [-2.0, 0.0]})
    r = nb.simulate(nb.Network({"E": population}, time_unit="1"), 60.0, 1e-3, record=["E.r"])["E.r"].to_numpy()
    assert r[-1] == pytest.approx([0.08113, 1.03060], abs=1e-5)


def test_single_precision_is_single_precision():
    net = plane(ROTATION, np.array([1.0, -0.5]))
    double = nb.simulate(net, 4.0, 0.01)["A.x"].to_numpy()
    single = nb.simulate(net, 4.0, 0.01, precision="float32")["A.x"].to_numpy()
    assert 1e-9 < np.abs(single - double).max() < 1e-5
