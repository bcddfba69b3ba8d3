"""Owns a result as a table and as a file: means, statistics, CSV, NetCDF. Must not know the page."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from nbkit.analysis.counts import rate
from nbkit.analysis.labels import frequency_unit
from nbkit.analysis.reading import spiking, time_unit
from nbkit.errors import fail
from nbkit.results import along_units, unit_dims, unit_numbers

Array = np.ndarray
#: Rows of means that the table shows at its top.
FIRST = 8
#: Bytes of a file at most: what a page can hold; of text, what is written in a few seconds.
MOST_BYTES, MOST_TEXT = 60_000_000, 30_000_000
_PER_NUMBER = 12  # bytes of a number in a CSV file, about


def over_time(ds: xr.Dataset) -> list[str]:
    """Names of the variables over time."""
    return [str(name) for name in ds.data_vars if "time" in ds[name].dims]


def heads(ds: xr.Dataset) -> list[str]:
    """Heads of the table of means: name and unit of the time and of every variable.

    Example:
        >>> import nbkit as nb
        >>> heads(nb.simulate(nb.networks.rhythm(), 10.0, 0.1))
        ['time (ms)', 'E.r', 'I.r']
    """
    return [
        _named("time", time_unit(ds)),
        *(_named(name, str(ds[name].attrs.get("units", ""))) for name in over_time(ds)),
    ]


def means(ds: xr.Dataset, rows: slice = slice(None)) -> Array:
    """Times and the means over units of every variable, (rows, 1 + variables)."""
    some = ds.isel(time=rows)
    columns = [some[name].mean(unit_dims(some[name])).to_numpy() for name in over_time(ds)]
    return np.column_stack([some["time"].to_numpy(), *columns])


def statistics(ds: xr.Dataset) -> list[list[str]]:
    """What each variable did, over all its samples and units, and each spiking population: rows of words."""
    rows = []
    for name in over_time(ds):
        array = ds[name]
        values = np.asarray(array.to_numpy(), dtype=float)
        finite = values[np.isfinite(values)]
        unit, meaning = _plain(str(array.attrs.get("units", ""))), str(array.attrs.get("long_name", ""))
        numbers = [finite.mean(), finite.std(), finite.min(), finite.max()] if finite.size else [math.nan] * 4
        last = values[-1].mean()
        units = values.size // max(1, len(values))
        rows.append([name, meaning, unit, *(f"{number:.4g}" for number in (*numbers, last)), str(units)])
    for name in spiking(ds):
        each = rate(ds, name)[f"{name}.rate"].to_numpy()
        told = [f"{number:.4g}" for number in (each.mean(), each.std(), each.min(), each.max())]
        rows.append([f"{name}.rate", "firing rate", frequency_unit(time_unit(ds)), *told, "", str(len(each))])
    return rows


#: Heads of `statistics`.
STATISTICS = ("variable", "meaning", "unit", "mean", "standard deviation", "lowest", "highest", "at the end", "units")


def table(ds: xr.Dataset) -> dict[str, Any]:
    """The data table as plain values."""
    shown = bool(over_time(ds))
    rows = means(ds, slice(0, FIRST)).tolist() if shown else []
    return {
        "statistics": {"heads": list(STATISTICS), "rows": statistics(ds)},
        "means": {
            "heads": heads(ds) if shown else [],
            "rows": [[f"{number:.6g}" for number in row] for row in rows],
            "of": int(ds.sizes.get("time", 0)),
        },
    }


# ------------------------------------------------------------ files


@dataclass(frozen=True)
class File:
    """A file to be saved: its name, its kind, its bytes."""

    name: str
    mime: str
    content: bytes


def _csv_of_means(ds: xr.Dataset) -> bytes:
    _require(
        len(ds["time"]) * (1 + len(over_time(ds))) * _PER_NUMBER, MOST_TEXT, "record every 10th sample, or run shorter"
    )
    return _csv(heads(ds), means(ds))


def _csv_of_units(ds: xr.Dataset) -> bytes:
    """Every unit of every variable is a column; of a network of spikes alone every spike is a row."""
    names = over_time(ds)
    if not names:
        return _csv_of_spikes(ds)
    _require(sum(ds[name].size for name in names) * _PER_NUMBER, MOST_TEXT, "take the means, or NetCDF")
    columns, titles = [ds["time"].to_numpy()[:, None]], [_named("time", time_unit(ds))]
    for name in names:
        array = ds[name]
        flat = along_units(array) if unit_dims(array) else array
        values = flat.transpose("time", ...).to_numpy().reshape(ds.sizes["time"], -1)
        unit = str(array.attrs.get("units", ""))
        numbers = unit_numbers(array) if unit_dims(array) else [""]
        titles += [_named(f"{name}[{number}]" if number != "" else name, unit) for number in numbers]
        columns.append(values)
    return _csv(titles, np.concatenate(columns, axis=1))


def _csv_of_spikes(ds: xr.Dataset) -> bytes:
    lines = ["population,unit," + _named("time", time_unit(ds))]
    for name in spiking(ds):
        _require(24 * ds[f"{name}.spike_time"].size, MOST_TEXT, "take NetCDF")
        pairs = zip(ds[f"{name}.spike_unit"].to_numpy(), ds[f"{name}.spike_time"].to_numpy(), strict=True)
        lines += [f"{name},{int(unit)},{float(time):.10g}" for unit, time in pairs]
    return ("\n".join(lines) + "\n").encode()


def _netcdf(ds: xr.Dataset) -> bytes:
    _require(ds.nbytes, MOST_BYTES, "record fewer variables or every 10th sample, or ds.to_zarr in a notebook")
    return bytes(ds.to_netcdf(engine="scipy"))


#: kind -> ending of the file, its type, and what makes it
FILES: dict[str, tuple[str, str, Callable[[xr.Dataset], bytes]]] = {
    "means": ("means.csv", "text/csv", _csv_of_means),
    "units": ("units.csv", "text/csv", _csv_of_units),
    "netcdf": ("result.nc", "application/x-netcdf", _netcdf),
}


def file_of(ds: xr.Dataset, kind: str) -> File:
    """Make a file of a result.

    Args:
        ds: the result.
        kind: ``"means"`` or ``"units"`` (CSV) or ``"netcdf"``.

    Raises:
        NbkitError: ``bad-choice`` for another kind, ``too-much-memory`` for a file that no page should hold, with what
            to try instead.

    Example:
        >>> import nbkit as nb
        >>> made = file_of(nb.simulate(nb.networks.rhythm(), 1.0, 0.1), "means")
        >>> made.name, made.content.decode().splitlines()[:2]
        ('nbkit-means.csv', ['time (ms),E.r,I.r', '0,0.1,0.1'])
    """
    if kind not in FILES:
        raise fail("bad-choice", "download", f"no kind of file {kind!r}", ", ".join(FILES))
    ending, mime, make = FILES[kind]
    if kind == "means" and not over_time(ds):
        raise fail("bad-choice", "download", "only spikes were recorded; they have no means over time", "all units")
    return File(f"nbkit-{ending}", mime, make(ds))


def _require(size: float, most: float, hint: str) -> None:
    if size > most:
        what = f"the file would have about {size / 1e6:.3g} MB, and a page takes {most / 1e6:.0f}"
        raise fail("too-much-memory", "download", what, hint)


def _csv(titles: list[str], values: Array) -> bytes:
    written = io.StringIO()
    np.savetxt(written, values, fmt="%.10g", delimiter=",", header=",".join(titles), comments="")
    return written.getvalue().encode()


def _named(name: str, unit: str) -> str:
    return f"{name} ({_plain(unit)})" if _plain(unit) else name


def _plain(unit: str) -> str:
    return "" if unit == "1" else unit
