"""Owns what is the same around every unit: weights and distances by offset, and their spectra. Must not know plans."""

from __future__ import annotations

import numpy as np

from nbkit.compile.neighbours import Places
from nbkit.compile.products import Spectral
from nbkit.network.distances import along_axis, weights_at
from nbkit.network.kernels import Filter, reach_of
from nbkit.network.rules import Units
from nbkit.network.values import Array


def weights_around(places: Places) -> Array:
    """Weights by how far a target is from its source along each axis, in units; the shape is that of the offsets."""
    if not isinstance(places.weight, Filter):
        made = weights_at(places.weight, distances_around(places), places.where, own=places.twins)
        return made * places.scale
    table = np.flip(places.weight.array) * places.scale  # entries are told from the target, offsets from the source
    if not places.twins:
        table[tuple(n // 2 for n in table.shape)] = 0.0
    return table


def distances_around(places: Places) -> Array:
    """Distances by offset."""
    here = np.zeros(1, dtype=np.int64)
    apart = [
        along_axis(places.post, places.pre, axis, np.abs(_offsets(places, axis)), here)
        for axis in range(len(places.post.shape))
    ]
    return apart[0] if len(apart) == 1 else np.asarray(np.hypot(apart[0][:, None], apart[1]))


def spectral(places: Places, table: Array) -> Spectral:
    """The product with weights that are given by offset."""
    from scipy.fft import rfftn  # noqa: PLC0415  only kernels need SciPy

    shape, padded = places.post.shape, padded_shape(places)
    offsets = [_offsets(places, axis) for axis in range(len(shape))]
    kernel = np.zeros(padded)
    kernel[np.ix_(*(o % n for o, n in zip(offsets, padded, strict=True)))] = table
    spectrum = rfftn(kernel)
    return Spectral(shape, shape, padded, spectrum if isinstance(places.weight, Filter) else spectrum.real.copy())


def _offsets(places: Places, axis: int) -> Units:
    """How far targets are from the sources that reach them, along an axis, in units."""
    if places.post.periodic and not isinstance(places.weight, Filter):
        return np.arange(places.post.shape[axis])
    half = _half(places, axis)
    return np.arange(-half, half + 1)


def _half(places: Places, axis: int) -> int:
    """The farthest source that reaches a target, along an axis, in units."""
    count = places.post.shape[axis]
    if isinstance(places.weight, Filter):
        return int(places.weight.array.shape[axis] // 2)
    cutoff = reach_of(places.weight)
    return count - 1 if cutoff is None else min(count - 1, int(cutoff / places.post.spacing[axis]) + 1)


def padded_shape(places: Places) -> tuple[int, ...]:
    """The shape that is transformed: at open edges with room for what would come in from the other side."""
    if places.post.periodic:
        return places.post.shape
    return quick_shape(tuple(n + _half(places, axis) for axis, n in enumerate(places.post.shape)))


def quick_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The next larger shape that is quick to transform: lengths made of the factors 2, 3 and 5."""
    return tuple(next(length for length in range(n, 2 * n + 2) if _is_smooth(length)) for n in shape)


def _is_smooth(length: int) -> bool:
    for factor in (2, 3, 5):
        while length % factor == 0:
            length //= factor
    return length == 1
