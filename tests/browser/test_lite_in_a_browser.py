"""The site that needs a browser alone: its pages open; with a Pyodide release at hand, its workbench moves.

`python -m pytest tests/browser/test_lite_in_a_browser.py --pyodide RELEASE` tries the second; the release is a folder
or an archive of the version that the installed kernel of JupyterLite is made for.
"""

from __future__ import annotations

import functools
import http.server
import threading
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from nbkit.app.lite import pages
from nbkit.app.lite.build import build
from tests.unit.test_lite import RELEASED, make_bundle


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Hands out files and says nothing: any web server will do."""

    def log_message(self, *_words):
        pass


@contextmanager
def handing_out(folder):
    serve = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="module")
def empty_site(tmp_path_factory):
    """A site whose Python is empty: its pages open, and nothing runs in them."""
    folder = tmp_path_factory.mktemp("lite")
    (folder / "one.ipynb").write_text(pages.workbench())
    bundle = make_bundle(folder / "pyodide", RELEASED)
    site = build(str(folder / "site"), pyodide=str(bundle), notebooks=[str(folder / "one.ipynb")], say=lambda _: None)
    with handing_out(site) as address:
        yield address


def test_the_button_opens_a_page_that_begins_the_workbench(watch, empty_site):
    watched = watch()
    watched.page.goto(empty_site)
    expect(watched.page.get_by_role("heading", level=1)).to_have_text("nbkit in the browser")
    watched.page.get_by_role("link", name="Open the workbench").click()
    expect(watched.page.locator(".jp-CodeConsole-content")).to_contain_text("nb.Workbench()", timeout=60_000)
    assert watched.elsewhere == []


def test_a_notebook_opens_with_the_cell_that_brings_nbkit(watch, empty_site):
    watched = watch()
    watched.page.goto(empty_site)
    watched.page.get_by_role("link", name="The workbench in a notebook").click()
    expect(watched.page.locator(".jp-Notebook .jp-CodeCell").first).to_contain_text(pages.FETCH, timeout=60_000)
    assert watched.elsewhere == []


@pytest.mark.needs_pyodide
def test_the_workbench_moves_with_no_server_behind_it(watch, tmp_path, request):
    site = build(str(tmp_path / "site"), pyodide=request.config.getoption("--pyodide"))
    watched = watch()
    with handing_out(site) as address:
        watched.page.goto(address)
        watched.page.get_by_role("link", name="Open the workbench").click()
        story = watched.page.locator(".nbk-story")
        expect(story).to_contain_text("period 40.6 ms", timeout=300_000)
        watched.page.locator('[data-key="node I"]').click()
        field = watched.page.locator('[data-key="number E->I.delay"]')
        field.fill("2")
        field.press("Enter")
        watched.page.locator('[data-key="run"]').click()
        expect(story).to_contain_text("40.6 → 82.6 ms", timeout=120_000)
        before = story.inner_text()
        watched.page.locator('[data-key="slider I.tau"]').focus()
        for _ in range(5):
            watched.page.keyboard.press("ArrowRight")
        expect(story).not_to_have_text(before, timeout=60_000)
    assert watched.elsewhere == []
