"""Owns the road from many samples to few pixels. Knows arrays only.

Lines keep the lowest and the highest sample of every stretch, so that no peak is lost;
images take the mean of every block, and the plots say so.
"""

from __future__ import annotations

import numpy as np

Array = np.ndarray
#: Samples drawn per line: three per pixel on a wide figure.
LINE_POINTS = 2400
#: Cells of an image, of four bytes each: well below a megabyte.
IMAGE_CELLS = 160_000
#: Rows of an image: more than that are thinner than a pixel.
IMAGE_UNITS = 200


def peak_samples(values: Array, limit: int = LINE_POINTS) -> Array:
    """Choose which samples of each line to draw: its lowest and highest in every stretch.

    Args:
        values: (time, lines).
        limit: at most this many samples of each line; lines that are short enough stay whole.

    Returns:
        Sample numbers in order of time, (samples, lines). The first and the last sample are among them.
    """
    steps, lines = values.shape
    if steps <= limit:
        return np.broadcast_to(np.arange(steps)[:, None], (steps, lines))
    length = -(-steps // (limit // 2 - 1))
    stretches = -(-steps // length)
    padded = np.pad(values, ((0, stretches * length - steps), (0, 0)), mode="edge")
    blocks = padded.reshape(stretches, length, lines)
    start = (np.arange(stretches) * length)[:, None]
    pair = np.stack([blocks.argmin(axis=1) + start, blocks.argmax(axis=1) + start], axis=1)
    pair.sort(axis=1)
    inner = np.minimum(pair.reshape(2 * stretches, lines), steps - 1)
    ends = np.zeros((1, lines), dtype=inner.dtype)
    return np.concatenate([ends, inner, ends + steps - 1])


def envelope(low: Array, high: Array, limit: int = LINE_POINTS) -> tuple[Array, Array, Array]:
    """Thin out a band: each stretch keeps its lowest lower and its highest upper edge.

    Args:
        low: lower edge, (time,).
        high: upper edge, (time,).
        limit: at most this many samples.

    Returns:
        Sample numbers (samples,), the lower and the upper edge there.
    """
    steps = len(low)
    if steps <= limit:
        return np.arange(steps), low, high
    length = -(-steps // (limit - 1))
    starts = np.arange(0, steps, length)
    lows, highs = np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts)
    where = np.append(starts, steps - 1)
    return where, np.append(lows, low[-1]), np.append(highs, high[-1])


def image_limits(units: int) -> tuple[int, int]:
    """Give the largest image of so many units, (time, units): fewer units leave room for more samples."""
    rows = min(max(units, 1), IMAGE_UNITS)
    return min(LINE_POINTS, IMAGE_CELLS // rows), IMAGE_UNITS


def block_mean(values: Array, limits: tuple[int, int]) -> tuple[Array, tuple[int, int]]:
    """Average an image over equal blocks until it fits.

    Args:
        values: (time, units).
        limits: the largest size of the result, (time, units).

    Returns:
        The image, and how many samples and units one cell stands for. The last block of a row or
        column may hold fewer; its mean is over those it holds.
    """
    steps, units = values.shape
    block = (max(1, -(-steps // limits[0])), max(1, -(-units // limits[1])))
    image = values
    for axis, length in enumerate(block):
        image = mean_along(image, axis, length)
    return image, block


def mean_along(values: Array, axis: int, length: int) -> Array:
    """Average every ``length`` entries along one axis; the last mean may be over fewer."""
    if length == 1:
        return values
    starts = np.arange(0, values.shape[axis], length)
    counts = np.diff(np.append(starts, values.shape[axis]))
    shape = [-1 if place == axis else 1 for place in range(values.ndim)]
    return np.add.reduceat(values, starts, axis=axis) / counts.reshape(shape)


def spread_evenly(count: int, wanted: int) -> Array:
    """Choose ``wanted`` of ``count`` places, evenly spread, first and last among them."""
    if count <= wanted:
        return np.arange(count)
    return np.unique(np.linspace(0, count - 1, wanted).round().astype(int))
