"""Law: what a network does is seen and said: by any figure, beside other runs, held against theory, on any paper."""

import re
from itertools import combinations

import pytest
from playwright.sync_api import expect

#: Boxes that may never cover each other.
APART = (".nbk-header", ".nbk-canvas", ".nbk-inspector", ".nbk-figures")
#: Whether a figure stands in the page whose ground has this colour.
PAINTED = """(ink) => Bokeh.documents.flatMap((d) => [...d.all_models])
    .some((m) => m.type === "Figure" && m.background_fill_color === ink)"""
#: What a reader must see without scrolling.
SEEN = ('[data-key="run"]', ".nbk-canvas svg", ".nbk-figures .nbkit-figure")


@pytest.fixture(scope="module")
def opened(watch, voila):
    made = watch()
    made.page.set_viewport_size({"width": 1280, "height": 600})
    made.page.goto(f"{voila}/workbench.ipynb")
    expect(story(made.page)).to_contain_text("E and I oscillate, period 40.6 ms", timeout=30_000)
    return made


@pytest.fixture
def watched(opened):
    """One page for all tests, with the first network opened anew for each."""
    page = opened.page
    page.set_viewport_size({"width": 1280, "height": 600})
    for name in ("spikes", "rhythm"):
        page.get_by_label("Begin with", exact=True).select_option(name)
        expect(story(page)).to_contain_text({"spikes": "fires at", "rhythm": "period 40.6 ms"}[name], timeout=15_000)
    expect(page.locator('[data-key="figure Traces"]')).to_have_attribute("aria-pressed", "true")
    yield opened
    assert opened.errors == []
    assert opened.elsewhere == []


def story(page):
    return page.locator(".nbk-story")


def number(page, path, value):
    field = page.locator(f'[data-key="number {path}"]')
    field.fill(str(value))
    field.press("Enter")


def run(page):
    """Run what stands there: on a busy machine edits no longer run by themselves."""
    page.get_by_role("button", name="Run from the beginning").click(timeout=20_000)


def keep(page, name):
    page.get_by_role("button", name="Keep this run to compare").click()
    field = page.get_by_label("Name of the kept run")
    field.fill(name)
    field.press("Enter")
    expect(page.get_by_role("button", name=f"Remove {name} from the comparison")).to_be_visible()


def show(page, name):
    page.locator(f'[data-key="figure {name}"]').click()
    expect(page.locator(f'[data-key="figure {name}"]')).to_have_attribute("aria-pressed", "true", timeout=15_000)


def test_a_delay_of_2_ms_each_way_more_than_doubles_the_period(watched):
    page = watched.page
    watched.wait_for_data("E.r mean", "y", "(column) => column.length > 100", None)
    before = watched.data("E.r mean", "y")
    keep(page, "no delay")
    number(page, "I->E.delay", 2)
    page.get_by_role("button", name="I, inhibitory population, 20 units").first.click()
    number(page, "E->I.delay", 2)
    run(page)
    told = page.get_by_text(re.compile(r"Beside no delay: period \S+ → \S+ ms"))
    expect(told).to_contain_text(re.compile("→ 9"), timeout=20_000)
    short, long = map(float, re.search(r"period (\S+) → (\S+) ms", told.inner_text()).groups())
    assert short == pytest.approx(40.5, rel=0.02)
    assert long == pytest.approx(92.7, rel=0.02)
    ghosts = watched.page.evaluate(
        "() => Bokeh.documents.flatMap(d => [...d.all_models]).filter(m => / compare /.test(m.name ?? ''))"
        ".filter(m => m.data).map(m => [m.name, Array.from(m.data.y)])"
    )
    highest = [max(values) for name, values in ghosts if name.startswith("E.r compare") and len(values) == len(before)]
    assert pytest.approx(max(before), rel=1e-5) in highest
    page.get_by_role("button", name="What does theory say?").click()
    expect(page.locator(".nbk-theory")).to_contain_text(
        "Period of the rhythm: does not apply: derived without delay; your network has delays of 2 ms", timeout=20_000
    )


def test_a_rhythm_that_only_a_coarse_step_makes_is_warned_of_and_mended(watched):
    page = watched.page
    page.locator('[data-key="dt"]').fill("0.1")
    page.locator('[data-key="dt"]').press("Enter")
    number(page, "drive.amplitude", 2)
    run(page)
    expect(story(page)).to_contain_text("E and I oscillate, period 19.4 ms", timeout=15_000)
    page.locator(".nbk-findings summary").click()
    expect(page.locator(".nbk-findings")).to_contain_text("that is not there. dt must stay below 0.0396 ms")
    page.get_by_role("button", name="Do this: dt = 0.0125 ms").click()
    expect(page.locator(".nbk-findings[open]")).to_have_count(0)
    run(page)
    expect(story(page)).to_contain_text("E and I: a rhythm that dies away", timeout=20_000)
    expect(page.locator('[data-key="dt"]')).to_have_value("0.0125")
    expect(page.locator(".nbk-findings")).not_to_contain_text("that is not there")


def test_four_times_as_many_units_have_the_same_rhythm(watched):
    page = watched.page
    keep(page, "80 units")
    number(page, "E.size", 320)
    page.get_by_role("button", name="E, excitatory population, 320 units").first.wait_for()
    run(page)
    expect(page.get_by_text("Beside 80 units: the same")).to_be_visible(timeout=20_000)
    expect(story(page)).to_contain_text("E and I oscillate, period 40.6 ms")
    watched.wait_for_data("E.r mean", "y", "(column) => column.length > 100", None)


def test_every_figure_of_a_rhythm_is_drawn_two_at_a_time(watched):
    page = watched.page
    for name in ("Heatmap", "Spectrum", "Two variables", "Weights", "Histogram", "Phase plane", "Traces"):
        show(page, name)
    page.locator('[data-key="pin"]').select_option("Heatmap")
    watched.wait_for_data("1 image", "image", "(column) => column.length > 100", None)
    zoomed = page.evaluate(
        """() => {
            const found = Bokeh.documents.flatMap((d) => [...d.all_models]).filter((m) => m.type === "Figure");
            const [top, below] = found.slice(-2);
            top.x_range.setv({ start: 100, end: 200 });
            return [below.x_range.start, below.x_range.end];
        }"""
    )
    assert zoomed == [100, 200]
    page.locator('[data-key="pin"]').select_option("")
    show(page, "Spectrum")
    page.wait_for_function(
        "() => Bokeh.documents.flatMap(d => [...d.all_models]).some(m => m.text === '24.6 Hz')", timeout=10_000
    )


def test_table_and_files_come_from_the_page_itself(watched):
    page = watched.page
    page.get_by_role("button", name="Show the data table").click()
    expect(page.get_by_role("columnheader", name="time (ms)")).to_be_visible()
    expect(page.get_by_role("cell", name="E.r")).to_be_visible()
    begins = {"png": b"\x89PNG", "svg": b"<svg", "means": b"time (ms),E.r,I.r\n", "netcdf": b"CDF"}
    for kind, first in begins.items():
        with page.expect_download(timeout=20_000) as made:
            page.get_by_label("Save the picture or the data").select_option(kind)
        held = made.value.path().read_bytes()
        assert held.startswith(first), kind
        assert len(held) > 5000


def test_theory_is_ticked_beside_the_run_and_drawn(watched):
    page = watched.page
    page.get_by_role("button", name="What does theory say?").click()
    line = page.locator(".nbk-theory li").filter(has_text="Period of the rhythm").first
    expect(line.get_by_role("img", name="holds in this run")).to_be_visible(timeout=20_000)
    line.get_by_role("checkbox").check()
    expect(page.locator(".nbkit-figure")).to_have_attribute("aria-label", re.compile("Predictions: Period"))


@pytest.mark.parametrize(
    ("attribute", "value", "asked", "ground"),
    [
        ("jpThemeLight", "false", "light", "rgb(15, 23, 42)"),
        ("jpThemeLight", "true", "dark", "rgb(255, 255, 255)"),
        ("vscodeThemeKind", "vscode-dark", "light", "rgb(15, 23, 42)"),
        ("vscodeThemeKind", "vscode-light", "dark", "rgb(255, 255, 255)"),
        ("", "", "dark", "rgb(15, 23, 42)"),
        ("", "", "light", "rgb(255, 255, 255)"),
    ],
)
def test_the_paper_is_that_of_the_notebook_else_what_the_reader_asks_for(opened, attribute, value, asked, ground):
    page = opened.page
    page.evaluate(
        """([name, value]) => {
            delete document.body.dataset.jpThemeLight;
            if (name) document.body.dataset[name] = value;
        }""",
        [attribute, value],
    )
    page.emulate_media(color_scheme=asked)
    expect(page.locator(".nbk-figures")).to_have_css("background-color", ground)
    ink = {"rgb(255, 255, 255)": "white"}.get(ground, "#0f172a")
    page.wait_for_function(PAINTED, arg=ink)
    page.emulate_media(color_scheme="light")
    page.evaluate(
        "() => { delete document.body.dataset.vscodeThemeKind; document.body.dataset.jpThemeLight = 'true'; }"
    )


def boxes(page):
    return {part: page.locator(part).first.bounding_box() for part in (*APART, *SEEN)}


def overlap(one, other):
    across = min(one["x"] + one["width"], other["x"] + other["width"]) - max(one["x"], other["x"])
    down = min(one["y"] + one["height"], other["y"] + other["height"]) - max(one["y"], other["y"])
    return across > 0.5 and down > 0.5


#: Children of a line that stick out of it, or that lie over each other.
SPILT = """(line) => {
    const outer = line.getBoundingClientRect();
    const rims = [...line.children].map((node) => node.getBoundingClientRect()).filter((rim) => rim.width);
    const out = rims.filter((rim) => rim.left < outer.left - 1 || rim.right > outer.right + 1);
    const shared = (a, b) => [Math.min(a.right, b.right) - Math.max(a.left, b.left),
        Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)];
    const over = rims.filter((a, i) => rims.some((b, k) => k > i && Math.min(...shared(a, b)) > 1));
    return out.length + over.length;
}"""


@pytest.mark.parametrize("paper", ["light", "dark"])
def test_nothing_is_clipped_and_nothing_overlaps(watched, paper):
    page = watched.page
    page.evaluate("(light) => { document.body.dataset.jpThemeLight = light; }", str(paper == "light").lower())
    ground = {"light": "rgb(255, 255, 255)", "dark": "rgb(15, 23, 42)"}[paper]
    expect(page.locator(".nbk-figures")).to_have_css("background-color", ground)
    page.wait_for_function(
        PAINTED,
        arg={"light": "white", "dark": "#0f172a"}[paper],
    )
    for width, height in ((1280, 600), (900, 900), (640, 900)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(500)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        found = boxes(page)
        crossing = [pair for pair in combinations(APART, 2) if overlap(found[pair[0]], found[pair[1]])]
        assert crossing == []
        for part in APART:
            assert found[part]["x"] >= 0
            assert found[part]["x"] + found[part]["width"] <= width
        if width >= 900:
            assert found[".nbk-header"]["height"] <= 45
            for part in SEEN:
                assert found[part]["y"] >= 0, (part, width)
                assert found[part]["y"] + found[part]["height"] <= height, (part, width)
        for line in (".nbk-header", ".nbk-tabs", ".nbk-asks", ".nbk-line-of-tools"):
            assert page.locator(line).evaluate(SPILT) == 0, (line, width)
