"""Owns the stories of entries: a head of ``key: value`` lines, and words below it. Must not know networks.

A story begins and ends its head with a line of three dashes::

    ---
    title: A beat of two populations
    category: Rhythms
    place: 1
    summary: E wakes I, and I silences E.
    tags: Wilson-Cowan, oscillation
    lesson: 07_wilson_cowan
    figure: traces(["E.r", "I.r"])
    sweep: drive.amplitude = 0.8, 1.0, 1.25, 1.6, 2.0
    ---

``figure`` may stand several times. A line ``{figure 1}`` or ``{sweep}`` in the words says where a figure stands;
those that no line names stand at the end. The sweep moves the first figure, which then need not stand still, too;
or what ``sweep figure`` says.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from nbkit.errors import NbkitError, Problem, did_you_mean, fail, shown

#: categories in the order in which the gallery shows them
CATEGORIES = (
    "Rhythms",
    "Single neurons",
    "Memory and decisions",
    "Networks of spikes",
    "Random networks",
    "Sheets and fields",
    "Plasticity",
)
NEEDED = ("title", "category", "summary", "figure")
KNOWN = (*NEEDED, "place", "tags", "lesson", "sweep", "sweep figure", "sweep every")

_MARK = re.compile(r"^\{(sweep|figure \d+)\}$", re.MULTILINE)


@dataclass(frozen=True)
class Call:
    """A figure that a story asks for, such as ``traces(["E.r"], band="none")``."""

    name: str
    arguments: tuple[Any, ...]
    keywords: tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Sweep:
    """A value that a page lets its reader move.

    Attributes:
        path: of the value.
        values: in rising order.
        figure: what moves.
        every: every how many-th sample is drawn; 0 for as many as a page has room for.
    """

    path: str
    values: tuple[float, ...]
    figure: Call
    every: int = 0


@dataclass(frozen=True)
class Story:
    """What an entry tells.

    Attributes:
        title: of the page.
        category: one of `CATEGORIES`.
        place: among the entries of its category, the first one first.
        summary: one line.
        tags: words to find it by.
        lesson: the notebook that goes on from here, such as ``"07_wilson_cowan"``; empty for none.
        figures: what is drawn of the run.
        sweep: what can be moved; None for nothing.
        words: Markdown.
    """

    title: str
    category: str
    place: int
    summary: str
    tags: tuple[str, ...]
    lesson: str
    figures: tuple[Call, ...]
    sweep: Sweep | None
    words: str

    def parts(self) -> list[tuple[str, str]]:
        """The words and the figures in the order of the page: pairs of kind and text.

        The kind is ``"words"`` with Markdown, ``"figure"`` with its number, or ``"sweep"``.
        """
        pieces = _MARK.split(self.words)
        found = [("words", pieces[0])]
        for mark, after in zip(pieces[1::2], pieces[2::2], strict=True):
            kind, _, number = mark.partition(" ")
            found += [(kind, number), ("words", after)]
        wanted = [("sweep", "")] * (self.sweep is not None)
        moved = self.figures.index(self.sweep.figure) if self.sweep and self.sweep.figure in self.figures else None
        wanted += [("figure", str(k + 1)) for k in range(len(self.figures)) if k != moved]
        return [*found, *(one for one in wanted if one not in found)]


def read_story(file: Path) -> Story:
    """Read a story.

    Raises:
        NbkitError: with everything that is wrong with its head.
    """
    text = file.read_text(encoding="utf-8")
    matched = re.fullmatch(r"---\n(.*?)\n---\n(.*)", text, re.DOTALL)
    if matched is None:
        raise fail("bad-syntax", file.name, "it has no head", "begin with a line ---, then title: ..., then ---")
    held, wrong = _head(matched[1])
    wrong += [Problem("missing-key", key, f"a story needs '{key}'", f"{key}: ...") for key in NEEDED if key not in held]
    category = held.get("category", [CATEGORIES[0]])[0]
    if category not in CATEGORIES:
        hint = did_you_mean(category, CATEGORIES)
        wrong.append(Problem("bad-choice", "category", f"there is no category '{category}'", hint))
    place = held.get("place", ["99"])[0]
    if not place.isdigit():
        wrong.append(Problem("bad-value", "place", f"{shown(place)} is no place", "1, 2, 3 ..."))
    figures = _figures(held.get("figure", []), wrong)
    sweep = _sweep(held, figures, wrong)
    wrong += _marks_to_nothing(matched[2], len(figures), sweep)
    if wrong:
        raise NbkitError(wrong)
    tags = tuple(tag.strip() for tag in held.get("tags", [""])[0].split(",") if tag.strip())
    lesson = held.get("lesson", [""])[0]
    told = (held["title"][0], category, int(place), held["summary"][0])
    return Story(*told, tags, lesson, figures, sweep, matched[2].strip())


def _head(text: str) -> tuple[dict[str, list[str]], list[Problem]]:
    held: dict[str, list[str]] = {}
    wrong = []
    for line in filter(str.strip, text.splitlines()):
        key, mark, value = (part.strip() for part in line.partition(":"))
        if not mark or key not in KNOWN:
            wrong.append(Problem("unknown-key", key, "a story has no such line", did_you_mean(key, KNOWN)))
        elif key in held and key != "figure":
            wrong.append(Problem("unknown-key", key, "it stands twice", "keep one of them"))
        else:
            held.setdefault(key, []).append(value)
    return held, wrong


def _figures(texts: list[str], wrong: list[Problem]) -> tuple[Call, ...]:
    found = []
    for text in texts:
        try:
            found.append(read_call(text))
        except NbkitError as error:
            wrong += error.problems
    return tuple(found)


def read_call(text: str) -> Call:
    """Read a call with plain values; nothing is evaluated.

    Raises:
        NbkitError: ``bad-syntax``.

    Example:
        >>> read_call('traces(["E.r"], band="none")')
        Call(name='traces', arguments=(['E.r'],), keywords=(('band', 'none'),))
    """
    try:
        node = ast.parse(text, mode="eval").body
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            raise TypeError  # noqa: TRY301  told below, like all that is no call
        arguments = tuple(ast.literal_eval(one) for one in node.args)
        keywords = tuple((str(one.arg), ast.literal_eval(one.value)) for one in node.keywords)
    except (SyntaxError, TypeError, ValueError):
        what = f"{shown(text)} is no figure"
        raise fail("bad-syntax", "figure", what, 'such as traces(["E.r"]), with plain values') from None
    return Call(node.func.id, arguments, keywords)


def _sweep(held: dict[str, list[str]], figures: tuple[Call, ...], wrong: list[Problem]) -> Sweep | None:
    if "sweep" not in held:
        return None
    path, mark, listed = (part.strip() for part in held["sweep"][0].partition("="))
    own = _figures(held.get("sweep figure", []), wrong)
    figure = next(iter((*own, *figures)), Call("", (), ()))
    try:
        values = tuple(float(value) for value in listed.split(","))
        every = int(held.get("sweep every", ["0"])[0])
    except ValueError:
        mark = ""
        values, every = (), 0
    if not mark or len(values) < 2 or any(a >= b for a, b in pairwise(values)):
        what = f"{shown(held['sweep'][0])} is no path with rising numbers"
        wrong.append(Problem("bad-syntax", "sweep", what, "sweep: E.tau = 5, 10, 20"))
    return Sweep(path, values, figure, every)


def _marks_to_nothing(words: str, figures: int, sweep: Sweep | None) -> list[Problem]:
    known = {f"figure {k + 1}" for k in range(figures)} | ({"sweep"} if sweep else set())
    found = [mark for mark in _MARK.findall(words) if mark not in known]
    return [Problem("unknown-key", f"{{{mark}}}", "the head names no such figure", "add it there") for mark in found]
