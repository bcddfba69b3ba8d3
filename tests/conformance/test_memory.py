"""Law: what a run takes of the memory of its process is what was forecast of it."""

from __future__ import annotations

from typing import Any

import pytest

import nbkit as nb
from tests.bench.memory import BAND, TELLING, in_a_fresh_process, in_band, ratios

TOLD = [
    "Wilson-Cowan, 1000 units, delay 0.5, 3,000 steps",
    "field 100 x 100, 500 steps",
    "microcircuit 0.1, 0.5 s",
    "sweep of 2000 points, every 10th of 2,000 steps",
]


@pytest.mark.parametrize("name", TOLD)
def test_the_rise_of_a_process_is_foretold(name: str) -> None:
    found = in_a_fresh_process(name)
    assert found["most"] - found["before"] >= TELLING
    assert BAND[0] <= ratios(found)[0] <= BAND[1]
    assert in_band(found)


def forecast(net: nb.Network, sweep: dict[str, list[float]] | None = None) -> Any:
    found = nb.health(net, 0.1, 100.0, sweep=sweep)
    assert found.ready
    return found.forecast


def test_a_sweep_is_foretold_as_all_its_points() -> None:
    net = nb.Network({"E": nb.Population(nb.models.wilson_cowan, 10)}, [nb.Projection("E.r", "E.r_in", delay=1.0)])
    one = forecast(net)
    side, alone = (forecast(net, {path: [1.0, 2.0, 3.0]}) for path in ("E.tau", "E->E.delay"))
    rows = 1001 * 10 * 8
    assert side.steps == alone.steps == 3 * one.steps
    assert side.recording_bytes == pytest.approx(6 * rows, rel=0.01)  # kept, and under way
    assert alone.recording_bytes == pytest.approx(4 * rows, rel=0.1)
    assert side.seconds < alone.seconds


def test_a_sweep_that_makes_no_sense_is_told() -> None:
    net = nb.Network({"E": nb.Population(nb.models.wilson_cowan, 10)})
    found = nb.health(net, 0.1, 100.0, sweep={"E.tau": [1.0, 1.0], "E.tua": [1.0]})
    assert [f.code for f in found.findings] == ["bad-value", "unknown-path"]
    assert not found.ready
