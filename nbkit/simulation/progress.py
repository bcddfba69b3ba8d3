"""Owns the bar that shows how far a run has come. Must not know what runs."""

from __future__ import annotations

import sys
import time

WIDTH = 30
PAUSE = 0.2  # seconds between two looks at the bar


class Bar:
    """A line on the error stream that shows steps made and time left; it is drawn a few times a second at most.

    Args:
        what: what is counted.
    """

    def __init__(self, what: str = "steps") -> None:
        self._what = what
        self._begin = time.monotonic()
        self._last = 0.0

    def __call__(self, done: int, asked: int) -> None:
        """Draw the bar, if it is time."""
        now = time.monotonic()
        if done < asked and now - self._last < PAUSE:
            return
        self._last = now
        spent = now - self._begin
        left = spent / done * (asked - done) if done else 0.0
        filled = WIDTH * done // asked
        bar = "█" * filled + "·" * (WIDTH - filled)
        end = "\n" if done == asked else ""
        sys.stderr.write(f"\r{bar} {done}/{asked} {self._what}, {spent:.1f} s, {left:.1f} s left {end}")
        sys.stderr.flush()
