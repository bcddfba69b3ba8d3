"""Owns the tests of closed forms of fields: known numbers, simulated fields, and what is refused."""

import math

import numpy as np
import pytest
from scipy.integrate import simpson
from scipy.signal import fftconvolve
from scipy.special import lambertw

import nbkit as nb

study = nb.study


def field(kernel: object, start: np.ndarray, threshold: float, length: float) -> np.ndarray:
    """A field with a Heaviside output, stepped 400 times by Euler on a line; the potential at the end."""
    cells = len(start)
    spacing = length / cells
    x = spacing * np.arange(cells)
    weights = spacing * kernel(np.abs(x[:, None] - x))
    u = start.copy()
    for _ in range(400):
        u += 0.1 * (-u + weights @ (u > threshold))
    return u


# Bumps


@pytest.mark.parametrize("threshold", [0.01, 0.1, 0.2, 0.3, 0.36])
def test_the_widths_of_bumps_are_those_of_the_lambert_function(threshold):
    narrow, wide = study.bump_widths(threshold)
    assert narrow.width == pytest.approx(-lambertw(-threshold, 0).real, rel=1e-12)
    assert wide.width == pytest.approx(-lambertw(-threshold, -1).real, rel=1e-12)
    assert (narrow.stable, wide.stable) == (False, True)


def test_the_known_widths_and_the_end_of_bumps():
    narrow, wide = study.bump_widths(0.2)
    assert (narrow.width, wide.width) == pytest.approx((0.2592, 2.5426), abs=5e-5)
    assert len(study.bump_widths(1 / math.e - 1e-6)) == 2
    assert study.bump_widths(1 / math.e + 1e-6) == ()


def test_another_kernel_has_other_bumps():
    """Excitation alone never stops a bump; a kernel that turns twice can have four."""
    (only,) = study.bump_widths(0.2, lambda x: np.exp(-x) / 2)
    assert (only.width, only.stable) == (pytest.approx(-math.log(0.6), rel=1e-12), False)
    waves = study.bump_widths(0.3, lambda x: np.exp(-0.05 * x) * np.cos(x), longest=11.0)
    assert [bump.stable for bump in waves] == [False, True, False, True]
    for bump in waves:
        a, w = bump.width, 1 / (0.05 - 1j)
        assert (w * (1 - np.exp(-a / w))).real == pytest.approx(0.3, abs=1e-12)
    coarse = study.bump_widths(0.2, samples=100)
    assert coarse[1].width == pytest.approx(2.54264135777, rel=1e-10)


def test_a_simulated_field_keeps_the_stable_bump_and_loses_a_narrow_one():
    """On a lattice a bump stops one cell away from the width, on the side from which it came."""
    spacing, cells = 0.05, 400
    x = spacing * (np.arange(cells) - cells // 2)
    kernel = lambda d: (1 - d) * np.exp(-d)  # noqa: E731  as it is printed
    theory = study.bump_widths(0.2)[1].width
    ends = []
    for width in (1.0, 5.0, 0.15):
        u = field(kernel, 1.0 * (np.abs(x) <= width / 2), 0.2, spacing * cells)
        ends.append(spacing * np.count_nonzero(u > 0.2))
    assert ends[0] < theory < ends[1]
    assert ends[1] - ends[0] < 8 * spacing
    assert ends[2] == 0
    gone = field(kernel, 1.0 * (np.abs(x) <= 1.25), 0.42, spacing * cells)
    assert not (gone > 0.42).any()


# Fronts


def test_the_speed_of_fronts():
    assert study.front_speed(0.2) == pytest.approx(1.5)
    assert study.front_speed(0.2, conduction=3.0) == pytest.approx(1.0)
    assert study.front_speed(0.5) == study.front_speed(0.5, conduction=1.0) == 0.0
    assert study.front_speed(0.8) == pytest.approx(-1.5)
    assert study.front_speed(0.8, conduction=3.0) == pytest.approx(-1.0)
    assert study.front_speed(0.2, width=2.0, tau=10.0) == pytest.approx(0.3)
    assert study.front_speed(0.2, conduction=1e12) == pytest.approx(1.5)


@pytest.mark.parametrize("threshold", [0.2, 0.35, 0.7])
def test_a_simulated_front_has_this_speed(threshold):
    spacing, cells, dt, steps = 0.02, 3000, 0.01, 1600
    d = spacing * np.abs(np.arange(-cells + 1, cells))
    kernel = spacing * np.exp(-d) / 2
    u = np.where(np.arange(cells) < cells // 2, 1.0, 0.0)
    edge = []
    for k in range(steps):
        if k in (steps // 2, steps - 1):
            edge.append(spacing * np.count_nonzero(u > threshold))
        on = np.concatenate([np.ones(cells), u > threshold, np.zeros(cells)])  # the field goes on at both sides
        u += dt * (-u + fftconvolve(on, kernel, mode="same")[cells : 2 * cells])
    speed = (edge[1] - edge[0]) / (dt * (steps - 1 - steps // 2))
    assert speed == pytest.approx(study.front_speed(threshold), rel=0.02)


@pytest.mark.parametrize("threshold", [0.05, 0.2, 0.45, 0.6, 0.9])
@pytest.mark.parametrize("conduction", [0.5, 3.0, 100.0])
def test_a_front_with_delays_passes_the_threshold_where_it_stands(threshold, conduction):
    """The travelling potential is ``-c u' + u = psi``; psi is what a place hears of the half line behind the front."""
    speed = study.front_speed(threshold, conduction=conduction)
    assert abs(speed) < conduction

    def heard(place: float) -> float:
        """The weight of all that was active when its signal left; the front was then elsewhere."""
        y = np.linspace(-40.0, 40.0, 160001)
        active = place - y < -speed * np.abs(y) / conduction
        return float((np.exp(-np.abs(y)) / 2 * active).sum() * (y[1] - y[0]))

    side = math.copysign(1.0, speed)
    s = np.linspace(0.0, 12.0, 241)
    psi = np.array([heard(side * abs(speed) * each) for each in s])
    assert simpson(np.exp(-s) * psi, x=s) == pytest.approx(threshold, abs=5e-4)


# Rings


def test_the_half_width_of_a_ring_attractor():
    assert study.ring_half_width(4.0) == pytest.approx(math.pi / 2, rel=1e-14)
    assert study.ring_half_width(2.0) is None
    assert study.ring_half_width(-1.0) is None
    assert study.ring_half_width(2.0001) > 3.0
    widths = [study.ring_half_width(j) for j in (2.1, 3.0, 8.0, 100.0)]
    assert widths == sorted(widths, reverse=True)
    for j, c in zip((2.1, 3.0, 8.0, 100.0), widths, strict=True):
        assert 2 * math.pi / (c - math.sin(2 * c) / 2) == pytest.approx(j, rel=1e-10)


def test_a_simulated_ring_has_this_width():
    cells = 720
    angle = 2 * np.pi * np.arange(cells) / cells
    for modulation in (2.5, 4.0):
        weights = (-3.0 + modulation * np.cos(angle[:, None] - angle)) / cells
        u = 1.0 + 0.1 * np.cos(angle)
        for _ in range(3000):
            u += 0.1 * (-u + weights @ np.maximum(u, 0) + 1.0)
        expected = study.ring_half_width(modulation)
        assert np.count_nonzero(u > 0) * np.pi / cells == pytest.approx(expected, abs=2 * np.pi / cells)


# What is refused


@pytest.mark.parametrize(
    ("call", "count"),
    [
        (lambda: study.bump_widths(0.0), 1),
        (lambda: study.bump_widths(math.nan, longest=-1.0), 2),
        (lambda: study.bump_widths(0.2, samples=1), 1),
        (lambda: study.bump_widths(0.2, samples=10**12), 1),
        (lambda: study.bump_widths(0.2, samples=10**30), 1),
        (lambda: study.bump_widths(0.2, samples=50.0), 1),
        (lambda: study.bump_widths(0.2, 3), 1),
        (lambda: study.bump_widths(0.2, lambda: 1.0), 1),
        (lambda: study.bump_widths(0.2, lambda x: [1.0, [x]]), 1),
        (lambda: study.bump_widths(0.2, lambda x: 1.0), 1),  # noqa: ARG005
        (lambda: study.bump_widths(0.2, lambda x: x / 0.0 * np.nan), 1),
        (lambda: study.front_speed(0.0, width=-1.0, conduction=0.0), 3),
        (lambda: study.front_speed(1.0), 1),
        (lambda: study.ring_half_width("wide"), 1),
    ],
)
def test_what_makes_no_field_is_refused(call, count):
    with pytest.raises(nb.NbkitError) as caught, np.errstate(all="ignore"):
        call()
    assert [problem.code for problem in caught.value.problems] == ["bad-value"] * count


def test_a_length_may_be_any_whole_number():
    assert [bump.width for bump in study.bump_widths(0.2, longest=10**30, samples=100)] == []
