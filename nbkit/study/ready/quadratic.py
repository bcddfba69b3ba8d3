"""Owns what the exact mean field says about populations of quadratic integrate-and-fire units. Must not know others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from nbkit.model.shipped.spiking import qif
from nbkit.network.description import split_path
from nbkit.network.network import Network
from nbkit.study.conditions import without_delay
from nbkit.study.flow import flow_of
from nbkit.study.prediction import Applies, Prediction, together
from nbkit.study.quadratic_states import qif_cusp, qif_folds, qif_states
from nbkit.study.quadratic_units import fold_of
from nbkit.study.ready.drive import of_models, projections_onto, require
from nbkit.study.ready.quadratic_terms import One, Reached, as_it_is, drawn, finite, known, reached, single, units_of
from nbkit.study.ready.readings import mean_rate
from nbkit.study.wiring import no

_SOURCE = "Montbrio, Pazo & Roxin (2015) Phys. Rev. X 5:021028"
_MISS = 0.02  # what is left of a run's scatter, as a share of the rate
_MOST = 0.25  # of the rate by which the finite network may differ from the mean field
_LONG = 0.2  # of the way back to 0 that a step at the threshold may make
_FOLDS = ("active ends", "quiet ends")
_STATES = {1: ("only",), 3: ("quiet", "middle", "active")}


def qif_rate_of(network: Network, population: str, *, dt: float | None = None) -> Prediction:
    """Predict the rate at which a population of quadratic units with Lorentzian excitabilities comes to rest.

    Of several states it is the one that the mean field reaches from the start values, pulses being followed. The mean
    field is exact for infinitely many units with thresholds at infinity. In a run the law ends at the fastest unit,
    and units save the time beyond the threshold. With ``dt`` the prediction is for the units that there are, with
    their thresholds and steps, driven by the mean of all.

    Args:
        network: any network.
        population: the name of one, of units of `qif`.
        dt: step of the run; None for the mean field.

    Raises:
        NbkitError: ``bad-type`` for what is no network, ``bad-value`` for what is no step; what `Network.check` finds.

    Example:
        >>> import nbkit as nb
        >>> units = nb.Population(nb.models.qif, 10_000, {"eta": nb.Quantiles(nb.Lorentzian(-5.0, 1.0))})
        >>> coupling = nb.Projection("N.s", "N.s_in", weight=15.0, weight_is="total")
        >>> net = nb.Network({"N": units}, [coupling], time_unit="1")
        >>> [nb.study.ready.quadratic.qif_rate_of(net, "N", dt=dt).words() for dt in (None, 0.001)]
        ['0.08113', '0.08622']
    """
    require(network, dt)
    verdict = together([known(network, population), without_delay(network)])
    value, atol, since = None, 0.0, 0.0
    if verdict:
        found, told = reached(network)
        verdict = together([verdict, told, finite(network, dt)])
        if found is not None:
            value, atol, told = _value(network, population, found, dt)
            verdict = verdict if told.answer == "yes" else together([verdict, told])
            since = found.since
    return Prediction(
        f"Rate of {population}{'' if dt is None else ' at this step'}",
        value,
        latex=_FIELD if dt is None else _UNITS,
        source=_SOURCE + ("" if dt is None else "; the time that a quadratic unit needs, summed over the units"),
        rtol=_MISS,
        atol=atol,
        quantity="rate",
        of=population,
        verdict=verdict,
        theory=partial(qif_rate_of, population=population, dt=dt),
        measure=partial(mean_rate, population=population, since=since, dt=dt),
    )


def _value(network: Network, population: str, found: Reached, dt: float | None) -> tuple[float | None, float, Applies]:
    """The rate, what a good run may miss of it, and whether the finite network is near enough to the infinite one."""
    place = list(network.populations).index(population)
    rate = float(found.rest.point[found.flow.states.index(f"{population}.r")])
    if dt is not None:
        coarse = [
            f"a unit of {name} at its threshold of {v_th:g} moves by {dt * v_th**2 / tau:g} in a step of {dt:g}"
            for name in network.populations
            for v_th, tau in [(network.value(f"{name}.v_th"), network.value(f"{name}.tau"))]
            if dt * v_th / tau > _LONG
        ]
        if coarse:
            return None, 0.0, no(f"derived for steps that are short beside the upstroke; {', '.join(coarse)}")
    real = as_it_is(network, found, dt or 0.0)
    if real is None or abs(real.rates[place] - rate) > _MOST * rate:
        size = f"{network.populations[population].count:,} units"
        rates = "it does not stay there" if real is None else f"they would fire at {real.rates[place]:.4g}"
        return None, 0.0, no(f"with {size} and these thresholds {population} is far from {rate:.4g}: {rates}")
    spread = 2 * float(real.spread[place]) if drawn(network) else 0.0
    if spread > _MOST * rate:
        told = f"with {network.populations[population].count:,} units the rate of {population} is another in every draw"
        return None, 0.0, no(f"{told}, with a standard deviation of {50 * spread / rate:.3g} %; use nb.Quantiles")
    if dt is not None:
        return float(real.rates[place]), spread, Applies()
    return rate, 1.2 * abs(float(real.rates[place]) - rate) + spread, Applies()


def qif_states_of(network: Network, population: str) -> Prediction:
    """Predict all rates at which a population of quadratic units can rest, and which of them are stable.

    Args:
        network: any network.
        population: the name of one, of units of `qif`, coupled with nothing but itself.

    Returns:
        A prediction whose values are named by their state, such as ``"quiet, stable"``.

    Raises:
        NbkitError: as `qif_rate_of`.

    Example:
        >>> import nbkit as nb
        >>> units = nb.Population(nb.models.qif, 10_000, {"eta": nb.Quantiles(nb.Lorentzian(-5.0, 1.0))})
        >>> coupling = nb.Projection("N.s", "N.s_in", weight=15.0, weight_is="total")
        >>> net = nb.Network({"N": units}, [coupling], time_unit="1")
        >>> print(nb.study.ready.quadratic.qif_states_of(net, "N").words())
        quiet, stable 0.08113, middle, unstable 0.473, active, stable 1.031
    """
    require(network)
    one, verdict = single(network, population)
    verdict = together([verdict, without_delay(network)])
    value = None
    if verdict and one is not None:
        states = qif_states(one.eta + one.drive, one.coupling, one.half_width)
        flow = flow_of(network)
        rests = [[s.rate / one.tau, s.potential, one.tau_s * s.rate / one.tau] for s in states]
        stable = [bool((np.linalg.eigvals(flow.slopes(rest)).real < 0).all()) for rest in rests]
        words = [f"{name}, {'' if yes else 'un'}stable" for name, yes in zip(_STATES[len(states)], stable, strict=True)]
        value = {word: rest[0] for word, rest in zip(words, rests, strict=True)}
    return Prediction(
        f"Rates at which {population} can rest",
        value,
        latex=r"\eta = \pi^2 r^2 - J r - \frac{\Delta^2}{4 \pi^2 r^2}",
        source=_SOURCE,
        rtol=_MISS,
        of=population,
        verdict=verdict,
        theory=partial(qif_states_of, population=population),
    )


def qif_folds_of(network: Network, population: str, *, dt: float | None = None) -> Prediction:
    """Predict the centres of the excitabilities between which a population has two stable states.

    Args:
        network: any network.
        population: the name of one, of units of `qif`, coupled with nothing but itself.
        dt: step of the run, for the units that there are, with their thresholds; None for the mean field.

    Returns:
        A prediction with two values of ``eta``: ``"active ends"`` and ``"quiet ends"``.

    Raises:
        NbkitError: as `qif_rate_of`.

    Example:
        >>> import nbkit as nb
        >>> units = nb.Population(nb.models.qif, 10_000, {"eta": nb.Quantiles(nb.Lorentzian(-5.0, 1.0))})
        >>> coupling = nb.Projection("N.s", "N.s_in", weight=15.0, weight_is="total")
        >>> net = nb.Network({"N": units}, [coupling], time_unit="1")
        >>> print(nb.study.ready.quadratic.qif_folds_of(net, "N").words())
        active ends -5.744, quiet ends -3.136
    """
    require(network, dt)
    one, verdict = single(network, population)
    value, off = None, 0.0
    if verdict and one is not None:
        folds = qif_folds(one.coupling, one.half_width)
        least = qif_cusp(one.half_width)[1]
        if folds:
            field = {name: eta - one.drive for name, (eta, _) in zip(_FOLDS, folds, strict=True)}
            real = _real_folds(network, population, one, folds, dt)
            off = max(abs(field[name] - real[name]) for name in field)
            value = field if dt is None else real
        else:
            verdict = no(f"there are folds from a coupling of {least:.5g} on; that of {population} is {one.coupling:g}")
    return Prediction(
        f"Folds of {population}{'' if dt is None else ' at this step'}",
        value,
        latex=r"J = 2 \pi^2 r + \frac{\Delta^2}{2 \pi^2 r^3}, \quad "
        r"\eta = -\pi^2 r^2 - \frac{3 \Delta^2}{4 \pi^2 r^2}",
        source=_SOURCE,
        atol=0.1 + (1.2 * off if dt is None else 0.0),
        of=f"{population}.eta",
        verdict=verdict,
        theory=partial(qif_folds_of, population=population, dt=dt),
    )


def _real_folds(
    network: Network, population: str, one: One, folds: tuple[tuple[float, float], ...], dt: float | None
) -> dict[str, float]:
    """The folds of the finite population, near those of the mean field."""
    active, quiet = (eta + one.coupling * rate for eta, rate in folds)
    middle, reach = (active + quiet) / 2, active - quiet
    units, coupling = units_of(network, population), one.coupling * one.tau
    ranges = {"active ends": (middle, active + reach), "quiet ends": (quiet - reach, middle)}
    return {
        name: one.eta + fold_of(units, coupling, _around(between, one), highest=name == "quiet ends", dt=dt or 0.0)
        for name, between in ranges.items()
    }


def _around(between: tuple[float, float], one: One) -> tuple[float, float]:
    """Drives from the excitability that the units have already, their own drive included."""
    low, high = between
    return low - one.eta - one.drive, high - one.eta - one.drive


def qif_cusp_of(network: Network, population: str) -> Prediction:
    """Predict where two stable states first appear: the centre of the excitabilities, and the coupling.

    Args:
        network: any network.
        population: the name of one, of units of `qif`, coupled with nothing but itself.

    Raises:
        NbkitError: as `qif_rate_of`.

    Example:
        >>> import nbkit as nb
        >>> units = nb.Population(nb.models.qif, 10_000, {"eta": nb.Quantiles(nb.Lorentzian(-5.0, 1.0))})
        >>> net = nb.Network({"N": units}, time_unit="1")
        >>> print(nb.study.ready.quadratic.qif_cusp_of(net, "N").words())
        eta -1.732, coupling 7.796
    """
    require(network)
    one, verdict = single(network, population)
    value = None
    if verdict and one is not None:
        eta, coupling = qif_cusp(one.half_width)
        value = {"eta": eta - one.drive, "coupling": coupling}
    return Prediction(
        f"Cusp of {population}",
        value,
        latex=r"\eta = -\sqrt{3}\,\Delta, \quad J = 2 \pi^2 r + \frac{\Delta^2}{2 \pi^2 r^3}, \quad "
        r"\pi^4 r^4 = \tfrac{3}{4} \Delta^2",
        source=_SOURCE,
        atol=_MISS,
        of=f"{population}.eta",
        verdict=verdict,
        theory=partial(qif_cusp_of, population=population),
    )


def offered(network: Network, dt: float | None) -> Iterator[Prediction]:
    """What this module says about a network."""
    for name in network.populations:
        if not of_models(network, name, (qif,)):
            continue
        yield qif_rate_of(network, name)
        if dt is not None:
            yield qif_rate_of(network, name, dt=dt)
        if {split_path(p.source)[0] for p in projections_onto(network, name)} == {name}:
            theories: tuple[Callable[[Network, str], Prediction], ...] = (qif_states_of, qif_folds_of, qif_cusp_of)
            yield from (theory(network, name) for theory in theories)


_FIELD = (
    r"\tau \dot r = \frac{\Delta}{\pi \tau} + 2 r v, \quad "
    r"\tau \dot v = v^2 + \eta + \tau J r + I - (\pi \tau r)^2"
)
_UNITS = (
    r"r = \frac{1}{N} \sum_i \frac{\sqrt{I_i}}{\tau \left(\arctan\frac{v_\theta}{\sqrt{I_i}} - "
    r"\arctan\frac{v_r}{\sqrt{I_i}}\right) + \tfrac{3}{2} dt \sqrt{I_i}}, \quad I_i = \eta_i + \tau J r > 0"
)
