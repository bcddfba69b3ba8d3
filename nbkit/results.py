"""Owns labelled results: recorded rows -> `xarray.Dataset` with units and provenance. Must not know simulators."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nbkit import __version__
from nbkit.compile.program import Program, Variable

if TYPE_CHECKING:
    import xarray


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
        One variable per path, dimensions ``("time", "E.unit")``, and the sampled parameters of each
        population. The attributes hold the network, so that it can be made again.
    """
    import xarray  # noqa: PLC0415  half a second that only results need

    unit = program.network.time_unit
    time = {"units": unit, "long_name": "time" if unit != "1" else "time in model units"}
    coordinates: dict[str, Any] = {
        "time": ("time", np.asarray(samples) * program.dt, time),
        "step": ("time", np.asarray(samples), {"long_name": "sample number"}),
    }
    recorded = {program.variables[path].population for path in rows} | set(spikes or {})
    shown = {name: np.arange(program.network.populations[name].count) for name in recorded} | dict(units or {})
    for name in recorded:
        coordinates[f"{name}.unit"] = (f"{name}.unit", shown[name], {"long_name": f"unit of {name}"})
    arrays: dict[str, Any] = {}
    for path, values in rows.items():
        variable, average = program.variables[path], (averages or {}).get(path, "")
        meaning = _meaning(variable) | ({"average": average} if average else {})
        if average == "population":
            arrays[path] = (("time",), values[:, 0], meaning)
        else:
            arrays[path] = (("time", f"{variable.population}.unit"), values, meaning)
    for name, (stamps, fired) in (spikes or {}).items():
        stamped = {"units": unit, "long_name": f"time of each spike of {name}", "population": name}
        arrays[f"{name}.spike_time"] = ((f"{name}.spike",), stamps * program.dt, stamped)
        arrays[f"{name}.spike_unit"] = ((f"{name}.spike",), fired, {"long_name": f"unit of each spike of {name}"})
    arrays |= _parameters(program, shown) | _delays(program)
    attributes, large = provenance(program, setup)
    for path, array in large.items():
        if path not in arrays or arrays[path][1].shape != array.shape:
            arrays[path] = (tuple(f"{path}.{axis}" for axis in ("row", "column")[: array.ndim]), array)
    return xarray.Dataset(arrays, coordinates, attributes)


def _parameters(program: Program, shown: Mapping[str, Any]) -> dict[str, Any]:
    """The sampled parameters of the recorded units."""
    found: dict[str, Any] = {}
    for path, value in program.sampled.items():
        population = path.split(".")[0]
        if population in shown:
            about = program.network.describe(path)
            attributes = {"units": about.unit, "long_name": about.meaning, "population": population}
            held = np.asarray(value)
            found[path] = (
                ((f"{population}.unit",), held[shown[population]], attributes) if held.ndim else ((), held, attributes)
            )
    return found


def _delays(program: Program) -> dict[str, Any]:
    """The realised delays of single connections."""
    return {
        f"{name}.realised_delay": (
            (f"{name}.connection",),
            delay,
            {"units": program.network.time_unit, "long_name": f"realised delay of each connection of {name}"},
        )
        for name, delay in program.delays.items()
        if isinstance(delay, np.ndarray)
    }


def _meaning(variable: Variable) -> dict[str, str]:
    return {
        "units": variable.unit,
        "long_name": variable.meaning or variable.name,
        "population": variable.population,
        "variable": variable.name,
    }


def provenance(program: Program, setup: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What makes a result again: network, seed, step and versions; and the arrays too large for text."""
    large: dict[str, Any] = {}
    attributes = {
        "network": program.network.to_json(large),
        "setup": json.dumps(dict(setup)),
        "dt": program.dt,
        "seed": program.seed,
        "time_unit": program.network.time_unit,
        "realised_delays": json.dumps({n: d for n, d in program.delays.items() if isinstance(d, float)}),
        "couplings": json.dumps({c.name: f"{c.plan}: {c.reason}" for c in program.couplings}),
        "nbkit": __version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }
    return attributes, large
