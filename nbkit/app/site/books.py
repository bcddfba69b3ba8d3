"""Owns the running of notebooks for the site: papermill, at a small size or as they stand. Must not know pages."""

from __future__ import annotations

import ast
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbkit.errors import did_you_mean, fail

#: seconds for one cell
PATIENCE = 300
_BEFORE = "from nbkit.app.site.still import keep\n\nkeep()"


def declared(book: Any) -> set[str]:
    """The names that the cell tagged ``parameters`` assigns."""
    cells = [cell for cell in book.cells if "parameters" in cell.metadata.get("tags", [])]
    lines = [line for cell in cells for line in ast.parse(cell.source).body if isinstance(line, ast.Assign)]
    return {target.id for line in lines for target in line.targets if isinstance(target, ast.Name)}


def executed(file: Path, parameters: Mapping[str, Any]) -> Any:
    """Run a notebook and give it back with its outputs.

    Widgets leave what a page can keep, as `nbkit.app.site.still` tells.

    Args:
        file: the notebook; it is not changed.
        parameters: what its cell tagged ``parameters`` is given in place of what it has.

    Raises:
        NbkitError: ``bad-notebook`` for a parameter that it has not, a cell that fails, or one that takes too long.
    """
    import nbformat  # noqa: PLC0415  extras that only a build needs
    import papermill  # noqa: PLC0415
    from nbclient.exceptions import CellTimeoutError, DeadKernelError  # noqa: PLC0415

    book = nbformat.read(file, as_version=4)
    known = declared(book)
    unknown = [name for name in parameters if name not in known]
    if unknown:
        raise fail("bad-notebook", file.name, f"it has no parameter {unknown[0]}", did_you_mean(unknown[0], known))
    book.cells.insert(0, nbformat.v4.new_code_cell(_BEFORE))
    with tempfile.TemporaryDirectory(prefix="nbkit-site-") as folder:
        given, done = Path(folder) / file.name, Path(folder) / f"done-{file.name}"
        nbformat.write(book, given)
        try:
            papermill.execute_notebook(
                str(given), str(done), dict(parameters), kernel_name="python3", progress_bar=False,
                execution_timeout=PATIENCE, cwd=folder,
            )  # fmt: skip
        except papermill.PapermillExecutionError as error:
            what = f"cell {error.exec_count - 1} fails: {error.ename}: {_first_line(error.evalue)}"
            raise fail("bad-notebook", file.name, what, "run it in JupyterLab to see where") from error
        except (CellTimeoutError, DeadKernelError) as error:
            raise fail("bad-notebook", file.name, _first_line(str(error)), "run it in JupyterLab") from error
        ran = nbformat.read(done, as_version=4)
    ran.cells = [cell for cell in ran.cells if cell.source != _BEFORE]
    return ran


def _first_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[0][:200] if lines else "it says nothing"
