"""Owns how predictions are held beside a run: checked where the run can tell, and made ready to draw.

Must not know any theory, nor the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import xarray as xr

from nbkit.errors import NbkitError
from nbkit.study.prediction import Check, Prediction

#: Quantities that a figure over time can draw.
DRAWABLE = ("level", "time", "period")


def checked(prediction: Prediction, result: xr.Dataset) -> Check | None:
    """A prediction held beside a run of the network that it was made for; None where the run cannot tell.

    Example:
        >>> import nbkit as nb
        >>> level = nb.Prediction("Level", 2.0, of="E.x", measure=lambda ds: float(ds["E.x"][-1, 0]))
        >>> net = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 1, {}, {"x": 2.0})})
        >>> checked(level, nb.simulate(net, 1.0, 0.1)).holds
        False
    """
    if not prediction.verdict or prediction.value is None or prediction.measure is None:
        return None
    try:
        return replace(prediction, theory=None).check(prediction.measure(result))
    except NbkitError as error:
        reason = f"it could not be measured: {error.where} {error.what}"
    except Exception as error:  # noqa: BLE001  a measurement that fails is no reason to show nothing
        reason = f"it could not be measured: {type(error).__name__} {error}"
    return Check(prediction, None, holds=False, reason=reason)


def for_figures(predictions: Sequence[Prediction], result: xr.Dataset) -> list[Prediction | Check]:
    """Predictions as pictures take them: with what was measured, and without working the theory out again."""
    found: list[Prediction | Check] = []
    for prediction in predictions:
        check = checked(prediction, result)
        found.append(replace(prediction, theory=None, measure=None) if check is None else _plain(check))
    return found


def _plain(check: Check) -> Check:
    return replace(check, prediction=replace(check.prediction, theory=None, measure=None))


def _beside(check: Check | None) -> str:
    """What was measured, in words; a number that the run does not have is no failure of the theory."""
    if check is None:
        return ""
    return "this run does not show it" if check.measured is None and check.reason.startswith("no ") else check.reason


def lines_of(
    predictions: Sequence[Prediction], result: xr.Dataset | None, ticked: frozenset[int]
) -> list[dict[str, Any]]:
    """The lines of the list of theory, as plain values: words, mark, what was measured, whether it can be drawn."""
    lines = []
    for number, prediction in enumerate(predictions):
        check = None if result is None else checked(prediction, result)
        measured = check is not None and check.measured is not None
        lines.append(
            {
                "words": f"{prediction.name}: {prediction.words() if prediction.verdict else prediction.verdict}",
                "approximately": str(prediction.verdict) if prediction.verdict.answer == "approximately" else "",
                "mark": "" if check is None or not measured else "holds" if check.holds else "fails",
                "measured": _beside(check),
                "source": prediction.source,
                "drawable": bool(prediction.verdict) and prediction.quantity in DRAWABLE,
                "ticked": number in ticked,
            }
        )
    return lines
