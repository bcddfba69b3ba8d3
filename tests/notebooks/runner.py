"""Owns the execution of a notebook as a test: papermill, but a parameter that the notebook lacks is an error."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import nbformat
import papermill

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(path.name for path in FOLDER.glob("*.ipynb"))


def declared(name: str) -> set[str]:
    """The names that a notebook's cell tagged ``parameters`` assigns."""
    book = nbformat.read(FOLDER / name, as_version=4)
    cells = [c for c in book.cells if "parameters" in c["metadata"].get("tags", [])]
    lines = [line for c in cells for line in ast.parse(c["source"]).body if isinstance(line, ast.Assign)]
    return {target.id for line in lines for target in line.targets if isinstance(target, ast.Name)}


def execute(name: str, output: Path, parameters: dict[str, Any]) -> Any:
    """Run a notebook with these parameters and return it with its outputs.

    Raises:
        KeyError: for a parameter that the notebook does not declare; papermill alone would only log it.
        papermill.PapermillExecutionError: if a cell fails.
    """
    known = declared(name)
    unknown = sorted(set(parameters) - known)
    if unknown:
        raise KeyError(f"{name} has no parameter {unknown}; it has {sorted(known)}")
    return papermill.execute_notebook(
        str(FOLDER / name),
        str(output),
        parameters,
        kernel_name="python3",
        progress_bar=False,
        execution_timeout=120,
    )
