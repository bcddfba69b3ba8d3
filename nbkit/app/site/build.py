"""Owns the building of the site: every part in turn, what went wrong by name. Must not know how pages look."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from nbkit.app.site import entries, shell, thumbnails
from nbkit.app.site.book_pages import body_of, summary_of, title_of, with_bar
from nbkit.app.site.books import executed
from nbkit.app.site.cards import Card, put, read_cards, write_cards
from nbkit.app.site.embedding import write_assets
from nbkit.app.site.entry_pages import write_entry
from nbkit.app.site.findings import Finding
from nbkit.app.site.index_pages import course_page, gallery_page, guides_page
from nbkit.app.site.small import SMALL
from nbkit.app.site.ways import Addresses, ways_of_notebook
from nbkit.errors import NbkitError, Problem, did_you_mean

Say = Callable[[str], object]

#: kind of a part -> the folder of its pages
PLACES = {"entry": "gallery", "lesson": "course", "guide": "guides"}


@dataclass(frozen=True)
class Asked:
    """What is to be built.

    Attributes:
        out: the folder of the site.
        small: whether notebooks run at a small size.
        only: names of entries, notebooks and guides; empty for all.
        pictures: whether cards get pictures, which takes a browser.
        reference: whether the reference of all names is written, too.
        addresses: where things run elsewhere.
        gallery: the folder of the entries; the one that comes with nbkit by default.
        notebooks: that of the lessons; likewise.
    """

    out: Path
    small: bool = True
    only: tuple[str, ...] = ()
    pictures: bool = True
    reference: bool = True
    addresses: Addresses = field(default_factory=Addresses)
    gallery: Path | None = None
    notebooks: Path | None = None


@dataclass(frozen=True)
class Part:
    """One page that is to be made: its kind, its name, and what makes it."""

    kind: str
    name: str
    make: Callable[[], Card]

    @property
    def where(self) -> str:
        """How findings call it."""
        return f"{'gallery' if self.kind == 'entry' else self.kind}/{self.name}"

    @property
    def page(self) -> str:
        """Where its page is, from the root of the site."""
        return f"{PLACES[self.kind]}/{self.name}.html"


@dataclass
class Build:
    """A build that goes on: what was found so far, and the cards of what was made."""

    say: Say
    findings: list[Finding] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)

    def tell(self, where: str, what: str, *, good: bool) -> None:
        """Keep a finding and say it."""
        finding = Finding(where, what, good)
        self.findings.append(finding)
        self.say(str(finding))

    @contextmanager
    def guarded(self, where: str) -> Iterator[None]:
        """Let a part fail, and go on."""
        try:
            yield
        except NbkitError as error:
            self.tell(where, "; ".join(str(problem) for problem in error.problems), good=False)
        except Exception as error:  # noqa: BLE001  whatever a part does, the others are built
            self.tell(where, f"{type(error).__name__}: {error}", good=False)


def build(asked: Asked, say: Say) -> list[Finding]:
    """Build the site.

    Args:
        asked: what, and where.
        say: takes each line of progress.

    Returns:
        What was found; a part that failed has no page, and all others are there.

    Raises:
        NbkitError: ``bad-file`` for a folder that holds something else, ``bad-choice`` for an unknown name; nothing
            is written then.
    """
    before = read_cards(asked.out)
    parts = _chosen(list(_parts(asked)), asked.only)
    write_cards(asked.out, before)
    write_assets(asked.out)
    going = Build(say)
    for part in parts:
        begin = time.monotonic()
        (asked.out / part.page).unlink(missing_ok=True)  # a page that fails is gone, and nothing leads to it
        with going.guarded(part.where):
            card = part.make()
            size = (asked.out / card.page).stat().st_size
            going.cards.append(card)
            going.tell(part.where, f"{size / 1000:.0f} kB in {time.monotonic() - begin:.1f} s", good=True)
    if asked.pictures:
        _take_pictures(going, asked.out)
    cards = _together(before, parts, going.cards, keep=bool(asked.only))
    _remove_stale(asked.out, before, cards)
    _write_indexes(asked.out, cards)
    if asked.reference and not (asked.only and (asked.out / "reference" / "index.html").is_file()):
        _write_reference(going, asked.out)
    return going.findings


# ------------------------------------------------------------ what there is


def _parts(asked: Asked) -> Iterator[Part]:
    shelf = asked.gallery or entries.gallery()
    books = asked.notebooks or entries.notebooks()
    for kind, folder in (("lesson", books), ("guide", shelf / "guides")):
        for file in sorted(folder.glob("*.ipynb")):
            yield Part(kind, file.stem, partial(_book, kind, file, asked))
    for name in entries.names(shelf):  # after the lessons, for an entry leads to a lesson that is there
        yield Part("entry", name, partial(_entry, shelf / name, asked))


def _chosen(parts: Sequence[Part], only: Sequence[str]) -> list[Part]:
    known = [part.name for part in parts]
    unknown = [name for name in only if name not in known]
    if unknown:
        raise NbkitError(
            [Problem("bad-choice", "--only", f"there is no '{name}'", did_you_mean(name, known)) for name in unknown]
        )
    return [part for part in parts if not only or part.name in only]


def _entry(folder: Path, asked: Asked) -> Card:
    entry = entries.read_entry(folder)
    there = (asked.out / PLACES["lesson"] / f"{entry.story.lesson}.html").is_file()
    return write_entry(entry, asked.out, asked.addresses, lesson=there)


def _book(kind: str, file: Path, asked: Asked) -> Card:
    """The page of a notebook, with the notebook beside it."""
    place = PLACES[kind]
    parameters: Mapping[str, Any] = SMALL.get(file.name, {}) if asked.small and kind == "lesson" else {}
    book = executed(file, parameters)
    title = title_of(book, file.stem)
    stored = f"notebooks/{file.name}" if kind == "lesson" else f"gallery/guides/{file.name}"
    cells = with_bar(body_of(book, 1), ways_of_notebook(stored, asked.addresses))
    body = f'<article class="book">{cells}</article>'
    put(asked.out / place / file.name, file.read_text(encoding="utf-8"))
    put(asked.out / place / f"{file.stem}.html", shell.page(title, body, 1, place))
    return Card(kind, file.stem, title, summary_of(book), "", ("notebook", kind), f"{place}/{file.stem}.html")


# ------------------------------------------------------------ what is made of it


def _take_pictures(going: Build, out: Path) -> None:
    """Give every card its picture; without a browser say so once."""
    with going.guarded("thumbnails"), thumbnails.camera(thumbnails.browser()) as camera:
        taken = 0
        for number, card in enumerate(going.cards):
            with going.guarded(f"thumbnail of {card.name}"):
                picture = thumbnails.take(camera, out, f"{card.kind}-{card.name}", card.page)
                going.cards[number] = replace(card, picture=picture)
                taken += bool(picture)
        going.tell("thumbnails", f"{taken} pictures", good=True)


def _together(before: Sequence[Card], parts: Sequence[Part], made: Sequence[Card], *, keep: bool) -> list[Card]:
    """All cards: what was made now, and of what was there before all that was not asked for."""
    asked = {(part.kind, part.name) for part in parts}
    kept = [card for card in before if keep and (card.kind, card.name) not in asked]
    return sorted([*kept, *made], key=lambda card: (card.kind, card.category, card.place, card.name))


def _remove_stale(out: Path, before: Sequence[Card], cards: Sequence[Card]) -> None:
    """Remove the pages that no card leads to any more."""
    now = {card.page for card in cards}
    for card in before:
        if card.page not in now:
            (out / card.page).unlink(missing_ok=True)


def _write_indexes(out: Path, cards: Sequence[Card]) -> None:
    put(out / "index.html", gallery_page(cards))
    put(out / "course" / "index.html", course_page(cards))
    put(out / "guides" / "index.html", guides_page(cards))
    write_cards(out, cards)


def _write_reference(going: Build, out: Path) -> None:
    with going.guarded("reference"):
        from nbkit.app.site import reference  # noqa: PLC0415  it reads the whole package

        for finding in reference.write_reference(out, shell):
            going.tell(finding.where, finding.what, good=finding.good)
