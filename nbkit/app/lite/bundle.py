"""Owns a Pyodide distribution on disk: which packages it really holds, and a copy of the needed ones. No networks."""

from __future__ import annotations

import json
import re
import shutil
import tarfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbkit.errors import fail, shown

LOCK = "pyodide-lock.json"
#: files that every distribution has; one of each line is enough
CORE = (("pyodide.mjs",), ("pyodide.asm.js", "pyodide.asm.mjs"), ("pyodide.asm.wasm",), ("python_stdlib.zip",))
_WHERE = "--pyodide"
_HINT = "a folder or an archive of a Pyodide release that holds packages (the 'full' one)"


@dataclass(frozen=True)
class Bundle:
    """A distribution: its folder, its lock, and the packages whose files are there, by plain name."""

    folder: Path
    lock: Mapping[str, Any]
    packages: Mapping[str, Mapping[str, Any]]

    @property
    def python(self) -> str:
        """The version of Python in it, such as ``"3.14"``."""
        return ".".join(str(self.lock.get("info", {}).get("python", "")).split(".")[:2])

    def version(self, name: str) -> str | None:
        """The version of a package, None if its file is not there."""
        found = self.packages.get(name)
        return None if found is None else str(found["version"])

    def closure(self, names: Iterable[str]) -> set[str]:
        """Those packages, and all that they need of it."""
        found: set[str] = set()
        waiting = [name for name in names if name in self.packages]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                needed = (plain_name(str(other)) for other in self.packages[name]["depends"])
                waiting += [other for other in needed if other in self.packages]
        return found

    def copy(self, names: Iterable[str], folder: Path) -> None:
        """Copy the core and these packages, with a lock that lists no others."""
        folder.mkdir(parents=True)
        chosen = set(names)
        kept = {key: package for key, package in self.lock["packages"].items() if plain_name(key) in chosen}
        for file in (*_core(self.folder), *(str(package["file_name"]) for package in kept.values())):
            shutil.copyfile(self.folder / file, folder / file)
        lock = {**self.lock, "packages": kept}
        (folder / LOCK).write_text(json.dumps(lock), encoding="utf-8")


def plain_name(name: str) -> str:
    """A package's name as indexes write it.

    >>> plain_name("prompt_toolkit")
    'prompt-toolkit'
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def open_bundle(given: str, scratch: Path) -> Bundle:
    """Open a distribution in a folder or an archive; an archive is unpacked into ``scratch``.

    Raises:
        NbkitError: ``bad-file`` for what is no such thing.
    """
    path = Path(given).expanduser()
    if not path.exists():
        raise fail("bad-file", _WHERE, f"there is no {shown(given)}", _HINT)
    folder = path if path.is_dir() else _unpacked(path, scratch)
    inside = next((found.parent for found in (folder / LOCK, *sorted(folder.rglob(LOCK))) if found.is_file()), None)
    if inside is None:
        raise fail("bad-file", _WHERE, f"{shown(given)} holds no {LOCK}", _HINT)
    lacking = [names[0] for names in CORE if not any((inside / name).is_file() for name in names)]
    if lacking:
        raise fail("bad-file", _WHERE, f"{shown(given)} lacks {', '.join(lacking)}", _HINT)
    return _read(inside)


def _read(folder: Path) -> Bundle:
    try:
        lock = json.loads((folder / LOCK).read_text(encoding="utf-8"))
        listed = dict(lock["packages"])
        there = {plain_name(key): package for key, package in listed.items() if _is_there(folder, package["file_name"])}
        complete = all({"version", "depends"} <= set(package) for package in there.values())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise fail("bad-file", LOCK, f"is no lock of a Pyodide distribution ({error!r})", _HINT) from None
    if not complete:
        raise fail("bad-file", LOCK, "lists packages without version or depends", _HINT)
    return Bundle(folder, lock, there)


def _is_there(folder: Path, name: object) -> bool:
    """Whether a file lies in the distribution itself, and not somewhere that its lock points at."""
    return isinstance(name, str) and Path(name).name == name and "\\" not in name and (folder / name).is_file()


def _core(folder: Path) -> Iterator[str]:
    yield from (name for names in CORE for name in names if (folder / name).is_file())
    if (folder / "pyodide.js").is_file():
        yield "pyodide.js"


def _unpacked(path: Path, scratch: Path) -> Path:
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                archive.extractall(scratch)  # noqa: S202  zipfile keeps to its folder
        else:
            with tarfile.open(path) as archive:
                archive.extractall(scratch, filter="data")
    except (OSError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise fail("bad-file", _WHERE, f"{path.name} cannot be unpacked: {error}", _HINT) from None
    return scratch
