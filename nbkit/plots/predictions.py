"""Owns what a picture tells of predictions: which apply, what was measured, what is drawn. Must not know how."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import xarray as xr

from nbkit.errors import NbkitError, fail, shown
from nbkit.network.network import Network
from nbkit.plots.picture import Columns, Picture
from nbkit.plots.prediction_card import Told, card, in_words
from nbkit.plots.prediction_marks import Mark, PredictedPlan
from nbkit.plots.prediction_places import Line, Stage, place
from nbkit.study.prediction import Applies, Check, Prediction, numbers_of

#: What a picture takes: a prediction, or one with a measured number beside it.
Given = Sequence[Prediction | Check]
#: What the legend calls them; where strokes stand beside each other in a row, it has their names.
TOGETHER = "prediction"
#: A prediction with its lines.
Drawn = tuple[Prediction, list[Line]]


def require_predictions(predictions: object) -> None:
    """Raise for what is no list of predictions.

    Raises:
        NbkitError: ``bad-type``.
    """
    if not isinstance(predictions, list | tuple):
        what = f"{shown(predictions)} is no list of predictions"
        raise fail("bad-type", "predictions", what, "predictions=[nb.Prediction(...)]")
    for one in predictions:
        if not isinstance(one, Prediction | Check):
            what = f"{shown(one)} is neither a prediction nor its check"
            raise fail("bad-type", "predictions", what, "nb.Prediction(...), or prediction.check(number)")


def with_predictions(picture: Picture, ds: xr.Dataset, given: Given, stage: Stage) -> Picture:
    """Add predictions to a picture: lines over it, and a card below.

    Args:
        picture: what is drawn without them.
        ds: the result that it shows; its network decides which predictions apply.
        given: predictions, checked by `require_predictions`.
        stage: what the picture offers to draw on.
    """
    network = _network(ds) if any(_of(one).theory for one in given) else ""
    told = [_told(one, ds, network) for one in given]
    drawn, told = _placed(told, stage)
    marks, columns = _marks(drawn)
    settings = {**picture.settings, "predictions": {"text": card(told)}}
    summary = f"{picture.summary} Predictions: {' '.join(map(in_words, told))}"
    return Picture(PredictedPlan(picture.plan, marks), {**picture.columns, **columns}, settings, summary)


# ------------------------------------------------------------ what applies, and what was measured


def _of(one: Prediction | Check) -> Prediction:
    return one.prediction if isinstance(one, Check) else one


def _network(ds: xr.Dataset) -> Network | str:
    """The network of a result, or why nobody knows it."""
    if "network" not in ds.attrs:
        return "the result does not hold its network"
    try:
        return Network.from_json(ds.attrs["network"], {str(name): ds[name].to_numpy() for name in ds.data_vars})
    except NbkitError as error:
        return f"the network of the result cannot be read: {error.where} {error.what}"


def _told(one: Prediction | Check, ds: xr.Dataset, network: Network | str) -> Told:
    prediction = _of(one)
    verdict = _verdict(prediction, network)
    if not verdict or prediction.value is None:
        return Told(prediction, verdict)
    unknown = prediction.theory is not None and isinstance(network, str)
    notes = (f"{network}; so it may be another one than this was made for",) if unknown else ()
    if isinstance(one, Check):
        return Told(prediction, verdict, one, notes)
    return Told(prediction, verdict, None if prediction.measure is None else _measured(prediction, ds), notes)


def _verdict(prediction: Prediction, network: Network | str) -> Applies:
    """Whether a prediction applies to the network that is shown; a theory that fails there does not."""
    if isinstance(network, str) or prediction.theory is None or prediction.value is None:
        return prediction.verdict
    try:
        return prediction.applies(network)
    except NbkitError as error:
        return Applies("no", (f"made for another network; with this one its theory fails: {error.where} {error.what}",))


def _measured(prediction: Prediction, ds: xr.Dataset) -> Check:
    """Read the number from the result; what cannot be read does not hold."""
    assert prediction.measure is not None
    try:
        return prediction.check(prediction.measure(ds))
    except NbkitError as error:
        why = f"{error.where} {error.what}"
    except Exception as error:  # noqa: BLE001  a user's function, whose failure is no reason to show no picture
        why = f"{type(error).__name__} {error}"
    return Check(prediction, None, holds=False, reason=f"it could not be measured: {why}")


# ------------------------------------------------------------ what is drawn


def _placed(told: Sequence[Told], stage: Stage) -> tuple[list[Drawn], list[Told]]:
    """The lines of each prediction, and what is told of it, with the reasons why something is not drawn."""
    drawn: list[Drawn] = []
    after: list[Told] = []
    before: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in told:
        numbers = numbers_of(one.prediction.value) if one.verdict else {}
        lines: list[Line] = []
        reasons = []
        for key, value in numbers.items():
            found = place(stage, one.prediction, key, float(value), before[one.prediction.quantity])
            if isinstance(found, str):
                reasons += [found] if found else []
            else:
                lines.append(replace(found, whose=key))
                before[one.prediction.quantity][found.axis] += 1
        notes = [f"not drawn: {reason}" for reason in dict.fromkeys(reasons)]
        after.append(replace(one, notes=(*one.notes, *notes)))
        drawn += [(one.prediction, lines)] if lines else []
    return drawn, after


def _marks(drawn: Sequence[Drawn]) -> tuple[tuple[Mark, ...], dict[str, Columns]]:
    """What Bokeh draws: each named line by itself, the strokes of one prediction together."""
    marks: list[Mark] = []
    columns: dict[str, Columns] = {}
    taken: Counter[float] = Counter()
    for number, (prediction, lines) in enumerate(drawn):
        strokes = [line for line in lines if line.name_at is None and not line.in_legend]
        if strokes:
            rows = [float(line.columns["y"].mean()) for line in strokes]
            dash = max(taken[row] for row in rows)
            taken.update(rows)
            axis = strokes[0].axis
            marks.append(Mark(f"prediction {number}", prediction.name, prediction.unit, axis, dash, TOGETHER))
            columns[f"prediction {number}"] = _joined(strokes)
        for place_of, line in enumerate(lines):
            key, named = f"prediction {number} {place_of}", _named(prediction, line)
            if line.in_legend:
                dash = 1 + sum(mark.axis == line.axis and mark.legend != TOGETHER for mark in marks)
                marks.append(Mark(key, named, prediction.unit, line.axis, dash, named))
                columns[key] = _joined([line])
            if line.name_at is None:
                continue
            look = (line.axis, int(line.dashed), TOGETHER, line.align, line.above)
            marks.append(Mark(key, named, prediction.unit, *look))
            columns[key] = _joined([line])
            columns[f"{key} name"] = {"x": np.array([line.name_at[0]]), "y": np.array([line.name_at[1]])}
    side_by_side = any(many > 1 for many in taken.values())
    return tuple(replace(mark, legend=mark.name) if side_by_side else mark for mark in marks), columns


def _named(prediction: Prediction, line: Line) -> str:
    """What stands beside a line: with the variable, where the prediction is about several."""
    return f"{prediction.name}: {line.whose}" if line.whose else prediction.name


def _joined(lines: Sequence[Line]) -> Columns:
    """Several lines as one, with gaps between them."""
    gap = np.array([np.nan])
    parts = [{**line.columns, "value": np.full(len(line.columns["x"]), line.value)} for line in lines]
    joined = {axis: np.concatenate([values for part in parts for values in (part[axis], gap)]) for axis in parts[0]}
    return {axis: values[:-1] for axis, values in joined.items()}
