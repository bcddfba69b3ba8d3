"""Owns the tests of a simulation as users hold it, and of the labelled result."""

import json

import numpy as np
import pytest
import xarray as xr

import nbkit as nb


def network(**keywords: object) -> nb.Network:
    e = nb.Population(nb.models.wilson_cowan, 3, parameters={"tau": nb.Uniform(8, 12)}, initial={"r": 0.1})
    i = nb.Population(nb.models.wilson_cowan_inhibitory, 2)
    return nb.Network({"E": e, "I": i}, [nb.Projection("E.r", "I.r_in", weight=2.0, delay=1.0)], **keywords)


def test_the_first_run_returns_the_start_and_each_later_one_only_what_is_new():
    sim = nb.Simulation(network(), dt=0.5)
    first, second = sim.run(5.0), sim.run(2.0)
    assert first["time"].to_numpy().tolist() == [0.5 * k for k in range(11)]
    assert second["step"].to_numpy().tolist() == [11, 12, 13, 14]
    assert sim.time == 7.0
    assert first["E.r"][0].to_numpy().tolist() == [0.1] * 3


def test_a_result_is_labelled():
    ds = nb.simulate(network(), 5.0, 0.5, record=["E.r", "E.m"], seed=3)
    assert ds["E.r"].dims == ds["E.m"].dims == ("time", "E.unit")
    assert ds["E.r"].attrs == {"units": "", "long_name": "activity", "population": "E", "variable": "r"}
    assert ds["time"].attrs["units"] == "ms"
    assert ds["E.tau"].dims == ("E.unit",)
    assert ds["E.tau"].attrs["units"] == "ms"
    assert ((ds["E.tau"] >= 8) & (ds["E.tau"] <= 12)).all()
    assert float(ds["E.theta"]) == 2.0
    assert "I.tau" not in ds
    assert ds.attrs["seed"] == 3
    assert ds.attrs["dt"] == 0.5
    assert json.loads(ds.attrs["realised_delays"]) == {"E->I": 1.0}
    assert json.loads(ds.attrs["setup"])["duration"] == 5.0
    assert ds.attrs["nbkit"] == nb.__version__


def test_nothing_asked_for_means_all_states():
    assert {"E.r", "I.r"} <= set(nb.simulate(network(), 1.0, 0.5).data_vars)
    assert "E.m" not in nb.simulate(network(), 1.0, 0.5)


def test_a_run_in_which_nothing_moved_says_so():
    still = nb.Network({"E": nb.Population(nb.models.wilson_cowan, 3)})
    assert "nothing moved" in nb.simulate(still, 5.0, 0.5).attrs["note"]
    assert "note" not in nb.simulate(network(), 5.0, 0.5).attrs
    sim = nb.Simulation(nb.Network({"E": nb.Population(nb.models.lif, 1)}), dt=0.1)
    assert "note" in sim.run(5.0, record=["E.v", "E.spike"]).attrs


def test_a_result_goes_through_a_file(tmp_path):
    ds = nb.simulate(network(), 5.0, 0.5, record=["E.r"], seed=3)
    ds.to_netcdf(tmp_path / "run.nc", engine="scipy")
    with xr.open_dataset(tmp_path / "run.nc", engine="scipy") as read:
        again = nb.Network.from_json(read.attrs["network"], read)
        np.testing.assert_array_equal(read["E.r"], ds["E.r"])
    assert again == network()


def test_a_large_weight_matrix_stands_beside_the_text():
    weights = np.random.default_rng(0).normal(size=(40, 40))
    population = nb.Population(nb.models.leaky_integrator, 40, initial={"x": 1.0})
    net = nb.Network({"A": population}, [nb.Projection("A.x", "A.u", weight=weights)])
    ds = nb.simulate(net, 1.0, 0.5)
    assert len(ds.attrs["network"]) < 5000
    np.testing.assert_array_equal(ds["A->A.weight"], weights)
    assert nb.Network.from_json(ds.attrs["network"], ds) == net


def test_the_state_can_be_looked_at():
    sim = nb.Simulation(network(), dt=0.5)
    last = sim.run(5.0)["E.r"][-1].to_numpy()
    np.testing.assert_array_equal(sim.state["E.r"][0], last)
    assert float(sim.state["time"][0]) == 5.0


def test_progress_is_reported_up_to_the_end():
    seen: list[tuple[int, int]] = []
    nb.simulate(network(), 2500.0, 0.5, progress=lambda done, asked: seen.append((done, asked)))
    assert seen[-1] == (5000, 5000)
    assert len(seen) > 3
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_a_mistake_leaves_a_simulation_as_it_was():
    sim, calm = nb.Simulation(network(), dt=0.5), nb.Simulation(network(), dt=0.5)
    sim.run(5.0)
    calm.run(5.0)
    for wrong in (
        lambda: sim.run(0.3),
        lambda: sim.run(5.0, record=["E.q"]),
        lambda: sim.set("E.theta", np.ones(7)),
        lambda: sim.set("E.theta", np.nan),
        lambda: sim.set("E.tau", -1.0),
        lambda: sim.set("E.tau", nb.Uniform(1, 2)),
        lambda: sim.set("E->I.delay", 2.0),
        lambda: sim.set("E.tua", 2.0),
    ):
        with pytest.raises(nb.NbkitError):
            wrong()
    assert sim.run(5.0)["I.r"].to_numpy().tobytes() == calm.run(5.0)["I.r"].to_numpy().tobytes()


def test_a_parameter_that_is_set_acts_as_if_it_had_been_so_from_the_start():
    for path, value in (
        ("E.theta", 1.0),
        ("E.tau", np.array([5.0, 6.0, 7.0])),
        ("E->I.gain", 3.0),
        ("E->I.weight", 0.5),
    ):
        sim = nb.Simulation(network(), dt=0.5)
        sim.set(path, value)
        expected = nb.simulate(network().with_value(path, value), 20.0, 0.5)
        got = sim.run(20.0)
        np.testing.assert_allclose(got["E.r"], expected["E.r"], rtol=1e-13)
        np.testing.assert_allclose(got["I.r"], expected["I.r"], rtol=1e-13)


def test_a_stimulus_can_be_set():
    stimuli = [nb.Stimulus("E.r_ext", nb.Step(1.0, start=3.0)), nb.Stimulus("I.r_ext", nb.Sine(1.0, 50.0))]
    net = network(stimuli=stimuli)
    sim = nb.Simulation(net, dt=0.5)
    sim.set("E.r_ext.start", "7 ms")
    sim.set("I.r_ext.frequency", 80.0)
    expected = net.with_value("E.r_ext.start", 7.0).with_value("I.r_ext.frequency", 80.0)
    for path in ("E.r", "I.r"):
        np.testing.assert_allclose(sim.run(20.0)[path][-1], nb.simulate(expected, sim.time, 0.5)[path][-1], rtol=1e-12)


def test_delays_off_the_grid_are_rounded_only_when_asked():
    net = network().with_value("E->I.delay", 0.7)
    rounded = nb.simulate(net, 20.0, 0.5, delays="nearest")
    assert json.loads(rounded.attrs["realised_delays"]) == {"E->I": 0.5}
    exact = nb.simulate(network().with_value("E->I.delay", 0.5), 20.0, 0.5)
    assert rounded["I.r"].to_numpy().tobytes() == exact["I.r"].to_numpy().tobytes()


def test_durations_that_differ_by_rounding_alone_are_whole_steps():
    assert nb.simulate(network().with_value("E->I.delay", 0.3), 0.1 * 3, 0.1).sizes["time"] == 4


def test_unknown_names_are_answered():
    with pytest.raises(AttributeError, match="no 'simulat'"):
        nb.simulat
    assert {"simulate", "Network", "models"} <= set(dir(nb))
    for name in nb.__all__:
        assert getattr(nb, name) is not None
