"""Owns the hostile cases of spikes at scale: populations stepped together, tables of synapses, and what is set."""

import pickle

import numpy as np
import pytest
import xarray as xr

import nbkit as nb

DT = 0.1
STEPS = 600
KEYS = {"tau": 10.0, "tau_s": 2.0, "v_th": 1.0, "t_ref": 1.0}


def unit(name: str = "m") -> nb.Model:
    """A leaky unit with a synaptic current, stepped exactly; another name keeps it from a common stack."""
    return nb.Model(
        name,
        "dv/dt = -v/tau + g + I\n dg/dt = -g/tau_s",
        states={"v": 0.0, "g": 0.0},
        inputs={"I": 0.0},
        parameters=KEYS,
        events=("v", "g"),
        threshold="v >= v_th",
        reset="v = 0",
        refractory="t_ref",
        method="exact",
    )


def three(names: tuple[str, str, str]) -> nb.Network:
    """Three populations that differ in all that can differ within a stack."""
    a, b, c = (unit(name) for name in names)
    delay = nb.Truncated(nb.Normal(1.5, 0.75), low=0.1)
    populations = {
        "A": nb.Population(a, 5, {"t_ref": [0.0, 0.5, 1.0, 2.0, 3.0]}, {"v": nb.Uniform(0.0, 0.9)}),
        "B": nb.Population(b, (2, 3), {"tau": nb.Uniform(8.0, 12.0), "t_ref": 0.0}),
        "C": nb.Population(c, 1, {"v_th": 0.7}),
    }
    projections = [
        nb.Projection("A.spike", "B.g", rule=nb.FixedInDegree(3), weight=nb.Normal(0.1, 0.1), delay=delay),
        nb.Projection("B.spike", "A.v", rule=nb.FixedTotalNumber(9), weight=0.2, delay=0.1, gain=-1.0),
        nb.Projection("A.spike", "C.v", weight=0.3, delay=nb.Uniform(0.1, 2.0), source_units=[4, 1]),
        nb.Projection("B.spike", "B.g", rule=nb.AllToAll(autapses=False), weight=0.0, delay=1.0, target_units=[5, 0]),
        nb.Projection(
            "C.spike", "A.g", rule=nb.Bernoulli(0.5), weight=0.4, delay=nb.Truncated(nb.Exponential(1.0), low=0.1)
        ),
    ]
    stimuli = [
        nb.Stimulus("A.g", nb.Poisson(900.0, 0.1), name="one"),
        nb.Stimulus("A.g", nb.Poisson(500.0, 0.1, start=10.03, stop=20.0), name="two"),
        nb.Stimulus("B.g", nb.Poisson(900.0, 0.15), units=(slice(0, 1), [2, 0]), name="some"),
        nb.Stimulus("B.v", nb.Poisson(400.0, 0.1), name="whole"),
        nb.Stimulus("C.I", nb.Pulse(5.0, 40.0, 0.12), name="pulse"),
        nb.Stimulus("A.I", nb.Step(0.05), units=[1, 2], name="step"),
    ]
    return nb.Network(populations, projections, stimuli)


def pieces(net: nb.Network) -> list[xr.Dataset]:
    """A run in pieces: values of one population set, saved and read as a pickle, started anew."""
    paths = [f"{name}.{key}" for name in net.populations for key in ("v", "g", "spike")]
    sim = nb.Simulation(net, DT, seed=4)
    found = [sim.run(25.0, record=paths)]
    for path, value in {"A.tau": 6.0, "C.v_th": 0.5, "A->B.gain": 2.0, "whole.rate": 900.0, "two.stop": 30.0}.items():
        sim.set(path, value)
    found.append(sim.run(10.0, record=paths))
    sim = pickle.loads(pickle.dumps(sim))  # noqa: S301  our own bytes
    found.append(sim.run(15.0, record=paths, until="any(B.v > 1000)"))
    sim.reset()
    return [*found, sim.run(20.0, record=paths)]


def test_populations_stepped_as_one_stack_do_what_each_does_alone():
    together, alone = three(("m", "m", "m")), three(("m", "n", "o"))
    assert len(nb.Simulation(together, DT).program.spikes) == 1
    assert len(nb.Simulation(alone, DT).program.spikes) == 3
    for one, other in zip(pieces(together), pieces(alone), strict=True):
        assert sum(one[f"{name}.spike_time"].size for name in "ABC") > 10
        for name in one.data_vars:
            assert one[name].dims == other[name].dims
            np.testing.assert_allclose(one[name], other[name], rtol=1e-12, atol=1e-12)


def test_a_value_that_is_set_reaches_one_member_of_a_stack_alone():
    net = nb.Network({name: nb.Population(unit(), 2, initial={"v": 0.5}) for name in "ABC"})
    sim = nb.Simulation(net, DT)
    sim.set("B.tau", 2.0)
    sim.set("C.tau", [4.0, 5.0])
    last = sim.run(10.0, record=["A.v", "B.v", "C.v"]).isel(time=-1)
    np.testing.assert_allclose(last["A.v"], 0.5 * np.exp(-1.0))
    np.testing.assert_allclose(last["B.v"], 0.5 * np.exp(-5.0))
    np.testing.assert_allclose(last["C.v"], 0.5 * np.exp([-2.5, -2.0]))


def arriving(listed: dict[str, xr.Dataset], ds: xr.Dataset, targets: int, turned: float) -> np.ndarray:
    """What spikes bring, synapse by synapse; the gain is ``turned`` times what it was for what arrives after 400."""
    sums = np.zeros((STEPS + 1, targets))
    for source, held in listed.items():
        for time, fired in zip(ds[f"{source}.spike_time"].values, ds[f"{source}.spike_unit"].values, strict=True):
            own = held.isel(synapse=held["source"].values == fired)
            steps = np.rint((time + own["delay"].values) / DT).astype(int)
            weights = own["weight"].values * np.where(steps > 400, turned, 1.0)
            np.add.at(sums, (steps[steps <= STEPS], own["target"].values[steps <= STEPS]), weights[steps <= STEPS])
    return sums


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize(
    "delay", ["1.5 ms", nb.Truncated(nb.LogNormal(0.4, 1.0), low=0.05), nb.Truncated(nb.Exponential(1.0), low=0.05)]
)
def test_a_table_brings_what_its_list_of_synapses_says(precision, delay):
    source = nb.Population(nb.models.iaf_psc_exp, 60, {"I_e": nb.Uniform(300.0, 600.0)}, {"V_m": nb.Uniform(-70, -55)})
    drawn = nb.Projection(
        "A.spike", "B.I_ex", rule=nb.FixedTotalNumber(12_000), weight=nb.Normal(5.0, 0.5), delay=delay
    )
    net = nb.Network({"A": source, "B": nb.Population(nb.models.iaf_psc_exp, 40)}, [drawn])
    sim = nb.Simulation(net, DT, precision=precision)
    listed = {"A": sim.synapses("A->B")}
    assert listed["A"].sizes["synapse"] == 12_000
    first = sim.run(40.0, record=["A.spike", "B.I_ex"])
    sim.set("A->B.gain", -3.0)
    whole = xr.concat([first["B.I_ex"], (second := sim.run(20.0, record=["A.spike", "B.I_ex"]))["B.I_ex"]], "time")
    spikes = xr.concat([ds[["A.spike_time", "A.spike_unit"]] for ds in (first, second)], "A.spike")
    expected = np.zeros((STEPS + 1, 40))
    sums = arriving(listed, spikes, 40, -3.0)
    for k in range(STEPS):
        expected[k + 1] = expected[k] * np.exp(-DT / 2.0) + sums[k + 1]
    assert spikes.sizes["A.spike"] > 20
    np.testing.assert_allclose(whole, expected, atol=2e-6 * np.abs(expected).max())


def test_events_onto_a_held_potential_are_dropped_unit_by_unit():
    refractory, numbers = np.array([0.0, 0.5, 2.0]), np.arange(1, 300)
    weights = np.where(numbers % 7 == 1, 16.0, 0.3)
    twice = nb.Stimulus("A.V_m", nb.SpikeTimes([5.0, 5.0], [0.25, 0.5]), name="twice")
    many = nb.Stimulus("A.V_m", nb.SpikeTimes(numbers * DT, weights), name="many")
    population = nb.Population(nb.models.iaf_psc_delta, 3, {"t_ref": refractory})
    ds = nb.simulate(nb.Network({"A": population}, stimuli=[many, twice]), 30.0, DT, record=["A.V_m", "A.spike"])
    rows, until = [np.full(3, -70.0)], np.full(3, -1.0)
    for k in range(300):
        brought = (weights[k] if k < 299 else 0.0) + (0.75 if k + 1 == 50 else 0.0)
        moved = np.where(until > k, rows[-1], -70.0 + (rows[-1] + 70.0) * np.exp(-DT / 10.0) + brought)
        fired = moved >= -55.0
        until = np.where(fired, k + 1 + np.rint(refractory / DT), until)
        rows.append(np.where(fired, -70.0, moved))
    assert ds["A.spike_time"].size > 50
    np.testing.assert_allclose(ds["A.V_m"], rows, atol=1e-12)


def test_populations_of_different_time_scale_do_not_share_a_stack():
    def scaled(names: tuple[str, str, str]) -> xr.Dataset:
        pace = ("10 ms", "20 ms", "10 ms")
        models = [
            nb.Model(
                name,
                "dv/dt = -v + I",
                states={"v": 0.0},
                inputs={"I": 0.0},
                parameters={"t_ref": 0.2},
                events=("v",),
                threshold="v >= 1",
                reset="v = 0",
                refractory="t_ref",
                method="exact",
                time_unit="1",
            )
            for name in names
        ]
        populations = {key: nb.Population(m, 2, time_scale=t) for key, m, t in zip("ABC", models, pace, strict=True)}
        ways = [nb.Projection(f"{a}.spike", f"{b}.v", weight=0.3, delay=1.0) for a, b in ("AB", "BC")]
        drive = [nb.Stimulus(f"{key}.I", nb.Step(2.0)) for key in "ABC"]
        return nb.simulate(nb.Network(populations, ways, drive), 50.0, DT, record=["A.v", "B.v", "C.v"])

    xr.testing.assert_allclose(scaled(("m", "m", "m")), scaled(("m", "n", "o")))


def test_what_is_recorded_of_a_stack_has_its_own_units_and_names():
    populations = {
        "A": nb.Population(unit(), 3, initial={"v": nb.Uniform(0, 1)}),
        "B": nb.Population(unit(), (2, 2), initial={"v": nb.Uniform(0, 1)}),
    }
    drive = nb.Stimulus("B.g", nb.Poisson(2000.0, 0.05))
    net = nb.Network(populations, stimuli=[drive])
    whole = nb.simulate(net, 20.0, DT, record=["A.v", "B.v"])
    assert whole["B.v"].dims == ("time", "B.grid_y", "B.grid_x")
    some = [
        nb.Record("A.v", every=10, units=[2, 0], average="block"),
        nb.Record("B.v", every=10, units=[3, 1], average="population"),
    ]
    partly = nb.simulate(net, 20.0, DT, record=some)
    blocks = whole["A.v"].values[1:, [2, 0]].reshape(20, 10, 2).mean(axis=1)
    np.testing.assert_allclose(partly["A.v"][1:], blocks)
    np.testing.assert_allclose(partly["B.v"], whole["B.v"].values.reshape(201, 4)[::10, [3, 1]].mean(axis=1))
    over = (whole["B.v"].values.reshape(201, 4) > 0.9).any(axis=1)
    stopped = nb.simulate(net, 20.0, DT, record=["B.v"], until="any(B.v > 0.9)")
    assert int(stopped["step"][-1]) == int(np.argmax(over)) > 0


def test_delays_of_a_table_follow_their_law():
    law = nb.Truncated(nb.Normal(1.5, 0.75), low=0.05)
    source = nb.Population(nb.models.iaf_psc_delta, 100)
    many = nb.Projection("A.spike", "A.V_m", rule=nb.FixedTotalNumber(400_000), weight=1.0, delay=law)
    steps = np.rint(nb.Simulation(nb.Network({"A": source}, [many]), DT).synapses("A->A")["delay"] / DT).astype(int)
    edges = [law.share_below((k + 0.5) * DT) for k in range(61)]
    expected, found = np.diff(edges), np.bincount(steps, minlength=61)[1:61] / steps.size
    assert (np.abs(found - expected) < 5 * np.sqrt(expected / steps.size) + 1e-5).all()


def test_a_window_of_poisson_spikes_begins_and_ends_on_its_steps():
    counter = nb.Model("counter", "dn/dt = 0*n", states={"n": 0.0}, events=("n",))
    window = nb.Stimulus("A.n", nb.Poisson(2000.0, 1.0, start=5.03, stop=10.01))
    counts = nb.simulate(nb.Network({"A": nb.Population(counter, 4000)}, stimuli=[window]), 20.0, DT)["A.n"].to_numpy()
    active = np.flatnonzero(np.diff(counts, axis=0).any(axis=1))
    assert (active.min(), active.max()) == (51, 100)
    assert counts[-1].mean() == pytest.approx(10.0, abs=0.25)
    assert counts[-1].var() == pytest.approx(10.0, abs=1.2)


def test_a_result_in_a_file_gives_the_network_and_the_spikes_again(tmp_path):
    drawn = np.random.default_rng(0)
    late = nb.Projection(
        "A.spike", "A.I_ex", weight=drawn.normal(size=(40, 40)), delay=1.0 + drawn.integers(0, 5, (40, 40))
    )
    times = nb.SpikeTimes(np.arange(1, 500) * DT, np.full(499, 2000.0), units=np.arange(499) % 40)
    given = {"tau_m": drawn.uniform(8, 12, (4, 10))}
    net = nb.Network(
        {"A": nb.Population(nb.models.iaf_psc_exp, (4, 10), given)}, [late], [nb.Stimulus("A.I_ex", times)]
    )
    ds = nb.simulate(net, 40.0, DT)
    assert ds["A.spike_time"].size > 100
    ds.to_netcdf(tmp_path / "r.nc")
    with xr.open_dataset(tmp_path / "r.nc") as file:
        back = file.load()
    for name in ds.variables:
        np.testing.assert_array_equal(back[name], ds[name])
    again = nb.Network.from_json(back.attrs["network"], {name: back[name].to_numpy() for name in back.variables})
    assert again == net
    np.testing.assert_array_equal(nb.simulate(again, 40.0, DT)["A.spike_time"], ds["A.spike_time"])
