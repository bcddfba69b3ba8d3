"""Law: a first-year student composes, changes and understands a network with the mouse or the keys alone."""

import re

import pytest
from playwright.sync_api import expect


@pytest.fixture
def bench(watch, voila):
    watched = watch()
    watched.page.set_viewport_size({"width": 1280, "height": 680})
    watched.page.goto(f"{voila}/workbench.ipynb")
    expect(story(watched.page)).to_contain_text("E and I oscillate, period 40.6 ms", timeout=30_000)
    yield watched.page
    assert watched.errors == []
    assert watched.elsewhere == []


def story(page):
    return page.locator(".nbk-story")


def number(page, path, value):
    field = page.locator(f'[data-key="number {path}"]')
    field.fill(str(value))
    field.press("Enter")


def middle(page, name):
    circle = page.locator(f'[data-key="node {name}"] circle')
    for _ in range(50):  # it may be drawn anew just now
        box = circle.bounding_box()
        if box:
            break
        page.wait_for_timeout(100)
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box["width"] / 2


def test_a_delay_more_than_doubles_the_period_and_it_is_said(bench):
    bench.get_by_role("button", name="I, inhibitory population, 20 units").first.click()
    number(bench, "E->I.delay", 2)
    expect(story(bench)).to_contain_text("E->I.delay 0 → 2 ms: period 40.6 → 82.6 ms")
    bench.get_by_role("button", name="E, excitatory population, 80 units").first.click()
    number(bench, "I->E.delay", "2 ms")
    expect(story(bench)).to_contain_text("period 91.7 ms")
    expect(bench.get_by_text("100 steps · 0.25 τ")).to_be_visible()
    bench.get_by_role("button", name=re.compile("^Undo: I->E.delay 0 → 2 ms")).click()
    bench.get_by_role("button", name=re.compile("^Undo: E->I.delay 0 → 2 ms")).click()
    expect(story(bench)).to_contain_text("period 40.6 ms")
    bench.get_by_role("button", name=re.compile("^Redo: E->I.delay")).click()
    expect(story(bench)).to_contain_text("period 82.6 ms")


def test_a_slider_moves_by_keys_and_is_one_edit(bench):
    slider = bench.get_by_role("slider", name="time constant, E.tau")
    slider.focus()
    for _ in range(5):
        bench.keyboard.press("ArrowRight")
    field = bench.locator('[data-key="number E.tau"]')
    expect(field).not_to_have_value("8")
    expect(bench.get_by_role("button", name=re.compile(r"^Undo: E.tau 8 → "))).to_be_enabled()
    bench.get_by_role("button", name=re.compile(r"^Undo: E.tau 8 → ")).click()
    expect(field).to_have_value("8")
    expect(bench.get_by_role("button", name="Nothing to undo")).to_be_disabled()


@pytest.mark.parametrize("wrong", ["abc", "-1", "1e999"])
def test_a_wrong_value_is_told_beside_its_control_and_the_old_one_kept(bench, wrong):
    number(bench, "E.tau", wrong)
    expect(bench.get_by_role("alert").filter(has_text="Kept 8 ms.")).to_be_visible()
    expect(bench.get_by_role("status")).to_have_text("1 problem")
    expect(story(bench)).to_contain_text("period 40.6 ms")
    number(bench, "E.tau", "9")
    expect(bench.get_by_role("status")).to_have_text(re.compile("^Ready"), timeout=10_000)


def test_from_an_empty_canvas_to_two_coupled_populations_with_the_mouse(bench):
    bench.get_by_label("Begin with", exact=True).select_option("blank")
    expect(bench.get_by_text("Add a population to begin.")).to_be_visible()
    bench.get_by_label("Add a population").select_option("wilson_cowan")
    expect(bench.locator('[data-key="node E"] circle')).to_be_visible()
    bench.get_by_label("Add a population").select_option("wilson_cowan_inhibitory")
    expect(bench.locator('[data-key="node I"] circle')).to_be_visible()
    (x, y, radius), (to_x, to_y, _) = middle(bench, "E"), middle(bench, "I")
    bench.mouse.move(x + radius - 4, y)
    bench.mouse.down()
    bench.mouse.move(to_x, to_y, steps=6)
    bench.mouse.up()
    expect(bench.get_by_role("button", name="E excites I, weight +1", exact=True).first).to_be_visible()
    expect(bench.get_by_role("slider", name="total onto a unit, E to I.weight")).to_be_visible()
    x, y, _ = middle(bench, "E")
    bench.mouse.move(x, y)
    bench.mouse.down()
    bench.mouse.move(x + 40, y + 30, steps=6)
    bench.mouse.up()
    bench.wait_for_timeout(1500)
    assert middle(bench, "E")[0] == pytest.approx(x + 40, abs=3)


def test_it_can_be_used_by_keys_alone(bench):
    bench.locator('[data-key="node E"]').focus()
    bench.keyboard.press("c")
    expect(bench.get_by_text("Connect E: go to a population and press Enter")).to_be_visible()
    bench.locator('[data-key="node I"]').focus()
    bench.keyboard.press("Enter")
    expect(bench.get_by_role("button", name="E excites I, weight +1", exact=True).first).to_be_visible()
    bench.locator('[data-key="arrow E->I2"]').focus()
    bench.keyboard.press("Delete")
    expect(bench.get_by_role("button", name="E excites I, weight +1", exact=True)).to_have_count(0)
    bench.locator('[data-key="run"]').focus()
    bench.keyboard.press("Enter")
    expect(bench.get_by_role("status")).to_have_text(re.compile("^Ready"), timeout=10_000)


def test_every_control_has_a_name(bench):
    nameless = bench.evaluate(
        """() => [...document.querySelectorAll(".nbk button, .nbk input, .nbk select, .nbk [role=button]")]
            .filter(node => !(node.getAttribute("aria-label") || node.textContent.trim() || node.labels?.length))
            .map(node => node.outerHTML)"""
    )
    assert nameless == []


@pytest.mark.parametrize(("width", "height"), [(1280, 600), (900, 900), (640, 900)])
def test_nothing_is_clipped(bench, width, height):
    bench.set_viewport_size({"width": width, "height": height})
    bench.wait_for_timeout(500)
    assert bench.evaluate("document.documentElement.scrollWidth") <= width
    for part in (".nbk-header", ".nbk-canvas", ".nbk-inspector", ".nbk-figures"):
        box = bench.locator(part).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    if width == 1280:
        for part in ('[data-key="run"]', ".nbk-canvas svg", ".nbk-figures .nbkit-figure"):
            box = bench.locator(part).bounding_box()
            assert box["y"] + box["height"] <= height


def test_motifs_show_the_figure_that_suits_them_and_code_and_link_can_be_taken(bench):
    bench.get_by_label("Begin with", exact=True).select_option("moving_bump")
    expect(bench.get_by_role("button", name="▶ Play")).to_be_visible(timeout=15_000)
    bench.get_by_label("Begin with", exact=True).select_option("spikes")
    expect(story(bench)).to_contain_text("E fires at", timeout=15_000)
    bench.locator('[data-key="share"]').click()
    text = bench.get_by_label("text to copy")
    bench.get_by_role("button", name="Show this network as Python").click()
    expect(text).to_have_value(re.compile(r"nb\.Network\("))
    bench.get_by_role("button", name="Show this network as Link").click()
    expect(text).to_have_value(re.compile(r"^nbkit1\."))


def test_in_jupyterlab_it_works_too(watch, lab):
    watched = watch()
    page = watched.page
    page.goto(lab("workbench.ipynb"))
    page.locator(".jp-CodeCell").first.wait_for(timeout=40_000)
    page.wait_for_function(
        """() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === "idle" """,
        timeout=40_000,
    )
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
    expect(story(page)).to_contain_text("period 40.6 ms", timeout=40_000)
    slider = page.get_by_role("slider", name="time constant, E.tau")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator('[data-key="number E.tau"]')).to_have_value("8.2")
    expect(page.locator('[data-key="undo"]')).to_be_enabled()
    page.locator('[data-key="undo"]').press("Control+z")
    expect(page.locator('[data-key="number E.tau"]')).to_have_value("8")
    assert watched.elsewhere == []
