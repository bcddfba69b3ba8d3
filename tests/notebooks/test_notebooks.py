"""Owns the regression of the tutorials: every notebook runs at a small size, and its own checks hold."""

import json
from contextlib import nullcontext

import nbformat
import papermill
import pytest

from nbkit.app.task_check import check_notebook
from tests.notebooks import runner
from tests.notebooks.sizes import SMALL

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


def test_every_notebook_is_run():
    assert sorted(SMALL) == runner.NOTEBOOKS


@pytest.mark.parametrize("name", runner.NOTEBOOKS)
def test_a_notebook_runs_and_its_checks_hold(name, tmp_path, request):
    full, update = (bool(request.config.getoption(option)) for option in ("--full", "--update"))
    book = nbformat.read(runner.FOLDER / name, as_version=4)
    source = "\n".join(cell["source"] for cell in book.cells)
    parameters = {} if full else SMALL[name]
    kept = runner.kept_for(name, full=full)
    with runner.comparing(kept, parameters, update=update) if "nb.checkpoint(" in source else nullcontext():
        done = runner.execute(name, tmp_path / name, parameters)
    assert source.count("assert") >= 8, "a notebook proves what it teaches"
    shown = str(done.cells[-2]["outputs"] + done.cells[-3]["outputs"])
    assert "All checks passed" in shown


@pytest.mark.parametrize("name", runner.NOTEBOOKS)
def test_a_lesson_asks_for_a_prediction_holds_theory_beside_a_slider_and_tries_its_task(name):
    """What a student writes comes before what is run; unanswered it says so and goes on."""
    cells = [cell for cell in nbformat.read(runner.FOLDER / name, as_version=4).cells if cell.cell_type == "code"]
    source = "\n".join(cell.source for cell in cells)
    asks = [cell for cell in cells if cell.source.startswith('my_prediction = ""')]
    assert len(asks) >= 2 or "ipywidgets.RadioButtons(" in source
    assert all(cell.source.endswith("note(my_prediction)") for cell in asks)
    assert "predictions=[" in source[source.index("nb.explore(") :], "a slider with theory beside it"
    assert source.count("nb.Task(") == 1
    assert "display(task, task.grade(" in source, "what is asked is read, and the start is marked"
    assert "findings = task.trial(" in source
    assert "reference=" in source


def test_an_unanswered_prediction_says_so_and_an_answer_is_repeated():
    book = nbformat.read(runner.FOLDER / runner.NOTEBOOKS[1], as_version=4)
    [source] = [cell.source for cell in book.cells if "def note(prediction)" in cell.source]
    told = []
    names = {"say": told.append}
    exec(source[source.index("def note(") :], names)  # noqa: S102  a lesson's own words
    names["note"]("")
    names["note"]("it wakes up")
    assert "No prediction yet" in told[0]
    assert told[1].endswith("it wakes up")


def test_the_task_of_a_lesson_passes_the_check_of_tasks(tmp_path):
    """All thirteen pass `nbkit task check`; the lessons try their own tasks, and this one is tried from outside."""
    name = "09_delays_make_rhythms.ipynb"
    nbformat.write(runner.with_parameters(name, SMALL[name]), tmp_path / name)
    found = check_notebook(tmp_path / name, seeds=2)
    assert [finding.what for finding in found if finding.good is False] == []
    assert sum(finding.good is True for finding in found) >= 6


@pytest.mark.parametrize("file", sorted(runner.CHECKPOINTS.glob("*.json")), ids=lambda file: file.name)
def test_a_file_of_checkpoints_belongs_to_a_notebook_that_makes_them(file):
    name, size, _ = file.name.split(".")
    held = json.loads(file.read_text(encoding="utf-8"))
    source = (runner.FOLDER / f"{name}.ipynb").read_text(encoding="utf-8")
    assert held["parameters"] == ({} if size == "full" else json.loads(json.dumps(SMALL[f"{name}.ipynb"])))
    assert held["values"]
    assert [key for key in held["values"] if key not in source] == []


def test_a_kernel_compares_with_the_file_that_was_named(tmp_path, monkeypatch):
    cells = [nbformat.v4.new_code_cell(source) for source in ("import nbkit as nb", 'nb.checkpoint("period", 40.5)')]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "lesson.ipynb")
    monkeypatch.setattr(runner, "FOLDER", tmp_path)
    file = tmp_path / "lesson.small.json"
    with runner.comparing(file, {}, update=True):
        runner.execute("lesson.ipynb", tmp_path / "out.ipynb", {})
    assert json.loads(file.read_text(encoding="utf-8")) == {"parameters": {}, "values": {"period": 40.5}}
    file.write_text(file.read_text(encoding="utf-8").replace("40.5", "40.6"), encoding="utf-8")
    with runner.comparing(file, {}), pytest.raises(papermill.PapermillExecutionError, match="checkpoint-differs"):
        runner.execute("lesson.ipynb", tmp_path / "out.ipynb", {})
    with pytest.raises(AssertionError, match="made with"), runner.comparing(file, {"tau": 11.0}):
        pass


def test_an_unknown_parameter_is_an_error(tmp_path):
    with pytest.raises(KeyError, match="has no parameter"):
        runner.execute(runner.NOTEBOOKS[0], tmp_path / "out.ipynb", {"n_unit": 3})
