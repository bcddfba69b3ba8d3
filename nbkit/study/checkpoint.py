"""Owns `checkpoint`: a number of a lesson held beside the one that is kept for it. Must not know what is taught.

A test names the file in the environment; without one nothing is compared, so that students are never bothered.
"""

from __future__ import annotations

import html
import json
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nbkit.errors import NbkitError, Problem, fail, shown
from nbkit.model.numbers import is_finite_number

#: what is kept: a number, or several in a row
Kept = float | list[float]

#: the file whose ``"values"`` are compared; and whether they are written instead
FILE, UPDATE = "NBKIT_CHECKPOINTS", "NBKIT_CHECKPOINTS_UPDATE"

_HINT = "if the new number is right: python -m pytest tests/notebooks --update"


@dataclass(frozen=True)
class Checkpoint:
    """A number of a lesson, and the one that is kept for it; None where nothing was compared."""

    name: str
    value: Kept
    expected: Kept | None = None

    def __str__(self) -> str:
        return f"{self.name}: {_told(self.value)}{'' if self.expected is None else ', as kept'}"

    def _repr_html_(self) -> str:
        return f"<div>{html.escape(str(self))}</div>"


def checkpoint(name: str, value: Any, rtol: float = 1e-6) -> Checkpoint:
    """Hold a number beside the one that is kept in a file, and show it.

    Only a test compares: it names a JSON file in the environment variable ``NBKIT_CHECKPOINTS``, one for each notebook
    and size, whose ``"values"`` are read here. In a notebook that somebody else runs, the number is shown and no more.

    Args:
        name: of the number, the only one with this name in its notebook.
        value: a finite number, or several in a list or an array of one dimension.
        rtol: how far it may be from the number that is kept, as a share of it.

    Returns:
        The number and what is kept; it says so as the last line of a cell.

    Raises:
        NbkitError: ``bad-type`` or ``bad-value`` for what cannot be kept; ``checkpoint-differs`` and
            ``missing-checkpoint`` in a test.

    Example:
        >>> import nbkit as nb
        >>> print(nb.checkpoint("period (ms)", 40.546964))
        period (ms): 40.547
    """
    found = _plain(name, value, rtol)
    if FILE not in os.environ:
        return Checkpoint(name, found)
    file = Path(os.environ[FILE])
    held: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {"values": {}}
    if UPDATE in os.environ:
        held["values"][name] = found
        file.write_text(json.dumps(held, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
        return Checkpoint(name, found)
    if name not in held["values"]:
        what = f"nothing is kept under this name in {file.name}"
        raise fail("missing-checkpoint", name, what, "python -m pytest tests/notebooks --update")
    expected: Kept = held["values"][name]
    if not _near(found, expected, rtol):
        what = f"expected {_told(expected, 9)}, got {_told(found, 9)}, and {rtol:g} of it is allowed"
        raise fail("checkpoint-differs", name, what, _HINT)
    return Checkpoint(name, found, expected)


def _plain(name: object, value: Any, rtol: object) -> Kept:
    """The value as JSON holds it."""
    array = np.asarray(value)
    wrong = []
    if not isinstance(name, str) or not name.strip():
        wrong.append(Problem("bad-type", "checkpoint.name", f"{shown(name)} is no name", 'such as "period"'))
    if array.dtype.kind not in "iuf" or array.ndim > 1 or not array.size or not np.isfinite(array).all():
        what = f"{shown(value)} is neither a finite number nor several in a row"
        wrong.append(Problem("bad-value", "checkpoint.value", what, "such as 40.5, or [40.5, 41.3]"))
    if not is_finite_number(rtol) or not rtol >= 0:  # type: ignore[operator]
        wrong.append(Problem("bad-value", "checkpoint.rtol", f"{shown(rtol)} is no tolerance", "0 or more, as 1e-6"))
    if wrong:
        raise NbkitError(wrong)
    kept: Kept = array.astype(np.float64).tolist()
    return kept


def _near(found: Kept, expected: Kept, rtol: float) -> bool:
    ours, theirs = (held if isinstance(held, list) else [held] for held in (found, expected))
    same = isinstance(found, list) == isinstance(expected, list) and len(ours) == len(theirs)
    return same and all(
        math.isclose(a, b, rel_tol=0.0, abs_tol=rtol * abs(b)) for a, b in zip(ours, theirs, strict=True)
    )


def _told(value: Kept, digits: int = 6) -> str:
    return ", ".join(f"{number:.{digits}g}" for number in (value if isinstance(value, list) else [value]))
