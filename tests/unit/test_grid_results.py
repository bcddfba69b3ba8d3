"""Owns the tests of results of grids: their dimensions and places, and that what reads them reads them right."""

import numpy as np
import pytest
import xarray as xr

import nbkit as nb
from nbkit.plots.series import read_series
from nbkit.results import along_units, unit_numbers

LEAK = nb.models.leaky_integrator
KICKS = nb.Recorded(np.random.default_rng(0).normal(size=400), dt=0.5)


def leaks(size: object = (3, 4), **keywords: object) -> nb.Network:
    tau = np.linspace(4, 30, 12).reshape(size)
    population = nb.Population(LEAK, size, parameters={"tau": tau}, **keywords)
    return nb.Network(
        {"E": population}, stimuli=[nb.Stimulus("E.u", KICKS), nb.Stimulus("E.u", nb.Noise(0.3), name="n")]
    )


def spikers(size: object) -> nb.Network:
    drive = nb.Stimulus("E.I_ext", nb.OrnsteinUhlenbeck(5.0, tau=5.0, mean=22.0))
    return nb.Network({"E": nb.Population(nb.models.lif, size)}, stimuli=[drive])


def test_a_sheet_has_rows_and_columns_with_their_places():
    ds = nb.simulate(leaks(extent=(1.5, 4.0)), 5.0, 0.5, record=["E.x"])
    assert ds["E.x"].dims == ("time", "E.grid_y", "E.grid_x")
    assert ds["E.tau"].dims == ("E.grid_y", "E.grid_x")
    np.testing.assert_allclose(ds["E.grid_y"], [0.25, 0.75, 1.25])
    np.testing.assert_allclose(ds["E.grid_x"], [0.5, 1.5, 2.5, 3.5])
    assert ds["E.grid_unit"].to_numpy().tolist() == np.arange(12).reshape(3, 4).tolist()
    assert set(ds.coords) == {"time", "step", "E.grid_y", "E.grid_x", "E.grid_unit"}
    near = ds["E.x"].sel({"E.grid_y": 0.8, "E.grid_x": 2.6}, method="nearest")
    np.testing.assert_array_equal(near, ds["E.x"][:, 1, 2])


def test_a_line_has_one_axis():
    ds = nb.simulate(leaks((12,), edges="periodic"), 5.0, 0.5)
    assert ds["E.x"].dims == ("time", "E.grid_x")
    assert ds["E.tau"].dims == ("E.grid_x",)
    np.testing.assert_allclose(ds["E.grid_x"], (np.arange(12) + 0.5) / 12)
    assert nb.simulate(leaks(12), 5.0, 0.5)["E.x"].dims == ("time", "E.unit")


@pytest.mark.parametrize("units", [[9, 2], ([2, 0], [1, 3]), (slice(0, 2), slice(2, 4))])
def test_some_units_stand_in_a_row_and_keep_their_places(units):
    whole = nb.simulate(leaks(), 5.0, 0.5)
    some = nb.simulate(leaks(), 5.0, 0.5, record=[nb.Record("E.x", units=units)])
    assert some["E.x"].dims == ("time", "E.unit")
    assert some["E.tau"].dims == ("E.unit",)
    assert not {"E.grid_x", "E.grid_y"} & set(some.coords)
    for place, unit in enumerate(some["E.unit"].to_numpy()):
        row, column = divmod(int(unit), 4)
        np.testing.assert_array_equal(some["E.x"][:, place], whole["E.x"][:, row, column])
        assert some["E.unit_y"][place] == whole["E.grid_y"][row]
        assert some["E.unit_x"][place] == whole["E.grid_x"][column]
        assert some["E.tau"][place] == whole["E.tau"][row, column]


def test_averages_have_no_places_and_blocks_of_samples_keep_them():
    mean = nb.simulate(leaks(), 5.0, 0.5, record=[nb.Record("E.x", average="population")])
    assert mean["E.x"].dims == ("time",)
    np.testing.assert_allclose(mean["E.x"], nb.simulate(leaks(), 5.0, 0.5)["E.x"].mean(["E.grid_y", "E.grid_x"]))
    block = nb.simulate(leaks(), 5.0, 0.5, record=[nb.Record("E.x", every=2, average="block")])
    assert block["E.x"].shape == (6, 3, 4)


def test_spikes_name_units_by_their_number_and_units_have_places():
    ds = nb.simulate(spikers((3, 4)), 200.0, 0.1, record=["E.v", "E.spike"])
    row = nb.simulate(spikers(12), 200.0, 0.1, record=["E.v", "E.spike"])
    assert ds["E.v"].dims == ("time", "E.grid_y", "E.grid_x")
    assert ds["E.unit"].to_numpy().tolist() == list(range(12))
    np.testing.assert_array_equal(ds["E.unit_x"], np.tile(ds["E.grid_x"], 3))
    np.testing.assert_array_equal(ds["E.unit_y"], np.repeat(ds["E.grid_y"], 4))
    assert len(ds["E.spike_unit"]) > 20
    for path in ("E.spike_unit", "E.spike_time"):
        np.testing.assert_array_equal(ds[path], row[path])
    only = nb.simulate(spikers((3, 4)), 200.0, 0.1, record=[nb.Record("E.spike", units=([1], slice(None)))])
    assert only["E.unit"].to_numpy().tolist() == [4, 5, 6, 7]
    assert set(only["E.spike_unit"].to_numpy()) <= {4, 5, 6, 7}
    assert "E.grid_x" not in only.coords


def test_the_present_state_and_several_seeds_stand_on_the_grid():
    sim = nb.Simulation(leaks(), dt=0.5, seed=1)
    last = sim.run(5.0)["E.x"][-1]
    assert sim.state["E.x"].dims == ("time", "E.grid_y", "E.grid_x")
    np.testing.assert_array_equal(sim.state["E.x"][0], last)
    many = nb.simulate(leaks(), 5.0, 0.5, seed=[1, 2])
    assert many["E.x"].dims == ("seed", "time", "E.grid_y", "E.grid_x")
    np.testing.assert_array_equal(many["E.x"].sel(seed=1)[-1], last)
    spiking = nb.simulate(spikers((3, 4)), 50.0, 0.1, seed=[1, 2])
    assert spiking["E.unit_x"].dims == ("E.unit",)


def test_a_model_without_states_is_recorded_by_its_outputs():
    net = nb.Network(
        {"E": nb.Population(nb.models.rectified_input, (2, 3))}, stimuli=[nb.Stimulus("E.u", nb.Expression("x - 0.4"))]
    )
    ds = nb.simulate(net, 2.0, 0.5)
    np.testing.assert_allclose(ds["E.r"][3], [[0, 0.1, 13 / 30]] * 2, atol=1e-15)


@pytest.mark.parametrize("record", ["E.x", nb.Record("E.x", units=[3, 1])])
def test_a_result_survives_netcdf(record, tmp_path):
    ds = nb.simulate(leaks(), 5.0, 0.5, record=[record])
    ds.to_netcdf(tmp_path / "ds.nc")
    with xr.open_dataset(tmp_path / "ds.nc") as again:
        xr.testing.assert_identical(again.load(), ds)
        assert nb.Network.from_json(again.attrs["network"], again) == leaks()


def test_spikes_of_a_sheet_survive_netcdf(tmp_path):
    ds = nb.simulate(spikers((3, 4)), 50.0, 0.1, record=["E.v", "E.spike"])
    ds.to_netcdf(tmp_path / "ds.nc")
    with xr.open_dataset(tmp_path / "ds.nc") as again:
        xr.testing.assert_identical(again.load(), ds)


# What reads results


def both(record: object = "E.x", duration: float = 200.0) -> tuple[xr.Dataset, xr.Dataset]:
    return tuple(nb.simulate(leaks(size), duration, 0.5, record=[record]) for size in ((3, 4), 12))


def test_analyses_of_signals_on_a_sheet_are_those_of_a_row():
    sheet, row = both()
    spectra = [nb.analysis.spectrum(ds, "E.x") for ds in (sheet, row)]
    assert spectra[0]["E.x_power"].dims == ("frequency", "E.grid_y", "E.grid_x")
    assert spectra[0]["E.x_peak"].dims == ("E.grid_y", "E.grid_x")
    for name in ("E.x_power", "E.x_peak"):
        np.testing.assert_array_equal(spectra[0][name].to_numpy().ravel(), spectra[1][name].to_numpy().ravel())
    periods = [nb.analysis.period(ds, "E.x") for ds in (sheet, row)]
    np.testing.assert_array_equal(periods[0].to_numpy().ravel(), periods[1])
    for ds, other in ((sheet, row), (sheet.transpose("E.grid_x", "time", "E.grid_y"), row)):
        assert nb.analysis.synchrony(ds, "E.x").item() == pytest.approx(nb.analysis.synchrony(other, "E.x").item())
        found = nb.analysis.correlation(ds, "E.x")
        xr.testing.assert_allclose(found, nb.analysis.correlation(other, "E.x"))
        assert found["E.unit"].to_numpy().tolist() == list(range(12))
    pairs = [nb.analysis.correlation(ds, "E.x", pairs=5, units=6) for ds in (sheet, row)]
    xr.testing.assert_allclose(*pairs)
    np.testing.assert_allclose(*[nb.analysis.spectrum(ds, "E.x", mean=True)["E.x_power"] for ds in (sheet, row)])


def test_analyses_of_spikes_on_a_sheet_are_those_of_a_row():
    sheet, row = (nb.simulate(spikers(size), 500.0, 0.1, record=["E.spike"]) for size in ((3, 4), 12))
    for ask in (
        lambda ds: nb.analysis.rate(ds, "E"),
        lambda ds: nb.analysis.rate(ds, "E", bin="50 ms"),
        lambda ds: nb.analysis.cv(ds, "E"),
        lambda ds: nb.analysis.fano_factor(ds, "E", "50 ms"),
        lambda ds: nb.analysis.correlation(ds, "E", bin="10 ms"),
        lambda ds: nb.analysis.synchrony(ds, "E", "10 ms").to_dataset(),
    ):
        placed = ask(sheet)
        xr.testing.assert_equal(placed.drop_vars(["E.unit_y", "E.unit_x"], errors="ignore"), ask(row))
    rates = nb.analysis.rate(sheet, "E")
    np.testing.assert_array_equal(rates["E.unit_x"], sheet["E.unit_x"])


def test_a_part_of_a_sheet_keeps_the_numbers_of_its_units():
    sheet, row = both()
    part = sheet.isel({"E.grid_y": [2, 0], "E.grid_x": slice(1, 3)})
    assert unit_numbers(part["E.x"]).tolist() == [9, 10, 1, 2]
    assert unit_numbers(sheet.isel({"E.grid_x": 2})["E.x"]).tolist() == [2, 6, 10]
    found = nb.analysis.correlation(part, "E.x")
    expected = nb.analysis.correlation(row.isel({"E.unit": [9, 10, 1, 2]}), "E.x")
    xr.testing.assert_allclose(found, expected)
    (series,) = read_series(part, "E.x")
    assert series.numbers.tolist() == [9, 10, 1, 2]
    np.testing.assert_array_equal(series.values, row["E.x"][:, [9, 10, 1, 2]])


def test_readouts_of_a_sheet_are_those_of_a_row():
    sheet, row = both(duration=100.0)
    target = np.sin(np.arange(201) / 9)
    readouts = [nb.analysis.fit_readout(ds, "E.x", target, ridge=1e-6) for ds in (sheet, row)]
    np.testing.assert_allclose(readouts[0].weights, readouts[1].weights)
    assert readouts[0].weights["E.unit"].to_numpy().tolist() == list(range(12))
    np.testing.assert_array_equal(readouts[0].weights["E.unit_x"], np.tile(sheet["E.grid_x"], 3))
    np.testing.assert_allclose(readouts[0].predict(sheet), readouts[1].predict(row))
    assert along_units(row["E.x"]) is not None
    assert along_units(sheet["E.x"]).dims == ("time", "E.unit")


def test_the_order_of_phases_on_a_sheet_is_that_of_a_row():
    start = np.random.default_rng(1).uniform(0, 6, 12)
    runs = [
        nb.simulate(
            nb.Network(
                {"E": nb.Population(nb.models.kuramoto, size, initial={"theta": start.reshape(size)})}, time_unit="1"
            ),
            2.0,
            0.1,
        )
        for size in ((3, 4), 12)
    ]
    orders = [nb.analysis.order_parameter(ds, "E.theta") for ds in runs]
    np.testing.assert_allclose(orders[0]["E.theta_r"], orders[1]["E.theta_r"])


@pytest.mark.parametrize("size", [(3, 4), (12,)])
def test_traces_and_heatmaps_stack_the_units_of_a_grid(size):
    grid, row = (nb.simulate(leaks(s), 50.0, 0.5) for s in (size, 12))
    series = [read_series(ds, "E.x")[0] for ds in (grid, row)]
    np.testing.assert_array_equal(series[0].values, series[1].values)
    np.testing.assert_array_equal(series[0].numbers, series[1].numbers)
    assert series[0].axis_label == series[1].axis_label
    for draw in (nb.plots.heatmap, nb.plots.traces):
        assert draw(grid, "E.x") is not None
    assert nb.plots.traces(grid, "E.x", units=[11, 3]) is not None
    with pytest.raises(nb.NbkitError):
        nb.plots.traces(grid, "E.x", units=[12])
