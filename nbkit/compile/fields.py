"""Owns the plans of kernels: what each would cost, which one is taken and why, and how it is made.

All plans of a kernel are the same matrix to rounding. Must not know backends.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from nbkit.compile.around import padded_shape, quick_shape, spectral, weights_around
from nbkit.compile.coupling import Coupling
from nbkit.compile.neighbours import Places, joined, likely_pairs, most_pairs, pieces, places_of
from nbkit.compile.products import Product, Separable
from nbkit.network.conduction import ConductionDelay
from nbkit.network.description import SPIKE, Projection, split_path
from nbkit.network.distances import axis_distances, weights_at
from nbkit.network.kernels import Filter, OfDistance, reach_of
from nbkit.network.laws import Law
from nbkit.network.network import Network
from nbkit.network.values import Array

if TYPE_CHECKING:
    from scipy.sparse import csr_array

#: Microseconds: of a call, and of a number that it goes through; measured in double precision on one core.
CALL = {"dense": 1.0, "sparse": 4.0, "separable": 2.0, "fft line": 12.0, "fft sheet": 25.0}
ENTRY = {"dense": 1e-4, "large dense": 4e-4, "sparse": 6e-4, "product": 2e-5, "fft line": 1e-2, "fft sheet": 6e-3}
LARGE = 2e6  # a dense matrix of more entries does not stay in the cache
AWKWARD = 3.0  # how much longer a transform takes whose length has large prime factors

BYTES_PER_PAIR = 80  # while pairs are weighed and sorted
BYTES_PADDED = 64  # for each number that is transformed
RINGS = 16  # as many transforms are kept for a kernel with conduction delays, more or less
MOST_PAIRS = 5e6  # a kernel with conduction delays that connects more is never written out


def whole(projection: Projection) -> bool:
    """Whether a kernel connects all units of its populations with one delay, so that its plan may use their order."""
    return _every_unit(projection) and not isinstance(projection.delay, np.ndarray | Law | ConductionDelay)


def travels(projection: Projection, places: Places) -> bool:
    """Whether weights and delays are the same around every unit, so that each delay may be a kernel of its own."""
    fits = places.even and not isinstance(places.weight, Filter)
    return fits and _every_unit(projection) and isinstance(projection.delay, ConductionDelay)


def _every_unit(projection: Projection) -> bool:
    chosen = projection.source_units is not None or projection.target_units is not None
    return not chosen and split_path(projection.source)[1] != SPIKE


def bytes_of_kernel(network: Network, projection: Projection) -> float:
    """About how much memory it takes to make the connections of a kernel."""
    places = places_of(network, projection)
    pairs = most_pairs(places)
    padded = float(math.prod(padded_shape(places))) if places.even else 0.0
    if travels(projection, places):
        return min(pairs, MOST_PAIRS) * BYTES_PER_PAIR + RINGS * BYTES_PADDED * padded
    if not whole(projection):
        return pairs * BYTES_PER_PAIR
    cells = math.prod(places.post.shape) * float(math.prod(places.pre.shape))
    held = {"dense": 24 * cells, "sparse": BYTES_PER_PAIR * pairs, "separable": 0.0, "fft": BYTES_PADDED * padded}
    return held[choose(costs(places))]


def costs(places: Places) -> dict[str, float]:
    """The plans that can stand for a kernel: about how many microseconds a product takes with each."""
    cells = math.prod(places.post.shape) * float(math.prod(places.pre.shape))
    found = {
        "dense": CALL["dense"] + cells * ENTRY["large dense" if cells > LARGE else "dense"],
        "sparse": CALL["sparse"] + likely_pairs(places) * ENTRY["sparse"],
    }
    terms = _terms(places)
    if terms and len(places.post.shape) == 2:
        (ny, nx), (my, mx) = places.post.shape, places.pre.shape
        found["separable"] = CALL["separable"] + 2.0 * len(terms) * my * nx * (mx + ny) * ENTRY["product"]
    if places.even:
        found["fft"] = cost_of_transform(places)
    return found


def cost_of_transform(places: Places) -> float:
    """About how many microseconds a product of spectra takes."""
    kind, padded = f"fft {'sheet' if len(places.post.shape) == 2 else 'line'}", padded_shape(places)
    slow = AWKWARD if padded != quick_shape(padded) else 1.0
    return CALL[kind] + math.prod(padded) * ENTRY[kind] * slow


def choose(found: dict[str, float]) -> str:
    """The quickest plan."""
    return min(found, key=lambda plan: found[plan])


def plan_kernel(network: Network, projection: Projection) -> Coupling:
    """The plan of a kernel that connects all units of two grids with one delay.

    Raises:
        NbkitError: ``bad-kernel`` where it has no finite weight.
    """
    places = places_of(network, projection)
    estimated = costs(places)
    plan = choose(estimated)
    weights = _MAKERS[plan](places)
    others = ", ".join(
        f"{name} {_time(t)}" for name, t in sorted(estimated.items(), key=lambda i: i[1]) if name != plan
    )
    reason = f"{_WORDS[plan].format(len(_terms(places)))}: about {_time(estimated[plan])} a step ({others})"
    return Coupling(projection.name, plan, weights, reason, settable=False)


def _time(microseconds: float) -> str:
    return f"{microseconds:.0f} us" if microseconds < 1000 else f"{microseconds / 1000:.2g} ms"


_WORDS = {
    "dense": "every pair has its own weight",
    "sparse": "only pairs within reach are kept",
    "separable": "Gaussians on a sheet ({} of them) are a factor along y times a factor along x",
    "fft": "the same kernel around every unit is one product of spectra",
}


def _terms(places: Places) -> tuple[tuple[float, float], ...]:
    """The Gaussians that a kernel is the sum of."""
    weight = places.weight
    return weight.gaussians() if isinstance(weight, OfDistance) and reach_of(weight) is None else ()


# ---------------------------------------------------------------- making


def _dense(places: Places) -> Array:
    made = np.zeros((math.prod(places.post.shape), math.prod(places.pre.shape)))
    for targets, sources, weights in pieces(places):
        made[targets, sources] = weights
    return made


def _sparse(places: Places) -> csr_array:
    from scipy.sparse import coo_array  # noqa: PLC0415  only sparse networks need SciPy

    targets, sources, weights = joined(pieces(places))
    shape = math.prod(places.post.shape), math.prod(places.pre.shape)
    return coo_array((weights, (targets.astype(np.int32), sources.astype(np.int32))), shape=shape).tocsr()


def _separable(places: Places) -> Product:
    along_y, along_x = (axis_distances(places.post, places.pre, axis) for axis in (0, 1))
    weights_at(places.weight, np.zeros(1), places.where)  # a width whose square is no number is refused
    left, right = [], []
    for amplitude, width in _terms(places):
        left.append(amplitude * places.scale * np.exp(-((along_y / width) ** 2) / 2))
        right.append(np.exp(-((along_x / width) ** 2) / 2).T)
    own = 0.0 if places.twins else sum(amplitude for amplitude, _ in _terms(places)) * places.scale
    return Separable(places.post.shape, places.pre.shape, np.hstack(left), np.array(right), np.array(own))


def _spectral(places: Places) -> Product:
    return spectral(places, weights_around(places))


_MAKERS: dict[str, Callable[[Places], Array | csr_array | Product]] = {
    "dense": _dense,
    "sparse": _sparse,
    "separable": _separable,
    "fft": _spectral,
}
