"""Law: rates, spectra, planes, weights and histograms show numbers that can be had another way."""

import numpy as np
import pytest
import xarray as xr
from bokeh.models import LinearColorMapper, Plot

import nbkit as nb
from nbkit.plots.stacked import stacked_picture
from nbkit.plots.weight_matrix import diverging


@pytest.fixture(scope="module")
def rhythm():
    return nb.simulate(nb.networks.rhythm(), 400.0, 0.1)


@pytest.fixture(scope="module")
def spikes():
    return nb.analysis.spike_dataset("E", [1.0, 2.5, 4.0, 51.0], [0, 2, 1, 0], size=4, duration=100.0, dt=0.5)


def sine(frequency, dt=0.5, duration=1000.0, units="mV"):
    time = np.arange(round(duration / dt) + 1) * dt
    values = 3.0 * np.sin(2 * np.pi * frequency * time / 1000.0)
    about = {"units": units, "long_name": "potential", "population": "E", "variable": "v"}
    coordinates = {"time": ("time", time, {"units": "ms"}), "E.unit": ("E.unit", [0])}
    return xr.Dataset(
        {"E.v": (("time", "E.unit"), values[:, None], about)}, coordinates, {"dt": dt, "time_unit": "ms", "setup": "{}"}
    )


def test_rates_are_spikes_per_unit_and_second(spikes):
    picture = nb.plots.rates_picture(spikes, bin=50.0)
    line = picture.columns["E rate"]
    np.testing.assert_allclose(line["x"], [25.0, 75.0])
    np.testing.assert_allclose(line["y"], [3 / 4 / 0.05, 1 / 4 / 0.05])
    assert picture.plan.y_label == "firing rate (Hz)"
    assert "bins of 50 ms" in picture.plan.x_label


def test_the_bin_of_rates_is_a_few_ms_on_the_grid(spikes):
    assert "bins of 5 ms" in nb.plots.rates_picture(spikes).plan.x_label


def test_silence_is_told():
    silent = nb.analysis.spike_dataset("E", [], [], size=4, duration=100.0, dt=0.5)
    assert nb.plots.rates_picture(silent).settings["note"]["text"] == "No unit spiked"


def test_the_peak_of_a_spectrum_is_the_frequency_and_its_area_the_variance():
    picture = nb.plots.spectrum_picture(sine(40.0))
    words = picture.settings["E.v peak words"]
    assert words["text"] == "40 Hz"
    assert picture.columns["E.v peak"]["x"][0] == pytest.approx(40.0, rel=0.005)
    line = picture.columns["E.v"]
    area = (line["y"] * np.gradient(line["x"])).sum()
    assert area == pytest.approx(4.5, rel=0.02)
    assert picture.plan.x_label == "frequency (Hz)"
    assert picture.plan.y_label == "power of potential v ((mV)²/Hz)"


def test_a_signal_that_stands_still_has_no_peak():
    picture = nb.plots.spectrum_picture(sine(0.0))
    assert picture.settings["E.v peak words"]["visible"] is False
    assert "no power" in picture.settings["note"]["text"]


def test_two_quantities_share_no_axis_of_power(rhythm):
    both = rhythm.assign({"X.v": sine(10.0, 0.1, 400.0)["E.v"].rename({"E.unit": "X.unit"})})
    both["X.v"].attrs["population"] = "X"
    with pytest.raises(nb.NbkitError, match="no common axis"):
        nb.plots.spectrum_picture(both, ["E.r", "X.v"])
    assert "X.v" not in nb.plots.spectrum_picture(both).columns


def test_two_variables_are_the_means_over_units(rhythm):
    picture = nb.plots.two_variables_picture(rhythm, "E.r", "I.r")
    np.testing.assert_allclose(picture.columns["way"]["x"][-1], rhythm["E.r"][-1].mean())
    np.testing.assert_allclose(picture.columns["end"]["y"], rhythm["I.r"][-1].mean())
    np.testing.assert_allclose(picture.columns["start"]["y"], rhythm["I.r"][0].mean())
    assert picture.plan.x_label == "E: activity r (dimensionless)"
    with pytest.raises(nb.NbkitError, match="against itself"):
        nb.plots.two_variables(rhythm, "E.r", "E.r")


def test_a_histogram_counts_every_value_once(rhythm):
    picture = nb.plots.histogram_picture(rhythm, "E.r", bins=10)
    bars = picture.columns["bars"]
    assert bars["y"].sum() == pytest.approx(100.0)
    counts, edges = np.histogram(rhythm["E.r"].to_numpy().ravel(), 10)
    np.testing.assert_allclose(bars["left"], edges[:-1])
    np.testing.assert_allclose(bars["y"], 100 * counts / counts.sum())


def test_a_histogram_of_drawn_parameters_and_of_intervals(spikes):
    net = nb.Network({"E": nb.Population(nb.models.wilson_cowan, 50, {"tau": nb.Uniform(5.0, 10.0)})})
    ds = nb.simulate(net, 5.0, 0.1)
    assert nb.plots.histogram.__doc__
    picture = nb.plots.histogram_picture(ds, "E.tau")
    assert picture.plan.x_label.endswith("(ms)")
    assert picture.plan.y_label == "share of units (%)"
    assert "50 units" in picture.settings["note"]["text"]
    gaps = nb.plots.histogram_picture(spikes, "E.intervals")
    assert "1 intervals, mean 50," in gaps.settings["note"]["text"]
    with pytest.raises(nb.NbkitError, match="cannot be counted"):
        nb.plots.histogram(ds, "E.k")


def test_values_that_are_all_the_same_are_one_bar():
    net = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 5, {}, {"x": 0.0})})
    bars = nb.plots.histogram_picture(nb.simulate(net, 5.0, 0.1), "E.x").columns["bars"]
    assert list(bars["y"]) == [100.0]


def test_zero_is_white_and_the_colours_reach_as_far_to_both_sides():
    matrix = nb.study.weight_matrix(nb.networks.rhythm(), "I->E")
    picture = nb.plots.weight_matrix_picture(matrix)
    low, high = picture.settings["colours"]["low"], picture.settings["colours"]["high"]
    assert low == -high == pytest.approx(-0.6)
    excites = nb.plots.weight_matrix_picture(nb.study.weight_matrix(nb.networks.rhythm(), "E->E")).settings["colours"]
    assert excites["low"] == -excites["high"] == pytest.approx(-0.2)
    assert diverging(255)[127] == "#ffffff"
    assert picture.columns["image"]["image"].shape == (1, 80, 20)
    figure = picture.draw()
    assert figure.select_one({"type": LinearColorMapper}).palette[127] == "#ffffff"
    assert figure.y_range.start == 79.5
    assert figure.y_range.end == -0.5
    with pytest.raises(nb.NbkitError, match="no weight matrix"):
        nb.plots.weight_matrix(np.eye(3))


@pytest.mark.parametrize(
    "draw",
    [
        lambda ds, compare: nb.plots.spectrum_picture(ds, compare=compare),
        lambda ds, compare: nb.plots.two_variables_picture(ds, "E.r", "I.r", compare=compare),
        lambda ds, compare: nb.plots.histogram_picture(ds, "E.r", compare=compare),
        lambda ds, compare: nb.plots.traces_picture(ds, compare=compare),
    ],
)
def test_earlier_runs_are_grey_and_dashed_and_named(rhythm, draw):
    other = nb.simulate(nb.networks.rhythm(delay=2.0), 400.0, 0.1)
    picture = draw(rhythm, [("late", other), ("same", rhythm)])
    lines = getattr(picture.plan, "curves", None) or picture.plan.panels[0].lines
    ghosts = [line for line in lines if "compare" in line.key]
    assert {line.label for line in ghosts} == {"late", "same"}
    assert len({line.colour for line in ghosts}) == 1
    assert {line.dash for line in ghosts} == {"dashed", "dotted"}
    assert all(line.key in picture.columns for line in ghosts)
    with pytest.raises(nb.NbkitError, match="no earlier runs"):
        draw(rhythm, other)


def test_one_below_the_other_they_share_time_and_keep_their_names(rhythm):
    both = stacked_picture([nb.plots.traces_picture(rhythm), nb.plots.heatmap_picture(rhythm, "E.r")])
    drawn = both.draw()
    top, below = drawn.select({"type": Plot})
    assert top.x_range is below.x_range
    names = [model.name for model in drawn.references() if model.name]
    assert {*both.columns} <= {*names}
    assert len(names) == len(set(names))
    apart = stacked_picture([nb.plots.traces_picture(rhythm), nb.plots.spectrum_picture(rhythm)]).draw()
    top, below = apart.select({"type": Plot})
    assert top.x_range is not below.x_range
