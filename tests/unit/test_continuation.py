"""Laws of continuation: the branch is followed whole, its events are located, and its ends are explained."""

import json

import numpy as np
import pytest

import nbkit as nb


def plain(equations, parameters, unit="1", limits=None, **states):
    """One unit with typed equations; the limits are those of the first state."""
    given = {name: nb.State(value) for name, value in states.items()}
    if limits:
        first = next(iter(given))
        given[first] = nb.State(states[first], limits=limits)
    model = nb.Model("m", equations, states=given, parameters=parameters, time_unit=unit)
    return nb.Network({"P": nb.Population(model, 1)}, time_unit=unit)


PITCHFORK = plain("dx/dt = a*x - x**3", {"a": -1.0}, x=0.0)
TRANSCRITICAL = plain("dx/dt = a*x - x**2", {"a": -1.0}, x=0.0)
CIRCLE = plain("dx/dt = 1 - x**2 - a**2", {"a": 0.0}, x=0.9)
FOLD = plain("dx/dt = a + x**2", {"a": -1.0}, x=-1.0)
HOPF = plain(
    "dx/dt = a*x - w*y - x*(x**2 + y**2)\ndy/dt = w*x + a*y - y*(x**2 + y**2)", {"a": -1.0, "w": 2.0}, x=0.0, y=0.0
)
NEUTRAL = plain("dx/dt = a*x + x\ndy/dt = a*y - y", {"a": -3.0}, x=0.0, y=0.0)


def events(branch):
    at = branch["event"].values != ""
    return list(zip(branch["event"].values[at], branch["P.a"].values[at].round(9) + 0.0, strict=True))


def ends(branch):
    return json.loads(branch.attrs["ends"])


def test_a_branch_is_followed_both_ways_around_a_fold():
    branch = nb.study.continuation(FOLD, "P.a", -2.0, 1.0)
    assert events(branch) == [("fold", 0.0)]
    np.testing.assert_allclose(branch["P.x"] ** 2, -branch["P.a"], atol=1e-9)
    assert branch["P.a"].values[[0, -1]].tolist() == [-2.0, -2.0]
    assert ends(branch) == ["P.a reaches -2"] * 2
    kinds = branch["kind"].values
    fold = int(np.flatnonzero(branch["event"].values == "fold")[0])
    halves = {frozenset(kinds[:fold]), frozenset(kinds[fold + 1 :])}
    assert halves == {frozenset(["stable node"]), frozenset(["unstable node"])}


@pytest.mark.parametrize("net", [PITCHFORK, TRANSCRITICAL])
def test_a_branch_point_is_told_and_not_followed(net):
    branch = nb.study.continuation(net, "P.a", -1.0, 1.0)
    assert events(branch) == [("branch point", 0.0)]
    assert np.abs(branch["P.x"]).max() < 1e-12
    assert branch["unstable"].values[[0, -1]].tolist() == [0, 1]


def test_a_closed_branch_ends_where_it_began():
    branch = nb.study.continuation(CIRCLE, "P.a", -2.0, 2.0)
    np.testing.assert_allclose(branch["P.x"] ** 2 + branch["P.a"] ** 2, 1.0, atol=1e-9)
    assert sorted(events(branch)) == [("fold", -1.0), ("fold", 1.0)]
    assert ends(branch) == ["the branch is closed"] * 2
    assert np.ptp(branch["P.x"].values) == pytest.approx(2.0, abs=1e-3)


def test_a_hopf_point_has_its_frequency():
    branch = nb.study.continuation(HOPF, "P.a", -1.0, 1.0)
    assert events(branch) == [("Hopf", 0.0)]
    at = branch["event"].values == "Hopf"
    assert branch["frequency"].values[at] == pytest.approx([2.0 / (2 * np.pi)])
    assert branch["frequency"].attrs["units"] == "per model unit"
    assert np.isnan(branch["frequency"].values[~at]).all()


@pytest.mark.parametrize(("unit", "hertz"), [("ms", 1e3), ("s", 1.0)])
def test_frequencies_are_in_hertz_where_time_is_physical(unit, hertz):
    net = plain("dx/dt = a*x - w*y\ndy/dt = w*x + a*y", {"a": -1.0, "w": 2.0}, unit, x=0.0, y=0.0)
    branch = nb.study.continuation(net, "P.a", -1.0, 1.0)
    at = branch["event"].values == "Hopf"
    assert branch["frequency"].values[at] == pytest.approx([2.0 * hertz / (2 * np.pi)])
    assert branch["frequency"].attrs["units"] == "Hz"


def test_two_real_eigenvalues_that_add_up_to_zero_are_no_hopf_point():
    branch = nb.study.continuation(NEUTRAL, "P.a", -3.0, 3.0)
    assert events(branch) == [("branch point", -1.0), ("branch point", 1.0)]


def test_two_events_within_one_step_are_both_found():
    """The fold at 0 and the Hopf point at a = -e**2 are closer together than an ordinary step."""
    near = plain("dx/dt = a + x**2 + 0*y\ndy/dt = 2*y - z\ndz/dt = y", {"a": -1.0}, x=-1.0, y=0.0, z=0.0)
    rotating = plain(
        "dx/dt = a + x**2\ndy/dt = (x + 0.003)*y - z\ndz/dt = y + (x + 0.003)*z", {"a": -1.0}, x=-1.0, y=0.0, z=0.0
    )
    assert [kind for kind, _ in events(nb.study.continuation(near, "P.a", -2.0, 1.0))] == ["fold"]
    found = nb.study.continuation(rotating, "P.a", -2.0, 1.0)
    at = found["event"].values != ""
    assert sorted(found["event"].values[at]) == ["Hopf", "fold"]
    hopf = found["event"].values == "Hopf"
    assert found["P.x"].values[hopf] == pytest.approx([-0.003], abs=1e-9)


def test_two_hopf_points_within_one_step_are_both_found():
    """Two rhythms begin one ten-thousandth apart: together they change no sign that one of them changes."""
    one = "dx/dt = (a - 0.1)*x - y\ndy/dt = x + (a - 0.1)*y"
    other = "du/dt = (a - 0.1001)*u - 3*v\ndv/dt = 3*u + (a - 0.1001)*v"
    branch = nb.study.continuation(plain(f"{one}\n{other}", {"a": -1.0}, x=0.0, y=0.0, u=0.0, v=0.0), "P.a", -1.0, 1.0)
    assert events(branch) == [("Hopf", 0.1), ("Hopf", 0.1001)]
    at = branch["event"].values == "Hopf"
    assert 2 * np.pi * branch["frequency"].values[at] == pytest.approx([1.0, 3.0])


def test_a_sharp_bend_is_followed_in_short_steps():
    """Both folds lie within a hundredth of the whole branch."""
    net = plain("dx/dt = a - x + 0.9*tanh(400*x)", {"a": -1.0}, x=-2.0)
    branch = nb.study.continuation(net, "P.a", -1.0, 1.0)
    x = np.arccosh(np.sqrt(0.9 * 400)) / 400
    assert [kind for kind, _ in events(branch)] == ["fold", "fold"]
    np.testing.assert_allclose(
        [a for _, a in events(branch)], np.array([1, -1]) * (0.9 * np.tanh(400 * x) - x), rtol=1e-8
    )
    assert (np.abs(branch["P.x"]) < 0.0125).sum() > 25


def test_the_branch_begins_where_it_is_told():
    branch = nb.study.continuation(FOLD, "P.a", -2.0, 1.0, at=-0.25, near={"P.x": 0.4})
    assert 0.5 in branch["P.x"].values.round(9)
    below = nb.study.continuation(PITCHFORK, "P.a", -1.0, 1.0, at=1.0, near={"P.x": 0.9})
    np.testing.assert_allclose(below["P.x"] ** 2, below["P.a"], atol=1e-9)
    assert below["P.a"].values[[0, -1]] == pytest.approx([1.0, 1.0])


def test_the_range_may_be_given_either_way_round():
    one, other = nb.study.continuation(FOLD, "P.a", -2.0, 1.0), nb.study.continuation(FOLD, "P.a", 1.0, -2.0)
    assert one.identical(other)


def test_the_ends_are_explained():
    short = nb.study.continuation(FOLD, "P.a", -2.0, 1.0, points=5)
    assert ends(short) == ["5 points are made"] * 2
    assert short.sizes["point"] <= 11 + 1
    edge = nb.study.continuation(plain("dx/dt = a - sqrt(x)", {"a": 1.0}, x=1.0), "P.a", -1.0, 2.0)
    assert ends(edge)[0] == "the branch turns too sharply, or ends here"
    assert edge["P.a"].values[0] == pytest.approx(0.0, abs=1e-4)
    held = nb.study.continuation(plain("dx/dt = a - x", {"a": 0.5}, limits=(0.0, 1.0), x=0.5), "P.a", -1.0, 2.0)
    assert ends(held) == ["P.x leaves its limits"] * 2
    assert ((held["P.x"] >= 0) & (held["P.x"] <= 1)).all()


def test_algebraic_variables_follow_the_number():
    net = plain("dx/dt = -x + b\nb = 2*a", {"a": 1.0}, x=0.0)
    branch = nb.study.continuation(net, "P.a", 0.0, 3.0)
    np.testing.assert_allclose(branch["P.b"], 2 * branch["P.a"])


def test_weights_and_gains_can_be_turned():
    units = nb.Population(nb.models.leaky_integrator_tanh, 4)
    net = nb.Network({"P": units}, [nb.Projection("P.r", "P.u", weight=0.5, weight_is="total")])
    for path, critical in (("P->P.weight", 1.0), ("P->P.gain", 2.0)):
        branch = nb.study.continuation(net, path, 0.0, 3.0)
        at = branch["event"].values == "branch point"
        assert branch[path].values[at] == pytest.approx([critical])


def test_a_branch_does_not_leap_onto_a_neighbour():
    """Two branches a hundredth apart, x = a and x = a + 0.01: each is followed to its end."""
    net = plain("dx/dt = (x - a)*(x - a - 0.01)", {"a": -1.0}, x=-1.0)
    branch = nb.study.continuation(net, "P.a", -1.0, 1.0, at=-1.0, near={"P.x": -1.0})
    np.testing.assert_allclose(branch["P.x"], branch["P.a"], atol=1e-9)


def test_progress_is_told():
    seen = []
    branch = nb.study.continuation(FOLD, "P.a", -2.0, 1.0, points=50, progress=lambda *pair: seen.append(pair))
    assert seen[-1][0] == len(seen) <= 100
    assert seen[-1][1] == 100
    assert branch.sizes["point"] >= 50


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"path": "P.b"}, "unknown-path"),
        ({"path": 3}, "unknown-path"),
        ({"start": "x"}, "bad-value"),
        ({"stop": float("nan")}, "bad-value"),
        ({"stop": -2.0}, "empty-range"),
        ({"at": 5.0}, "bad-value"),
        ({"at": "x"}, "bad-value"),
        ({"points": 1}, "bad-value"),
        ({"near": {"x": 1.0}}, "unknown-path"),
        ({"near": {"P.x": "far"}}, "bad-value"),
        ({"near": [1.0]}, "bad-type"),
        ({"near": {"P.x": 50.0}}, "bad-value"),
        ({"at": 1.0}, "bad-value"),
    ],
)
def test_wrong_arguments_are_refused(changes, code):
    given = {"path": "P.a", "start": -2.0, "stop": 1.0} | changes
    with pytest.raises(nb.NbkitError) as caught:
        nb.study.continuation(FOLD, **given)
    assert caught.value.code == code


def test_the_error_names_the_fixed_points_that_there_are():
    with pytest.raises(nb.NbkitError, match=r"P\.x = -1; P\.x = 1"):
        nb.study.continuation(FOLD, "P.a", -2.0, 1.0, near={"P.x": 50.0})


def test_limits_of_a_parameter_bound_the_range():
    net = nb.Network({"P": nb.Population(nb.models.leaky_integrator, 1)})
    with pytest.raises(nb.NbkitError) as caught:
        nb.study.continuation(net, "P.tau", -1.0, 20.0)
    assert caught.value.code == "outside-limits"
