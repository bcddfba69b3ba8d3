"""Owns products of sparse matrices with rows, written into memory that is already there. Must not know networks.

SciPy's own product makes a new array for each call. The routine beneath it adds to an array that it is given; it is
private, so it is tried on a small case before it is trusted, and the product takes its place where it fails.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.floating[Any]]
Multiply = Callable[..., None]


def product_into(weights: Any) -> Callable[[Rows, Rows], None]:
    """A function that multiplies a row (pre,) into (post,), or one row for each step of a block.

    Args:
        weights: a SciPy matrix (post, pre) by rows.
    """
    multiply = quickest() if getattr(weights, "format", "") == "csr" else None
    shape = weights.shape

    def plainly(source: Rows, target: Rows) -> None:
        np.copyto(target, weights.dot(source) if source.ndim == 1 else weights.dot(source.T).T)

    def quickly(source: Rows, target: Rows) -> None:
        target.fill(0.0)
        if source.ndim == 1:
            multiply(*shape, weights.indptr, weights.indices, weights.data, source, target)  # type: ignore[misc]
            return
        for present, sums in zip(source, target, strict=True):
            multiply(*shape, weights.indptr, weights.indices, weights.data, present, sums)  # type: ignore[misc]

    return plainly if multiply is None else quickly


@cache
def quickest() -> Multiply | None:
    """SciPy's routine that adds a product to a row, if it does so here."""
    try:
        from scipy.sparse import _sparsetools, csr_array  # noqa: PLC0415  only sparse weights need SciPy

        multiply: Multiply = _sparsetools.csr_matvec
    except (ImportError, AttributeError):
        return None
    for kind in (np.float32, np.float64):
        dense = ((np.arange(35).reshape(5, 7) % 4) / 3).astype(kind)
        held, source = csr_array(dense), (10.0 ** -np.arange(7)).astype(kind)
        found = np.zeros(5, dtype=kind)
        try:
            multiply(5, 7, held.indptr, held.indices, held.data, source, found)
        except (TypeError, ValueError):
            return None
        if not np.array_equal(found, held.dot(source)):
            return None
    return multiply
