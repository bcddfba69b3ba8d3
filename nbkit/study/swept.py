"""Owns what is kept of a sweep: every point's result in its place. Must not know how points are run."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nbkit.errors import fail, shown
from nbkit.simulation.checks import require_memory
from nbkit.simulation.points import Batch

if TYPE_CHECKING:
    import xarray

Reduce = Callable[["xarray.Dataset"], Any]


@dataclass(frozen=True)
class Axis:
    """One swept value: its path, the numbers along it, and its unit and meaning."""

    path: str
    numbers: tuple[Any, ...]
    unit: str = ""
    meaning: str = ""


class Kept:
    """The results of points, put in their places as they come.

    Args:
        axes: the swept values; one without a path is no dimension.
        reduce: what makes of a result what is kept.
    """

    def __init__(self, axes: Sequence[Axis], reduce: Reduce | None) -> None:
        if reduce is not None and not callable(reduce):
            raise fail("bad-type", "reduce", f"{shown(reduce)} is no function of a result", "a function, or None")
        self._axes = [axis for axis in axes if axis.path]
        self._shape = tuple(len(axis.numbers) for axis in self._axes)
        self._reduce = reduce
        self._sample: xarray.Dataset | None = None
        self._arrays: dict[str, Any] = {}
        self._stopped = np.full(math.prod(self._shape), np.nan)

    def take(self, numbers: Any, batch: Batch) -> None:
        """Put points in their places."""
        self._stopped[numbers] = batch.stopped
        for place in np.flatnonzero(~np.isnan(batch.stopped)):
            after = batch.sample["time"].to_numpy() >= batch.stopped[place]
            for rows in batch.rows.values():
                rows[place, after] = np.nan
        if self._reduce is None and batch.rows:
            self._begin(batch.sample, list(batch.rows))
            for path, rows in batch.rows.items():
                self._arrays[path][numbers] = rows
            return
        for (_, result), number in zip(batch.points(), numbers, strict=True):
            self._one(int(number), result)

    def _one(self, number: int, result: xarray.Dataset) -> None:
        made = result if self._reduce is None else _as_dataset(self._reduce(result))
        names = [str(name) for name in made.data_vars if self._reduce is not None or "time" in made[name].dims]
        if self._reduce is None and any(str(dim).endswith(".spike") for dim in made.dims):
            what = "points have different numbers of spikes, which make no array"
            raise fail("bad-type", "reduce", what, "give reduce=, such as a rate from nb.analysis, or record states")
        self._begin(made, names)
        for name, array in self._arrays.items():
            if name not in made or made[name].shape != array.shape[1:]:
                what = f"point {number} gives {name} in another shape than the first one"
                raise fail("bad-type", "reduce", what, "give reduce= that makes the same of every point")
            array[number] = made[name].to_numpy()

    def _begin(self, sample: xarray.Dataset, names: Sequence[str]) -> None:
        if self._sample is not None:
            return
        self._sample = sample
        count = math.prod(self._shape)
        needed = count * sum(sample[name].size * 8 for name in names)
        require_memory("this sweep", needed, "reduce=, fewer samples (every=), or fewer points")
        for name in names:
            kind = sample[name].dtype if sample[name].dtype.kind == "f" else np.float64
            self._arrays[name] = np.full((count, *sample[name].shape), np.nan, kind)

    def result(self, side_by_side: str) -> xarray.Dataset:
        """Everything in one Dataset, with a word on how the points were run."""
        import xarray  # noqa: PLC0415  half a second that only results need

        assert self._sample is not None, "there is a point"
        sample, dims = self._sample, tuple(axis.path for axis in self._axes)
        held = {
            name: ((*dims, *sample[name].dims), array.reshape(*self._shape, *array.shape[1:]), sample[name].attrs)
            for name, array in self._arrays.items()
        }
        about = {"long_name": "time at which a point left the finite numbers"}
        held["stopped"] = (dims, self._stopped.reshape(self._shape), about)
        coordinates = {
            axis.path: (axis.path, np.array(axis.numbers), {"units": axis.unit, "long_name": axis.meaning})
            for axis in self._axes
        }
        swept = {*self._arrays, *dims}
        rest = sample.drop_vars([name for name in sample.variables if str(name) in swept])
        attributes = {**sample.attrs, "side_by_side": side_by_side}
        return xarray.Dataset({**rest.data_vars, **held}, {**rest.coords, **coordinates}, attributes)


def _as_dataset(made: Any) -> xarray.Dataset:
    """What ``reduce`` gave, as a Dataset."""
    import xarray  # noqa: PLC0415  half a second that only results need

    if isinstance(made, xarray.Dataset):
        return made
    if isinstance(made, xarray.DataArray):
        return made.to_dataset(name=made.name or "value")
    if isinstance(made, Mapping):
        return xarray.Dataset({str(name): _as_array(held) for name, held in made.items()})
    return xarray.Dataset({"value": _as_array(made)})


def _as_array(held: Any) -> Any:
    if hasattr(held, "dims"):
        return held
    array = np.asarray(np.nan if held is None else held)
    if array.dtype.kind not in "fiub" or array.ndim:
        raise fail("bad-type", "reduce", f"it gave {shown(held)}", "a number, a mapping to numbers, or a DataArray")
    return array
