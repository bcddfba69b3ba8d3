"""Owns what theory says about leaky integrate-and-fire neurons on their own: their rate. Must not know circuits."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from nbkit.model.model import Model
from nbkit.model.shipped.integrate_and_fire import iaf_psc_alpha, iaf_psc_delta, iaf_psc_exp
from nbkit.model.shipped.spiking import lif
from nbkit.network.network import Network
from nbkit.network.signals import Poisson
from nbkit.network.time import parameter_factor, steps_per_unit
from nbkit.study.conditions import one_value
from nbkit.study.prediction import Applies, Prediction, together
from nbkit.study.rates import lif_rate, lif_rate_euler, siegert_rate
from nbkit.study.ready.drive import alone, attempt, drive_onto, of_models, require, stimuli_onto
from nbkit.study.ready.readings import mean_rate, regular_rate
from nbkit.study.stepped_rates import equivalent, lif_rate_exact, siegert_rate_stepped, threshold_shift
from nbkit.study.wiring import in_time, no

_FAINT = 0.05  # Hz, or per model unit: below it runs are too short to count
_PER_SECOND = 1000.0  # what formulas in ms give for one interval of 1


@dataclass(frozen=True)
class _Terms:
    """How a model calls what the theory needs; ``current`` and ``capacity`` where its drive is a current in pA."""

    model: Model
    drive: str
    tau: str
    rest: str
    v_th: str = "V_th"
    v_reset: str = "V_reset"
    current: str = ""
    capacity: str = ""

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters that must be the same for all units."""
        named = (self.tau, self.rest, self.v_th, self.v_reset, "t_ref", self.current, self.capacity)
        return tuple(key for key in named if key)

    @property
    def currents(self) -> tuple[str, ...]:
        """The states beside the potential, which must be at rest."""
        return tuple(key for key in self.model.states if key not in ("v", "V_m"))


_TERMS = (
    _Terms(lif, "I_ext", "tau", "v_rest", "v_th", "v_reset"),
    *(
        _Terms(model, "I_stim", "tau_m", "E_L", current="I_e", capacity="C_m")
        for model in (iaf_psc_delta, iaf_psc_exp, iaf_psc_alpha)
    ),
)
_MODELS = tuple(terms.model for terms in _TERMS)


@dataclass(frozen=True)
class _Neuron:
    """A neuron in mV and in the network's time."""

    mu: float = 0.0
    sigma: float = 0.0
    tau_m: float = 1.0
    t_ref: float = 0.0
    v_th: float = 1.0
    v_reset: float = 0.0
    begins: float = 0.0
    hertz: float = _PER_SECOND
    method: str = "euler"

    @property
    def membrane(self) -> dict[str, float]:
        """The keywords that the formulas share."""
        return {key: getattr(self, key) for key in ("tau_m", "t_ref", "v_th", "v_reset")}

    def counted(self, rate: float) -> float:
        """A rate that a formula gives for times in ms, where times are the network's."""
        return float(rate) * self.hertz / _PER_SECOND


def lif_rate_of(network: Network, population: str, *, dt: float | None = None) -> Prediction:
    """Predict the rate of leaky integrate-and-fire neurons that a constant current drives.

    Args:
        network: any network.
        population: the name of one, of units of `lif`, `iaf_psc_delta`, `iaf_psc_exp` or `iaf_psc_alpha`.
        dt: step of the run, for exactly what the model's own way of stepping does; None for continuous time.

    Raises:
        NbkitError: ``bad-type`` for what is no network, ``bad-value`` for what is no step; what `Network.check` finds.

    Example:
        >>> import nbkit as nb
        >>> neuron = nb.Population(nb.models.lif, 1)
        >>> net = nb.Network({"N": neuron}, stimuli=[nb.Stimulus("N.I_ext", nb.Step(25.0))])
        >>> rate = nb.study.ready.neurons.lif_rate_of(net, "N", dt=0.1)
        >>> print(rate, rate.check(nb.simulate(net, 500.0, 0.1)).holds)
        Rate of N at this step: 41.67 Hz True
    """
    require(network, dt)
    neuron, verdict = _read(network, population)
    value, rtol = None, 0.02
    if verdict and neuron.sigma > 0:
        verdict = no(f"derived without noise; {population} is driven by noise")
    if verdict and dt is None:
        value, verdict = attempt(lambda: neuron.counted(lif_rate(neuron.mu, **neuron.membrane)))
    elif verdict and dt is not None:
        value, verdict = _counted_steps(network, population, neuron, dt)
        rtol = 1e-9 if verdict.answer == "yes" else 2 * dt * (value or 0.0) / neuron.hertz
    return Prediction(
        f"Rate of {population}{'' if dt is None else ' at this step'}",
        value,
        unit=_unit(network),
        latex=_REGULAR["continuous" if dt is None else neuron.method],
        source="Lapicque (1907) J. Physiol. Pathol. Gen. 9:620-635"
        + ("" if dt is None else "; steps counted one by one"),
        rtol=rtol,
        quantity="rate",
        of=population,
        verdict=verdict,
        theory=partial(lif_rate_of, population=population, dt=dt),
        measure=partial(
            regular_rate,
            population=population,
            since=neuron.begins,
            shortest=10 * (neuron.tau_m + neuron.t_ref),
            dt=dt,
            method=neuron.method,
        ),
    )


def siegert_rate_of(network: Network, population: str, *, dt: float | None = None) -> Prediction:
    """Predict the rate of leaky integrate-and-fire neurons that white noise drives.

    In continuous time every crossing of the threshold counts. Steps miss those between them, so that a run fires
    less: at 0.1 ms by some 5 %. With ``dt`` the prediction is for the steps.

    Args:
        network: any network.
        population: the name of one, of units of `lif`, `iaf_psc_delta`, `iaf_psc_exp` or `iaf_psc_alpha`.
        dt: step of the run; None for continuous time.

    Raises:
        NbkitError: as `lif_rate_of`.

    Example:
        >>> import nbkit as nb
        >>> noise = nb.Stimulus("N.I_ext", nb.Noise(5.0 * 20.0**0.5, mean=15.0))
        >>> net = nb.Network({"N": nb.Population(nb.models.lif, 100)}, stimuli=[noise])
        >>> [round(nb.study.ready.neurons.siegert_rate_of(net, "N", dt=dt).value, 2) for dt in (None, 0.1)]
        [9.46, 8.86]
    """
    require(network, dt)
    neuron, verdict = _read(network, population)
    value = None
    if verdict and neuron.sigma == 0:
        verdict = no(f"derived for neurons driven by white noise; none reaches {population}")
    if verdict and dt is not None:
        verdict = _short_enough(network, population, neuron, dt)
    if verdict:
        value, refused = attempt(lambda: neuron.counted(_noisy_rate(neuron, dt)))
        verdict = together([verdict, refused, Applies() if dt is not None else _MISSED])
    return Prediction(
        f"Rate of {population}{'' if dt is None else ' at this step'}",
        value,
        unit=_unit(network),
        latex=_NOISY["continuous" if dt is None else "stepped"],
        source="Siegert (1951) Phys. Rev. 81:617-623"
        + ("" if dt is None else "; at steps Broadie, Glasserman & Kou (1997) Math. Finance 7:325-349"),
        rtol=0.1 if dt is None else 0.03,
        atol=_FAINT,
        quantity="rate",
        of=population,
        verdict=verdict,
        theory=partial(siegert_rate_of, population=population, dt=dt),
        measure=partial(
            mean_rate,
            population=population,
            since=neuron.begins + 5 * (neuron.tau_m + neuron.t_ref),
            dt=dt,
            method=neuron.method,
        ),
    )


def offered(network: Network, dt: float | None) -> Iterator[Prediction]:
    """What this module says about a network: neurons that neither others nor spikes from outside reach."""
    for name in network.populations:
        if not of_models(network, name, _MODELS) or not alone(network, name) or _spikes_reach(network, name):
            continue
        neuron, verdict = _read(network, name)
        theory: Callable[..., Prediction] = siegert_rate_of if verdict and neuron.sigma else lif_rate_of
        yield from (theory(network, name, dt=step) for step in ((None,) if dt is None else (None, dt)))


def _spikes_reach(network: Network, population: str) -> bool:
    return any(isinstance(stimulus.signal, Poisson) for stimulus in stimuli_onto(network, population))


def _read(network: Network, population: str) -> tuple[_Neuron, Applies]:
    """A population's neuron and its drive, and whether the theory knows them."""
    known = of_models(network, population, _MODELS)
    if not known:
        return _Neuron(), known
    model = network.populations[population].model
    terms = next(terms for terms in _TERMS if terms.model == model)
    drive = drive_onto(network, population, terms.drive)
    equal = one_value(network, population, *terms.parameters)
    verdict = together([equal, _at_rest(network, population, terms), alone(network, population), drive.verdict])
    if not verdict:
        return _Neuron(method=model.method), verdict
    held = {key: float(network.value(f"{population}.{key}")) for key in terms.parameters}
    tau, resistance = held[terms.tau], 1.0
    if terms.capacity:
        resistance = tau * parameter_factor("ms", model.time_unit, network.time_unit) / held[terms.capacity]
    neuron = _Neuron(
        mu=held[terms.rest] + resistance * (drive.mean + held.get(terms.current, 0.0)),
        sigma=resistance * drive.intensity / math.sqrt(tau),
        tau_m=tau,
        t_ref=held["t_ref"],
        v_th=held[terms.v_th],
        v_reset=held[terms.v_reset],
        begins=drive.begins,
        hertz=steps_per_unit(network.time_unit),
        method=model.method,
    )
    if neuron.v_reset >= neuron.v_th:
        what = f"the reset {neuron.v_reset:g} mV of {population} is not below the threshold {neuron.v_th:g} mV"
        return neuron, no(f"derived for a reset below the threshold; {what}")
    return neuron, verdict


def _at_rest(network: Network, population: str, terms: _Terms) -> Applies:
    begun = [f"{population}.{key}" for key in terms.currents if network.value(f"{population}.{key}.initial") != 0]
    return no(f"derived without synaptic currents; {', '.join(begun)} does not begin at 0") if begun else Applies()


def _counted_steps(network: Network, population: str, neuron: _Neuron, dt: float) -> tuple[float | None, Applies]:
    """The rate at which steps reach the threshold, and whether rounding may decide about one of them."""
    refractory = neuron.t_ref / dt
    if abs(refractory - round(refractory)) > 1e-9 * max(1.0, refractory):
        told = f"{in_time(network, neuron.t_ref)} of {population} is {refractory:.6g} steps"
        return None, no(f"derived for a refractory time of whole steps; {told}")
    if neuron.method == "euler" and dt >= neuron.tau_m:
        steps = f"{in_time(network, dt)}, that of {population} is {in_time(network, neuron.tau_m)}"
        return None, no(f"derived for steps shorter than the membrane time constant; yours are {steps}")
    formula = {"euler": lif_rate_euler, "exact": lif_rate_exact}[neuron.method]
    value, verdict = attempt(lambda: neuron.counted(formula(neuron.mu, dt, **neuron.membrane)))
    if neuron.mu <= neuron.v_th:
        return value, verdict
    left = -math.log1p(-dt / neuron.tau_m) if neuron.method == "euler" else dt / neuron.tau_m
    steps_needed = math.log1p((neuron.v_th - neuron.v_reset) / (neuron.mu - neuron.v_th)) / left
    if verdict and abs(steps_needed - round(steps_needed)) < 1e-9 * max(1.0, steps_needed):
        told = f"step {round(steps_needed)} ends exactly at the threshold: rounding decides about one step"
        return value, Applies("approximately", (told,))
    return value, verdict


def _short_enough(network: Network, population: str, neuron: _Neuron, dt: float) -> Applies:
    """Whether crossings that steps miss are a small correction."""
    ratio, way = dt / neuron.tau_m, neuron.v_th - neuron.v_reset
    if ratio > 0.1:
        told = f"yours is {in_time(network, dt)}, that of {population} {in_time(network, neuron.tau_m)}"
        return no(f"derived for a step below a tenth of the membrane time constant; {told}")
    tau, noise = equivalent(neuron.sigma, dt, neuron.tau_m, neuron.method)
    shift = threshold_shift(neuron.mu, noise, dt, tau, neuron.v_th)
    if shift > 0.15 * way:
        told = f"steps of {in_time(network, dt)} miss crossings up to {shift:.3g} mV"
        return no(f"derived for steps that miss little; {told}, with {way:g} mV from reset to threshold")
    return Applies()


def _noisy_rate(neuron: _Neuron, dt: float | None) -> float:
    if dt is None:
        return float(siegert_rate(neuron.mu, neuron.sigma, **neuron.membrane))
    return siegert_rate_stepped(neuron.mu, neuron.sigma, dt, method=neuron.method, **neuron.membrane)


def _unit(network: Network) -> str:
    return "" if network.time_unit == "1" else "Hz"


_MISSED = Applies("approximately", ("for infinitely short steps: a run misses crossings between its steps; give dt=",))

_REGULAR = {
    "continuous": r"f = \left[t_\mathrm{ref} + \tau \ln\frac{\mu - V_r}{\mu - \theta}\right]^{-1}",
    "euler": r"f = \left[t_\mathrm{ref} + n\,dt\right]^{-1}, \quad "
    r"n = \left\lceil \ln\frac{\mu - \theta}{\mu - V_r} \Big/ \ln\left(1 - \frac{dt}{\tau}\right) \right\rceil",
    "exact": r"f = \left[t_\mathrm{ref} + n\,dt\right]^{-1}, \quad "
    r"n = \left\lceil \frac{\tau}{dt} \ln\frac{\mu - V_r}{\mu - \theta} \right\rceil",
}
_SIEGERT = (
    r"r = \left[t_\mathrm{ref} + \tau \sqrt{\pi} \int_{(V_r - \mu)/\sigma}^{(\theta - \mu)/\sigma} "
    r"e^{x^2} (1 + \mathrm{erf}\,x)\,dx \right]^{-1}"
)
_NOISY = {
    "continuous": _SIEGERT,
    "stepped": _SIEGERT
    + r", \quad \theta \rightarrow \theta + 0.5826\,\sigma \sqrt{\frac{dt}{\tau}} + \frac{dt}{4 \tau} [\mu - \theta]_+",
}
