"""Owns what theory says about a pair of Wilson-Cowan units: its fixed points, and the drives at which they change.

Everything is computed from the network's own equations, with one unit for each population. Must not know plots.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from nbkit.model import shipped
from nbkit.model.model import Model
from nbkit.network.description import split_path
from nbkit.network.network import Network
from nbkit.network.signals import Step
from nbkit.study.approach import Approach, approach_of
from nbkit.study.flow import Flow
from nbkit.study.measuring import levels_of
from nbkit.study.pairs import Equilibrium, Pair, Turn, Unit, equilibria, turns
from nbkit.study.prediction import Applies, Prediction, together
from nbkit.study.wiring import in_time, nearly, no

SOURCE = "Wilson & Cowan (1972) Biophys. J. 12:1-24"
_REST = r"\dot E(E, I) = 0, \quad \dot I(E, I) = 0"
_FOLD = r"\det J(P) = 0"
_HOPF = r"\operatorname{tr} J(P) = 0, \quad \det J > 0"
_HOPF_AT_STEP = r"\operatorname{tr} J(P) + \Delta t \, \det J(P) = 0"

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


def parts_of(model: Model) -> dict[str, tuple[str, ...]] | None:
    """The names of a Wilson-Cowan model's numbers, for each state; None for another model."""
    return next((parts for models, parts in _UNITS if model in models), None)


# ------------------------------------------------------------ resting points of a pair


def fixed_point(network: Network, number: int = 0, *, dt: float | None = None) -> Prediction:
    """One of the points at which a pair of Wilson-Cowan populations can rest, in the order of the first state.

    Delays do not move it, but they may make it unstable. With ``dt`` it is told whether Euler's rule stays there.

    Example:
        >>> import nbkit as nb
        >>> from nbkit.study.ready.wilson_cowan_pairs import fixed_point
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
        name, value, latex=_REST, source=SOURCE, rtol=0.01, atol=1e-3, quantity="level", verdict=verdict,
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
        parts = parts_of(model)
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
        >>> from nbkit.study.ready.wilson_cowan_pairs import fold_drive
        >>> pair = nb.Population(nb.models.wilson_cowan_pair, 1)
        >>> print(fold_drive(nb.Network({"P": pair}, stimuli=[nb.Stimulus("P.P", nb.Step(1.0))])))
        Fold 1 of 2 in P.P: 1.087
    """
    return _turn_told("fold", _curve(network, approach_of(network), stimulus, None), stimulus, number, dt)


def hopf_drive(
    network: Network, stimulus: str | None = None, number: int = 0, *, dt: float | None = None
) -> Prediction:
    """The drive at which a fixed point of a pair loses its stability to a rhythm, counted as folds are.

    With ``dt`` it is the drive at which this happens under Euler's rule at this step.

    Example:
        >>> import nbkit as nb
        >>> from nbkit.study.ready.wilson_cowan_pairs import hopf_drive
        >>> pair = nb.Population(nb.models.wilson_cowan_pair, 1)
        >>> print(hopf_drive(nb.Network({"P": pair}, stimuli=[nb.Stimulus("P.P", nb.Step(1.0))])))
        Hopf point 1 of 1 in P.P: 1.879
    """
    return _turn_told("hopf", _curve(network, approach_of(network), stimulus, dt), stimulus, number, dt)


_Curve = tuple[str, tuple[Turn, ...], Applies, Applies]


def _curve(network: Network, approach: Approach, stimulus: str | None, dt: float | None) -> _Curve:
    """The name of the drive, the turns along the curve of fixed points, whether they speak of the network, delays."""
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
        latex=latex, source=SOURCE, rtol=2e-3, quantity="number", of=f"{named}.amplitude" if named else "",
        verdict=verdict, theory=partial(make, stimulus=stimulus, number=number, dt=dt),
    )  # fmt: skip


# ------------------------------------------------------------ the list


def offered_pair(network: Network, approach: Approach, dt: float | None) -> Iterator[Prediction]:
    """What this module says about a network of two states."""
    points = _points(approach)
    for number in range(max(1, len(points[0]))):
        yield _point_told(network, approach, points, number, dt)
    kinds: list[tuple[str, float | None]] = [("fold", None), ("hopf", None)]
    for kind, step in kinds if dt is None else [*kinds, ("hopf", dt)]:
        curve = _curve(network, approach, None, step)
        count = sum(turn.kind == kind for turn in curve[1])
        for number in range(max(1, count)):
            yield _turn_told(kind, curve, None, number, step)
