"""Owns the build: check everything, lay out a folder, let JupyterLite make the site. Must not know what is taught."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from nbkit.app.demo import tutorials
from nbkit.app.lite import pages
from nbkit.app.lite.bundle import Bundle, open_bundle
from nbkit.app.lite.parts import Parts, parts_of
from nbkit.app.lite.wheels import installed, own_wheel, pure_wheel
from nbkit.errors import NbkitError, Problem, fail, shown

#: the extra's packages, by the name under which they are imported
NEEDED = ("jupyterlite_core", "jupyterlite_pyodide_kernel", "jupyter_server", "packaging", "ipywidgets", "anywidget")
#: packages whose extensions of JupyterLab the site needs
EXTENSIONS = ("jupyterlite-pyodide-kernel", "jupyterlab_widgets", "anywidget")
APPS = ("lab", "notebooks", "repl")
KERNEL_SETTINGS = "@jupyterlite/pyodide-kernel-extension:kernel"
_WHERE = "nbkit lite build"
_PATIENCE_S = 600.0

Say = Callable[[str], None]


def build(
    out: str = "nbkit-lite", *, pyodide: str | None = None, notebooks: Sequence[str] | None = None, say: Say = print
) -> Path:
    """Make a folder of static files that runs nbkit in a browser, with the workbench and notebooks.

    Args:
        out: the folder to make; it must be empty or new.
        pyodide: where Python for browsers comes from. A folder or an archive makes a site that asks nobody else for
            anything; an address makes one that takes it from there; by default it is JupyterLite's own choice.
        notebooks: files to take along; by default the lessons that suit a browser.
        say: called with a line for each thing that is done.

    Returns:
        The folder.

    Raises:
        NbkitError: ``missing-package`` (all that are missing, at once), ``bad-file``, ``bad-notebook``.
    """
    began = time.perf_counter()
    _require()
    site = _empty(Path(out).expanduser())
    with tempfile.TemporaryDirectory(prefix="nbkit-lite-") as scratch:
        stage = Path(scratch) / "stage"
        stage.mkdir()
        elsewhere = pyodide if pyodide is not None and "://" in pyodide else None
        bundle = None if pyodide is None or elsewhere else open_bundle(pyodide, Path(scratch) / "pyodide")
        if bundle is not None:
            _require_fitting(bundle)
        titles = _lay_notebooks(stage / "files", notebooks)
        say(f"nbkit: {len(titles)} notebooks")
        _lay_packages(stage, bundle, parts_of(bundle), say)
        _settings(stage, elsewhere, offline=bundle is not None)
        say("nbkit: JupyterLite makes the site ...")
        _run(stage, site, Path(scratch) / "build.log")
    (site / "index.html").write_text(pages.start_page(titles), encoding="utf-8")
    size = sum(path.stat().st_size for path in site.rglob("*") if path.is_file()) / 1e6
    say(f"nbkit: {site} is made, {size:.0f} MB, in {time.perf_counter() - began:.0f} s. To look at it:")
    say(f"\n    python -m http.server -b 127.0.0.1 -d {site} 8000\n\nand open http://127.0.0.1:8000 in a browser")
    return site


def _require() -> None:
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        what = f"needs {', '.join(name.replace('_', '-') for name in missing)}, not installed here"
        raise fail("missing-package", _WHERE, what, 'pip install "nbkit[lite]"')


def _empty(site: Path) -> Path:
    hint = "name another folder, or empty it"
    if site.exists() and not site.is_dir():
        raise fail("bad-file", "--out", f"{shown(str(site))} is a file", hint)
    if site.is_dir() and any(site.iterdir()):
        raise fail("bad-file", "--out", f"the folder {shown(str(site))} is not empty", hint)
    try:
        site.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise fail("bad-file", "--out", f"{shown(str(site))} cannot be made: {error.strerror}", hint) from None
    return site.resolve()


def _require_fitting(bundle: Bundle) -> None:
    """The kernel has parts that are written for one version of Python."""
    constants = importlib.import_module("jupyterlite_pyodide_kernel.constants")
    wanted = str(getattr(constants, "PYODIDE_PYTHON_VERSION", ""))
    if wanted and bundle.python != wanted:
        version = installed("jupyterlite-pyodide-kernel").version
        what = (
            f"holds Python {bundle.python or 'of unknown version'}, but jupyterlite-pyodide-kernel {version} is made "
        )
        what += f"for Python {wanted} (Pyodide {constants.PYODIDE_VERSION})"
        raise fail("bad-file", "--pyodide", what, "that Pyodide, or the version of the kernel that fits yours")


def _lay_notebooks(folder: Path, given: Sequence[str] | None) -> dict[str, str]:
    """Write the workbench and the notebooks; returns heading by name."""
    folder.mkdir()
    chosen = [Path(name) for name in given] if given is not None else _lessons()
    texts, problems = {pages.WORKBENCH: pages.workbench()}, []
    for path in chosen:
        try:
            if path.name in texts:
                raise fail("bad-notebook", str(path), f"there are two notebooks {path.name}", "give one another name")
            texts[path.name] = pages.with_first_cell(path)
        except NbkitError as error:
            problems += error.problems
    if problems:
        raise NbkitError(problems)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    titles = {name: pages.title_of(text, name) for name, text in texts.items()}
    return {**titles, pages.WORKBENCH: "The workbench in a notebook"}


def _lessons() -> list[Path]:
    return [path for path in sorted(tutorials().glob("*.ipynb")) if path.name[:2] in pages.LESSONS]


def _lay_packages(stage: Path, bundle: Bundle | None, parts: Parts, say: Say) -> None:
    wheels = stage / "pypi"
    wheels.mkdir()
    own_wheel(wheels)
    problems: list[Problem] = []
    for name in parts.packed:
        try:
            pure_wheel(name, wheels)
        except NbkitError as error:
            problems += error.problems
    if problems:
        raise NbkitError(problems)
    say(f"nbkit: packed from this installation: {', '.join(('nbkit', *sorted(parts.packed)))}")
    if bundle is not None:
        bundle.copy(parts.bundled, stage / "static" / "pyodide")
        say(f"nbkit: {len(parts.bundled)} packages from Pyodide, Python {bundle.python}")


def _settings(stage: Path, elsewhere: str | None, *, offline: bool) -> None:
    kernel: dict[str, Any] = {"disablePyPIFallback": True} if offline else {}
    if elsewhere:
        kernel["pyodideUrl"] = elsewhere
    data = {"appName": "nbkit", "litePluginSettings": {KERNEL_SETTINGS: kernel}}
    document = {"jupyter-lite-schema-version": 0, "jupyter-config-data": data}
    (stage / "jupyter-lite.json").write_text(json.dumps(document), encoding="utf-8")


def _extensions() -> list[Path]:
    """Folders of the extensions of JupyterLab that the site needs; not those of whatever else is installed."""
    found = []
    for name in EXTENSIONS:
        package = installed(name)
        marks = [path for path in package.files or () if "labextensions" in path.parts and path.name == "package.json"]
        if not marks:
            raise fail("missing-package", name, "is installed without its extension of JupyterLab", "install it again")
        found.append(Path(str(package.locate_file(min(marks, key=lambda path: len(path.parts))))).resolve().parent)
    return found


def _run(stage: Path, site: Path, log: Path) -> None:
    options = [f"--apps={name}" for name in APPS]
    options += [f"--LiteBuildConfig.federated_extensions={path}" for path in _extensions()]
    options += ["--contents=files", "--no-sourcemaps", "--no-unused-shared-packages", "--ignore-sys-prefix"]
    command = [sys.executable, "-m", "jupyterlite_core", "build", f"--lite-dir={stage}", f"--output-dir={site}"]
    try:
        with log.open("wb") as output:
            subprocess.run(  # noqa: S603
                [*command, *options], cwd=stage, check=True, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                timeout=_PATIENCE_S, env={**os.environ, "JUPYTER_PLATFORM_DIRS": "1"},
            )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-12:]) if log.is_file() else ""
        with suppress(OSError):
            (site / "failed.log").write_bytes(log.read_bytes())
        what = f"JupyterLite did not make it ({error.__class__.__name__}); it said:\n{tail}"
        raise fail("bad-file", _WHERE, what, f"all of it is in {site / 'failed.log'}") from None
