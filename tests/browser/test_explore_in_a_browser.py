"""What a student meets: sliders that answer to the keyboard, a curve that follows, errors in words, no other server."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

TAU = "E.tau, time constant of E, in ms"


@pytest.fixture(scope="module")
def shown(watch, voila):
    watched = watch()
    watched.page.goto(f"{voila}/explorers.ipynb")
    expect(watched.page.locator(".nbkit-figure canvas").first).to_be_visible(timeout=30_000)
    watched.page.wait_for_function("() => window.Bokeh.documents.length === 3")
    return watched


@pytest.fixture
def slider(shown):
    """Give the first slider of the first explorer, at its start."""
    shown.page.get_by_role("button", name="Reset").first.click()
    handle = shown.page.get_by_role("slider", name=TAU).first
    expect(handle).to_have_attribute("aria-valuenow", "10.0")
    handle.focus()
    return handle


def answered(shown, tau):
    """Wait for the kernel to hold a value; give the end of its curve."""
    line = shown.page.locator(".the-answer .widget-html-content")
    expect(line).to_have_text(re.compile(rf"^tau {tau}, end "), timeout=10_000)
    return float(line.text_content().rpartition(" ")[2])


def settled(shown, end):
    """Wait until the curve in the page ends where the kernel's does."""
    shown.wait_for_data("E.r mean", "y", "(y, end) => Math.abs(y.at(-1) - end) < 1e-5", end)


def test_the_arrow_keys_move_the_curve_and_the_kernel_agrees(shown, slider):
    settled(shown, answered(shown, "10"))
    before = shown.data("E.r mean", "y")
    for _ in range(10):
        shown.page.keyboard.press("ArrowLeft")
    settled(shown, answered(shown, "8"))
    after = shown.data("E.r mean", "y")
    assert len(after) == len(before) == 501
    assert max(abs(a - b) for a, b in zip(after, before, strict=True)) > 0.01
    assert shown.data("E.r compare 0", "y") == pytest.approx(before, abs=1e-6)
    expect(shown.page.locator(".nbkit-status").first).to_have_text(re.compile(r"ms per run · 500 steps"))


def test_many_quick_changes_end_at_the_last_one(shown, slider):
    for key in ["ArrowRight"] * 15 + ["ArrowLeft"] * 25:
        shown.page.keyboard.press(key)
    settled(shown, answered(shown, "8"))


def images(shown):
    """Read the image of every figure that has one."""
    return shown.page.evaluate(
        """() => window.Bokeh.documents.map(d => d.get_model_by_name("image")).filter(model => model)
            .map(model => Array.from(model.data.image[0]))"""
    )


def wait_until_images_differ(shown, before):
    shown.page.wait_for_function(
        """before => window.Bokeh.documents.map(d => d.get_model_by_name("image")).filter(model => model)
            .every(m => m.data.image[0].length === before.length
                && before.some((value, i) => Math.abs(value - m.data.image[0][i]) > 0.01))""",
        arg=before,
        timeout=10_000,
    )


def test_a_heat_map_shown_twice_changes_in_both_places(shown):
    [before, again] = images(shown)
    assert before == again
    shown.page.get_by_role("slider", name=TAU).nth(1).focus()
    shown.page.keyboard.press("Home")
    wait_until_images_differ(shown, before)
    [after, again] = images(shown)
    assert after == again


def test_all_figures_together_load_bokehjs_once(shown):
    assert shown.page.locator("script[data-nbkit-bokeh]").count() == 1


def test_a_figure_that_is_put_away_leaves_nothing_behind_and_the_other_follows(shown):
    shown.page.get_by_role("button", name="Put away").click()
    shown.page.wait_for_function("() => window.Bokeh.documents.length === 2")
    [before] = images(shown)
    shown.page.get_by_role("slider", name=TAU).nth(1).focus()
    shown.page.keyboard.press("End")
    wait_until_images_differ(shown, before)


def test_a_run_that_fails_says_why_and_reset_helps(shown, slider):
    good = shown.data("E.r mean", "y")
    shown.page.keyboard.press("Home")
    alert = shown.page.locator(".nbkit-controls").get_by_role("alert")
    expect(alert).to_contain_text("E.tau", timeout=10_000)
    expect(alert).to_contain_text("Try:")
    assert shown.data("E.r mean", "y") == good
    shown.page.get_by_role("button", name="Reset").first.click()
    expect(alert).to_have_count(0)
    expect(slider).to_have_attribute("aria-valuenow", "10.0")


def test_every_slider_and_figure_can_be_heard(shown, slider):
    names = [handle.get_attribute("aria-label") for handle in shown.page.get_by_role("slider").all()]
    assert names == [TAU, TAU.replace("E", "I"), TAU]
    figures = shown.page.get_by_role("figure")
    expect(figures.first).to_have_attribute(
        "aria-label", re.compile(r"^Traces over 0 to 50 ms\. E\.r, mean of 8 units")
    )
    expect(figures.nth(1)).to_have_attribute("aria-label", re.compile(r"^Heat map of E\.r: 8 units"))
    settled(shown, answered(shown, "10"))


def test_a_slider_that_is_made_anew_keeps_its_name(shown):
    button = shown.page.get_by_role("button", name="Turn")
    button.click()
    expect(shown.page.locator(".noUi-vertical")).to_have_count(1)
    expect(shown.page.get_by_role("slider", name=TAU)).to_have_count(2)
    button.click()
    expect(shown.page.locator(".noUi-vertical")).to_have_count(0)
    expect(shown.page.get_by_role("slider", name=TAU)).to_have_count(2)


@pytest.mark.parametrize("width", [1280, 800, 420])
def test_nothing_is_cut_off_at_any_width(shown, width):
    shown.page.set_viewport_size({"width": width, "height": 900})
    shown.page.wait_for_function(
        """() => document.documentElement.scrollWidth <= window.innerWidth
            && [...document.querySelectorAll(".nbkit-figure > *, .nbkit-row, .nbkit-words")].every(part => {
                const box = part.closest(".nbkit-picture, .nbkit-controls").getBoundingClientRect();
                const own = part.getBoundingClientRect();
                const inside = own.left >= box.left - 1 && own.right <= box.right + 1;
                return own.width > 0 && inside && box.left >= 0 && box.right <= window.innerWidth;
            })""",
        timeout=5000,
    )


def test_nothing_came_from_elsewhere_and_nothing_went_wrong(shown):
    assert shown.elsewhere == []
    assert shown.errors == []


def test_in_jupyterlab_the_arrow_keys_work_too(watch, lab):
    watched = watch()
    page = watched.page
    page.goto(lab("explorers.ipynb"))
    page.locator(".jp-CodeCell").first.wait_for(timeout=40_000)
    page.wait_for_function(
        """() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === "idle" """,
        timeout=40_000,
    )
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
    handle = page.get_by_role("slider", name=TAU).first
    handle.wait_for(timeout=30_000)
    handle.focus()
    for _ in range(10):
        page.keyboard.press("ArrowLeft")
    settled(watched, answered(watched, "8"))
    assert page.locator("script[data-nbkit-bokeh]").count() == 1
    assert watched.elsewhere == []
