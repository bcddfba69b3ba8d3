"""Law: a point of a sweep is its own simulation, whether points are moved together or one by one."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import nbkit as nb

RNG = np.random.default_rng(5)
WEIGHTS = RNG.normal(0.0, 1.0, (10, 10))
SPARSE = nb.Projection(
    "E.r", "E.r_in", rule=nb.Explicit(RNG.integers(0, 90, 300), RNG.integers(0, 90, 300)), weight=0.4
)


def crowd(projection, *stimuli, count=10, **population):
    unequal = nb.Population(
        nb.models.wilson_cowan, count, {"tau": nb.Uniform(8, 12), **population}, {"r": nb.Uniform(0.0, 0.1)}
    )
    return nb.Network({"E": unequal}, [projection], stimuli)


DENSE = nb.Projection("E.r", "E.r_in", weight=WEIGHTS)
LATE = nb.Projection("E.r", "E.r_in", weight=WEIGHTS, delay=1.5)
TWINS = nb.Projection("E.r", "E.r_in", rule=nb.OneToOne(), weight=nb.Normal(8.0, 1.0))
ALL = nb.Projection("E.r", "E.r_in", weight=15.0, weight_is="total", delay=0.3)
GAMMA = nb.Projection("E.r", "E.r_in", weight=1.5, delay=2.0, spread=1.0)
NOISE = nb.Stimulus("E.r_ext", nb.Noise(0.5), name="noise")
PULSE = nb.Stimulus("E.r_ext", nb.Pulse(3.0, 9.0, 2.0), name="kick")
DRIFT = nb.Stimulus("E.r_ext", nb.OrnsteinUhlenbeck(0.3, 5.0), name="drift")

#: network, path, values
SIDE_BY_SIDE = {
    "a parameter": (crowd(DENSE), "E.theta", [2.0, 3.0, 4.0, 5.0]),
    "a factor on a matrix": (crowd(DENSE), "E->E.gain", [0.0, 0.5, 1.0, -2.0]),
    "a factor on late weights": (crowd(LATE), "E->E.gain", [0.5, 1.0, 2.0]),
    "one weight for all": (crowd(ALL), "E->E.weight", [0.0, 5.0, 15.0, 30.0]),
    "sparse weights": (crowd(SPARSE, count=90), "E->E.gain", [0.5, 2.0]),
    "a parameter of a sparse network": (crowd(SPARSE, count=90), "E.theta", [2.0, 3.0]),
    "twins": (crowd(TWINS), "E->E.gain", [0.5, 1.5]),
    "a gamma chain": (crowd(GAMMA), "E->E.gain", [0.5, 1.5]),
    "what all units had drawn": (crowd(DENSE), "E.k", [0.0, 1.0, 2.0]),
    "the strength of noise": (crowd(ALL, NOISE), "noise.intensity", [0.0, 0.3, 1.0]),
    "a parameter under noise": (crowd(ALL, NOISE), "E.s", [1.0, 1.3]),
    "coloured noise": (crowd(ALL, DRIFT), "E.s", [1.0, 1.3]),
    "the end of a pulse": (crowd(DENSE, PULSE), "kick.stop", [4.0, 6.05, 20.0]),
    "a pair with delays": (nb.networks.rhythm(delay=2.0), "drive.amplitude", [0.8, 1.25, 2.0]),
}


@pytest.mark.parametrize("case", SIDE_BY_SIDE)
def test_points_side_by_side_are_their_own_simulations(case):
    net, path, values = SIDE_BY_SIDE[case]
    record = [f"{name}.{key}" for name in net.populations for key in ("r", "m")]
    swept = nb.sweep(net, {path: values}, 30.0, 0.1, record, seed=3)
    assert swept.attrs["side_by_side"] == f"yes, in {path}"
    assert swept["stopped"].isnull().all()
    moved = 0.0
    for value in values:
        alone = nb.simulate(net.with_value(path, value), 30.0, 0.1, record, seed=3)
        for name in record:
            point = swept[name].sel({path: value})
            np.testing.assert_allclose(point.values, alone[name].values, rtol=1e-11, atol=1e-13)
            moved = max(moved, float(np.abs(point - swept[name].isel({path: 0})).max()))
        np.testing.assert_array_equal(swept["time"], alone["time"])
    assert moved > 1e-3, "the value does something"


SPIKING = nb.Network(
    {"N": nb.Population(nb.models.qif, 5, {"eta": nb.Uniform(0.0, 3.0)})},
    [nb.Projection("N.s", "N.s_in", weight=0.2)],
    time_unit="1",
)


@pytest.mark.parametrize(
    ("net", "path", "values", "record"),
    [
        (crowd(ALL), "E->E.delay", [0.0, 0.3, 1.0], ["E.r"]),
        (nb.networks.rhythm(), "E.size", [4, 8], [nb.Record("E.r", average="population")]),
        (crowd(DENSE), "E.tau.low", [4.0, 8.0], ["E.r"]),
        (crowd(DENSE), "E.r.initial.high", [0.1, 0.2], ["E.r"]),
        (SPIKING, "N.eta.high", [2.0, 4.0], ["N.v"]),
        (SPIKING, "N.k", [0.0, 2.0], ["N.v"]),
    ],
)
def test_points_one_by_one_are_their_own_simulations(net, path, values, record):
    swept = nb.sweep(net, {path: values}, 20.0, 0.1, record, seed=2)
    assert swept.attrs["side_by_side"].startswith("no: ")
    name = record[0] if isinstance(record[0], str) else record[0].path
    for value in values:
        alone = nb.simulate(net.with_value(path, value), 20.0, 0.1, record, seed=2)
        np.testing.assert_array_equal(swept[name].sel({path: value}).values, alone[name].values)


def test_dimensions_are_the_paths_in_their_order_and_seeds_come_last():
    net = crowd(ALL, NOISE)
    values = {"E->E.delay": [0.0, 0.5], "E.theta": [3.0, 4.0, 5.0]}
    swept = nb.sweep(net, values, 5.0, 0.1, ["E.r"], seed=[4, 9])
    assert swept["E.r"].dims == ("E->E.delay", "E.theta", "seed", "time", "E.unit")
    assert swept.attrs["side_by_side"] == "yes, in E.theta"
    for delay, theta, seed in [(0.0, 5.0, 9), (0.5, 3.0, 4), (0.5, 4.0, 9)]:
        one = net.with_value("E->E.delay", delay).with_value("E.theta", theta)
        point = swept["E.r"].sel({"E->E.delay": delay, "E.theta": theta, "seed": seed})
        np.testing.assert_allclose(point, nb.simulate(one, 5.0, 0.1, ["E.r"], seed)["E.r"], rtol=1e-12)
    about = swept["E->E.delay"].attrs
    assert about["units"] == "ms"
    assert "delay" in about["long_name"]


def test_the_size_of_a_batch_and_the_cuts_do_not_matter(monkeypatch):
    net, values = crowd(LATE, NOISE), {"E.theta": np.linspace(2.0, 5.0, 23)}
    whole = nb.sweep(net, values, 40.0, 0.1, ["E.r", "E.m"])
    monkeypatch.setattr("nbkit.simulation.points.MOST_POINTS", 5)
    cut = nb.sweep(net, values, 40.0, 0.1, ["E.r", "E.m"])
    np.testing.assert_allclose(cut["E.r"], whole["E.r"], rtol=1e-12)
    np.testing.assert_allclose(cut["E.m"], whole["E.m"], rtol=1e-12)


def test_a_part_of_the_units_every_few_samples_and_means():
    net = nb.networks.rhythm()
    record = [nb.Record("E.r", units=[0, 5], every=4), nb.Record("I.r", every=4, average="population")]
    swept = nb.sweep(net, {"drive.amplitude": [1.0, 1.3]}, 100.0, 0.1, record, discard=50.0)
    alone = nb.simulate(net.with_value("drive.amplitude", 1.3), 100.0, 0.1, record, discard=50.0)
    for name in ("E.r", "I.r"):
        assert swept[name].dims[1:] == alone[name].dims
        np.testing.assert_allclose(swept[name][1], alone[name], rtol=1e-11)
    np.testing.assert_array_equal(swept["time"], alone["time"])


def test_reduce_gets_what_a_simulation_gives():
    net, values = nb.networks.rhythm(), [0.5, 1.0, 1.25, 1.5]

    def period(ds):
        return nb.analysis.period(ds, "E.r")

    swept = nb.sweep(net, {"drive.amplitude": values}, 400.0, 0.05, ["E.r"], reduce=lambda ds: float(ds["E.r"].max()))
    assert swept["value"].dims == ("drive.amplitude",)
    for value in values:
        alone = nb.simulate(net.with_value("drive.amplitude", value), 400.0, 0.05, ["E.r"])
        assert float(swept["value"].sel({"drive.amplitude": value})) == pytest.approx(float(alone["E.r"].max()))
    both = nb.sweep(
        net, {"drive.amplitude": values}, 50.0, 0.05, reduce=lambda ds: {"low": ds["E.r"].min(), "last": ds["E.r"][-1]}
    )
    assert both["low"].dims == ("drive.amplitude",)
    assert both["last"].dims == ("drive.amplitude", "E.unit")


def test_a_point_that_leaves_the_finite_numbers_does_not_take_the_others_along():
    grows = nb.Model("grows", "dx/dt = a*x*x", states={"x": 1.0}, parameters={"a": 1.0}, time_unit="1")
    net = nb.Network({"P": nb.Population(grows, 2)}, time_unit="1")
    swept = nb.sweep(net, {"P.a": [-1.0, 1.0, 0.0]}, 40.0, 0.1, ["P.x"])
    with pytest.raises(nb.NbkitError) as caught:
        nb.simulate(net.with_value("P.a", 1.0), 40.0, 0.1, ["P.x"])
    partial = caught.value.result
    stopped = float(swept["stopped"].sel({"P.a": 1.0}))
    assert stopped == pytest.approx(float(partial["time"][-1]) + 0.1)
    point = swept["P.x"].sel({"P.a": 1.0})
    assert point.where(swept["time"] >= stopped - 1e-9, drop=True).isnull().all()
    np.testing.assert_array_equal(point[: partial.sizes["time"]], partial["P.x"])
    assert swept["stopped"].sel({"P.a": [-1.0, 0.0]}).isnull().all()
    assert swept["P.x"].sel({"P.a": [-1.0, 0.0]}).notnull().all()


def test_one_by_one_such_a_point_is_told_as_well():
    grows = nb.Model("grows", "dx/dt = a*x*x", states={"x": 1.0}, parameters={"a": 1.0}, time_unit="1")
    net = nb.Network({"P": nb.Population(grows, 2, initial={"x": nb.Uniform(1.0, 2.0)})}, time_unit="1")
    swept = nb.sweep(net, {"P.x.initial.high": [1.5, 30.0]}, 0.8, 0.1, ["P.x"])
    assert swept["stopped"].isnull().values.tolist() == [True, True]
    swept = nb.sweep(net, {"P.x.initial.high": [1.5, 30.0]}, 4.0, 0.1, ["P.x"])
    assert swept["stopped"].notnull().all()
    late, early = swept["stopped"].values
    assert 0 < early < late


def test_an_executor_gives_the_same():
    net, values = crowd(ALL), {"E->E.delay": [0.0, 0.3], "E.theta": [3.0, 4.0]}
    with ThreadPoolExecutor(2) as pool:
        spread = nb.sweep(net, values, 5.0, 0.1, executor=pool)
    np.testing.assert_array_equal(spread["E.r"], nb.sweep(net, values, 5.0, 0.1)["E.r"])


def test_progress_counts_points():
    told = []
    nb.sweep(
        crowd(ALL), {"E->E.delay": [0.0, 0.3, 0.5]}, 1.0, 0.1, progress=lambda made, asked: told.append((made, asked))
    )
    assert told == [(1, 3), (2, 3), (3, 3)]


NET = crowd(DENSE)


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ({"E.theta": [1.0], "E.nothing": [1.0], "E.k": []}, {"unknown-path", "bad-value"}),
        ({"E.tau": [8.0, 9.0]}, {"bad-value"}),
        ({"E.theta": [1.0, 1.0]}, {"bad-value"}),
        ({"E.theta": 3.0}, {"bad-value"}),
        ({"E.theta": ["a"]}, {"bad-value", "bad-time"}),
        ({"E.theta": [np.zeros(3)]}, {"wrong-shape"}),
        ({"E.s": [1.0, np.nan]}, None),
        ({}, {"bad-type"}),
        ("E.tau", {"bad-type"}),
    ],
)
def test_mistakes_are_told_all_at_once(values, codes):
    with pytest.raises(nb.NbkitError) as caught:
        nb.sweep(NET, values, 10.0, 0.1)
    if codes is not None:
        assert {p.code for p in caught.value.problems} & codes


def test_shapes_that_differ_need_a_number_for_each_point():
    with pytest.raises(nb.NbkitError, match="another shape"):
        nb.sweep(nb.networks.rhythm(), {"E.size": [4, 8]}, 1.0, 0.1, ["E.r"])
    with pytest.raises(nb.NbkitError, match="spikes"):
        nb.sweep(SPIKING, {"N.k": [0.0, 2.0]}, 20.0, 0.1, ["N.spike"])
    with pytest.raises(nb.NbkitError, match="it gave"):
        nb.sweep(NET, {"E.theta": [1.0, 2.0]}, 1.0, 0.1, reduce=str)
    with pytest.raises(nb.NbkitError, match="no function"):
        nb.sweep(NET, {"E.theta": [1.0, 2.0]}, 1.0, 0.1, reduce="mean")


def test_what_does_not_fit_into_memory_is_refused(monkeypatch):
    monkeypatch.setattr("nbkit.simulation.checks.available", lambda: 10_000_000)
    with pytest.raises(nb.NbkitError, match="too-much-memory"):
        nb.sweep(NET, {"E.theta": np.linspace(1, 2, 500).tolist()}, 100.0, 0.1)
