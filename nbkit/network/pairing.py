"""Owns what connection rules share: their interface, the two sides, pairs drawn from them. Must not know weights."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nbkit.errors import shown
from nbkit.model.numbers import is_whole, make_plain
from nbkit.network.distinct import distinct_below

Units = npt.NDArray[np.int64]
Pairs = tuple[Units, Units]


@dataclass(frozen=True)
class Ends:
    """The two sides of a projection: sizes, and whether they are one population."""

    post: int
    pre: int
    same: bool


class Rule(ABC):
    """Says which pairs of units are connected."""

    def __post_init__(self) -> None:
        make_plain(self)

    @abstractmethod
    def fault(self, ends: Ends) -> str:
        """Why these populations cannot be connected so; ``""`` if they can."""

    @abstractmethod
    def connections(self, ends: Ends) -> float:
        """How many connections the rule makes, on average."""

    @abstractmethod
    def pairs(self, generator: np.random.Generator, ends: Ends) -> Pairs:
        """The connections: target units and source units, ordered by target."""

    def weight_shape(self, ends: Ends) -> tuple[int, ...] | None:  # noqa: ARG002  leaves need it
        """Shape of a weight array; None where only a number or a law makes sense."""
        return None


def no_autapses(rule: Any, ends: Ends) -> bool:
    return ends.same and not rule.autapses


def others(rule: Any, ends: Ends, size: int) -> int:
    """How many units a unit can be connected with."""
    return size - 1 if no_autapses(rule, ends) else size


def count_cells(rule: Any, ends: Ends) -> int:
    """How many different pairs there are."""
    return ends.post * others(rule, ends, ends.pre)


def of_cells(rule: Any, ends: Ends, cells: Units) -> Pairs:
    """Pairs from their numbers, counted row by row."""
    targets, sources = np.divmod(cells, max(1, others(rule, ends, ends.pre)))
    return targets, sources + (sources >= targets) if no_autapses(rule, ends) else sources


def by_row(rule: Any, generator: np.random.Generator, ends: Ends, degree: int, sizes: tuple[int, int]) -> Pairs:
    """``degree`` partners for each unit of one side, from the other: ``sizes`` are those of the two sides."""
    rows, size = sizes
    partners_of_each = others(rule, ends, size)
    if rule.multapses:
        partners = np.sort(generator.integers(0, max(1, partners_of_each), (rows, degree)), axis=1)
    else:
        partners = distinct_below(generator, rows, degree, partners_of_each)
    own = np.arange(rows, dtype=np.int64)[:, None]
    if no_autapses(rule, ends):
        partners = partners + (partners >= own)
    return np.repeat(own[:, 0], degree), partners.reshape(-1)


def flag_fault(rule: Any) -> str:
    wrong = [n for n in ("autapses", "multapses") if not isinstance(getattr(rule, n, True), bool)]
    return f"{wrong[0]} is neither True nor False" if wrong else ""


def count_fault(rule: Any, count: Any, available: int, what: str) -> str:
    if not is_whole(count, 0, 2**40):
        return f"{shown(count)} is not a whole number of 0 or more"
    if count and not available:
        return f"there are no {what} to draw from"
    if not rule.multapses and count > available:
        return f"{count} different {what} asked for, {available} there are"
    return ""


def probability_fault(probability: object) -> str:
    fits = isinstance(probability, int | float) and not isinstance(probability, bool) and 0 <= probability <= 1
    return "" if fits else f"{probability!r} is not a probability"
