"""Owns the tests of balanced weights, tables of weights and benchmark sources."""

import numpy as np
import pytest

import nbkit as nb

SIZE = 1000


def weights(law: nb.Balanced, rule: object = None, seed: int = 0) -> np.ndarray:
    population = nb.Population(nb.models.leaky_integrator, SIZE)
    rule = rule or nb.FixedInDegree(100, autapses=False, multapses=False)
    net = nb.Network({"E": population}, [nb.Projection("E.x", "E.u", weight=law, rule=rule)])
    assert nb.Network.from_json(net.to_json()) == net
    (coupling,) = nb.Simulation(net, dt=0.1, seed=seed).program.couplings
    made = coupling.weights
    return made if isinstance(made, np.ndarray) else made.toarray()


@pytest.mark.parametrize(("mean", "expected"), [(0.0, 1.0), (1.0, 5.0), (2.0, 17.0)])
@pytest.mark.parametrize("rule", [None, nb.AllToAll()])
def test_the_variance_of_the_input_is_the_one_that_is_stated(mean, expected, rule):
    law = nb.Balanced(fraction=0.8, mean=mean, standard_deviation=1.0)
    assert law.input_variance(SIZE) == pytest.approx(expected)
    got = weights(law, rule)
    sources = np.random.default_rng(1).normal(size=(SIZE, 400))
    # with a fixed in-degree each unit misses 9 sources in 10; the mean over units and samples is what is stated
    assert (got @ sources).var() == pytest.approx(expected, rel=0.08)


def test_excitation_and_inhibition_cancel_on_average():
    got = weights(nb.Balanced(fraction=0.8, mean=1.0, standard_deviation=0.5))
    assert abs(got.sum(axis=1).mean()) < 0.2
    assert got[:, :800].sum() > 0 > got[:, 800:].sum()


def test_the_number_of_excitatory_sources_is_rounded_not_cut():
    assert nb.Balanced(0.29, 1.0, 1.0).excitatory(100) == 29  # 0.29 * 100 is 28.999... in binary
    assert nb.Balanced(0.57, 1.0, 1.0).excitatory(100) == 57


def test_dales_law_is_kept_on_request():
    free = weights(nb.Balanced(fraction=0.8, mean=1.0, standard_deviation=1.0))
    kept = weights(nb.Balanced(fraction=0.8, mean=1.0, standard_deviation=1.0, dale=True))
    assert (free[:, :800] < 0).sum() / (free[:, :800] != 0).sum() == pytest.approx(0.16, abs=0.01)
    assert (kept[:, :800] >= 0).all()
    assert (kept[:, 800:] <= 0).all()


def test_equal_seeds_give_equal_weights_and_no_other_generator_matters():
    law = nb.Balanced(0.8, 1.0, 1.0)
    np.random.seed(5)  # noqa: NPY002  the global generator must not matter
    first = weights(law, seed=3)
    assert weights(law, seed=3).tobytes() == first.tobytes()
    assert not np.array_equal(weights(law, seed=4), first)


def test_weights_are_read_from_a_table(tmp_path):
    path = tmp_path / "w.csv"
    path.write_text("a,b\n0,1.5\n\n-2e-1,0\n", encoding="utf-8")
    assert nb.read_weights(path).tolist() == [[0.0, 1.5], [-0.2, 0.0]]


@pytest.mark.parametrize("text", ["", "a,b\n", "1,2\n3\n", "1,2\n3,x\n"])
def test_a_table_that_is_none_is_refused_with_its_line(text, tmp_path):
    path = tmp_path / "w.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(nb.NbkitError) as caught:
        nb.read_weights(path)
    assert caught.value.code == "bad-table"


# ---------------------------------------------------------------- sources


def test_flows_have_their_fixed_points():
    c = np.sqrt(8 / 3 * 27)
    resting = nb.sources.lorenz(2.0, 0.01, start=(c, c, 27.0)).array
    np.testing.assert_allclose(resting, np.tile([c, c, 27.0], (201, 1)), atol=1e-9)
    q = np.sqrt(5.7**2 - 4 * 0.04)
    x = (5.7 - q) / 2
    resting = nb.sources.rossler(1.0, 0.01, start=(x, -x / 0.2, x / 0.2)).array
    np.testing.assert_allclose(resting[-1], resting[0], atol=1e-9)


def test_the_runge_kutta_of_flows_has_order_four():
    exact = nb.sources.lorenz(0.5, 1 / 8192).array[-1]
    steps = np.array([1 / 256, 1 / 512, 1 / 1024])
    errors = [np.abs(nb.sources.lorenz(0.5, h).array[-1] - exact).max() for h in steps]
    assert np.polyfit(np.log(steps), np.log(errors), 1)[0] == pytest.approx(4.0, abs=0.3)


def test_maps_follow_their_recursions():
    x = nb.sources.logistic(50.0, 1.0).array
    np.testing.assert_allclose(x[1:], 4 * x[:-1] * (1 - x[:-1]))
    np.testing.assert_allclose(x[:20], np.sin(2.0 ** np.arange(20) * np.arcsin(np.sqrt(0.2))) ** 2, atol=1e-8)
    h = nb.sources.henon(500.0, 1.0).array
    np.testing.assert_allclose(h[1:, 0], 1 - 1.4 * h[:-1, 0] ** 2 + h[:-1, 1])
    assert h[100:, 0].std() > 0.5


def test_mackey_glass_rests_or_is_chaotic_by_its_delay():
    """The rest state 1 of (0.2, 0.1, 10) loses stability at a delay of 4.708."""
    calm = nb.sources.mackey_glass(2000.0, 0.1, delay=4.0).array
    wild = nb.sources.mackey_glass(2000.0, 0.1, delay=17.0).array
    np.testing.assert_allclose(calm[-100:], 1.0, atol=1e-3)
    assert wild[-5000:].std() > 0.15


def test_narma_is_its_recursion_and_its_seed():
    u, y = nb.sources.narma(200.0, 1.0, seed=3)
    k = 57
    expected = 0.3 * y[k] + 0.05 * y[k] * y[k - 9 : k + 1].sum() + 1.5 * u.array[k - 9] * u.array[k] + 0.1
    assert y[k + 1] == pytest.approx(expected)
    again, _ = nb.sources.narma(200.0, 1.0, seed=3)
    assert np.array_equal(u.array, again.array)


def test_a_source_drives_a_network():
    population = nb.Population(nb.models.leaky_integrator, 3)
    signal = nb.sources.lorenz(20.0, 0.1, speed=0.1)
    net = nb.Network({"E": population}, stimuli=[nb.Stimulus("E.u", signal)])
    assert float(nb.simulate(net, 20.0, 0.1)["E.x"].std()) > 0.1
