"""Owns the law of models: every shipped model does what its own printed equations say."""

import dataclasses

import numpy as np
import pytest

import nbkit as nb
from nbkit.compile.sampling import evaluate
from nbkit.model.functions import CONSTANTS, FUNCTIONS, OPERATIONS


@pytest.mark.parametrize("name", nb.models.names())
def test_a_shipped_model_equals_its_printed_equations(name):
    model = getattr(nb.models, name)
    text = "\n".join(e.text for e in model.lines)
    again = dataclasses.replace(model, equations=text)
    assert [(e.target, e.factor, e.right) for e in again.lines] == [(e.target, e.factor, e.right) for e in model.lines]
    rng = np.random.default_rng(1)
    size, dt = 5, 0.01
    start = {key: state.initial + rng.uniform(0.05, 0.5, size) for key, state in model.states.items()}
    drive = {key: float(rng.uniform(-1, 1)) for key in model.inputs}
    net = nb.Network(
        {"P": nb.Population(model, size, initial=start)},
        stimuli=[nb.Stimulus(f"P.{key}", nb.Step(value)) for key, value in drive.items()],
        time_unit=model.time_unit,
    )
    ds = nb.simulate(net, dt, dt, record=[f"P.{v}" for v in model.variables], method="euler")
    known = dict(start) | drive | {key: p.default for key, p in model.parameters.items()}
    for key, line in again.algebraic.items():
        known[key] = evaluate(line.right, known)
        np.testing.assert_allclose(ds[f"P.{key}"][0], np.broadcast_to(known[key], size), rtol=1e-13)
    for key, line in again.differential.items():
        factor = evaluate(line.factor, known) if line.factor else 1.0
        np.testing.assert_allclose(
            ds[f"P.{key}"][1], start[key] + dt * evaluate(line.right, known) / factor, rtol=1e-13
        )


@pytest.mark.parametrize("name", nb.models.names())
def test_a_shipped_model_says_what_it_means_and_where_it_is_from(name):
    model = getattr(nb.models, name)
    assert model.name == name
    assert model.source
    assert all(p.meaning for p in model.parameters.values())
    assert all(s.meaning for s in model.states.values())


def test_the_wilson_cowan_origin_is_a_fixed_point():
    """Why a tutorial that starts there shows nothing."""
    net = nb.Network(
        {"E": nb.Population(nb.models.wilson_cowan, 10)},
        [nb.Projection("E.r", "E.r_in", weight=15.0)],
    )
    assert float(np.abs(nb.simulate(net, 100.0, 0.1)["E.r"]).max()) == 0.0


@pytest.mark.parametrize("name", [row.name for row in OPERATIONS.values() if row.numpy])
def test_every_operation_computes_what_numpy_does(name):
    """Each row of the table, through the whole road: text, program, executor."""
    row = OPERATIONS[name]
    arguments = ["a", "b"][: row.arity]
    model = nb.Model(
        "m",
        f"dx/dt = {row.text.format(*arguments)} + x - x + 0*(a + b)",
        states={"x": 0.0},
        parameters={"a": 0.3, "b": 0.7},
        time_unit="1",
    )
    a, b = np.array([0.2, 0.5, 0.9]), np.array([0.6, 0.5, 0.1])
    net = nb.Network({"P": nb.Population(model, 3, parameters={"a": a, "b": b})}, time_unit="1")
    got = nb.simulate(net, 1.0, 1.0)["P.x"][1].to_numpy()
    expected = np.asarray(getattr(np, row.numpy)(*[a, b][: row.arity]), dtype=float)
    np.testing.assert_allclose(got, expected, rtol=1e-15, atol=1e-16)


def test_the_table_of_functions_has_no_holes():
    for row in OPERATIONS.values():
        assert row.text.count("{") >= row.arity
        assert row.latex
        assert bool(row.expands) != bool(row.numpy and row.c), f"{row.name} is either shorthand or an operation"
    assert set(FUNCTIONS) <= set(OPERATIONS)
    assert set(CONSTANTS).isdisjoint(OPERATIONS)


def test_hodgkin_huxley_is_finite_where_its_textbook_rates_are_zero_over_zero():
    at = np.array([-40.0, -55.0])
    net = nb.Network({"P": nb.Population(nb.models.hodgkin_huxley, 2, initial={"V": at})})
    near = nb.Network({"P": nb.Population(nb.models.hodgkin_huxley, 2, initial={"V": at + 1e-7})})
    runs = [nb.simulate(each, 0.05, 0.01)["P.V"].to_numpy() for each in (net, near)]
    assert np.isfinite(runs[0]).all()
    np.testing.assert_allclose(runs[0], runs[1], atol=1e-5)


def test_shorthand_means_what_its_name_says():
    model = nb.Model(
        "m",
        "dx/dt = sigmoid(a)\n dy/dt = positive_part(a)",
        states={"x": 0.0, "y": 0.0},
        parameters={"a": 0.0},
        time_unit="1",
    )
    a = np.array([-2.0, 0.0, 3.0])
    ds = nb.simulate(nb.Network({"P": nb.Population(model, 3, parameters={"a": a})}, time_unit="1"), 1.0, 1.0)
    np.testing.assert_allclose(ds["P.x"][1], 1 / (1 + np.exp(-a)), rtol=1e-15)
    np.testing.assert_allclose(ds["P.y"][1], [0.0, 0.0, 3.0])
