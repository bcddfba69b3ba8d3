"""Owns the check of a notebook's tasks: it runs the notebook, tries every task in it, and tells what it found.

Must not know how a task is tried.
"""

from __future__ import annotations

import ast
import importlib.util
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nbkit.errors import fail
from nbkit.study.tasks.attempt_reading import printable
from nbkit.study.tasks.task import Task
from nbkit.study.tasks.trial import Finding

MIME = "application/vnd.nbkit.findings+json"
CELL_S = 600
LONGEST = 300
KERNEL = "python3"

#: run in the notebook's own kernel, after its last cell
TRIAL = """\
from IPython.display import display as _display
from nbkit.app.task_check import findings_in as _findings_in
_display({{"{mime}": _findings_in(globals(), {seeds}), "text/plain": ""}}, raw=True)
"""


def check_notebook(path: str | Path, seeds: int = 20, cell_seconds: int = CELL_S) -> list[Finding]:
    """Run a notebook and try every task that it defines. The file stays as it is.

    Args:
        path: the notebook.
        seeds: a reference must pass with so many seeds.
        cell_seconds: how long a cell of the notebook may take.

    Returns:
        All findings, those of the first task first.

    Raises:
        NbkitError: ``bad-notebook`` for a file that is no notebook, does not run, or has no task;
            ``missing-package`` without papermill.
    """
    for package in ("papermill", "nbformat"):
        if importlib.util.find_spec(package) is None:
            what = f"needs {package}, which is not installed"
            raise fail("missing-package", "nbkit task check", what, 'pip install "nbkit[paper]"')
    notebook = _read(Path(path))
    ungraded = [Finding(Path(path).name, good=False, what=what) for what in open_cells(notebook)]
    found = _tried(notebook, Path(path), seeds, cell_seconds)
    if not found:
        what = "it runs, but defines no task"
        raise fail("bad-notebook", str(path), what, "task = nb.Task(...), at the top level of a cell")
    return [*(Finding(f["task"], f["good"], f["what"]) for f in found), *ungraded]


def _read(path: Path) -> Any:
    import nbformat  # noqa: PLC0415  it belongs to an extra

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # old notebooks lack ids of cells
            notebook = nbformat.read(path, as_version=4)
            nbformat.validate(notebook)
    except OSError as error:
        raise fail(
            "bad-notebook", str(path), f"cannot be read: {error.strerror or error}", "look at its name"
        ) from None
    except Exception as error:  # noqa: BLE001  nbformat lets through whatever its parsers raise
        what = f"it is no notebook: {type(error).__name__}: {_short(error)}"
        raise fail("bad-notebook", str(path), what, "give a file that Jupyter saved as .ipynb") from None
    return notebook


def _tried(notebook: Any, path: Path, seeds: int, cell_seconds: int) -> list[dict[str, Any]]:
    """Run the notebook with one more cell, and read what that cell displayed."""
    import nbformat  # noqa: PLC0415  it belongs to an extra
    import papermill  # noqa: PLC0415  it belongs to an extra

    last = nbformat.v4.new_code_cell(TRIAL.format(mime=MIME, seeds=int(seeds)))
    number = len(notebook.cells)
    notebook.cells.append(last)
    try:
        done = papermill.execute_notebook(
            notebook,
            None,
            kernel_name=KERNEL,
            progress_bar=False,
            cwd=str(path.resolve().parent),
            # the trial keeps its own time, task by task
            timeout_func=lambda cell: None if cell["source"] == last["source"] else cell_seconds,
        )
    except papermill.PapermillExecutionError as error:
        where = "the trial of its tasks" if error.cell_index >= number else f"cell {error.cell_index + 1}"
        what = f"{where} fails: {error.ename}: {_short(error.evalue)}"
        raise fail("bad-notebook", str(path), what, "run the whole notebook in a fresh kernel") from None
    except Exception as error:  # noqa: BLE001  dead kernels, kernels that are not there, cells that never end
        what = f"it cannot be run: {type(error).__name__}: {_short(error)}"
        raise fail("bad-notebook", str(path), what, "run the whole notebook in a fresh kernel") from None
    shown_last = [o["data"][MIME] for o in done.cells[-1]["outputs"] if MIME in o.get("data", {})]
    return list(shown_last[-1]) if shown_last else []


def _short(said: object) -> str:
    """What an error says, in one line that fits."""
    text = printable(" ".join(str(said).split()))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def findings_in(namespace: Mapping[str, Any], seeds: int = 20) -> list[dict[str, Any]]:
    """Try every task among the values of a namespace; called in the notebook's kernel."""
    found: list[Finding] = []
    tasks = list(_tasks(namespace))
    names = [task.name for task in tasks if task.name]
    for task in tasks:
        if task.name and names.count(task.name) > 1:
            what = "two tasks have this name; logs would mix them up"
            found.append(Finding(task.name, good=False, what=what))
            names = [name for name in names if name != task.name]
        found += task.trial(seeds)
    return [{"task": f.task, "good": f.good, "what": f.what} for f in found]


def _tasks(namespace: Mapping[str, Any]) -> Iterator[Task]:
    """Each task once: those with a name, and those in lists and mappings with a name."""
    known: set[int] = set()
    for name, value in list(namespace.items()):
        if name.startswith("_") or name in ("In", "Out"):
            continue
        inside = (
            list(value.values()) if isinstance(value, dict) else value if isinstance(value, list | tuple) else [value]
        )
        for task in inside:
            if isinstance(task, Task) and id(task) not in known:
                known.add(id(task))
                yield task


def open_cells(notebook: Any) -> Iterator[str]:
    """Cells that nbgrader would give all points to, whatever the mark says.

    nbgrader takes away points for an error, and reads points from a last line that shows a number. A cell that only
    keeps its mark does neither.
    """
    for number, cell in enumerate(notebook.cells, 1):
        about = cell["metadata"].get("nbgrader", {})
        if cell["cell_type"] != "code" or not about.get("grade") or about.get("solution"):
            continue
        try:
            tree = ast.parse(cell["source"])
        except SyntaxError:
            continue
        calls = {n.func.attr for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)}
        fails = any(isinstance(n, ast.Assert | ast.Raise) for n in ast.walk(tree)) or "require" in calls
        shows = bool(tree.body) and isinstance(tree.body[-1], ast.Expr) and not cell["source"].rstrip().endswith(";")
        if "grade" in calls and not fails and not shows:
            what = f"cell {number} is graded by nbgrader, but nothing in it fails, so everybody gets all points"
            yield f"{what}; end it with task.grade(...).require()"
