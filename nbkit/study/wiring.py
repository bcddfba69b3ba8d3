"""Owns what the parts of a network amount to where all units of a population are alike. Must not know any theory."""

from __future__ import annotations

from typing import Any

import numpy as np

from nbkit.network.check_projections import ends_of
from nbkit.network.description import Population, Projection, Stimulus, split_path
from nbkit.network.laws import Law
from nbkit.network.network import Network
from nbkit.network.rules import AllToAll, Ends, FixedInDegree, OneToOne
from nbkit.network.signals import Formula, Pulse, Step
from nbkit.network.time import SECONDS, to_unit
from nbkit.study.prediction import Applies


def no(*reasons: str) -> Applies:
    """A theory does not apply, and why."""
    return Applies("no", reasons)


def nearly(*reasons: str) -> Applies:
    """A theory applies approximately, and why."""
    return Applies("approximately", reasons)


def projections_onto(network: Network, population: str) -> list[Projection]:
    """Every projection that ends at a population."""
    return [p for p in network.projections if split_path(p.target)[0] == population]


def stimuli_onto(network: Network, population: str) -> list[Stimulus]:
    """Every stimulus of a population."""
    return [s for s in network.stimuli if split_path(s.target)[0] == population]


def one_number(value: Any) -> float | None:
    """A value that is the same for all, as a number; None for one that is not."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, np.ndarray) and value.size and np.ptp(value) == 0:
        return float(value.flat[0])
    return None


def total_weight(network: Network, projection: Projection) -> float | None:
    """The weight of all that a unit receives through a projection, gain included; None if units differ in it."""
    ends = ends_of(network, projection)
    weight, count = one_number(projection.weight), _in_degree(projection, ends)
    chosen = projection.source_units is not None or projection.target_units is not None
    if weight is None or count is None or chosen or projection.weight_is == "density":
        return None
    return weight * projection.gain * (1.0 if projection.weight_is == "total" and count else count)


def _in_degree(projection: Projection, ends: Ends) -> float | None:
    if isinstance(projection.rule, AllToAll):
        return ends.pre - (1 if ends.same and not projection.rule.autapses else 0)
    if isinstance(projection.rule, OneToOne):
        return 1.0
    return float(projection.rule.in_degree) if isinstance(projection.rule, FixedInDegree) else None


def keeps_step(network: Network, projection: Projection) -> bool:
    """Whether what units receive through a projection is the very same, whatever each of the sources does."""
    rule, ends = projection.rule, ends_of(network, projection)
    whole = isinstance(rule, AllToAll) and (rule.autapses or not ends.same)
    return whole or (ends.pre == 1 and ends.post == 1)


def sharp_delay(network: Network, projection: Projection) -> float | None:
    """The delay of a projection in the network's time if it is one time for all connections, else None."""
    delay = one_number(projection.delay)
    if projection.spread is not None or (delay is None and not isinstance(projection.delay, str)):
        return None
    return to_unit(projection.delay if delay is None else delay, network.time_unit, f"{projection.name}.delay")


def delays_told(network: Network, projection: Projection) -> str:
    """The delays of a projection in words, such as ``"delays of 2 ms"``."""
    delay = sharp_delay(network, projection)
    if delay is not None:
        return f"delays of {in_time(network, delay)}"
    if projection.spread is not None:
        times = (to_unit(t, network.time_unit, projection.name) for t in (projection.delay, projection.spread))
        return "delays of {} with a spread of {}".format(*(in_time(network, time) for time in times))
    if isinstance(projection.delay, np.ndarray):
        low, high = float(projection.delay.min(initial=np.inf)), float(projection.delay.max(initial=0.0))
        return f"delays from {low:g} to {in_time(network, high)}"
    return "delays that are drawn" if isinstance(projection.delay, Law) else "delays that follow from distance"


def in_time(network: Network, time: float) -> str:
    """A time with the network's unit."""
    return f"{time:.4g}" if network.time_unit == "1" else f"{time:.4g} {network.time_unit}"


def own_time(network: Network, population: Population) -> float:
    """The length of one unit of a model's time, in the network's."""
    unit, own = network.time_unit, population.model.time_unit
    if population.time_scale is not None:
        return to_unit(population.time_scale, unit, "time_scale")
    return 1.0 if "1" in (unit, own) or unit == own else SECONDS[own] / SECONDS[unit]


def steady_drive(network: Network, target: str, *, kicks: bool = True) -> float | str:
    """What stimuli add to an input in the end, the same for all units; or, in words, why that is no number.

    Args:
        network: the network.
        target: the input, such as ``"E.u"``.
        kicks: whether pulses that end are let through, onto any units.
    """
    total = 0.0
    for stimulus in network.stimuli:
        if stimulus.target != target or (kicks and isinstance(stimulus.signal, Pulse)):
            continue
        if not isinstance(stimulus.signal, Step):
            return f"{stimulus.name} is no constant, but of the kind {type(stimulus.signal).__name__}"
        if stimulus.units is not None:
            return f"{stimulus.name} drives some units alone"
        total += float(stimulus.signal.amplitude)
    return total


def after_pulses(network: Network, population: str | None = None) -> Applies:
    """For theories of a network that is left alone: from when on it is.

    Args:
        network: the network.
        population: whose stimuli count; None for all.
    """
    among = network.stimuli if population is None else stimuli_onto(network, population)
    ends = {s.name: to_unit(s.signal.stop, network.time_unit, s.name) for s in among if isinstance(s.signal, Pulse)}
    if not ends:
        return Applies()
    return nearly(f"holds from {in_time(network, max(ends.values()))} on, when {', '.join(ends)} is over")


def lasting_changes(network: Network) -> list[float]:
    """The moments, in the network's time, at which what formulas of time bring begins, ends or bends, in order."""
    signals = [s.signal for s in network.stimuli if isinstance(s.signal, Formula)]
    times = {to_unit(getattr(s, key), network.time_unit, key) for s in signals for key in s.times}
    return sorted(time for time in times if time > 0)
