"""Owns how a Bokeh figure stands in a page, and which scripts it needs. Must not know what it shows."""

from __future__ import annotations

import html
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bokeh
from bokeh.embed import json_item
from bokeh.models import widgets
from bokeh.models.ui import UIElement

from nbkit.app.site.packing import packed

HERE = Path(__file__).parent
#: what every site has beside its pages
OWN = ("site.css", "figures.js", "search.js")
SCRIPTS = ("bokeh.min.js", "bokeh-widgets.min.js")


@dataclass(frozen=True)
class Placed:
    """A figure as a part of a page.

    Attributes:
        html: the part.
        widgets: whether it needs Bokeh's widgets.
    """

    html: str
    widgets: bool = False


def placed(figure: UIElement, said: str = "", caption: str = "") -> Placed:
    """Write a Bokeh figure as HTML that comes to life in a page with `scripts`.

    Args:
        figure: any Bokeh figure or layout.
        said: what it shows, in a sentence for those who do not see it.
        caption: a line below it; plain text.
    """
    return placed_item(json_item(figure), said, caption)  # type: ignore[arg-type]


def placed_item(item: dict[str, Any], said: str = "", caption: str = "") -> Placed:
    """The same for a figure that is JSON already, as a kernel sent it."""
    target = f"figure-{item['root_id']}"
    held = {key: item[key] for key in ("root_id", "doc", "version")} | {"target_id": target}
    below = f"<figcaption>{html.escape(caption)}</figcaption>" if caption else ""
    spoken = f' role="group" aria-label="{html.escape(said, quote=True)}"' if said else ""
    made = (
        f'<figure class="plot"{spoken}><div class="paper"><div id="{target}"></div>'
        f'<script type="application/gzip" class="figure-data">{packed(held)}</script></div>{below}</figure>'
    )
    return Placed(made, needs_widgets(item["doc"]))


def needs_widgets(held: Any) -> bool:
    """Whether a figure's JSON names one of Bokeh's widgets."""
    if isinstance(held, list | tuple):
        return any(map(needs_widgets, held))
    if not isinstance(held, dict):
        return False
    if held.get("type") == "object" and held.get("name") in widgets.__all__:
        return True
    return any(map(needs_widgets, held.values()))


def scripts(parts: Iterable[Placed], depth: int) -> str:
    """The script elements that a page with these figures needs; nothing for a page without figures."""
    held = list(parts)
    if not held:
        return ""
    needed = SCRIPTS[: 1 + any(part.widgets for part in held)]
    names = [*needed, "figures.js"]
    return "\n".join(f'<script defer src="{"../" * depth}assets/{name}"></script>' for name in names)


def write_assets(out: Path) -> None:
    """Put the style, the scripts and BokehJS, as it is installed, beside the pages."""
    folder = out / "assets"
    folder.mkdir(parents=True, exist_ok=True)
    library = Path(bokeh.__file__).parent / "server" / "static" / "js"
    for source in (*(HERE / name for name in OWN), *(library / name for name in SCRIPTS)):
        shutil.copyfile(source, folder / source.name)
