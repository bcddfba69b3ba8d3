"""Owns the hostile cases of space: kernels, filters, bubbles and travelling spikes beside sums that spell them out."""

import itertools

import numpy as np
import pytest

import nbkit as nb

LEAK = nb.models.leaky_integrator

DT = 0.1
SHOWN = nb.Model("shown", "dx/dt = -x\n y = u", states={"x": 0.0}, inputs={"u": 0.0}, method="euler")
NOBODY = [None, True, "1", b"1", 1 + 2j, np.nan, np.inf, -np.inf, 10**400, [1], {}, nb.Uniform(0, 1), object()]


def sheet(size: tuple[int, ...], **keywords: object) -> nb.Population:
    return nb.Population(SHOWN, size, initial={"x": nb.Uniform(-1, 1)}, **keywords)


def joined(
    size: tuple[int, ...], weight: object, *, extent: object = None, edges: str = "open", **keywords: object
) -> nb.Network:
    """A grid that reaches itself."""
    return nb.Network(
        {"A": sheet(size, extent=extent, edges=edges)}, [nb.Projection("A.x", "A.u", weight=weight, **keywords)]
    )


def places(population: nb.Population) -> np.ndarray:
    """Where the units stand, (units, axes)."""
    ticks = [
        (np.arange(n) + 0.5) * length / n for n, length in zip(population.shape, population.grid.extent, strict=True)
    ]
    return np.array(list(itertools.product(*ticks)))


def distances(post: nb.Population, pre: nb.Population) -> np.ndarray:
    """Between all units of two grids, (post, pre)."""
    apart = np.abs(places(post)[:, None] - places(pre)[None])
    if pre.edges == "periodic":
        apart = np.minimum(apart, np.array(pre.grid.extent) - apart)
    return np.sqrt((apart**2).sum(axis=-1))


SHAPES = {
    nb.kernels.Gaussian: lambda k, d: k.amplitude * np.exp(-((d / k.width) ** 2) / 2),
    nb.kernels.Exponential: lambda k, d: k.amplitude * np.exp(-d / k.width),
    nb.kernels.MexicanHat: lambda k, d: k.amplitude * (1 - (d / k.width) ** 2) * np.exp(-((d / k.width) ** 2) / 2),
}


@pytest.mark.parametrize("edges", ["open", "periodic"])
@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
@pytest.mark.parametrize("size", [(1,), (2,), (1, 1), (1, 5), (2, 2), (7, 4), (20, 21)])
def test_a_kernel_with_travelling_signals_is_the_sum_over_all_pairs(size, scale, edges):
    for (kind, shape), width, cutoff in itertools.product(SHAPES.items(), (1e-4, 0.3, 1e4), (None, 0.61)):
        kernel = kind(-2.0, width * scale, None if cutoff is None else cutoff * scale)
        late = nb.ConductionDelay(0.4 * scale, base=0.2)
        net = joined(size, kernel, extent=scale, edges=edges, delay=late, gain=0.5, rule=nb.AllToAll(autapses=False))
        ds = nb.simulate(net, 3.0, DT, record=["A.x", "A.y"])
        apart = distances(net.populations["A"], net.populations["A"])
        weights = 0.5 * shape(kernel, apart) * net.populations["A"].grid.cell
        if cutoff is not None:
            weights[apart > cutoff * scale * (1 + 1e-12)] = 0.0
        np.fill_diagonal(weights, 0.0)
        steps = np.floor((0.2 + apart / (0.4 * scale)) / DT + 0.5 + 1e-9).astype(int)
        past = ds["A.x"].to_numpy().reshape(31, -1)
        units = np.arange(past.shape[1])
        expected = [(weights * past[np.maximum(k - steps, 0), units]).sum(axis=1) for k in range(31)]
        largest = max(np.abs(weights).sum(axis=1).max(), 1e-300)
        np.testing.assert_allclose(ds["A.y"].to_numpy().reshape(31, -1), expected, atol=1e-11 * largest)


@pytest.mark.parametrize(("pre", "post"), [((4, 5), (4, 5)), ((6, 9), (2, 3)), ((4, 8), (2, 4)), ((2, 3), (6, 9))])
@pytest.mark.parametrize("edges", ["open", "periodic"])
def test_a_filter_is_what_it_says_entry_by_entry(pre, post, edges):
    factor = [max(1, a // b) for a, b in zip(pre, post, strict=True)]
    entries = tuple(2 if n % 2 == 0 else 3 if m > 2 else 1 for n, m in zip(factor, pre, strict=True))
    array = np.random.default_rng(0).normal(size=entries)
    populations = {"A": sheet(pre, extent=(1.0, 1.0), edges=edges), "B": sheet(post, extent=(1.0, 1.0), edges=edges)}
    filtered = nb.Projection("A.x", "B.u", weight=nb.kernels.Filter(array))
    ds = nb.simulate(nb.Network(populations, [filtered]), 0.2, DT, record=["A.x", "B.y"])
    given, expected = ds["A.x"].to_numpy()[1], np.zeros(post)
    for target, entry in itertools.product(np.ndindex(*post), np.ndindex(*entries)):
        place = []
        for t, e, of, to, n, m in zip(target, entry, pre, post, entries, factor, strict=True):
            first = t * m + (m - n) // 2 if of >= to else t // (to // of) - n // 2
            place.append((first + e) % of if edges == "periodic" else first + e)
        if all(0 <= i < n for i, n in zip(place, pre, strict=True)):
            expected[target] += array[entry] * given[tuple(place)]
    np.testing.assert_allclose(ds["B.y"][1], expected, atol=1e-13)


@pytest.mark.parametrize("edges", ["open", "periodic"])
@pytest.mark.parametrize("size", [(1, 1), (1, 6), (4, 3), (5, 5)])
def test_spikes_that_travel_by_a_kernel_arrive_pair_by_pair(size, edges):
    firing = nb.Population(nb.models.iaf_psc_exp, size, {"I_e": nb.Uniform(400.0, 600.0)}, edges=edges)
    quiet = nb.Population(nb.models.iaf_psc_exp, size, edges=edges)
    late = nb.ConductionDelay(0.3, base=0.5)
    way = nb.Projection("A.spike", "B.I_ex", weight=nb.kernels.Gaussian(9.0, 0.3), delay=late, gain=-1.5)
    ds = nb.simulate(nb.Network({"A": firing, "B": quiet}, [way]), 60.0, DT, record=["A.spike", "B.I_ex"])
    apart = distances(quiet, firing)
    weights = -1.5 * 9.0 * np.exp(-((apart / 0.3) ** 2) / 2) * firing.grid.cell
    steps = np.floor((0.5 + apart / 0.3) / DT + 0.5 + 1e-9).astype(int)
    brought, rows = np.zeros((1200, firing.count)), [np.zeros(firing.count)]
    for time, unit in zip(ds["A.spike_time"].values, ds["A.spike_unit"].values, strict=True):
        np.add.at(brought, (round(time / DT) + steps[:, unit], np.arange(firing.count)), weights[:, unit])
    for k in range(600):
        rows.append(rows[-1] * np.exp(-DT / 2.0) + brought[k + 1])
    assert ds["A.spike_time"].size
    np.testing.assert_allclose(ds["B.I_ex"].to_numpy().reshape(601, -1), rows, atol=1e-12)


@pytest.mark.parametrize(
    ("size", "extent", "centre"), [((3, 5), (2.0, 1.0), (0.3, 0.9)), ((7,), 3.0, 2.9), ((1, 1), None, None)]
)
@pytest.mark.parametrize("edges", ["open", "periodic"])
def test_bubbles_run_where_they_say(size, extent, centre, edges):
    bubble = nb.MovingBubble(2.0, 0.2, 0.25, 7.3, count=3, phase=0.4, centre=centre)
    population = sheet(size, extent=extent, edges=edges)
    made = nb.simulate(nb.Network({"A": population}, stimuli=[nb.Stimulus("A.u", bubble)]), 20.0, DT, record="A.y")[
        "A.y"
    ]
    lengths = np.array(population.grid.extent)
    middle = lengths / 2 if centre is None else np.atleast_1d(centre)
    expected = np.zeros((201, population.count))
    for k, number in itertools.product(range(201), range(3)):
        angle = 2 * np.pi * k * DT / 7.3 + 0.4 + 2 * np.pi * number / 3
        apart = np.abs(places(population) - middle - 0.25 * np.array([np.sin(angle), np.cos(angle)])[-len(size) :])
        if edges == "periodic":
            apart = np.minimum(apart % lengths, lengths - apart % lengths)
        expected[k] += 2.0 * np.exp(-(apart**2).sum(axis=1) / (2 * 0.2**2))
    np.testing.assert_allclose(made.to_numpy().reshape(201, -1), expected, atol=1e-12)


def test_values_and_inputs_of_place_go_to_their_own_units():
    leak = nb.Model(
        "leak", "dx/dt = -x/tau + u", states={"x": 0.0}, inputs={"u": 0.0}, parameters={"tau": 1.0}, method="exact"
    )
    drawn = np.random.default_rng(1)
    start, rows = drawn.uniform(1, 2, (3, 4)), drawn.normal(size=(30, 2, 2))
    population = nb.Population(leak, (3, 4), {"tau": nb.Expression("1 + x*y")}, {"x": start}, extent=(3.0, 8.0))
    stimuli = [
        nb.Stimulus("A.u", nb.Recorded(rows, DT), units=([2, 0], [1, 3]), name="rows"),
        nb.Stimulus("A.u", nb.Expression("x - y*t"), units=(slice(1, 2), None), name="row"),
    ]
    ds = nb.simulate(nb.Network({"A": population}, stimuli=stimuli), 3.0, DT)
    y, x = np.meshgrid([0.5, 1.5, 2.5], [1.0, 3.0, 5.0, 7.0], indexing="ij")
    tau, expected = 1 + x * y, [start]
    for k in range(30):
        brought = np.zeros((3, 4))
        brought[np.ix_([2, 0], [1, 3])] += rows[k]
        brought[1] += (x - y * k * DT)[1]
        expected.append(expected[-1] * np.exp(-DT / tau) + tau * (1 - np.exp(-DT / tau)) * brought)
    np.testing.assert_allclose(ds["A.x"], expected, atol=1e-12)


KERNELS = {
    nb.kernels.Gaussian: 2,
    nb.kernels.DifferenceOfGaussians: 4,
    nb.kernels.Exponential: 2,
    nb.kernels.MexicanHat: 2,
}


@pytest.mark.parametrize("odd", NOBODY, ids=lambda odd: repr(odd)[:20])
def test_what_is_no_number_is_refused_wherever_space_asks_for_one(odd):
    def refused(weight: object = None, **keywords: object) -> None:
        with pytest.raises(nb.NbkitError) as caught:
            nb.simulate(joined((4, 4), weight or nb.kernels.Gaussian(1.0, 0.1), **keywords), 1.0, DT)
        assert all(p.where and p.what for p in caught.value.problems)

    for kind, count in KERNELS.items():
        for place in range(count + (odd is not None)):
            numbers = [0.5] * count + [None]
            numbers[place] = odd
            refused(kind(*numbers))
    refused(nb.kernels.Filter(odd))
    refused(delay=nb.ConductionDelay(odd))
    if odd != "1":
        refused(edges=odd)
    if odd is not None:
        refused(extent=odd)
    refused(extent=(1.0, odd))
    if not isinstance(odd, bool):
        refused(rule=nb.AllToAll(autapses=odd))
    for name in ("amplitude", "width", "radius", "count"):
        keywords = {"amplitude": 1.0, "width": 0.1, "radius": 0.2, "period": 10.0, name: odd}
        stimulus = nb.Stimulus("A.u", nb.MovingBubble(**keywords))
        with pytest.raises(nb.NbkitError):
            nb.simulate(nb.Network({"A": sheet((3, 4))}, stimuli=[stimulus]), 1.0, DT)
    for low, high in ((odd, 1.0), (0.0, odd)):
        noise = nb.Network({"A": sheet((3, 4))}, stimuli=[nb.Stimulus("A.u", nb.UniformNoise(low, high))])
        with pytest.raises(nb.NbkitError):
            nb.simulate(noise, 1.0, DT)


@pytest.mark.parametrize("more", [{}, {"source_units": slice(0, 50)}, {"delay": nb.ConductionDelay(1.0)}])
def test_a_kernel_that_reaches_no_pair_brings_nothing(more):
    kernel = nb.kernels.Gaussian(1.0, 0.1, cutoff=1e-4)
    net = nb.Network(
        {"A": nb.Population(LEAK, (80, 80), initial={"x": 1.0}), "B": nb.Population(LEAK, (40, 40))},
        [nb.Projection("A.x", "B.u", weight=kernel, **more)],
    )
    assert not nb.simulate(net, 1.0, 0.1)["B.x"].values.any()


def test_a_cutoff_beyond_all_numbers_cuts_nothing():
    net = nb.Network({"A": nb.Population(LEAK, (5, 5), initial={"x": 1.0})})
    far, none = (
        nb.Network(net.populations, [nb.Projection("A.x", "A.u", weight=nb.kernels.Gaussian(1.0, 0.1, cutoff=cutoff))])
        for cutoff in (1e160, None)
    )
    np.testing.assert_allclose(nb.simulate(far, 1.0, 0.1)["A.x"], nb.simulate(none, 1.0, 0.1)["A.x"], rtol=1e-12)


def test_slices_of_numpy_numbers_are_plain():
    stimulus = nb.Stimulus("A.u", nb.Step(1.0), units=slice(np.int64(0), np.int64(3)))
    ds = nb.simulate(nb.Network({"A": nb.Population(LEAK, 5)}, stimuli=[stimulus]), 1.0, 0.1)
    assert (ds["A.x"].values[-1] > 0).tolist() == [True] * 3 + [False] * 2


@pytest.mark.parametrize("extent", [1e160, 1e-160])
def test_an_extent_beyond_all_numbers_is_refused(extent):
    with pytest.raises(nb.NbkitError, match="extent"):
        nb.simulate(nb.Network({"A": nb.Population(LEAK, (5, 5), extent=extent)}), 1.0, 0.1)
