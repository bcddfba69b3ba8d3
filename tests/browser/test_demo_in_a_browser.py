"""The one command of the README: it serves the tutorial to whoever holds its address, and to nobody else."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request

import pytest
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Run ``nbkit demo``; give its address."""
    temporary = tmp_path_factory.mktemp("demo")
    environment = {**os.environ, "TMPDIR": str(temporary)}
    command = [sys.executable, "-u", "-m", "nbkit", "demo", "--no-browser"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            lines = iter(process.stdout.readline, "")
            found = (re.search(r"http://\S+", line) for line in lines)
            yield next(match[0] for match in found if match)
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0
    assert list(temporary.glob("nbkit-*")) == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_the_tutorial_runs_and_its_sliders_move(watch, demo):
    watched = watch()
    watched.page.goto(demo)
    live = watched.page.locator(".nbkit-explore")
    expect(live.locator(".nbkit-figure canvas").first).to_be_visible(timeout=60_000)
    status = live.locator(".nbkit-status").first
    before = live.get_by_role("figure").get_attribute("aria-label")
    live.get_by_role("slider").first.focus()
    watched.page.keyboard.press("End")
    expect(live.get_by_role("figure")).not_to_have_attribute("aria-label", before, timeout=10_000)
    expect(status).to_contain_text("ms per run")
    assert watched.elsewhere == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_without_its_token_the_address_shows_nothing(demo):
    with urllib.request.urlopen(demo.partition("?")[0]) as answer:  # noqa: S310
        assert "login" in answer.url
        assert "Wilson" not in answer.read().decode()
