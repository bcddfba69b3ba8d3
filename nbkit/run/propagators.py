"""Owns the numbers of propagators: exponentials of small matrices. Must not know networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nbkit.compile.program import Propagator

Rows = npt.NDArray[np.floating[Any]]


class Propagators:
    """Computes the numbers of propagators; the exponential of each different matrix once."""

    def __init__(self, table: Sequence[Propagator]) -> None:
        self.table = table
        self._made: dict[str, tuple[bytes, Rows, Any]] = {}

    def write(self, index: int, target: Rows, *sources: Rows) -> None:
        """Write one number, or one for each unit, of the propagator with this index."""
        made = self.table[index]
        both, of_unit = self._both(made, sources)
        column = made.column + made.size * made.drive
        target[...] = both[of_unit, made.row, column] if target.ndim else both[0, made.row, column]

    def _both(self, made: Propagator, sources: Sequence[Rows]) -> tuple[Rows, Any]:
        """P and S side by side for each different matrix, shape (matrices, size, 2 size), and which a unit has."""
        given = np.stack(np.broadcast_arrays(*(np.atleast_1d(s).astype(np.float64) for s in sources)), axis=-1)
        key = given.tobytes()
        if made.population not in self._made or self._made[made.population][0] != key:
            different, of_unit = np.unique(given, axis=0, return_inverse=True)
            self._made[made.population] = key, _exponentials(made, different), of_unit.reshape(-1)
        return self._made[made.population][1:]


def _exponentials(made: Propagator, given: Rows) -> Rows:
    """The upper half of ``exp([[A, 1], [0, 0]] dt)``, which is ``[P, S]``."""
    from scipy.linalg import expm  # noqa: PLC0415  only exact steps need SciPy

    size, dt = made.size, given[:, -1]
    matrices = np.zeros((len(given), 2 * size, 2 * size))
    for number, (row, column) in enumerate(made.entries):
        matrices[:, row, column] = given[:, number]
    matrices[:, :size, size:] = np.eye(size)
    found: Rows = expm(matrices * dt[:, None, None])[:, :size]
    return found
