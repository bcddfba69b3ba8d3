"""Owns what theory says about where populations of Wilson-Cowan units go: to rest, or into a rhythm.

Everything is computed from the network's own equations, with one unit for each population. Must not know plots.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import numpy.typing as npt

from nbkit.network.network import Network
from nbkit.study.approach import Approach, approach_of, fates
from nbkit.study.flow import Flow
from nbkit.study.measuring import at_step, levels_of, period_of
from nbkit.study.prediction import Prediction, together
from nbkit.study.ready.wilson_cowan_pairs import SOURCE, offered_pair, parts_of
from nbkit.study.settling import Cycle, Fate, Rest
from nbkit.study.wiring import in_time, nearly, no

Array = npt.NDArray[np.float64]

_REST = r"\dot E(E, I) = 0, \quad \dot I(E, I) = 0"
_CYCLE = r"x(t + T) = x(t)"

# ------------------------------------------------------------ where it goes


def resting_levels(network: Network, *, dt: float | None = None) -> Prediction:
    """The level of each state at which a network of rates comes to rest, from where it starts.

    With ``dt`` it is asked whether Euler's rule stays there at this step.

    Example:
        >>> import nbkit as nb
        >>> from nbkit.study.ready.wilson_cowan import resting_levels
        >>> pair = nb.Population(nb.models.wilson_cowan_pair, 1)
        >>> print(resting_levels(nb.Network({"P": pair}, stimuli=[nb.Stimulus("P.P", nb.Step(1.0))])))
        Resting state: P.E 0.02825, P.I 0.0008058
    """
    approach = approach_of(network)
    _, end = fates(approach, dt)
    return _rest_told(network, approach, end, dt)


def rhythm_period(network: Network, *, dt: float | None = None) -> Prediction:
    """The period of the cycle on which a network of rates settles, from where it starts.

    The flow is integrated until two returns are one point. With ``dt`` it is the period under Euler's rule at this
    step, whose error is proportional to the step.

    Example:
        >>> import nbkit as nb
        >>> from nbkit.study.ready.wilson_cowan import rhythm_period
        >>> pair = nb.Population(nb.models.wilson_cowan_pair, 1)
        >>> print(rhythm_period(nb.Network({"P": pair}, stimuli=[nb.Stimulus("P.P", nb.Step(1.25))])))
        Period of the rhythm: 39.97 ms
    """
    approach = approach_of(network)
    return _period_told(network, approach, fates(approach, dt), dt)


def _rest_told(network: Network, approach: Approach, end: Fate, dt: float | None) -> Prediction:
    answers = [approach.verdict, approach.delays]
    if together(answers) and isinstance(end, Cycle):
        step = "" if dt is None else f" with steps of {in_time(network, dt)}"
        answers.append(no(f"it does not rest{step}: it cycles with a period of {in_time(network, end.period)}"))
    elif together(answers) and end is None:
        answers.append(no(_unsettled(network)))
    verdict = together(answers)
    paths = approach.flow.states if approach.flow is not None else ()
    value = dict(zip(paths, end.point.tolist(), strict=True)) if verdict and isinstance(end, Rest) else None
    return Prediction(
        "Resting state" if dt is None else "Resting state at this step", value, latex=_REST, source=SOURCE,
        rtol=0.01, atol=1e-3, quantity="level", of=paths[0] if len(paths) == 1 else "", verdict=verdict,
        theory=partial(resting_levels, dt=dt), measure=levels_of(paths),
    )  # fmt: skip


def _period_told(network: Network, approach: Approach, ends: tuple[Fate, Fate], dt: float | None) -> Prediction:
    flows, end = ends
    answers = [approach.verdict, approach.delays]
    if together(answers) and isinstance(end, Rest):
        assert approach.flow is not None, "it was followed"
        answers.append(no(f"no rhythm: the network comes to rest at {_told(approach.flow, end.point)}"))
    elif together(answers) and end is None:
        answers.append(no(_unsettled(network)))
    elif together(answers) and dt is not None and not isinstance(flows, Cycle):
        answers.append(nearly(f"made by the step of {in_time(network, dt)}: with short steps there is no rhythm"))
    verdict = together(answers)
    path = approach.flow.states[0] if approach.flow is not None else ""
    return Prediction(
        "Period of the rhythm" if dt is None else "Period of the rhythm at this step",
        end.period if verdict and isinstance(end, Cycle) else None,
        unit="" if network.time_unit == "1" else network.time_unit, latex=_CYCLE, source=SOURCE,
        rtol=0.02 if dt is None else 2e-3, quantity="period", of=path, verdict=verdict,
        theory=partial(rhythm_period, dt=dt), measure=at_step(period_of(path), dt),
    )  # fmt: skip


def _unsettled(network: Network) -> str:
    start = ", ".join(network.populations)
    return f"from its start {start} neither rests nor repeats itself within thousands of its time constants"


def _told(flow: Flow, point: Array) -> str:
    return ", ".join(f"{state} = {value:.4g}" for state, value in zip(flow.states, point, strict=True))


# ------------------------------------------------------------ the list


def offered(network: Network, dt: float | None) -> Iterator[Prediction]:
    """What this module says about a network, if all of its populations are Wilson and Cowan's."""
    known = [parts_of(p.model) for p in network.populations.values()]
    if not all(known):
        return
    states = sum(len(units) for units in known if units)
    approach = approach_of(network)
    end, at_step = fates(approach, dt)
    yield _rest_told(network, approach, end, None)
    if isinstance(end, Rest) and not isinstance(at_step, Rest):
        yield _rest_told(network, approach, at_step, dt)
    if states > 1:
        yield _period_told(network, approach, (end, end), None)
    if states > 1 and dt is not None:
        yield _period_told(network, approach, (end, at_step), dt)
    if states == 2:
        yield from offered_pair(network, approach, dt)
