"""Owns the file of a standing simulation: arrays and JSON, never code. Must not know how a simulation runs."""

from __future__ import annotations

import json
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from nbkit.errors import fail, shown

#: what NumPy and the standard library raise for damaged files
_DAMAGED = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    OSError,
    EOFError,
    RecursionError,
    NotImplementedError,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)

FORMAT = "nbkit.simulation"
VERSION = 1


def write(path: str | Path, text: dict[str, Any], arrays: dict[str, Any]) -> None:
    """Write text and arrays into one file; a file that is there is replaced only by a whole one."""
    try:
        target = Path(path)
        if target.is_dir():
            raise IsADirectoryError(f"{target} is a folder")
        partial = target.with_name(target.name + ".part")
        document = json.dumps({"format": FORMAT, "version": VERSION, **text})
        with partial.open("wb") as file:
            np.savez_compressed(file, document=np.array(document), **arrays)
        partial.replace(target)
    except (OSError, ValueError, TypeError) as error:
        raise fail("bad-file", shown(path), f"cannot be written: {error}", "a file in a folder that is there") from None


def read(path: str | Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read text and arrays back.

    Raises:
        NbkitError: ``unknown-format`` if the file is not a saved simulation of this version.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        document = json.loads(str(arrays.pop("document")))
        known = document.pop("format") == FORMAT and document.pop("version") == VERSION
    except _DAMAGED as error:
        if isinstance(error, FileNotFoundError):
            raise fail(
                "unknown-format", str(path), "there is no such file", "give the path that save() wrote"
            ) from None
        raise fail("unknown-format", str(path), "not a saved simulation", "give a file from save()") from None
    if not known:
        raise fail("unknown-format", str(path), "a simulation of another version", "save it again with this nbkit")
    return document, arrays
