"""Owns the tests of the measuring: turns, peers that fail, goals, table, picture. No duration is judged here."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.bench import measure as measuring
from tests.bench.figures import OURS, failures, lines, missed, shown, times
from tests.bench.measure import Side, disagreements, measure
from tests.bench.peers import NotMeasuredError, Peer
from tests.bench.picture import picture
from tests.bench.report import merged, report, table, write_readme
from tests.bench.store import Store
from tests.bench.workloads import WORKLOADS, Metric, Rival, Workload

RIVAL = Rival(Peer("other", ("other==1.0",)), "Other")
STEP = Metric("step", "one step", factor=3.0, limit=5e-6)
LOAD = Workload("tiny", "3 rate units", "wilson_cowan", {"n": 3}, (STEP, Metric("peak_mb", "memory", "MB")), (RIVAL,))


def answer(step: float, end: float = 1.0) -> dict[str, Any]:
    return {
        "values": {"step": step},
        "check": [end, 2.0],
        "first": 0.5,
        "peak_mb": 80.0,
        "yardstick": 0.01,
        "versions": {"numpy": "2.0"},
        "wall": 1.0,
    }


@pytest.fixture
def staged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Sides that answer without a process; what was asked, in order."""
    asked: list[str] = []
    costs = {"nbkit": 4e-6, "nbkit on NumPy alone": 8e-6, "Other": 16e-6}

    def run(side: Side, load: Workload) -> dict[str, Any]:
        asked.append(side.name)
        return answer(costs[side.name])

    monkeypatch.setattr(Side, "run", run)
    monkeypatch.setattr(measuring, "rival_side", lambda rival, *_: Side(rival.name, Path("python"), "other"))
    return asked


def row(tmp_path: Path, load: Workload = LOAD, repeats: int = 2) -> dict[str, Any]:
    return next(measure([load], repeats, tmp_path, Store(None), peers=True))


def test_sides_take_turns_in_both_directions(staged, tmp_path):
    row(tmp_path)
    assert staged == ["nbkit", "nbkit on NumPy alone", "Other", "Other", "nbkit on NumPy alone", "nbkit"]


def test_the_table_tells_medians_factors_and_remarks(staged, tmp_path):
    found = report([row(tmp_path)], repeats=2)
    text = table(found)
    assert "| 3 rate units: one step | 4.0 µs | 8.0 µs | Other: 16 µs | **×4.0** (×2.0) |" in text
    assert "| 3 rate units: memory | 80 MB | 80 MB | Other: 80 MB | **×1.0** (×1.0) |" in text
    assert max(map(len, text.split("\n\n")[1].splitlines())) <= 120


def test_a_peer_that_fails_is_named_and_the_rest_goes_on(staged, tmp_path, monkeypatch):
    def refuse(*_: object) -> Side:
        raise NotMeasuredError("pip: no matching distribution")

    monkeypatch.setattr(measuring, "rival_side", refuse)
    found = report([row(tmp_path)], repeats=2)
    assert "Other: not measured | – |" in table(found)
    assert "Other (3 rate units) was not measured: pip: no matching distribution." in table(found).replace("\n", " ")
    assert list(failures(found["rows"])) == []  # it is no fault of nbkit


def test_a_peer_that_cannot_be_installed_says_why(tmp_path):
    peer = Peer("other", ("other==1.0",), commands=("no-such-compiler",))
    with pytest.raises(NotMeasuredError, match="no-such-compiler missing"):
        peer.python(tmp_path)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("raise SystemExit('no luck')", "no luck"),
        ("print(1)", "no answer"),
        ("while True: pass", "1.5 s"),
        ("import subprocess as s; s.run(['sleep', '60'])", "1.5 s"),
    ],
)
def test_a_process_that_fails_or_hangs_is_told(script, said, tmp_path, monkeypatch):
    (tmp_path / "sick_worker.py").write_text(script, encoding="utf-8")
    monkeypatch.setattr(measuring, "WORKERS", tmp_path)
    with pytest.raises(NotMeasuredError, match=said):
        Side("sick", Path(sys.executable), "sick").run(replace(LOAD, timeout=1.5))


def test_a_reason_holds_no_path_of_this_machine(tmp_path):
    assert str(NotMeasuredError(f"no file '{tmp_path / 'x.py'}', line 3")) == "no file '...', line 3"


def test_unequal_results_are_not_compared(tmp_path):
    ours, peer = Side(OURS, Path("python"), "nbkit"), Side("Other", Path("python"), "other")
    assert disagreements(LOAD, {ours: [answer(1.0)], peer: [answer(1.0, 1.0 + 1e-12)]}) == {}
    wrong = disagreements(LOAD, {ours: [answer(1.0)], peer: [answer(1.0, 1.0 + 1e-6)]})
    found = {"words": LOAD.words, "failed": wrong}
    assert list(failures([found])) == [f"3 rate units: Other: {wrong['Other']}"]


def test_goals_bite(staged, tmp_path):
    kept = row(tmp_path)
    assert list(missed([kept])) == []
    kept["metrics"] = [vars(replace(STEP, factor=5.0, limit=3e-6, most=0.1, numpy_factor=3.0))]
    assert list(missed([kept])) == [
        "3 rate units: one step: nbkit: 4.0 µs, limit 3.0 µs",
        "3 rate units: one step: nbkit: ×4.0 of Other, goal ×5.0",
        "3 rate units: one step: nbkit on NumPy alone: ×2.0 of Other, goal ×3.0",
        "3 rate units: one step: nbkit: 0.25 times the figure of Other, limit 0.1",
    ]


@pytest.mark.parametrize(
    ("figure", "unit", "said"),
    [
        (2.0e-7, "s", "0.2 µs"),
        (0.0123, "s", "12 ms"),
        (75.2, "s", "75 s"),
        (15170, "MB", "15.2 GB"),
        (0.137, "", "0.14"),
    ],
)
def test_figures_are_short(figure, unit, said):
    assert shown(figure, {"unit": unit}) == said
    assert times(1532.0) == "×1,500"


def test_a_measurement_that_was_cut_off_goes_on(tmp_path):
    path = tmp_path / "unfinished.json"
    Store(path, about="a").keep("tiny, nbkit, turn 1", {"wall": 1.0})
    assert Store(path, resume=True, about="a").get("tiny, nbkit, turn 1") == {"wall": 1.0}
    assert len(Store(path, resume=True, about="b")) == len(Store(path, about="a")) == 0


def test_rows_measured_anew_take_the_places_of_the_old_ones():
    old = {"when": "then", "rows": [{"workload": "a", "x": 1}, {"workload": "b", "x": 1}]}
    new = {"when": "now", "rows": [{"workload": "b", "x": 2}, {"workload": "c", "x": 2}]}
    assert merged(old, new, ["c", "b", "a"])["rows"] == [*reversed(new["rows"]), {"workload": "a", "x": 1}]
    assert merged(old, new, ["b"])["rows"] == [{"workload": "b", "x": 2}]  # the table has no other


def test_the_table_goes_between_the_marks(staged, tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("a\n<!-- bench: begin -->\nold\n<!-- bench: end -->\nb\n", encoding="utf-8")
    found = report([row(tmp_path)], repeats=2)
    write_readme(found, readme)
    write_readme(found, readme)
    text = readme.read_text(encoding="utf-8")
    assert text.startswith("a\n<!-- bench: begin -->\n\n![")
    assert text.endswith(f"\n\n{table(found)}\n\n<!-- bench: end -->\nb\n")


def test_the_picture_has_a_row_for_each_factor(staged, tmp_path):
    found = report([row(tmp_path)], repeats=2)
    plot = picture(found)
    assert plot.y_range.factors == ["3 rate units: memory  ·  Other", "3 rate units: one step  ·  Other"]
    assert len(list(lines(found))) == 2


def test_our_side_of_a_workload_runs():
    load = replace(WORKLOADS[0], settings={"n": 3, "steps": 20})
    kept = json.loads(json.dumps(measuring.our_sides(load)[0].run(load)))
    assert len(kept["check"]) == 5
    assert 0 < kept["first"] <= kept["wall"]
    assert kept["yardstick"] > 0
