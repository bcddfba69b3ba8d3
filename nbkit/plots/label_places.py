"""Owns where labels of single points stand: beside their point, off the line, off each other. Must not know Bokeh.

Places are shares of the frame, counted from its lower left corner, for a frame of a usual size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Array = np.ndarray
#: A usual frame, in pixels; a letter; the distance of a label from its point.
WIDTH, HEIGHT = 760, 300
LETTER, LINE, AWAY = 6.6, 16, 9
#: What it costs to lie on the line (for each point of it), on another label, and outside the frame.
ON_LINE, ON_LABEL, OUTSIDE = 1.0, 40.0, 400.0


@dataclass(frozen=True)
class Label:
    """How a label stands beside its point: alignment of its text, and pixels to the right and downwards."""

    align: str
    baseline: str
    dx: float
    dy: float


#: The places that are tried, the best first.
SIDES = (
    Label("left", "middle", AWAY, 0),
    Label("right", "middle", -AWAY, 0),
    Label("right", "bottom", -AWAY / 2, -AWAY / 2),
    Label("left", "top", AWAY / 2, AWAY / 2),
    Label("left", "bottom", AWAY / 2, -AWAY / 2),
    Label("right", "top", -AWAY / 2, AWAY / 2),
    Label("center", "bottom", 0, -AWAY),
    Label("center", "top", 0, AWAY),
    Label("center", "bottom", 0, -AWAY - LINE),
    Label("center", "top", 0, AWAY + LINE),
)


def label_places(points: Array, words: Sequence[str], line: Array) -> list[Label]:
    """Choose a place for each label, one after the other.

    Args:
        points: where the points are, (labels, 2).
        words: what the labels say.
        line: the line that they should not cover, (vertices, 2), at most a letter apart.
    """
    chosen: list[Label] = []
    boxes: list[Array] = []
    for point, text in zip(points, words, strict=True):
        tried = [_box(point, text, side) for side in SIDES]
        costs = [_cost(box, line, boxes, points) + 0.01 * rank for rank, box in enumerate(tried)]
        best = int(np.argmin(costs))
        chosen.append(SIDES[best])
        boxes.append(tried[best])
    return chosen


def _box(point: Array, text: str, side: Label) -> Array:
    """The corners of a label: left, bottom, right, top."""
    width, height = (len(text) * LETTER + 4) / WIDTH, LINE / HEIGHT
    left = point[0] + side.dx / WIDTH - width * {"left": 0.0, "center": 0.5, "right": 1.0}[side.align]
    bottom = point[1] - side.dy / HEIGHT - height * {"bottom": 0.0, "middle": 0.5, "top": 1.0}[side.baseline]
    return np.array([left, bottom, left + width, bottom + height])


def _cost(box: Array, line: Array, boxes: Sequence[Array], points: Array) -> float:
    overlaps = sum(bool((box[:2] < other[2:]).all() and (other[:2] < box[2:]).all()) for other in boxes)
    outside = max(0.0, *(-box[:2]), *(box[2:] - 1))
    hidden = _inside(box, points)
    return ON_LINE * _inside(box, line) + ON_LABEL * (overlaps + hidden) + OUTSIDE * (outside > 0) * (1 + outside)


def _inside(box: Array, places: Array) -> int:
    return int(((places > box[:2]) & (places < box[2:])).all(axis=1).sum())
