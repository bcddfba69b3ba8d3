"""Owns the laws of populations that are stepped as one row: each is what it would be alone."""

import json

import numpy as np
import pytest

import nbkit as nb

DT = 0.1
UNIT = nb.Model(
    "unit",
    "tau*dv/dt = -v + I + g\ndg/dt = -g/2",
    states={"v": 0.0, "g": 0.0},
    inputs={"I": 5.0},
    parameters={"tau": 10.0, "t_ref": 1.0},
    events=("g", "v"),
    threshold="v >= 8",
    reset="v = 0",
    refractory="t_ref",
)


def pair(*stimuli: nb.Stimulus, **more) -> nb.Network:
    return nb.Network({"A": nb.Population(UNIT, 2), "B": nb.Population(UNIT, 3)}, stimuli=stimuli, **more)


def apart(net: nb.Network) -> nb.Network:
    """The same network, its models renamed, so that no two populations share a stack."""
    renamed = {
        name: nb.Population(
            nb.Model(
                f"unit_{name}", p.model.equations, p.model.states, p.model.inputs, p.model.parameters, p.model.events,
                p.model.threshold, p.model.reset, "t_ref",
            ),
            p.size, p.parameters, p.initial,
        )
        for name, p in net.populations.items()
    }  # fmt: skip
    return nb.Network(renamed, net.projections, net.stimuli)


@pytest.mark.parametrize(
    "stimuli",
    [
        [nb.Stimulus("A.I", nb.Step(1.0))],
        [nb.Stimulus("A.I", nb.Step(12.0), units=[1]), nb.Stimulus("B.I", nb.Sine(9.0, 20.0))],
        [nb.Stimulus("A.g", nb.Poisson(900.0, 4.0)), nb.Stimulus("B.v", nb.Poisson(500.0, 3.0, start=2.0, stop=9.0))],
        [nb.Stimulus("A.g", nb.Poisson(900.0, 4.0)), nb.Stimulus("A.g", nb.Poisson(90.0, 40.0), name="more")],
        [nb.Stimulus("B.g", nb.Poisson(900.0, 4.0), units=slice(1, 3))],
    ],
    ids=["one driven", "some units", "windows", "two trains", "chosen trains"],
)
def test_a_population_in_a_stack_is_what_it_is_alone(stimuli):
    net = pair(*stimuli).with_value("B.tau", [7.0, 8.0, 9.0])
    record = ["A.v", "B.v", "A.g", "B.g", "A.spike", "B.spike"]
    together, alone = (nb.simulate(n, 30.0, DT, record=record, seed=4) for n in (net, apart(net)))
    assert len(nb.Simulation(net, DT).program.spikes) == 1
    assert len(nb.Simulation(apart(net), DT).program.spikes) == 2
    for path in record[:4]:
        np.testing.assert_array_equal(together[path].values, alone[path].values, err_msg=path)
    for name in "AB":
        np.testing.assert_array_equal(together[f"{name}.spike_unit"], alone[f"{name}.spike_unit"])


def test_an_input_that_nothing_drives_keeps_the_number_of_the_model_beside_one_that_is_driven():
    ds = nb.simulate(pair(nb.Stimulus("A.I", nb.Step(0.0))), 60.0, DT, record=["A.v", "B.v"])
    assert ds["A.v"].values[-1].max() == 0.0
    np.testing.assert_allclose(ds["B.v"].values[-1], 5.0, atol=0.02)


def test_a_value_that_is_set_reaches_its_own_population():
    sim = nb.Simulation(pair(), DT)
    sim.set("A.tau", 2.0)
    ds = sim.run(10.0, record=["A.v", "B.v"])
    np.testing.assert_allclose(ds["A.v"].values[-1], 5 * (1 - (1 - DT / 2) ** 100), rtol=1e-12)
    np.testing.assert_allclose(ds["B.v"].values[-1], 5 * (1 - (1 - DT / 10) ** 100), rtol=1e-12)
    assert json.loads(ds.attrs["setup"])["changes"] == [["A.tau", 2.0, 0]]


def test_refractory_times_are_not_settable_while_a_simulation_stands():
    sim = nb.Simulation(pair(), DT)
    with pytest.raises(nb.NbkitError) as caught:
        sim.set("A.t_ref", 5.0)
    assert caught.value.code == "not-settable"


def test_folds_leave_exact_steps_alone():
    """A source that only decays is kept at its target by Euler's factor; the exact one is another."""
    source = nb.Model(
        "source", "dv/dt = 1\nds/dt = -s/2", states={"v": 0.0, "s": 0.0}, threshold="v >= 3", reset="v = 0\ns += 1",
        method="exact",
    )  # fmt: skip
    target = nb.Model("target", "dx/dt = u", states={"x": 0.0}, inputs={"u": 0.0}, method="exact")
    coupling = nb.Projection("A.s", "B.u", weight=[[1.0, 0.5]])
    net = nb.Network({"A": nb.Population(source, 2), "B": nb.Population(target, 1)}, [coupling])
    ds = nb.simulate(net, 20.0, 0.5, record=["A.s", "B.x"])
    arriving = ds["A.s"].values @ [1.0, 0.5]
    np.testing.assert_allclose(np.diff(ds["B.x"].values[:, 0]), 0.5 * arriving[:-1], rtol=1e-12)


def test_units_of_given_spikes_are_those_of_the_population():
    times = nb.SpikeTimes([1.0, 2.0], weight=1.0, units=[2, 0])
    ds = nb.simulate(pair(nb.Stimulus("B.g", times)), 2.0, DT, record=["B.g"])
    np.testing.assert_allclose(ds["B.g"].values[20], [1.0, 0.0, (1 - DT / 2) ** 10], rtol=1e-12)
    with pytest.raises(nb.NbkitError, match="twice"):
        nb.simulate(pair(nb.Stimulus("B.g", times, units=[0, 2])), 2.0, DT)


@pytest.mark.parametrize("stop", [0.0, -1.0])
def test_a_train_that_is_over_before_it_begins_is_refused(stop):
    with pytest.raises(nb.NbkitError, match="over before"):
        nb.simulate(pair(nb.Stimulus("A.g", nb.Poisson(100.0, 1.0, start=-5.0, stop=stop))), 1.0, DT)


def test_the_weight_of_a_stimulus_can_be_edited_and_set():
    net = pair(nb.Stimulus("A.g", nb.Poisson(900.0, 4.0), name="bg"))
    edited = net.with_value("bg.weight", 2.0)
    sim = nb.Simulation(net, DT)
    sim.set("bg.weight", 2.0)
    assert sim.run(5.0, record=["A.g"])["A.g"].equals(nb.simulate(edited, 5.0, DT, record=["A.g"])["A.g"])


def test_steps_beyond_single_precision_count_refractoriness():
    net = pair(nb.Stimulus("A.I", nb.Step(100.0))).with_value("A.t_ref", [1.0, 1.3])
    gaps = {}
    for start in (0, 2**25):
        sim = nb.Simulation(net, DT, precision="float32")
        sim._stepper.position = start
        ds = sim.run(60.0, record=["A.spike"])
        for unit in (0, 1):
            times = ds["A.spike_time"].values[ds["A.spike_unit"].values == unit]
            gaps[start, unit] = np.unique(np.rint(np.diff(times) / DT)).tolist()
    assert gaps[0, 0] == gaps[2**25, 0]
    assert gaps[0, 1] == gaps[2**25, 1]
    assert gaps[0, 0] != gaps[0, 1]


def many(delay, number=20_000) -> nb.Projection:
    return nb.Projection("A.spike", "A.g", rule=nb.FixedTotalNumber(number), weight=0.01, delay=delay)


def test_tables_of_very_different_delays_do_not_share_their_cells():
    sizes = {"A": 400, "B": 3}
    late = nb.Truncated(nb.Normal(1000.0, 1.0), low=900.0)
    net = nb.Network(
        {name: nb.Population(UNIT, n) for name, n in sizes.items()},
        [
            many(nb.Uniform(0.2, 1.0)),
            nb.Projection("B.spike", "A.g", rule=nb.FixedInDegree(2), weight=0.5, delay=late),
        ],
    )
    tables = nb.Simulation(net, DT).program.tables
    assert sorted(t.units for t in tables) == [3, 400]
    assert sum(len(t.pointers) for t in tables) < 100_000


def test_a_delay_of_a_hundred_thousand_steps_needs_no_table():
    net = nb.Network({"A": nb.Population(UNIT, 2000)}, [many("10 s")])
    assert nb.Simulation(net, DT).program.tables == ()


def test_results_tell_the_delays_of_synapses_in_tables():
    net = nb.Network({"A": nb.Population(UNIT, 100)}, [many(nb.Uniform(0.2, 1.0))])
    realised = json.loads(nb.simulate(net, 1.0, DT).attrs["realised_delays"])["A->A"]
    assert realised["least"] == pytest.approx(0.2)
    assert realised["longest"] == pytest.approx(1.0)
    assert realised["mean"] == pytest.approx(0.6, abs=0.01)


class Interrupted:
    """A function that is interrupted once, after so many calls."""

    def __init__(self, function, after):
        self.function, self.left = function, after

    def __call__(self, *arguments):
        done = self.function(*arguments)
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt
        return done


@pytest.mark.filterwarnings("ignore::nbkit.errors.NbkitNote")
@pytest.mark.parametrize("place", ["take", "record"])
def test_an_interrupt_anywhere_leaves_whole_samples_and_goes_on_right(place):
    def network() -> nb.Network:
        drive = nb.Stimulus("A.g", nb.Poisson(900.0, 4.0))
        return nb.Network({"A": nb.Population(UNIT, 100)}, [many(nb.Uniform(0.2, 2.0))], [drive])

    whole = nb.simulate(network(), 60.0, DT, record=["A.g"])["A.g"].values
    for after in (1, 2, 3, 60):
        sim = nb.Simulation(network(), DT, accelerator=False if place == "take" else None)
        stepper = sim._stepper
        owner, name = (stepper.executor.arrivals[0], "_take") if place == "take" else (stepper, "_record")
        setattr(owner, name, Interrupted(getattr(owner, name), after))
        first = sim.run(60.0, record=["A.g"])["A.g"].values
        left = 600 + 1 - len(first)
        rest = sim.run(left * DT, record=["A.g"])["A.g"].values if left else first[:0]
        np.testing.assert_array_equal(np.concatenate([first, rest]), whole)
