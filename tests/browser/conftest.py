"""Owns the servers and the browser of the browser tests; the tests own what is looked at."""

from __future__ import annotations

import os
import pathlib
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import nbformat
import pytest

NOTEBOOKS = pathlib.Path(__file__).parent / "pages"
ROOT = pathlib.Path(__file__).parents[2]
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: Extensions that other packages of the tests bring, made for JupyterLab alone; in Voila they fail, each with an error.
STRANGERS = (
    *("@jupyter/nbgrader", "ipylab", "jupyterlab-jupytext", "@jupyter-notebook/lab-extension"),
    "@jupyterlite/pyodide-kernel-extension",
)
#: What the servers' own pages ask for elsewhere; our own pages ask for nothing.
NOT_OURS = ("fontawesome", "font-awesome")


def pytest_collection_modifyitems(config, items):
    for item in items:
        if pathlib.Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
    if config.getoption("--pyodide") is None:
        asked = [item for item in items if item.get_closest_marker("needs_pyodide")]
        config.hook.pytest_deselected(items=asked)
        items[:] = [item for item in items if item not in asked]


@pytest.fixture(scope="session")
def browser_type_launch_args(playwright):
    """Choose the browser: a named one, the system's Chromium, Playwright's own; without any, skip."""
    found = os.environ.get("NBKIT_CHROMIUM") or shutil.which("chromium") or playwright.chromium.executable_path
    if not pathlib.Path(found).exists():
        pytest.skip("no Chromium: set NBKIT_CHROMIUM, install chromium, or run 'playwright install chromium'")
    return {"executable_path": found, "args": QUIET}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(address, server, log):
    end = time.monotonic() + 60
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=1):  # noqa: S310
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"no answer from {address}\n{log.read_text()[-2000:]}")


@contextmanager
def serving(command, address, folder):
    """Run a server in a folder as long as the tests need it."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    log = folder / "server.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output) as server,
    ):
        try:
            wait_for(address, server, log)
            yield address
        finally:
            server.terminate()


@pytest.fixture(scope="session")
def pages(tmp_path_factory):
    """Make a notebook of every script in ``pages``; ``# %%`` begins a cell."""
    folder = tmp_path_factory.mktemp("pages")
    for script in NOTEBOOKS.glob("*.py"):
        cells = [nbformat.v4.new_code_cell(text.strip()) for text in script.read_text().split("# %%")]
        book = nbformat.v4.new_notebook(cells=cells)
        book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(book, folder / f"{script.stem}.ipynb")
    return folder


@pytest.fixture(scope="session")
def voila(pages):
    port = free_port()
    command = [sys.executable, "-m", "voila", str(pages), "--no-browser", f"--port={port}"]
    command += [f"--VoilaConfiguration.extension_denylist={name}" for name in STRANGERS]
    with serving(command, f"http://127.0.0.1:{port}", pages) as address:
        yield f"{address}/voila/render"


@pytest.fixture(scope="session")
def lab(pages):
    port, token = free_port(), secrets.token_hex(8)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}"]
    command += [f"--IdentityProvider.token={token}", "--LabApp.expose_app_in_browser=True", "--LabApp.news_url="]
    with serving(command, f"http://127.0.0.1:{port}", pages) as address:
        yield lambda name: f"{address}/lab/tree/{name}?token={token}&reset"


@pytest.fixture(scope="session")
def notebook7(pages):
    port, token = free_port(), secrets.token_hex(8)
    command = [sys.executable, "-m", "notebook", "--no-browser", "--allow-root", f"--port={port}"]
    command += [f"--IdentityProvider.token={token}", "--JupyterNotebookApp.expose_app_in_browser=True"]
    with serving(command, f"http://127.0.0.1:{port}", pages) as address:
        yield lambda name: f"{address}/notebooks/{name}?token={token}"


#: Finds a data source by its name in any figure of the page; an image is its list of cells.
COLUMN = """(source, column) => {
    const found = (window.Bokeh?.documents ?? []).map(d => d.get_model_by_name(source)).find(model => model);
    const data = found?.data[column];
    return data && Array.from(column === "image" ? data[0] : data);
}"""


class Watched:
    """A page, what it asked for elsewhere, and what went wrong in it."""

    def __init__(self, page):
        self.page = page
        self.elsewhere, self.errors = [], []
        page.route(lambda address: not is_here(address), self._refuse)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._listen)

    def _refuse(self, route):
        if not any(word in route.request.url for word in NOT_OURS):
            self.elsewhere.append(route.request.url)
        route.abort()

    def _listen(self, message):
        refused = "net::ERR_FAILED" in message.text
        if message.type == "error" and not refused:
            self.errors.append(message.text)

    def data(self, source, column):
        """Read a column of the figures that stand in the page."""
        return self.page.evaluate(f"([source, column]) => ({COLUMN})(source, column)", [source, column])

    def wait_for_data(self, source, column, condition, value):
        """Wait until a column fulfils a condition, a JavaScript function of (column, value)."""
        script = (
            f"([s, c, value]) => {{ const found = ({COLUMN})(s, c); return found && ({condition})(found, value); }}"
        )
        self.page.wait_for_function(script, arg=[source, column, value], timeout=10_000)


def is_here(address):
    return address.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:"))


@pytest.fixture(scope="module")
def watch(browser):
    """Give a function that opens a page and watches it."""
    opened = []

    def open_page(width=1280):
        context = browser.new_context(viewport={"width": width, "height": 900})
        opened.append(context)
        return Watched(context.new_page())

    yield open_page
    for context in opened:
        context.close()
