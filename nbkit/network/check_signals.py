"""Owns what can be wrong with a signal: its numbers, their order, a recording's shape. Must not know populations."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import numpy as np

from nbkit.errors import Problem, shown
from nbkit.model.numbers import is_finite_number
from nbkit.network.bubbles import MovingBubble
from nbkit.network.expressions import Expression, Signal, expression_problems
from nbkit.network.grids import Grid
from nbkit.network.places import lacking, places_on
from nbkit.network.signals import Formula, OrnsteinUhlenbeck, Poisson, Pulse, Ramp, Recorded, UniformNoise
from nbkit.network.spike_times import SpikeTimes, spike_times_problems
from nbkit.network.time import time_problems, to_unit

MOST_SPIKES = 1e12  # Hz, of a Poisson train


def signal_problems(
    signal: Signal, where: str, shape: tuple[int, ...], time_unit: str, grid: Grid | None = None
) -> Iterator[Problem]:
    """Everything that is wrong with a signal for units of this shape, on this grid."""
    if isinstance(signal, Recorded):
        yield from _recorded_problems(signal, where, shape, time_unit)
        return
    if isinstance(signal, SpikeTimes):
        yield from spike_times_problems(signal, where, math.prod(shape))
        return
    if isinstance(signal, Expression):
        yield from expression_problems(signal, where, ("t", *places_on(grid)), lacking(grid))
        return
    wrong = []
    for name, number in _fields(signal).items():
        if name in _times_of(signal):
            wrong += list(time_problems(number, time_unit, f"{where}.{name}"))
        elif (number is None and name == "stop") or (isinstance(signal, MovingBubble) and name in signal.fixed):
            continue
        elif not is_finite_number(number) or isinstance(number, str):
            wrong.append(
                Problem("bad-value", f"{where}.{name}", f"{shown(number)} is not a finite number", "give a number")
            )
    yield from wrong
    if not wrong:
        yield from _range_problems(signal, where, time_unit)
        if isinstance(signal, MovingBubble):
            yield from signal.problems(where, time_unit, grid)


def _times_of(signal: Signal) -> tuple[str, ...]:
    if isinstance(signal, OrnsteinUhlenbeck):
        return ("tau",)
    if isinstance(signal, Poisson):
        return ("start",) if signal.stop is None else ("start", "stop")
    return signal.times if isinstance(signal, Formula | MovingBubble) else ()


def _range_problems(signal: Signal, where: str, time_unit: str) -> Iterator[Problem]:
    """Numbers that are finite but make no sense."""
    if isinstance(signal, Pulse | Ramp) or (isinstance(signal, Poisson) and signal.stop is not None):
        start, stop = (to_unit(getattr(signal, end), time_unit, where) for end in ("start", "stop"))
        if not start < stop:
            yield Problem("bad-signal", where, f"start {start:g} is not before stop {stop:g}", "exchange them")
    if isinstance(signal, Poisson) and signal.stop is not None and to_unit(signal.stop, time_unit, where) <= 0:
        yield Problem("bad-signal", f"{where}.stop", f"{signal.stop!r} is over before the run begins", "a later stop")
    if isinstance(signal, Poisson) and signal.rate > MOST_SPIKES:
        yield Problem("bad-signal", f"{where}.rate", f"{signal.rate:g} is too high", f"at most {MOST_SPIKES:g}")
    for name in {"intensity", "standard_deviation", "rate"} & _fields(signal).keys():
        if getattr(signal, name) < 0:
            yield Problem("bad-signal", f"{where}.{name}", f"{getattr(signal, name):g} is negative", "give 0 or more")
    if isinstance(signal, UniformNoise) and signal.low > signal.high:
        yield Problem("bad-signal", where, f"low {signal.low:g} is above high {signal.high:g}", "exchange them")
    if isinstance(signal, OrnsteinUhlenbeck) and to_unit(signal.tau, time_unit, where) <= 0:
        yield Problem("bad-signal", f"{where}.tau", f"{signal.tau!r} is not positive", "give a positive time")


def _fields(signal: Signal) -> dict[str, Any]:
    return {f.name: getattr(signal, f.name) for f in fields(signal)}  # type: ignore[arg-type]


def _recorded_problems(signal: Recorded, where: str, shape: tuple[int, ...], time_unit: str) -> Iterator[Problem]:
    yield from time_problems(signal.dt, time_unit, f"{where}.dt")
    array = signal.array
    if not isinstance(array, np.ndarray) or not 1 <= array.ndim <= 3 or not len(array):
        what = f"{type(array).__name__} where an array (time,) or (time, units) is needed"
        yield Problem("bad-value", f"{where}.array", what, "give a NumPy array of numbers")
    elif array.ndim > 1 and array.shape[1:] != shape:
        wanted = ", ".join(map(str, shape))
        hint = f"give (time,) for all alike, or (time, {wanted})"
        if array.size == len(array) * math.prod(shape):
            hint = f"turn it with .reshape(-1, {wanted})"
        got = " x ".join(map(str, array.shape[1:]))
        what = f"rows of {got} numbers for {' x '.join(map(str, shape))} units"
        yield Problem("input-width", f"{where}.array", what, hint)
    elif not np.isfinite(array).all():
        row = int(np.argwhere(~np.isfinite(array))[0][0])
        yield Problem("not-finite", f"{where}.array", f"a value in row {row} is not finite", "replace it")
