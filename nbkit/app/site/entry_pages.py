"""Owns the page of an entry: its story, its figures, its network, and what can be taken along. Must not know others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from nbkit.app.site import texts, views
from nbkit.app.site.card import card, equations
from nbkit.app.site.cards import Card, put
from nbkit.app.site.embedding import Placed, placed, scripts
from nbkit.app.site.entries import Entry
from nbkit.app.site.moving import POINTS, Frame, moving
from nbkit.app.site.shell import page
from nbkit.app.site.stories import Sweep
from nbkit.app.site.ways import Addresses, ways_of_entry
from nbkit.errors import NbkitError
from nbkit.network.description import split_path
from nbkit.network.time import to_unit, unit_shown
from nbkit.simulation import simulate
from nbkit.simulation.recording import Record

FOLDER = "gallery"
_DEPTH = 1


def write_entry(entry: Entry, out: Path, addresses: Addresses, *, lesson: bool = False) -> Card:
    """Run an entry and write its page, with the files that can be taken along.

    Returns:
        Its card, without a picture.

    Raises:
        NbkitError: what the run or a figure cannot do.
    """
    text = entry_page(entry, addresses, lesson=lesson)
    document = entry.document
    place = out / FOLDER
    story = entry.story
    put(place / f"{entry.name}.json", document.to_json())
    put(place / f"{entry.name}.py", document.to_code())
    put(place / f"{entry.name}.ipynb", document.to_notebook(f"{story.summary}", _figure_for_notebook(entry)))
    put(place / f"{entry.name}.html", text)
    where = f"{FOLDER}/{entry.name}.html"
    return Card("entry", entry.name, story.title, story.summary, story.category, story.tags, where, story.place)


def _figure_for_notebook(entry: Entry) -> str:
    """A figure that takes the result alone."""
    alone = [call.name for call in entry.story.figures if call.name in views.OF_A_RUN]
    spikes = "raster" in alone
    return "raster" if spikes else alone[0] if alone and alone[0] in ("traces", "heatmap", "sheet") else "traces"


def entry_page(entry: Entry, addresses: Addresses, *, lesson: bool = False) -> str:
    """The page of an entry as HTML; ``lesson``: whether the lesson that it names has a page."""
    ds = views.run(entry.network, entry.setup)
    figures: list[Placed] = []
    body = []
    for kind, text in entry.story.parts():
        if kind == "words":
            body.append(f'<div class="narrow">{texts.markdown(text)}</div>' if text.strip() else "")
            continue
        if kind == "sweep":
            made = _sweep(entry)
        else:
            call = entry.story.figures[int(text) - 1]
            picture = views.picture(call, entry.network, ds)
            made = placed(picture.draw(), picture.summary)
        figures.append(made)
        body.append(made.html)
    body += [
        f'<h2 id="equations">The equations</h2>{equations(entry.network)}',
        f'<h2 id="network">The network</h2>{card(entry.network, entry.setup)}',
        ways_of_entry(entry, addresses, lesson=lesson),
    ]
    story = entry.story
    tags = "".join(f"<li>{texts.escaped(tag)}</li>" for tag in story.tags)
    back = f'<a href="../index.html#{_anchor(story.category)}">{texts.escaped(story.category)}</a>'
    top = (
        f'<p class="where">{back}</p><h1>{texts.escaped(story.title)}</h1>'
        f'<p class="lead">{texts.escaped(story.summary)}</p><ul class="tags">{tags}</ul>'
    )
    return page(story.title, "\n".join([top, *body, scripts(figures, _DEPTH)]), _DEPTH, "gallery")


def _anchor(category: str) -> str:
    return category.lower().replace(" ", "-")


# ------------------------------------------------------------ what moves


def _sweep(entry: Entry) -> Placed:
    """The entry at each value of its sweep, behind a slider that begins at its own value."""
    asked = entry.story.sweep
    assert asked is not None
    frames = [_frame(entry, asked, value) for value in asked.values]
    about = entry.network.describe(asked.path)
    unit = unit_shown(about.unit, entry.network.time_unit)
    label = f"{asked.path} ({unit})" if unit else asked.path
    now = entry.network.value(asked.path)
    here = float(now) if isinstance(now, float | int) else asked.values[0]
    start = min(range(len(frames)), key=lambda k: abs(asked.values[k] - here))
    said = f"A slider over {label} from {asked.values[0]:g} to {asked.values[-1]:g}. {frames[start].picture.summary}"
    return placed(moving(label, frames, start), said, "Drag the slider, or press its arrow keys. Each place is a run.")


def _frame(entry: Entry, asked: Sweep, value: float) -> Frame:
    try:
        network = entry.network.with_value(asked.path, value)
        ds = simulate(network, **(entry.setup.keywords() | {"record": _recorded(entry, asked)}))
        return Frame(f"{value:g}", views.picture(asked.figure, network, ds))
    except NbkitError as error:
        problems = [replace(one, where=f"at {asked.path} = {value:g}: {one.where}") for one in error.problems]
        raise NbkitError(problems) from error


def _recorded(entry: Entry, asked: Sweep) -> list[str | Record] | None:
    """What a run of the sweep records: means where the figure draws means, and no more samples than it draws."""
    record = entry.setup.record
    figure = asked.figure
    if record is None or figure.name not in views.OF_MEANS or "units" in dict(figure.keywords):
        return None if record is None else list(record)
    unit = entry.network.time_unit
    steps = round(to_unit(entry.setup.duration, unit, "duration") / to_unit(entry.setup.dt, unit, "dt"))
    every = asked.every or max(1, steps // POINTS)
    return [path if path.endswith(".spike") else _mean(entry, path, every) for path in record]


def _mean(entry: Entry, path: str, every: int) -> Record:
    """The mean of a population, or the one unit that there is."""
    alone = entry.network.populations[split_path(path)[0]].count == 1
    return Record(path, every=every, average=None if alone else "population")
