"""Owns the behaviour of `live`: how many steps at a time, when a picture is due, what is told. Knows no toolkit."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from nbkit.errors import NbkitError
from nbkit.network.time import SECONDS
from nbkit.plots import Picture
from nbkit.simulation import Simulation
from nbkit.widgets.live_views import LiveView, time_words
from nbkit.widgets.presenter import Number, in_words

#: Seconds from one frame to the next.
FRAME = 0.04
#: Seconds of stepping after which whoever else waits has a turn.
SLICE = 0.03
#: Seconds that the others get then.
BREATH = 0.001
#: Seconds over which the speed is measured.
MEASURED = 0.5


class LiveScreen(Protocol):
    """What the presenter asks of whoever draws."""

    @property
    def ready(self) -> bool:
        """Whether somebody looks on and has drawn the last picture."""
        ...

    def show_picture(self, picture: Picture) -> None:
        """Draw a picture as soon as there is time."""
        ...

    def show_running(self, *, running: bool) -> None:
        """Say whether the simulation runs."""
        ...

    def show_status(self, text: str) -> None:
        """Show one quiet line."""
        ...

    def show_problems(self, lines: Sequence[tuple[str, str]]) -> None:
        """Show what went wrong and what to try, line by line; no lines when all is well again."""
        ...

    def show_values(self, values: Mapping[str, Number]) -> None:
        """Move the sliders without reporting it back."""
        ...


class LivePresenter:
    """Steps a simulation in slices, and shows pictures no faster than they are drawn.

    Whoever owns the clockwork calls `tick` again and again while ``running`` is true, and waits in
    between for as long as `tick` says. A screen that is not ready costs nothing: no picture is made.

    Args:
        simulation: what runs.
        view: what is kept of it and drawn.
        screen: whoever draws.
        speed: steps from one frame to the next; None for as many as there is time for.
        values: path -> present value, of those that `change` will change.
        clock: seconds.

    Attributes:
        running: whether it runs.
        values: path -> present value.
    """

    def __init__(
        self,
        simulation: Simulation,
        view: LiveView,
        screen: LiveScreen,
        *,
        speed: int | None,
        values: Mapping[str, Number],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._simulation, self._view, self._screen, self._clock = simulation, view, screen, clock
        self.running = False
        self.values = dict(values)
        self._speed = speed
        self._left = 0  # steps to the next frame
        self._due = 0.0  # when the next frame may be shown
        self._cost = SLICE  # seconds of a step, as far as is known
        self._pace = ""
        self._begin_measuring()
        self._show()

    # ------------------------------------------------------------ what a user does

    @property
    def speed(self) -> int | None:
        """Steps from one frame to the next; None for as many as there is time for."""
        return self._speed

    @speed.setter
    def speed(self, steps: int | None) -> None:
        self._speed, self._left = steps, 0

    @property
    def steps(self) -> int:
        """Steps made since t = 0."""
        return round(self._simulation.time / self._simulation.program.dt)

    def run(self) -> None:
        """Set it going."""
        if not self.running:
            self.running, self._left, self._due = True, 0, self._clock()
            self._begin_measuring()
            self._screen.show_problems([])
            self._screen.show_running(running=True)

    def pause(self) -> None:
        """Let it stand, and show where."""
        if self.running:
            self.running = False
            self._screen.show_running(running=False)
            self._show()

    def step(self, steps: int | None = None) -> None:
        """Make so many steps, or those of one frame, and show where that leads."""
        self.pause()
        self._screen.show_problems([])
        left = (self._speed or 1) if steps is None else steps
        while left > 0:
            made = self._advance(min(left, self._slice()))
            left = left - made if made else 0
        self._show()

    def reset(self) -> None:
        """Go back to t = 0; values that were changed stay, and what runs runs on."""
        self._simulation.reset()
        self._view.forget()
        self._left = 0
        self._begin_measuring()
        self._screen.show_problems([])
        self._show()

    def change(self, path: str, value: Number) -> None:
        """Change a value from the present step on; one that is refused leaves the old one."""
        try:
            self._simulation.set(path, value)
            self.values[path] = value
            self._screen.show_problems([])
        except NbkitError as error:
            self._screen.show_problems([in_words(problem) for problem in error.problems])
            self._screen.show_values({path: self.values[path]})

    # ------------------------------------------------------------ the clockwork

    def tick(self) -> float:
        """Make one slice of steps, show a frame if it is time; give the seconds to wait before the next."""
        steps = self._slice()
        if self._speed is not None:
            self._left = self._left or self._speed
            steps = min(steps, self._left)
        made = self._advance(steps)
        if made < steps:
            self.pause()
            return BREATH
        if self._speed is not None:
            self._left -= made
            if self._left:
                return BREATH
        now = self._clock()
        if self._speed is not None or now >= self._due:
            self._offer()
            now = self._clock()
            self._due = max(self._due + FRAME, now)
        return BREATH if self._speed is None else max(BREATH, self._due - now)

    def _slice(self) -> int:
        """Steps that fit into a slice, as far as is known."""
        return max(1, int(SLICE / max(self._cost, 1e-9)))

    def _advance(self, steps: int) -> int:
        """Run on; give the steps made, fewer if the run failed or was interrupted."""
        before, begin = self.steps, self._clock()
        try:
            self._view.advance(steps)
        except NbkitError as error:
            if self.steps < before:  # numbers ran away, and the simulation went back to its start
                self._view.forget()
            self._screen.show_problems([in_words(problem) for problem in error.problems])
            return 0
        except Exception as error:
            self.pause()
            self._screen.show_problems([(f"{type(error).__name__}: {error}", "Try: Reset")])
            raise
        # slow at the start is often warming up; a slice may grow, but not jump
        self._cost = max((self._clock() - begin) / steps, self._cost / 4)
        return self.steps - before

    # ------------------------------------------------------------ what is told

    def _offer(self) -> None:
        """Show a picture if the last one is drawn; else make none."""
        self._measure()
        if self._screen.ready:
            self._show()

    def _show(self) -> None:
        self._screen.show_picture(self._view.picture())
        now = f"t = {self._simulation.time:.10g} {time_words(self._simulation.network)}"
        if self.running:
            self._screen.show_status(" · ".join(part for part in (now, self._pace) if part))
        else:
            self._screen.show_status(f"{'Paused' if self.steps else 'Ready'} at {now}")

    def _begin_measuring(self) -> None:
        self._mark = (self._clock(), self.steps)
        self._pace = ""

    def _measure(self) -> None:
        """Measure the steps a second every half second."""
        (begin, first), now = self._mark, self._clock()
        if now - begin >= MEASURED:
            steps = (self.steps - first) / (now - begin)
            self._pace = f"{steps:,.0f} steps a second · {self._against_time(steps)}"
            self._mark = (now, self.steps)

    def _against_time(self, steps: float) -> str:
        """Say how simulated time goes by against real time."""
        passed = steps * self._simulation.program.dt
        unit = self._simulation.network.time_unit
        if unit not in SECONDS:
            return f"{passed:.3g} model units a second"
        return f"{passed * SECONDS[unit]:.3g} × real time"
