"""Owns counts and repetitions by whole numbers, where addresses have 32 bits too. Knows nothing else of nbkit."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def bincount(places: npt.ArrayLike, weights: npt.ArrayLike | None = None, minlength: int = 0) -> Array:
    """NumPy's ``bincount`` for places of any whole type.

    NumPy takes the integers of an address alone. In a browser these have 32 bits, and 64-bit numbers are refused.

    >>> bincount([0, 2, 2], minlength=4).tolist()
    [1, 0, 2, 0]
    """
    return np.bincount(np.asarray(places).astype(np.intp, copy=False), weights, minlength)


def repeat(values: npt.ArrayLike, counts: npt.ArrayLike) -> Array:
    """NumPy's ``repeat`` with counts of any whole type, for the same reason.

    >>> repeat([5, 7], [2, 1]).tolist()
    [5, 5, 7]
    """
    return np.repeat(values, np.asarray(counts).astype(np.intp, copy=False))
