"""Owns what theory says about networks of excitation and inhibition: how their levels answer to a drive.

Where excitation alone would run away and inhibition holds it, more drive to inhibition lowers inhibition: the answer
is called paradoxical. Must not know plots.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np
import numpy.typing as npt

from nbkit.model import shipped
from nbkit.network.description import Projection, split_path
from nbkit.network.network import Network
from nbkit.network.signals import Step
from nbkit.network.time import to_unit
from nbkit.study.approach import Approach, approach_of, fates
from nbkit.study.flow import Flow
from nbkit.study.measuring import change_of
from nbkit.study.prediction import Applies, Prediction, together
from nbkit.study.settling import Cycle, Rest, fate
from nbkit.study.wiring import in_time, nearly, no, one_number

Array = npt.NDArray[np.float64]

_SOURCE = "Tsodyks, Skaggs, Sejnowski & McNaughton (1997) J. Neurosci. 17:4382-4388"
_RESPONSE = r"\frac{dx}{dp} = -J^{-1} \, \frac{\partial f}{\partial p}"
_GROWTH = r"J_{EE} = \frac{\partial \dot E}{\partial E}"
_MOVE = 1e-5  # of the drive, to see how a variable that follows the states answers
_BENT = 0.01  # by which the answer to the whole step may differ from the slope

_PAIRS = (shipped.wilson_cowan_pair, shipped.wilson_cowan_pair_no_refractory)
_RATES = (
    shipped.leaky_integrator,
    shipped.leaky_integrator_threshold_linear,
    shipped.wilson_cowan,
    shipped.wilson_cowan_inhibitory,
)


def drive_response(network: Network, stimulus: str | None = None, *, dt: float | None = None) -> Prediction:
    """How far the levels of a network move for one unit more of a constant drive, where it rests.

    It is the slope at the resting state, ``-J^-1 df/dp`` with the network's own Jacobian; exact for linear networks.
    It can be read from a run in which the drive is a step that begins late.

    Args:
        network: a network of rates that comes to rest.
        stimulus: name of the constant drive; None for the first one.
        dt: asks whether the network also rests under Euler's rule at this step.

    Example:
        >>> import nbkit as nb
        >>> from nbkit.study.ready.stabilised import drive_response
        >>> leak = nb.models.leaky_integrator
        >>> weights = {"EE": 2.0, "EI": -2.5, "IE": 2.5, "II": -2.0}
        >>> net = nb.Network(
        ...     {"E": nb.Population(leak, 1), "I": nb.Population(leak, 1)},
        ...     [nb.Projection(f"{s}.x", f"{t}.u", weight=weights[t + s]) for t in "EI" for s in "EI"],
        ...     [nb.Stimulus("I.u", nb.Step(1.0), name="g_I")],
        ... )
        >>> print(drive_response(net))
        Answer to g_I: E.x -0.7692, I.x -0.3077
    """
    approach = approach_of(network)
    steps = {s.name: s for s in network.stimuli if isinstance(s.signal, Step) and s.units is None}
    named = stimulus or next(iter(steps), "")
    answers = [approach.verdict, approach.delays]
    if named not in steps:
        told = f"{named} is no constant stimulus of all units" if named else "no constant stimulus drives it"
        answers.append(no(f"derived for the amplitude of a constant drive; {told}"))
    paths, value, since = _outputs(network), None, 0.0
    if together(answers):
        assert approach.flow is not None, "the verdict tells"
        rest = _rest(network, approach, answers, dt)
        if rest is not None:
            slopes = _slopes(approach.flow, rest, f"{named}.amplitude", paths)
            since = to_unit(steps[named].signal.start, network.time_unit, named)  # type: ignore[attr-defined]
            answers.append(_straight(approach.flow, rest, f"{named}.amplitude", slopes, late=since > 0))
            value = slopes if together(answers) else None
    amplitude = float(steps[named].signal.amplitude) if named in steps else 0.0  # type: ignore[attr-defined]
    return Prediction(
        f"Answer to {named or 'a drive'}", value, latex=_RESPONSE, source=_SOURCE, rtol=0.01, atol=1e-4,
        quantity="number", of=f"{named}.amplitude" if named else "", verdict=together(answers),
        theory=partial(drive_response, stimulus=stimulus, dt=dt),
        measure=change_of(paths, since, amplitude) if since > 0 and amplitude else None,
    )  # fmt: skip


def growth_without_inhibition(network: Network, *, dt: float | None = None) -> Prediction:
    """How fast excitation alone would grow away from where the network rests, if inhibition were held there.

    Positive in an inhibition-stabilised network; negative where excitation is stable on its own. In a linear network
    it is ``(W_EE - 1)/tau``.

    Example:
        >>> import nbkit as nb
        >>> from nbkit.study.ready.stabilised import growth_without_inhibition
        >>> pair = nb.Population(nb.models.wilson_cowan_pair, 1)
        >>> net = nb.Network({"P": pair}, stimuli=[nb.Stimulus("P.P", nb.Step(2.0))])
        >>> print(growth_without_inhibition(net))
        Growth rate of P.E with inhibition held: 0.27 1/ms
    """
    approach = approach_of(network)
    excitatory = _excitatory(network)
    answers = [approach.verdict, approach.delays]
    if isinstance(excitatory, str) and excitatory not in _states(network):
        answers.append(no(excitatory))
    value = None
    if together(answers):
        assert approach.flow is not None, "the verdict tells"
        rest = _rest(network, approach, answers, dt)
        k = approach.flow.states.index(excitatory)
        value = float(approach.flow.slopes(rest.point)[k, k]) if rest is not None else None
    told = f" of {excitatory}" if excitatory in _states(network) else " of excitation"
    return Prediction(
        f"Growth rate{told} with inhibition held", value,
        unit="" if network.time_unit == "1" else f"1/{network.time_unit}", latex=_GROWTH, source=_SOURCE, rtol=0.02,
        quantity="number", of=excitatory if excitatory in _states(network) else "", verdict=together(answers),
        theory=partial(growth_without_inhibition, dt=dt),
    )  # fmt: skip


def _rest(network: Network, approach: Approach, answers: list[Applies], dt: float | None) -> Rest | None:
    """Where the network rests; else the reason why it does not is added to the answers."""
    _, end = fates(approach, dt)
    if isinstance(end, Rest):
        return end
    told = f": it cycles with a period of {in_time(network, end.period)}" if isinstance(end, Cycle) else ""
    answers.append(no(f"derived for a network at rest; this one does not come to rest{told}"))
    return None


def _slopes(flow: Flow, rest: Rest, drive: str, paths: tuple[str, ...]) -> dict[str, float]:
    """How each variable moves with the drive."""
    moved = -np.linalg.solve(flow.slopes(rest.point), flow.slope(rest.point, drive))
    here, step = flow.values[drive], _MOVE * max(1.0, abs(flow.values[drive]))
    both = [
        [flow.with_value(drive, here + side * step).variable(path, rest.point + side * step * moved) for path in paths]
        for side in (-1.0, 1.0)
    ]
    return {path: float((above - below) / (2 * step)) for path, below, above in zip(paths, *both, strict=True)}


def _straight(flow: Flow, rest: Rest, drive: str, slopes: Mapping[str, float], *, late: bool) -> Applies:
    """Whether the whole step of a late drive moves the levels by its slope."""
    amplitude = flow.values[drive]
    if not late or amplitude == 0:
        return Applies()
    without = flow.with_value(drive, 0.0)
    before = fate(without, rest.point)
    if not isinstance(before, Rest):
        return no(f"without {drive.removesuffix('.amplitude')} the network does not come to rest")
    told = []
    for path, slope in slopes.items():
        moved = float(flow.variable(path, rest.point) - without.variable(path, before.point)) / amplitude
        if abs(moved - slope) > _BENT * abs(slope) + 1e-9:
            told.append(f"{path} {moved:.4g}")
    if not told:
        return Applies()
    return nearly(f"the slope at rest; over the whole step of {amplitude:g} it is {', '.join(told)} on average")


def _outputs(network: Network) -> tuple[str, ...]:
    """What populations send to each other; the states where nothing is sent."""
    sent = tuple(dict.fromkeys(p.source for p in network.projections))
    return sent or _states(network)


def _states(network: Network) -> tuple[str, ...]:
    return tuple(f"{name}.{key}" for name, p in network.populations.items() for key in p.model.states)


def _excitatory(network: Network) -> str:
    """The state of the excitatory one of two populations; or why it is not known."""
    names = list(network.populations)
    if len(names) == 1 and network.populations[names[0]].model in _PAIRS:
        return f"{names[0]}.E"
    signs = {name: _sign([p for p in network.projections if split_path(p.source)[0] == name]) for name in names}
    if len(names) != 2 or set(signs.values()) != {1, -1}:
        told = ", ".join(
            f"{n} {'excites' if s > 0 else 'inhibits' if s < 0 else 'is neither'}" for n, s in signs.items()
        )
        return f"derived for one excitatory and one inhibitory population; here {told}"
    name = next(name for name, sign in signs.items() if sign > 0)
    states = list(network.populations[name].model.states)
    return f"{name}.{states[0]}" if len(states) == 1 else f"derived for units of one state; {name} has {len(states)}"


def _sign(projections: list[Projection]) -> int:
    """1 where all weights are positive, -1 where all are negative, 0 otherwise."""
    weights = [one_number(p.weight) for p in projections]
    if not weights or any(w is None or w * p.gain == 0 for w, p in zip(weights, projections, strict=True)):
        return 0
    signs = {1 if w * p.gain > 0 else -1 for w, p in zip(weights, projections, strict=True) if w is not None}
    return signs.pop() if len(signs) == 1 else 0


def offered(network: Network, dt: float | None) -> Iterator[Prediction]:
    """What this module says about an excitatory and an inhibitory population of rates."""
    known = all(p.model in (*_RATES, *_PAIRS) for p in network.populations.values())
    if not known or _excitatory(network) not in _states(network):
        return
    yield growth_without_inhibition(network, dt=dt)
    for stimulus in network.stimuli:
        if isinstance(stimulus.signal, Step):
            yield drive_response(network, stimulus.name, dt=dt)
