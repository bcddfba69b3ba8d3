"""Owns the card as CuPy shows it: the only file that loads CuPy, and only when somebody asks for a card.

Must not know programs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from nbkit.errors import NbkitError, Problem
from nbkit.run.cuda.bodies import THREADS
from nbkit.run.cuda.interface import Device, Launch
from nbkit.run.cuda.printer import Kernel

#: Every operation is rounded on its own, as it is on the processor.
OPTIONS = ("-std=c++17", "--fmad=false")

WHERE = 'backend="cupy"'
INSTALL = 'pip install "nbkit[cuda12]" or "nbkit[cuda13]", whichever the driver speaks (nvidia-smi tells)'
ELSE_NUMPY = "or leave backend= out: NumPy runs the same network"


def open_device() -> Device:
    """The card that CuPy calls the present one.

    Raises:
        NbkitError: ``missing-package`` without CuPy, ``no-device`` without a card or a driver that it can speak to.
    """
    found = find()
    if isinstance(found, Device):
        return found
    raise NbkitError(found)


def missing() -> list[Problem]:
    """What stands in the way of a card; nothing where there is one."""
    found = find()
    return [] if isinstance(found, Device) else found


def find() -> Device | list[Problem]:
    """The card, or what is missing."""
    try:
        import cupy  # noqa: PLC0415  only who asks for a card needs it
    except ImportError as error:
        return [Problem("missing-package", WHERE, f"CuPy cannot be imported: {error}", f"{INSTALL}, {ELSE_NUMPY}")]
    try:
        count = int(cupy.cuda.runtime.getDeviceCount())
    except cupy.cuda.runtime.CUDARuntimeError as error:
        hint = f"install NVIDIA's driver, or a newer one; {ELSE_NUMPY}"
        return [Problem("no-device", WHERE, f"no NVIDIA card answers: {error}", hint)]
    if not count:
        return [Problem("no-device", WHERE, "there is no NVIDIA card", f"make one visible; {ELSE_NUMPY}")]
    return CupyDevice(cupy)


class CupyDevice(Device):
    """The present card, with a stream of its own."""

    def __init__(self, cupy: Any) -> None:
        self.arrays, self.stream = cupy, cupy.cuda.Stream(non_blocking=True)
        self.work = self.stream
        about = cupy.cuda.runtime.getDeviceProperties(cupy.cuda.runtime.getDevice())
        self.name = about["name"].decode()

    def compile(self, source: str, kernels: Sequence[Kernel]) -> Mapping[str, Launch]:
        """The kernels of a source text, by name; CuPy keeps what it compiled on disk."""
        module = self.arrays.RawModule(code=source, options=OPTIONS)
        return {kernel.name: self._launch(module.get_function(kernel.name), kernel.blocks) for kernel in kernels}

    def _launch(self, function: Any, blocks: int) -> Launch:
        assert function.attributes  # asked for, so that the driver loads it now and not while launches are written down

        def launch(ahead: int, arrays: Sequence[Any]) -> None:
            function((blocks,), (THREADS,), (arrays[0], np.int64(ahead), *arrays[1:]))

        return launch

    def put(self, target: Any, numbers: Any) -> None:
        """Write numbers of the processor into an array of the card, in the order of the stream."""
        given = np.ascontiguousarray(numbers, dtype=target.dtype).reshape(target.shape)
        if target.flags.c_contiguous:
            target.set(given, stream=self.stream)
        else:
            with self.stream:
                target[...] = self.arrays.asarray(given)

    def get(self, source: Any) -> Any:
        """An array of the card as one of NumPy; everything before is done then."""
        with self.stream:
            found = source.get(stream=self.stream)
            self.stream.synchronize()
        return found

    def capture(self, work: Callable[[], None]) -> Callable[[], None]:
        """Launches, written down as a graph."""
        self.stream.begin_capture()
        try:
            work()
        finally:
            graph = self.stream.end_capture()

        def replay() -> None:
            graph.launch(self.stream)

        return replay

    def free(self) -> int:
        """Bytes of the card that nobody uses, those that CuPy keeps for later among them."""
        return int(self.arrays.cuda.runtime.memGetInfo()[0] + self.arrays.get_default_memory_pool().free_bytes())
