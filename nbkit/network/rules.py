"""Owns connection rules: which unit of the source reaches which unit of the target. Must not know weights.

The words are NEST's: an *autapse* connects a unit to itself, a *multapse* is a second connection of the
same pair. Every rule costs time and memory in proportion to the connections that it makes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from nbkit.errors import shown
from nbkit.model.numbers import is_whole, make_plain
from nbkit.network.distinct import distinct_below
from nbkit.network.values import freeze

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

    def weight_shape(self, ends: Ends) -> tuple[int, ...] | None:
        """Shape of a weight array; None where only a number or a law makes sense."""
        return None


@dataclass(frozen=True)
class AllToAll(Rule):
    """Every unit of the source reaches every unit of the target. Weights are (post, pre).

    With ``autapses=False`` no unit of a population reaches itself.

    Args:
        autapses: whether a unit may reach itself, where source and target are one population.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network(
        ...     {"E": nb.Population(nb.models.leaky_integrator, 4)},
        ...     [nb.Projection("E.x", "E.u", rule=nb.AllToAll(autapses=False))],
        ... )
        >>> nb.study.weight_matrix(net, "E->E").values.astype(int).tolist()
        [[0, 1, 1, 1], [1, 0, 1, 1], [1, 1, 0, 1], [1, 1, 1, 0]]
    """

    autapses: bool = True

    def fault(self, ends: Ends) -> str:
        """Why these populations cannot be connected so."""
        return _flag_fault(self)

    def connections(self, ends: Ends) -> float:
        """How many connections the rule makes."""
        return ends.post * ends.pre - (ends.post if ends.same and not self.autapses else 0)

    def pairs(self, generator: np.random.Generator, ends: Ends) -> Pairs:
        """Target and source units."""
        cells = np.arange(_cells(self, ends), dtype=np.int64)
        return _of_cells(self, ends, cells)

    def weight_shape(self, ends: Ends) -> tuple[int, ...]:
        """Shape of a weight array."""
        return (ends.post, ends.pre)


@dataclass(frozen=True)
class OneToOne(Rule):
    """Unit i of the source reaches unit i of the target. Weights are one per unit.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network(
        ...     {"E": nb.Population(nb.models.leaky_integrator, 4)},
        ...     [nb.Projection("E.x", "E.u", rule=nb.OneToOne())],
        ... )
        >>> nb.study.weight_matrix(net, "E->E").values.astype(int).tolist()
        [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
    """

    def fault(self, ends: Ends) -> str:
        """Why these populations cannot be connected so."""
        return "" if ends.post == ends.pre else f"one-to-one from {ends.pre} units onto {ends.post}"

    def connections(self, ends: Ends) -> float:
        """How many connections the rule makes."""
        return ends.post

    def pairs(self, generator: np.random.Generator, ends: Ends) -> Pairs:
        """Target and source units."""
        units = np.arange(ends.post, dtype=np.int64)
        return units, units

    def weight_shape(self, ends: Ends) -> tuple[int, ...]:
        """Shape of a weight array."""
        return (ends.post,)


@dataclass(frozen=True)
class FixedTotalNumber(Rule):
    """``number`` connections in all, between units drawn at random.

    Args:
        number: of connections.
        autapses: whether a unit may reach itself, where source and target are one population.
        multapses: whether a pair may be connected more than once.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network(
        ...     {"E": nb.Population(nb.models.leaky_integrator, 4)},
        ...     [nb.Projection("E.x", "E.u", rule=nb.FixedTotalNumber(6))],
        ... )
        >>> nb.study.weight_matrix(net, "E->E").values.astype(int).sum().item()
        6
    """

    number: int
    autapses: bool = True
    multapses: bool = True

    def fault(self, ends: Ends) -> str:
        """Why these populations cannot be connected so."""
        return _flag_fault(self) or _count_fault(self, self.number, _cells(self, ends), "pairs")

    def connections(self, ends: Ends) -> float:
        """How many connections the rule makes."""
        return self.number

    def pairs(self, generator: np.random.Generator, ends: Ends) -> Pairs:
        """Target and source units."""
        cells = _cells(self, ends)
        if self.multapses:
            drawn = np.sort(generator.integers(0, cells, self.number))
        else:
            drawn = distinct_below(generator, 1, self.number, cells)[0]
        return _of_cells(self, ends, drawn)


@dataclass(frozen=True)
class FixedInDegree(Rule):
    """Every target unit receives from ``in_degree`` sources drawn at random.

    Args:
        in_degree: of each target unit.
        autapses: whether a unit may reach itself, where source and target are one population.
        multapses: whether a pair may be connected more than once.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network(
        ...     {"E": nb.Population(nb.models.leaky_integrator, 4)},
        ...     [nb.Projection("E.x", "E.u", rule=nb.FixedInDegree(2))],
        ... )
        >>> nb.study.weight_matrix(net, "E->E").values.astype(int).sum(axis=1).tolist()  # of each target
        [2, 2, 2, 2]
    """

    in_degree: int
    autapses: bool = True
    multapses: bool = True

    def fault(self, ends: Ends) -> str:
        """Why these populations cannot be connected so."""
        return _flag_fault(self) or _count_fault(self, self.in_degree, _others(self, ends, ends.pre), "sources")

    def connections(self, ends: Ends) -> float:
        """How many connections the rule makes."""
        return self.in_degree * ends.post

    def pairs(self, generator: np.random.Generator, ends: Ends) -> Pairs:
        """Target and source units."""
        return _by_row(self, generator, ends, self.in_degree, (ends.post, ends.pre))


@dataclass(frozen=True)
class FixedOutDegree(Rule):
    """Every source unit reaches ``out_degree`` targets drawn at random.

    Args:
        out_degree: of each source unit.
        autapses: whether a unit may reach itself, where source and target are one population.
        multapses: whether a pair may be connected more than once.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network(
        ...     {"E": nb.Population(nb.models.leaky_integrator, 4)},
        ...     [nb.Projection("E.x", "E.u", rule=nb.FixedOutDegree(2))],
        ... )
        >>> nb.study.weight_matrix(net, "E->E").values.astype(int).sum(axis=0).tolist()  # of each source
        [2, 2, 2, 2]
    """

    out_degree: int
    autapses: bool = True
    multapses: bool = True

    def fault(self, ends: Ends) -> str:
        """Why these populations cannot be connected so."""
        return _flag_fault(self) or _count_fault(self, self.out_degree, _others(self, ends, ends.post), "targets")

    def connections(self, ends: Ends) -> float:
        """How many connections the rule makes."""
        return self.out_degree * ends.pre

    def pairs(self, generator: np.random.Generator, ends: Ends) -> Pairs:
        """Target and source units."""
        sources, targets = _by_row(self, generator, ends, self.out_degree, (ends.pre, ends.post))
        order = np.argsort(targets, kind="stable")
        return targets[order], sources[order]


@dataclass(frozen=True)
class Bernoulli(Rule):
    """Every pair is connected with this probability, once at most.

    Args:
        probability: 0 to 1.
        autapses: whether a unit may reach itself, where source and target are one population.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network(
        ...     {"E": nb.Population(nb.models.leaky_integrator, 4)},
        ...     [nb.Projection("E.x", "E.u", rule=nb.Bernoulli(0.5))],
        ... )
        >>> nb.study.weight_matrix(net, "E->E").values.astype(int).max().item()
        1
    """

    probability: float
    autapses: bool = True

    def fault(self, ends: Ends) -> str:
        """Why these populations cannot be connected so."""
        return _flag_fault(self) or _probability_fault(self.probability)

    def connections(self, ends: Ends) -> float:
        """How many connections the rule makes, on average."""
        return self.probability * _cells(self, ends)

    def pairs(self, generator: np.random.Generator, ends: Ends) -> Pairs:
        """Target and source units."""
        cells = _cells(self, ends)
        number = int(generator.binomial(cells, self.probability))
        return _of_cells(self, ends, distinct_below(generator, 1, number, cells)[0])


@dataclass(frozen=True)
class SymmetricBernoulli(Rule):
    """Every pair of different units of one population is connected in both directions, with this probability.

    Args:
        probability: 0 to 1.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network(
        ...     {"E": nb.Population(nb.models.leaky_integrator, 4)},
        ...     [nb.Projection("E.x", "E.u", rule=nb.SymmetricBernoulli(0.5))],
        ... )
        >>> matrix = nb.study.weight_matrix(net, "E->E").values
        >>> (matrix == matrix.T).all().item()
        True
    """

    probability: float

    def fault(self, ends: Ends) -> str:
        """Why these populations cannot be connected so."""
        if not ends.same:
            return "symmetric connections exist only within one population"
        return _probability_fault(self.probability)

    def connections(self, ends: Ends) -> float:
        """How many connections the rule makes, on average."""
        return self.probability * ends.post * (ends.post - 1)

    def pairs(self, generator: np.random.Generator, ends: Ends) -> Pairs:
        """Target and source units."""
        count = ends.post * (ends.post - 1) // 2
        cells = distinct_below(generator, 1, int(generator.binomial(count, self.probability)), count)[0]
        later = ((1 + np.sqrt(1 + 8 * cells.astype(np.float64))) / 2).astype(np.int64)
        later -= later * (later - 1) // 2 > cells  # the root may be rounded over a border
        later += (later + 1) * later // 2 <= cells
        earlier = cells - later * (later - 1) // 2
        targets, sources = np.concatenate([later, earlier]), np.concatenate([earlier, later])
        order = np.lexsort((sources, targets))
        return targets[order], sources[order]


@dataclass(frozen=True, eq=False)
class Explicit(Rule):
    """The connections themselves: connection i goes from unit ``sources[i]`` to unit ``targets[i]``.

    Weights and delays may be arrays with one number for each connection.

    Args:
        sources: numbers of source units, shape (connections,).
        targets: numbers of target units, of the same shape.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network(
        ...     {"E": nb.Population(nb.models.leaky_integrator, 4)},
        ...     [nb.Projection("E.x", "E.u", rule=nb.Explicit(sources=[0, 1], targets=[3, 2]))],
        ... )
        >>> nb.study.weight_matrix(net, "E->E").values.astype(int).tolist()
        [[0, 0, 0, 0], [0, 0, 0, 0], [0, 1, 0, 0], [1, 0, 0, 0]]
    """

    sources: Any = field(repr=False)
    targets: Any = field(repr=False)

    def __post_init__(self) -> None:
        for name in ("sources", "targets"):
            object.__setattr__(self, name, freeze(getattr(self, name)))

    def fault(self, ends: Ends) -> str:
        """Why these populations cannot be connected so."""
        if not all(isinstance(units, np.ndarray) for units in (self.sources, self.targets)):
            return "sources and targets are two lists of numbers"
        if self.sources.ndim != 1 or self.sources.shape != self.targets.shape:
            return f"sources {self.sources.shape} and targets {self.targets.shape} are not two lists of one length"
        for name, units, size in (("sources", self.sources, ends.pre), ("targets", self.targets, ends.post)):
            wrong = np.flatnonzero(~((units >= 0) & (units < size) & (units == np.floor(units))))
            if wrong.size:
                return f"{name}[{wrong[0]}] = {units[wrong[0]]:g} is no unit of a population of {size}"
        return ""

    def connections(self, ends: Ends) -> float:
        """How many connections the rule makes."""
        return float(self.sources.size)

    def pairs(self, generator: np.random.Generator, ends: Ends) -> Pairs:
        """Target and source units, in the order given."""
        return self.targets.astype(np.int64), self.sources.astype(np.int64)

    def weight_shape(self, ends: Ends) -> tuple[int, ...]:
        """Shape of a weight array."""
        return (self.sources.size,)


#: The rules by the name that files use.
RULES: dict[str, type[Rule]] = {
    rule.__name__: rule
    for rule in (
        AllToAll,
        OneToOne,
        FixedTotalNumber,
        FixedInDegree,
        FixedOutDegree,
        Bernoulli,
        SymmetricBernoulli,
        Explicit,
    )
}


# ---------------------------------------------------------------- shared by the rules


def _no_autapses(rule: Any, ends: Ends) -> bool:
    return ends.same and not rule.autapses


def _others(rule: Any, ends: Ends, size: int) -> int:
    """How many units a unit can be connected with."""
    return size - 1 if _no_autapses(rule, ends) else size


def _cells(rule: Any, ends: Ends) -> int:
    """How many different pairs there are."""
    return ends.post * _others(rule, ends, ends.pre)


def _of_cells(rule: Any, ends: Ends, cells: Units) -> Pairs:
    """Pairs from their numbers, counted row by row."""
    targets, sources = np.divmod(cells, max(1, _others(rule, ends, ends.pre)))
    return targets, sources + (sources >= targets) if _no_autapses(rule, ends) else sources


def _by_row(rule: Any, generator: np.random.Generator, ends: Ends, degree: int, sizes: tuple[int, int]) -> Pairs:
    """``degree`` partners for each unit of one side, from the other: ``sizes`` are those of the two sides."""
    rows, size = sizes
    others = _others(rule, ends, size)
    if rule.multapses:
        partners = np.sort(generator.integers(0, max(1, others), (rows, degree)), axis=1)
    else:
        partners = distinct_below(generator, rows, degree, others)
    own = np.arange(rows, dtype=np.int64)[:, None]
    if _no_autapses(rule, ends):
        partners = partners + (partners >= own)
    return np.repeat(own[:, 0], degree), partners.reshape(-1)


def _flag_fault(rule: Any) -> str:
    wrong = [n for n in ("autapses", "multapses") if not isinstance(getattr(rule, n, True), bool)]
    return f"{wrong[0]} is neither True nor False" if wrong else ""


def _count_fault(rule: Any, count: Any, available: int, what: str) -> str:
    if not is_whole(count, 0, 2**40):
        return f"{shown(count)} is not a whole number of 0 or more"
    if count and not available:
        return f"there are no {what} to draw from"
    if not rule.multapses and count > available:
        return f"{count} different {what} asked for, {available} there are"
    return ""


def _probability_fault(probability: object) -> str:
    fits = isinstance(probability, int | float) and not isinstance(probability, bool) and 0 <= probability <= 1
    return "" if fits else f"{probability!r} is not a probability"
