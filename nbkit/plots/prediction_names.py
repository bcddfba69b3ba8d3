"""Owns whether there is room for the name of a prediction beside its line. Must not know pictures, nor predictions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Array = np.ndarray
#: A name over a line, as parts of its panel: how wide it is, and from where to where it reaches.
WIDE, LOW, HIGH = 0.25, 0.03, 0.11
#: The part of a curve beside it that may cross it.
FEW = 0.02
#: Side of its name that stands at the end of the line -> the middle of the name, as a part of the panel.
MIDDLES = {"left": WIDE / 2, "center": 0.5, "right": 1 - WIDE / 2}


def name_is_covered(curves: Sequence[tuple[Array, Array]], value: float, align: str, *, tall: float) -> bool:
    """Whether a curve runs through the place of a name that stands over a line at this height.

    Args:
        curves: times and values of each curve of the panel.
        value: height of the line.
        align: ``"left"``, ``"center"`` or ``"right"``: where the name stands.
        tall: how high the panel is, in units of the values.

    >>> import numpy as np
    >>> time = np.linspace(0, 1, 101)
    >>> [name_is_covered([(time, time)], 0.85, side, tall=1.0) for side in ("right", "left")]
    [True, False]
    """
    for time, values in curves:
        if not len(time):
            continue
        along = (time - time[0]) / ((time[-1] - time[0]) or 1.0)
        here = values[np.abs(along - MIDDLES[align]) <= WIDE / 2]
        inside = (here > value + LOW * tall) & (here < value + HIGH * tall)
        if inside.size and inside.mean() > FEW:
            return True
    return False
