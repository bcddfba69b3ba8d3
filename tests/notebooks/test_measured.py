"""Law: what the lessons cost is written down for each of them, within the limits, and is measured, not typed."""

from __future__ import annotations

import nbformat
import pytest

from tests.notebooks import faults, measured, runner
from tests.notebooks.measured import Cost

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

#: a kernel that computes for a while and holds 40 MB
BUSY = """
import time
held = bytearray(size * 2**20)
while time.process_time() < begun + 0.5: pass
"""


def test_the_table_tells_of_every_lesson_and_none_is_over_its_limits():
    costs = measured.kept()
    assert [f"{name}.ipynb" for name in costs] == runner.NOTEBOOKS
    assert {lesson for lesson, sizes in costs.items() if sizes.keys() != {"full", "small"}} == set()
    full = {lesson: sizes["full"] for lesson, sizes in costs.items()}
    assert {lesson for lesson, cost in full.items() if cost.seconds > measured.MOST_SECONDS} == set()
    assert {lesson for lesson, cost in full.items() if cost.megabytes > measured.MOST_MB} == set()
    assert sum(sizes["small"].seconds for sizes in costs.values()) < 2 * 240, "four minutes on two cores"


def test_a_lesson_is_measured_by_its_own_kernel(tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "FOLDER", tmp_path)
    about = nbformat.v4.new_code_cell("size = 1", metadata={"tags": ["parameters"]})
    start = nbformat.v4.new_code_cell("import time\nbegun = time.process_time()")
    book = nbformat.v4.new_notebook(cells=[about, start, nbformat.v4.new_code_cell(BUSY)])
    nbformat.write(book, tmp_path / "lesson.ipynb")
    low, high = (measured.measure("lesson.ipynb", {"size": size}) for size in (1, 60))
    assert 0.5 <= low.seconds < 30
    assert 50 < high.megabytes - low.megabytes < 80
    assert low.elapsed > 0.5


def test_the_section_is_read_as_it_was_written_and_the_table_of_faults_stays(tmp_path, monkeypatch):
    file = tmp_path / "README.md"
    monkeypatch.setattr(measured, "README", file)
    monkeypatch.setattr(faults, "TABLE", file)
    outcomes = list(faults.kept().values()) or [faults.Outcome(fault) for fault in faults.FAULTS[:2]]
    faults.write(outcomes)
    above = file.read_text(encoding="utf-8")
    costs = {
        "00_a": {"full": Cost(12.5, 210.0, 0.0)},
        "01_b": {"full": Cost(3.0, 99.0, 0.0), "small": Cost(1.5, 90.0, 0.0)},
    }
    measured.write(costs)
    measured.write(measured.kept())
    assert measured.kept() == costs
    assert file.read_text(encoding="utf-8").startswith(above.rstrip())
    faults.write(outcomes)
    assert measured.kept() == costs
