"""Owns the turns that a run gives to others: by the event loop where one runs, else one after the other."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

_BREATH = 0.005  # seconds in which the page is heard and answered


class Turns:
    """Calls functions a little later; where no event loop runs, when `drain` is called."""

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], None]] = deque()

    def __call__(self, callback: Callable[[], None]) -> None:
        """Let others have a turn, then call a function."""
        try:
            asyncio.get_running_loop().call_later(_BREATH, callback)
        except RuntimeError:
            self._waiting.append(callback)

    def turn(self) -> None:
        """Call what waits now, once."""
        for _ in range(len(self._waiting)):
            self._waiting.popleft()()

    def drain(self) -> None:
        """Call what waits, until nothing does."""
        while self._waiting:
            self._waiting.popleft()()
