"""Laws of what is counted in spike trains, against processes whose numbers are known in closed form."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import nbkit as nb
from nbkit import analysis
from nbkit.analysis.reading import read_span, recording_start
from nbkit.analysis.together import _unrolled

DT = 0.1


def spikes(trains, duration=1000.0, *, population="E", time_unit="ms", dt=DT):
    """One list of steps per unit -> a Dataset as `nbkit.simulate` returns it."""
    steps = np.concatenate([np.asarray(train, dtype=int) for train in trains])
    units = np.repeat(np.arange(len(trains)), [len(train) for train in trains])
    order = np.argsort(steps, kind="stable")
    return analysis.spike_dataset(
        population, steps[order] * dt, units[order], size=len(trains), duration=duration, dt=dt, time_unit=time_unit
    )


def renewal(intervals, duration):
    """Rows of intervals, in steps, -> trains that fill the duration."""
    ends = np.cumsum(intervals, axis=1)
    assert (ends[:, -1] > duration / DT).all()
    return [row[row <= duration / DT] for row in ends]


def poisson(hertz, units, duration, seed=1):
    """A Bernoulli draw in every step: the intervals are geometric."""
    chance = hertz * DT * 1e-3
    many = int(hertz * duration * 1e-3 * 1.5) + 50
    return renewal(np.random.default_rng(seed).geometric(chance, (units, many)), duration)


def test_a_poisson_process_has_its_rate_and_cv_and_fano_factor_of_one():
    duration = 20_000.0
    ds = spikes(poisson(20.0, 200, duration), duration)
    spread = np.sqrt(20.0 / (200 * 20.0))
    assert float(analysis.rate(ds, "E")["E.rate_mean"]) == pytest.approx(20.0, abs=3 * spread)
    assert float(analysis.cv(ds, "E")["E.cv_mean"]) == pytest.approx(1.0, abs=0.015)
    assert float(analysis.fano_factor(ds, "E", 100.0)["E.fano_mean"]) == pytest.approx(1.0, abs=0.03)
    assert float(analysis.synchrony(ds, "E", 3.0)) == pytest.approx(1.0, abs=3 * np.sqrt(2 / 6666))


def test_a_renewal_process_has_a_fano_factor_of_its_squared_cv():
    duration = 20_000.0
    order, chance = 4, 4 * 40.0 * DT * 1e-3
    intervals = np.random.default_rng(2).geometric(chance, (100, 1300, order)).sum(axis=2)
    ds = spikes(renewal(intervals, duration), duration)
    assert float(analysis.cv(ds, "E")["E.cv_mean"]) == pytest.approx(0.5, abs=0.01)
    assert float(analysis.fano_factor(ds, "E", 1000.0)["E.fano_mean"]) == pytest.approx(0.25, abs=0.03)


def test_a_clock_does_not_vary_at_all():
    ds = spikes([np.arange(70, 10_001, 70), np.arange(35, 10_001, 70)])
    assert (analysis.cv(ds, "E")["E.cv"] == 0.0).all()
    assert (analysis.interspike_intervals(ds, "E") == 70 * DT).all()
    assert (analysis.fano_factor(ds, "E", 70.0, discard=13.0)["E.fano"] == 0.0).all()


def test_a_jittered_clock_has_the_cv_of_its_jitter():
    jitter, apart = 10, 100
    at = np.arange(1, 20_000) * apart + np.random.default_rng(3).integers(-jitter, jitter + 1, 19_999)
    ds = spikes([at], 200_000.0)
    expected = np.sqrt(2 * jitter * (jitter + 1) / 3) / apart
    assert float(analysis.cv(ds, "E")["E.cv_mean"]) == pytest.approx(expected, rel=0.02)


def test_only_units_with_enough_intervals_count_for_the_cv():
    ds = spikes([[10, 20, 40], [10, 20], [], [10, 20, 30, 60]])
    found = analysis.cv(ds, "E")
    np.testing.assert_allclose(found["E.cv"], [1 / 3, np.nan, np.nan, np.std([1, 1, 3]) / np.mean([1, 1, 3])])
    assert int(found["E.cv_units"]) == 2
    strict = analysis.cv(ds, "E", least=3)
    assert int(strict["E.cv_units"]) == 1
    assert np.isnan(strict["E.cv"][0])


def test_what_is_undefined_without_spikes_is_nan_and_a_rate_is_zero():
    ds = spikes([[], []])
    assert analysis.rate(ds, "E")["E.rate"].values.tolist() == [0.0, 0.0]
    assert analysis.rate(ds, "E", bin=100.0)["E.rate"].values.shape == (10, 2)
    assert np.isnan(analysis.cv(ds, "E")["E.cv"]).all()
    assert np.isnan(analysis.cv(ds, "E")["E.cv_mean"])
    assert int(analysis.cv(ds, "E")["E.cv_units"]) == 0
    assert np.isnan(analysis.fano_factor(ds, "E", 10.0)["E.fano_mean"])
    assert np.isnan(analysis.synchrony(ds, "E", 10.0))
    found = analysis.correlation(ds, "E", bin=10.0)
    assert np.isnan(found["E.correlation"]).all()
    assert np.isnan(found["E.correlation_mean"])
    assert int(found["E.correlation_pairs"]) == 0
    assert analysis.interspike_intervals(ds, "E").size == 0
    assert analysis.spike_table(ds).sizes["spike"] == 0


def test_rates_are_in_hertz_whatever_the_network_counts():
    trains = [[1000, 3000], [5000]]
    in_ms, in_s = spikes(trains), spikes(trains, 1.0, time_unit="s", dt=DT / 1000)
    model = spikes(trains, time_unit="1")
    for ds, factor, unit in ((in_ms, 1.0, "Hz"), (in_s, 1.0, "Hz"), (model, 1e-3, "per model unit")):
        found = analysis.rate(ds, "E")
        np.testing.assert_allclose(found["E.rate"], [2.0 * factor, 1.0 * factor], rtol=1e-12)
        assert found["E.rate"].attrs["units"] == found["E.rate_mean"].attrs["units"] == unit
    np.testing.assert_allclose(analysis.rate(in_s, "E", bin="0.5 s")["E.rate_mean"], [2.0, 1.0], rtol=1e-12)
    np.testing.assert_allclose(analysis.rate(in_ms, "E", bin="0.5 s")["E.rate_mean"], [2.0, 1.0], rtol=1e-12)


def test_neighbouring_windows_share_no_spike_and_lose_none():
    ds = spikes([[0, 2500, 5000, 7500, 10_000]])
    cuts = [(None, 250.0), (250.0, 500.0), (500.0, 750.0), (750.0, None)]
    counted = [round(float(analysis.rate(ds, "E", window)["E.rate_mean"]) * 0.25) for window in cuts]
    assert counted == [1, 1, 1, 2]
    over_time = analysis.rate(ds, "E", bin=250.0)
    assert (over_time["E.rate_mean"] * 0.25).round().values.tolist() == counted
    assert over_time["time"].values.tolist() == [125.0, 375.0, 625.0, 875.0]


def test_bins_hold_the_same_spikes_whatever_the_rounding_of_their_stamps():
    ds = spikes([np.arange(1, 10_000)])
    counts = (analysis.rate(ds, "E", bin=0.3)["E.rate_mean"] * 0.3e-3).round(9)
    assert counts[1:].values.tolist() == [3.0] * 3332
    assert float(counts[0]) == 2.0  # nothing falls on step 0


def test_a_cut_in_time_and_a_choice_of_units_cut_the_spikes_too():
    ds = spikes([[100, 6000], [200, 7000], [8000]])
    late = analysis.rate(ds.sel(time=slice(500.0, None)), "E")["E.rate"]
    np.testing.assert_allclose(late, [2.0, 2.0, 2.0])
    np.testing.assert_allclose(late, analysis.rate(ds, "E", discard="500 ms")["E.rate"])
    np.testing.assert_allclose(late, analysis.rate(ds, "E", ("500 ms", None))["E.rate"])
    chosen = ds.isel({"E.unit": [2, 0]})
    assert analysis.rate(chosen, "E")["E.rate"].round(6).values.tolist() == [1.0, 2.0]
    assert analysis.spike_table(chosen)["unit"].values.tolist() == [0, 0, 2]


def test_a_continued_run_began_one_step_before_its_first_sample():
    sim = nb.Simulation(nb.Network({"E": nb.Population(nb.models.leaky_integrator, 1)}), dt=0.5)
    first, second = sim.run(10.0), sim.run(10.0)
    assert (recording_start(first), recording_start(second)) == (0.0, 10.0)
    assert read_span(first).duration == read_span(second).duration == 10.0
    assert recording_start(first.isel(time=slice(4, None))) == 2.0


def test_the_spike_table_lists_all_populations_in_order_of_time():
    pair = [spikes([[30], [10, 50]]), spikes([[], [40], [10]], population="I")]
    ds = xr.merge(pair, compat="no_conflicts", combine_attrs="override")
    table = analysis.spike_table(ds)
    assert table["time"].values.tolist() == [1.0, 1.0, 3.0, 4.0, 5.0]
    assert table["population"].values.tolist() == ["E", "I", "E", "I", "E"]
    assert table["unit"].values.tolist() == [1, 2, 0, 1, 1]
    assert table["row"].values.tolist() == [1, 4, 0, 3, 1]
    assert analysis.spike_table(ds, "I")["row"].values.tolist() == [2, 1]
    both = xr.merge([analysis.rate(ds, name) for name in ("E", "I")], compat="no_conflicts")
    assert {"E.rate", "I.rate", "E.rate_mean", "I.rate_mean"} == set(both.data_vars)


def test_intervals_stay_within_their_unit():
    found = analysis.interspike_intervals(spikes([[10, 30], [15, 20, 90]]), "E.spike")
    assert found.round(9).values.tolist() == [2.0, 0.5, 7.0]
    assert found["E.interval_unit"].values.tolist() == [0, 1, 1]
    assert found["E.interval_end"].values.tolist() == [3.0, 2.0, 9.0]
    assert found.attrs["units"] == "ms"


def test_n_copies_of_a_train_are_n_times_as_synchronous():
    train = poisson(20.0, 1, 5000.0)[0]
    alone = float(analysis.synchrony(spikes([train], 5000.0), "E", 3.0))
    together = spikes([train] * 12, 5000.0)
    assert float(analysis.synchrony(together, "E", 3.0)) == pytest.approx(12 * alone, rel=1e-12)
    assert float(analysis.synchrony(together, "E", 3.0, units=5)) == pytest.approx(5 * alone, rel=1e-12)
    counts = np.bincount((train[train < 49_980] // 30).astype(int), minlength=1666)
    assert alone == pytest.approx(counts.var() / counts.mean(), rel=1e-2)


def test_trains_that_share_spikes_correlate_by_the_shared_part():
    duration = 100_000.0
    shared, *own = poisson(10.0, 5, duration)
    ds = spikes([*(np.union1d(shared, train) for train in own), np.array([], dtype=int)], duration)
    found = analysis.correlation(ds, "E", bin=2.0)
    matrix = found["E.correlation"].values
    np.testing.assert_allclose(matrix[:4, :4][~np.eye(4, dtype=bool)], 0.5, atol=0.02)
    np.testing.assert_allclose(np.diag(matrix)[:4], 1.0)
    assert np.isnan(matrix[4]).all()
    assert np.isnan(matrix[:, 4]).all()
    assert int(found["E.correlation_pairs"]) == 6
    assert float(found["E.correlation_mean"]) == pytest.approx(matrix[:4, :4][np.triu_indices(4, 1)].mean())


def test_drawn_pairs_are_those_of_the_matrix_and_the_same_each_time():
    ds = spikes(poisson(20.0, 30, 2000.0), 2000.0)
    matrix = analysis.correlation(ds, "E", bin=5.0)["E.correlation"].values
    some = analysis.correlation(ds, "E", bin=5.0, pairs=300, seed=4)
    first, second = some["E.pair_first"].values, some["E.pair_second"].values
    assert len(set(zip(first.tolist(), second.tolist(), strict=True))) == 300
    assert (first < second).all()
    np.testing.assert_allclose(some["E.correlation"], matrix[first, second], atol=1e-12)
    xr.testing.assert_identical(some, analysis.correlation(ds, "E", bin=5.0, pairs=300, seed=4))
    assert not some.equals(analysis.correlation(ds, "E", bin=5.0, pairs=300, seed=5))
    few = analysis.correlation(ds, "E", bin=5.0, units=7)
    numbers = few["E.unit"].values
    np.testing.assert_allclose(few["E.correlation"], matrix[np.ix_(numbers, numbers)], atol=1e-12)


def test_pairs_are_counted_without_gaps():
    first, second = _unrolled(np.arange(45))
    assert sorted(zip(first.tolist(), second.tolist(), strict=True)) == [
        (i, j) for i in range(10) for j in range(i + 1, 10)
    ]
    far = 3_000_000_000 * 2_999_999_999 // 2
    assert [int(one[0]) for one in _unrolled(np.array([far - 1]))] == [2_999_999_998, 2_999_999_999]


def test_results_say_what_they_are():
    ds = spikes(poisson(20.0, 3, 1000.0)).assign_attrs(seed=7, network="{}")
    results = [
        analysis.rate(ds, "E"),
        analysis.rate(ds, "E", bin=10.0),
        analysis.cv(ds, "E"),
        analysis.fano_factor(ds, "E", 10.0),
        analysis.correlation(ds, "E", bin=10.0),
        analysis.correlation(ds, "E", bin=10.0, pairs=2),
    ]
    for found in results:
        assert all({"units", "long_name", "population", "variable"} <= set(v.attrs) for v in found.data_vars.values())
        assert all(c.attrs.get("long_name") for c in found.coords.values())
        assert (found.attrs["seed"], found.attrs["network"]) == (7, "{}")
    assert results[1].attrs["dt"] == 10.0
    assert set(analysis.synchrony(ds, "E", 3.0).attrs) == {"units", "long_name", "population", "variable"}
