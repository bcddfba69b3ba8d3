"""Owns how docstrings become HTML: prose, tables of arguments, examples with what they print. Must not know pages."""

from __future__ import annotations

import doctest
import html
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import griffe
import mistune
from mistune.renderers.html import HTMLRenderer

#: a name as it stands between backticks -> where its page is; "" if it has none
Link = Callable[[str], str]


@dataclass(frozen=True)
class Told:
    """A docstring in parts, each as HTML; ``arguments`` and ``fields`` by name."""

    summary: str = ""
    text: str = ""
    arguments: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    returns: str = ""
    raises: str = ""
    notes: tuple[tuple[str, str], ...] = ()
    examples: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing is told at all."""
        return not self.summary


class _Renderer(HTMLRenderer):
    """Prose in which code that is a name of the reference leads there."""

    def __init__(self, link: Link) -> None:
        super().__init__(escape=True)
        self.place = link

    def codespan(self, text: str) -> str:
        code, place = f"<code>{html.escape(text)}</code>", self.place(text)
        return f'<a href="{html.escape(place)}">{code}</a>' if place else code


def as_html(text: str, link: Link) -> str:
    """Prose with paragraphs, lists, code and the examples that stand in it.

    >>> as_html("See `x`.", lambda name: f"{name}.html")
    '<p>See <a href="x.html"><code>x</code></a>.</p>'
    """
    write = mistune.create_markdown(renderer=_Renderer(link))
    pieces = _pieces(inspect.cleandoc(text))
    out = [str(write(piece)) if isinstance(piece, str) else example_html(piece) for piece in pieces]
    return "\n".join(part.strip() for part in out if part.strip())


def line_html(text: str, link: Link) -> str:
    """One paragraph without its tags, for a cell of a table or a line of a list."""
    written = as_html(text, link)
    alone = re.fullmatch(r"<p>((?:(?!</?p>).)*)</p>", written, flags=re.DOTALL)
    return alone[1] if alone else written


def _pieces(text: str) -> list[str | list[doctest.Example]]:
    """Prose and runs of examples, in turn."""
    out: list[str | list[doctest.Example]] = []
    for piece in doctest.DocTestParser().parse(text):
        if isinstance(piece, doctest.Example):
            if not (out and isinstance(out[-1], list)):
                out.append([])
            last = out[-1]
            assert isinstance(last, list)
            last.append(piece)
        elif piece.strip():
            out.append(piece)
    return out


def example_html(examples: list[doctest.Example]) -> str:
    """Code as it can be copied, and below each part what it prints."""
    blocks: list[tuple[list[str], str]] = [([], "")]
    for example in examples:
        if blocks[-1][1]:
            blocks.append(([], ""))
        source = re.sub(r"\s*# doctest:.*", "", example.source.rstrip("\n"))
        blocks[-1] = ([*blocks[-1][0], source], example.want.rstrip("\n"))
    parts = []
    for code, printed in blocks:
        parts.append(f'<pre class="ref-code"><code>{html.escape(chr(10).join(code))}</code></pre>')
        if printed:
            parts.append(f'<pre class="ref-out" aria-label="what it prints">{html.escape(printed)}</pre>')
    return f'<div class="ref-example">{"".join(parts)}</div>'


def told(thing: griffe.Object, link: Link) -> Told:
    """The docstring of a function or class, read as Google's style writes it."""
    if thing.docstring is None or not thing.docstring.value.strip():
        return Told()
    if thing.is_module:
        return _of_module(thing.docstring.value, link)
    docstring = griffe.Docstring(_one_by_one(thing.docstring.value), lineno=thing.docstring.lineno, parent=thing)
    sections = docstring.parse("google", returns_named_value=False, returns_multiple_items=False)
    texts = [s.value for s in sections if s.kind is griffe.DocstringSectionKind.text]
    head, _, rest = (texts[0] if texts else "").partition("\n\n")
    notes, examples = [], []
    for section in sections:
        if section.kind is griffe.DocstringSectionKind.admonition:
            title, inside = str(section.title), section.value.contents
            if title.lower().startswith("example"):
                examples.append(as_html(inside, link))
            else:
                notes.append((title, as_html(inside, link)))
        elif section.kind is griffe.DocstringSectionKind.examples:
            inside = "\n".join(text for _, text in section.value)
            examples.append(as_html(inside, link))
    return Told(
        line_html(head, link),
        "\n".join(as_html(text, link) for text in [rest, *texts[1:]] if text.strip()),
        _named(sections, griffe.DocstringSectionKind.parameters, link),
        _named(sections, griffe.DocstringSectionKind.attributes, link),
        _unnamed(sections, griffe.DocstringSectionKind.returns, link),
        _unnamed(sections, griffe.DocstringSectionKind.raises, link),
        tuple(notes),
        "\n".join(examples),
    )


def _one_by_one(text: str) -> str:
    """``code, where: ...`` speaks of several names: say it of each."""

    def spread(found: re.Match[str]) -> str:
        return "\n".join(f"{found[1]}{name}: {found[3]}" for name in found[2].split(", "))

    return re.sub(r"^( +)(\w+(?:, \w+)+): (.*(?:\n\1 +.*)*)", spread, text, flags=re.MULTILINE)


def _of_module(text: str, link: Link) -> Told:
    """What a module owns, without what it must not know: that concerns those who write it."""
    line, _, rest = inspect.cleandoc(text).partition("\n\n")
    sentences = re.split(r"(?<=\.) (?=[A-Z])", " ".join(line.split()))
    kept = [s for s in sentences if not s.startswith(("Must not know", "Reached as"))]
    words = " ".join(kept).removeprefix("Owns ")
    return Told(line_html(words[:1].upper() + words[1:], link), as_html(rest, link) if rest else "")


def _named(sections: list[griffe.DocstringSection], kind: griffe.DocstringSectionKind, link: Link) -> dict[str, str]:
    """Name -> what is said about it."""
    out = {}
    for section in sections:
        if section.kind is kind:
            for item in section.value:
                out[item.name] = line_html(item.description, link)
    return out


def _unnamed(sections: list[griffe.DocstringSection], kind: griffe.DocstringSectionKind, link: Link) -> str:
    said = []
    for section in sections:
        if section.kind is kind:
            for item in section.value:
                what = f"{item.annotation}: " if kind is griffe.DocstringSectionKind.raises else ""
                said.append(as_html(f"{f'`{what[:-2]}`: ' if what else ''}{item.description}", link))
    return "\n".join(said)
