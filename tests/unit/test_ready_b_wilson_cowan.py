"""Law: the theory of Wilson-Cowan pairs has the known numbers, and none for a network of another kind."""

import numpy as np
import pytest

import nbkit as nb
from nbkit.study.flow import flow_of
from nbkit.study.pairs import Pair, Unit, equilibria, turns
from nbkit.study.ready.wilson_cowan import offered, resting_levels, rhythm_period
from nbkit.study.ready.wilson_cowan_pairs import fixed_point, fold_drive, hopf_drive
from nbkit.study.settling import Cycle, Rest, fate
from tests.conformance.theory_networks import one_unit_pair, published_pair, wilson_cowan

TAU = 8.0


def answer(prediction):
    """The verdict in words; a prediction has a value exactly where it is not no."""
    assert (prediction.value is None) == (prediction.verdict.answer == "no")
    return str(prediction.verdict)


# Known numbers


def test_the_published_pair_has_its_known_numbers():
    net = one_unit_pair()
    assert fold_drive(net).value == pytest.approx(1.0873, abs=1e-4)
    assert hopf_drive(net).value == pytest.approx(1.8793, abs=1e-4)
    assert rhythm_period(net).value == pytest.approx(4.996 * TAU, abs=0.005 * TAU / 10)
    assert rhythm_period(one_unit_pair(1.5)).value == pytest.approx(3.320 * TAU, abs=0.005 * TAU / 10)
    assert resting_levels(one_unit_pair(1.0)).value["P.E"] == pytest.approx(0.02825, abs=1e-5)


def test_a_refractory_factor_of_one_shifts_them():
    net = wilson_cowan()
    assert fold_drive(net).value == pytest.approx(1.0830, abs=1e-4)
    assert hopf_drive(net).value == pytest.approx(1.9093, abs=1e-4)
    assert rhythm_period(net).value == pytest.approx(5.003 * TAU, abs=0.005)


def test_the_size_of_a_population_does_not_matter_and_the_time_constant_scales():
    assert rhythm_period(wilson_cowan(size=50)).value == pytest.approx(rhythm_period(wilson_cowan()).value, rel=1e-9)
    assert rhythm_period(wilson_cowan(tau=16.0)).value == pytest.approx(
        2 * rhythm_period(wilson_cowan()).value, rel=1e-8
    )
    assert fold_drive(wilson_cowan(tau=16.0)).value == pytest.approx(fold_drive(wilson_cowan()).value, rel=1e-12)


def test_the_range_of_the_cycle_is_known():
    flow = flow_of(one_unit_pair(1.25))
    cycle = fate(flow, flow.start)
    assert isinstance(cycle, Cycle)
    assert (cycle.low[0], cycle.high[0]) == pytest.approx((0.1026, 0.2697), abs=3e-4)


def test_euler_moves_the_hopf_point():
    """At the drive that is told, a root of Euler's rule, 1 + dt lambda, lies on the unit circle."""
    dt = 0.1
    drive = hopf_drive(one_unit_pair(), dt=dt).value
    flow = flow_of(one_unit_pair(drive))
    rest = fixed_point(one_unit_pair(drive)).value
    roots = 1 + dt * np.linalg.eigvals(flow.slopes(list(rest.values())))
    assert np.abs(roots) == pytest.approx([1.0, 1.0], abs=1e-12)
    assert drive > hopf_drive(one_unit_pair()).value + 0.2


def test_fixed_points_are_named_and_ordered():
    points = [fixed_point(one_unit_pair(1.0), k) for k in range(3)]
    assert [p.name.partition(", ")[2] for p in points] == ["a stable node", "a saddle", "an unstable focus"]
    flow = flow_of(one_unit_pair(1.0))
    for p in points:
        assert np.abs(flow.speed(list(p.value.values()))).max() < 1e-14
    assert "there are 3 fixed points" in answer(fixed_point(one_unit_pair(1.0), 3))
    assert "Euler's rule leaves it with steps of 0.1 ms" in answer(fixed_point(one_unit_pair(2.0), dt=0.1))
    assert fixed_point(one_unit_pair(2.0), dt=0.01).verdict.answer == "yes"


# The search behind them


def units(k=1.0):
    return Unit(8.0, 1.3, 4.0, k, 1.0), Unit(8.0, 2.0, 3.7, k, 1.0)


def test_the_search_finds_as_many_points_as_the_index_demands():
    """Seen from far away all arrows point inwards: the signs of the determinants add up to one."""
    rng = np.random.default_rng(5)
    for _ in range(60):
        a, b, c, d = rng.uniform([2, 2, 2, 0], [25, 25, 25, 10]) * rng.choice([1, -1], 4)
        pair = Pair(units(rng.choice([0.0, 1.0])), ((a, -b), (c, -d)), tuple(rng.uniform(-2, 5, 2)))
        found = equilibria(pair)
        assert found is not None
        assert sum(np.sign(point.eigenvalues.prod().real) for point in found) == 1


def test_saturated_points_are_found():
    """Both units driven so hard that their values are the largest that they can have, to the last digit."""
    pair = Pair(units(), ((20.0, -1.0), (20.0, -1.0)), (20.0, 20.0))
    (point,) = equilibria(pair)
    assert point.point == pytest.approx([0.5, 0.5], abs=0.01)
    assert point.stable


def test_folds_are_where_the_number_of_points_changes():
    pair = Pair(units(), ((16.0, -12.0), (15.0, -3.0)), (0.0, 0.0))
    found = turns(pair, 0)
    assert [turn.kind for turn in found] == ["fold", "fold", "hopf"]
    drives = sorted(turn.drive for turn in found if turn.kind == "fold")
    counts = [
        len(equilibria(Pair(pair.units, pair.weights, (d, 0.0)))) for d in (drives[0] - 1e-3, 1.0, drives[1] + 1e-3)
    ]
    assert counts == [1, 3, 1]


def test_units_that_do_not_feel_each_other_are_no_pair():
    assert equilibria(Pair(units(), ((16.0, 0.0), (0.0, -3.0)), (1.0, 0.0))) is None
    assert turns(Pair(units(), ((16.0, -12.0), (0.0, -3.0)), (1.0, 0.0)), 0) is None


def test_a_flow_is_followed_to_rest_or_to_a_cycle():
    node = flow_of(one_unit_pair(1.0))
    assert isinstance(fate(node, node.start), Rest)
    oscillator = nb.Network({"N": nb.Population(nb.models.van_der_pol, 1)}, time_unit="1")
    assert rhythm_period(oscillator).value == pytest.approx(6.66328686, rel=1e-7)
    grows = nb.Model("grows", "dx/dt = x", states={"x": 1.0}, time_unit="1")
    assert "neither rests nor repeats" in answer(
        resting_levels(nb.Network({"N": nb.Population(grows, 1)}, time_unit="1"))
    )


# Where it does not apply


def test_delays_of_any_kind_leave_no_period_and_no_hopf_point():
    late = [2.0, "2 ms", nb.Uniform(1.0, 3.0), np.full((1, 1), 2.0)]
    for delay in late:
        net = wilson_cowan(delay=delay)
        for prediction in (rhythm_period(net), resting_levels(net), hopf_drive(net), rhythm_period(net, dt=0.1)):
            assert "derived without delay; your network has delays" in answer(prediction)
        assert "may make it unstable" in answer(fixed_point(net))
        assert "rest may be lost before" in answer(fold_drive(net))
        assert fold_drive(net).value == fold_drive(wilson_cowan()).value
    assert "2 ms" in answer(rhythm_period(wilson_cowan(delay=np.full((1, 1), 2.0))))


def with_parts(projections=(), stimuli=(), populations=None):
    net = wilson_cowan()
    return nb.Network(
        {**net.populations, **(populations or {})}, [*net.projections, *projections], [*net.stimuli, *stimuli]
    )


@pytest.mark.parametrize(
    ("net", "words"),
    [
        (with_parts(stimuli=[nb.Stimulus("E.r_ext", nb.Sine(0.1, 10.0), name="x")]), "no: x changes in time"),
        (with_parts(stimuli=[nb.Stimulus("E.r_ext", nb.Recorded(np.ones(9), 0.1), name="x")]), "no: x changes in time"),
        (with_parts(stimuli=[nb.Stimulus("E.r_ext", nb.Noise(0.1), name="x")]), "approximately: x is replaced"),
        (wilson_cowan(size=3).with_value("E.tau", nb.Uniform(7, 9)), "approximately: E.tau differs between units"),
        (wilson_cowan(size=3).with_value("E.theta", np.array([3.9, 4.0, 4.1])), "approximately: E.theta differs"),
        (wilson_cowan(size=4, rule=nb.FixedInDegree(2)), "approximately: units are taken to stay in step"),
        (wilson_cowan(size=4, rule=nb.Bernoulli(0.5)), "approximately: units"),
        (with_parts(stimuli=[nb.Stimulus("E.r_ext", nb.Pulse(0, 9, 1), name="x")]), "approximately: holds from 9 ms"),
        (wilson_cowan(size=4).with_value("E->E.weight", nb.Balanced(0.8, 1.0, 1.0)), "no: no number is known for E->E"),
        (wilson_cowan(size=2, start=[0.0, 0.1]), "approximately: units of E.r, I.r begin differently"),
        (with_parts([nb.Projection("E.r", "E.r_in", weight=1.0, delay=3.0, name="x")]), "no: derived without delay"),
        (with_parts([nb.Projection("E.r", "E.r_in", weight=1.0, source_units=[0], name="x")]), "no: x: connects"),
        (with_parts(stimuli=[nb.Stimulus("E.r_ext", nb.Step(1.0), units=[0], name="x")]), "no: x: drives chosen units"),
        (with_parts(populations={"N": nb.Population(nb.models.lif, 1)}), "no: derived for rates; N spikes"),
        (with_parts(populations={"N": nb.Population(nb.models.neural_field, 1)}), "no: derived for states that"),
        (wilson_cowan().with_value("E->I.spread", "1 ms").with_value("E->I.delay", 2.0), "no: derived without delay"),
    ],
)  # fmt: skip
def test_what_is_more_than_a_pair_is_told(net, words):
    verdict, _, reason = words.partition(": ")
    period = rhythm_period(net)
    assert period.verdict.answer == verdict
    assert reason in answer(period)


def test_a_pair_of_other_units_has_a_period_but_no_fold():
    net = published_pair()
    assert rhythm_period(net).value == pytest.approx(39.967, abs=1e-3)
    assert "those of E are published" in answer(fold_drive(net))
    assert "those of E are published" in answer(fixed_point(net))
    assert list(offered(net, None)) == []


def test_folds_need_a_constant_drive_and_two_populations():
    pair = wilson_cowan()
    undriven = nb.Network(pair.populations, pair.projections)
    assert "no constant stimulus drives it" in answer(fold_drive(undriven))
    assert "x is no constant stimulus" in answer(hopf_drive(pair, "x"))
    assert "there is none" in answer(hopf_drive(pair.with_value("E->I.weight", 0.5)))
    assert "there are 2" in answer(fold_drive(pair, number=2))
    three = with_parts(populations={"X": nb.Population(nb.models.wilson_cowan, 1)})
    assert "the network has 3 states" in answer(fold_drive(three))
    algebraic = with_parts([nb.Projection("E.m", "I.r_in", weight=1.0, name="x", delay=1.0)])
    assert "E.m is sent" in answer(fold_drive(algebraic))
    odd = wilson_cowan(k=-3.0)
    assert "refractory factor of -3" in answer(fold_drive(odd))


def test_another_stimulus_onto_the_same_unit_moves_the_fold_by_its_amplitude():
    more = wilson_cowan(stimuli=[nb.Stimulus("E.r_in", nb.Step(0.3), name="more")])
    assert fold_drive(more).value == pytest.approx(fold_drive(wilson_cowan()).value - 0.3, abs=1e-12)
    assert fold_drive(more, "more").value == pytest.approx(fold_drive(wilson_cowan()).value - 1.25, abs=1e-12)
    of_inhibition = wilson_cowan(1.0, stimuli=[nb.Stimulus("I.r_ext", nb.Step(0.0))])
    drive = fold_drive(of_inhibition, "I.r_ext").value
    sides = [of_inhibition.with_value("I.r_ext.amplitude", drive + d) for d in (-1e-3, 1e-3)]
    assert {fixed_point(net).name.partition(", ")[0] for net in sides} == {"Fixed point 1 of 1", "Fixed point 1 of 3"}


# What a prediction is for


def test_a_prediction_knows_for_which_networks_it_is():
    period = rhythm_period(wilson_cowan())
    assert period.applies(wilson_cowan(size=7))
    assert period.applies(wilson_cowan(start=0.05))
    assert not period.applies(wilson_cowan(1.3))
    assert not period.applies(wilson_cowan(delay=1.0))
    assert not period.applies(wilson_cowan(0.5))
    fold = fold_drive(wilson_cowan())
    assert fold.applies(wilson_cowan(1.3)), "a fold does not depend on where the drive is now"
    assert fold.for_network(wilson_cowan(k=0.0)).value != fold.value
    assert hopf_drive(wilson_cowan(), dt=0.1).applies(wilson_cowan(0.2))


def test_the_list_tells_all_of_a_pair_and_nothing_twice():
    names = [p.name for p in nb.study.predictions(one_unit_pair(2.0), dt=0.1)]
    assert len(names) == len(set(names))
    assert "Hopf point 1 of 1 in P.P at this step" in names
    assert "Period of the rhythm at this step" in names
    alone = nb.Network({"E": nb.Population(nb.models.wilson_cowan, 1)}, [nb.Projection("E.r", "E.r_in", weight=2.0)])
    assert [p.name for p in offered(alone, None)] == ["Resting state"]
    for p in offered(one_unit_pair(), 0.05):
        assert p.source
        assert p.latex
        assert p.theory is not None
        assert p.for_network(one_unit_pair()).value == p.value
