"""Owns what a slider is before it is drawn: path, range, step, words. Must not know ipywidgets."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nbkit.errors import NbkitError, Problem
from nbkit.model.numbers import is_finite_number
from nbkit.network.network import Network

#: Steps of a slider when nobody chose: at least so many, more where that meets the present value.
STEPS = 60
GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η", "theta": "θ",
    "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ",
    "chi": "χ", "psi": "ψ", "omega": "ω", "Delta": "Δ", "Omega": "Ω",
}  # fmt: skip


@dataclass(frozen=True)
class Control:
    """One slider.

    Attributes:
        path: what it changes, such as ``E.tau``.
        start: the value it begins with.
        low, high, step: its range.
        symbol: how formulae call the value; ``tau_s`` becomes ``τ`` with the index ``s``.
        words: what it means and whose it is.
        unit: its unit, empty when it has none.
    """

    path: str
    start: float
    low: float
    high: float
    step: float
    symbol: tuple[str, str]
    words: str
    unit: str

    @property
    def spoken(self) -> str:
        """Its name for those who do not see it."""
        parts = [self.path.replace("->", " to "), self.words, f"in {self.unit}" if self.unit else ""]
        return ", ".join(part for part in parts if part)

    @property
    def decimals(self) -> int:
        """Digits after the point that the step needs."""
        return decimals(self.step)

    def as_value(self, number: float) -> float | int:
        """Give a slider's number as the network wants it: sizes are whole."""
        return round(number) if self.path.endswith(".size") else float(number)


def controls(network: Network, ranges: Mapping[str, Sequence[float]]) -> list[Control]:
    """Make one control per path.

    Args:
        network: whose present values the sliders start from.
        ranges: path -> (low, high) or (low, high, step).

    Raises:
        NbkitError: every range that is empty or leaves out the present value, every path that is
            unknown or holds something other than a number.
    """
    made, problems = [], []
    for path, given in ranges.items():
        try:
            value = network.value(path)
            found = [*_value_problems(network, path, value), *_range_problems(path, given, value)]
            problems += found
            if not found:
                made.append(_control(network, path, given, value))
        except NbkitError as error:
            problems += error.problems
    if problems:
        raise NbkitError(problems)
    return made


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.number) and is_finite_number(value)


def _value_problems(network: Network, path: str, value: Any) -> list[Problem]:
    if _is_number(value):
        return []
    what = f"holds {_kind(value)}; a slider needs one number"
    return [Problem("not-a-number", path, what, _way_out(network, path, value))]


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return f"the text '{value}'"
    if dataclasses.is_dataclass(value):
        return f"a law, {type(value).__name__}"
    return "an array of values"


def _way_out(network: Network, path: str, value: Any) -> str:
    """Name the numbers inside a law, the gain of a projection, or the way to give one number."""
    inner = [f"{path}.{f.name}" for f in dataclasses.fields(value)] if dataclasses.is_dataclass(value) else []
    numbers = [name for name in inner if name in network.paths()]
    if numbers:
        return f"a slider for {' or '.join(repr(name) for name in numbers)}"
    owner, _, last = path.rpartition(".")
    if last == "weight":
        return f"a slider for '{owner}.gain', which scales the weights"
    return f"give it one number first: net.with_value({path!r}, 1.0)"


def _range_problems(path: str, given: Any, value: Any) -> list[Problem]:
    hint = f'{{"{path}": (low, high)}} or (low, high, step), with low < high'
    shaped = isinstance(given, tuple | list) and len(given) in (2, 3) and all(_is_number(n) for n in given)
    if not shaped:
        return [Problem("empty-range", path, f"{given!r} is not a range", hint)]
    low, high, *step = given
    if low >= high:
        return [Problem("empty-range", path, f"the range from {low:g} to {high:g} is empty", hint)]
    if step and not 0 < step[0] <= high - low:
        return [Problem("empty-range", path, f"the step {step[0]:g} does not fit between {low:g} and {high:g}", hint)]
    if _is_number(value) and not low <= value <= high:
        what = f"its present value {value:g} lies outside the slider's range from {low:g} to {high:g}"
        return [Problem("outside-limits", path, what, f"({min(low, value):g}, {max(high, value):g})")]
    return []


def _control(network: Network, path: str, given: Sequence[float], value: float) -> Control:
    low, high = float(given[0]), float(given[1])
    whole = path.endswith(".size")
    step = float(given[2]) if len(given) == 3 else round_step(low, high, float(value), smallest=1.0 if whole else 0.0)
    about = network.describe(path)
    base, _, index = about.symbol.partition("_")
    return Control(path, float(value), low, high, step, (GREEK.get(base, base), index), _words(path, about), about.unit)


def _words(path: str, about: Any) -> str:
    """Say what a value means and whose it is, without its symbol; a stimulus with a name goes by that name."""
    owner = path.partition(".")[0]
    words = str(about.meaning).removeprefix(about.symbol).strip()
    _, onto, target = words.partition(" onto ")
    if onto and not target.startswith(f"{owner}."):
        words = ""
    if owner not in words:
        words = f"{words} of {owner}" if words else f"of {owner}"
    return words.replace("->", "→")


def round_step(low: float, high: float, value: float, *, smallest: float = 0.0) -> float:
    """Choose a round step that meets both the lower end and the present value, if there is one.

    >>> round_step(1.0, 20.0, 10.0)
    0.2
    """
    power = math.floor(math.log10((high - low) / STEPS))
    sizes = [factor * 10.0**exponent for exponent in (power, power - 1) for factor in (5, 2, 1)]
    sizes = [size for size in sizes if size <= (high - low) / STEPS * (1 + 1e-9)]
    fitting = [size for size in sizes if _is_whole((value - low) / size) and size >= smallest]
    chosen = max(smallest, (fitting or sizes)[0])
    return float(f"{chosen:.1g}")


def _is_whole(number: float) -> bool:
    return abs(number - round(number)) < 1e-6


def decimals(step: float) -> int:
    """Digits after the point that a step needs, six at most.

    >>> decimals(0.25)
    2
    """
    text = f"{step:.6f}".rstrip("0")
    return len(text.partition(".")[2])
