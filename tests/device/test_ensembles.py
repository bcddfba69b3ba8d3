"""Law: many points on a card, a block of threads for each, do what NumPy does with all of them side by side."""

from __future__ import annotations

import numpy as np
import pytest

import nbkit as nb
from tests.device.networks import RATES, SPIKES

SWEPT = {
    "dense": {"A.tau": [4.0, 6.0, 9.0], "A->B.gain": [0.5, 1.0]},
    "uniform": {"A->B.weight": [0.01, 0.08], "B.tau": [3.0, 5.0]},
    "one to one": {"A->B.gain": [0.3, 1.0, 1.5]},
    "sparse": {"A.tau": [4.0, 6.0], "far.gain": [0.0, 2.0]},
    "dense, delayed beyond a block": {"A.tau": [4.0, 6.0]},
    "gamma delay": {"A.tau": [4.0, 6.0]},
    "recorded": {"A.tau": [4.0, 6.0]},
    "formulas": {"p.amplitude": [0.0, 1.0, 2.0]},
    "kernel": {"A.tau": [4.0, 6.0]},
}


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("kind", SWEPT)
def test_points_on_a_card_are_those_of_numpy(host, kind, precision):
    asked = {"duration": 30.0, "dt": 0.1, "record": ["A.r", "B.out"], "precision": precision}
    found = nb.sweep(RATES[kind](), SWEPT[kind], backend="cupy", **asked)
    expected = nb.sweep(RATES[kind](), SWEPT[kind], **asked)
    assert found.attrs["side_by_side"] == expected.attrs["side_by_side"]
    close = 1e-12 if precision == "float64" else 1e-5
    for path in ("A.r", "B.out"):
        assert np.ptp(expected[path].values) > 1e-3
        np.testing.assert_allclose(found[path].values, expected[path].values, rtol=close, atol=close)


def test_points_share_their_draws_and_each_equals_its_own_run(host):
    noise = nb.Stimulus("E.u", nb.Noise(0.5))
    net = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 40)}, stimuli=[noise], time_unit="ms")
    together = nb.sweep(net, {"E.tau": [5.0, 20.0]}, 30.0, 0.1, ["E.x"], backend="cupy")["E.x"].values
    for place, tau in enumerate([5.0, 20.0]):
        alone = nb.simulate(net.with_value("E.tau", tau), 30.0, 0.1, ["E.x"], backend="cupy")["E.x"].values
        np.testing.assert_allclose(together[place], alone, rtol=1e-12, atol=1e-13)


def test_a_point_that_leaves_the_finite_numbers_is_told(host):
    model = nb.Model("burst", "dx/dt = k*x*x - x", states={"x": 1.0}, parameters={"k": 0.5})
    net = nb.Network({"E": nb.Population(model, 2)}, time_unit="ms")
    pair = [nb.sweep(net, {"E.k": [0.5, 1.5, 3.0]}, 50.0, 0.1, backend=b) for b in ("cupy", "numpy")]
    np.testing.assert_array_equal(pair[0]["stopped"], pair[1]["stopped"])
    np.testing.assert_allclose(pair[0]["E.x"], pair[1]["E.x"], rtol=1e-12)
    assert np.isnan(pair[0]["stopped"].values[0])
    assert np.isfinite(pair[0]["stopped"].values[1:]).all()


def test_points_that_go_one_by_one_run_on_the_card_too(host):
    asked = ({"A->B.delay": [0.5, 1.0]}, 20.0, 0.1, ["B.v"])
    found = nb.sweep(SPIKES["dense"](), *asked, backend="cupy")
    expected = nb.sweep(SPIKES["dense"](), *asked)
    np.testing.assert_allclose(found["B.v"], expected["B.v"], rtol=1e-12, atol=1e-12)
    assert host.launches
