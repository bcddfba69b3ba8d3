"""Owns what a reader does with the reference, opened from a file: find a name, follow it, follow an error's code."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nbkit.app.site import reference, shell

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("site")
    reference.write_reference(out, shell)
    shutil.copy(Path(shell.__file__).with_name("site.css"), out / "assets" / "site.css")
    return out


def test_a_name_is_found_and_its_errors_are_followed(page, site):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size({"width": 640, "height": 900})
    page.goto((site / "reference" / "index.html").as_uri())
    names = page.locator(".ref-list li:visible")
    everything = names.count()
    page.get_by_label("Find a name").fill("gaussian distance")
    assert 0 < names.count() < 10 < everything
    assert page.get_by_role("status").text_content() == f"{names.count()} of {everything} names"
    page.get_by_label("Find a name").fill("nb.simulate")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="nb.simulate").wait_for()
    page.get_by_role("link", name="Network", exact=True).first.click()
    page.get_by_role("heading", name="nb.Network").wait_for()
    page.locator('a[href^="errors.html#"]').first.click()
    page.locator("tr:target").wait_for()
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    page.goto((site / "reference" / "models.qif.html").as_uri())
    assert page.locator("math mfrac").first.bounding_box()["height"] > 20, "the browser draws the formula"
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
