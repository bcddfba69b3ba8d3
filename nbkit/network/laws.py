"""Owns laws: distributions from which values are drawn, one for each unit or synapse. Must not know populations."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from nbkit.model.numbers import make_plain

Array = npt.NDArray[np.float64]

#: A truncated law whose bounds hold less than this share of it is refused: redrawing would not end.
LEAST_SHARE = 1e-4


class Law(ABC):
    """A distribution. Its parameters are plain numbers, or another law."""

    def __post_init__(self) -> None:
        make_plain(self)

    @abstractmethod
    def draw(self, generator: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Draw an array of this shape."""

    @abstractmethod
    def quantile(self, shares: Array) -> Array:
        """The values below which these shares of the distribution lie."""

    @abstractmethod
    def share_below(self, value: float) -> float:
        """The share of the distribution that lies below a value."""

    @abstractmethod
    def fault(self) -> str:
        """What keeps the numbers from describing a distribution; ``""`` if nothing does."""

    def wrong(self) -> str:
        """As `fault`, for numbers of any kind."""
        try:
            return self.fault()
        except (TypeError, ValueError, OverflowError, AttributeError):
            return "its numbers do not describe a distribution"

    def numbers(self) -> dict[str, Any]:
        """Its parameters by name."""
        return {f.name: getattr(self, f.name) for f in fields(self)}  # type: ignore[arg-type]


@dataclass(frozen=True)
class Uniform(Law):
    """Values spread evenly between ``low`` and ``high``.

    Args:
        low: in the unit of what is drawn.
        high: above ``low``.

    Example:
        >>> Uniform(8, 12).quantile(np.array([0.0, 0.5, 1.0])).tolist()
        [8.0, 10.0, 12.0]
    """

    low: float
    high: float

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Draw an array of this shape."""
        return generator.uniform(self.low, self.high, shape)

    def quantile(self, shares: Array) -> Array:
        """The values below which these shares lie."""
        return self.low + (self.high - self.low) * shares

    def share_below(self, value: float) -> float:
        """The share below a value."""
        if self.high == self.low:
            return float(value > self.low)
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))

    def fault(self) -> str:
        """What keeps the numbers from describing a distribution."""
        return "" if self.low <= self.high else f"low {self.low:g} is above high {self.high:g}"


@dataclass(frozen=True)
class Normal(Law):
    """Values from a normal distribution with this mean and standard deviation.

    Args:
        mean: in the unit of what is drawn.
        standard_deviation: 0 or more, in the same unit.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 4000, {"tau": nb.Normal(10.0, 1.0)})})
        >>> tau = nb.simulate(net, 0.1, 0.1)["E.tau"]
        >>> round(float(tau.mean())), round(float(tau.std()), 1)
        (10, 1.0)
    """

    mean: float
    standard_deviation: float

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Draw an array of this shape."""
        return generator.normal(self.mean, self.standard_deviation, shape)

    def quantile(self, shares: Array) -> Array:
        """The values below which these shares lie."""
        return self.mean + self.standard_deviation * _standard_normal_quantile(shares)

    def share_below(self, value: float) -> float:
        """The share below a value."""
        if self.standard_deviation == 0:
            return float(value > self.mean)
        return NormalDist(self.mean, self.standard_deviation).cdf(value)

    def fault(self) -> str:
        """What keeps the numbers from describing a distribution."""
        return "" if self.standard_deviation >= 0 else "the standard deviation is negative"


@dataclass(frozen=True)
class LogNormal(Law):
    """Positive values whose logarithm is normal; ``mean`` and ``standard_deviation`` are those of the values.

    Args:
        mean: of the values, above 0.
        standard_deviation: of the values, 0 or more, in the same unit.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 4000, {"tau": nb.LogNormal(10.0, 5.0)})})
        >>> tau = nb.simulate(net, 0.1, 0.1)["E.tau"]
        >>> round(float(tau.mean())), round(float(tau.std())), bool((tau > 0).all())
        (10, 5, True)
    """

    mean: float
    standard_deviation: float

    def _of_logarithm(self) -> tuple[float, float]:
        variance = math.log1p((self.standard_deviation / self.mean) ** 2)
        return math.log(self.mean) - variance / 2, math.sqrt(variance)

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Draw an array of this shape."""
        return generator.lognormal(*self._of_logarithm(), shape)

    def quantile(self, shares: Array) -> Array:
        """The values below which these shares lie."""
        centre, width = self._of_logarithm()
        return np.exp(centre + width * _standard_normal_quantile(shares))

    def share_below(self, value: float) -> float:
        """The share below a value."""
        if value <= 0:
            return 0.0
        centre, width = self._of_logarithm()
        return NormalDist(centre, width).cdf(math.log(value)) if width else float(value > self.mean)

    def fault(self) -> str:
        """What keeps the numbers from describing a distribution."""
        if self.mean <= 0:
            return "the mean is not positive"
        return "" if self.standard_deviation >= 0 else "the standard deviation is negative"


@dataclass(frozen=True)
class Lorentzian(Law):
    """Values from a Lorentzian (Cauchy) distribution. It has no mean: ``centre`` is its median.

    Args:
        centre: the median.
        half_width: at which the density is half of that at the centre; 0 or more, in the same unit.

    Example:
        >>> import nbkit as nb
        >>> units = nb.Population(nb.models.qif, 4000, {"eta": nb.Lorentzian(-5.0, 1.0)})
        >>> net = nb.Network({"P": units}, time_unit="1")
        >>> eta = nb.simulate(net, 0.001, 0.001)["P.eta"]
        >>> round(float((abs(eta + 5.0) < 1.0).mean()), 1)  # half of the values lie within the half-width
        0.5
    """

    centre: float
    half_width: float

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Draw an array of this shape."""
        return self.centre + self.half_width * generator.standard_cauchy(shape)

    def quantile(self, shares: Array) -> Array:
        """The values below which these shares lie."""
        return self.centre + self.half_width * np.tan(np.pi * (shares - 0.5))

    def share_below(self, value: float) -> float:
        """The share below a value."""
        if self.half_width == 0:
            return float(value > self.centre)
        return 0.5 + math.atan((value - self.centre) / self.half_width) / math.pi

    def fault(self) -> str:
        """What keeps the numbers from describing a distribution."""
        return "" if self.half_width >= 0 else "the half-width is negative"


@dataclass(frozen=True)
class Exponential(Law):
    """Positive values from an exponential distribution with this mean.

    Args:
        mean: above 0, in the unit of what is drawn.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 4000, {"tau": nb.Exponential(10.0)})})
        >>> tau = nb.simulate(net, 0.1, 0.1)["E.tau"]
        >>> round(float(tau.mean())), round(float((tau > 10.0).mean()), 2)  # a share of 1/e lies above the mean
        (10, 0.37)
    """

    mean: float

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Draw an array of this shape."""
        return generator.exponential(self.mean, shape)

    def quantile(self, shares: Array) -> Array:
        """The values below which these shares lie."""
        return -self.mean * np.log1p(-shares)

    def share_below(self, value: float) -> float:
        """The share below a value."""
        return -math.expm1(-value / self.mean) if value > 0 else 0.0

    def fault(self) -> str:
        """What keeps the numbers from describing a distribution."""
        return "" if self.mean > 0 else "the mean is not positive"


@dataclass(frozen=True)
class Truncated(Law):
    """Values of another law, redrawn until they lie between ``low`` and ``high``; None leaves a side open.

    Args:
        inside: the law that is cut.
        low: the least value, or None.
        high: the largest value, or None.

    Example:
        >>> Truncated(Normal(0, 1), low=8.0).fault()
        'less than 0.0001 of the law lies within the bounds: redrawing would not end'
    """

    inside: Law
    low: float | None = None
    high: float | None = None

    def _bounds(self) -> tuple[float, float]:
        return (-math.inf if self.low is None else self.low, math.inf if self.high is None else self.high)

    def _shares(self) -> tuple[float, float]:
        return tuple(  # type: ignore[return-value]
            float(b > 0) if math.isinf(b) else self.inside.share_below(b) for b in self._bounds()
        )

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Draw an array of this shape."""
        low, high = self._bounds()
        values = self.inside.draw(generator, shape).reshape(-1)
        outside = np.flatnonzero((values < low) | (values > high))
        while outside.size:
            values[outside] = self.inside.draw(generator, outside.shape)
            outside = outside[(values[outside] < low) | (values[outside] > high)]
        return values.reshape(shape)

    def quantile(self, shares: Array) -> Array:
        """The values below which these shares lie."""
        low, high = self._shares()
        return np.clip(self.inside.quantile(low + (high - low) * shares), *self._bounds())

    def share_below(self, value: float) -> float:
        """The share below a value."""
        low, high = self._shares()
        return min(1.0, max(0.0, (self.inside.share_below(value) - low) / (high - low)))

    def fault(self) -> str:
        """What keeps the numbers from describing a distribution."""
        low, high = self._bounds()
        if self.inside.wrong():
            return self.inside.wrong()
        if not low < high:
            return f"low {low:g} is not below high {high:g}"
        below, above = self._shares()
        if above - below < LEAST_SHARE:
            return f"less than {LEAST_SHARE:g} of the law lies within the bounds: redrawing would not end"
        return ""


@dataclass(frozen=True)
class Quantiles(Law):
    """The quantiles of another law in place of draws: n values at the shares (i + 1/2) / n, in order.

    The same for every seed. A small population then represents the law as well as it can.

    Args:
        inside: the law whose quantiles are taken.

    Example:
        >>> Quantiles(Uniform(0, 1)).draw(np.random.default_rng(0), (4,)).tolist()
        [0.125, 0.375, 0.625, 0.875]
    """

    inside: Law

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...]) -> Array:  # noqa: ARG002  nothing is drawn
        """The quantiles, as an array of this shape."""
        count = math.prod(shape)
        return self.inside.quantile((np.arange(count) + 0.5) / count).reshape(shape)

    def quantile(self, shares: Array) -> Array:
        """The values below which these shares lie."""
        return self.inside.quantile(shares)

    def share_below(self, value: float) -> float:
        """The share below a value."""
        return self.inside.share_below(value)

    def fault(self) -> str:
        """What keeps the numbers from describing a distribution."""
        return self.inside.fault()


def _standard_normal_quantile(shares: Array) -> Array:
    inverse = NormalDist().inv_cdf
    flat = [inverse(p) if 0 < p < 1 else math.copysign(math.inf, p - 0.5) for p in np.ravel(shares)]
    return np.array(flat, dtype=np.float64).reshape(np.shape(shares))


#: The laws by the name that files use.
LAWS: dict[str, type[Law]] = {
    law.__name__: law for law in (Uniform, Normal, LogNormal, Lorentzian, Exponential, Truncated, Quantiles)
}
