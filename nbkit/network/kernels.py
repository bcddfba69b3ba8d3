"""Owns kernels: weights that follow from the distance between two units, or from how many units apart they are.

Reached as ``nb.kernels``. Must not know grids, nor how a kernel is summed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

from nbkit.model.numbers import make_plain, plain
from nbkit.network.expressions import Expression
from nbkit.network.values import Array, freeze


class Kernel:
    """A weight for every pair of units that have places.

    Example:
        >>> import nbkit as nb
        >>> isinstance(nb.kernels.Gaussian(1.0, width=0.1), nb.kernels.Kernel)
        True
    """

    #: numbers of a kernel that must be positive, and those that may be any
    lengths: ClassVar[tuple[str, ...]] = ()

    def numbers(self) -> dict[str, Any]:
        """Its numbers by name."""
        return {f.name: getattr(self, f.name) for f in fields(self)}  # type: ignore[arg-type]


class OfDistance(Kernel):
    """A weight that is a formula of the distance ``d`` and of the kernel's numbers.

    Distances are those between the middles of two units' cells, in the unit of ``extent``; on periodic grids
    the shorter way round counts, along each axis. Pairs farther apart than ``cutoff`` are not connected.

    Example:
        >>> import nbkit as nb
        >>> nb.kernels.Gaussian(1.0, width=0.1).formula
        'amplitude*exp(-d**2/(2*width**2))'
    """

    formula: ClassVar[str]

    def __post_init__(self) -> None:
        make_plain(self)

    def gaussians(self) -> tuple[tuple[float, float], ...]:
        """Amplitudes and widths of the Gaussians whose sum the kernel is; none if it is no such sum."""
        return ()


@dataclass(frozen=True)
class Gaussian(OfDistance):
    """``amplitude`` at distance 0, falling as a Gaussian of this standard deviation.

    Args:
        amplitude: at distance 0, per area (or length) where the weight is a density, as it is by default.
        width: standard deviation, in the unit of ``extent``.
        cutoff: pairs farther apart are not connected; None for no bound.

    Example:
        >>> import nbkit as nb
        >>> sheet = nb.Population(nb.models.leaky_integrator, (20, 20))
        >>> near = nb.Projection("E.x", "E.u", weight=nb.kernels.Gaussian(1.0, width=0.1))
        >>> near.weight_is
        'density'
    """

    formula = "amplitude*exp(-d**2/(2*width**2))"
    lengths = ("width",)

    amplitude: float
    width: float
    cutoff: float | None = None

    def gaussians(self) -> tuple[tuple[float, float], ...]:
        """Itself."""
        return ((self.amplitude, self.width),)


@dataclass(frozen=True)
class DifferenceOfGaussians(OfDistance):
    """A Gaussian less another one: with a wider second one, excitation nearby and inhibition around it.

    Args:
        amplitude: at distance 0, per area (or length) where the weight is a density, as it is by default.
        width: standard deviation of the first, in the unit of ``extent``.
        surround_amplitude: of the second, which is taken away.
        surround_width: its standard deviation.
        cutoff: pairs farther apart are not connected; None for no bound.

    Source: Wilson & Cowan (1973) Kybernetik 13:55-80, for lateral connections in cortex; Amari (1977) Biol.
    Cybern. 27:77-87, for the fields that they make.

    Example:
        >>> import nbkit as nb
        >>> line = nb.Population(nb.models.leaky_integrator, (5,))
        >>> kernel = nb.kernels.DifferenceOfGaussians(2.0, 0.2, 1.0, 0.4)
        >>> net = nb.Network({"E": line}, [nb.Projection("E.x", "E.u", weight=kernel)])
        >>> nb.study.weight_matrix(net, "E->E").values[0].round(3).tolist()
        [0.2, 0.066, -0.067, -0.06, -0.027]
    """

    formula = "amplitude*exp(-d**2/(2*width**2)) - surround_amplitude*exp(-d**2/(2*surround_width**2))"
    lengths = ("width", "surround_width")

    amplitude: float
    width: float
    surround_amplitude: float
    surround_width: float
    cutoff: float | None = None

    def gaussians(self) -> tuple[tuple[float, float], ...]:
        """Its centre, and its surround taken away."""
        return ((self.amplitude, self.width), (-self.surround_amplitude, self.surround_width))


@dataclass(frozen=True)
class Exponential(OfDistance):
    """``amplitude`` at distance 0, falling by a factor of e with every ``width``.

    Args:
        amplitude: at distance 0, per area (or length) where the weight is a density, as it is by default.
        width: the distance of a fall by e, in the unit of ``extent``.
        cutoff: pairs farther apart are not connected; None for no bound.

    Example:
        >>> import nbkit as nb
        >>> line = nb.Population(nb.models.leaky_integrator, (5,))
        >>> kernel = nb.kernels.Exponential(1.0, width=0.2)
        >>> net = nb.Network({"E": line}, [nb.Projection("E.x", "E.u", weight=kernel)])
        >>> nb.study.weight_matrix(net, "E->E").values[0].round(3).tolist()
        [0.2, 0.074, 0.027, 0.01, 0.004]
    """

    formula = "amplitude*exp(-d/width)"
    lengths = ("width",)

    amplitude: float
    width: float
    cutoff: float | None = None


@dataclass(frozen=True)
class MexicanHat(OfDistance):
    """The negative second derivative of a Gaussian: positive nearer than ``width``, negative beyond it.

    Args:
        amplitude: at distance 0, per area (or length) where the weight is a density, as it is by default.
        width: the distance at which it changes its sign, in the unit of ``extent``.
        cutoff: pairs farther apart are not connected; None for no bound.

    Example:
        >>> import nbkit as nb
        >>> line = nb.Population(nb.models.leaky_integrator, (5,))
        >>> kernel = nb.kernels.MexicanHat(1.0, width=0.3)
        >>> net = nb.Network({"E": line}, [nb.Projection("E.x", "E.u", weight=kernel)])
        >>> nb.study.weight_matrix(net, "E->E").values[0].round(3).tolist()
        [0.2, 0.089, -0.064, -0.081, -0.035]
    """

    formula = "amplitude*(1 - (d/width)**2)*exp(-(d/width)**2/2)"
    lengths = ("width",)

    amplitude: float
    width: float
    cutoff: float | None = None


@dataclass(frozen=True, eq=False)
class Filter(Kernel):
    """Weights by how many units apart two units are, the same around every target.

    The entry in the middle is the weight of the source at the target's own place; the entry a rows below and b
    columns right of it that of the source which stands a rows and b columns further on. Beyond open edges
    there is nothing; on periodic grids the other side goes on.

    Between a finer and a coarser grid, whose sizes differ by a whole factor along each axis, rows and columns
    are those of the source. The middle stands at the middle of the target's cell. From a grid that is finer
    by an even factor that is between two sources, and the filter needs an even number of entries. From a
    coarser grid, it is the source in whose cell the target stands.

    Args:
        array: shape (rows, columns), or (entries,) on a line.

    Example:
        Mean pooling, from 20 x 20 units to 10 x 10:

        >>> import numpy as np
        >>> import nbkit as nb
        >>> leak = nb.models.leaky_integrator
        >>> pooling = nb.Projection("A.x", "B.u", weight=nb.kernels.Filter(np.full((2, 2), 0.25)))
        >>> sheets = {"A": nb.Population(leak, (20, 20), initial={"x": 3.0}), "B": nb.Population(leak, (10, 10))}
        >>> net = nb.Network(sheets, [pooling])
        >>> net.check()
        []
    """

    array: Array = field(repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "array", freeze(self.array))

    def numbers(self) -> dict[str, Any]:
        """None that a path could name."""
        return {}


_KERNELS = (Gaussian, DifferenceOfGaussians, Exponential, MexicanHat, Filter)

#: The kernels by the name that files use.
KERNELS: dict[str, type[Kernel]] = {kernel.__name__: kernel for kernel in _KERNELS}

#: The name of the distance in an expression that is a weight.
DISTANCE = "d"


def is_kernel(weight: object) -> bool:
    """Whether a weight follows from the places of its units.

    Args:
        weight: anything that a projection may have as its weight.

    Example:
        >>> is_kernel(Gaussian(1.0, width=0.1)), is_kernel(0.5)
        (True, False)
    """
    return isinstance(weight, Kernel | Expression)


def usual_meaning(weight: object) -> str:
    """What the numbers of a weight stand for unless a projection says otherwise.

    Args:
        weight: anything that a projection may have as its weight.

    Example:
        >>> usual_meaning(Gaussian(1.0, width=0.1)), usual_meaning(0.5)
        ('density', 'synapse')
    """
    return "density" if isinstance(weight, OfDistance | Expression) else "synapse"


def reach_of(weight: object) -> float | None:
    """The distance beyond which a kernel connects nothing; None if there is none.

    Args:
        weight: anything that a projection may have as its weight.

    Example:
        >>> reach_of(Gaussian(1.0, width=0.1, cutoff=0.3)), reach_of(Gaussian(1.0, width=0.1))
        (0.3, None)
    """
    cutoff = getattr(weight, "cutoff", None)
    return None if cutoff is None else float(plain(cutoff))
