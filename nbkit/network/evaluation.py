"""Owns the plain meaning of a formula: its value, operation by operation. Must not know populations.

What runs is tested against it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from nbkit.model.expression import Apply, Number, Tree, expansion
from nbkit.model.functions import CONSTANTS, OPERATIONS

Array = npt.NDArray[np.float64]


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
