"""Law: the measurement can be run at any time: its table is drawn, its limits bite, and it compares only equals."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.tree import ROOT
from tests.bench.measure import Side, check_agreement
from tests.bench.peers import PEERS, WORKERS, default_cache
from tests.bench.report import over_limit, report, table, write_readme
from tests.bench.workloads import WORKLOADS, Workload

TINY = Workload(3, 0.5, 1000)
OURS = Side("nbkit", Path(sys.executable), "nbkit", "float64")
PEER = Side("peer", Path("python"), "peer", "float64")


def row(cost: float, limit: float | None = 7.0) -> dict[str, Any]:
    """A row as `measure` makes it, with one peer that needs twice the time."""
    side = {"name": "nbkit", "precision": "float64", "median": cost, "peak_mb": 40.0, "versions": {"numpy": "2.0"}}
    peer = side | {"name": "peer", "median": 2 * cost}
    return {"task": "steps", "words": "10 units, no delay", "limit": limit, "sides": [side, peer]}


def test_every_peer_is_pinned_and_has_a_worker() -> None:
    assert [p.worker for p in PEERS if not (WORKERS / f"{p.worker}_worker.py").is_file()] == []
    assert [p.name for p in PEERS if not re.fullmatch(r"[\w-]+==[\d.]+", p.requirements[0])] == []


def test_peers_are_installed_outside_the_repository() -> None:
    assert ROOT not in default_cache().parents


def test_workloads_have_names_of_their_own() -> None:
    assert len({w.name for w in WORKLOADS}) == len(WORKLOADS)


def test_our_side_runs() -> None:
    answer = OURS.run("steps", TINY)
    assert answer["us_per_step"] > 0
    assert len(answer["last"]) == 3


def test_a_missed_limit_is_told() -> None:
    assert list(over_limit([row(6.9), row(9.0, limit=None)])) == []
    assert list(over_limit([row(7.1)])) == ["10 units, no delay: 7.10 µs a step, limit 7"]


def test_the_table_goes_between_the_marks(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("a\n<!-- bench: begin -->\nold\n<!-- bench: end -->\nb\n", encoding="utf-8")
    found = report([row(3.0)], repeats=5)
    write_readme(found, readme)
    write_readme(found, readme)
    assert readme.read_text(encoding="utf-8") == (
        f"a\n<!-- bench: begin -->\n\n{table(found)}\n\n<!-- bench: end -->\nb\n"
    )
    assert "| one step, 10 units, no delay | 3.0 µs | 6.0 µs (×2.0) |" in table(found)


def test_unequal_results_are_not_compared() -> None:
    check_agreement(TINY, {OURS: [{"last": [1.0], "mean": 1.0}], PEER: [{"last": [1.0 + 1e-12], "mean": 1.0}]})
    with pytest.raises(SystemExit, match="peer"):
        check_agreement(TINY, {OURS: [{"last": [1.0], "mean": 1.0}], PEER: [{"last": [1.0 + 1e-6], "mean": 1.0}]})
