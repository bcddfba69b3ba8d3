"""Law: the answer to a drive is the inverse of the slopes at rest, and there is none where a network does not rest."""

import numpy as np
import pytest

import nbkit as nb
from nbkit.study.ready.stabilised import drive_response, growth_without_inhibition, offered
from tests.conformance.theory_networks import one_unit_pair, stabilised, wilson_cowan


def test_the_known_answers_of_a_linear_pair():
    """D = (1 - W_EE)(1 + W_II) + W_EI W_IE = 3.25."""
    answer = drive_response(stabilised(), "g_I")
    assert answer.value == pytest.approx({"E.x": -2.5 / 3.25, "I.x": -1 / 3.25})
    assert answer.value["E.x"] == pytest.approx(-0.7692, abs=1e-4)
    assert answer.value["I.x"] == pytest.approx(-0.3077, abs=1e-4)
    assert drive_response(stabilised(), "g_E").value == pytest.approx({"E.x": 3 / 3.25, "I.x": 2.5 / 3.25})
    assert growth_without_inhibition(stabilised()).value == pytest.approx(0.1)


def test_the_sign_of_the_answer_flips_where_excitation_alone_becomes_stable():
    for excitation in (0.5, 0.9, 1.1, 2.0):
        net = stabilised((excitation, 2.5, 2.5, 2.0))
        answer, growth = drive_response(net, "g_I").value["I.x"], growth_without_inhibition(net).value
        assert np.sign(answer) == -np.sign(growth) == np.sign(1 - excitation)


def test_the_answer_of_a_pair_that_is_not_linear_is_the_slope_of_its_rest():
    net = one_unit_pair(2.4)
    answer = drive_response(net).value
    levels = [
        list(nb.study.ready.wilson_cowan.resting_levels(one_unit_pair(2.4 + d)).value.values()) for d in (-1e-4, 1e-4)
    ]
    slope = (np.array(levels[1]) - np.array(levels[0])) / 2e-4
    assert list(answer.values()) == pytest.approx(slope.tolist(), rel=1e-5)


def test_a_late_step_that_bends_the_answer_makes_it_approximate():
    late = nb.Stimulus("I.r_ext", nb.Step(1.5, start=100.0), name="g_I")
    answer = drive_response(wilson_cowan(3.0, stimuli=[late]), "g_I")
    assert answer.verdict.answer == "approximately"
    assert "over the whole step of 1.5 it is E.r" in str(answer.verdict)
    small = nb.Stimulus("I.r_ext", nb.Step(1e-4, start=100.0), name="g_I")
    assert drive_response(wilson_cowan(3.0, stimuli=[small]), "g_I").verdict.answer == "yes"


def test_a_silent_population_does_not_answer():
    linear = nb.models.leaky_integrator_threshold_linear
    net = stabilised((0.5, 2.5, 2.5, 2.0), linear, drive=-20.0)
    assert drive_response(net, "g_I").value == {"E.r": 0.0, "I.r": 0.0}
    assert drive_response(net, "g_E").value["E.r"] == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("net", "words"),
    [
        (stabilised(delay=2.0), "your network has delays of 2 ms"),
        (stabilised((4.0, 2.5, 2.5, 2.0)), "this one does not come to rest"),
        (one_unit_pair(1.25), "it cycles with a period of 39.97 ms"),
    ],
)
def test_without_rest_there_is_no_answer(net, words):
    for prediction in (drive_response(net), growth_without_inhibition(net)):
        assert prediction.value is None
        assert words in str(prediction.verdict)


def test_a_step_that_is_too_long_has_no_rest():
    assert drive_response(stabilised(), dt=0.1).value is not None
    assert "does not come to rest" in str(drive_response(stabilised(), dt=15.0).verdict)


def test_signs_must_tell_who_excites():
    both = stabilised((2.0, -2.5, 2.5, -2.0))
    assert "E excites, I excites" in str(growth_without_inhibition(both).verdict)
    assert list(offered(both, None)) == []
    drawn = stabilised().with_value("E->E.weight", nb.Normal(2.0, 0.1))
    assert "E is neither" in str(growth_without_inhibition(drawn).verdict)
    net = stabilised()
    assert "no constant stimulus drives it" in str(drive_response(nb.Network(net.populations, net.projections)).verdict)
    assert "x is no constant stimulus" in str(drive_response(net, "x").verdict)


def test_a_result_is_read_only_where_the_step_comes_late():
    assert drive_response(stabilised(), "g_E").measure is None
    answer = drive_response(stabilised(), "g_I")
    short = nb.simulate(stabilised(), 100.0, 0.1)
    assert not answer.check(short).holds, "it ends before the step"
    moving = nb.simulate(stabilised(), 203.0, 0.1, discard=150.0)
    assert not answer.check(moving).holds, "it has not come to rest"


def test_the_list_has_an_answer_for_each_drive():
    assert [p.name for p in offered(stabilised(), None)] == [
        "Growth rate of E.x with inhibition held", "Answer to g_E", "Answer to g_I",
    ]  # fmt: skip
    for p in offered(stabilised(), 0.1):
        assert p.for_network(stabilised()).value == p.value
        assert p.applies(stabilised(size=20))
        assert not p.applies(stabilised((3.0, 2.5, 2.5, 2.0)))
