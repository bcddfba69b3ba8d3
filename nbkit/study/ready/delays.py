"""Owns what theory says about a population that inhibits itself after a delay. Must not know plots."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from nbkit.model import shipped
from nbkit.network.description import Projection
from nbkit.network.network import Network
from nbkit.network.rules import OneToOne
from nbkit.network.signals import Noise, OrnsteinUhlenbeck, Pulse, UniformNoise
from nbkit.study.delays import (
    delayed_feedback_growth,
    delayed_feedback_growth_euler,
    delayed_feedback_onset,
    delayed_feedback_onset_euler,
    delayed_feedback_period,
)
from nbkit.study.measuring import at_step, growth_of, levels_of, period_of
from nbkit.study.prediction import Applies, Prediction, together
from nbkit.study.wiring import (
    after_pulses,
    delays_told,
    in_time,
    keeps_step,
    nearly,
    no,
    one_number,
    projections_onto,
    sharp_delay,
    steady_drive,
    stimuli_onto,
    total_weight,
)

_HAYES = "Hayes (1950) J. Lond. Math. Soc. 25:226-232"
_JURY = "roots of the characteristic polynomial of Euler's rule with a buffer of past samples"
_GELB = "Gelb & Vander Velde (1968) Multiple-Input Describing Functions and Nonlinear System Design, McGraw-Hill"

_CRITICAL = r"d_c = \tau \, \frac{\arccos(-1/g)}{\sqrt{g^2 - 1}}"
_CRITICAL_AT_STEP = r"z^{k+1} - (1 - h) z^k + h g = 0, \quad |z| = 1"
_PERIOD = r"\omega d + \arctan(\omega \tau) = \pi, \quad T = 2\pi/\omega"
_REST = r"x = 0 \;\text{ while }\; d < d_c"
_GROWTH = r"\tau \lambda + 1 + g e^{-\lambda d} = 0"

_AT_ONSET = 0.02  # a delay this near to the critical one, as a share of it, is at the onset
_LONG = 500.0  # time constants; with a longer delay roots are not looked for


@dataclass(frozen=True)
class _Loop:
    """A population that feeds back on itself: gain g, delay and time constant; None where there is no such number."""

    path: str
    gain: float
    delay: float
    tau: float
    verdict: Applies
    delayed: Applies


def critical_delay(network: Network, population: str | None = None, *, dt: float | None = None) -> Prediction:
    """The shortest delay with which a population that inhibits itself oscillates; with ``dt`` at this step.

    Example:
        >>> import nbkit as nb
        >>> from nbkit.study.ready.delays import critical_delay
        >>> loop = nb.Projection("E.r", "E.u", weight=-2.0, delay=13.0)
        >>> net = nb.Network({"E": nb.Population(nb.models.leaky_integrator_tanh, 1)}, [loop])
        >>> print(critical_delay(net))
        Critical delay of E: 12.09 ms
        >>> print(critical_delay(net, dt=1.0))
        Critical delay of E at this step: 11 ms
    """
    name, loop = _loop(network, population)
    answers, value = [loop.verdict, _step_fits(network, loop, dt)], None
    if together(answers):
        onset = _onset(loop, dt)
        answers.append(Applies() if onset is not None else no(_calm(loop)))
        value = onset
    return Prediction(
        f"Critical delay of {name}{_at_step(dt)}", value, unit=_unit(network),
        latex=_CRITICAL if dt is None else _CRITICAL_AT_STEP, source=_HAYES if dt is None else _JURY,
        rtol=0.01, atol=0.0 if dt is None else dt / 2, of=loop.path, verdict=together(answers),
        theory=partial(critical_delay, population=population, dt=dt),
    )  # fmt: skip


def feedback_period(network: Network, population: str | None = None, *, dt: float | None = None) -> Prediction:
    """The period of the rhythm that delayed inhibition makes: exact at the onset, by one harmonic beyond it.

    Example:
        >>> import nbkit as nb
        >>> from nbkit.study.ready.delays import feedback_period
        >>> loop = nb.Projection("E.r", "E.u", weight=-2.0, delay=13.0)
        >>> print(feedback_period(nb.Network({"E": nb.Population(nb.models.leaky_integrator_tanh, 1)}, [loop])))
        Period of the rhythm of E: 38.52 ms
    """
    name, loop = _loop(network, population)
    answers, value = [loop.verdict, loop.delayed, _step_fits(network, loop, dt)], None
    if together(answers):
        critical = _onset(loop, dt)
        if critical is None:
            answers.append(no(f"no rhythm: {_calm(loop)}"))
        elif loop.delay < critical * (1 - 1e-9):
            answers.append(no(f"no rhythm: {_short(network, loop, critical)}"))
        else:
            value = delayed_feedback_period(loop.delay, loop.tau) if loop.delay else None
            answers.append(_beyond(network, loop, critical) if loop.delay else no("no rhythm without delay"))
    return Prediction(
        f"Period of the rhythm of {name}", value, unit=_unit(network), latex=_PERIOD, source=_GELB,
        rtol=0.04, quantity="period", of=loop.path, verdict=together(answers),
        theory=partial(feedback_period, population=population, dt=dt), measure=period_of(loop.path),
    )  # fmt: skip


def feedback_rest(network: Network, population: str | None = None, *, dt: float | None = None) -> Prediction:
    """The level 0 at which a population that inhibits itself rests, as long as its delay is below the critical one.

    Example:
        >>> import nbkit as nb
        >>> from nbkit.study.ready.delays import feedback_rest
        >>> loop = nb.Projection("E.r", "E.u", weight=-2.0, delay=13.0)
        >>> print(feedback_rest(nb.Network({"E": nb.Population(nb.models.leaky_integrator_tanh, 1)}, [loop])))
        Resting level of E: does not apply: it does not rest: a delay of 13 ms is not below the critical 12.09 ms
    """
    name, loop = _loop(network, population)
    answers = [loop.verdict, loop.delayed, _step_fits(network, loop, dt)]
    if together(answers):
        critical = _onset(loop, dt)
        if critical is not None and loop.delay >= critical * (1 - 1e-9):
            told = f"a delay of {in_time(network, loop.delay)} is not below the critical {in_time(network, critical)}"
            answers.append(no(f"it does not rest: {told}"))
    verdict = together(answers)
    return Prediction(
        f"Resting level of {name}{_at_step(dt)}", {loop.path: 0.0} if verdict else None, latex=_REST, source=_HAYES,
        atol=1e-3, quantity="level", of=loop.path, verdict=verdict,
        theory=partial(feedback_rest, population=population, dt=dt), measure=levels_of([loop.path]),
    )  # fmt: skip


def feedback_growth(network: Network, population: str | None = None, *, dt: float | None = None) -> Prediction:
    """How fast a small perturbation of a population that inhibits itself grows: negative where it rests.

    Example:
        >>> import nbkit as nb
        >>> from nbkit.study.ready.delays import feedback_growth
        >>> loop = nb.Projection("E.r", "E.u", weight=-2.0, delay=13.0)
        >>> print(feedback_growth(nb.Network({"E": nb.Population(nb.models.leaky_integrator_tanh, 1)}, [loop])))
        Growth rate of small perturbations of E: 0.002606 1/ms
    """
    name, loop = _loop(network, population)
    answers, value = [loop.verdict, loop.delayed, _step_fits(network, loop, dt)], None
    if together(answers) and loop.delay > _LONG * loop.tau:
        answers.append(no(f"the delay is longer than {_LONG:g} time constants"))
    if together(answers):
        numbers = (loop.gain, loop.delay)
        at_once = delayed_feedback_growth(*numbers, loop.tau) if dt is None else None
        value = (at_once or delayed_feedback_growth_euler(*numbers, dt or 0.0, loop.tau)).real
    return Prediction(
        f"Growth rate of small perturbations of {name}{_at_step(dt)}", value,
        unit="" if network.time_unit == "1" else f"1/{network.time_unit}", latex=_GROWTH,
        source=_HAYES if dt is None else _JURY, rtol=0.02, atol=(1e-3 if dt is None else 1e-5) / (loop.tau or 1.0),
        quantity="number", of=loop.path, verdict=together(answers),
        theory=partial(feedback_growth, population=population, dt=dt), measure=at_step(growth_of(loop.path), dt),
    )  # fmt: skip


# ------------------------------------------------------------ what is looped


def _loop(network: Network, population: str | None) -> tuple[str, _Loop]:
    network.require()
    found = _looped(network)
    name = population or (found[0] if found else next(iter(network.populations)))
    if name not in network.populations:
        return name, _Loop("", 0.0, 0.0, 0.0, no(f"there is no population {name}"), Applies())
    path = f"{name}.x"
    arriving = projections_onto(network, name)
    refused = _refused(network, name, arriving)
    if refused:
        return name, _Loop(path, 0.0, 0.0, 0.0, no(*refused), Applies())
    (loop,) = arriving
    weight, tau, delay = (
        total_weight(network, loop),
        one_number(network.value(f"{name}.tau")),
        sharp_delay(network, loop),
    )
    assert weight is not None, "it was looked at"
    assert tau is not None, "and so was this"
    delayed = Applies() if delay is not None else no(
        f"derived for one sharp delay; {loop.name} has {delays_told(network, loop)}")  # fmt: skip
    return name, _Loop(
        path, -weight, delay or 0.0, tau, together([_noise(network, name), after_pulses(network, name)]), delayed
    )


def _looped(network: Network) -> list[str]:
    """Populations of the model that feed back on themselves with weights that are numbers."""
    return [
        name
        for name, p in network.populations.items()
        if p.model == shipped.leaky_integrator_tanh
        and any(q.source == f"{name}.r" and one_number(q.weight) is not None for q in projections_onto(network, name))
    ]


def _refused(network: Network, name: str, arriving: list[Projection]) -> list[str]:
    """Why a population is no loop of equal units around zero."""
    model = network.populations[name].model
    if model != shipped.leaky_integrator_tanh:
        return [f"derived for leaky_integrator_tanh; units of {name} are {model.name}"]
    if len(arriving) != 1 or arriving[0].source != f"{name}.r":
        told = ", ".join(p.name for p in arriving) or "nothing"
        return [f"derived for a population that receives its own r alone; onto {name} comes {told}"]
    (loop,) = arriving
    reasons = []
    weight = total_weight(network, loop)
    if weight is None or not (keeps_step(network, loop) or isinstance(loop.rule, OneToOne)):
        reasons.append(f"derived for units that all receive the same; {loop.name} gives them different sums")
    elif weight >= 0:
        reasons.append(f"derived for negative feedback; the weight of {loop.name} is {weight:g} in all")
    if one_number(network.value(f"{name}.tau")) is None:
        reasons.append(f"derived for equal units; {name}.tau differs between them")
    drive = steady_drive(network, f"{name}.u") if not _random(network, name) else 0.0
    if isinstance(drive, str):
        reasons.append(f"derived for a loop that is left alone; {drive}")
    elif drive:
        reasons.append(f"derived around a rest at 0; a drive of {drive:g} moves it")
    return reasons


def _random(network: Network, name: str) -> bool:
    """Whether all that stimuli bring, besides pulses that end, is noise around 0."""
    signals = [s.signal for s in stimuli_onto(network, name) if not isinstance(s.signal, Pulse)]
    means = [_mean(s) for s in signals]
    return bool(means) and all(mean == 0 for mean in means)


def _mean(signal: object) -> float | None:
    if isinstance(signal, Noise | OrnsteinUhlenbeck):
        return float(signal.mean)
    return (signal.low + signal.high) / 2 if isinstance(signal, UniformNoise) else None


def _noise(network: Network, name: str) -> Applies:
    if not _random(network, name):
        return Applies()
    return nearly(f"derived without noise; there is some in {', '.join(s.name for s in stimuli_onto(network, name))}")


# ------------------------------------------------------------ words and numbers


def _onset(loop: _Loop, dt: float | None) -> float | None:
    onset = (
        delayed_feedback_onset(loop.gain, loop.tau)
        if dt is None
        else delayed_feedback_onset_euler(loop.gain, dt, loop.tau)
    )
    return None if onset is None else onset.delay


def _step_fits(network: Network, loop: _Loop, dt: float | None) -> Applies:
    if dt is None or not loop.verdict:
        return Applies()
    if dt >= loop.tau:
        return no(f"derived for steps below tau; {in_time(network, dt)} is not below {in_time(network, loop.tau)}")
    if loop.delayed and abs(loop.delay / dt - round(loop.delay / dt)) > 1e-6:
        return no(f"a delay of {in_time(network, loop.delay)} is no whole number of steps of {in_time(network, dt)}")
    return Applies()


def _calm(loop: _Loop) -> str:
    return f"with a gain of {loop.gain:g}, not above 1, rest is stable with any delay"


def _short(network: Network, loop: _Loop, critical: float) -> str:
    delay, least = in_time(network, loop.delay), in_time(network, critical)
    return f"rest is stable with a delay of {delay}, below the critical {least}"


def _beyond(network: Network, loop: _Loop, critical: float) -> Applies:
    if loop.delay <= (1 + _AT_ONSET) * critical:
        return Applies()
    past = f"a delay of {in_time(network, loop.delay)} is beyond the critical {in_time(network, critical)}"
    return nearly(f"exact at the onset, by one harmonic beyond it; {past}")


def _unit(network: Network) -> str:
    return "" if network.time_unit == "1" else network.time_unit


def _at_step(dt: float | None) -> str:
    return "" if dt is None else " at this step"


def offered(network: Network, dt: float | None) -> Iterator[Prediction]:
    """What this module says about populations that feed their own activity back to themselves."""
    for name in _looped(network):
        yield critical_delay(network, name)
        if dt is not None:
            yield critical_delay(network, name, dt=dt)
        yield feedback_rest(network, name, dt=dt)
        yield feedback_period(network, name, dt=dt)
        yield feedback_growth(network, name, dt=dt)
