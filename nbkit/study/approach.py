"""Owns how a network of rates ends: its flow once nothing changes any more, and the state that it has then.

Pulses, ramps and late steps are followed, because they may decide where a network with several ends goes. Must not
know what is asked of the flow.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from nbkit.errors import NbkitError
from nbkit.network.description import split_path
from nbkit.network.network import Network
from nbkit.study.conditions import constant_drive, without_delay
from nbkit.study.flow import Flow, flow_of
from nbkit.study.prediction import Applies, together
from nbkit.study.settling import Fate, carried, euler_fate, fate
from nbkit.study.wiring import after_pulses, keeps_step, lasting_changes, nearly, no, one_number

Array = npt.NDArray[np.float64]

_PIECES = 50  # into which a stretch is cut where the drive changes steadily
_SPIKES_NOT = "derived for rates; {} spikes"


@dataclass(frozen=True, eq=False)
class Approach:
    """The flow of a network in the end, and whether that flow speaks for the network.

    Attributes:
        flow: None where there is none.
        start: the states when the last change is over, (states,); None where there is no flow.
        verdict: whether it speaks for the network, delays left aside.
        delays: the same about delays.
    """

    flow: Flow | None
    start: Array | None
    verdict: Applies
    delays: Applies


def approach_of(network: Network) -> Approach:
    """Read off where a network of rates begins its last stretch, and by which flow.

    The answer for the network asked about last is remembered, since many predictions begin with it.

    Raises:
        NbkitError: what `Network.check` finds; nothing because a theory does not apply.
    """
    network.require()
    return _approach(_Same(network))


@lru_cache(maxsize=8)
def fates(approach: Approach, dt: float | None) -> tuple[Fate, Fate]:
    """Where the flow of a network goes, and where Euler's rule does at a step; None where nothing is known of it.

    Args:
        approach: what `approach_of` tells.
        dt: the step; None asks about the flow alone, and gives its answer twice.
    """
    if approach.flow is None or approach.start is None or not together([approach.verdict, approach.delays]):
        return None, None
    if dt is None:
        return (fate(approach.flow, approach.start),) * 2
    end, _ = fates(approach, None)
    return end, euler_fate(approach.flow, approach.start, dt, end)


class _Same:
    """A network as a key: that object itself, because equal networks are found out by writing them down."""

    def __init__(self, network: Network) -> None:
        self.network = network

    def __hash__(self) -> int:
        return id(self.network)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.network is self.network


@lru_cache(maxsize=1)
def _approach(same: _Same) -> Approach:
    network = same.network
    delays = without_delay(network)
    refused = together([_rates_alone(network), constant_drive(network)])
    if not refused:
        return Approach(None, None, refused, delays)
    try:
        flow = flow_of(network)
        start = _start(network, flow)
    except NbkitError as error:
        return Approach(None, None, no(*(f"{p.where}: {p.what}" for p in error.problems)), delays)
    drawn = [path for path, value in flow.values.items() if not np.isfinite(value)]
    if drawn:
        return Approach(None, None, no(f"no number is known for {', '.join(drawn)}"), delays)
    verdict = together(
        [refused, flow.reduction.verdict, _in_step(network), _alike_at_first(network), after_pulses(network)]
    )
    return Approach(flow, start, verdict, delays)


def _rates_alone(network: Network) -> Applies:
    """Neither spikes nor states that are clamped."""
    for name, population in network.populations.items():
        if population.model.spiking is not None:
            return no(_SPIKES_NOT.format(name))
        for key, state in population.model.states.items():
            if state.limits is not None:
                return no(f"derived for states that are free; {name}.{key} is kept within limits")
    return Applies()


def _in_step(network: Network) -> Applies:
    """Whether units of a population do the same because all of them receive the same."""
    reasons = []
    for projection in network.projections:
        many = network.populations[split_path(projection.target)[0]].count > 1
        if many and not keeps_step(network, projection):
            rule = type(projection.rule).__name__
            reasons.append(f"units are taken to stay in step; {projection.name} connects them by {rule}")
    return nearly(*reasons) if reasons else Applies()


def _alike_at_first(network: Network) -> Applies:
    paths = [f"{name}.{key}" for name, p in network.populations.items() for key in p.model.states]
    differing = [path for path in paths if one_number(network.value(f"{path}.initial")) is None]
    if not differing:
        return Applies()
    return nearly(f"units of {', '.join(differing)} begin differently; their mean stands for them")


def _start(network: Network, flow: Flow) -> Array:
    """The states when the last change is over."""
    state, since = flow.start, 0.0
    for moment in lasting_changes(network):
        early, late = (flow_of(network, since + share * (moment - since)) for share in (0.25, 0.75))
        if dict(early.values) == dict(late.values):
            state = carried(early, state, moment - since)
        else:
            state = _along_a_ramp(early, late, state, moment - since)
        since = moment
    return state


def _along_a_ramp(early: Flow, late: Flow, state: Array, lasting: float) -> Array:
    """The states after a stretch whose numbers change in straight lines, known at a quarter and at three."""
    flow = early
    for piece in range(_PIECES):
        share = 2 * ((piece + 0.5) / _PIECES - 0.25)
        for path, value in early.values.items():
            if value != late.values[path]:
                flow = flow.with_value(path, value + share * (late.values[path] - value))
        state = carried(flow, state, lasting / _PIECES)
    return state
