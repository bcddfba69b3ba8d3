"""Law: in each lesson a student moves one slider, and the number that theory predicts for it is seen to change with it.

Lessons of neurons and of populations without space; the others are in `test_lessons_in_lab_units`.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from tests.browser.lessons import opened

DRIVE, CURRENT = "drive.amplitude", "current.amplitude"


def test_more_drive_makes_the_beat_faster_and_delays_make_it_far_longer_than_they_are(watch, lab, pages):
    with opened("00", "sliders = nb.explore", watch, lab, pages) as lesson:
        theory, guess = "Period of the rhythm at this step", "Without delay, plus the delays"
        before = lesson.predicts(theory, pytest.approx(41.33, rel=1e-3))  # with steps of 0.05 ms; 40.03 in ideal time
        assert before.holds
        lesson.press(DRIVE, ("ArrowRight", 5))  # from 1.25 to 1.5
        after = lesson.wait_until(theory, lambda told: told.holds and told.predicted < 0.8 * before.predicted)
        assert after.measured == pytest.approx(after.predicted, rel=3e-3)
        lesson.press(DRIVE, ("ArrowLeft", 5))
        for way in ("E to I.delay", "I to E.delay"):
            lesson.press(way, ("ArrowRight", 4))  # to 2 ms
        late = lesson.wait_until(guess, lambda told: told.holds is False and told.measured > 2 * before.measured)
        assert late.predicted == pytest.approx(before.predicted + 4.0, abs=0.02)
        assert "delay" in lesson.wait_until(theory, lambda told: "no value" in told.text).text


def test_a_membrane_rests_where_theory_says_until_it_cannot(watch, lab, pages):
    def rest(current, a=0.7, b=0.8):
        roots = np.roots([-1 / 3, 0, 1 - 1 / b, current - a / b])
        return float(roots[np.abs(roots.imag).argmin()].real)

    with opened("05", "sliders = nb.explore", watch, lab, pages) as lesson:
        before = lesson.predicts("Resting potential", pytest.approx(rest(0.0), abs=1e-3))
        assert before.holds
        lesson.press(CURRENT, ("ArrowRight", 20))  # to 0.2
        after = lesson.predicts("Resting potential", pytest.approx(rest(0.2), abs=1e-3))
        assert after.holds
        assert after.measured == pytest.approx(rest(0.2), abs=0.01)
        assert after.measured > before.measured
        lesson.press(CURRENT, ("ArrowRight", 20))  # beyond the Hopf point at 0.331
        lesson.wait_until("Resting potential", lambda told: "unstable" in told.text and "no value" in told.text)


def test_unequal_neurons_forget(watch, lab, pages):
    def lasting(width, value=1.0):
        for _ in range(20_000):
            value = NormalDist(0.5, width).cdf(value)
        return value

    with opened("06", "sliders = nb.explore", watch, lab, pages) as lesson:
        before = lesson.predicts("Share that lasts", pytest.approx(lasting(0.6 / math.sqrt(2 * math.pi)), abs=2e-3))
        assert before.holds
        lesson.press("E.theta.inside.standard_deviation", ("End", 1))
        after = lesson.predicts("Share that lasts", pytest.approx(0.5, abs=1e-3))
        assert after.holds
        assert after.measured == pytest.approx(0.5, abs=0.01)
        assert before.measured > 0.9


def test_more_drive_makes_the_pair_of_1972_faster_and_then_it_rests(watch, lab, pages):
    with opened("07", "sliders = nb.explore", watch, lab, pages) as lesson:
        theory = "Period of the rhythm"
        before = lesson.predicts(
            theory, pytest.approx(8 * 4.996, rel=0.06)
        )  # as published; longer steps, longer cycles
        assert before.holds
        lesson.press(DRIVE, ("ArrowRight", 25))  # from 1.25 to 1.5
        after = lesson.wait_until(theory, lambda told: told.predicted and told.predicted / 8 < 3.6)
        assert after.holds
        assert after.predicted / 8 == pytest.approx(3.320, rel=0.06)
        assert after.measured == pytest.approx(after.predicted, rel=3e-3)
        lesson.press(DRIVE, ("End", 1))
        lesson.wait_until(theory, lambda told: "no value" in told.text)
        rest = lesson.wait_until("Resting state", lambda told: told.holds)
        assert "no value" not in rest.text


def test_pushed_inhibition_rises_or_falls_as_excitation_alone_is_stable_or_not(watch, lab, pages):
    def change(weight):
        return (1 - weight) / ((1 - weight) * 3.0 + 2.5**2)

    with opened("08", "sliders = nb.explore", watch, lab, pages) as lesson:
        card = "Answer to push"
        before = lesson.predicts(card, pytest.approx(change(0.5), rel=1e-3), row="I.r")
        assert before.holds
        lesson.press("E to E.weight", ("ArrowRight", 20))  # from 0.5 to 1.5
        after = lesson.predicts(card, pytest.approx(change(1.5), rel=1e-3), row="I.r")
        assert after.holds
        assert after.measured == pytest.approx(change(1.5), rel=0.02)
        assert before.measured > 0 > after.measured


def test_a_longer_delay_makes_a_rhythm_of_the_predicted_period(watch, lab, pages):
    omega = min(np.linspace(1e-3, 0.3, 200_000), key=lambda w: abs(w * 30.0 + math.atan(10 * w) - math.pi))
    with opened("09", "sliders = nb.explore", watch, lab, pages) as lesson:
        assert lesson.predicts("Resting level of I", 0.0, row="I.x").holds
        lesson.wait_until("Period of the rhythm of I", lambda told: "no value" in told.text)
        lesson.press("I to I.delay", ("End", 1))  # from 8 to 30 ms
        after = lesson.wait_until("Period of the rhythm of I", lambda told: told.predicted is not None)
        assert after.holds
        assert after.predicted == pytest.approx(2 * math.pi / omega, rel=1e-3)
        assert after.measured == pytest.approx(after.predicted, rel=0.04)
        assert "no value" in lesson.told("Resting level of I").text
