"""Owns the Python that makes a run of the workbench again, bit for bit. Must not know who shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nbkit.network.network import Network
from nbkit.network.setup import Setup
from nbkit.simulation import Record

_OF_A_RUN = ("duration", "record")


@dataclass(frozen=True, eq=False)
class Change:
    """A value that was set while a simulation stood at a step."""

    step: int
    path: str
    value: Any


def code_of_a_run(network: Network, setup: Setup) -> str:
    """A run from t = 0."""
    keywords = ", ".join(f"{key}={held!r}" for key, held in setup.keywords().items())
    return f"{network.to_code()}\nds = nb.simulate(net, {keywords})\n"


def code_of_a_window(
    network: Network,
    setup: Setup,
    changes: Sequence[Change],
    steps: tuple[int, int],
    *,
    record: Sequence[str | Record] | None,
    dt: float,
) -> str:
    """A simulation that goes on, with every change at its step; ``ds`` holds the samples of its last stretch.

    Args:
        network: what it began with.
        setup: how it was run.
        changes: what was set, in order.
        steps: the step before the first sample of the stretch, and its last one.
        record: what of the stretch is kept.
        dt: step in the network's unit.
    """
    begin, end = steps
    given = {key: held for key, held in setup.keywords().items() if key not in _OF_A_RUN}
    lines = [f"sim = nb.Simulation(net, {', '.join(f'{key}={held!r}' for key, held in given.items())})"]
    kept = "" if record is None else f", record={_listed(record)}"
    unseen, pieces = ", record=[]", 0
    stops = sorted({begin, end, *(change.step for change in changes)} - {0})
    lines += [_set(change) for change in changes if change.step == 0]
    for before, stop in zip([0, *stops], stops, strict=False):
        inside = before >= begin
        run = f"sim.run({_time((stop - before) * dt, stop - before, dt)}{kept if inside else unseen})"
        lines.append(run if not inside else f"pieces = [{run}]" if not pieces else f"pieces.append({run})")
        pieces += inside
        lines += [_set(change) for change in changes if change.step == stop]
    lines.append("ds = nb.joined(pieces)")
    code = network.to_code()
    if any("np." in line for line in lines) and "import numpy" not in code:
        code = f"import numpy as np\n\n{code}"
    return "\n".join([code, *lines, ""])


def _set(change: Change) -> str:
    value = change.value
    text = f"np.array({value.tolist()!r})" if isinstance(value, np.ndarray) else repr(value)
    return f"sim.set({change.path!r}, {text})"


def _listed(record: Sequence[str | Record]) -> str:
    told = [repr(one) if isinstance(one, str) else f"nb.Record({one.path!r}, every={one.every!r})" for one in record]
    return f"[{', '.join(told)}]"


def _time(time: float, steps: int, dt: float) -> str:
    """A time in as few digits as give the same number of steps."""
    short = float(f"{time:.10g}")
    return repr(short if abs(short / dt - steps) < 1e-10 * max(1, steps) and steps < 10**6 else time)
