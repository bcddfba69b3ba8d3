"""Owns coupling plans: from weights and rule to the cheapest exact product, with its reason. Must not know backends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nbkit.compile.sampling import sample
from nbkit.network.description import Projection
from nbkit.network.rules import OneToOne
from nbkit.network.values import Array


@dataclass(frozen=True)
class Coupling:
    """Weights as they are multiplied.

    ``plan`` is ``"dense"`` (weights (post, pre)), ``"uniform"`` (one row (1, pre) for all targets alike)
    or ``"one-to-one"`` (weights (size,)). ``reason`` says in words why this plan is exact.
    """

    name: str
    plan: str
    weights: Array
    reason: str


def plan_coupling(projection: Projection, post: int, pre: int, seed: int) -> Coupling:
    """Choose the product for a projection between populations of these sizes."""
    rule, name = projection.rule, projection.name
    shape = rule.weight_shape(post, pre)
    weight = sample(projection.weight, shape, seed, f"{name}.weight")
    share = 1.0 / rule.inputs_per_unit(pre) if projection.weight_is == "total" else 1.0
    if isinstance(rule, OneToOne):
        weights = np.broadcast_to(np.asarray(weight, dtype=np.float64), shape) * share
        return Coupling(name, "one-to-one", weights, "unit i reaches unit i alone: one product per unit")
    if np.ndim(weight) == 0:
        row = np.full((1, pre), float(weight) * share)
        return Coupling(name, "uniform", row, "one weight for all: every target gets the same sum, computed once")
    weights = np.ascontiguousarray(weight, dtype=np.float64)
    if share != 1.0:
        weights = weights * share
    return Coupling(name, "dense", weights, f"{post} x {pre} different weights: one matrix product")
