"""Owns self-consistent rates: each neuron driven by the noise of the others. Must not know how networks run.

A population's input has the mean ``mu`` and the strength ``sigma`` that the rates of all sources give it, as if their
spikes were independent Poisson trains; its rate follows from `siegert_rate`. Rates that give themselves are looked for.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nbkit.errors import NbkitError, Problem, did_you_mean, fail, shown
from nbkit.model.numbers import is_finite_number
from nbkit.network.check_projections import ends_of
from nbkit.network.description import SPIKE, Population, Projection, split_path
from nbkit.network.laws import Law, Lorentzian, Truncated
from nbkit.network.network import Network
from nbkit.network.signals import Poisson
from nbkit.study.numbers import gauss_rule, require
from nbkit.study.rates import siegert_rate

Array = npt.NDArray[np.float64]
Response = Callable[[Array], Array]

_PER_MS = 1e-3  # Hz in spikes per ms

#: model -> event state -> the synaptic time constant; none for spikes that move the potential themselves
MODELS: dict[str, dict[str, str]] = {
    "iaf_psc_delta": {"V_m": ""},
    "iaf_psc_exp": {"I_ex": "tau_syn_ex", "I_in": "tau_syn_in"},
}

_TRIES = 5_000  # rates that are looked at before the search is given up
_NODES = 100  # places at which a law is looked at for its mean and its mean square


@dataclass(frozen=True)
class _Neuron:
    """A population's units: mean and squared noise from outside, mV, and the numbers that `siegert_rate` takes."""

    rest: float
    noise: float
    response: tuple[tuple[str, float], ...]


def self_consistent_rates(network: Network, start: Mapping[str, float] | None = None) -> dict[str, float]:
    """Predict the rate of every population of a network of leaky integrate-and-fire neurons.

    Spikes of all neurons are taken for independent Poisson trains, and delays play no part: the prediction is for
    networks that fire irregularly and asynchronously. Weights enter with their mean and their mean square,
    connections with the mean in-degree. Of several states the one that is reached from ``start`` is told.

    Args:
        network: populations of `iaf_psc_delta` or `iaf_psc_exp`, spikes between them, Poisson spikes from outside.
        start: population -> rate in Hz from which the search begins; 0 for those that are left out.

    Returns:
        Population -> rate in Hz.

    Raises:
        NbkitError: what `Network.check` finds; ``bad-type`` for parts that the theory does not know, ``bad-value``
            for parameters that are not one number for all units.

    Source:
        Amit & Brunel (1997) Cereb. Cortex 7:237-252; Brunel (2000) J. Comput. Neurosci. 8:183-208.

    Example:
        >>> import nbkit as nb
        >>> rates = nb.study.self_consistent_rates(nb.networks.microcircuit(scale=1.0))
        >>> round(rates["L4E"], 2)
        4.44
    """
    if not isinstance(network, Network):
        raise fail("bad-type", "network", f"{shown(network)} is no network", "such as nb.networks.brunel()")
    start = {} if start is None else start
    if not isinstance(start, Mapping):
        raise fail("bad-type", "start", f"{shown(start)} tells no rates", 'such as {"E": 5.0}')
    network.require()
    names = list(network.populations)
    wrong = [*_network_problems(network), *_start_problems(network, start)]
    if wrong:
        raise NbkitError(wrong)
    mean, noise = couplings(network)
    neurons = [neuron_of(network, name) for name in names]
    rest, outside = (np.array([getattr(n, key) for n in neurons]) for key in ("rest", "noise"))

    kinds = {n.response: np.array([m.response == n.response for m in neurons]) for n in neurons}

    def response(rates: Array) -> Array:
        mu, sigma, made = rest + mean @ rates, np.sqrt(outside + noise @ rates), np.empty_like(rates)
        for numbers, here in kinds.items():
            made[here] = siegert_rate(mu[here], sigma[here], **dict(numbers))
        return made

    rates = settle(response, np.array([float(start.get(name, 0.0)) for name in names]))
    return dict(zip(names, rates.tolist(), strict=True))


def brunel_rate(
    g: float,
    eta: float,
    *,
    contacts: float = 1000.0,
    psp: float = 0.1,
    inhibitory_share: float = 0.25,
    tau_m: float = 20.0,
    t_ref: float = 2.0,
    v_th: float = 20.0,
    v_reset: float = 10.0,
) -> float:
    """Predict the rate of all neurons in the sparse random network of Brunel.

    Args:
        g: inhibitory over excitatory weight.
        eta: drive over the drive ``v_th/(psp contacts tau_m)`` that reaches the threshold in the mean.
        contacts: excitatory inputs of a neuron from the network, and as many from outside.
        psp: potential of an excitatory spike, mV.
        inhibitory_share: inhibitory over excitatory inputs.
        tau_m: membrane time constant, ms.
        t_ref: refractory time, ms.
        v_th: threshold above rest, mV.
        v_reset: reset potential above rest, mV.

    Returns:
        Hz; of several states the one that is reached from silence.

    Raises:
        NbkitError: ``bad-value`` for numbers that make no network.

    Source:
        Brunel (2000) J. Comput. Neurosci. 8:183-208.

    Example:
        >>> import nbkit as nb
        >>> round(nb.study.brunel_rate(5.0, 2.0), 2)
        37.95
    """
    held = {"g": g, "eta": eta, "contacts": contacts, "psp": psp, "inhibitory_share": inhibitory_share}
    held |= {"tau_m": tau_m, "v_th": v_th}
    require("brunel_rate", held, positive=("contacts", "psp", "tau_m", "v_th"))
    per_rate = float(psp) * contacts * tau_m
    outside = eta * float(v_th) / per_rate if per_rate else math.inf
    squares = 1 + inhibitory_share * float(g) * g
    if not all(map(math.isfinite, (per_rate, outside, squares, psp * per_rate * outside))):
        raise fail("bad-value", "brunel_rate", "numbers so far apart make no network", "values nearer to the defaults")

    def response(rates: Array) -> Array:
        inside = rates * _PER_MS
        mu = per_rate * (outside + inside * (1 - inhibitory_share * g))
        variance = psp * per_rate * (outside + inside * squares)
        rate = siegert_rate(mu, np.sqrt(variance), tau_m=tau_m, t_ref=t_ref, v_th=v_th, v_reset=v_reset)
        return np.asarray(rate, dtype=np.float64)

    return float(settle(response, np.zeros(1))[0])


def settle(response: Response, start: Array) -> Array:
    """Follow ``dr/ds = response(r) - r`` from a start to where it rests, then polish the root.

    Raises:
        NbkitError: ``not-finite`` where it does not come to rest.
    """
    from scipy.integrate import solve_ivp  # noqa: PLC0415  the layer of formulas is loaded without SciPy
    from scipy.optimize import root  # noqa: PLC0415

    tries = itertools.count()

    def change(rates: Array) -> Array:
        if next(tries) >= _TRIES:
            raise fail("not-finite", "self-consistent rates", "the search does not come to rest", "another start")
        return response(np.maximum(rates, 0.0)) - rates

    way = solve_ivp(lambda _, rates: change(rates), (0.0, 200.0), start, method="LSODA", rtol=1e-5, atol=1e-5)
    found = root(change, way.y[:, -1], tol=1e-13)
    near = np.abs(found.x - way.y[:, -1]) <= 1e-3 * (1 + np.abs(found.x))
    if not np.abs(change(found.x)).max() <= 1e-8 * (1 + np.abs(found.x).max()) or not near.all():
        raise fail("not-finite", "self-consistent rates", "the search does not come to rest", "another start")
    rates: Array = np.maximum(found.x, 0.0)
    return rates


def couplings(network: Network) -> tuple[Array, Array]:
    """What 1 Hz of each source adds to the mean in mV, and to the square of the noise in mV^2, (target, source)."""
    names = list(network.populations)
    mean, noise = np.zeros((2, len(names), len(names)))
    for projection in network.projections:
        ends = ends_of(network, projection)
        source, (target, state) = split_path(projection.source)[0], split_path(projection.target)
        in_degree = projection.rule.connections(ends) / ends.post
        scale = projection.gain / (in_degree if projection.weight_is == "total" else 1.0)
        first, square = moments(projection.weight)
        jump, tau_m = reach(network, target, state), network.value(f"{target}.tau_m")
        place = names.index(target), names.index(source)
        mean[place] += _PER_MS * tau_m * in_degree * jump * scale * first
        noise[place] += _PER_MS * tau_m * in_degree * (jump * scale) ** 2 * square
    return mean, noise


def neuron_of(network: Network, name: str) -> _Neuron:
    """What drives the units of a population from outside, and their numbers."""

    def value(key: str) -> float:
        return float(network.value(f"{name}.{key}"))

    tau_m = value("tau_m")
    rest, noise = value("E_L") + tau_m / value("C_m") * value("I_e"), 0.0
    for stimulus in network.stimuli:
        target, state = split_path(stimulus.target)
        if target == name and isinstance(stimulus.signal, Poisson):
            moved, rate = reach(network, name, state) * stimulus.signal.weight, stimulus.signal.rate * _PER_MS
            rest += tau_m * moved * rate
            noise += tau_m * moved**2 * rate
    taus = [value(tau) for tau in MODELS[network.populations[name].model.name].values() if tau]
    numbers = {"tau_m": tau_m, "t_ref": value("t_ref"), "v_th": value("V_th"), "v_reset": value("V_reset")}
    return _Neuron(rest, noise, tuple({**numbers, "tau_syn": max(taus, default=0.0)}.items()))


def reach(network: Network, name: str, state: str) -> float:
    """How far a spike of weight 1 moves the potential in all, if nothing leaked away, in mV."""
    tau = MODELS[network.populations[name].model.name][state]
    if not tau:
        return 1.0
    return float(network.value(f"{name}.{tau}")) / float(network.value(f"{name}.C_m"))


def moments(weight: object) -> tuple[float, float]:
    """Mean, and mean square, of a weight: integrals over the shares of a law, closely spaced towards its tails."""
    if not isinstance(weight, Law):
        value = float(weight)  # type: ignore[arg-type]
        return value, value**2
    places, weights = gauss_rule(_NODES)
    t = (places + 1) / 2
    values = weight.quantile(t**3 * (10 - 15 * t + 6 * t**2))
    weights = weights * 15 * (t * (1 - t)) ** 2
    return float(weights @ values), float(weights @ values**2)


def _network_problems(network: Network) -> Iterator[Problem]:
    """Parts of a network that the theory does not know."""
    if network.time_unit != "ms":
        what = f"the network counts {network.time_unit!r}"
        yield Problem("bad-type", "time_unit", what, "rates are predicted for networks in ms")
    for name, population in network.populations.items():
        yield from _population_problems(network, name, population)
    for projection in network.projections:
        yield from _projection_problems(projection)
    for stimulus in network.stimuli:
        if not isinstance(stimulus.signal, Poisson) or stimulus.units is not None:
            what = f"{type(stimulus.signal).__name__} is no Poisson drive of all units"
            yield Problem("bad-type", stimulus.name, what, "leave it out, or put a constant current into I_e")


def _population_problems(network: Network, name: str, population: Population) -> Iterator[Problem]:
    model = population.model
    if model.name not in MODELS:
        yield Problem("bad-type", name, f"no rate is known for units of {model.name}", did_you_mean(model.name, MODELS))
        return
    for key in model.parameters:
        value = network.value(f"{name}.{key}")
        if not is_finite_number(value):
            yield Problem("bad-value", f"{name}.{key}", f"{shown(value)} is not one number for all units", "one number")
    taus = {network.value(f"{name}.{tau}") for tau in MODELS[model.name].values() if tau}
    if len(taus) > 1 and all(map(is_finite_number, taus)):
        what = "the theory takes one time constant for all synapses of a unit"
        yield Problem("bad-value", f"{name}.tau_syn_in", what, "the value of tau_syn_ex")


def _projection_problems(projection: Projection) -> Iterator[Problem]:
    if split_path(projection.source)[1] != SPIKE:
        what = f"'{projection.source}' are no spikes"
        yield Problem("bad-type", projection.name, what, "project spikes")
    if projection.source_units is not None or projection.target_units is not None:
        what = "connects chosen units, whose rates differ from the others'"
        yield Problem("bad-type", projection.name, what, "a population of their own for them")
    weight = projection.weight
    if not isinstance(weight, Law | float | int) or isinstance(weight, bool):
        what = f"weights {shown(weight)} make units differ"
        yield Problem("bad-type", f"{projection.name}.weight", what, "a number or a law")
    elif isinstance(getattr(weight, "inside", weight), Lorentzian) and not isinstance(weight, Truncated):
        yield Problem(
            "bad-law", f"{projection.name}.weight", "a Lorentzian has no mean", "nb.Truncated(law, low, high)"
        )


def _start_problems(network: Network, start: Mapping[str, float]) -> Iterator[Problem]:
    for name, rate in start.items():
        if name not in network.populations:
            hint = did_you_mean(name, network.populations)
            yield Problem("unknown-population", "start", f"no population '{name}'", hint)
        elif not is_finite_number(rate) or rate < 0:
            yield Problem("bad-value", f"start[{name!r}]", f"{shown(rate)} is no rate", "give Hz, 0 or more")
