"""Owns the graders of a course: nbgrader and otter run a notebook with a task and give the points that were meant."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient.exceptions import DeadKernelError

pytestmark = [
    pytest.mark.filterwarnings("ignore"),
    # the graders start servers and databases of their own, and leave the closing to the garbage collector
    pytest.mark.filterwarnings("default::pytest.PytestUnraisableExceptionWarning"),
]

TASKS = """
import nbkit as nb
start = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 1, initial={"x": 1.0})})
def check(net, seed):
    left = float(nb.simulate(net, 10.0, 0.1, seed=seed)["E.x"][-1, 0])
    return {"forgets": nb.study.Verdict(left < 0.1, left), "not too fast": left > 0.01}
hints = {"forgets": "faster", "not too fast": "slower"}
task = nb.Task("Forget.", check, start=start, hints=hints, points=2, name="all")
shared = nb.Task("Forget.", check, start=start, hints=hints, points={"forgets": 2, "not too fast": 1}, name="shared")
"""

#: what a student hands in -> the cell, and the points of a task with all or nothing (2) and of one in shares (2 + 1)
ANSWERS = {
    "right": ('answer = start.with_value("E.tau", 3.0)', 2, 3),
    "half": ('answer = start.with_value("E.tau", 1.0)', 0, 2),
    "untouched": ("answer = None", 0, 0),
    "raising": ("raise NotImplementedError", 0, 0),
    "dead": ("import os\nos._exit(1)", 0, 0),
}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    """Graders write where they stand, and call commands of the environment that they are in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)


# ------------------------------------------------------------ nbgrader


def cell(source, grade_id, points=None, **about):
    """A cell as nbgrader marks it."""
    kind = {"grade": points is not None, "solution": False, "locked": True, "schema_version": 3, "task": False}
    held = kind | {"grade_id": grade_id} | about | ({} if points is None else {"points": points})
    return nbformat.v4.new_code_cell(source, metadata={"nbgrader": held})


@pytest.fixture
def course(tmp_path):
    """A course of nbgrader with one assignment, released."""
    from nbgrader.apps import NbGraderAPI  # noqa: PLC0415  half a second that only these tests need
    from nbgrader.coursedir import CourseDirectory  # noqa: PLC0415
    from traitlets.config import Config  # noqa: PLC0415

    source = tmp_path / "source" / "ps1"
    source.mkdir(parents=True)
    cells = [
        cell(TASKS, "tasks"),
        cell("### BEGIN SOLUTION\nanswer = 1\n### END SOLUTION", "answer", solution=True, locked=False),
        cell("task.grade(answer).require()", "all", 2),
        cell("shared.grade(answer)", "shared", 3),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), source / "lesson.ipynb")
    config = Config()
    config.CourseDirectory.root = str(tmp_path)
    config.CourseDirectory.course_id = "dynamics"
    api = NbGraderAPI(CourseDirectory(config=config), config=config)
    api.log_level = logging.ERROR
    made = api.generate_assignment("ps1")
    assert made["success"], made
    return api


def hand_in(folder, student, answer):
    """What a student makes of the released notebook, whose locked cells they may have touched."""
    released = nbformat.read(folder / "release" / "ps1" / "lesson.ipynb", as_version=4)
    released.cells[1]["source"] = answer
    released.cells[2]["source"] = "task.points = 100"
    place = folder / "submitted" / student / "ps1"
    place.mkdir(parents=True)
    nbformat.write(released, place / "lesson.ipynb")


def test_nbgrader_gives_the_points_that_were_meant(course, tmp_path):
    for student, (answer, _, _) in ANSWERS.items():
        hand_in(tmp_path, student, answer)
        course.autograde("ps1", student)
    found = {}
    with course.gradebook as book:
        for student in ANSWERS:
            with contextlib.suppress(Exception):
                held = book.find_submission_notebook("lesson", "ps1", student).grades
                found[student] = {grade.name: grade.auto_score or 0.0 for grade in held}
    meant = {student: {"all": all_, "shared": share} for student, (_, all_, share) in ANSWERS.items()}
    assert found == meant


# ------------------------------------------------------------ otter

OTTER = """
from otter.test_files import test_case

OK_FORMAT = False
name = "forget"
points = None

@test_case(points=2)
def test_all(task, answer):
    task.grade(answer).require()

@test_case(points=2)
def test_forgets(shared, answer):
    shared.grade(answer).require("forgets")

@test_case(points=1)
def test_not_too_fast(shared, answer):
    shared.grade(answer).require("not too fast")
"""


def graded_by_otter(folder, answer):
    """Otter's results for a notebook, by its own executor."""
    from otter.execute import grade_notebook  # noqa: PLC0415  half a second that only these tests need

    cells = [nbformat.v4.new_code_cell(source) for source in (TASKS, answer)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "lesson.ipynb")
    tests = folder / "tests"
    tests.mkdir()
    (tests / "forget.py").write_text(OTTER)
    globs = [str(tests / "forget.py")]
    return grade_notebook(str(folder / "lesson.ipynb"), tests_glob=globs, cwd=str(folder), test_dir=str(tests))


@pytest.mark.parametrize("student", ["right", "half"])
def test_otter_gives_the_points_that_were_meant(student, tmp_path):
    answer, all_, share = ANSWERS[student]
    results = graded_by_otter(tmp_path, answer)
    assert (results.total, results.possible) == (all_ + share, 5)


def test_otter_gives_nothing_to_a_kernel_that_died(tmp_path):
    """Otter gives up on the submission, aloud."""
    with pytest.raises(DeadKernelError):
        graded_by_otter(tmp_path, ANSWERS["dead"][0])
