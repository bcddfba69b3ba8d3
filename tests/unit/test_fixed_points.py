"""Laws of fixed points: all are found, each kind is told, and what cannot be told is not."""

import numpy as np
import pytest

import nbkit as nb
from nbkit.study.dynamics.following import advance, begin
from nbkit.study.dynamics.given_flow import limits_of, network_of
from nbkit.study.dynamics.kinds import KINDS, kinds
from nbkit.study.dynamics.resting import boxes, spread_points
from nbkit.study.dynamics.slopes import Slopes

models = nb.models


def alone(model, unit="1", **drives):
    stimuli = [nb.Stimulus(f"P.{name}", nb.Step(value)) for name, value in drives.items()]
    return nb.Network({"P": nb.Population(model, 1)}, stimuli=stimuli, time_unit=unit)


def plain(equations, **states):
    return alone(nb.Model("m", equations, states=states, time_unit="1"))


QIF = alone(models.qif_mean_field)
PAIR = alone(models.wilson_cowan_pair, "ms", P=1.0)
FIELD = nb.Network(
    {"F": nb.Population(models.neural_field, 1)},
    [nb.Projection("F.r", "F.lateral", weight=3.0)],
    [nb.Stimulus("F.exc", nb.Step(-0.5))],
)


# what is found


def test_the_three_fixed_points_of_quadratic_neurons():
    found = nb.study.fixed_points(QIF)
    np.testing.assert_allclose(found["P.r"], [0.08113, 0.47298, 1.03060], atol=5e-6)
    assert found["kind"].values.tolist() == ["stable node", "saddle", "stable focus"]
    assert found["unstable"].values.tolist() == [0, 1, 0]
    pair = found["eigenvalue_real"].values[2] + 1j * found["eigenvalue_imag"].values[2]
    np.testing.assert_allclose(pair, [-0.309 + 3.319j, -0.309 - 3.319j], atol=1e-3)


def test_points_that_the_network_cannot_reach_are_left_out_unless_asked_for():
    assert (nb.study.fixed_points(QIF)["P.r"] > 0).all()
    everywhere = nb.study.fixed_points(QIF, {"P.r": (-2, 2), "P.v": (-4, 4)})
    assert (everywhere["P.r"] < 0).sum() == 1


def test_what_cannot_fall_below_zero_is_searched_above_it():
    """Two of the three points lie below zero, where a state that begins at zero and rises there never comes."""
    net = plain("dx/dt = 0.05 + x*(1 - x)*(x + 0.5)", x=0.0)
    assert (nb.study.fixed_points(net)["P.x"] > 1).values.tolist() == [True]
    assert nb.study.fixed_points(net, {"P.x": (-2, 2)}).sizes["point"] == 3


def test_a_bistable_pair_has_three():
    found = nb.study.fixed_points(PAIR)
    np.testing.assert_allclose(found["P.E"], [0.02825, 0.09207, 0.17079], atol=5e-6)
    assert found["kind"].values.tolist() == ["stable node", "saddle", "unstable focus"]
    flow = nb.study.flow_of(PAIR)
    speed = flow.speed(np.stack([found[state].values for state in flow.states]))
    assert np.abs(speed).max() < 1e-12


def test_a_crowd_of_two_states_is_found_whole():
    """Forty-nine points, of which blind starts alone would miss some."""
    net = plain("dx/dt = sin(pi*x)\ndy/dt = sin(pi*y)", x=0.0, y=0.0)
    found = nb.study.fixed_points(net, {"P.x": (-3.2, 3.2), "P.y": (-3.2, 3.2)}, starts=1)
    whole = {(x, y) for x in range(-3, 4) for y in range(-3, 4)}
    assert {(round(float(x), 9), round(float(y), 9)) for x, y in zip(found["P.x"], found["P.y"], strict=True)} == whole


def test_six_states_are_searched_from_many_starts():
    found = nb.study.fixed_points(alone(models.jansen_rit, "s", p=100.0))
    np.testing.assert_allclose(found["P.eeg"], [1.56032, 3.32732, 6.80456], atol=1e-5)
    assert found["kind"].values.tolist() == ["stable focus", "saddle", "unstable focus"]


def test_spiking_neurons_are_searched_through_their_mean_field():
    law = nb.Lorentzian(-5.0, 1.0)
    neurons = nb.Population(models.qif, 1000, parameters={"eta": law, "k": 15.0})
    net = nb.Network({"N": neurons}, [nb.Projection("N.s", "N.s_in", weight=1.0, weight_is="total")], time_unit="1")
    found = nb.study.fixed_points(net)
    np.testing.assert_allclose(found["N.r"], [0.08113, 0.47298, 1.03060], atol=5e-6)
    assert found.attrs["verdict"].startswith("applies approximately")


def test_ranges_cut_what_is_listed():
    found = nb.study.fixed_points(QIF, {"P.r": (0.2, 2.0)})
    np.testing.assert_allclose(found["P.r"], [0.47298, 1.03060], atol=5e-6)


def test_equal_calls_find_equal_points_and_seeds_agree():
    one, other = (nb.study.fixed_points(PAIR, seed=seed) for seed in (0, 7))
    assert one.identical(nb.study.fixed_points(PAIR, seed=0))
    np.testing.assert_allclose(one["P.E"], other["P.E"], atol=1e-12)


def test_a_flow_with_other_numbers_is_searched_as_it_is():
    flow = nb.study.flow_of(QIF).with_value("P.eta", -10.0)
    found = nb.study.fixed_points(flow)
    assert found.sizes["point"] == 1
    assert nb.Network.from_json(found.attrs["network"]).value("P.eta") == -10.0


def test_a_line_of_fixed_points_is_called_one():
    found = nb.study.fixed_points(plain("dx/dt = y - x\ndy/dt = x - y", x=0.5, y=0.0))
    assert "rest along a line" in found.attrs["note"]
    assert set(found["kind"].values) == {"centre or on the border"}
    assert nb.study.fixed_points(PAIR).attrs["note"] == ""


def test_nothing_is_found_where_nothing_rests():
    found = nb.study.fixed_points(plain("dx/dt = 1 + x**2\ndy/dt = 1 - y", x=0.5, y=0.0))
    assert found.sizes == {"point": 0, "mode": 2}


def test_limits_bound_the_search_and_are_told():
    found = nb.study.fixed_points(FIELD)
    np.testing.assert_allclose(found["F.r"], [0.25])
    assert found.attrs["note"] == "A state that rests at its limit is not found: F.r"


# kinds


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ((-1, -2), "stable node"),
        ((-1 + 1j, -1 - 1j), "stable focus"),
        ((1, -2), "saddle"),
        ((1 + 1j, 1 - 1j), "unstable focus"),
        ((1 + 1j, 1 - 1j, -3), "unstable focus"),
        ((1, -1 + 1j, -1 - 1j), "saddle"),
        ((2, 1), "unstable node"),
        ((1j, -1j), "centre or on the border"),
        ((0, -1), "centre or on the border"),
        ((-1 + 1e-9j, -1 - 1e-9j), "stable node"),
        ((np.nan, np.nan), "not told: the network has delays"),
    ],
)
def test_a_kind_follows_from_the_eigenvalues(values, kind):
    assert kinds(np.array([values], dtype=complex)) == [kind]
    assert kind in KINDS


def test_with_delays_points_are_found_and_stability_is_not_told():
    units = nb.Population(models.leaky_integrator_tanh, 3, parameters={"tau": 10.0})
    loop = nb.Projection("P.r", "P.u", weight=-2.0, weight_is="total", delay=12.0)
    found = nb.study.fixed_points(nb.Network({"P": units}, [loop]))
    assert found["P.x"].values.tolist() == [0.0]
    assert found["kind"].values.tolist() == ["not told: the network has delays"]
    assert np.isnan(found["eigenvalue_real"]).all()
    assert found.attrs["stability"] == "not told: the network has delays of 12 ms"


def test_delays_that_are_drawn_count_as_delays():
    units = nb.Population(models.leaky_integrator_tanh, 3)
    loop = nb.Projection("P.r", "P.u", weight=-2.0, delay=nb.Uniform(1.0, 2.0))
    found = nb.study.fixed_points(nb.Network({"P": units}, [loop]))
    assert np.isnan(found["unstable"]).all()


# what a result carries


def test_a_result_names_its_variables_as_recordings_do():
    found = nb.study.fixed_points(alone(models.jansen_rit, "s", p=220.0))
    told = {"units": "mV", "long_name": "excitatory potential of the pyramidal cells", "population": "P"}
    assert found["P.y1"].attrs == {**told, "variable": "y1"}
    assert found["eigenvalue_real"].attrs["units"] == "1/s"
    assert {"P.eeg", "P.m"} <= set(found.data_vars)
    assert found.attrs["time_unit"] == "s"
    assert nb.Network.from_json(found.attrs["network"]) == network_of(
        nb.study.flow_of(alone(models.jansen_rit, "s", p=220.0))
    )


# the tools below


@pytest.mark.parametrize("name", ["jansen_rit", "hodgkin_huxley", "qif_mean_field_stp", "wilson_cowan_pair"])
def test_slopes_at_many_points_are_those_of_the_flow(name):
    model = getattr(models, name)
    flow = nb.study.flow_of(alone(model, model.time_unit))
    points = flow.start[:, None] + 0.1 + 0.3 * spread_points(5, len(flow.states), 3)
    paths = (*flow.states, next(iter(flow.values)))
    at = Slopes.of(flow).at(flow, points, paths)
    for point, found in zip(points.T, at, strict=True):
        np.testing.assert_allclose(found[:, :-1], flow.slopes(point), rtol=1e-12)
        np.testing.assert_allclose(found[:, -1], flow.slope(point, paths[-1]), rtol=1e-12)


def test_points_are_carried_as_the_solution_says():
    flow = nb.study.flow_of(plain("dx/dt = y\ndy/dt = -x", x=1.0, y=0.0))
    angles = np.array([0.0, 1.0, 2.0])
    there = advance(flow, begin(flow, np.array([np.cos(angles), -np.sin(angles)])), 5000, until=3.0, rtol=1e-7)
    assert there.time.tolist() == [3.0] * 3
    np.testing.assert_allclose(there.states, [np.cos(angles + 3), -np.sin(angles + 3)], atol=1e-5)


def test_points_end_at_limits_and_leave_for_good():
    flow = nb.study.flow_of(FIELD)
    low, high = limits_of(flow)
    assert (low.tolist(), high.tolist()) == ([0.0], [1.0])
    there = advance(flow, begin(flow, [[0.1, 0.6]]), 500)
    assert there.states.tolist() == [[0.0, 1.0]]
    assert there.at_rest().all()
    blowing = nb.study.flow_of(plain("dx/dt = x**2", x=1.0))
    assert np.isnan(advance(blowing, begin(blowing, [[1.0]]), 2000).states).all()


def test_the_boxes_hold_the_start_and_what_is_reached():
    wide, view = boxes(nb.study.flow_of(PAIR))
    assert (wide.low <= view.low).all()
    assert (wide.high >= view.high).all()
    assert view.inside(np.array([[0.0, 0.02825], [0.0, 0.0008]])).all()


def test_spread_points_leave_no_large_hole():
    points = spread_points(256, 2, 1)
    cells = {tuple(cell) for cell in (points.T * 8).astype(int)}
    assert len(cells) == 64


# mistakes


@pytest.mark.parametrize(
    ("keywords", "code"),
    [
        ({"ranges": {"P.z": (0, 1)}}, "unknown-path"),
        ({"ranges": {"P.r": (1, 0)}}, "empty-range"),
        ({"ranges": {"P.r": (0, float("inf"))}}, "empty-range"),
        ({"ranges": [("P.r", (0, 1))]}, "bad-type"),
        ({"starts": 0}, "bad-value"),
        ({"starts": 2.5}, "bad-value"),
        ({"seed": -1}, "bad-seed"),
    ],
)
def test_wrong_arguments_are_refused(keywords, code):
    with pytest.raises(nb.NbkitError) as caught:
        nb.study.fixed_points(QIF, **keywords)
    assert caught.value.code == code


def test_all_wrong_ranges_are_told_at_once():
    with pytest.raises(nb.NbkitError) as caught:
        nb.study.fixed_points(QIF, {"P.z": (0, 1), "P.r": (1, 0)})
    assert [problem.code for problem in caught.value.problems] == ["unknown-path", "empty-range"]


@pytest.mark.parametrize(
    ("network", "code"), [("net", "bad-type"), (alone(models.lif, "ms"), "no-reduction"), (None, "bad-type")]
)
def test_what_has_no_flow_is_refused(network, code):
    with pytest.raises(nb.NbkitError) as caught:
        nb.study.fixed_points(network)
    assert caught.value.code == code
