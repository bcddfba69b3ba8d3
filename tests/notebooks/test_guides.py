"""Owns the regression of the guides: each runs, its own checks hold, and its words about other pages are true."""

import re

import nbformat
import pytest

import nbkit as nb
from tests.notebooks import runner

FOLDER = runner.FOLDER.parent / "gallery" / "guides"

#: guide -> parameters of a run small enough for every day
SMALL: dict[str, dict[str, object]] = {
    "for_model_builders.ipynb": {"duration": 200.0, "n_units": 100},
    "for_teachers.ipynb": {"seeds": 1},
    "how_it_steps_time.ipynb": {"n_units": 50, "steps": [2.0, 1.0, 0.5, 0.2]},
}

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.fixture(autouse=True)
def _among_the_guides(monkeypatch):
    monkeypatch.setattr(runner, "FOLDER", FOLDER)


def test_every_guide_is_run():
    assert sorted(SMALL) == sorted(path.name for path in FOLDER.glob("*.ipynb"))


@pytest.mark.parametrize("name", sorted(SMALL))
def test_a_guide_runs_and_its_checks_hold(name, tmp_path, request):
    parameters = {} if request.config.getoption("--full") else SMALL[name]
    done = runner.execute(name, tmp_path / name, parameters)
    shown = str(done.cells[-1]["outputs"])
    assert "All checks passed" in shown
    assert sum(cell["source"].count("assert") for cell in done.cells) >= 8, "a guide proves what it says"


@pytest.mark.parametrize("name", sorted(SMALL))
def test_the_names_that_a_guide_speaks_of_are_there(name):
    cells = nbformat.read(FOLDER / name, as_version=4).cells
    prose = "\n".join(cell["source"] for cell in cells if cell["cell_type"] == "markdown")
    spoken = re.findall(r"`nb\.([\w.]+)", prose)
    assert spoken
    for words in spoken:
        held = nb
        for part in words.split("."):
            held = getattr(held, part)
