"""Owns a recording that is written to a Zarr store while it is made. Must not know how a simulation runs.

What a store holds, and how much of it, stands in one file, which takes the place of the one before when everything that
it tells of is written. So a store is a valid one at any time, whatever happens to the program that writes it. Until
the end of the run its attribute ``unfinished`` says how far it goes.
"""

from __future__ import annotations

import json
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
#: bytes of a recording that are in memory at any time
MOST_HELD = int(4 * ROOM)
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

        self.path, self._unit, self._last = path, piece.attrs["time_unit"], 0.0
        self._chunks: dict[str, int] = {}
        self._written: dict[str, int] = {}
        self._pending: dict[str, list[Any]] = {}
        encoding = {}
        empty = piece.isel({dim: slice(0, 0) for dim in piece.dims if _growing((dim,))})
        for name, array in empty.variables.items():
            along = _growing(array.dims)
            if along:
                size = max(1, min(chunk, samples)) if along == "time" else SPIKES
                encoding[name] = {"chunks": (size, *(max(1, length) for length in array.shape[1:]))}
                self._chunks[str(name)], self._written[str(name)], self._pending[str(name)] = size, 0, []
        with _told(path):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that other programs may not know of metadata in one place
                mode: Any = "w" if path.exists() else "w-"
                empty.to_zarr(path, mode=mode, consolidated=True, encoding=encoding)
            group: Any = zarr.open_group(path, mode="r+", use_consolidated=False)
            self._arrays: dict[str, Any] = {name: group[name] for name in self._chunks}
            self._sign({"unfinished": "nothing is written yet"})

    def append(self, piece: xarray.Dataset) -> None:
        """Take in the next samples and spikes; whole chunks are written."""
        with _told(self.path):
            for name, size in self._chunks.items():
                values = piece[name].to_numpy()
                if len(values):
                    self._pending[name].append(values)
                    if sum(map(len, self._pending[name])) >= size:
                        self._flush(name, size)
            until = f"t = {self._last:g}{'' if self._unit == '1' else f' {self._unit}'}"
            samples = self._written["time"]
            self._sign({"unfinished": f"the first {samples:,} samples are written, up to {until}"} if samples else {})

    def close(self, notes: Mapping[str, str]) -> None:
        """Write the rest, and put notes in the place of ``unfinished``."""
        with _told(self.path):
            for name in self._chunks:
                if self._pending[name]:
                    self._flush(name, 1)
            self._sign({"unfinished": None, **notes})

    def _flush(self, name: str, size: int) -> None:
        """Write what is there of a variable, in whole chunks of a size."""
        held, array = np.concatenate(self._pending[name]), self._arrays[name]
        begin, count = self._written[name], len(held) // size * size
        array.resize((begin + count, *array.shape[1:]))
        array[begin : begin + count] = held[:count]
        self._written[name] = begin + count
        self._pending[name] = [held[count:].copy()]
        if name == "time" and count:
            self._last = float(held[count - 1])

    def _sign(self, notes: Mapping[str, str | None]) -> None:
        """Let the store be as long as what is written, with these attributes, at one stroke."""
        file, aside = self.path / "zarr.json", self.path / "zarr.json.part"
        root = json.loads(file.read_text(encoding="utf-8"))
        for name, count in self._written.items():
            root["consolidated_metadata"]["metadata"][name]["shape"][0] = count
        kept = {**root["attributes"], **notes}
        root["attributes"] = {key: note for key, note in kept.items() if key not in notes or note is not None}
        aside.write_text(json.dumps(root), encoding="utf-8")
        aside.replace(file)

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
