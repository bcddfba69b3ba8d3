"""Owns how a study of a flow begins and what its result carries: reading, ranges, labels, provenance.

Must not know what is studied, nor plots.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nbkit import __version__
from nbkit.analysis.labels import about
from nbkit.errors import NbkitError, Problem, did_you_mean, fail, shown
from nbkit.model.numbers import is_finite_number
from nbkit.network.description import split_path
from nbkit.network.network import Network
from nbkit.study.conditions import without_delay
from nbkit.study.flow import Flow, flow_of
from nbkit.study.reduction import Reduction

Array = npt.NDArray[np.float64]
Ranges = Mapping[str, Sequence[float]]


def as_flow(given: object) -> Flow:
    """The flow of what was given: a network, its reduction, or a flow already.

    Raises:
        NbkitError: ``bad-type`` for anything else; ``no-reduction`` for a network that has none.
    """
    if isinstance(given, Flow):
        return given
    if isinstance(given, Network | Reduction):
        return flow_of(given)
    raise fail("bad-type", "network", f"{shown(given)} is neither a network nor a flow", "nb.Network(...)")


def network_of(flow: Flow) -> Network:
    """The small network of a flow, with the numbers that the flow has now."""
    network = flow.reduction.network
    for path, value in flow.values.items():
        if network.value(path) != value:
            network = network.with_value(path, value)
    return network


def unknown_stability(flow: Flow) -> str:
    """Why the eigenvalues of the flow tell nothing about the network; empty if they do."""
    answer = without_delay(flow.reduction.network)
    return "" if answer else "not told: the network has " + answer.reasons[0].rpartition(" has ")[2]


def limits_of(flow: Flow) -> tuple[Array, Array]:
    """What each state is kept above and below, both (states,); infinite where it is free."""
    models = flow.reduction.network.populations
    pairs = [models[name].model.states[key].limits or (None, None) for name, key in map(split_path, flow.states)]
    low = np.array([-math.inf if pair[0] is None else pair[0] for pair in pairs], dtype=np.float64)
    high = np.array([math.inf if pair[1] is None else pair[1] for pair in pairs], dtype=np.float64)
    return low, high


def variables_of(flow: Flow) -> tuple[str, ...]:
    """The algebraic variables of the models, in the order in which they are computed."""
    models = flow.reduction.network.populations
    return tuple(path for path in flow.lines if split_path(path)[1] in models[split_path(path)[0]].model.algebraic)


def about_variable(flow: Flow, path: str) -> dict[str, str]:
    """Attributes of a state or an algebraic variable, as a recording has them."""
    name, key = split_path(path)
    state = flow.reduction.network.populations[name].model.states.get(key)
    return about(name, key, state.unit if state else "", (state.meaning if state else "") or key)


def about_number(flow: Flow, path: str) -> dict[str, str]:
    """Attributes of a number of the flow."""
    known = flow.reduction.network.describe(path)
    return {"units": known.unit, "long_name": known.meaning, "path": path}


def provenance(flow: Flow, **more: Any) -> dict[str, Any]:
    """Attributes of a result: the small network with its numbers, which reduction it is, and what it cannot tell."""
    return {
        "network": network_of(flow).to_json(),
        "reduction": flow.reduction.name,
        "verdict": str(flow.reduction.verdict),
        "stability": unknown_stability(flow) or "told by the eigenvalues of the flow",
        "time_unit": flow.reduction.network.time_unit,
        "nbkit": __version__,
        **more,
    }


def state_values(flow: Flow, given: Mapping[str, float] | None, where: str) -> dict[str, float]:
    """Some states with a value for each, as they were given.

    Raises:
        NbkitError: ``bad-type`` for what is no mapping, ``unknown-path`` for other names, ``bad-value`` for no number.
    """
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise fail("bad-type", where, f"{shown(given)} tells no states", f'such as {{"{flow.states[0]}": 0.5}}')
    wrong = list(_unknown(flow, given, where))
    for path, value in given.items():
        if not is_finite_number(value):
            wrong.append(Problem("bad-value", f"{where}[{path!r}]", f"{shown(value)} is no number", "such as 0.5"))
    if wrong:
        raise NbkitError(wrong)
    return {path: float(value) for path, value in given.items()}


def state_ranges(flow: Flow, given: Ranges | None) -> dict[str, tuple[float, float]]:
    """Some states with the range of each, as they were given.

    Raises:
        NbkitError: ``bad-type`` for what is no mapping, ``unknown-path`` for other names, ``empty-range`` for a range
            that is no ordered pair of finite numbers.
    """
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise fail("bad-type", "ranges", f"{shown(given)} tells no ranges", f'such as {{"{flow.states[0]}": (0, 1)}}')
    wrong = [*_unknown(flow, given, "ranges"), *(p for path, pair in given.items() for p in _no_range(path, pair))]
    if wrong:
        raise NbkitError(wrong)
    return {path: (float(low), float(high)) for path, (low, high) in given.items()}


def _unknown(flow: Flow, given: Mapping[str, Any], where: str) -> Iterator[Problem]:
    for path in given:
        if path not in flow.states:
            yield Problem("unknown-path", where, f"no state {shown(path)}", did_you_mean(str(path), flow.states))


def _no_range(path: str, pair: object) -> Iterator[Problem]:
    both = list(pair) if isinstance(pair, tuple | list | np.ndarray) else []
    if len(both) != 2 or not all(map(is_finite_number, both)) or not both[0] < both[1]:
        what = f"{shown(pair)} is no range"
        yield Problem("empty-range", f"ranges[{path!r}]", what, "a lower and a higher number, such as (0, 1)")


def require_state(flow: Flow, path: object, where: str) -> None:
    """Raise for what is no state of the flow."""
    if path not in flow.states:
        raise fail("unknown-path", where, f"no state {shown(path)}", did_you_mean(str(path), flow.states))
