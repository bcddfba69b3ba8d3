"""Law: an edit that asks for values alone leads to the same run as a network that had them from the start."""

import numpy as np
import pytest

import nbkit as nb
from nbkit.compile.edits import edit_between


def net(**parameters):
    unit = nb.Population(nb.models.wilson_cowan, 4, {"tau": 8.0, **parameters}, {"r": 0.2}, label="one")
    weights = np.arange(16.0).reshape(4, 4) / 8
    return nb.Network(
        {"E": unit}, [nb.Projection("E.r", "E.r_in", weight=weights, delay=1.0)], [nb.Stimulus("E.r_ext", nb.Step(1.0))]
    )


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("E.tau", 9.0), ("E->E.gain", 2.0), ("E.r_ext.amplitude", 0.3), ("E.r_ext.start", 2.0),
        ("E->E.weight", np.arange(16.0)[::-1].reshape(4, 4) / 8),
    ],
)  # fmt: skip
def test_values_are_set_where_the_simulation_stands(path, value):
    new = net().with_value(path, value)
    simulation = nb.Simulation(net(), 0.1)
    edit = edit_between(simulation.program, new)
    assert edit.kind == "values"
    for where, held in edit.values:
        simulation.set(where, held)
    np.testing.assert_array_equal(simulation.run(20.0)["E.r"], nb.simulate(new, 20.0, 0.1)["E.r"])


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("E->E.delay", 2.0, "E->E.delay 1 → 2 ms"),
        ("E.size", 5, "E: 4 → 5 units"),
        ("E.tau", nb.Uniform(8, 9), "E.tau 8 → Uniform"),
        ("E.tau", np.arange(4.0) + 8, "E.tau 8 → "),
        ("E.r.initial", 0.3, "E.r.initial 0.2 → 0.3"),
        ("E->E.weight", 1.0, None),
    ],
)
def test_what_cannot_be_set_is_built_again(path, value, reason):
    program = nb.Simulation(net(), 0.1).program
    edit = edit_between(program, net().with_value(path, value))
    if reason is None:
        assert edit.kind == "values"
    else:
        assert edit.kind == "rebuild"
        assert edit.reasons[0].startswith(reason)


def test_labels_ask_for_nothing():
    program = nb.Simulation(net(), 0.1).program
    unit = nb.Population(nb.models.wilson_cowan, 4, {"tau": 8.0}, {"r": 0.2}, label="two")
    assert edit_between(program, nb.Network({"E": unit}, net().projections, net().stimuli)).kind == "nothing"
    assert edit_between(program, net()).kind == "nothing"


def test_the_network_with_the_values_of_now_is_what_counts():
    program = nb.Simulation(net(), 0.1).program
    now = net().with_value("E.tau", 9.0)
    assert edit_between(program, net(), now).values == (("E.tau", 8.0),)
    assert edit_between(program, now, now).kind == "nothing"
