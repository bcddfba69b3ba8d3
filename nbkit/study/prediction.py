"""Owns `Prediction`: a number that theory gives for a network, with its reason. Must not know any theory, nor plots."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from nbkit.errors import NbkitError, Problem, fail, shown
from nbkit.model.numbers import is_finite_number
from nbkit.network.network import Network

if TYPE_CHECKING:
    import xarray as xr

#: a number, or one for each population
Value = float | Mapping[str, float]

Answer = Literal["yes", "approximately", "no"]

#: Part of what is allowed below which a measured number beside a predicted 0 is told as a 0.
NEAR_ZERO = 0.01

_WORDS = {"yes": "applies", "approximately": "applies approximately", "no": "does not apply"}

#: what a prediction may be about -> how it reads; plots know from it on which axis it is drawn
QUANTITIES = {
    "level": "a value that a variable takes",
    "time": "a moment",
    "period": "the length of a cycle",
    "frequency": "cycles in a second, or in a model unit",
    "rate": "spikes of a unit in a second, or in a model unit",
    "length": "a length in space",
    "speed": "a length in a time",
    "number": "any other number",
}


@dataclass(frozen=True)
class Applies:
    """Whether a theory speaks about a network: ``"yes"``, ``"approximately"`` or ``"no"``, and why.

    It is true in a condition unless the answer is no.

    Args:
        answer: one of the three words.
        reasons: why it is not a plain yes, each in a few words.

    Example:
        >>> verdict = Applies("approximately", ("the units differ",))
        >>> bool(verdict), str(verdict)
        (True, 'applies approximately: the units differ')
    """

    answer: Answer = "yes"
    reasons: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.answer != "no"

    def __str__(self) -> str:
        return _WORDS[self.answer] + (f": {'; '.join(self.reasons)}" if self.reasons else "")


def together(answers: list[Applies]) -> Applies:
    """One answer from several: the least certain one, with all reasons of that answer."""
    order: tuple[Answer, ...] = ("no", "approximately")
    for answer in order:
        reasons = tuple(reason for a in answers if a.answer == answer for reason in a.reasons)
        if any(a.answer == answer for a in answers):
            return Applies(answer, reasons)
    return Applies()


@dataclass(frozen=True)
class Check:
    """A measured number held beside a prediction.

    Attributes:
        prediction: what was predicted.
        measured: what was measured; None if nothing was.
        holds: whether every number lies within the tolerance. False where there is no prediction or no measurement.
        reason: the comparison in words.

    Example:
        >>> check = Prediction("Period", 40.0, unit="ms", rtol=0.05).check(43.0)
        >>> check.holds, check.measured
        (False, 43.0)
    """

    prediction: Prediction
    measured: Value | None
    holds: bool
    reason: str

    def __bool__(self) -> bool:
        return self.holds

    def __str__(self) -> str:
        return f"{'✓' if self.holds else '✗'} {self.prediction.name}: {self.reason}"

    def _repr_html_(self) -> str:
        ink = "#15803d" if self.holds else "#b91c1c"
        return f"<div><b style='color:{ink}'>{html.escape(str(self)[0])}</b> {html.escape(str(self)[2:])}</div>"


@dataclass(frozen=True, eq=False)
class Prediction:
    r"""A number that theory gives before anything runs: plots draw it, exercises and tests check it.

    Those in `nbkit.study` are made from a network. Where their theory does not apply they have no value, and say why.

    Args:
        name: what is predicted, such as ``"Period of the rhythm"``.
        value: the number; or a mapping of populations to numbers; None where the theory does not apply.
        unit: of the value, as it is read on an axis.
        latex: the formula.
        source: where it comes from.
        rtol: how far a measured number may be from the value, as a share of it.
        atol: the same as a number. Both together make the tolerance.
        quantity: what kind of number it is: ``level``, ``time``, ``period``, ``frequency``, ``rate``, ``length``,
            ``speed`` or ``number``.
        of: the path of the variable, or the name of the population, that it speaks about.
        verdict: whether the theory applies to the network from which the value was computed.
        theory: makes the prediction again, for another network.
        measure: reads the number from a result.

    Raises:
        NbkitError: ``bad-type`` or ``bad-value`` with everything that is wrong.

    Example:
        >>> import nbkit as nb
        >>> period = nb.Prediction("Period", 40.0, unit="ms", quantity="period", rtol=0.05)
        >>> print(period.check(41.0))
        ✓ Period: 41 ms measured, 40 ms predicted (+2.5 %, 5 % allowed)
        >>> period.check(float("nan")).holds
        False
    """

    name: str
    value: Value | None
    unit: str = ""
    latex: str = ""
    source: str = ""
    rtol: float = 0.02
    atol: float = 0.0
    quantity: str = "number"
    of: str = ""
    verdict: Applies = Applies()
    theory: Callable[[Network], Prediction] | None = None
    measure: Callable[[xr.Dataset], Value] | None = None

    def __post_init__(self) -> None:
        wrong = [
            Problem("bad-type", f"Prediction.{key}", f"{shown(held)} is not text", 'such as "Period"')
            for key in ("name", "unit", "latex", "source", "of")
            if not isinstance(held := getattr(self, key), str)
        ]
        for key in ("rtol", "atol"):
            if not is_finite_number(held := getattr(self, key)) or held < 0:
                hint = "0 or more; rtol=0.02 allows 2 %"
                wrong.append(Problem("bad-value", f"Prediction.{key}", f"{shown(held)} is no tolerance", hint))
        if self.quantity not in QUANTITIES:
            hint = f"one of {', '.join(QUANTITIES)}"
            wrong.append(Problem("bad-value", "Prediction.quantity", f"no quantity {shown(self.quantity)}", hint))
        if self.value is not None and not all(map(is_finite_number, numbers_of(self.value).values())):
            what = f"{shown(self.value)} is no finite number, nor one for each population"
            wrong.append(Problem("bad-value", "Prediction.value", what, "None where nothing is predicted"))
        if (self.value is None) == bool(self.verdict) and not wrong:
            what = "a value is given exactly where the theory applies"
            wrong.append(Problem("bad-value", "Prediction.value", what, "None, and a verdict of no"))
        if wrong:
            raise NbkitError(wrong)

    def applies(self, network: Network) -> Applies:
        """Whether this value may be held beside what a network does.

        Args:
            network: any network.

        Returns:
            No, with the reason, where the theory says nothing about the network, or something else than this value.

        Raises:
            NbkitError: ``bad-type`` for what is no network.
        """
        if not isinstance(network, Network):
            raise fail("bad-type", "network", f"{shown(network)} is no network", "nb.Network(...)")
        if self.theory is None:
            return self.verdict
        there = self.theory(network)
        if self.value is None or there.value is None:
            return self.verdict if self.value is None else there.verdict
        mine, others = numbers_of(self.value), numbers_of(there.value)
        if mine.keys() == others.keys() and all(math.isclose(mine[k], others[k], rel_tol=1e-9) for k in mine):
            return there.verdict
        return Applies("no", (f"made for another network; for this one it is {there.words()}",))

    def for_network(self, network: Network) -> Prediction:
        """What the same theory says about another network.

        Raises:
            NbkitError: ``bad-type`` for a prediction that was typed as a number.
        """
        if self.theory is None:
            hint = "make it from a network, with a function of nb.study"
            raise fail("bad-type", "Prediction", f"'{self.name}' is a number without its theory", hint)
        return self.theory(network)

    def check(self, measured: Any) -> Check:
        """Hold a measured number beside the value.

        It fails closed: without a value, or with nothing measured, it does not hold.

        Args:
            measured: a number; a mapping of populations to numbers; or a result, from which the number is read.
        """
        if self.value is None:
            return Check(self, None, holds=False, reason=str(self.verdict))
        if type(measured).__name__ == "Dataset":
            return self._check_result(measured)
        found, expected = numbers_of(measured), numbers_of(self.value)
        lacking = [key or "number" for key in expected if not is_finite_number(found.get(key))]
        if lacking:
            what = ", ".join(lacking)
            return Check(self, None, holds=False, reason=f"no {what} was measured, {self.words()} predicted")
        parts = [_compared(self, key, float(found[key]), value) for key, value in expected.items()]
        value = float(found[""]) if "" in expected else {key: float(found[key]) for key in expected}
        return Check(self, value, all(holds for holds, _ in parts), "; ".join(words for _, words in parts))

    def _check_result(self, result: xr.Dataset) -> Check:
        if self.measure is None:
            hint = "measure the number with nb.analysis, and give that"
            raise fail("bad-type", "Prediction.check", f"'{self.name}' does not read results", hint)
        if "network" in result.attrs and self.theory is not None:
            arrays = {str(name): result[name].to_numpy() for name in result.data_vars}
            verdict = self.applies(Network.from_json(result.attrs["network"], arrays))
            if not verdict:
                return Check(self, None, holds=False, reason=str(verdict))
        return self.check(self.measure(result))

    def words(self) -> str:
        """The value with its unit, in words."""
        if self.value is None:
            return "no value"
        return ", ".join(_with_unit(f"{k} {v:.4g}".strip(), self.unit) for k, v in numbers_of(self.value).items())

    def __str__(self) -> str:
        return f"{self.name}: {self.words() if self.value is not None else self.verdict}"

    def _repr_html_(self) -> str:
        verdict = "" if self.verdict.answer == "yes" else f"<br><i>{html.escape(str(self.verdict))}</i>"
        formula = f"$${self.latex}$$" if self.latex else ""
        source = f"<br><small>{html.escape(self.source)}</small>" if self.source else ""
        return f"<div><b>{html.escape(self.name)}</b> {html.escape(self.words())}{verdict}{formula}{source}</div>"


def numbers_of(value: Any) -> Mapping[str, Any]:
    """The numbers of a value by population; a single number has an empty name."""
    if isinstance(value, Mapping):
        return {str(key): _number(held) for key, held in value.items()}
    return {"": _number(value)}


def _number(value: Any) -> Any:
    """An array of one element, such as xarray's, as a plain number; anything else as it is."""
    if getattr(value, "size", 0) == 1 and hasattr(value, "item"):
        return value.item()
    return value


def _compared(prediction: Prediction, key: str, measured: float, value: float) -> tuple[bool, str]:
    allowed = prediction.atol + prediction.rtol * abs(value)
    unit, off = prediction.unit, measured - value
    told = _percent(100 * off / value) if value else _with_unit(f"{off:+.2g}", unit)
    limit = f"{100 * allowed / abs(value):.3g} %" if value else _with_unit(f"{allowed:.3g}", unit)
    found = measured_words(measured, value, allowed)
    words = f"{_with_unit(found, unit)} measured, {_with_unit(f'{value:.4g}', unit)} predicted"
    told = "" if found.startswith("0 ") else f"{told}, "
    return abs(off) <= allowed, f"{key}{' ' * bool(key)}{words} ({told}{limit} allowed)"


def measured_words(measured: float, value: float, allowed: float) -> str:
    """A measured number as it is read; one that is far nearer to a predicted 0 than it need be, is a 0.

    Args:
        measured: what was measured.
        value: what was predicted.
        allowed: how far the one may be from the other.

    >>> measured_words(41.23456, 40.0, 2.0), measured_words(-6.465e-13, 0.0, 1e-3)
    ('41.23', '0 (|·| < 1e-12)')
    """
    if value or not measured or abs(measured) > NEAR_ZERO * allowed:
        return f"{measured:.4g}"
    return f"0 (|·| < {10.0 ** math.ceil(math.log10(abs(measured))):.0e})"


def _percent(off: float) -> str:
    if abs(off) < 0.01:
        return "off by less than 0.01 %"
    return f"{off:+.2g} %" if abs(off) < 99.5 else f"{off:+.0f} %"


def _with_unit(text: str, unit: str) -> str:
    return f"{text} {unit}" if unit else text
