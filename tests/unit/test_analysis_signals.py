"""Laws of spectra, periods and phases, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from nbkit import analysis


def recorded(values, *, dt=0.1, time_unit="ms", name="E.r", unit="mV", dims=None):
    """Values, (time, units), -> a Dataset as `nbkit.simulate` returns it."""
    values = np.asarray(values)
    population, _, variable = name.partition(".")
    dims = dims or ("time", f"{population}.unit")
    steps = np.arange(values.shape[dims.index("time")])
    about = {"units": unit, "long_name": "activity", "population": population, "variable": variable}
    coordinates = {"time": ("time", steps * dt, {"units": time_unit}), "step": ("time", steps)}
    coordinates |= {dim: np.arange(n) for dim, n in zip(dims, values.shape, strict=True) if dim != "time"}
    return xr.Dataset({name: (dims, values, about)}, coordinates, {"dt": dt, "time_unit": time_unit, "seed": 0})


def sine(period, *, samples=5000, phase=0.0, offset=0.0, amplitude=1.0):
    """One unit; the period in samples."""
    return (offset + amplitude * np.sin(2 * np.pi * np.arange(samples) / period + phase))[:, None]


def noise(samples, units, seed=0):
    return np.random.default_rng(seed).normal(size=(samples, units))


# ------------------------------------------------------------ spectra


def test_a_spectrum_is_highest_at_the_frequency_of_a_sine_in_every_unit_of_time():
    for per_second in (12.3, 40.0, 77.7):
        for time_unit, factor, shown in (("ms", 1e-3, "Hz"), ("s", 1.0, "Hz"), ("1", 1.0, "per model unit")):
            values = sine(1 / (per_second * 1e-4), samples=20_000, phase=0.3)
            ds = recorded(values, dt=1e-4 / factor, time_unit=time_unit)
            found = analysis.spectrum(ds, "E.r")
            assert float(found["E.r_peak"][0]) == pytest.approx(per_second, abs=0.05 * 2.0)  # 5 % of the resolution
            assert found["frequency"].attrs["units"] == found["E.r_peak"].attrs["units"] == shown


def test_a_spectrum_integrates_to_the_variance():
    values = noise(4000, 3) + sine(31.0, samples=4000, offset=5.0)
    ds = recorded(values, dt=0.5)
    whole = analysis.spectrum(ds, "E.r", segment=2000.0, taper="boxcar")
    apart = float(whole["frequency"][1] - whole["frequency"][0])
    np.testing.assert_allclose(whole["E.r_power"].sum("frequency") * apart, values.var(axis=0), rtol=1e-10)
    assert whole["E.r_power"].dims == ("frequency", "E.unit")
    assert whole["E.r_power"].attrs["units"] == "(mV)²/Hz"
    assert float(whole["frequency"][-1]) == 1000.0  # half of 2000 samples per second


def test_white_noise_is_flat_and_segments_average():
    ds = recorded(noise(64_000, 1), dt=0.5)
    power = analysis.spectrum(ds, "E.r", segment=64.0)["E.r_power"][1:-1, 0]
    np.testing.assert_allclose(power, 2 / 2000.0, rtol=0.25)
    assert float(power.mean()) == pytest.approx(2 / 2000.0, rel=0.02)


def test_what_stands_still_has_no_peak_and_no_period():
    still = np.full((400, 1), 0.1) + 1e-14 * sine(20.0, samples=400)
    ds = recorded(np.concatenate([still, sine(20.0, samples=400)], axis=1))
    peaks = analysis.spectrum(ds, "E.r")["E.r_peak"]
    assert np.isnan(peaks[0])
    assert float(peaks[1]) == pytest.approx(500.0, rel=0.01)
    assert np.isnan(analysis.period(ds, "E.r")[0])
    assert np.isnan(analysis.synchrony(ds.isel({"E.unit": [0]}), "E.r"))
    assert int(analysis.correlation(ds, "E.r")["E.r_correlation_pairs"]) == 0


@pytest.mark.parametrize("kind", ["float64", "float32"])
def test_a_ripple_of_rounding_is_no_rhythm(kind):
    exact = np.finfo(kind).eps
    ripple = (-65.0 + 65 * 4 * exact * sine(20.0, samples=400)).astype(kind)
    assert np.isnan(analysis.period(recorded(ripple), "E.r")[0])
    rhythm = (-65.0 + 65 * 4e3 * max(exact, 1e-12) * sine(20.0, samples=400)).astype(kind)
    assert float(analysis.period(recorded(rhythm), "E.r")[0]) == pytest.approx(2.0, rel=1e-3)


def test_the_spectrum_of_the_mean_is_that_of_the_mean():
    ds = recorded(sine(25.0) * [1.0, -1.0] + sine(60.0, amplitude=0.1))
    assert analysis.spectrum(ds, "E.r")["E.r_peak"].round(0).values.tolist() == [400.0, 400.0]
    assert float(analysis.spectrum(ds, "E.r", mean=True)["E.r_peak"]) == pytest.approx(166.7, abs=1.0)
    assert float(analysis.period(ds, "E.r", mean=True)) == pytest.approx(6.0, abs=1e-3)


def test_a_rate_over_time_has_a_spectrum():
    at = np.arange(0, 20_000, 100) + 3
    ds = analysis.spike_dataset("E", at * 0.1, np.zeros(200), size=1, duration=2000.0, dt=0.1)
    found = analysis.spectrum(analysis.rate(ds, "E", bin=4.0), "E.rate_mean", segment="1 s")
    assert float(found["E.rate_mean_peak"]) == pytest.approx(100.0, abs=0.5)


# ------------------------------------------------------------ periods


@pytest.mark.parametrize("period", [200.0, 123.456, 500 / 3, 97.531])
def test_the_period_of_a_sine_is_found_to_a_thousandth_of_a_step(period):
    ds = recorded(sine(period, phase=1.0, offset=3.0, amplitude=0.2), dt=0.1)
    found = analysis.period(ds, "E.r")
    assert float(found[0]) == pytest.approx(period * 0.1, abs=1e-4)
    assert (found.name, found.attrs["units"], found.dims) == ("E.r_period", "ms", ("E.unit",))


def test_noise_and_harmonics_make_no_cycles_of_their_own():
    values = sine(100.0, samples=10_000) + 0.5 * sine(50.0, samples=10_000) + 0.15 * noise(10_000, 1)
    assert float(analysis.period(recorded(values), "E.r")[0]) == pytest.approx(10.0, rel=2e-3)


def test_a_train_of_narrow_pulses_has_its_period():
    at = np.arange(4000)
    values = np.exp(-0.5 * ((at % 137) - 60.0) ** 2 / 3.0**2)[:, None]
    assert float(analysis.period(recorded(values, dt=1.0), "E.r")[0]) == pytest.approx(137.0, abs=1e-9)
    values[10 * 137 : 11 * 137] = 0.0  # one is missing
    assert float(analysis.period(recorded(values, dt=1.0), "E.r")[0]) == pytest.approx(137.0, abs=1e-9)


def test_pulses_of_one_sample_may_fall_between_samples():
    values = np.zeros((5000, 1))
    at = np.rint(np.arange(1, 98) * 50.8).astype(int)
    values[at] = 1.0
    expected = (at[-1] - at[0]) / (len(at) - 1)
    assert float(analysis.period(recorded(values, dt=1.0), "E.r")[0]) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    "values",
    [
        noise(4000, 1),
        np.exp(-np.arange(4000) / 300.0)[:, None],
        sine(100.0) * np.exp(-np.arange(5000) / 300.0)[:, None],
        sine(2400.0, phase=-np.pi / 2),
        np.arange(4000.0)[:, None],
        np.isin(np.arange(4000), [100, 150, 3900])[:, None].astype(float),
        np.cumsum(noise(4000, 1, seed=3), axis=0),
        np.where(np.arange(4000) == 3999, np.nan, sine(100.0, samples=4000)[:, 0])[:, None],
    ],
    ids=[
        "white noise",
        "decay",
        "a rhythm that dies",
        "two beginnings of a cycle",
        "a ramp",
        "cycles of which none is like another",
        "a random walk",
        "not a number",
    ],
)
def test_what_does_not_repeat_itself_has_no_period(values):
    assert np.isnan(analysis.period(recorded(values), "E.r")[0])


def test_a_rhythm_after_a_transient_is_found_when_the_transient_is_left_out():
    values = sine(100.0) + 50 * np.exp(-np.arange(5000) / 100.0)[:, None]
    ds = recorded(values)
    assert np.isnan(analysis.period(ds, "E.r")[0])
    assert float(analysis.period(ds, "E.r", discard=150.0)[0]) == pytest.approx(10.0, abs=1e-4)
    assert float(analysis.period(ds, "E.r", discard="0.15 s")[0]) == pytest.approx(10.0, abs=1e-4)


def test_runs_of_several_seeds_are_analysed_each():
    values = np.stack([sine(50.0), sine(80.0)])
    ds = recorded(values, dims=("seed", "time", "E.unit"))
    assert analysis.period(ds, "E.r")[:, 0].round(3).values.tolist() == [5.0, 8.0]
    assert analysis.spectrum(ds, "E.r")["E.r_power"].dims == ("seed", "frequency", "E.unit")
    assert analysis.spectrum(ds, "E.r")["E.r_peak"][:, 0].round(0).values.tolist() == [200.0, 125.0]
    assert analysis.order_parameter(ds, "E.r")["E.r_r"].dims == ("seed", "time")
    assert analysis.correlation(ds, "E.r")["E.r_correlation"].dims == ("seed", "E.unit", "E.other_unit")
    assert analysis.synchrony(ds, "E.r").dims == ("seed",)


def test_a_grid_of_units_keeps_its_shape():
    phases = np.arange(6).reshape(2, 3)
    values = sine(50.0)[:, :, None] * np.ones((2, 3)) + 0.1 * np.sin(np.arange(5000)[:, None, None] / 3.0 + phases)
    ds = recorded(values, dims=("time", "E.grid_y", "E.grid_x"))
    assert analysis.period(ds, "E.r").dims == ("E.grid_y", "E.grid_x")
    assert analysis.order_parameter(ds, "E.r")["E.r_r"].dims == ("time",)
    assert analysis.correlation(ds, "E.r")["E.r_correlation"].shape == (6, 6)
    assert analysis.fit_readout(ds, "E.r", values[:, 0, 0]).predict(ds).shape == (5000,)


# ------------------------------------------------------------ phases


def test_locked_phases_have_order_one_and_splayed_ones_none():
    samples, units = 50, 7
    turning = np.linspace(0, 20, samples)[:, None]
    locked = analysis.order_parameter(recorded(turning + np.zeros(units), name="E.phase"), "E.phase")
    np.testing.assert_allclose(locked["E.phase_r"], 1.0)
    np.testing.assert_allclose(np.exp(1j * locked["E.phase_psi"]), np.exp(1j * turning[:, 0]))
    splayed = turning + 2 * np.pi * np.arange(units) / units
    none = analysis.order_parameter(recorded(splayed, name="E.phase"), "E.phase")
    np.testing.assert_allclose(none["E.phase_r"], 0.0, atol=1e-14)
    assert np.isnan(none["E.phase_psi"]).all()


def test_two_groups_apart_have_the_order_of_half_their_distance():
    phases = np.array([[0.0, 0.0, 1.0, 1.0], [0.2, 0.2, 0.2, 0.2]])
    found = analysis.order_parameter(recorded(phases), "E.r")
    np.testing.assert_allclose(found["E.r_r"], [np.cos(0.5), 1.0])
    np.testing.assert_allclose(found["E.r_psi"], [0.5, 0.2])
    assert found["E.r_psi"].attrs["units"] == "rad"


def test_phases_are_counted_modulo_a_turn():
    phases = noise(20, 9, seed=5)
    turned = phases + 2 * np.pi * np.arange(9)
    one, other = (analysis.order_parameter(recorded(p), "E.r")["E.r_r"] for p in (phases, turned))
    np.testing.assert_allclose(one, other)
