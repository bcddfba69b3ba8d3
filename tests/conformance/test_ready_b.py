"""Law: what theory predicts of rates, delays, phases, fields and rings is what a simulation shows; else there is none.

Every prediction is held against a run, and its negative too: beyond its regime the phenomenon is absent.
"""

import numpy as np
import pytest

import nbkit as nb
from nbkit.study.ready import delays, phases, rings, space, stabilised, wilson_cowan, wilson_cowan_pairs
from tests.conformance.theory_networks import (
    bump,
    feedback,
    front,
    one_unit_pair,
    oscillators,
    published_pair,
    ring,
)  # fmt: skip
from tests.conformance.theory_networks import (
    stabilised as balanced_pair,
)
from tests.conformance.theory_networks import (
    wilson_cowan as pair,
)


def rhythm(net, path, duration=600.0, dt=0.02):
    """The period in the later half of a run; NaN where there is none."""
    ds = nb.simulate(net, duration, dt, record=[path])
    return float(nb.analysis.period(ds, path, discard=duration / 2, mean=True).mean(skipna=False))


# Wilson and Cowan


def test_the_rhythm_of_a_pair_has_the_predicted_period():
    for net in (one_unit_pair(1.25), one_unit_pair(1.5), pair(1.25, size=3)):
        predicted = wilson_cowan.rhythm_period(net)
        ds = nb.simulate(net, 400.0, 0.02)
        assert predicted.check(ds).holds, predicted.check(ds)
        at_step = wilson_cowan.rhythm_period(net, dt=0.02)
        assert at_step.check(ds).holds, at_step.check(ds)
    assert rhythm(one_unit_pair(1.0), "P.E", 400.0) != rhythm(one_unit_pair(1.0), "P.E", 400.0), "a low drive: none"


def test_euler_has_a_period_of_its_own_at_every_step():
    """At dt 0.1 Euler's cycle is 6 % too long: the flow's period does not hold, that of the step does."""
    net = one_unit_pair(1.25)
    ds = nb.simulate(net, 1000.0, 0.1)
    assert not wilson_cowan.rhythm_period(net).check(ds).holds
    at_step = wilson_cowan.rhythm_period(net, dt=0.1)
    assert at_step.check(ds).holds
    assert at_step.value == pytest.approx(42.589, rel=1e-4)
    assert not at_step.check(nb.simulate(net, 400.0, 0.02)).holds, "another step"


def test_a_pair_with_delays_has_another_rhythm_and_no_prediction():
    """2 ms each way turn 40 ms into 93 ms: the theory without delay may not be shown beside it."""
    late = published_pair(delay=2.0)
    measured = rhythm(late, "E.r", 2000.0)
    assert measured == pytest.approx(92.67, abs=0.05)
    assert rhythm(pair(1.25, delay=2.0), "E.r", 2000.0) == pytest.approx(91.70, abs=0.05)
    predicted = wilson_cowan.rhythm_period(published_pair())
    assert predicted.value == pytest.approx(39.967, abs=1e-3)
    assert predicted.applies(late).reasons == ("derived without delay; your network has delays of 2 ms",)
    assert wilson_cowan.rhythm_period(late).value is None
    assert not wilson_cowan.rhythm_period(late).check(measured).holds
    assert not predicted.check(nb.simulate(late, 1000.0, 0.1, record=["E.r"])).holds, "it knows whose result it is"


def test_a_long_step_makes_a_rhythm_that_is_not_there():
    net = one_unit_pair(2.0)
    assert wilson_cowan.rhythm_period(net).value is None
    false = wilson_cowan.rhythm_period(net, dt=0.1)
    assert false.verdict.answer == "approximately"
    assert "made by the step of 0.1 ms" in str(false.verdict)
    assert false.check(nb.simulate(net, 1000.0, 0.1)).holds
    assert wilson_cowan.resting_levels(net, dt=0.1).value is None
    rest = wilson_cowan.resting_levels(net, dt=0.02)
    assert rest.check(nb.simulate(net, 2000.0, 0.02)).holds


def test_a_pair_rests_where_it_should():
    for net in (one_unit_pair(1.0), pair(1.0, size=2), pair(2.4)):
        ds = nb.simulate(net, 500.0, 0.05)
        rest = wilson_cowan.resting_levels(net)
        assert rest.check(ds).holds, rest.check(ds)
    assert wilson_cowan.resting_levels(one_unit_pair(1.25)).value is None
    cycling = nb.simulate(one_unit_pair(1.25), 400.0, 0.05)
    assert not wilson_cowan.resting_levels(one_unit_pair(1.0)).check(cycling).holds


def test_the_start_and_a_kick_decide_between_two_states():
    """Below the fold rest and a high state exist, of which the high one is reached by a pulse."""
    weights = {"E->E.weight": 22.0, "I->E.weight": -2.0}
    kick = nb.Stimulus("E.r_ext", nb.Pulse(20.0, 60.0, 6.0), name="kick")
    low, high = pair(0.5), pair(0.5, stimuli=[kick])
    levels = []
    for net in (low, high):
        for path, weight in weights.items():
            net = net.with_value(path, weight)  # noqa: PLW2901  the same network with other weights
        rest = wilson_cowan.resting_levels(net)
        assert rest.check(nb.simulate(net, 400.0, 0.05)).holds
        levels.append(rest.value["E.r"])
        points = [p for p in nb.study.predictions(net) if "stable node" in p.name and "unstable" not in p.name]
        assert any(p.check(nb.simulate(net, 400.0, 0.05)).holds for p in points)
    assert levels[0] < 0.05
    assert levels[1] > 0.4


def test_the_low_state_ends_at_the_fold():
    fold = wilson_cowan_pairs.fold_drive(pair()).value
    assert np.isnan(rhythm(pair(0.99 * fold), "E.r", 2000.0, 0.05))
    assert rhythm(pair(1.01 * fold), "E.r", 2000.0, 0.05) > 60.0


def test_the_rhythm_ends_at_the_hopf_point_of_the_step():
    for dt, low, high in ((0.1, 0.98, 1.02), (0.05, 0.98, 1.02)):
        hopf = wilson_cowan_pairs.hopf_drive(one_unit_pair(), dt=dt).value
        assert rhythm(one_unit_pair(low * hopf), "P.E", 3000.0, dt) == pytest.approx(19.0, rel=0.1)
        ds = nb.simulate(one_unit_pair(high * hopf), 3000.0, dt, record=["P.E"])
        assert np.ptp(ds["P.E"].to_numpy()[-2000:]) < 0.2 * np.ptp(ds["P.E"].to_numpy()[2000:4000]), "it decays"


# Inhibition-stabilised


@pytest.mark.parametrize("model", [nb.models.leaky_integrator, nb.models.leaky_integrator_threshold_linear])
def test_more_drive_to_inhibition_lowers_it_where_excitation_needs_it(model):
    for excitation, sign in ((2.0, -1), (0.5, 1)):
        net = balanced_pair((excitation, 2.5, 2.5, 2.0), model)
        paths = [p.source for p in net.projections[:2]]
        answer = stabilised.drive_response(net, "g_I")
        ds = nb.simulate(net, 500.0, 0.1, record=paths)
        assert answer.check(ds).holds, answer.check(ds)
        assert np.sign(answer.value[paths[1]]) == sign
        assert answer.value[paths[0]] < 0


def test_excitation_alone_grows_at_the_predicted_rate():
    """Inhibition is held by leaving it out, and giving E what keeps it at a rest that it leaves."""
    net = balanced_pair()
    growth = stabilised.growth_without_inhibition(net)
    alone = nb.Network(
        {"E": nb.Population(nb.models.leaky_integrator, 1, initial={"x": -1.0 + 1e-6})},
        [nb.Projection("E.x", "E.u", weight=2.0)],
        [nb.Stimulus("E.u", nb.Step(1.0))],
    )
    x = nb.simulate(alone, 60.0, 0.01)["E.x"].to_numpy()[:, 0]
    assert growth.check(float(np.log((x[-1] + 1) / (x[3000] + 1)) / 30.0)).holds
    calm = stabilised.growth_without_inhibition(balanced_pair((0.5, 2.5, 2.5, 2.0)))
    assert calm.value == pytest.approx(-0.05)


# Delayed feedback


def test_a_small_perturbation_grows_at_the_predicted_rate():
    """At h = 0.1 the polynomial has its first unstable delay at 11 steps: 10 shrink, 11 grow."""
    for steps, grows in ((10, False), (11, True), (12, True)):
        net = feedback(2.0, float(steps), start=1e-4, size=2)
        growth = delays.feedback_growth(net, dt=1.0)
        ds = nb.simulate(net, 400.0, 1.0)
        assert growth.check(ds).holds, growth.check(ds)
        assert (growth.value > 0) == grows
    fine = feedback(2.0, 12.2, start=1e-4)
    for prediction in (delays.feedback_growth(fine, dt=0.01), delays.feedback_growth(fine)):
        assert prediction.check(nb.simulate(fine, 400.0, 0.01)).holds


def test_the_critical_delay_of_a_step_is_exact():
    for dt in (1.0, 0.5):
        critical = delays.critical_delay(feedback(), dt=dt)
        grows = {}
        for delay in (critical.value - dt, critical.value):
            x = nb.simulate(feedback(2.0, delay, start=1e-4), 1000.0, dt)["E.x"].to_numpy()[:, 0]
            grows[delay] = np.abs(x[-100:]).max() > np.abs(x[200:300]).max()
        assert list(grows.values()) == [False, True]


@pytest.mark.parametrize(("gain", "delay"), [(2.0, 12.2), (2.0, 24.0), (4.0, 12.0)])
def test_delayed_feedback_has_the_predicted_period(gain, delay):
    net = feedback(gain, delay, size=2)
    period = delays.feedback_period(net)
    assert period.check(nb.simulate(net, 1500.0, 0.1)).holds
    assert period.verdict.answer == ("yes" if delay == 12.2 else "approximately")


def test_below_the_critical_delay_or_a_gain_of_one_it_rests():
    for net in (feedback(2.0, 10.0), feedback(0.8, 60.0)):
        assert delays.feedback_rest(net).check(nb.simulate(net, 4000.0, 0.5)).holds
        assert delays.feedback_period(net).value is None
    beyond = feedback(2.0, 14.0)
    assert delays.feedback_rest(beyond).value is None
    assert not delays.feedback_rest(feedback(2.0, 10.0)).check(nb.simulate(beyond, 1000.0, 0.5)).holds


# Phases


@pytest.mark.parametrize("law", [nb.Lorentzian(3.0, 0.5), nb.Normal(3.0, 1.0)])
def test_oscillators_become_as_coherent_as_predicted(law):
    critical = phases.critical_coupling(oscillators(nb.Quantiles(law))).value
    for share, omega in ((2.0, nb.Quantiles(law)), (4.0, nb.Quantiles(law)), (2.5, law)):
        net = oscillators(omega, share * critical)
        coherence = phases.coherence(net)
        ds = nb.simulate(net, 60.0, 0.05, seed=3)
        assert coherence.check(ds).holds, coherence.check(ds)
        assert coherence.verdict.answer == "approximately"
    below = oscillators(nb.Quantiles(law), 0.7 * critical)
    assert phases.coherence(below).value == 0.0
    assert phases.coherence(below).check(nb.simulate(below, 60.0, 0.05)).holds
    many = nb.simulate(oscillators(nb.Quantiles(law), 2 * critical), 60.0, 0.05)
    assert not phases.coherence(below).check(many).holds


def test_delayed_oscillators_run_at_the_predicted_frequency():
    near = np.array([0.0, 0.1, -0.1, 0.2, 0.05])
    for omega, delay in ((2.0, 1.0), (1.0, 1.5)):
        net = oscillators(omega, 1.5, 5, delay, start=near)
        frequency = phases.synchronous_frequency(net)
        assert frequency.check(nb.simulate(net, 60.0, 0.01)).holds
    apart = oscillators(3.0, 1.0, 5, 1.0, start=near)
    assert "not stable" in str(phases.synchronous_frequency(apart).verdict)
    order = nb.analysis.order_parameter(nb.simulate(apart, 60.0, 0.01), "P.theta")["P.theta_r"].to_numpy()
    assert order[0] > 0.99
    assert order[-1000:].mean() < 0.8


# Space


def test_a_bump_ends_as_wide_as_theory_and_units_allow():
    for spacing in (0.1, 0.05):
        for width in (1.0, 4.0):
            net = bump(width, spacing)
            predicted = space.bump_width(net)
            assert predicted.value == pytest.approx(2.5426, abs=1e-4)
            check = predicted.check(nb.simulate(net, 40.0, 0.1))
            assert check.holds, check
    assert predicted.atol < 0.31
    dying = bump(0.15)
    assert not space.bump_width(dying).check(nb.simulate(dying, 40.0, 0.1)).holds
    too_high = bump(2.0, h=0.42)
    assert space.bump_width(too_high).value is None
    assert not (nb.simulate(too_high, 40.0, 0.1)["E.v"].to_numpy()[-1] >= 0.42).any()


@pytest.mark.parametrize("delay", [1.0, nb.ConductionDelay(1.0), nb.ConductionDelay(0.5, base=2.0)])
def test_delays_leave_a_bump_as_it_is(delay):
    for width in (2.0, 3.4):
        net = bump(width, delay=delay)
        assert space.bump_width(net).verdict.answer == "yes"
        assert space.bump_width(net).check(nb.simulate(net, 80.0, 0.1)).holds


def test_a_drive_and_a_gain_move_the_threshold():
    driven = bump(2.0, h=0.3, stimuli=[nb.Stimulus("E.u", nb.Step(0.1))])
    for net in (driven, bump(2.0, h=0.4, gain=2.0)):
        assert space.bump_width(net).check(nb.simulate(net, 40.0, 0.1)).holds
        assert space.bump_width(net).value == pytest.approx(2.5426, abs=1e-4)


@pytest.mark.parametrize(
    ("h", "delay", "kernel"),
    [
        (0.2, 0.0, None),
        (0.2, nb.ConductionDelay(3.0), None),
        (0.2, nb.ConductionDelay(1.0, base=0.2), None),
        (0.35, 0.3, nb.kernels.Gaussian(1 / np.sqrt(2 * np.pi), width=1.0)),
        (0.6, 0.0, nb.Expression("exp(-d)/2")),
    ],
)
def test_a_front_travels_at_the_predicted_speed(h, delay, kernel):
    net = front(h, delay, kernel=kernel)
    speed, at_step = space.front_speed(net), space.front_speed(net, dt=0.02)
    ds = nb.simulate(net, np.ceil(12 / abs(speed.value)), 0.02, record=[nb.Record("E.v", every=5)])
    assert speed.check(ds).holds, speed.check(ds)
    assert at_step.check(ds).holds, at_step.check(ds)
    if h == 0.2 and delay == nb.ConductionDelay(3.0):
        assert speed.value == pytest.approx(1.0, rel=1e-9)


def test_units_far_apart_pin_a_front():
    net = front(0.35, spacing=0.8)
    assert "pinned" in str(space.front_speed(net).verdict)
    awake = nb.simulate(net, 30.0, 0.05)["E.v"].to_numpy() >= 0.35
    assert awake[0].sum() == awake[-1].sum()
    slow = space.front_speed(front(0.35, spacing=0.4))
    assert slow.value is None
    assert "on them its speed is 0.36" in str(slow.verdict)
    on_units = space.front_speed(front(0.35, spacing=0.4), dt=0.02)
    assert on_units.check(nb.simulate(front(0.35, spacing=0.4), 40.0, 0.02)).holds


# Rings


@pytest.mark.parametrize("modulation", [2.5, 4.0, 8.0])
def test_a_ring_makes_a_bump_of_the_predicted_width_and_height(modulation):
    net = ring(-4.0, modulation, parameters={"theta": 0.2})
    ds = nb.simulate(net, 1500.0, 0.5)
    for prediction in (rings.ring_bump_half_width(net), rings.ring_bump_peak(net)):
        assert prediction.check(ds).holds, prediction.check(ds)


def test_a_weak_modulation_leaves_the_ring_uniform():
    net = ring(-4.0, 1.9)
    ds = nb.simulate(net, 3000.0, 0.5)
    assert rings.ring_uniform_level(net).check(ds).holds
    assert "not above 2" in str(rings.ring_bump_half_width(net).verdict)
    with_bump = nb.simulate(ring(-4.0, 4.0), 1500.0, 0.5)
    assert rings.ring_uniform_level(ring(-4.0, 4.0)).value is None
    assert not rings.ring_uniform_level(net).check(with_bump).holds


def test_a_ring_without_enough_inhibition_runs_away():
    net = ring(2.0, 4.0)
    assert "runs away" in str(rings.ring_bump_half_width(net).verdict)
    assert nb.simulate(net, 200.0, 0.5)["E.x"].to_numpy()[-1].max() > 1e3
