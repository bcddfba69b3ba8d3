"""Owns the pages that lead to others: the gallery with its search, the course, the guides. Must not know figures."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nbkit.app.site.cards import Card
from nbkit.app.site.shell import page
from nbkit.app.site.stories import CATEGORIES
from nbkit.app.site.texts import escaped

_WELCOME = """<div class="hero"><h1>What populations of neurons do</h1>
<p class="lead">Each card is a network that you can watch, move and take along. The equations on a page are the
equations that were run.</p></div>
<div class="find" role="search"><label for="search">Find</label>
<input id="search" type="search" placeholder="delay, bump, Hodgkin …" autocomplete="off">
<output id="found" for="search" aria-live="polite"></output></div>
<p id="nothing" class="muted" hidden>Nothing here is called so.</p>"""

_COURSE = """<h1>The course</h1><p class="lead narrow">Notebooks in order, from the first rhythm to a square millimetre
of cortex. Each lets you predict before you run, and proves every number at its end.</p>"""

_GUIDES = (
    """<h1>Guides</h1><p class="lead narrow">For those who teach with nbkit, and for those who build models.</p>"""
)


def anchor(category: str) -> str:
    """The place of a category in the index.

    >>> anchor("Memory and decisions")
    'memory-and-decisions'
    """
    return re.sub(r"\W+", "-", category.lower())


def gallery_page(cards: Sequence[Card]) -> str:
    """The first page of the site: every entry by category, then the course."""
    entries = [card for card in cards if card.kind == "entry"]
    lessons = [card for card in cards if card.kind == "lesson"]
    sections = []
    for category in CATEGORIES:
        inside = [card for card in entries if card.category == category]
        if inside:
            sections.append(_section(category, "".join(_card(card, "") for card in inside)))
    if lessons:
        sections.append(_section("Course", "".join(_card(card, "", n) for n, card in _numbered(lessons))))
    body = "\n".join([_WELCOME, *sections, '<script defer src="assets/search.js"></script>'])
    return page("nbkit", body, 0, "gallery")


def course_page(cards: Sequence[Card]) -> str:
    """The lessons in order."""
    lessons = [card for card in cards if card.kind == "lesson"]
    inside = "".join(_row(card, number) for number, card in _numbered(lessons))
    return page("Course", f'{_COURSE}<ol class="rows" start="0">{inside}</ol>', 1, "course")


def guides_page(cards: Sequence[Card]) -> str:
    """The guides."""
    inside = "".join(_row(card) for card in cards if card.kind == "guide")
    return page("Guides", f'{_GUIDES}<ul class="rows">{inside}</ul>', 1, "guides")


def _numbered(lessons: Sequence[Card]) -> list[tuple[str, Card]]:
    return [(card.name.partition("_")[0], card) for card in sorted(lessons, key=lambda card: card.name)]


def _section(category: str, cards: str) -> str:
    return (
        f'<section class="category" id="{anchor(category)}"><h2>{escaped(category)}</h2>'
        f'<div class="cards">{cards}</div></section>'
    )


def _card(card: Card, root: str, number: str = "") -> str:
    words = " ".join([card.title, card.summary, card.category, *card.tags, card.name.replace("_", " ")])
    shot = f'<img src="{root}{escaped(card.picture)}" alt="">' if card.picture else _blank(card)
    mark = f'<span class="number">{escaped(number)}</span>' if number else ""
    return (
        f'<a class="card" href="{root}{escaped(card.page)}" data-words="{escaped(words.lower())}">'
        f'<span class="shot">{shot}</span><span class="words"><b>{mark}{escaped(card.title)}</b>'
        f"<span>{escaped(card.summary)}</span></span></a>"
    )


def _blank(card: Card) -> str:
    """A card without a picture shows its first letter."""
    return f'<span class="blank" aria-hidden="true">{escaped(card.title[:1])}</span>'


def _row(card: Card, number: str = "") -> str:
    shot = f'<img src="../{escaped(card.picture)}" alt="">' if card.picture else _blank(card)
    mark = f'<span class="number">{escaped(number)}</span>' if number else ""
    return (
        f'<li><a class="card" href="../{escaped(card.page)}"><span class="shot">{shot}</span>'
        f'<span class="words"><b>{mark}{escaped(card.title)}</b><span>{escaped(card.summary)}</span></span></a></li>'
    )
