"""Law: phases cohere, and run in step, where theory says; for other oscillators it says nothing."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

import nbkit as nb
from nbkit.study.ready.phases import coherence, critical_coupling, offered, synchronous_frequency
from tests.conformance.theory_networks import oscillators

study = nb.study
LORENTZ = nb.Quantiles(nb.Lorentzian(3.0, 0.5))


# Formulas


def test_the_known_critical_couplings():
    assert study.kuramoto_critical_coupling(nb.Lorentzian(0.0, 0.5)) == 1.0
    assert study.kuramoto_critical_coupling(nb.Normal(0.0, 1.0)) == pytest.approx(1.59577, abs=1e-5)
    density = 1 / math.sqrt(2 * math.pi) / 0.3
    assert study.kuramoto_critical_coupling(nb.Quantiles(nb.Normal(5.0, 0.3))) == pytest.approx(2 / (math.pi * density))


@pytest.mark.parametrize(("K", "r"), [(1.5, 0.5774), (2.0, 0.7071), (4.0, 0.8660), (0.8, 0.0), (1.0, 0.0)])
def test_the_known_coherence_of_a_lorentzian(K, r):  # noqa: N803  as in the formula
    assert study.kuramoto_coherence(K, nb.Lorentzian(7.0, 0.5)) == pytest.approx(r, abs=5e-5)


@pytest.mark.parametrize("law", [nb.Normal(0.0, 1.0), nb.Lorentzian(0.0, 0.5)])
@pytest.mark.parametrize("K", [1.65, 2.0, 5.0])
def test_coherence_solves_its_own_equation(law, K):  # noqa: N803
    density = {
        nb.Normal: lambda w: math.exp(-(w**2) / 2) / math.sqrt(2 * math.pi),
        nb.Lorentzian: lambda w: 0.5 / math.pi / (w**2 + 0.25),
    }[type(law)]
    r = study.kuramoto_coherence(K, law)
    total = quad(lambda a: math.cos(a) ** 2 * density(K * r * math.sin(a)), -math.pi / 2, math.pi / 2)[0]
    assert K * total == pytest.approx(1.0, abs=1e-9)


def test_coherence_begins_at_the_critical_coupling():
    for law in (nb.Normal(0.0, 2.0), nb.Lorentzian(0.0, 2.0)):
        critical = study.kuramoto_critical_coupling(law)
        assert study.kuramoto_coherence(0.999 * critical, law) == 0.0
        assert 0 < study.kuramoto_coherence(1.001 * critical, law) < 0.1
    assert study.kuramoto_coherence(1.0, nb.Normal(0.0, 0.0)) == 1.0


def test_speeds_in_step_solve_their_equation_and_none_is_missed():
    rng = np.random.default_rng(1)
    for omega, coupling, delay in rng.uniform([-3, -3, 0], [3, 3, 8], (40, 3)):
        found = [s.frequency for s in study.delayed_synchrony(omega, coupling, delay)]
        speeds = np.linspace(omega - abs(coupling) - 0.1, omega + abs(coupling) + 0.1, 200_001)
        off = speeds - omega + coupling * np.sin(speeds * delay)
        crossings = speeds[:-1][off[:-1] * off[1:] < 0]
        assert found == pytest.approx(crossings.tolist(), abs=1e-4)
    assert study.delayed_synchrony(2.0, 1.0, 0.0) == (study.Synchrony(2.0, stable=True),)


def grows(coupling, frequency, delay, size=6):
    """The largest growth rate of a disturbance, from the linear equation with its delay stepped finely."""
    c, h = coupling * math.cos(frequency * delay), 0.005
    steps = round(delay / h)
    x = np.random.default_rng(0).normal(size=(1, size)).repeat(steps + 1, axis=0)
    for _ in range(round(40 / h)):
        x = np.vstack([x[1:], x[-1] + h * c * (x[0].mean() - x[-1])])
    return np.abs(x[-1] - x[-1].mean()).max() > 1.0


@pytest.mark.parametrize(("omega", "coupling", "delay"), [(2.0, 1.5, 1.0), (3.0, 1.0, 1.0), (2.0, -1.0, 0.5)])
def test_running_in_step_is_stable_where_the_cosine_says(omega, coupling, delay):
    for state in study.delayed_synchrony(omega, coupling, delay):
        assert grows(coupling, state.frequency, delay) != state.stable


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: study.kuramoto_critical_coupling(nb.Uniform(0, 1)), "bad-law"),
        (lambda: study.kuramoto_critical_coupling(nb.Lorentzian(0.0, -1.0)), "bad-law"),
        (lambda: study.kuramoto_coherence("2", nb.Normal(0, 1)), "bad-value"),
        (lambda: study.kuramoto_coherence(2.0, 0.5), "bad-law"),
        (lambda: study.delayed_synchrony(1.0, 1.0, -1.0), "bad-value"),
        (lambda: study.delayed_synchrony(1.0, 1e5, 10.0), "bad-value"),
    ],
)
def test_numbers_that_make_no_oscillators_are_refused(call, code):
    with pytest.raises(nb.NbkitError) as error:
        call()
    assert error.value.code == code


# Networks


def test_a_network_has_the_numbers_of_the_formulas_and_says_how_many_it_has():
    net = oscillators(LORENTZ, 2.0)
    assert critical_coupling(net).value == 1.0
    assert coherence(net).value == pytest.approx(math.sqrt(0.5))
    assert coherence(net).verdict.reasons == ("exact for infinitely many oscillators; P has 1,000",)
    doubled = oscillators(LORENTZ, 2.0, sin=2.0, cos=2.0)
    assert critical_coupling(doubled).value == 0.5
    assert coherence(doubled).value == pytest.approx(math.sqrt(0.75))
    assert coherence(oscillators(LORENTZ, 2.0, size=4000)).atol < coherence(net).atol
    assert coherence(oscillators(nb.Lorentzian(3.0, 0.5), 2.0)).atol > coherence(net).atol


@pytest.mark.parametrize(
    ("net", "words"),
    [
        (oscillators(LORENTZ, delay=2.0), "derived without delay; your network has delays of 2"),
        (oscillators(LORENTZ, delay=nb.Uniform(1.0, 2.0), size=5), "your network has delays that are drawn"),
        (oscillators(nb.Uniform(1, 2)), "those of P are Uniform(low=1, high=2)"),
        (oscillators(nb.Truncated(nb.Normal(0, 1), -1, 1)), "those of P are Truncated"),
        (oscillators(np.linspace(0, 1, 1000)), "those of P are given one by one"),
        (oscillators(LORENTZ, K=nb.Uniform(1, 2)), "P.K differs between units"),
        (oscillators(LORENTZ, K=-2.0), "their coupling is -2"),
        (oscillators(LORENTZ, sin=1.0, cos=2.0), "sin brings 1, cos 2"),
        (oscillators(LORENTZ, rule=nb.FixedInDegree(10)), "sin is FixedInDegree"),
        (oscillators(LORENTZ, rule=nb.Bernoulli(0.1)), "those of sin or cos differ"),
        (oscillators(LORENTZ, sin=nb.Normal(1, 0.1)), "those of sin or cos differ"),
        (oscillators(LORENTZ, stimuli=[nb.Stimulus("P.omega_ext", nb.Noise(0.1))]), "of the kind Noise"),
        (oscillators(LORENTZ, stimuli=[nb.Stimulus("P.omega_ext", nb.Step(1.0), units=[0])]), "drives some units"),
    ],
)  # fmt: skip
def test_other_oscillators_have_no_coherence(net, words):
    for prediction in (coherence(net), critical_coupling(net)):
        assert prediction.value is None
        assert words in str(prediction.verdict)


def test_half_of_the_coupling_or_a_third_projection_is_another_network():
    net = oscillators(LORENTZ)
    sine, cosine = net.projections
    half = nb.Network(net.populations, [sine], time_unit="1")
    assert "onto P comes P.sin_phase to P.sin_in" in str(coherence(half).verdict)
    more = nb.Network(net.populations, [sine, cosine, nb.Projection("P.theta", "P.omega_ext", name="x")], time_unit="1")
    assert "P.theta to P.omega_ext" in str(coherence(more).verdict)
    crossed = [nb.Projection(f"P.{a}_phase", f"P.{b}_in", name=a) for a, b in (("sin", "cos"), ("cos", "sin"))]
    assert coherence(nb.Network(net.populations, crossed, time_unit="1")).value is None
    assert "those of N are lif" in str(coherence(nb.Network({"N": nb.Population(nb.models.lif, 1)})).verdict)


def test_a_constant_drive_shifts_all_frequencies():
    drive = [nb.Stimulus("P.omega_ext", nb.Step(0.5))]
    assert coherence(oscillators(LORENTZ, stimuli=drive)).value == coherence(oscillators(LORENTZ)).value
    shifted = synchronous_frequency(oscillators(1.5, 1.5, 5, 1.0, start=0.0, stimuli=drive))
    assert shifted.value == synchronous_frequency(oscillators(2.0, 1.5, 5, 1.0, start=0.0)).value


def test_identical_oscillators_have_a_frequency_in_step():
    net = oscillators(2.0, 1.5, 5, 1.0, start=0.0)
    frequency = synchronous_frequency(net)
    assert frequency.verdict.answer == "yes"
    assert frequency.value == pytest.approx(0.861636 / (2 * math.pi), rel=1e-5)
    assert "may stay out of step" in str(synchronous_frequency(oscillators(2.0, 1.5, 5, 1.0)).verdict)
    assert "P.omega differs" in str(synchronous_frequency(oscillators(LORENTZ)).verdict)
    assert "P has 1" in str(synchronous_frequency(oscillators(2.0, 1.5, 1, 1.0, start=0.0)).verdict)
    assert "not stable" in str(synchronous_frequency(oscillators(3.0, 1.0, 5, 1.0, start=0.0)).verdict)
    assert "too long" in str(synchronous_frequency(oscillators(3.0, 1.0, 5, 2000.0, start=0.0)).verdict)
    drawn = oscillators(2.0, 1.5, 5, nb.Uniform(0.5, 1.0), start=0.0)
    assert "derived for one sharp delay" in str(synchronous_frequency(drawn).verdict)


def test_several_frequencies_have_a_number_each():
    net = oscillators(2.0, 1.5, 5, 2.0, start=0.0)
    assert "the start decides between 2 stable frequencies: 0.09564, 0.4525" in str(synchronous_frequency(net).verdict)
    found = list(offered(net, None))
    assert [p.name for p in found] == ["Frequency of P in step, number 1", "Frequency of P in step, number 2"]
    assert [p.verdict.answer for p in found] == ["approximately"] * 2
    assert "there are 2 stable" in str(synchronous_frequency(net, number=2).verdict)
    assert [p.applies(net).answer for p in found] == ["approximately"] * 2


def test_time_has_its_unit():
    """One model unit is 10 ms: a delay of 10 ms is 1, and frequencies are in Hz."""
    net = oscillators(2.0, 1.5, 5, 1.0, start=0.0)
    unit = nb.Population(nb.models.kuramoto, 5, {"omega": 2.0, "K": 1.5}, time_scale="10 ms")
    pull = [
        nb.Projection(p.source, p.target, weight=1.0, weight_is="total", delay=10.0, name=p.name)
        for p in net.projections
    ]
    physical = nb.Network({"P": unit}, pull)
    frequency = synchronous_frequency(physical)
    assert frequency.value == pytest.approx(100 * synchronous_frequency(net).value)
    assert frequency.unit == "Hz"
    assert frequency.check(nb.simulate(physical, 300.0, 0.1)).holds


def test_speeds_that_differ_are_no_frequency():
    net = oscillators(2.0, 1.5, 5, 1.0, start=0.0)
    apart = oscillators(np.arange(1.0, 6.0), 0.1, 5)
    assert (
        not nb.Prediction("f", 0.3, measure=synchronous_frequency(net).measure)
        .check(nb.simulate(apart, 20.0, 0.05))
        .holds
    )


def test_the_list_of_oscillators():
    assert [p.name for p in offered(oscillators(LORENTZ), 0.1)] == ["Critical coupling of P", "Coherence of P"]
    for p in offered(oscillators(LORENTZ), None):
        assert p.for_network(oscillators(LORENTZ)).value == p.value
    assert coherence(oscillators(LORENTZ)).applies(oscillators(nb.Quantiles(nb.Lorentzian(9.0, 0.5))))
    assert not coherence(oscillators(LORENTZ)).applies(oscillators(LORENTZ, 3.0))
