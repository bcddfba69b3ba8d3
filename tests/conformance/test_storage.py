"""Law: a recording that goes to the disk while it is made is the recording that would have been made in memory."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import nbkit as nb
from nbkit.simulation import asking, storage
from tests.architecture.tree import ROOT

M = nb.models
LEAK = M.leaky_integrator
#: bytes that a process may need to write a recording of any size, in pieces of 2 MB
BOUND = 35e6


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "ROOM", 4000.0)
    monkeypatch.setattr(storage, "SPIKES", 50)


def rates() -> nb.Network:
    net = nb.Population(M.wilson_cowan, 7, {"tau": nb.Uniform(5.0, 15.0)}, initial={"r": nb.Uniform(0.0, 0.5)})
    return nb.Network({"E": net}, [nb.Projection("E.r", "E.r_in", weight=nb.Normal(0.0, 1.0), delay=1.3)])


def noisy() -> nb.Network:
    units = nb.Population(nb.Model("d", "dx/dt = -x\n y = u", states={"x": 1.0}, inputs={"u": 0.0}, time_unit="ms"), 4)
    return nb.Network({"E": units}, stimuli=[nb.Stimulus("E.u", nb.Noise(1.0))])


def sheet() -> nb.Network:
    return nb.networks.moving_bump(8)


def spiking() -> nb.Network:
    return nb.networks.brunel(20)


def still() -> nb.Network:
    return nb.Network({"E": nb.Population(LEAK, 3)})


def wild() -> nb.Network:
    growth = nb.Model("g", "dx/dt = x*x", states={"x": 1.0}, time_unit="ms")
    return nb.Network({"E": nb.Population(growth, 3)})


CASES: dict[str, tuple[Callable[[], nb.Network], dict[str, Any]]] = {
    "rates": (rates, {}),
    "single precision": (rates, {"precision": "float32"}),
    "every third": (rates, {"record": [nb.Record("E.r", units=[1, 5], every=3)]}),
    "blocks": (rates, {"record": [nb.Record("E.r", every=7, average="block")], "discard": 10.0, "duration": 70.0}),
    "means": (rates, {"record": [nb.Record("E.r", average="population")], "discard": 33.3}),
    "all but the first": (rates, {"discard": 0.1}),
    "ended early": (rates, {"until": "mean(E.r) < 0.05"}),
    "followers": (noisy, {"record": ["E.x", "E.y"]}),
    "sheet": (sheet, {"dt": 0.5}),
    "spikes": (spiking, {}),
    "spikes of some": (spiking, {"record": [nb.Record("E.spike", units=slice(3, 30))], "discard": 20.05, "dt": 0.05}),
    "still": (still, {}),
    "fewer samples than one": (still, {"record": [nb.Record("E.x", every=5000)], "discard": 50.0}),
}

#: with fewer samples than a piece would hold
SHORT = ("every third", "blocks", "means", "fewer samples than one")
GROWING = (("time",), ("E.spike",), ("I.spike",))


def in_both(make: Callable[[], nb.Network], path: Path, **keywords: Any) -> tuple[xr.Dataset, xr.Dataset]:
    asked: dict[str, Any] = {"duration": 100.0, "dt": 0.1, "seed": 3} | keywords
    return nb.simulate(make(), **asked), nb.simulate(make(), **asked, out=path)


@pytest.mark.parametrize("case", CASES)
def test_a_store_holds_what_memory_would_hold(case: str, tmp_path: Path) -> None:
    make, keywords = CASES[case]
    held, stored = in_both(make, tmp_path / "a.zarr", **keywords)
    for name, array in stored.variables.items():
        assert array.dtype == held[name].dtype
        assert name in stored.indexes or not array.ndim or not array._in_memory
    xr.testing.assert_identical(held, stored.load())
    chunks = {name: array.encoding["chunks"] for name, array in stored.variables.items() if array.dims[:1] in GROWING}
    pieces = [len(stored[name]) / size[0] for name, size in chunks.items()]
    assert case in SHORT or min(pieces) > 2
    again = xr.open_zarr(tmp_path / "a.zarr")  # a user's own way, without a warning
    xr.testing.assert_identical(held, again.load())


def test_a_simulation_that_runs_on_is_stored_from_where_it_stands(tmp_path: Path) -> None:
    one, other = nb.Simulation(rates(), 0.1, seed=1), nb.Simulation(rates(), 0.1, seed=1)
    for number, duration in enumerate((12.3, 45.6)):
        stored = other.run(duration, out=tmp_path / f"{number}.zarr")
        xr.testing.assert_identical(one.run(duration), stored.load())
        one.set("E.tau", 9.0)
        other.set("E.tau", 9.0)


def test_progress_is_told_of_the_whole_run(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    nb.simulate(rates(), 100.0, 0.1, out=tmp_path / "a.zarr", progress=lambda done, asked: told.append((done, asked)))
    assert told == sorted(told)
    assert told[-1] == (1000, 1000)
    assert {asked for _, asked in told} == {1000}


# ---------------------------------------------------------------- runs that do not come to their end


def stops_at(step: int, error: type[BaseException]) -> Callable[[int, int], None]:
    def progress(done: int, asked: int) -> None:
        if done >= step:
            raise error

    return progress


def test_an_interrupted_run_is_stored_as_far_as_it_came(tmp_path: Path) -> None:
    with pytest.warns(nb.NbkitNote, match="interrupted"):
        held = nb.simulate(rates(), 100.0, 0.1, progress=stops_at(500, KeyboardInterrupt))
    with pytest.warns(nb.NbkitNote, match="interrupted"):
        stored = nb.simulate(rates(), 100.0, 0.1, progress=stops_at(500, KeyboardInterrupt), out=tmp_path / "a.zarr")
    xr.testing.assert_identical(held, stored.load())
    assert 500 <= held.sizes["time"] < 1001


def test_a_run_that_leaves_the_numbers_is_stored_up_to_there(tmp_path: Path) -> None:
    errors = []
    for out in (None, tmp_path / "a.zarr"):
        with pytest.raises(nb.NbkitError, match="became inf") as caught:
            nb.simulate(wild(), 100.0, 0.01, out=out)
        errors.append(caught.value)
    assert str(errors[0]) == str(errors[1])
    held, stored = (error.result for error in errors)  # type: ignore[attr-defined]
    assert "became inf at t =" in stored.attrs["stopped"]
    xr.testing.assert_identical(held, stored.load())


def test_a_run_that_was_cut_off_leaves_a_store_that_says_how_far_it_came(tmp_path: Path) -> None:
    path = tmp_path / "a.zarr"
    with pytest.raises(ZeroDivisionError):
        nb.simulate(rates(), 100.0, 0.1, progress=stops_at(500, ZeroDivisionError), out=path)
    held, left = nb.simulate(rates(), 100.0, 0.1), xr.open_zarr(path)
    written = left.sizes["time"]
    assert 0 < written < 501
    told = f"the first {written} samples are written, up to t = {written / 10 - 0.1:g} ms"
    assert left.attrs.pop("unfinished") == told
    xr.testing.assert_identical(held.isel(time=slice(0, written)), left.load())


def test_a_store_is_valid_whenever_it_is_looked_at(tmp_path: Path) -> None:
    held, found = nb.simulate(spiking(), 100.0, 0.1), []

    def look(done: int, _: int) -> None:
        if done > 200:
            store = xr.open_zarr(tmp_path / "a.zarr")
            count = store.sizes["E.spike"]
            np.testing.assert_array_equal(store["E.spike_unit"], held["E.spike_unit"][:count])
            found.append(count)

    nb.simulate(spiking(), 100.0, 0.1, out=tmp_path / "a.zarr", progress=look)
    assert found == sorted(found)
    assert len(set(found)) > 5


# ---------------------------------------------------------------- places that do not do


@pytest.mark.parametrize("out", ["run.nc", "run", 3, "no/such/folder/run.zarr", "\0.zarr"])
def test_a_bad_place_is_told_before_the_run(out: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(nb.NbkitError) as caught:
        nb.simulate(rates(), 100.05, 0.1, out=out)  # type: ignore[arg-type]
    assert [p.code for p in caught.value.problems] == ["duration-off-grid", "bad-file"]
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a.zarr").mkdir()
    nb.simulate(rates(), 1.0, 0.1, out=str(tmp_path / "a.zarr"))  # empty
    with pytest.raises(nb.NbkitError, match="is there already"):
        nb.simulate(rates(), 1.0, 0.1, out=tmp_path / "a.zarr")
    (tmp_path / "b.zarr").write_text("mine")
    with pytest.raises(nb.NbkitError, match="is there already"):
        nb.simulate(rates(), 1.0, 0.1, out=tmp_path / "b.zarr")
    assert (tmp_path / "b.zarr").read_text() == "mine"


def test_without_zarr_it_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking.importlib.util, "find_spec", lambda _: None)  # type: ignore[attr-defined]
    with pytest.raises(nb.NbkitError, match=r"nbkit\[storage\]") as caught:
        nb.simulate(rates(), 1.0, 0.1, out=tmp_path / "a.zarr")
    assert caught.value.problems[0].code == "missing-package"


def test_several_seeds_need_several_stores(tmp_path: Path) -> None:
    with pytest.raises(nb.NbkitError, match="one store"):
        nb.simulate(rates(), 1.0, 0.1, seed=[1, 2], out=tmp_path / "a.zarr")


def test_a_disk_that_gives_way_is_told(tmp_path: Path) -> None:
    def progress(done: int, asked: int) -> None:
        if done >= 500 and not (tmp_path / "gone").exists():
            (tmp_path / "a.zarr").rename(tmp_path / "gone")
            (tmp_path / "a.zarr").write_text("in the way")

    with pytest.raises(nb.NbkitError) as caught:
        nb.simulate(rates(), 100.0, 0.1, progress=progress, out=tmp_path / "a.zarr")
    assert caught.value.problems[0].code == "bad-file"


# ---------------------------------------------------------------- memory

_LARGE = """
import json, sys
import nbkit as nb, zarr
from nbkit.simulation import storage
from tests.bench.memory import put_mark_back, resident

storage.ROOM = 2e6

def run(steps, out):
    units = nb.Population(nb.models.leaky_integrator, 1000, initial={"x": nb.Uniform(0.0, 1.0)})
    net = nb.Network({"E": units}, stimuli=[nb.Stimulus("E.u", nb.Step(1.0))])
    return nb.simulate(net, steps * 0.1, 0.1, out=out)

run(20, sys.argv[1] + "/small.zarr")
put_mark_back()
before = resident()
ds = run(44_000, sys.argv[1] + "/large.zarr")
print(json.dumps([before, resident("VmHWM"), ds["E.x"].nbytes / 1e6, float(ds["E.x"][-1, 0])]))
"""


def test_memory_is_bounded_whatever_is_recorded(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LARGE, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    before, most, recorded, last = json.loads(done.stdout)
    assert recorded * 1e6 >= 10 * BOUND
    assert (most - before) * 1e6 < BOUND
    assert np.isfinite(last)


def test_a_recording_that_does_not_fit_names_what_would(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("nbkit.simulation.checks.available", lambda: 60_000)
    with pytest.raises(nb.NbkitError, match=r'out="run\.zarr".* every') as caught:
        nb.simulate(rates(), 100.0, 0.1)
    assert caught.value.problems[0].code == "too-much-memory"
    assert nb.simulate(rates(), 100.0, 0.1, out=tmp_path / "a.zarr").sizes["time"] == 1001
