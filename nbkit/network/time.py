"""Owns times as users write them and the units they are in. Must not know populations."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nbkit.errors import NbkitError, Problem, fail, shown
from nbkit.model.numbers import is_finite_number

Time = float | int | str

LONGEST_TIME = 1e15  # beyond it steps cannot be counted
LONGEST_TEXT = 40

#: Seconds in one unit of physical time.
SECONDS = {"ms": 1e-3, "s": 1.0, "us": 1e-6, "min": 60.0}

#: Power of time in a parameter's unit: such a value follows the network's time unit.
_POWER_OF_TIME = {"ms": 1, "s": 1, "1/ms": -1, "1/s": -1}

_WITH_UNIT = re.compile(r"^\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([A-Za-z]+)\s*$")


def to_unit(value: object, unit: str, where: str) -> float:
    """Read a time in the given unit: a bare number is already in it, ``"200 ms"`` is converted.

    Raises:
        NbkitError: if the value is no time.

    >>> to_unit("200 ms", "s", "duration")
    0.2
    """
    if is_finite_number(value):
        return _bounded(float(value), where)  # type: ignore[arg-type]
    if not isinstance(value, str):
        raise fail(
            "bad-time", where, f"{shown(value)} is not a finite number", 'give a number or text such as "200 ms"'
        )
    matched = _WITH_UNIT.match(value) if len(value) <= LONGEST_TEXT else None
    if matched is None or matched[2] not in SECONDS:
        raise fail("bad-time", where, f"{shown(value)} is not a time", f"units: {', '.join(SECONDS)}")
    if unit == "1":
        raise fail("bad-time", where, f"{value!r} in a network that counts model units", "give a bare number")
    return _bounded(rescale(float(matched[1]), matched[2], unit), where)


def _bounded(time: float, where: str) -> float:
    if abs(time) > LONGEST_TIME:
        raise fail("bad-time", where, f"{time:g} is too long", f"at most {LONGEST_TIME:g}")
    return time


def rescale(number: float, old: str, new: str) -> float:
    """Convert a number of one physical time unit into another; dividing, so that 200 ms is exactly 0.2 s."""
    ratio = SECONDS[old] / SECONDS[new]
    return number * round(ratio) if ratio >= 1 else number / round(1 / ratio)


def time_problems(value: object, unit: str, where: str) -> Iterator[Problem]:
    """What is wrong with a time."""
    try:
        to_unit(value, unit, where)
    except NbkitError as error:
        yield from error.problems


def steps_per_unit(unit: str) -> float:
    """Units of time in one second, for frequencies in Hz; 1 for model units."""
    return 1.0 if unit == "1" else 1.0 / SECONDS[unit]


def parameter_factor(unit: str, model_unit: str, network_unit: str) -> float:
    """What a parameter of this unit, given in the network's time, is multiplied by to be in the model's."""
    power = _POWER_OF_TIME.get(unit, 0)
    if power == 0 or model_unit == "1" or network_unit in ("1", model_unit):
        return 1.0
    ratio = round(SECONDS[network_unit] / SECONDS[model_unit], 9)
    return float(ratio**power)


def unit_shown(unit: str, network_unit: str) -> str:
    """A parameter's unit as it reads in a network of this time unit."""
    if _POWER_OF_TIME.get(unit, 0) == 0 or network_unit == "1":
        return unit
    return network_unit if _POWER_OF_TIME[unit] == 1 else f"1/{network_unit}"
