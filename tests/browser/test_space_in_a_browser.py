"""What moves in space: a sheet that runs live and obeys its buttons, a player that needs no kernel, keys that work."""

from __future__ import annotations

import re

import numpy as np
import pytest
import xarray as xr
from bokeh.embed import file_html
from bokeh.resources import INLINE
from playwright.sync_api import expect

from nbkit.plots import sheet

TAU = "E.tau, time constant of E, in ms"
#: The colours in the middle third of the n-th figure, where there is no text, as one number that changes when they do.
COLOURS = """n => {
    const root = document.querySelectorAll(".nbkit-figure")[n] ?? document.body;
    const found = [];
    const look = (node) => {
        if (node instanceof HTMLCanvasElement && node.width > 200) found.push(node);
        for (const child of [...(node.shadowRoot?.children ?? []), ...node.children]) look(child);
    };
    look(root);
    const [canvas] = found;
    const [width, height] = [Math.round(canvas.width / 3), Math.round(canvas.height / 3)];
    const { data } = canvas.getContext("2d").getImageData(width, height, width, height);
    return data.reduce((sum, value, i) => (sum * 31 + value + i) % 1000003, 7);
}"""


def colours(watched, number=0):
    return watched.page.evaluate(COLOURS, number)


def wait_for_other_colours(watched, before, number=0):
    watched.page.wait_for_function(f"([n, before]) => ({COLOURS})(n) !== before", arg=[number, before], timeout=10_000)


def read_time(text):
    return float(re.search(r"t = ([\d.]+)", text)[1])


@pytest.fixture(scope="module")
def shown(watch, voila):
    watched = watch()
    watched.page.goto(f"{voila}/space.ipynb")
    expect(watched.page.locator(".nbkit-figure canvas").first).to_be_visible(timeout=30_000)
    watched.page.wait_for_function("() => window.Bokeh.documents.length === 2")
    return watched


@pytest.fixture
def live(shown):
    """Give the live view, at rest at the start."""
    box = shown.page.locator(".nbkit-live")
    pause = box.get_by_role("button", name="Pause")
    if pause.count():
        pause.click()
    box.get_by_role("button", name="Reset").click()
    expect(box.locator(".nbkit-status").first).to_have_text(re.compile("Ready at t = 0 ms"))
    return box


def cells(shown):
    """Read the cells of the live sheet; it has 12 × 18 of them, the other sheet 10 × 10."""
    found = shown.page.evaluate(
        """() => window.Bokeh.documents.map(d => d.get_model_by_name("image").data.image[0]).map(a => Array.from(a))"""
    )
    [mine] = [image for image in found if len(image) == 12 * 18]
    return np.array(mine)


def asked(shown):
    """Ask the kernel: whether it runs, its time, its tau."""
    line = shown.page.locator(".the-answer .widget-html-content")
    number = int(line.text_content().split()[0]) + 1
    shown.page.get_by_role("button", name="Ask").click()
    expect(line).to_have_text(re.compile(rf"^{number} "), timeout=10_000)
    return line.text_content().split()[1:]


def test_it_runs_is_drawn_and_stands_still_when_told(shown, live):
    first = colours(shown)
    live.get_by_role("button", name="Run").click()
    status = live.locator(".nbkit-status").first
    expect(status).to_have_text(re.compile(r"steps a second · 0\.0\d+ × real time"), timeout=10_000)
    wait_for_other_colours(shown, first)
    running = colours(shown)
    wait_for_other_colours(shown, running)
    live.get_by_role("button", name="Pause").click()
    expect(status).to_have_text(re.compile(r"Paused at t = "))
    stood = read_time(status.text_content())
    assert stood > 1
    label = re.compile(rf"^Sheet of rate r \(dimensionless\) at t = {stood:g} ms: from ")
    expect(live.get_by_role("figure")).to_have_attribute("aria-label", label)
    still = colours(shown)
    running, time, _ = asked(shown)
    assert (running, float(time)) == ("False", stood)
    shown.page.wait_for_timeout(300)
    assert colours(shown) == still


def test_the_page_draws_what_the_kernel_has(shown, live):
    live.get_by_role("button", name="Step").click()
    expect(live.get_by_role("figure")).to_have_attribute("aria-label", re.compile(r"at t = 0\.5 ms"))
    image = cells(shown)
    assert 0.5 < image.max() <= 1
    live.get_by_role("button", name="Reset").click()
    expect(live.get_by_role("figure")).to_have_attribute("aria-label", re.compile(r"at t = 0 ms"))
    start = cells(shown)
    # one frame of five Euler steps of 0.1 ms: what is left of the start is (1 - dt/tau)**5 of it
    assert np.corrcoef(image, start)[0, 1] > 0.999999
    assert np.ptp(image) / np.ptp(start) == pytest.approx(0.99**5, rel=1e-4)


def test_buttons_and_sliders_answer_to_keys_while_it_runs(shown, live):
    run = live.get_by_role("button", name="Run")
    run.focus()
    shown.page.keyboard.press("Enter")
    expect(live.get_by_role("button", name="Pause")).to_be_visible()
    handle = live.get_by_role("slider", name=TAU)
    expect(handle).to_have_attribute("aria-valuenow", "10.0")
    handle.focus()
    for _ in range(5):
        shown.page.keyboard.press("ArrowRight")
    expect(handle).to_have_attribute("aria-valuenow", "11.0")
    running, time, tau = asked(shown)
    for _ in range(20):  # the last of several steps may still be on its way
        if tau == "11":
            break
        running, time, tau = asked(shown)
    assert (running, tau) == ("True", "11")
    handle.focus()
    shown.page.keyboard.press("Home")
    expect(live.get_by_role("alert").last).to_contain_text("E.tau", timeout=10_000)
    expect(handle).to_have_attribute("aria-valuenow", "11.0")
    assert float(asked(shown)[1]) > float(time)
    speed = live.get_by_role("slider", name="speed, in steps for each frame")
    speed.focus()
    shown.page.keyboard.press("End")
    expect(live.locator(".widget-readout").first).to_have_text("full")
    live.get_by_role("button", name="Pause").click()
    expect(run).to_be_visible(timeout=5000)


def test_the_player_of_a_recording_follows_another_run_where_it_stands(shown):
    slider = shown.page.get_by_role("slider", name="time, in ms")
    slider.focus()
    shown.page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", "t = 0.0 ms")
    for _ in range(10):
        shown.page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "t = 5.0 ms")
    before = colours(shown, 1)
    shown.page.get_by_role("button", name="Other run").click()
    wait_for_other_colours(shown, before, 1)
    expect(slider).to_have_attribute("aria-valuetext", "t = 5.0 ms")


@pytest.mark.parametrize("width", [1280, 800, 420])
def test_nothing_is_cut_off_at_any_width(shown, width):
    shown.page.set_viewport_size({"width": width, "height": 900})
    shown.page.wait_for_function(
        """() => document.documentElement.scrollWidth <= window.innerWidth
            && [...document.querySelectorAll(".nbkit-figure > *, .nbkit-row, .nbkit-buttons > *")].every(part => {
                const own = part.getBoundingClientRect();
                return own.width > 0 && own.left >= 0 && own.right <= window.innerWidth;
            })""",
        timeout=5000,
    )
    shown.page.set_viewport_size({"width": 1280, "height": 900})


def test_nothing_came_from_elsewhere_and_nothing_went_wrong(shown):
    assert shown.elsewhere == []
    assert shown.errors == []


def test_in_a_page_without_a_kernel_the_player_plays(watch):
    middles = (np.arange(6) + 0.5) / 6
    values = np.random.default_rng(0).random((61, 6, 6))
    dims = ("time", "E.grid_y", "E.grid_x")
    places = {"time": ("time", np.arange(61.0), {"units": "ms"}), "E.grid_y": middles, "E.grid_x": middles}
    watched = watch(800)
    figure = sheet(xr.Dataset({"E.r": (dims, values)}, places), time=20)
    watched.page.set_content(file_html(figure, INLINE, "a sheet"))
    slider = watched.page.get_by_role("slider", name="time, in ms")
    expect(slider).to_have_attribute("aria-valuetext", "t = 20 ms")
    for frame, key in ((21, "ArrowRight"), (0, "Home"), (60, "End")):
        slider.focus()
        before = colours(watched)
        watched.page.keyboard.press(key)
        expect(slider).to_have_attribute("aria-valuetext", f"t = {frame} ms")
        assert watched.data("image", "image") == pytest.approx(values[frame].reshape(-1).tolist(), abs=1e-4)
        wait_for_other_colours(watched, before)
    button = watched.page.get_by_role("button", name="Play")
    button.focus()
    watched.page.keyboard.press("Space")  # at the end: it begins again
    watched.page.get_by_role("button", name="Pause").click()
    stood = slider.get_attribute("aria-valuetext")
    assert 0 <= read_time(stood) < 60
    watched.page.wait_for_timeout(200)
    assert slider.get_attribute("aria-valuetext") == stood
    watched.page.get_by_role("button", name="Play").click()
    expect(slider).to_have_attribute("aria-valuetext", "t = 60 ms", timeout=10_000)
    expect(button).to_be_visible()
    assert watched.errors == []
    assert watched.elsewhere == []
