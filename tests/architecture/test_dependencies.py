"""Law: every dependency is declared once, as a range, and has a reason in one line of CONTRIBUTING.md."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.test_layers import LAYERS, layer_of
from tests.architecture.tree import PACKAGE, ROOT, imports, modules

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]

#: Layers that may need an extra; everything to the left of them works with a bare installation.
WITH_EXTRAS = {
    "plots": {"paper"},
    "widgets": {"app"},
    "app": {"app", "lite", "paper", "site"},
    "run": {"cuda12", "cuda13"},
    "simulation": {"storage"},
}

#: Packages that are certain to come with a declared one, because they are part of what it shows.
COMES_WITH = {
    "ipython": "ipykernel",
    "traitlets": "ipywidgets",
    "tornado": "ipykernel",
    "pandas": "xarray",
    "nbclient": "papermill",
}


def names(requirements: list[str]) -> set[str]:
    """Names of requirements, without nbkit's own extras."""
    return {str(canonicalize_name(Requirement(text).name)) for text in requirements} - {"nbkit"}


CORE = names(PROJECT["dependencies"])
DECLARED = CORE.union(*(names(extra) for extra in EXTRAS.values()))


def reasons() -> dict[str, str]:
    """Name -> reason, as CONTRIBUTING.md lists them."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.split("\n## Dependencies\n")[1].split("\n## ")[0]
    return dict(re.findall(r"^- `([\w-]+)`: (.+)$", section, flags=re.MULTILINE))


def test_every_dependency_has_its_reason() -> None:
    assert sorted(DECLARED) == sorted(reasons())


@pytest.mark.parametrize("text", sorted({r for e in [PROJECT["dependencies"], *EXTRAS.values()] for r in e}))
def test_a_dependency_is_a_range(text: str) -> None:
    required = Requirement(text)
    assert required.name == "nbkit" or {s.operator for s in required.specifier} <= {">=", "<", "!="}
    assert required.name == "nbkit" or any(s.operator == ">=" for s in required.specifier)


def test_one_installation_passes_all_tests() -> None:
    own = next(Requirement(text) for text in EXTRAS["test"] if text.startswith("nbkit["))
    assert own.extras == {"app", "lite", "paper", "site", "storage"}


def test_extras_do_not_repeat_the_core() -> None:
    assert sorted(CORE.intersection(*[set().union(*(names(e) for e in EXTRAS.values()))])) == []


def test_every_import_is_declared() -> None:
    known = {name: {canonicalize_name(d) for d in found} for name, found in packages_distributions().items()}
    missing = []
    for path in modules():
        layer = LAYERS[-1] if path == PACKAGE / "__init__.py" else layer_of(path, PACKAGE)
        allowed = CORE.union(*(names(EXTRAS[extra]) for extra in WITH_EXTRAS.get(layer, ())))
        for found in imports(path):
            top = found.target.split(".")[0]
            if top in sys.stdlib_module_names or top in {"nbkit", "?"}:
                continue
            if not {COMES_WITH.get(d, d) for d in known.get(top, {canonicalize_name(top)})} & _with_cupy(allowed):
                missing.append(f"{path.relative_to(ROOT)}:{found.line} {found.target}")
    assert missing == []


def _with_cupy(allowed: set[str]) -> set[str]:
    """The import is called `cupy` whichever of its wheels is there."""
    return allowed | {"cupy"} if any(name.startswith("cupy") for name in allowed) else allowed


def test_the_version_is_written_once() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    assigned = [n for n in tree.body if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "__version__"]
    assert len(assigned) == 1
    assert PROJECT["dynamic"] == ["version"]
