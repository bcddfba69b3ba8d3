"""Owns the pages of a site: the notebooks with their first cell, and where it begins. Must not know how it is built."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from nbkit.app.demo import PROMPT
from nbkit.app.lite.parts import ASKED
from nbkit.errors import fail
from nbkit.network import notebook

WORKBENCH = "workbench.ipynb"
#: lessons whose networks are small enough for a browser: no cortex, no long runs of thousands of spiking neurons
LESSONS = ("00", "01", "03", "04", "05", "06", "07", "08", "09", "10")
FETCH = f"%pip install -q {' '.join(ASKED)}"
_TOLD = "# Python runs in this page: this brings nbkit into it, and takes a while the first time\n"
_OPENED = f"{FETCH}\nimport nbkit as nb\nnb.Workbench()"


def workbench() -> str:
    """Write the notebook that holds the workbench."""
    show = notebook.Cell("code", "import nbkit as nb\n\nnb.Workbench()")
    return notebook.written(notebook.Cell("markdown", PROMPT), notebook.Cell("code", _TOLD + FETCH), show)


def with_first_cell(path: Path) -> str:
    """Read a notebook and put the cell that brings nbkit before its first cell of code.

    Raises:
        NbkitError: ``bad-notebook`` for a file that is none.
    """
    try:
        book: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        cells = list(book["cells"])
        first = next((n for n, cell in enumerate(cells) if cell["cell_type"] == "code"), len(cells))
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = f"cannot be read as a notebook ({error})"
        raise fail("bad-notebook", str(path), what, "a file that JupyterLab opens") from None
    cell = json.loads(notebook.written(notebook.Cell("code", _TOLD + FETCH)))["cells"][0]
    cells.insert(first, cell | {"id": "bring-nbkit"})
    return json.dumps(book | {"cells": cells}, ensure_ascii=False, indent=1) + "\n"


def title_of(text: str, name: str) -> str:
    """The first heading of a notebook, else its name."""
    lines = (line for cell in json.loads(text)["cells"] for line in "".join(cell["source"]).splitlines())
    return next((line[2:].strip() for line in lines if line.startswith("# ") and line[2:].strip()), name)


def start_page(titles: Mapping[str, str]) -> str:
    """Write the page at which the site begins; ``titles`` is heading by name of a notebook."""
    opened = "repl/index.html?" + urlencode({"kernel": "python", "toolbar": 1, "execute": 1, "code": _OPENED})
    return _PAGE.format(workbench=html.escape(opened), lessons="\n".join(_links(titles)), style=_STYLE)


def _links(titles: Mapping[str, str]) -> Iterable[str]:
    for name, title in titles.items():
        address = html.escape("lab/index.html?" + urlencode({"path": name}))
        yield f'<li><a href="{address}">{html.escape(title)}</a></li>'


_STYLE = """
:root { color-scheme: light dark; }
body { font: 17px/1.55 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.7rem; margin-bottom: .3rem; }
a { color: light-dark(#1f5fa8, #8ab8f0); }
a.open { display: inline-block; padding: .6rem 1.1rem; border-radius: .4rem; background: #1f5fa8; color: #fff;
  text-decoration: none; font-weight: 600; }
a:focus-visible { outline: 3px solid #e69f00; outline-offset: 2px; }
li { margin: .25rem 0; }
.small { color: light-dark(#5a5a5a, #aaa); font-size: .92rem; }
"""

# JupyterLite's own pages look here for their settings
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>nbkit in the browser</title>
<script id="jupyter-config-data" type="application/json" data-jupyter-lite-root=".">{{}}</script>
<style>{style}</style>
</head>
<body>
<main>
<h1>nbkit in the browser</h1>
<p>Write the equations of a population of neurons, connect populations, and watch what they do. Python runs in this
page: nothing is installed, and nothing that you make leaves your browser.</p>
<p><a class="open" href="{workbench}">Open the workbench</a></p>
<p class="small">The first start fetches Python and takes a while; after that it is quick.</p>
<h2>Notebooks</h2>
<p>Press the double arrow to run all cells.</p>
<ul>
{lessons}
</ul>
</main>
</body>
</html>
"""
