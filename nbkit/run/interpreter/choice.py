"""Owns the choice of who carries out a program: NumPy or the compiled interpreter. Must not know who asks.

The rule looks at the work of one step alone, so that the bits of a result do not depend on how long it runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbkit.compile.program import Program
from nbkit.errors import Problem, did_you_mean, shown
from nbkit.run.interpreter.encoder import LARGE_PRODUCT, refusal, weights_at_each_step
from nbkit.run.interpreter.library import Library, find
from nbkit.run.interpreter.printer import HERE

HINT = "install nbkit where a C compiler is, or python -m nbkit.run.interpreter.build in a source tree"


@dataclass(frozen=True)
class Choice:
    """Who runs a program: the interpreter's library, or None for NumPy; and why."""

    library: Library | None
    reason: str

    @property
    def name(self) -> str:
        """How results call it."""
        return "none" if self.library is None else "compiled"


def problems_of(accelerator: Any) -> list[Problem]:
    """Whether this is no way to choose."""
    if accelerator is None or isinstance(accelerator, bool):
        return []
    hint = did_you_mean(str(accelerator), ["True", "False", "None"]) or "accelerator=True, False or None"
    return [Problem("bad-choice", "accelerator", f"{shown(accelerator)} is neither True, False nor None", hint)]


def choose(program: Program, accelerator: bool | None, folder: Path = HERE) -> tuple[Choice, list[Problem]]:  # noqa: FBT001
    """Choose who runs a program: True forces the interpreter, False forbids it, None decides by the work per step."""
    if accelerator is False:
        return Choice(None, "accelerator=False"), []
    found, refused = find(folder), refusal(program)
    if accelerator:
        if isinstance(found, Library) and not refused:
            return Choice(found, "accelerator=True"), []
        wrong, hint = (found, HINT) if isinstance(found, str) else (refused, "leave accelerator= out")
        return Choice(None, ""), [Problem("no-accelerator", "accelerator", wrong, hint)]
    weights = weights_at_each_step(program)
    if weights > LARGE_PRODUCT:
        refused = f"{weights} weights at every step: a product by the library for linear algebra"
    if refused or isinstance(found, str):
        return Choice(None, refused or str(found)), []
    return Choice(found, "every step is short enough"), []
