"""Owns the laws of runs: what is kept, where they stop, and that a broken-off run goes on as if it were whole."""

import json
import signal
import threading
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import nbkit as nb
from tests.conformance.test_spikes import busy
from tests.conformance.test_stimuli import noisy

DT = 0.1
RECORD = ["E.v", "I.i_syn", "E.spike", "I.spike"]


def leak(size: int = 4) -> nb.Network:
    start = np.linspace(0.5, 2.0, size)
    return nb.Network(
        {"E": nb.Population(nb.models.leaky_integrator, size, initial={"x": start})},
        stimuli=[nb.Stimulus("E.u", nb.Sine(1.0, 30.0))],
    )


# ---------------------------------------------------------------- recording


@pytest.mark.parametrize("every", [1, 3, 7, 250, 400])
@pytest.mark.parametrize("chunk", [701, 100, 7])
def test_every_kept_sample_is_that_sample(every, chunk):
    whole = nb.simulate(leak(), 70.1, DT)["E.x"].to_numpy()
    sim = nb.Simulation(leak(), dt=DT)
    pieces = []
    done = 0
    while done < 701:
        steps = min(chunk, 701 - done)
        pieces.append(sim.run(steps * DT, record=[nb.Record("E.x", every=every, units=[2, 0])]))
        done += steps
    kept = np.concatenate([p["E.x"].to_numpy() for p in pieces])
    steps = np.concatenate([p["step"].to_numpy() for p in pieces])
    assert steps.tolist() == list(range(0, 702, every))
    assert kept.tobytes() == np.ascontiguousarray(whole[::every][:, [2, 0]]).tobytes()
    assert pieces[0]["E.unit"].to_numpy().tolist() == [2, 0]


def test_means_are_means():
    whole = nb.simulate(leak(), 60.0, DT)["E.x"].to_numpy()
    mean = nb.simulate(leak(), 60.0, DT, record=[nb.Record("E.x", average="population")])["E.x"]
    assert mean.dims == ("time",)
    np.testing.assert_allclose(mean, whole.mean(axis=1), rtol=1e-14)
    block = nb.simulate(leak(), 60.0, DT, record=[nb.Record("E.x", average="block", every=20)])["E.x"]
    assert block.attrs["average"] == "block"
    np.testing.assert_allclose(block[0], whole[0])
    np.testing.assert_allclose(block[1:], whole[1:].reshape(30, 20, 4).mean(axis=1), rtol=1e-13)


def test_only_the_chosen_units_stand_in_the_result():
    net = leak().with_value("E.tau", nb.Uniform(8, 12))
    full = nb.simulate(net, 5.0, DT, seed=1)
    some = nb.simulate(net, 5.0, DT, seed=1, record=[nb.Record("E.x", units=slice(1, 3))])
    assert some["E.unit"].to_numpy().tolist() == [1, 2]
    np.testing.assert_array_equal(some["E.tau"], full["E.tau"][1:3])
    assert nb.Network.from_json(some.attrs["network"], some) == net
    spikes = nb.simulate(busy(), 60.0, DT, record=[nb.Record("E.spike", units=[3, 4])])
    everyone = nb.simulate(busy(), 60.0, DT, record=["E.spike"])
    inside = np.isin(everyone["E.spike_unit"], [3, 4])
    assert inside.any()
    np.testing.assert_array_equal(spikes["E.spike_time"], everyone["E.spike_time"][inside])


def test_units_that_differ_within_a_population_are_refused():
    with pytest.raises(nb.NbkitError) as caught:
        nb.simulate(busy(), 5.0, DT, record=[nb.Record("E.v", units=[1]), "E.spike"])
    assert caught.value.code == "bad-record"


def test_a_transient_is_left_out_exactly():
    whole = nb.simulate(busy(), 50.0, DT, record=RECORD)
    for discard in (0.0, 0.1, 0.2, 12.3, 50.0):
        rest = nb.simulate(busy(), 50.0, DT, record=RECORD, discard=discard)
        first = round(discard / DT)
        assert rest["step"].to_numpy().tolist() == list(range(first, 501))
        assert rest["E.v"].to_numpy().tobytes() == whole["E.v"].to_numpy()[first:].tobytes()
    late = whole["E.spike_time"].to_numpy()
    kept = nb.simulate(busy(), 50.0, DT, record=RECORD, discard=12.3)["E.spike_time"].to_numpy()
    np.testing.assert_allclose(kept, late[late >= 12.3 - 1e-9])


@pytest.mark.parametrize("first", [0, 1, 3, 4, 5, 6, 8, 39])
@pytest.mark.parametrize("every", [1, 2, 4])
def test_a_transient_never_cuts_a_mean_in_two(first, every):
    record = nb.Record("E.x", every=every, average="block")
    whole = nb.simulate(leak(), 4.0, DT, record=record)
    rest = nb.simulate(leak(), 4.0, DT, record=record, discard=first * DT)
    kept = whole["step"].to_numpy() >= first
    assert rest["step"].to_numpy().tolist() == whole["step"].to_numpy()[kept].tolist()
    np.testing.assert_allclose(rest["E.x"], whole["E.x"].to_numpy()[kept], rtol=1e-14)


def test_spikes_of_a_transient_are_left_out_in_both_orders_of_reset():
    for name, dt, drive in (("qif", 1e-3, 20.0), ("lif", 0.1, 40.0)):
        model = getattr(nb.models, name)
        net = nb.Network(
            {"E": nb.Population(model, 1)}, stimuli=[nb.Stimulus("E.I_ext", nb.Step(drive))], time_unit=model.time_unit
        )
        whole = nb.simulate(net, 2000 * dt, dt)["E.spike_time"].to_numpy()
        for stamp in np.rint(whole[:3] / dt).astype(int):
            for first in (stamp - 1, stamp, stamp + 1):
                rest = nb.simulate(net, 2000 * dt, dt, discard=first * dt)["E.spike_time"].to_numpy()
                assert rest.tolist() == whole[np.rint(whole / dt) >= first].tolist()


def test_an_interrupt_during_the_transient_ends_the_run():
    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    sim = nb.Simulation(leak(), dt=DT)
    sim._stepper.executor.steps = broken
    with pytest.warns(nb.NbkitNote, match="interrupted at t = 0"):
        sim._run(100.0, None, None, None, 50.0)
    assert sim.time == 0.0


def test_several_seeds_stand_along_a_dimension_of_their_own():
    both = nb.simulate(noisy(), 20.0, DT, record=["A.x", "B.spike"], seed=[3, 5])
    assert both["A.x"].dims == ("seed", "time", "A.unit")
    assert both["seed"].to_numpy().tolist() == [3, 5]
    for seed in (3, 5):
        alone = nb.simulate(noisy(), 20.0, DT, record=["A.x", "B.spike"], seed=seed)
        assert both["A.x"].sel(seed=seed).to_numpy().tobytes() == alone["A.x"].to_numpy().tobytes()
        mine = (both["B.spike_seed"] == seed).to_numpy()
        np.testing.assert_array_equal(both["B.spike_time"].to_numpy()[mine], alone["B.spike_time"])


# ---------------------------------------------------------------- stopping


@pytest.mark.parametrize(
    ("until", "test"),
    [
        ("any(E.x > 1.2)", lambda x: (x > 1.2).any(axis=1)),
        ("all(E.x < 0.4)", lambda x: (x < 0.4).all(axis=1)),
        ("mean(E.x) < 0.5", lambda x: x.mean(axis=1) < 0.5),
        ("any(E.x*E.x + 0 > 3.9)", lambda x: (x * x > 3.9).any(axis=1)),
    ],
)
def test_a_run_ends_with_the_first_sample_for_which_the_condition_holds(until, test):
    whole = nb.simulate(leak(), 60.0, DT)["E.x"].to_numpy()
    first = 1 + int(np.flatnonzero(test(whole[1:]))[0])
    sim = nb.Simulation(leak(), dt=DT)
    ds = sim.run(60.0, until=until)
    assert ds["step"].to_numpy()[-1] == first
    assert sim.time == pytest.approx(first * DT)
    assert ds["E.x"].to_numpy().tobytes() == whole[: first + 1].tobytes()
    assert sim.run(20.0)["E.x"].to_numpy().tobytes() == whole[first + 1 : first + 201].tobytes()


def test_a_condition_that_never_holds_lets_the_run_end_by_itself():
    assert nb.simulate(leak(), 6.0, DT, until="any(E.x > 100)").sizes["time"] == 61


def test_spikes_up_to_the_stop_and_no_further():
    whole = nb.simulate(busy(), 60.0, DT, record=RECORD)
    sim = nb.Simulation(busy(), dt=DT)
    head = sim.run(60.0, record=RECORD, until="mean(E.v) > 14")
    tail = sim.run(60.0 - sim.time, record=RECORD)
    assert 1 < head.sizes["time"] < 601
    for path in ("E.v", "E.spike_time", "I.spike_unit"):
        joined = np.concatenate([head[path].to_numpy(), tail[path].to_numpy()])
        assert joined.tobytes() == whole[path].to_numpy().tobytes()


class _Breaking:
    """Raises Ctrl-C's exception inside a step, after so many calls."""

    def __init__(self, steps, after):
        self.steps, self.left = steps, after

    def __call__(self, base, begin, end, first):
        self.left -= 1
        if self.left == 0:
            self.steps(base, begin, max(begin + 1, (begin + end) // 2), first)  # half of it is done
            raise KeyboardInterrupt
        self.steps(base, begin, end, first)


@pytest.mark.parametrize("after", [1, 2, 5])
def test_an_interrupt_keeps_what_there_is_and_the_next_run_goes_on(after):
    whole = nb.simulate(busy(), 140.0, DT, record=RECORD)
    sim = nb.Simulation(busy(), dt=DT)
    sim.run(3.0)
    executor = sim._stepper.executor
    plain, executor.steps = executor.steps, _Breaking(executor.steps, after)
    with pytest.warns(nb.NbkitNote, match="goes on from there"):
        head = sim.run(137.0, record=RECORD)
    executor.steps = plain
    assert "interrupted" in head.attrs
    tail = sim.run(140.0 - sim.time, record=RECORD)
    for path in ("E.v", "I.i_syn"):
        joined = np.concatenate([head[path].to_numpy(), tail[path].to_numpy()])
        assert joined.tobytes() == whole[path].to_numpy()[31:].tobytes()
    stamps = np.concatenate([head["E.spike_time"].to_numpy(), tail["E.spike_time"].to_numpy()])
    assert stamps.tobytes() == whole["E.spike_time"].to_numpy()[whole["E.spike_time"].to_numpy() > 3.0 + 1e-9].tobytes()


def test_ctrl_c_ends_a_long_run_within_a_moment():
    sim = nb.Simulation(leak(), dt=DT)
    timer = threading.Timer(0.3, lambda: signal.raise_signal(signal.SIGINT))
    timer.start()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        ds = sim.run(1e6, record=[nb.Record("E.x", every=1000)])
    assert any("interrupted" in str(w.message) for w in caught)
    assert 0 < ds.sizes["time"] < 10_000


# ---------------------------------------------------------------- saving


@pytest.mark.parametrize("make", [leak, busy, noisy], ids=["rates", "spikes", "noise"])
@pytest.mark.parametrize("at", [1, 17, 256, 333])
def test_a_saved_simulation_goes_on_bit_for_bit(make, at, tmp_path):
    sim = nb.Simulation(make(), dt=DT, seed=2)
    sim.run(at * DT)
    path = next(p for p in ("E.tau", "A.sigma") if p in sim.program.settings)
    sim.set(path, 11.0)
    sim.save(tmp_path / "state.npz")
    expected = sim.run(40.0)
    again = nb.Simulation.load(tmp_path / "state.npz")
    assert again.time == pytest.approx(at * DT)
    got = again.run(40.0)
    assert set(got.data_vars) == set(expected.data_vars)
    for name in expected.data_vars:
        assert got[name].to_numpy().tobytes() == expected[name].to_numpy().tobytes()
    assert [p.name for p in tmp_path.iterdir()] == ["state.npz"]


def test_a_saved_simulation_keeps_weights_that_were_set(tmp_path):
    population = nb.Population(nb.models.leaky_integrator, 40, initial={"x": 1.0})
    net = nb.Network({"A": population}, [nb.Projection("A.x", "A.u", weight=np.eye(40), delay=1.0)])
    sim = nb.Simulation(net, dt=DT)
    sim.run(2.0)
    sim.set("A->A.weight", 0.5 * np.eye(40))
    sim.set("A->A.gain", 1.5)
    sim.save(tmp_path / "s.npz")
    expected = sim.run(5.0)["A.x"].to_numpy()
    assert nb.Simulation.load(tmp_path / "s.npz").run(5.0)["A.x"].to_numpy().tobytes() == expected.tobytes()


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x05\x06" + bytes(18)])
def test_a_file_that_is_no_saved_simulation_is_refused(content, tmp_path):
    path = tmp_path / "x.npz"
    path.write_bytes(content)
    for wrong in (path, tmp_path / "missing.npz"):
        with pytest.raises(nb.NbkitError) as caught:
            nb.Simulation.load(wrong)
        assert caught.value.code == "unknown-format"


def test_a_file_from_another_version_is_refused(tmp_path):
    sim = nb.Simulation(leak(), dt=DT)
    sim.save(tmp_path / "s.npz")
    with np.load(tmp_path / "s.npz") as file:
        arrays = dict(file)
    document = json.loads(str(arrays["document"])) | {"version": 99}
    np.savez(tmp_path / "t.npz", **(arrays | {"document": np.array(json.dumps(document))}))
    with pytest.raises(nb.NbkitError, match="another version"):
        nb.Simulation.load(tmp_path / "t.npz")
    assert zipfile.is_zipfile(tmp_path / "s.npz")


def test_a_bar_shows_how_far_a_run_has_come(capsys):
    nb.simulate(leak(), 100.0, DT, progress=True)
    shown = capsys.readouterr().err
    assert "1000/1000 steps" in shown
    assert shown.endswith("\n")


def _netcdf(ds: xr.Dataset, path: Path) -> xr.Dataset:
    ds.to_netcdf(path / "r.nc", engine="scipy")
    return xr.open_dataset(path / "r.nc", engine="scipy")


def _zarr(ds: xr.Dataset, path: Path) -> xr.Dataset:
    ds.to_zarr(path / "r.zarr", consolidated=False)
    return xr.open_zarr(path / "r.zarr", consolidated=False)


@pytest.mark.parametrize("through", [_netcdf, _zarr])
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")
def test_results_go_through_files_with_spikes_and_all(through, tmp_path):
    ds = nb.simulate(busy(), 30.0, DT, record=RECORD, seed=1)
    with through(ds, tmp_path) as read:
        for name in ds.data_vars:
            np.testing.assert_array_equal(read[name], ds[name])
        again = nb.Network.from_json(read.attrs["network"], read)
    repeated = nb.simulate(again, 30.0, DT, record=RECORD, seed=1)
    assert repeated["E.spike_time"].to_numpy().tobytes() == ds["E.spike_time"].to_numpy().tobytes()
