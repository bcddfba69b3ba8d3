"""Owns what a picture of power spectra shows: one line a variable, its peak marked. Must not know how it is drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from bokeh.models.ui import UIElement

from nbkit.analysis.labels import frequency_unit
from nbkit.analysis.reading import recording_start, time_unit
from nbkit.analysis.spectra import spectrum as estimated
from nbkit.errors import fail
from nbkit.network.time import Time, to_unit
from nbkit.plots.checks import require_picture
from nbkit.plots.curve_plan import Curve, CurvePlan
from nbkit.plots.ghosts import COLOUR, Earlier, dash_of, require_earlier
from nbkit.plots.picture import Columns, Picture, Settings
from nbkit.plots.series import read_series
from nbkit.plots.style import colour, note_settings

Array = np.ndarray
#: The axis ends at the frequency below which this share of the power lies, and no sooner than this many peaks.
SHARE, PEAKS = 0.999, 4.0
#: Peaks nearer than this share are marked by one number.
SAME = 0.02
#: Share of a recording left out when nobody says how much: the way to the rhythm is no part of it.
LEFT_OUT = 1 / 4


def spectrum(
    ds: xr.Dataset,
    variable: str | Sequence[str] | None = None,
    *,
    discard: Time | None = None,
    segment: Time | None = None,
    compare: Earlier = (),
    title: str = "",
    height: int = 320,
) -> UIElement:
    """Draw how much of a signal's variance lies at which frequency: Welch's estimate for the mean over units.

    The highest point of each line is marked with its frequency. The axis ends where next to no power is left.

    Args:
        ds: a result of `nbkit.simulate`.
        variable: one name such as ``"E.r"``, or several of the same quantity; None for the first that were recorded
            of one quantity.
        discard: length left out at the beginning; None for a quarter of the recording.
        segment: length of the averaged pieces; None for the longest that fit twice, overlapping.
        compare: earlier runs, as (label, Dataset), drawn grey and dashed.
        title: a heading; empty for none.
        height: height in pixels; the width follows the page.

    Returns:
        A Bokeh figure.

    Raises:
        NbkitError: a variable that was not recorded, variables of several quantities, too short a recording, what are
            no earlier runs.

    Source:
        Welch (1967) IEEE Trans. Audio Electroacoust. 15:70-73.

    Example:
        >>> import nbkit as nb
        >>> figure = nb.plots.spectrum(nb.simulate(nb.networks.rhythm(), 400.0, 0.1), "E.r")
    """
    return spectrum_picture(
        ds, variable, discard=discard, segment=segment, compare=compare, title=title, height=height
    ).draw()


def spectrum_picture(
    ds: xr.Dataset,
    variable: str | Sequence[str] | None = None,
    *,
    discard: Time | None = None,
    segment: Time | None = None,
    compare: Earlier = (),
    title: str = "",
    height: int = 320,
) -> Picture:
    """Compute what `spectrum` draws, as a `Picture` that a live figure can follow.

    Example:
        >>> import nbkit as nb
        >>> nb.plots.spectrum_picture(nb.simulate(nb.networks.rhythm(), 400.0, 0.1), "E.r").summary
        'Power spectrum. E.r: highest at 23.4 Hz.'
    """
    require_picture(ds, title, height)
    require_earlier(compare)
    series = read_series(ds, variable)
    if variable is None:
        series = tuple(one for one in series if one.axis_label == series[0].axis_label)
    labels = list(dict.fromkeys(one.axis_label for one in series))
    if len(labels) > 1:
        raise fail("bad-choice", "variable", f"{' and '.join(labels)} have no common axis", "variables of one quantity")
    columns: dict[str, Columns] = {}
    curves: list[Curve] = []
    names = [one.name for one in series]
    for number, (label, other) in enumerate(compare):
        for name in (n for n in names if n in other.data_vars):
            columns[f"{name} compare {number}"] = _estimate(other, name, discard, segment)[0]
            curves.append(Curve(f"{name} compare {number}", label, COLOUR, dash=dash_of(number), width=1.8))
    unit = frequency_unit(time_unit(ds))
    peaks, density = {}, ""
    for index, one in enumerate(series):
        columns[one.name], peaks[one.name], density = _estimate(ds, one.name, discard, segment)
        curves.append(Curve(one.name, one.population if len(names) > 1 else one.name, colour(index)))
    settings: dict[str, Settings] = {}
    for index, name in enumerate(names):
        columns[f"{name} peak"], words = _mark(columns[name], peaks[name], unit)
        told = any(abs(peaks[other] - peaks[name]) < SAME * peaks[name] for other in names[:index])
        settings[f"{name} peak words"] = {**words, "text": "" if told else words["text"]}
        curves.append(Curve(f"{name} peak", "", colour(index), kind="peak"))
    columns = _cut(columns, names, max(peaks.values(), default=0.0, key=lambda p: -1.0 if np.isnan(p) else p))
    plan = CurvePlan(
        f"frequency ({unit})", f"power of {series[0].quantity} ({density})", ("frequency", unit), ("power", density),
        tuple(curves), from_zero=True, title=title, height=height,
    )  # fmt: skip
    note = "Nothing moved: there is no power at any frequency" if all(map(np.isnan, peaks.values())) else ""
    told = "; ".join(f"{name}: highest at {peak:.3g} {unit}" for name, peak in peaks.items() if not np.isnan(peak))
    settings["note"] = note_settings(note)
    return Picture(plan, columns, settings, f"Power spectrum. {told}. {note}".strip())


def _estimate(ds: xr.Dataset, name: str, discard: Time | None, segment: Time | None) -> tuple[Columns, float, str]:
    """The spectrum of the mean over units, its peak, and the unit of its power."""
    start, unit = recording_start(ds), time_unit(ds)
    whole = float(ds["time"][-1]) - start
    left_out = LEFT_OUT * whole if discard is None else to_unit(discard, unit, "discard")
    piece = (whole - left_out) * 2 / 3 if segment is None else segment
    found = estimated(ds, name, discard=left_out, segment=piece, mean=True)
    power = found[f"{name}_power"]
    columns = {"x": found["frequency"].to_numpy(), "y": power.to_numpy().reshape(-1)}
    return columns, float(found[f"{name}_peak"]), str(power.attrs["units"])


def _mark(columns: Columns, peak: float, unit: str) -> tuple[Columns, Settings]:
    """The place of the highest point, and its frequency in words; neither for what stands still."""
    if np.isnan(peak):
        return {"x": np.empty(0), "y": np.empty(0)}, {"x": 0.0, "y": 0.0, "text": "", "visible": False}
    top = float(np.asarray(columns["y"])[1:].max())
    return (
        {"x": np.array([peak]), "y": np.array([top])},
        {"x": peak, "y": top, "text": f"{peak:.3g} {unit}", "visible": True},
    )


def _cut(columns: dict[str, Columns], names: Sequence[str], peak: float) -> dict[str, Columns]:
    """Leave out the frequencies above which there is next to nothing."""
    ends = [PEAKS * peak if peak > 0 else 0.0]
    for name in names:
        x, total = columns[name]["x"], np.cumsum(columns[name]["y"])
        ends.append(float(x[min(np.searchsorted(total, SHARE * total[-1]), len(x) - 1)]) if total[-1] > 0 else 0.0)
    end = max(ends) or np.inf
    return {key: {axis: values[held["x"] <= end] for axis, values in held.items()} for key, held in columns.items()}
