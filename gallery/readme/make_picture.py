"""Owns the pictures of the README: runs the examples printed there, draws them, and photographs figures and workbench.

`python gallery/readme/make_picture.py`, with the extra `test` installed and `chromium` on the path.
"""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bokeh.embed import file_html
from bokeh.models.ui import UIElement
from bokeh.resources import INLINE
from playwright.sync_api import Browser, sync_playwright

import nbkit as nb

HERE = Path(__file__).parent
README = HERE.parents[1] / "README.md"
PAGE = "<style>body { margin: 12px; background: white; }</style>"


def example(mark: str) -> dict[str, Any]:
    """The names of an example of the README, after it ran."""
    found = re.search(rf"<!-- {mark} -->\n```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    if found is None:
        raise SystemExit(f"the README has no {mark}")
    names: dict[str, Any] = {}
    exec("import nbkit as nb\n" + found[1], names)  # noqa: S102 - our own README
    return names


def delay() -> UIElement:
    """The long delay in colour, the short one behind it in grey."""
    net = example("example")["net"]
    quiet, ringing = (nb.simulate(net.with_value("I->I.delay", delay), duration=400.0, dt=0.1) for delay in (8.0, 16.0))
    title = "A population that inhibits itself 16 ms late; in grey, 8 ms late"
    return nb.plots.traces(ringing, "I.x", compare=[("delay 8 ms", quiet)], title=title, height=300)


def sheet() -> UIElement:
    """Two bumps of activity on a noisy sheet."""
    return nb.plots.sheet(example("example: sheet")["ds"], time=300.0, height=330)


def cortex() -> UIElement:
    """The layers of the microcircuit, and their rates."""
    return nb.plots.raster(example("example: cortex")["ds"], height=330)


#: picture -> what draws it, and its width and height
PICTURES: dict[str, tuple[Callable[[], UIElement], int, int]] = {
    "delay.png": (delay, 860, 325),
    "sheet.png": (sheet, 500, 470),
    "cortex.png": (cortex, 640, 355),
}


def photograph_workbench(browser: Browser) -> None:
    """The rhythm of the demo, after one delay was set by hand."""
    command = [sys.executable, "-u", "-m", "nbkit", "demo", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as demo:  # noqa: S603  our own command
        assert demo.stdout is not None
        address = next(found[0] for line in demo.stdout if (found := re.search(r"http://\S+", line)))
        page = browser.new_page(viewport={"width": 1280, "height": 760}, device_scale_factor=1.5)
        page.goto(address)
        page.locator('[data-key="node I"]').click()
        page.locator('[data-key="number E->I.delay"]').fill("2")
        page.locator('[data-key="number E->I.delay"]').press("Enter")
        page.get_by_text("period 40.6 → 82.6 ms").wait_for()
        page.wait_for_timeout(1500)
        page.locator(".nbkit-workbench").screenshot(path=HERE / "workbench.png")
        demo.send_signal(signal.SIGINT)
        demo.communicate()


def main() -> None:
    """Write the pictures beside this file."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        for name, (draw, width, height) in PICTURES.items():
            html = file_html(draw(), INLINE, "nbkit").replace("</head>", PAGE + "</head>")
            page = browser.new_page(viewport={"width": width, "height": height}, device_scale_factor=2)
            page.set_content(html)
            page.wait_for_function("Bokeh.documents.length && Bokeh.documents.every(d => d.is_idle)")
            page.wait_for_timeout(500)
            page.screenshot(path=HERE / name)
        photograph_workbench(browser)
        browser.close()


if __name__ == "__main__":
    main()
