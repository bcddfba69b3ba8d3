"""Owns random numbers in time. Must not know networks.

The numbers of a step belong to that step: they come from a generator made of the seed, the name and the
number of the chunk in which the step lies. So they are the same however a run is cut, whatever the length of
a block, and can be made again at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nbkit.compile.program import Draw
from nbkit.compile.sampling import generator
from nbkit.run.poisson import poisson_counts

if TYPE_CHECKING:
    from nbkit.run.interpreter.library import Library

Rows = npt.NDArray[np.floating[Any]]

CHUNK = 256  # steps
NUMBERS = 2**21  # in a chunk, so that the chunks of many units are shorter
KEPT = 3  # chunks


@dataclass(frozen=True)
class _Counts:
    """The Poisson numbers of a chunk: all as bytes, (steps, size), and those of each segment, bytes or larger ones."""

    whole: npt.NDArray[np.uint8]
    parts: list[Any]


class Noise:
    """The random rows of one draw."""

    def __init__(self, draw: Draw, seed: int, library: Library | None = None) -> None:
        self.draw, self.seed, self.library = draw, seed, library
        self.length = min(CHUNK, max(8, NUMBERS // draw.size))
        self._chunks: dict[tuple[int, bytes], Any] = {}
        self._spare: _Counts | None = None  # memory that can be written again

    def rows(self, first_step: int, target: Rows, mean: Rows | None = None, weight: Rows | None = None) -> None:
        """Fill the rows of a block, shape (steps, size), from its first step on."""
        done = 0
        while done < len(target):
            number, inside = divmod(first_step + done, self.length)
            count = min(self.length - inside, len(target) - done)
            self._write(self._chunk(number, mean), slice(inside, inside + count), target[done : done + count], weight)
            done += count

    def counts(self, first_step: int, target: Any, mean: Rows) -> None:
        """Fill the rows of a block with Poisson counts as bytes, shape (steps, size)."""
        done = 0
        while done < len(target):
            number, inside = divmod(first_step + done, self.length)
            count = min(self.length - inside, len(target) - done)
            target[done : done + count] = self._chunk(number, mean).whole[inside : inside + count]
            done += count

    def _write(self, chunk: Any, rows: slice, target: Rows, weight: Rows | None) -> None:
        """Put rows of a chunk where they are wanted; Poisson numbers times their weight, a segment at a time."""
        if weight is None:
            target[...] = chunk[rows]
            return
        for counts, (_, start, size) in zip(chunk.parts, self.draw.segments, strict=True):
            here = weight[start] if weight.ndim else weight
            if self.library is not None and counts.dtype == np.uint8:
                self._scale(self.library, counts[rows], here, target[:, start:])
                continue
            np.multiply(counts[rows], here, out=target[:, start : start + size], casting="unsafe")

    @staticmethod
    def _scale(library: Library, counts: Any, weight: Any, target: Rows) -> None:
        """Write counts times a weight; rows stand apart from the next."""
        assert target.strides[1] == target.itemsize
        stride = target.strides[0] // target.itemsize
        scale = library.scale["float32" if target.itemsize == 4 else "float64"]
        scale(counts.ctypes.data, counts.strides[0], *counts.shape, float(weight), target.ctypes.data, stride)

    def _chunk(self, number: int, mean: Rows | None) -> Any:
        key = (number, b"" if mean is None else mean.tobytes())
        if key not in self._chunks:
            for old in list(self._chunks)[: 1 - KEPT]:
                self._spare = self._chunks.pop(old)
            self._chunks[key] = self._free(number) if mean is None else self._poisson(number, mean)
        return self._chunks[key]

    def _free(self, number: int) -> Any:
        """Numbers that depend on nothing."""
        drawing = generator(self.seed, f"{self.draw.name}.{self.draw.kind}.{number}")
        shape = (self.length, self.draw.size)
        return drawing.random(shape) if self.draw.kind == "uniform" else drawing.standard_normal(shape)

    def _poisson(self, number: int, mean: Rows) -> _Counts:
        """Counts; each segment has a name, and so a generator, of its own."""
        if self._spare is None:
            self._spare = _Counts(np.zeros((self.length, self.draw.size), dtype=np.uint8), [])
        whole, self._spare = self._spare.whole, None
        parts = []
        for name, start, size in self.draw.segments:
            drawing = generator(self.seed, f"{name}.poisson.{number}")
            here = float(mean[start]) if mean.ndim else float(mean)
            parts.append(poisson_counts(drawing, here, whole[:, start : start + size], self.library))
        return _Counts(whole, parts)
