"""Owns what the figures show: which ones, of which variables, beside which kept runs. Must not know any toolkit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import xarray as xr

from nbkit.errors import NbkitError, fail
from nbkit.plots import Picture, stacked_picture
from nbkit.study.prediction import Check, Prediction
from nbkit.widgets.workbench.figures import ALONE, FIGURES, ONE_OF_TWO, Scene, asked, drawn, fitting
from nbkit.widgets.workbench.theory import for_figures
from nbkit.widgets.workbench.view import Shown

#: Runs that are kept at once: more lines than these nobody tells apart.
MOST_KEPT = 4


class Desk:
    """Keeps the figures of a workbench: the one in front, the pinned one, and the runs they are compared with.

    Args:
        only: the figures that are offered, in this order; empty for all that fit.

    Attributes:
        run: the present run, or None.
        before: the run before it, grey behind it.
        front: name of the figure that is chosen; empty before anything ran.
        pinned: name of the second figure, below; empty for none.
        kept: name -> a run that was kept to compare with.
        told: what theory says about the run, in the order of the list; and which of it is drawn.
    """

    def __init__(self, only: Sequence[str] = ()) -> None:
        self._only = tuple(only)
        self.run: Shown | None = None
        self.before: Shown | None = None
        self.front, self.pinned = "", ""
        self.kept: dict[str, Shown] = {}
        self.told: tuple[Prediction, ...] = ()
        self.ticked: frozenset[int] = frozenset()
        self.problem = ""
        self._wished = ""
        self._names: list[str] = []
        self._chosen: dict[str, dict[str, str]] = {}

    def show(self, run: Shown, before: Shown | None) -> None:
        """Take a run; figures that cannot show it give way to the best one that can, until they can again."""
        if before is None and self.run is not None and self.run.revision.network != run.revision.network:
            self._wished, self.pinned, self.kept, self._chosen = "", "", {}, {}  # another network was opened
        same = self.run is not None and _same(self.run, run)
        self.run, self.before, self._names = run, before, self._offered(fitting(run))
        if not same:
            self.told, self.ticked = (), frozenset()
        self._settle()

    def choose(self, name: str) -> None:
        """Put a figure in front.

        Raises:
            NbkitError: ``unknown-view`` for a figure that is not offered, ``bad-choice`` for one that cannot show the
                run, with the reason.
        """
        self._require(name)
        self._wished = name
        self._settle()

    def pin(self, name: str = "") -> None:
        """Put a second figure below the first; none takes it away."""
        if name:
            self._require(name)
        self.pinned = name

    def answer(self, name: str, key: str, value: str) -> None:
        """Choose what a figure shows.

        Raises:
            NbkitError: ``bad-choice`` for what it does not ask, or an answer that is not offered.
        """
        asks = {ask.key: ask for ask in FIGURES[name].asks(self.run)} if self.run and name in FIGURES else {}
        if key not in asks or value not in asks[key].options:
            raise fail("bad-choice", f"{name}.{key}", f"no choice {value!r}", "one of those in the list")
        self._chosen.setdefault(name, {})[key] = value

    def keep(self, name: str = "") -> str:
        """Keep the present run under a name, to compare others with it; returns the name.

        Raises:
            NbkitError: ``bad-choice`` with nothing to keep, or with too many kept already.
        """
        if self.run is None:
            raise fail("bad-choice", "compare", "nothing has run yet", "run it first")
        if len(self.kept) >= MOST_KEPT:
            raise fail("bad-choice", "compare", f"{MOST_KEPT} runs are kept already", "remove one of them")
        words = " ".join(str(name).split())[:40] or self._name(self.run)
        free = next(w for k in range(1, 99) if (w := words if k == 1 else f"{words} ({k})") not in self.kept)
        self.kept[free] = self.run
        return free

    def drop(self, name: str) -> None:
        """Forget a kept run; an unknown one is passed over."""
        self.kept.pop(name, None)

    def tick(self, number: int, *, on: bool) -> None:
        """Draw a prediction in the figure, or no longer."""
        if 0 <= number < len(self.told):
            self.ticked = self.ticked | {number} if on else self.ticked - {number}

    # ------------------------------------------------------------ what is seen of it

    def _offered(self, fit: list[str]) -> list[str]:
        return [name for name in self._only if name in fit] if self._only else fit

    def names(self) -> list[str]:
        """Figures that are offered."""
        return self._names

    def picture(self) -> Picture | None:
        """What is drawn now; None with nothing to draw. What the pinned figure cannot show is told in ``problem``."""
        self.problem = ""
        if self.run is None or not self.front:
            return None
        both = [self.front, self.pinned] if self.pinned and self.pinned in self.names() else [self.front]
        height = ALONE if len(both) == 1 else ONE_OF_TWO
        made = []
        for name in both:
            try:
                made.append(drawn(name, self._scene(self.run, name, height)))
            except NbkitError as error:
                self.problem = f"{name}: {error.problems[0].what}"
        return stacked_picture(made) if made else None

    def beside(self) -> list[str]:
        """What is different from each kept run, in words."""
        if self.run is None:
            return []
        others = {name: one for name, one in self.kept.items() if one is not self.run}
        return [f"Beside {name}: {self.run.story.since(one.story) or 'the same'}" for name, one in others.items()]

    def bar(self) -> dict[str, Any]:
        """The state of the line above the figures, as plain values."""
        if self.run is None:
            return {"tabs": []}
        run = self.run
        asks: list[dict[str, Any]] = []
        for name in dict.fromkeys(filter(None, (self.front, self.pinned))):
            if name in self.names():
                asks += self._asks(name, run)
        return {
            "tabs": [[name, FIGURES[name].why_not(run)] for name in self.names()],
            "front": self.front,
            "pinned": self.pinned if self.pinned in self.names() else "",
            "asks": asks,
            "kept": list(self.kept),
            "name": self._name(run),
            "problem": self.problem,
        }

    def _name(self, run: Shown) -> str:
        """What a run is called when nobody says: after what was changed for it, else by its number."""
        changed = run.revision.words
        return changed if "→" in changed else f"run {len(self.kept) + 1}"

    def _asks(self, name: str, run: Shown) -> list[dict[str, Any]]:
        """What a figure asks where there is a choice, with the present answer."""
        found = asked(FIGURES[name], run, self._chosen.get(name, {}))
        front = f"{name}: " if self.pinned else ""
        return [
            {"of": name, "key": a.key, "words": f"{front}{a.words}", "options": list(a.options), "value": found[a.key]}
            for a in FIGURES[name].asks(run)
            if len(a.options) > 1
        ]

    def _scene(self, run: Shown, name: str, height: int) -> Scene:
        earlier: list[tuple[str, xr.Dataset]] = [
            (label, one.result) for label, one in self.kept.items() if one is not run
        ]
        if self.before is not None and self.before not in self.kept.values():
            earlier.insert(0, ("before", self.before.result))
        chosen = asked(FIGURES[name], run, self._chosen.get(name, {}))
        return Scene(run, earlier, chosen, self._drawn_theory(run.result), height)

    def _drawn_theory(self, result: xr.Dataset) -> Sequence[Prediction | Check]:
        return for_figures([self.told[k] for k in sorted(self.ticked)], result)

    def _require(self, name: str) -> None:
        if self.run is None or name not in self.names():
            raise fail("unknown-view", str(name), "cannot show this run", ", ".join(self.names()))
        why = FIGURES[name].why_not(self.run)
        if why:
            raise fail("bad-choice", name, why, "another figure")

    def _settle(self) -> None:
        """The wished figure if it can show the run, else the best one that can."""
        can = [name for name in self.names() if self.run is not None and not FIGURES[name].why_not(self.run)]
        self.front = self._wished if self._wished in can else (can[0] if can else "")


def _same(one: Shown, other: Shown) -> bool:
    """Whether two runs are of one network, at one step."""
    return one.revision.network == other.revision.network and one.revision.setup.dt == other.revision.setup.dt
