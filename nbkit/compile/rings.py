"""Owns kernels with conduction delays that are the same around every unit: a ring of one delay is a kernel of its own.

Must not know graphs or backends.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nbkit.compile.around import distances_around, spectral, weights_around
from nbkit.compile.coupling import Coupling
from nbkit.compile.fields import MOST_PAIRS, cost_of_transform, travels
from nbkit.compile.late import cost_together, travel_steps
from nbkit.compile.neighbours import likely_pairs, most_pairs, places_of
from nbkit.network.description import Projection
from nbkit.network.kernels import reach_of
from nbkit.network.network import Network
from nbkit.network.rules import Units


@dataclass(frozen=True)
class Rings:
    """A plan for each delay. ``steps`` are the delays that there are, ``around`` those by offset, shape (y, x)."""

    pieces: tuple[tuple[int, Coupling], ...]
    steps: Units
    around: Units


def plan_rings(network: Network, projection: Projection, dt: float) -> Rings | None:
    """Rings where weights and delays follow from the offset alone and this is quicker than single connections.

    Raises:
        NbkitError: ``bad-kernel`` where the kernel has no finite weight.
    """
    places = places_of(network, projection)
    if not travels(projection, places):
        return None
    apart = distances_around(places)
    steps = travel_steps(network, projection, apart, dt)
    cutoff = reach_of(places.weight)
    connected = np.ones(apart.shape, dtype=bool) if cutoff is None else apart <= cutoff
    connected &= places.twins | (apart > 0)
    delays = np.unique(steps[connected])
    few = most_pairs(places) <= MOST_PAIRS
    if few and cost_together(likely_pairs(places)) <= len(delays) * cost_of_transform(places):
        return None
    table = weights_around(places)
    reason = f"one of {len(delays)} delays of a kernel that is the same around every unit: a product of spectra"
    pieces = tuple(
        (int(d), Coupling(projection.name, "fft", spectral(places, table * (steps == d)), reason, settable=False))
        for d in delays
    )
    return Rings(pieces, delays, np.atleast_2d(steps))
