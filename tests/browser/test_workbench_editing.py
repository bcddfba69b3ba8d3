"""Law: whoever edits a network at the workbench sees at once what was taken, what was not, and why."""

import re

import pytest
from playwright.sync_api import expect

FOCUSED = """() => {
    const node = document.activeElement;
    if (!node.closest(".nbk")) return null;
    const drawn = node.closest(".nbk-node, .nbk-arrow")?.querySelector("circle, rect, .nbk-reach");
    const style = getComputedStyle(drawn ?? node);
    const ring = drawn ? style.strokeWidth : "";
    return [node.dataset.key ?? node.tagName, node.matches(":focus-visible"), style.outlineStyle, ring];
}"""


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


def key(page, name):
    return page.locator(f'[data-key="{name}"]')


def number(page, path, value):
    field = key(page, f"number {path}")
    field.fill(str(value))
    field.press("Enter")


def choose(page, name, label):
    """Choose from a list by keys alone, as far as the option with this label."""
    box = page.get_by_label(name, exact=True)
    box.focus()
    assert_focus_is_seen(page)
    options = box.locator("option").all_inner_texts()
    for _ in range(options.index(label)):
        page.keyboard.press("ArrowDown")


def assert_focus_is_seen(page):
    """What has focus in our panes is ringed; returns its name, or None where focus is elsewhere."""
    found = page.evaluate(FOCUSED)
    if found is None:
        return None
    name, visible, outline, ring = found
    assert visible, name
    assert outline != "none" or ring == "6px", (name, outline, ring)
    return name


def run(page):
    """Wait until nothing runs by itself, and run."""
    page.get_by_role("button", name="Run from the beginning").click(timeout=20_000)


def undo(page, words):
    return page.get_by_role("button", name=re.compile(f"^Undo: {words}"))


def test_by_keys_alone_a_network_is_made_connected_delayed_run_and_undone(bench):
    choose(bench, "Begin with", "Blank")
    expect(key(bench, "card rhythm")).to_be_visible()
    choose(bench, "Add a population", "Excitatory rate units")
    expect(key(bench, "node E")).to_be_visible()
    choose(bench, "Add a population", "Inhibitory rate units")
    expect(key(bench, "node I")).to_be_visible()
    key(bench, "node E").focus()
    bench.keyboard.press("ArrowRight")
    assert_focus_is_seen(bench)
    bench.keyboard.press("c")
    key(bench, "node I").focus()
    assert_focus_is_seen(bench)
    bench.keyboard.press("Enter")
    expect(bench.get_by_role("button", name="E excites I, weight +1", exact=True).first).to_be_visible()
    field = bench.get_by_role("textbox", name="delay, E to I.delay, as a number")
    field.focus()
    bench.keyboard.press("Control+a")
    bench.keyboard.type("2 ms")
    bench.keyboard.press("Enter")
    expect(bench.get_by_text("20 steps · 0.2 τ")).to_be_visible()
    assert_focus_is_seen(bench)
    key(bench, "run").focus()
    bench.keyboard.press("Enter")
    expect(bench.get_by_role("status")).to_contain_text("warning")
    bench.keyboard.press("Control+z")
    expect(field).to_have_value("0")
    expect(undo(bench, "connection E->I added")).to_be_visible()


def test_focus_is_seen_and_every_control_named_all_the_way_round(bench):
    key(bench, "motif").focus()
    seen = set()
    for _ in range(90):
        seen.add(assert_focus_is_seen(bench))
        bench.keyboard.press("Tab")
    assert {"run", "node E", "arrow E->I", "add", "slider E.tau", "number E.tau", "law E.tau", "edit E"} <= seen


def test_what_cannot_be_is_told_beside_its_control_and_the_last_good_value_is_kept(bench):
    for path, wrong, kept, reason in (
        ("E.tau", "abc", "8", "no number"),
        ("E.tau", "-1", "8", "τ must be above 0"),
        ("I->E.delay", "-1", "0", "negative"),
        ("E.size", "1e9", "80", "GB"),
        ("E.size", "0", "80", "not a positive whole number"),
    ):
        number(bench, path, wrong)
        told = bench.locator(".nbk-row", has=key(bench, f"number {path}")).locator(".nbk-problem")
        expect(told).to_contain_text(f"Kept {kept}")
        expect(told).to_contain_text(reason)
        expect(told).to_contain_text(re.compile("Try: |must be"))
        expect(bench.get_by_role("status")).to_have_text("1 problem")
        expect(bench.get_by_role("button", name="Nothing to undo")).to_be_disabled()
        number(bench, path, kept)
        expect(told).to_be_empty()
    expect(story(bench)).to_contain_text("period 40.6 ms")


def test_five_edits_are_taken_back_and_made_again(bench):
    for tau in (8.5, 9, 9.5, 10, 10.5):
        number(bench, "E.tau", tau)
        expect(undo(bench, rf"E\.tau [\d.]+ → {tau} ms")).to_be_visible()
    for tau in (10, 9.5, 9, 8.5, 8):
        key(bench, "undo").click()
        expect(key(bench, "number E.tau")).to_have_value(str(tau))
    expect(bench.get_by_role("button", name="Nothing to undo")).to_be_disabled()
    for tau in (8.5, 9, 9.5, 10, 10.5):
        key(bench, "redo").click()
        expect(key(bench, "number E.tau")).to_have_value(str(tau))
    bench.get_by_text("History · 6 revisions").click()
    bench.get_by_role("button", name="Go to revision 2: E.tau 8.5 → 9 ms").click()
    expect(key(bench, "number E.tau")).to_have_value("9")


def test_own_equations_wrong_then_right(bench):
    bench.get_by_role("button", name="Edit the equations of E").click()
    text = bench.get_by_role("textbox", name="Equations of E")
    text.fill("tau * dr/dt = -r + (1 - k*r)*m\nm = sigmoid(s*(r_in + b - theta)")
    expect(bench.get_by_role("button", name=re.compile("Go to line 2, column"))).to_be_visible()
    expect(bench.get_by_role("button", name="Apply")).to_be_disabled()
    text.fill("tau * dr/dt = -r + (1 - k*r)*m\nm = sigmoid(s*(r_in + b - theta))")
    expect(bench.get_by_text("'b' is not declared")).to_be_visible()
    bench.get_by_role("button", name="Go to line 2, column 23").click()
    assert bench.evaluate("() => document.activeElement.selectionStart") == 31 + 22
    bench.get_by_role("button", name="Make b a parameter").click()
    expect(bench.get_by_text("drive: there is no E.r_ext")).to_be_visible()
    expect(bench.locator(".nbk-editor math")).to_be_visible()
    bench.get_by_role("button", name="Apply, and take out this").click()
    expect(undo(bench, "new equations of E")).to_be_visible()
    expect(key(bench, "node drive")).to_have_count(0)
    number(bench, "E.b", 1.25)
    expect(undo(bench, r"E\.b 1 → 1.25")).to_be_visible()
    key(bench, "undo").click()
    key(bench, "undo").click()
    expect(key(bench, "node drive")).to_be_visible()
    expect(key(bench, "number E.s")).to_have_value("1.3")


def test_a_law_shows_what_it_draws(bench):
    bench.get_by_role("button", name="Draw time constant, E.tau from a law").click()
    drawn = bench.get_by_role("img", name=re.compile(r"^80 values, mean 7\.\d+, sd 0\.\d+ ms"))
    expect(drawn).to_be_visible()
    before = drawn.get_attribute("aria-label")
    bench.get_by_label("Law of time constant, E.tau").select_option("Uniform")
    expect(key(bench, "number E.tau.low")).to_have_value("6.4")
    number(bench, "E.tau.low", 12)
    expect(bench.get_by_role("alert").filter(has_text="above high")).to_contain_text("Kept 6.4 ms.")
    number(bench, "E.tau.low", 4)
    expect(bench.get_by_role("img", name=re.compile(r"^80 values, mean 6\.\d+, sd 1\.\d+ ms"))).to_be_visible()
    assert before is not None
    expect(key(bench, "undo")).to_have_attribute("aria-label", re.compile("Undo: E.tau"))
    bench.get_by_role("button", name="Give time constant, E.tau one number again").click()
    expect(key(bench, "number E.tau")).to_have_value("6.8")


def test_a_motif_comes_beside_what_there_is(bench):
    bench.get_by_label("Add a motif").select_option("pair")
    expect(key(bench, "node E2")).to_be_visible()
    expect(undo(bench, "E-I pair added: E2, I2")).to_be_visible()
    expect(bench.locator("h3")).to_contain_text("2 populations")
    undo(bench, "E-I pair added").click()
    expect(key(bench, "node E2")).to_have_count(0)


def test_an_empty_canvas_offers_four_beginnings(bench):
    bench.get_by_label("Begin with", exact=True).select_option("blank")
    cards = bench.get_by_role("group", name="Begin with one of these").get_by_role("button")
    expect(cards).to_have_count(4)
    bench.get_by_role("button", name="Begin with: Blank", exact=True).click()
    expect(cards).to_have_count(0)
    expect(bench.get_by_text("Add a population to begin.", exact=True)).to_be_visible()
    bench.get_by_label("Add a population").select_option("wilson_cowan")
    silence = bench.get_by_text("Nothing drives E.")
    expect(silence).to_be_visible()
    bench.get_by_role("button", name="Start E.r at 0.1").click()
    expect(silence).to_have_count(0)
    expect(key(bench, "number E.r.initial")).to_have_value("0.1")
    bench.get_by_label("Begin with", exact=True).select_option("blank")
    bench.get_by_role("button", name="Begin with: A rhythm", exact=True).click()
    expect(story(bench)).to_contain_text("period 40.6 ms")


def test_a_new_name_is_given_on_the_drawing_or_beside_the_values(bench):
    circle = key(bench, "node E").locator("circle")
    circle.dblclick()
    field = bench.get_by_role("textbox", name="New name of E")
    field.fill("I")
    field.press("Enter")
    expect(bench.locator(".nbk-ask")).to_contain_text("'I' is taken")
    key(bench, "node E").focus()
    bench.keyboard.press("F2")
    field.fill("Pyr")
    field.press("Enter")
    expect(undo(bench, "E renamed to Pyr")).to_be_visible()
    expect(bench.get_by_role("button", name="Pyr excites I, weight +15", exact=True).first).to_be_visible()
    bench.get_by_role("button", name="Rename Pyr").first.click()
    bench.get_by_role("textbox", name="New name of Pyr").fill("E")
    bench.keyboard.press("Enter")
    expect(undo(bench, "Pyr renamed to E")).to_be_visible()


def test_a_box_selects_and_what_is_shared_is_set_for_all(bench):
    drawing = bench.locator(".nbk-canvas > svg").bounding_box()
    bench.mouse.move(drawing["x"] + 3, drawing["y"] + 3)
    bench.mouse.down()
    bench.mouse.move(drawing["x"] + drawing["width"] - 3, drawing["y"] + drawing["height"] - 3, steps=6)
    bench.mouse.up()
    expect(bench.get_by_text("2 populations", exact=False).first).to_be_visible()
    expect(bench.get_by_text("4 connections", exact=False).first).to_be_visible()
    key(bench, "arrow E->I").focus()
    bench.keyboard.press("Enter")
    key(bench, "arrow I->E").focus()
    bench.keyboard.press("Shift+Enter")
    expect(bench.get_by_text("delay, both")).to_be_visible()
    number(bench, "E->I.delay", 2)
    expect(undo(bench, "I->E.delay 0 → 2 ms; E->I.delay 0 → 2 ms")).to_be_visible()
    run(bench)
    expect(story(bench)).to_contain_text("period 91.7 ms", timeout=20_000)
    key(bench, "arrow I->E").focus()
    bench.keyboard.press("Delete")
    expect(key(bench, "arrow E->I")).to_have_count(0)


def test_what_is_computed_is_folded(bench):
    bench.get_by_text("Computed").first.click()
    expect(bench.get_by_text("unstable focus, eigenvalues")).to_be_visible(timeout=20_000)
    key(bench, "arrow E->I").focus()
    bench.keyboard.press("Enter")
    number(bench, "E->I.delay", 2)
    bench.get_by_text("Computed").first.click()
    expect(bench.get_by_text("2 ms · 100 steps").last).to_be_visible()


def test_model_or_step_is_answered_beside_what_was_found(bench):
    key(bench, "chip").click()
    bench.get_by_role("button", name=re.compile("half the step")).click()
    expect(bench.locator(".nbk-asked")).to_contain_text("it is the model's", timeout=30_000)


def test_tips_are_shown_to_mouse_and_keys_and_the_parameter_in_use_is_lit(bench):
    bench.locator(".nbk-row", has=key(bench, "number E.tau")).locator(".nbk-words").hover()
    expect(bench.get_by_role("tooltip")).to_have_text("time constant · ms · usually 0 to 20 · above 0")
    bench.mouse.move(5, 5)
    expect(bench.get_by_role("tooltip")).to_have_count(0)
    key(bench, "number E.size").focus()
    bench.keyboard.press("Tab")
    expect(bench.get_by_role("tooltip")).to_have_text("time constant · ms · usually 0 to 20 · above 0")
    expect(bench.locator('.nbk-formula .nbk-lit[data-name="tau"]')).to_have_count(1)
    key(bench, "number E.theta").focus()
    expect(bench.locator('.nbk-formula .nbk-lit[data-name="theta"]')).to_have_count(2)


@pytest.mark.parametrize(("width", "height"), [(1280, 680), (900, 900), (640, 900)])
def test_nothing_new_is_clipped(bench, width, height):
    bench.set_viewport_size({"width": width, "height": height})
    bench.get_by_role("button", name="Draw time constant, E.tau from a law").click()
    bench.get_by_role("button", name="Edit the equations of E").click()
    expect(bench.locator(".nbk-editor math")).to_be_visible()
    assert bench.evaluate("document.documentElement.scrollWidth") <= width
    inside = bench.locator(".nbk-inspector").bounding_box()
    for part in (
        ".nbk-editor textarea",
        ".nbk-apply",
        ".nbk-histogram",
        ".nbk-tilde",
        '[data-key="number E.tau.mean"]',
    ):
        for box in (node.bounding_box() for node in bench.locator(part).all() if node.is_visible()):
            assert box["x"] >= inside["x"]
            assert box["x"] + box["width"] <= inside["x"] + inside["width"] + 1, part
