"""Owns a stand-in for a card: the same kernels, compiled as C++ for the processor, on arrays of NumPy.

A launch runs its blocks one after the other, and in each phase of a block its threads. What a card does at the same
time is done in one of the orders that a card may choose; a library's products are NumPy's.
"""

from __future__ import annotations

import ctypes
import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from nbkit.run.cuda.interface import Device, Launch
from nbkit.run.cuda.printer import Kernel
from tests.device.strict_arrays import CardModule, plain

#: What CUDA C++ has and C++ has not.
SHIM = """
#define KERNEL extern "C" void
#define DEVICE static inline
#define SHARED
#define SYNC
#define TURN(n) (backwards ? THREADS - 1 - (n) : (n))
#define EACH for (int turn = 0, thread = TURN(0); turn < THREADS; ++turn, thread = TURN(turn))
static int backwards;
static struct { unsigned x; } blockIdx;
extern "C" {
double exp(double); double expm1(double); double log(double); double log1p(double); double sqrt(double);
double sin(double); double cos(double); double tan(double); double atan(double); double sinh(double);
double cosh(double); double tanh(double); double fabs(double); double pow(double, double); long long llrint(double);
float expf(float); float expm1f(float); float logf(float); float log1pf(float); float sqrtf(float); float sinf(float);
float cosf(float); float tanf(float); float atanf(float); float sinhf(float); float coshf(float); float tanhf(float);
float fabsf(float); float powf(float, float);
}
#define ALSO(name) static inline float name(float x) { return name##f(x); }
ALSO(exp) ALSO(expm1) ALSO(log) ALSO(log1p) ALSO(sqrt) ALSO(sin) ALSO(cos) ALSO(tan) ALSO(atan) ALSO(sinh) ALSO(cosh)
ALSO(tanh) ALSO(fabs)
static inline float pow(float x, float y) { return powf(x, y); }
template <typename T> static inline T atomicAdd(T *at, T amount) { T old = *at; *at += amount; return old; }
static inline double __longlong_as_double(long long held) { double d; __builtin_memcpy(&d, &held, 8); return d; }
"""

_RUN = """
extern "C" void run_{name}(unsigned blocks, int turned, const I *clock, I ahead, void **given) {{
    backwards = turned;
    for (unsigned b = 0; b < blocks; b++) {{
        blockIdx.x = backwards ? blocks - 1 - b : b;
        {name}(clock, ahead{given});
    }}
}}
"""


@cache
def folder() -> tempfile.TemporaryDirectory[str]:
    """Where libraries are built; they go with the process."""
    return tempfile.TemporaryDirectory(prefix="nbkit-host-device-", ignore_cleanup_errors=True)


@cache
def built(source: str, level: str) -> ctypes.CDLL:
    """A source text as a library of the processor; ``level`` is how much a compiler shall do for speed."""
    compiler = shutil.which("g++") or shutil.which("c++") or shutil.which("clang++")
    if compiler is None:
        raise RuntimeError("no compiler for C++ is there")
    stem = Path(folder().name) / hashlib.sha256((level + source).encode()).hexdigest()[:16]
    stem.with_suffix(".cpp").write_text(source, encoding="utf-8")
    made = stem.with_suffix(".so")
    flags = ["-std=c++17", level, "-w", "-shared", "-fPIC", "-ffp-contract=off", "-fno-math-errno"]
    done = subprocess.run(
        [compiler, *flags, str(stem.with_suffix(".cpp")), "-o", str(made)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"the kernels do not compile:\n{done.stderr[:4000]}\n{source}")
    return ctypes.CDLL(str(made))


class HostDevice(Device):
    """The stand-in. With ``backwards`` blocks and threads run from the last to the first.

    ``strict`` arrays refuse to be mixed with those of the processor. A long run is worth a ``quick`` program, which
    takes longer to compile.
    """

    def __init__(self, *, backwards: bool = False, quick: bool = False, strict: bool = False) -> None:
        self.name = "the processor, in place of a card"
        self.arrays = CardModule() if strict else np
        self.work = nullcontext()
        self.backwards, self.level = backwards, "-O2" if quick else "-O0"
        self.launches = self.replays = 0
        self._written: list[Callable[[], None]] | None = None

    def compile(self, source: str, kernels: Sequence[Kernel]) -> Mapping[str, Launch]:
        return {k.name: self._launch(built(SHIM + source + _runs(source, kernels), self.level), k) for k in kernels}

    def _launch(self, library: ctypes.CDLL, kernel: Kernel) -> Launch:
        run: Any = getattr(library, f"run_{kernel.name}")
        run.argtypes = [ctypes.c_uint, ctypes.c_int, ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p]
        run.restype = None
        held: dict[int, Any] = {}

        def launch(ahead: int, arrays: Sequence[Any]) -> None:
            self.launches += 1
            key = id(arrays)
            if key not in held:
                assert all(array.flags.c_contiguous for array in arrays)
                addresses = (ctypes.c_void_p * len(arrays))(*(array.ctypes.data for array in arrays))
                held[key] = arrays, addresses
            addresses = held[key][1]
            rest = ctypes.addressof(addresses) + ctypes.sizeof(ctypes.c_void_p)
            call = partial(run, kernel.blocks, self.backwards, addresses[0], ahead, rest)
            if self._written is None:
                call()
            else:
                self._written.append(call)

        return launch

    def put(self, target: Any, numbers: Any) -> None:
        plain(target)[...] = np.asarray(numbers).reshape(target.shape)

    def get(self, source: Any) -> Any:
        return np.array(plain(source))

    def capture(self, work: Callable[[], None]) -> Callable[[], None]:
        written: list[Callable[[], None]] = []
        self._written = written
        work()
        self._written = None

        def replay() -> None:
            self.replays += 1
            for call in written:
                call()

        return replay

    def free(self) -> int:
        return 2**40


def _runs(source: str, kernels: Sequence[Kernel]) -> str:
    """A function for each kernel that runs all blocks of a launch."""
    written = []
    for kernel in kernels:
        head = source.split(f"KERNEL {kernel.name}(")[1].split(")", maxsplit=1)[0].split(", ")[2:]
        types = [argument.rpartition("*")[0] + "*" for argument in head]
        given = "".join(f", ({kind})given[{n}]" for n, kind in enumerate(types))
        written.append(_RUN.format(name=kernel.name, given=given))
    return "".join(written)
