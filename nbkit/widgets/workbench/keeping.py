"""Owns the file that a workbench keeps its network in: opened first, written after edits. Must not know any toolkit."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import time
import weakref
from collections.abc import Callable
from pathlib import Path

from nbkit.errors import NbkitError, Problem, fail, shown
from nbkit.network.document import Document, Revision

#: the file is written at most once in so many seconds
PAUSE_SECONDS = 1.0

_LARGEST = 100_000_000  # bytes of a file that is read

Later = Callable[[float, Callable[[], None]], bool]
Stamp = tuple[int, int] | None


def later(seconds: float, callback: Callable[[], None]) -> bool:
    """Call a function in so many seconds, if an event loop runs; returns whether one does."""
    try:
        asyncio.get_running_loop().call_later(seconds, callback)
    except RuntimeError:
        return False
    return True


def read_kept(given: object) -> Document | None:
    """Read the document that a file holds; None for a file that is still to be made.

    Raises:
        NbkitError: ``bad-file`` for a file that cannot be read, or holds something else: it would be overwritten.
    """
    if not isinstance(given, str | Path) or not str(given):
        raise fail("bad-file", "autosave", f"{shown(given)} is no name of a file", 'autosave="my_network.json"')
    path = Path(given)
    if not path.parent.is_dir():
        raise fail("bad-file", "autosave", f"there is no folder {shown(str(path.parent))}", "make it first")
    try:
        if not path.exists():
            return None
        if path.stat().st_size > _LARGEST:
            raise fail("bad-file", "autosave", f"{path.name} is too large for a network", "name another file")
        return Document.from_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise fail("bad-file", "autosave", f"{path.name} cannot be read: {why}", "name another file") from None
    except NbkitError as error:
        if error.code == "bad-file":
            raise
        what = f"{path.name} holds no network, and would be overwritten ({error.what})"
        raise fail("bad-file", "autosave", what, "name another file") from None


class FileKeeper:
    """Writes the present revision of a document to a file: whole or not at all, and at most once a second.

    A file that somebody else changed in the meantime is left as it is, and that is told.

    Args:
        path: the file.
        document: what is kept.
        tell: called with a line for the page after each attempt to write, and ``"good"`` or ``"bad"``.
        schedule: calls a function later; tells whether it will.
        clock: seconds.
    """

    def __init__(
        self,
        path: Path,
        document: Document,
        tell: Callable[[str, str], None],
        schedule: Later = later,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.path, self._document, self._tell = path.absolute(), document, tell
        self._schedule, self._clock = schedule, clock
        self._stamp = _stamp(self.path)
        self._last = -PAUSE_SECONDS
        self._waiting = self._due = False
        self._leave = document.subscribe(self._changed)
        final = weakref.WeakMethod(self.write)
        self._at_exit = lambda: (write := final()) and write()
        atexit.register(self._at_exit)

    def _changed(self, _revision: Revision) -> None:
        self._due = True
        wait = self._last + PAUSE_SECONDS - self._clock()
        if self._waiting:
            return
        if wait > 0 and self._schedule(wait, self._turn):
            self._waiting = True
        else:
            self.write()

    def _turn(self) -> None:
        self._waiting = False
        self.write()

    def write(self) -> None:
        """Write what is not written yet."""
        if not self._due:
            return
        self._due, self._last = False, self._clock()
        if _stamp(self.path) not in (None, self._stamp):
            self._tell(f"{self.path.name} was changed by something else and is left as it is: name another file", "bad")
            return
        part = self.path.with_name(f".{self.path.name}.{os.getpid()}.part")
        try:
            part.write_text(self._document.to_json(), encoding="utf-8")
            part.replace(self.path)
        except OSError as error:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
            self._tell(f"{self.path.name} could not be written: {error.strerror or error}", "bad")
            return
        self._stamp = _stamp(self.path)
        self._tell(f"saved to {self.path.name}", "good")

    def close(self) -> None:
        """Write what is not written yet, and end."""
        self.write()
        self._leave()
        atexit.unregister(self._at_exit)


def problem_of(path: object, refused: tuple[Problem, ...]) -> Problem:
    """A file that holds a network which the form does not allow."""
    what = f"{Path(str(path)).name} holds another network: {refused[0].what}"
    return Problem("bad-file", "autosave", what, "name another file")


def _stamp(path: Path) -> Stamp:
    """When a file was changed and how long it is; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
