"""Owns spikes that are known beforehand. Must not know populations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from nbkit.errors import Problem, shown
from nbkit.model.numbers import is_finite_number
from nbkit.network.expressions import Signal
from nbkit.network.values import Array, freeze


@dataclass(frozen=True, eq=False)
class SpikeTimes(Signal):
    """Spikes that are known beforehand, each adding ``weight`` to a state that takes events when it arrives.

    Args:
        times: when they arrive, shape (spikes,): whole numbers of steps, in any order, after t = 0.
        weight: one number, or one for each spike.
        units: the unit of the population that each spike arrives at, shape (spikes,); None lets every spike reach
            all units, or those that the stimulus chooses.

    Example:
        >>> import nbkit as nb
        >>> drive = nb.Stimulus("N.i_syn", nb.SpikeTimes([1.0, 3.0], weight=10.0))
        >>> net = nb.Network({"N": nb.Population(nb.models.lif_exponential, 1)}, stimuli=[drive])
        >>> current = nb.simulate(net, 4.0, 1.0, record=["N.i_syn"])["N.i_syn"][:, 0]
        >>> current.values.round(1).tolist()
        [0.0, 10.0, 8.0, 16.4, 13.1]
    """

    times: Array = field(repr=False)
    weight: float | Array = 1.0
    units: Array | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for name in ("times", "weight", "units"):
            object.__setattr__(self, name, freeze(getattr(self, name)))


def spike_times_problems(signal: SpikeTimes, where: str, size: int) -> Iterator[Problem]:
    """Everything that is wrong with spikes at given times, for a population of this size."""
    times, units = signal.times, signal.units
    if not isinstance(times, np.ndarray) or times.ndim != 1 or not np.isfinite(times).all():
        yield Problem("bad-value", f"{where}.times", f"{shown(times)} is no list of times", "times=[10.0, 12.5]")
        return
    if times.size and times.min() <= 0:
        what = f"a spike at {times.min():g} would have to arrive before the first step"
        yield Problem("bad-signal", f"{where}.times", what, "give times of dt or later")
    one_each = isinstance(signal.weight, np.ndarray)
    if one_each and signal.weight.shape != times.shape:  # type: ignore[union-attr]
        what = f"{signal.weight.shape} weights for {times.size} spikes"  # type: ignore[union-attr]
        yield Problem("wrong-shape", f"{where}.weight", what, "one number, or one for each spike")
    elif not one_each and (not is_finite_number(signal.weight) or isinstance(signal.weight, str)):
        yield Problem("bad-value", f"{where}.weight", f"{shown(signal.weight)} is not a number", "give a number")
    elif one_each and not np.isfinite(signal.weight).all():
        yield Problem("not-finite", f"{where}.weight", "a weight is not finite", "replace it")
    if units is None:
        return
    if not isinstance(units, np.ndarray) or units.shape != times.shape:
        yield Problem("wrong-shape", f"{where}.units", f"{shown(units)} is not one unit for each spike", "units=[0, 3]")
    elif not ((units >= 0) & (units < size) & (units == np.floor(units))).all():
        yield Problem("bad-units", f"{where}.units", f"a unit is none of {size}", f"numbers from 0 to {size - 1}")
