"""Owns the lines in a plane along which a function is zero. Must not know flows.

The plane is cut into cells; a line enters and leaves a cell through edges at whose ends the function differs in sign.
Where exactly it meets an edge is found by bisection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Function = Callable[[Array], Array]
Slices = tuple[slice, slice]

_HALVINGS = 45
_MOST = 2_000  # cells in which two lines may cross

#: the ends of a broken line
_GAP = np.full((1, 2), np.nan)


def zero_lines(function: Function, xs: Array, ys: Array) -> Array:
    """Draw the lines along which a function of two numbers is zero.

    Where it jumps from one sign to the other, or is not finite, there is no line.

    Args:
        function: of points, (2, points); gives (points,).
        xs: ascending places on the horizontal axis.
        ys: on the vertical one.

    Returns:
        Places along the lines, (vertices, 2), each line in order; a row of NaN stands between two of them.

    Source:
        Lorensen & Cline (1987) Comput. Graph. 21:163-169, in two dimensions.
    """
    x, y = np.meshgrid(xs, ys)
    values = function(np.stack([x.ravel(), y.ravel()])).reshape(x.shape)
    corners = np.stack([x, y], axis=-1)
    across = _meetings(function, values, corners, ((slice(None), slice(-1)), (slice(None), slice(1, None))))
    upwards = _meetings(function, values, corners, ((slice(-1), slice(None)), (slice(1, None), slice(None))))
    links = _links(function, values, corners, across, upwards)
    places = {("-", *map(int, e)): across[tuple(e)] for e in np.argwhere(np.isfinite(across[..., 0]))}
    places |= {("|", *map(int, e)): upwards[tuple(e)] for e in np.argwhere(np.isfinite(upwards[..., 0]))}
    pieces = [np.array([places[edge] for edge in chain]) for chain in _chains(links)]
    broken = [part for piece in pieces for part in (piece, _GAP)][:-1]
    return np.concatenate(broken) if broken else np.empty((0, 2))


def crossings(xs: Array, ys: Array, one: Array, other: Array) -> Array:
    """The middles of the cells in which two functions, (y, x), both change their sign; (2, cells)."""
    both = _changes(one) & _changes(other)
    rows, columns = np.nonzero(both)
    if len(rows) > _MOST:
        some = np.linspace(0, len(rows) - 1, _MOST).astype(int)
        rows, columns = rows[some], columns[some]
    return np.stack([(xs[columns] + xs[columns + 1]) / 2, (ys[rows] + ys[rows + 1]) / 2])


Edge = tuple[str, int, int]


def _changes(values: Array) -> npt.NDArray[np.bool_]:
    corners = np.stack([values[:-1, :-1], values[:-1, 1:], values[1:, :-1], values[1:, 1:]])
    with np.errstate(invalid="ignore"):
        changes: npt.NDArray[np.bool_] = (corners.min(axis=0) <= 0) & (corners.max(axis=0) >= 0)
    return changes


def _meetings(function: Function, values: Array, corners: Array, ends: tuple[Slices, Slices]) -> Array:
    """Where the line meets each edge from one corner to another, (y, x, 2); NaN where it does not."""
    begin, end = ends
    first, last = values[begin], values[end]
    with np.errstate(invalid="ignore"):
        meets = ((first >= 0) != (last >= 0)) & np.isfinite(first) & np.isfinite(last)
    met = np.full((*first.shape, 2), np.nan)
    low, high, sign = corners[begin][meets], corners[end][meets], first[meets] >= 0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        same = (function(middle.T) >= 0) == sign
        low, high = np.where(same[:, None], middle, low), np.where(same[:, None], high, middle)
    with np.errstate(invalid="ignore"):
        smooth = np.abs(function(high.T)) <= 1e-6 * np.maximum(np.abs(first[meets]), np.abs(last[meets]))
    met[meets] = np.where(smooth[:, None], high, np.nan)
    return met


def _links(function: Function, values: Array, corners: Array, across: Array, upwards: Array) -> list[tuple[Edge, Edge]]:
    """Pairs of edges between which a line runs through a cell."""
    has_across, has_upwards = np.isfinite(across[..., 0]), np.isfinite(upwards[..., 0])
    sides = np.stack([has_across[:-1], has_across[1:], has_upwards[:, :-1], has_upwards[:, 1:]])
    links = []
    for row, column in np.argwhere(sides.sum(axis=0) >= 2):
        j, i = int(row), int(column)
        edges: list[Edge] = [("-", j, i), ("-", j + 1, i), ("|", j, i), ("|", j, i + 1)]
        crossed = [edge for edge, met in zip(edges, sides[:, j, i], strict=True) if met]
        if len(crossed) == 4:
            below, above, left, right = edges
            middle = (corners[j, i] + corners[j + 1, i + 1]) / 2
            joined = bool((function(middle[:, None])[0] >= 0) == (values[j, i] >= 0))
            links += [(below, right), (left, above)] if joined else [(below, left), (above, right)]
        elif len(crossed) == 2:
            links.append((crossed[0], crossed[1]))
    return links


def _chains(links: list[tuple[Edge, Edge]]) -> Iterator[list[Edge]]:
    """Links joined into lines; a closed one ends where it began."""
    beside: dict[Edge, list[Edge]] = {}
    for one, other in links:
        beside.setdefault(one, []).append(other)
        beside.setdefault(other, []).append(one)
    ends = [edge for edge, others in beside.items() if len(others) == 1]
    for start in (*ends, *tuple(beside)):
        chain, here = [start], start
        while beside.get(here):
            there = beside[here].pop()
            beside[there].remove(here)
            chain.append(there)
            here = there
        if len(chain) > 1:
            yield chain
