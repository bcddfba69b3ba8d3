"""Owns delays that follow from distances: signals that travel at a speed. Must not know grids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nbkit.model.numbers import make_plain
from nbkit.network.time import Time


@dataclass(frozen=True)
class ConductionDelay:
    """The delay of signals that travel from unit to unit: ``base + distance / speed``, for each connection.

    Distances are those between the middles of two units' cells; on periodic grids the shorter way round counts.
    Like all delays that are computed, these are rounded to whole steps, halves up, and may be rounded to none
    (for spikes: to one at least). The result holds the delays as they were realised.

    Args:
        speed: length that a signal travels in one unit of the network's time.
        base: time that every connection takes besides.

    Example:
        >>> import nbkit as nb
        >>> line = nb.Population(nb.models.leaky_integrator, (50,), extent=10.0)
        >>> kernel = nb.kernels.Exponential(0.5, width=1.0)
        >>> late = nb.Projection("E.x", "E.u", weight=kernel, delay=nb.ConductionDelay(speed=3.0))
        >>> nb.Network({"E": line}, [late]).value("E->E.delay.speed")
        3.0
    """

    speed: float
    base: Time = 0.0

    def __post_init__(self) -> None:
        make_plain(self)

    def numbers(self) -> dict[str, Any]:
        """Its numbers by name."""
        return {"speed": self.speed, "base": self.base}
