"""Owns the tests of kernels and conduction delays as descriptions: their paths, files, code and meanings."""

import json

import numpy as np
import pytest

import nbkit as nb

LEAK = nb.models.leaky_integrator
KERNELS = [
    nb.kernels.Gaussian(1.5, 0.2),
    nb.kernels.DifferenceOfGaussians(2.0, 0.15, 1.0, 0.4, cutoff=0.9),
    nb.kernels.Exponential(0.7, 0.25),
    nb.kernels.MexicanHat(1.1, 0.2),
    nb.kernels.Filter(np.arange(15.0).reshape(3, 5)),
    nb.kernels.Filter(np.arange(81.0).reshape(9, 9)),
    nb.Expression("exp(-d/0.1)*(d < 0.5)"),
]


def network(weight: object = 1.0, delay: object = 0.0, **keywords: object) -> nb.Network:
    sheet = nb.Population(LEAK, (9, 9))
    return nb.Network({"E": sheet}, [nb.Projection("E.x", "E.u", weight=weight, delay=delay, **keywords)])


@pytest.mark.parametrize("weight", KERNELS)
@pytest.mark.parametrize("said", [None, "synapse", "density"])
def test_a_kernel_survives_json_link_and_code(weight, said):
    net = network(weight, nb.ConductionDelay(2.0, base="3 ms"), weight_is=said)
    assert nb.Network.from_json(net.to_json()) == net
    assert nb.Network.from_link(net.to_link()) == net
    made: dict[str, object] = {}
    exec(net.to_code(), made)  # noqa: S102  our own text
    assert made["net"] == net
    usual = network(weight).projections[0].weight_is
    assert ("weight_is" in net.to_code()) == (said not in (None, usual))


def test_code_is_what_a_user_types():
    code = network(KERNELS[0], nb.ConductionDelay(2.0)).to_code()
    assert "weight=nb.kernels.Gaussian(amplitude=1.5, width=0.2), delay=nb.ConductionDelay(speed=2.0)" in code
    assert "weight_is" not in code


def test_a_large_filter_may_be_kept_beside_the_text():
    sheet = nb.Population(LEAK, (40, 40))
    weight = nb.kernels.Filter(np.random.default_rng(0).normal(size=(35, 35)))
    net = nb.Network({"E": sheet}, [nb.Projection("E.x", "E.u", weight=weight)])
    arrays: dict[str, np.ndarray] = {}
    text = net.to_json(arrays)
    assert list(arrays) == ["E->E.weight.array"]
    assert nb.Network.from_json(text, arrays) == net
    ds = nb.simulate(net, 1.0, 0.1)
    assert nb.Network.from_json(ds.attrs["network"], ds) == net


def test_a_file_cannot_bring_a_kernel_that_is_none():
    text = network(KERNELS[0]).to_json()
    for old, new, code in (
        ("Gaussian", "Gausian", "bad-choice"),
        ("width", "breadth", "unknown-key"),
        ('"kernel": "Gaussian"', '"kernel": 3', "bad-choice"),
    ):
        with pytest.raises(nb.NbkitError) as caught:
            nb.Network.from_json(text.replace(old, new))
        assert code in [p.code for p in caught.value.problems]
    document = json.loads(text)
    document["projections"][0]["delay"] = {"delay": "Conduction", "speed": 1.0}
    with pytest.raises(nb.NbkitError, match="ConductionDelay"):
        nb.Network.from_json(json.dumps(document))


def test_the_numbers_of_a_kernel_and_of_a_delay_have_paths():
    net = network(KERNELS[1], nb.ConductionDelay(2.0))
    inside = ["amplitude", "width", "surround_amplitude", "surround_width", "cutoff"]
    assert [p for p in net.paths() if p.startswith("E->E.weight.")] == [f"E->E.weight.{name}" for name in inside]
    assert [p for p in net.paths() if p.startswith("E->E.delay.")] == ["E->E.delay.speed", "E->E.delay.base"]
    assert net.value("E->E.weight.surround_width") == 0.4
    changed = net.with_value("E->E.weight.width", 0.1).with_value("E->E.delay.speed", 3)
    assert changed.projections[0].weight == nb.kernels.DifferenceOfGaussians(2.0, 0.1, 1.0, 0.4, cutoff=0.9)
    assert changed.projections[0].delay == nb.ConductionDelay(3.0)
    assert changed.check() == []
    assert [p.where for p in net.with_value("E->E.weight.width", -0.1).check()] == ["E->E.weight.width"]


def test_what_such_a_number_means_is_told_to_labels_and_sliders():
    net = network(KERNELS[0], nb.ConductionDelay(2.0))
    width, speed, base = (net.describe(f"E->E.{p}") for p in ("weight.width", "delay.speed", "delay.base"))
    assert (width.symbol, width.unit, width.limits) == ("width", "", (0.0, None))
    assert (speed.symbol, speed.limits) == ("speed", (0.0, None))
    assert (base.symbol, base.unit) == ("base", "ms")
    assert net.describe("E->E.weight.amplitude").limits is None


def test_what_a_weight_stands_for_follows_from_its_kind_unless_it_is_said():
    usual = {0: "density", 4: "synapse", 6: "density"}
    for number, meaning in usual.items():
        assert network(KERNELS[number]).projections[0].weight_is == meaning
    assert network(2.0).projections[0].weight_is == "synapse"
    assert network(KERNELS[0], weight_is="synapse").projections[0].weight_is == "synapse"
    swapped = network(2.0).with_value("E->E.weight", KERNELS[0])
    assert swapped.projections[0].weight_is == "density"
    assert swapped.with_value("E->E.weight", 2.0) == network(2.0)
    assert network(2.0, weight_is="total").with_value("E->E.weight", 3.0).projections[0].weight_is == "total"


def test_all_that_is_wrong_is_said_at_once():
    weight = nb.kernels.DifferenceOfGaussians(np.nan, -1.0, 1.0, 0.0, cutoff=0)
    found = network(weight, nb.ConductionDelay(-1.0, base=-2.0), rule=nb.FixedInDegree(2)).check()
    places = ["weight", "weight.amplitude", "weight.width", "weight.surround_width", "weight.cutoff"]
    assert [p.where for p in found] == [f"E->E.{p}" for p in (*places, "delay.speed", "delay.base")]
    assert all(p.hint for p in found)


def test_weights_that_follow_from_distance_cannot_be_set_while_a_simulation_stands():
    sim = nb.Simulation(network(KERNELS[0]), 0.1)
    for path in ("E->E.weight", "E->E.weight.width"):
        with pytest.raises(nb.NbkitError) as caught:
            sim.set(path, 0.3)
        assert caught.value.code == "not-settable"
