"""Binder's environment, made from its folder alone: everything fits together, and its link opens a live workbench."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect

from nbkit.app import demo
from tests.architecture.tree import ROOT

#: What stands behind the link: the page that a visitor gets, with no code in it.
LINK = "voila/render/binder/workbench.ipynb"
MEMORY_MB = 400
ASK = """
import nbkit as nb
ds = nb.simulate(nb.networks.rhythm(), 10.0, 0.1)
print(nb.__file__, ds.attrs["accelerator"], ds.attrs["accelerator_reason"], sep="|")
"""
UV = [sys.executable, "-m", "uv"]


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """What Binder makes of the repository: a copy of it, the locked packages, and then postBuild."""
    home = tmp_path_factory.mktemp("binder")
    left_out = shutil.ignore_patterns(".*", "__pycache__", "*.so", "tests", "gallery")
    repository = shutil.copytree(ROOT, home / "repository", ignore=left_out)
    python = home / "env/bin/python"
    environment = {**os.environ, "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": ""}

    def run(*words: str) -> str:
        done = subprocess.run(words, cwd=repository, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run(*UV, "venv", "--quiet", "--seed", "--python", sys.executable, str(home / "env"))
    run(*UV, "pip", "install", "--quiet", "--python", str(python), "-r", "binder/requirements.txt")
    run("bash", "binder/postBuild")
    return repository, python, environment, run


def test_the_locked_versions_fit_together_and_hold_all_that_nbkit_needs(image):
    _, python, _, run = image
    run(*UV, "pip", "check", "--python", str(python))


def test_nbkit_has_its_accelerator_there(image):
    repository, python, _, run = image
    place, accelerator, reason = run(str(python), "-c", ASK).strip().split("|")
    assert Path(place).is_relative_to(repository)
    assert accelerator == "compiled", reason


def test_the_link_opens_a_live_workbench_in_little_memory(image, watch, monkeypatch):
    repository, python, environment, _ = image
    with _serving(repository, python, environment, monkeypatch) as address:
        watched = watch()
        watched.page.goto(f"{address}/{LINK}", timeout=120_000)
        story = watched.page.locator(".nbk-story")
        expect(story).to_contain_text("period 40.6 ms", timeout=120_000)
        used = _memory_mb(repository)
        watched.page.locator('[data-key="node I"]').click()
        field = watched.page.locator('[data-key="number E->I.delay"]')
        field.fill("2")
        field.press("Enter")
        expect(story).to_contain_text("40.6 →", timeout=30_000)
        assert used <= MEMORY_MB


@contextmanager
def _serving(repository: Path, python: Path, environment: dict[str, str], patience) -> Iterator[str]:
    """The server that Binder starts, with Voila beside JupyterLab; without a token, for nobody else is here."""
    port = demo.free_port()
    options = [f"--ServerApp.port={port}", "--ServerApp.open_browser=False", "--ServerApp.allow_root=True"]
    options += ["--IdentityProvider.token=", f"--ServerApp.root_dir={repository}", "--ServerApp.ip=127.0.0.1"]
    command = [str(python), "-m", "jupyterlab", *options]
    log = repository / "server.log"
    with log.open("wb") as out:
        server = subprocess.Popen(command, cwd=repository, env=environment, stdout=out, stderr=out)
    try:
        patience.setattr(demo, "PATIENCE_S", 240.0)  # its first start reads every file for the first time
        demo.wait_until_it_answers(f"http://127.0.0.1:{port}", server, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        demo.stop(server)


def _memory_mb(folder: Path) -> float:
    """Memory of all processes that work in a folder or below; a page that n of them share counts 1/n for each."""
    total = 0.0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").resolve().is_relative_to(folder):
                found = re.search(r"^Pss:\s+(\d+) kB", (process / "smaps_rollup").read_text(), flags=re.MULTILINE)
                total += int(found[1]) / 1000 if found else 0.0
        except (OSError, PermissionError):
            continue
    assert total > 0
    return total
