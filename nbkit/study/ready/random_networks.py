"""Owns what theory says about random networks of rates: eigenvalues of their weights, activity without a drive."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

from nbkit.model.shipped.rate import leaky_integrator_tanh
from nbkit.network.balanced import Balanced
from nbkit.network.description import Projection
from nbkit.network.laws import Law
from nbkit.network.network import Network
from nbkit.study.chaos import random_network_variance
from nbkit.study.conditions import one_value, without_delay
from nbkit.study.prediction import Applies, Prediction, together
from nbkit.study.random_matrices import Eigenvalues
from nbkit.study.ready.drive import of_models, projections_onto, require, stimuli_onto
from nbkit.study.ready.random_weights import (
    drawn_disc,
    drawn_outlier,
    drawn_radius,
    matrix_of,
    mean_in_degree,
    onto_itself,
)
from nbkit.study.ready.readings import variance
from nbkit.study.wiring import nearly, no, one_number

_CIRCULAR = "circular law: Girko (1985) Theory Probab. Appl. 29:694-706"
_MEANS = "Rajan & Abbott (2006) Phys. Rev. Lett. 97:188104; Tao (2013) Probab. Theory Relat. Fields 155:231-263"
_FEW = 100  # units, from which on a matrix counts as large
_SPARSE = 20  # inputs of a unit, from which on they are many
_MANY = 50  # inputs, from which on their sum is normal
_STRAYS = 0.25  # of the radius, squared: beyond it single eigenvalues may leave the disc
_SETTLED = 100.0  # time constants until a random network has forgotten its start
_WIDTH = 1e-3  # of g, over which the slope of the variance is taken
_DRAWS = 1.4  # over the root of the number of units: how far the g of a draw, as it works, may be from its own
_VAGUE = 0.5  # tolerance beyond which a prediction tells nothing
_BORDER = 3.0  # over the root of the number of units: how far beyond its disc an eigenvalue may lie
_SILENT = 1e-3  # variance of a network that has all but fallen silent


def spectral_radius_of(network: Network, population: str) -> Prediction:
    """Predict the largest modulus of the eigenvalues of the random weights of a population onto itself.

    Args:
        network: any network.
        population: the name of one, with one projection of rates onto itself.

    Raises:
        NbkitError: ``bad-type`` for what is no network; what `Network.check` finds.

    Example:
        >>> import nbkit as nb
        >>> units = nb.Population(nb.models.leaky_integrator_tanh, 400, initial={"x": nb.Normal(0, 1)})
        >>> net = nb.Network({"N": units}, [nb.Projection("N.r", "N.u", weight=nb.Normal(0.0, 1.5 / 400**0.5))])
        >>> print(nb.study.ready.random_networks.spectral_radius_of(net, "N"))
        Spectral radius of N->N: 1.5
    """
    require(network)
    projection, matrix, verdict = _matrix(network, population)
    rtol, value = 0.0, None
    if matrix is not None:
        strays = (matrix.straying / matrix.largest) ** 2 if matrix.largest else 0.0
        if strays > _STRAYS:
            verdict = no(
                "derived for single eigenvalues that stay where the means of the weights put them; the means of "
                f"{projection} are so large beside their spread that some eigenvalues stray, in every draw elsewhere"
            )
        else:
            value, verdict = matrix.largest, together([verdict, _finite(network, population)])
            rtol = 2 / math.sqrt(_count(network, population) * matrix.evenness) + strays
    return Prediction(
        f"Spectral radius of {projection}",
        value,
        latex=r"\rho = \max\left(\sqrt{N \langle \delta J^2 \rangle}, \, \left|N \langle J \rangle\right|\right)",
        source=f"{_CIRCULAR}; {_MEANS}",
        rtol=rtol,
        of=projection,
        verdict=verdict,
        theory=partial(spectral_radius_of, population=population),
        measure=partial(drawn_radius, projection=projection),
    )


def eigenvalue_disc_of(network: Network, population: str) -> Prediction:
    """Predict the radius of the disc that nearly all eigenvalues of the random weights of a population fill.

    Args:
        network: any network.
        population: the name of one, with one projection of rates onto itself.

    Raises:
        NbkitError: as `spectral_radius_of`.

    Example:
        >>> import nbkit as nb
        >>> net = nb.networks.balanced(400, 0.2, gain=0.5)
        >>> print(nb.study.ready.random_networks.eigenvalue_disc_of(net, "N").words())
        1.025
    """
    require(network)
    projection, matrix, verdict = _matrix(network, population)
    value, wider = None, 1.0
    if matrix is not None and matrix.radius == 0:
        verdict = no(f"derived for weights that vary; those of {projection} are all the same")
    elif matrix is not None:
        wider = matrix.radius / matrix.half
        value, verdict = matrix.radius, together([verdict, _finite(network, population)])
    return Prediction(
        f"Disc of the eigenvalues of {projection}",
        value,
        latex=r"R = \sqrt{N \langle \delta J^2 \rangle}",
        source=f"{_CIRCULAR}; Rajan & Abbott (2006) Phys. Rev. Lett. 97:188104",
        rtol=1.5 / math.sqrt(_count(network, population)),
        of=projection,
        verdict=verdict,
        theory=partial(eigenvalue_disc_of, population=population),
        measure=partial(drawn_disc, projection=projection, wider=wider),
    )


def eigenvalue_outlier_of(network: Network, population: str) -> Prediction:
    """Predict the one eigenvalue that the mean of random weights sets apart: the mean sum of a row.

    Args:
        network: any network.
        population: the name of one, with one projection of rates onto itself.

    Raises:
        NbkitError: as `spectral_radius_of`.

    Example:
        >>> import nbkit as nb
        >>> units = nb.Population(nb.models.leaky_integrator_tanh, 400)
        >>> net = nb.Network({"N": units}, [nb.Projection("N.r", "N.u", weight=nb.Normal(-0.01, 0.05))])
        >>> print(nb.study.ready.random_networks.eigenvalue_outlier_of(net, "N"))
        Eigenvalue of N->N outside the disc: -4
    """
    require(network)
    projection, matrix, verdict = _matrix(network, population)
    value, atol = None, 0.0
    if matrix is not None and abs(matrix.outlier) < 1.5 * matrix.radius:
        told = f"the mean row sum of {projection} is {matrix.outlier:.3g}, the radius of the disc {matrix.radius:.3g}"
        verdict = no(f"derived for an eigenvalue far outside the disc of the others; {told}")
    elif matrix is not None and (matrix.straying / matrix.outlier) ** 2 > _STRAYS / 2:
        verdict = no(f"derived for an eigenvalue that stays where the mean puts it; that of {projection} strays widely")
    elif matrix is not None:
        value, verdict = matrix.outlier, together([verdict, _finite(network, population)])
        atol = 3 * matrix.straying**2 / abs(matrix.outlier) + matrix.radius / math.sqrt(_count(network, population))
    return Prediction(
        f"Eigenvalue of {projection} outside the disc",
        value,
        latex=r"\lambda = N \langle J \rangle",
        source=_MEANS,
        rtol=0.02,
        atol=atol,
        of=projection,
        verdict=verdict,
        theory=partial(eigenvalue_outlier_of, population=population),
        measure=partial(drawn_outlier, projection=projection),
    )


def random_network_variance_of(network: Network, population: str) -> Prediction:
    """Predict the variance of the activity that a random network of rates keeps up by itself.

    Args:
        network: any network.
        population: the name of one, of units of `leaky_integrator_tanh` that project ``r`` onto their ``u`` with
            random weights of mean 0.

    Returns:
        A prediction of 0 up to a spectral radius of 1, beyond of what the dynamic mean field gives.

    Raises:
        NbkitError: as `spectral_radius_of`.

    Example:
        >>> import nbkit as nb
        >>> units = nb.Population(nb.models.leaky_integrator_tanh, 400, initial={"x": nb.Normal(0, 1)})
        >>> net = nb.Network({"N": units}, [nb.Projection("N.r", "N.u", weight=nb.Normal(0.0, 1.5 / 400**0.5))])
        >>> print(nb.study.ready.random_networks.random_network_variance_of(net, "N").words())
        0.7477
    """
    require(network)
    _, matrix, verdict = _matrix(network, population)
    value, rtol, atol, since = None, 0.0, 0.0, 0.0
    if matrix is not None:
        verdict = together([verdict, *_asked(network, population)])
    if verdict and matrix is not None:
        verdict, rtol, atol = _certain(network, population, matrix)
        value = random_network_variance(matrix.radius) if verdict else None
        since = _SETTLED * float(network.value(f"{population}.tau"))
    return Prediction(
        f"Variance of {population}.x",
        value,
        latex=r"\tfrac{1}{2} \Delta^2 = g^2 \left[\left\langle (\ln\cosh x)^2 \right\rangle - "
        r"\left\langle \ln\cosh x \right\rangle^2\right], \quad x \sim \mathcal{N}(0, \Delta)",
        source="Sompolinsky, Crisanti & Sommers (1988) Phys. Rev. Lett. 61:259-262",
        rtol=rtol,
        atol=atol,
        of=f"{population}.x",
        verdict=verdict,
        theory=partial(random_network_variance_of, population=population),
        measure=partial(variance, path=f"{population}.x", since=since),
    )


def offered(network: Network, dt: float | None) -> Iterator[Prediction]:
    """What this module says about a network: large populations of rates with random weights onto themselves."""
    del dt
    for name, population in network.populations.items():
        random = any(isinstance(p.weight, Law | Balanced) for p in onto_itself(network, name))
        if not random or population.count < _FEW:
            continue
        matrix = _matrix(network, name)[1]
        yield spectral_radius_of(network, name)
        if matrix is not None and (matrix.straying / matrix.largest) ** 2 > _STRAYS:
            yield eigenvalue_disc_of(network, name)
        if matrix is not None and abs(matrix.outlier) > matrix.radius:
            yield eigenvalue_outlier_of(network, name)
        if of_models(network, name, (leaky_integrator_tanh,)):
            yield random_network_variance_of(network, name)


# ------------------------------------------------------------ what the theory asks


def _matrix(network: Network, population: str) -> tuple[str, Eigenvalues | None, Applies]:
    """The name of the projection, where its eigenvalues lie, and whether theory tells."""
    if population not in network.populations:
        return population, None, no(f"there is no population {population}")
    found = onto_itself(network, population)
    if len(found) != 1:
        told = f"{len(found)} projections lead from {population} onto itself"
        return population, None, no(f"derived for one projection of rates of a population onto itself; {told}")
    matrix, verdict = matrix_of(network, found[0])
    verdict = together([verdict, _large(network, population, found[0])])
    if matrix is not None and matrix.largest == 0:
        verdict = no(f"derived for weights that bring something; those of {found[0].name} are 0")
    return found[0].name, matrix if verdict else None, verdict


def _large(network: Network, population: str, projection: Projection) -> Applies:
    """Whether there are enough units, and inputs of each, for a law of large matrices."""
    count, inputs = _count(network, population), mean_in_degree(network, projection)
    if count < _FEW:
        return no(f"derived for large matrices; {population} has {count} units")
    if inputs < _SPARSE:
        return no(f"derived for many inputs of each unit; {projection.name} gives {inputs:g}")
    return Applies()


def _finite(network: Network, population: str) -> Applies:
    return nearly(f"exact for infinitely many units; {population} has {_count(network, population):,}")


def _count(network: Network, population: str) -> int:
    return network.populations[population].count if population in network.populations else 1


def _asked(network: Network, population: str) -> Iterator[Applies]:
    """What the dynamic mean field asks beyond the weights."""
    yield of_models(network, population, (leaky_integrator_tanh,))
    onto = projections_onto(network, population)
    for projection in onto:
        if projection.source != f"{population}.r" or projection.target != f"{population}.u":
            told = f"{projection.name} leads from {projection.source} to {projection.target}"
            yield no(f"derived for units that pass on r to each other and to nothing else; {told}")
        elif isinstance(projection.weight, Balanced) and (projection.weight.mean or projection.weight.dale):
            yield no(f"derived for weights of mean 0 from every source; those of {projection.name} are balanced")
        elif not isinstance(projection.weight, Law | Balanced):
            yield no(f"derived for weights drawn from a law; those of {projection.name} are equal")
    yield without_delay(network)
    driven = [s.name for s in stimuli_onto(network, population)]
    if driven:
        yield no(f"derived for networks that nothing drives; {', '.join(driven)} drives {population}")
    if of_models(network, population, (leaky_integrator_tanh,)):
        yield one_value(network, population, "tau")
        if one_number(network.value(f"{population}.x.initial")) == 0:
            yield no(f"all units of {population} begin at 0, where they rest for ever; start them from nb.Normal(0, 1)")


def _certain(network: Network, population: str, matrix: Eigenvalues) -> tuple[Applies, float, float]:
    """Whether a draw of so many units surely does what infinitely many do; and the tolerances, rtol and atol."""
    g, count = matrix.radius, _count(network, population)
    inputs = mean_in_degree(network, onto_itself(network, population)[0])
    if inputs < _MANY:
        return (
            no(f"derived for inputs that are normal, being sums of many; units of {population} have {inputs:g}"),
            0,
            0,
        )
    if abs(matrix.outlier) > 0.1 * g:
        return (
            no(f"derived for weights of mean 0; those onto {population} sum to {matrix.outlier:.3g} on average"),
            0,
            0,
        )
    finite = _finite(network, population)
    if g * (1 + _BORDER / math.sqrt(count)) <= 1:
        return finite, 0.0, _SILENT
    rtol = math.inf
    if g * (1 - _WIDTH) > 1:
        low, high = (random_network_variance(g * (1 + sign * _WIDTH)) for sign in (-1, 1))
        rtol = _DRAWS * (high - low) / (2 * _WIDTH * random_network_variance(g) * math.sqrt(count))
    if rtol <= _VAGUE:
        return finite, rtol, 0.0
    told = f"with {count:,} units g = {g:.4g} is so near to 1 that it depends on the draw"
    return no(f"derived for infinitely many units; {told} how much {population} fluctuates"), 0.0, 0.0
