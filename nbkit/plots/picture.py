"""Owns the picture: what a figure shows, split into what is fixed and what moves. Must not know Datasets or widgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from bokeh.models.ui import UIElement

Array = np.ndarray
#: Columns of one data source. An array with more than one axis stands for a list along its first:
#: (lines, points) is one array per line, (1, units, time) is one image.
Columns = Mapping[str, Array]
#: Properties of one named Bokeh model.
Settings = Mapping[str, object]


class Plan(Protocol):
    """The fixed part of a picture: axes, colours, layers. Plans compare by value."""

    def draw(self, columns: Mapping[str, Columns], settings: Mapping[str, Settings]) -> UIElement:
        """Make the Bokeh figure."""
        ...


@dataclass(frozen=True, eq=False)
class Picture:
    """What a figure shows.

    Two pictures with equal plans differ only in ``columns`` and ``settings``; a figure that stands
    in a page then changes in place, without being built anew.

    Attributes:
        plan: axes, colours and layers.
        columns: name of a data source -> its columns.
        settings: name of a Bokeh model -> the properties that change from run to run.
        summary: the picture in one sentence, for those who do not see it.

    Example:
        >>> import nbkit as nb
        >>> ds = nb.simulate(nb.networks.rhythm(), 20.0, 0.1)
        >>> nb.plots.traces_picture(ds, "E.r").summary
        'Traces over 0 to 20 ms. E.r, mean of 80 units: from 0.0551 to 0.1, at the end 0.0569.'
    """

    plan: Plan
    columns: Mapping[str, Columns]
    settings: Mapping[str, Settings]
    summary: str

    def draw(self) -> UIElement:
        """Make a new Bokeh figure of this picture."""
        return self.plan.draw(self.columns, self.settings)


def as_bokeh(array: Array) -> object:
    """Give a column as Bokeh wants it: what has more than one axis becomes a list along its first."""
    return list(array) if array.ndim > 1 else array
