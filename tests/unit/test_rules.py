"""Owns the tests of connection rules: degrees, autapses, multapses, chance, and cost."""

import time
import tracemalloc

import numpy as np
import pytest
from scipy import sparse, stats

import nbkit as nb
from nbkit.network.distinct import distinct_below
from nbkit.network.rules import RULES, Ends, Rule

ENDS = Ends(6, 5, same=False)
OWN = Ends(6, 6, same=True)
FREE = {
    "AllToAll": nb.AllToAll(),
    "OneToOne": nb.OneToOne(),
    "FixedTotalNumber": nb.FixedTotalNumber(12),
    "FixedInDegree": nb.FixedInDegree(3),
    "FixedOutDegree": nb.FixedOutDegree(3),
    "Bernoulli": nb.Bernoulli(0.4),
    "SymmetricBernoulli": nb.SymmetricBernoulli(0.4),
    "Explicit": nb.Explicit([0, 4, 4], [5, 1, 1]),
}
STRICT = {
    "AllToAll": nb.AllToAll(autapses=False),
    "FixedTotalNumber": nb.FixedTotalNumber(12, autapses=False, multapses=False),
    "FixedInDegree": nb.FixedInDegree(3, autapses=False, multapses=False),
    "FixedOutDegree": nb.FixedOutDegree(3, autapses=False, multapses=False),
    "Bernoulli": nb.Bernoulli(0.4, autapses=False),
    "SymmetricBernoulli": nb.SymmetricBernoulli(0.4),
}


def drawn(rule: Rule, ends: Ends, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    assert rule.fault(ends) == ""
    return rule.pairs(np.random.default_rng(seed), ends)


def test_every_rule_is_here():
    assert set(FREE) == set(RULES)


@pytest.mark.parametrize("name", FREE)
def test_connections_stay_inside_the_populations(name):
    ends = OWN if name in ("OneToOne", "SymmetricBernoulli") else ENDS
    for seed in range(50):
        targets, sources = drawn(FREE[name], ends, seed)
        assert len(targets) == len(sources)
        assert ((targets >= 0) & (targets < ends.post)).all()
        assert ((sources >= 0) & (sources < ends.pre)).all()


@pytest.mark.parametrize("name", STRICT)
def test_no_autapses_and_no_multapses_where_none_are_wanted(name):
    for seed in range(50):
        targets, sources = drawn(STRICT[name], OWN, seed)
        assert (targets != sources).all()
        assert len(set(zip(targets, sources, strict=True))) == len(targets)


@pytest.mark.parametrize("name", STRICT)
def test_autapses_matter_only_within_one_population(name):
    if name != "SymmetricBernoulli":
        pairs = set()
        for seed in range(200):
            pairs |= set(zip(*drawn(STRICT[name], Ends(6, 6, same=False), seed), strict=True))
        assert len(pairs) == 36


def test_degrees_are_what_their_names_say():
    for rules in (FREE, STRICT):
        targets, _ = drawn(rules["FixedInDegree"], OWN)
        assert np.bincount(targets, minlength=6).tolist() == [3] * 6
        targets, sources = drawn(rules["FixedOutDegree"], OWN)
        assert np.bincount(sources, minlength=6).tolist() == [3] * 6
        assert (np.diff(targets) >= 0).all()
        assert len(drawn(rules["FixedTotalNumber"], OWN)[0]) == 12


def test_symmetric_connections_go_both_ways():
    for seed in range(50):
        pairs = set(zip(*drawn(nb.SymmetricBernoulli(0.5), OWN, seed), strict=True))
        assert pairs == {(b, a) for a, b in pairs}


def test_symmetric_pairs_are_found_in_large_populations():
    targets, sources = drawn(nb.SymmetricBernoulli(1.0), Ends(700, 700, same=True))
    assert len(set(zip(targets.tolist(), sources.tolist(), strict=True))) == 700 * 699


@pytest.mark.parametrize(
    "name", ["FixedTotalNumber", "FixedInDegree", "FixedOutDegree", "Bernoulli", "SymmetricBernoulli"]
)
@pytest.mark.parametrize("rules", [FREE, STRICT], ids=["free", "strict"])
def test_every_pair_is_equally_likely(name, rules):
    counts = np.zeros((6, 6))
    for seed in range(3000):
        np.add.at(counts, drawn(rules[name], OWN, seed), 1)
    free = counts[~np.eye(6, dtype=bool)] if rules is STRICT or name == "SymmetricBernoulli" else counts.ravel()
    expected = free.mean()
    if name == "SymmetricBernoulli":
        free = counts[np.tril_indices(6, -1)]
    assert stats.chisquare(free).pvalue > 1e-3
    assert expected > 100


def test_a_probability_gives_the_binomial_number_of_connections():
    numbers = [len(drawn(nb.Bernoulli(0.4), ENDS, seed)[0]) for seed in range(3000)]
    assert np.mean(numbers) == pytest.approx(12, abs=0.3)
    assert np.var(numbers) == pytest.approx(30 * 0.4 * 0.6, rel=0.1)


@pytest.mark.parametrize("count", [0, 1, 5, 9, 10])
def test_distinct_numbers_are_distinct_and_fair(count):
    numbers = distinct_below(np.random.default_rng(0), 20_000, count, 10)
    assert numbers.shape == (20_000, count)
    assert (np.diff(numbers, axis=1) > 0).all()
    if 0 < count < 10:
        assert stats.chisquare(np.bincount(numbers.ravel(), minlength=10)).pvalue > 1e-3


def test_a_full_row_does_not_hang():
    rule = nb.FixedInDegree(399, autapses=False, multapses=False)
    targets, _ = drawn(rule, Ends(400, 400, same=True))
    assert np.bincount(targets).tolist() == [399] * 400


def test_two_million_connections_cost_what_they_are():
    population = nb.Population(nb.models.leaky_integrator, 10_000)
    rule = nb.FixedTotalNumber(2_000_000, autapses=False, multapses=False)
    net = nb.Network({"E": population}, [nb.Projection("E.x", "E.u", rule=rule, weight=nb.Normal(0, 1))])
    tracemalloc.start()
    begin = time.perf_counter()
    targets, sources = rule.pairs(np.random.default_rng(0), Ends(10_000, 10_000, same=True))
    seconds, (_, peak) = time.perf_counter() - begin, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(targets) == len(sources) == 2_000_000
    assert peak < 100e6
    assert seconds < 3  # about 0.2 on a calm machine
    sim = nb.Simulation(net, dt=0.1)
    assert [c.plan for c in sim.program.couplings] == ["sparse"]
    assert np.isfinite(sim.run(0.5)["E.x"]).all()


def leak(weight: object, **keywords: object) -> nb.Network:
    population = nb.Population(nb.models.leaky_integrator, 100, initial={"x": nb.Normal(0, 1)})
    return nb.Network({"E": population}, [nb.Projection("E.x", "E.u", weight=weight, **keywords)])


@pytest.mark.parametrize("delay", [0.0, 0.3, 2.0])
def test_a_sparse_matrix_of_scipy_equals_the_dense_one(delay):
    dense = np.where(np.random.default_rng(1).random((100, 100)) < 0.02, 1.5, 0.0)
    expected = nb.simulate(leak(dense, delay=delay), 20.0, 0.1)["E.x"]
    for kind in (sparse.csr_array, sparse.csc_matrix, sparse.coo_array):
        net = leak(kind(dense), delay=delay)
        assert net.check() == []
        assert nb.Network.from_json(net.to_json()) == net
        sim = nb.Simulation(net, dt=0.1)
        assert sim.program.couplings[0].plan == "sparse"
        np.testing.assert_allclose(sim.run(20.0)["E.x"], expected, rtol=1e-12, atol=1e-14)


def test_a_labelled_matrix_is_turned_by_its_labels():
    xr = pytest.importorskip("xarray")
    dense = np.random.default_rng(1).random((100, 100))
    turned = xr.DataArray(dense.T, dims=("pre", "post"))
    assert leak(turned) == leak(dense)


def test_a_single_connection_can_be_changed_by_hand():
    rule = nb.Explicit(sources=[0, 1, 1], targets=[2, 0, 0])
    model = nb.Model("probe", "dx/dt = -x\n y = u", states={"x": 0.0}, inputs={"u": 0.0})
    population = nb.Population(model, 3, initial={"x": [3.0, 5.0, 7.0]})
    projection = nb.Projection("A.x", "A.u", rule=rule, weight=[1.0, 10.0, 100.0], delay=[1.0, 0.0, 2.0])
    ds = nb.simulate(nb.Network({"A": population}, [projection]), 3.0, 1.0, record=["A.y", "A.x"])
    assert ds["A.y"][0].to_numpy().tolist() == [550.0, 0.0, 3.0]
    assert ds["A.y"][1].to_numpy().tolist() == [500.0, 0.0, 3.0]
    assert ds["A->A.realised_delay"].to_numpy().tolist() == [1.0, 0.0, 2.0]


def test_drawn_delays_are_rounded_half_up_and_stored():
    net = leak(0.1, rule=nb.FixedInDegree(10), delay=nb.Uniform(0.0, 1.0))
    ds = nb.simulate(net, 1.0, 0.1, seed=3)
    realised = ds["E->E.realised_delay"].to_numpy()
    assert realised.size == 1000
    assert set(np.rint(realised / 0.1)) == set(range(11))
    edge = np.mean(np.rint(realised / 0.1) == 0)
    assert edge == pytest.approx(0.05, abs=0.03)  # [0, 0.05) of [0, 1)


@pytest.mark.parametrize(
    ("delay", "code"), [([[0.25] * 3] * 3, "delay-off-grid"), ([[0.05] * 3] * 3, "delay-below-step")]
)
def test_given_delays_must_fit_the_grid(delay, code):
    net = nb.Network(
        {"A": nb.Population(nb.models.leaky_integrator, 3)}, [nb.Projection("A.x", "A.u", delay=np.array(delay))]
    )
    with pytest.raises(nb.NbkitError) as caught:
        nb.simulate(net, 1.0, 0.1)
    assert caught.value.code == code


def test_delays_of_single_connections_are_checked():
    population = {"A": nb.Population(nb.models.leaky_integrator, 3)}
    for delay, spread, code in (
        (nb.Normal(1, 1), None, "delay-negative"),
        (nb.Uniform(1, 2), 0.5, "bad-spread"),
        (np.ones((2, 3)), None, "weight-shape"),
        (np.full((3, 3), np.nan), None, "not-finite"),
    ):
        net = nb.Network(population, [nb.Projection("A.x", "A.u", delay=delay, spread=spread)])
        assert code in [p.code for p in net.check()]
