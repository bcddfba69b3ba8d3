"""Laws of the pictures of space: every cell lies where its unit lies, the player decodes what was recorded."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr
from bokeh.embed import json_item
from bokeh.models import ColumnDataSource, GlyphRenderer, LinearColorMapper, Slider, Title
from bokeh.plotting import figure as bokeh_figure

from nbkit.errors import NbkitError
from nbkit.plots import sheet, sheet_picture, space_time, space_time_picture
from nbkit.plots.reduce import mean_along


def recording(shape, *, steps=20, values=None, time_unit="ms", extent=1.0, name="E", dt=0.5):
    """Make a Dataset of a line (nx,) or a sheet (ny, nx): noise, the same every time."""
    time = np.arange(steps + 1) * dt
    cell = extent / shape[-1]
    dims = [f"{name}.grid_{axis}" for axis in ("y", "x")[-len(shape) :]]
    places = {dim: (dim, (np.arange(n) + 0.5) * cell) for dim, n in zip(dims, shape, strict=True)}
    if values is None:
        values = np.random.default_rng(0).random((len(time), *shape))
    about = {"units": "", "long_name": "rate", "population": name, "variable": "r"}
    return xr.Dataset(
        {f"{name}.r": (("time", *dims), values, about)}, {"time": ("time", time, {"units": time_unit}), **places}
    )


def data(figure, name):
    return figure.select_one({"type": ColumnDataSource, "name": name}).data


def text(figure, name):
    return figure.select_one({"type": Title, "name": name}).text


def decoded(figure):
    """Give all frames as the player would: (frames, y, x)."""
    scale, code = data(figure, "scale"), data(figure, "frames")["code"]
    low, high = scale["low"][0], scale["high"][0]
    values = np.where(code == 65535, np.nan, low + code * (high - low) / 65534)
    return values.reshape(-1, *data(figure, "image")["image"][0].shape)


def place_of_highest(figure):
    """Give the place in the middle of the brightest cell, on the axes of the figure."""
    [drawn] = figure.select({"type": GlyphRenderer})
    image = data(figure, "image")["image"][0]
    row, column = np.unravel_index(np.nanargmax(image), image.shape)
    glyph = drawn.glyph
    x = glyph.x + (column + 0.5) * glyph.dw / image.shape[1]
    return x, glyph.y + (row + 0.5) * glyph.dh / image.shape[0]


# ------------------------------------------------------------ sheets


def test_a_unit_is_drawn_where_it_stands():
    values = np.zeros((21, 4, 8))
    values[:, 3, 1] = 1.0
    figure = sheet(recording((4, 8), values=values, extent=2.0))
    assert place_of_highest(figure) == pytest.approx((0.375, 0.875))
    axes = figure.select_one({"type": bokeh_figure})
    assert (axes.xaxis[0].axis_label, axes.yaxis[0].axis_label) == ("x", "y")


def test_cells_are_square_at_full_width():
    for shape in ((20, 20), (10, 40), (30, 20)):
        axes = sheet(recording(shape)).select_one({"type": bokeh_figure})
        assert axes.match_aspect
        inner = axes.max_width - axes.min_border_left - axes.min_border_right
        assert inner / axes.frame_height == pytest.approx(shape[1] / shape[0], rel=0.01)


@pytest.mark.parametrize("shape", [(2, 200), (200, 2)])
def test_long_sheets_stay_within_the_page(shape):
    axes = sheet(recording(shape)).select_one({"type": bokeh_figure})
    assert 320 <= axes.max_width <= 900
    assert 80 <= axes.frame_height <= 360


def test_the_player_holds_every_sample_to_the_eye():
    ds = recording((5, 7))
    figure = sheet(ds)
    frames = decoded(figure)
    assert frames.shape == (21, 5, 7)
    assert np.abs(frames - ds["E.r"].values).max() < 1e-4
    assert data(figure, "frames")["code"].dtype == np.uint16
    assert (data(figure, "moments")["time"] == ds.time).all()


def test_a_transposed_recording_is_read_by_its_names():
    ds = recording((5, 7))
    turned = ds.transpose("E.grid_x", "time", "E.grid_y")
    assert (decoded(sheet(turned)) == decoded(sheet(ds))).all()


def test_what_is_not_a_number_has_no_colour_and_is_told():
    values = np.random.default_rng(0).random((21, 3, 3))
    values[4:, 1, 2] = np.nan
    figure = sheet(recording((3, 3), values=values))
    assert (np.isnan(decoded(figure)) == np.isnan(values)).all()
    assert "E.r is not a finite number from 2 ms on" in text(figure, "note")


def test_the_last_moment_is_shown_first_unless_another_is_wanted():
    ds = recording((3, 4))
    figure = sheet(ds)
    assert text(figure, "moment") == "t = 10.0 ms"
    assert np.allclose(data(figure, "image")["image"][0], ds["E.r"][-1], atol=1e-6)
    earlier = sheet(ds, time=2.6)
    assert text(earlier, "moment") == "t = 2.5 ms"
    assert np.allclose(data(earlier, "image")["image"][0], ds["E.r"][5], atol=1e-6)
    slider = earlier.select_one({"type": Slider})
    assert (slider.start, slider.end, slider.step, slider.value) == (0, 20, 1, 5)


def test_model_units_are_called_so():
    assert text(sheet(recording((3, 3), time_unit="1")), "moment") == "t = 10.0 model units"


def test_colours_mean_the_same_at_every_moment():
    values = np.zeros((21, 3, 3))
    values[7, 1, 1], values[8, 1, 1] = 5.0, -2.0
    mapper = sheet(recording((3, 3), values=values)).select_one({"type": LinearColorMapper})
    assert (mapper.low, mapper.high) == (-2.0, 5.0)
    chosen = sheet(recording((3, 3), values=values), limits=(0, 1))
    mapper = chosen.select_one({"type": LinearColorMapper})
    assert (mapper.low, mapper.high) == (0.0, 1.0)
    assert decoded(chosen)[7, 1, 1] == pytest.approx(5.0)


def test_a_single_sample_has_no_player():
    figure = sheet(recording((3, 3), steps=0))
    assert figure.select_one({"type": Slider}) is None
    assert text(figure, "moment") == "t = 0 ms"


def test_a_large_sheet_is_averaged_says_so_and_stays_small():
    ds = recording((300, 130), steps=40)
    figure = sheet(ds)
    assert text(figure, "note") == "Each cell is the mean of 3 × 2 units"
    frames = decoded(figure)
    assert frames.shape == (41, 100, 65)
    assert frames[7, 3, 4] == pytest.approx(ds["E.r"].values[7, 9:12, 8:10].mean(), abs=1e-4)
    [drawn] = figure.select({"type": GlyphRenderer})
    assert (drawn.glyph.dw, drawn.glyph.dh) == (1.0, pytest.approx(300 / 130))


def test_a_long_recording_shows_every_so_manieth_sample_and_says_so():
    ds = recording((100, 100), steps=300)
    figure = sheet(ds)
    assert text(figure, "note") == "The player shows every 4th sample"
    assert (data(figure, "moments")["time"] == ds.time[::4]).all()
    assert np.abs(decoded(figure)[20] - ds["E.r"].values[80]).max() < 1e-4
    assert data(figure, "frames")["code"].nbytes <= 2_000_000
    assert len(json.dumps(json_item(figure))) < 3_000_000


@pytest.mark.parametrize(("steps", "words"), [(4800, "3rd"), (2400 * 21 - 1, "21st"), (2400 * 11 - 1, "11th")])
def test_numbers_are_spoken_as_people_speak(steps, words):
    values = np.broadcast_to(np.arange(2.0), (steps + 1, 1, 2))
    assert f"every {words} sample" in text(sheet(recording((1, 2), steps=steps, values=values)), "note")


def test_nothing_moved_is_said():
    assert "Nothing moved" in text(sheet(recording((3, 3), values=np.ones((21, 3, 3)))), "note")


def test_the_only_sheet_is_found_among_other_recordings():
    both = xr.merge([recording((3, 4)), recording((5,), name="L")], compat="override", join="override")
    assert sheet_picture(both).summary.startswith("Sheet of E.r: 3 × 4 units over 0 to 10 ms, from")
    assert space_time_picture(both[["L.r"]]).summary.startswith("Space-time plot of L.r: 5 places along x")


def test_the_summary_tells_where_it_is_highest():
    values = np.zeros((21, 4, 4))
    values[:, 2, 1] = np.linspace(0, 3, 21)
    told = sheet_picture(recording((4, 4), values=values)).summary
    assert told == (
        "Sheet of E.r: 4 × 4 units over 0 to 10 ms, from 0 to 3. At 10 ms it is highest, 3, near x = 0.375, y = 0.625."
    )


def test_runs_of_one_kind_share_a_plan():
    one, two = sheet_picture(recording((3, 4))), sheet_picture(recording((3, 4), values=np.ones((21, 3, 4))))
    assert one.plan == two.plan
    assert one.plan != sheet_picture(recording((4, 3))).plan


def units_without_places():
    return recording((6,)).rename({"E.grid_x": "E.unit"})


def partly_recorded():
    ds = units_without_places()
    return ds.assign_coords({"E.unit_y": ("E.unit", np.zeros(6)), "E.unit_x": ("E.unit", np.zeros(6))})


@pytest.mark.parametrize(
    ("draw", "code", "told", "hint"),
    [
        (lambda: sheet(recording((5,))), "wrong-shape", "E is a line", 'nb.plots.space_time(ds, "E.r")'),
        (lambda: sheet(units_without_places()), "wrong-shape", "the units of E have no places", "size=(ny, nx)"),
        (lambda: sheet(partly_recorded(), "E.r"), "wrong-shape", "only some of its units", "record all of them"),
        (
            lambda: space_time(recording((5,)).mean("E.grid_x", keep_attrs=True)),
            "wrong-shape",
            "is an average",
            "average=",
        ),
        (lambda: sheet(recording((3, 3)), "E.q"), "unknown-variable", "was not recorded", "E.r"),
        (lambda: sheet(recording((3, 3)), time=11), "bad-choice", "outside the recording", "from 0 to 10 ms"),
        (lambda: sheet(recording((3, 3)), limits=(1, 0)), "bad-choice", "no pair", "limits=(0.0, 1.0)"),
        (lambda: sheet(recording((3, 3)), limits=(0, np.inf)), "bad-choice", "no pair", "limits=(0.0, 1.0)"),
        (
            lambda: sheet(xr.merge([recording((3, 3)), recording((3, 3), name="I")], compat="override")),
            "bad-choice",
            "one variable",
            "E.r, I.r",
        ),
        (lambda: sheet(xr.concat([recording((3, 3))] * 2, "seed")), "wrong-shape", "one run", '"seed": 0'),
        (lambda: space_time(recording((5,)), axis="y"), "bad-choice", "no axis 'y'", "x"),
        (lambda: space_time(recording((3, 3)), axis="z"), "bad-choice", "no axis 'z'", "x"),
        (lambda: space_time(recording((3, 3)), at="median"), "bad-choice", "no 'median'", "mean"),
        (lambda: space_time(recording((3, 3)), at=1.5), "bad-choice", "outside the sheet", "from 0 to 1"),
        (lambda: space_time(recording((3, 3)), at=None), "bad-choice", "no place", '"max"'),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(draw, code, told, hint):
    with pytest.raises(NbkitError) as error:
        draw()
    assert error.value.code == code
    assert told in error.value.what
    assert hint in error.value.hint


# ------------------------------------------------------------ space and time


def test_a_line_is_drawn_over_time_where_it_lies():
    values = np.zeros((21, 10))
    values[12, 7] = 1.0
    figure = space_time(recording((10,), values=values, extent=5.0))
    assert place_of_highest(figure) == pytest.approx((6.0, 3.75))
    assert (figure.xaxis[0].axis_label, figure.yaxis[0].axis_label) == ("time (ms)", "x")
    assert (figure.y_range.start, figure.y_range.end) == (0.0, 5.0)


@pytest.mark.parametrize(
    ("choice", "expected", "words"),
    [
        ({}, lambda v: v.mean(axis=1), ", mean over y"),
        ({"at": "max"}, lambda v: v.max(axis=1), ", max over y"),
        ({"axis": "y"}, lambda v: v.mean(axis=2), ", mean over x"),
        ({"axis": "y", "at": "max"}, lambda v: v.max(axis=2), ", max over x"),
        ({"at": 0.3}, lambda v: v[:, 2, :], ", at y = 0.3125"),
        ({"at": 0.5}, lambda v: v[:, 3, :], ", at y = 0.4375"),  # the upper edge belongs to the last row
        ({"axis": "y", "at": 0.3}, lambda v: v[:, :, 2], ", at x = 0.3125"),
    ],
)
def test_one_direction_of_a_sheet_is_drawn(choice, expected, words):
    ds = recording((4, 8))
    figure = space_time(ds, **choice)
    assert np.allclose(data(figure, "image")["image"][0], expected(ds["E.r"].values).T, atol=1e-6)
    labels = [model.text for model in figure.above if isinstance(model, Title)]
    assert f"colour: rate r (dimensionless){words}" in labels
    assert figure.yaxis[0].axis_label == choice.get("axis", "x")


def test_a_long_line_is_averaged_and_says_so():
    figure = space_time(recording((500,), steps=2000))
    assert text(figure, "note") == "Each cell is the mean of 3 samples × 3 places"
    assert len(json.dumps(json_item(figure))) < 1_000_000


def test_a_space_time_plot_has_chosen_colours():
    mapper = space_time(recording((5,)), limits=(-1, 3)).select_one({"type": LinearColorMapper})
    assert (mapper.low, mapper.high) == (-1.0, 3.0)


def test_means_along_an_axis_count_what_they_hold():
    values = np.arange(2 * 5 * 3.0).reshape(2, 5, 3)
    assert (mean_along(values, 1, 1) == values).all()
    halves = mean_along(values, 1, 2)
    assert halves.shape == (2, 3, 3)
    assert (halves[:, 1] == values[:, 2:4].mean(axis=1)).all()
    assert (halves[:, 2] == values[:, 4]).all()
