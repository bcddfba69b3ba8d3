"""Law: work is not lost, can be taken along and handed in, and a teacher's task is solved without a line of code."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys

import pytest
from playwright.sync_api import expect

import nbkit as nb

RHYTHM = "E and I oscillate, period 40.6 ms"


def story(page):
    return page.locator(".nbk-story")


def field(page, path):
    return page.locator(f'[data-key="number {path}"]')


def type_into(place, value):
    place.fill(str(value))
    place.press("Enter")


def drag_to(page, slider, value):
    """Drag a slider's handle with the mouse to about a value."""
    low, high = (float(slider.get_attribute(name)) for name in ("min", "max"))
    now = float(slider.input_value())
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()

    def place(at):
        return box["x"] + 8 + (box["width"] - 16) * (at - low) / (high - low)

    y = box["y"] + box["height"] / 2
    page.mouse.move(place(now), y)
    page.mouse.down()
    page.mouse.move(place(value), y, steps=4)
    page.mouse.up()


@pytest.fixture
def opened(watch):
    """Give a function that opens a page of a server and watches it."""
    seen = []

    def open_page(address, width=1280):
        watched = watch()
        watched.page.set_viewport_size({"width": width, "height": 680})
        watched.page.goto(address)
        seen.append(watched)
        return watched.page

    yield open_page
    assert [watched.elsewhere for watched in seen] == [[] for _ in seen]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Run ``nbkit demo``; give its address."""
    environment = {**os.environ, "TMPDIR": str(tmp_path_factory.mktemp("demo"))}
    command = [sys.executable, "-u", "-m", "nbkit", "demo", "--no-browser"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            lines = iter(process.stdout.readline, "")
            found = (re.search(r"http://\S+", line) for line in lines)
            yield next(match[0] for match in found if match)
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_a_fresh_start_shows_a_rhythm_and_two_actions_of_the_mouse_change_its_delay(opened, demo):
    page = opened(demo)
    expect(page.get_by_text("Predict:")).to_be_visible(timeout=40_000)
    expect(story(page)).to_contain_text(RHYTHM, timeout=40_000)
    page.locator('[data-key="node I"]').click()
    drag_to(page, page.locator('[data-key="slider E->I.delay"]'), 2.0)
    expect(page.get_by_role("button", name=re.compile(r"Undo: E->I.delay 0 → [12]"))).to_be_enabled()
    if page.get_by_text("edits wait for Run").count():  # a machine with too much to do
        page.locator('[data-key="run"]').click()
    expect(story(page)).to_contain_text(re.compile(r"E->I.delay 0 → [12][.\d]* ms: period 40.6 → \d\d"), timeout=15_000)


def test_a_killed_kernel_loses_nothing(opened, voila):
    page = opened(f"{voila}/mortal.ipynb")
    expect(story(page)).to_contain_text(RHYTHM, timeout=40_000)
    type_into(field(page, "E->E.delay"), 2)
    expect(page.get_by_role("button", name="Undo: E->E.delay 0 → 2 ms")).to_be_enabled()
    process = int(re.search(r"process (\d+)\.", page.locator("body").inner_text())[1])
    os.kill(process, signal.SIGKILL)
    expect(page.get_by_text("The kernel has stopped.")).to_be_visible(timeout=15_000)
    expect(page.locator(".nbkit-figure canvas").first).to_be_visible()
    page.get_by_role("button", name="Show the last state as a link").click()
    text = page.get_by_label("text to copy")
    assert nb.Document.from_link(text.input_value()).network.value("E->E.delay") == 2.0
    page.locator('[data-key="way json"]').click()
    expect(text).to_have_value(re.compile(r"^\{"))
    assert nb.Document.from_json(text.input_value()).network.value("E->E.delay") == 2.0
    page.reload()
    expect(page.get_by_text("Kept from your last work here, today")).to_contain_text(
        "E->E.delay 0 → 2 ms", timeout=40_000
    )
    page.get_by_role("button", name="Restore").click()
    expect(field(page, "E->E.delay")).to_have_value("2")
    expect(page.get_by_role("button", name="Undo: restored")).to_be_enabled()
    expect(page.locator('[data-key="restore"]')).to_have_count(0)


def test_links_and_files_go_out_and_come_in(opened, voila, tmp_path):
    page = opened(f"{voila}/workbench.ipynb", width=900)
    expect(story(page)).to_contain_text(RHYTHM, timeout=40_000)
    page.locator('[data-key="share"]').click()
    paste = page.get_by_label("Open a link or JSON of a network")
    told = page.locator(".nbk-answer")
    type_into(paste, "nbkit1.broken")
    expect(told.get_by_role("alert")).to_have_text("the link is damaged. Try: copy it again, whole.")
    below = told.bounding_box()["y"] - paste.bounding_box()["y"] - paste.bounding_box()["height"]
    assert 0 <= below < 20
    other = nb.Document(nb.networks.rhythm(delay=2.0), nb.Setup(300.0, 0.02))
    type_into(paste, f"https://hub.example/x#{other.to_link()}")
    expect(told).to_contain_text("2 populations (E, I), 4 projections, 1 stimulus, 300 ms")
    expect(story(page)).to_contain_text(RHYTHM)
    told.get_by_role("button", name="Open this network").click()
    expect(field(page, "I->E.delay")).to_have_value("2", timeout=15_000)
    expect(story(page)).not_to_contain_text(RHYTHM, timeout=15_000)
    page.locator('[data-key="share"]').click()
    saved = {}
    for kind in ("python", "notebook", "json"):
        page.locator(f'[data-key="way {kind}"]').click()
        expect(page.locator('[data-key="save file"]')).to_contain_text(
            {"python": ".py", "notebook": ".ipynb", "json": ".json"}[kind]
        )
        with page.expect_download() as download:
            page.locator('[data-key="save file"]').click()
        place = tmp_path / download.value.suggested_filename
        download.value.save_as(place)
        saved[kind] = place
    assert saved["python"].read_text(encoding="utf-8") == nb.Document(other.network, other.setup).to_code()
    assert json.loads(saved["notebook"].read_bytes())["cells"][1]["source"] == other.network.to_code()
    page.keyboard.press("Escape")
    expect(page.locator(".nbk-sheet")).to_be_hidden()
    page.locator('[data-key="undo"]').click()
    expect(story(page)).to_contain_text(RHYTHM, timeout=15_000)
    page.locator('[data-key="share"]').click()
    page.get_by_label("Open a file", exact=True).set_input_files(saved["json"])
    expect(told).to_contain_text("4 projections, 1 stimulus, 300 ms")
    assert page.evaluate("document.documentElement.scrollWidth") <= 900


def test_a_link_in_the_address_is_told_first(opened, voila):
    link = nb.Document(nb.networks.rhythm(delay=2.0), nb.Setup(300.0, 0.02)).to_link()
    page = opened(f"{voila}/workbench.ipynb#{link}")
    expect(page.locator(".nbk-answer")).to_contain_text("4 projections, 1 stimulus, 300 ms", timeout=40_000)
    expect(story(page)).to_contain_text(RHYTHM, timeout=15_000)


def test_a_task_is_predicted_and_solved_by_a_slider(opened, voila):
    page = opened(f"{voila}/lesson.ipynb")
    expect(page.get_by_text("The run is shown as soon as you said what you expect.")).to_be_visible(timeout=40_000)
    expect(page.locator(".nbkit-figure")).to_have_count(0)
    type_into(page.get_by_label("What will the period be with a delay of 2 ms? in ms"), 60)
    expect(story(page)).to_contain_text("period 41", timeout=15_000)
    assert page.get_by_role("slider").count() == 2
    page.get_by_role("button", name="Check my network").click()
    expect(page.get_by_text("Not yet: 0 of 2 points")).to_be_visible(timeout=15_000)
    expect(page.get_by_text("What would happen if I heard later from E?")).to_be_visible()
    drag_to(page, page.get_by_role("slider", name="delay, E to I.delay"), 3.0)
    expect(page.get_by_text("before your last change")).to_be_visible()
    expect(story(page)).to_contain_text("→", timeout=15_000)
    page.get_by_role("button", name="Check my network").click()
    expect(page.get_by_text("Solved: 2 of 2 points")).to_be_visible(timeout=15_000)
    expect(page.locator('[data-key="motif"]')).to_be_hidden()
    expect(page.locator(".nbk-tools")).to_be_hidden()
    page.get_by_role("button", name="Go back to the network that the task began with").click()
    expect(field(page, "E->I.delay")).to_have_value("0")


def test_arrow_keys_move_a_slider_in_notebook_7(opened, notebook7):
    page = opened(notebook7("workbench.ipynb"))
    page.locator(".jp-CodeCell").first.wait_for(timeout=40_000)
    page.wait_for_function(
        """() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === "idle" """,
        timeout=40_000,
    )
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
    expect(story(page)).to_contain_text(RHYTHM, timeout=40_000)
    page.get_by_role("slider", name="time constant, E.tau").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(field(page, "E.tau")).to_have_value("8.6")
    expect(page.get_by_role("button", name="Undo: E.tau 8 → 8.6 ms")).to_be_enabled()
    assert page.locator(".jp-CodeCell").count() == 1
