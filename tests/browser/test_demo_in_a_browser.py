"""The one command of the README: it serves the workbench to whoever holds its address, and to nobody else."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request

import pytest
from playwright.sync_api import expect

#: What a shell starts in the background ignores interrupts, and so does all that it starts; a user's terminal does not.
HEEDING_INTERRUPTS = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("nbkit", run_name="__main__", alter_sys=True)
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Run ``nbkit demo``; give its address."""
    temporary = tmp_path_factory.mktemp("demo")
    environment = {**os.environ, "TMPDIR": str(temporary)}
    command = [sys.executable, "-u", "-c", HEEDING_INTERRUPTS, "demo", "--no-browser"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            lines = iter(process.stdout.readline, "")
            found = (re.search(r"http://\S+", line) for line in lines)
            yield next(match[0] for match in found if match)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                assert process.wait(20) == 0
            finally:
                process.kill()
    assert list(temporary.glob("nbkit-*")) == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_the_workbench_shows_a_rhythm_and_what_a_delay_does_to_it(watch, demo):
    watched = watch()
    watched.page.goto(demo)
    story = watched.page.locator(".nbk-story")
    expect(story).to_contain_text("period 40.6 ms", timeout=60_000)
    expect(watched.page.locator(".nbkit-figure canvas").first).to_be_visible()
    watched.page.locator('[data-key="node I"]').click()
    field = watched.page.locator('[data-key="number E->I.delay"]')
    field.fill("2")
    field.press("Enter")
    expect(story).to_contain_text("period 40.6 → 82.6 ms")
    assert watched.elsewhere == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_without_its_token_the_address_shows_nothing(demo):
    with urllib.request.urlopen(demo.partition("?")[0]) as answer:  # noqa: S310
        assert "login" in answer.url
        assert "rhythm" not in answer.read().decode()
