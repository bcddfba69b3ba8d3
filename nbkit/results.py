"""Owns labelled results: recorded rows -> `xarray.Dataset` with units and provenance, and how its units are counted.

Must not know simulators.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from nbkit import __version__
from nbkit.compile.program import Program, Variable
from nbkit.network.description import Population

if TYPE_CHECKING:
    import xarray


class LaidOut(NamedTuple):
    """How the recorded units of a population stand in a Dataset.

    ``dims`` and ``shape`` are those of one number for each unit, ``numbers`` tells which units they are.
    """

    dims: tuple[str, ...]
    shape: tuple[int, ...]
    numbers: Any
    coordinates: Mapping[str, Any]


def laid_out(name: str, population: Population, numbers: Any, *, spikes: bool) -> LaidOut:
    """Lay out units: along ``E.unit``, or on their grid where it is recorded whole (``numbers`` is None then).

    Spikes name units by their number, so ``E.unit`` is there for them too.
    """
    grid, flat = population.grid, f"{name}.unit"
    every = np.arange(population.count) if numbers is None else np.asarray(numbers)
    coordinates: dict[str, Any] = {flat: (flat, every, {"long_name": f"unit of {name}"})}
    if grid is None:
        return LaidOut((flat,), every.shape, every, coordinates)
    for axis, places in grid.coordinates().items():
        coordinates[f"{flat}_{axis}"] = (flat, places[every], {"long_name": f"{axis} of each unit of {name}"})
    if numbers is not None:
        return LaidOut((flat,), every.shape, every, coordinates)
    dims = tuple(f"{name}.grid_{axis}" for axis in grid.axes)
    placed: dict[str, Any] = {
        dim: (dim, ticks, {"long_name": f"{axis} of {name}"})
        for dim, axis, ticks in zip(dims, grid.axes, grid.ticks(), strict=True)
    }
    placed[f"{name}.grid_unit"] = (dims, every.reshape(grid.shape), {"long_name": f"unit of {name} at each place"})
    return LaidOut(dims, grid.shape, every, placed | (coordinates if spikes else {}))


def dataset(
    program: Program,
    samples: Any,
    rows: Mapping[str, Any],
    setup: Mapping[str, Any],
    *,
    spikes: Mapping[str, tuple[Any, Any]] | None = None,
    units: Mapping[str, Any] | None = None,
    averages: Mapping[str, str] | None = None,
) -> xarray.Dataset:
    """Label what a run recorded.

    Args:
        program: what ran.
        samples: sample numbers, shape (time,); sample k is the state at t = k·dt, before step k.
        rows: path -> values, shape (time, units).
        setup: the keywords of the run, kept in the attributes.
        spikes: population -> stamps in steps and units, both (spikes,).
        units: population -> the numbers of the recorded units, where not all are.
        averages: path -> ``"population"`` or ``"block"``, where the values are means.

    Returns:
        One variable per path, dimensions ``("time", "E.unit")``; of a population on a grid
        ``("time", "E.grid_y", "E.grid_x")``, unless only some of its units were recorded. Beside them the sampled
        parameters of each population. The attributes hold the network, so that it can be made again.
    """
    import xarray  # noqa: PLC0415  half a second that only results need

    unit = program.network.time_unit
    time = {"units": unit, "long_name": "time" if unit != "1" else "time in model units"}
    coordinates: dict[str, Any] = {
        "time": ("time", np.asarray(samples) * program.dt, time),
        "step": ("time", np.asarray(samples), {"long_name": "sample number"}),
    }
    recorded = {program.variables[path].population for path in rows} | set(spikes or {})
    shown = {
        name: laid_out(name, program.network.populations[name], (units or {}).get(name), spikes=name in (spikes or {}))
        for name in recorded
    }
    for units_of in shown.values():
        coordinates |= units_of.coordinates
    arrays: dict[str, Any] = {}
    for path, values in rows.items():
        variable, average = program.variables[path], (averages or {}).get(path, "")
        arrays[path] = _over_time(variable, values, average, shown[variable.population])
    for name, (stamps, fired) in (spikes or {}).items():
        stamped = {"units": unit, "long_name": f"time of each spike of {name}", "population": name}
        arrays[f"{name}.spike_time"] = ((f"{name}.spike",), stamps * program.dt, stamped)
        arrays[f"{name}.spike_unit"] = ((f"{name}.spike",), fired, {"long_name": f"unit of each spike of {name}"})
    arrays |= _parameters(program, shown) | _delays(program)
    attributes, large = provenance(program, setup)
    for path, array in large.items():
        if path not in arrays or not np.array_equal(arrays[path][1], array):
            axes = ("frame", "row", "column") if array.ndim == 3 else ("row", "column")
            arrays[path] = (tuple(f"{path}.{axis}" for axis in axes[: array.ndim]), array)
    return xarray.Dataset(arrays, coordinates, attributes)


def _over_time(variable: Variable, values: Any, average: str, units: LaidOut) -> tuple[Any, ...]:
    """Dimensions, values and attributes of what was recorded of a variable, (time, units)."""
    meaning = _meaning(variable) | ({"average": average} if average else {})
    if average == "population":
        return (("time",), values[:, 0], meaning)
    return (("time", *units.dims), values.reshape(len(values), *units.shape), meaning)


def _parameters(program: Program, shown: Mapping[str, LaidOut]) -> dict[str, Any]:
    """The sampled parameters of the recorded units."""
    found: dict[str, Any] = {}
    for path, value in program.sampled.items():
        population = path.split(".")[0]
        if population in shown:
            about = program.network.describe(path)
            attributes = {"units": about.unit, "long_name": about.meaning, "population": population}
            held, units = np.asarray(value), shown[population]
            found[path] = (
                (units.dims, held[units.numbers].reshape(units.shape), attributes)
                if held.ndim
                else ((), held, attributes)
            )
    return found


def _delays(program: Program) -> dict[str, Any]:
    """The realised delays of single connections, or of each offset of a target from its source."""
    found: dict[str, Any] = {}
    for name, delay in program.delays.items():
        if isinstance(delay, np.ndarray):
            axes = ("connection",) if delay.ndim == 1 else ("offset_y", "offset_x")
            what = axes[0] if delay.ndim == 1 else "offset of a target from its source in units, open or round a ring,"
            about = {"units": program.network.time_unit, "long_name": f"realised delay of each {what} of {name}"}
            found[f"{name}.realised_delay"] = tuple(f"{name}.{axis}" for axis in axes), delay, about
    return found


def _meaning(variable: Variable) -> dict[str, str]:
    return {
        "units": variable.unit,
        "long_name": variable.meaning or variable.name,
        "population": variable.population,
        "variable": variable.name,
    }


def _realised(program: Program) -> dict[str, Any]:
    """The delay of each projection as it is realised; of synapses in tables the least, the mean and the longest."""
    found: dict[str, Any] = {n: d for n, d in program.delays.items() if isinstance(d, float) and d == d}  # noqa: PLR0124
    for table in program.tables:
        for bundle in table.bundles:
            if bundle.name not in found:
                of_steps = bundle.counts.sum(axis=0, dtype=np.int64)
                steps = np.flatnonzero(of_steps) + 1
                mean = float(np.average(steps, weights=of_steps[steps - 1])) if steps.size else 0.0
                ends = (steps[0], mean, steps[-1]) if steps.size else (0, 0.0, 0)
                found[bundle.name] = dict(
                    zip(("least", "mean", "longest"), (n * program.dt for n in ends), strict=True)
                )
    return found


def provenance(program: Program, setup: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What makes a result again: network, seed, step and versions; and the arrays too large for text."""
    text, large = program.written_network
    attributes = {
        "network": text,
        "setup": json.dumps(dict(setup)),
        "dt": program.dt,
        "seed": program.seed,
        "time_unit": program.network.time_unit,
        "realised_delays": json.dumps(_realised(program)),
        "couplings": json.dumps({c.name: f"{c.plan}: {c.reason}" for c in program.couplings}),
        "nbkit": __version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }
    return attributes, dict(large)


# ---------------------------------------------------------------- reading back


def population_of(array: xarray.DataArray) -> str:
    """Name of the population that a variable belongs to."""
    return str(array.attrs.get("population", str(array.name).partition(".")[0]))


def unit_dims(array: xarray.DataArray) -> list[str]:
    """The dimensions that count units: ``E.unit``, or rows before columns of a grid; empty for an average."""
    prefix = population_of(array) + "."
    return sorted((str(dim) for dim in array.dims if str(dim).startswith(prefix)), reverse=True)


def unit_numbers(array: xarray.DataArray) -> Any:
    """The number of each unit of a variable, (units,); row by row on a grid."""
    dims, population = unit_dims(array), population_of(array)
    on_grid = array.coords.get(f"{population}.grid_unit")
    if on_grid is not None and set(on_grid.dims) == set(dims):
        return np.asarray(on_grid.transpose(*dims).values).reshape(-1)
    if len(dims) == 1:
        return np.asarray(array[dims[0]].values)
    return np.arange(int(np.prod([array.sizes[dim] for dim in dims])))


def along_units(array: xarray.DataArray) -> xarray.DataArray:
    """A variable with one dimension ``E.unit`` in place of those of a grid; places become coordinates of the units."""
    dims, unit = unit_dims(array), f"{population_of(array)}.unit"
    if dims == [unit]:
        return array
    numbers = unit_numbers(array)
    flat = array.stack({unit: dims}, create_index=False)
    places = {dim: unit + dim.removeprefix(f"{population_of(array)}.grid") for dim in dims if dim in flat.coords}
    flat = flat.rename(places).drop_vars(f"{population_of(array)}.grid_unit", errors="ignore")
    return flat.assign_coords({unit: (unit, numbers, {"long_name": f"unit of {population_of(array)}"})})
