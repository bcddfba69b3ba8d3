"""Owns the execution of a notebook as a test: papermill, but a parameter that the notebook lacks is an error."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest

from nbkit.study.checkpoint import FILE, UPDATE

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(path.name for path in FOLDER.glob("*.ipynb"))
#: what `nb.checkpoint` compares with: a file for each notebook and size, with the parameters of the run
CHECKPOINTS = FOLDER / "checkpoints"


def declared(name: str) -> set[str]:
    """The names that a notebook's cell tagged ``parameters`` assigns."""
    book = nbformat.read(FOLDER / name, as_version=4)
    cells = [c for c in book.cells if "parameters" in c["metadata"].get("tags", [])]
    lines = [line for c in cells for line in ast.parse(c["source"]).body if isinstance(line, ast.Assign)]
    return {target.id for line in lines for target in line.targets if isinstance(target, ast.Name)}


def kept_for(name: str, *, full: bool = False) -> Path:
    """The file with the checkpoints of a notebook at one size."""
    return CHECKPOINTS / f"{Path(name).stem}.{'full' if full else 'small'}.json"


@contextmanager
def comparing(file: Path, parameters: dict[str, Any], *, update: bool = False) -> Iterator[None]:
    """Let the kernels that start here compare their checkpoints with a file, or write it anew.

    Raises:
        AssertionError: for a file that was made with other parameters.
    """
    begun = json.loads(json.dumps(parameters))
    if update:
        file.write_text(json.dumps({"parameters": begun, "values": {}}), encoding="utf-8")
    held = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {"parameters": begun}
    assert held["parameters"] == begun, f"{file.name} was made with {held['parameters']}; run again with --update"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FILE, str(file))
        if update:
            patch.setenv(UPDATE, "1")
        yield


def require_declared(name: str, parameters: dict[str, Any]) -> None:
    """Raise for a parameter that a notebook does not declare.

    Raises:
        KeyError: with its name.
    """
    known = declared(name)
    unknown = sorted(set(parameters) - known)
    if unknown:
        raise KeyError(f"{name} has no parameter {unknown}; it has {sorted(known)}")


def with_parameters(name: str, parameters: dict[str, Any]) -> Any:
    """A notebook with these parameters written into it, as `execute` runs it; nothing is run.

    Raises:
        KeyError: for a parameter that the notebook does not declare.
    """
    require_declared(name, parameters)
    book = papermill.iorw.load_notebook_node(str(FOLDER / name))
    return papermill.parameterize.parameterize_notebook(book, parameters, kernel_name="python3", language="python")


def execute(name: str, output: Path, parameters: dict[str, Any]) -> Any:
    """Run a notebook with these parameters and return it with its outputs.

    Raises:
        KeyError: for a parameter that the notebook does not declare; papermill alone would only log it.
        papermill.PapermillExecutionError: if a cell fails.
    """
    require_declared(name, parameters)
    return papermill.execute_notebook(
        str(FOLDER / name),
        str(output),
        parameters,
        kernel_name="python3",
        progress_bar=False,
        execution_timeout=120,
    )
