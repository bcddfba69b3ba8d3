"""Law: `nbkit run` writes what `nb.simulate` gives, or tells everything that is wrong and writes nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import nbkit as nb
from nbkit.app.command_line import main

M = nb.models


def network() -> nb.Network:
    weights = np.random.default_rng(1).normal(0.0, 0.2, (40, 40))
    units = nb.Population(M.wilson_cowan, 40, {"tau": nb.Uniform(5.0, 15.0)}, initial={"r": nb.Uniform(0.0, 0.5)})
    return nb.Network({"E": units}, [nb.Projection("E.r", "E.r_in", weight=weights, delay=1.0)])


def wild() -> nb.Network:
    growth = nb.Model("g", "dx/dt = x*x", states={"x": 1.0}, time_unit="ms")
    return nb.Network({"E": nb.Population(growth, 3)})


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.json").write_text(network().to_json(), encoding="utf-8")
    Path("wild.json").write_text(wild().to_json(), encoding="utf-8")
    setup = nb.Setup(50.0, 0.1, seed=4, record=["E.spike"])
    Path("doc.json").write_text(nb.Document(nb.networks.brunel(10), setup).to_json(), encoding="utf-8")


def there() -> list[str]:
    """What stands in the folder beside the networks, hidden files included."""
    return sorted(path.name for path in Path().iterdir() if path.suffix != ".json")


def opened(name: str) -> xr.Dataset:
    return xr.open_zarr(name) if name.endswith(".zarr") else xr.open_dataset(name, engine="scipy")


@pytest.mark.parametrize("out", ["run.nc", "run.zarr"])
def test_a_network_is_run_as_it_is_asked(out: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--duration", "20", "--dt", "0.1 ms", "--seed", "7", "--record", "E.r", "--precision", "float32"]
    words += ["--accelerator", "off", "--discard", "5"]
    assert main(["run", "net.json", "--out", out, *words]) == 0
    asked: dict[str, Any] = {"seed": 7, "record": ["E.r"], "precision": "float32", "accelerator": False, "discard": 5.0}
    held = nb.simulate(network(), 20.0, 0.1, **asked)
    with opened(out) as found:
        for name, array in held.data_vars.items():
            np.testing.assert_array_equal(found[name], array)
        assert found.attrs == held.attrs
        assert found["E.r"].attrs == held["E.r"].attrs
        assert nb.Network.from_json(found.attrs["network"], found) == network()
    told = capsys.readouterr()
    assert told.out == f"{out}: E.r (151, 40)\n"
    assert "151/151 steps" in told.err
    assert there() == [out]


def test_a_document_brings_its_setup(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "doc.json", "--out", "run.zarr", "--duration", "30"]) == 0
    held = nb.simulate(nb.networks.brunel(10), 30.0, 0.1, seed=4, record=["E.spike"])
    with opened("run.zarr") as found:
        xr.testing.assert_identical(held, found.load())
    assert capsys.readouterr().out == f"run.zarr: {held.sizes['E.spike']} spikes of E\n"


REFUSED: dict[str, tuple[list[str], list[str]]] = {
    "nothing given": (["net.json", "--out", "a.nc"], ["missing-key", "--duration", "--dt"]),
    "no file": (["no.json", "--out", "a.txt"], ["no.json", "unknown-format", "--out", "bad-file"]),
    "numbers and words": (
        ["net.json", "--out", "no/a.zarr", "--duration", "9.96", "--dt", "0.1", "--record", "E.q", "--record", "E.p"],
        ["no folder", "duration-off-grid", "--duration", "E.q", "E.p", "run for 10 ms"],
    ),
    "choices": (
        ["net.json", "--out", "a.nc", "--duration", "x", "--dt", "0.1", "--precision", "half", "--method", "rk4"],
        ["--precision", "--method", "--duration"],
    ),
    "bad delay": (["net.json", "--out", "a.nc", "--duration", "9", "--dt", "0.3"], ["delay-off-grid", "E->E.delay"]),
    "no numbers": (["wild.json", "--out", "a.nc", "--duration", "9", "--dt", "0.1"], ["run-not-finite", "became inf"]),
    "no numbers in a store": (["wild.json", "--out", "a.zarr", "--duration", "9", "--dt", "0.1"], ["run-not-finite"]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_everything_that_is_wrong_is_told_and_nothing_is_written(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    words, told = REFUSED[case]
    assert main(["run", *words]) == 1
    found = capsys.readouterr()
    assert [word for word in told if word not in found.err] == []
    assert found.out == ""
    assert there() == []


@pytest.mark.parametrize("out", ["a.nc", "a.zarr"])
def test_what_is_there_stays(out: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(out).write_text("mine")
    assert main(["run", "net.json", "--duration", "9", "--dt", "0.1", "--out", out]) == 1
    assert "is there already" in capsys.readouterr().err
    assert Path(out).read_text() == "mine"
    assert there() == [out]


@pytest.mark.parametrize("out", ["a.nc", "a.zarr"])
def test_an_interrupted_run_leaves_nothing(
    out: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def pressed(*_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("nbkit.simulation.asking.Bar", lambda: pressed)
    assert main(["run", "net.json", "--duration", "9", "--dt", "0.1", "--out", out]) == 1
    assert "interrupted; nothing was written" in capsys.readouterr().err
    assert there() == []


def test_what_does_not_fit_into_memory_goes_into_a_store(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("nbkit.study.checkups.forecast", "nbkit.simulation.checks"):
        monkeypatch.setattr(f"{place}.available", lambda: 4_000_000)
    words = ["run", "net.json", "--duration", "1000", "--dt", "0.1", "--out"]
    assert main([*words, "a.nc"]) == 1
    assert "--out FILE.zarr; keep every" in capsys.readouterr().err
    assert there() == []
    monkeypatch.setattr("nbkit.app.run_file.MOST_HELD", 1_000_000)
    assert main([*words, "a.zarr"]) == 0
    assert "1.4 MB of 2.8 MB" in capsys.readouterr().err
    assert there() == ["a.zarr"]


def test_a_shell_sees_the_result_apart_from_the_progress() -> None:
    command = [sys.executable, "-m", "nbkit", "run", "doc.json", "--out", "a.nc", "--record", "E.spike", "I.spike"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.startswith("a.nc: ")
    assert done.stdout.count("spikes of") == 2
    assert "500/500 steps" in done.stderr
    assert there() == ["a.nc"]
