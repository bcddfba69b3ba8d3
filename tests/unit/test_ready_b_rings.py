"""Law: the bump of a ring has the width and the height of its kernel; other rings have no prediction."""

import math

import numpy as np
import pytest

import nbkit as nb
from nbkit.study.ready.rings import offered, ring_bump_half_width, ring_bump_peak, ring_uniform_level
from tests.conformance.theory_networks import TURN, ring


def test_the_known_widths():
    assert ring_bump_half_width(ring(modulation=4.0)).value == pytest.approx(math.pi / 2)
    assert 2 * math.degrees(ring_bump_half_width(ring(modulation=2.5)).value) == pytest.approx(238.9, abs=0.2)
    assert ring_bump_half_width(ring(extent=360.0)).value == pytest.approx(90.0)
    assert ring_bump_half_width(ring(modulation=8.0, parameters={"g": 0.5})).value == pytest.approx(math.pi / 2)


def test_a_bump_keeps_itself():
    """What the bump of theory sends comes back as the same bump, whatever the mean of the kernel."""
    angles = np.linspace(-math.pi, math.pi, 20_000, endpoint=False)
    for mean, modulation, gain, theta, drive in (
        (-4.0, 4.0, 1.0, 0.0, 1.0),
        (-1.5, 6.0, 0.7, 0.2, 0.9),
        (0.2, 2.3, 1.0, 0.0, 1.0),
    ):
        net = ring(mean, modulation, drive=drive, parameters={"g": gain, "theta": theta})
        half, peak = ring_bump_half_width(net).value, ring_bump_peak(net).value
        rate = np.maximum(np.cos(angles) - math.cos(half), 0.0) * peak / (1 - math.cos(half))
        x = drive + mean * rate.mean() + modulation * (rate * np.cos(angles)).mean() * np.cos(angles)
        assert gain * np.maximum(x - theta, 0.0) == pytest.approx(rate, abs=1e-6)


def test_weights_may_be_written_in_any_way():
    angles = TURN * np.arange(100) / 100
    matrix = (-4.0 + 4.0 * np.cos(angles[:, None] - angles)) / 100
    for weight in (matrix, nb.Expression(f"(-4 + 4*cos(d))/{TURN}")):
        assert ring_bump_half_width(ring(weight=weight)).value == pytest.approx(math.pi / 2)
        assert ring_bump_peak(ring(weight=weight)).value == pytest.approx(math.pi / 4)
    flat = ring(weight=-0.04)
    assert ring_uniform_level(flat).value == pytest.approx(1 / 5)
    assert ring_bump_half_width(flat).value is None


def test_the_uniform_level():
    assert ring_uniform_level(ring(-4.0, 1.9)).value == pytest.approx(0.2)
    assert ring_uniform_level(ring(0.5, 1.0, parameters={"theta": 0.2})).value == pytest.approx(1.8)
    assert "g J1 = 2.5 is not below 2" in str(ring_uniform_level(ring(-4.0, 2.5)).verdict)
    assert "g J0 = 1.2 is not below 1" in str(ring_uniform_level(ring(1.2, 1.0)).verdict)
    assert ring_uniform_level(ring(-4.0, 1.0, drive=-0.5)).value == -0.5
    assert "is not the only state" in str(ring_uniform_level(ring(-4.0, 4.0, drive=-0.5)).verdict)


LINE = {"edges": "open"}


@pytest.mark.parametrize(
    ("net", "words"),
    [
        (ring(modulation=2.0), "g J1 = 2 is not above 2"),
        (ring(drive=-1.0), "the drive of -1 is not above the threshold of 0"),
        (ring(2.0, 4.0), "activity runs away: J0 = 2"),
        (ring(delay=3.0), "derived without delay; E->E has delays of 3 ms"),
        (ring(delay=nb.ConductionDelay(1.0)), "E->E has delays that follow from distance"),
        (ring(**LINE), "derived for a ring; E is none"),
        (ring(size=4), "a ring of 4 units is too coarse"),
        (ring(weight=nb.kernels.Gaussian(1.0, 0.5)), "a mean and one cosine; that of E->E has more"),
        (ring(weight=np.random.default_rng(0).normal(size=(100, 100))), "the same around every unit"),
        (ring(weight=nb.Normal(0.0, 1.0)), "those of E->E are drawn"),
        (ring(parameters={"theta": nb.Uniform(0, 1)}), "E.theta differs between them"),
        (ring(parameters={"g": -1.0}), "E.g is -1"),
        (ring(stimuli=[nb.Stimulus("E.u", nb.Expression("0.1*cos(x)"), name="cue")]), "cue is no constant"),
        (ring(stimuli=[nb.Stimulus("E.u", nb.Noise(0.1), name="noise")]), "noise is no constant"),
    ],
)  # fmt: skip
def test_other_rings_have_no_bump(net, words):
    for prediction in (ring_bump_half_width(net), ring_bump_peak(net)):
        assert prediction.value is None
        assert words in str(prediction.verdict)


def test_a_cue_that_ends_is_let_through():
    cue = nb.Stimulus("E.u", nb.Pulse(0.0, 50.0, 1.0), units=slice(0, 10), name="cue")
    half = ring_bump_half_width(ring(stimuli=[cue]))
    assert half.value == ring_bump_half_width(ring()).value
    assert half.verdict.reasons == ("holds from 50 ms on, when cue is over",)


def test_other_units_and_second_projections_are_told():
    net = ring()
    (lateral,) = net.projections
    second = nb.Network(net.populations, [lateral, nb.Projection("E.r", "E.u", name="x")], net.stimuli)
    assert "onto E comes E.r, E.r" in str(ring_bump_half_width(second).verdict)
    other = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 5)})
    assert "units of E are leaky_integrator" in str(ring_bump_half_width(other).verdict)
    assert "there is no population X" in str(ring_bump_half_width(net, "X").verdict)
    apart = nb.Network(net.populations, [nb.Projection("E.r", "E.u", rule=nb.OneToOne(), weight=0.5)], net.stimuli)
    assert "E->E connects others" in str(ring_bump_half_width(apart).verdict)


def test_the_list_of_a_ring():
    assert [p.name for p in offered(ring(), 0.1)] == ["Half-width of the bump of E", "Peak of the bump of E"]
    assert [p.name for p in offered(ring(modulation=1.0), None)] == [
        "Uniform level of E",
        "Half-width of the bump of E",
    ]
    for p in offered(ring(), None):
        assert p.for_network(ring()).value == p.value
    half = ring_bump_half_width(ring())
    assert half.applies(ring(-6.0, drive=3.0)), "neither the mean nor the drive changes the width"
    assert not half.applies(ring(modulation=5.0))


def test_a_ring_without_a_bump_measures_nothing():
    half, peak, level = (f(ring()).measure for f in (ring_bump_half_width, ring_bump_peak, ring_uniform_level))
    uniform = nb.simulate(ring(modulation=1.0), 500.0, 1.0)
    bump = nb.simulate(ring(), 1500.0, 1.0)
    assert math.isnan(half(uniform))
    assert math.isnan(peak(uniform))
    assert level(uniform) == pytest.approx(0.2)
    assert math.isnan(level(bump))
