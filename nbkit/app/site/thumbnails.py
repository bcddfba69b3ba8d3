"""Owns the small pictures of pages: what a browser paints of their first figure. Must not know what pages hold."""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbkit.errors import fail

FOLDER = "thumbnails"
#: the page from which a picture is taken, and how many pixels of it make one of the picture
VIEW = {"width": 620, "height": 900}
SCALE = 0.9
PATIENCE_MS = 30_000
#: names under which Chromium is found
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def browser() -> str:
    """Where Chromium is.

    Raises:
        NbkitError: ``missing-package`` without playwright or without a browser.
    """
    if importlib.util.find_spec("playwright") is None:
        raise fail("missing-package", "thumbnails", "playwright is not installed", 'pip install "nbkit[site]"')
    named = os.environ.get("NBKIT_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, BROWSERS)), None) or _own()
    if found is None or not Path(found).exists():
        what = f"there is no browser{f' at {named}' if named else ''}"
        raise fail("missing-package", "thumbnails", what, "install chromium, set NBKIT_CHROMIUM, or --no-thumbnails")
    return found


def _own() -> str | None:
    """The browser that playwright keeps, if it was asked to fetch one."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  an extra that only a build needs

    with sync_playwright() as driver:
        path = driver.chromium.executable_path
    return path if Path(path).exists() else None


@contextmanager
def camera(path: str) -> Iterator[Any]:
    """A page of a browser, as long as pictures are taken."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  an extra that only a build needs

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        try:
            context = opened.new_context(viewport=VIEW, device_scale_factor=SCALE)
            yield context.new_page()
        finally:
            opened.close()


def take(page: Any, out: Path, name: str, where: str) -> str:
    """Take the picture of a page's first figure.

    Args:
        page: of `camera`.
        out: root of the site.
        name: of the picture's file, without its ending.
        where: the page, from the root of the site.

    Returns:
        Where the picture is, from the root of the site; empty for a page without a figure.

    Raises:
        NbkitError: ``bad-file`` for a page whose figure does not come to life.
    """
    from playwright.sync_api import Error  # noqa: PLC0415  an extra that only a build needs

    page.goto((out / where).resolve().as_uri())
    if not page.locator(".plot .paper").count():
        return ""
    try:
        page.wait_for_selector(".paper.is-live canvas", timeout=PATIENCE_MS)
        page.wait_for_timeout(250)  # until lines are painted
        page.evaluate("document.querySelector('.site-head').style.position = 'static'")
        first = page.locator(".plot .paper").first.locator(".bk-Figure").first  # without a slider above it
        with tempfile.TemporaryDirectory(prefix="nbkit-picture-") as folder:
            taken = Path(folder) / "picture.png"
            first.screenshot(path=str(taken))
            target = out / FOLDER / f"{name}.png"
            target.parent.mkdir(exist_ok=True)
            shutil.move(taken, target)
    except Error as error:
        raise fail(
            "bad-file", where, f"its figure stays dark: {error.message.splitlines()[0]}", "open the page"
        ) from None
    return f"{FOLDER}/{name}.png"
