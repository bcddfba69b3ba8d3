"""Owns the behaviour of `explore`: a change becomes a network, a run, a picture. Must not know any toolkit."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import xarray as xr

from nbkit.errors import NbkitError, Problem
from nbkit.network.network import Network

#: A run that is slower than this waits until the slider is let go.
SLOW_MS = 150.0
Number = float | int


class ExploreView(Protocol):
    """What the presenter asks of whoever draws."""

    def show_result(self, result: xr.Dataset, before: xr.Dataset) -> None:
        """Draw a result, and the one of the start values behind it."""
        ...

    def show_status(self, text: str) -> None:
        """Show one quiet line; any problems are gone."""
        ...

    def show_problems(self, lines: Sequence[tuple[str, str]]) -> None:
        """Show what went wrong and what to try, line by line, beside the last good picture."""
        ...

    def show_values(self, values: Mapping[str, Number]) -> None:
        """Move the sliders without reporting it back."""
        ...

    def follow_closely(self, closely: bool) -> None:  # noqa: FBT001
        """Report changes while a slider moves, or only once it is let go."""
        ...


class ExplorePresenter:
    """Keeps the edited network and its last good result, and runs it when a value changes.

    Changes that arrive during a run are gathered; only the newest of each path is run after it.

    Args:
        network: what to begin with.
        start: path -> start value of each slider.
        run: simulates a network.
        view: whoever draws.
        clock: seconds, for the time that a run takes.

    Attributes:
        network: the network with the present values.
        values: path -> present value.
        result: the last good result.

    Raises:
        NbkitError: the network cannot be run even with its start values.
    """

    def __init__(
        self,
        network: Network,
        start: Mapping[str, Number],
        run: Callable[[Network], xr.Dataset],
        view: ExploreView,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.network = self._first = network
        self.values: dict[str, Number] = dict(start)
        self._start = dict(start)
        self._run, self._view, self._clock = run, view, clock
        self._waiting: dict[str, Number] = {}
        self._busy = False
        self.result = self._timed_run()
        self._before = self.result
        self._show()

    def change(self, path: str, value: Number) -> None:
        """Set one value and run; during a run, remember it for the next one."""
        self._waiting[path] = value
        self._settle()

    def reset(self) -> None:
        """Return to the start values."""
        self._waiting.update(self._start)
        self._settle()
        self._view.show_values(self._start)

    def _settle(self) -> None:
        """Run until no change waits."""
        if self._busy:
            return
        self._busy = True
        try:
            while self._waiting:
                changes, self._waiting = self._waiting, {}
                self._apply(changes)
        finally:
            self._busy = False

    def _apply(self, changes: Mapping[str, Number]) -> None:
        try:
            self.values.update(changes)
            self.network = self._edited()
            self.result = self._timed_run()
            self._show()
        except NbkitError as error:
            self._view.show_problems([in_words(problem) for problem in error.problems])
        except Exception as error:
            self._view.show_problems([(f"{type(error).__name__}: {error}", "Try: Reset")])
            raise

    def _edited(self) -> Network:
        """Give the first network with every value that differs from its start."""
        network = self._first
        for path, value in self.values.items():
            if value != self._start[path]:
                network = network.with_value(path, value)
        return network

    def _timed_run(self) -> xr.Dataset:
        begin = self._clock()
        result = self._run(self.network)
        self._milliseconds = 1e3 * (self._clock() - begin)
        return result

    def _show(self) -> None:
        self._view.show_result(self.result, self._before)
        taken = f"{self._milliseconds:.3g}" if self._milliseconds < 1000 else f"{self._milliseconds:.0f}"
        self._view.show_status(f"{taken} ms per run · {_steps(self.result)} steps")
        self._view.follow_closely(self._milliseconds < SLOW_MS)


def _steps(result: xr.Dataset) -> int:
    """Number of steps up to the last sample."""
    if "step" in result.coords:
        return int(result["step"][-1])
    return result.sizes["time"] - 1


def in_words(problem: Problem) -> tuple[str, str]:
    """Give a problem as two sentences: where and what; what to try, empty if nothing is known."""
    told = f"{problem.where}: {problem.what}" if problem.where else problem.what
    return told, f"Try: {problem.hint}" if problem.hint else ""
