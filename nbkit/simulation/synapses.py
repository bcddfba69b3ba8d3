"""Owns the list of a projection's synapses as they were made. Must not know how they are delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nbkit.compile.program import Program
from nbkit.errors import did_you_mean, fail, shown
from nbkit.network.description import SPIKE, split_path
from nbkit.network.network import Network

if TYPE_CHECKING:
    import xarray


def synapses(program: Program, present: Network, name: str) -> xarray.Dataset:
    """List the synapses of a projection of spikes, by source unit."""
    import xarray  # noqa: PLC0415  half a second that only results need

    if not isinstance(name, str):
        raise fail("bad-type", "synapses", f"{shown(name)} is no name of a projection", 'for example "E->I"')
    found = _in_table(program, name) or _in_parts(program, present, name)
    if found is None:
        known = [p.name for p in program.network.projections if split_path(p.source)[1] == SPIKE]
        what = "is no projection of spikes" if name in {p.name for p in program.network.projections} else "is not there"
        raise fail("bad-choice", str(name), what, did_you_mean(str(name), known))
    sources, targets, weights, steps = found
    unit = program.network.time_unit
    return xarray.Dataset(
        {
            "source": ("synapse", sources, {"long_name": "unit that sends"}),
            "target": ("synapse", targets, {"long_name": "unit that receives"}),
            "weight": ("synapse", weights, {"long_name": "weight, gain included"}),
            "delay": ("synapse", steps * program.dt, {"units": unit, "long_name": "delay as it is realised"}),
        }
    )


def _in_table(program: Program, name: str) -> tuple[Any, ...] | None:
    for table in program.tables:
        bundle = table.bundle(name)
        if bundle is not None:
            return table.synapses(bundle)
    return None


def _targets(program: Program, name: str) -> int:
    """Units of the population that a projection reaches."""
    target = next(p.target for p in program.network.projections if p.name == name)
    return program.network.populations[split_path(target)[0]].count


def _in_parts(program: Program, present: Network, name: str) -> tuple[Any, ...] | None:
    parts: list[tuple[Any, ...]] = []
    gain = next((float(p.gain) for p in present.projections if p.name == name), 1.0)
    for delivery in program.deliveries:
        coupling = program.couplings[delivery.coupling]
        if coupling.name != name:
            continue
        matrix: Any = coupling.weights
        if coupling.plan == "one-to-one":
            units = np.arange(len(matrix))
            found = (units, units, matrix)
        elif coupling.plan == "sparse":
            entries = matrix.tocoo()
            found = (entries.col, entries.row, entries.data)
        else:
            whole = np.broadcast_to(matrix, (_targets(program, name), matrix.shape[1]))
            targets, sources = np.nonzero(whole)
            found = (sources, targets, whole[targets, sources])
        parts.append((*found[:2], found[2] * gain, np.full(len(found[0]), delivery.steps)))
    if not parts:
        return None
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    order = np.lexsort((columns[3], columns[0]))
    return tuple(column[order] for column in columns)
