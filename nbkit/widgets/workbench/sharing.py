"""Owns the ways out of a workbench and into it: Python, JSON, notebook, link. Must not know how a page shows them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nbkit.errors import NbkitError, did_you_mean, fail, shown
from nbkit.network.document import Document, Revision
from nbkit.network.links import PREFIX
from nbkit.network.notebook import summary

_LONGEST_KEPT = 1_000_000  # characters that the page holds, and a browser keeps


@dataclass(frozen=True)
class Way:
    """A way out: its name, the file that it makes, the kind of the file, and the text."""

    words: str
    file: str
    mime: str
    text: Callable[[Document, str, str], str]


#: name -> way out, in the order of the menu
WAYS: dict[str, Way] = {
    "python": Way("Python", "my_network.py", "text/x-python", lambda document, *_: document.to_code()),
    "json": Way("JSON", "my_network.json", "application/json", lambda document, *_: document.to_json()),
    "notebook": Way("Notebook", "my_network.ipynb", "application/x-ipynb+json", Document.to_notebook),
    "link": Way("Link", "my_network.txt", "text/plain", lambda document, *_: document.to_link()),
}


def read(text: str) -> Document:
    """Read a link, a web address that ends in one, or JSON. Nothing is run.

    Raises:
        NbkitError: with everything that is wrong with the text.
    """
    if not isinstance(text, str):
        raise fail("bad-link", "link", f"{shown(text)} is no text", "paste a link or JSON")
    text = text.strip()
    if text.startswith("{"):
        return Document.from_json(text)
    before, mark, after = text.partition(PREFIX)
    return Document.from_link(mark + after if before.endswith(("#", "=", "/")) else text)


def in_words(document: Document | Revision) -> str:
    """What opening would bring, such as ``"2 populations (E, I), 4 projections, 400 ms"``."""
    duration, unit = document.setup.duration, document.network.time_unit
    told = duration if isinstance(duration, str) else f"{duration:g} {unit if unit != '1' else 'units of time'}"
    return f"{summary(document.network)}, {told}"


class Sharing:
    """What the page needs to take a network along and to open another: nothing is opened before it was told what.

    Args:
        document: what is shared.
        show: called with everything that the page should hold.
        words: gives what the last run did, and the figure that suits it.
        opened: called with a document that is to be opened.
        code: gives the Python of what is shown, where that is more than a run of the document.

    Attributes:
        offered: what was read and may be opened; None for nothing.
    """

    def __init__(
        self,
        document: Document,
        show: Callable[[Mapping[str, Any]], None],
        words: Callable[[], tuple[str, str]],
        opened: Callable[[Document], None],
        code: Callable[[], str] | None = None,
    ) -> None:
        self.offered: Document | None = None
        self._document, self._show_it, self._words, self._opened = document, show, words, opened
        self._code = code or document.to_code
        self._given: dict[str, Any] = {}
        self._answer: dict[str, Any] = {}
        self._file: dict[str, Any] = {}
        self._number = 0
        begun = document.revisions[0]
        first = Document(begun.network, begun.setup).to_json()
        self._held = {
            "session": secrets.token_hex(6),
            "first": hashlib.sha256(first.encode()).hexdigest()[:12],
            **self._present(document.present),
        }
        document.subscribe(self._changed)
        self._show()

    def ask(self, kind: str) -> str:
        """Give the page the text of a way out; returns it.

        Raises:
            NbkitError: ``bad-choice`` for no such way; ``link-too-long``.
        """
        if kind not in WAYS:
            raise fail("bad-choice", "kind", f"no way out {shown(kind)}", did_you_mean(str(kind), WAYS))
        way = WAYS[kind]
        try:
            text = self._code() if kind == "python" else way.text(self._document, *self._words())
        except NbkitError as error:
            self._given = {"kind": kind, "problem": f"{error.what}. Try: {error.hint}."}
            self._show()
            return ""
        self._given = {"kind": kind, "words": way.words, "file": way.file, "mime": way.mime, "text": text}
        self._show()
        return text

    def look_at(self, text: str) -> None:
        """Read what was pasted, dropped or chosen, and say what it is; what is wrong with it is told at the field."""
        self.offered = None
        try:
            self.offered = self._readable(text)
            told = {"offer": in_words(self.offered)}
        except NbkitError as error:
            hint = f" Try: {error.hint}." if error.hint else ""
            told = {"problem": f"{f'{error.where}: ' * (error.where not in ('link', ''))}{error.what}.{hint}"}
        self._answer = told
        self._show()

    def _readable(self, text: str) -> Document:
        """Read a document that can be run, and that this one may become."""
        document = read(text)
        document.network.require()
        if refused := self._document.refusals(document.network):
            raise NbkitError(refused)
        return document

    def open_offered(self) -> None:
        """Open what was offered; nothing if nothing was."""
        document, self.offered, self._answer = self.offered, None, {}
        if document is not None:
            self._opened(document)
        self._show()

    def forget_offered(self) -> None:
        """Take an offer, or what was wrong with it, away."""
        self.offered, self._answer = None, {}
        self._show()

    def tell_file(self, words: str, kind: str) -> None:
        """Tell how things stand with the file that is kept; the kind is "good", "note" or "bad"."""
        self._file = {"words": words, "kind": kind}
        self._show()

    def _changed(self, revision: Revision) -> None:
        self._held |= self._present(revision)
        self._number += 1
        self._given = {}
        self._show()

    def _present(self, revision: Revision) -> dict[str, Any]:
        """The present revision as the page keeps it: text, what it is, and what was done last."""
        try:
            text = self._document.to_link()
        except NbkitError:
            text = self._document.to_json()
        kept = text if len(text) <= _LONGEST_KEPT else ""
        return {"text": kept, "words": in_words(revision), "did": revision.words}

    def _show(self) -> None:
        self._show_it(
            {
                **self._held,
                "number": self._number,
                "ways": [[name, way.words] for name, way in WAYS.items()],
                "given": self._given,
                "answer": self._answer,
                "file": self._file,
            }
        )
