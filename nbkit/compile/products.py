"""Owns products with weights that are never written out: separable kernels and spectra. Must not know networks.

Each stands for a matrix (post, pre) that depends on places alone, and multiplies a row of the source, or a row
for each of several steps.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from nbkit.network.values import Array

Rows = npt.NDArray[np.floating[Any]]


class Product(ABC):
    """Weights between two grids as an operation.

    ``post`` and ``pre`` are the shapes of the grids; `scaled` names the arrays that a gain multiplies.
    """

    post: tuple[int, ...]
    pre: tuple[int, ...]
    scaled: tuple[str, ...]
    kept: tuple[str, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of the matrix that it stands for."""
        return int(np.prod(self.post)), int(np.prod(self.pre))

    @property
    def size(self) -> int:
        """How many numbers are kept."""
        return sum(getattr(self, name).size for name in (*self.scaled, *self.kept))

    def astype(self, dtype: Any) -> Any:
        """The same in another precision, in memory of its own."""
        changed = {name: getattr(self, name).astype(dtype) for name in (*self.scaled, *self.kept)}
        return replace(self, **changed)  # type: ignore[type-var]

    def copy(self) -> Any:
        """The same in memory of its own."""
        return replace(self, **{name: getattr(self, name).copy() for name in (*self.scaled, *self.kept)})  # type: ignore[type-var]

    def scaled_into(self, other: Any, gain: Any) -> None:
        """Let ``other`` be this times a gain."""
        for name in self.scaled:
            np.multiply(getattr(self, name), gain, out=getattr(other, name))

    def into(self, source: Rows, target: Rows) -> None:
        """Multiply a row, shape (pre,) to (post,), or one row for each step, (steps, pre) to (steps, post)."""
        if source.ndim == 1:
            self._one(source.reshape(self.pre), target.reshape(self.post))
            return
        rows = source.reshape(-1, *self.pre), target.reshape(-1, *self.post)
        for present, sums in zip(*rows, strict=True):
            self._one(present, sums)

    def dot(self, source: Rows) -> Rows:
        """The product with a row (pre,), or with columns (pre, steps), as matrices have it."""
        made = np.empty((*source.shape[1:], self.shape[0]), source.dtype)
        self.into(source.T, made)
        return made.T

    @abstractmethod
    def _one(self, source: Rows, target: Rows) -> None:
        """Multiply the source's grid into the target's."""


@dataclass(frozen=True, eq=False)
class Separable(Product):
    """A sum of kernels that are each a factor along y times a factor along x, between two sheets.

    ``left`` holds the amplitudes times the factors along y, side by side, shape (ny, terms * my); ``right`` the
    factors along x, shape (terms, mx, nx); ``own`` is the weight of a unit onto itself that is taken away.
    """

    post: tuple[int, ...]
    pre: tuple[int, ...]
    left: Array
    right: Array
    own: Array

    scaled = ("left", "own")
    kept = ("right",)

    def __post_init__(self) -> None:
        terms, rows, columns = len(self.right), self.pre[0], self.post[1]
        between = np.empty((terms, rows, columns), self.left.dtype)
        object.__setattr__(self, "_between", (between, between.reshape(terms * rows, columns)))
        object.__setattr__(self, "_taken", np.empty(self.post, self.left.dtype) if self.own.any() else None)

    def _one(self, source: Rows, target: Rows) -> None:
        stacked, flat = self._between  # type: ignore[attr-defined]
        np.matmul(source, self.right, out=stacked)
        np.matmul(self.left, flat, out=target)
        taken = self._taken  # type: ignore[attr-defined]
        if taken is not None:
            np.multiply(source, self.own, out=taken)
            np.subtract(target, taken, out=target)


@dataclass(frozen=True, eq=False)
class Spectral(Product):
    """A kernel that is the same around every unit, as its spectrum, between grids of one shape.

    ``padded`` is the shape that is transformed: larger than the grid where its edges are open, so that nothing
    comes in from the other side. ``spectrum`` is real for a kernel that is the same in all directions.
    """

    post: tuple[int, ...]
    pre: tuple[int, ...]
    padded: tuple[int, ...]
    spectrum: Array

    scaled = ("spectrum",)
    kept = ()

    def astype(self, dtype: Any) -> Any:
        """The same in another precision."""
        kind = np.result_type(dtype, np.complex64) if np.iscomplexobj(self.spectrum) else dtype
        return replace(self, spectrum=self.spectrum.astype(kind))

    def _one(self, source: Rows, target: Rows) -> None:
        from scipy import fft  # noqa: PLC0415  only kernels need SciPy

        along = self.padded[-1]
        waves = fft.rfft(source, n=along, axis=-1)
        if len(self.padded) == 1:
            waves *= self.spectrum
        else:  # rows that are nothing but padding are not transformed along x
            waves = fft.fft(waves, n=self.padded[0], axis=0, overwrite_x=True)
            waves *= self.spectrum
            waves = fft.ifft(waves, axis=0, overwrite_x=True)[: self.post[0]]
        target[...] = fft.irfft(waves, n=along, axis=-1, overwrite_x=True)[..., : self.post[-1]]
