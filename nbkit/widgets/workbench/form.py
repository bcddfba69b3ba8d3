"""Owns the teacher's form: which values may be changed, whether parts may, which figures are shown. No toolkit."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from nbkit.errors import NbkitError, Problem, did_you_mean, shown
from nbkit.network.difference import Difference, differences
from nbkit.network.document import Guard
from nbkit.network.network import Network
from nbkit.network.setup import Setup
from nbkit.widgets.workbench.figures import FIGURES
from nbkit.widgets.workbench.inspector import Row, Section, inspect, row_of

_YOURS, _FIXED = "yours to change", "fixed by your teacher"


@dataclass(frozen=True)
class Form:
    """What a teacher leaves to a student.

    Attributes:
        paths: the values that may be changed; None for all.
        figures: the figures that are shown, in this order; empty for all that fit.
        lock: whether parts stay as they are.
    """

    paths: tuple[str, ...] | None = None
    figures: tuple[str, ...] = ()
    lock: bool = False

    def guard(self, first: Network) -> Guard | None:
        """Tell what a network has that differs from the teacher's own, and must not; None where all may differ."""
        if self.paths is None and not self.lock:
            return None
        known = set(first.paths())

        def told(network: Network) -> Iterator[Problem]:
            for found in differences(first, network):
                if self._fixed(found, first, known):
                    hint = f"change {', '.join(self.paths)}" if self.paths else "change its values"
                    yield Problem("locked", found.path, f"{found.words}: this is {_FIXED}", hint)

        return told

    def _fixed(self, found: Difference, first: Network, known: set[str]) -> bool:
        """Whether a difference from the teacher's network is one that must not be."""
        if not found.value:
            part = found.path.rpartition(".")[0]
            return self.lock or (self.paths is not None and part in _parts(first))
        if self.paths is None or found.path in self.paths:
            return False
        inside = any(path.startswith(f"{found.path}.") for path in self.paths)  # a number of a law
        return found.path in known and not inside

    def sections(self, network: Network, selected: Sequence[Section], setup: Setup) -> tuple[Section, ...]:
        """The rows that may be changed, whatever is selected; then what is fixed of the selected parts."""
        if self.paths is None:
            return tuple(selected)
        fixed = [
            dataclasses.replace(s, about=f"{s.about} · {_FIXED}", rows=tuple(map(_told, self._others(s.rows))))
            for s in selected
        ]
        return (*self._yours(network, setup), *(s for s in fixed if s.rows or s.equations))

    def _others(self, rows: Iterable[Row]) -> list[Row]:
        return [row for row in rows if row.path not in (self.paths or ())]

    def _yours(self, network: Network, setup: Setup) -> Iterator[Section]:
        """One section for each part that has a value which may be changed."""
        missing = dict.fromkeys(path for path in self.paths or () if path in network.paths())
        for part in _parts(network):
            whole = next((s for s in inspect(network, (part,), setup) if s.part == part), None)
            rows = {} if whole is None else {row.path: row for row in whole.rows}
            own = [path for path in missing if _owner(path, network) == part]
            if whole is not None and own:
                made = tuple(rows.get(path) or row_of(network, path) for path in own)
                yield dataclasses.replace(whole, about=_YOURS, equations=(), rows=made)


def form_of(network: Network, show: object, figures: object, lock: object, wrong: list[Problem]) -> Form:
    """Read what a teacher gave; everything that is wrong with it is added to ``wrong``."""
    paths = None if show is None else _expanded(network, _words(show, "show", '["E.tau", "*.delay"]', wrong), wrong)
    chosen = () if figures is None else _words(figures, "figures", '["Traces"]', wrong)
    wrong += [
        Problem("bad-choice", "figures", f"no figure {shown(name)}", did_you_mean(name, FIGURES))
        for name in chosen
        if name not in FIGURES
    ]
    if not isinstance(lock, bool):
        wrong.append(Problem("bad-type", "lock", f"{shown(lock)} is neither True nor False", "lock=True"))
    return Form(paths, chosen, lock is True)


def require(wrong: list[Problem]) -> None:
    """Raise everything that is wrong, at once."""
    if wrong:
        raise NbkitError(wrong)


def _words(given: object, where: str, hint: str, wrong: list[Problem]) -> tuple[str, ...]:
    if isinstance(given, Sequence) and not isinstance(given, str) and all(isinstance(each, str) for each in given):
        return tuple(given)
    wrong.append(Problem("bad-type", where, f"{shown(given)} is no list of names", f"{where}={hint}"))
    return ()


def _expanded(network: Network, patterns: Sequence[str], wrong: list[Problem]) -> tuple[str, ...]:
    """The paths that the patterns name, in the order of the patterns."""
    known = network.paths()
    found: dict[str, None] = {}
    for pattern in patterns:
        hits = [path for path in known if path == pattern or fnmatchcase(path, pattern)]
        if not hits:
            wrong.append(Problem("unknown-path", "show", f"no value {shown(pattern)}", did_you_mean(pattern, known)))
        found |= dict.fromkeys(hits)
    return tuple(found)


def _parts(network: Network) -> list[str]:
    return [*network.populations, *(p.name for p in network.projections), *(s.name for s in network.stimuli)]


def _owner(path: str, network: Network) -> str:
    """The part that a path belongs to; of several that begin it the longest."""
    return max((part for part in _parts(network) if path.startswith(f"{part}.")), key=len, default="")


def _told(row: Row) -> Row:
    """A row that is told, without a slider."""
    return Row(row.path, row.symbol, row.words, "", None, 0.0, 1.0, 1.0, told=row.told)
