"""Laws of phase planes, bifurcation diagrams and basins as pictures: what they draw is what was found."""

from __future__ import annotations

import json

import numpy as np
import pytest
from bokeh.embed import json_item
from bokeh.models import Arrow, ColumnDataSource, GlyphRenderer, Legend, LinearColorMapper, Scatter, Title
from bokeh.plotting import figure as bokeh_figure

import nbkit as nb
from nbkit.plots import (
    basin,
    basin_picture,
    bifurcation,
    bifurcation_picture,
    phase_plane,
    phase_plane_picture,
)
from nbkit.plots.label_places import HEIGHT, LETTER, LINE, WIDTH, label_places
from nbkit.plots.phase_plane import axis_label, eigenvalue_words

models = nb.models


def alone(model, unit="1", **drives):
    stimuli = [nb.Stimulus(f"P.{name}", nb.Step(value)) for name, value in drives.items()]
    return nb.Network({"P": nb.Population(model, 1)}, stimuli=stimuli, time_unit=unit)


def delayed():
    units = {name: nb.Population(models.leaky_integrator_tanh, 1) for name in "AB"}
    pairs = (("A", "B", 2.0), ("B", "A", -2.0))
    return nb.Network(units, [nb.Projection(f"{a}.r", f"{b}.u", weight=w, delay=4.0) for a, b, w in pairs])


@pytest.fixture(scope="module")
def plane():
    return nb.study.phase_plane(alone(models.qif_mean_field), starts=[(0.1, -1.0), (1.0, 0.0)])


@pytest.fixture(scope="module")
def branch():
    return nb.study.continuation(alone(models.jansen_rit, "s", p=100.0), "P.p.amplitude", -50.0, 400.0)


@pytest.fixture(scope="module")
def ends():
    return nb.study.basin(alone(models.qif_mean_field), points=10)


def data(figure, name):
    return figure.select_one({"type": ColumnDataSource, "name": name}).data


def legend(figure):
    return [item.label.value for item in figure.select_one({"type": Legend}).items]


def note(figure):
    return next(model for model in figure.select({"name": "note"}) if isinstance(model, Title))


def renderers(figure, name):
    return [drawn for drawn in figure.select({"type": GlyphRenderer}) if drawn.data_source.name == name]


def ring(figure, name):
    return next(drawn for drawn in renderers(figure, name) if isinstance(drawn.glyph, Scatter))


# ------------------------------------------------------------ phase planes


def test_arrows_point_along_the_flow_and_have_one_length(plane):
    drawn = phase_plane(plane)
    [arrows] = drawn.select({"type": Arrow})
    ends = arrows.source.data
    flow = nb.study.flow_of(alone(models.qif_mean_field))
    middle = [(ends[f"{axis}0"] + ends[f"{axis}1"]) / 2 for axis in "xy"]
    spans = np.array([np.ptp(plane[axis].values) for axis in "xy"])[:, None]
    way = np.array([ends[f"{axis}1"] - ends[f"{axis}0"] for axis in "xy"]) / spans
    speed = flow.speed(np.array(middle)) / spans
    turned = (way * speed).sum(axis=0) / np.hypot(*way) / np.hypot(*speed)
    assert turned.min() > 1 - 1e-9
    np.testing.assert_allclose(np.hypot(*way), np.hypot(*way)[0])
    assert len(middle[0]) == 21 * 21


def test_nullclines_have_the_colours_of_their_states(plane):
    drawn = phase_plane(plane)
    for axis, colour in (("x", "#1d4ed8"), ("y", "#c2410c")):
        [line] = renderers(drawn, f"{axis} nullcline")
        np.testing.assert_array_equal(line.data_source.data["x"], plane[f"{axis}_nullcline"].values[:, 0])
        assert line.glyph.line_color == colour
    assert legend(drawn)[:3] == ["P.r nullcline", "P.v nullcline", "trajectory"]


def test_fixed_points_are_filled_as_their_stability_says(plane):
    drawn = phase_plane(plane)
    fills = {key: ring(drawn, f"{key} points").glyph.fill_color for key in ("stable", "saddle")}
    assert fills == {"stable": "#1e293b", "saddle": "white"}
    assert len(renderers(drawn, "saddle points")) == 2, "a ring and its half"
    assert data(drawn, "stable points")["x"].tolist() == plane["P.r"].values[[0, 2]].tolist()
    assert data(drawn, "saddle points")["eigenvalues"].tolist() == ["1.64, -2.99"]
    assert legend(drawn)[-2:] == ["stable", "◐ saddle"]


def test_trajectories_and_their_starts_are_drawn(plane):
    drawn = phase_plane(plane)
    xs = data(drawn, "trajectories")["xs"]
    assert len(xs) == 2
    np.testing.assert_array_equal(xs[0], plane["trajectory"].values[0, 0])
    assert data(drawn, "begins")["y"].tolist() == [-1.0, 0.0]


def test_a_click_finds_what_it_needs_in_the_page(plane):
    drawn = phase_plane(plane)
    assert data(drawn, "starts") == {"x": pytest.approx([]), "y": pytest.approx([])}
    field = data(drawn, "field")
    np.testing.assert_array_equal(field["u"].reshape(61, 61), plane["x_speed"])
    assert data(drawn, "frame")["x"].tolist() == plane["x"].values[[0, -1]].tolist()
    assert set(drawn.js_event_callbacks) == {"tap", "doubletap", "reset"}
    assert "sketched on click" in legend(drawn)
    entry = next(item for item in drawn.select_one({"type": Legend}).items if "sketched" in item.label.value)
    assert len(entry.renderers[0].data_source.data["x"]) == 1, "a sign in the legend before anything is sketched"


def test_with_delays_points_are_grey_and_nothing_is_sketched():
    drawn = phase_plane(nb.study.phase_plane(delayed(), duration=20.0))
    assert legend(drawn)[-1] == "stability not told"
    assert not any("sketched" in text for text in legend(drawn))
    assert note(drawn).text == "Arrows and nullclines leave the delays out; stability is not told"
    assert note(drawn).visible
    assert data(drawn, "unknown points")["eigenvalues"].tolist() == ["not told"]


def test_a_slice_says_where_it_lies_and_fades_what_lies_beside_it():
    net = alone(models.jansen_rit, "s", p=220.0)
    drawn = phase_plane(nb.study.phase_plane(net, "P.y0", "P.y3", others={"P.y1": 30.0}, duration=0.1))
    assert note(drawn).text.startswith("Arrows and nullclines are those at P.y1 = 30, P.y2 = 17.1")
    assert data(drawn, "unstable points")["alpha"].tolist() == [0.35]
    assert "sketched on click, other states held" in legend(drawn)


def test_pictures_of_two_runs_differ_in_columns_alone(plane):
    one = phase_plane_picture(plane)
    again = phase_plane_picture(plane.assign(x_speed=2 * plane["x_speed"]))
    assert one.plan == again.plan
    assert one.summary == (
        "Phase plane of P.r and P.v: 3 fixed points: stable node at P.r = 0.0811, P.v = -1.96; "
        "saddle at P.r = 0.473, P.v = -0.336; stable focus at P.r = 1.03, P.v = -0.154."
    )


@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        ({"long_name": "activity", "units": "", "variable": "r"}, "E.r: activity (dimensionless)"),
        ({"long_name": "r", "units": "", "variable": "r"}, "E.r (dimensionless)"),
        ({"long_name": "potential", "units": "mV", "variable": "r"}, "E.r: potential (mV)"),
        ({"long_name": "a name " * 9, "units": "mV", "variable": "r"}, "E.r (mV)"),
        ({"long_name": "gain of E->E", "units": ""}, "E.r: gain of E->E"),
    ],
)
def test_an_axis_names_its_variable_and_its_unit(plane, attributes, text):
    array = plane["x"].copy()
    array.attrs = attributes
    assert axis_label(array, "E.r") == text


@pytest.mark.parametrize(
    ("real", "imag", "text"),
    [
        ([-0.309, -0.309], [3.319, -3.319], "-0.309 ± 3.32i 1/ms"),
        ([1.0, -2.0], [0.0, 0.0], "1, -2 1/ms"),
        ([np.nan, np.nan], [np.nan, np.nan], "not told"),
        ([-1.0, -2.0, -3.0, -4.0, -5.0], [0.0] * 5, "-1, -2, -3, -4, … 1/ms"),
    ],
)
def test_eigenvalues_in_words(real, imag, text):
    assert eigenvalue_words(np.array(real), np.array(imag), "1/ms") == text


# ------------------------------------------------------------ branches


def test_a_branch_is_solid_where_it_is_stable_and_dashed_where_not(branch):
    drawn = bifurcation(branch)
    dashes = {name: renderers(drawn, name)[0].glyph.line_dash for name in ("stable", "unstable")}
    assert dashes == {"stable": [], "unstable": [5, 4]}
    x, kind = data(drawn, "stable")["x"], data(drawn, "stable")["kind"]
    inside = np.isfinite(x)
    assert set(kind[inside]) <= {"stable node", "stable focus", "centre or on the border"}
    assert set(data(drawn, "unstable")["kind"][np.isfinite(data(drawn, "unstable")["x"])]) <= {
        "saddle",
        "unstable focus",
        "centre or on the border",
    }


def test_the_pieces_are_the_whole_branch(branch):
    drawn = bifurcation(branch, "P.eeg")
    places = set()
    for name in ("stable", "unstable"):
        columns = data(drawn, name)
        places |= {pair for pair in zip(columns["x"], columns["y"], strict=True) if np.isfinite(pair[0])}
    assert places == set(zip(branch["P.p.amplitude"].values, branch["P.eeg"].values, strict=True))


def test_events_are_marked_with_value_and_frequency(branch):
    drawn = bifurcation(branch)
    assert data(drawn, "fold")["words"].tolist() == ["fold 113.59", "fold -41.301"]
    assert data(drawn, "Hopf")["words"].tolist() == [
        "Hopf -12.147, 7.239 Hz",
        "Hopf 89.829, 10.38 Hz",
        "Hopf 315.7, 11.16 Hz",
    ]
    assert legend(drawn) == ["stable", "unstable", "fold", "Hopf"]
    assert len(data(drawn, "labels")["words"]) == 5


def test_labels_lie_inside_and_off_each_other(branch):
    labels = data(bifurcation(branch, "P.eeg"), "labels")
    x = branch["P.p.amplitude"].values
    assert set(labels["align"]) <= {"left", "right", "center"}
    width = np.array([len(text) * LETTER / WIDTH for text in labels["words"]])
    shift = {"left": 0.0, "center": 0.5, "right": 1.0}
    left = (labels["x"] - x.min()) / np.ptp(x) - width * [shift[align] for align in labels["align"]]
    assert (left > -0.1).all()
    assert (left + width < 1.1).all()


def test_a_label_leaves_the_line_and_its_neighbour_free():
    line = np.column_stack([np.linspace(0, 1, 300), np.linspace(0, 1, 300)])
    points = np.array([[0.5, 0.5], [0.52, 0.52]])
    one, other = label_places(points, ["Hopf 1.2345, 10 Hz", "Hopf 1.3456, 12 Hz"], line)
    assert (one.align, one.baseline) != (other.align, other.baseline)
    for point, label in zip(points, (one, other), strict=True):
        above = point[1] - label.dy / HEIGHT - {"bottom": 0, "middle": 0.5, "top": 1}[label.baseline] * LINE / HEIGHT
        wide = 18 * LETTER / WIDTH
        left = point[0] + label.dx / WIDTH - {"left": 0, "center": 0.5, "right": 1}[label.align] * wide
        inside = (line[:, 0] > left) & (line[:, 0] < left + wide)
        assert not ((line[inside, 1] > above) & (line[inside, 1] < above + LINE / HEIGHT)).any()


def test_a_branch_with_delays_is_grey():
    drawn = bifurcation(nb.study.continuation(delayed(), "A->B.gain", 0.5, 2.0))
    assert legend(drawn) == ["stability not told"]
    assert note(drawn).text == "Stability not told: the network has delays of 4 ms; Hopf points are not looked for"


def test_a_branch_in_words(branch):
    words = bifurcation_picture(branch, "P.eeg").summary
    assert words.startswith("Branch of fixed points over P.p.amplitude from -50 to 400: P.eeg from ")
    assert "Hopf 315.7, 11.16 Hz. It ends where P.p.amplitude reaches -50 and P.p.amplitude reaches 400." in words


def test_a_variable_that_is_not_there_is_refused(branch):
    with pytest.raises(nb.NbkitError, match=r"did you mean 'P\.y1'") as caught:
        bifurcation(branch, "P.y11")
    assert caught.value.code == "unknown-variable"


# ------------------------------------------------------------ basins


def test_every_start_has_the_colour_of_its_end(ends):
    drawn = basin(ends)
    np.testing.assert_array_equal(data(drawn, "image")["image"][0], ends["attractor"])
    mapper = drawn.select_one({"type": LinearColorMapper})
    assert len(mapper.palette) == 4
    assert (mapper.low, mapper.high) == (-2.5, 1.5)
    items = drawn.select_one({"type": Legend}).items
    assert [item.renderers[0].glyph.fill_color for item in items] == mapper.palette[2:]
    assert [item.label.value for item in items] == ends["end_name"].values.tolist()


def test_an_image_lies_where_its_starts_are(ends):
    drawn = basin(ends)
    [image] = renderers(drawn, "image")
    cell = float(ends["x"][1] - ends["x"][0])
    assert image.glyph.x == pytest.approx(float(ends["x"][0]) - cell / 2)
    assert image.glyph.dw == pytest.approx(10 * cell)
    assert drawn.x_range.end == pytest.approx(float(ends["x"][-1]) + cell / 2)


def test_ends_are_drawn_as_points_and_cycles(ends):
    points = data(basin(ends), "points")
    np.testing.assert_allclose(points["x"], [0.08113, 1.0306], atol=1e-4)
    rhythm = nb.study.basin(alone(models.stuart_landau), points=4)
    drawn = basin(rhythm)
    assert len(data(drawn, "points")["x"]) == 0
    np.testing.assert_array_equal(data(drawn, "cycles")["xs"][0], rhythm["cycle"].values[0, 0])
    assert legend(drawn) == ["cycle: P.x from -1 to 1, P.y from -1 to 1, period 6.283 model units"]


def test_starts_without_an_end_have_an_entry_of_their_own():
    model = nb.Model("m", "dx/dt = x**2 - 1\ndy/dt = -y", states={"x": -1.0, "y": 0.0}, time_unit="1")
    left = nb.study.basin(alone(model), ranges={"P.x": (-3, 3)}, points=6)
    drawn = basin(left)
    assert legend(drawn) == ["stable node: P.x = -1, P.y = 0", "leaves for good"]
    assert "33 % of the starts: leaves for good" in basin_picture(left).summary


# ------------------------------------------------------------ all


@pytest.mark.parametrize("name", ["plane", "branch", "ends"])
def test_a_picture_can_be_put_into_a_page(name, request):
    ds = request.getfixturevalue(name)
    draw = {"plane": phase_plane, "branch": bifurcation, "ends": basin}[name]
    figure = draw(ds, title="<b>A title</b>", height=300)
    assert isinstance(figure, bokeh_figure)
    assert figure.height == 300
    assert "<b>A title</b>" in json.dumps(json_item(figure))


@pytest.mark.parametrize("draw", [phase_plane, bifurcation, basin])
@pytest.mark.parametrize(
    ("keywords", "code"), [({}, "unknown-variable"), ({"title": 3}, "bad-type"), ({"height": 3}, "bad-value")]
)
def test_what_is_no_such_result_is_refused(draw, keywords, code, plane, branch):
    wrong = branch if draw is phase_plane else plane.drop_vars("kind")
    with pytest.raises(nb.NbkitError) as caught:
        draw(wrong, **keywords)
    assert caught.value.code == code
    with pytest.raises(nb.NbkitError) as caught:
        draw(3)
    assert caught.value.code == "bad-type"
