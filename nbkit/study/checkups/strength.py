"""Owns the question whether a stimulus or a projection can bring anything but zero. Must not know runs."""

from __future__ import annotations

from typing import Any

import numpy as np

from nbkit.network.bubbles import MovingBubble
from nbkit.network.description import Projection
from nbkit.network.expressions import Expression
from nbkit.network.signals import Noise, OrnsteinUhlenbeck, Poisson, Pulse, Ramp, Recorded, Sine, Step, UniformNoise
from nbkit.network.spike_times import SpikeTimes
from nbkit.network.values import SparseMatrix

#: signal -> the numbers of which one at least must not be zero
_STRENGTHS: dict[type, tuple[str, ...]] = {
    Step: ("amplitude",),
    Pulse: ("amplitude",),
    Ramp: ("amplitude",),
    Sine: ("amplitude", "offset"),
    MovingBubble: ("amplitude",),
    Noise: ("intensity", "mean"),
    UniformNoise: ("low", "high"),
    OrnsteinUhlenbeck: ("standard_deviation", "mean"),
    Recorded: ("array",),
}


def has_effect(signal: Any) -> bool:
    """Whether a signal ever brings anything but zero, as far as its numbers tell."""
    if isinstance(signal, Poisson):
        return signal.rate > 0 and signal.weight != 0
    if isinstance(signal, SpikeTimes):
        return signal.times.size > 0 and bool(np.any(signal.weight))
    if isinstance(signal, Expression):
        return True
    return any(bool(np.any(getattr(signal, key))) for key in _STRENGTHS[type(signal)])


def has_strength(projection: Projection) -> bool:
    """Whether a projection can bring anything but zero."""
    weight = projection.weight.values if isinstance(projection.weight, SparseMatrix) else projection.weight
    return projection.gain != 0 and bool(not isinstance(weight, float | np.ndarray) or np.any(weight))
