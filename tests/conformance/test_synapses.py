"""Owns the laws of synapses in tables: what is drawn, what arrives and when, and the two ways to add."""

import numpy as np
import pytest

import nbkit as nb
from nbkit.run import arrivals as delivery

DT = 0.1
RELAY = nb.Model(
    "relay",
    "dn/dt = 0*n\ndg/dt = 0*g\ndh/dt = 0*h",
    states={"n": 0.0, "g": 0.0, "h": 0.0},
    events=("n", "g", "h"),
    threshold="n >= 1",
    reset="n = 0",
)
WEIGHT = nb.Truncated(nb.Normal(2.0, 0.5), low=0.0)
DELAY = nb.Truncated(nb.Normal(1.5, 0.75), low=DT / 2)


def drawn(number=40_000, gain=1.0, **more) -> nb.Network:
    """Two stacked populations; many synapses of each kind."""
    sizes = {"A": 150, "B": 70}
    projections = [
        nb.Projection("A.spike", "B.g", rule=nb.FixedTotalNumber(number), weight=WEIGHT, delay=DELAY, gain=gain),
        nb.Projection("A.spike", "A.g", rule=nb.FixedTotalNumber(12_000), weight=1.5, delay=0.7),
        nb.Projection("B.spike", "A.h", rule=nb.FixedTotalNumber(11_000), weight=WEIGHT, delay=nb.Uniform(0.1, 3.0)),
        nb.Projection("B.spike", "B.h", rule=nb.FixedInDegree(300), weight=nb.Uniform(0.0, 1.0), delay=DELAY),
    ]
    stimuli = [nb.Stimulus(f"{name}.n", nb.Poisson(200.0, 1.0)) for name in sizes]
    return nb.Network({name: nb.Population(RELAY, n) for name, n in sizes.items()}, projections, stimuli, **more)


def test_populations_of_one_model_stand_in_one_stack_and_one_table():
    program = nb.Simulation(drawn(), DT).program
    assert [source.stack.name for source in program.spikes] == ["A..B"]
    assert len(program.tables) == 1
    assert len(program.tables[0].targets) == 40_000 + 12_000 + 11_000 + 300 * 70
    assert {region.variable for region in program.tables[0].regions} == {"g", "h"}


@pytest.mark.parametrize("name", ["A->B", "A->A", "B->A", "B->B"])
def test_synapses_are_what_the_description_says(name):
    sim = nb.Simulation(drawn(), DT, seed=3)
    made = sim.synapses(name)
    projection = next(p for p in sim.network.projections if p.name == name)
    pre, post = ({"A": 150, "B": 70}[end] for end in name.split("->"))
    count = 300 * 70 if name == "B->B" else projection.rule.number
    assert made.sizes["synapse"] == count
    assert made["source"].values.min() >= 0
    assert made["source"].values.max() == pre - 1
    assert made["target"].values.min() >= 0
    assert made["target"].values.max() == post - 1
    for end, size in (("source", pre), ("target", post)):
        degrees = np.bincount(made[end].values, minlength=size)
        if name == "B->B" and end == "target":
            assert (degrees == 300).all()
        else:
            assert abs(degrees.var() / (count / size) - 1.0) < 0.6  # as independent draws have it
    steps = np.rint(made["delay"].values / DT)
    assert steps.min() >= 1
    np.testing.assert_allclose(made["delay"].values, steps * DT)


def test_drawn_weights_and_delays_follow_their_laws():
    made = nb.Simulation(drawn(400_000), DT, seed=1).synapses("A->B")
    weights, steps = made["weight"].values, np.rint(made["delay"].values / DT).astype(int)
    assert abs(weights.mean() - 2.0) < 0.005
    assert abs(weights.std() - 0.5) < 0.005
    shares = np.bincount(steps, minlength=80) / len(steps)
    edges = (np.arange(80) - 0.5) * DT
    expected = np.array([DELAY.share_below(float(e) + DT) - DELAY.share_below(max(float(e), 0.0)) for e in edges])
    np.testing.assert_allclose(shares[1:], expected[1:], atol=4 * np.sqrt(0.06 / len(steps)))
    joint = np.corrcoef(steps, weights)[0, 1], np.corrcoef(made["source"].values, made["target"].values)[0, 1]
    assert max(map(abs, joint)) < 0.01


def by_hand(sim: nb.Simulation, ds, steps: int) -> dict[str, np.ndarray]:
    """The events of every state, added spike by spike and synapse by synapse."""
    sums = {
        f"{name}.{key}": np.zeros((steps + 1, p.count)) for name, p in sim.network.populations.items() for key in "gh"
    }
    for projection in sim.network.projections:
        made = sim.synapses(projection.name)
        source, onto = projection.source.split(".")[0], sums[projection.target]
        delays = np.rint(made["delay"].values / DT).astype(int)
        for time, unit in zip(ds[f"{source}.spike_time"].values, ds[f"{source}.spike_unit"].values, strict=True):
            own = made["source"].values == unit
            arrive = round(time / DT) + delays[own]
            inside = arrive <= steps
            np.add.at(onto, (arrive[inside], made["target"].values[own][inside]), made["weight"].values[own][inside])
    return {path: np.cumsum(rows, axis=0) for path, rows in sums.items()}


def test_every_spike_brings_its_own_synapses_after_their_own_delays():
    sim, steps = nb.Simulation(drawn(), DT, seed=2), 60
    ds = sim.run(steps * DT, record=["A.g", "A.h", "B.g", "B.h", "A.spike", "B.spike"])
    assert ds.sizes["A.spike"] > 100
    for path, expected in by_hand(sim, ds, steps).items():
        assert expected[-1].max() > 1
        np.testing.assert_allclose(ds[path].values, expected, rtol=1e-5)


def test_the_plain_way_to_add_gives_the_same_bits(monkeypatch):
    record = ["A.g", "B.h", "A.spike", "B.spike"]
    quick = nb.simulate(drawn(), 10.0, DT, record=record)
    assert delivery.quickest() is not delivery.add_plainly
    monkeypatch.setattr(delivery, "quickest", lambda: delivery.add_plainly)
    assert quick.equals(nb.simulate(drawn(), 10.0, DT, record=record))


def test_a_way_to_add_that_goes_wrong_is_not_trusted():
    def backwards(begins, ends, targets, weights, sums):
        delivery.add_plainly(begins[::-1], ends[::-1], targets, weights, sums)

    def nothing(begins, ends, targets, weights, sums):
        pass

    assert delivery._agrees(delivery.add_plainly)
    assert not delivery._agrees(backwards)
    assert not delivery._agrees(nothing)


def test_pieces_and_seeds():
    """A run in pieces, saved and loaded in between, has the same bits; another seed has others."""
    whole = nb.simulate(drawn(), 12.0, DT, record=["A.g", "A.spike"])
    sim = nb.Simulation(drawn(), DT)
    parts = [sim.run(t, record=["A.g", "A.spike"]) for t in (3.3, 0.1, 8.6)]
    np.testing.assert_array_equal(np.concatenate([p["A.g"] for p in parts]), whole["A.g"])
    np.testing.assert_array_equal(np.concatenate([p["A.spike_unit"] for p in parts]), whole["A.spike_unit"])
    assert not whole.equals(nb.simulate(drawn(), 12.0, DT, record=["A.g", "A.spike"], seed=1))


def test_a_saved_simulation_goes_on(tmp_path):
    sim = nb.Simulation(drawn(), DT)
    sim.run(3.0)
    sim.save(tmp_path / "half.npz")
    again = nb.Simulation.load(tmp_path / "half.npz")
    record = ["A.g", "B.spike"]
    assert again.run(5.0, record=record).equals(sim.run(5.0, record=record))


@pytest.mark.parametrize("name", ["A->B", "B->B"])
def test_a_gain_that_is_set_acts_as_one_that_was_compiled(name):
    edited = drawn().with_value(f"{name}.gain", 0.25)
    sim = nb.Simulation(drawn(), DT)
    sim.set(f"{name}.gain", 0.0)
    sim.set(f"{name}.gain", 0.25)
    record = ["A.g", "A.h", "B.g", "B.h"]
    assert sim.run(6.0, record=record).equals(nb.Simulation(edited, DT).run(6.0, record=record))


def test_another_population_changes_no_synapse_of_the_others():
    net = drawn()
    more = nb.Network({"Z": nb.Population(RELAY, 9), **net.populations}, net.projections, net.stimuli)
    for name in ("A->B", "B->A", "B->B"):
        assert nb.Simulation(net, DT).synapses(name).equals(nb.Simulation(more, DT).synapses(name))


def test_drawn_weights_of_many_synapses_are_kept_in_single_precision_and_given_ones_whole():
    only_drawn = nb.Network(
        {"A": nb.Population(RELAY, 150)},
        [nb.Projection("A.spike", "A.g", rule=nb.FixedTotalNumber(20_000), weight=WEIGHT, delay=DELAY)],
    )
    assert nb.Simulation(only_drawn, DT).program.tables[0].weights.dtype == np.float32
    given = nb.Simulation(only_drawn.with_value("A->A.weight", 1 / 3), DT)
    assert (given.synapses("A->A")["weight"].values == 1 / 3).all()
    assert nb.Simulation(drawn(), DT).program.tables[0].weights.dtype == np.float64
