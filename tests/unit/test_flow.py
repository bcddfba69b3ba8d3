"""Law: a reduced network does what the mean unit of the large one does, and its flow is what one small step does."""

import math

import numpy as np
import pytest
import scipy.sparse

import nbkit as nb
from nbkit.study.reduction import qif_population


def pair(size=(6, 4), **projection):
    units = {
        "E": nb.Population(nb.models.wilson_cowan, size[0], {"tau": 8.0}, {"r": 0.2}),
        "I": nb.Population(nb.models.wilson_cowan_inhibitory, size[1], {}, {"r": 0.3}),
    }
    wires = [
        nb.Projection("E.r", "E.r_in", weight=2.0, **projection),
        nb.Projection("E.r", "I.r_in", weight=1.5, rule=nb.FixedInDegree(3)),
        nb.Projection("I.r", "E.r_in", weight=-8.0, weight_is="total", gain=1.5),
        nb.Projection("I.r", "I.r_in", weight=-1.0, rule=nb.OneToOne()),
    ]
    return nb.Network(units, wires, [nb.Stimulus("E.r_ext", nb.Step(1.3))])


def test_equal_units_are_reduced_exactly():
    reduction = nb.study.reduced(pair())
    assert reduction.verdict.answer == "yes"
    large = nb.simulate(pair(), 50.0, 0.1, record=["E.r", "I.r"])
    small = nb.simulate(reduction.network, 50.0, 0.1, record=["E.r", "I.r"])
    for name in ("E.r", "I.r"):
        assert np.ptp(large[name].to_numpy()[-1]) < 1e-12
        np.testing.assert_allclose(small[name].to_numpy()[:, 0], large[name].to_numpy()[:, 0], atol=1e-12)


@pytest.mark.parametrize("delay", [0.0, 2.0])
def test_delays_are_kept(delay):
    assert nb.study.reduced(pair(delay=delay)).network.value("E->E.delay") == delay
    assert nb.study.flow_of(pair(delay=delay)).delays == ({"E->E": 2.0} if delay else {})


def test_weights_of_every_kind_become_what_a_unit_gets_in_all():
    def total(post, pre=3, **kind):
        net = nb.Network(
            {n: nb.Population(nb.models.wilson_cowan, size) for n, size in (("A", pre), ("B", post))},
            [nb.Projection("A.r", "B.r_in", **kind)],
        )
        reduction = nb.study.reduced(net)
        return reduction.network.value("A->B.weight"), reduction.verdict.answer

    rows = np.array([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]])
    assert total(2, weight=rows) == (6.0, "yes")
    assert total(2, weight=rows + np.eye(2, 3)) == (7.0, "yes")
    assert total(2, weight=rows * [[1.0], [2.0]]) == (9.0, "approximately")
    assert total(2, weight=rows, weight_is="total") == (2.0, "yes")
    assert total(2, weight=scipy.sparse.csr_array(rows)) == (6.0, "yes")
    assert total(2, weight=nb.Uniform(1.0, 2.0))[0] == pytest.approx(4.5)
    assert total(2, weight=nb.Uniform(1.0, 2.0))[1] == "approximately"
    assert total(2, weight=0.5, rule=nb.Bernoulli(0.5)) == (0.75, "approximately")
    assert total(3, weight=np.array([1.0, 1.0, 1.0]), rule=nb.OneToOne()) == (1.0, "yes")
    assert total(3, weight=np.array([1.0, 1.0, 4.0]), rule=nb.OneToOne()) == (2.0, "approximately")


def test_no_autapses_are_one_input_less():
    unit = nb.Population(nb.models.wilson_cowan, 5)
    net = nb.Network({"E": unit}, [nb.Projection("E.r", "E.r_in", rule=nb.AllToAll(autapses=False))])
    assert nb.study.reduced(net).network.value("E->E.weight") == 4.0


def test_units_that_differ_are_reduced_to_their_mean_and_it_is_said():
    net = nb.Network({"E": nb.Population(nb.models.wilson_cowan, 3, {"tau": np.array([8.0, 9.0, 13.0])}, {"r": 0.1})})
    reduction = nb.study.reduced(net)
    assert reduction.network.value("E.tau") == 10.0
    assert reduction.verdict.reasons == ("E.tau differs between units; the mean stands for it",)
    law = nb.study.reduced(net.with_value("E.tau", nb.Quantiles(nb.Uniform(8, 12))))
    assert law.network.value("E.tau") == pytest.approx(10.0, rel=1e-12)
    assert "approximately" in str(law.verdict)


@pytest.mark.parametrize(
    ("signal", "value", "answer"),
    [
        (nb.Step(1.5, 20.0), 1.5, "yes"),
        (nb.Pulse(1.0, 5.0, 2.0), 0.0, "yes"),
        (nb.Ramp(1.0, 5.0, 2.0), 2.0, "yes"),
        (nb.Expression("2*3"), 6.0, "yes"),
        (nb.Expression("1 + exp(-t)"), 1.0, "yes"),
        (nb.Sine(1.0, 10.0, offset=0.5), 0.5, "approximately"),
        (nb.Noise(1.0, 0.3), 0.3, "approximately"),
        (nb.UniformNoise(0.0, 0.5), 0.25, "approximately"),
        (nb.OrnsteinUhlenbeck(0.3, 5.0, 0.7), 0.7, "approximately"),
    ],
)
def test_a_stimulus_is_held_at_what_it_ends_with(signal, value, answer):
    net = nb.Network({"E": nb.Population(nb.models.wilson_cowan, 3)}, stimuli=[nb.Stimulus("E.r_ext", signal)])
    reduction = nb.study.reduced(net)
    assert reduction.network.value("E.r_ext.amplitude") == pytest.approx(value)
    assert reduction.verdict.answer == answer


def test_a_stimulus_is_held_at_the_time_that_is_asked_for():
    net = nb.Network(
        {"E": nb.Population(nb.models.wilson_cowan, 3)}, stimuli=[nb.Stimulus("E.r_ext", nb.Pulse("1 ms", 5.0, 2.0))]
    )
    assert nb.study.reduced(net, at=3.0).network.value("E.r_ext.amplitude") == 2.0
    assert nb.study.reduced(net, at=5.0).network.value("E.r_ext.amplitude") == 0.0


def test_what_no_mean_field_is_known_for_is_told_at_once():
    units = {"L": nb.Population(nb.models.lif, 3), "E": nb.Population(nb.models.wilson_cowan, (4,))}
    net = nb.Network(
        units,
        [nb.Projection("E.r", "E.r_in", weight=nb.kernels.Gaussian(1.0, width=0.1))],
        [nb.Stimulus("E.r_ext", nb.Expression("sin(t)")), nb.Stimulus("L.I_ext", nb.Step(1.0), units=[0])],
    )
    with pytest.raises(nb.NbkitError) as error:
        nb.study.reduced(net)
    assert {p.code for p in error.value.problems} == {"no-reduction"}
    assert [p.where for p in error.value.problems] == ["L", "E->E.weight", "E.r_ext", "L.I_ext"]
    lorentzian = nb.Network({"E": nb.Population(nb.models.wilson_cowan, 3, {"tau": nb.Lorentzian(8.0, 1.0)})})
    with pytest.raises(nb.NbkitError, match="has no mean"):
        nb.study.reduced(lorentzian)
    with pytest.raises(nb.NbkitError, match="exact for a Lorentzian"):
        nb.study.reduced(nb.Network({"P": nb.Population(nb.models.qif, 3)}, time_unit="1"))
    with pytest.raises(nb.NbkitError, match="is no network"):
        nb.study.reduced(3)


def quadratic(**parameters):
    law = nb.Quantiles(nb.Lorentzian(-5.0, 1.0))
    units = nb.Population(nb.models.qif, 100, {"eta": law, **parameters})
    wires = [nb.Projection("P.s", "P.s_in", weight=15.0, weight_is="total")]
    return nb.Network({"P": units}, wires, time_unit="1")


def test_quadratic_units_become_their_exact_mean_field():
    reduction = nb.study.reduced(quadratic())
    assert reduction.network.populations["P"].model == qif_population
    assert reduction.network.value("P.eta") == -5.0
    assert reduction.network.value("P.Delta") == 1.0
    flow = nb.study.flow_of(reduction)
    r = 1.0306
    v = -1 / (2 * math.pi * r)
    assert np.abs(flow.speed([r, v, r])).max() < 1e-3


def networks():
    jansen = nb.Network({"N": nb.Population(nb.models.jansen_rit, 1)}, time_unit="s")
    slow = nb.Population(nb.models.fitzhugh_nagumo, 1, time_scale="10 ms")
    in_ms = nb.Network({"N": nb.Population(nb.models.jansen_rit, 1, {}, {"y0": 0.1, "y3": 1.0})})
    return {"pair": pair(), "jansen": jansen, "in ms": in_ms, "slow": nb.Network({"N": slow})}


@pytest.mark.filterwarnings("ignore::nbkit.errors.NbkitNote")
@pytest.mark.parametrize("name", ["pair", "jansen", "in ms", "slow"])
def test_the_flow_is_what_one_step_does(name):
    net = networks()[name]
    flow = nb.study.flow_of(net)
    dt = 1e-4
    ds = nb.simulate(net, dt, dt, record=list(flow.states))
    rows = [ds[state].to_numpy()[:, 0] for state in flow.states]
    moved = np.array([(after - before) / dt for before, after in rows])
    np.testing.assert_allclose(flow.speed(flow.start), moved, rtol=1e-7, atol=1e-9)


@pytest.mark.filterwarnings("ignore::nbkit.errors.NbkitNote")
@pytest.mark.parametrize("name", ["pair", "jansen", "in ms", "slow"])
def test_slopes_are_the_limit_of_differences(name):
    flow = nb.study.flow_of(networks()[name])
    x = flow.start + 0.05
    for path in (*flow.states, *flow.values):
        if path in flow.states:
            step = 1e-6 * np.eye(len(x))[flow.states.index(path)]
            numeric = (flow.speed(x + step) - flow.speed(x - step)) / 2e-6
        else:
            step = 1e-6 * max(1.0, abs(flow.values[path]))
            above, below = (flow.with_value(path, flow.values[path] + s * step).speed(x) for s in (1, -1))
            numeric = (above - below) / (2 * step)
        np.testing.assert_allclose(flow.slope(x, path), numeric, rtol=1e-5, atol=1e-6 * (1 + np.abs(numeric).max()))
    assert flow.slopes(x).shape == (len(x), len(x))


def test_many_points_are_computed_at_once():
    flow = nb.study.flow_of(pair())
    points = np.random.default_rng(3).uniform(0, 1, (2, 5, 4))
    speeds = flow.speed(points)
    assert speeds.shape == points.shape
    np.testing.assert_array_equal(speeds[:, 2, 3], flow.speed(points[:, 2, 3]))
    np.testing.assert_array_equal(flow.variable("E.r", points), points[0])
    assert flow.variable("E.m", points).shape == (5, 4)


def test_what_the_flow_does_not_know_is_refused():
    flow = nb.study.flow_of(pair())
    with pytest.raises(nb.NbkitError, match=r"E\.tau"):
        flow.with_value("E.tua", 3.0)
    with pytest.raises(nb.NbkitError, match="no such number"):
        flow.slope([0.1, 0.1], "E.size")
    with pytest.raises(nb.NbkitError, match="first axis"):
        flow.speed([0.1, 0.1, 0.1])
    with pytest.raises(nb.NbkitError, match="no such variable"):
        flow.variable("E.q", [0.1, 0.1])


def test_variables_that_need_each_other_at_once_have_no_flow():
    unit = nb.Population(nb.models.wilson_cowan, 2)
    net = nb.Network({"E": unit}, [nb.Projection("E.m", "E.r_in", weight=0.5, delay=1.0)])
    with pytest.raises(nb.NbkitError, match="need each other at once"):
        nb.study.flow_of(net)
