"""Law: every public name has a page made of its docstring, with an example that was run, and links lead somewhere."""

from __future__ import annotations

import doctest
import importlib
import inspect
import re
from pathlib import Path

import griffe
import pytest

import nbkit as nb
from nbkit.app.site import reference, reference_links, reference_names, shell
from nbkit.app.site.reference_errors import TRY, errors_page
from nbkit.app.site.reference_pages import entry_page
from nbkit.app.site.reference_signature import parameters_of
from nbkit.app.site.reference_text import as_html, line_html
from nbkit.errors import CODES

KINDS = {
    griffe.ParameterKind.positional_or_keyword: inspect.Parameter.POSITIONAL_OR_KEYWORD,
    griffe.ParameterKind.keyword_only: inspect.Parameter.KEYWORD_ONLY,
    griffe.ParameterKind.var_positional: inspect.Parameter.VAR_POSITIONAL,
}


@pytest.fixture(scope="module")
def package():
    return reference.read_package()


@pytest.fixture(scope="module")
def entries(package):
    placed, homeless = reference_names.arranged(reference_names.all_names(package))
    assert homeless == []
    return placed


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("site")
    return out, reference.write_reference(out, shell)


def runtime(name):
    """The object that a user reaches by a name of the reference."""
    held = nb
    for part in name.split("."):
        held = getattr(held, part)
    return held


def seen_by_doctest(path):
    """Dotted names of a module's docstrings that hold examples, as the run of the tests finds them."""
    module = importlib.import_module(path)
    return {found.name for found in doctest.DocTestFinder().find(module) if found.examples}


def test_every_public_name_has_its_place_and_nothing_is_missing(site, entries):
    _, findings = site
    assert [str(finding) for finding in findings if not finding.good] == []
    assert {name for name in nb.__all__ if name != "__version__"} <= {entry.name for entry in entries}


def test_an_example_of_each_is_among_those_that_the_tests_run(package, entries):
    things = [reference_names.target(package, entry.path) for entry in entries]
    called = [thing for thing in things if not thing.is_module]
    seen = {path: seen_by_doctest(path) for path in {thing.module.path for thing in called}}
    without = [
        thing.path
        for thing in called
        if not any(name == thing.path or name.startswith(f"{thing.path}.") for name in seen[thing.module.path])
    ]
    assert without == []
    folder = Path(nb.__file__).parent
    assert all(Path(importlib.import_module(path).__file__).is_relative_to(folder) for path in seen)


def test_a_signature_is_the_one_that_is_called(package, entries):
    for entry in entries:
        thing = reference_names.target(package, entry.path)
        shown = [] if thing.is_module else parameters_of(thing)
        if not shown:
            continue  # a module, or a class that takes what a base of somebody else's takes
        called = inspect.signature(runtime(entry.name)).parameters.values()
        assert [(p.name, KINDS[p.kind]) for p in shown] == [(p.name, p.kind) for p in called], entry.name
        required = inspect.Parameter.empty
        assert [p.default is None for p in shown] == [p.default is required for p in called], entry.name


def test_pages_are_told_and_their_links_lead_somewhere(site):
    out, _ = site
    pages = {path.name: path.read_text(encoding="utf-8") for path in (out / "reference").glob("*.html")}
    assert len(pages) == len({name.lower() for name in pages}) > 250
    anchors = {name: set(re.findall(r'\bid="([^"]+)"', text)) for name, text in pages.items()}
    for name, text in pages.items():
        body = text.partition('<main id="content"')[2].partition("</main>")[0]
        assert len(re.sub(r"<[^>]+>|\s+", "", body)) > 60, f"{name} is empty"
        for place in re.findall(r'(?:href|src)="([^"]*)"', body):
            file, _, anchor = place.partition("#")
            assert not file.startswith(("http", "/")), f"{name}: {place}"
            if file.startswith("../"):
                assert (out / "reference" / file).resolve().is_file(), f"{name}: {place}"
            else:
                assert (file or name) in pages, f"{name}: {place}"
                assert not anchor or anchor in anchors[file or name], f"{name}: {place}"


@pytest.mark.parametrize("kind", ["models", "networks"])
def test_all_that_comes_along_has_a_page_with_its_names(site, kind):
    out, _ = site
    for name in getattr(nb, kind).names():
        text = (out / f"reference/{kind}.{name}.html").read_text(encoding="utf-8")
        held = getattr(getattr(nb, kind), name)
        inside = [*held.states, *held.inputs, *held.parameters] if kind == "models" else held().populations
        assert [one for one in inside if f"<code>{one}</code>" not in text] == []
        assert kind == "networks" or '<math display="block"' in text


def test_every_error_says_what_to_try():
    body, unsaid = errors_page({})
    assert unsaid == []
    assert sorted(code for codes in TRY.values() for code in codes) == sorted(CODES)
    assert all(f'id="{code}"' in body for code in CODES)


def written(text, tmp_path, name="thing"):
    """What the reference finds about one function, or class, of a module with this text."""
    folder = tmp_path / "nbkit"
    folder.mkdir()
    (folder / "__init__.py").write_text("", encoding="utf-8")
    (folder / "part.py").write_text(text, encoding="utf-8")
    package = griffe.load("nbkit", search_paths=[str(tmp_path)], try_relative_path=False, allow_inspection=False)
    entry = reference_names.Entry(name, f"nbkit.part.{name}", "run", "Runs")
    links = reference_links.links_of([entry], package, [], [])
    return entry_page(entry, package, links)


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("def thing(a): ...", ["no docstring", "no example", "nothing is said about a"]),
        ('def thing(a):\n    """Do it, with ``a``."""', ["no example"]),
        (
            'def thing(a, b):\n    """Do it.\n\n    >>> 1\n    1\n\n    Args:\n        a: one.\n    """',
            ["nothing is said about b"],
        ),
        ('class thing:\n    """It.\n\n    >>> 1\n    1\n    """\n    def go(self): ...', [".go has no docstring"]),
    ],
)
def test_what_is_missing_is_found(text, lacks, tmp_path):
    assert list(written(text, tmp_path).lacks) == lacks


def test_a_docstring_that_speaks_of_an_argument_that_is_not_there_is_found(tmp_path):
    book = reference._Book(tmp_path, shell)
    text = 'def thing(a):\n    """Do it.\n\n    Args:\n        b: one.\n    """'
    with reference._complaints(book):
        written(text, tmp_path)
    assert any("'b' does not appear in the function signature" in finding.what for finding in book.findings)
    assert not any(finding.good for finding in book.findings)


def test_a_name_without_a_group_is_found():
    assert reference_names.arranged({"simulate": "a.b", "stranger": "c.d"})[1] == ["stranger"]


def test_prose_is_escaped_and_names_are_linked():
    links = reference_links.Links({"simulate": "simulate.html", "Record": "Record.html"})
    assert line_html("a < b & `x`", links.name) == "a &lt; b &amp; <code>x</code>"
    assert '<a href="Record.html">' in as_html("or `Record`", links.name)
    assert '<a href="simulate.html">' in as_html("``nb.simulate(net, 1.0)``", links.name)
    assert '<a href="errors.html#bad-value">' in as_html("``bad-value``", links.name)
    assert "<a" not in as_html("``simulate``", links.name)
    assert "<script>" not in as_html("<script>alert(1)</script>", links.name)


def test_an_example_is_shown_as_it_can_be_copied():
    shown = as_html("Say:\n\n>>> for i in [1]:  # doctest: +SKIP\n...     print(i < 2)\nTrue\n", str.strip)
    assert "<code>for i in [1]:\n    print(i &lt; 2)</code>" in shown
    assert ">True</pre>" in shown
