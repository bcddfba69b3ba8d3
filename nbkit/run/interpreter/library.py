"""Owns the finding and loading of the compiled interpreter. Must not know programs."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from nbkit.run.interpreter.printer import HERE, PRECISIONS, file_name, fingerprint

_COUNT, _ADDRESS = ctypes.c_uint64, ctypes.c_void_p


@dataclass(frozen=True)
class Library:
    """The functions of a loaded library; those of one precision by its name, `fall` by the bytes of a word."""

    path: Path
    vectors: int
    block: Mapping[str, Any]
    steps: Mapping[str, Any]
    live_size: Mapping[str, int]
    scale: Mapping[str, Any]
    counts: Any
    fall: Mapping[int, Any]


def find(folder: Path = HERE) -> Library | str:
    """The library in a folder, or a sentence that tells why there is none."""
    return _found(folder)


@cache
def _found(folder: Path) -> Library | str:
    plain = folder / file_name()
    if not plain.is_file():
        return "it is not built here"
    try:
        loaded = ctypes.CDLL(str(plain))
        if not _is_current(loaded):
            return "the library that is here belongs to another version of nbkit"
        loaded.nbkit_vectors.restype = ctypes.c_int
        vectors = int(loaded.nbkit_vectors())
        wide = folder / file_name(vectors)
        if vectors and wide.is_file():
            wider = ctypes.CDLL(str(wide))
            if _is_current(wider):
                return _library(wide, vectors, wider)
        return _library(plain, 0, loaded)
    except (OSError, AttributeError) as error:
        return f"the library that is here cannot be loaded: {error}"


def _is_current(loaded: ctypes.CDLL) -> bool:
    loaded.nbkit_fingerprint.restype = _COUNT
    return int(loaded.nbkit_fingerprint()) == fingerprint()


def _library(path: Path, vectors: int, loaded: ctypes.CDLL) -> Library:
    block, steps, sizes, scale = {}, {}, {}, {}
    for precision in PRECISIONS:
        block[precision] = getattr(loaded, f"block_{precision}")
        block[precision].argtypes = [_ADDRESS, _ADDRESS, _COUNT, _ADDRESS, *[_COUNT] * 3]
        block[precision].restype = None
        steps[precision] = getattr(loaded, f"steps_{precision}")
        steps[precision].argtypes = [_ADDRESS, _ADDRESS, _COUNT, _ADDRESS, *[_COUNT] * 4, _ADDRESS]
        steps[precision].restype = _COUNT
        size = getattr(loaded, f"live_size_{precision}")
        size.restype = _COUNT
        sizes[precision] = int(size())
        scale[precision] = getattr(loaded, f"scale_{precision}")
        number = ctypes.c_double if precision == "float64" else ctypes.c_float
        scale[precision].argtypes = [_ADDRESS, *[_COUNT] * 3, number, _ADDRESS, _COUNT]
        scale[precision].restype = None
    loaded.nbkit_counts.argtypes = [_ADDRESS, _COUNT, _COUNT, _ADDRESS, _ADDRESS, _COUNT, _ADDRESS]
    loaded.nbkit_counts.restype = _COUNT
    fall = {2: loaded.nbkit_fall_16, 4: loaded.nbkit_fall_32}
    for function in fall.values():
        function.argtypes = [_ADDRESS, _COUNT, _ADDRESS, _COUNT, _COUNT, _ADDRESS, _COUNT]
        function.restype = _COUNT
    return Library(path, vectors, block, steps, sizes, scale, loaded.nbkit_counts, fall)


if __name__ == "__main__":
    present = find()
    if isinstance(present, str):
        sys.exit(present)
    sys.stdout.write(f"{present.path}\n")
