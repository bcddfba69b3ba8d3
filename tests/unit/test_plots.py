"""Laws of the pictures: what they say is what the Dataset holds, and what it does not hold is refused in words."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr
from bokeh.embed import json_item
from bokeh.models import (
    Column,
    ColumnDataSource,
    GlyphRenderer,
    Image,
    Legend,
    Line,
    LinearColorMapper,
    MultiLine,
    Title,
)

from nbkit.errors import NbkitError
from nbkit.plots import heatmap, heatmap_picture, traces, traces_picture
from nbkit.plots.style import COLOURS


def recording(sizes, *, steps=200, unit="", time_unit="ms", variable="r", long_name="rate", values=None):
    """Make a Dataset as `nbkit.simulate` returns it: every unit a wave of its own phase."""
    time = np.arange(steps + 1) * 0.1
    arrays, coordinates = {}, {"time": ("time", time, {"units": time_unit}), "step": ("time", np.arange(steps + 1))}
    for name, size in sizes.items():
        data = np.sin(time[:, None] + np.arange(size)) if values is None else values
        about = {"units": unit, "long_name": long_name, "population": name, "variable": variable}
        arrays[f"{name}.{variable}"] = (("time", f"{name}.unit"), data, about)
        arrays[f"{name}.tau"] = ((f"{name}.unit",), np.full(size, 10.0), {"units": "ms"})
        coordinates[f"{name}.unit"] = np.arange(size)
    return xr.Dataset(arrays, coordinates)


def source(figure, name):
    return figure.select_one({"type": ColumnDataSource, "name": name}).data


def note(figure):
    return figure.select_one({"type": Title, "name": "note"})


def glyph(figure, name, kind):
    found = [r for r in figure.select({"type": GlyphRenderer}) if r.data_source.name == name]
    assert len(found) == 1
    assert isinstance(found[0].glyph, kind)
    return found[0].glyph


def legend_texts(figure):
    return [item.label.value for item in figure.select_one({"type": Legend}).items]


def test_the_mean_line_is_the_mean_and_the_band_holds_every_unit():
    ds = recording({"E": 7})
    figure = traces(ds, "E.r")
    mean, band = source(figure, "E.r mean"), source(figure, "E.r band")
    assert np.allclose(mean["y"], ds["E.r"].mean("E.unit"))
    assert (mean["x"] == ds.time).all()
    assert (band["low"] == ds["E.r"].min("E.unit")).all()
    assert (band["high"] == ds["E.r"].max("E.unit")).all()


def test_the_quartile_band_holds_the_middle_half():
    ds = recording({"E": 9})
    band = source(traces(ds, band="quartiles"), "E.r band")
    assert np.allclose(band["low"], ds["E.r"].quantile(0.25, "E.unit"))
    assert np.allclose(band["high"], ds["E.r"].quantile(0.75, "E.unit"))


@pytest.mark.parametrize(
    ("unit", "time_unit", "y_label", "x_label"),
    [
        ("", "ms", "rate r (dimensionless)", "time (ms)"),
        ("1", "1", "rate r (dimensionless)", "time (model units)"),
        ("mV", "s", "rate r (mV)", "time (s)"),
    ],
)
def test_axes_name_quantity_and_unit(unit, time_unit, y_label, x_label):
    figure = traces(recording({"E": 3}, unit=unit, time_unit=time_unit))
    assert figure.yaxis[0].axis_label == y_label
    assert figure.xaxis[0].axis_label == x_label


def test_a_label_that_is_too_long_for_its_axis_leaves_out_the_meaning():
    meaning = "activity of the excitatory population"
    figure = traces(recording({"P": 1}, variable="E", long_name=meaning), "P.E")
    assert figure.yaxis[0].axis_label == "E (dimensionless)"
    assert traces(recording({"P": 1}, unit="mV", long_name="potential")).yaxis[0].axis_label == "potential r (mV)"


def test_single_units_are_thin_pale_and_counted():
    ds = recording({"E": 80})
    figure = traces(ds)
    lines = glyph(figure, "E.r units", MultiLine)
    assert lines.line_width < glyph(figure, "E.r mean", Line).line_width
    assert lines.line_alpha < 0.5
    assert legend_texts(figure) == ["E, mean of 80", "30 of 80 units", "min to max"]
    data = source(figure, "E.r units")
    assert len(data["ys"]) == 30
    for number, line in zip(data["unit"], data["ys"], strict=True):
        assert (line == ds["E.r"].sel({"E.unit": number})).all()


def test_chosen_units_are_found_by_their_number_and_named():
    ds = recording({"E": 10}).isel({"E.unit": slice(4, 10)})
    figure = traces(ds, units=[9, 5])
    assert list(source(figure, "E.r units")["unit"]) == [9, 5]
    assert (source(figure, "E.r units")["ys"][0] == ds["E.r"].sel({"E.unit": 9})).all()
    assert "units 9, 5" in legend_texts(figure)
    assert list(source(traces(ds, units=slice(0, 2)), "E.r units")["unit"]) == [4, 5]
    assert figure.select_one({"name": "E.r units"}) is not None
    assert traces(ds, units=[]).select_one({"name": "E.r units"}) is None


def test_each_population_has_its_colour_and_no_crowd_of_units():
    figure = traces(recording({"E": 5, "I": 4}))
    assert glyph(figure, "E.r mean", Line).line_color == COLOURS[0]
    assert glyph(figure, "I.r mean", Line).line_color == COLOURS[1]
    assert figure.select_one({"name": "E.r units"}) is None
    assert legend_texts(figure) == ["E, mean of 5", "I, mean of 4", "min to max"]


def test_a_single_unit_is_neither_averaged_nor_banded():
    figure = traces(recording({"E": 1}))
    assert legend_texts(figure) == ["E"]


def test_an_average_recorded_without_units_is_a_line():
    ds = recording({"E": 4})
    averaged = ds.drop_vars("E.r").assign({"E.r": ds["E.r"].mean("E.unit", keep_attrs=True)})
    figure = traces(averaged, mean=False)
    assert legend_texts(figure) == ["E, average"]
    assert np.allclose(source(figure, "E.r mean")["y"], ds["E.r"].mean("E.unit"))


def test_a_grid_is_drawn_unit_by_unit():
    ds = recording({"E": 6})
    grid = xr.DataArray(
        ds["E.r"].values.reshape(-1, 2, 3),
        dims=("time", "E.grid_y", "E.grid_x"),
        coords={"time": ds.time},
        attrs=ds["E.r"].attrs,
    )
    figure = traces(xr.Dataset({"E.r": grid}))
    assert np.allclose(source(figure, "E.r mean")["y"], ds["E.r"].mean("E.unit"))


def test_quantities_of_different_units_get_panels_over_one_time_axis():
    both = xr.merge(
        [recording({"E": 3}), recording({"E": 3}, unit="mV", variable="v", long_name="membrane potential")],
        compat="override",
        join="override",
    )
    layout = traces(both)
    assert isinstance(layout, Column)
    first, second = layout.children
    assert first.x_range is second.x_range
    assert {first.yaxis[0].axis_label, second.yaxis[0].axis_label} == {
        "rate r (dimensionless)",
        "membrane potential v (mV)",
    }


def test_an_earlier_run_is_grey_and_dashed():
    now, before = recording({"E": 5}), recording({"E": 5}, steps=100)
    figure = traces(now, compare=[("before", before)])
    line = glyph(figure, "E.r compare 0", Line)
    assert line.line_dash == [6]
    assert line.line_color not in COLOURS
    assert np.allclose(source(figure, "E.r compare 0")["y"], before["E.r"].mean("E.unit"))
    assert legend_texts(figure)[-1] == "before"


def test_the_legend_stands_outside_the_axes():
    figure = traces(recording({"E": 5}))
    assert figure.select_one({"type": Legend}) in figure.above


def test_the_heading_is_shown():
    figure = traces(recording({"E": 5}), title="Waves")
    assert "Waves" in [model.text for model in figure.above if isinstance(model, Title)]


@pytest.mark.parametrize("draw", [traces, heatmap])
@pytest.mark.parametrize("start", [0.0, -65.0])
def test_a_run_in_which_nothing_moved_says_so(draw, start):
    noise = 1e-15 * max(1.0, abs(start)) * np.random.default_rng(0).normal(size=(201, 3))
    still = note(draw(recording({"E": 3}, values=start + noise)))
    assert still.visible
    assert "Nothing moved" in still.text
    assert "fixed point" in still.text


def test_when_nothing_moved_no_axis_zooms_into_rounding():
    noise = 1e-15 * np.random.default_rng(0).normal(size=(201, 3))
    lines = source(traces(recording({"E": 3}, values=noise)), "E.r units")["ys"]
    assert all(np.ptp(line) == 0 for line in lines)


def test_one_unit_that_moves_is_movement():
    values = np.zeros((201, 3))
    values[100:, 2] = 1e-6
    assert not note(traces(recording({"E": 3}, values=values))).visible


def test_numbers_that_ran_away_are_named_with_their_time():
    values = np.ones((201, 3))
    values[50:, 1] = np.inf
    text = note(traces(recording({"E": 3}, values=values))).text
    assert "E.r is not a finite number from 5 ms on" in text


def test_long_recordings_are_thinned_and_their_peaks_stay():
    values = np.zeros((60_001, 5))
    values[31_234, 3] = 9.0
    figure = traces(recording({"E": 5}, steps=60_000, values=values))
    lines = source(figure, "E.r units")["ys"]
    assert all(len(line) <= 2400 for line in lines)
    assert lines[3].max() == 9.0
    assert source(figure, "E.r band")["high"].max() == 9.0
    assert len(json.dumps(json_item(figure))) < 1_000_000


def test_what_was_not_recorded_is_refused_with_the_nearest_name():
    with pytest.raises(NbkitError) as error:
        traces(recording({"Exc": 3}), ["Exc.rr", "Inh.r"])
    assert [problem.code for problem in error.value.problems] == ["unknown-variable"] * 2
    assert "did you mean 'Exc.r'" in error.value.hint


def test_a_parameter_is_no_trace():
    with pytest.raises(NbkitError, match="was not recorded"):
        traces(recording({"E": 3}), "E.tau")


def test_nothing_recorded_is_refused():
    with pytest.raises(NbkitError, match="nothing in it was recorded"):
        traces(recording({"E": 3})[["E.tau"]])


def test_several_runs_at_once_are_refused_with_the_way_to_one():
    runs = xr.concat([recording({"E": 3})] * 2, "seed")
    with pytest.raises(NbkitError) as error:
        traces(runs, "E.r")
    assert error.value.code == "wrong-shape"
    assert error.value.hint == 'choose one: ds.isel({"seed": 0})'
    traces(runs.isel({"seed": 0}), "E.r")


def test_units_and_bands_that_are_not_there_are_refused():
    with pytest.raises(NbkitError, match="unit 3 was not recorded"):
        traces(recording({"E": 3}), units=[0, 3])
    with pytest.raises(NbkitError, match="one of range, quartiles, none"):
        traces(recording({"E": 3}), band="std")


def test_the_heat_map_shows_each_value_where_it_belongs():
    values = np.zeros((201, 5))
    values[120, 3] = 1.0
    figure = heatmap(recording({"E": 5}, values=values))
    drawn = glyph(figure, "image", Image)
    image = source(figure, "image")["image"][0]
    row, column = np.unravel_index(image.argmax(), image.shape)
    assert drawn.y + (row + 0.5) * drawn.dh / image.shape[0] == pytest.approx(3)
    assert drawn.x + (column + 0.5) * drawn.dw / image.shape[1] == pytest.approx(12.0)
    assert not note(figure).visible


def test_the_heat_map_knows_the_numbers_of_the_recorded_units():
    ds = recording({"E": 20})
    every_fifth = ds.isel({"E.unit": slice(0, None, 5)})
    figure = heatmap(every_fifth)
    assert (figure.y_range.start, figure.y_range.end) == (-2.5, 17.5)
    scattered = heatmap(ds.isel({"E.unit": [1, 2, 9]}))
    assert scattered.yaxis[0].axis_label == "recorded unit of E, in order"


def test_a_large_heat_map_is_averaged_says_so_and_stays_small():
    ds = recording({"E": 450}, steps=5000)
    figure = heatmap(ds, title="Many")
    assert note(figure).text == "Each cell is the mean of 7 samples × 3 units"
    assert len(json.dumps(json_item(figure))) < 1_000_000
    first = source(heatmap(ds), "image")["image"][0][0, 0]
    assert first == pytest.approx(ds["E.r"].values[:7, :3].mean(), rel=1e-6)


def test_the_colour_bar_spans_the_values_and_is_labelled():
    ds = recording({"E": 5})
    figure = heatmap(ds)
    mapper = figure.select_one({"type": LinearColorMapper})
    assert mapper.low == pytest.approx(float(ds["E.r"].min()), rel=1e-6)
    assert mapper.high == pytest.approx(float(ds["E.r"].max()), rel=1e-6)
    assert "colour: rate r (dimensionless)" in [m.text for m in figure.above if isinstance(m, Title)]


def test_a_heat_map_wants_one_variable():
    with pytest.raises(NbkitError, match=r"one of E\.r, I\.r"):
        heatmap(recording({"E": 3, "I": 3}))


@pytest.mark.parametrize("make", [traces_picture, heatmap_picture])
def test_runs_of_one_kind_share_a_plan_and_others_do_not(make):
    one = make(recording({"E": 5}))
    two = make(recording({"E": 5}, values=np.ones((201, 5))))
    other = make(recording({"E": 6}))
    assert one.plan == two.plan
    assert one.plan != other.plan
    assert one.columns.keys() == two.columns.keys()


def test_the_summary_says_what_the_picture_shows():
    values = np.linspace(0, 2, 201)[:, None] * np.ones(4)
    text = traces_picture(recording({"E": 4}, values=values)).summary
    assert text == "Traces over 0 to 20 ms. E.r, mean of 4 units: from 0 to 2, at the end 2."


def test_colours_stay_apart_for_red_green_blindness():
    # Machado, Oliveira and Fernandes (2009), full severity; acts on linear RGB
    protan = np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    )
    deutan = np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    )
    rgb = np.array([[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in COLOURS])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    for matrix in (np.eye(3), protan, deutan):
        lab = _lab(np.clip(linear @ matrix.T, 0, 1))
        distance = np.linalg.norm(lab[:, None] - lab[None], axis=-1)[np.triu_indices(len(lab), 1)]
        assert distance.min() > 15


def _lab(linear):
    xyz = linear @ np.array([[0.4124, 0.2126, 0.0193], [0.3576, 0.7152, 0.1192], [0.1805, 0.0722, 0.9505]])
    ratio = xyz / np.array([0.9505, 1.0, 1.089])
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1)
