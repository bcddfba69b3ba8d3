"""Owns what is said of a run before it starts: the run as planned, findings and remedies. Must not know any check."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from nbkit.compile.delays import steps_of
from nbkit.errors import CODES
from nbkit.network.network import Network
from nbkit.network.time import Time, to_unit
from nbkit.simulation.recording import Asked

Level = Literal["problem", "warning", "note"]

#: what each level means, the gravest first
LEVELS: dict[Level, str] = {
    "problem": "the run would be refused, or leave the finite numbers",
    "warning": "it runs, but its numbers are not to be trusted, or show nothing",
    "note": "worth knowing",
}

#: Every code that health has beside those of `nbkit.errors`, with its meaning. A test provokes each of them.
HEALTH_CODES: dict[str, str] = {
    "false-rhythm": "Euler lets a mode grow that dies out in truth",
    "weak-damping": "Euler lets a mode die out much more slowly than it does in truth",
    "not-judged": "whether Euler keeps a resting point stable cannot be told",
    "step-too-long": "dt is so long beside a time constant that Euler's rule swings out or overshoots",
    "coarse-step": "dt is long beside a time constant",
    "ends-early": "the run is shorter than its slowest time constant",
    "discard-too-short": "what is left out is shorter than the slowest time constant",
    "never-arrives": "a delay is as long as the run",
    "delay-rounded": "delays differ from what was asked when they are rounded to steps",
    "nothing-drives": "a population starts at rest, and nothing ever moves it",
    "below-rheobase": "a constant drive that never reaches the threshold",
    "too-late": "a stimulus begins when the run is over",
    "between-steps": "a stimulus is so short that it falls between two steps",
    "undersampled": "a stimulus swings faster than the steps can follow",
    "crowded": "so many Poisson spikes in a step that single ones do not count, or have to wait",
    "large-recording": "the recording takes a large share of a small computer's memory",
    "without-effect": "a projection or a stimulus whose strength is zero",
    "unconnected": "a population that nothing reaches and that reaches nothing",
}


@dataclass(frozen=True, eq=False)
class PlannedRun:
    """A run as `nbkit.simulate` would be asked for it; its numbers are in the network's time unit.

    With ``sweep`` it is all the runs that `nbkit.sweep` would be asked for.
    """

    network: Network
    dt: Time
    duration: Time
    seed: int = 0
    record: Asked = None
    method: str | None = None
    precision: str = "float64"
    delays: str = "error"
    discard: Time = 0.0
    sweep: Mapping[str, Sequence[Any]] | None = None

    @property
    def step(self) -> float:
        """The step dt."""
        return to_unit(self.dt, self.network.time_unit, "dt")

    @property
    def length(self) -> float:
        """The duration."""
        return to_unit(self.duration, self.network.time_unit, "duration")

    @property
    def left_out(self) -> float:
        """What is discarded at the beginning."""
        return to_unit(self.discard, self.network.time_unit, "discard")

    @property
    def steps(self) -> int:
        """The nearest whole number of steps, one at least."""
        return max(1, steps_of(self.length, self.step)[0])

    @property
    def points(self) -> int:
        """How many runs."""
        return math.prod(len(numbers) for numbers in (self.sweep or {}).values())

    def told(self, time: float, digits: int = 4) -> str:
        """A time in words: ``0.1 ms``."""
        return told_time(time, self.network.time_unit, digits)

    def with_remedy(self, remedy: Remedy) -> PlannedRun:
        """The run after a remedy was taken."""
        return replace(self, **remedy.changes)


@dataclass(frozen=True, eq=False)
class Remedy:
    """What to do about a finding: words, and what to put in place of what was asked.

    Attributes:
        words: what is done, for a button or a sentence.
        network, dt, duration, record, method, precision, delays, discard: what takes the place of the argument of
            this name; None leaves it as it is. Where all are None the words say what only the user can do.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 1, initial={"x": 1.0})})
        >>> remedy = nb.health(net, dt=25.0, duration=100.0).findings[0].remedies[0]
        >>> remedy.words, remedy.dt
        ('dt = 1 ms', 1.0)
    """

    words: str
    network: Network | None = None
    dt: Time | None = None
    duration: Time | None = None
    record: Asked = None
    method: str | None = None
    precision: str | None = None
    delays: str | None = None
    discard: Time | None = None

    @property
    def changes(self) -> dict[str, Any]:
        """Name of the argument -> what takes its place."""
        held = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "words"}
        return {name: value for name, value in held.items() if value is not None}

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True, eq=False)
class HealthFinding:
    """One thing that was found before a run.

    Attributes:
        code: one of `nbkit.errors.CODES` or of `HEALTH_CODES`.
        level: ``"problem"``, ``"warning"`` or ``"note"``, see `LEVELS`.
        where: the path that it is about.
        what: what was found, with the numbers of this run.
        remedies: what can be done about it, the best first.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 1, initial={"x": 1.0})})
        >>> finding = nb.health(net, dt=25.0, duration=100.0).findings[0]
        >>> finding.level, finding.where
        ('problem', 'E.x')
    """

    code: str
    level: Level
    where: str
    what: str
    remedies: tuple[Remedy, ...] = ()

    def __post_init__(self) -> None:
        if self.code not in CODES and self.code not in HEALTH_CODES:
            raise KeyError(f"no such code of a finding: {self.code}")

    @property
    def remedy(self) -> Remedy | None:
        """The best remedy, None where there is none."""
        return self.remedies[0] if self.remedies else None

    def __str__(self) -> str:
        text = f"{self.level}: {self.where}: {self.what}" if self.where else f"{self.level}: {self.what}"
        return "\n".join([text, *(f"    try: {remedy.words}" for remedy in self.remedies)])


def told_time(time: float, unit: str, digits: int = 4) -> str:
    """A time in words, rounded to what a reader can use.

    >>> told_time(0.1, "ms"), told_time(1 / 3, "1")
    ('0.1 ms', '0.3333')
    """
    number = f"{time:.{digits}g}"
    return number if unit == "1" else f"{number} {unit}"
