"""Law: ready predictions of units, neurons and random networks know their formulas, and where they do not apply."""

import math
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

import nbkit as nb
from nbkit.study.ready.drive import drive_onto
from nbkit.study.ready.readings import runs

study, ready = nb.study, nb.study.ready
LEAK, LIF, QIF, TANH = (
    nb.models.leaky_integrator,
    nb.models.lif,
    nb.models.qif,
    nb.models.leaky_integrator_tanh,
)


def one(model, size=1, parameters=None, initial=None, stimuli=(), **network):
    population = nb.Population(model, size, parameters or {}, initial or {})
    return nb.Network({"N": population}, stimuli=stimuli, **network)


# What drives a unit


def test_a_drive_is_read_with_all_its_parts():
    stimuli = [
        nb.Stimulus("N.u", nb.Step(2.0, "3 ms"), name="a"),
        nb.Stimulus("N.u", nb.Ramp(1.0, 7.0, 0.5), name="b"),
        nb.Stimulus("N.u", nb.Expression("2*pi"), name="c"),
        nb.Stimulus("N.u", nb.Noise(3.0, mean=1.0), name="d"),
        nb.Stimulus("N.u", nb.Noise(4.0), name="e", units=slice(0, 2)),
    ]
    drive = drive_onto(one(LEAK, 2, stimuli=stimuli), "N", "u")
    assert (drive.mean, drive.intensity, drive.begins) == (pytest.approx(3.5 + 2 * math.pi), 5.0, 7.0)
    assert drive.verdict.answer == "yes"
    assert drive_onto(one(LEAK, 3, stimuli=stimuli), "N", "u").verdict.answer == "no", "some units alone"


# Where a theory does not apply: what is changed -> a word of the reason

KICK = nb.Stimulus("N.I_ext", nb.Pulse(1.0, 2.0, 5.0), name="kick")
NOISE = nb.Stimulus("N.I_ext", nb.Noise(20.0, mean=15.0))
STEP = nb.Stimulus("N.I_ext", nb.Step(25.0))
LORENTZ = nb.Quantiles(nb.Lorentzian(-5.0, 1.0))
COUPLED = nb.Projection("N.s", "N.s_in", weight=15.0, weight_is="total")
G15 = nb.Normal(0.0, 1.5 / 20)


def quadratic(size=1000, stimuli=(), change=None, initial=None, **parameters):
    return one(
        QIF, size, {"eta": LORENTZ, **parameters}, initial, stimuli, projections=[change or COUPLED], time_unit="1"
    )


def random(size=400, tau=10.0, start=None, stimuli=(), others=(), **connection):
    synapses = nb.Projection(**{"source": "N.r", "target": "N.u", "weight": G15} | connection)
    initial = {"x": nb.Normal(0.0, 1.0) if start is None else start}
    return one(TANH, size, {"tau": tau}, initial, stimuli, projections=[synapses, *others])


def leak(stimuli=(), tau=10.0, start=1.0, size=2, projections=()):
    return one(LEAK, size, {"tau": tau}, {"x": start}, stimuli, projections=projections)


def noisy(**change):
    return leak([nb.Stimulus("N.u", nb.Noise(1.0))], **change)


def neuron(*stimuli, size=2, model=LIF, projections=(), initial=None, **parameters):
    return one(model, size, parameters, initial, stimuli or (STEP,), projections=projections)


def circuit(stimuli=None, **change):
    net = nb.networks.brunel(250)
    net = replace(net, stimuli=net.stimuli if stimuli is None else stimuli)
    for path, value in change.items():
        net = net.with_value(path.replace("__", "."), value)
    return net


TAUS = np.array([8.0, 12.0])
TO_SELF = nb.Projection("N.x", "N.u", weight=0.1)
SPIKES = nb.Projection("N.spike", "N.v", weight=0.1, delay=1.0)
OTHER_LIF = replace(LIF, equations="tau * dv/dt = -(v - v_rest) + 2*I_ext")
VALUE = partial(ready.steps.leaky_value_of, population="N", time=10.0, dt=1.0)
SHARE = partial(ready.steps.leaky_step_of, population="N", dt=1.0)
VARIANCE = partial(ready.steps.leaky_variance_of, population="N", dt=1.0)
RATE = partial(ready.neurons.lif_rate_of, population="N", dt=0.1)
SIEGERT = partial(ready.neurons.siegert_rate_of, population="N", dt=0.1)
QIF_RATE = partial(ready.quadratic.qif_rate_of, population="N")
QIF_STEPPED = partial(ready.quadratic.qif_rate_of, population="N", dt=1e-3)
QIF_STATES = partial(ready.quadratic.qif_states_of, population="N")
QIF_FOLDS = partial(ready.quadratic.qif_folds_of, population="N")
QIF_CUSP = partial(ready.quadratic.qif_cusp_of, population="N")
RADIUS = partial(ready.random_networks.spectral_radius_of, population="N")
DISC = partial(ready.random_networks.eigenvalue_disc_of, population="N")
OUTLIER = partial(ready.random_networks.eigenvalue_outlier_of, population="N")
CHAOS = partial(ready.random_networks.random_network_variance_of, population="N")
CIRCUIT = ready.circuits.circuit_rates_of

APPLY = [
    (VALUE, leak()), (SHARE, leak()), (VARIANCE, noisy()),
    (RATE, neuron()), (SIEGERT, neuron(NOISE)),
    (QIF_RATE, quadratic()), (QIF_STEPPED, quadratic()), (QIF_STATES, quadratic()), (QIF_FOLDS, quadratic()),
    (QIF_CUSP, quadratic()),
    (RADIUS, random()), (DISC, random()), (OUTLIER, random(weight=nb.Normal(0.01, 0.05))), (CHAOS, random()),
    (CIRCUIT, circuit()),
]  # fmt: skip

REFUSED = [
    # leaks
    (VALUE, neuron(), "lif"),
    (VALUE, leak(tau=TAUS), "N.tau differs"),
    (VALUE, leak(start=nb.Normal(0.0, 1.0)), "N.x.initial differs"),
    (VALUE, leak(projections=[TO_SELF]), "N->N reaches"),
    (VALUE, leak([nb.Stimulus("N.u", nb.Sine(1.0, 5.0))]), "Sine"),
    (VALUE, leak([nb.Stimulus("N.u", nb.Pulse(0.0, 5.0, 1.0))]), "Pulse"),
    (VALUE, leak([nb.Stimulus("N.u", nb.Expression("t"))]), "Expression"),
    (VALUE, leak([nb.Stimulus("N.u", nb.Step(1.0, 5.0))]), "begins at 5 ms"),
    (VALUE, leak([nb.Stimulus("N.u", nb.Step(1.0), units=[0])]), "only some"),
    (VALUE, noisy(), "without noise"),
    (partial(VALUE, time=10.5), leak(), "10.5 steps"),
    (partial(VALUE, population="M"), leak(), "no population 'M'"),
    (partial(SHARE, dt=None), leak(), "give dt="),
    (SHARE, leak(start=0.0), "begins at its goal"),
    (VARIANCE, leak(), "white noise; none"),
    (VARIANCE, leak([nb.Stimulus("N.u", nb.OrnsteinUhlenbeck(1.0, 5.0))]), "OrnsteinUhlenbeck"),
    (VARIANCE, leak([nb.Stimulus("N.u", nb.UniformNoise(-1.0, 1.0))]), "UniformNoise"),
    (VARIANCE, noisy(tau=TAUS), "N.tau differs"),
    (partial(VARIANCE, dt=25.0), noisy(), "not below twice 10"),
    # neurons
    (RATE, leak(), "leaky_integrator"),
    (RATE, neuron(model=OTHER_LIF), "other equations"),
    (RATE, neuron(NOISE), "without noise"),
    (RATE, neuron(STEP, nb.Stimulus("N.v", nb.Poisson(100.0, 0.1))), "N.v drives N.v"),
    (RATE, neuron(STEP, KICK), "Pulse"),
    (RATE, neuron(projections=[SPIKES]), "N->N reaches"),
    (RATE, neuron(tau=nb.Uniform(10.0, 20.0)), "N.tau differs"),
    (RATE, neuron(v_reset=20.0), "reset below the threshold"),
    (RATE, neuron(t_ref=0.25), "2.5 steps"),
    (partial(RATE, dt=25.0), neuron(t_ref=0.0), "shorter than the membrane"),
    (RATE, one(nb.models.iaf_psc_exp, 1, {"I_e": 900.0}, {"I_ex": 5.0}), "N.I_ex does not begin at 0"),
    (SIEGERT, neuron(), "white noise; none"),
    (partial(SIEGERT, dt=2.5), neuron(NOISE), "a tenth of the membrane"),
    (partial(SIEGERT, dt=1.0), neuron(nb.Stimulus("N.I_ext", nb.Noise(90.0))), "miss crossings"),
    # quadratic units
    (QIF_RATE, neuron(), "derived for units of qif"),
    (QIF_RATE, quadratic(eta=nb.Normal(-5.0, 1.0)), "Normal"),
    (QIF_RATE, quadratic(eta=-5.0), "Lorentzian excitabilities"),
    (QIF_RATE, quadratic(eta=nb.Lorentzian(-5.0, 0.0)), "no width"),
    (QIF_RATE, quadratic(eta=nb.Lorentzian(-5.0, 1.0), size=500), "in every draw"),
    (QIF_RATE, quadratic(eta=nb.Truncated(nb.Lorentzian(-5.0, 1.0), -30.0, 20.0)), "cut off"),
    (QIF_RATE, quadratic(tau=nb.Uniform(0.9, 1.1)), "N.tau differs"),
    (QIF_RATE, quadratic(v_reset=1.0), "not on both sides"),
    (QIF_RATE, quadratic(v_th=3.0, v_reset=-3.0), "far from 0.08113"),
    (QIF_RATE, quadratic(change=replace(COUPLED, delay=0.5)), "delays of 0.5"),
    (QIF_RATE, quadratic(change=replace(COUPLED, rule=nb.FixedInDegree(100))), "FixedInDegree"),
    (QIF_RATE, quadratic(change=replace(COUPLED, weight=nb.Normal(15.0, 1.0))), "weights of N->N differ"),
    (QIF_RATE, quadratic(change=replace(COUPLED, source="N.v")), "from N.v to N.s_in"),
    (QIF_RATE, quadratic(stimuli=[nb.Stimulus("N.I_ext", nb.Noise(1.0))]), "Noise"),
    (QIF_RATE, quadratic(stimuli=[nb.Stimulus("N.I_ext", nb.Step(1.0), units=[0])]), "only some"),
    (partial(QIF_RATE, dt=0.01), quadratic(), "upstroke"),
    (QIF_STATES, quadratic(stimuli=[nb.Stimulus("N.s_in", nb.Step(1.0))]), "drives N.s_in"),
    (QIF_STATES, quadratic(change=replace(COUPLED, delay=0.5)), "delays of 0.5"),
    (QIF_FOLDS, quadratic(change=replace(COUPLED, weight=7.0)), "7.7962"),
    (QIF_CUSP, quadratic(eta=-5.0), "Lorentzian excitabilities"),
    # random networks
    (RADIUS, random(rule=nb.OneToOne()), "OneToOne"),
    (RADIUS, random(weight=np.eye(400)), "ndarray"),
    (RADIUS, random(weight=nb.Lorentzian(0.0, 1.0)), "variance"),
    (RADIUS, random(size=50), "50 units"),
    (RADIUS, random(rule=nb.FixedInDegree(5)), "gives 5"),
    (RADIUS, random(weight=nb.Normal(0.0, 1.0), weight_is="total", rule=nb.Bernoulli(0.3)), "total"),
    (RADIUS, random(source_units=slice(0, 200), target_units=slice(0, 200)), "chosen units"),
    (RADIUS, random(others=[nb.Projection("N.x", "N.u", name="b")]), "2 projections"),
    (RADIUS, leak(), "0 projections"),
    (RADIUS, random(weight=nb.Balanced(0.8, 1.0, 1.0)), "stray"),
    (RADIUS, random(weight=nb.Normal(0.0, 0.0)), "are 0"),
    (DISC, random(size=50), "50 units"),
    (DISC, random(weight=0.3), "all the same"),
    (OUTLIER, random(), "far outside"),
    (CHAOS, random(delay=2.0), "delays of 2 ms"),
    (CHAOS, random(stimuli=[nb.Stimulus("N.u", nb.Step(1.0))]), "N.u drives N"),
    (CHAOS, random(stimuli=[nb.Stimulus("N.u", nb.Noise(1.0))]), "N.u drives N"),
    (CHAOS, random(tau=nb.Uniform(5.0, 15.0)), "N.tau differs"),
    (CHAOS, random(start=0.0), "rest for ever"),
    (CHAOS, random(weight=nb.Normal(0.01, 0.05)), "mean 0"),
    (CHAOS, random(weight=nb.Balanced(0.8, 1.0, 1.0)), "balanced"),
    (CHAOS, random(weight=nb.Normal(0.0, 1.02 / 20)), "so near to 1"),
    (CHAOS, random(weight=nb.Normal(0.0, 0.98 / 20)), "so near to 1"),
    (CHAOS, random(rule=nb.FixedInDegree(30)), "have 30"),
    (CHAOS, random(source="N.x"), "from N.x to N.u"),
    # circuits
    (CIRCUIT, nb.networks.brunel(250, "alpha"), "iaf_psc_alpha"),
    (CIRCUIT, nb.networks.brunel(50), "many small inputs"),
    (CIRCUIT, circuit(E__tau_m=nb.Uniform(15.0, 25.0)), "E.tau_m"),
    (CIRCUIT, circuit([nb.Stimulus("E.I_stim", nb.Step(900.0))]), "Step"),
    (CIRCUIT, circuit([nb.Stimulus("E.V_m", nb.Poisson(2000.0, 1.0, stop=200.0))]), "ends at 200 ms"),
    (CIRCUIT, nb.networks.microcircuit(0.1, thalamus=(100.0, 110.0)), "poisson_source"),
    (CIRCUIT, neuron(), "lif"),
]  # fmt: skip


@pytest.mark.parametrize(("theory", "net"), APPLY)
def test_a_theory_applies_where_it_was_derived(theory, net):
    predicted = theory(net)
    assert predicted.verdict, predicted.verdict
    assert predicted.value is not None
    assert predicted.latex
    assert predicted.source
    assert predicted.applies(net), "and says so of a network that is given again"
    assert predicted.for_network(net).value == predicted.value
    assert predicted.rtol + predicted.atol > 0 or predicted.value == 0


@pytest.mark.parametrize(("theory", "net", "word"), REFUSED)
def test_elsewhere_it_says_no_and_why(theory, net, word):
    predicted = theory(net)
    assert predicted.value is None
    assert predicted.verdict.answer == "no"
    assert word in str(predicted.verdict)
    assert not predicted.check(1.0)


@pytest.mark.parametrize("theory", [theory for theory, _ in APPLY])
def test_nothing_is_raised_for_a_network_of_another_theory(theory):
    odd = [
        random(weight=nb.Normal(0.0, 0.0)),
        random(weight=0.3),
        random(gain=0.0),
        quadratic(change=replace(COUPLED, gain=0.0)),
        quadratic(change=replace(COUPLED, weight=-20.0)),
        neuron(nb.Stimulus("N.I_ext", nb.Noise(0.0))),
        one(nb.models.iaf_psc_delta, 3, {"E_L": -40.0}, stimuli=[nb.Stimulus("N.V_m", nb.Poisson(10.0, 1.0))]),
        nb.Network({"M": nb.Population(LIF, 1)}),
    ]
    for net in [*odd, *(net for _, net in APPLY), *(net for _, net, _ in REFUSED)]:
        predicted = theory(net)
        assert (predicted.value is None) == (predicted.verdict.answer == "no")


@pytest.mark.parametrize("theory", [theory for theory, _ in APPLY])
def test_what_is_no_network_or_no_valid_one_is_refused(theory):
    with pytest.raises(nb.NbkitError, match="is no network"):
        theory("N")
    with pytest.raises(nb.NbkitError) as caught:
        theory(leak([nb.Stimulus("N.wrong", nb.Step(1.0))]))
    assert caught.value.problems


@pytest.mark.parametrize("theory", [VALUE, SHARE, VARIANCE, RATE, SIEGERT, QIF_STEPPED])
@pytest.mark.parametrize("dt", [0.0, -1.0, math.nan, "0.1"])
def test_what_is_no_step_is_refused(theory, dt):
    with pytest.raises(nb.NbkitError, match="is no step"):
        theory(leak(), dt=dt)


def test_a_prediction_speaks_of_networks_with_its_value_alone():
    predicted = RATE(neuron())
    assert predicted.applies(neuron(size=7)).answer == "yes"
    assert "made for another network" in str(predicted.applies(neuron(tau=10.0)))
    assert "without noise" in str(predicted.applies(neuron(NOISE)))
    assert "no population" in str(predicted.applies(nb.Network({"M": nb.Population(LIF, 1)})))
    assert predicted.for_network(neuron(tau=10.0)).value == pytest.approx(study.lif_rate_euler(25.0, 0.1, tau_m=10.0))


def test_finite_networks_are_told_to_be_so():
    assert "1,000" in str(QIF_RATE(quadratic()).verdict)
    assert "400" in str(CHAOS(random()).verdict)
    assert "infinitely short steps" in str(SIEGERT(neuron(NOISE), dt=None).verdict)
    spread = QIF_RATE(quadratic(initial={"v": nb.Normal(-2.0, 0.1)}))
    assert "differs between units" in str(spread.verdict)


def test_what_circuits_are_told():
    assert "wax and wane" in str(CIRCUIT(nb.networks.brunel(500, g=4.5, eta=0.9)).verdict)
    assert "above the threshold" in str(CIRCUIT(nb.networks.brunel(250, g=3.0)).verdict)
    units = nb.Population(
        nb.models.iaf_psc_delta, 100, {"E_L": 0.0, "V_th": 20.0, "V_reset": 10.0, "tau_m": 20.0}, {"V_m": 0.0}
    )
    loop = nb.Projection("A.spike", "A.V_m", rule=nb.FixedInDegree(100), weight=0.3, delay=1.0)
    twice = nb.Network({"A": units}, [loop], [nb.Stimulus("A.V_m", nb.Poisson(1000.0, 0.3))])
    predicted = CIRCUIT(twice)
    assert predicted.value["A"] < 1
    assert "there is another: A" in str(predicted.verdict)


SHARED = "Share of the way of N that a step leaves"


@pytest.mark.parametrize(
    ("net", "names"),
    [
        (leak(), ["N.x after 10 ms", "N.x after 10 ms at this step", f"{SHARED} (falls evenly)"]),
        (noisy(), ["Variance of N.x", "Variance of N.x at this step"]),
        (neuron(), ["Rate of N", "Rate of N at this step"]),
        (neuron(NOISE), ["Rate of N", "Rate of N at this step"]),
        (circuit(), ["Rates of the populations"]),
        (random(), ["Spectral radius of N->N", "Variance of N.x"]),
        (nb.networks.balanced(), ["Spectral radius of N->N", "Disc of the eigenvalues of N->N", "Variance of N.x"]),
        (
            quadratic(),
            ["Rate of N", "Rate of N at this step", "Rates at which N can rest", "Folds of N", "Cusp of N"],
        ),
        (leak(projections=[TO_SELF]), []),
        (neuron(projections=[SPIKES]), ["Rates of the populations"]),
    ],
)  # fmt: skip
def test_what_is_offered_for_a_network(net, names):
    modules = (ready.steps, ready.neurons, ready.quadratic, ready.random_networks, ready.circuits)
    dt = 1e-3 if net.time_unit == "1" else 0.1
    found = [predicted for module in modules for predicted in module.offered(net, dt)]
    assert [predicted.name for predicted in found] == names
    steps = [name for name in names if "step" in name]
    without = [predicted.name for module in modules for predicted in module.offered(net, None)]
    assert without == [name for name in names if name not in steps]


def test_results_of_several_seeds_are_read_run_by_run():
    ds = nb.simulate(neuron(NOISE, size=5), 500.0, 0.1, seed=[3, 4])
    alone = [nb.simulate(neuron(NOISE, size=5), 500.0, 0.1, seed=seed) for seed in (3, 4)]
    for part, whole in zip(runs(ds), alone, strict=True):
        assert part["N.spike_time"].values.tolist() == whole["N.spike_time"].values.tolist()
    measure = SIEGERT(neuron(NOISE, size=5)).measure
    assert measure(ds) == pytest.approx(np.mean([measure(one_run) for one_run in alone]))


def test_a_result_that_cannot_show_the_number_does_not_pass():
    short = nb.simulate(neuron(NOISE), 20.0, 0.1)
    assert SIEGERT(neuron(NOISE)).check(short).measured is None
    assert VALUE(leak()).check(nb.simulate(leak(), 5.0, 1.0)).measured is None
    assert VARIANCE(noisy()).check(nb.simulate(noisy(), 50.0, 1.0)).measured is None
    assert RATE(neuron()).check(nb.simulate(neuron(tau=10.0), 200.0, 0.1)).measured is None
