"""Owns laws in the inspector: which fit a value, their numbers as rows, and what they draw. Must not know toolkits."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np

from nbkit.compile.sampling import generator
from nbkit.errors import did_you_mean, fail, shown
from nbkit.model.numbers import is_finite_number
from nbkit.network.laws import (
    Exponential,
    Law,
    LogNormal,
    Lorentzian,
    Normal,
    Quantiles,
    Truncated,
    Uniform,
)
from nbkit.network.network import Network
from nbkit.widgets.workbench.histograms import Histogram, histogram
from nbkit.widgets.workbench.rows import ALMOST_ZERO, Row, row_of, tip_of

_MOST_DRAWN = 5000  # values of a histogram
_SPREAD = 0.1  # of a number, when it becomes a law

#: name -> whether it gives positive values alone, and the law that a number becomes, of the same size
_MADE: dict[str, tuple[bool, Callable[[float, float], Law]]] = {
    "Normal": (False, Normal),
    "Uniform": (False, lambda value, width: Uniform(value - 2 * width, value + 2 * width)),
    "LogNormal": (True, LogNormal),
    "Lorentzian": (False, lambda value, width: Lorentzian(value, width / 2)),
    "Exponential": (True, lambda value, _: Exponential(value)),
}

#: numbers of laws -> their words
_WORDS = {
    "mean": "mean", "standard_deviation": "standard deviation", "low": "lowest", "high": "highest",
    "centre": "centre", "half_width": "half-width",
}  # fmt: skip
#: numbers of laws that are never negative
_NEVER_NEGATIVE = ("standard_deviation", "half_width")


def laws_for(value: float, least: float | None, most: float | None) -> tuple[str, ...]:
    """Names of the laws that a number may become: those of positive values only where it is positive itself.

    >>> laws_for(8.0, 0.0, None)
    ('Normal', 'Uniform', 'LogNormal', 'Lorentzian', 'Exponential')
    >>> laws_for(-12.0, None, None)
    ('Normal', 'Uniform', 'Lorentzian')
    """
    if least is not None and most is not None and least >= most:
        return ()
    return tuple(name for name, (positive, _) in _MADE.items() if value > 0 or not positive)


def as_law(name: str, value: float, least: float | None, most: float | None) -> Law:
    """The law that a number becomes: of the same size, a tenth wide, and cut where the value has limits.

    Raises:
        NbkitError: ``bad-choice`` for a law that does not fit.

    Example:
        >>> as_law("Normal", 8.0, 0.0, None)
        Truncated(inside=Normal(mean=8.0, standard_deviation=0.8), low=0.0, high=None)
    """
    fitting = laws_for(value, least, most)
    if name not in fitting:
        raise fail("bad-choice", "law", f"{shown(name)} does not fit here", did_you_mean(str(name), fitting))
    width = float(f"{_SPREAD * abs(value) or _SPREAD:.3g}")
    positive, made = _MADE[name]
    law = made(value, width)
    if isinstance(law, Uniform):
        low = law.low if least is None else max(law.low, least)
        high = law.high if most is None else min(law.high, most)
        return Uniform(float(f"{low:.6g}"), float(f"{high:.6g}"))
    low_cut = None if least is None or (positive and least <= ALMOST_ZERO) else least
    return law if low_cut is None and most is None else Truncated(law, low_cut, most)


def as_number(law: Law, least: float | None, most: float | None) -> float:
    """The number that a law becomes again: its median, within the limits."""
    middle = float(f"{float(law.quantile(np.array([0.5]))[0]):.4g}")
    return min(max(middle, -math.inf if least is None else least), math.inf if most is None else most)


def core(law: Law) -> Law:
    """The law inside its cuts."""
    return core(law.inside) if isinstance(law, Truncated | Quantiles) else law


def with_law(network: Network, row: Row, seed: int, *, count: int) -> Row:
    """A row that offers laws; if one stands there, with its numbers as rows and what it draws in the next run.

    Args:
        network: the network.
        row: of a number or a law.
        seed: of the next run.
        count: how many values are drawn.
    """
    held = network.value(row.path)
    if isinstance(held, float):
        return dataclasses.replace(row, laws=laws_for(held, row.least, row.most))
    if not isinstance(held, Law) or type(core(held)).__name__ not in _MADE:
        return row
    inner = core(held)
    middle = as_number(held, row.least, row.most)
    names = dict.fromkeys((*laws_for(middle, row.least, row.most), type(inner).__name__))
    return dataclasses.replace(
        row, laws=tuple(names), law=type(inner).__name__, told=_told(held), inside=tuple(_numbers(network, row, held)),
        drawn=_drawn(held, row, seed, count),
    )  # fmt: skip


def _told(law: Law) -> str:
    """What is done to the law inside, in words; nothing for a plain one."""
    if isinstance(law, Quantiles):
        return ", ".join(filter(None, (_told(law.inside), "its quantiles")))
    if isinstance(law, Truncated):
        low = "" if law.low is None else "above 0" if 0 <= law.low <= ALMOST_ZERO else f"not below {law.low:g}"
        ends = [low, "" if law.high is None else f"not above {law.high:g}"]
        return ", ".join(filter(None, (_told(law.inside), *ends)))
    return ""


def _numbers(network: Network, row: Row, law: Law, way: str = "") -> list[Row]:
    """The numbers of a law as rows; those of cuts are told, not listed."""
    if isinstance(law, Truncated | Quantiles):
        return _numbers(network, row, law.inside, f"{way}.inside")
    made = []
    for key, value in law.numbers().items():
        if is_finite_number(value):
            least = 0.0 if key in _NEVER_NEGATIVE else None
            number = row_of(network, f"{row.path}{way}.{key}", least=least)
            words = f"{_WORDS.get(key, key)} of {row.words}"
            tip = tip_of(words, row.unit, (number.low, number.high))
            made.append(
                dataclasses.replace(number, words=_WORDS.get(key, key), symbol=("", ""), unit=row.unit, tip=tip)
            )
    return made


def _drawn(law: Law, row: Row, seed: int, count: int) -> Histogram | None:
    """The values of the next run; of very many the first ones."""
    if law.wrong():
        return None
    values = law.draw(generator(seed, row.path), (min(count, _MOST_DRAWN),))
    found = histogram(values, row.unit, median=isinstance(core(law), Lorentzian))
    if found is not None and count > _MOST_DRAWN:
        return dataclasses.replace(found, words=f"the first {found.words}")
    return found
