"""Law: every entry of the gallery is whole, runs on every backend, and makes a page that asks nobody for anything."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest

import nbkit as nb
from nbkit.app.site import entries, stories
from nbkit.app.site.entries import NETWORK, STORY, read_entry
from nbkit.app.site.entry_pages import entry_page
from nbkit.app.site.ways import Addresses
from nbkit.errors import NbkitError
from nbkit.network.time import to_unit

SHELF = entries.gallery()
NAMES = entries.names(SHELF)
LARGEST_PAGE = 500_000

pytestmark = pytest.mark.filterwarnings("ignore::nbkit.errors.NbkitNote")


def test_there_are_enough_and_every_category_has_some():
    assert len(NAMES) >= 16
    assert {read_entry(SHELF / name).story.category for name in NAMES} == set(stories.CATEGORIES)


def test_every_folder_beside_the_pictures_of_the_readme_is_an_entry():
    folders = {path.name for path in SHELF.iterdir() if path.is_dir()} - {"readme", "guides"}
    assert sorted(folders) == NAMES


def _namespace(text):
    held = {}
    exec(compile(text, "entry", "exec"), held)  # noqa: S102  the code that a page gives away
    return held


@pytest.mark.parametrize("name", NAMES)
def test_an_entry_equals_itself_after_json_code_and_link(name):
    entry = read_entry(SHELF / name)
    document = entry.document
    again = nb.Document.from_json(document.to_json())
    assert (again.network, again.setup) == (entry.network, entry.setup)
    assert _namespace(entry.network.to_code())["net"] == entry.network
    linked = nb.Document.from_link(document.to_link())
    assert (linked.network, linked.setup) == (entry.network, entry.setup)


@pytest.mark.parametrize("name", NAMES)
def test_an_entry_runs_fifty_steps_on_numpy_and_compiled_alike(name, interpreter):
    entry = read_entry(SHELF / name)
    dt = to_unit(entry.setup.dt, entry.network.time_unit, "dt")
    short = replace(entry.setup, duration=float(f"{50 * dt:.12g}"))
    runs = [nb.simulate(entry.network, **short.keywords(), accelerator=which) for which in (False, None)]
    assert runs[0].attrs["accelerator"] == "none"
    reason = runs[1].attrs["accelerator_reason"]
    assert runs[1].attrs["accelerator"] == "compiled" or "separable product" in reason, reason
    for variable in runs[0].data_vars:
        first, second = (run[variable].to_numpy() for run in runs)
        assert first.shape == second.shape, variable
        if first.dtype.kind == "f":
            assert np.isfinite(first).all()
            np.testing.assert_allclose(second, first, rtol=1e-6, atol=1e-9, err_msg=str(variable))


@pytest.mark.parametrize("name", NAMES)
def test_an_entry_makes_a_small_page_that_asks_nobody(name):
    entry = read_entry(SHELF / name)
    text = entry_page(_shorter(entry), Addresses())
    assert entry.story.title in text
    assert text.count('class="figure-data"') == sum(kind != "words" for kind, _ in entry.story.parts())
    assert text.count('<section class="equations">') == len({p.model.name for p in entry.network.populations.values()})
    assert len(text.encode()) <= LARGEST_PAGE
    assert [found for found in re.findall(r'(?:src|href)="([^"]*)"', text) if "//" in found] == []


def _shorter(entry):
    """The same with two places of its sweep: a test need not make all the runs of a page."""
    sweep = entry.story.sweep
    if sweep is None:
        return entry
    return replace(entry, story=replace(entry.story, sweep=replace(sweep, values=(sweep.values[0], sweep.values[-1]))))


def test_a_lesson_that_an_entry_names_is_there():
    books = {file.stem for file in entries.notebooks().glob("*.ipynb")}
    named = {read_entry(SHELF / name).story.lesson for name in NAMES} - {""}
    assert named <= books


GOOD = """---
title: A rhythm
category: Rhythms
summary: It beats.
figure: traces("E.r")
sweep: E.tau = 5, 10
---
Words.
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("---\ntitle", "title", "it has no head"),
        ("summary: It beats.\n", "", "a story needs 'summary'"),
        ("Rhythms", "Rhytms", "did you mean 'Rhythms'"),
        ("summary:", "sumary:", "did you mean 'summary'"),
        ('traces("E.r")', "traces(E.r)", "is no figure"),
        ('traces("E.r")', '__import__("os").getcwd()', "is no figure"),
        ("E.tau = 5, 10", "E.tau = 10, 5", "rising numbers"),
        ("E.tau = 5, 10", "E.tau", "rising numbers"),
        ("Words.", "{figure 2}", "the head names no such figure"),
        ("title: A rhythm", "title: A rhythm\ntitle: Another", "it stands twice"),
        ("summary: It", "place: last\nsummary: It", "no place"),
    ],
)
def test_a_bad_head_is_told(tmp_path, old, new, words):
    assert old in GOOD
    (tmp_path / STORY).write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(NbkitError, match=re.escape(words)):
        stories.read_story(tmp_path / STORY)


def test_all_that_is_wrong_with_a_head_is_told_at_once(tmp_path):
    (tmp_path / STORY).write_text("---\ntitel: x\ncategory: y\n---\n", encoding="utf-8")
    with pytest.raises(NbkitError) as caught:
        stories.read_story(tmp_path / STORY)
    assert len(caught.value.problems) == 5


@pytest.mark.parametrize(
    ("figure", "words"),
    [("trace()", "did you mean 'traces'"), ('traces("E.r", colour=1)', "unexpected keyword"), ('traces("E.q")', "E.q")],
)
def test_a_figure_that_cannot_be_made_is_told(tmp_path, figure, words):
    entry = _made(tmp_path, GOOD.replace('traces("E.r")', figure))
    with pytest.raises(NbkitError, match=re.escape(words)):
        entry_page(entry, Addresses())


def test_a_sweep_to_a_value_that_cannot_be_run_names_the_value(tmp_path):
    entry = _made(tmp_path, GOOD.replace("5, 10", "-5, 10"))
    with pytest.raises(NbkitError, match=r"at E\.tau = -5"):
        entry_page(entry, Addresses())


def test_an_entry_without_its_network_or_with_a_broken_one_is_refused(tmp_path):
    (tmp_path / STORY).write_text(GOOD, encoding="utf-8")
    with pytest.raises(NbkitError, match=r"it has no network\.json"):
        read_entry(tmp_path)
    held = json.loads(nb.Document(nb.networks.rhythm()).to_json())
    held["network"]["projections"][0]["target"] = "E.nothing"
    (tmp_path / NETWORK).write_text(json.dumps(held), encoding="utf-8")
    with pytest.raises(NbkitError, match="nothing"):
        read_entry(tmp_path)


def _made(folder, story):
    (folder / STORY).write_text(story, encoding="utf-8")
    net = nb.Network({"E": nb.Population(nb.models.wilson_cowan, 4, initial={"r": 0.3})})
    (folder / NETWORK).write_text(nb.Document(net, nb.Setup(5.0, 0.1)).to_json(), encoding="utf-8")
    return read_entry(folder)
