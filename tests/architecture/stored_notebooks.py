"""Owns the check that notebooks are stored bare. Also a program: `python stored_notebooks.py FILE.ipynb ...`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def leftovers(path: Path) -> Iterator[str]:
    """One line for each thing that a run or an editor left in a stored notebook."""
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for name in ("kernelspec", "widgets", "papermill", "signature"):
        if name in notebook["metadata"]:
            yield f"{path}: metadata.{name}"
    if notebook["nbformat"] != 4:
        yield f"{path}: nbformat {notebook['nbformat']}"
    for number, cell in enumerate(notebook["cells"]):
        if cell.get("outputs"):
            yield f"{path}: cell {number} has outputs"
        if cell.get("execution_count") is not None:
            yield f"{path}: cell {number} has an execution count"
        if "execution" in cell["metadata"] or "papermill" in cell["metadata"]:
            yield f"{path}: cell {number} remembers a run"


if __name__ == "__main__":
    found = [line for name in sys.argv[1:] for line in leftovers(Path(name))]
    print(*found, sep="\n")
    sys.exit(1 if found else 0)
