"""Owns the ways from a page to something that runs: files, Binder, a browser, this machine. Must not know figures."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from nbkit.app.site.entries import Entry
from nbkit.app.site.texts import escaped
from nbkit.errors import NbkitError

#: lessons that a site by `nbkit lite build` holds: those that are light enough for Python in a page
IN_A_BROWSER = ("00_", "01_", "03_", "04_", "05_", "06_", "07_", "08_", "09_", "10_")
#: the workbench in this repository
WORKBENCH = "binder/workbench.ipynb"


@dataclass(frozen=True)
class Addresses:
    """Where things run elsewhere; an empty address makes no link.

    Attributes:
        binder: that launches this repository, such as ``"https://mybinder.org/v2/gh/OWNER/NAME/main"``.
        lite: of the site that ``nbkit lite build`` made, such as ``"https://OWNER.github.io/NAME/lite"``.
    """

    binder: str = ""
    lite: str = ""

    def of_notebook(self, stored: str) -> list[tuple[str, str]]:
        """Where a notebook of this repository, such as ``"notebooks/01_x.ipynb"``, runs: words and addresses."""
        name = stored.rpartition("/")[2]
        found = [("Open in Binder", self._on_binder(f"lab/tree/{stored}"))]
        if name.startswith(IN_A_BROWSER):
            found.append(("Open in the browser", self._in_a_browser(f"lab/index.html?path={quote(name)}")))
        return [(words, address) for words, address in found if address]

    def of_workbench(self) -> list[tuple[str, str]]:
        """Where a workbench stands open."""
        found = [
            ("Workbench on Binder", self._on_binder(f"voila/render/{WORKBENCH}")),
            ("Workbench in the browser", self._in_a_browser("index.html")),
        ]
        return [(words, address) for words, address in found if address]

    def _on_binder(self, path: str) -> str:
        return f"{self.binder.rstrip('/')}?urlpath={quote(path, safe='')}" if self.binder else ""

    def _in_a_browser(self, path: str) -> str:
        return f"{self.lite.rstrip('/')}/{path}" if self.lite else ""


def ways_of_entry(entry: Entry, addresses: Addresses, *, lesson: bool) -> str:
    """What can be taken along from the page of an entry, and where it goes on; ``lesson``: whether there is one."""
    files = [
        (f"{entry.name}.json", "Network (JSON)", "opens in the workbench, or with nb.Document.from_json"),
        (f"{entry.name}.py", "Python", "makes the same network and runs it"),
        (f"{entry.name}.ipynb", "Notebook", "the network, its run, a figure and the workbench"),
    ]
    inside = "".join(
        f'<li><a href="{name}" download>{words}</a> <span class="muted">{about}</span></li>'
        for name, words, about in files
    )
    link = _link(entry)
    name = entry.story.lesson
    goes_on = f'<p>The lesson that goes on from here: <a href="../course/{name}.html">{escaped(name)}</a>.</p>' * lesson
    local = (
        "<p>On your machine: <code>nbkit demo</code> opens the workbench; choose <b>Open</b> and give it the file.</p>"
    )
    elsewhere = _bar(addresses.of_workbench())
    return f'<h2 id="take-along">Take it along</h2><ul class="ways">{inside}{link}</ul>{local}{goes_on}{elsewhere}'


def _link(entry: Entry) -> str:
    """The link that the workbench opens; networks with large arrays have none."""
    try:
        link = entry.document.to_link()
    except NbkitError:
        return ""
    return (
        f'<li><details><summary>Link</summary><p class="small">Paste it into the workbench.</p>'
        f'<textarea readonly rows="3" aria-label="link of this network">{escaped(link)}</textarea></details></li>'
    )


def ways_of_notebook(stored: str, addresses: Addresses) -> str:
    """Where a notebook can be had, and where it runs.

    Args:
        stored: its place in the repository, such as ``"notebooks/01_x.ipynb"``.
        addresses: where things run elsewhere.
    """
    name = stored.rpartition("/")[2]
    local = '<p class="small">On your machine: <code>nbkit demo --lab</code> has a copy of it.</p>'
    download = f'<a class="button" href="{name}" download>Download the notebook</a>'
    return f'<div class="ways-bar">{download}{_buttons(addresses.of_notebook(stored))}</div>{local}'


def _buttons(ways: list[tuple[str, str]]) -> str:
    return "".join(f'<a class="button" href="{escaped(address)}">{words}</a>' for words, address in ways)


def _bar(ways: list[tuple[str, str]]) -> str:
    return f'<div class="ways-bar">{_buttons(ways)}</div>' * bool(ways)
