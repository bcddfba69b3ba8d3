"""Owns the page of a notebook: its words, its code, and what its cells showed. Must not know how it was run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from nbkit.app.site import texts
from nbkit.app.site.embedding import Placed, placed_item, scripts
from nbkit.app.site.formulas import mathml
from nbkit.app.site.still import MIME as STILL

#: a longer cell is folded
LINES_SHOWN = 14
BOKEH = "application/vnd.bokehjs_exec.v0+json"
_LOADS_BOKEH = "application/vnd.bokehjs_load.v0+json"
_EMBEDDED = re.compile(r"const docs_json = (.+?);\n\s*const render_items = (.+?);\n", re.DOTALL)
_DOLLARS = re.compile(r"\$\$(.+?)\$\$|\$([^$]+?)\$|\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL)
_SMALL = '<p class="note narrow">This page was made with a small run, so that its numbers differ a little. It set:</p>'
_KINDS = {
    "Workbench": "the workbench",
    "Explorer": "a panel with sliders",
    "Live": "a network that runs while you look",
    "LiveFigure": "a figure that follows its network",
}


@dataclass
class Pieces:
    """A page that is being put together: its HTML, and the figures in it."""

    html: list[str] = field(default_factory=list)
    figures: list[Placed] = field(default_factory=list)

    def add_figure(self, made: Placed) -> None:
        """Put a figure at the end."""
        self.figures.append(made)
        self.html.append(made.html)


def body_of(book: Any, depth: int) -> str:
    """The cells of a notebook that was run, as HTML for a page, with the scripts that its figures need."""
    pieces = Pieces()
    for cell in book.cells:
        if cell.cell_type == "markdown":
            pieces.html.append(f'<div class="narrow">{texts.markdown(cell.source)}</div>')
        elif cell.cell_type == "code":
            if "injected-parameters" in cell.metadata.get("tags", []):
                pieces.html.append(_SMALL)
            pieces.html.append(_code(cell))
            for output in cell.outputs:
                _output(output, pieces)
    return "\n".join([*pieces.html, scripts(pieces.figures, depth)])


def with_bar(body: str, bar: str) -> str:
    """The page with a bar of links below its heading, or above all where it has none."""
    before, heading, after = body.partition("</h1>")
    return f"{before}{heading}{bar}{after}" if heading else f"{bar}{body}"


def title_of(book: Any, otherwise: str) -> str:
    """The first heading of a notebook."""
    found = re.search(r"^# (.+)$", "\n".join(c.source for c in book.cells if c.cell_type == "markdown"), re.MULTILINE)
    return found[1].strip() if found else otherwise


def summary_of(book: Any) -> str:
    """What a notebook says that one learns, or its first paragraph; a sentence or two."""
    words = "\n\n".join(c.source for c in book.cells if c.cell_type == "markdown")
    learned = re.search(r"\*\*What you will learn\.\*\* (.+?)(?:\n\n|$)", words, re.DOTALL)
    paragraphs = [p for p in words.split("\n\n") if p.strip() and not p.startswith("#")]
    text = learned[1] if learned else (paragraphs or [""])[0]
    plain = re.sub(r"\[([^\]]+)\]\([^)]*\)|[*`_$\\]", lambda found: found[1] or "", " ".join(text.split()))
    sentences = re.split(r"(?<=[.?!]) ", plain)
    told = sentences[0]
    for more in sentences[1:]:
        if len(told) + len(more) > 150:
            break
        told = f"{told} {more}"
    return told


def _code(cell: Any) -> str:
    if not cell.source.strip():
        return ""
    count = len(cell.source.splitlines())
    made = texts.code(cell.source)
    if count <= LINES_SHOWN:
        return f'<div class="cell">{made}</div>'
    return f'<details class="cell"><summary>Code: {count} lines</summary>{made}</details>'


# ------------------------------------------------------------ what cells showed


def _output(output: Any, pieces: Pieces) -> None:
    if output.output_type == "stream":
        pieces.html.append(texts.printed(output.text))
        return
    if output.output_type == "error":
        pieces.html.append(texts.printed("\n".join(output.traceback)))
        return
    data = output.data
    if _LOADS_BOKEH in data or _is_bokeh_place(data):
        return
    for kind, write in _WRITERS.items():
        if kind in data:
            write(data[kind], data, pieces)
            return


def _is_bokeh_place(data: Any) -> bool:
    """Whether it is the empty place into which a notebook puts a figure."""
    return set(data) == {"text/html"} and "data-root-id=" in data["text/html"] and "<script" not in data["text/html"]


def _bokeh(_held: Any, data: Any, pieces: Pieces) -> None:
    found = _EMBEDDED.search(data["application/javascript"])
    assert found is not None, "Bokeh writes figures in another way"
    documents, items = json.loads(found[1]), json.loads(found[2])
    for item in items:
        held = documents[item["docid"]]
        for root in item["roots"]:
            pieces.add_figure(placed_item({"root_id": root, "doc": held, "version": held["version"]}))


def _still(held: Any, _data: Any, pieces: Pieces) -> None:
    pieces.html.append('<div class="still">')
    pieces.html += [f"<div>{text}</div>" for text in held["texts"] if not held["figures"]]
    pieces.html += [f"<ul>{''.join(f'<li>{texts.escaped(o)}</li>' for o in one)}</ul>" for one in held["options"]]
    for figure in held["figures"]:
        pieces.add_figure(placed_item(json.loads(figure["item"]), figure["said"]))
    moves = any(figure["path"] for figure in held["figures"])
    what = _KINDS.get(held["kind"], "something to click")
    how = "Here its sliders have a few places, each run in advance" if moves else "Here it stands still"
    pieces.html.append(f'<p class="note">In the notebook this is {what}. {how}; open the notebook to play.</p></div>')


def _html(held: str, _data: Any, pieces: Pieces) -> None:
    pieces.html.append(f'<div class="shown">{without_scripts(with_formulas(held))}</div>')


def without_scripts(text: str) -> str:
    """HTML of an output without scripts: they would look for what only a notebook has."""
    return re.sub(r"<script\b.*?</script>", "", text, flags=re.DOTALL | re.IGNORECASE)


def with_formulas(text: str) -> str:
    """HTML with its LaTeX as MathML."""

    def write(found: re.Match[str]) -> str:
        block, inline = found[1] or found[4], found[2] or found[3]
        return mathml(block or inline, block=bool(block))

    return _DOLLARS.sub(write, text)


def _markdown(held: str, _data: Any, pieces: Pieces) -> None:
    pieces.html.append(f'<div class="shown">{texts.markdown(held)}</div>')


def _latex(held: str, _data: Any, pieces: Pieces) -> None:
    pieces.html.append(f'<div class="shown">{with_formulas(held)}</div>')


def _image(held: str, _data: Any, pieces: Pieces) -> None:
    pieces.html.append(
        f'<div class="shown"><img alt="made by the cell above" src="data:image/png;base64,{held.strip()}"></div>'
    )


def _svg(held: str, _data: Any, pieces: Pieces) -> None:
    pieces.html.append(f'<div class="shown">{without_scripts(held)}</div>')


def _plain(held: str, _data: Any, pieces: Pieces) -> None:
    pieces.html.append(texts.printed(held))


#: kind of output -> what writes it; the first one that an output has is taken
_WRITERS: dict[str, Callable[[Any, Any, Pieces], None]] = {
    BOKEH: _bokeh,
    STILL: _still,
    "text/html": _html,
    "text/markdown": _markdown,
    "image/svg+xml": _svg,
    "image/png": _image,
    "text/latex": _latex,
    "text/plain": _plain,
}
