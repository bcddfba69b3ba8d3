"""Owns how a test runs a lesson in JupyterLab and moves one of its sliders: what a student does, and what it shows."""

from __future__ import annotations

import pathlib
import re
from contextlib import contextmanager
from dataclasses import dataclass

import nbformat
from playwright.sync_api import expect

from tests.notebooks import runner
from tests.notebooks.sizes import SMALL

#: Seconds that a lesson may need for all of its cells, and milliseconds for a slider; a busy machine is slow.
LESSON_S, MOVE_MS = 400, 120_000

#: What the cells of the notebook in front have printed and displayed, and the errors among it.
OUTPUTS = """() => {
    const panel = window.jupyterapp?.shell.currentWidget;
    const cells = Array.from(panel?.content?.model?.cells ?? []);
    const outputs = cells.flatMap(cell => cell.type === "code" ? cell.outputs.toJSON() : []);
    const errors = outputs.filter(one => one.output_type === "error").map(one => `${one.ename}: ${one.evalue}`);
    const done = outputs.some(one => String(one.data?.["text/markdown"] ?? "").includes("All checks passed"));
    return {errors, done};
}"""
#: Bring the cell whose source has these words into view.
SHOW = """async words => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    const place = notebook.widgets.findIndex(cell => cell.model.sharedModel.source.includes(words));
    if (place < 0) throw new Error(`no cell has ${words}`);
    notebook.activeCellIndex = place;
    await notebook.scrollToItem(place, "start");
}"""
#: The text of a card, what the first mark in it (or in one of its rows) says, and the numbers of that row.
CARD = """(card, words) => {
    const row = words && Array.from(card.querySelectorAll("tr")).find(one => one.textContent.includes(words));
    const mark = (words ? row : card)?.querySelector(".mark");
    const cells = Array.from(row ? row.querySelectorAll("td") : []).map(one => one.innerText);
    return [card.innerText.split(/\\s+/).join(" ").trim(), mark ? mark.getAttribute("aria-label") : null, cells];
}"""
IDLE = """() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === "idle" """


@dataclass(frozen=True)
class Told:
    """What a card tells: the predicted number and the measured one, None for none, and whether they agree."""

    predicted: float | None
    measured: float | None
    holds: bool | None
    text: str


class Lesson:
    """A lesson that stands in JupyterLab with all of its cells run."""

    def __init__(self, watched):
        self.watched, self.page = watched, watched.page

    def slider(self, name):
        """Bring a slider into view and give it; its name begins with what it changes."""
        named = re.compile(rf"^{re.escape(name)}, ")
        handle = self.page.locator(".nbkit-explore").get_by_role("slider", name=named).last
        handle.scroll_into_view_if_needed()
        return handle

    def press(self, name, *keys):
        """Put the focus on a slider and press keys; ``("End", 1)`` and the like."""
        self.slider(name).focus()
        for key, times in keys:
            for _ in range(times):
                self.page.keyboard.press(key)

    def told(self, card, row=""):
        """Read a card below the figure of a slider; of a table one row."""
        found = self.page.locator(".nbkit-picture .card").filter(has_text=card).first
        text, mark, cells = found.evaluate(CARD, row, timeout=MOVE_MS)  # at once: a card is drawn anew at any time
        holds = None if mark is None else mark == "holds"
        if row and "no value" in text:
            return Told(None, None, None, text)
        if row:
            return Told(_number(cells[0]), _number(cells[1]), holds, text)
        return Told(_before(" predicted", text), _before(" measured", text), holds, text)

    def predicts(self, card, number, row=""):
        """Wait until a card tells this prediction; give what it tells then."""
        return self.wait_until(card, lambda told: told.predicted is not None and told.predicted == number, row)

    def wait_until(self, card, condition, row=""):
        """Read a card until a condition holds; give what it tells then, or at the end."""
        for _ in range(MOVE_MS // 200):
            told = self.told(card, row)
            if condition(told):
                return told
            self.page.wait_for_timeout(200)
        raise AssertionError(f"the card still tells: {told.text}")


def _number(text):
    found = re.search(r"-?\d+(\.\d+)?(e[+-]?\d+)?", text.replace("−", "-"))
    return float(found[0]) if found else None


def _before(word, text):
    """The number that stands before a word, with its unit between them."""
    found = re.search(rf"(-?\d[\d.]*(?:e[+-]?\d+)?)(?: \(\|·\| < [^)]*\))?(?: [^\s,]+)?{word}", text)
    return float(found[1]) if found else None


@contextmanager
def opened(name, cell, watch, lab, pages):
    """Open a lesson of small size in JupyterLab, run all of its cells, bring one into view; close it afterwards."""
    file = next(one for one in runner.NOTEBOOKS if one.startswith(name))
    book = runner.with_parameters(file, SMALL[file])
    nbformat.write(book, pathlib.Path(pages) / f"lesson_{name}.ipynb")
    watched = watch()
    page = watched.page
    page.set_default_timeout(MOVE_MS)
    page.goto(lab(f"lesson_{name}.ipynb"))
    page.locator(".jp-CodeCell").first.wait_for(timeout=MOVE_MS)
    page.wait_for_function(IDLE, timeout=MOVE_MS)
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
    try:
        _wait_for_the_end(page)
        page.evaluate(SHOW, cell)
        expect(page.locator(".nbkit-picture .card").first).to_be_visible(timeout=MOVE_MS)
        yield Lesson(watched)
        assert watched.elsewhere == []
    finally:
        page.evaluate("async () => { await window.jupyterapp.shell.currentWidget?.sessionContext.shutdown(); }")
        page.context.close()


def _wait_for_the_end(page):
    for _ in range(2 * LESSON_S):
        found = page.evaluate(OUTPUTS)
        assert found["errors"] == []
        if found["done"]:
            return page.wait_for_function(IDLE, timeout=MOVE_MS)
        page.wait_for_timeout(500)
    raise AssertionError(f"not all cells had run after {LESSON_S} s")
