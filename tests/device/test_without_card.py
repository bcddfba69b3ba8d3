"""Law: without a card everybody is told what is missing; with one, results tell what ran; it can all be measured."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace

import pytest

import nbkit as nb
from nbkit.run.cuda import device
from tests.bench.device import PARTS, main
from tests.device.host_device import HostDevice
from tests.device.networks import RATES

NET = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 3)}, time_unit="ms")


class DriverError(RuntimeError):
    """What CuPy raises where no driver answers."""


def cupy_of(count: object) -> SimpleNamespace:
    """A CuPy that finds so many cards, or raises."""

    def cards() -> int:
        if isinstance(count, Exception):
            raise count
        return int(count)

    return SimpleNamespace(
        cuda=SimpleNamespace(runtime=SimpleNamespace(getDeviceCount=cards, CUDARuntimeError=DriverError))
    )


@pytest.mark.parametrize(
    ("cupy", "code", "words"),
    [
        (None, "missing-package", r"nbkit\[cuda12\]"),
        (cupy_of(DriverError("no driver")), "no-device", "driver"),
        (cupy_of(0), "no-device", "there is no NVIDIA card"),
    ],
)
def test_what_is_missing_is_told_with_a_way_out(monkeypatch, cupy, code, words):
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    for ask in (
        lambda: nb.simulate(NET, 1.0, 0.1, backend="cupy"),
        lambda: nb.Simulation(NET, 0.1, backend="cupy"),
        lambda: nb.sweep(NET, {"E.tau": [1.0, 2.0]}, 1.0, 0.1, backend="cupy"),
        device.open_device,
    ):
        with pytest.raises(nb.NbkitError, match=words) as error:
            ask()
        assert [p.code for p in error.value.problems] == [code]
        assert "NumPy runs the same network" in error.value.problems[0].hint


def test_other_problems_are_told_together_with_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(nb.NbkitError) as error:
        nb.simulate(NET, 1.0, 0.1, backend="cupy", accelerator=True, precision="float16")
    assert {p.code for p in error.value.problems} == {"missing-package", "no-accelerator", "unknown-precision"}


def test_numpy_has_no_loose_sums():
    with pytest.raises(nb.NbkitError, match="same bits every time"):
        nb.simulate(NET, 1.0, 0.1, deterministic=False)


def test_a_card_that_is_too_small_is_told(host, monkeypatch):
    monkeypatch.setattr(host, "free", lambda: 1000)
    with pytest.raises(nb.NbkitError, match="on the card") as error:
        nb.Simulation(RATES["dense"](), 0.1, backend="cupy")
    assert error.value.code == "too-much-memory"


def test_results_tell_what_ran(host):
    attributes = nb.simulate(NET, 1.0, 0.1, backend="cupy").attrs
    assert (attributes["device"], attributes["deterministic"], attributes["accelerator"]) == (host.name, 1, "none")
    assert json.loads(attributes["setup"])["backend"] == "cupy"
    assert "device" not in nb.simulate(NET, 1.0, 0.1).attrs


# ------------------------------------------------------------ the measurement


def test_the_measurement_says_that_there_is_no_card(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "cupy", None)
    assert main([]) == 2
    assert "CuPy cannot be imported" in capsys.readouterr().err


def test_the_measurement_can_be_tried_without_one(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(device, "find", device.find)  # it is put back afterwards
    out = tmp_path / "found.json"
    parts = ["launches", "ensemble", "small microcircuit"]
    assert main(["--stand-in", "--out", str(out), *(word for name in parts for word in ("--only", name))]) == 1
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["device"]["device"] == HostDevice().name
    assert list(found["parts"]) == parts
    assert not [name for name in parts if "error" in found["parts"][name]]
    assert found["parts"]["ensemble"]["largest_difference"] < 1e-12
    assert "the goal is at least 50" in capsys.readouterr().err
    assert set(PARTS) > set(parts)
