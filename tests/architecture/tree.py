"""Owns what the architecture tests know of the repository: where things are, and how a module's imports are read."""

from __future__ import annotations

import ast
import fnmatch
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "nbkit"

#: What may stand at the top of the repository, besides files that begin with a dot.
TOP = (
    "pyproject.toml",
    "hatch_build.py",
    "README.md",
    "LICENSE",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "nbkit",
    "notebooks",
    "tests",
    "binder",
    "gallery",
)


@dataclass(frozen=True)
class Import:
    """One import of one name: what is imported, in dotted full, and where."""

    target: str
    line: int


def modules(package: Path = PACKAGE) -> list[Path]:
    """Every Python file of a package."""
    return sorted(p for p in package.rglob("*.py") if "__pycache__" not in p.parts)


def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def dotted(path: Path, package: Path = PACKAGE) -> str:
    """`nbkit.model.frozen` for `nbkit/model/frozen.py`."""
    parts = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path, package: Path = PACKAGE) -> Iterator[Import]:
    """Every import in a file, wherever it stands: at the top, in a function, for types only, or by name."""
    here = dotted(path, package).split(".")
    base = here if path.name == "__init__.py" else here[:-1]
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            stem = base[: len(base) + 1 - node.level] if node.level else []
            whole = ".".join([*stem, *([node.module] if node.module else [])])
            yield from (Import(f"{whole}.{alias.name}", node.lineno) for alias in node.names)
        elif isinstance(node, ast.Call) and _is_import_call(node.func):
            yield Import(_named(node, ".".join(base)), node.lineno)


def _is_import_call(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in {"import_module", "__import__"}


def _named(call: ast.Call, folder: str) -> str:
    """The module in `import_module("...")`; `?` where it cannot be read off the text.

    `import_module(f"{__name__}.{part}")` stays inside its own folder, whatever the part is called.
    """
    first = call.args[0] if call.args else None
    if isinstance(first, ast.JoinedStr) and ast.unparse(first).startswith(("f'{__name__}.", 'f"{__name__}.')):
        return f"{folder}.?"
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else "?"


def files(root: Path = ROOT) -> Iterator[Path]:
    """Every file under a folder that git would not ignore, outside `.git`."""
    ignored = ignore_patterns()
    waiting = [root]
    while waiting:
        for path in sorted(waiting.pop().iterdir()):
            if path.name == ".git" or any(_matches(path, pattern) for pattern in ignored):
                continue
            if path.is_dir():
                waiting.append(path)
            else:
                yield path


def _matches(path: Path, pattern: str) -> bool:
    """Whether git ignores a path: by its name, or by its place if the pattern begins with a slash."""
    if pattern.startswith("/"):
        return path == ROOT / pattern.strip("/")
    return fnmatch.fnmatch(path.name, pattern.strip("/"))


def ignore_patterns() -> list[str]:
    """The patterns in `.gitignore`; it holds names, and names after a slash that stand at the top."""
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def text_of(path: Path) -> str | None:
    """Text of a file, or `None` where it is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
