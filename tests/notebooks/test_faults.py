"""Law: the faults that are seeded fit the code as it stands, and the table tells of each; the seeding itself works."""

from __future__ import annotations

import ast

import nbformat
import pytest

from tests.notebooks import faults, runner
from tests.notebooks.engine_faults import FAULTS, Fault

LESSON = """
import nbkit as nb
unit = nb.Population(nb.models.leaky_integrator, 1, initial={"x": 1.0})
x = nb.simulate(nb.Network({"E": unit}), 2.0, 1.0, record=["E.x"])["E.x"]
assert abs(float(x[expected, 0]) - 0.9**expected) < 1e-12
"""


def test_there_are_faults_enough():
    assert len(FAULTS) >= 25
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_fits_the_code_as_it_stands(fault):
    text = (faults.ROOT / fault.file).read_text(encoding="utf-8")
    assert text.count(fault.line) == 1
    assert "\n" not in fault.line
    wrong = text.replace(fault.line, fault.faulty)
    assert ast.dump(ast.parse(wrong)) != ast.dump(ast.parse(text)), "another program, not another layout"


def test_the_table_tells_of_every_fault_and_of_most_that_they_are_caught():
    told = faults.kept()
    assert list(told) == [fault.name for fault in FAULTS]
    assert sum(bool(outcome.lesson) for outcome in told.values()) >= 0.8 * len(FAULTS)
    assert {outcome.fault.name for outcome in told.values() if not outcome.lesson} == {
        fault.name for fault in FAULTS if fault.survives
    }
    assert {f"{outcome.lesson}.ipynb" for outcome in told.values() if outcome.lesson} <= set(runner.NOTEBOOKS)


def test_a_fault_is_put_in_and_seen(tmp_path):
    cells = [nbformat.v4.new_code_cell("expected = 0", metadata={"tags": ["parameters"]})]
    cells.append(nbformat.v4.new_code_cell(LESSON))
    half = next(fault for fault in FAULTS if fault.name == "Euler's step is half as long")
    for name, fault, steps in (("sound", None, 1), ("wrong", half, 1), ("other", None, 3)):
        faults.copied(fault, tmp_path / name)
        nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / name / "notebooks" / "lesson.ipynb")
        seen = faults.failure(tmp_path / name, "lesson.ipynb", {"expected": steps})
        kinds = {"sound": "", "wrong": "AssertionError: assert abs(float(x[expected, 0])", "other": "IndexError"}
        assert seen.startswith(kinds[name]), seen
        assert bool(seen) == bool(kinds[name])


def test_the_likeliest_lessons_come_first():
    fault = Fault("a", "nbkit/errors.py", "b", "c", ("03", "no lesson", "01"))
    assert faults.in_order(fault, ["01_a", "02_b", "03_c"]) == ["03_c", "01_a", "02_b"]
