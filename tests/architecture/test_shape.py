"""Law: a file says what it owns, files and functions are short, and nothing unexpected lies at the top."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import PACKAGE, ROOT, TOP, files, modules, parsed

FILE_LINES = 350
FUNCTION_LINES = 60

#: Longer ones, with the reason why cutting them would make them worse: "file" or "file:function" -> reason.
EXCEPTIONS: dict[str, str] = {
    "nbkit/simulation/simulate.py:simulate": "twelve keywords, each told in its docstring; the code is fifteen lines",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def too_long(package: Path) -> Iterator[str]:
    """Every file of more than 350 lines, and every function of more than 60."""
    for path in files(package):
        if path.suffix not in {".py", ".js", ".css"}:
            continue
        name = path.relative_to(package.parent).as_posix()
        if len(path.read_text(encoding="utf-8").splitlines()) > FILE_LINES:
            yield name
        if path.suffix == ".py":
            yield from (f"{name}:{f.name}" for f in _functions(path) if _lines(f) > FUNCTION_LINES)


def _functions(path: Path) -> list[Function]:
    return [node for node in ast.walk(parsed(path)) if isinstance(node, Function)]


def _lines(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_files_and_functions_are_short() -> None:
    assert sorted(set(too_long(PACKAGE)) - set(EXCEPTIONS)) == []


def test_no_exception_outlives_its_reason() -> None:
    assert sorted(set(EXCEPTIONS) - set(too_long(PACKAGE))) == []
    assert all(reason for reason in EXCEPTIONS.values())


def test_every_module_says_what_it_owns() -> None:
    silent = [p for p in [*modules(), *modules(ROOT / "tests")] if not ast.get_docstring(parsed(p))]
    assert [str(p.relative_to(ROOT)) for p in silent] == []


def test_the_package_says_that_it_is_typed() -> None:
    assert (PACKAGE / "py.typed").is_file()


def test_nothing_unexpected_lies_at_the_top() -> None:
    tops = {p.relative_to(ROOT).parts[0] for p in files()}
    assert sorted(name for name in tops if not name.startswith(".") and name not in TOP) == []


def test_long_ones_are_found(tmp_path: Path) -> None:
    package = tmp_path / "nbkit"
    package.mkdir()
    (package / "long.py").write_text("x = 1\n" * (FILE_LINES + 1), encoding="utf-8")
    (package / "deep.py").write_text("def f():\n" + "    x = 1\n" * FUNCTION_LINES, encoding="utf-8")
    (package / "good.py").write_text("def f():\n" + "    x = 1\n" * (FUNCTION_LINES - 1), encoding="utf-8")
    assert sorted(too_long(package)) == ["nbkit/deep.py:f", "nbkit/long.py"]
