"""Owns the proof that NumPy's loop over steps makes no rows of its own: everything it writes is there before."""

import tracemalloc

import numpy as np
import pytest

import nbkit as nb
from nbkit.compile.compiler import compile_network
from nbkit.run import numpy_source, sparse
from nbkit.run.stepper import Stepper

UNITS, STEPS = 20_000, 200


def rates(delay: float = 0.0, **made: object) -> nb.Network:
    population = nb.Population(nb.models.wilson_cowan, UNITS, initial={"r": nb.Uniform(0, 0.5)})
    projection = nb.Projection("E.r", "E.r_in", delay=delay, **made)
    return nb.Network({"E": population}, [projection], [nb.Stimulus("E.r_ext", nb.Sine(1.0, 20.0))])


def field() -> nb.Network:
    sheet = nb.Population(nb.models.neural_field, size=(63, 63), extent=1.0)
    kernel = nb.kernels.DifferenceOfGaussians(0.4, 0.1, 0.2, 0.5)
    return nb.Network({"F": sheet}, [nb.Projection("F.r", "F.lateral", weight=kernel)])


CASES = {
    "sparse": lambda: rates(weight=0.1, rule=nb.FixedInDegree(4)),
    "sparse, delayed": lambda: rates(2.0, weight=0.1, rule=nb.FixedInDegree(4)),
    "uniform": lambda: rates(weight=0.1 / UNITS),
    "one-to-one": lambda: rates(weight=0.1, rule=nb.OneToOne()),
    "separable": field,
}


def most_bytes(stepper: Stepper) -> int:
    """The most that many steps hold at once beyond what was there before."""
    executor, block = stepper.executor, stepper.program.block
    executor.block(0, 0)
    executor.steps(0, 0, block, 0)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(-(-STEPS // block)):
        executor.block(0, 0)
        executor.steps(0, 0, block, 0)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most - before


@pytest.mark.parametrize("name", CASES)
def test_steps_make_no_row(name):
    program = compile_network(CASES[name](), 0.1)
    row = 8 * sum(population.count for population in program.network.populations.values())
    assert most_bytes(Stepper(program)) < row / 2


def test_a_product_that_makes_rows_is_seen(monkeypatch):
    monkeypatch.setattr(sparse, "quickest", lambda: None)
    stepper = Stepper(compile_network(CASES["sparse"](), 0.1))
    assert numpy_source.product_into is sparse.product_into
    assert most_bytes(stepper) >= 8 * UNITS


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("delay", [0.0, 2.0])
def test_both_products_of_sparse_weights_give_the_same_bits(monkeypatch, precision, delay):
    found = []
    for quickest in (sparse.quickest, lambda: None):
        monkeypatch.setattr(sparse, "quickest", quickest)
        population = nb.Population(nb.models.wilson_cowan, 50, initial={"r": nb.Uniform(0, 0.5)})
        weight = nb.Normal(0.0, 0.3)
        projection = nb.Projection("E.r", "E.r_in", weight=weight, rule=nb.FixedInDegree(4), delay=delay)
        stepper = Stepper(compile_network(nb.Network({"E": population}, [projection]), 0.1), precision=precision)
        stepper.run(200)
        found.append(stepper.present(stepper.program.variables["E.r"]).copy())
    assert np.ptp(found[0]) > 0
    np.testing.assert_array_equal(*found)
