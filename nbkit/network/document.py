"""Owns `Document`: the network that is being edited, its past and its future. Must not know who edits or draws it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from nbkit.errors import NbkitError, Problem, did_you_mean, fail, shown
from nbkit.model.frozen import FrozenMap
from nbkit.model.numbers import is_finite_number
from nbkit.network import files, links, notebook, reading
from nbkit.network.difference import Difference, differences, same
from nbkit.network.network import Network
from nbkit.network.setup import Setup, proposed

FORMAT = "nbkit.document"
VERSION = 1

Place = tuple[float, float]

_MOST_REVISIONS = 1000  # older ones are forgotten


@dataclass(frozen=True)
class Revision:
    """One state of a document.

    Attributes:
        network: what is described.
        setup: how it is run.
        positions: population or stimulus -> where it is drawn.
        words: what was done to come here.
        differences: in what the network differs from the one before.
    """

    network: Network
    setup: Setup
    positions: Mapping[str, Place] = field(default_factory=FrozenMap)
    words: str = ""
    differences: tuple[Difference, ...] = ()


Listener = Callable[[Revision], None]
Guard = Callable[[Network], Iterable[Problem]]


class Document:
    """A network with its setup and its drawing, which remembers how it came to be.

    Every edit puts a new revision behind the present one; nothing is ever changed in place.

    Args:
        network: the first network.
        setup: how it is run; by default one that suits its time constants.
        positions: population or stimulus -> (x, y) in the drawing, as far as they are chosen.
        guard: tells what a network has that this document may not hold; an edit to such a network is refused.

    Raises:
        NbkitError: ``bad-type`` or ``bad-value`` for what is no network, setup or place.

    Example:
        >>> import nbkit as nb
        >>> document = nb.Document(nb.Network({"E": nb.Population(nb.models.wilson_cowan, 80)}))
        >>> document.edit(document.network.with_value("E.tau", 12.0))
        True
        >>> document.revisions[-1].words
        'E.tau 10 → 12 ms'
        >>> document.undo(), document.network.value("E.tau")
        (True, 10.0)
    """

    def __init__(
        self,
        network: Network,
        setup: Setup | None = None,
        positions: Mapping[str, Place] | None = None,
        guard: Guard | None = None,
    ) -> None:
        if not isinstance(network, Network):
            raise fail("bad-type", "network", f"{shown(network)} is no network", "nb.Network(...)")
        first = Revision(network, proposed(network) if setup is None else setup, words="opened")
        self._revisions: list[Revision] = [_checked(replace(first, positions=FrozenMap(positions or {})))]
        self._at = 0
        self._guard = guard
        self._merging: object = None
        self._listeners: list[Listener] = []

    @property
    def present(self) -> Revision:
        """The revision that stands now."""
        return self._revisions[self._at]

    @property
    def network(self) -> Network:
        """The network of the present revision."""
        return self.present.network

    @property
    def setup(self) -> Setup:
        """How it is run."""
        return self.present.setup

    @property
    def positions(self) -> Mapping[str, Place]:
        """Where its parts are drawn."""
        return self.present.positions

    @property
    def revisions(self) -> tuple[Revision, ...]:
        """All revisions, the oldest first; those after the present one can be redone."""
        return tuple(self._revisions)

    @property
    def number(self) -> int:
        """The place of the present revision among all."""
        return self._at

    def edit(
        self,
        network: Network | None = None,
        *,
        setup: Setup | None = None,
        positions: Mapping[str, Place] | None = None,
        words: str = "",
        merge: object = None,
    ) -> bool:
        """Put a new revision behind the present one; what was undone before is forgotten.

        Args:
            network: the new network; None keeps the present one.
            setup: the new setup; None keeps the present one. It also stays when the network changes.
            positions: the new drawing; None keeps the present one.
            words: what was done; by default the differences.
            merge: edits that follow each other with the same mark, such as those of one drag of a slider, are
                one revision.

        Returns:
            Whether anything differs; if nothing does, there is no new revision.

        Raises:
            NbkitError: ``bad-type`` or ``bad-value``, or what the guard tells; the document is then as it was.
        """
        present = self.present
        merged = merge is not None and merge == self._merging and self._at > 0
        base = self._revisions[self._at - 1] if merged else present
        made = replace(
            present,
            network=present.network if network is None else network,
            setup=present.setup if setup is None else setup,
            positions=present.positions if positions is None else FrozenMap(positions),
        )
        made = _checked(made)
        if not _differ(present, made):
            return False
        if refused := self.refusals(made.network):
            raise NbkitError(refused)
        found = differences(base.network, made.network)
        told = words or "; ".join([*(d.words for d in found), *_setup_words(base.setup, made.setup)]) or "moved"
        self._revisions[self._at + (0 if merged else 1) :] = [replace(made, words=told, differences=found)]
        del self._revisions[:-_MOST_REVISIONS]
        self._at = len(self._revisions) - 1
        self._merging = merge
        self._tell()
        return True

    def refusals(self, network: Network) -> tuple[Problem, ...]:
        """What a network has that this document may not hold; nothing for a document without a guard."""
        return () if self._guard is None else tuple(self._guard(network))

    def undo(self) -> bool:
        """Go back to the revision before; returns whether there was one."""
        return self._go(self._at - 1)

    def redo(self) -> bool:
        """Go on to the revision that was undone; returns whether there was one."""
        return self._go(self._at + 1)

    def go_to(self, number: int) -> bool:
        """Go to a revision by its place among all; returns whether there is one and it is another one."""
        return number != self._at and self._go(number)

    def _go(self, number: int) -> bool:
        if not 0 <= number < len(self._revisions):
            return False
        self._at, self._merging = number, None
        self._tell()
        return True

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call a function with the present revision after each change; returns a function that ends this."""
        self._listeners.append(listener)

        def leave() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return leave

    def _tell(self) -> None:
        present = self.present
        for listener in tuple(self._listeners):
            listener(present)

    def to_json(self) -> str:
        """Write the present revision as JSON text; its past is not written."""
        return json.dumps(
            {
                "format": FORMAT,
                "version": VERSION,
                "network": files.as_mapping(self.network),
                "setup": {f.name: files.written(getattr(self.setup, f.name)) for f in fields(Setup)},
                "positions": {name: list(place) for name, place in self.positions.items()},
            },
            indent=1,
        )

    @classmethod
    def from_json(cls, text: str) -> Document:
        """Read a document, or a network alone, from JSON text; unknown keys are refused.

        Raises:
            NbkitError: with everything that is wrong with the text.
        """
        held = reading.loaded(text)
        if isinstance(held, dict) and held.get("format") == files.FORMAT:
            return cls(Network(**reading.from_mapping(held)))
        return cls(*_read(held))

    def to_code(self) -> str:
        """The network and its run as Python, which makes `net` and the result `ds`."""
        return f"{self.network.to_code()}\n{self._run_as_code()}\n"

    def to_notebook(self, story: str = "", figure: str = "traces") -> str:
        """Write a notebook: what it is about, the network, its run, a figure, and the workbench.

        Args:
            story: what the network does, in words.
            figure: a function of `nbkit.plots` that takes the result.
        """
        return notebook.written(
            notebook.Cell("markdown", notebook.heading(self.network, story)),
            notebook.Cell("code", self.network.to_code()),
            notebook.Cell("code", f"{self._run_as_code()}\nnb.LiveFigure(nb.plots.{figure}(ds))"),
            notebook.Cell("code", f"nb.Workbench(net, nb.Setup({self._keywords()}))"),
        )

    def _run_as_code(self) -> str:
        return f"ds = nb.simulate(net, {self._keywords()})"

    def _keywords(self) -> str:
        return ", ".join(f"{key}={held!r}" for key, held in self.setup.keywords().items())

    def to_link(self) -> str:
        """The present revision as text that fits into a link.

        Raises:
            NbkitError: ``link-too-long`` for networks with large arrays.
        """
        return links.to_link(self.to_json())

    @classmethod
    def from_link(cls, link: str) -> Document:
        """Read a document, or a network, from text that `to_link` wrote. Nothing is run."""
        return cls.from_json(links.from_link(link))


def _differ(one: Revision, other: Revision) -> bool:
    if one.setup != other.setup or dict(one.positions) != dict(other.positions):
        return True
    return bool(differences(one.network, other.network))


def _setup_words(old: Setup, new: Setup) -> list[str]:
    pairs = [(f.name, getattr(old, f.name), getattr(new, f.name)) for f in fields(Setup)]
    return [f"{name} {_plain(one)} → {_plain(other)}" for name, one, other in pairs if not same(one, other)]


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) else "by itself" if value is None else str(value)


def _checked(revision: Revision) -> Revision:
    """A revision whose parts are of their kinds; places of parts that are gone are dropped."""
    wrong = []
    if not isinstance(revision.network, Network):
        wrong.append(Problem("bad-type", "network", f"{shown(revision.network)} is no network", "nb.Network(...)"))
    if not isinstance(revision.setup, Setup):
        wrong.append(Problem("bad-type", "setup", f"{shown(revision.setup)} is no setup", "nb.Setup(duration, dt)"))
    for name, place in revision.positions.items():
        if not (isinstance(place, tuple | list) and len(place) == 2 and all(map(is_finite_number, place))):
            wrong.append(Problem("bad-value", f"positions[{name!r}]", f"{shown(place)} is no place", "(x, y)"))
    if wrong:
        raise NbkitError(wrong)
    known = {*revision.network.populations, *(s.name for s in revision.network.stimuli)}
    kept = {name: (float(x), float(y)) for name, (x, y) in revision.positions.items() if name in known}
    return replace(revision, positions=FrozenMap(kept))


def _read(held: Any) -> tuple[Network, Setup, Mapping[str, Place]]:
    """The parts of a document file."""
    if not isinstance(held, dict) or held.get("format") != FORMAT:
        raise fail("unknown-format", "format", "neither a document nor a network", "give text from to_json()")
    if held.get("version") != VERSION:
        what = f"version {shown(held.get('version'))}; this nbkit reads {VERSION}"
        raise fail("unknown-format", "version", what, "update nbkit, or save the document again")
    keys = ("format", "version", "network", "setup", "positions")
    wrong = [
        Problem("unknown-key", key, f"a document has no '{key}'", did_you_mean(key, keys))
        for key in held
        if key not in keys
    ]
    wrong += [Problem("missing-key", key, f"a document needs '{key}'", "add it") for key in keys if key not in held]
    setup, places = held.get("setup"), held.get("positions")
    known = {f.name for f in fields(Setup)}
    for key, part in (("setup", setup), ("positions", places)):
        if key in held and not isinstance(part, dict):
            wrong.append(Problem("bad-type", key, f"{type(part).__name__} where a mapping is needed", "{...}"))
    if isinstance(setup, dict):
        wrong += [
            Problem("unknown-key", f"setup.{key}", f"a setup has no '{key}'", did_you_mean(key, known))
            for key in setup if key not in known
        ]  # fmt: skip
        wrong += [
            Problem("missing-key", f"setup.{key}", f"a setup needs '{key}'", "add it")
            for key in ("duration", "dt") if key not in setup
        ]  # fmt: skip
    if wrong:
        raise NbkitError(wrong)
    assert isinstance(setup, dict)
    return Network(**reading.from_mapping(held["network"])), Setup(**setup), places  # type: ignore[return-value]
