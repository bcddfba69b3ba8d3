"""Law: a prediction tells its value only where its theory applies, and its check fails closed."""

import math
from functools import partial

import numpy as np
import pytest
import xarray as xr

import nbkit as nb
from nbkit.study.conditions import constant_drive, one_value, without_delay, without_noise
from nbkit.study.prediction import Applies, together


def network(delay=0.0, tau=8.0, signal=None):
    unit = nb.Population(nb.models.wilson_cowan, 4, {"tau": tau})
    stimuli = [] if signal is None else [nb.Stimulus("E.r_ext", signal)]
    return nb.Network({"E": unit}, [nb.Projection("E.r", "E.r_in", weight=1.0, delay=delay)], stimuli)


def doubled(net):
    """A theory: twice the time constant, without delays."""
    verdict = without_delay(net)
    value = 2 * net.value("E.tau") if verdict else None
    return nb.Prediction(
        "Twice", value, unit="ms", verdict=verdict, theory=doubled, of="E.r",
        measure=lambda ds: float(ds["E.r"].max()),
    )  # fmt: skip


def test_a_number_near_the_value_holds_and_a_far_one_does_not():
    p = nb.Prediction("Period", 40.0, unit="ms", rtol=0.02, atol=0.2)
    assert p.check(40.99).holds
    assert not p.check(41.01).holds
    assert p.check(39.01).holds
    assert not p.check(38.99).holds
    assert "40 ms predicted" in p.check(38.0).reason
    assert str(p.check(38.0)).startswith("✗ Period")
    assert "39 ms" not in p.words()


@pytest.mark.parametrize(
    "nothing", [None, math.nan, math.inf, "40", [40.0], np.array([40.0, 40.0]), {"E": 40.0}, True, object()]
)
def test_what_is_no_number_does_not_hold(nothing):
    check = nb.Prediction("Period", 40.0).check(nothing)
    assert not check.holds
    assert not check


def test_numbers_of_arrays_are_numbers():
    p = nb.Prediction("Period", 40.0)
    assert p.check(np.float64(40.0)).holds
    assert p.check(xr.DataArray(40.0)).holds


def test_each_population_must_hold():
    p = nb.Prediction("Rates", {"E": 1.0, "I": 2.0}, unit="Hz", rtol=0.1)
    assert p.check({"E": 1.05, "I": 1.95, "other": 7.0}).holds
    assert not p.check({"E": 1.05, "I": 2.5}).holds
    assert not p.check({"E": 1.05}).holds
    assert "no I was measured" in p.check({"E": 1.05}).reason


def test_a_value_of_zero_needs_a_tolerance_in_its_unit():
    assert nb.Prediction("Rate", 0.0, atol=0.1).check(0.05).holds
    assert not nb.Prediction("Rate", 0.0).check(0.05).holds


def test_where_a_theory_does_not_apply_there_is_no_value_and_no_tick():
    p = doubled(network(delay=2.0))
    assert p.value is None
    assert p.verdict == Applies("no", ("derived without delay; your network has delays of 2 ms",))
    assert not p.check(16.0).holds
    assert "does not apply" in str(p)


def test_a_value_is_only_for_networks_with_the_same_value():
    p = doubled(network())
    assert p.applies(network()).answer == "yes"
    assert p.applies(network(signal=nb.Step(1.0))).answer == "yes"
    assert "for this one it is 18 ms" in str(p.applies(network(tau=9.0)))
    assert "delays of 1 ms" in str(p.applies(network(delay=1.0)))
    assert p.for_network(network(tau=9.0)).value == 18.0
    assert not doubled(network(delay=1.0)).applies(network())


def test_a_result_is_checked_against_the_network_that_made_it():
    p = doubled(network())
    ds = nb.simulate(network(), 1.0, 0.1, record=["E.r"])
    assert "0 ms measured" in p.check(ds).reason
    other = nb.simulate(network(delay=1.0), 1.0, 0.1, record=["E.r"])
    assert "delays of 1 ms" in p.check(other).reason
    with pytest.raises(nb.NbkitError, match="does not read results"):
        nb.Prediction("Period", 1.0).check(ds)


def test_a_typed_number_stands_for_any_network():
    p = nb.Prediction("Period", 1.0)
    assert p.applies(network()).answer == "yes"
    with pytest.raises(nb.NbkitError, match="without its theory"):
        p.for_network(network())
    with pytest.raises(nb.NbkitError, match="is no network"):
        p.applies("network")


def test_everything_that_is_wrong_is_told_at_once():
    with pytest.raises(nb.NbkitError) as error:
        nb.Prediction(3, "x", rtol=-1, quantity="colour")
    assert len(error.value.problems) == 4
    with pytest.raises(nb.NbkitError, match="exactly where the theory applies"):
        nb.Prediction("Period", None)
    with pytest.raises(nb.NbkitError, match="exactly where the theory applies"):
        nb.Prediction("Period", 1.0, verdict=Applies("no", ("because",)))


def test_the_least_certain_answer_counts():
    yes, near, no = Applies(), Applies("approximately", ("a",)), Applies("no", ("b",))
    assert together([]) == yes
    assert together([yes, near]) == near
    assert together([near, no, yes]) == no
    assert together([near, Applies("approximately", ("c",))]).reasons == ("a", "c")


def test_names_are_escaped():
    shown = nb.Prediction("<b>x</b>", 1.0, source="<script>")._repr_html_()
    assert "<b>x" not in shown
    assert "<script>" not in shown


def test_conditions_look_at_the_network():
    drawn = network(delay=nb.Uniform(1, 2))
    assert "delays that are drawn" in str(without_delay(drawn))
    assert without_delay(network(delay=np.zeros((4, 4))))
    assert not without_delay(network(delay=np.eye(4)))
    assert without_noise(network()).answer == "yes"
    assert without_noise(network(signal=nb.Noise(1.0))).answer == "approximately"
    assert constant_drive(network(signal=nb.Step(1.0)))
    assert constant_drive(network(signal=nb.Expression("2*3")))
    assert not constant_drive(network(signal=nb.Expression("exp(-t)")))
    assert constant_drive(network(signal=nb.Expression("sqrt(2)")))
    assert not constant_drive(network(signal=nb.Sine(1.0, 10.0)))
    assert not constant_drive(network(signal=nb.Recorded(np.zeros(10), 0.1)))
    assert constant_drive(network(signal=nb.Sine(1.0, 10.0)), ["other"])
    assert one_value(network(), "E", "tau", "k")
    assert not one_value(network(tau=nb.Uniform(8, 9)), "E", "tau")


def test_a_theory_may_have_arguments():
    def at(net, factor):
        return nb.Prediction("T", factor * net.value("E.tau"), theory=partial(at, factor=factor))

    p = at(network(), factor=3.0)
    assert p.applies(network())
    assert not p.applies(network(tau=1.0))


@pytest.mark.parametrize(
    ("measured", "value", "words"),
    [
        (-6.465e-13, 0.0, "0 (|·| < 1e-12) measured, 0 predicted (0.001 allowed)"),
        (1e-12, 0.0, "0 (|·| < 1e-12) measured, 0 predicted (0.001 allowed)"),
        (0.0, 0.0, "0 measured, 0 predicted (+0, 0.001 allowed)"),
        (5e-4, 0.0, "0.0005 measured, 0 predicted (+0.0005, 0.001 allowed)"),
        (-6e-13, 1.0, "-6e-13 measured, 1 predicted (-100 %, 2.1 % allowed)"),
    ],
)
def test_what_is_far_nearer_to_a_predicted_zero_than_it_need_be_is_told_as_zero(measured, value, words):
    assert nb.Prediction("Rest", value, atol=1e-3).check(measured).reason == words
