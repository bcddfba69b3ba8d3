"""Owns shipped networks of one sparse random graph: spikes that balance, and rates that do. Must not know runs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from nbkit.errors import NbkitError, Problem, did_you_mean, fail, shown
from nbkit.model import shipped as models
from nbkit.model.model import Model
from nbkit.model.numbers import is_finite_number, is_whole
from nbkit.network.balanced import Balanced
from nbkit.network.description import Population, Projection, Stimulus
from nbkit.network.laws import Normal
from nbkit.network.network import Network
from nbkit.network.rules import FixedInDegree, FixedTotalNumber
from nbkit.network.signals import Poisson
from nbkit.network.values import Value

_NEURON = {"tau_m": 20.0, "t_ref": 2.0, "E_L": 0.0, "V_reset": 0.0, "V_th": 20.0}
_TAU_SYN = 0.5
_EXCITATORY_SHARE = 4  # four excitatory neurons for each inhibitory one
_CONTACTS, _POTENTIAL = 1000, 0.1  # excitatory inputs of a neuron and the potential of each, mV, in the source


def brunel(
    order: int = 250,
    synapses: str = "delta",
    *,
    g: float = 5.0,
    eta: float = 2.0,
    epsilon: float = 0.1,
    psp: float | None = None,
    delay: float = 1.5,
) -> Network:
    """Make the sparse random network of excitation and inhibition of Brunel, as NEST's examples build it.

    ``4*order`` excitatory neurons ``E`` and ``order`` inhibitory neurons ``I``, each with inputs from a share
    ``epsilon`` of both, and Poisson spikes from outside. ``brunel(2500)`` is the network of the source, 12,500 neurons
    and 15.6 million synapses; the default is a tenth of it and runs in a second.

    Args:
        order: number of inhibitory neurons.
        synapses: ``"delta"``: a spike moves the potential at once; ``"alpha"``: its current rises and falls.
        g: inhibitory over excitatory weight; inhibition prevails above 4.
        eta: Poisson drive over the drive that would just reach the threshold in the mean.
        epsilon: share of each population that reaches a neuron.
        psp: peak potential of an excitatory spike, mV. If left out, 0.1 mV for 1000 excitatory inputs, and more for
            fewer, in proportion: then the mean input, and so the rate, is much the same at every size.
        delay: of all connections, ms.

    Returns:
        A network in ms.

    Raises:
        NbkitError: ``bad-size``, ``bad-choice`` or ``bad-value`` for arguments that make no network, and what
            `Network.check` finds.

    Source:
        Brunel (2000) J. Comput. Neurosci. 8:183-208; potentials start, rest and are reset at 0 mV, as in NEST.

    Example:
        >>> import nbkit as nb
        >>> net = nb.networks.brunel(order=50, g=6.0)
        >>> net.populations["E"].count, net.projections[0].rule.in_degree
        (200, 20)
        >>> nb.simulate(net, 20.0, 0.1)["E.spike_time"].size > 0
        True
    """
    positive = {"epsilon": epsilon, "delay": delay} | ({} if psp is None else {"psp": psp})
    wrong = [*_brunel_problems(order, synapses, {"g": g, "eta": eta}, positive)]
    if wrong:
        raise NbkitError(wrong)
    sizes = {"E": _EXCITATORY_SHARE * order, "I": order}
    in_degrees = {name: round(epsilon * size) for name, size in sizes.items()}
    if not all(in_degrees.values()):
        raise fail(
            "bad-size", "brunel.order", f"{epsilon:g} of {order} neurons is no input", "a larger order or epsilon"
        )
    spike = _SPIKES[synapses](_POTENTIAL * _CONTACTS / in_degrees["E"] if psp is None else psp)
    drive = Poisson(1000.0 * eta * _NEURON["V_th"] / (spike.reach * _NEURON["tau_m"]), spike.weight)
    inputs = {"E": (in_degrees["E"], spike.weight), "I": (in_degrees["I"], -g * spike.weight)}
    net = _spiking_network(sizes, inputs, spike, delay, drive)
    net.require()
    return net


def balanced(
    size: int = 200,
    connectivity: float = 0.1,
    *,
    fraction: float = 0.8,
    mean: float = 1.0,
    standard_deviation: float = 1.0,
    gain: float = 1.5,
    tau: Value = 10.0,
    autapses: bool = False,
) -> Network:
    """Make one population ``N`` of leaky units whose random excitation and inhibition cancel on average.

    ``round(size**2 * connectivity)`` connections between different pairs, none twice, with the weights of `Balanced`:
    the first ``round(fraction * size)`` units excite, the others inhibit. A unit passes on the hyperbolic tangent of
    its activity. Units start at random, apart from rest, which is a fixed point. Drive them through ``N.u``.

    Args:
        size: number of units.
        connectivity: share of all pairs that are connected.
        fraction: share of excitatory units.
        mean: mean excitatory weight, before the division by the square root of the mean in-degree.
        standard_deviation: of every weight, before the division.
        gain: a factor on all weights; ``N->N.gain``.
        tau: time constant in ms: a number, an array with one for each unit, or a law.
        autapses: whether a unit may reach itself.

    Raises:
        NbkitError: ``bad-size`` or ``bad-value`` for arguments that make no network, and what `Network.check` finds.

    Source:
        Rajan & Abbott (2006) Phys. Rev. Lett. 97:188104; with ``mean=0`` Sompolinsky, Crisanti & Sommers (1988) Phys.
        Rev. Lett. 61:259-262.

    Example:
        >>> import nbkit as nb
        >>> net = nb.networks.balanced(100, 0.2, tau=nb.LogNormal(10, 5))
        >>> net.projections[0].rule.number
        2000
        >>> nb.simulate(net, 10.0, 0.1)["N.x"].shape
        (101, 100)
    """
    wrong = [*_size_problems("balanced.size", size), *_number_problems("balanced", {}, {"connectivity": connectivity})]
    if wrong:
        raise NbkitError(wrong)
    net = Network(
        {"N": Population(models.leaky_integrator_tanh, size, {"tau": tau}, {"x": Normal(0.0, 1.0)})},
        [
            Projection(
                "N.r",
                "N.u",
                rule=FixedTotalNumber(round(size * size * connectivity), autapses=autapses, multapses=False),
                weight=Balanced(fraction, mean, standard_deviation),
                gain=gain,
            )
        ],
    )
    net.require()
    return net


@dataclass(frozen=True)
class _Spike:
    """What an excitatory spike does: ``reach`` is how far it moves the potential in all, if nothing leaked away, mV."""

    model: Model
    neuron: Mapping[str, float]
    states: Mapping[str, str]
    weight: float
    reach: float


def _delta(potential: float) -> _Spike:
    return _Spike(models.iaf_psc_delta, _NEURON, {"E": "V_m", "I": "V_m"}, potential, potential)


def _alpha(potential: float) -> _Spike:
    capacitance = models.iaf_psc_alpha.parameters["C_m"].default
    weight = potential / alpha_peak(_NEURON["tau_m"], _TAU_SYN, capacitance)
    neuron = {**_NEURON, "C_m": capacitance, "tau_syn_ex": _TAU_SYN, "tau_syn_in": _TAU_SYN}
    reach = weight * math.e * _TAU_SYN / capacitance
    return _Spike(models.iaf_psc_alpha, neuron, {"E": "dI_ex", "I": "dI_in"}, weight, reach)


_SPIKES: Mapping[str, Callable[[float], _Spike]] = {"delta": _delta, "alpha": _alpha}


def _spiking_network(
    sizes: Mapping[str, int],
    inputs: Mapping[str, tuple[int, float]],
    spike: _Spike,
    delay: float,
    drive: Poisson,
) -> Network:
    """Every population onto every other and itself, each with its in-degree and weight, and the drive of all."""
    populations = {name: Population(spike.model, size, spike.neuron, {"V_m": 0.0}) for name, size in sizes.items()}
    projections = [
        Projection(
            f"{source}.spike",
            f"{target}.{spike.states[source]}",
            rule=FixedInDegree(inputs[source][0]),
            weight=inputs[source][1],
            delay=delay,
        )
        for source in sizes
        for target in sizes
    ]
    return Network(populations, projections, [Stimulus(f"{name}.{spike.states['E']}", drive) for name in sizes])


def alpha_peak(tau_m: float, tau_syn: float, capacitance: float) -> float:
    """Peak potential in mV of an alpha-shaped current with a peak of 1 pA.

    The response ``e/(tau_syn C) (t e^(-t/tau_syn) q - (e^(-t/tau_m) - e^(-t/tau_syn)) q^2)`` with
    ``q = 1/(1/tau_m - 1/tau_syn)`` is largest where its derivative is zero, a Lambert function.

    >>> round(alpha_peak(20.0, 0.5, 250.0), 6)
    0.004836
    """
    from scipy.special import lambertw  # noqa: PLC0415  only who wants this network pays for it

    ratio = tau_m / tau_syn
    slope = 1.0 / tau_syn - 1.0 / tau_m
    peak = float((-lambertw(-math.exp(-1.0 / ratio) / ratio, -1).real - 1.0 / ratio) / slope)
    falls = math.exp(-peak / tau_m) - math.exp(-peak / tau_syn)
    return math.e / (tau_syn * capacitance * slope) * (falls / slope - peak * math.exp(-peak / tau_syn))


def _brunel_problems(
    order: object, synapses: object, numbers: Mapping[str, object], positive: Mapping[str, object]
) -> Iterator[Problem]:
    yield from _size_problems("brunel.order", order)
    if not isinstance(synapses, str) or synapses not in _SPIKES:
        hint = did_you_mean(str(synapses), _SPIKES)
        yield Problem("bad-choice", "brunel.synapses", f"{shown(synapses)} is not one of the choices", hint)
    yield from _number_problems("brunel", numbers, positive)


def _size_problems(where: str, size: object) -> Iterator[Problem]:
    if not is_whole(size, 1):
        yield Problem("bad-size", where, f"{shown(size)} is not a positive whole number", "for example 200")


def _number_problems(where: str, numbers: Mapping[str, object], positive: Mapping[str, object]) -> Iterator[Problem]:
    """Numbers that must be 0 or more, and numbers that must be positive; shares are at most 1."""
    for name, value in {**numbers, **positive}.items():
        least = "positive" if name in positive else "0 or more"
        high = 1.0 if name in ("epsilon", "connectivity") else math.inf
        if not is_finite_number(value) or not 0 <= value <= high or (name in positive and not value):  # type: ignore[operator]
            hint = "a share of at most 1" if high == 1 else f"a number that is {least}"
            yield Problem("bad-value", f"{where}.{name}", f"{shown(value)} does not make sense", hint)
