"""Laws of `nbkit task check`: it runs the notebook, finds every task and every fault, and changes nothing."""

from __future__ import annotations

import importlib.util

import nbformat
import pytest

import nbkit as nb
from nbkit.app import task_check
from nbkit.app.command_line import main

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

SETUP = """
import nbkit as nb
start = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 1, initial={"x": 1.0})})
def with_tau(tau):
    return start.with_value("E.tau", tau)
def check(net, seed):
    left = float(nb.simulate(net, 10.0, 0.1, seed=seed)["E.x"][-1, 0])
    return {"forgets": left < 0.1, "not too fast": left > 0.01}
keywords = dict(
    start=start,
    reference=with_tau(3.0),
    wrong={"same": (start, "forgets"), "slower": (with_tau(20.0), "forgets"), "fast": (with_tau(1.0), "not too fast")},
    hints={"forgets": "faster", "not too fast": "slower"},
)
"""
SOUND = 'task = nb.Task("Forget.", check, name="forget", **keywords)'
SPOILT = 'lessons = {"b": nb.Task("Luck.", check, name="luck", **(keywords | {"reference": start, "wrong": {}}))}'


OPEN = (
    "lesson.ipynb: FAILED: cell 4 is graded by nbgrader, but nothing in it fails, so everybody gets all points; "
    "end it with task.grade(...).require()"
)


def notebook(folder, *cells, name="lesson.ipynb"):
    path = folder / name
    made = [c if not isinstance(c, str) else nbformat.v4.new_code_cell(c) for c in cells]
    nbformat.write(nbformat.v4.new_notebook(cells=made), path)
    return path


def graded(source):
    about = {"grade": True, "solution": False, "locked": True, "points": 1, "grade_id": "g", "schema_version": 3}
    return nbformat.v4.new_code_cell(source, metadata={"nbgrader": about})


def test_sound_tasks_pass_and_the_notebook_stays_as_it_is(tmp_path, capsys):
    path = notebook(tmp_path, SETUP, SOUND, "task.grade(with_tau(3.0))")
    before = path.read_bytes()
    assert main(["task", "check", str(path)]) == 0
    told = capsys.readouterr()
    assert told.out.splitlines()[:2] == [
        "forget: ok: the start gets no points (fails at 'forgets')",
        "forget: ok: the reference passes with 20 seeds",
    ]
    assert told.out.endswith("0 of 7 findings failed\n")
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_every_task_and_every_fault_is_found_at_once(tmp_path, capsys):
    path = notebook(tmp_path, SETUP, SOUND, SPOILT, graded("mark = task.grade(with_tau(3.0))"))
    assert main(["task", "check", str(path), "--seeds", "2"]) == 1
    told = [line for line in capsys.readouterr().out.splitlines() if "FAILED" in line]
    assert told == [
        "luck: FAILED: the reference fails with 2 seeds of 2 (0, 1): fails at 'forgets'",
        "luck: FAILED: there are 0 wrong answers; give 3 or more in wrong=",
        OPEN,
    ]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["2 + 2"], "it runs, but defines no task"),
        ([SETUP, "task = nb.Tsk()"], "cell 2 fails: AttributeError"),
        ([SETUP, SOUND, "import os; os._exit(1)"], "it cannot be run: DeadKernelError"),
    ],
)
def test_a_notebook_without_tasks_or_one_that_does_not_run_is_explained(cells, said, tmp_path, capsys):
    assert main(["task", "check", str(notebook(tmp_path, *cells))]) == 1
    told = capsys.readouterr().err
    assert said in told
    assert "[bad-notebook]" in told


def test_a_cell_that_never_ends_is_explained(tmp_path):
    path = notebook(tmp_path, "while True: pass")
    with pytest.raises(nb.NbkitError, match="cannot be run: CellTimeoutError"):
        task_check.check_notebook(path, cell_seconds=1)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("no.ipynb", None, "cannot be read: No such file"),
        ("words.ipynb", b"hello", "it is no notebook"),
        ("bytes.ipynb", b"\xff\x00", "it is no notebook"),
        ("list.ipynb", b"[]", "it is no notebook"),
        ("other.ipynb", b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": 3}', "it is no notebook"),
        ("deep.ipynb", b"[" * 100_000, "it is no notebook"),
    ],
)
def test_what_is_no_notebook_is_explained(name, text, said, tmp_path, capsys):
    path = tmp_path / name
    if text is not None:
        path.write_bytes(text)
    assert main(["task", "check", str(path)]) == 1
    told = capsys.readouterr().err
    assert said in told
    assert name in told


def test_a_missing_package_is_explained(monkeypatch, capsys):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "papermill" else found(name))
    assert main(["task", "check", "lesson.ipynb"]) == 1
    assert 'pip install "nbkit[paper]"' in capsys.readouterr().err


@pytest.mark.parametrize("words", [["task"], ["task", "chekc"], ["task", "check", "a.ipynb", "--seeds", "0"]])
def test_words_that_are_not_understood_are_refused(words, capsys):
    with pytest.raises(SystemExit) as stop:
        main(words)
    assert stop.value.code == 2
    assert "usage" in capsys.readouterr().err


START = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 1)})


def test_tasks_are_found_once_each_and_equal_names_are_told():
    first, second = (nb.Task("Go.", lambda *_: {"gone": False}, start=START, name="go") for _ in range(2))
    space = {"a": first, "again": first, "b": [second, 3], "_hidden": first, "Out": {1: first}, "n": 3}
    found = task_check.findings_in(space, 1)
    assert (
        sum(f["what"] == "there is no reference: give reference=, an answer that gets all points" for f in found) == 2
    )
    assert [f["what"] for f in found if "two tasks" in f["what"]] == [
        "two tasks have this name; logs would mix them up"
    ]


@pytest.mark.parametrize(
    ("source", "open_"),
    [
        ("task.grade(net)", False),
        ("task.grade(net).require()", False),
        ("mark = task.grade(net)\nassert mark.points == 1", False),
        ("if not task.grade(net):\n    raise ValueError", False),
        ("mark = task.grade(net)", True),
        ("task.grade(net);", True),
        ("mark = task.grade(net)\nprint(mark)\nx = 1", True),
        ("x = 1", False),
        ("this is not Python", False),
    ],
)
def test_a_graded_cell_in_which_nothing_can_fail_is_found(source, open_):
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("task.grade"), graded(source)])
    assert bool(list(task_check.open_cells(book))) == open_
    book.cells[1]["metadata"] = {}
    assert not list(task_check.open_cells(book))
