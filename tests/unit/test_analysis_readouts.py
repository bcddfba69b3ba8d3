"""Laws of how alike units are, and of what can be read out of them, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import nbkit as nb
from nbkit import analysis
from tests.unit.test_analysis_signals import noise, recorded, sine

# ------------------------------------------------------------ likeness


def test_mixed_signals_correlate_by_their_mixture():
    at = 2 * np.pi * np.arange(1000) / 100
    a, b = np.sin(at), np.cos(at)  # whole turns: orthogonal, equally long
    share = 0.6
    values = np.stack([a, share * a + 0.8 * b, -3 * a + 7, np.full(1000, 2.0)], axis=1)
    found = analysis.correlation(recorded(values), "E.r")
    expected = [[1, 0.6, -1, np.nan], [0.6, 1, -0.6, np.nan], [-1, -0.6, 1, np.nan], [np.nan] * 4]
    np.testing.assert_allclose(found["E.r_correlation"], expected, atol=1e-12)
    assert float(found["E.r_correlation_mean"]) == pytest.approx((0.6 - 1 - 0.6) / 3)
    assert int(found["E.r_correlation_pairs"]) == 3


def test_correlations_are_those_of_numpy():
    values = noise(300, 20) @ np.random.default_rng(1).normal(size=(20, 20))
    found = analysis.correlation(recorded(values), "E.r")["E.r_correlation"]
    np.testing.assert_allclose(found, np.corrcoef(values.T), atol=1e-12)
    many = analysis.correlation(recorded(noise(50, 40)), "E.r", pairs=700)
    assert np.isfinite(many["E.r_correlation"]).all()
    first, second = many["E.pair_first"].values, many["E.pair_second"].values
    later = recorded(noise(50, 50)).isel({"E.unit": slice(10, None)})
    some = analysis.correlation(later, "E.r", pairs=700)
    np.testing.assert_array_equal([some["E.pair_first"], some["E.pair_second"]], [first + 10, second + 10])


def test_chi_squared_is_one_for_equal_units_and_one_over_n_for_orthogonal_ones():
    at = 2 * np.pi * np.arange(1000) / 1000
    equal = np.repeat(sine(100.0, samples=1000), 8, axis=1) + np.arange(8)
    apart = np.stack([np.sin(k * at) for k in range(1, 9)], axis=1)
    assert float(analysis.synchrony(recorded(equal), "E.r")) == pytest.approx(1.0)
    assert float(analysis.synchrony(recorded(apart), "E.r")) == pytest.approx(1 / 8)
    assert float(analysis.synchrony(recorded(apart), "E.r", units=4)) == pytest.approx(1 / 4)
    assert float(analysis.synchrony(recorded(apart), "E.r", units=1000)) == pytest.approx(1 / 8)
    opposed = np.concatenate([sine(100.0, samples=1000), -sine(100.0, samples=1000)], axis=1)
    assert float(analysis.synchrony(recorded(opposed), "E.r")) == pytest.approx(0.0, abs=1e-12)


# ------------------------------------------------------------ readouts


def test_without_a_penalty_a_linear_map_is_recovered():
    values, weights = noise(500, 6), np.arange(12.0).reshape(6, 2) - 4
    target = values @ weights + [3.0, -1.0]
    readout = analysis.fit_readout(recorded(values), "E.r", target)
    np.testing.assert_allclose(readout.weights, weights, atol=1e-12)
    np.testing.assert_allclose(readout.bias, [3.0, -1.0], atol=1e-12)
    assert readout.weights.dims == ("E.unit", "output")
    score = readout.score(recorded(values), target)
    np.testing.assert_allclose(score["r2"], 1.0)
    np.testing.assert_allclose(score["nrmse"], 0.0, atol=1e-12)


@pytest.mark.parametrize("bias", [True, False])
def test_with_a_penalty_the_weights_are_those_of_the_normal_equations(bias):
    values, target = noise(200, 8) + 2.0, noise(200, 1, seed=9)[:, 0] + 1.0
    readout = analysis.fit_readout(recorded(values), "E.r", target, ridge=7.5, bias=bias)
    x = values - values.mean(axis=0) if bias else values
    y = target - target.mean() if bias else target
    expected = np.linalg.solve(x.T @ x + 7.5 * np.eye(8), x.T @ y)
    np.testing.assert_allclose(readout.weights, expected, rtol=1e-10)
    constant = target.mean() - values.mean(axis=0) @ expected if bias else 0.0
    assert float(readout.bias) == pytest.approx(constant)
    error = target - readout.predict(recorded(values)).values
    score = readout.score(recorded(values), target)
    assert float(score["r2"]) == pytest.approx(1 - (error**2).mean() / target.var())
    assert float(score["nrmse"]) == pytest.approx(np.sqrt((error**2).mean()) / target.std())


def test_equal_units_share_a_weight():
    one = noise(100, 1)
    readout = analysis.fit_readout(recorded(np.repeat(one, 4, axis=1)), "E.r", 2 * one[:, 0])
    np.testing.assert_allclose(readout.weights, 0.5, rtol=1e-9)


def test_of_equally_good_weights_the_shortest_are_taken():
    values = noise(1000, 3) @ np.random.default_rng(1).normal(size=(3, 7))
    target = noise(1000, 1, seed=2)[:, 0]
    readout = analysis.fit_readout(recorded(values), "E.r", target, bias=False)
    np.testing.assert_allclose(readout.weights, np.linalg.pinv(values) @ target, rtol=1e-8)


def test_a_readout_is_fitted_on_one_part_and_scored_on_another():
    values = noise(1000, 3)
    ds = recorded(values)
    target = xr.DataArray(values @ [1.0, 2.0, 3.0], {"time": ds["time"]}, ["time"])
    train, test = analysis.train_test_split(ds, 0.75)
    assert (train.sizes["time"], test.sizes["time"]) == (750, 250)
    assert float(test["time"][0]) == pytest.approx(75.0)
    readout = analysis.fit_readout(train, "E.r", target, discard=10.0)
    assert readout.weights.dims == ("E.unit",)
    assert float(readout.score(test, target)["r2"]) == pytest.approx(1.0)
    shuffled = xr.DataArray(noise(1000, 1, seed=8)[:, 0], {"time": ds["time"]}, ["time"])
    assert float(readout.score(test, shuffled)["r2"]) < 0
    with pytest.raises(ValueError, match="read-only"):
        readout.weights.values[0] = 5.0


def test_samples_left_out_are_left_out_of_the_target_too():
    values = noise(300, 2)
    target = values @ [1.0, -1.0]
    target[:100] = 1e6
    readout = analysis.fit_readout(recorded(values), "E.r", target, discard=10.0)
    np.testing.assert_allclose(readout.weights, [1.0, -1.0], atol=1e-12)


def test_a_target_may_be_another_variable():
    net = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 3, {"tau": [5.0, 10.0, 20.0]}, {"x": 1.0})})
    ds = nb.simulate(net, 50.0, 0.1)
    readout = analysis.fit_readout(ds, "E.x", "E.x")
    np.testing.assert_allclose(readout.weights, np.eye(3), atol=1e-9)
    assert np.isnan(readout.score(ds, np.ones((501, 3)))["r2"]).all()
