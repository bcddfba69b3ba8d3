"""Owns the picture of the README: runs the example printed there, draws it, and photographs the figure.

`python gallery/readme/make_picture.py`, with the extra `test` installed and `chromium` on the path.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from bokeh.embed import file_html
from bokeh.resources import INLINE
from playwright.sync_api import sync_playwright

import nbkit as nb

HERE = Path(__file__).parent
README = HERE.parents[1] / "README.md"
SIZE = {"width": 860, "height": 325}
PAGE = "<style>body { margin: 12px; background: white; }</style>"


def example() -> dict[str, Any]:
    """The names of the README's example, after it ran."""
    found = re.search(r"<!-- example -->\n```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    if found is None:
        raise SystemExit("the README has no example")
    names: dict[str, Any] = {}
    exec(found[1], names)  # noqa: S102 - our own README
    return names


def figure() -> str:
    """The figure as a page: the long delay in colour, the short one behind it in grey."""
    net = example()["net"]
    quiet, ringing = (nb.simulate(net.with_value("I->I.delay", delay), duration=400.0, dt=0.1) for delay in (8.0, 16.0))
    title = "A population that inhibits itself 16 ms late; in grey, 8 ms late"
    drawn = nb.plots.traces(ringing, "I.x", compare=[("delay 8 ms", quiet)], title=title, height=300)
    return file_html(drawn, INLINE, "nbkit").replace("</head>", PAGE + "</head>")


def main() -> None:
    """Write `delay.png` beside this file."""
    html = figure()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport=SIZE, device_scale_factor=2)
        page.set_content(html)
        page.wait_for_function("Bokeh.documents.length && Bokeh.documents.every(d => d.is_idle)")
        page.screenshot(path=HERE / "delay.png")
        browser.close()


if __name__ == "__main__":
    main()
