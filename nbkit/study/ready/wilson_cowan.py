"""Owns what theory says about populations of Wilson-Cowan units: rest, rhythm, and the drives at which they change.

Everything is computed from the network's own equations, with one unit for each population. Must not know plots.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt

from nbkit.model import shipped
from nbkit.model.model import Model
from nbkit.network.description import split_path
from nbkit.network.network import Network
from nbkit.network.signals import Step
from nbkit.study.approach import Approach, approach_of
from nbkit.study.flow import Flow
from nbkit.study.measuring import at_step, levels_of, period_of
from nbkit.study.pairs import Equilibrium, Pair, Turn, Unit, equilibria, turns
from nbkit.study.prediction import Applies, Prediction, together
from nbkit.study.settling import Cycle, Fate, Rest, euler_fate, fate
from nbkit.study.wiring import in_time, nearly, no

Array = npt.NDArray[np.float64]

_SOURCE = "Wilson & Cowan (1972) Biophys. J. 12:1-24"
_REST = r"\dot E(E, I) = 0, \quad \dot I(E, I) = 0"
_FOLD = r"\det J(P) = 0"
_HOPF = r"\operatorname{tr} J(P) = 0, \quad \det J > 0"
_HOPF_AT_STEP = r"\operatorname{tr} J(P) + \Delta t \, \det J(P) = 0"
_CYCLE = r"x(t + T) = x(t)"

#: models -> for each state: time constant, slope, threshold, refractory factor and largest value, by name
_UNITS: tuple[tuple[tuple[Model, ...], dict[str, tuple[str, ...]]], ...] = (
    ((shipped.wilson_cowan, shipped.wilson_cowan_inhibitory), {"r": ("tau", "s", "theta", "k", "")}),
    (
        (shipped.wilson_cowan_pair,),
        {"E": ("tau_e", "a_e", "theta_e", "r_e", "k_e"), "I": ("tau_i", "a_i", "theta_i", "r_i", "k_i")},
    ),
    (
        (shipped.wilson_cowan_pair_no_refractory,),
        {"E": ("tau_e", "a_e", "theta_e", "", ""), "I": ("tau_i", "a_i", "theta_i", "", "")},
    ),
)


def _parts(model: Model) -> dict[str, tuple[str, ...]] | None:
    """The names of a Wilson-Cowan model's numbers, for each state; None for another model."""
    return next((parts for models, parts in _UNITS if model in models), None)


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
    approach, _, end = _ends(network, dt)
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
    approach, flows, end = _ends(network, dt)
    return _period_told(network, approach, (flows, end), dt)


def _ends(network: Network, dt: float | None) -> tuple[Approach, Fate, Fate]:
    """Where the flow of a network goes, and where Euler's rule does at a step; None where nothing is known of it."""
    approach = approach_of(network)
    if approach.flow is None or approach.start is None or not together([approach.verdict, approach.delays]):
        return approach, None, None
    end = fate(approach.flow, approach.start)
    return approach, end, end if dt is None else euler_fate(approach.flow, approach.start, dt, end)


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
        "Resting state", value, latex=_REST, source=_SOURCE, rtol=0.01, atol=1e-3, quantity="level",
        of=paths[0] if len(paths) == 1 else "", verdict=verdict, theory=partial(resting_levels, dt=dt),
        measure=levels_of(paths),
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
        unit="" if network.time_unit == "1" else network.time_unit, latex=_CYCLE, source=_SOURCE,
        rtol=0.02 if dt is None else 2e-3, quantity="period", of=path, verdict=verdict,
        theory=partial(rhythm_period, dt=dt), measure=at_step(period_of(path), dt),
    )  # fmt: skip


def _unsettled(network: Network) -> str:
    start = ", ".join(network.populations)
    return f"from its start {start} neither rests nor repeats itself within thousands of its time constants"


def _told(flow: Flow, point: Array) -> str:
    return ", ".join(f"{state} = {value:.4g}" for state, value in zip(flow.states, point, strict=True))


# ------------------------------------------------------------ resting points of a pair


def fixed_point(network: Network, number: int = 0, *, dt: float | None = None) -> Prediction:
    """One of the points at which a pair of Wilson-Cowan populations can rest, in the order of the first state.

    Delays do not move it, but they may make it unstable. With ``dt`` it is told whether Euler's rule stays there.

    Example:
        >>> import nbkit as nb
        >>> from nbkit.study.ready.wilson_cowan import fixed_point
        >>> pair = nb.Population(nb.models.wilson_cowan_pair, 1)
        >>> print(fixed_point(nb.Network({"P": pair}, stimuli=[nb.Stimulus("P.P", nb.Step(1.0))]), 1))
        Fixed point 2 of 3, a saddle: P.E 0.09207, P.I 0.008429
    """
    approach = approach_of(network)
    return _point_told(network, approach, _points(approach), number, dt)


def _points(approach: Approach) -> tuple[tuple[Equilibrium, ...], Applies]:
    """All resting points of a pair, and whether they are those of the network."""
    if approach.flow is None:
        return (), approach.verdict
    pair = _pair(approach.flow)
    if isinstance(pair, str):
        return (), no(pair)
    found = equilibria(pair)
    return ((), no("the two populations do not drive each other")) if found is None else (found, approach.verdict)


def _point_told(
    network: Network, approach: Approach, points: tuple[Sequence[Equilibrium], Applies], number: int, dt: float | None
) -> Prediction:
    found, known = points
    answers = [known]
    here = found[number] if 0 <= number < len(found) else None
    name = f"Fixed point {number + 1}" + (f" of {len(found)}" if found else "")
    if known and here is None:
        answers.append(no(f"there are {len(found)} fixed points"))
    if known and not approach.delays:
        reason = approach.delays.reasons[0].rpartition("; ")[2]
        answers.append(nearly(f"{reason}: they do not move it, but may make it unstable"))
    elif here is not None:
        name += f", {'an' if here.kind[0] == 'u' else 'a'} {here.kind}"
        if dt is not None and here.stable and not (np.abs(1 + dt * here.eigenvalues) < 1).all():
            answers.append(nearly(f"Euler's rule leaves it with steps of {in_time(network, dt)}"))
    verdict = together(answers)
    paths = approach.flow.states if approach.flow is not None else ()
    value = dict(zip(paths, here.point.tolist(), strict=True)) if verdict and here is not None else None
    return Prediction(
        name, value, latex=_REST, source=_SOURCE, rtol=0.01, atol=1e-3, quantity="level", verdict=verdict,
        theory=partial(fixed_point, number=number, dt=dt), measure=levels_of(paths),
    )  # fmt: skip


def _pair(flow: Flow) -> Pair | str:
    """The two units of a flow, their weights and drives; or why they are no pair of Wilson-Cowan units."""
    if len(flow.states) != 2:
        return f"derived for two populations; the network has {len(flow.states)} states"
    units = []
    for path in flow.states:
        name, key = split_path(path)
        model = flow.reduction.network.populations[name].model
        parts = _parts(model)
        if parts is None:
            return f"derived for units of Wilson and Cowan; those of {name} are {model.name}"
        tau, slope, threshold = (flow.values[f"{name}.{part}"] for part in parts[key][:3])
        factor = flow.values[f"{name}.{parts[key][3]}"] if parts[key][3] else 0.0
        unit = Unit(tau, slope, threshold, factor, 1.0)
        unit = replace(unit, top=1 - unit.shift) if parts[key][4] else unit
        if unit.fault:
            return f"derived for units that rise with their input; {path} has {unit.fault}"
        units.append(unit)
    sent = [p.source for p in flow.reduction.network.projections if p.source not in flow.states]
    if sent:
        return f"derived for populations that send their activity; {', '.join(sent)} is sent"
    weights, drives = _wiring(flow)
    return Pair((units[0], units[1]), weights, drives)


def _wiring(flow: Flow) -> tuple[tuple[tuple[float, float], tuple[float, float]], tuple[float, float]]:
    """What each unit receives from both, and from outside."""
    small = flow.reduction.network
    weights, drives = np.zeros((2, 2)), [0.0, 0.0]
    if len(small.populations) == 1:
        (name,) = small.populations
        c1, c2, c3, c4 = (flow.values[f"{name}.c{i}"] for i in (1, 2, 3, 4))
        weights[:] = (c1, -c2), (c3, -c4)
    for p in small.projections:
        place = _unit_at(flow, p.target), flow.states.index(p.source)
        weights[place] += flow.values[f"{p.name}.gain"] * flow.values[f"{p.name}.weight"]
    for stimulus in small.stimuli:
        drives[_unit_at(flow, stimulus.target)] += flow.values[f"{stimulus.name}.amplitude"]
    (a, b), (c, d) = weights.tolist()
    return ((a, b), (c, d)), (drives[0], drives[1])


def _unit_at(flow: Flow, target: str) -> int:
    """Which of the two units an input belongs to."""
    name, key = split_path(target)
    names = list(flow.reduction.network.populations)
    return names.index(name) if len(names) == 2 else ("P", "Q").index(key)


# ------------------------------------------------------------ drives at which they change


def fold_drive(
    network: Network, stimulus: str | None = None, number: int = 0, *, dt: float | None = None
) -> Prediction:
    """The drive at which two fixed points of a pair meet and vanish, as the amplitude of a constant stimulus.

    Folds are counted along the curve of fixed points, from the lowest drive on: the first ends the low state. Delays
    and steps do not move a fold.

    Example:
        >>> import nbkit as nb
        >>> from nbkit.study.ready.wilson_cowan import fold_drive
        >>> pair = nb.Population(nb.models.wilson_cowan_pair, 1)
        >>> print(fold_drive(nb.Network({"P": pair}, stimuli=[nb.Stimulus("P.P", nb.Step(1.0))])))
        Fold 1 of 2 in P.P: 1.087
    """
    return _turn_told("fold", _curve(network, stimulus, None), stimulus, number, dt)


def hopf_drive(
    network: Network, stimulus: str | None = None, number: int = 0, *, dt: float | None = None
) -> Prediction:
    """The drive at which a fixed point of a pair loses its stability to a rhythm, counted as folds are.

    With ``dt`` it is the drive at which this happens under Euler's rule at this step.

    Example:
        >>> import nbkit as nb
        >>> from nbkit.study.ready.wilson_cowan import hopf_drive
        >>> pair = nb.Population(nb.models.wilson_cowan_pair, 1)
        >>> print(hopf_drive(nb.Network({"P": pair}, stimuli=[nb.Stimulus("P.P", nb.Step(1.0))])))
        Hopf point 1 of 1 in P.P: 1.879
    """
    return _turn_told("hopf", _curve(network, stimulus, dt), stimulus, number, dt)


_Curve = tuple[str, tuple[Turn, ...], Applies, Applies]


def _curve(network: Network, stimulus: str | None, dt: float | None) -> _Curve:
    """The name of the drive, the turns along the curve of fixed points, whether they speak of the network, delays."""
    approach = approach_of(network)
    steps = [s.name for s in network.stimuli if isinstance(s.signal, Step) and s.units is None]
    named = stimulus or (steps[0] if steps else "")
    if approach.flow is None:
        return named, (), approach.verdict, approach.delays
    if named not in steps:
        told = f"{named} is no constant stimulus of all units" if named else "no constant stimulus drives it"
        return named, (), no(f"derived for the amplitude of a constant drive; {told}"), approach.delays
    pair = _pair(approach.flow)
    if isinstance(pair, str):
        return named, (), no(pair), approach.delays
    target = next(s.target for s in network.stimuli if s.name == named)
    driven = _unit_at(approach.flow, target)
    others = pair.drives[driven] - approach.flow.values[f"{named}.amplitude"]
    found = turns(pair, driven, dt or 0.0)
    found = tuple(replace(turn, drive=turn.drive - others) for turn in found) if found is not None else None
    known = approach.verdict if found is not None else no("the two populations do not drive each other")
    return named, found or (), known, approach.delays


def _turn_told(kind: str, curve: _Curve, stimulus: str | None, number: int, dt: float | None) -> Prediction:
    named, every, known, delays = curve
    found = [turn for turn in every if turn.kind == kind]
    words, latex = {"fold": ("Fold", _FOLD), "hopf": ("Hopf point", _HOPF if dt is None else _HOPF_AT_STEP)}[kind]
    answers = [known]
    if known and not 0 <= number < len(found):
        answers.append(no(f"there is none: the fixed points change without one as {named} grows" if not found
                          else f"there are {len(found)}"))  # fmt: skip
    if known and not delays:
        reason = f"{delays.reasons[0].rpartition('; ')[2]}: they do not move a fold, but rest may be lost before"
        answers.append(nearly(reason) if kind == "fold" else delays)
    verdict = together(answers)
    name = f"{words} {number + 1} of {len(found)} in {named}" if found else f"{words} in {named or 'the drive'}"
    make = fold_drive if kind == "fold" else hopf_drive
    return Prediction(
        name if dt is None or kind == "fold" else f"{name} at this step",
        found[number].drive if verdict else None,
        latex=latex, source=_SOURCE, rtol=2e-3, quantity="number", of=f"{named}.amplitude" if named else "",
        verdict=verdict, theory=partial(make, stimulus=stimulus, number=number, dt=dt),
    )  # fmt: skip


# ------------------------------------------------------------ the list


def offered(network: Network, dt: float | None) -> Iterator[Prediction]:
    """What this module says about a network, if all of its populations are Wilson and Cowan's."""
    known = [_parts(p.model) for p in network.populations.values()]
    if not all(known):
        return
    states = sum(len(units) for units in known if units)
    approach, end, at_step = _ends(network, dt)
    yield _rest_told(network, approach, end, None)
    if isinstance(end, Rest) and not isinstance(at_step, Rest):
        yield _rest_told(network, approach, at_step, dt)
    if states > 1:
        yield _period_told(network, approach, (end, end), None)
    if states > 1 and dt is not None:
        yield _period_told(network, approach, (end, at_step), dt)
    if states == 2:
        yield from _of_a_pair(network, dt)


def _of_a_pair(network: Network, dt: float | None) -> Iterator[Prediction]:
    approach = approach_of(network)
    points = _points(approach)
    for number in range(max(1, len(points[0]))):
        yield _point_told(network, approach, points, number, dt)
    curves: list[tuple[str, float | None]] = [("fold", None), ("hopf", None)]
    for kind, step in curves if dt is None else [*curves, ("hopf", dt)]:
        curve = _curve(network, None, step)
        count = sum(turn.kind == kind for turn in curve[1])
        for number in range(max(1, count)):
            yield _turn_told(kind, curve, None, number, step)
