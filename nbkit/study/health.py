"""Owns `health`: a look at a run before it starts, as one value. Must not know any check."""

from __future__ import annotations

import html
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nbkit.errors import NbkitNote, fail, shown
from nbkit.network.network import Network
from nbkit.network.time import Time
from nbkit.simulation.recording import Asked, Record
from nbkit.study.checkups.examine import examine
from nbkit.study.checkups.finding import LEVELS, HealthFinding, Level, PlannedRun, Remedy
from nbkit.study.checkups.forecast import Forecast, told_bytes, told_seconds
from nbkit.study.checkups.realised import RealisedDelay

#: delays that are told in plain text; the others are in `Health.delays`
SHOWN_DELAYS = 8

_INK: dict[Level, str] = {"problem": "#b91c1c", "warning": "#b45309", "note": "#475569"}


@dataclass(frozen=True, eq=False)
class Health:
    """What was found about a run before it starts.

    Attributes:
        plan: the run that was looked at.
        forecast: steps, seconds and bytes; None where problems keep them from being told.
        findings: everything that was found, the gravest first.
        delays: the delays of the projections, as asked and as they will be realised.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 1, initial={"x": 1.0})})
        >>> checked = nb.health(net, dt=0.1, duration=100.0)
        >>> checked.ready, checked.forecast.steps
        (True, 1000)
    """

    plan: PlannedRun
    forecast: Forecast | None
    findings: tuple[HealthFinding, ...]
    delays: tuple[RealisedDelay, ...] = ()

    def of_level(self, level: Level) -> tuple[HealthFinding, ...]:
        """The findings of one level: ``"problem"``, ``"warning"`` or ``"note"``."""
        return tuple(finding for finding in self.findings if finding.level == level)

    @property
    def ready(self) -> bool:
        """Whether the run would start."""
        return not self.of_level("problem")

    @property
    def summary(self) -> str:
        """A few words for a button: ``2 problems``, ``1 warning``, or ``Ready · 0.05 s · 1 MB``.

        What cannot be judged is listed, but not counted here: there is nothing to be done about it.
        """
        for level in LEVELS:
            count = sum(finding.code != "not-judged" for finding in self.of_level(level))
            if count:
                return f"{count} {level}{'s' * (count > 1)}"
        if self.forecast is None:
            return "Ready"
        return f"Ready · {told_seconds(self.forecast.seconds)} · {told_bytes(self.forecast.bytes)}"

    def after(self, remedy: Remedy) -> Health:
        """The health of the run once a remedy is taken."""
        return _looked_at(self.plan.with_remedy(remedy))

    def __str__(self) -> str:
        lines = [self.summary if self.forecast is None else f"{self.summary}\n{self.forecast}"]
        lines += [str(finding) for finding in self.findings]
        unit = self.plan.network.time_unit
        lines += [f"delay of {d.projection}: {d.told(unit)}" for d in self.delays[:SHOWN_DELAYS]]
        if len(self.delays) > SHOWN_DELAYS:
            lines.append(f"{len(self.delays) - SHOWN_DELAYS} more delays in .delays")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(map(_row, self.findings))
        unit = self.plan.network.time_unit
        delays = "".join(f"<li>{html.escape(d.projection)}: {html.escape(d.told(unit))}</li>" for d in self.delays)
        taken = "" if self.forecast is None else f"<div>{html.escape(str(self.forecast))}</div>"
        folded = f"<details><summary>delays</summary><ul>{delays}</ul></details>" if delays else ""
        listed = f"<ul style='list-style:none;padding-left:0'>{rows}</ul>" if rows else ""
        return f"<div><b>{html.escape(self.summary)}</b>{taken}{listed}{folded}</div>"


def _row(finding: HealthFinding) -> str:
    tried = "".join(f"<br><small>try: {html.escape(remedy.words)}</small>" for remedy in finding.remedies)
    where = f"<code>{html.escape(finding.where)}</code> " if finding.where else ""
    level = f"<b style='color:{_INK[finding.level]}'>{finding.level}</b>"
    return f"<li style='margin-top:0.4em'>{level} {where}{html.escape(finding.what)}{tried}</li>"


def health(
    network: Network,
    dt: Time,
    duration: Time,
    *,
    seed: int = 0,
    record: Asked = None,
    method: str | None = None,
    precision: str = "float64",
    delays: str = "error",
    discard: Time = 0.0,
    sweep: Mapping[str, Sequence[Any]] | None = None,
) -> Health:
    """Look at a run before it starts: what it takes, what would go wrong, and what to do about it.

    Nothing is run, and connections that take long to make are counted from their rules. A network with problems is
    no error here: its problems are what is found. The forecast of seconds is rough, see `nbkit.study.Forecast`.

    Args:
        network: what would be run.
        dt: step, in the network's time unit or as text such as ``"0.1 ms"``.
        duration: of the run.
        seed: as for `nbkit.simulate`.
        record: as for `nbkit.simulate`.
        method: as for `nbkit.simulate`.
        precision: as for `nbkit.simulate`.
        delays: as for `nbkit.simulate`.
        discard: as for `nbkit.simulate`.
        sweep: the values of an `nbkit.sweep`: the forecast is then of all its points, kept without ``reduce=``; what
            is found is of the network as it is given.

    Returns:
        A `Health` with forecast, findings and realised delays. A finding carries remedies; one that names a network,
        a dt or another argument is put in its place, and `Health.after` looks again.

    Raises:
        NbkitError: ``bad-type`` for what is no network.

    Source:
        A mode of rate ``a`` that dies out does so in Euler steps too if ``dt < -2 Re(a)/|a|**2``, because a step
        multiplies it by ``1 + dt*a``: Hairer & Wanner (1996) Solving Ordinary Differential Equations II, section IV.2.

    Example:
        >>> import nbkit as nb
        >>> unit = nb.Population(nb.models.leaky_integrator, 1, initial={"x": 1.0})
        >>> checked = nb.health(nb.Network({"E": unit}), dt=2.0, duration=100.0)
        >>> checked.summary, [remedy.words for remedy in checked.findings[0].remedies]
        ('1 warning', ['dt = 1 ms', 'step E exactly: its equations are linear'])
        >>> checked.after(checked.findings[0].remedy).ready
        True
    """
    if not isinstance(network, Network):
        raise fail("bad-type", "network", f"{shown(network)} is no network", "nb.Network(...)")
    if not isinstance(record, str | bytes | Record | None) and isinstance(record, Iterable):
        record = list(record)
    return _looked_at(PlannedRun(network, dt, duration, seed, record, method, precision, delays, discard, sweep))


def _looked_at(plan: PlannedRun) -> Health:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NbkitNote)  # the user's own network has said it already
        findings, taken, delays = examine(plan)
    return Health(plan, taken, tuple(findings), delays)
