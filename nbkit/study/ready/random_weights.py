"""Owns how random weights are read: from a network as numbers, from a result as a matrix. Must not know predictions."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nbkit.network.balanced import Balanced
from nbkit.network.check_projections import ends_of
from nbkit.network.description import SPIKE, Projection, split_path
from nbkit.network.laws import Law, Lorentzian
from nbkit.network.network import Network
from nbkit.network.rules import AllToAll, Bernoulli, Ends, FixedInDegree, FixedOutDegree, FixedTotalNumber
from nbkit.study.mean_field import moments
from nbkit.study.prediction import Applies, together
from nbkit.study.random_matrices import Columns, Eigenvalues, eigenvalues
from nbkit.study.ready.drive import projections_onto
from nbkit.study.wiring import no

if TYPE_CHECKING:
    import xarray as xr

_RANDOM = (AllToAll, Bernoulli, FixedTotalNumber, FixedInDegree, FixedOutDegree)
_EQUAL = (AllToAll, FixedInDegree)  # rules that give all units the same number of inputs


def onto_itself(network: Network, population: str) -> list[Projection]:
    """The projections of rates of a population onto itself."""
    found = projections_onto(network, population)
    return [p for p in found if split_path(p.source)[0] == population and split_path(p.source)[1] != SPIKE]


def matrix_of(network: Network, projection: Projection) -> tuple[Eigenvalues | None, Applies]:
    """Where the eigenvalues of a projection's weights lie, or why theory does not tell."""
    verdict = together([*_unread(projection)])
    if not verdict:
        return None, verdict
    ends = ends_of(network, projection)
    in_degree = projection.rule.connections(ends) / ends.post
    scale = 1.0 / in_degree if projection.weight_is == "total" else 1.0
    repeated = bool(getattr(projection.rule, "multapses", False))
    groups = list(_groups(projection.weight, ends, in_degree))
    return eigenvalues(groups, ends.post, in_degree, repeated=repeated, gain=projection.gain * scale), verdict


def mean_in_degree(network: Network, projection: Projection) -> float:
    """How many connections of a projection reach a unit, on average."""
    ends = ends_of(network, projection)
    return projection.rule.connections(ends) / ends.post


def _unread(projection: Projection) -> Iterator[Applies]:
    name, weight = projection.name, projection.weight
    if not isinstance(projection.rule, _RANDOM):
        yield no(f"derived for pairs connected at random; {name} connects them by {type(projection.rule).__name__}")
    if projection.source_units is not None or projection.target_units is not None:
        yield no(f"derived for whole populations; {name} connects chosen units")
    if projection.weight_is == "density" or (
        projection.weight_is == "total" and not isinstance(projection.rule, _EQUAL)
    ):
        yield no(f"derived for the weights of single connections; those of {name} are a {projection.weight_is}")
    law = isinstance(weight, Balanced | Law) or (isinstance(weight, float | int) and not isinstance(weight, bool))
    if not law:
        yield no(f"derived for weights drawn from a law; those of {name} are {type(weight).__name__}")
    elif isinstance(getattr(weight, "inside", weight), Lorentzian):
        yield no(f"derived for weights that have a variance; those of {name} are Lorentzian")


def _groups(weight: Any, ends: Ends, in_degree: float) -> Iterator[Columns]:
    """The kinds of sources, and the moments of their weights."""
    if not isinstance(weight, Balanced):
        yield Columns(1.0, *moments(weight))
        return
    count = weight.excitatory(ends.pre)
    inhibitory = -weight.mean * count / (ends.pre - count)
    for share, mean, sign in ((count, weight.mean, 1.0), (ends.pre - count, inhibitory, -1.0)):
        first, square = mean, mean**2 + weight.standard_deviation**2
        if weight.dale:
            first, square = _cut_at_zero(sign * mean, weight.standard_deviation)
            first *= sign
        yield Columns(share / ends.pre, first / math.sqrt(in_degree), square / in_degree)


def _cut_at_zero(mean: float, deviation: float) -> tuple[float, float]:
    """Mean and mean square of a normal number of which all below 0 is put to 0."""
    if deviation == 0:
        return max(mean, 0.0), max(mean, 0.0) ** 2
    normal = NormalDist()
    above, height = normal.cdf(mean / deviation), normal.pdf(mean / deviation)
    return mean * above + deviation * height, (mean**2 + deviation**2) * above + mean * deviation * height


# ------------------------------------------------------------ from a result


def eigenvalues_drawn(result: xr.Dataset, projection: str) -> npt.NDArray[np.complex128]:
    """The eigenvalues of the weights with which a result was made: drawn again, for the first of its seeds."""
    from nbkit.compile.compiler import compile_network  # noqa: PLC0415  only who measures draws the weights again

    arrays = {str(name): result[name].to_numpy() for name in result.data_vars}
    network = Network.from_json(result.attrs["network"], arrays)
    setup = json.loads(result.attrs["setup"])
    seed = int(np.ravel(result.attrs["seed"])[0])
    program = compile_network(network, setup["dt"], seed, setup["delays"], setup["method"])
    found = next(p for p in network.projections if p.name == projection)
    count = network.populations[split_path(found.target)[0]].count
    whole = np.zeros((count, count))
    for coupling in program.couplings:
        if coupling.name == projection:
            held: Any = coupling.weights
            weights = held.toarray() if coupling.plan == "sparse" else held
            whole += np.broadcast_to(weights, whole.shape)
    return np.asarray(np.linalg.eigvals(found.gain * whole), dtype=np.complex128)


def drawn_radius(result: xr.Dataset, *, projection: str) -> float:
    """The largest modulus of all eigenvalues."""
    return float(np.abs(eigenvalues_drawn(result, projection)).max())


def drawn_disc(result: xr.Dataset, *, projection: str, wider: float) -> float:
    """The radius of the disc of the eigenvalues: of that which holds half of them, times how much wider it is."""
    return float(wider * np.median(np.abs(eigenvalues_drawn(result, projection))))


def drawn_outlier(result: xr.Dataset, *, projection: str) -> float:
    """The eigenvalue with the largest real part by size, whose imaginary part is left out."""
    found = eigenvalues_drawn(result, projection)
    return float(found[np.argmax(np.abs(found.real))].real)
