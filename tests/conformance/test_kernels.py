"""Owns the law of kernels: every plan equals the matrix of weights that a slow loop over pairs of units finds."""

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

import nbkit as nb
from nbkit.compile import fields

DT = 0.5
PROBE = nb.Model(
    "probe",
    "tau*dx/dt = -x + tanh(u)\n y = u",
    states={"x": 0.0},
    inputs={"u": 0.0},
    parameters={"tau": 5.0},
)
FAR = nb.kernels.Exponential(0.7, 0.25, cutoff=1.07)
FORMULAS: dict[str, tuple[object, Callable[[float], float]]] = {
    "gaussian": (nb.kernels.Gaussian(1.5, 0.2), lambda d: 1.5 * math.exp(-d * d / 0.08)),
    "difference": (
        nb.kernels.DifferenceOfGaussians(2.0, 0.15, 1.0, 0.4),
        lambda d: 2.0 * math.exp(-d * d / 0.045) - math.exp(-d * d / 0.32),
    ),
    "exponential": (nb.kernels.Exponential(0.7, 0.25), lambda d: 0.7 * math.exp(-d / 0.25)),
    "hat": (nb.kernels.MexicanHat(1.1, 0.2), lambda d: 1.1 * (1 - d * d / 0.04) * math.exp(-d * d / 0.08)),
    "expression": (nb.Expression("cos(9*d)/(1 + d)"), lambda d: math.cos(9 * d) / (1 + d)),
    "cut gaussian": (nb.kernels.Gaussian(1.5, 0.2, cutoff=0.31), lambda d: 1.5 * math.exp(-d * d / 0.08) * (d <= 0.31)),
    "cut far out": (FAR, lambda d: 0.7 * math.exp(-d / 0.25) * (d <= 1.07)),
    "cut hat": (
        nb.kernels.MexicanHat(1.1, 0.2, cutoff=0.47),
        lambda d: 1.1 * (1 - d * d / 0.04) * math.exp(-d * d / 0.08) * (d <= 0.47),
    ),
}
GRIDS = {
    "line, odd": ((11,), (11,)),
    "line, even": ((12,), (12,)),
    "line onto a finer one": ((9,), (6,)),
    "sheet": ((5, 7), (5, 7)),
    "sheet, even": ((6, 8), (6, 8)),
    "sheet onto a finer one": ((6, 9), (4, 6)),
    "sheet onto a coarser one": ((3, 4), (6, 8)),
    "one unit": ((1,), (1,)),
}


def axis(to: int, of: int, length: float, i: int, j: int, *, ring: bool) -> float:
    """The distance along one axis between the middles of cells i and j of two grids."""
    apart = abs(Fraction(2 * i + 1, 2 * to) - Fraction(2 * j + 1, 2 * of))
    return float((min(apart, 1 - apart) if ring else apart) * Fraction(length))


def slow_matrix(net: nb.Network, formula: Callable[[float], float], *, twins: bool, density: bool) -> np.ndarray:
    """One weight for every pair of units, (post, pre), pair by pair."""
    post, pre = net.populations["B" if "B" in net.populations else "A"], net.populations["A"]
    ring = post.edges == "periodic"
    lengths = post.grid.extent
    cell = math.prod(length / n for length, n in zip(lengths, pre.shape, strict=True)) if density else 1.0
    made = np.zeros((post.count, pre.count))
    for i, to in enumerate(np.ndindex(post.shape)):
        for j, of in enumerate(np.ndindex(pre.shape)):
            parts = [
                axis(n, m, length, a, b, ring=ring)
                for n, m, length, a, b in zip(post.shape, pre.shape, lengths, to, of, strict=True)
            ]
            if twins or i != j:
                made[i, j] = formula(math.hypot(*parts)) * cell
    return made


def network(shapes: tuple, weight: object, edges: str = "open", **keywords: object) -> nb.Network:
    """A projection between two grids, or within one if both have the same shape."""
    post, pre = shapes
    extent = (1.5,) if len(pre) == 1 else (1.0, 1.6)
    values = np.random.default_rng(3).normal(size=pre)
    populations = {"A": nb.Population(PROBE, pre, initial={"x": values}, extent=extent, edges=edges)}
    target = "A"
    if post != pre:
        target = "B"
        populations["B"] = nb.Population(PROBE, post, extent=extent, edges=edges)
    return nb.Network(populations, [nb.Projection("A.x", f"{target}.u", weight=weight, name="p", **keywords)])


def plans(net: nb.Network) -> list[str]:
    """Every plan that can stand for the kernel."""
    return sorted(fields.costs(fields.places_of(net, net.projections[0])))


def sums(net: nb.Network, plan: str | None, monkeypatch: pytest.MonkeyPatch, **keywords: object) -> np.ndarray:
    """What arrives at every unit in the first step, by this plan."""
    with monkeypatch.context() as patch:
        if plan:
            patch.setattr(fields, "choose", lambda _: plan)
        sim = nb.Simulation(net, dt=DT, **keywords)
    if plan:
        assert [c.plan for c in sim.program.couplings] == [plan]
    target = net.projections[0].target.split(".")[0]
    return sim.run(DT, record=[f"{target}.y"])[f"{target}.y"].to_numpy()[0].reshape(-1)


def compare(got: np.ndarray, matrix: np.ndarray, net: nb.Network, tolerance: float) -> None:
    values = np.asarray(net.populations["A"].initial["x"]).reshape(-1)
    largest = (np.abs(matrix) @ np.abs(values)).max()
    np.testing.assert_allclose(got, matrix @ values, rtol=0, atol=tolerance * largest)


@pytest.mark.parametrize("kernel", FORMULAS)
@pytest.mark.parametrize("shapes", GRIDS)
@pytest.mark.parametrize("edges", ["open", "periodic"])
def test_every_plan_equals_the_matrix_of_a_slow_loop(kernel, shapes, edges, monkeypatch):
    weight, formula = FORMULAS[kernel]
    for twins in (True, False):
        net = network(GRIDS[shapes], weight, edges, rule=nb.AllToAll(autapses=twins))
        matrix = slow_matrix(net, formula, twins=twins or "B" in net.populations, density=True)
        for plan in plans(net):
            compare(sums(net, plan, monkeypatch), matrix, net, 1e-12)
            compare(sums(net, plan, monkeypatch, precision="float32"), matrix, net, 1e-5)
        compare(sums(net, None, monkeypatch), matrix, net, 1e-12)


def test_no_plan_runs_a_kernel_without_a_finite_weight(monkeypatch):
    for weight in (nb.kernels.Gaussian(1.0, 1e-200), nb.kernels.DifferenceOfGaussians(1.0, 0.1, 1.0, 1e-170)):
        net = network(GRIDS["sheet"], weight)
        for plan in plans(net):
            with pytest.raises(nb.NbkitError, match="at the distance 0 is nan") as caught:
                sums(net, plan, monkeypatch)
            assert caught.value.code == "bad-kernel"


def test_there_are_several_plans_to_compare():
    gaussian, exponential, cut = (FORMULAS[k][0] for k in ("gaussian", "exponential", "cut gaussian"))
    assert plans(network(GRIDS["sheet"], gaussian)) == ["dense", "fft", "separable", "sparse"]
    assert plans(network(GRIDS["sheet onto a finer one"], gaussian)) == ["dense", "separable", "sparse"]
    assert plans(network(GRIDS["sheet"], exponential)) == ["dense", "fft", "sparse"]
    assert plans(network(GRIDS["sheet"], cut)) == ["dense", "fft", "sparse"]
    assert plans(network(GRIDS["line, odd"], gaussian)) == ["dense", "fft", "sparse"]
    assert plans(network(GRIDS["line onto a finer one"], gaussian)) == ["dense", "sparse"]


@pytest.mark.parametrize(
    ("shape", "edges", "weight", "plan"),
    [
        ((20, 20), "open", FORMULAS["difference"][0], "separable"),
        ((100, 100), "open", FORMULAS["difference"][0], "separable"),
        ((100, 100), "periodic", FORMULAS["difference"][0], "fft"),
        ((100, 100), "open", FORMULAS["exponential"][0], "fft"),
        ((100, 100), "open", nb.kernels.Gaussian(1.0, 0.02, cutoff=0.015), "sparse"),
        ((100, 100), "open", nb.kernels.Gaussian(1.0, 0.02, cutoff=0.06), "fft"),
        ((1000,), "open", FORMULAS["gaussian"][0], "fft"),
        ((5, 5), "open", FORMULAS["gaussian"][0], "dense"),
        ((60, 60), "open", nb.kernels.Filter(np.ones((3, 3))), "sparse"),
    ],
)
def test_the_plan_is_the_quickest_and_says_why(shape, edges, weight, plan):
    population = nb.Population(PROBE, shape, edges=edges)
    program = nb.Simulation(nb.Network({"A": population}, [nb.Projection("A.x", "A.u", weight=weight)]), DT).program
    (coupling,) = program.couplings
    assert coupling.plan == plan
    assert coupling.reason in program.explain()


@pytest.mark.parametrize("delay", [0.0, DT, 20 * DT])
@pytest.mark.parametrize("kernel", ["difference", "cut hat"])
def test_every_plan_runs_as_its_matrix_does_with_delays_and_gains(delay, kernel, monkeypatch):
    weight, formula = FORMULAS[kernel]
    for shapes in ("line, odd", "sheet", "sheet onto a finer one"):
        net = network(GRIDS[shapes], weight, delay=delay, gain=3.0)
        path = f"{net.projections[0].target.split('.')[0]}.x"
        dense = network(GRIDS[shapes], slow_matrix(net, formula, twins=True, density=True), delay=delay, gain=3.0)
        expected = nb.simulate(dense, 60 * DT, DT)[path].to_numpy()
        for plan in plans(net):
            monkeypatch.setattr(fields, "choose", lambda _, plan=plan: plan)
            np.testing.assert_allclose(nb.simulate(net, 60 * DT, DT)[path].to_numpy(), expected, rtol=0, atol=1e-13)
            sim = nb.Simulation(net.with_value("p.gain", 1.0), DT)
            sim.set("p.gain", 3.0)
            np.testing.assert_allclose(sim.run(60 * DT)[path].to_numpy(), expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("edges", ["open", "periodic"])
def test_a_synapse_is_the_kernel_itself_and_a_density_is_times_the_cell(edges, monkeypatch):
    weight, formula = FORMULAS["difference"]
    for said in ("synapse", "density"):
        net = network(GRIDS["sheet onto a finer one"], weight, edges, weight_is=said)
        matrix = slow_matrix(net, formula, twins=True, density=said == "density")
        for plan in plans(net):
            compare(sums(net, plan, monkeypatch), matrix, net, 1e-12)


def test_a_density_means_the_same_on_a_finer_grid():
    """The integral of a Gaussian over the plane, however many cells it is summed over."""
    found = []
    for n in (20, 41):
        population = nb.Population(PROBE, (n, n), initial={"x": 1.0}, edges="periodic")
        net = nb.Network({"A": population}, [nb.Projection("A.x", "A.u", weight=nb.kernels.Gaussian(2.0, 0.1))])
        found.append(float(nb.simulate(net, DT, DT, record=["A.y"])["A.y"][0].mean()))
    np.testing.assert_allclose(found, 2.0 * 2 * math.pi * 0.1**2, rtol=1e-4)


@pytest.mark.parametrize("kernel", ["gaussian", "cut gaussian", "expression"])
@pytest.mark.parametrize("twins", [True, False])
def test_chosen_units_alone_take_part(kernel, twins, monkeypatch):
    weight, formula = FORMULAS[kernel]
    of, to = slice(0, 30, 2), [3, 1, 2, 30, 8]
    net = network(GRIDS["sheet"], weight, source_units=of, target_units=to, rule=nb.AllToAll(autapses=twins))
    matrix = slow_matrix(net, formula, twins=twins, density=True)
    part = np.zeros_like(matrix)
    for i in to:
        part[i, of] = matrix[i, of]
    compare(sums(net, None, monkeypatch), part, net, 1e-12)
    (coupling,) = nb.Simulation(net, DT).program.couplings
    assert coupling.plan in ("dense", "sparse")


def test_an_edge_in_a_kernel_does_not_depend_on_where_a_pair_stands(monkeypatch):
    """A cutoff of exactly three spacings keeps the third neighbour of every unit, on both sides."""
    for shape in ((10,), (30,), (10, 10)):
        population = nb.Population(PROBE, shape, initial={"x": 1.0}, edges="periodic")
        kernel = nb.kernels.Exponential(1.0, 1e9, cutoff=3 * 1.0 / shape[-1])
        projection = nb.Projection("A.x", "A.u", weight=kernel, weight_is="synapse", name="p")
        net = nb.Network({"A": population}, [projection])
        for plan in plans(net):
            got = sums(net, plan, monkeypatch)
            np.testing.assert_allclose(got, 7.0 if len(shape) == 1 else 29.0, rtol=1e-6)


# ---------------------------------------------------------------- filters


def slow_filter(array: np.ndarray, post: tuple, pre: tuple, *, ring: bool, twins: bool = True) -> np.ndarray:
    """A filter's weights: the entry that lies on each source when the middle stands at the target's own place."""
    made = np.zeros((math.prod(post), math.prod(pre)))
    for i, to in enumerate(np.ndindex(post)):
        for entry in np.ndindex(array.shape):
            at = []
            for n, m, k, a, e in zip(post, pre, array.shape, to, entry, strict=True):
                middle = Fraction((2 * a + 1) * m, 2 * n) - Fraction(1, 2)  # in units of the source
                if m < n:
                    middle = Fraction(a * m // n)
                place = middle + e - Fraction(k - 1, 2)
                assert place.denominator == 1
                at.append(int(place) % m if ring else int(place))
            if all(0 <= a < m for a, m in zip(at, pre, strict=True)):
                j = int(np.ravel_multi_index(at, pre))
                if twins or i != j:
                    made[i, j] = array[entry]
    return made


FILTERS = {
    "same line": ((9,), (9,), (5,)),
    "same sheet": ((6, 5), (6, 5), (3, 5)),
    "finer by three": ((3, 2), (9, 6), (3, 5)),
    "finer by two": ((3, 4), (6, 8), (2, 4)),
    "coarser by two": ((6, 8), (3, 4), (3, 1)),
    "finer one way, coarser the other": ((6, 4), (3, 8), (3, 2)),
    "line, coarser": ((10,), (5,), (3,)),
}


@pytest.mark.parametrize("case", FILTERS)
@pytest.mark.parametrize("edges", ["open", "periodic"])
def test_every_plan_of_a_filter_equals_a_slow_loop(case, edges, monkeypatch):
    post, pre, entries = FILTERS[case]
    array = np.random.default_rng(5).normal(size=entries)
    for twins in (True, False):
        net = network((post, pre), nb.kernels.Filter(array), edges, rule=nb.AllToAll(autapses=twins))
        assert net.check() == []
        matrix = slow_filter(array, post, pre, ring=edges == "periodic", twins=twins or post != pre)
        for plan in plans(net):
            compare(sums(net, plan, monkeypatch), matrix, net, 1e-12)
            compare(sums(net, plan, monkeypatch, precision="float32"), matrix, net, 1e-5)
    assert net.projections[0].weight_is == "synapse"
    assert ("fft" in plans(net)) == (post == pre)


def test_a_filter_of_equal_weights_is_mean_pooling(monkeypatch):
    net = network(((3, 4), (6, 8)), nb.kernels.Filter(np.full((2, 2), 0.25)))
    values = np.asarray(net.populations["A"].initial["x"])
    got = sums(net, None, monkeypatch)
    np.testing.assert_allclose(got, values.reshape(3, 2, 4, 2).mean(axis=(1, 3)).reshape(-1), atol=1e-15)


# ---------------------------------------------------------------- spikes and events


@pytest.mark.parametrize("weight_is", ["synapse", "density"])
def test_spikes_arrive_through_a_kernel_as_through_its_matrix(weight_is):
    kernel = nb.kernels.Gaussian(30.0, 0.2, cutoff=0.5)
    drive = nb.Recorded(np.random.default_rng(1).normal(500, 400, size=(200, 5, 6)), dt=1.0)

    def run(weight: object, **keywords: object) -> np.ndarray:
        populations = {"A": nb.Population(nb.models.lif, (5, 6)), "B": nb.Population(nb.models.lif, (5, 6))}
        projection = nb.Projection("A.spike", "B.v", weight=weight, delay=1.5, **keywords)
        net = nb.Network(populations, [projection], [nb.Stimulus("A.I_ext", drive)])
        ds = nb.simulate(net, 200.0, DT, record=["B.v", "A.spike"])
        assert ds.sizes["A.spike"] > 20
        return ds["B.v"].to_numpy().reshape(-1, 30)

    got = run(kernel, weight_is=weight_is)
    places = nb.Network({"A": nb.Population(nb.models.lif, (5, 6)), "B": nb.Population(nb.models.lif, (5, 6))})
    matrix = slow_matrix(
        places,
        lambda d: 30.0 * math.exp(-d * d / 0.08) * (d <= 0.5),
        twins=True,
        density=weight_is == "density",
    )
    np.testing.assert_allclose(got, run(matrix), rtol=1e-12, atol=1e-11)
    assert np.ptp(got) > 0.01


def test_memory_is_asked_for_before_it_is_taken(monkeypatch):
    """A kernel that only fits as a matrix is refused where the matrix does not fit; a smaller plan is not."""
    monkeypatch.setattr("nbkit.simulation.checks.available", lambda: 2 * 10**9)
    fine, coarse = nb.Population(PROBE, (150, 150)), nb.Population(PROBE, (100, 100))
    for kernel, fits in ((FORMULAS["exponential"][0], False), (FORMULAS["difference"][0], True)):
        net = nb.Network({"A": fine, "B": coarse}, [nb.Projection("A.x", "B.u", weight=kernel)])
        if fits:
            assert nb.Simulation(net, DT).program.couplings[0].plan == "separable"
        else:
            with pytest.raises(nb.NbkitError, match="are left") as caught:
                nb.Simulation(net, DT)
            assert caught.value.code == "too-much-memory"
