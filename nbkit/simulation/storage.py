"""Owns a recording that is written to a Zarr store while it is made. Must not know how a simulation runs.

Every variable has its full length from the beginning, so that a store is a valid one at any time, whatever happens to
the program that writes it. Its attribute ``unfinished`` says up to where it is written, until the end of the run takes
it away and cuts what was not reached.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nbkit.errors import NbkitError, fail, shown
from nbkit.simulation.recording import Recording

if TYPE_CHECKING:
    import xarray

#: bytes that are recorded of a piece
ROOM = 8e6
#: spikes of a population that are written at once
SPIKES = 2**17


class Store:
    """A Zarr store that takes in a recording from its beginning to its end.

    Args:
        path: of the store; nothing but an empty folder is there.
        piece: of the recording: all variables, coordinates and attributes.
        samples: how many there will be, if the run is not ended early.
        chunk: samples that are written at once.
    """

    def __init__(self, path: Path, piece: xarray.Dataset, samples: int, chunk: int) -> None:
        import zarr  # noqa: PLC0415  an optional package that only this needs

        self.path = path
        self._chunks: dict[str, int] = {}
        self._written: dict[str, int] = {}
        self._pending: dict[str, list[Any]] = {}
        self._last = 0.0
        encoding = {}
        empty = piece.isel({dim: slice(0, 0) for dim in piece.dims if _growing((dim,))})
        for name, array in empty.variables.items():
            along = _growing(array.dims)
            if along:
                self._chunks[str(name)] = max(1, min(chunk, samples)) if along == "time" else SPIKES
                encoding[name] = {"chunks": (self._chunks[str(name)], *(max(1, size) for size in array.shape[1:]))}
        with _told(path):
            empty.attrs["unfinished"] = "nothing is written yet"
            empty.to_zarr(path, mode="w-" if not path.exists() else "w", consolidated=False, encoding=encoding)
            self._group: Any = zarr.open_group(path, mode="r+")
            self._arrays: dict[str, Any] = {name: self._group[name] for name in self._chunks}
            for name, array in self._arrays.items():
                self._written[name], self._pending[name] = 0, []
                if "time" in empty[name].dims:
                    array.resize((samples, *array.shape[1:]))

    def append(self, piece: xarray.Dataset) -> None:
        """Take in the next samples and spikes; whole chunks are written."""
        with _told(self.path):
            for name, size in self._chunks.items():
                values = piece[name].to_numpy()
                if len(values):
                    self._pending[name].append(values)
                    if sum(map(len, self._pending[name])) >= size:
                        self._flush(name, size)
            unit = piece.attrs["time_unit"]
            until = f" up to t = {self._last:g}{'' if unit == '1' else f' {unit}'}" if self._written["time"] else ""
            self._group.attrs["unfinished"] = f"the first {self._written['time']:,} samples are written{until}"

    def _flush(self, name: str, size: int) -> None:
        """Write what is there of a variable, in whole chunks of a size."""
        held, array = np.concatenate(self._pending[name]), self._arrays[name]
        begin, count = self._written[name], len(held) // size * size
        if begin + count > array.shape[0]:
            array.resize((begin + count, *array.shape[1:]))
        array[begin : begin + count] = held[:count]
        self._written[name] = begin + count
        self._pending[name] = [held[count:].copy()]
        if name == "time" and count:
            self._last = float(held[count - 1])

    def close(self, notes: Mapping[str, str]) -> None:
        """Write the rest, cut what was not reached, and put notes in the place of ``unfinished``."""
        import zarr  # noqa: PLC0415

        with _told(self.path):
            for name, array in self._arrays.items():
                if self._pending[name]:
                    self._flush(name, 1)
                array.resize((self._written[name], *array.shape[1:]))
            del self._group.attrs["unfinished"]
            self._group.attrs.update(notes)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that other programs may not know of metadata in one place
                zarr.consolidate_metadata(self.path)

    def opened(self) -> xarray.Dataset:
        """What is in the store, read when it is asked for."""
        import xarray  # noqa: PLC0415

        found: xarray.Dataset = xarray.open_zarr(self.path, chunks=None, consolidated=True, decode_times=False)
        return found


def steps_at_once(recorded: Recording, block: int) -> int:
    """Steps of a piece of a run, whose recording takes about `ROOM`.

    Whole blocks where they fit, and always whole groups of ``every`` steps. Of the units whose spikes are kept not more
    than one of a hundred is taken to fire in a step.
    """
    width, every = sum(plan.width for plan in recorded.plans), recorded.every
    firing = 0.01 * sum(len(units) for units in recorded.spikes.values())
    bytes_of_step = 8.0 * (width + 2) / every + 100.0 * firing
    steps = max(every, int(ROOM / bytes_of_step) // every * every)
    whole = math.lcm(every, block)
    return steps // whole * whole or steps


def _growing(dims: Any) -> str:
    """The dimension along which a run records, if there is one; it is the first."""
    first = str(dims[0]) if dims else ""
    return first if first == "time" or first.endswith(".spike") else ""


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Let a disk that is full or gone be told as other mistakes are."""
    try:
        yield
    except NbkitError:
        raise
    except (OSError, ValueError) as error:
        hint = "a folder with room for it that can be written to"
        raise fail("bad-file", shown(str(path)), f"cannot be written: {error}", hint) from error
