"""Owns the rates of finitely many quadratic integrate-and-fire units with finite thresholds. Must not know networks.

A unit obeys ``tau dv/dt = v^2 + I``. From reset to threshold it needs the time
``tau (atan(v_th/sqrt(I)) - atan(v_reset/sqrt(I)))/sqrt(I)``; below ``I = 0`` it is silent. Units drive each other by
their mean rates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

#: steps that a spike takes beyond its time: half a one until it is found, one until the reset
LATE = 1.5

_PLACES = 401  # of the drive at which a curve of states is looked at
_NUDGE = 1e-6  # of a rate, to see how the others answer


@dataclass(frozen=True, eq=False)
class Units:
    """A population: the excitability of each unit, (units,), and what is the same for all."""

    excitability: Array
    tau: float
    v_th: float
    v_reset: float

    def rates(self, drive: float, dt: float = 0.0) -> Array:
        """The rate of each unit, (units,), with a constant drive; stepped by Euler at ``dt``."""
        current = self.excitability + drive
        root = np.sqrt(np.where(current > 0, current, 1.0))
        interval = self.tau * (np.arctan(self.v_th / root) - np.arctan(self.v_reset / root)) / root + LATE * dt
        return np.where(current > 0, 1.0 / interval, 0.0)


@dataclass(frozen=True, eq=False)
class Settled:
    """Mean rates that give themselves, and how far those of random draws spread around them; each (populations,)."""

    rates: Array
    spread: Array


def settled(populations: Sequence[Units], coupling: Array, start: Array, dt: float = 0.0) -> Settled | None:
    """Find the mean rates of populations that drive each other.

    Args:
        populations: their units.
        coupling: what a rate of 1 of each source adds to the drive of each target, (target, source).
        start: rates near which to look, (populations,).
        dt: step of Euler's rule; 0 for continuous time.

    Returns:
        None where no such rates are found near the start. The spread is the standard deviation over draws of the
        excitabilities, to first order.
    """
    from scipy.optimize import root  # noqa: PLC0415  the layer of formulas is loaded without SciPy

    def answer(rates: Array) -> Array:
        return np.array([p.rates(d, dt).mean() for p, d in zip(populations, coupling @ rates, strict=True)])

    found = root(lambda rates: answer(rates) - rates, start, tol=1e-10)
    rates = np.asarray(found.x, dtype=np.float64)
    if not np.abs(answer(rates) - rates).max() <= 1e-6 * (1e-6 + np.abs(rates).max()):
        return None
    nudges = _NUDGE * np.maximum(np.abs(rates), 1e-3)
    slopes = np.column_stack(
        [(answer(rates + step) - answer(rates - step)) / (2 * step[i]) for i, step in enumerate(np.diag(nudges))]
    )
    each = zip(populations, coupling @ rates, strict=True)
    errors = np.array([p.rates(d, dt).std() / np.sqrt(len(p.excitability)) for p, d in each])
    response = np.linalg.inv(np.eye(len(rates)) - slopes)
    return Settled(rates, np.sqrt((response**2) @ errors**2))


def fold_of(units: Units, coupling: float, drives: tuple[float, float], *, highest: bool, dt: float = 0.0) -> float:
    """The shift of all excitabilities at which two states of a population that drives itself meet and vanish.

    At a state the drive is the shift and what the population brings itself; so the shift is a function of the drive,
    and a fold is where it turns.

    Args:
        units: the population.
        coupling: what a rate of 1 adds to its own drive.
        drives: between which the fold is.
        highest: whether the shift turns there from growing to falling.
        dt: step of Euler's rule; 0 for continuous time.
    """
    drive = np.linspace(*drives, _PLACES)
    shifts = np.array([one - coupling * units.rates(float(one), dt).mean() for one in drive])
    return float(shifts.max() if highest else shifts.min())
