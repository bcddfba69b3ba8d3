"""Law: what theory says about units, neurons, random networks and circuits is what a simulation of them does."""

from functools import cache

import numpy as np
import pytest

import nbkit as nb

ready = nb.study.ready


def leaky(tau=10.0, start=1.0, stimuli=(), units=1, time_unit="ms"):
    population = nb.Population(nb.models.leaky_integrator, units, {"tau": tau}, {"x": start})
    return nb.Network({"N": population}, stimuli=stimuli, time_unit=time_unit)


def neuron(mu, units=1, sigma=0.0, model=None, **parameters):
    """A neuron with the numbers of `lif`, of another model if one is given; its resistance is 20 ms / 250 pF."""
    held = {"tau_m": 20.0, "E_L": 0.0, "V_th": 20.0, "V_reset": 10.0}
    scale = 1.0 if model is None else 250.0 / 20.0
    signal = nb.Noise(sigma * 20.0**0.5 * scale, mean=mu * scale) if sigma else nb.Step(mu * scale)
    population = nb.Population(model or nb.models.lif, units, ({} if model is None else held) | parameters)
    return nb.Network({"N": population}, stimuli=[nb.Stimulus(f"N.{'I_stim' if model else 'I_ext'}", signal)])


# Steps of a leak


@pytest.mark.parametrize("dt", [0.5, 10.0, 15.0, 25.0])
def test_a_leak_is_where_euler_puts_it(dt):
    """Falling evenly, gone after one step, ringing, blowing up."""
    net = leaky(start=3.0, stimuli=[nb.Stimulus("N.u", nb.Step(1.0))])
    ds = nb.simulate(net, 300.0, dt)
    for time in (0.0, dt, 2 * dt, 150.0, 300.0):
        predicted = ready.steps.leaky_value_of(net, "N", time, dt=dt)
        check = predicted.check(ds)
        assert check, check
        assert check.measured == pytest.approx(predicted.value, rel=1e-12, abs=1e-12)
    factor = ready.steps.leaky_step_of(net, "N", dt=dt)
    assert factor.check(ds), factor.check(ds)


def test_short_steps_come_near_to_continuous_time_and_long_ones_do_not():
    net = leaky()
    predicted = ready.steps.leaky_value_of(net, "N", 10.0)
    assert predicted.check(nb.simulate(net, 20.0, 0.1))
    assert not predicted.check(nb.simulate(net, 20.0, 2.0))


@pytest.mark.parametrize(("dt", "seed"), [(1.0, 0), (1.0, 1), (5.0, 0), (15.0, 0)])
def test_noise_on_a_leak_settles_at_the_variance_of_the_steps(dt, seed):
    net = leaky(stimuli=[nb.Stimulus("N.u", nb.Noise(10**0.5, mean=2.0))], units=2000)
    ds = nb.simulate(net, 900.0, dt, seed=seed)
    stepped, continuous = (ready.steps.leaky_variance_of(net, "N", dt=step) for step in (dt, None))
    assert continuous.value == pytest.approx(0.5)
    assert stepped.check(ds), stepped.check(ds)
    assert not continuous.check(ds), "a long step shows, it makes the variance larger"


def test_two_noises_add_their_squares_and_short_steps_make_the_variance_of_the_books():
    noises = [nb.Stimulus("N.u", nb.Noise(intensity), name=name) for name, intensity in (("a", 3.0), ("b", 4.0))]
    net = leaky(tau=5.0, stimuli=noises, units=2000)
    predicted = ready.steps.leaky_variance_of(net, "N")
    assert predicted.value == pytest.approx(2.5)
    assert predicted.check(nb.simulate(net, 200.0, 0.1, record=[nb.Record("N.x", every=20)]))


# Neurons that a constant current drives


@pytest.mark.parametrize("mu", [20.5, 21.0, 25.0, 30.0, 40.0, 400.0])
@pytest.mark.parametrize("dt", [0.1, 0.5])
@pytest.mark.parametrize("model", [None, nb.models.iaf_psc_delta, nb.models.iaf_psc_exp, nb.models.iaf_psc_alpha])
def test_a_neuron_fires_at_the_rate_of_its_steps(mu, dt, model):
    net = neuron(mu, model=model)
    predicted = ready.neurons.lif_rate_of(net, "N", dt=dt)
    check = predicted.check(nb.simulate(net, 600.0, dt, record=["N.spike"]))
    assert check, check
    assert check.measured == pytest.approx(predicted.value, rel=1e-12)


def test_the_two_ways_of_stepping_fire_at_different_rates():
    """From 10 to 20 mV at 24 mV and 1 ms: 25 steps by Euler's rule; 25.06 ms, and so 26 steps, if nothing is lost."""
    for model, steps in ((None, 25), (nb.models.iaf_psc_exp, 26)):
        net = neuron(24.0, model=model)
        ds = nb.simulate(net, 600.0, 1.0, record=["N.spike"])
        assert ready.neurons.lif_rate_of(net, "N", dt=1.0).value == pytest.approx(1000 / (2 + steps))
        assert ready.neurons.lif_rate_of(net, "N", dt=1.0).check(ds)
    other = nb.simulate(neuron(24.0), 600.0, 1.0, method="exact", record=["N.spike"])
    predicted = ready.neurons.lif_rate_of(neuron(24.0), "N", dt=1.0)
    assert predicted.check(other).measured is None, "the run did not take Euler's rule"
    assert predicted.check(nb.simulate(neuron(24.0), 600.0, 0.5)).measured is None, "nor this step"


@pytest.mark.parametrize("mu", [21.0, 25.0, 30.0, 40.0])
def test_short_steps_come_near_to_the_curve_of_the_books(mu):
    net = neuron(mu)
    assert ready.neurons.lif_rate_of(net, "N").check(nb.simulate(net, 600.0, 0.1))


def test_a_drive_that_begins_late_and_clocks_in_seconds():
    late = nb.Network(
        {"N": nb.Population(nb.models.lif, 1, {"v_rest": 5.0})},
        stimuli=[
            nb.Stimulus("N.I_ext", nb.Ramp(100.0, 200.0, 18.0)),
            nb.Stimulus("N.I_ext", nb.Step(2.0, 50.0), name="b"),
        ],
    )
    predicted = ready.neurons.lif_rate_of(late, "N", dt=0.1)
    assert predicted.value == pytest.approx(nb.study.lif_rate_euler(25.0, 0.1))
    assert predicted.check(nb.simulate(late, 700.0, 0.1))
    with pytest.warns(nb.NbkitNote):
        seconds = nb.Network(
            {"N": nb.Population(nb.models.lif, 1)}, stimuli=[nb.Stimulus("N.I_ext", nb.Step(25.0))], time_unit="s"
        )
    predicted = ready.neurons.lif_rate_of(seconds, "N", dt=1e-4)
    assert predicted.value == pytest.approx(nb.study.lif_rate_euler(25.0, 0.1))
    with pytest.warns(nb.NbkitNote):
        assert predicted.check(nb.simulate(seconds, 0.5, 1e-4))


@pytest.mark.parametrize("mu", [15.0, 19.99, 20.0])
def test_below_threshold_there_are_no_spikes_and_none_are_predicted(mu):
    net = neuron(mu)
    ds = nb.simulate(net, 1000.0, 0.1)
    assert ds["N.spike_time"].size == 0
    for dt in (None, 0.1):
        predicted = ready.neurons.lif_rate_of(net, "N", dt=dt)
        assert predicted.value == 0
        assert predicted.check(ds)
    assert not ready.neurons.lif_rate_of(net, "N").check(nb.simulate(net, 100.0, 0.1)), "too short to be called silent"


# Neurons that noise drives


@pytest.mark.parametrize(
    ("mu", "sigma", "dt", "model"),
    [
        (15.0, 5.0, 0.1, None),
        (15.0, 5.0, 1.0, None),
        (25.0, 5.0, 1.0, None),
        (15.0, 5.0, 1.0, nb.models.iaf_psc_delta),
        (25.0, 5.0, 1.0, nb.models.iaf_psc_exp),
    ],
)
def test_noisy_neurons_fire_at_the_rate_of_their_steps(mu, sigma, dt, model):
    net = neuron(mu, units=1000, sigma=sigma, model=model)
    predicted = ready.neurons.siegert_rate_of(net, "N", dt=dt)
    check = predicted.check(nb.simulate(net, 1500.0, dt, seed=[1, 2], record=["N.spike"]))
    assert check, check


def test_the_formula_in_continuous_time_needs_short_steps():
    net = neuron(15.0, units=1000, sigma=5.0)
    continuous = ready.neurons.siegert_rate_of(net, "N")
    assert continuous.value == pytest.approx(9.461, abs=1e-3)
    assert continuous.check(nb.simulate(net, 700.0, 0.05, seed=1, record=["N.spike"]))
    assert not continuous.check(nb.simulate(net, 2000.0, 1.0, seed=1)), "steps of 1 ms miss every sixth spike"


# Quadratic neurons


def quadratic(eta=-5.0, coupling=15.0, units=1000, stimuli=(), **parameters):
    law = nb.Quantiles(nb.Lorentzian(eta, parameters.pop("half_width", 1.0)))
    population = nb.Population(nb.models.qif, units, {"eta": law, **parameters})
    synapses = nb.Projection("N.s", "N.s_in", weight=coupling, weight_is="total")
    return nb.Network({"N": population}, [synapses], stimuli, time_unit="1")


KICK = nb.Stimulus("N.I_ext", nb.Pulse(2.0, 6.0, 6.0))


@cache
def settled_rate(eta, coupling, kicked):
    net = quadratic(eta, coupling, stimuli=[KICK] if kicked else [])
    ds = nb.simulate(net, 50.0, 2e-3, record=["N.spike"])
    return float(nb.analysis.rate(ds, "N", discard=40.0)["N.rate_mean"])


@pytest.mark.parametrize(
    "net",
    [
        quadratic(),
        quadratic(stimuli=[KICK]),
        quadratic(eta=-2.0),
        quadratic(eta=-4.0, coupling=20.0, tau=2.0, tau_s=0.5, k=1.5),
        quadratic(eta=-4.0, coupling=5.0, half_width=2.0, stimuli=[nb.Stimulus("N.I_ext", nb.Step(2.0, 1.0))]),
    ],
    ids=["quiet", "kicked", "active", "other times", "driven"],
)
def test_quadratic_neurons_come_to_the_rate_of_the_mean_field(net):
    ds = nb.simulate(net, 40.0, 1e-3, record=["N.spike"])
    mean_field, stepped = (ready.quadratic.qif_rate_of(net, "N", dt=dt) for dt in (None, 1e-3))
    assert mean_field.check(ds), mean_field.check(ds)
    assert stepped.check(ds), stepped.check(ds)
    assert stepped.check(stepped.measure(ds)).measured == pytest.approx(stepped.value, rel=0.01)


def test_two_quadratic_populations_come_to_the_rates_of_the_mean_field():
    units = {
        name: nb.Population(nb.models.qif, 1000, {"eta": nb.Quantiles(nb.Lorentzian(eta, 1.0)), "tau_s": tau_s})
        for name, eta, tau_s in (("E", 0.0, 1.0), ("I", -3.0, 0.5))
    }
    pairs = [("E", "E", 4.0), ("E", "I", 6.0), ("I", "E", -8.0)]
    net = nb.Network(
        units, [nb.Projection(f"{a}.s", f"{b}.s_in", weight=w, weight_is="total") for a, b, w in pairs], time_unit="1"
    )
    ds = nb.simulate(net, 40.0, 1e-3, record=["E.spike", "I.spike"])
    for name in units:
        predicted = ready.quadratic.qif_rate_of(net, name, dt=1e-3)
        assert predicted.check(ds), predicted.check(ds)


def test_the_states_that_are_predicted_are_reached_from_two_starts():
    states = ready.quadratic.qif_states_of(quadratic(), "N").value
    assert settled_rate(-5.0, 15.0, kicked=False) == pytest.approx(states["quiet, stable"], rel=0.1)
    assert settled_rate(-5.0, 15.0, kicked=True) == pytest.approx(states["active, stable"], rel=0.1)


def test_beyond_each_fold_one_of_the_two_states_is_gone():
    folds = ready.quadratic.qif_folds_of(quadratic(), "N", dt=2e-3).value
    assert settled_rate(folds["active ends"] + 0.15, 15.0, kicked=True) > 0.7
    assert settled_rate(folds["active ends"] - 0.15, 15.0, kicked=True) < 0.1
    assert settled_rate(folds["quiet ends"] - 0.1, 15.0, kicked=False) < 0.2
    assert settled_rate(folds["quiet ends"] + 0.1, 15.0, kicked=False) > 1.0
    mean_field = ready.quadratic.qif_folds_of(quadratic(), "N")
    assert mean_field.check(folds), mean_field.check(folds)


def test_below_the_cusp_two_starts_end_alike_and_no_folds_are_predicted():
    cusp = ready.quadratic.qif_cusp_of(quadratic(), "N").value
    weak = cusp["coupling"] - 1.5
    for eta in (-2.0, cusp["eta"], -1.4):
        assert settled_rate(eta, weak, kicked=True) == pytest.approx(settled_rate(eta, weak, kicked=False), rel=0.01)
    verdict = ready.quadratic.qif_folds_of(quadratic(coupling=weak), "N").verdict
    assert verdict.answer == "no"
    assert "7.796" in str(verdict)
    strong = cusp["coupling"] + 2.5
    middle = sum(ready.quadratic.qif_folds_of(quadratic(coupling=strong), "N").value.values()) / 2
    assert settled_rate(middle, strong, kicked=True) > 1.5 * settled_rate(middle, strong, kicked=False)


# Random networks


def random(weight, units=400, rule=None, start=None, **connection):
    population = nb.Population(
        nb.models.leaky_integrator_tanh, units, initial={"x": nb.Normal(0.0, 1.0) if start is None else start}
    )
    synapses = nb.Projection("N.r", "N.u", rule=rule or nb.AllToAll(), weight=weight, **connection)
    return nb.Network({"N": population}, [synapses])


def result(net, seed):
    return nb.simulate(net, 1.0, 1.0, seed=seed)


@pytest.mark.parametrize(
    "net",
    [
        random(nb.Normal(0.0, 0.1)),
        random(nb.Normal(0.1, 0.2), rule=nb.Bernoulli(0.2), gain=0.5),
        random(nb.Uniform(-0.3, 0.1), rule=nb.FixedInDegree(50)),
        random(nb.Normal(0.02, 0.2), rule=nb.FixedOutDegree(50, multapses=False)),
        random(0.1, rule=nb.FixedTotalNumber(30_000, multapses=False)),
        random(nb.Normal(0.0, 30.0), weight_is="total"),
        random(nb.Balanced(0.8, 0.0, 1.5)),
        random(nb.Balanced(0.8, 1.0, 1.0)),
        random(nb.Balanced(0.8, 1.0, 1.0, dale=True), rule=nb.Bernoulli(0.2)),
        nb.networks.balanced(400, 0.2, gain=0.7),
    ],
    ids=["normal", "mean", "in-degree", "out-degree", "ones", "total", "balanced", "means", "dale", "sparse"],
)
def test_eigenvalues_lie_where_theory_puts_them(net):
    theories = ready.random_networks
    told = [
        f(net, "N") for f in (theories.spectral_radius_of, theories.eigenvalue_disc_of, theories.eigenvalue_outlier_of)
    ]
    assert told[1].value is not None
    for seed in (1, 2):
        ds = result(net, seed)
        for predicted in told:
            assert predicted.value is None or predicted.check(ds), predicted.check(ds)


def test_where_means_are_large_single_eigenvalues_stray_and_no_radius_is_told():
    net = random(nb.Balanced(0.8, 1.0, 1.0))
    predicted = ready.random_networks.spectral_radius_of(net, "N")
    assert predicted.verdict.answer == "no"
    found = [predicted.measure(result(net, seed)) for seed in range(4)]
    assert max(found) > 1.2
    assert np.ptp(found) > 0.1


@pytest.mark.parametrize(
    ("g", "rule", "inputs"),
    [(1.5, None, 400), (2.0, None, 400), (3.0, nb.FixedInDegree(80), 80)],
    ids=["1.5", "2", "3"],
)
def test_a_random_network_fluctuates_as_the_dynamic_mean_field_says(g, rule, inputs):
    net = random(nb.Normal(0.0, g / inputs**0.5), rule=rule)
    predicted = ready.random_networks.random_network_variance_of(net, "N")
    seeds = [1, 2, 3]
    ds = nb.simulate(net, 3000.0, 1.0, seed=seeds, record=[nb.Record("N.x", every=5)], discard=1000.0)
    assert predicted.check(ds), predicted.check(ds)
    assert predicted.measure(ds) == pytest.approx(nb.study.random_network_variance(g), rel=0.08)
    for place in range(len(seeds)):
        assert predicted.check(ds.isel(seed=place)), "every draw"


def test_a_weak_random_network_falls_silent():
    net = random(nb.Normal(0.0, 0.8 / 400**0.5))
    predicted = ready.random_networks.random_network_variance_of(net, "N")
    assert predicted.value == 0
    ds = nb.simulate(net, 1500.0, 1.0, seed=1)
    assert predicted.check(ds)
    assert float(ds["N.x"][-1].var()) < 1e-8
    loud = nb.simulate(random(nb.Normal(0.0, 1.5 / 400**0.5)), 1500.0, 1.0, seed=1)
    assert not predicted.check(loud)


# Circuits


@pytest.mark.parametrize(
    "net",
    [
        nb.networks.brunel(250),
        nb.networks.brunel(250, g=6.0, eta=4.0),
        nb.networks.brunel(500, g=4.5, eta=0.9),
        nb.networks.brunel(250, g=3.0),
        nb.networks.microcircuit(0.1),
    ],
    ids=["balanced", "strong", "slow", "saturated", "microcircuit"],
)
def test_circuits_fire_at_the_rates_that_give_themselves(net):
    predicted = ready.circuits.circuit_rates_of(net)
    assert predicted.verdict.answer == "approximately"
    check = predicted.check(nb.simulate(net, 500.0, 0.1, seed=1))
    assert check, check


def test_a_circuit_with_little_drive_is_as_silent_as_theory_says():
    net = nb.networks.brunel(250, eta=0.3)
    predicted = ready.circuits.circuit_rates_of(net)
    assert max(predicted.value.values()) < 0.01
    assert predicted.check(nb.simulate(net, 300.0, 0.1, seed=1))


def test_a_small_circuit_without_noise_is_silent_and_no_rate_is_told():
    """The self-consistent rates would be 0.4 to 7 Hz: the noise that would keep them up is not there at the start."""
    with pytest.warns(nb.NbkitNote):
        net = nb.networks.microcircuit(0.1, background="dc")
    predicted = ready.circuits.circuit_rates_of(net)
    assert predicted.verdict.answer == "no"
    assert "noise from outside" in str(predicted.verdict)
    measured = predicted.measure(nb.simulate(net, 300.0, 0.1, seed=1))
    assert measured["L23E"] == 0
