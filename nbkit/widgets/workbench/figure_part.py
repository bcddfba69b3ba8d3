"""Owns the part of the page with the figures: their bar, the figures, theory, table, files. Must not run networks."""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets

from nbkit.errors import NbkitError
from nbkit.study.prediction import Prediction
from nbkit.widgets.live_figure import LiveFigure
from nbkit.widgets.workbench.data import file_of, table
from nbkit.widgets.workbench.desk import Desk
from nbkit.widgets.workbench.pane import Act, Pane, with_words
from nbkit.widgets.workbench.theory import lines_of
from nbkit.widgets.workbench.view import Shown

HERE = pathlib.Path(__file__).parent
_THINKING, _NOTHING = "Theory is thinking …", "No ready theory speaks about this network."


class FigureBar(Pane):
    """The line above the figures: which ones, of what, beside which kept runs."""

    _esm = with_words("figure_bar")


class FigureFoot(Pane):
    """What stands below the figures: theory beside the run, the table, the files."""

    _esm = with_words("figure_foot")


class FigurePart:
    """The figures of a workbench, with all that belongs to them.

    Args:
        act: called with what a user does that is not about figures alone.
        changed: called when the figures stand in the page for the first time.
        between: widgets that stand between the figures and what is below them.
        offered: which figures are offered, and in which order, of those that can show a run.

    Attributes:
        desk: what they show.
        bar: the line above them.
        foot: theory, table and files.
        figure: the figures; None before anything ran.
        widgets: from the top down: the bar, the figures, what stands between, the foot.
    """

    def __init__(
        self,
        act: Act,
        changed: Callable[[], None],
        between: Sequence[ipywidgets.Widget] = (),
        only: Sequence[str] = (),
    ) -> None:
        self.desk = Desk(only)
        self.bar, self.foot = FigureBar(self._done), FigureFoot(self._done)
        self.figure: LiveFigure | None = None
        self._act, self._changed, self._between = act, changed, tuple(between)
        self._told: str | None = ""  # what stands in place of a list of predictions
        self._open = False  # whether the table is seen
        self._refused = ""
        self._show()

    @property
    def widgets(self) -> list[ipywidgets.Widget]:
        """The widgets, from the top down."""
        figure = [] if self.figure is None else [self.figure]
        return [self.bar, *figure, *self._between, self.foot]

    def show_run(self, run: Shown, before: Shown | None) -> None:
        """Draw a run, and the one before in grey behind it."""
        self.desk.show(run, before)
        if not self.desk.told:
            self._told = ""
        self._refused = ""
        self._draw()

    def show_theory(self, told: Sequence[Prediction] | None) -> None:
        """List what theory says, held beside the run; None while it is thinking."""
        self.desk.told, self.desk.ticked = tuple(sorted(told or (), key=lambda one: not one.verdict)), frozenset()
        self._told = _THINKING if told is None else "" if told else _NOTHING
        self._draw() if told else self._show()

    # ------------------------------------------------------------ what the page reports

    def _done(self, what: str, given: Mapping[str, Any]) -> None:
        """Do what a user asked for; a mistake is told under the bar, what no page of ours would send is passed over."""
        action = {
            "figure": self._choose, "pin": self._pin, "answer": self._answer, "keep": self._keep, "drop": self._drop,
            "tick": self._tick, "table": self._table, "download": self._download, "ask_theory": self._ask,
        }.get(what)  # fmt: skip
        if action is None:
            return
        try:
            action(**given)
        except NbkitError as error:
            self._tell(error)
        except (TypeError, ValueError):
            return

    def _choose(self, name: str) -> None:
        self.desk.choose(str(name))
        self._draw()

    def _pin(self, name: str = "") -> None:
        self.desk.pin(str(name))
        self._draw()

    def _answer(self, of: str, key: str, value: str) -> None:
        self.desk.answer(str(of), str(key), str(value))
        self._draw()

    def _keep(self, name: str = "") -> None:
        self.desk.keep(str(name))
        self._draw()

    def _drop(self, name: str) -> None:
        self.desk.drop(str(name))
        self._draw()

    def _tick(self, number: int, *, on: bool) -> None:
        self.desk.tick(int(number), on=bool(on))
        self._draw()

    def _ask(self) -> None:
        self._act("ask_theory", {})

    def _table(self, *, on: bool) -> None:
        self._open = bool(on)
        self._show()

    def _download(self, kind: str) -> None:
        self._refused = ""
        if self.desk.run is not None:
            made = file_of(self.desk.run.result, str(kind))
            self.foot.send({"type": "file", "name": made.name, "mime": made.mime}, [made.content])
        self._show()

    # ------------------------------------------------------------ what is seen

    def _tell(self, error: NbkitError) -> None:
        first = error.problems[0]
        words = f"{first.what}{f' Try: {first.hint}.' if first.hint else ''}"
        if first.where == "download":
            self._refused = words[:1].upper() + words[1:]
            self._show()
        else:
            self.bar.state = {**self.desk.bar(), "problem": f"{first.where}: {words}"}

    def _draw(self) -> None:
        picture = self.desk.picture()
        if picture is not None and self.figure is None:
            self.figure = LiveFigure(picture)
            self._changed()
        elif picture is not None and self.figure is not None:
            self.figure.show(picture)
        self._show()

    def _show(self) -> None:
        desk = self.desk
        result = None if desk.run is None else desk.run.result
        self.bar.state = desk.bar()
        self.foot.state = {
            "beside": desk.beside(),
            "ready": desk.run is not None,
            "theory": lines_of(desk.told, result, desk.ticked),
            "words": self._told,
            "open": self._open,
            "table": table(result) if self._open and result is not None else None,
            "refused": self._refused,
        }
