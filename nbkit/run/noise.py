"""Owns random numbers in time. Must not know networks.

The numbers of a step belong to that step: they come from a generator made of the seed, the name and the
number of the chunk in which the step lies. So they are the same however a run is cut, whatever the length of
a block, and can be made again at any time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from nbkit.compile.program import Draw
from nbkit.compile.sampling import generator

Rows = npt.NDArray[np.floating[Any]]

CHUNK = 256  # steps
KEPT = 3  # chunks


#: kind of draw -> how its numbers are made, from a generator, the mean where there is one, and their shape
_DRAWN: dict[str, Callable[[np.random.Generator, Any, tuple[int, int]], Any]] = {
    "normal": lambda drawing, _, shape: drawing.standard_normal(shape),
    "uniform": lambda drawing, _, shape: drawing.random(shape),
    "poisson": lambda drawing, mean, shape: drawing.poisson(mean, shape),
}


class Noise:
    """The random rows of one draw."""

    def __init__(self, draw: Draw, seed: int) -> None:
        self.draw, self.seed = draw, seed
        self._chunks: dict[tuple[int, bytes], Rows] = {}

    def rows(self, first_step: int, target: Rows, mean: Rows | None = None) -> None:
        """Fill the rows of a block, shape (steps, size), from its first step on."""
        done = 0
        while done < len(target):
            number, inside = divmod(first_step + done, CHUNK)
            count = min(CHUNK - inside, len(target) - done)
            target[done : done + count] = self._chunk(number, mean)[inside : inside + count]
            done += count

    def _chunk(self, number: int, mean: Rows | None) -> Rows:
        key = (number, b"" if mean is None else mean.tobytes())
        if key not in self._chunks:
            drawing = generator(self.seed, f"{self.draw.name}.{self.draw.kind}.{number}")
            shape = (CHUNK, self.draw.size)
            made = _DRAWN[self.draw.kind](drawing, mean, shape)
            for old in list(self._chunks)[: 1 - KEPT]:
                del self._chunks[old]
            self._chunks[key] = np.asarray(made, dtype=np.float64)
        return self._chunks[key]
