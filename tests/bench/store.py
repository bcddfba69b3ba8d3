"""Owns the answers of an unfinished measurement, so that one that was cut off can go on. Knows no workload."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


class Store:
    """Answers by name, written to a file after each.

    Args:
        path: the file; None keeps nothing.
        resume: begin with the answers that the file holds.
        about: what is measured; answers about something else are not taken over.
    """

    def __init__(self, path: Path | None, *, resume: bool = False, about: str = "") -> None:
        self._path, self._about = path, about
        self._answers: dict[str, dict[str, Any]] = {}
        if resume and path is not None and path.exists():
            held = json.loads(path.read_text(encoding="utf-8"))
            self._answers = held["answers"] if held["about"] == about else {}

    def __len__(self) -> int:
        return len(self._answers)

    def get(self, name: str) -> dict[str, Any] | None:
        """An answer given before, if there is one."""
        return self._answers.get(name)

    def keep(self, name: str, answer: dict[str, Any]) -> dict[str, Any]:
        """Write an answer down and hand it on."""
        self._answers[name] = answer
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._path.with_suffix(".new")
            fresh.write_text(json.dumps({"about": self._about, "answers": self._answers}), encoding="utf-8")
            fresh.replace(self._path)
        return answer
