"""Owns `Workbench`: a document, its presenter and its page, put together. Must not know how things look."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets
import xarray as xr

from nbkit.errors import NbkitError, Problem, did_you_mean, fail, shown
from nbkit.model.numbers import is_finite_number
from nbkit.network.document import Document
from nbkit.network.network import Network
from nbkit.network.setup import Setup
from nbkit.widgets.workbench.actions import editing_actions
from nbkit.widgets.workbench.drawing import HEIGHT, WIDTH
from nbkit.widgets.workbench.menus import MOTIFS, population_of
from nbkit.widgets.workbench.page import Page
from nbkit.widgets.workbench.presenter import WorkbenchPresenter
from nbkit.widgets.workbench.turns import Turns
from nbkit.widgets.workbench.wiring import Port


class Workbench(ipywidgets.VBox):
    """A network composed by hand and seen at once: draw it, turn its values, watch what it does.

    Without a notebook nothing is drawn, and everything else works as well.

    Args:
        network: what to begin with; the rhythm of two populations by default.
        setup: how it is run; by default one that suits it.

    Attributes:
        document: the network with its past: ``edit(net)``, ``undo()``, ``redo()``.
        page: what is seen of it.

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
        self.document = Document(network, setup)
        self.page = Page(self.document, self._act)
        super().__init__(self.page.children)
        self.add_class("nbkit-workbench")
        self._turns = Turns()
        self._presenter = WorkbenchPresenter(self.document, self.page, self._turns)
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
            self.page.show_problems(error.problems)
        except TypeError:
            self.page.show_problems(
                [Problem("bad-type", what, "the page sent something else than expected", "reload the page")]
            )
        self._turns.turn()

    def _actions(self) -> dict[str, Callable[..., object]]:
        p = self._presenter
        return {
            "select": p.select, "set_value": p.set_value, "set_setup": self._set_setup, "add_population": self._add,
            "add_stimulus": p.add_stimulus, "connect": self._connect, "remove": p.remove,
            "duplicate": p.duplicate, "move": self._move, "undo": p.undo, "redo": p.redo, "run": p.run, "stop": p.stop,
            "open_motif": self._open, "open_text": self._open_text, "show_code": self._show_code,
            "show_link": self._show_link, "apply_remedy": p.apply_remedy, "ask_theory": self._ask_theory,
            "set_mode": p.set_mode, "pause": p.live.pause, "step": p.live.step, "reset": p.live.reset,
            "set_speed": p.live.set_speed,
            **editing_actions(p),
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
        self.page.close_question()
        self._presenter.connect(source, target, None if port is None else Port(*port))

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

    def _ask_theory(self) -> None:
        self.page.show_theory(None)
        self.page.show_theory(self._presenter.predictions())

    def _show_code(self) -> None:
        self.page.show_text(self._presenter.code())

    def _show_link(self) -> None:
        self.page.show_text(self.document.to_link())
