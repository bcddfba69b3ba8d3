"""Law: in each lesson a student moves one slider, and the number that theory predicts for it is seen to change with it.

Lessons of single units, of spikes and of space; the others are in `test_lessons_in_lab_rates`.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import brentq

import nbkit as nb
from tests.browser.lessons import opened

DRIVE, CURRENT = "drive.amplitude", "current.amplitude"


def test_a_delay_slows_the_growth_near_the_origin(watch, lab, pages):
    theta, slope, tau = (nb.models.wilson_cowan.parameters[name].default for name in ("theta", "s", "tau"))
    sigma, dt = 1 / (1 + math.exp(slope * theta)), 0.1
    a = 15.0 * slope * sigma * (1 - sigma)

    def growth(delay):
        late = round(delay / dt)
        return math.log(brentq(lambda z: 1 + dt / tau * (a * z**-late - 1) - z, 1 + 1e-12, 2)) / dt

    with opened("01", "late = nb.explore", watch, lab, pages) as lesson:
        card = "Growth near the origin"
        before = lesson.predicts(card, pytest.approx(growth(0.5), rel=1e-3))
        assert before.holds
        lesson.press("E to E.delay", ("End", 1))  # to 10 ms
        after = lesson.predicts(card, pytest.approx(growth(10.0), rel=1e-3))
        assert after.holds
        assert after.measured == pytest.approx(growth(10.0), rel=1e-3)
        assert after.measured < before.measured


def test_more_current_shortens_the_interval_of_a_quadratic_neuron(watch, lab, pages):
    def interval(current):
        return 2 * math.atan(100 / math.sqrt(current - 5)) / math.sqrt(current - 5)

    with opened("02", "sliders = nb.explore", watch, lab, pages) as lesson:
        card = "Interval between spikes"
        before = lesson.predicts(card, pytest.approx(interval(9.0), rel=1e-3))
        assert before.holds
        lesson.press(CURRENT, ("ArrowRight", 6))  # from 9 to 12
        after = lesson.predicts(card, pytest.approx(interval(12.0), rel=1e-3))
        assert after.holds
        assert after.measured == pytest.approx(interval(12.0), rel=0.05)
        assert after.measured < before.measured
        lesson.press(CURRENT, ("Home", 1))
        lesson.wait_until(card, lambda told: "the neuron rests" in told.text)


def test_a_step_of_the_leak_multiplies_by_what_the_formula_says(watch, lab, pages):
    with opened("03", "panel_of_sliders = nb.explore", watch, lab, pages) as lesson:
        lesson.predicts("step", 0.0)
        lesson.press("N.tau", ("End", 1))  # from 10 to 60 ms, with a step of 10 ms
        after = lesson.predicts("step", pytest.approx(1 - 10 / 60, abs=1e-3))
        assert after.holds
        assert after.measured == pytest.approx(1 - 10 / 60, abs=1e-3)


def test_more_drive_makes_a_leaky_neuron_fire_faster_to_the_last_digit(watch, lab, pages):
    with opened("04", "tap = nb.explore", watch, lab, pages) as lesson:
        before = lesson.predicts("Rate of N", pytest.approx(41.667, abs=0.01))
        assert before.holds
        lesson.press(DRIVE, ("ArrowRight", 10))  # from 25 to 30 mV
        after = lesson.predicts("Rate of N", pytest.approx(62.893, abs=0.01))
        assert after.holds
        assert after.measured == pytest.approx(62.893, abs=0.01)
        lesson.press(DRIVE, ("Home", 1))
        silent = lesson.wait_until("Rate of N", lambda told: told.predicted == 0)
        assert silent.measured == 0


def test_the_active_state_of_ten_thousand_neurons_follows_the_closed_form(watch, lab, pages):
    def rate(eta):
        roots = np.roots([math.pi**2, -15.0, -eta, 0.0, -1 / (4 * math.pi**2)])
        return float(max(roots[np.abs(roots.imag) < 1e-9].real))

    with opened("10", "sliders = nb.explore", watch, lab, pages) as lesson:
        card = "Rate of the active state"
        before = lesson.predicts(card, pytest.approx(rate(-5.0), rel=1e-3), row="N.r")
        assert before.holds
        lesson.press("N.eta", ("ArrowRight", 20))  # from -5 to -4
        after = lesson.predicts(card, pytest.approx(rate(-4.0), rel=1e-3), row="N.r")
        assert after.holds
        assert after.measured == pytest.approx(rate(-4.0), rel=0.01)
        assert after.measured > before.measured


def test_a_higher_threshold_makes_the_bump_narrower(watch, lab, pages):
    def width(threshold):
        return brentq(lambda a: a * math.exp(-a) - threshold, 1.0, 10.0)

    with opened("11", "sliders = explored", watch, lab, pages) as lesson:
        card = "Width of the bump"
        before = lesson.predicts(card, pytest.approx(width(0.2), rel=1e-3))
        assert before.holds
        lesson.press("E.h", ("ArrowRight", 5))  # from 0.2 to 0.3
        after = lesson.predicts(card, pytest.approx(width(0.3), rel=1e-3))
        assert after.holds
        assert after.measured < before.measured
        lesson.press("E.h", ("ArrowRight", 5))  # to 0.4, above 1/e
        lesson.wait_until(card, lambda told: "no value" in told.text)


def test_more_current_shortens_the_interval_of_a_neuron_of_the_cortex(watch, lab, pages):
    def interval(current, rest=-65.0, threshold=-50.0, tau=10.0, capacitance=250.0):
        above = rest + tau * current / capacitance
        return 2.0 + 0.1 * math.ceil(tau * math.log((above - rest) / (above - threshold)) / 0.1)

    with opened("12", "sliders = nb.explore", watch, lab, pages) as lesson:
        card = "Interval between spikes"
        before = lesson.predicts(card, pytest.approx(interval(380.0), abs=0.01))
        assert before.holds
        lesson.press("N.I_e", ("End", 1))  # to 600 pA
        after = lesson.predicts(card, pytest.approx(interval(600.0), abs=0.01))
        assert after.holds
        assert after.measured == pytest.approx(interval(600.0), abs=0.01)
        lesson.press("N.I_e", ("Home", 1))
        lesson.wait_until(card, lambda told: "rheobase" in told.text and "no value" in told.text)
