"""Owns `Workbench`: the presenter, its panes and the figure, put together. Must not know how things look."""

from __future__ import annotations

import contextlib
import dataclasses
import html
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets
import xarray as xr

from nbkit.errors import NbkitError, Problem, did_you_mean, fail, shown
from nbkit.model.numbers import is_finite_number
from nbkit.network.document import Document
from nbkit.network.network import Network
from nbkit.network.setup import Setup
from nbkit.study.health import Health
from nbkit.widgets.live_figure import LiveFigure
from nbkit.widgets.workbench.drawing import HEIGHT, WIDTH, Drawing
from nbkit.widgets.workbench.figures import FIGURES, fitting
from nbkit.widgets.workbench.inspector import Section
from nbkit.widgets.workbench.menus import MODELS, MOTIFS, population_of
from nbkit.widgets.workbench.pane import CanvasPane, HeaderPane, InspectorPane
from nbkit.widgets.workbench.presenter import WorkbenchPresenter
from nbkit.widgets.workbench.runner import Progress
from nbkit.widgets.workbench.turns import Turns
from nbkit.widgets.workbench.view import Header, Shown
from nbkit.widgets.workbench.wiring import Port

_HINT = "Select a population, a stimulus or an arrow to see its values."
_UNTITLED = "Nothing has run yet."
#: level of a finding -> the look of the chip
_CHIPS = {"problem": "bad", "warning": "waiting", "note": "note"}


class Workbench(ipywidgets.VBox):
    """A network composed by hand and seen at once: draw it, turn its values, watch what it does.

    Without a notebook nothing is drawn, and everything else works as well.

    Args:
        network: what to begin with; the rhythm of two populations by default.
        setup: how it is run; by default one that suits it.

    Attributes:
        document: the network with its past: ``edit(net)``, ``undo()``, ``redo()``.

    Raises:
        NbkitError: ``bad-type`` for what is no network.

    Example:
        >>> import nbkit as nb
        >>> bench = nb.Workbench(nb.networks.rhythm(), nb.Setup(400.0, 0.05))
        >>> bench.document.edit(bench.network.with_value("E->I.delay", 2.0))
        True
        >>> bench.run()
        >>> bench.result["E.r"].shape
        (8001, 80)
    """

    def __init__(self, network: Network | None = None, setup: Setup | None = None) -> None:
        if network is not None and not isinstance(network, Network):
            raise fail("bad-type", "network", f"{shown(network)} is no network", "nb.networks.rhythm()")
        if network is None:
            network, setup = MOTIFS["rhythm"].network(), setup or MOTIFS["rhythm"].setup
        self._header, self._canvas, self._inspector = (
            HeaderPane(self._act),
            CanvasPane(self._act),
            InspectorPane(self._act),
        )
        self._story = ipywidgets.HTML(_UNTITLED)
        self._story.add_class("nbk-story")
        self._text = ipywidgets.Textarea(description="", layout={"width": "100%", "height": "160px", "display": "none"})
        self._choice = ipywidgets.ToggleButtons(options=[], style={"button_width": "auto"})
        self._choice.observe(lambda _: self._draw(), "value")
        self._theory = ipywidgets.HTML("")
        self._theory.add_class("nbk-theory")
        self._ask = ipywidgets.Button(description="What does theory say?", layout={"width": "max-content"})
        self._ask.on_click(lambda _: self._act("ask_theory", {}))
        self._figure: LiveFigure | None = None
        self._problems: dict[str, str] = {}
        self._last: tuple[Shown, Shown | None] | None = None
        self._figures = ipywidgets.VBox(self._below())
        self._figures.add_class("nbk-figures")
        body = ipywidgets.Box([self._canvas, self._inspector, self._figures])
        body.add_class("nbk-body")
        super().__init__([self._header, body])
        self.add_class("nbkit-workbench")
        self._turns = Turns()
        self._ready: dict[str, str] = {"kind": "ready", "words": "Ready"}
        self._progress: dict[str, str] | None = None
        self._failed: dict[str, str] | None = None
        self._findings: list[dict[str, Any]] = []
        self._head: dict[str, Any] = {}
        self.document = Document(network, setup)
        self._presenter = WorkbenchPresenter(self.document, self, self._turns)
        self._turns.drain()

    @property
    def network(self) -> Network:
        """The network as it is now."""
        return self.document.network

    @property
    def result(self) -> xr.Dataset | None:
        """The last result; None if nothing has run."""
        return None if self._presenter.run_shown is None else self._presenter.run_shown.result

    def run(self) -> None:
        """Run the network as it is now, to the end."""
        self._presenter.run(to_the_end=True)

    # ------------------------------------------------------------ what the page reports

    def _act(self, what: str, given: Mapping[str, Any]) -> None:
        """Do what a user asked for in the page; anything else than the known actions is passed over."""
        action = self._actions().get(what)
        if action is None:
            return
        try:
            action(**given)
        except NbkitError as error:
            self.show_problems(error.problems)
        except TypeError:
            self.show_problems(
                [Problem("bad-type", what, "the page sent something else than expected", "reload the page")]
            )

    def _actions(self) -> dict[str, Callable[..., object]]:
        p = self._presenter
        return {
            "select": p.select, "set_value": p.set_value, "set_setup": self._set_setup, "add_population": self._add,
            "add_stimulus": p.add_stimulus, "connect": self._connect, "remove": p.remove, "remove_parts": self._remove,
            "duplicate": p.duplicate, "move": self._move, "undo": p.undo, "redo": p.redo, "run": p.run, "stop": p.stop,
            "open_motif": self._open, "open_text": self._open_text, "show_code": self._show_code,
            "show_link": self._show_link, "apply_remedy": p.apply_remedy, "ask_theory": self._ask_theory,
        }  # fmt: skip

    def _set_setup(self, key: str, value: str) -> None:
        number: object = value.strip().replace(",", ".")
        with contextlib.suppress(ValueError):
            number = float(str(number))
        self._presenter.set_setup(key, number)

    def _add(self, model: str) -> None:
        name, population = population_of(model)
        self._presenter.add_population(population, name)

    def _connect(self, source: str, target: str, port: Sequence[str] | None = None) -> None:
        self._canvas.state = {**self._canvas.state, "ports": None}
        self._presenter.connect(source, target, None if port is None else Port(*port))

    def _remove(self, names: Sequence[str]) -> None:
        self._presenter.select(names)
        self._presenter.remove()

    def _move(self, name: str, place: Sequence[float], drag: str = "") -> None:
        if len(place) == 2 and all(map(is_finite_number, place)):
            x, y = (min(max(float(p), 0.0), most) for p, most in zip(place, (WIDTH, HEIGHT), strict=True))
            self._presenter.move({name: (x, y)}, drag)

    def _open(self, name: str) -> None:
        motif = MOTIFS.get(name)
        if motif is None:
            raise fail("bad-choice", "motif", f"no motif {shown(name)}", did_you_mean(str(name), MOTIFS))
        self._presenter.open(motif.network(), motif.setup, f"begin with: {motif.words}")

    def _open_text(self, text: str) -> None:
        """Open a link or JSON of a document or a network; what is wrong with it is told, and nothing changes."""
        document = Document.from_json(text) if text.lstrip().startswith("{") else Document.from_link(text.strip())
        document.network.require()
        self._presenter.open(document.network, document.setup, "opened from a link", document.positions)

    def _link(self) -> str:
        """The present network as a link; empty where it is too long for one."""
        try:
            return self.document.to_link()
        except NbkitError:
            return ""

    def _ask_theory(self) -> None:
        self._theory.value = "<i>Theory is thinking …</i>"
        told = [f"<li>{html.escape(str(prediction))}</li>" for prediction in self._presenter.predictions()]
        self._theory.value = f"<ul>{''.join(told)}</ul>" if told else "No ready theory speaks about this network."

    def _show_code(self) -> None:
        keywords = ", ".join(f"{key}={held!r}" for key, held in self.document.setup.keywords().items())
        self._show_text(f"{self.network.to_code()}\nds = nb.simulate(net, {keywords})\n")

    def _show_link(self) -> None:
        self._show_text(self.document.to_link())

    def _show_text(self, text: str) -> None:
        same = self._text.value == text and self._text.layout.display != "none"
        self._text.value = text
        self._text.layout.display = "none" if same else ""

    # ------------------------------------------------------------ what the presenter asks for

    def show_drawing(self, drawing: Drawing, selected: Sequence[str]) -> None:
        """Draw the network."""
        self._canvas.state = {
            "drawing": drawing.as_mapping(),
            "selected": list(selected),
            "size": [WIDTH, HEIGHT],
            "models": [[name, words] for name, (words, *_) in MODELS.items()],
            "ports": None,
        }

    def show_sections(self, sections: Sequence[Section]) -> None:
        """Show the values of what is selected."""
        made = [
            {
                "title": section.title,
                "about": section.about,
                "equations": list(section.equations),
                "rows": [_plain_row(dataclasses.asdict(row)) for row in section.rows],
            }
            for section in sections
        ]
        self._inspector.state = {"sections": made, "problems": self._problems, "nothing": _HINT}

    def show_header(self, header: Header) -> None:
        """Show what can be done now."""
        self._progress = self._progress if header.running else None
        self._head = {
            "undo": header.undo,
            "redo": header.redo,
            "running": header.running,
            "setup": {"duration": header.setup.duration, "dt": header.setup.dt},
            "unit": "" if self.document.network.time_unit == "1" else self.document.network.time_unit,
            "motifs": [[name, motif.words] for name, motif in MOTIFS.items()],
            "link": self._link(),
            "follows": header.follows,
        }
        self._show_chip()

    def show_health(self, health: Health | None) -> None:
        """Show what was found about the run before it starts, with its remedies."""
        level = next((f.level for f in health.findings if f.code != "not-judged"), "") if health is not None else ""
        words = "Empty" if health is None else health.summary
        self._ready = {"kind": _CHIPS.get(level, "ready"), "words": words}
        self._findings = [
            {
                "level": f.level,
                "text": f"{f.where}: {f.what}".removeprefix(": "),
                "remedies": [r.words for r in f.remedies],
            }
            for f in (() if health is None else health.findings)
        ]
        self._show_chip()

    def _show_chip(self) -> None:
        """What there is to say at the top: how far a run is, what went wrong, or how the next run will be."""
        chip = self._progress or self._failed or self._ready
        running = self._progress is not None or bool(self._head.get("running"))
        self._header.state = {**self._head, "running": running, "chip": chip, "findings": self._findings}

    def show_progress(self, progress: Progress) -> None:
        """Show how far a run is."""
        share = 100 * progress.steps / progress.of
        self._progress = {"kind": "busy", "words": f"{share:.0f} % · {progress.left:.1f} s left"}
        self._show_chip()

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show what went wrong and what to try, each where it belongs."""
        self._problems = {p.where: f"{p.what}{f' Try: {p.hint}.' if p.hint else ''}" for p in problems}
        self._inspector.state = {**self._inspector.state, "problems": self._problems}
        words = f"{len(problems)} problem{'s' * (len(problems) != 1)}"
        self._failed = {"kind": "bad", "words": words} if problems else None
        self._show_chip()

    def show_run(self, run: Shown, before: Shown | None, difference: str) -> None:
        """Draw a result, the one before in grey behind it, and tell what made the difference."""
        self._last = run, before
        self._theory.value = ""
        since = f"<br><span class='nbk-since'>{html.escape(difference)}</span>" if difference else ""
        cut = "" if run.whole else " <i>The run was ended early.</i>"
        self._story.value = f"<b>{html.escape(run.story.text)}</b>{cut}{since}"
        names = fitting(run.result)
        if list(self._choice.options) != names:
            self._choice.options = names
            self._choice.value = names[0] if names else None
        self._draw()

    def _draw(self) -> None:
        if self._last is None or self._choice.value is None:
            return
        picture = FIGURES[self._choice.value][1](*self._last)
        if self._figure is None:
            self._figure = LiveFigure(picture)
            self._figures.children = tuple(self._below())
        else:
            self._figure.show(picture)

    def _below(self) -> list[ipywidgets.Widget]:
        figure = [] if self._figure is None else [self._figure]
        return [self._choice, *figure, self._story, self._ask, self._theory, self._text]

    def ask_port(self, source: str, target: str, choices: Sequence[Port]) -> None:
        """Ask which variable an arrow begins with, and at which input it ends."""
        told = [[port.source, port.target, port.words] for port in choices]
        self._canvas.state = {**self._canvas.state, "ports": {"source": source, "target": target, "choices": told}}


def _plain_row(row: dict[str, Any]) -> dict[str, Any]:
    return {key: list(held) if isinstance(held, tuple) else held for key, held in row.items()}
