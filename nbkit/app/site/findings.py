"""Owns `Finding`: one thing that a build found out about one of its parts. Must not know pages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """What a build found out.

    Attributes:
        where: the part, such as ``"gallery/rhythm"``.
        what: what was made, or what is wrong and what to try.
        good: whether all is well.

    Example:
        >>> print(Finding("gallery/rhythm", "a page of 120 kB", good=True))
        ✓ gallery/rhythm: a page of 120 kB
    """

    where: str
    what: str
    good: bool

    def __str__(self) -> str:
        return f"{'✓' if self.good else '✗'} {self.where}: {self.what}"
