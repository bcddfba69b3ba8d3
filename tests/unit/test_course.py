"""Law: the sentence about a run says what the run did: its rhythms, its rest, its spikes, and who follows whom."""

import math

import numpy as np
import pytest

import nbkit as nb
from nbkit.analysis import in_words

CLOCK = nb.Model(
    "clock", "dx/dt = omega*y + gamma*x\ndy/dt = -omega*x + gamma*y", states={"x": 0.0, "y": 1.0},
    parameters={"omega": nb.Parameter(0.2, unit="1/ms"), "gamma": nb.Parameter(0.0, unit="1/ms")},
)  # fmt: skip


def clocks(gamma=0.0, **phases):
    units = {
        name: nb.Population(CLOCK, 2, {"gamma": gamma}, {"x": -math.sin(phase), "y": math.cos(phase)})
        for name, phase in phases.items()
    }
    return nb.simulate(nb.Network(units), 500.0, 0.01, record=[f"{name}.x" for name in phases])


def test_rhythms_are_told_with_period_and_order():
    story = in_words(clocks(A=0.0, B=0.5))
    assert story.courses["A"].kind == "rhythm"
    assert story.courses["A"].period == pytest.approx(2 * math.pi / 0.2, rel=1e-3)
    assert story.lags[("A", "B")] == pytest.approx(0.5 / 0.2, rel=1e-2)
    assert story.text == "A and B oscillate, period 31.4 ms. B follows A by 2.5 ms."


def test_the_one_that_is_earlier_leads():
    story = in_words(clocks(A=0.5, B=0.0))
    assert story.lags[("B", "A")] == pytest.approx(2.5, rel=1e-2)


def test_a_rhythm_that_dies_away_is_no_rhythm():
    story = in_words(clocks(gamma=-0.005, A=0.0))
    assert story.courses["A"].kind == "fading"
    assert "dies away" in story.text


def test_rest_is_told_with_its_level():
    unit = nb.Population(nb.models.leaky_integrator, 3)
    net = nb.Network({"A": unit}, stimuli=[nb.Stimulus("A.u", nb.Step(2.0))])
    story = in_words(nb.simulate(net, 200.0, 0.1))
    assert story.courses["A"].kind == "rest"
    assert story.courses["A"].value == pytest.approx(2.0, rel=1e-3)
    assert story.text == "No rhythm: activity settles, A at 2."


def test_what_never_moved_rests():
    assert in_words(nb.simulate(nb.Network({"A": nb.Population(nb.models.leaky_integrator, 3)}), 20.0, 0.1)).text == (
        "No rhythm: activity settles, A at 0."
    )


def test_noise_is_neither():
    net = nb.Network({"A": nb.Population(nb.models.leaky_integrator, 1)}, stimuli=[nb.Stimulus("A.u", nb.Noise(1.0))])
    assert in_words(nb.simulate(net, 2000.0, 0.1)).courses["A"].kind == "change"


def test_spikes_are_told_with_rate_and_irregularity():
    regular = nb.analysis.spike_dataset(
        "E", np.arange(5.0, 1000.0, 20.0), np.zeros(50, int), size=1, duration=1000.0, dt=0.1
    )
    story = in_words(regular)
    assert story.courses["E"].value == pytest.approx(50.0, rel=0.02)
    assert story.courses["E"].cv == pytest.approx(0.0, abs=1e-6)
    silent = nb.analysis.spike_dataset("E", [], [], size=3, duration=1000.0, dt=0.1)
    assert in_words(silent).text == "E is silent."


def test_a_delay_more_than_doubles_the_period():
    before, after = (in_words(nb.simulate(nb.networks.rhythm(delay=delay), 800.0, 0.02)) for delay in (0.0, 2.0))
    assert before.courses["E"].period == pytest.approx(40.5, rel=0.02)
    assert after.courses["E"].period == pytest.approx(92.7, rel=0.02)
    assert after.since(before) == "period 40.5 → 91.7 ms"
    assert after.since(after) == ""


def test_a_false_rhythm_goes_away_with_the_step():
    net = nb.networks.rhythm(drive=2.0)
    assert in_words(nb.simulate(net, 400.0, 0.1)).courses["E"].kind == "rhythm"
    assert in_words(nb.simulate(net, 400.0, 0.02)).courses["E"].kind != "rhythm"


def test_another_kind_of_course_is_told():
    rhythm, rest = (in_words(nb.simulate(nb.networks.rhythm(drive), 800.0, 0.02)) for drive in (1.25, 0.8))
    assert rest.since(rhythm) == "E: a rhythm → rest; I: a rhythm → rest"
    low = in_words(nb.simulate(nb.networks.rhythm(0.7), 800.0, 0.02))
    assert low.since(rest).startswith("E: 0.0151 → 0.01")


def test_the_rhythm_is_the_same_at_every_size():
    small, large = (nb.simulate(nb.networks.rhythm(size=size), 400.0, 0.02, record=["E.r"]) for size in (80, 320))
    np.testing.assert_allclose(small["E.r"][:, 0], large["E.r"][:, 0], atol=1e-9)


def test_motifs_refuse_what_is_no_size():
    for wrong in (3, 0, 80.0, True):
        with pytest.raises(nb.NbkitError, match="no number of units"):
            nb.networks.rhythm(size=wrong)
    with pytest.raises(nb.NbkitError) as error:
        nb.networks.moving_bump(size=3, bumps=9)
    assert len(error.value.problems) == 2


def test_bumps_follow_their_spots():
    ds = nb.simulate(nb.networks.moving_bump(bumps=1), 200.0, 1.0)
    sheet = ds["field.r"][-1]
    assert float(sheet.max()) > 0.5
    assert float((sheet > 0.5).mean()) < 0.2
