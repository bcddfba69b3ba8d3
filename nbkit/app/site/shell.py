"""Owns the shell of every page of the site: head, navigation, foot. Must not know what stands in a page."""

from __future__ import annotations

import html

from nbkit import __version__
from nbkit.errors import did_you_mean, fail

#: section -> the words of its link and where it leads, from the root of the site
SECTIONS: dict[str, tuple[str, str]] = {
    "gallery": ("Gallery", "index.html"),
    "course": ("Course", "course/index.html"),
    "guides": ("Guides", "guides/index.html"),
    "reference": ("Reference", "reference/index.html"),
}

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{root}assets/site.css">
</head>
<body class="in-{section}">
<a class="skip" href="#content">To the content</a>
<header class="site-head"><div class="wide">
<a class="brand" href="{root}index.html">nbkit</a>
<nav aria-label="Parts of this site">{links}</nav>
</div></header>
<main id="content" class="wide">
{body}
</main>
<footer class="site-foot"><div class="wide">Made by nbkit {version}. All pages work without a network.</div></footer>
</body>
</html>
"""


def page(title: str, body: str, depth: int, section: str) -> str:
    """Write a whole page.

    Args:
        title: what the tab of the browser says; plain text.
        body: HTML between head and foot. Links in it are relative to the page.
        depth: how many folders below the root of the site the page lies; 0 for ``index.html``.
        section: which part of the navigation is marked: ``"gallery"``, ``"course"``, ``"guides"`` or ``"reference"``.

    Returns:
        HTML. It asks for ``assets/site.css`` beside the pages and for nothing else.

    Raises:
        NbkitError: ``bad-choice`` for an unknown section.

    Example:
        >>> text = page("A rhythm", "<h1>A rhythm</h1>", depth=1, section="gallery")
        >>> '<link rel="stylesheet" href="../assets/site.css">' in text
        True
    """
    if section not in SECTIONS:
        raise fail("bad-choice", "page.section", f"no section '{section}'", did_you_mean(section, SECTIONS))
    root = "../" * depth
    links = "".join(_link(root, key, here=key == section) for key in SECTIONS)
    told = html.escape(title if title == "nbkit" else f"{title} · nbkit")
    return _PAGE.format(title=told, root=root, section=section, links=links, body=body, version=__version__)


def _link(root: str, section: str, *, here: bool) -> str:
    words, place = SECTIONS[section]
    mark = ' aria-current="true"' if here else ""
    return f'<a href="{root}{place}"{mark}>{words}</a>'
