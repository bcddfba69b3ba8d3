"""Owns a row of the inspector: one value with the range of its slider, and its words. Must not know toolkits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from nbkit.model.numbers import is_finite_number
from nbkit.network.laws import Law
from nbkit.network.network import Network
from nbkit.widgets.controls import GREEK, round_step
from nbkit.widgets.workbench.histograms import Histogram


@dataclass(frozen=True)
class Row:
    """One value that can be edited.

    Attributes:
        path: of the value, such as ``E.tau``.
        symbol: as formulae call it, and its index.
        words: what it means.
        unit: of the number.
        value: the number; None where the value is a law or an array, which ``told`` names.
        low: where the slider begins.
        high: where it ends.
        step: of the slider.
        least: the lowest value that may be typed; None for any.
        most: the highest one.
        whole: whether only whole numbers count.
        told: the value in words: the law with its numbers, or the number with its unit.
        note: a second line: what follows from the value.
        tip: meaning, unit and usual range in a line.
        laws: names of the laws that may stand here; none where no law may.
        law: the name of the law that stands here; empty for a number.
        inside: the numbers of that law.
        drawn: the values that it gives in the next run.
        key: the name of the value in the equations; empty where it has none.
    """

    path: str
    symbol: tuple[str, str]
    words: str
    unit: str
    value: float | None
    low: float
    high: float
    step: float
    least: float | None = None
    most: float | None = None
    whole: bool = False
    told: str = ""
    note: str = ""
    tip: str = ""
    laws: tuple[str, ...] = ()
    law: str = ""
    inside: tuple[Row, ...] = ()
    drawn: Histogram | None = None
    key: str = ""


def row_of(network: Network, path: str, *, value: float | None = None, least: float | None = None) -> Row:
    """The row of one value, with the range that its slider has.

    The range holds the value, stays within the limits of the model, and is wide enough to see what the value does.
    """
    about = network.describe(path)
    held: Any = network.value(path) if value is None else value
    low_limit, high_limit = about.limits or (None, None)
    least = low_limit if least is None else least
    symbol, meaning = _symbol_and_words(path, about.symbol, str(about.meaning))
    words = meaning.partition(";")[0]  # the rest stands in the tip
    if not is_finite_number(held):
        told = law_words(held) if isinstance(held, Law) else f"{type(held).__name__} of values"
        tip = tip_of(meaning, about.unit, None, (least, high_limit))
        return Row(path, symbol, words, about.unit, None, 0.0, 1.0, 0.01, least, high_limit, told=told, tip=tip)
    number = float(held)
    low, high = slider_range(number, least, high_limit)
    told = f"{number:g} {about.unit}".strip()
    step = round_step(low, high, number)
    tip = tip_of(meaning, about.unit, (low, high), (least, high_limit))
    return Row(path, symbol, words, about.unit, number, low, high, step, least, high_limit, told=told, tip=tip)


#: a limit that only keeps a number from being zero
ALMOST_ZERO = 1e-6


def tip_of(
    words: str, unit: str, usual: tuple[float, float] | None, limits: tuple[float | None, float | None] = (None, None)
) -> str:
    """Meaning, unit, usual range and limits in a line.

    >>> tip_of("time constant", "ms", (0.0, 20.0), (1e-9, None))
    'time constant · ms · usually 0 to 20 · above 0'
    """
    usually = "" if usual is None else f"usually {0 if abs(usual[0]) <= ALMOST_ZERO else usual[0]:g} to {usual[1]:g}"
    return " · ".join(filter(None, (words, unit, usually, limit_words(*limits))))


def limit_words(least: float | None, most: float | None) -> str:
    """Limits as a sentence goes on after "must be"; nothing where there are none.

    >>> limit_words(1e-9, None), limit_words(0.0, 1.0)
    ('above 0', '0 or more and 1 or less')
    """
    low = "" if least is None else "above 0" if 0 < least <= ALMOST_ZERO else f"{least:g} or more"
    high = "" if most is None else f"{most:g} or less"
    return " and ".join(filter(None, (low, high)))


#: values that no formula names -> the letter that stands for them
_LETTERS = {"weight": "w", "delay": "d", "gain": "g", "amplitude": "A", "frequency": "f", "rate": "f"}


def _symbol_and_words(path: str, symbol: str, meaning: str) -> tuple[tuple[str, str], str]:
    """How formulae call a value, with its index, and what it means; of stimuli the name of the value itself."""
    key = path.rpartition(".")[2]
    if symbol == key and f"{key} of " in f"{meaning} " and " " in meaning:
        return (_LETTERS.get(key, ""), ""), key.replace("_", " ")
    base, _, index = symbol.partition("_")
    words = meaning.removeprefix(f"{symbol} ").removeprefix(f"{symbol}, ")
    return (GREEK.get(base, base), index), words or key


def slider_range(value: float, least: float | None, most: float | None) -> tuple[float, float]:
    """Where a slider begins and ends: from nothing to a round number above twice the value, within the limits.

    >>> slider_range(8.0, 0.1, 100.0), slider_range(-12.0, None, None), slider_range(0.0, 0.0, None)
    ((0.1, 20.0), (-50.0, 0.0), (0.0, 10.0))
    """
    reach = _round_above(2 * abs(value)) if value else 10.0
    low, high = (0.0, reach) if value > 0 else (-reach, 0.0) if value < 0 else (-reach, reach)
    low = low if least is None else max(low, least)
    high = high if most is None else min(high, most)
    return (low, high) if low < high else (low, low + 1.0)


def _round_above(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return float(f"{next(r for r in (1, 2, 5, 10) if r * power >= value * (1 - 1e-12)) * power:.6g}")


def law_words(law: Law) -> str:
    """A law with its numbers, such as ``Uniform(7, 9)``."""
    numbers = ", ".join(
        f"{held:g}" if is_finite_number(held) else type(held).__name__ for held in law.numbers().values()
    )
    return f"{type(law).__name__}({numbers})"
