"""Owns wheels for every platform, made of what is installed: nbkit's own and others'. Must not know who loads them."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping
from importlib.metadata import Distribution, distribution
from pathlib import Path, PurePosixPath

from nbkit import __version__
from nbkit.errors import fail

TAG = "py3-none-any"
COMPILED = (".so", ".pyd", ".dylib", ".dll")
#: packages that do without their compiled part, although nothing in Python stands beside it under the same name
DISPENSABLE = {"markupsafe": "_speedups", "pyyaml": "_yaml", "psygnal": "mypyc"}
_NOT_FOR_BROWSERS = {"notebooks", "site", "lite", "__pycache__"}  # folders of nbkit that a page has no use for
_LEFT_OUT = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"}
_PACKAGE = Path(__file__).parents[2]
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same files make the same wheel


def own_wheel(folder: Path) -> Path:
    """Write the wheel of this nbkit, without its compiled interpreter, into a folder.

    Raises:
        NbkitError: ``missing-package`` if nbkit is not installed, so that nobody knows what it needs.
    """
    files = {
        f"nbkit/{path.relative_to(_PACKAGE).as_posix()}": path.read_bytes()
        for path in sorted(_PACKAGE.rglob("*"))
        if path.is_file()
        and path.suffix not in COMPILED
        and not _NOT_FOR_BROWSERS & set(path.relative_to(_PACKAGE).parts[:-1])
    }
    metadata = installed("nbkit").read_text("METADATA") or ""
    return _write(folder, "nbkit", __version__, files, metadata)


def pure_wheel(name: str, folder: Path) -> Path:
    """Write the wheel of an installed package, without compiled parts, into a folder.

    Raises:
        NbkitError: ``missing-package`` if it is not installed, or does not work without its compiled parts.
    """
    found = installed(name)
    needs = compiled_parts(found)
    if needs:
        what = f"needs its compiled part {needs[0]}, which runs on this machine alone"
        raise fail("missing-package", name, what, "take it from a Pyodide distribution")
    files = {}
    for path in found.files or ():
        top = path.parts[0]
        inside = top != ".." and "__pycache__" not in path.parts and path.suffix not in COMPILED
        if inside and not top.endswith((".dist-info", ".pth")):
            files[path.as_posix()] = Path(str(found.locate_file(path))).read_bytes()
    version, metadata = found.version, found.read_text("METADATA") or ""
    return _write(folder, found.metadata["Name"], version, files, metadata)


def installed(name: str) -> Distribution:
    """Find an installed package.

    Raises:
        NbkitError: ``missing-package``.
    """
    try:
        return distribution(name)
    except ModuleNotFoundError:
        hint = 'pip install -e ".[lite]"' if name == "nbkit" else f"pip install {name}"
        raise fail("missing-package", name, "is not installed", hint) from None


def compiled_parts(found: Distribution) -> list[str]:
    """List compiled files of a package that have no Python file of the same name beside them."""
    files = list(found.files or ())
    modules = {path.with_suffix("").as_posix() for path in files if path.suffix == ".py"}
    dispensable = DISPENSABLE.get(found.metadata["Name"].lower())
    alone = [path.as_posix() for path in files if path.suffix in COMPILED and _module(path) not in modules]
    return [name for name in alone if dispensable is None or dispensable not in name]


def _module(path: PurePosixPath) -> str:
    return (path.parent / path.name.split(".")[0]).as_posix()


def _write(folder: Path, name: str, version: str, files: Mapping[str, bytes], metadata: str) -> Path:
    stem = f"{name.replace('-', '_').replace('.', '_')}-{version}"
    about = f"{stem}.dist-info"
    wheel = f"Wheel-Version: 1.0\nGenerator: nbkit {__version__}\nRoot-Is-Purelib: true\nTag: {TAG}\n"
    whole = {**files, f"{about}/METADATA": metadata.encode(), f"{about}/WHEEL": wheel.encode()}
    made = folder / f"{stem}-{TAG}.whl"
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in {**whole, f"{about}/RECORD": _record(about, whole.items())}.items():
            archive.writestr(zipfile.ZipInfo(path, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return made


def _record(about: str, files: Iterable[tuple[str, bytes]]) -> bytes:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    for path, content in files:
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        rows.writerow((path, f"sha256={digest}", len(content)))
    rows.writerow((f"{about}/RECORD", "", ""))
    return text.getvalue().encode()
