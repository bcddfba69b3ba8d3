"""Owns the drawing of values and the seeds behind it. Must not know instructions or backends.

Every draw has a generator of its own, made from the root seed and the name of the thing drawn, so that
adding a population does not change what another one gets.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from nbkit.model.expression import Apply, Number, Tree, expansion
from nbkit.model.functions import CONSTANTS, OPERATIONS
from nbkit.network.description import Population
from nbkit.network.laws import Law
from nbkit.network.values import Array


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
    drawn = sample(value, (population.count,), seed, name)
    return drawn.reshape(-1) if isinstance(drawn, np.ndarray) else drawn


def evaluate(tree: Tree, known: Mapping[str, float | Array]) -> float | Array:
    """Compute a formula directly, operation by operation, from the values of its names.

    This is the plain meaning of a formula; what runs is tested against it.
    """
    if isinstance(tree, Number):
        return tree.value
    if not isinstance(tree, Apply):
        return CONSTANTS[tree.name][0] if tree.name in CONSTANTS else known[tree.name]
    arguments = [evaluate(a, known) for a in tree.arguments]
    row = OPERATIONS[tree.operation]
    if row.expands:
        return evaluate(expansion(tree.operation), dict(zip("xy", arguments, strict=False)))
    result: float | Array = getattr(np, row.numpy)(*(np.asarray(a, dtype=np.float64) for a in arguments))
    return np.asarray(result, dtype=np.float64) if np.ndim(result) else float(result)
