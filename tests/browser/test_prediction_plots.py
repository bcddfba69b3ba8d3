"""The card of predictions in a page: readable offline, formulas where the page brought MathJax, text as text."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from bokeh.embed import file_html
from bokeh.resources import INLINE, Resources
from playwright.sync_api import expect

import nbkit as nb

EVIL = "<img src=x onerror='window.broken=1'> @x $y$"
FORMULA = r"T = \frac{2\pi}{\omega}"
WITHOUT_MATHJAX = Resources(mode="inline", components=["bokeh", "bokeh-gl", "bokeh-widgets", "bokeh-tables"])


def waves():
    time = np.arange(0, 200.0, 0.5)
    about = {"units": "", "long_name": "activity", "variable": "r", "population": "E"}
    array = (("time", "E.unit"), np.cos(2 * np.pi * time[:, None] / 40), about)
    return xr.Dataset({"E.r": array}, {"time": ("time", time, {"units": "ms"}), "E.unit": [0]})


@pytest.fixture
def show(watch):
    """Give a function that shows traces with predictions in a page."""

    def open_page(*given, resources=INLINE, width=900):
        watched = watch(width)
        watched.page.set_content(file_html(nb.plots.traces(waves(), "E.r", predictions=given), resources, "a page"))
        expect(watched.page.get_by_role("list", name="predictions")).to_be_visible()
        return watched

    return open_page


@pytest.mark.parametrize("resources", [INLINE, WITHOUT_MATHJAX], ids=["with MathJax", "without"])
def test_the_card_is_read_offline(show, resources):
    period = nb.Prediction("Period", 40.0, unit="ms", quantity="period", of="E.r", latex=FORMULA, source="a book")
    watched = show(period.check(40.3), resources=resources)
    card = watched.page.get_by_role("listitem")
    expect(card).to_contain_text("40.3 ms measured, 40 ms predicted")
    expect(card).to_contain_text("a book")
    expect(card.get_by_role("img", name="holds", exact=True)).to_be_visible()
    drawn = card.locator(".formula svg")
    if resources is INLINE:
        expect(drawn).to_be_visible()
    else:
        expect(drawn).to_have_count(0)
        expect(card.locator(".formula")).to_be_hidden()  # nobody should read a formula's source
    assert watched.elsewhere == []
    assert watched.errors == []


def test_text_is_text_and_never_a_page_of_its_own(show):
    evil = nb.Prediction(EVIL, 0.5, quantity="level", of="E.r", latex=EVIL, source=EVIL)
    other = nb.Prediction("Late", None, verdict=nb.study.Applies("no", (EVIL,)), latex=EVIL)
    watched = show(evil, other)
    for card in watched.page.get_by_role("listitem").all():
        expect(card).to_contain_text(EVIL)
    assert_nothing_runs(watched)


def test_the_name_of_an_earlier_run_is_text_too(watch):
    watched = watch(900)
    watched.page.set_content(file_html(nb.plots.traces(waves(), "E.r", compare=[(EVIL, waves())]), INLINE, "a page"))
    expect(watched.page.locator("canvas").first).to_be_visible()
    assert_nothing_runs(watched)


def assert_nothing_runs(watched):
    """Go over the figure from top to bottom, so that boxes of values say the names again."""
    frame = watched.page.locator(".bk-Figure, .bk-Plot").first.bounding_box()
    for share in np.linspace(0.1, 0.9, 33):
        watched.page.mouse.move(450, frame["y"] + share * frame["height"])
    watched.page.wait_for_timeout(300)
    assert watched.page.locator("img").count() == 0
    assert watched.page.evaluate("window.broken") is None
    assert watched.elsewhere == []
    assert watched.errors == []


@pytest.mark.parametrize("width", [400, 900])
def test_the_card_is_no_wider_than_its_page(show, width):
    rates = {f"L{layer}{kind}": 4.0 for layer in (23, 4, 5, 6) for kind in "EI"}
    table = nb.Prediction("Rates of all populations", rates, unit="Hz", quantity="rate", latex=FORMULA + "+ x" * 60)
    watched = show(table.check(rates), nb.Prediction("Period", 40.0, unit="ms"), width=width)
    expect(watched.page.get_by_role("row")).to_have_count(9)
    for card in watched.page.get_by_role("listitem").all():
        box = card.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_card_of_a_live_figure_changes_in_place(show):
    watched = show(nb.Prediction("Period", 40.0, unit="ms").check(50.0))
    after = nb.Prediction("Period", 40.0, unit="ms").check(40.0)
    picture = nb.plots.traces_picture(waves(), "E.r", predictions=[after])
    change = "text => Bokeh.documents[0].get_model_by_name('predictions').setv(text)"
    expect(watched.page.get_by_role("img", name="does not hold")).to_be_visible()
    watched.page.evaluate(change, dict(picture.settings["predictions"]))
    expect(watched.page.get_by_role("img", name="holds", exact=True)).to_be_visible()
    assert watched.errors == []
