"""Law: folders stand in the order in which data moves, and imports go only leftwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGE, imports, modules

LAYERS = (
    "errors",
    "model",
    "network",
    "compile",
    "results",
    "run",
    "simulation",
    "export",
    "analysis",
    "study",
    "plots",
    "widgets",
    "app",
)

#: Files beside the layers. `__init__` holds the lazy table of public names, `__main__` starts the command line.
BESIDE = ("__init__.py", "__main__.py", "py.typed")

#: Outside packages, and the leftmost layer that may know each.
OUTSIDE = {
    "numpy": "model",
    "scipy": "network",
    "sympy": "compile",
    "xarray": "results",
    "pandas": "results",
    "cupy": "run",
    "bokeh": "plots",
    "matplotlib": "plots",
    "IPython": "widgets",
    "anywidget": "widgets",
    "ipywidgets": "widgets",
    "traitlets": "widgets",
    "griffe": "app",
    "jupyter_server": "app",
    "mistune": "app",
    "nbconvert": "app",
    "nbformat": "app",
    "papermill": "app",
    "voila": "app",
}


def layer_of(path: Path, package: Path) -> str:
    """Layer that a module belongs to; `__main__` belongs to the last one."""
    first = path.relative_to(package).parts[0].removesuffix(".py")
    return LAYERS[-1] if first == "__main__" else first


def wrong_imports(package: Path) -> Iterator[str]:
    """One line for each import that goes rightwards, or past the layers."""
    for path in modules(package):
        if path == package / "__init__.py":
            continue
        layer = layer_of(path, package)
        for found in imports(path, package):
            reason = _wrong(layer, found.target)
            if reason:
                yield f"{path.relative_to(package.parent)}:{found.line} {found.target}: {reason}"


def _wrong(layer: str, target: str) -> str:
    top, _, rest = target.partition(".")
    if top == "?":
        return "an imported module must be written out"
    if top != "nbkit":
        first = OUTSIDE.get(top)
        too_far_left = first is not None and LAYERS.index(layer) < LAYERS.index(first)
        return f"only {first} and later layers may know {top}" if too_far_left else ""
    name = rest.split(".")[0]
    if name in LAYERS:
        return "" if LAYERS.index(name) <= LAYERS.index(layer) else f"{name} is to the right of {layer}"
    return "" if name == "__version__" else "import a name from the layer that owns it"


def unlisted(package: Path) -> list[str]:
    """Files and folders of a package that are no layer and do not stand beside the layers."""
    names = {p.name for p in package.iterdir() if p.name != "__pycache__"}
    known = {*LAYERS, *(f"{layer}.py" for layer in LAYERS), *BESIDE}
    return sorted(names - known)


def test_imports_go_leftwards() -> None:
    assert list(wrong_imports(PACKAGE)) == []


def test_every_file_and_folder_is_listed() -> None:
    assert unlisted(PACKAGE) == []


def test_every_folder_is_a_package() -> None:
    folders = {p.parent for p in modules()}
    assert sorted(str(f.relative_to(PACKAGE)) for f in folders if not (f / "__init__.py").exists()) == []


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("model/a.py", "import nbkit.network.b"),
        ("model/a.py", "from nbkit.network import b"),
        ("model/a.py", "from nbkit import network"),
        ("model/a.py", "from ..network import b"),
        ("model/a.py", "from .. import network"),
        ("model/__init__.py", "from ..network import b"),
        ("model/__init__.py", "from .. import network"),
        ("model/deep/a.py", "from ...network import b"),
        ("model/a.py", "def f():\n    from nbkit.network import b"),
        ("model/a.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from nbkit.network import b"),
        ("model/a.py", "import importlib\nimportlib.import_module('nbkit.network')"),
        ("model/a.py", "import importlib\nimportlib.import_module('nbkit.' + 'network')"),
        ("errors.py", "from nbkit.model import a"),
        ("results.py", "from nbkit.run.stepper import Stepper"),
        ("plots/a.py", "from nbkit.widgets import b"),
        ("widgets/a.py", "from nbkit import Network"),
        ("widgets/a.py", "import nbkit as nb"),
        ("study/a.py", "from bokeh.plotting import figure"),
    ],
)
def test_a_wrong_import_is_found(tmp_path: Path, where: str, text: str) -> None:
    assert len(list(wrong_imports(_package(tmp_path, where, text)))) == 1


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("network/a.py", "from nbkit.model import b\nfrom .c import d\nfrom . import e\nimport math"),
        ("network/__init__.py", "from .c import d\nfrom ..model import e"),
        ("results.py", "from nbkit import __version__\nfrom nbkit.compile import a"),
        ("app/a.py", "from nbkit.widgets import b\nfrom bokeh.plotting import figure"),
        ("__main__.py", "from nbkit.app.command_line import main"),
        ("__init__.py", "import importlib\nimportlib.import_module(name)"),
    ],
)
def test_a_right_import_is_let_through(tmp_path: Path, where: str, text: str) -> None:
    assert list(wrong_imports(_package(tmp_path, where, text))) == []


def test_an_unlisted_folder_is_found(tmp_path: Path) -> None:
    package = _package(tmp_path, "helpers/a.py", "")
    assert unlisted(package) == ["helpers"]


def _package(folder: Path, where: str, text: str) -> Path:
    path = folder / "nbkit" / where
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return folder / "nbkit"
