"""Owns the weight matrix of a projection, as it is drawn for a run. Must not know plots."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nbkit.compile.connections import connect, sizes_of
from nbkit.compile.matrices import block_of, block_sums
from nbkit.compile.stacks import stacks_of
from nbkit.errors import NbkitError, did_you_mean, fail, shown
from nbkit.model.numbers import is_whole
from nbkit.network.description import Projection, split_path
from nbkit.network.network import Network
from nbkit.network.time import Time, to_unit

if TYPE_CHECKING:
    import xarray as xr

#: Cells of a side at most.
CELLS = 200


def weight_matrix(
    network: Network,
    projection: str,
    dt: Time = 0.1,
    *,
    seed: int = 0,
    delays: str = "error",
    cells: int = CELLS,
) -> xr.DataArray:
    """Give the weights of a projection as a matrix: targets are rows, sources are columns.

    They are those of a run with this step and seed, gain included; several connections of one pair, and the same with
    several delays, add up. Pairs that are not connected have 0.

    Args:
        network: any network.
        projection: its name, such as ``"E->I"``.
        dt: the step of the run; it decides nothing but whether the delays can be realised.
        seed: of the run.
        delays: ``"error"`` or ``"nearest"``, as in a run.
        cells: rows and columns at most; larger matrices are averaged over equal blocks of pairs.

    Returns:
        Dimensions ``("target", "source")``, whose coordinates are the first unit of each block; the attributes
        ``block_targets`` and ``block_sources`` tell how many units share a cell.

    Raises:
        NbkitError: ``bad-choice`` for a projection that is not there, ``bad-value`` for cells that are no number, and
            what `Network.check` or the step bring.

    Example:
        >>> import nbkit as nb
        >>> net = nb.networks.rhythm()
        >>> matrix = nb.study.weight_matrix(net, "I->E", 0.02)
        >>> matrix.shape, round(float(matrix.sum("source")[0]), 9)
        ((80, 20), -12.0)
    """
    import xarray  # noqa: PLC0415  half a second that only results need

    one = _projection(network, projection, cells)
    members = {m.population: m for stack in stacks_of(network) for m in stack.members}
    step = to_unit(dt, network.time_unit, "dt")
    connection, problems = connect(network, one, step, seed, delays, members=members)
    if problems:
        raise NbkitError(problems)
    ends = sizes_of(network, one)
    block = block_of(ends, cells)
    rows, columns = np.arange(0, ends.post, block[0]), np.arange(0, ends.pre, block[1])
    high, wide = np.diff([*rows, ends.post]), np.diff([*columns, ends.pre])
    mean = block_sums(connection, ends, block) * one.gain / np.outer(high, wide)
    target, source = (split_path(path)[0] for path in (one.target, one.source))
    about = {
        "long_name": f"weight {projection}", "units": "", "target": target, "source": source,
        "block_targets": block[0], "block_sources": block[1],
    }  # fmt: skip
    places = {
        "target": ("target", rows, {"long_name": f"unit of {target}"}),
        "source": ("source", columns, {"long_name": f"unit of {source}"}),
    }
    return xarray.DataArray(mean, places, ("target", "source"), projection, about)


def _projection(network: object, name: object, cells: object) -> Projection:
    """The projection of a network; raises for what is none, or no number of cells."""
    if not isinstance(network, Network):
        raise fail("bad-type", "network", f"{shown(network)} is no network", "nb.Network(...)")
    network.require()
    named = {p.name: p for p in network.projections}
    if name not in named:
        raise fail("bad-choice", "projection", f"no projection {shown(name)}", did_you_mean(str(name), named))
    if not is_whole(cells, 1, 2000):
        raise fail("bad-value", "cells", f"{shown(cells)} is no number of cells", "from 1 to 2000")
    return named[str(name)]
