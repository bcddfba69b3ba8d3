"""Owns the pieces of a run put together again as one result. Must not know who ran them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nbkit.errors import fail, shown

if TYPE_CHECKING:
    import xarray


def joined(pieces: Sequence[xarray.Dataset]) -> xarray.Dataset:
    """Put the results of one simulation that ran on together: samples and spikes one after the other.

    Args:
        pieces: results of `Simulation.run` of the same variables, in the order in which they were made.

    Returns:
        One result. What does not run over time is taken from the first piece, the attributes from the last.

    Raises:
        NbkitError: ``bad-type`` for what are no pieces of one run.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 3, initial={"x": 1.0})})
        >>> sim = nb.Simulation(net, dt=0.1)
        >>> pieces = [sim.run(10.0)]
        >>> sim.set("E.tau", 20.0)
        >>> pieces.append(sim.run(10.0))
        >>> nb.joined(pieces)["E.x"].shape
        (201, 3)
    """
    import xarray  # noqa: PLC0415  half a second that only results need

    parts = list(pieces)
    if not parts or not all(isinstance(part, xarray.Dataset) and set(part) == set(parts[0]) for part in parts):
        raise fail("bad-type", "pieces", f"{shown(pieces)} are no pieces of one run", "[sim.run(10.0), sim.run(10.0)]")
    first = parts[0]
    if len(parts) == 1:
        return first
    along = {"time"} | {str(d) for d in first.dims if str(d).endswith(".spike")}
    held = {}
    for name, array in first.variables.items():
        dim = next((str(d) for d in array.dims if d in along), None)
        if dim is None:
            held[name] = array
        else:
            axis = array.dims.index(dim)
            values = [part.variables[name].to_numpy() for part in parts]
            held[name] = xarray.Variable(array.dims, np.concatenate(values, axis), array.attrs)
    coordinates = {name: held.pop(name) for name in first.coords}
    attributes = {**parts[-1].attrs}
    if any("note" not in part.attrs for part in parts):
        attributes.pop("note", None)
    return xarray.Dataset(held, coordinates, attributes)
