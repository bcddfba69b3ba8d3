"""Owns the index of the reference: every name in its group, and a box that finds it. Must not know single pages."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence

from nbkit.app.site.reference_links import ERRORS, Links
from nbkit.app.site.reference_names import GROUPS, Entry, shipped


def index_body(
    entries: Sequence[Entry],
    summaries: Mapping[str, str],
    models: Mapping[str, Sequence[str]],
    links: Links,
    model_summary: Callable[[str], str],
) -> str:
    """All names by what a user does, each with one line, below a box that filters them."""
    parts = [_head()]
    for group, (title, about, headings) in GROUPS.items():
        inside = [_part(h, [_line(e.name, summaries[e.name], links) for e in _of(entries, group, h)]) for h in headings]
        if group == "describe":
            made = [_line(f"networks.{name}", summaries[f"networks.{name}"], links) for name in shipped("networks")]
            inside.append(_part("Networks that come along", made))
            for family, names in models.items():
                lines = [_line(f"models.{name}", model_summary(name), links) for name in names]
                inside.append(_part(f"Models: {family}", lines))
        if group == "mend":
            told = f'<a href="{ERRORS}"><code>all codes</code></a><span>What each means, and what to try.</span>'
            inside.append(_part("Codes", [f"<li>{told}</li>"]))
        head = f'<h2>{title}</h2><p class="muted">{about}</p>'
        parts.append(f'<section class="ref-group" id="{group}">{head}{"".join(inside)}</section>')
    return f'<div class="ref">{"".join(parts)}<script src="../assets/reference.js"></script></div>'


def _of(entries: Sequence[Entry], group: str, heading: str) -> list[Entry]:
    return [entry for entry in entries if (entry.group, entry.heading) == (group, heading)]


def _head() -> str:
    ways = " · ".join(f'<a href="#{group}">{title}</a>' for group, (title, _, _) in GROUPS.items())
    return (
        "<h1>Reference</h1>"
        '<p class="ref-lead">Every public name, with its arguments, units, errors and an example that was run. '
        "<code>import nbkit as nb</code> stands above all of them.</p>"
        '<p><label class="ref-search">Find a name <input id="ref-find" type="search" autocomplete="off" '
        'placeholder="delay, raster, Poisson …"></label> <span id="ref-count" class="muted" role="status"></span></p>'
        f'<p class="ref-jump">{ways}</p>'
    )


def _part(heading: str, lines: Sequence[str]) -> str:
    if not lines:
        return ""
    return f'<div class="ref-part"><h3>{html.escape(heading)}</h3><ul class="ref-list">{"".join(lines)}</ul></div>'


def _line(name: str, summary: str, links: Links) -> str:
    said = re.sub(r"</?a\b[^>]*>", "", summary)
    place = html.escape(links.names[name])
    return f'<li><a href="{place}"><code>nb.{html.escape(name)}</code></a><span>{said}</span></li>'
