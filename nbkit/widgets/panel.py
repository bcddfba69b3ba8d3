"""Owns how `explore` looks: sliders with words and units, a reset button, a status line, the figure. Runs nothing."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets
import xarray as xr

from nbkit.plots import Picture
from nbkit.widgets.controls import Control
from nbkit.widgets.live_figure import LiveFigure
from nbkit.widgets.presenter import Number
from nbkit.widgets.slider_names import SliderNames
from nbkit.widgets.slider_rows import box, control_row, problem_lines, slider

#: Draws a result, with the result of the start values behind it.
Draw = Callable[[xr.Dataset, xr.Dataset], Picture]
FAILED = "This run failed; the picture is the last good one."


class ExplorePanel:
    """The widgets of `explore`. Does what the presenter asks of an `ExploreView`.

    Args:
        made: the sliders to make.
        draw: makes the picture of a result.

    Attributes:
        sliders: path -> slider.
        figure: the live figure; there from the first result on.
        reset: the reset button.
        status: the quiet line.
        problems: the loud lines.
    """

    def __init__(self, made: Sequence[Control], draw: Draw) -> None:
        self._made, self._draw = made, draw
        self._quiet = False
        self.figure: LiveFigure | None = None
        self.sliders = {control.path: slider(control) for control in made}
        self.reset = ipywidgets.Button(description="Reset", tooltip="Return to the start values")
        self.reset.add_class("nbkit-reset")
        self.status, self.problems = ipywidgets.HTML(), ipywidgets.HTML()
        self.status.add_class("nbkit-status")

    def listen(self, change: Callable[[str, Number], None], reset: Callable[[], None]) -> None:
        """Report what a user does to these two."""
        for control in self._made:
            self.sliders[control.path].observe(self._report(control, change), "value")
        self.reset.on_click(lambda _button: reset())

    def _report(self, control: Control, change: Callable[[str, Number], None]) -> Callable[[dict[str, Any]], None]:
        def report(event: dict[str, Any]) -> None:
            if not self._quiet:
                change(control.path, control.as_value(event["new"]))

        return report

    def show_result(self, result: xr.Dataset, before: xr.Dataset) -> None:
        """Draw a result, and the one of the start values behind it."""
        picture = self._draw(result, before)
        if self.figure is None:
            self.figure = LiveFigure(picture)
        else:
            self.figure.show(picture)

    def show_status(self, text: str) -> None:
        """Show one quiet line; any problems are gone."""
        self.status.value = html.escape(text)
        self.problems.value = ""

    def show_problems(self, lines: Sequence[tuple[str, str]]) -> None:
        """Show what went wrong and what to try, line by line."""
        self.status.value = FAILED
        self.problems.value = problem_lines(lines)

    def show_values(self, values: Mapping[str, Number]) -> None:
        """Move the sliders without reporting it back."""
        self._quiet = True
        try:
            for path, value in values.items():
                self.sliders[path].value = value
        finally:
            self._quiet = False

    def follow_closely(self, closely: bool) -> None:  # noqa: FBT001
        """Report changes while a slider moves, or only once it is let go."""
        for one in self.sliders.values():
            one.continuous_update = closely

    def boxes(self) -> list[ipywidgets.Box]:
        """Give the two boxes of the panel: the sliders, and the figure."""
        rows = [control_row(control, self.sliders[control.path]) for control in self._made]
        names = SliderNames({control.spoken: self.sliders[control.path] for control in self._made})
        names.marks = {**names.marks, ".nbkit-status": {"role": "status"}}
        self.problems.add_class("nbkit-problems")
        foot = box(ipywidgets.HBox, "nbkit-foot", [self.reset, self.status])
        return [
            box(ipywidgets.VBox, "nbkit-controls", [*rows, foot, self.problems, names]),
            box(ipywidgets.VBox, "nbkit-picture", [self.figure]),
        ]
