"""Owns the ways from a page to something that runs: files, Binder, a browser, this machine. Must not know figures."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from nbkit.app.site.entries import Entry
from nbkit.app.site.texts import escaped
from nbkit.errors import NbkitError


@dataclass(frozen=True)
class Addresses:
    """Where things run elsewhere; an empty address makes no link.

    Attributes:
        binder: that launches this repository, such as ``"https://mybinder.org/v2/gh/OWNER/NAME/main"``.
        lite: of the site that ``nbkit lite build`` made, such as ``"https://OWNER.github.io/NAME/lite"``.
    """

    binder: str = ""
    lite: str = ""

    def binder_for(self, notebook: str) -> str:
        """Where Binder opens a notebook of this repository, such as ``"notebooks/01_x.ipynb"``."""
        return f"{self.binder.rstrip('/')}?urlpath={quote(f'lab/tree/{notebook}', safe='')}"

    def lite_for(self, notebook: str) -> str:
        """Where the browser opens one."""
        return f"{self.lite.rstrip('/')}/lab/index.html?path={quote(notebook.rpartition('/')[2])}"


def ways_of_entry(entry: Entry, addresses: Addresses) -> str:
    """What can be taken along from the page of an entry, and where it goes on."""
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
    lesson = entry.story.lesson
    goes_on = (
        f'<p>The lesson that goes on from here: <a href="../course/{lesson}.html">{escaped(lesson)}</a>.</p>'
        * bool(lesson)
    )
    local = (
        "<p>On your machine: <code>nbkit demo</code> opens the workbench; choose <b>Open</b> and give it the file.</p>"
    )
    elsewhere = _elsewhere(addresses, f"notebooks/{lesson}.ipynb") if lesson else ""
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
    return f'<div class="ways-bar">{download}{_elsewhere(addresses, stored)}</div>{local}'


def _elsewhere(addresses: Addresses, notebook: str) -> str:
    links = []
    if addresses.binder:
        links.append(f'<a class="button" href="{escaped(addresses.binder_for(notebook))}">Open in Binder</a>')
    if addresses.lite:
        links.append(f'<a class="button" href="{escaped(addresses.lite_for(notebook))}">Open in the browser</a>')
    return "".join(links)
