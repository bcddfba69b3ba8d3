"""Law: delayed feedback loses its rest where its characteristic equation says, in time and in steps."""

import cmath
import math

import numpy as np
import pytest

import nbkit as nb
from nbkit.study.ready.delays import critical_delay, feedback_growth, feedback_period, feedback_rest, offered
from tests.conformance.theory_networks import feedback

study = nb.study


# Formulas


@pytest.mark.parametrize(("gain", "delay"), [(1.5, 2.0577), (2.0, 1.2092), (3.0, 0.6755), (4.0, 0.4708)])
def test_the_known_critical_delays(gain, delay):
    onset = study.delayed_feedback_onset(gain)
    assert onset.delay == pytest.approx(delay, abs=5e-5)
    z = 2j * math.pi / onset.period
    assert abs(z + 1 + gain * cmath.exp(-z * onset.delay)) < 1e-12
    scaled = study.delayed_feedback_onset(gain, 10.0)
    assert (scaled.delay, scaled.period) == pytest.approx((10 * onset.delay, 10 * onset.period))


def test_the_known_onset_of_ten_milliseconds():
    onset = study.delayed_feedback_onset(2.0, 10.0)
    assert (onset.delay, onset.period) == pytest.approx((12.092, 36.276), abs=1e-3)


@pytest.mark.parametrize(("h", "delay"), [(0.1, 1.10), (0.05, 1.20), (0.02, 1.20), (0.01, 1.20)])
def test_the_known_first_unstable_delays_of_euler(h, delay):
    onset = study.delayed_feedback_onset_euler(2.0, h)
    assert onset.delay == pytest.approx(delay, abs=1e-12)


def largest(gain, steps, h):
    """The largest root of the characteristic polynomial, by its companion matrix."""
    coefficients = np.zeros(steps + 2)
    coefficients[0], coefficients[1] = 1.0, -(1 - h)
    coefficients[-1] += h * gain
    roots = np.roots(coefficients)
    return roots[np.argmax(np.abs(roots))]


def test_the_first_unstable_delay_is_that_of_the_polynomial():
    for gain in (1.1, 1.5, 3.0, 8.0, 15.0):
        for h in (0.2, 0.1, 0.03):
            onset = study.delayed_feedback_onset_euler(gain, h)
            steps = round(onset.delay / h)
            assert abs(largest(gain, steps, h)) > 1
            assert steps == 0 or abs(largest(gain, steps - 1, h)) < 1
            assert onset.period == pytest.approx(2 * np.pi * h / abs(np.angle(largest(gain, steps, h))), rel=1e-9)


def test_growth_is_the_rightmost_root():
    rng = np.random.default_rng(2)
    for gain, delay in rng.uniform([0.1, 0.05], [6.0, 8.0], (50, 2)):
        z = study.delayed_feedback_growth(gain, delay)
        assert abs(z + 1 + gain * cmath.exp(-z * delay)) < 1e-9 * (1 + abs(z))
        whole = round(delay + 0.5, 1)
        fine = study.delayed_feedback_growth_euler(gain, whole, 0.001)
        assert fine == pytest.approx(study.delayed_feedback_growth(gain, whole), abs=0.02)
    assert study.delayed_feedback_growth(2.0, 0.0, 10.0) == pytest.approx(-0.3)
    for steps in (1, 7, 250):
        z = study.delayed_feedback_growth_euler(2.0, steps * 0.05, 0.05)
        assert math.exp(z.real * 0.05) == pytest.approx(abs(largest(2.0, steps, 0.05)), rel=1e-11)
    assert study.delayed_feedback_growth_euler(2.0, 0.0, 0.1).real == pytest.approx(10 * math.log(0.7))


def test_the_period_of_one_harmonic_meets_the_onset():
    for gain in (1.2, 2.0, 5.0):
        onset = study.delayed_feedback_onset(gain, 7.0)
        assert study.delayed_feedback_period(onset.delay, 7.0) == pytest.approx(onset.period, rel=1e-12)
    assert study.delayed_feedback_period(100.0, 1e-6) == pytest.approx(200.0, rel=1e-6), "a relay without memory"


def test_a_gain_of_one_or_less_never_oscillates():
    assert study.delayed_feedback_onset(1.0) is None
    assert study.delayed_feedback_onset_euler(0.9, 0.1) is None
    assert study.delayed_feedback_growth(0.9, 50.0).real < 0


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: study.delayed_feedback_onset(-1.0), "bad-value"),
        (lambda: study.delayed_feedback_onset(2.0, 0.0), "bad-value"),
        (lambda: study.delayed_feedback_onset_euler(2.0, 1.0), "bad-step"),
        (lambda: study.delayed_feedback_onset_euler(2.0, -0.1), "bad-value"),
        (lambda: study.delayed_feedback_growth(2.0, 501.0), "bad-value"),
        (lambda: study.delayed_feedback_growth("2", 1.0), "bad-value"),
        (lambda: study.delayed_feedback_growth_euler(2.0, 0.15, 0.1), "delay-off-grid"),
        (lambda: study.delayed_feedback_growth_euler(2.0, 1e5, 0.1), "delay-off-grid"),
        (lambda: study.delayed_feedback_period(0.0), "bad-value"),
    ],
)
def test_numbers_that_make_no_loop_are_refused(call, code):
    with pytest.raises(nb.NbkitError) as error:
        call()
    assert error.value.code == code


# Networks


def test_the_numbers_of_a_network_are_those_of_the_formulas():
    net = feedback(2.0, 13.0, size=5)
    assert critical_delay(net).value == pytest.approx(12.092, abs=1e-3)
    assert critical_delay(net, dt=1.0).value == pytest.approx(11.0)
    assert feedback_period(net).value == study.delayed_feedback_period(13.0, 10.0)
    assert feedback_growth(net).value == study.delayed_feedback_growth(2.0, 13.0, 10.0).real
    assert feedback_growth(net, dt=0.5).value == study.delayed_feedback_growth_euler(2.0, 13.0, 0.5, 10.0).real
    assert critical_delay(feedback(1.0, "13 ms", factor=2.0)).value == critical_delay(net).value
    assert critical_delay(feedback(2.0, np.full((2, 2), 13.0), size=2)).value == critical_delay(net).value
    assert critical_delay(feedback(rule=nb.OneToOne(), size=3)).value == critical_delay(net).value


def stray(size=1):
    return nb.Projection("E.r", "E.u", weight=0.1, name="stray")


@pytest.mark.parametrize(
    ("net", "words"),
    [
        (feedback(-2.0), "derived for negative feedback; the weight of E->E is 2 in all"),
        (feedback(spread=2.0), "derived for one sharp delay; E->E has delays of 13 ms with a spread of 2 ms"),
        (feedback(delay=nb.Uniform(5.0, 9.0)), "derived for one sharp delay; E->E has delays that are drawn"),
        (feedback(delay=np.array([[1.0, 2.0], [1.0, 2.0]]), size=2), "E->E has delays from 1 to 2 ms"),
        (feedback(tau=nb.Uniform(8, 12), size=3), "E.tau differs between them"),
        (feedback(projections=[stray()]), "onto E comes E->E, stray"),
        (feedback(stimuli=[nb.Stimulus("E.u", nb.Step(0.5))]), "a drive of 0.5 moves it"),
        (feedback(stimuli=[nb.Stimulus("E.u", nb.Sine(0.5, 10.0))]), "E.u is no constant, but of the kind Sine"),
        (feedback(stimuli=[nb.Stimulus("E.u", nb.Noise(0.5, mean=0.1))]), "E.u is no constant, but of the kind Noise"),
        (feedback(rule=nb.FixedInDegree(2), size=4), "gives them different sums"),
        (feedback(rule=nb.AllToAll(autapses=False), size=4), "gives them different sums"),
        (feedback(rule=nb.Bernoulli(0.5), size=4), "gives them different sums"),
    ],
)
def test_what_is_no_loop_of_equal_units_is_told(net, words):
    for prediction in (feedback_period(net), feedback_rest(net), feedback_growth(net)):
        assert prediction.value is None
        assert words in str(prediction.verdict)


def test_chosen_units_and_drawn_weights_are_no_loop():
    net = feedback(size=4)
    chosen = nb.Projection("E.r", "E.u", weight=-2.0, delay=13.0, source_units=[0])
    assert "different sums" in str(critical_delay(nb.Network(net.populations, [chosen])).verdict)
    drawn = nb.Network(net.populations, [nb.Projection("E.r", "E.u", weight=nb.Normal(-2.0, 0.1), delay=13.0)])
    assert critical_delay(drawn).value is None
    assert list(offered(drawn, None)) == []
    assert "there is no population X" in str(critical_delay(net, "X").verdict)
    lif = nb.Network({"N": nb.Population(nb.models.lif, 1)})
    assert "units of N are lif" in str(critical_delay(lif).verdict)


def test_noise_and_kicks_are_told_apart():
    noisy = feedback(stimuli=[nb.Stimulus("E.u", nb.Noise(0.01))])
    assert critical_delay(noisy).verdict.answer == "approximately"
    kicked = feedback(stimuli=[nb.Stimulus("E.u", nb.Pulse(5.0, 6.0, 1.0))])
    assert critical_delay(kicked).verdict.reasons == ("holds from 6 ms on, when E.u is over",)


def test_rest_and_rhythm_exclude_each_other():
    for gain, delay, dt in (
        (2.0, 12.0, None),
        (2.0, 12.2, None),
        (2.0, 11.0, 1.0),
        (2.0, 10.0, 1.0),
        (0.9, 99.0, None),
    ):
        net = feedback(gain, delay)
        rests = feedback_rest(net, dt=dt).value is not None
        assert rests == (feedback_period(net, dt=dt).value is None)
        assert rests == (feedback_growth(net, dt=dt).value < 0)
    assert "not above 1" in str(critical_delay(feedback(0.9)).verdict)
    assert "below the critical 12.09 ms" in str(feedback_period(feedback(2.0, 8.0)).verdict)
    assert "rest is stable with a delay of 0 ms" in str(feedback_period(feedback(2.0, 0.0)).verdict)
    assert "no rhythm without delay" in str(feedback_period(feedback(2.0, 0.0), dt=8.0).verdict)


def test_a_step_must_fit():
    net = feedback(2.0, 13.0)
    assert "no whole number of steps of 3 ms" in str(critical_delay(net, dt=3.0).verdict)
    assert "10 ms is not below 10 ms" in str(critical_delay(net, dt=10.0).verdict)
    assert "longer than 500 time constants" in str(feedback_growth(feedback(2.0, 13.0, tau=0.02)).verdict)


def test_growth_is_read_from_small_perturbations_alone():
    growth = feedback_growth(feedback(2.0, 13.0), dt=0.5)
    assert not growth.check(nb.simulate(feedback(2.0, 13.0, start=0.5), 600.0, 0.5)).holds, "a large rhythm"
    assert not growth.check(nb.simulate(feedback(2.0, 13.0, start=0.0), 600.0, 0.5)).holds, "nothing moves"
    assert not growth.check(nb.simulate(feedback(2.0, 13.0, start=1e-6), 600.0, 0.1)).holds, "another step"
    assert growth.check(nb.simulate(feedback(2.0, 13.0, start=1e-6), 600.0, 0.5)).holds


def test_the_list_of_a_loop():
    names = [p.name for p in nb.study.predictions(feedback(), dt=1.0)]
    assert names[:2] == ["Critical delay of E", "Critical delay of E at this step"]
    for p in offered(feedback(), 0.1):
        assert p.for_network(feedback()).value == p.value
    critical = critical_delay(feedback(2.0, 13.0))
    assert critical.applies(feedback(2.0, 5.0))
    assert not critical.applies(feedback(2.5, 13.0))
