"""Law: the built site opens as files, asks nobody for anything, and every figure in it lives."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from nbkit.app.site import build as site

ENTRIES = ("two_populations", "focus", "qif_population")
LESSON = "02_network_simulation"

#: for every figure of the page whether its canvas has been painted
PAINTED = """() => [...document.querySelectorAll(".plot .paper")].map((paper) => {
  const below = (node) => [...node.children, ...(node.shadowRoot?.children ?? [])];
  const inside = (node) => [node, ...below(node).flatMap(inside)];
  return inside(paper).filter((one) => one.tagName === "CANVAS" && one.width > 100).some((canvas) => {
    const seen = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return new Set(new Uint32Array(seen.buffer)).size > 20;
  });
})"""
LINE = """() => {
  for (const doc of Bokeh.documents) {
    const found = doc.get_model_by_name("E.r mean");
    if (found && doc.get_model_by_name("sweep")) return Array.from(found.data.y);
  }
}"""


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "out"
    asked = site.Asked(folder, only=(*ENTRIES, LESSON), reference=False)
    with ThreadPoolExecutor(1) as pool:  # pictures need a browser of their own, which this thread has
        found = pool.submit(site.build, asked, lambda _line: None).result()
    assert [str(finding) for finding in found if not finding.good] == []
    return folder


@pytest.fixture
def opened(out, browser):
    """Give a function that opens a page of the site; afterwards nothing may have been asked for or gone wrong."""
    context = browser.new_context(viewport={"width": 1000, "height": 900}, offline=True)
    page = context.new_page()
    asked, wrong = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)

    def open_page(where):
        page.goto((out / where).as_uri())
        page.wait_for_function(
            "!document.querySelector('.figure-data') || document.documentElement.dataset.figures === 'awake'"
        )
        return page

    yield open_page
    context.close()
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert wrong == []


@pytest.mark.parametrize("where", [*(f"gallery/{name}.html" for name in ENTRIES), f"course/{LESSON}.html"])
def test_every_figure_of_a_page_is_live(opened, where):
    page = opened(where)
    figures = page.locator(".plot .paper").count()
    assert figures >= 2
    assert page.locator(".paper.is-live").count() == figures
    assert page.evaluate("Bokeh.documents.every((doc) => doc.roots().length === 1)")
    page.wait_for_function(f"({PAINTED})().every(Boolean)", timeout=15_000)


def test_a_slider_moves_the_curve_without_a_kernel(opened):
    page = opened("gallery/two_populations.html")
    before = page.evaluate(LINE)
    handle = page.locator(".noUi-handle").first
    handle.focus()
    for _ in range(4):
        handle.press("ArrowLeft")
    page.wait_for_function("[...document.querySelectorAll('.paper *')].length > 0")
    after = page.evaluate(LINE)
    assert max(before) - min(before[len(before) // 2 :]) > 0.1
    assert max(after[len(after) // 2 :]) - min(after[len(after) // 2 :]) < 0.02


def test_the_search_leaves_what_holds_all_words(opened):
    page = opened("index.html")
    cards = page.locator(".category .card:visible")
    assert cards.count() == len(ENTRIES) + 1
    page.fill("#search", "neurons QIF")
    assert "A thousand neurons" in cards.all_inner_texts()[0]
    assert page.locator("#found").inner_text() == f"1 of {len(ENTRIES) + 1}"
    assert page.locator(".category:visible").count() == 1
    page.fill("#search", "unheard of")
    assert page.locator("#nothing").is_visible()
    page.fill("#search", "")
    assert cards.count() == len(ENTRIES) + 1


def test_a_card_has_a_picture_and_leads_to_its_page(opened):
    page = opened("index.html")
    sizes = "[...document.querySelectorAll('.card img')].map((image) => [image.naturalWidth, image.naturalHeight])"
    assert len(page.evaluate(sizes)) == len(ENTRIES) + 1
    assert all(width > 300 and height > 150 for width, height in page.evaluate(sizes))
    page.click("text=There it is")
    page.wait_for_selector("h1:has-text('There it is')")
