"""Owns times as users write them and the units they are in. Must not know populations."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nbkit.errors import NbkitError, Problem, fail
from nbkit.model.check import is_finite_number

Time = float | int | str

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
    if is_finite_number(value) and not isinstance(value, str):
        return float(value)  # type: ignore[arg-type]
    if not isinstance(value, str):
        raise fail("bad-time", where, f"{value!r:.60} is not a finite number", 'give a number or text such as "200 ms"')
    matched = _WITH_UNIT.match(value)
    if matched is None or matched[2] not in SECONDS:
        raise fail("bad-time", where, f"{value!r} is not a time", f"units: {', '.join(SECONDS)}")
    if unit == "1":
        raise fail("bad-time", where, f"{value!r} in a network that counts model units", "give a bare number")
    return rescale(float(matched[1]), matched[2], unit)


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
