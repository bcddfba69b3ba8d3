"""Owns connection rules: which unit of the source reaches which unit of the target. Must not know weights.

The words are NEST's: an *autapse* connects a unit to itself, a *multapse* is a second connection of the
same pair. Every rule costs time and memory in proportion to the connections that it makes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nbkit.network.distinct import distinct_below
from nbkit.network.pairing import (
    Ends,
    Pairs,
    Rule,
    Units,
    by_row,
    count_cells,
    count_fault,
    flag_fault,
    of_cells,
    others,
    probability_fault,
)
from nbkit.network.values import freeze

__all__ = [
    "RULES", "AllToAll", "Bernoulli", "Ends", "Explicit", "FixedInDegree", "FixedOutDegree", "FixedTotalNumber",
    "OneToOne", "Pairs", "Rule", "SymmetricBernoulli", "Units",
]  # fmt: skip


@dataclass(frozen=True)
class AllToAll(Rule):
    """Every unit of the source reaches every unit of the target. Weights are (post, pre).

    Args:
        autapses: whether a unit may reach itself, where source and target are one population.

    Example:
        >>> import nbkit as nb
        >>> units = nb.Population(nb.models.leaky_integrator, 4)
        >>> net = nb.Network({"E": units}, [nb.Projection("E.x", "E.u", rule=nb.AllToAll(autapses=False))])
        >>> nb.study.weight_matrix(net, "E->E").values.astype(int).tolist()
        [[0, 1, 1, 1], [1, 0, 1, 1], [1, 1, 0, 1], [1, 1, 1, 0]]
    """

    autapses: bool = True

    def fault(self, ends: Ends) -> str:
        """Why these populations cannot be connected so."""
        return flag_fault(self)

    def connections(self, ends: Ends) -> float:
        """How many connections the rule makes."""
        return ends.post * ends.pre - (ends.post if ends.same and not self.autapses else 0)

    def pairs(self, generator: np.random.Generator, ends: Ends) -> Pairs:
        """Target and source units."""
        cells = np.arange(count_cells(self, ends), dtype=np.int64)
        return of_cells(self, ends, cells)

    def weight_shape(self, ends: Ends) -> tuple[int, ...]:
        """Shape of a weight array."""
        return (ends.post, ends.pre)


@dataclass(frozen=True)
class OneToOne(Rule):
    """Unit i of the source reaches unit i of the target. Weights are one per unit.

    Example:
        >>> import nbkit as nb
        >>> units = nb.Population(nb.models.leaky_integrator, 4)
        >>> net = nb.Network({"E": units}, [nb.Projection("E.x", "E.u", rule=nb.OneToOne())])
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
        >>> units = nb.Population(nb.models.leaky_integrator, 4)
        >>> net = nb.Network({"E": units}, [nb.Projection("E.x", "E.u", rule=nb.FixedTotalNumber(6))])
        >>> nb.study.weight_matrix(net, "E->E").values.astype(int).sum().item()
        6
    """

    number: int
    autapses: bool = True
    multapses: bool = True

    def fault(self, ends: Ends) -> str:
        """Why these populations cannot be connected so."""
        return flag_fault(self) or count_fault(self, self.number, count_cells(self, ends), "pairs")

    def connections(self, ends: Ends) -> float:
        """How many connections the rule makes."""
        return self.number

    def pairs(self, generator: np.random.Generator, ends: Ends) -> Pairs:
        """Target and source units."""
        cells = count_cells(self, ends)
        if self.multapses:
            drawn = np.sort(generator.integers(0, cells, self.number))
        else:
            drawn = distinct_below(generator, 1, self.number, cells)[0]
        return of_cells(self, ends, drawn)


@dataclass(frozen=True)
class FixedInDegree(Rule):
    """Every target unit receives from ``in_degree`` sources drawn at random.

    Args:
        in_degree: of each target unit.
        autapses: whether a unit may reach itself, where source and target are one population.
        multapses: whether a pair may be connected more than once.

    Example:
        >>> import nbkit as nb
        >>> units = nb.Population(nb.models.leaky_integrator, 4)
        >>> net = nb.Network({"E": units}, [nb.Projection("E.x", "E.u", rule=nb.FixedInDegree(2))])
        >>> nb.study.weight_matrix(net, "E->E").values.astype(int).sum(axis=1).tolist()  # of each target
        [2, 2, 2, 2]
    """

    in_degree: int
    autapses: bool = True
    multapses: bool = True

    def fault(self, ends: Ends) -> str:
        """Why these populations cannot be connected so."""
        return flag_fault(self) or count_fault(self, self.in_degree, others(self, ends, ends.pre), "sources")

    def connections(self, ends: Ends) -> float:
        """How many connections the rule makes."""
        return self.in_degree * ends.post

    def pairs(self, generator: np.random.Generator, ends: Ends) -> Pairs:
        """Target and source units."""
        return by_row(self, generator, ends, self.in_degree, (ends.post, ends.pre))


@dataclass(frozen=True)
class FixedOutDegree(Rule):
    """Every source unit reaches ``out_degree`` targets drawn at random.

    Args:
        out_degree: of each source unit.
        autapses: whether a unit may reach itself, where source and target are one population.
        multapses: whether a pair may be connected more than once.

    Example:
        >>> import nbkit as nb
        >>> units = nb.Population(nb.models.leaky_integrator, 4)
        >>> net = nb.Network({"E": units}, [nb.Projection("E.x", "E.u", rule=nb.FixedOutDegree(2))])
        >>> nb.study.weight_matrix(net, "E->E").values.astype(int).sum(axis=0).tolist()  # of each source
        [2, 2, 2, 2]
    """

    out_degree: int
    autapses: bool = True
    multapses: bool = True

    def fault(self, ends: Ends) -> str:
        """Why these populations cannot be connected so."""
        return flag_fault(self) or count_fault(self, self.out_degree, others(self, ends, ends.post), "targets")

    def connections(self, ends: Ends) -> float:
        """How many connections the rule makes."""
        return self.out_degree * ends.pre

    def pairs(self, generator: np.random.Generator, ends: Ends) -> Pairs:
        """Target and source units."""
        sources, targets = by_row(self, generator, ends, self.out_degree, (ends.pre, ends.post))
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
        >>> units = nb.Population(nb.models.leaky_integrator, 4)
        >>> net = nb.Network({"E": units}, [nb.Projection("E.x", "E.u", rule=nb.Bernoulli(0.5))])
        >>> nb.study.weight_matrix(net, "E->E").values.astype(int).max().item()
        1
    """

    probability: float
    autapses: bool = True

    def fault(self, ends: Ends) -> str:
        """Why these populations cannot be connected so."""
        return flag_fault(self) or probability_fault(self.probability)

    def connections(self, ends: Ends) -> float:
        """How many connections the rule makes, on average."""
        return self.probability * count_cells(self, ends)

    def pairs(self, generator: np.random.Generator, ends: Ends) -> Pairs:
        """Target and source units."""
        cells = count_cells(self, ends)
        number = int(generator.binomial(cells, self.probability))
        return of_cells(self, ends, distinct_below(generator, 1, number, cells)[0])


@dataclass(frozen=True)
class SymmetricBernoulli(Rule):
    """Every pair of different units of one population is connected in both directions, with this probability.

    Args:
        probability: 0 to 1.

    Example:
        >>> import nbkit as nb
        >>> units = nb.Population(nb.models.leaky_integrator, 4)
        >>> net = nb.Network({"E": units}, [nb.Projection("E.x", "E.u", rule=nb.SymmetricBernoulli(0.5))])
        >>> matrix = nb.study.weight_matrix(net, "E->E").values
        >>> (matrix == matrix.T).all().item()
        True
    """

    probability: float

    def fault(self, ends: Ends) -> str:
        """Why these populations cannot be connected so."""
        if not ends.same:
            return "symmetric connections exist only within one population"
        return probability_fault(self.probability)

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
        >>> two = nb.Explicit(sources=[0, 1], targets=[3, 2])
        >>> units = nb.Population(nb.models.leaky_integrator, 4)
        >>> net = nb.Network({"E": units}, [nb.Projection("E.x", "E.u", rule=two)])
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
