"""Owns what theory says about a ring of threshold-linear units: a bump whose width the kernel alone decides.

Must not know plots.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from nbkit.errors import NbkitError
from nbkit.model import shipped
from nbkit.network.description import Projection
from nbkit.network.distances import axis_distances, weights_at
from nbkit.network.expressions import Expression
from nbkit.network.grids import Grid
from nbkit.network.kernels import OfDistance
from nbkit.network.network import Network
from nbkit.network.rules import AllToAll
from nbkit.study.fields import ring_half_width
from nbkit.study.measuring import half_width_of, peak_of, uniform_level_of
from nbkit.study.prediction import Applies, Prediction, together
from nbkit.study.wiring import after_pulses, delays_told, no, one_number, projections_onto, sharp_delay, steady_drive

Array = npt.NDArray[np.float64]

_SOURCE = "Ben-Yishai, Bar-Or & Sompolinsky (1995) Proc. Natl. Acad. Sci. 92:3844-3848"

_WIDTH = r"g J_1 = \frac{2\pi}{c - \sin(2c)/2}"
_LEVEL = r"x = I + g J_0 (x - \theta)"
_PEAK = r"r_{\max} = A (1 - \cos c), \quad A = \frac{I - \theta}{-\cos c/g - J_0 (\sin c - c \cos c)/\pi}"

_ONE_MODE = 1e-9  # of the largest weight: what a kernel may have besides a mean and one cosine
_FEWEST = 8  # units of a ring on which a width makes sense


@dataclass(frozen=True)
class _Ring:
    """A ring of threshold-linear units with the kernel ``(J0 + J1 cos)/N``."""

    name: str
    length: float
    spacing: float
    mean: float
    modulation: float
    gain: float
    threshold: float
    drive: float
    verdict: Applies


def ring_bump_half_width(network: Network, population: str | None = None, *, dt: float | None = None) -> Prediction:
    """The half-width of the bump of a ring of threshold-linear units with a cosine kernel, in the unit of its extent.

    There is one if ``g J1`` is above 2, the drive above the threshold, and J0 not so large that activity runs away.
    The step plays no part.

    Example:
        >>> import math
        >>> import nbkit as nb
        >>> from nbkit.study.ready.rings import ring_bump_half_width
        >>> ring = nb.Population(nb.models.leaky_integrator_threshold_linear, (100,), extent=2 * math.pi,
        ...                      edges="periodic")
        >>> cosine = nb.Projection("E.r", "E.u", weight=nb.Expression("(-4 + 4*cos(d))/(2*pi)"))
        >>> net = nb.Network({"E": ring}, [cosine], [nb.Stimulus("E.u", nb.Step(1.0))])
        >>> print(ring_bump_half_width(net))
        Half-width of the bump of E: 1.571
    """
    del dt
    ring = _ring(network, population)
    answers, value = [ring.verdict], None
    if together(answers):
        half = _half_width(ring)
        value = half * ring.length / (2 * math.pi) if isinstance(half, float) else None
        answers += [no(half)] if isinstance(half, str) else []
    path = f"{ring.name}.x"
    return Prediction(
        f"Half-width of the bump of {ring.name}", value, latex=_WIDTH, source=_SOURCE, rtol=1e-3, atol=ring.spacing / 2,
        quantity="length", of=path, verdict=together(answers),
        theory=partial(ring_bump_half_width, population=population), measure=half_width_of(path, ring.threshold),
    )  # fmt: skip


def ring_bump_peak(network: Network, population: str | None = None, *, dt: float | None = None) -> Prediction:
    """The highest rate in the bump of such a ring. The step plays no part.

    Example:
        >>> import math
        >>> import nbkit as nb
        >>> from nbkit.study.ready.rings import ring_bump_peak
        >>> ring = nb.Population(nb.models.leaky_integrator_threshold_linear, (100,), extent=2 * math.pi,
        ...                      edges="periodic")
        >>> cosine = nb.Projection("E.r", "E.u", weight=nb.Expression("(-4 + 4*cos(d))/(2*pi)"))
        >>> net = nb.Network({"E": ring}, [cosine], [nb.Stimulus("E.u", nb.Step(1.0))])
        >>> print(ring_bump_peak(net))
        Peak of the bump of E: 0.7854
    """
    del dt
    ring = _ring(network, population)
    answers, value = [ring.verdict], None
    if together(answers):
        half = _half_width(ring)
        value = _amplitude(ring, half) * (1 - math.cos(half)) if isinstance(half, float) else None
        answers += [no(half)] if isinstance(half, str) else []
    path = f"{ring.name}.r"
    return Prediction(
        f"Peak of the bump of {ring.name}", value, latex=_PEAK, source=_SOURCE, rtol=0.02, quantity="level", of=path,
        verdict=together(answers), theory=partial(ring_bump_peak, population=population),
        measure=peak_of(f"{ring.name}.x", ring.threshold, ring.gain),
    )  # fmt: skip


def ring_uniform_level(network: Network, population: str | None = None, *, dt: float | None = None) -> Prediction:
    """The level at which all units of such a ring rest alike, as long as ``g J1`` is below 2. The step plays no part.

    Example:
        >>> import math
        >>> import nbkit as nb
        >>> from nbkit.study.ready.rings import ring_uniform_level
        >>> ring = nb.Population(nb.models.leaky_integrator_threshold_linear, (100,), extent=2 * math.pi,
        ...                      edges="periodic")
        >>> cosine = nb.Projection("E.r", "E.u", weight=nb.Expression("(-4 + 1.5*cos(d))/(2*pi)"))
        >>> net = nb.Network({"E": ring}, [cosine], [nb.Stimulus("E.u", nb.Step(1.0))])
        >>> print(ring_uniform_level(net))
        Uniform level of E: 0.2
    """
    del dt
    ring = _ring(network, population)
    answers, value = [ring.verdict], None
    if together(answers):
        level = _uniform(ring)
        value = level if isinstance(level, float) else None
        answers += [no(level)] if isinstance(level, str) else []
    path = f"{ring.name}.x"
    return Prediction(
        f"Uniform level of {ring.name}", value, latex=_LEVEL, source=_SOURCE, rtol=0.01, atol=1e-6, quantity="level",
        of=path, verdict=together(answers), theory=partial(ring_uniform_level, population=population),
        measure=uniform_level_of(path),
    )  # fmt: skip


def _half_width(ring: _Ring) -> float | str:
    """The half-width of the bump as an angle; or why there is none."""
    strength = ring.gain * ring.modulation
    half = ring_half_width(strength)
    if half is None:
        return f"no bump: g J1 = {strength:.4g} is not above 2, the uniform state is stable"
    if ring.drive <= ring.threshold:
        return f"no bump: the drive of {ring.drive:g} is not above the threshold of {ring.threshold:g}"
    if _amplitude(ring, half) <= 0:
        return f"activity runs away: J0 = {ring.mean:.4g} is too large for a bump of this width"
    return half


def _amplitude(ring: _Ring, half: float) -> float:
    """Of the rate in the bump, ``A (cos(angle) - cos(c))``; negative where activity runs away."""
    left = -math.cos(half) / ring.gain - ring.mean * (math.sin(half) - half * math.cos(half)) / math.pi
    return (ring.drive - ring.threshold) / left if left > 0 else -1.0


def _uniform(ring: _Ring) -> float | str:
    """The level of all units; or why they are not alike in the end."""
    if ring.drive <= ring.threshold:
        return float(ring.drive) if ring.gain * max(ring.mean, ring.modulation / 2) < 1 else (
            f"rest at {ring.drive:g} is not the only state with g J0 = {ring.gain * ring.mean:.4g} "
            f"and g J1 = {ring.gain * ring.modulation:.4g}")  # fmt: skip
    if ring.gain * ring.modulation >= 2:
        return f"the uniform state is unstable: g J1 = {ring.gain * ring.modulation:.4g} is not below 2"
    if ring.gain * ring.mean >= 1:
        return f"activity runs away: g J0 = {ring.gain * ring.mean:.4g} is not below 1"
    return (ring.drive - ring.gain * ring.mean * ring.threshold) / (1 - ring.gain * ring.mean)


# ------------------------------------------------------------ what a ring is


def _rings(network: Network) -> list[str]:
    """Populations of threshold-linear units on a closed line that send their rate to their like."""
    return [
        name
        for name, p in network.populations.items()
        if p.model == shipped.leaky_integrator_threshold_linear
        and p.grid is not None
        and p.grid.periodic
        and len(p.grid.shape) == 1
        and any(q.source == f"{name}.r" for q in projections_onto(network, name))
    ]


def _ring(network: Network, population: str | None) -> _Ring:
    network.require()
    found = _rings(network)
    name = population or (found[0] if found else next(iter(network.populations)))
    refused = _refused(network, name)
    if refused:
        return _Ring(name, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, no(*refused))
    grid, (lateral,) = network.populations[name].grid, projections_onto(network, name)
    around = _around(lateral, grid) if grid is not None else ""
    drive = steady_drive(network, f"{name}.u")
    assert not isinstance(drive, str), "it was looked at"
    assert not isinstance(around, str), "and so was this"
    assert grid is not None, "and this"
    mean, modulation = _modes(around)
    gain, threshold = (one_number(network.value(f"{name}.{key}")) or 0.0 for key in ("g", "theta"))
    at_once = sharp_delay(network, lateral) == 0
    told = f"derived without delay; {lateral.name} has {delays_told(network, lateral)}"
    verdict = after_pulses(network, name) if at_once else no(told)
    return _Ring(name, grid.extent[0], grid.spacing[0], mean, modulation, gain, threshold, drive, verdict)


def _refused(network: Network, name: str) -> list[str]:
    """Why a population is no ring of equal threshold-linear units with a cosine kernel and a uniform drive."""
    if name not in network.populations:
        return [f"there is no population {name}"]
    population, arriving = network.populations[name], projections_onto(network, name)
    if population.model != shipped.leaky_integrator_threshold_linear:
        return [f"derived for leaky_integrator_threshold_linear; units of {name} are {population.model.name}"]
    grid = population.grid
    if grid is None or len(grid.shape) != 1 or not grid.periodic:
        return [f'derived for a ring; {name} is none: size=(N,) and edges="periodic"']
    if population.count < _FEWEST:
        return [f"a ring of {population.count} units is too coarse"]
    if len(arriving) != 1 or arriving[0].source != f"{name}.r":
        told = ", ".join(p.source for p in arriving) or "nothing"
        return [f"derived for a ring that receives its own {name}.r alone; onto {name} comes {told}"]
    reasons = [
        f"derived for equal units; {name}.{key} differs between them"
        for key in ("tau", "g", "theta")
        if one_number(network.value(f"{name}.{key}")) is None
    ]
    gain = one_number(network.value(f"{name}.g"))
    if gain is not None and gain <= 0:
        reasons.append(f"derived for a positive gain; {name}.g is {gain:g}")
    drive = steady_drive(network, f"{name}.u")
    reasons += [f"derived for a uniform drive; {drive}"] if isinstance(drive, str) else []
    around = _around(arriving[0], grid)
    if isinstance(around, str):
        reasons.append(around)
    elif not _has_one_mode(around):
        reasons.append(f"derived for a kernel of a mean and one cosine; that of {arriving[0].name} has more")
    return reasons


def _around(projection: Projection, grid: Grid) -> Array | str:
    """The weights onto one unit from those 0, 1, 2, ... further round, gain included; or why units differ in them."""
    rule, count, weight = projection.rule, grid.shape[0], projection.weight
    chosen = projection.source_units is not None or projection.target_units is not None
    if not isinstance(rule, AllToAll) or not rule.autapses or chosen:
        return f"derived for units that all reach each other and themselves; {projection.name} connects others"
    if isinstance(weight, OfDistance | Expression):
        try:
            held = weights_at(weight, axis_distances(grid, grid, 0)[0], projection.name)
        except NbkitError as error:
            return f"{error.where}: {error.what}"
    elif isinstance(weight, np.ndarray):
        held = weight[0]
        turned = np.array([np.roll(held, shift) for shift in range(count)])
        if np.abs(weight - turned).max() > _ONE_MODE * np.abs(weight).max():
            return f"derived for weights that are the same around every unit; those of {projection.name} are not"
    elif one_number(weight) is not None:
        held = np.full(count, one_number(weight))
    else:
        return f"derived for weights that follow from the angle; those of {projection.name} are drawn"
    share = {"density": grid.cell, "total": 1 / count, "synapse": 1.0}[str(projection.weight_is)]
    return np.asarray(held * share * projection.gain)


def _modes(around: Array) -> tuple[float, float]:
    """J0 and J1 of weights ``(J0 + J1 cos(angle))/N``."""
    angles = 2 * np.pi * np.arange(len(around)) / len(around)
    return float(around.sum()), float(2 * (around * np.cos(angles)).sum())


def _has_one_mode(around: Array) -> bool:
    angles = 2 * np.pi * np.arange(len(around)) / len(around)
    mean, modulation = _modes(around)
    rest = around - (mean + modulation * np.cos(angles)) / len(around)
    return bool(np.abs(rest).max() <= _ONE_MODE * max(np.abs(around).max(), 1e-300))


def offered(network: Network, dt: float | None) -> Iterator[Prediction]:
    """What this module says about rings of threshold-linear units: a bump, or the same level everywhere."""
    for name in _rings(network):
        uniform = ring_uniform_level(network, name, dt=dt)
        if uniform.value is not None:
            yield uniform
        half = ring_bump_half_width(network, name, dt=dt)
        yield half
        if half.value is not None:
            yield ring_bump_peak(network, name, dt=dt)
