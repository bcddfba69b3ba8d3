"""Laws of basins: every start is told its end, and an end is what the network really does."""

import numpy as np
import pytest

import nbkit as nb
from nbkit.study.dynamics.windows import cycle_of

models = nb.models


def alone(model, unit="1", parameters=None, **drives):
    stimuli = [nb.Stimulus(f"P.{name}", nb.Step(value)) for name, value in drives.items()]
    return nb.Network({"P": nb.Population(model, 1, parameters=parameters or {})}, stimuli=stimuli, time_unit=unit)


def plain(equations, **states):
    return alone(nb.Model("m", equations, states=states, time_unit="1"))


def pair(**delays):
    """The Wilson-Cowan pair as two populations, with delays of some projections."""
    numbers = {"E": {"s": 1.3, "theta": 4.0, "tau": 8.0}, "I": {"s": 2.0, "theta": 3.7, "tau": 8.0}}
    units = {name: nb.Population(models.wilson_cowan, 1, parameters=held) for name, held in numbers.items()}
    weights = {"EE": 16.0, "IE": -12.0, "EI": 15.0, "II": -3.0}
    projections = [
        nb.Projection(f"{a}.r", f"{b}.r_in", weight=w, delay=delays.get(a + b, 0.0)) for (a, b), w in weights.items()
    ]
    return nb.Network(units, projections, [nb.Stimulus("E.r_ext", nb.Step(1.25))])


def test_two_wells_divide_the_plane_at_the_saddle():
    net = plain("dx/dt = x - x**3\ndy/dt = -y", x=0.5, y=0.0)
    ends = nb.study.basin(net, ranges={"P.x": (-2, 2), "P.y": (-1, 1)}, points=12)
    assert ends["end_kind"].values.tolist() == ["stable node", "stable node"]
    np.testing.assert_allclose(ends["lowest"].values[:, 0], [-1.0, 1.0], atol=1e-9)
    np.testing.assert_array_equal(ends["attractor"], np.broadcast_to(ends["x"].values > 0, (12, 12)))
    assert ends["share"].values.tolist() == [0.5, 0.5]


def test_a_start_on_the_line_between_ends_in_the_saddle():
    net = plain("dx/dt = x - x**3\ndy/dt = -y", x=0.5, y=0.0)
    ends = nb.study.basin(net, ranges={"P.x": (-2, 2), "P.y": (-1, 1)}, points=5)
    saddle = int(np.flatnonzero(ends["end_kind"].values == "saddle")[0])
    np.testing.assert_array_equal(ends["attractor"].values[:, 2], saddle)


def test_a_start_that_lingers_at_a_saddle_is_followed_on():
    net = plain("dx/dt = x - x**3\ndy/dt = -y", x=0.5, y=0.0)
    ends = nb.study.basin(net, ranges={"P.x": (-2, 2 + 8e-9), "P.y": (-1, 1)}, points=5)
    assert ends["end_kind"].values.tolist() == ["stable node", "stable node"]
    assert ends["attractor"].values[:, 2].tolist() == [1] * 5


def test_starts_end_where_single_trajectories_end():
    net = alone(models.qif_mean_field)
    window = {"P.r": (0.05, 2.0), "P.v": (-3.0, 3.0)}
    ends = nb.study.basin(net, ranges=window, points=6)
    starts = [(x, y) for y in ends["y"].values for x in ends["x"].values]
    plane = nb.study.phase_plane(net, ranges=window, starts=starts, duration=80.0)
    last = plane["trajectory"].values[:, :, -1]
    told = ends["lowest"].values[ends["attractor"].values.ravel()]
    np.testing.assert_allclose(last, told, atol=1e-4)
    assert ends["end_kind"].values.tolist() == ["stable node", "stable focus"]


def test_a_cycle_has_its_range_its_period_and_its_course():
    ends = nb.study.basin(alone(models.stuart_landau), ranges={"P.x": (-2, 2), "P.y": (-2, 2)}, points=6)
    assert ends["end_kind"].values.tolist() == ["cycle"]
    np.testing.assert_allclose([ends["lowest"].values[0], ends["highest"].values[0]], [[-1, -1], [1, 1]], atol=2e-3)
    assert float(ends["period"][0]) == pytest.approx(2 * np.pi, rel=1e-4)
    np.testing.assert_allclose((ends["cycle"].values[0] ** 2).sum(axis=0), 1.0, atol=1e-2)


def test_the_rhythm_of_the_pair_of_1972():
    ends = nb.study.basin(alone(models.wilson_cowan_pair, "ms", P=1.25), points=6)
    assert ends["end_kind"].values.tolist() == ["cycle"]
    assert float(ends["period"][0]) / 8 == pytest.approx(4.996, abs=1e-3)
    assert (float(ends["lowest"][0, 0]), float(ends["highest"][0, 0])) == pytest.approx((0.1026, 0.2697), abs=2e-4)


def test_delays_make_the_rhythm_another_one():
    net = pair(EI=2.0, IE=2.0)
    ends = nb.study.basin(net, points=5)
    assert ends["end_kind"].values.tolist() == ["cycle"]
    assert float(ends["period"][0]) == pytest.approx(92.0, abs=1.5)
    assert ends.attrs["stability"].startswith("not told")
    assert ends.attrs["solver"].startswith("run with Euler's rule")


def test_rest_and_rhythm_stand_side_by_side():
    """At I = 0.33 rest is stable, and so is a large cycle; at 0.32 there is rest alone."""
    window = {"P.v": (-1.05, 0.0), "P.w": (-0.35, -0.32)}
    both = nb.study.basin(alone(models.fitzhugh_nagumo, I_ext=0.33), ranges=window, points=5)
    assert both["end_kind"].values.tolist() == ["cycle", "stable focus"]
    assert float(both["highest"][0, 0] - both["lowest"][0, 0]) == pytest.approx(3.75, abs=0.01)
    alone_ = nb.study.basin(alone(models.fitzhugh_nagumo, I_ext=0.32), ranges=window, points=5)
    assert alone_["end_kind"].values.tolist() == ["stable focus"]


def test_those_who_leave_are_told():
    ends = nb.study.basin(plain("dx/dt = x**2 - 1\ndy/dt = -y", x=-1.0, y=0.0), ranges={"P.x": (-3, 3)}, points=8)
    np.testing.assert_array_equal(ends["attractor"].values == -1, np.broadcast_to(ends["x"].values > 1, (8, 8)))
    assert ends["end_kind"].values.tolist() == ["stable node"]


def test_those_who_have_not_settled_are_told():
    slow = plain("dx/dt = 0.01\ndy/dt = -y", x=0.0, y=1.0)
    ends = nb.study.basin(slow, ranges={"P.x": (0, 1), "P.y": (0, 1)}, points=3, duration=1.0)
    assert (ends["attractor"] == -2).all()
    assert ends.sizes["end"] == 0


def test_states_may_be_held_at_their_limits():
    units = {name: nb.Population(models.neural_field, 1) for name in "AB"}
    weights = {"AA": 3.0, "BB": 3.0, "AB": -3.0, "BA": -3.0}
    projections = [nb.Projection(f"{a}.r", f"{b}.lateral", weight=w, name=f"{a}to{b}") for (a, b), w in weights.items()]
    drive = [nb.Stimulus(f"{name}.exc", nb.Step(0.2)) for name in "AB"]
    ends = nb.study.basin(nb.Network(units, projections, drive), points=6)
    assert ends["end_kind"].values.tolist() == ["held at a limit", "saddle", "held at a limit"]
    assert ends["lowest"].values[[0, 2]].tolist() == [[0.0, 1.0], [1.0, 0.0]]
    winner = np.sign(ends["x"].values[None, :] - ends["y"].values[:, None])
    np.testing.assert_array_equal(ends["attractor"], (winner + 1).astype(int))


def test_progress_is_told():
    seen = []
    net = alone(models.stuart_landau)
    nb.study.basin(net, points=4, progress=lambda *both: seen.append(both))
    assert seen[-1] == (16, 16)


def test_the_period_of_a_cycle_with_two_humps_is_the_whole_one():
    t = np.linspace(0.0, 10.0, 4001)
    way = np.array([np.sin(2 * np.pi * t / 2.5) + 0.9 * np.sin(4 * np.pi * t / 2.5), np.cos(2 * np.pi * t / 2.5)])
    period, turn = cycle_of(t, way)
    assert period == pytest.approx(2.5, abs=1e-3)
    np.testing.assert_allclose(turn[:, 0], turn[:, -1], atol=1e-2)
    assert np.isnan(cycle_of(t, np.array([t, t**2]))[0])


@pytest.mark.parametrize(
    ("keywords", "code"),
    [
        ({"x": "P.z"}, "unknown-path"),
        ({"x": "P.y", "y": "P.y"}, "bad-choice"),
        ({"ranges": {"P.x": (1, 0)}}, "empty-range"),
        ({"points": 401}, "bad-value"),
        ({"duration": 0}, "bad-duration"),
        ({"others": {"P.x": 0.0}}, "bad-choice"),
    ],
)
def test_wrong_arguments_are_refused(keywords, code):
    with pytest.raises(nb.NbkitError) as caught:
        nb.study.basin(alone(models.stuart_landau), **keywords)
    assert caught.value.code == code
