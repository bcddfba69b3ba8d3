"""Owns `Network`: the frozen whole that is edited, saved and handed to the compile step. Must not know how it runs."""

from __future__ import annotations

import html
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nbkit.errors import NbkitError, NbkitNote, Problem, fail, shown
from nbkit.model.frozen import FrozenMap
from nbkit.network import check, files, paths
from nbkit.network.description import Population, Projection, Stimulus
from nbkit.network.values import Array


@dataclass(frozen=True, eq=False)
class Network:
    """Populations, the projections between them and the stimuli onto them: a value that never changes.

    A network may be wrong while it is being built. `check` lists what is wrong, and nothing wrong
    is ever run.

    Args:
        populations: name -> `Population`.
        projections: the connections.
        stimuli: what comes from outside.
        time_unit: ``"ms"``, ``"s"`` or ``"1"`` (model units); every bare time number is in it.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 3, initial={"x": 1.0})})
        >>> net.check()
        []
        >>> net.with_value("E.tau", 20.0).value("E.tau")
        20.0
    """

    populations: Mapping[str, Population]
    projections: Sequence[Projection] = ()
    stimuli: Sequence[Stimulus] = ()
    time_unit: str = "ms"

    def __post_init__(self) -> None:
        if not isinstance(self.populations, Mapping):
            raise fail("bad-type", "Network.populations", "is not a mapping", 'give {"E": nb.Population(...)}')
        put = object.__setattr__
        put(self, "populations", FrozenMap(self.populations))
        for name, example in (("projections", "[nb.Projection(...)]"), ("stimuli", "[nb.Stimulus(...)]")):
            if isinstance(getattr(self, name), str) or not isinstance(getattr(self, name), Iterable):
                raise fail("bad-type", f"Network.{name}", f"{shown(getattr(self, name))} is not a list", example)
        put(self, "projections", tuple(self.projections))
        put(self, "stimuli", tuple(self.stimuli))
        for kind, parts in (
            (Population, self.populations.values()),
            (Projection, self.projections),
            (Stimulus, self.stimuli),
        ):
            for part in parts:
                if not isinstance(part, kind):
                    what = f"{type(part).__name__} where a {kind.__name__} is needed"
                    raise fail("bad-type", "Network", what, f"give nb.{kind.__name__}(...)")
        for note in self.notes:
            warnings.warn(note, NbkitNote, stacklevel=3)

    @property
    def notes(self) -> tuple[str, ...]:
        """What nbkit does for the user with this network, each in one line."""
        return tuple(
            f"{name}: defaults of {p.model.name} are converted from {p.model.time_unit} to {self.time_unit}"
            for name, p in self.populations.items()
            if {p.model.time_unit, self.time_unit} == {"ms", "s"}
        )

    def check(self) -> list[Problem]:
        """Every problem of the network, in the order of its parts; empty if it can be run."""
        return check.problems(self)

    def require(self) -> None:
        """Raise all problems together, if there are any."""
        found = self.check()
        if found:
            raise NbkitError(found)

    def value(self, path: str) -> Any:
        """The value at a path such as ``"E.tau"`` or ``"E->I.gain"``: a number, an array or a law."""
        return paths.value(self, path)

    def with_value(self, path: str, value: object) -> Network:
        """A network that differs from this one in the value at a path."""
        return paths.with_value(self, path, value)

    def describe(self, path: str) -> paths.Description:
        """Symbol, unit, limits and meaning of the value at a path."""
        return paths.describe(self, path)

    def paths(self) -> list[str]:
        """Every path of the network."""
        return paths.all_paths(self)

    def to_json(self, arrays: dict[str, Array] | None = None) -> str:
        """Write the network as JSON text.

        Args:
            arrays: if given, large arrays are put here and only named in the text.
        """
        return files.to_json(self, arrays)

    @classmethod
    def from_json(cls, text: str, arrays: Mapping[str, Any] | None = None) -> Network:
        """Read a network from JSON text; unknown keys are refused.

        Args:
            text: what `to_json` wrote.
            arrays: the large arrays that the text names, for example the Dataset that carries it.
        """
        from nbkit.network import reading  # noqa: PLC0415  only those who read a file need it

        return cls(**reading.from_json(text, arrays))

    def to_code(self) -> str:
        """The Python text that makes this network again, as a user would type it."""
        from nbkit.network import code  # noqa: PLC0415  only those who ask for code need it

        return code.to_code(self)

    def to_link(self) -> str:
        """The network as text that fits into a link.

        Raises:
            NbkitError: ``link-too-long`` for networks with large arrays.
        """
        from nbkit.network import links  # noqa: PLC0415  only those who share need it

        return links.to_link(self.to_json())

    @classmethod
    def from_link(cls, link: str) -> Network:
        """Read a network from text that `to_link` wrote. Nothing is run."""
        from nbkit.network import links  # noqa: PLC0415  only those who share need it

        return cls.from_json(links.from_link(link))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Network) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash(self.to_json())

    def _repr_html_(self) -> str:
        rows = [
            (n, f"{_by(p.shape)} units of {p.model.name}", ", ".join(p.parameters)) for n, p in self.populations.items()
        ]
        for p in self.projections:
            delay = "" if isinstance(p.delay, float | int) and not p.delay else f", delay {shown(p.delay)}"
            delay += f" ± {p.spread}" if p.spread is not None else ""
            rows.append((p.name, f"{p.source} → {p.target}", f"{type(p.rule).__name__}{delay}"))
        rows += [(s.name, f"{type(s.signal).__name__} → {s.target}", "") for s in self.stimuli]
        faults = "".join(f"<li>{html.escape(str(p))}</li>" for p in self.check())
        return f"<table>{''.join(map(_row, rows))}</table>" + (f"<ul>{faults}</ul>" if faults else "")


def _by(shape: tuple[int, ...]) -> str:
    """``20 x 20`` for a sheet."""
    return " x ".join(map(str, shape))


def _row(cells: tuple[str, ...]) -> str:
    inside = "".join(f"<td style='text-align:left'>{html.escape(cell)}</td>" for cell in cells)
    return f"<tr>{inside}</tr>"
