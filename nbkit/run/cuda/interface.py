"""Owns what a card must be able to do for us. Must not know programs, nor which card it is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from nbkit.run.cuda.printer import Kernel

#: starts a kernel: ``launch(ahead, arrays)``
Launch = Callable[[int, Sequence[Any]], None]


class Device(ABC):
    """A card, or what stands in for one.

    Attributes:
        name: how results call it.
        arrays: a module with NumPy's functions for arrays of the card: `matmul`, `fft`, `take` ...
        work: everything that is done for one simulation is done inside this.
    """

    name: str
    arrays: Any
    work: AbstractContextManager[Any]

    @abstractmethod
    def compile(self, source: str, kernels: Sequence[Kernel]) -> Mapping[str, Launch]:
        """The kernels of a source text, by name."""

    @abstractmethod
    def put(self, target: Any, numbers: Any) -> None:
        """Write numbers of the processor into an array of the card."""

    @abstractmethod
    def get(self, source: Any) -> Any:
        """An array of the card as one of NumPy, in memory of its own."""

    @abstractmethod
    def capture(self, work: Callable[[], None]) -> Callable[[], None]:
        """Launches of kernels, written down once to be replayed many times."""

    @abstractmethod
    def free(self) -> int:
        """Bytes of the card that nobody uses."""
