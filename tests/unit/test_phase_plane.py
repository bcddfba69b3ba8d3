"""Laws of the phase plane: the field is the flow, nullclines are where it stands still, trajectories follow it."""

import json

import numpy as np
import pytest

import nbkit as nb
from nbkit.study.dynamics.zero_lines import crossings, zero_lines

models = nb.models


def alone(model, unit="1", initial=None, **drives):
    stimuli = [nb.Stimulus(f"P.{name}", nb.Step(value)) for name, value in drives.items()]
    return nb.Network({"P": nb.Population(model, 1, initial=initial or {})}, stimuli=stimuli, time_unit=unit)


FHN = alone(models.fitzhugh_nagumo)
WINDOW = {"P.v": (-2.5, 2.5), "P.w": (-1.0, 2.0)}
COLUMN = alone(models.jansen_rit, "s", p=220.0)


def delayed():
    units = {
        name: nb.Population(models.leaky_integrator_tanh, 3, parameters={"tau": 10.0}, initial={"x": x})
        for name, x in (("A", 0.5), ("B", 0.0))
    }
    pairs = (("A", "B", 2.0), ("B", "A", -2.0))
    projections = [nb.Projection(f"{a}.r", f"{b}.u", weight=w, weight_is="total", delay=4.0) for a, b, w in pairs]
    return nb.Network(units, projections)


def pieces(line):
    """The lines between rows of NaN."""
    gaps = np.flatnonzero(np.isnan(line[:, 0]))
    return [piece[np.isfinite(piece[:, 0])] for piece in np.split(line, gaps)]


# field and nullclines


def test_the_field_is_the_flow_on_a_grid():
    plane = nb.study.phase_plane(FHN, "P.v", "P.w", WINDOW, points=9)
    flow = nb.study.flow_of(FHN)
    for j, w in enumerate(plane["y"].values):
        for i, v in enumerate(plane["x"].values):
            found = plane["x_speed"].values[j, i], plane["y_speed"].values[j, i]
            np.testing.assert_allclose(found, flow.speed([v, w]), atol=1e-14)
    assert plane["x"].values[[0, -1]].tolist() == [-2.5, 2.5]
    assert (plane["x"].attrs["path"], plane["y"].attrs["path"]) == ("P.v", "P.w")


def test_nullclines_are_the_formulas_that_they_are():
    plane = nb.study.phase_plane(FHN, "P.v", "P.w", WINDOW)
    v, w = plane["x_nullcline"].values.T
    np.testing.assert_allclose(w, v - v**3 / 3, atol=1e-10)
    assert v.min() < -2.2
    assert v.max() > 2.1
    v, w = plane["y_nullcline"].values.T
    np.testing.assert_allclose(v + 0.7 - 0.8 * w, 0.0, atol=1e-10)


def test_axes_may_be_swapped():
    one = nb.study.phase_plane(FHN, "P.v", "P.w", WINDOW)
    other = nb.study.phase_plane(FHN, "P.w", "P.v", WINDOW)
    np.testing.assert_allclose(other["x_speed"], one["y_speed"].T)
    v, w = other["y_nullcline"].values.T[::-1]
    np.testing.assert_allclose(w, v - v**3 / 3, atol=1e-10)


def test_the_default_window_holds_start_trajectory_and_fixed_points():
    plane = nb.study.phase_plane(alone(models.wilson_cowan_pair, "ms", P=1.25), starts=[(0.4, 0.3)])
    for axis, path, row in (("x", "P.E", 0), ("y", "P.I", 1)):
        low, high = plane[axis].values[[0, -1]]
        way = plane["trajectory"].values[0, row]
        assert low < min(0.0, np.nanmin(way), plane[path].values.min())
        assert high > max(np.nanmax(way), plane[path].values.max())


def test_fixed_points_are_those_of_the_search():
    net = alone(models.qif_mean_field)
    plane, found = nb.study.phase_plane(net), nb.study.fixed_points(net)
    for name in ("P.r", "P.v", "kind", "unstable", "eigenvalue_real"):
        assert plane[name].equals(found[name])
    assert plane["in_plane"].values.all()


# more than two states


def test_other_states_are_held_at_the_nearest_fixed_point_and_said():
    plane = nb.study.phase_plane(COLUMN, "P.y1", "P.y2")
    held = json.loads(plane.attrs["held"])
    point = nb.study.fixed_points(COLUMN)
    assert list(held) == ["P.y0", "P.y3", "P.y4", "P.y5"]
    assert held["P.y0"] == pytest.approx(float(point["P.y0"][0]))
    assert plane["in_plane"].values.all()


def test_other_states_may_be_held_elsewhere():
    plane = nb.study.phase_plane(COLUMN, "P.y0", "P.y3", others={"P.y1": 30.0}, starts=[(0.1, 0.0)])
    assert json.loads(plane.attrs["held"])["P.y1"] == 30.0
    assert not plane["in_plane"].values.any()
    start = dict(zip(plane["state"].values, plane["trajectory"].values[0, :, 0], strict=True))
    assert (start["P.y0"], start["P.y1"]) == (0.1, 30.0)


# trajectories


def test_trajectories_are_the_solution():
    circle = nb.Model("m", "dx/dt = y\ndy/dt = -x", states={"x": 1.0, "y": 0.0}, time_unit="1")
    plane = nb.study.phase_plane(alone(circle), starts=[(1.0, 0.0), (0.0, 2.0)], duration=20.0)
    t = plane["trajectory_time"].values
    np.testing.assert_allclose(plane["trajectory"].values[0], [np.cos(t[0]), -np.sin(t[0])], atol=1e-4)
    np.testing.assert_allclose(plane["trajectory"].values[1], [2 * np.sin(t[1]), 2 * np.cos(t[1])], atol=2e-4)
    assert t[:, -1].tolist() == [20.0, 20.0]
    assert plane.attrs["solver"].startswith("solved from the flow")


def test_a_trajectory_that_leaves_ends_there():
    blowing = nb.Model("m", "dx/dt = x**2\ndy/dt = -y", states={"x": 1.0, "y": 1.0}, time_unit="1")
    plane = nb.study.phase_plane(alone(blowing), starts=[(1.0, 1.0), (-1.0, 1.0)], duration=5.0)
    assert plane["trajectory_time"].values[:, -1] == pytest.approx([1.0, 5.0], abs=1e-3)
    assert np.ptp(plane["x"].values) < 100


def test_with_delays_trajectories_are_runs():
    net = delayed()
    plane = nb.study.phase_plane(net, "A.x", "B.x", duration=100.0)
    dt = float(plane.attrs["solver"].split("dt = ")[1].split(",")[0])
    ds = nb.simulate(net, 100.0, dt)
    times = plane["trajectory_time"].values[0]
    steps = np.round(times / dt).astype(int)
    for row, name in enumerate(("A.x", "B.x")):
        np.testing.assert_allclose(plane["trajectory"].values[0, row], ds[name].values[steps, 0], atol=1e-12)
    assert plane.attrs["note"] == "Arrows and nullclines leave the delays out; stability is not told"
    assert set(plane["kind"].values) == {"not told: the network has delays"}
    assert np.ptp(plane["trajectory"].values[0, 0, -500:]) > 0.5, "with delays it is a rhythm"


def test_states_are_kept_within_their_limits():
    units = {name: nb.Population(models.neural_field, 1, initial={"r": 0.4}) for name in "AB"}
    drive = [nb.Stimulus(f"{name}.exc", nb.Step(amplitude)) for name, amplitude in (("A", 3.0), ("B", -1.0))]
    plane = nb.study.phase_plane(nb.Network(units, stimuli=drive))
    way = plane["trajectory"].values[0]
    assert way[:, -1] == pytest.approx([1.0, 0.0], abs=1e-9)
    assert ((way >= 0) & (way <= 1)).all()


# lines in a plane


def test_a_circle_is_one_closed_line_on_its_place():
    axis = np.linspace(-2.0, 2.0, 41)
    line = zero_lines(lambda p: p[0] ** 2 + p[1] ** 2 - 1.5, axis, axis)
    assert not np.isnan(line).any()
    np.testing.assert_allclose((line**2).sum(axis=1), 1.5, atol=1e-12)
    np.testing.assert_allclose(line[0], line[-1])
    assert np.hypot(*np.diff(line, axis=0).T).sum() == pytest.approx(2 * np.pi * np.sqrt(1.5), rel=1e-2)


def test_separate_lines_are_kept_apart():
    axis = np.linspace(-2.0, 2.0, 42)
    line = zero_lines(lambda p: p[0] * p[1] - 0.3, axis, axis)
    assert len(pieces(line)) == 2
    for piece in pieces(line):
        np.testing.assert_allclose(piece[:, 0] * piece[:, 1], 0.3, atol=1e-12)
        assert len({bool(sign) for sign in piece[:, 0] > 0}) == 1


@pytest.mark.parametrize("shift", [0.003, -0.003])
def test_in_a_saddle_lines_do_not_cross(shift):
    axis = np.linspace(-1.0, 1.0, 12)
    line = zero_lines(lambda p: p[0] * p[1] - shift, axis, axis)
    for piece in pieces(line):
        np.testing.assert_allclose(piece[:, 0] * piece[:, 1], shift, atol=1e-12)
        assert len({bool(sign) for sign in piece[:, 0] > 0}) == 1
    assert len(pieces(line)) == 2


@pytest.mark.parametrize(
    "function",
    [lambda p: np.where(p[0] > 0.01, 1.0, -1.0), lambda p: 1 / p[0], lambda p: p[0] * np.nan, lambda p: p[0] + 9],
)
def test_a_jump_a_pole_and_nothing_are_no_lines(function):
    axis = np.linspace(-1.0, 1.0, 12)
    with np.errstate(all="ignore"):
        assert zero_lines(function, axis, axis).shape == (0, 2)


def test_crossings_are_the_cells_where_both_change():
    axis = np.linspace(-1.0, 1.0, 21)
    x, y = np.meshgrid(axis, axis)
    found = crossings(axis, axis, x - 0.23, y + x - 0.05)
    np.testing.assert_allclose(found.T, [[0.25, -0.15], [0.25, -0.25]][: found.shape[1]], atol=0.11)
    assert found.shape[1] >= 1


# mistakes


@pytest.mark.parametrize(
    ("keywords", "code"),
    [
        ({"x": "P.z"}, "unknown-path"),
        ({"x": "P.v", "y": "P.v"}, "bad-choice"),
        ({"ranges": {"P.v": (1, 1)}}, "empty-range"),
        ({"ranges": {"P.v": "ab"}}, "empty-range"),
        ({"others": {"P.v": 1.0}}, "bad-choice"),
        ({"others": {"P.z": 1.0}}, "unknown-path"),
        ({"points": 1}, "bad-value"),
        ({"starts": [(1, 2, 3)]}, "bad-value"),
        ({"starts": [(1, "x")]}, "bad-value"),
        ({"starts": "ab"}, "bad-value"),
        ({"duration": -1.0}, "bad-duration"),
        ({"duration": "long"}, "bad-duration"),
    ],
)
def test_wrong_arguments_are_refused(keywords, code):
    with pytest.raises(nb.NbkitError) as caught:
        nb.study.phase_plane(FHN, **keywords)
    assert caught.value.code == code


@pytest.mark.parametrize("model", ["leaky_integrator", "lif"])
def test_one_state_makes_no_plane(model):
    with pytest.raises(nb.NbkitError) as caught:
        nb.study.phase_plane(alone(getattr(models, model), "ms"))
    assert caught.value.code == "no-reduction"
