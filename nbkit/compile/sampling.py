"""Owns the drawing of values and the seeds behind it. Must not know instructions or backends.

Every draw has a generator of its own, made from the root seed and the name of the thing drawn, so that
adding a population does not change what another one gets.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from nbkit.errors import NbkitError
from nbkit.network.check import MOST_EVALUATED, limited_problems
from nbkit.network.description import Population
from nbkit.network.evaluation import evaluate
from nbkit.network.expressions import Expression
from nbkit.network.laws import Law
from nbkit.network.places import at_places
from nbkit.network.values import Array

__all__ = ["evaluate", "generator", "sample", "sample_units"]


def generator(seed: int, name: str) -> np.random.Generator:
    """The random generator of the thing with this name.

    >>> a, b = generator(1, "E.tau"), generator(1, "E.tau")
    >>> float(a.random()) == float(b.random())
    True
    """
    words = np.frombuffer(hashlib.sha256(name.encode()).digest()[:16], "<u4")
    sequence = np.random.SeedSequence(seed, spawn_key=tuple(int(w) for w in words))
    return np.random.Generator(np.random.PCG64(sequence))


def sample(value: float | Array | Law, shape: tuple[int, ...], seed: int, name: str) -> float | Array:
    """Turn a value into numbers: a law is drawn with this shape, a number or an array stays."""
    if isinstance(value, Law):
        return value.draw(generator(seed, name), shape)
    return value


def sample_units(population: Population, value: Any, seed: int, name: str) -> float | Array:
    """A value of a population's units: one number for all, or one for each, shape (units,)."""
    if isinstance(value, Expression):
        return _at_places(population, value, name)
    drawn = sample(value, (population.count,), seed, name)
    return drawn.reshape(-1) if isinstance(drawn, np.ndarray) else drawn


def _at_places(population: Population, value: Expression, name: str) -> Array:
    """An expression where the units stand; one on very many units has not been looked at before."""
    found = at_places(value, population.grid, population.count)
    if population.count > MOST_EVALUATED:
        key, model = name.split(".")[1], population.model
        limits = (model.parameters[key] if key in model.parameters else model.states[key]).limits
        wrong = list(limited_problems(found.reshape(population.shape), name, population.shape, limits))
        if wrong:
            raise NbkitError(wrong)
    return found
