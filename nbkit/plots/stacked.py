"""Owns pictures one below the other as one: their time axes move together. Must not know what the pictures show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bokeh.layouts import column
from bokeh.models import Axis, Plot
from bokeh.models.ui import UIElement

from nbkit.errors import fail, shown
from nbkit.plots.picture import Columns, Picture, Plan, Settings

#: The label of an axis of time begins so.
TIME = "time ("


def stacked_picture(pictures: Sequence[Picture]) -> Picture:
    """Put pictures one below the other; whoever zooms into the time of one zooms into that of all.

    Args:
        pictures: from the top down.

    Returns:
        A `Picture`; of one picture it is that picture itself.

    Raises:
        NbkitError: ``bad-type`` for what are no pictures.

    Example:
        >>> import nbkit as nb
        >>> ds = nb.simulate(nb.networks.rhythm(), 20.0, 0.1)
        >>> both = stacked_picture([nb.plots.traces_picture(ds), nb.plots.heatmap_picture(ds, "E.r")])
        >>> sorted(both.columns)[2:]
        ['0 I.r band', '0 I.r mean', '1 image']
    """
    if not pictures or not all(isinstance(one, Picture) for one in pictures):
        raise fail("bad-type", "pictures", f"{shown(pictures)} are no pictures", "[nb.plots.traces_picture(ds), ...]")
    if len(pictures) == 1:
        return pictures[0]
    columns = {f"{n} {key}": held for n, one in enumerate(pictures) for key, held in one.columns.items()}
    settings = {f"{n} {key}": held for n, one in enumerate(pictures) for key, held in one.settings.items()}
    plan = StackedPlan(tuple(one.plan for one in pictures))
    return Picture(plan, columns, settings, " Below it: ".join(one.summary for one in pictures))


@dataclass(frozen=True)
class StackedPlan:
    """The fixed part of pictures one below the other."""

    plans: tuple[Plan, ...]

    def draw(self, columns: Mapping[str, Columns], settings: Mapping[str, Settings]) -> UIElement:
        """Make the figures, with names of their own, and link their time axes."""
        made = []
        for number, plan in enumerate(self.plans):
            mark = f"{number} "
            own = {key.removeprefix(mark): held for key, held in columns.items() if key.startswith(mark)}
            set_ = {key.removeprefix(mark): held for key, held in settings.items() if key.startswith(mark)}
            drawn = plan.draw(own, set_)
            for model in drawn.references():
                if model.name in own or model.name in set_:
                    model.name = f"{mark}{model.name}"
            made.append(drawn)
        _link([fig for drawn in made for fig in drawn.select({"type": Plot})])
        return column(*made, sizing_mode="stretch_width")


def _link(figures: Sequence[Plot]) -> None:
    """Let all figures over time share the range of the first."""
    timed = [fig for fig in figures if any(_is_time(axis) for axis in fig.below)]
    for fig in timed[1:]:
        fig.x_range = timed[0].x_range


def _is_time(axis: object) -> bool:
    return isinstance(axis, Axis) and str(axis.axis_label).startswith(TIME)
