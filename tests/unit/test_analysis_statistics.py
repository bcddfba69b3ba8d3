"""Laws of the table of spike statistics: each number is what a slow loop over its definition gives."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import nbkit as nb
from nbkit import analysis
from nbkit.analysis.reading import read_all_trains
from nbkit.errors import NbkitError

SIZES = {"L4E": 60, "L4I": 25}
DURATION = 600.0
DT = 0.1


def spikes(sizes=SIZES, *, hertz=25.0, seed=4, duration=DURATION, time_unit="ms"):
    """Trains at random, every third unit silent, with a few moments at which all of a population spike."""
    random = np.random.default_rng(seed)
    parts = []
    for name, size in sizes.items():
        units = np.concatenate([np.full(random.poisson(hertz * 0.6), unit) for unit in range(size) if unit % 3])
        together = random.integers(1, 5999, 4)
        steps = np.concatenate([random.integers(1, 6001, len(units)), np.repeat(together, size)])
        units = np.concatenate([units, np.tile(np.arange(size), 4)])
        keep = (units % 3 > 0) & ~((units == 1) & (steps > 50))
        scale = DT * duration / DURATION
        parts.append(
            analysis.spike_dataset(
                name,
                steps[keep] * scale,
                units[keep],
                size=size,
                duration=duration,
                dt=scale,
                time_unit=time_unit,
            )
        )
    return xr.merge(parts, compat="override", join="override", combine_attrs="override")


def trains_of(ds, name, start=0.0, stop=DURATION):
    times, units = np.round(ds[f"{name}.spike_time"].values, 6), ds[f"{name}.spike_unit"].values
    inside = (times >= start) & ((times <= stop) if stop == DURATION else (times < stop))
    return [np.sort(times[inside & (units == unit)]) for unit in range(ds.sizes[f"{name}.unit"])]


def drawn(size, wanted, seed):
    return np.sort(np.random.default_rng(seed).choice(size, min(wanted, size), replace=False))


def counted(train, width, start, stop):
    """Spikes in each whole bin, one by one."""
    counts = [0] * round((stop - start) // width)
    for time in train:
        place = int((round(time / DT) - round(start / DT)) // round(width / DT))
        if place == len(counts) and time == stop:
            place -= 1
        if place < len(counts):
            counts[place] += 1
    return counts


@pytest.mark.parametrize("window", [None, (120.0, 480.0)])
@pytest.mark.parametrize("name", list(SIZES))
def test_every_number_is_that_of_a_slow_loop(name, window):
    ds, seed = spikes(), 7
    table = analysis.spike_statistics(ds, window=window, units=40, pair_units=20, seed=seed).sel(population=name)
    start, stop = window or (0.0, DURATION)
    trains = trains_of(ds, name, start, stop)
    rates = [1000.0 * len(train) / (stop - start) for train in trains]
    assert float(table["rate"]) == pytest.approx(np.mean(rates))
    assert float(table["rate_spread"]) == pytest.approx(np.std(rates))
    assert float(table["silent"]) == pytest.approx(sum(rate == 0 for rate in rates) / len(rates))
    irregular = [np.std(np.diff(train)) / np.mean(np.diff(train)) for train in trains if len(train) >= 3]
    assert float(table["cv"]) == pytest.approx(np.mean(irregular))
    assert int(table["cv_units"]) == len(irregular)
    together = np.sum([counted(trains[unit], 3.0, start, stop) for unit in drawn(len(trains), 40, seed)], axis=0)
    assert float(table["synchrony"]) == pytest.approx(together.var() / together.mean())
    each = [counted(trains[unit], 2.0, start, stop) for unit in drawn(len(trains), 20, seed)]
    each = [counts for counts in each if any(counts)]
    pairs = [np.corrcoef(one, other)[0, 1] for place, one in enumerate(each) for other in each[:place]]
    assert float(table["correlation"]) == pytest.approx(np.mean(pairs))


def test_the_table_agrees_with_the_single_functions():
    ds = spikes()
    table = analysis.spike_statistics(ds, seed=3).sel(population="L4E")
    single = {
        "rate": analysis.rate(ds, "L4E")["L4E.rate_mean"],
        "cv": analysis.cv(ds, "L4E")["L4E.cv_mean"],
        "cv_units": analysis.cv(ds, "L4E")["L4E.cv_units"],
        "synchrony": analysis.synchrony(ds, "L4E", "3 ms", units=1000, seed=3),
        "correlation": analysis.correlation(ds, "L4E", bin="2 ms", units=200, seed=3)["L4E.correlation_mean"],
    }
    for key, value in single.items():
        assert float(table[key]) == pytest.approx(float(value), rel=1e-12)


def test_all_or_the_chosen_populations_stand_in_their_order():
    ds = spikes()
    assert analysis.spike_statistics(ds)["population"].values.tolist() == ["L4E", "L4I"]
    assert analysis.spike_statistics(ds)["units"].values.tolist() == [60, 25]
    assert analysis.spike_statistics(ds, ["L4I", "L4E"])["population"].values.tolist() == ["L4I", "L4E"]
    assert [one.population for one in read_all_trains(ds, "L4I.spike")] == ["L4I"]


def test_only_what_is_asked_for_is_computed():
    table = analysis.spike_statistics(spikes(), measures="cv")
    assert list(table.data_vars) == ["units", "cv", "cv_units"]


def test_the_seed_decides_which_units_are_drawn():
    ds = spikes()
    first, again, other = (
        float(analysis.spike_statistics(ds, "L4E", measures=["synchrony"], units=20, seed=seed)["synchrony"][0])
        for seed in (1, 1, 2)
    )
    assert first == again != other


def test_two_intervals_are_enough_for_a_cv_and_one_is_not():
    ds = analysis.spike_dataset("E", [1.0, 3.0, 7.0, 2.0, 5.0], [0, 0, 0, 1, 1], size=3, duration=30.0, dt=0.1)
    table = analysis.spike_statistics(ds, measures=["cv"]).sel(population="E")
    assert (float(table["cv"]), int(table["cv_units"])) == (pytest.approx(1 / 3), 1)


def test_what_has_too_few_spikes_is_nan():
    ds = analysis.spike_dataset("E", [5.0], [0], size=3, duration=30.0, dt=0.1)
    table = analysis.spike_statistics(ds).sel(population="E")
    assert float(table["rate"]) == pytest.approx(1000 / 30 / 3)
    assert np.isnan(table["cv"])
    assert np.isnan(table["correlation"])
    silent = analysis.spike_statistics(ds, window=(10.0, 30.0)).sel(population="E")
    assert float(silent["rate"]) == 0.0
    assert float(silent["silent"]) == 1.0
    assert np.isnan(silent["synchrony"])


def test_rates_are_in_hertz_and_bins_in_ms_in_a_network_that_counts_seconds():
    in_ms, in_s = spikes(), spikes(duration=0.6, time_unit="s")
    assert in_s["L4E.spike_time"].values.max() <= 0.6
    for key, values in analysis.spike_statistics(in_ms, seed=2).items():
        assert np.allclose(analysis.spike_statistics(in_s, seed=2)[key], values)
    assert analysis.spike_statistics(in_s)["rate"].attrs["units"] == "Hz"


def test_model_units_have_no_ms_so_that_a_width_is_asked_for():
    ds = spikes(time_unit="1")
    with pytest.raises(NbkitError) as error:
        analysis.spike_statistics(ds)
    assert [problem.where for problem in error.value.problems] == ["bin", "pair_bin"]
    assert analysis.spike_statistics(ds, measures=["rate"])["rate"].attrs["units"] == "per model unit"
    table = analysis.spike_statistics(ds, bin=3.0, pair_bin=2.0)
    assert np.allclose(table["synchrony"], analysis.spike_statistics(spikes())["synchrony"])


def test_mistakes_are_told_all_at_once():
    ds = spikes()
    with pytest.raises(NbkitError) as error:
        analysis.spike_statistics(ds, ["L4F", "L4I", "L4I", "L5E"])
    assert [problem.code for problem in error.value.problems] == [
        "unknown-population",
        "bad-choice",
        "unknown-population",
    ]
    with pytest.raises(NbkitError) as error:
        analysis.spike_statistics(ds, measures=["cvv", "rate", "rate"])
    assert [problem.code for problem in error.value.problems] == ["bad-choice"] * 2
    assert "did you mean 'cv'" in error.value.problems[0].hint
    with pytest.raises(NbkitError, match="none was named"):
        analysis.spike_statistics(ds, measures=[])
    with pytest.raises(NbkitError) as error:
        analysis.spike_statistics(ds, bin=0.0)
    assert error.value.code == "duration-off-grid"


def test_a_dataset_without_spikes_says_how_to_record_them():
    rates = xr.Dataset({"E.r": ("time", np.zeros(3)), "I.r": ("time", np.zeros(3))}, {"time": np.arange(3.0)})
    with pytest.raises(NbkitError) as error:
        analysis.spike_statistics(rates)
    assert error.value.code == "unknown-variable"
    assert 'record=["E.spike", "I.spike"]' in error.value.hint


@pytest.mark.parametrize(("ds", "populations"), [(3, None), ({}, None), (None, 3), (None, [3]), (None, {"E": 1})])
def test_what_is_no_result_and_no_list_of_names_is_refused(ds, populations):
    given = nb.analysis.spike_dataset("E", [1.0, 2.0], [0, 1], size=2, duration=5.0, dt=0.1) if ds is None else ds
    with pytest.raises(nb.NbkitError) as caught:
        nb.analysis.spike_statistics(given, populations)
    assert caught.value.code == "bad-type"
