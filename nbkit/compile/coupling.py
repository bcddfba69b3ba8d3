"""Owns coupling plans: from weights to the cheapest exact product, with its reason. Must not know backends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nbkit.compile.sampling import generator, sample
from nbkit.network.balanced import Balanced
from nbkit.network.description import Projection
from nbkit.network.rules import Ends, OneToOne, Units
from nbkit.network.values import Array

if TYPE_CHECKING:
    from scipy.sparse import csr_array

SMALL = 4096  # a matrix of so few entries is fastest when it is dense
DENSE_SHARE = 0.1  # of the entries: from here on a dense product is faster than a sparse one


@dataclass(frozen=True)
class Coupling:
    """Weights as they are multiplied.

    ``plan`` is ``"dense"`` (weights (post, pre)), ``"uniform"`` (one row (1, pre) for all targets alike),
    ``"sparse"`` (a `scipy.sparse.csr_array` (post, pre)) or ``"one-to-one"`` (weights (size,)).
    ``reason`` says in words why this plan is taken. ``settable`` tells whether its weights can be replaced;
    what replaces them is multiplied by ``share`` (of one connection in the total).
    """

    name: str
    plan: str
    weights: Array | csr_array | Any
    reason: str
    settable: bool = True
    share: float = 1.0


def plan_matrix(projection: Projection, ends: Ends, seed: int) -> Coupling:
    """The plan of a projection that connects every pair, or every unit with its twin."""
    name = projection.name
    if isinstance(projection.rule, OneToOne):
        weight = sample(projection.weight, (ends.post,), seed, f"{name}.weight")  # type: ignore[arg-type]
        weights = np.array(np.broadcast_to(np.asarray(weight, dtype=np.float64), (ends.post,)))
        return Coupling(name, "one-to-one", weights, "unit i reaches unit i alone: one product per unit")
    if isinstance(projection.weight, Balanced):
        of_source = np.broadcast_to(np.arange(ends.pre), (ends.post, ends.pre))
        drawing = generator(seed, f"{name}.weight")
        weights = projection.weight.draw(drawing, of_source, ends.pre, float(ends.pre))
        return Coupling(name, "dense", weights, f"{ends.post} x {ends.pre} different weights: one matrix product")
    share = 1.0 / ends.pre if projection.weight_is == "total" else 1.0
    weight = sample(projection.weight, (ends.post, ends.pre), seed, f"{name}.weight")  # type: ignore[arg-type]
    if np.ndim(weight) == 0:
        row = np.full((1, ends.pre), float(weight) * share)
        return Coupling(
            name, "uniform", row, "one weight for all: every target gets the same sum, computed once", share=share
        )
    weights = np.ascontiguousarray(weight, dtype=np.float64)
    if share != 1.0:
        weights = weights * share
    return Coupling(
        name, "dense", weights, f"{ends.post} x {ends.pre} different weights: one matrix product", share=share
    )


def plan_pairs(name: str, ends: Ends, targets: Units, sources: Units, weights: Array) -> Coupling:
    """The plan of single connections; several connections of one pair add up."""
    cells, count = ends.post * ends.pre, len(targets)
    if cells <= SMALL or count >= DENSE_SHARE * cells:
        dense = np.zeros((ends.post, ends.pre))
        np.add.at(dense, (targets, sources), weights)
        reason = f"{count} connections among {cells} pairs: dense enough for one matrix product"
        return Coupling(name, "dense", dense, reason, settable=False)
    from scipy.sparse import coo_array  # noqa: PLC0415  only sparse networks need SciPy

    entries = coo_array((weights, (targets.astype(np.int32), sources.astype(np.int32))), shape=(ends.post, ends.pre))
    reason = f"{count} connections among {cells} pairs: only they are kept"
    return Coupling(name, "sparse", entries.tocsr(), reason, settable=False)
