"""Owns the tests of networks as values: paths, edits, JSON, time units."""

import json
import pickle
import warnings

import numpy as np
import pytest

import nbkit as nb


def network() -> nb.Network:
    population = nb.Population(
        nb.models.wilson_cowan, 3, parameters={"tau": nb.Uniform(8, 12)}, initial={"r": [0.1, 0.2, 0.3]}, label="<E>"
    )
    other = nb.Population(nb.models.wilson_cowan_inhibitory, 2)
    projections = [
        nb.Projection("E.r", "I.r_in", weight=np.arange(6.0).reshape(2, 3), delay="2 ms"),
        nb.Projection("E.r", "E.r_in", weight=nb.Normal(1.0, 0.1), delay=5, spread=1.0, name="self"),
    ]
    stimuli = [nb.Stimulus("E.r_ext", nb.Sine(1.0, 10.0)), nb.Stimulus("I.r_ext", nb.Recorded([1.0, 2.0], dt=1))]
    return nb.Network({"E": population, "I": other}, projections, stimuli)


def test_a_network_is_a_value():
    assert network() == network()
    assert hash(network()) == hash(network())
    assert network() != network().with_value("E.theta", 3.0)
    assert pickle.loads(pickle.dumps(network())) == network()  # noqa: S301  our own bytes
    with pytest.raises(ValueError, match="read-only"):
        network().value("E.r.initial")[0] = 9.0
    with pytest.raises(TypeError):
        network().populations["X"] = None


def test_later_changes_of_an_array_do_not_reach_the_network():
    weights = np.eye(2)
    net = nb.Network({"A": nb.Population(nb.models.leaky_integrator, 2)}, [nb.Projection("A.x", "A.u", weight=weights)])
    weights[0, 1] = 7.0
    assert net.value("A->A.weight")[0, 1] == 0.0


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("E.tau", nb.Uniform(8, 12)),
        ("E.tau.low", 8),
        ("E.theta", 2.0),
        ("E.size", 3),
        ("E->I.delay", "2 ms"),
        ("E->I.gain", 1.0),
        ("self.spread", 1.0),
        ("self.weight.mean", 1.0),
        ("E.r_ext.amplitude", 1.0),
        ("I.r_ext.dt", 1),
        ("I.r.initial", 0.0),
    ],
)
def test_a_path_names_a_value(path, value):
    assert network().value(path) == value
    assert path in network().paths() or path.count(".") > 1


def test_every_path_can_be_read_written_and_described():
    net = network()
    for path in net.paths():
        again = net.with_value(path, net.value(path))
        assert np.all(again.value(path) == net.value(path))
        assert again.check() == []
        about = net.describe(path)
        assert about.symbol
        assert about.meaning


@pytest.mark.parametrize(
    "path", ["E.tau", "E->I.gain", "E.r_ext.frequency", "E.r.initial", "E.tau.high", "E.size", "self.delay"]
)
def test_an_edit_changes_one_value_and_leaves_the_rest(path):
    before = network()
    after = before.with_value(path, 11)
    assert after.value(path) == 11
    assert before == network()
    assert [p for p in before.paths() if p in after.paths() and str(before.value(p)) != str(after.value(p))] in (
        [path],
        [path.rsplit(".", 1)[0], path],
        ["E.tau", path],
    )


@pytest.mark.parametrize(
    "path", ["E.tua", "E", "X.tau", "E->I", "E->I.size", "E.tau.middle", "E.theta.low", "E.r_ext.width", ""]
)
def test_an_unknown_path_is_refused_with_the_nearest(path):
    with pytest.raises(nb.NbkitError) as caught:
        network().value(path)
    assert caught.value.code == "unknown-path"
    assert "E.tau" in caught.value.hint


def test_json_has_the_names_of_the_constructors():
    document = json.loads(network().to_json())
    assert set(document) == {"format", "version", "time_unit", "populations", "projections", "stimuli"}
    assert document["populations"]["E"]["parameters"]["tau"] == {"law": "Uniform", "low": 8, "high": 12}
    assert document["populations"]["E"]["model"]["equations"] == nb.models.wilson_cowan.equations
    assert document["projections"][0]["weight"] == [[0, 1, 2], [3, 4, 5]]


def test_json_keeps_arrays_bit_for_bit_in_all_three_forms():
    weights = np.random.default_rng(0).normal(size=(40, 40))
    for size in (5, 20, 40):
        net = nb.Network(
            {"A": nb.Population(nb.models.leaky_integrator, size)},
            [nb.Projection("A.x", "A.u", weight=weights[:size, :size])],
        )
        arrays: dict[str, np.ndarray] = {}
        text = net.to_json(arrays)
        assert (len(arrays) == 1) == (size == 40)
        again = nb.Network.from_json(text, arrays)
        assert again.value("A->A.weight").tobytes() == weights[:size, :size].tobytes()


def test_all_problems_of_a_file_come_together():
    document = json.loads(network().to_json())
    document["populations"]["E"]["tau"] = 1
    document["projections"][0]["rule"] = {"rule": "SomeToSome"}
    del document["populations"]["I"]["size"]
    document["stimuli"][0]["signal"]["wave"] = 2
    with pytest.raises(nb.NbkitError) as caught:
        nb.Network.from_json(json.dumps(document))
    assert sorted(p.code for p in caught.value.problems) == ["bad-choice", "missing-key", "unknown-key", "unknown-key"]


def test_all_problems_of_a_network_come_together():
    bad = nb.Network(
        {
            "E": nb.Population(nb.models.wilson_cowan, 2.5, parameters={"tua": 1.0, "r_ext": 1.0, "theta": np.nan}),
            "F": nb.Population(nb.models.qif_mean_field, 3, initial={"q": 1.0}),
        },
        [nb.Projection("E.r", "G.r_in"), nb.Projection("E.theta", "E.r", delay=-1, history="often")],
        [nb.Stimulus("E.r_exc", nb.Step(1.0))],
    )
    with pytest.raises(nb.NbkitError) as caught:
        nb.simulate(bad, 10.0, -1.0, seed=-3, backend="quantum")
    assert {p.code for p in caught.value.problems} == {
        "unknown-backend",
        "bad-size",
        "unknown-parameter",
        "undeclared-input",
        "not-finite",
        "unknown-variable",
        "time-unit-mismatch",
        "unknown-population",
        "not-a-source",
        "not-an-input",
        "delay-negative",
        "bad-choice",
        "bad-seed",
        "bad-step",
    }


def test_a_network_shows_itself_with_its_text_escaped():
    shown = network()._repr_html_()
    assert "wilson_cowan" in shown
    net = nb.Network({"<script>": nb.Population(nb.models.leaky_integrator, 1)})
    assert "<script>" not in net._repr_html_()


# ---------------------------------------------------------------- time units


def leak(unit: str, **changes: object) -> nb.Network:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", nb.NbkitNote)
        return nb.Network(
            {"E": nb.Population(nb.models.leaky_integrator, 1, initial={"x": 1.0}, **changes)}, time_unit=unit
        )


def test_a_model_in_another_unit_has_its_defaults_converted_and_says_so():
    with pytest.warns(nb.NbkitNote, match="converted from ms to s"):
        net = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 1, initial={"x": 1.0})}, time_unit="s")
    assert net.value("E.tau") == 0.01
    assert net.describe("E.tau").unit == "s"
    seconds = nb.simulate(net, 0.05, 1e-4)["E.x"].to_numpy()
    np.testing.assert_allclose(seconds, nb.simulate(leak("ms"), 50.0, 0.1)["E.x"].to_numpy(), rtol=1e-13)


def test_typed_numbers_are_never_converted():
    typed = nb.simulate(leak("s", parameters={"tau": 0.02}), 0.05, 1e-4)["E.x"].to_numpy()
    np.testing.assert_allclose(
        typed, nb.simulate(leak("ms", parameters={"tau": 20.0}), 50.0, 0.1)["E.x"].to_numpy(), rtol=1e-13
    )


def test_equations_without_a_time_constant_keep_their_own_unit():
    model = nb.Model("decay", "dx/dt = -0.1*x", states={"x": 1.0}, time_unit="ms")
    with pytest.warns(nb.NbkitNote):
        net = nb.Network({"E": nb.Population(model, 1)}, time_unit="s")
    assert float(nb.simulate(net, 0.01, 1e-3)["E.x"][-1, 0]) == pytest.approx(0.9**10)


def test_text_with_a_unit_is_converted():
    a = nb.simulate(leak("ms"), "0.05 s", "100 us")["E.x"].to_numpy()
    assert a.tobytes() == nb.simulate(leak("ms"), 50.0, 0.1)["E.x"].to_numpy().tobytes()


def test_a_dimensionless_model_needs_a_time_scale_in_physical_time():
    model = nb.Model("decay", "dx/dt = -x", states={"x": 1.0}, time_unit="1")
    assert [p.code for p in nb.Network({"E": nb.Population(model, 1)}).check()] == ["time-unit-mismatch"]
    scaled = nb.Network({"E": nb.Population(model, 1, time_scale="10 ms")})
    assert float(nb.simulate(scaled, 10.0, 1.0)["E.x"][-1, 0]) == pytest.approx(0.9**10)
    assert nb.Network({"E": nb.Population(model, 1)}, time_unit="1").check() == []


def test_a_frequency_is_in_hertz_where_time_is_physical():
    model = nb.Model("through", "dx/dt = -x\n y = u", states={"x": 0.0}, inputs={"u": 0.0}, time_unit="1")
    for unit, scale, duration, dt in (("ms", "1 ms", 100.0, 1.0), ("s", "1 s", 0.1, 1e-3), ("1", None, 0.1, 1e-3)):
        net = nb.Network(
            {"A": nb.Population(model, 1, time_scale=scale)},
            stimuli=[nb.Stimulus("A.u", nb.Sine(1.0, 10.0))],
            time_unit=unit,
        )
        y = nb.simulate(net, duration, dt, record=["A.y"])["A.y"][:, 0].to_numpy()
        np.testing.assert_allclose(y, np.sin(2 * np.pi * np.arange(101) / 100), atol=1e-12)
