"""Owns balanced weights: excitatory and inhibitory sources whose means cancel. Must not know connections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nbkit.model.numbers import is_finite_number, make_plain

Array = npt.NDArray[np.float64]

LARGEST = 1e100  # beyond it products overflow


@dataclass(frozen=True)
class Balanced:
    """Weights of a random network whose excitation and inhibition cancel on average.

    The first ``round(fraction * sources)`` sources are excitatory, their weights normal around ``mean``. The
    others are inhibitory, around ``-mean * f / (1 - f)``, with f the realised fraction. All are divided by
    the square root of the mean in-degree. With independent sources of unit variance the recurrent input of
    a unit then has the variance ``standard_deviation**2 + mean**2 * f / (1 - f)``: the square of
    ``standard_deviation`` only where ``mean`` is 0. `input_variance` tells it.

    Args:
        fraction: share of excitatory sources.
        mean: mean excitatory weight, before the division.
        standard_deviation: of every weight, before the division.
        dale: keep the sign of a source: a weight drawn with the other sign becomes 0, which changes mean and
            variance.

    Source: after Rajan & Abbott (2006) Phys. Rev. Lett. 97:188104.

    Example:
        >>> import nbkit as nb
        >>> nb.Balanced(fraction=0.8, mean=1.0, standard_deviation=1.0).input_variance(sources=1000)
        5.0
    """

    fraction: float
    mean: float
    standard_deviation: float
    dale: bool = False

    def __post_init__(self) -> None:
        make_plain(self)

    def excitatory(self, sources: int) -> int:
        """How many of the sources are excitatory."""
        return round(self.fraction * sources)

    def input_variance(self, sources: int) -> float:
        """Variance of a unit's input from independent sources of unit variance, without Dale's law."""
        count = self.excitatory(sources)
        return self.standard_deviation**2 + self.mean**2 * count / (sources - count)

    def draw(self, generator: np.random.Generator, of_source: Any, sources: int, in_degree: float) -> Array:
        """One weight for each connection, given the number of its source; any shape."""
        count = self.excitatory(sources)
        excites = np.asarray(of_source) < count
        weights = generator.normal(0.0, self.standard_deviation, excites.shape)
        weights += np.where(excites, self.mean, -self.mean * count / (sources - count))
        if self.dale:
            weights = np.where(excites, np.maximum(weights, 0.0), np.minimum(weights, 0.0))
        made: Array = weights / np.sqrt(in_degree)
        return made

    def numbers(self) -> dict[str, Any]:
        """Its parameters by name."""
        return {n: getattr(self, n) for n in ("fraction", "mean", "standard_deviation", "dale")}

    def fault(self, sources: int) -> str:
        """What keeps the numbers from describing weights from so many sources."""
        if not all(is_finite_number(v) and abs(v) < LARGEST for v in list(self.numbers().values())[:3]):
            return "fraction, mean and standard_deviation must be finite numbers"
        if self.standard_deviation < 0:
            return "the standard deviation is negative"
        if not self.fraction >= 0 or self.excitatory(sources) >= sources:
            return f"a fraction of {self.fraction:g} leaves no inhibitory one among {sources} sources"
        return "" if isinstance(self.dale, bool) else "dale is neither True nor False"
