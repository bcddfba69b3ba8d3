"""Owns what is read off a stored measurement: medians, factors, goals that were missed. Knows no file."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

OURS, ALONE = "nbkit", "nbkit on NumPy alone"
ELSE = "it ended at"  # how a reason begins that tells of unequal results


@dataclass(frozen=True)
class Line:
    """One metric of one workload against one peer.

    ``theirs`` is None where the peer was not measured, ``peer`` where nobody is compared with. Factors are medians of
    the peer's figure over nbkit's of the same turn.
    """

    words: str
    metric: dict[str, Any]
    ours: float | None
    alone: float | None
    peer: str | None = None
    theirs: float | None = None
    factor: float | None = None
    numpy_factor: float | None = None
    turns: tuple[float, ...] = ()


def lines(found: dict[str, Any]) -> Iterator[Line]:
    """The lines of a stored measurement, in its order; a peer that cannot tell a metric has none."""
    for row in found["rows"]:
        for metric in row["metrics"]:
            for peer in row["rivals"] or [None]:
                line = _line(row, metric, peer)
                known = row["sides"].get(peer)
                if known is None or metric["key"] in known["values"]:
                    yield line


def _line(row: dict[str, Any], metric: dict[str, Any], peer: str | None) -> Line:
    ours, alone, theirs = (_turns(row, name, metric["key"]) for name in (OURS, ALONE, peer))
    factors = _factors(theirs, ours)
    return Line(
        f"{row['words']}: {metric['words']}",
        metric,
        _median(ours),
        _median(alone),
        peer,
        _median(theirs),
        _median(factors),
        _median(_factors(theirs, alone)),
        tuple(factors),
    )


def _turns(row: dict[str, Any], side: str | None, key: str) -> list[float]:
    known: list[float] = row["sides"].get(side, {}).get("values", {}).get(key, [])
    return known


def _factors(theirs: Sequence[float], ours: Sequence[float]) -> list[float]:
    """Turn by turn; a side with fewer turns ends the list."""
    return [a / b for a, b in zip(theirs, ours, strict=False)]


def _median(numbers: Sequence[float]) -> float | None:
    return statistics.median(numbers) if numbers else None


def failures(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """One line for each side of nbkit's own that gave nothing, and for each one that computed something else."""
    for row in rows:
        for name, reason in row["failed"].items():
            if name in (OURS, ALONE) or reason.startswith(ELSE):
                yield f"{row['words']}: {name}: {reason}"


def missed(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """One line for each goal that was missed."""
    for line in lines({"rows": rows}):
        goals = line.metric
        for name, figure, factor, limit, wanted in (
            (OURS, line.ours, line.factor, goals.get("limit"), goals.get("factor")),
            (ALONE, line.alone, line.numpy_factor, goals.get("numpy_limit"), goals.get("numpy_factor")),
        ):
            if figure is not None and limit is not None and figure > limit:
                yield f"{line.words}: {name}: {shown(figure, goals)}, limit {shown(limit, goals)}"
            if factor is not None and wanted is not None and factor < wanted:
                yield f"{line.words}: {name}: {times(factor)} of {line.peer}, goal {times(wanted)}"
        most = goals.get("most")
        if most is not None and line.factor is not None and line.factor < 1 / most:
            yield f"{line.words}: {OURS}: {1 / line.factor:.2g} times the figure of {line.peer}, limit {most:g}"


def shown(figure: float, metric: dict[str, Any]) -> str:
    """A figure with its unit, in two or three digits."""
    unit = metric["unit"]
    if unit == "MB":
        return f"{figure:.0f} MB" if figure < 1000 else f"{figure / 1000:.1f} GB"
    if not unit:
        return _digits(figure)
    for scale, name in ((1.0, "s"), (1e-3, "ms")):
        if figure >= scale:
            return f"{_digits(figure / scale)} {name}"
    return f"{_digits(figure * 1e6)} µs"


def times(factor: float) -> str:
    """A factor in two digits, such as ×55."""
    return f"×{_digits(factor)}"


def _digits(number: float) -> str:
    if number >= 1000:
        return f"{round(number, -2):,.0f}"
    return f"{number:.0f}" if number >= 10 else f"{number:.1f}" if number >= 1 else f"{number:.2g}"
