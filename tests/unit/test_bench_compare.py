"""Owns the tests of the comparison of nbkit with itself: a planted slow-down is found, and chance is not."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from tests.bench.compare import changes, main

METRICS = [{"key": "step", "words": "one step", "unit": "s"}, {"key": "peak_mb", "words": "memory", "unit": "MB"}]


def measurement(cpu: str = "A") -> dict[str, Any]:
    side = {"values": {"step": [1.0, 1.02, 1.1], "peak_mb": [80.0] * 3}, "yardstick": [0.01] * 3}
    rows = [{"workload": w, "words": w, "metrics": METRICS, "sides": {"nbkit": copy.deepcopy(side)}} for w in "ab"]
    return {"machine": {"cpu": cpu}, "rows": rows}


def changed(**values: list[float]) -> dict[str, Any]:
    new = measurement()
    new["rows"][1]["sides"]["nbkit"]["values"] |= values
    return new


def run(tmp_path, old: dict[str, Any], new: dict[str, Any]) -> int:
    for name, found in (("old", old), ("new", new)):
        (tmp_path / name).write_text(json.dumps(found), encoding="utf-8")
    return main([str(tmp_path / "old"), "--new", str(tmp_path / "new")])


def test_a_planted_slow_down_is_named(tmp_path, capsys):
    assert run(tmp_path, measurement(), changed(step=[1.3, 1.35, 1.4])) == 1
    said = capsys.readouterr().out
    assert "slower: 1 of 4\n  b: one step (nbkit): 1.32 times the old figure" in said
    assert "faster: 0 of 4" in said


def test_growing_memory_is_named(tmp_path, capsys):
    assert run(tmp_path, measurement(), changed(peak_mb=[90.0] * 3)) == 1
    assert "b: memory (nbkit): 1.12 times" in capsys.readouterr().out


@pytest.mark.parametrize("step", [[1.1, 1.12, 1.1], [0.9, 1.2, 1.5]])
def test_what_chance_explains_is_not(step, tmp_path):
    assert run(tmp_path, measurement(), changed(step=step)) == 0


def test_one_turn_proves_only_much():
    new = changed(step=[1.5])
    new["rows"][1]["sides"]["nbkit"]["yardstick"] = [0.01]
    assert not any(change.slower for change in changes(measurement(), new))
    new["rows"][1]["sides"]["nbkit"]["values"]["step"] = [2.5]
    assert sum(change.slower for change in changes(measurement(), new)) == 1


def test_what_became_faster_is_told(tmp_path, capsys):
    assert run(tmp_path, measurement(), changed(step=[0.5, 0.5, 0.5])) == 0
    assert "faster: 1 of 4\n  b: one step (nbkit): 0.49 times" in capsys.readouterr().out


def test_a_slow_hour_of_the_machine_is_no_slow_program():
    new = measurement()
    for row in new["rows"]:
        row["sides"]["nbkit"]["values"]["step"] = [2.0, 2.04, 2.2]
        row["sides"]["nbkit"]["yardstick"] = [0.02] * 3
    assert [c for c in changes(measurement(), new) if c.slower or c.faster] == []


def test_other_machines_and_other_workloads_are_not_compared(tmp_path):
    assert run(tmp_path, measurement("A"), measurement("B")) == 2
    assert run(tmp_path, measurement(), measurement() | {"rows": []}) == 2
