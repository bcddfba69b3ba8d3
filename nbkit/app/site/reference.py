"""Owns the reference: a page for every public name, model, network and error. Must not know the gallery."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import griffe

import nbkit.errors
from nbkit.app.site import reference_names as names_of
from nbkit.app.site.findings import Finding
from nbkit.app.site.reference_errors import errors_page
from nbkit.app.site.reference_index import index_body
from nbkit.app.site.reference_links import ERRORS, Links, links_of
from nbkit.app.site.reference_models import model_page, model_summary, network_parts
from nbkit.app.site.reference_pages import Written, entry_page

ASSETS = ("reference.css", "reference.js")
FOLDER = "reference"


class Shell(Protocol):
    """What gives each page its head and its navigation."""

    def page(self, title: str, body: str, depth: int, section: str) -> str:
        """A whole page around a body."""


@dataclass
class _Book:
    """What is being written: where to, in which shell, and what was found on the way."""

    out: Path
    shell: Shell
    findings: list[Finding] = field(default_factory=list)
    raised_by: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def write(self, file: str, title: str, body: str) -> None:
        """Write one page."""
        styled = f'<link rel="stylesheet" href="../assets/{ASSETS[0]}">\n{body}'
        text = self.shell.page(title, styled, 1, "reference")
        (self.out / FOLDER / file).write_text(text, encoding="utf-8")
        for code in re.findall(rf'href="{ERRORS}#([\w-]+)"', body):
            held = self.raised_by.setdefault(code, [])
            if (title, file) not in held:
                held.append((title, file))

    def lacks(self, where: str, what: str) -> None:
        """Note what is missing or broken."""
        self.findings.append(Finding(f"reference/{where}", what, good=False))


def write_reference(out: Path, shell: Shell) -> list[Finding]:
    """Write the whole reference.

    Args:
        out: the folder of the site; pages go into ``reference/`` below it, style and search into ``assets/``.
        shell: an object with ``page(title, body, depth, section)``, such as the module `nbkit.app.site.shell`.

    Returns:
        One good finding with the number of pages; a bad one for each name without a docstring or an example, each
        argument of which nothing is said, each docstring that cannot be read, each code of errors without advice.
    """
    book = _Book(out, shell)
    (out / FOLDER).mkdir(parents=True, exist_ok=True)
    (out / "assets").mkdir(exist_ok=True)
    for asset in ASSETS:
        text = Path(__file__).with_name(asset).read_text(encoding="utf-8")
        (out / "assets" / asset).write_text(text, encoding="utf-8")
    with _complaints(book):
        package = read_package()
        entries, homeless = names_of.arranged(names_of.all_names(package))
        for name in homeless:
            book.lacks(name, "stands in no group of the reference; add it to GROUPS")
        models = names_of.families(package)
        links = links_of(entries, package, sum(models.values(), ()), names_of.shipped("networks"))
        summaries = {entry.name: _write_entry(book, entry, package, links) for entry in entries}
    _write_models(book, models, links)
    summaries |= _write_networks(book, package, links)
    body, unsaid = errors_page(book.raised_by)
    book.write(ERRORS, "Errors", body)
    for code in unsaid:
        book.lacks(code, "an error without advice, or advice without an error")
    book.write("index.html", "Reference", index_body(entries, summaries, models, links, model_summary))
    count = len(list((out / FOLDER).glob("*.html")))
    return [Finding("reference", f"{count} pages", good=True), *book.findings]


def read_package() -> griffe.Module:
    """The package as its files say, without importing it."""
    folder = Path(nbkit.errors.__file__).parents[1]
    package = griffe.load("nbkit", search_paths=[str(folder)], try_relative_path=False, allow_inspection=False)
    assert isinstance(package, griffe.Module)
    return package


@contextmanager
def _complaints(book: _Book) -> Iterator[None]:
    """Turn what the reader of docstrings complains about into findings."""

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            book.lacks("docstrings", re.sub(r"^.*?(nbkit/)", r"\1", record.getMessage()))

    logger, listener = logging.getLogger("griffe"), Listener(logging.WARNING)
    before = logger.propagate
    logger.addHandler(listener)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(listener)
        logger.propagate = before


def _write_entry(book: _Book, entry: names_of.Entry, package: griffe.Module, links: Links) -> str:
    written: Written = entry_page(entry, package, links)
    for what in written.lacks:
        book.lacks(entry.shown, what)
    book.write(links.names[entry.name], entry.shown, written.body)
    return written.summary


def _write_models(book: _Book, models: dict[str, tuple[str, ...]], links: Links) -> None:
    for family, members in models.items():
        for name in members:
            book.write(f"models.{name}.html", f"nb.models.{name}", model_page(name, family, members, links))


def _write_networks(book: _Book, package: griffe.Module, links: Links) -> dict[str, str]:
    summaries = {}
    for name in names_of.shipped("networks"):
        made = names_of.Entry(f"networks.{name}", names_of.network_place(package, name), "describe", "Networks")
        written = entry_page(made, package, links)
        for what in written.lacks:
            book.lacks(made.shown, what)
        body = written.body.replace('<p class="ref-defined">', network_parts(name, links) + '<p class="ref-defined">')
        book.write(f"networks.{name}.html", made.shown, body)
        summaries[made.name] = written.summary
    return summaries
