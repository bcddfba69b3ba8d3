"""Owns the weights of a connection as one matrix of bounded size, whatever their plan. Must not know simulators."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nbkit.compile.connections import Connection
from nbkit.compile.coupling import Coupling
from nbkit.compile.products import Product
from nbkit.model.counting import repeat
from nbkit.network.rules import Ends
from nbkit.network.values import Array

#: Columns of a large matrix that are looked at together.
COLUMNS = 128

Block = tuple[int, int]
#: First column, and the matrix from there on, (post, columns).
Piece = tuple[int, Array]


def block_of(ends: Ends, cells: int) -> Block:
    """Targets and sources that share a cell, so that neither side has more than so many cells."""
    return max(1, -(-ends.post // cells)), max(1, -(-ends.pre // cells))


def block_sums(connection: Connection, ends: Ends, block: Block) -> Array:
    """Sums of the weights over blocks of targets and sources, all delays together, (rows, columns).

    Args:
        connection: as made by `nbkit.compile.connections.connect`.
        ends: the two populations.
        block: targets and sources of one cell.
    """
    rows, columns = -(-ends.post // block[0]), -(-ends.pre // block[1])
    total = np.zeros((rows, columns))
    for part in connection.parts:
        _add_coupling(total, part.coupling, ends, block)
    if connection.bundle is not None:
        counts = connection.bundle.counts.sum(axis=1, dtype=np.int64)
        for first, last, targets, weights in connection.bundle.pieces():
            sources = repeat(np.arange(first, last), counts[first:last])
            np.add.at(total, (targets // block[0], sources // block[1]), weights)
    return total


def _add_coupling(total: Array, coupling: Coupling, ends: Ends, block: Block) -> None:
    if coupling.plan == "one-to-one":
        units = np.arange(ends.post)
        np.add.at(total, (units // block[0], units // block[1]), coupling.weights)
    elif hasattr(coupling.weights, "tocoo"):
        entries = coupling.weights.tocoo()
        sources = entries.col % ends.pre  # over the past, every step has all sources once more
        np.add.at(total, (entries.row // block[0], sources // block[1]), entries.data)
    else:
        for first, piece in _pieces(coupling, ends):
            targets = np.add.reduceat(piece, np.arange(0, ends.post, block[0]), axis=0)
            columns = np.arange(first, first + piece.shape[1]) // block[1]
            np.add.at(total.T, columns, targets.T)


def _pieces(coupling: Coupling, ends: Ends) -> Iterator[Piece]:
    """A matrix, or what stands for one, some columns at a time."""
    for first in range(0, ends.pre, COLUMNS):
        last = min(first + COLUMNS, ends.pre)
        if isinstance(coupling.weights, Product):
            chosen = np.zeros((ends.pre, last - first))
            chosen[np.arange(first, last), np.arange(last - first)] = 1.0
            yield first, np.asarray(coupling.weights.dot(chosen))
        else:
            yield first, np.broadcast_to(coupling.weights[:, first:last], (ends.post, last - first))
