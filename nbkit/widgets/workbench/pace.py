"""Owns how fast a simulation goes on: the steps that are due, and those that fit into a slice. Knows no simulation."""

from __future__ import annotations

from collections.abc import Callable

#: Seconds of stepping after which whoever else waits has a turn.
SLICE = 0.03
#: Steps of a slice at most.
MOST = 10_000
#: Seconds over which the speed is measured.
MEASURED = 0.5
#: Seconds that a simulation may lag behind; it catches up on no more.
LAG = 0.25


class Pace:
    """Turns the clock into steps.

    Args:
        clock: seconds.

    Attributes:
        rate: steps a second that are wished for; None for as many as there is time for.
        measured: steps a second that were made lately; 0 as long as nobody knows.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.rate: float | None = None
        self.measured = 0.0
        self._cost = SLICE  # seconds of a step, as far as is known
        self.begin(0)

    def begin(self, position: int) -> None:
        """Count from here on."""
        self._from = self._mark = (self._clock(), position)

    def slice(self) -> int:
        """Steps that fit into a slice."""
        return max(1, min(MOST, int(SLICE / max(self._cost, 1e-9))))

    def due(self, position: int) -> int:
        """Steps that are to be made now, no more than fit into a slice."""
        if self.rate is None:
            return self.slice()
        now = self._clock()
        began, first = self._from
        left = int((now - began) * self.rate) - (position - first)
        if left > self.rate * LAG + 1:
            left = int(self.rate * LAG) + 1
            self._from = (now, position + left)
        return max(0, min(left, self.slice()))

    def made(self, steps: int, seconds: float, position: int) -> None:
        """So many steps were made in so many seconds, and led to this position."""
        # slow at the start is often warming up; a slice may grow, but not jump
        self._cost = max(seconds / steps, self._cost / 4)
        (began, first), now = self._mark, self._clock()
        if now - began >= MEASURED:
            self.measured = (position - first) / (now - began)
            self._mark = (now, position)
