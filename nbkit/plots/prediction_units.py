"""Owns the units in which predictions and axes are given, and the way from one to the other. Must not know pictures."""

from __future__ import annotations

from nbkit.network.time import SECONDS

#: Metres in one unit of length.
METRES = {"m": 1.0, "cm": 1e-2, "mm": 1e-3, "um": 1e-6, "µm": 1e-6, "nm": 1e-9}
#: Ways to write that there is no unit, or that time is counted in model units.
_NONE = {"", "1", "dimensionless"}
_MODEL_TIME = {*_NONE, "model unit", "model units"}
_PER_MODEL_TIME = {*_NONE, "per model unit", "1/model unit", "1/model units"}
#: Ways to write a rate -> how many of it make one Hz.
_RATES = {"Hz": 1.0, "1/s": 1.0, "spikes/s": 1.0, "kHz": 1e-3, "1/ms": 1e-3}


def same_unit(one: str, other: str) -> bool:
    """Whether two units are the same.

    >>> same_unit("", "1"), same_unit("mV", "V")
    (True, False)
    """
    return one.strip() == other.strip() or {one.strip(), other.strip()} <= _NONE


def as_time(value: float, unit: str, axis: str) -> float | None:
    """A time in the unit of an axis, ``"1"`` for model units; None where they do not go together.

    >>> as_time(0.2, "s", "ms"), as_time(3.0, "", "1"), as_time(3.0, "", "ms")
    (200.0, 3.0, None)
    """
    if axis == "1":
        return value if unit.strip() in _MODEL_TIME else None
    return _scaled(value, SECONDS.get(unit.strip()), SECONDS.get(axis))


def as_rate(value: float, unit: str, axis: str) -> float | None:
    """A rate in the unit of an axis, Hz or ``"per model unit"``; None where they do not go together.

    >>> as_rate(5.0, "1/s", "Hz"), as_rate(0.04, "1/ms", "Hz"), as_rate(5.0, "", "Hz")
    (5.0, 40.0, None)
    """
    if axis != "Hz":
        return value if unit.strip() in _PER_MODEL_TIME else None
    return value / _RATES[unit.strip()] if unit.strip() in _RATES else None


def as_speed(value: float, unit: str, length: str, time: str) -> float | None:
    """A speed in the units of two axes, of length and of time; None where they do not go together.

    An axis of length without a unit has the one that its user means, so any length goes with it.

    >>> as_speed(0.5, "m/s", "mm", "ms"), as_speed(0.5, "1/ms", "", "ms"), as_speed(0.5, "", "", "1")
    (0.5, 0.5, 0.5)
    >>> as_speed(0.5, "mm", "mm", "ms") is None
    True
    """
    above, _, below = unit.replace(" per ", "/").replace("per ", "1/").partition("/")
    seconds = as_time(1.0, below, time)
    if seconds is None:
        return None
    if not length or same_unit(above, length):
        return value / seconds
    return _scaled(value / seconds, METRES.get(above.strip()), METRES.get(length))


def _scaled(value: float, old: float | None, new: float | None) -> float | None:
    """The number in another unit; dividing where that is exact."""
    if old is None or new is None:
        return None
    ratio = old / new
    return value * round(ratio, 9) if ratio >= 1 else value / round(1 / ratio, 9)
