"""Owns delays before a run: what was asked, and what it becomes on the grid of dt. Must not know findings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from nbkit.compile.delays import OFF_GRID, steps_of
from nbkit.errors import shown
from nbkit.network.check_projections import ends_of
from nbkit.network.conduction import ConductionDelay
from nbkit.network.description import Projection, split_path
from nbkit.network.distances import distances
from nbkit.network.kernels import reach_of
from nbkit.network.laws import Law
from nbkit.network.network import Network
from nbkit.network.time import to_unit
from nbkit.study.checkups.finding import told_time
from nbkit.study.checkups.units import coarse

Array = npt.NDArray[np.float64]

#: places at which a law of delays is looked at
PLACES = 101


@dataclass(frozen=True)
class RealisedDelay:
    """The delays of a projection, in the network's time unit.

    Attributes:
        projection: its name.
        asked: as they were asked for, in words.
        wanted: their mean before they are rounded.
        least, mean, longest: as they will be realised; of drawn ones about.
        lost: the share that is rounded to no step at all.
        drawn: whether they are drawn or computed, rather than given.

    Example:
        >>> import nbkit as nb
        >>> net = nb.networks.rhythm(delay=2.0, size=8)
        >>> delays = {d.projection: d.mean for d in nb.health(net, dt=0.1, duration=100.0).delays}
        >>> delays["E->I"]
        2.0
    """

    projection: str
    asked: str
    wanted: float
    least: float
    mean: float
    longest: float
    lost: float = 0.0
    drawn: bool = False

    def told(self, unit: str) -> str:
        """The delays in words."""
        if self.least == self.longest:
            return f"{self.asked} asked, {told_time(self.mean, unit)} realised"
        ends = f"{told_time(self.least, unit)} to {told_time(self.longest, unit)}, mean {told_time(self.mean, unit)}"
        return f"{self.asked}, realised as {'about ' * self.drawn}{ends}"


def realised_delay(network: Network, projection: Projection, dt: float) -> RealisedDelay:
    """What the delays of a projection become, without making its connections."""
    delay, name, unit = projection.delay, projection.name, network.time_unit
    drawn = not isinstance(delay, float | int | str | np.ndarray)
    if isinstance(delay, float | int | str):
        time = to_unit(delay, unit, name)
        nearest, _ = steps_of(time, dt)
        made = time if projection.spread is not None else nearest * dt
        spread = "" if projection.spread is None else f" ± {shown(projection.spread)}"
        return RealisedDelay(name, told_time(time, unit) + spread, time, made, made, made, float(nearest == 0 < time))
    if isinstance(delay, Law):
        count = projection.rule.connections(ends_of(network, projection))
        wanted = _of_law(delay, max(2.0, count))
        asked = f"drawn around {told_time(float(wanted[1:-1].mean()), unit)}"
    elif isinstance(delay, ConductionDelay):
        base = to_unit(delay.base, unit, name)
        wanted = base + _travelled(network, projection) / delay.speed
        asked = f"{told_time(base, unit)} + distance/{delay.speed:g}" if base else f"distance/{delay.speed:g}"
    else:
        wanted = np.asarray(delay, dtype=np.float64).reshape(-1)
        asked = f"an array of {wanted.size} delays"
    steps = np.floor(wanted / dt + (0.5 + OFF_GRID))
    inner = slice(1, -1) if drawn and wanted.size > 2 else slice(None)  # the two ends stand for themselves alone
    least, longest = float(steps.min(initial=np.inf) * dt), float(steps.max(initial=0.0) * dt)
    lost = float(((steps[inner] == 0) & (wanted[inner] > 0)).mean())
    return RealisedDelay(
        name, asked, float(wanted[inner].mean()), least, float(steps[inner].mean() * dt), longest, lost, drawn
    )


@lru_cache(maxsize=64)
def _of_law(law: Law, count: float) -> Array:
    """Delays that represent a law, between the least and the longest of so many."""
    inside = (np.arange(PLACES) + 0.5) / PLACES
    edge = 1.0 / count
    found = np.maximum(law.quantile(np.concatenate([[edge], inside, [1.0 - edge]])), 0.0)
    found.setflags(write=False)
    return np.asarray(found, dtype=np.float64)


def _travelled(network: Network, projection: Projection) -> Array:
    """Distances between the unit in the middle and all others, with the least and the longest that there are."""
    post, pre = (
        coarse(network.populations[split_path(path)[0]].grid) for path in (projection.target, projection.source)
    )
    assert post is not None
    assert pre is not None
    middle = int(np.ravel_multi_index(tuple(n // 2 for n in pre.shape), pre.shape))
    units = np.arange(math.prod(post.shape))
    apart = distances(post, pre, units, np.full_like(units, middle))
    corner = distances(post, pre, units, np.zeros_like(units))
    cutoff = reach_of(projection.weight)
    if cutoff is not None:
        apart, corner = apart[apart <= cutoff], corner[corner <= cutoff]
    return np.concatenate([[apart.min(initial=np.inf)], apart, [max(apart.max(initial=0), corner.max(initial=0))]])
