"""Owns where the eigenvalues of a large random weight matrix lie. Must not know networks.

Its columns come in groups, such as excitatory and inhibitory sources. The entries are independent, up to what a fixed
number of connections asks of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Columns:
    """A group of equal sources.

    Attributes:
        share: of all sources.
        mean: of the weight of one connection.
        square: its mean square.
    """

    share: float
    mean: float
    square: float


@dataclass(frozen=True)
class Eigenvalues:
    """Where the eigenvalues lie.

    Attributes:
        radius: of the disc around 0 that holds nearly all of them.
        half: the radius within which half of them lie; ``radius/sqrt(2)`` where all columns vary alike.
        outlier: the mean sum of a row; where it lies outside the disc there is one eigenvalue.
        straying: how far single eigenvalues may stray from where the two above put them, since the means of the
            columns do not meet the random part in the same way in every draw.
        evenness: the share of columns that would vary as much together, if all varied alike: 1 where they do.
    """

    radius: float
    half: float
    outlier: float
    straying: float
    evenness: float = 1.0

    @property
    def largest(self) -> float:
        """The spectral radius: the largest modulus of all."""
        return max(self.radius, abs(self.outlier))


def eigenvalues(
    groups: Sequence[Columns], size: int, in_degree: float, *, repeated: bool = False, gain: float = 1.0
) -> Eigenvalues:
    """Tell where the eigenvalues of a matrix of ``size`` units with ``in_degree`` random inputs each lie.

    A disc of the radius ``sqrt(size)`` times the root mean variance of an entry (circular law); the mean of the
    entries adds one eigenvalue at the mean row sum. The matrix of the means has rank one; where its norm is not small
    beside the radius, and its row sum is, a handful of eigenvalues is carried out of the disc, at places of chance.

    Args:
        groups: the kinds of sources.
        size: number of units.
        in_degree: mean number of connections onto a unit.
        repeated: whether a pair may be connected more than once.
        gain: a factor on all weights.

    Source:
        Girko (1985) Theory Probab. Appl. 29:694-706; Rajan & Abbott (2006) Phys. Rev. Lett. 97:188104; Ahmadian,
        Fumarola & Miller (2015) Phys. Rev. E 91:012820 for columns that vary differently; Tao (2013) Probab. Theory
        Relat. Fields 155:231-263 for the outlier.

    Example:
        >>> found = eigenvalues([Columns(1.0, 0.0, 0.04)], 100, 100)
        >>> round(found.radius, 12), found.outlier
        (2.0, 0.0)
    """
    filled = in_degree / size
    met = 0.0 if repeated else filled**2
    variances = [max(0.0, filled * group.square - met * group.mean**2) for group in groups]
    shares = [group.share for group in groups]
    mean = sum(group.share * filled * group.mean for group in groups)
    square = sum(group.share * (filled * group.mean) ** 2 for group in groups)
    scale = abs(gain) * math.sqrt(size)
    radius = math.sqrt(math.fsum(share * one for share, one in zip(shares, variances, strict=True)))
    return Eigenvalues(
        radius=scale * radius,
        half=scale * _half(shares, variances) if radius else 0.0,
        outlier=gain * size * mean,
        straying=abs(gain) * math.sqrt(size * math.sqrt(square) * radius),
        evenness=radius**4 / math.fsum(share * one**2 for share, one in zip(shares, variances, strict=True))
        if radius
        else 1.0,
    )


def _half(shares: Sequence[float], variances: Sequence[float]) -> float:
    """The radius that holds half of the eigenvalues, for one unit.

    Outside a radius r lies the share y for which the mean over columns of ``s^2/(r^2 + y s^2)`` is 1.
    """
    from scipy.optimize import brentq  # noqa: PLC0415  the layer of formulas is loaded without SciPy

    def surplus(square: float) -> float:
        return sum(share * one / (square + one / 2) for share, one in zip(shares, variances, strict=True)) - 1.0

    return math.sqrt(brentq(surplus, 0.0, 2 * max(variances)))
