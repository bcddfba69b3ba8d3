"""Owns `live`: a simulation that runs on while somebody looks, or nobody. Must not know how things look."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import ipywidgets
import numpy as np

from nbkit.compile.delays import first_step
from nbkit.errors import NbkitError, Problem, fail, shown
from nbkit.model.numbers import is_whole
from nbkit.network.network import Network
from nbkit.network.time import Time, to_unit
from nbkit.plots.places import colour_limits
from nbkit.simulation import Simulation
from nbkit.widgets.controls import Control
from nbkit.widgets.controls import controls as controls_of
from nbkit.widgets.live_memory import COLUMNS
from nbkit.widgets.live_panel import LivePanel
from nbkit.widgets.live_presenter import LivePresenter
from nbkit.widgets.live_views import choose, make_view


def live(
    network: Network,
    dt: Time,
    *,
    view: str | None = None,
    variable: str | Sequence[str] | None = None,
    controls: Mapping[str, Sequence[float]] | None = None,
    speed: int | None = 10,
    window: Time | None = None,
    limits: Sequence[float] | None = None,
    seed: int = 0,
    backend: str = "numpy",
    method: str | None = None,
    precision: str = "float64",
    delays: str = "error",
) -> Live:
    """Let a network run while you look at it, stop it, change it, and let it run on.

    The simulation goes on at its own speed: a picture is made only when the page has drawn the last
    one, so that a slow page, or none, never holds it up. Nothing grows with time. Without a notebook
    ``.step()`` moves it; all else works as well.

    Args:
        network: what to run; it is not changed.
        dt: step, in the network's time unit, or such as ``"0.1 ms"``.
        view: ``"sheet"`` (the present moment), ``"space_time"`` (a line, or the mean of a sheet over y, over the last
            stretch of time) or ``"traces"``; if left out, the first of them that fits.
        variable: a path such as ``"E.r"``; for traces also several. If left out, the first state that fits, for
            traces all states.
        controls: path -> (low, high) or (low, high, step) of a value that gets a slider and acts at once.
        speed: steps from one frame to the next, 25 frames a second; None for as many as there is time for.
        window: the stretch of time that space-time plots and traces show; 600 steps if left out.
        limits: numbers (low, high) at the ends of the colours; if left out, those of the state or of what was shown.
        seed: as for `Simulation`, like the last four.
        backend: who computes.
        method: how states are stepped.
        precision: of the numbers.
        delays: what to do with delays off the grid.

    Returns:
        A widget with ``.run()``, ``.pause()``, ``.step()``, ``.reset()``, ``.simulation``, ``.network``, ``.sliders``.

    Raises:
        NbkitError: an unknown view or variable, a view that the population has no places for, values that cannot be
            changed while a simulation stands, a network that cannot be run.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"E": nb.Population(nb.models.leaky_integrator, (20, 20), initial={"x": 1.0})})
        >>> show = nb.live(net, 0.1, controls={"E.tau": (1, 20)})
        >>> show.step(50)
        >>> show.time
        5.0
    """
    simulation = Simulation(network, dt, seed=seed, backend=backend, method=method, precision=precision, delays=delays)
    if speed is not None and not is_whole(speed, 1):
        raise fail("bad-choice", "speed", f"{speed!r} is no number of steps", "1, 2, 3, ..., or None for full speed")
    colours = None if limits is None else colour_limits(np.zeros(1), limits)
    look = (*choose(simulation, view, variable), _steps_shown(simulation, window), colours)
    return Live(simulation, look, _settable(simulation, {} if controls is None else controls), speed)


def _steps_shown(simulation: Simulation, window: Time | None) -> int:
    if window is None:
        return COLUMNS
    length = to_unit(window, simulation.network.time_unit, "window")
    if length <= simulation.program.dt:
        raise fail("bad-duration", "window", f"{window!r} is not longer than a step", "at least two steps")
    return first_step(length, simulation.program.dt)


def _settable(simulation: Simulation, ranges: Mapping[str, Sequence[float]]) -> list[Control]:
    """Make the sliders of values that can be changed while the simulation stands."""
    if not isinstance(ranges, Mapping) or not all(isinstance(path, str) for path in ranges):
        hint = 'such as {"E.tau": (1, 20)}'
        raise fail("bad-type", "controls", f"{shown(ranges)} tells no ranges of values", hint)
    made = controls_of(simulation.network, ranges)
    problems: list[Problem] = []
    for control in made:
        try:
            simulation.set(control.path, control.as_value(control.start))
        except NbkitError as error:
            problems += error.problems
    if problems:
        raise NbkitError(problems)
    return made


class Live(ipywidgets.Box):
    """The widget that `live` returns; make it with `live`.

    Attributes:
        simulation: what runs; its ``state`` can be read at any time.
        sliders: path -> slider.
        figure: the live figure.
        view: name of the view.
    """

    def __init__(
        self,
        simulation: Simulation,
        shown: tuple[str, tuple[str, ...], int, tuple[float, float] | None],
        made: Sequence[Control],
        speed: int | None,
    ) -> None:
        self.simulation = simulation
        self.view, paths, window, limits = shown
        self._panel = LivePanel(made, speed)
        kept = make_view(simulation, self.view, paths, window, limits)
        values = {control.path: control.as_value(control.start) for control in made}
        self._presenter = LivePresenter(simulation, kept, self._panel, speed=speed, values=values)
        self._task: asyncio.Task[None] | None = None
        self._panel.listen(self._presenter.change, self._set_speed)
        self._panel.press("nbkit-run", lambda: self.pause() if self.running else self.run())
        self._panel.press("nbkit-step", self.step)
        self._panel.press("nbkit-reset", self.reset)
        self.sliders, self.figure = self._panel.sliders, self._panel.figure
        super().__init__(self._panel.boxes())
        self.add_class("nbkit-explore")
        self.add_class("nbkit-live")

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self._presenter.running

    @property
    def network(self) -> Network:
        """The network with the present values."""
        network = self.simulation.network
        for path, value in self._presenter.values.items():
            network = network.with_value(path, value)
        return network

    @property
    def time(self) -> float:
        """Present time, in the network's unit."""
        return self.simulation.time

    @property
    def speed(self) -> int | None:
        """Steps from one frame to the next; None for as many as there is time for."""
        return self._presenter.speed

    @speed.setter
    def speed(self, steps: int | None) -> None:
        self._panel.set_speed(steps)

    def run(self) -> None:
        """Set it going, and return at once; it runs whenever the kernel has nothing else to do.

        Raises:
            NbkitError: ``no-event-loop`` where nothing could keep it going, as in a plain script.
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            hint = "step(n) makes n steps at once"
            raise fail("no-event-loop", "run()", "only a notebook keeps a simulation going", hint) from None
        self._presenter.run()
        if self._task is None or self._task.done():
            self._task = loop.create_task(self._keep_going())

    def pause(self) -> None:
        """Let it stand."""
        self._presenter.pause()

    def step(self, steps: int | None = None) -> None:
        """Make so many steps, or those of one frame, and stand there."""
        if steps is not None and not is_whole(steps, 1):
            raise fail("bad-choice", "steps", f"{steps!r} is no number of steps", "1, 2, 3, ...")
        self._presenter.step(steps)

    def reset(self) -> None:
        """Go back to t = 0 with the same draws; values that were changed stay, and what runs runs on."""
        self._presenter.reset()

    def close(self) -> None:
        """Let it stand, and take the widget away."""
        if hasattr(self, "_presenter"):  # also called when it could not be made
            self.pause()
        super().close()

    async def _keep_going(self) -> None:
        while self.running:  # noqa: ASYNC110  this is what makes the steps
            await asyncio.sleep(self._presenter.tick())

    def _set_speed(self, steps: int | None) -> None:
        self._presenter.speed = steps
