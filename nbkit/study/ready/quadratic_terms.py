"""Owns how networks of quadratic integrate-and-fire units are read for their theory. Must not know its predictions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nbkit.model.shipped.spiking import qif
from nbkit.network.description import Projection, split_path
from nbkit.network.laws import Law, Lorentzian, Quantiles, Truncated
from nbkit.network.network import Network
from nbkit.network.rules import AllToAll
from nbkit.network.signals import Pulse, Step
from nbkit.study.conditions import one_value
from nbkit.study.flow import Flow, flow_of
from nbkit.study.prediction import Applies, together
from nbkit.study.quadratic_units import Settled, Units, settled
from nbkit.study.ready.drive import attempt, idle, of_models, projections_onto
from nbkit.study.settling import Rest, carried, fate
from nbkit.study.wiring import lasting_changes, nearly, no, one_number, steady_drive, total_weight

Array = npt.NDArray[np.float64]

_CUT = 0.01  # of a Lorentzian that may be cut off
_NEAR = 0.01  # of a rate, within which it counts as reached
_TRIES = 30  # times, each half as long again as the one before


@dataclass(frozen=True)
class One:
    """A population that is coupled with itself alone; the coupling is that of spikes, synapses counted in."""

    eta: float
    half_width: float
    coupling: float
    drive: float
    tau: float
    tau_s: float


def known(network: Network, population: str) -> Applies:
    """Whether the network is made of quadratic units, all coupled with all, driven by constants and pulses."""
    if population not in network.populations:
        return of_models(network, population, (qif,))
    answers = [of_models(network, name, (qif,)) for name in network.populations]
    if network.time_unit != "1":
        answers.append(no(f"derived for networks that count model units; yours counts {network.time_unit}"))
    if not together(answers):
        return together(answers)
    for name in network.populations:
        equal = one_value(network, name, "tau", "k", "tau_s", "v_th", "v_reset")
        answers += [equal, *(_law(network, name) if equal else ())]
    answers += [_coupling(p) for p in network.projections if not idle(p)]
    for stimulus in network.stimuli:
        if not isinstance(stimulus.signal, Step | Pulse):
            kind = type(stimulus.signal).__name__
            answers.append(no(f"derived for a constant drive, and pulses; {stimulus.name} is of the kind {kind}"))
        elif stimulus.units is not None:
            answers.append(no(f"derived for units that get the same; {stimulus.name} reaches only some of them"))
    return together(answers)


def _law(network: Network, name: str) -> Iterator[Applies]:
    """Whether the excitabilities are Lorentzian."""
    law, cut = network.value(f"{name}.eta"), 0.0
    law = law.inside if isinstance(law, Quantiles) else law
    if isinstance(law, Truncated):
        inner = law.inside
        below = 0.0 if law.low is None else inner.share_below(law.low)
        above = 0.0 if law.high is None else 1.0 - inner.share_below(law.high)
        law, cut = inner, below + above
    if not isinstance(law, Lorentzian):
        yield no(f"derived for Lorentzian excitabilities; {name}.eta is {type(law).__name__}")
    elif law.half_width == 0:
        yield no(f"derived for units that differ; the excitabilities of {name} have no width")
    elif not network.value(f"{name}.v_reset") < 0 < network.value(f"{name}.v_th"):
        yield no(f"derived for a threshold far above 0 and a reset far below; those of {name} are not on both sides")
    elif cut > _CUT:
        yield no(f"derived for a whole Lorentzian; {100 * cut:.3g} % of that of {name}.eta are cut off")
    elif cut > 0:
        yield nearly(f"derived for a whole Lorentzian; {100 * cut:.2g} % of that of {name}.eta are cut off")


def _coupling(projection: Projection) -> Applies:
    """Whether a projection brings the same to all units, through the synapses of the model."""
    name, told = projection.name, "derived for units that are all coupled with all by one weight"
    if split_path(projection.source)[1] != "s" or split_path(projection.target)[1] != "s_in":
        return no(
            f"derived for coupling from s onto s_in; {name} leads from {projection.source} to {projection.target}"
        )
    if projection.source_units is not None or projection.target_units is not None:
        return no(f"{told}; {name} connects chosen units")
    if not isinstance(projection.rule, AllToAll):
        return no(f"{told}; {name} connects them by {type(projection.rule).__name__}")
    if one_number(projection.weight) is None:
        return no(f"{told}; the weights of {name} differ")
    return Applies()


def single(network: Network, population: str) -> tuple[One | None, Applies]:
    """The numbers of a population that only itself and a constant drive reach."""
    verdict = known(network, population)
    if not verdict:
        return None, verdict
    onto = projections_onto(network, population)
    others = [p.name for p in onto if split_path(p.source)[0] != population]
    if others or len(network.populations) > 1:
        told = f"{', '.join(others)} reaches it too" if others else "there are other populations beside it"
        return None, no(f"derived for one population alone; {told}")
    drive, extra = (steady_drive(network, f"{population}.{key}") for key in ("I_ext", "s_in"))
    if isinstance(drive, str) or extra != 0.0:
        told = drive if isinstance(drive, str) else f"something drives {population}.s_in"
        return None, no(f"derived for a constant drive through {population}.I_ext; {told}")
    law = lorentzian(network.value(f"{population}.eta"))
    k, tau, tau_s = (float(network.value(f"{population}.{key}")) for key in ("k", "tau", "tau_s"))
    total = sum(total_weight(network, projection) or 0.0 for projection in onto)
    one = One(float(law.centre), float(law.half_width), k * tau_s * total, drive, tau, tau_s)
    return one, together([verdict, finite(network)])


@dataclass(frozen=True, eq=False)
class Reached:
    """The flow of the mean field in the end, where it rests, and since when, in the network's time."""

    flow: Flow
    rest: Rest
    since: float


def reached(network: Network) -> tuple[Reached | None, Applies]:
    """Where the mean field goes from its start values; or why it does not come to rest."""
    flow, verdict = attempt(lambda: flow_of(network))
    if flow is None:
        return None, verdict
    start = _start(network, flow)
    found = fate(flow, start)
    if not isinstance(found, Rest):
        return None, no("derived for a state of rest; from its start values the mean field does not come to one")
    paths = [f"{name}.{key}.initial" for name in network.populations for key in ("v", "s")]
    spread = [path for path in paths if one_number(network.value(path)) is None]
    if spread:
        told = f"{', '.join(spread)} differs between units; the state is that which their mean reaches"
        verdict = together([verdict, nearly(told)])
    begun = max([0.0, *lasting_changes(network)])
    return Reached(flow, found, begun + _way(flow, start, found)), verdict


def _way(flow: Flow, start: Array, rest: Rest) -> float:
    """A time after which the flow has surely come near its rest, with room for a network that is slower."""
    slowest = 1.0 / float(-rest.eigenvalues.real.max())
    time, rates = slowest, [place for place, state in enumerate(flow.states) if state.endswith(".r")]
    for _ in range(_TRIES):
        off = np.abs(carried(flow, start, time) - rest.point)[rates]
        if (off <= _NEAR * rest.point[rates]).all():
            break
        time *= 1.5
    return 1.5 * time + 2.0 * slowest


def _start(network: Network, flow: Flow) -> Array:
    """The states when the last change of the drive is over."""
    state, since = flow.start, 0.0
    for name in network.populations:
        held = one_number(network.value(f"{name}.s.initial"))
        state[flow.states.index(f"{name}.s")] = 0.0 if held is None else held
    for moment in lasting_changes(network):
        state = carried(flow_of(network, (since + moment) / 2), state, moment - since)
        since = moment
    return state


# ------------------------------------------------------------ the network as it is, with its finite numbers


def lorentzian(law: object) -> Lorentzian:
    """The Lorentzian inside a law of excitabilities."""
    while not isinstance(law, Lorentzian):
        assert isinstance(law, Quantiles | Truncated)
        law = law.inside
    return law


def finite(network: Network, dt: float | None = None) -> Applies:
    """That the network is finite: the mean field is exact for infinitely many units, their mean without fluctuations.

    With ``dt`` for the theory of the units that there are.
    """
    if dt is not None:
        sizes = " and ".join(f"{population.count:,} of {name}" for name, population in network.populations.items())
        return nearly(f"derived for units that are driven by the mean of all; that of {sizes} fluctuates")
    told = ", ".join(
        f"{name} has {population.count:,} with thresholds at {network.value(f'{name}.v_th'):g}"
        for name, population in network.populations.items()
    )
    return nearly(f"exact for infinitely many units whose thresholds are at infinity; {told}")


def drawn(network: Network) -> bool:
    """Whether the excitabilities of a population are drawn at random, and are not the quantiles of their law."""
    return any(not isinstance(network.value(f"{name}.eta"), Quantiles) for name in network.populations)


def as_it_is(network: Network, found: Reached, dt: float = 0.0) -> Settled | None:
    """The rates of the finite populations near those of the mean field, one for each; None where there are none."""
    names, flow = list(network.populations), found.flow
    start = np.array([found.rest.point[flow.states.index(f"{name}.r")] for name in names])
    return settled([units_of(network, name) for name in names], _matrix(network, names), start, dt)


def units_of(network: Network, name: str) -> Units:
    """The units of a population, with the quantiles of their law."""
    law: Law = network.value(f"{name}.eta")
    count = network.populations[name].count
    shares = (np.arange(count) + 0.5) / count
    tau, v_th, v_reset = (float(network.value(f"{name}.{key}")) for key in ("tau", "v_th", "v_reset"))
    kept, still = float(network.value(f"{name}.k")) * tau, _still(network, name)
    return Units(law.quantile(shares) + still[0] + kept * still[1], tau, v_th, v_reset)


def _still(network: Network, name: str) -> tuple[float, float]:
    """What stimuli add to the current, and to the synaptic input, in the end."""
    values = [steady_drive(network, f"{name}.{key}") for key in ("I_ext", "s_in")]
    current, synaptic = (0.0 if isinstance(value, str) else value for value in values)
    return current, synaptic


def _matrix(network: Network, names: list[str]) -> Array:
    """What a rate of 1 of each source adds to the drive of each target, (target, source)."""
    made = np.zeros((len(names), len(names)))
    for projection in network.projections:
        source, target = (split_path(end)[0] for end in (projection.source, projection.target))
        k, tau, tau_s = (network.value(path) for path in (f"{target}.k", f"{target}.tau", f"{source}.tau_s"))
        weight = total_weight(network, projection) or 0.0
        made[names.index(target), names.index(source)] += k * tau * tau_s * weight
    return made
