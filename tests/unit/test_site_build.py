"""Law: a build names what fails, makes all the rest, leaves nothing half-done, and its links lead somewhere."""

from __future__ import annotations

import html.parser
import json
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest

import nbkit as nb
from nbkit.app import command_line
from nbkit.app.site import build as site
from nbkit.app.site import entries, shell, small, thumbnails
from nbkit.app.site.book_pages import body_of, summary_of, title_of
from nbkit.app.site.cards import MANIFEST, put
from nbkit.app.site.still import MIME, still
from nbkit.app.site.ways import Addresses
from nbkit.errors import NbkitError
from tests.notebooks import runner

STORY = """---
title: A rest
category: Rhythms
summary: Nothing moves, and that is well.
tags: quiet, calm
figure: traces("E.r")
---
See [below](#network).
"""


def _shelf(folder, *, stories=(("rest", STORY),)):
    """A gallery with a network for each story, and a guide beside them."""
    net = nb.Network({"E": nb.Population(nb.models.wilson_cowan, 2)})
    for name, story in stories:
        put(folder / name / "story.md", story)
        put(folder / name / "network.json", nb.Document(net, nb.Setup(5.0, 0.1)).to_json())
    return folder


def _book(file, *sources):
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    file.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# A lesson\n\nWords."), *cells]), file
    )


def _asked(folder, **more):
    """A build of a small gallery and an empty shelf of notebooks."""
    (folder / "books").mkdir(exist_ok=True)
    given = {"gallery": folder / "shelf", "notebooks": folder / "books", "pictures": False, "reference": False}
    return site.Asked(folder / "out", **(given | more))


def _built(asked):
    said = []
    return site.build(asked, said.append), said


@pytest.fixture
def unrun(monkeypatch):
    """Notebooks as they stand: what runs them is another matter."""
    monkeypatch.setattr(site, "executed", lambda file, _parameters: nbformat.read(file, as_version=4))


# ------------------------------------------------------------ links


class _Links(html.parser.HTMLParser):
    """The links and the anchors of a page."""

    def __init__(self, text):
        super().__init__()
        self.links, self.anchors = [], set()
        self.feed(text)

    def handle_starttag(self, _tag, attributes):
        held = dict(attributes)
        self.links += [held[key] for key in ("href", "src") if held.get(key)]
        self.anchors.add(held.get("id"))


def dead_links(out):
    """Every link of a site that leads nowhere, and every one that leaves it."""
    pages = {file: _Links(file.read_text(encoding="utf-8")) for file in out.rglob("*.html")}
    dead = []
    for file, held in pages.items():
        for link in held.links:
            parts = urlsplit(link)
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            if parts.scheme == "data" or target.parent.name == "reference":
                continue  # the reference is another part of the site
            anchored = parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors
            if parts.scheme or parts.netloc or not target.is_file() or anchored:
                dead.append(f"{file.relative_to(out)}: {link}")
    return dead


def test_every_link_of_a_built_site_leads_somewhere(tmp_path, unrun):
    names = ("two_populations", "qif_population", "mean_field_memory", "focus")
    lesson = {entries.read_entry(entries.gallery() / name).story.lesson for name in names}
    _book(tmp_path / "books" / "only.ipynb", "1 + 1")
    for name in lesson - {""}:
        _book(tmp_path / "books" / f"{name}.ipynb", "2")
    asked = _asked(tmp_path, gallery=entries.gallery(), only=(*names, "only", *sorted(lesson - {""})), small=False)
    found, _ = _built(asked)
    assert [str(finding) for finding in found if not finding.good] == []
    assert dead_links(asked.out) == []
    assert {path.name for path in (asked.out / "assets").iterdir()} >= {"site.css", "bokeh.min.js", "figures.js"}
    (asked.out / "gallery" / "focus.json").unlink()
    assert dead_links(asked.out) == ["gallery/focus.html: focus.json"]


def test_links_elsewhere_stand_only_where_an_address_was_given(tmp_path, unrun):
    _shelf(tmp_path / "shelf")
    for name in ("01_one", "02_two"):
        _book(tmp_path / "books" / f"{name}.ipynb", "1")
    pages = [tmp_path / "out" / where for where in ("course/01_one.html", "course/02_two.html", "gallery/rest.html")]
    _built(_asked(tmp_path))
    for page in pages:
        assert "Binder" not in page.read_text(encoding="utf-8")
        assert "in the browser" not in page.read_text(encoding="utf-8")
    _built(_asked(tmp_path, addresses=Addresses("https://binder.example/v2/gh/a/b/main", "../lite/")))
    light, heavy, entry = (page.read_text(encoding="utf-8") for page in pages)
    binder = "https://binder.example/v2/gh/a/b/main?urlpath="
    assert f'href="{binder}lab%2Ftree%2Fnotebooks%2F01_one.ipynb"' in light
    assert 'href="../lite/lab/index.html?path=01_one.ipynb"' in light
    assert "Open in Binder" in heavy
    assert "in the browser" not in heavy
    assert f'href="{binder}voila%2Frender%2Fbinder%2Fworkbench.ipynb"' in entry
    assert 'href="../lite/index.html"' in entry


def test_an_entry_leads_to_its_lesson_only_where_that_has_a_page(tmp_path, unrun):
    _shelf(tmp_path / "shelf", stories=[("rest", STORY.replace("tags:", "lesson: 01_one\ntags:"))])
    _built(_asked(tmp_path))
    assert dead_links(tmp_path / "out") == []
    _book(tmp_path / "books" / "01_one.ipynb", "1")
    _built(_asked(tmp_path))
    assert dead_links(tmp_path / "out") == []
    assert "../course/01_one.html" in (tmp_path / "out" / "gallery" / "rest.html").read_text(encoding="utf-8")


# ------------------------------------------------------------ what goes wrong


def test_a_build_names_what_fails_and_makes_the_rest(tmp_path, monkeypatch):
    monkeypatch.setenv("NBKIT_CHROMIUM", str(tmp_path / "nowhere"))
    shelf = _shelf(tmp_path / "shelf", stories=[("bad_network", STORY), ("bad_story", "no head"), ("rest", STORY)])
    (shelf / "bad_network" / "network.json").write_text("{", encoding="utf-8")
    _book(tmp_path / "books" / "bad_lesson.ipynb", "1 / 0")
    found, said = _built(_asked(tmp_path, pictures=True))
    bad = {finding.where: finding.what for finding in found if not finding.good}
    assert sorted(bad) == ["gallery/bad_network", "gallery/bad_story", "lesson/bad_lesson", "thumbnails"]
    assert "ZeroDivisionError" in bad["lesson/bad_lesson"]
    assert "no browser" in bad["thumbnails"]
    assert [str(finding) for finding in found] == said
    out = tmp_path / "out"
    index = (out / "index.html").read_text(encoding="utf-8")
    assert "gallery/rest.html" in index
    assert "bad_" not in index
    assert [path for path in out.rglob("*") if path.name.startswith(".") or "bad_" in path.name] == []
    assert dead_links(out) == []


def test_a_page_that_fails_in_a_second_build_is_gone_from_the_site(tmp_path):
    shelf = _shelf(tmp_path / "shelf", stories=[("one", STORY), ("two", STORY)])
    _built(_asked(tmp_path))
    (shelf / "two" / "network.json").write_text("{", encoding="utf-8")
    found, _ = _built(_asked(tmp_path))
    assert [finding.where for finding in found if not finding.good] == ["gallery/two"]
    assert sorted(path.name for path in (tmp_path / "out" / "gallery").glob("*.html")) == ["one.html"]
    assert dead_links(tmp_path / "out") == []


def test_a_build_of_one_page_keeps_the_others(tmp_path):
    _shelf(tmp_path / "shelf", stories=[("one", STORY), ("two", STORY)])
    _built(_asked(tmp_path))
    found, _ = _built(_asked(tmp_path, only=("two",)))
    assert [finding.where for finding in found] == ["gallery/two"]
    cards = json.loads((tmp_path / "out" / MANIFEST).read_text(encoding="utf-8"))["cards"]
    assert [card["name"] for card in cards] == ["one", "two"]
    assert "gallery/one.html" in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


def test_an_unknown_name_is_refused_before_anything_is_written(tmp_path):
    _shelf(tmp_path / "shelf")
    with pytest.raises(NbkitError, match="did you mean 'rest'"):
        _built(_asked(tmp_path, only=("rst", "rest")))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("held", ["notes.txt", MANIFEST])
def test_a_folder_of_other_peoples_files_is_left_alone(tmp_path, held):
    _shelf(tmp_path / "shelf")
    put(tmp_path / "out" / held, '{"format": "mine"}')
    with pytest.raises(NbkitError, match=r"no site of nbkit|no list of a site"):
        _built(_asked(tmp_path))
    assert [path.name for path in (tmp_path / "out").iterdir()] == [held]


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    put(tmp_path / "page.html", "old")
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        put(tmp_path / "page.html", "new")
    assert [(path.name, path.read_text(encoding="utf-8")) for path in tmp_path.iterdir()] == [("page.html", "old")]


def test_the_command_tells_what_failed_and_how_many(tmp_path, monkeypatch, capsys, unrun):
    shelf = _shelf(tmp_path / "shelf", stories=[("bad", "no head"), ("rest", STORY)])
    (tmp_path / "books").mkdir()
    _book(tmp_path / "books" / "one.ipynb", "1")
    monkeypatch.setattr(entries, "FOLDERS", (shelf,))
    monkeypatch.setattr(entries, "NOTEBOOKS", (tmp_path / "books",))
    monkeypatch.setattr(site, "_write_reference", lambda going, _out: going.tell("reference", "made", good=True))
    words = ["gallery", "build", "--out", str(tmp_path / "out"), "--no-thumbnails"]
    assert command_line.main(words) == 1
    printed = capsys.readouterr().out
    assert "index.html: 4 findings, 1 failed" in printed
    assert printed.count("✗ gallery/bad: ") == 2
    assert command_line.main([*words, "--only", "rest"]) == 0
    assert command_line.main([*words, "--only", "rested"]) == 1
    assert "did you mean 'rest'" in capsys.readouterr().err


def test_without_playwright_pictures_are_refused(monkeypatch):
    monkeypatch.setattr(thumbnails.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(NbkitError, match="playwright is not installed"):
        thumbnails.browser()


# ------------------------------------------------------------ notebooks and shell


def test_the_small_sizes_name_parameters_that_notebooks_have():
    assert sorted(small.SMALL) == runner.NOTEBOOKS
    for name, parameters in small.SMALL.items():
        assert set(parameters) <= runner.declared(name), name


def test_a_widget_leaves_its_figure_and_its_sliders():
    net = nb.Network({"E": nb.Population(nb.models.wilson_cowan, 3, initial={"r": 0.3})})
    panel = nb.explore(net, {"E.tau": (5.0, 20.0), "E.theta": (1.0, 3.0)}, duration=20.0, dt=0.1)
    left = still(panel)
    assert (left["kind"], left["sliders"]) == ("Explorer", ["E.tau", "E.theta"])
    assert [figure["path"] for figure in left["figures"]] == ["E.tau", "E.theta"]
    assert panel.sliders["E.tau"].value == 10.0
    cell = nbformat.v4.new_code_cell("panel", outputs=[nbformat.v4.new_output("display_data", {MIME: left})])
    text = body_of(nbformat.v4.new_notebook(cells=[cell]), 1)
    assert text.count('class="figure-data"') == 2
    assert "bokeh-widgets.min.js" in text
    assert "open the notebook to play" in text


def test_outputs_ask_nobody_for_scripts_or_letters():
    shown = r"<b>m</b> $$ \begin{aligned} a &amp;= b \\ c &amp;= d \end{aligned} $$<script src='https://x.example/y.js'></script>"
    output = nbformat.v4.new_output("display_data", {"text/html": shown})
    text = body_of(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", outputs=[output])]), 1)
    assert "<script" not in text
    assert text.count("<mtr>") == 2
    assert "&amp;" not in text


def test_a_notebook_tells_its_title_and_what_one_learns():
    words = "# A *bold* title\n\n**What you will learn.** How `x` moves. And [why](y.html). " + "More words. " * 30
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(words)])
    assert title_of(book, "none") == "A *bold* title"
    assert summary_of(book).startswith("How x moves. And why. More words.")
    assert len(summary_of(book)) <= 160


def test_the_shell_knows_its_sections_and_escapes_titles():
    assert "&lt;b&gt;" in shell.page("<b>", "", 0, "gallery")
    assert shell.page("x", "", 2, "course").count('aria-current="true"') == 1
    with pytest.raises(NbkitError, match="did you mean 'guides'"):
        shell.page("x", "", 0, "guide")
