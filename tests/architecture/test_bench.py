"""Law: the measurement can be run at any time: every row has its workers, and peers live outside the repository."""

from __future__ import annotations

import ast
import re

from tests.architecture.tree import ROOT, parsed
from tests.bench.peers import PEERS, WORKERS, default_cache
from tests.bench.workloads import WORKLOADS


def tasks_of(worker: str) -> set[str]:
    """The tasks that a worker's script names, read without running it: its peer need not be installed."""
    script = WORKERS / f"{worker}_worker.py"
    assert script.is_file(), f"there is no worker {worker}"
    functions = {n.name for n in parsed(script).body if isinstance(n, ast.FunctionDef)}
    tables = [n for n in ast.walk(parsed(script)) if isinstance(n, ast.Dict)]
    rows = (pair for table in tables for pair in zip(table.keys, table.values, strict=True))
    return {k.value for k, v in rows if isinstance(k, ast.Constant) and isinstance(v, ast.Name) and v.id in functions}


def test_every_row_of_the_table_has_workers_that_know_its_task():
    ours = tasks_of("nbkit")
    assert {load.task for load in WORKLOADS} == ours
    wanted = {(rival.peer.worker, load.task) for load in WORKLOADS for rival in load.rivals}
    assert {worker for worker, _ in wanted} == {peer.worker for peer in PEERS}
    assert [(worker, task) for worker, task in sorted(wanted) if task not in tasks_of(worker)] == []


def test_every_peer_is_pinned():
    assert [p.worker for p in PEERS if not re.fullmatch(r"[\w-]+==[\d.]+", p.requirements[0])] == []


def test_peers_are_installed_outside_the_repository():
    assert ROOT not in default_cache().parents


def test_workloads_have_names_and_words_of_their_own():
    assert len({w.name for w in WORKLOADS}) == len({w.words for w in WORKLOADS} | {w.name for w in WORKLOADS}) / 2
    lines = [(w.words, m.words) for w in WORKLOADS for m in w.metrics]
    assert len(set(lines)) == len(lines)


def test_a_worker_knows_no_module_that_its_peer_need_not_have():
    imported = {a.name for n in ast.walk(parsed(WORKERS / "common.py")) if isinstance(n, ast.Import) for a in n.names}
    assert imported <= {"json", "resource", "statistics", "sys", "time", "numpy"}
