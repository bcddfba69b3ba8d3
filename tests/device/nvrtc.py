"""Owns NVIDIA's run-time compiler, which needs neither card nor driver: CUDA C++ in, PTX out."""

from __future__ import annotations

import ctypes
import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

from nbkit.run.cuda.device import OPTIONS


@cache
def library() -> ctypes.CDLL:
    """The library of the package nvidia-cuda-nvrtc."""
    places = importlib.util.find_spec("nvidia")
    assert places is not None
    assert places.submodule_search_locations is not None
    found = [path for place in places.submodule_search_locations for path in Path(place).glob("*/*/*nvrtc*")]
    main = [path for path in found if ("builtins" not in path.name and ".so" in path.name) or path.suffix == ".dll"]
    assert main, "the package nvidia-cuda-nvrtc holds no library"
    return ctypes.CDLL(str(main[0]))


def ptx(source: str, architecture: str) -> str:
    """A source as PTX, for a virtual architecture such as ``"compute_75"``.

    Raises:
        AssertionError: with what the compiler said.
    """
    return _compiled(source, architecture, "PTX").split(b"\0")[0].decode()


def cubin(source: str, architecture: str) -> bytes:
    """A source as the machine code of a card such as ``"sm_90"``; registers and shared memory are handed out then."""
    return _compiled(source, architecture, "CUBIN")


def _compiled(source: str, architecture: str, form: str) -> bytes:
    nvrtc, program = library(), ctypes.c_void_p()
    made = nvrtc.nvrtcCreateProgram(ctypes.byref(program), source.encode(), b"nbkit.cu", 0, None, None)
    assert made == 0, made
    options = [option.encode() for option in (*OPTIONS, f"-arch={architecture}")]
    failed = nvrtc.nvrtcCompileProgram(program, len(options), (ctypes.c_char_p * len(options))(*options))
    said = _read(program, nvrtc.nvrtcGetProgramLogSize, nvrtc.nvrtcGetProgramLog) if failed else b""
    assert not failed, said.decode()
    written = _read(program, getattr(nvrtc, f"nvrtcGet{form}Size"), getattr(nvrtc, f"nvrtcGet{form}"))
    nvrtc.nvrtcDestroyProgram(ctypes.byref(program))
    return written


def _read(program: ctypes.c_void_p, size_of: Any, get: Any) -> bytes:
    size = ctypes.c_size_t()
    size_of(program, ctypes.byref(size))
    held = ctypes.create_string_buffer(size.value)
    get(program, held)
    return held.raw
