"""Owns what the site remembers of each page: its card, and the file that holds all cards. Must not know their look."""

from __future__ import annotations

import dataclasses
import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from nbkit.errors import fail

MANIFEST = "nbkit-site.json"
FORMAT = "nbkit.site"
KINDS = ("entry", "lesson", "guide")


@dataclass(frozen=True)
class Card:
    """A page as the index shows it.

    Attributes:
        kind: ``"entry"``, ``"lesson"`` or ``"guide"``.
        name: of the folder or the file that it was made of.
        title: of the page.
        summary: one line; plain text.
        category: of an entry; empty for the others.
        tags: words to find it by.
        page: where it is, from the root of the site.
        place: among those of its kind and category.
        picture: of its first figure, from the root of the site; empty for none.
    """

    kind: str
    name: str
    title: str
    summary: str
    category: str = ""
    tags: tuple[str, ...] = ()
    page: str = ""
    place: int = 0
    picture: str = ""


def read_cards(out: Path) -> tuple[Card, ...]:
    """The cards of a site that was built before; none for a new folder.

    Raises:
        NbkitError: ``bad-file`` for a folder that holds something else.
    """
    manifest = out / MANIFEST
    if not manifest.is_file():
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise fail("bad-file", str(out), "it holds files that are no site of nbkit", "--out with a new folder")
        return ()
    held = json.loads(manifest.read_text(encoding="utf-8"))
    if held.get("format") != FORMAT:
        raise fail("bad-file", str(manifest), "it is no list of a site's pages", "--out with a new folder")
    return tuple(Card(**{**card, "tags": tuple(card["tags"])}) for card in held["cards"])


def write_cards(out: Path, cards: Iterable[Card]) -> None:
    """Write the list of all pages; it also tells that the folder is ours."""
    held = {"format": FORMAT, "version": 1, "cards": [dataclasses.asdict(card) for card in cards]}
    put(out / MANIFEST, json.dumps(held, indent=1, ensure_ascii=False))


def put(file: Path, text: str) -> None:
    """Write a file whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(beside).chmod(0o644)
        Path(beside).replace(file)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
