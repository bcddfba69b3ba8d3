"""Owns the clock over work that may never end: no thread, no process. Must not know what is done under it.

Where there are signals, an alarm ends the work. Elsewhere (a browser's kernel, a thread, an alarm that somebody else
has set) each call of a Python function looks at the clock. Whatever ends late is late, even if nothing could stop it.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from types import FrameType
from typing import Any, Self

AGAIN_S = 0.5  # work that swallows the alarm hears it again after so long


class OutOfTime(BaseException):
    """The time is over."""


class Interrupted(BaseException):
    """Somebody pressed Ctrl-C; a running simulation would answer a KeyboardInterrupt with half a result."""


class Watch:
    """A time limit for the block under ``with``.

    Args:
        seconds: the limit, on the clock at the wall.

    Attributes:
        late: whether the limit was passed, also when the work swallowed `OutOfTime`.
        interrupted: whether somebody pressed Ctrl-C meanwhile.
        seconds_taken: how long it took.
    """

    def __init__(self, seconds: float) -> None:
        self.limit = seconds
        self.interrupted = False
        self.seconds_taken = 0.0
        self._fired = False
        self._armed = False
        self._begin = 0.0
        self._handlers: dict[int, Any] = {}
        self._traced = False

    @property
    def late(self) -> bool:
        """Whether the limit was passed."""
        return self._fired or self.seconds_taken > self.limit

    def __enter__(self) -> Self:
        self._begin = time.perf_counter()
        self._armed = True
        if _alarm_is_free():
            self._handlers = {signal.SIGALRM: signal.signal(signal.SIGALRM, self._ring)}
            if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
                self._handlers[signal.SIGINT] = signal.signal(signal.SIGINT, self._stop)
            signal.setitimer(signal.ITIMER_REAL, self.limit, AGAIN_S)
        elif sys.gettrace() is None:
            self._traced = True
            sys.settrace(self._look)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Take everything back; once is enough, and twice does no harm."""
        if self._armed:
            self._armed = False
            self.seconds_taken = time.perf_counter() - self._begin
        if self._handlers:
            signal.setitimer(signal.ITIMER_REAL, 0)
            for number, before in self._handlers.items():
                signal.signal(number, before)
            self._handlers = {}
        if self._traced:
            self._traced = False
            sys.settrace(None)

    def _ring(self, _number: int, _frame: FrameType | None) -> None:
        if self._armed:
            self._fired = True
            raise OutOfTime

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.interrupted = True
        if self._armed:
            raise Interrupted

    def _look(self, _frame: FrameType, _event: str, _argument: Any) -> None:
        """Look at the clock at a call; the lines within are not traced."""
        if self._armed and time.perf_counter() - self._begin > self.limit:
            self._fired = True
            raise OutOfTime


def _alarm_is_free() -> bool:
    """Whether there are alarms, this thread may set one, and nobody else has."""
    if sys.platform == "emscripten" or not hasattr(signal, "setitimer"):  # in a browser an alarm never rings
        return False
    if threading.current_thread() is not threading.main_thread():
        return False
    if signal.getsignal(signal.SIGALRM) is None:  # set from outside Python: it could not be put back
        return False
    return signal.getitimer(signal.ITIMER_REAL)[0] == 0
