"""Owns the law of laws: any valid network does what its description says, unit by unit and step by step."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nbkit as nb
from nbkit.network.chosen import freeze_units, shape_chosen
from nbkit.network.kernels import is_kernel
from nbkit.network.rules import Ends
from tests.conformance import reference

DT, STEPS = 0.5, 60
PAIR = nb.Model(
    "pair",
    """
    tau*dx/dt = -x + tanh(u + b*y) - 0.1*x*y
    dy/dt = (x - y)/(2*tau) + 0.05*w
    out = x**2 - y
    both = out + 0.1*u
    """,
    states={"x": nb.State(0.1, limits=(-1.5, 1.5)), "y": 0.2},
    inputs={"u": 0.3, "w": 0.0},
    parameters={"tau": nb.Parameter(8.0, "ms"), "b": 0.5},
)
LINEAR = nb.Model(
    "linear",
    "tau*dx/dt = -x + u*(1 - 0.2*x)/2",
    states={"x": -0.3},
    inputs={"u": 0.0},
    parameters={"tau": 5.0},
)
SPIKER = nb.Model(
    "spiker",
    """
    tau*dv/dt = -v + u + g + 1.3
    dg/dt = -g/4
    dw/dt = -w/7
    """,
    states={"v": 0.2, "g": 0.0, "w": 0.1},
    inputs={"u": 0.0},
    parameters={"tau": 5.0, "t_ref": 1.5, "jump": 0.4},
    events=("g", "v"),
    threshold="v >= 1 + 0.2*w",
    reset="v = 0.1*g\nw += jump",
    refractory="t_ref",
)
STARTER = nb.Model(
    "starter",
    SPIKER.equations,
    SPIKER.states,
    SPIKER.inputs,
    SPIKER.parameters,
    ("g",),
    SPIKER.threshold,
    SPIKER.reset,
    "t_ref",
    "start",
)
MODELS = {"spiker": SPIKER, "starter": STARTER, "pair": PAIR, "linear": LINEAR, "wilson_cowan": nb.models.wilson_cowan}
EVENTS = {"spiker": ("g", "v"), "starter": ("g",)}
SOURCES = {
    "spiker": ("v", "w", "spike"),
    "starter": ("w", "g", "spike"),
    "pair": ("x", "y", "out", "both"),
    "linear": ("x",),
    "wilson_cowan": ("r", "m"),
}
#: extent and edges of the grids of a network, where it has some
SPACES = [None, ((2.0,), "open"), ((1.3,), "periodic"), ((1.1, 1.7), "open"), ((1.9, 1.0), "periodic")]
STARTS = [0.1, nb.Uniform(-0.2, 0.3), nb.Expression("0.3*sin(4*x)")]
KERNELS = [
    nb.kernels.Gaussian(0.8, 0.4),
    nb.kernels.DifferenceOfGaussians(1.0, 0.3, 0.6, 0.7),
    nb.kernels.MexicanHat(0.7, 0.5, cutoff=0.83),
    nb.Expression("exp(-d/0.4)*(d < 0.71)"),
]
INPUTS = {"spiker": ("u",), "starter": ("u",), "pair": ("u", "w"), "linear": ("u",), "wilson_cowan": ("r_in", "r_ext")}


def numbers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high).map(lambda x: round(x, 3))


@st.composite
def networks(draw: st.DrawFn) -> nb.Network:
    names = ["A", "B", "C"][: draw(st.integers(1, 3))]
    space = draw(st.sampled_from(SPACES))
    kinds = {name: draw(st.sampled_from(sorted(MODELS))) for name in names}
    populations = {}
    for name in names:
        size, placed = draw(st.integers(1, 4)), {}
        if space is not None and draw(st.booleans()):
            extent, edges = space
            size = tuple(draw(st.integers(1, 3)) for _ in extent)
            placed = {"extent": extent, "edges": edges}
        values = np.linspace(4, 9, math.prod(np.atleast_1d(size).tolist()))
        taus = [6.0, nb.Uniform(4, 9), values.reshape(size)]
        if placed:
            taus += [nb.Expression("5 + exp(-x)"), nb.Expression("4 + x*y" if len(size) == 2 else "4 + x")]
            placed["initial"] = {next(iter(MODELS[kinds[name]].states)): draw(st.sampled_from(STARTS))}
        tau = draw(st.sampled_from(taus))
        populations[name] = nb.Population(MODELS[kinds[name]], size, parameters={"tau": tau}, **placed)
    projections = [draw(projections_between(populations, kinds, i)) for i in range(draw(st.integers(0, 4)))]
    stimuli = [draw(stimuli_onto(populations, kinds, i)) for i in range(draw(st.integers(0, 2)))]
    return nb.Network(populations, projections, stimuli)


@st.composite
def projections_between(draw: st.DrawFn, populations: dict, kinds: dict, number: int) -> nb.Projection:
    pre, post = draw(st.sampled_from(sorted(populations))), draw(st.sampled_from(sorted(populations)))
    sources = [s for s in SOURCES[kinds[pre]] if s != "spike" or kinds[post] in EVENTS]
    source = draw(st.sampled_from(sources))
    event = source == "spike"
    target = draw(st.sampled_from((EVENTS if event else INPUTS)[kinds[post]]))
    shape = (populations[post].count, populations[pre].count)
    placed = all(populations[end].grid is not None for end in (pre, post))
    rule = draw(st.sampled_from(rules_for(shape, same=pre == post)))
    held = rule.weight_shape(Ends(*shape, pre == post))
    generator = np.random.default_rng(draw(st.integers(0, 999)))
    weights = [0.4, nb.Normal(0, 0.5)] + ([generator.normal(0, 0.5, held)] if held else [])
    delays = [0.5, 1.0, 3.5, 4.0, 12.0, nb.Uniform(0.4, 6.0)]
    delays += [generator.integers(1, 9, held) * DT] if held else []
    if placed:
        weights += KERNELS * 2 if isinstance(rule, nb.AllToAll) else []
        delays += [nb.ConductionDelay(0.6, base=DT), nb.ConductionDelay(0.17, base="0.5 ms")]
    if not event and not populations[pre].model.depends_on_inputs(source):
        delays += [0.0, nb.Exponential(1.0), *([nb.ConductionDelay(0.23)] * placed)]
    delay = draw(st.sampled_from(delays))
    spread = (
        draw(st.sampled_from([None, None, delay / 2])) if isinstance(delay, float) and delay > 2 and not event else None
    )
    weight = draw(st.sampled_from(weights))
    meanings = ["synapse", "density"] if is_kernel(weight) else ["synapse", "total"]
    return nb.Projection(
        f"{pre}.{source}",
        f"{post}.{target}",
        rule=rule,
        weight=weight,
        delay=delay,
        spread=spread,
        history=draw(st.sampled_from(["initial", "zero"])),
        gain=draw(numbers(-1.5, 1.5)),
        weight_is=draw(st.sampled_from(meanings)),
        name=f"p{number}",
    )


def rules_for(shape: tuple[int, int], *, same: bool) -> list[nb.AllToAll]:
    """Rules that two populations of these sizes admit."""
    post, pre = shape
    found = [
        nb.AllToAll(),
        nb.AllToAll(),
        nb.AllToAll(autapses=False),
        nb.FixedTotalNumber(5),
        nb.FixedInDegree(pre, multapses=False),
        nb.FixedOutDegree(2),
        nb.Bernoulli(0.5),
        nb.Explicit([pre - 1, 0, 0], [0, post - 1, 0]),
    ]
    found += [nb.OneToOne(), nb.OneToOne()] if post == pre else []
    found += [nb.SymmetricBernoulli(0.6)] if same else []
    if not same or pre > 1:
        found.append(nb.FixedInDegree(2, autapses=False))
    return found


@st.composite
def stimuli_onto(draw: st.DrawFn, populations: dict, kinds: dict, number: int) -> nb.Stimulus:
    name = draw(st.sampled_from(sorted(populations)))
    shape = populations[name].shape
    choices = [None, None, slice(None, None, 2), [0]]
    choices += [(slice(None, None, 2), [shape[1] - 1])] if len(shape) == 2 else []
    units = draw(st.sampled_from(choices))
    rows = shape_chosen(freeze_units(units), shape)
    generator = np.random.default_rng(number)
    signals = [
        nb.Step(0.7, start=3.3),
        nb.Sine(0.5, 40.0, phase=0.3, offset=0.1),
        nb.Expression("0.4*sin(t/7) + 0.1"),
        nb.Recorded(generator.normal(size=70), dt=DT),
        nb.Recorded(generator.normal(size=(24, *rows)), dt="1.5 ms"),
    ]
    if populations[name].grid is not None:
        signals += [nb.MovingBubble(0.8, 0.4, 0.3, 17.0, count=2, phase=0.2), nb.Expression("0.5*sin(3*x - t/5)")]
    signal = draw(st.sampled_from(signals))
    target = f"{name}.{draw(st.sampled_from(INPUTS[kinds[name]]))}"
    return nb.Stimulus(target, signal, units, name=f"s{number}")


@pytest.mark.both_ways
@given(networks())
def test_a_network_does_what_its_description_says(net):
    expected = reference.simulate(net, STEPS, DT, seed=5)
    spikes = reference.spikes(net, STEPS, DT, seed=5)
    record = [*expected, *(f"{name}.spike" for name, p in net.populations.items() if p.model.spiking)]
    ds = nb.simulate(net, STEPS * DT, DT, record=record, seed=5)
    for name, found in spikes.items():
        stamps = np.rint(ds[f"{name}.spike_time"].to_numpy() / DT).astype(int)
        assert sorted(zip(stamps, ds[f"{name}.spike_unit"].to_numpy(), strict=True)) == found
    for path, rows in expected.items():
        got = ds[path].to_numpy().reshape(rows.shape)
        np.testing.assert_allclose(got, rows, rtol=1e-12, atol=1e-12, err_msg=path)


@given(networks())
def test_a_network_equals_itself_after_json_link_and_code(net):
    again = nb.Network.from_json(net.to_json())
    assert again == net
    arrays: dict[str, np.ndarray] = {}
    assert nb.Network.from_json(net.to_json(arrays), arrays) == net
    assert nb.Network.from_link(net.to_link()) == net
    made: dict[str, object] = {}
    exec(net.to_code(), made)  # noqa: S102  our own text
    assert made["net"] == net
    assert again.check() == []


@given(networks())
def test_a_network_from_a_result_runs_to_the_same_bits(net):
    first = nb.simulate(net, 10.0, DT, seed=2)
    again = nb.Network.from_json(first.attrs["network"], first)
    second = nb.simulate(again, 10.0, first.attrs["dt"], seed=first.attrs["seed"])
    for path in first.data_vars:
        assert first[path].to_numpy().tobytes() == second[path].to_numpy().tobytes()


def test_the_reference_is_no_copy_of_what_it_tests():
    """A wrong delay, a transposed weight or a sign would be seen."""
    weights = np.array([[0.0, 1.0], [0.3, 0.0]])
    population = nb.Population(PAIR, 2, initial={"x": np.array([1.0, -0.5])})
    projection = nb.Projection("A.x", "A.u", weight=weights, delay=2.0)
    net = nb.Network({"A": population}, [projection])
    right = reference.simulate(net, STEPS, DT)["A.x"]
    for change in ({"delay": 2.5}, {"weight": weights.T}, {"gain": -1.0}, {"history": "zero"}):
        wrong = nb.Network({"A": population}, [dataclasses.replace(projection, **change)])
        assert np.abs(nb.simulate(wrong, STEPS * DT, DT)["A.x"].to_numpy() - right).max() > 1e-3
