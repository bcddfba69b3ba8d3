"""Owns the demo: the workbench in a page, a server on this machine, a browser. Must not know what is taught."""

from __future__ import annotations

import importlib.util
import os
import pathlib
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from nbkit.errors import fail
from nbkit.network import notebook

HERE = pathlib.Path(__file__).parent
#: Where tutorials are: inside an installed package, else in the source tree.
FOLDERS = (HERE / "notebooks", HERE.parents[1] / "notebooks")
TUTORIAL = "01_populations_and_connectivity.ipynb"
PAGE = "workbench.ipynb"
PROMPT = """**A rhythm.** E excites I, I inhibits E. *Predict:* what will a delay of 2 ms from E to I do to the period?
Then select **I**, set the delay of **E → I** to 2, and read the sentence below the figure."""
#: what the page of the demo holds
CELLS = (notebook.Cell("markdown", PROMPT), notebook.Cell("code", "import nbkit as nb\n\nnb.Workbench()"))
PATIENCE_S = 60.0
GOODBYE_S = 10.0


class DemoError(Exception):
    """The demo cannot go on; the text says why, and what to try."""


def demo(*, port: int = 0, browser: bool = True, lab: bool = False) -> int:
    """Serve the workbench, and copies of the tutorials beside it, until Ctrl-C.

    Args:
        port: port of the server; 0 for a free one.
        browser: whether to open a browser.
        lab: JupyterLab instead of Voila, which shows no code.

    Returns:
        0 after Ctrl-C, else the server's own exit status.

    Raises:
        NbkitError: the server's package is not installed.
        DemoError: the tutorial is missing, the port is taken, or the server stopped before it answered.
    """
    require("jupyterlab" if lab else "voila")
    source = tutorials()
    token = secrets.token_urlsafe(24)
    with tempfile.TemporaryDirectory(prefix="nbkit-demo-") as folder, _ctrl_c_for_termination():
        copies = pathlib.Path(folder)
        for notebook in source.glob("*.ipynb"):
            shutil.copy(notebook, copies)
        (copies / PAGE).write_text(page(), encoding="utf-8")
        chosen = free_port(port)
        root = f"http://127.0.0.1:{chosen}"
        address = f"{root}/{'lab/tree' if lab else 'voila/render'}/{PAGE}?token={token}"
        with _serving(server_command(copies, chosen, lab=lab), copies, token) as (server, log):
            try:
                wait_until_it_answers(root, server, log)
                _tell(address, browser=browser, lab=lab)
                return server.wait()
            except KeyboardInterrupt:
                _say("\nnbkit: stopped")
                return 0


def page() -> str:
    """Write the notebook that holds the workbench."""
    return notebook.written(*CELLS)


def require(package: str) -> None:
    """Refuse to go on without a package of the ``app`` extra."""
    if importlib.util.find_spec(package) is None:
        what = f"needs {package}, which is not installed"
        raise fail("missing-package", "nbkit demo", what, 'pip install "nbkit[app]"')


def tutorials() -> pathlib.Path:
    """Find the folder that holds the tutorials."""
    for folder in FOLDERS:
        if (folder / TUTORIAL).is_file():
            return folder
    looked = " nor in ".join(str(folder) for folder in FOLDERS)
    raise DemoError(f"{TUTORIAL} is neither in {looked}; try installing nbkit again")


def free_port(wanted: int = 0) -> int:
    """Give the port if it is free, or any free one for 0."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError as error:
            raise DemoError(f"port {wanted} cannot be used ({error.strerror}); try without --port") from error
        return int(probe.getsockname()[1])


def server_command(folder: pathlib.Path, port: int, *, lab: bool) -> list[str]:
    """Write the command that serves a folder on this machine alone."""
    if lab:
        options = [f"--ServerApp.root_dir={folder}", "--ServerApp.open_browser=False"]
        options += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            options += ["--allow-root"]
        return [sys.executable, "-m", "jupyterlab", *options]
    options = ["--no-browser", f"--port={port}", "--Voila.ip=127.0.0.1", "--token", "--show_tracebacks=True"]
    return [sys.executable, "-m", "voila", str(folder), *options]


@contextmanager
def _serving(
    command: Sequence[str], folder: pathlib.Path, token: str
) -> Iterator[tuple[subprocess.Popen[bytes], pathlib.Path]]:
    """Run a server in a folder, its messages in a file beside, and stop it in the end."""
    # a kernel on two cores is slowed by threads that wait for each other; the token stays out of the process list
    environment = {"OPENBLAS_NUM_THREADS": "1", **os.environ, "JUPYTER_TOKEN": token}
    with tempfile.TemporaryDirectory(prefix="nbkit-log-") as place:
        log = pathlib.Path(place) / "server.log"
        with log.open("wb") as output:
            server = subprocess.Popen(  # noqa: S603
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for us; we end the server in our own time
            )
        try:
            yield server, log
        finally:
            stop(server)


def stop(server: subprocess.Popen[bytes]) -> None:
    """Ask a server to stop its kernels and itself; insist after ten seconds."""
    if server.poll() is None:
        server.terminate()
        try:
            server.wait(GOODBYE_S)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def wait_until_it_answers(address: str, server: subprocess.Popen[bytes], log: pathlib.Path) -> None:
    """Return as soon as the server answers, whatever the answer."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if server.poll() is not None:
            raise _failed("stopped before it answered", log)
        try:
            with urllib.request.urlopen(address, timeout=1):  # noqa: S310
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise _failed(f"did not answer within {PATIENCE_S:g} seconds", log)


def _failed(what: str, log: pathlib.Path) -> DemoError:
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
    return DemoError(f"the server {what}; it said:\n{tail}")


def _tell(address: str, *, browser: bool, lab: bool) -> None:
    lost = "; changes end with it, so download what you want to keep" if lab else ""
    _say(f"nbkit: the workbench is at\n\n    {address}\n\nnbkit: press Ctrl-C here to stop{lost}")
    if browser and not webbrowser.open(address):
        _say("nbkit: no browser could be opened; copy the address into one")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@contextmanager
def _ctrl_c_for_termination() -> Iterator[None]:
    """Let a request to end, or a closed terminal, do what Ctrl-C does, so that nothing is left behind."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
