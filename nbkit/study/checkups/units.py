"""Owns a look at the units of one population as they start: how fast each state moves and decays. Must not know runs.

A law or an array is represented by three numbers: a low, a middle and a high one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from nbkit.model.functions import XI
from nbkit.network.description import Population
from nbkit.network.evaluation import evaluate
from nbkit.network.expressions import Expression
from nbkit.network.grids import Grid
from nbkit.network.laws import Law
from nbkit.network.network import Network
from nbkit.network.places import at_places
from nbkit.network.time import SECONDS, parameter_factor, to_unit

Array = npt.NDArray[np.float64]
Known = Mapping[str, Array]

#: the shares at which a law is looked at: of a hundred units, one lies below the first
SHARES = np.array([0.01, 0.5, 0.99])

#: places along an axis at which a larger grid is looked at
ACROSS = 200

NUDGE = 1e-6  # of a state's size: about where the rounding of a central difference is least


@dataclass(frozen=True, eq=False)
class Units:
    """Representatives of a population's units: all middle numbers first, then one number of one law turned at a time.

    Attributes:
        name: of the population.
        population: what they are units of.
        known: parameter (in the model's own time), state and input -> value, shape (representatives,).
        pace: units of the model's time in one unit of the network's.
    """

    name: str
    population: Population
    known: Known
    pace: float

    @property
    def states(self) -> tuple[str, ...]:
        """Names of the states."""
        return tuple(self.population.model.states)

    def variables(self, changed: Known | None = None) -> dict[str, Any]:
        """Every name of the model -> its value at the start, with other values where some are given."""
        known: dict[str, Any] = {**self.known, **(changed or {})}
        with np.errstate(all="ignore"):
            for key, line in self.population.model.algebraic.items():
                known[key] = evaluate(line.right, known)
        return known

    def speed(self, changed: Known | None = None) -> Array:
        """How fast each state moves, per unit of the network's time; shape (states, ...)."""
        known = self.variables(changed)
        shape = np.broadcast_shapes(*(np.shape(value) for value in known.values()))
        rows = np.zeros((len(self.states), *shape))
        with np.errstate(all="ignore"):
            for row, key in zip(rows, self.states, strict=True):
                line = self.population.model.differential[key]
                moved = np.asarray(evaluate(line.right, known), dtype=np.float64)
                row[...] = self.pace * (moved if line.factor is None else moved / evaluate(line.factor, known))
        return rows

    def slopes(self, changed: Known | None = None) -> Array:
        """How the speed of each state changes with each state of the same unit, (representatives, states, states)."""
        known = {**self.known, **(changed or {})}
        columns = []
        for key in self.states:
            size = NUDGE * np.maximum(1.0, np.abs(known[key]))
            ahead, behind = (self.speed({**known, key: known[key] + sign * size}) for sign in (1.0, -1.0))
            columns.append((ahead - behind) / (2.0 * size))
        if not columns:
            return np.zeros((1, 0, 0))
        return np.moveaxis(np.array(columns), (0, 1, 2), (2, 1, 0))


def units_of(network: Network, name: str) -> Units:
    """The representatives of a population of a sound network."""
    population = network.populations[name]
    model = population.model
    held = {key: _three(population, network.value(f"{name}.{key}")) for key in model.parameters}
    held = {
        key: numbers * parameter_factor(model.parameters[key].unit, model.time_unit, network.time_unit)
        for key, numbers in held.items()
    }
    held |= {key: _three(population, network.value(f"{name}.{key}.initial")) for key in model.states}
    known = _turned(held)
    count = len(next(iter(known.values()), np.zeros(1)))
    known |= {key: np.full(count, float(number)) for key, number in model.inputs.items()}
    return Units(name, population, known | {XI: np.zeros(count)}, pace_of(network, population))


def pace_of(network: Network, population: Population) -> float:
    """Units of the model's time in one unit of the network's."""
    unit, own = network.time_unit, population.model.time_unit
    if population.time_scale is not None:
        return 1.0 / to_unit(population.time_scale, unit, "time_scale")
    return 1.0 if "1" in (unit, own) or unit == own else SECONDS[unit] / SECONDS[own]


def _three(population: Population, value: Any) -> Array:
    """A low, a middle and a high number of a value."""
    if isinstance(value, Law):
        return np.asarray(value.quantile(SHARES), dtype=np.float64)
    if isinstance(value, Expression):
        grid = coarse(population.grid)
        value = at_places(value, grid, 1 if grid is None else math.prod(grid.shape))
    array = np.asarray(value, dtype=np.float64)
    return np.array([array.min(), np.median(array), array.max()])


def coarse(grid: Grid | None) -> Grid | None:
    """A grid of the same extent with no more than `ACROSS` places along an axis."""
    return None if grid is None else replace(grid, shape=tuple(min(n, ACROSS) for n in grid.shape))


def _turned(held: Mapping[str, Array]) -> dict[str, Array]:
    """One representative of middle numbers, and for each value that differs between units one low and one high."""
    differing = [key for key, numbers in held.items() if numbers[0] < numbers[2]]
    known = {key: np.full(1 + 2 * len(differing), numbers[1]) for key, numbers in held.items()}
    for place, key in enumerate(differing):
        known[key][1 + 2 * place : 3 + 2 * place] = held[key][[0, 2]]
    return known
