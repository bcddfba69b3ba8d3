"""Owns what theory says about phase oscillators that pull at each other. Must not know plots."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from nbkit.errors import shown
from nbkit.model import shipped
from nbkit.network.description import Projection
from nbkit.network.laws import Law, Lorentzian, Normal, Quantiles
from nbkit.network.network import Network
from nbkit.network.rules import AllToAll
from nbkit.network.time import steps_per_unit
from nbkit.study.measuring import coherence_of, turning_of
from nbkit.study.phases import Synchrony, delayed_synchrony, kuramoto_coherence, kuramoto_critical_coupling
from nbkit.study.prediction import Applies, Prediction, together
from nbkit.study.wiring import (
    delays_told,
    in_time,
    nearly,
    no,
    one_number,
    own_time,
    projections_onto,
    sharp_delay,
    steady_drive,
    total_weight,
)

_KURAMOTO = "Kuramoto (1984) Chemical Oscillations, Waves, and Turbulence; Strogatz (2000) Physica D 143:1-20"
_DELAYED = "Yeung & Strogatz (1999) Phys. Rev. Lett. 82:648-651; Earl & Strogatz (2003) Phys. Rev. E 67:036204"

_CRITICAL = r"K_c = \frac{2}{\pi g(\bar\omega)}"
_COHERENCE = r"1 = K \int_{-\pi/2}^{\pi/2} \cos^2 a \; g(K r \sin a) \, da"
_LORENTZ = r"r = \sqrt{1 - K_c/K}"
_STEP = r"\Omega = \omega - K \sin(\Omega T), \quad K \cos(\Omega T) > 0"

#: times 1/sqrt(N): how far the coherence of N oscillators may be off, with frequencies drawn and with quantiles
_CHANCE, _WITHOUT_CHANCE = 2.0, 0.7
_MANY = 1000.0  # turns of phase over a delay beyond which speeds are not looked for


@dataclass(frozen=True)
class _Pull:
    """How the oscillators of a population pull at each other; numbers are in the model's own time."""

    name: str
    omega: Any
    coupling: float
    weight: float
    delay: float
    verdict: Applies
    mean_field: Applies
    delayed: Applies


def critical_coupling(network: Network, population: str | None = None, *, dt: float | None = None) -> Prediction:
    """The value of ``K`` from which on oscillators of different frequencies cohere. The step plays no part.

    Example:
        >>> import nbkit as nb
        >>> from nbkit.study.ready.phases import critical_coupling
        >>> many = nb.Population(nb.models.kuramoto, 1000, {"omega": nb.Lorentzian(10.0, 0.5), "K": 2.0})
        >>> both = [
        ...     nb.Projection(f"P.{part}_phase", f"P.{part}_in", weight=1.0, weight_is="total", name=part)
        ...     for part in ("sin", "cos")
        ... ]
        >>> print(critical_coupling(nb.Network({"P": many}, both, time_unit="1")))
        Critical coupling of P: 1
    """
    del dt
    pull = _pull(network, population)
    answers = [pull.verdict, pull.mean_field, _law(pull), _finite(network, pull)]
    verdict = together(answers)
    value = kuramoto_critical_coupling(pull.omega) / pull.weight if verdict else None
    return Prediction(
        f"Critical coupling of {pull.name}", value, latex=_CRITICAL, source=_KURAMOTO, rtol=0.05, quantity="number",
        of=f"{pull.name}.K", verdict=verdict, theory=partial(critical_coupling, population=population),
    )  # fmt: skip


def coherence(network: Network, population: str | None = None, *, dt: float | None = None) -> Prediction:
    """The order parameter r that oscillators of different frequencies reach. The step plays no part.

    Example:
        >>> import nbkit as nb
        >>> from nbkit.study.ready.phases import coherence
        >>> many = nb.Population(nb.models.kuramoto, 1000, {"omega": nb.Lorentzian(10.0, 0.5), "K": 2.0})
        >>> both = [
        ...     nb.Projection(f"P.{part}_phase", f"P.{part}_in", weight=1.0, weight_is="total", name=part)
        ...     for part in ("sin", "cos")
        ... ]
        >>> print(coherence(nb.Network({"P": many}, both, time_unit="1")))
        Coherence of P: 0.7071
    """
    del dt
    pull = _pull(network, population)
    answers = [pull.verdict, pull.mean_field, _law(pull), _finite(network, pull)]
    verdict = together(answers)
    value, chance = None, 0.0
    if verdict:
        value = kuramoto_coherence(pull.coupling, pull.omega)
        apart = abs(1 - kuramoto_critical_coupling(pull.omega) / pull.coupling) if pull.coupling else 1.0
        size = network.populations[pull.name].count
        share = _WITHOUT_CHANCE if isinstance(pull.omega, Quantiles) else _CHANCE
        chance = min(0.5, share / math.sqrt(size * max(min(apart, 1.0), 1e-3)))
    path = f"{pull.name}.theta"
    return Prediction(
        f"Coherence of {pull.name}", value,
        latex=_LORENTZ if isinstance(_inside(pull.omega), Lorentzian) else _COHERENCE, source=_KURAMOTO,
        rtol=0.01, atol=chance, quantity="number", of=path, verdict=verdict,
        theory=partial(coherence, population=population), measure=coherence_of(path),
    )  # fmt: skip


def synchronous_frequency(
    network: Network, population: str | None = None, number: int | None = None, *, dt: float | None = None
) -> Prediction:
    """The frequency at which identical oscillators run in step, through connections with one delay.

    Where several frequencies are stable, ``number`` chooses one, the slowest being 0; without it there is no value.
    The step plays no part.

    Example:
        >>> import nbkit as nb
        >>> from nbkit.study.ready.phases import synchronous_frequency
        >>> few = nb.Population(nb.models.kuramoto, 5, {"omega": 2.0, "K": 1.5})
        >>> both = [
        ...     nb.Projection(f"P.{part}_phase", f"P.{part}_in", weight=1.0, weight_is="total", delay=1.0, name=part)
        ...     for part in ("sin", "cos")
        ... ]
        >>> print(synchronous_frequency(nb.Network({"P": few}, both, time_unit="1")))
        Frequency of P in step: 0.1371
    """
    del dt
    pull = _pull(network, population)
    answers = [pull.verdict, pull.delayed, _identical(network, pull)]
    value, scale = None, _hertz(network, pull)
    if together(answers):
        stable = _stable(pull)
        told = ", ".join(f"{s.frequency * scale:.4g}" for s in stable)
        if not stable:
            answers.append(no("running in step is not stable at any frequency"))
        elif number is None and len(stable) > 1:
            answers.append(no(f"the start decides between {len(stable)} stable frequencies: {told}"))
        elif not 0 <= (number or 0) < len(stable):
            answers.append(no(f"there are {len(stable)} stable frequencies: {told}"))
        else:
            value = stable[number or 0].frequency * scale
            others = nearly(f"one of {len(stable)} stable frequencies, {told}; the start decides")
            answers += [others] if len(stable) > 1 else []
    path = f"{pull.name}.theta"
    return Prediction(
        f"Frequency of {pull.name} in step" + ("" if number is None else f", number {number + 1}"), value,
        unit="" if network.time_unit == "1" else "Hz", latex=_STEP, source=_DELAYED, rtol=0.01, quantity="frequency",
        of=path, verdict=together(answers),
        theory=partial(synchronous_frequency, population=population, number=number), measure=turning_of(path),
    )  # fmt: skip


# ------------------------------------------------------------ how they pull


def _oscillators(network: Network) -> list[str]:
    return [name for name, p in network.populations.items() if p.model == shipped.kuramoto]


def _pull(network: Network, population: str | None) -> _Pull:
    network.require()
    found = _oscillators(network)
    name = population or (found[0] if found else next(iter(network.populations)))
    refused = _refused(network, name)
    if refused:
        return _Pull(name, None, 0.0, 0.0, 0.0, no(*refused), Applies(), Applies())
    omega, first = network.value(f"{name}.omega"), projections_onto(network, name)[0]
    strength, weight = one_number(network.value(f"{name}.K")), total_weight(network, first)
    assert strength is not None, "it was looked at"
    assert weight is not None, "and so was this"
    drive = steady_drive(network, f"{name}.omega_ext", kicks=False)
    assert not isinstance(drive, str), "and this"
    pair = projections_onto(network, name)
    late = [sharp_delay(network, p) for p in pair]
    delayed = Applies() if late[0] is not None and late[0] == late[1] else no(
        f"derived for one sharp delay; "
        f"{' and '.join(f'{p.name} has {delays_told(network, p)}' for p in pair)}")  # fmt: skip
    own = one_number(omega)
    return _Pull(
        name, omega if own is None else own + drive, strength * weight, weight,
        (late[0] or 0.0) / own_time(network, network.populations[name]),
        Applies(), _mean_field(network, pair), delayed,
    )  # fmt: skip


def _refused(network: Network, name: str) -> list[str]:
    """Why units are no oscillators that pull at each other with one strength."""
    if name not in network.populations:
        return [f"there is no population {name}"]
    model = network.populations[name].model
    if model != shipped.kuramoto:
        return [f"derived for units of kuramoto; those of {name} are {model.name}"]
    pair = projections_onto(network, name)
    wanted = {(f"{name}.{part}_phase", f"{name}.{part}_in") for part in ("sin", "cos")}
    if len(pair) != 2 or {(p.source, p.target) for p in pair} != wanted:
        told = ", ".join(f"{p.source} to {p.target}" for p in pair) or "nothing"
        return [f"derived for sin_phase to sin_in and cos_phase to cos_in of one population; onto {name} comes {told}"]
    return [*_weights_refused(network, pair), *_drive_refused(network, name)]


def _weights_refused(network: Network, pair: list[Projection]) -> Iterator[str]:
    weights = [total_weight(network, p) for p in pair]
    if None in weights:
        yield f"derived for oscillators that receive equal weights; those of {pair[0].name} or {pair[1].name} differ"
    elif weights[0] != weights[1]:
        yield f"derived for equal weights of both; {pair[0].name} brings {weights[0]:g}, {pair[1].name} {weights[1]:g}"
    elif not weights[0]:
        yield "the oscillators are not coupled: all weights are 0"


def _drive_refused(network: Network, name: str) -> Iterator[str]:
    if one_number(network.value(f"{name}.K")) is None:
        yield f"derived for one coupling strength; {name}.K differs between units"
    drive = steady_drive(network, f"{name}.omega_ext", kicks=False)
    if isinstance(drive, str):
        yield f"derived for oscillators that are left alone; {drive}"


def _mean_field(network: Network, pair: list[Projection]) -> Applies:
    """Whether every oscillator feels the mean of all, at once."""
    answers = []
    late = [sharp_delay(network, p) for p in pair]
    if late != [0.0, 0.0]:
        told = " and ".join(dict.fromkeys(delays_told(network, p) for p in pair))
        answers.append(no(f"derived without delay; your network has {told}"))
    sparse = [p for p in pair if not isinstance(p.rule, AllToAll)]
    if sparse:
        told = f"{sparse[0].name} is {type(sparse[0].rule).__name__}"
        answers.append(no(f"derived for oscillators that all pull at each other; {told}"))
    return together(answers)


def _inside(omega: Any) -> Any:
    return omega.inside if isinstance(omega, Quantiles) else omega


def _law(pull: _Pull) -> Applies:
    """Whether the natural frequencies follow a law for which coherence is known."""
    if not pull.verdict:
        return Applies()
    if not isinstance(_inside(pull.omega), Lorentzian | Normal):
        told = shown(pull.omega) if isinstance(pull.omega, Law) else "given one by one"
        told = f"all {pull.omega:g}" if isinstance(pull.omega, float) else told
        return no(f"derived for frequencies that follow a Lorentzian or a normal law; those of {pull.name} are {told}")
    if pull.coupling < 0:
        return no(f"derived for oscillators that attract each other; their coupling is {pull.coupling:g}")
    return Applies()


def _finite(network: Network, pull: _Pull) -> Applies:
    if not pull.verdict:
        return Applies()
    size = network.populations[pull.name].count
    return nearly(f"exact for infinitely many oscillators; {pull.name} has {size:,}")


def _identical(network: Network, pull: _Pull) -> Applies:
    """Whether all oscillators of a population are alike, and begin alike."""
    if not pull.verdict:
        return Applies()
    if not isinstance(pull.omega, float):
        return no(f"derived for oscillators of one frequency; {pull.name}.omega differs between them")
    if network.populations[pull.name].count < 2:
        return no(f"derived for two oscillators or more; {pull.name} has 1")
    if abs(pull.coupling) * pull.delay > _MANY:
        return no(f"a delay of {in_time(network, pull.delay)} is too long beside a coupling of {pull.coupling:g}")
    if one_number(network.value(f"{pull.name}.theta.initial")) is None:
        return nearly("they begin at different phases, and may stay out of step")
    return Applies()


def _stable(pull: _Pull) -> list[Synchrony]:
    return [s for s in delayed_synchrony(pull.omega, pull.coupling, pull.delay) if s.stable]


def _hertz(network: Network, pull: _Pull) -> float:
    """Cycles in a second, or in a model unit, for one radian in the model's own time."""
    if pull.name not in network.populations:
        return 1.0
    return steps_per_unit(network.time_unit) / own_time(network, network.populations[pull.name]) / (2 * math.pi)


def offered(network: Network, dt: float | None) -> Iterator[Prediction]:
    """What this module says about the oscillators of a network."""
    for name in _oscillators(network):
        if one_number(network.value(f"{name}.omega")) is None:
            yield critical_coupling(network, name, dt=dt)
            yield coherence(network, name, dt=dt)
            continue
        pull = _pull(network, name)
        known = together([pull.verdict, pull.delayed, _identical(network, pull)])
        count = len(_stable(pull)) if known else 0
        for number in range(count) if count > 1 else (None,):
            yield synchronous_frequency(network, name, number, dt=dt)
