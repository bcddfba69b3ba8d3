"""Owns what theory says about one leaky unit: where it goes, what Euler's steps make of it. Must not know spikes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from nbkit.model.shipped.rate import (
    leaky_integrator,
    leaky_integrator_sigmoid,
    leaky_integrator_tanh,
    leaky_integrator_threshold_linear,
)
from nbkit.network.network import Network
from nbkit.study.conditions import one_value
from nbkit.study.leak import leak_manner, leak_value, leak_variance
from nbkit.study.prediction import Applies, Prediction, together
from nbkit.study.ready.drive import Drive, alone, attempt, drive_onto, of_models, require
from nbkit.study.ready.readings import first_factor, value_at, variance
from nbkit.study.wiring import in_time, no

#: models with the equation tau dx/dt = -x + u, whatever they pass on
_LEAKS = (
    leaky_integrator,
    leaky_integrator_sigmoid,
    leaky_integrator_tanh,
    leaky_integrator_threshold_linear,
)
_METHOD = "euler"
_SETTLED = 10.0  # time constants after which nothing is left of the start
_EXACT = 1e-6  # what rounding in single precision may change
_NEAR = 0.02  # of the whole way: what a good step may miss in continuous time


def leaky_value_of(network: Network, population: str, time: float, *, dt: float | None = None) -> Prediction:
    """Predict where leaky units with a constant drive are after a time.

    Args:
        network: any network.
        population: the name of one.
        time: in the network's time; with ``dt`` a whole number of steps.
        dt: step of the run, for exactly what Euler's rule does; None for continuous time.

    Raises:
        NbkitError: ``bad-type`` for what is no network, ``bad-value`` for what is no step; what `Network.check` finds.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"N": nb.Population(nb.models.leaky_integrator, 1, initial={"x": 1.0})})
        >>> leak = nb.study.ready.steps.leaky_value_of(net, "N", 10.0, dt=1.0)
        >>> print(leak, leak.check(nb.simulate(net, 20.0, 1.0)).holds)
        N.x after 10 ms at this step: 0.3487 True
    """
    require(network, dt)
    drive, verdict = _still(network, population)
    value, scale, path = None, 0.0, f"{population}.x"
    if verdict:
        tau, start = float(network.value(f"{population}.tau")), float(network.value(f"{path}.initial"))
        scale = abs(start - drive.mean)
        value, verdict = attempt(lambda: leak_value(time, tau=tau, start=start, goal=drive.mean, dt=dt))
    decay = r"e^{-t/\tau}" if dt is None else r"\left(1 - \frac{dt}{\tau}\right)^{t/dt}"
    return Prediction(
        f"{path} after {in_time(network, time)}{_at_step(dt)}",
        value,
        latex=rf"x(t) = u + (x_0 - u)\,{decay}",
        source="the closed form of a leak" if dt is None else "the closed form of Euler's rule for a leak",
        rtol=_EXACT,
        atol=(_NEAR if dt is None else _EXACT) * scale,
        quantity="level",
        of=path,
        verdict=verdict,
        theory=partial(leaky_value_of, population=population, time=time, dt=dt),
        measure=partial(value_at, path=path, time=time, dt=dt, method=_METHOD),
    )


def leaky_step_of(network: Network, population: str, *, dt: float | None = None) -> Prediction:
    """Predict what one step of Euler's rule leaves of the way of leaky units to their goal.

    The name tells what comes of it: it falls evenly up to a step of tau, rings up to 2 tau and blows up beyond.

    Args:
        network: any network.
        population: the name of one.
        dt: step of the run.

    Raises:
        NbkitError: as `leaky_value_of`.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"N": nb.Population(nb.models.leaky_integrator, 1, initial={"x": 1.0})})
        >>> print(nb.study.ready.steps.leaky_step_of(net, "N", dt=15.0))
        Share of the way of N that a step leaves (rings: every step goes beyond the goal): -0.5
    """
    require(network, dt)
    drive, verdict = _still(network, population)
    value, manner = None, ""
    if dt is None:
        verdict = together([verdict, no("a step is what a run makes; give dt=")])
    if verdict and dt is not None:
        tau = float(network.value(f"{population}.tau"))
        value, manner = 1.0 - dt / tau, f" ({leak_manner(dt, tau)})"
        if network.value(f"{population}.x.initial") == drive.mean:
            value, verdict = None, no(f"{population} begins at its goal, {drive.mean:g}: there is no way to go")
    return Prediction(
        f"Share of the way of {population} that a step leaves{manner}",
        value,
        latex=r"\frac{x_{n+1} - u}{x_n - u} = 1 - \frac{dt}{\tau}",
        source="the closed form of Euler's rule for a leak",
        rtol=_EXACT,
        atol=_EXACT,
        of=f"{population}.x",
        verdict=verdict,
        theory=partial(leaky_step_of, population=population, dt=dt),
        measure=partial(first_factor, path=f"{population}.x", goal=drive.mean, dt=dt or 0.0, method=_METHOD),
    )


def leaky_variance_of(network: Network, population: str, *, dt: float | None = None) -> Prediction:
    """Predict the variance at which leaky units driven by white noise settle.

    Args:
        network: any network.
        population: the name of one, driven by `Noise`.
        dt: step of the run, for what Euler's rule makes of it; None for continuous time.

    Raises:
        NbkitError: as `leaky_value_of`.

    Example:
        >>> import nbkit as nb
        >>> noise = nb.Stimulus("N.u", nb.Noise(intensity=10**0.5))
        >>> net = nb.Network({"N": nb.Population(nb.models.leaky_integrator, 100)}, stimuli=[noise])
        >>> [round(nb.study.ready.steps.leaky_variance_of(net, "N", dt=dt).value, 5) for dt in (None, 1.0)]
        [0.5, 0.52632]
    """
    require(network, dt)
    drive, verdict = _read(network, population)
    value, since, path = None, 0.0, f"{population}.x"
    if verdict and drive.intensity == 0:
        verdict = no(f"derived for units driven by white noise; none reaches {population}")
    if verdict:
        tau = float(network.value(f"{population}.tau"))
        since = drive.begins + _SETTLED * tau
        value, verdict = attempt(lambda: leak_variance(drive.intensity, tau=tau, dt=dt))
    loss = r"2\,\tau" if dt is None else r"2\,\tau - dt"
    return Prediction(
        f"Variance of {path}{_at_step(dt)}",
        value,
        latex=rf"\langle \delta x^2 \rangle = \frac{{\sigma^2}}{{{loss}}}",
        source="Uhlenbeck & Ornstein (1930) Phys. Rev. 36:823-841"
        + ("" if dt is None else "; stepped, a first-order autoregression"),
        rtol=0.03,
        of=path,
        verdict=verdict,
        theory=partial(leaky_variance_of, population=population, dt=dt),
        measure=partial(variance, path=path, since=since, dt=dt, method=_METHOD),
    )


def offered(network: Network, dt: float | None) -> Iterator[Prediction]:
    """What this module says about a network: leaky units that nothing but a drive reaches."""
    for name in network.populations:
        drive, verdict = _read(network, name)
        if not of_models(network, name, _LEAKS) or not alone(network, name):
            continue
        steps = (None,) if dt is None else (None, dt)
        if verdict and drive.intensity:
            yield from (leaky_variance_of(network, name, dt=step) for step in steps)
            continue
        time = _one_time_constant(network, name, dt)
        yield from (leaky_value_of(network, name, time, dt=step) for step in steps)
        if dt is not None:
            yield leaky_step_of(network, name, dt=dt)


def _one_time_constant(network: Network, population: str, dt: float | None) -> float:
    """A time constant as a whole number of steps; 1 where units have different ones, of which nothing is told."""
    held = network.value(f"{population}.tau")
    tau = float(held) if isinstance(held, float | int) else 1.0
    return tau if dt is None else max(1, round(tau / dt)) * dt


def _read(network: Network, population: str) -> tuple[Drive, Applies]:
    """What drives leaky units, and whether the theory knows it."""
    known = of_models(network, population, _LEAKS)
    if not known:
        return Drive(0.0, 0.0, 0.0, known), known
    drive = drive_onto(network, population, "u")
    return drive, together([one_value(network, population, "tau"), alone(network, population), drive.verdict])


def _still(network: Network, population: str) -> tuple[Drive, Applies]:
    """The same, for units that begin at one value and are driven by a constant from the beginning."""
    drive, verdict = _read(network, population)
    answers = [verdict]
    if verdict and drive.intensity:
        answers.append(no(f"derived without noise; the noise onto {population} has the intensity {drive.intensity:g}"))
    if verdict and drive.begins > 0:
        begins = in_time(network, drive.begins)
        answers.append(
            no(f"derived for a drive that is there from the beginning; that of {population} begins at {begins}")
        )
    if verdict and not isinstance(network.value(f"{population}.x.initial"), float | int):
        answers.append(no(f"derived for equal units; {population}.x.initial differs between them"))
    return drive, together(answers)


def _at_step(dt: float | None) -> str:
    return "" if dt is None else " at this step"
