"""Owns how `live` looks: buttons, sliders of speed and values, a status line, the figure. Runs nothing."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets

from nbkit.errors import fail
from nbkit.plots import Picture
from nbkit.widgets.controls import Control
from nbkit.widgets.live_figure import LiveFigure
from nbkit.widgets.presenter import Number
from nbkit.widgets.slider_names import SliderNames
from nbkit.widgets.slider_rows import box, control_row, problem_lines, row, slider

#: Steps from one frame to the next that the slider offers, beside a chosen number and full speed.
SPEEDS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
#: What stands for full speed on the slider, where None cannot.
FULL = 0
#: class -> what the button is for
BUTTONS = {
    "nbkit-run": ("Run", "Set the simulation going, or let it stand"),
    "nbkit-step": ("Step", "Go on to the next frame and stand there"),
    "nbkit-reset": ("Reset", "Go back to t = 0; the sliders stay where they are"),
}


class LivePanel:
    """The widgets of `live`. Does what the presenter asks of a `LiveScreen`.

    Args:
        made: the sliders to make.
        speed: steps from one frame to the next; None for full speed.

    Attributes:
        sliders: path -> slider.
        figure: the live figure; there from the first picture on.
        speed: the slider of the speed.
        buttons: class -> button.
        status: the quiet line.
        problems: the loud lines.
    """

    def __init__(self, made: Sequence[Control], speed: int | None) -> None:
        self._made = made
        self._quiet = False
        self.figure: LiveFigure | None = None
        self.sliders = {control.path: slider(control) for control in made}
        self.buttons = {name: _button(name, *words) for name, words in BUTTONS.items()}
        choices = sorted({*SPEEDS, *([speed] if speed else [])})
        options = [*((str(steps), steps) for steps in choices), ("full", FULL)]
        self.speed = ipywidgets.SelectionSlider(options=options, value=speed or FULL)
        self.speed.layout.width = "auto"
        self.status, self.problems = ipywidgets.HTML(), ipywidgets.HTML()
        self.status.add_class("nbkit-status")
        self.problems.add_class("nbkit-problems")

    def listen(self, change: Callable[[str, Number], None], speed: Callable[[int | None], None]) -> None:
        """Report what a user does to the sliders."""
        for control in self._made:
            self.sliders[control.path].observe(self._report(control, change), "value")
        self.speed.observe(lambda event: speed(event["new"] or None), "value")

    def set_speed(self, speed: int | None) -> None:
        """Move the slider of the speed, and report it.

        Raises:
            NbkitError: a speed that is not on the slider.
        """
        choices = [value for _, value in self.speed.options]
        if (speed or FULL) not in choices or speed == FULL:
            hint = f"one of {', '.join(str(value or None) for value in choices)}"
            raise fail("bad-choice", "speed", f"{speed!r} is not on the slider", hint)
        self.speed.value = speed or FULL

    def press(self, name: str, call: Callable[[], None]) -> None:
        """Report that a button was pressed."""
        self.buttons[name].on_click(lambda _button: call())

    def _report(self, control: Control, change: Callable[[str, Number], None]) -> Callable[[dict[str, Any]], None]:
        def report(event: dict[str, Any]) -> None:
            if not self._quiet:
                change(control.path, control.as_value(event["new"]))

        return report

    @property
    def ready(self) -> bool:
        """Whether somebody looks on and has drawn the last picture."""
        return self.figure is not None and self.figure.ready

    def show_picture(self, picture: Picture) -> None:
        """Draw a picture as soon as there is time."""
        if self.figure is None:
            self.figure = LiveFigure(picture)
        else:
            self.figure.show(picture)

    def show_running(self, *, running: bool) -> None:
        """Let the first button offer the opposite."""
        self.buttons["nbkit-run"].description = "Pause" if running else "Run"

    def show_status(self, text: str) -> None:
        """Show one quiet line."""
        self.status.value = html.escape(text)

    def show_problems(self, lines: Sequence[tuple[str, str]]) -> None:
        """Show what went wrong and what to try, line by line."""
        self.problems.value = problem_lines(lines)

    def show_values(self, values: Mapping[str, Number]) -> None:
        """Move the sliders without reporting it back."""
        self._quiet = True
        try:
            for path, value in values.items():
                self.sliders[path].value = value
        finally:
            self._quiet = False

    def boxes(self) -> list[ipywidgets.Box]:
        """Give the two boxes of the panel: the controls, and the figure."""
        rows = [control_row(control, self.sliders[control.path]) for control in self._made]
        spoken = {control.spoken: self.sliders[control.path] for control in self._made}
        names = SliderNames({"speed, in steps for each frame": self.speed, **spoken})
        suppress = {f".{name}": {"data-lm-suppress-shortcuts": "true"} for name in BUTTONS}
        names.marks = {**names.marks, **suppress, ".nbkit-status": {"role": "timer"}}
        buttons = box(ipywidgets.HBox, "nbkit-buttons", list(self.buttons.values()))
        speed = row("<b>speed</b> steps for each frame", self.speed, "")
        return [
            box(ipywidgets.VBox, "nbkit-controls", [buttons, self.status, speed, *rows, self.problems, names]),
            box(ipywidgets.VBox, "nbkit-picture", [self.figure]),
        ]


def _button(name: str, words: str, tooltip: str) -> ipywidgets.Button:
    button = ipywidgets.Button(description=words, tooltip=tooltip)
    button.add_class("nbkit-button")
    button.add_class(name)
    return button
