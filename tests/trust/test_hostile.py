"""Owns the hostile cases: odd values get a clear error of ours, fast, and never a foreign one or a silent result."""

import copy
import json
import pickle
import random
import time

import numpy as np
import pytest
import xarray as xr
from scipy import sparse

import nbkit as nb

L = nb.models.leaky_integrator
DT = 0.1


def net(*projections: nb.Projection, size: object = 3, stimuli: object = (), **keywords: object) -> nb.Network:
    return nb.Network({"E": nb.Population(L, size, **keywords)}, projections, stimuli)


def connect(**keywords: object) -> nb.Network:
    return net(nb.Projection("E.x", "E.u", **keywords))


def refused(call: object) -> nb.NbkitError:
    begin = time.perf_counter()
    with pytest.raises(nb.NbkitError) as caught:
        call()
    assert time.perf_counter() - begin < 2
    assert all(p.where and p.what for p in caught.value.problems)
    assert len(str(caught.value)) < 5000
    return caught.value


def run(network: nb.Network, **keywords: object) -> xr.Dataset:
    return nb.simulate(network, **({"duration": 1.0, "dt": DT} | keywords))


def deep(levels: int = 100_000) -> list:
    held: list = []
    for _ in range(levels):
        held = [held]
    return held


# ---------------------------------------------------------------- numbers of every kind


@pytest.mark.parametrize("kind", [np.int64, np.int32, np.int16, np.uint8, np.int8])
def test_numpy_sizes_are_sizes(kind):
    weights = np.eye(100)
    made = nb.Network(
        {"E": nb.Population(L, kind(100), initial={"x": 1.0})}, [nb.Projection("E.x", "E.u", weight=weights)]
    )
    plain = nb.Network({"E": nb.Population(L, 100, initial={"x": 1.0})}, [nb.Projection("E.x", "E.u", weight=weights)])
    assert made == plain
    assert run(made)["E.x"].to_numpy().tobytes() == run(plain)["E.x"].to_numpy().tobytes()
    bad = nb.Network(
        {"E": nb.Population(L, kind(4))},
        [nb.Projection("E.x", "E.u", weight="3")],
        [nb.Stimulus("E.u", nb.Noise(-1.0))],
    )
    assert {p.code for p in bad.check()} == {"bad-value", "bad-signal"}


def test_small_integers_do_not_wrap():
    law = nb.Quantiles(nb.Uniform(np.int8(-100), np.int8(100)))
    assert run(net(initial={"x": law}))["E.x"][0].to_numpy() == pytest.approx([-200 / 3, 0, 200 / 3])
    assert net(initial={"x": nb.Normal(np.float32(1), np.int8(2))}).to_json()
    assert run(net(), duration=100.0, record=nb.Record("E.x", every=np.int8(7))).sizes["time"] == 143
    assert run(net(), seed=np.int64(3)).attrs["seed"] == 3


@pytest.mark.parametrize(
    "value",
    [
        ["1", "2", "3"],
        np.array([True, False, True]),
        np.True_,
        True,
        1 + 2j,
        np.complex128(1 + 2j),
        np.datetime64("2020"),
        np.timedelta64(3, "s"),
        np.ma.masked_array([1.0, 2, 3], mask=[0, 1, 0]),
        np.array([1, None, 2], dtype=object),
        {1, 2, 3},
        {"a": 1},
        b"abc",
        lambda: 1,
        10**400,
    ],
    ids=lambda held: "a function" if callable(held) else repr(held),
)
def test_what_is_not_a_real_number_is_no_value(value):
    for make in (lambda: net(initial={"x": value}), lambda: connect(weight=value), lambda: connect(gain=value)):
        assert refused(lambda make=make: run(make())).code in ("bad-value", "not-finite", "weight-shape", "wrong-shape")


def test_deeply_nested_lists_are_refused():
    held = deep()
    refused(lambda: run(net(initial={"x": held})))
    refused(lambda: run(connect(delay=held)))
    refused(lambda: run(net(size=held)))


@pytest.mark.parametrize("size", [10**9, 2**31, 2**63, 10**20, 10**400])
def test_huge_populations_are_refused_before_anything_is_made(size):
    refused(lambda: run(net(size=size)))
    refused(lambda: run(net(nb.Projection("E.x", "E.u"), size=size, stimuli=[nb.Stimulus("E.u", nb.Noise(1.0))])))
    refused(lambda: run(net(size=size, parameters={"tau": nb.Uniform(1, 2)})))


@pytest.mark.parametrize("value", [1e308, 1e30, "9" * 20_000, "1e400 ms", "nan", ""])
def test_times_beyond_counting_are_refused(value):
    refused(lambda: run(net(), duration=value))
    refused(lambda: run(connect(delay=value)))
    refused(lambda: run(net(stimuli=[nb.Stimulus("E.u", nb.Step(1.0, start=value))])))
    refused(lambda: run(net(), discard=value))


def test_steps_and_spreads_below_counting_are_refused():
    refused(lambda: run(net(), dt=1e-300))
    refused(lambda: run(connect(delay=1.0, spread=1e-320)))
    refused(lambda: run(connect(delay=np.full((3, 3), 1e30))))


@pytest.mark.parametrize(
    "law",
    [
        nb.Normal(None, 1),
        nb.Uniform(None, 1),
        nb.Truncated(None),
        nb.Truncated(nb.Normal(0, 1), low=nb.Uniform(0, 1)),
        nb.LogNormal(1.0, 1e308),
        nb.Balanced(None, 1, 1),
        nb.Balanced(1e308, 1.0, 1.0),
    ],
    ids=repr,
)
def test_laws_of_nonsense_are_refused_wherever_they_stand(law):
    refused(lambda: run(connect(weight=law)))
    refused(lambda: run(connect(delay=law)))
    refused(lambda: run(net(parameters={"tau": law})))


# ---------------------------------------------------------------- parts of the wrong kind


@pytest.mark.parametrize(
    "call",
    [
        lambda: nb.Model("m", None, states={"x": 0.0}),
        lambda: nb.Model("m", "dx/dt=-x", states=None),
        lambda: nb.Model("m", "dx/dt=-x", states={"x": 0.0, None: 1.0}),
        lambda: nb.Model("m", "dx/dt=-x", states={"x": nb.State(1.0, limits=("a", 5.0))}),
        lambda: nb.Model("m", "dx/dt=-x", states={"x": nb.State(1.0, unit=None)}),
        lambda: nb.Model("m", "dx/dt=-x", states={"x": 0.0}, threshold=True),
        lambda: nb.Model("m", "dx/dt=-x", states={"x": 0.0}, source=3),
        lambda: nb.Model("m\n", "dx/dt=-x", states={"x": 0.0}),
        lambda: nb.Network({"E": nb.Population(L, 1)}, None),
        lambda: nb.Network({"E": nb.Population(L, 1)}, [], 3),
        lambda: run(nb.Network({"E\n": nb.Population(L, 1)})),
        lambda: nb.Projection("E.x", "E.u", name=3),
        lambda: run(connect(name="a b")),
        lambda: run(connect(name="\ud800")),
        lambda: run(connect(history=np.array([1, 2]))),
        lambda: run(connect(rule=nb.Explicit("abc", [0]))),
        lambda: run(net(label=3)),
        lambda: run(net(stimuli=[nb.Stimulus("E.u", nb.Expression(3))])),
        lambda: connect().value(None),
        lambda: connect().with_value(3, 1),
        lambda: connect().value(""),
        lambda: run(net(), record=True),
        lambda: run(net(), progress="yes"),
        lambda: run(net(), backend=np.array([1, 2])),
        lambda: run(net(), seed=[0, 0]),
        lambda: run(net(), seed=b"ab"),
        lambda: nb.read_weights(None),
        lambda: run(connect(weight=xr.DataArray(np.eye(3), dims=("source", "target")))),
    ],
)
def test_parts_of_the_wrong_kind_are_refused(call):
    refused(call)


@pytest.mark.parametrize(
    "until",
    [
        "any(E.x > foo)",
        "any(E.x > t)",
        "E.x",
        "mean(E.x)",
        "any(E.x > F.y)",
        "any(E.x) > " + "9" * 5000,
        "__import__('os')",
    ],
)
def test_conditions_of_nonsense_are_refused(until):
    refused(lambda: run(net(), until=until))


def test_a_network_with_many_delays_and_one_with_none_can_be_shown():
    assert "delay" in connect(delay=np.ones((3, 3)))._repr_html_()
    empty = connect(rule=nb.Explicit([], []), weight=[], delay=[])
    assert empty.check() == []
    assert (run(empty)["E.x"] == 0).all()


# ---------------------------------------------------------------- simulations


def total() -> nb.Network:
    population = nb.Population(L, 3, initial={"x": 1.0})
    return nb.Network(
        {"E": population, "F": nb.Population(L, 2, initial={"x": 1.0})},
        [nb.Projection("F.x", "E.u", weight=np.ones((3, 2)), weight_is="total")],
        [nb.Stimulus("E.u", nb.Pulse(1.0, 2.0, 1.0), name="pulse")],
    )


def test_setting_the_present_value_changes_nothing():
    sim = nb.Simulation(total(), DT)
    expected = run(total(), duration=3.0)["E.x"].to_numpy()
    sim.set("F->E.weight", np.ones((3, 2)))
    assert sim.run(3.0)["E.x"].to_numpy().tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("pulse.stop", 0.7),
        ("F->E.weight", np.ones((2, 3))),
        ("F->E.weight", sparse.csr_array(np.ones((3, 2)))),
        ("E.tau", [5.0, 6.0, 7.0]),
        ("E.tau", "ten"),
        ("E.tau", nb.Uniform(1, 2)),
        (None, 1.0),
    ],
)
def test_set_refuses_what_a_network_would_refuse(path, value):
    sim = nb.Simulation(total(), DT)
    refused(lambda: sim.set(path, value))
    assert sim.run(3.0)["E.x"].to_numpy().tobytes() == run(total(), duration=3.0)["E.x"].to_numpy().tobytes()


def test_a_copy_of_a_simulation_goes_its_own_way():
    sim = nb.Simulation(total(), DT)
    sim.run(1.0)
    sim.set("E.tau", 5.0)
    copies = [copy.deepcopy(sim), copy.copy(sim), pickle.loads(pickle.dumps(sim))]  # noqa: S301  our own bytes
    expected = sim.run(2.0)["E.x"].to_numpy()
    for twin in copies:
        assert twin.run(2.0)["E.x"].to_numpy().tobytes() == expected.tobytes()


def test_block_means_are_whole_or_refused():
    record = nb.Record("E.x", every=4, average="block")
    whole = run(total(), duration=4.0)["E.x"].to_numpy()
    late = run(total(), duration=4.0, record=record, discard=2.0)
    np.testing.assert_allclose(late["E.x"], whole[1:].reshape(10, 4, 3).mean(axis=1)[4:])
    sim = nb.Simulation(total(), DT)
    refused(lambda: sim.run(0.5, record=record))


def test_a_generator_of_paths_serves_every_seed():
    ds = run(net(initial={"x": nb.Normal(0, 1)}), record=(path for path in ["E.x"]), seed=[0, 1])
    assert np.isfinite(ds["E.x"]).all()


def test_damaged_files_are_refused(tmp_path):
    sim = nb.Simulation(total(), DT)
    sim.run(1.0)
    sim.save(tmp_path / "s.npz")
    with np.load(tmp_path / "s.npz") as file:
        arrays = dict(file)
    document = json.loads(str(arrays["document"]))
    broken = [{k: v for k, v in arrays.items() if k != gone} for gone in ("memory", "position", "document")]
    broken += [arrays | {"memory": arrays["memory"][:5]}, arrays | {"position": np.array(["a"])}]
    for change in ({"setup": None}, {"changes": 3}, {"changes": [[1, 2]]}, {"network": "{"}):
        broken.append(arrays | {"document": np.array(json.dumps(document | change))})
    for held in broken:
        np.savez(tmp_path / "b.npz", **held)
        refused(lambda: nb.Simulation.load(tmp_path / "b.npz"))
    whole = (tmp_path / "s.npz").read_bytes()
    generator = random.Random(1)
    for _ in range(150):
        place = generator.randrange(len(whole))
        (tmp_path / "c.npz").write_bytes(whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :])
        try:
            nb.Simulation.load(tmp_path / "c.npz")
        except nb.NbkitError:
            continue


# ---------------------------------------------------------------- files


def test_mutated_files_give_networks_or_clear_errors():
    """Whatever a file holds: a network that can be checked, or an error of ours."""
    population = nb.Population(nb.models.lif, 3, parameters={"tau": nb.Truncated(nb.Normal(20, 2), low=1.0)})
    made = nb.Network(
        {"E": population},
        [
            nb.Projection("E.spike", "E.v", weight=np.eye(3), delay=1.0, source_units=slice(0, 3)),
            nb.Projection("E.v", "E.I_ext", weight=sparse.csr_array(np.eye(3)), delay="2 ms", name="s"),
        ],
        [nb.Stimulus("E.I_ext", nb.Recorded(np.ones(100), dt=0.1), name="r")],
    )
    generator = random.Random(2)
    odd = [
        None,
        True,
        -1,
        0,
        1.5,
        1e308,
        10**30,
        "x",
        "",
        "\ud800",
        [],
        {},
        [1, [2]],
        {"law": "Normal"},
        {"shape": [1e9]},
        float("nan"),
    ]

    def mutate(held: object) -> object:
        if isinstance(held, dict) and held and generator.random() < 0.8:
            key = generator.choice(sorted(held))
            return {**held, key: mutate(held[key])}
        if isinstance(held, list) and held and generator.random() < 0.8:
            place = generator.randrange(len(held))
            return [*held[:place], mutate(held[place]), *held[place + 1 :]]
        return generator.choice(odd)

    document = json.loads(made.to_json())
    for _ in range(1500):
        text = json.dumps(mutate(document))
        try:
            read = nb.Network.from_json(text)
            if not read.check() and all(p.size < 1000 for p in read.populations.values()):
                nb.simulate(read, 1.0, 0.1)
        except nb.NbkitError as error:
            assert all(p.what for p in error.problems)  # noqa: PT017  either outcome is right
