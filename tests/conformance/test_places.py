"""Owns the laws of values of place: what depends on where a unit stands is what a hand computes from its place."""

import dataclasses

import numpy as np
import pytest

import nbkit as nb
from nbkit.network.chosen import chosen, freeze_units

THROUGH = nb.Model("through", "dx/dt = -x\n y = u", states={"x": 0.0}, inputs={"u": 0.0})
LEAK = nb.models.leaky_integrator
SIZES = [{"size": (5,)}, {"size": (3, 4), "extent": (1.5, 3.0)}, {"size": (4, 3), "edges": "periodic"}]


def stand(population: nb.Population) -> dict[str, np.ndarray]:
    """Where units stand, worked out by hand: each in the middle of its cell."""
    shape = population.shape
    width = population.extent or 1.0
    lengths = width if isinstance(width, tuple) else tuple(n * width / shape[-1] for n in shape)
    ticks = [(np.arange(n) + 0.5) * (length / n) for n, length in zip(shape, lengths, strict=True)]
    return dict(zip(("y", "x")[-len(shape) :], np.meshgrid(*ticks, indexing="ij"), strict=True)) | {"lengths": lengths}


def seen(signal: object, steps: int = 50, dt: float = 0.5, units: object = None, **place: object) -> np.ndarray:
    net = nb.Network({"A": nb.Population(THROUGH, **place)}, stimuli=[nb.Stimulus("A.u", signal, units=units)])
    assert nb.Network.from_json(net.to_json()) == net
    return nb.simulate(net, steps * dt, dt, record=["A.y"], seed=3)["A.y"].to_numpy()


# Parameters and initial values


@pytest.mark.parametrize("place", SIZES)
def test_an_expression_is_the_same_as_its_array_bit_for_bit(place):
    two = len(place["size"]) == 2
    text = "5 + 3*x + exp(-y)" if two else "5 + 3*x"
    where = stand(nb.Population(LEAK, **place))
    array = 5 + 3 * where["x"] + np.exp(-where["y"]) if two else 5 + 3 * where["x"]
    kick = nb.Stimulus("A.u", nb.Step(1.0))
    runs = []
    for tau, start in ((nb.Expression(text), nb.Expression("x*x - 0.2")), (array, where["x"] * where["x"] - 0.2)):
        net = nb.Network({"A": nb.Population(LEAK, parameters={"tau": tau}, initial={"x": start}, **place)}, (), [kick])
        runs.append(nb.simulate(net, 20.0, 0.1))
    flat = nb.Population(
        LEAK, array.size, parameters={"tau": array.ravel()}, initial={"x": (where["x"] * where["x"] - 0.2).ravel()}
    )
    runs.append(nb.simulate(nb.Network({"A": flat}, (), [kick]), 20.0, 0.1))
    for path in ("A.x", "A.tau"):
        bits = [run[path].to_numpy().tobytes() for run in runs]
        assert bits[0] == bits[1] == bits[2]
    assert runs[0]["A.x"].shape == (201, *place["size"])


def test_laws_draw_the_same_numbers_on_a_grid_as_in_a_row():
    for law in (nb.Uniform(5, 15), nb.Quantiles(nb.Normal(10, 1))):
        grid, row = (
            nb.simulate(nb.Network({"A": nb.Population(LEAK, size, parameters={"tau": law})}), 1.0, 0.1, seed=4)
            for size in ((3, 4), 12)
        )
        assert grid["A.tau"].to_numpy().tobytes() == row["A.tau"].to_numpy().tobytes()


def test_a_constant_expression_needs_no_places():
    net = nb.Network({"A": nb.Population(LEAK, 3, parameters={"tau": nb.Expression("2*pi")})})
    assert nb.simulate(net, 1.0, 0.1)["A.tau"].to_numpy().tolist() == [2 * np.pi] * 3


def test_an_expression_can_be_swapped_read_and_set():
    net = nb.Network({"A": nb.Population(LEAK, (3, 4), parameters={"tau": nb.Expression("5 + x")}, initial={"x": 1.0})})
    assert net.value("A.tau") == nb.Expression("5 + x")
    other = net.with_value("A.tau", nb.Expression("8 + y"))
    sim = nb.Simulation(net, dt=0.1)
    sim.set("A.tau", nb.Expression("8 + y"))
    whole = nb.simulate(other, 5.0, 0.1)["A.x"].to_numpy()
    assert sim.run(5.0)["A.x"].to_numpy().tobytes() == whole.tobytes()
    sim.reset()
    sim.set("A.tau", 8 + stand(net.populations["A"])["y"])
    assert sim.run(5.0)["A.x"].to_numpy().tobytes() == whole.tobytes()
    with pytest.raises(nb.NbkitError) as caught:
        sim.set("A.tau", np.full(12, 8.0))
    assert caught.value.code == "wrong-shape"


def test_a_set_expression_is_saved_with_the_simulation(tmp_path):
    net = nb.Network({"A": nb.Population(LEAK, (3, 4), parameters={"tau": nb.Expression("5 + x")}, initial={"x": 1.0})})
    sim = nb.Simulation(net, dt=0.1)
    sim.run(1.0)
    sim.set("A.tau", nb.Expression("8 + y"))
    sim.save(tmp_path / "sim.npz")
    again = nb.Simulation.load(tmp_path / "sim.npz")
    assert again.run(3.0)["A.x"].to_numpy().tobytes() == sim.run(3.0)["A.x"].to_numpy().tobytes()


@pytest.mark.parametrize(
    ("text", "code"), [("-x", "outside-limits"), ("log(x - 2)", "not-finite"), ("1/(x - x)", "not-finite")]
)
def test_limits_are_checked_where_the_units_stand(text, code, monkeypatch):
    net = nb.Network({"A": nb.Population(LEAK, (2, 3), parameters={"tau": nb.Expression(text)})})
    assert [p.code for p in net.check()] == [code]
    for module in ("nbkit.network.check", "nbkit.compile.sampling"):
        monkeypatch.setattr(f"{module}.MOST_EVALUATED", 3)
    assert net.check() == []
    with pytest.raises(nb.NbkitError) as caught:
        nb.simulate(net, 1.0, 0.1)
    assert caught.value.code == code


# Stimuli


@pytest.mark.parametrize("place", SIZES)
def test_a_stimulus_of_place_and_time_is_its_formula(place):
    t = np.arange(51)[(..., *[None] * len(place["size"]))] * 0.5
    where = stand(nb.Population(THROUGH, **place))
    got = seen(nb.Expression("sin(6*x - t/3)*(t >= 3.2) + x"), **place)
    np.testing.assert_allclose(got, np.sin(6 * where["x"] - t / 3) * (t > 3.2) + where["x"], atol=1e-13)
    if len(place["size"]) == 2:
        np.testing.assert_allclose(seen(nb.Expression("x + 10*y"), **place)[0], where["x"] + 10 * where["y"])


def bubbles(signal: nb.MovingBubble, t: np.ndarray, place: dict) -> np.ndarray:
    """The bumps, one by one, at times (time,): shape (time, ...)."""
    where = stand(nb.Population(THROUGH, **place))
    lengths = where["lengths"]
    middle = signal.centre or tuple(length / 2 for length in lengths)
    middle = middle if isinstance(middle, tuple) else (middle,)
    total = 0.0
    for j in range(signal.count):
        angle = 2 * np.pi * (t / signal.period + j / signal.count) + signal.phase
        angle = angle[(..., *[None] * len(lengths))]
        square = 0.0
        for axis, wave, centre, length in zip(
            ("y", "x")[-len(lengths) :], (np.sin, np.cos)[-len(lengths) :], middle, lengths, strict=True
        ):
            distance = np.abs(where[axis] - centre - signal.radius * wave(angle))
            if place.get("edges") == "periodic":
                distance = distance % length
                distance = np.minimum(distance, length - distance)
            square = square + distance**2
        total = total + signal.amplitude * np.exp(-square / (2 * signal.width**2))
    return total


@pytest.mark.parametrize("count", [1, 3, 12])
@pytest.mark.parametrize(
    "place",
    [
        {"size": (9,), "extent": 2.0},
        {"size": (9,), "edges": "periodic"},
        {"size": (6, 7), "extent": (1.1, 1.3)},
        {"size": (6, 7), "extent": (1.1, 1.3), "edges": "periodic"},
    ],
)
def test_a_moving_bubble_is_its_formula_computed_by_hand(count, place):
    centre, radius = (0.2, 0.9)[-len(place["size"]) :], 1.9 if place.get("edges") == "periodic" else 0.4
    for signal in (
        nb.MovingBubble(1.5, 0.2, 0.3, 37.0, count=count),
        nb.MovingBubble(-0.7, 0.15, radius, 11.0, count, 0.4, centre),
    ):
        got = seen(signal, steps=300, **place)
        np.testing.assert_allclose(got, bubbles(signal, np.arange(301) * 0.5, place), atol=1e-12)
        assert np.ptp(got) > 0.3


def test_a_bubble_may_be_set_while_it_runs_and_its_time_has_a_unit():
    net = nb.Network(
        {"A": nb.Population(THROUGH, (4, 4))},
        stimuli=[nb.Stimulus("A.u", nb.MovingBubble(1.0, 0.2, 0.3, "0.1 s"))],
    )
    sim = nb.Simulation(net, dt=0.5)
    sim.run(7.0)
    for path, value in {"amplitude": 2.0, "width": 0.1, "radius": 0.2, "period": "50 ms", "phase": 1.0}.items():
        sim.set(f"A.u.{path}", value)
    changed = nb.MovingBubble(2.0, 0.1, 0.2, 50.0, phase=1.0)
    t = np.arange(14, 35) * 0.5
    got = sim.run(10.0, record=["A.y"])["A.y"].to_numpy()
    np.testing.assert_allclose(got, bubbles(changed, t, {"size": (4, 4)})[1:], atol=1e-13)
    assert net.with_value("A.u.count", 2).value("A.u.count") == 2
    assert net.with_value("A.u.centre", (0.1, 0.2)).value("A.u.centre") == (0.1, 0.2)
    with pytest.raises(nb.NbkitError):
        sim.set("A.u.width", -1.0)


def test_uniform_noise_has_its_mean_and_variance_whatever_the_step_and_is_independent():
    for dt in (0.1, 2.0):
        y = seen(nb.UniformNoise(-1.0, 3.0), steps=400, dt=dt, size=(20, 25))
        assert y.min() >= -1.0
        assert y.max() < 3.0
        assert y.mean() == pytest.approx(1.0, abs=0.015)
        assert y.var() == pytest.approx(16 / 12, rel=0.01)
    rows = y.reshape(401, -1)[:, :60]
    assert np.abs(np.corrcoef(rows.T) - np.eye(60)).max() < 5.5 / np.sqrt(401)
    assert abs(np.corrcoef(rows[1:].ravel(), rows[:-1].ravel())[0, 1]) < 0.02


@pytest.mark.parametrize("chunk", [1, 7, 100])
def test_noise_and_bubbles_do_not_depend_on_how_a_run_is_cut(chunk):
    stimuli = [
        nb.Stimulus("A.u", nb.UniformNoise(-1, 1)),
        nb.Stimulus("A.u", nb.MovingBubble(1.0, 0.2, 0.3, 40.0, count=2), name="bubble"),
    ]
    net = nb.Network({"A": nb.Population(LEAK, (3, 4))}, stimuli=stimuli)
    whole = nb.simulate(net, 350.0, 0.5, seed=6)["A.x"].to_numpy()
    sim = nb.Simulation(net, dt=0.5, seed=6)
    pieces = [sim.run(chunk * 0.5)["A.x"].to_numpy() for _ in range(700 // chunk)]
    assert np.concatenate(pieces).tobytes() == whole.tobytes()
    delayed = dataclasses.replace(net, projections=[nb.Projection("A.x", "A.u", weight=0.0, delay=4.5)])
    assert np.array_equal(nb.simulate(delayed, 350.0, 0.5, seed=6)["A.x"].to_numpy(), whole)
    assert not np.array_equal(nb.simulate(net, 350.0, 0.5, seed=7)["A.x"].to_numpy(), whole)


def test_uniform_noise_can_be_set():
    net = nb.Network({"A": nb.Population(THROUGH, 3)}, stimuli=[nb.Stimulus("A.u", nb.UniformNoise(-1, 1))])
    sim = nb.Simulation(net, dt=0.5, seed=6)
    sim.run(5.0)
    sim.set("A.u.high", 5.0)
    sim.set("A.u.low", 5.0)
    assert set(sim.run(5.0, record=["A.y"])["A.y"].to_numpy().ravel()) == {5.0}


def test_a_recorded_array_on_a_sheet_goes_to_its_places():
    frames = np.random.default_rng(0).normal(size=(60, 3, 4))
    np.testing.assert_array_equal(seen(nb.Recorded(frames, dt=0.5), size=(3, 4)), frames[:51])
    line = frames[:, 0]
    np.testing.assert_array_equal(seen(nb.Recorded(line, dt=0.5), size=(4,)), line[:51])
    some = seen(nb.Recorded(frames[:, :2, :2], dt=0.5), size=(3, 4), units=([2, 0], slice(1, 3)))
    wanted = np.zeros((51, 3, 4))
    wanted[:, [2, 0], 1:3] = frames[:51, :2, :2]
    np.testing.assert_array_equal(some, wanted)
    few = seen(nb.Recorded(frames[:, 0, :2], dt=0.5), size=(3, 4), units=[7, 2])
    assert few[5, 1, 3] == frames[5, 0, 0]
    assert few[5, 0, 2] == frames[5, 0, 1]
    assert np.count_nonzero(few[5]) == 2


# Units by rows and columns

CHOICES = [
    (slice(0, 2), slice(1, 3)),
    ([2, 0], slice(None)),
    (slice(None, None, 2), 3),
    (1, [0, 3, 2]),
    (range(1, 3), [1]),
    (None, [0]),
    (np.array([0, 2]), slice(None, None, -1)),
]


@pytest.mark.parametrize("units", CHOICES)
def test_rows_and_columns_are_the_units_where_they_cross(units):
    numbers = np.arange(12).reshape(3, 4)
    rows, columns = (slice(None) if part is None else part for part in units)
    rows = [rows] if isinstance(rows, int) else rows
    columns = [columns] if isinstance(columns, int) else columns
    expected = numbers[rows][:, columns].ravel()
    frozen = freeze_units(units)
    assert chosen(frozen, (3, 4)).tolist() == expected.tolist()
    driven = seen(nb.Step(1.0), units=units, size=(3, 4))[0]
    assert np.flatnonzero(driven).tolist() == sorted(expected.tolist())
    model = nb.Model("node", "tau*dx/dt = -x + tanh(u)", {"x": 0.1}, {"u": 0.0}, {"tau": 5.0})
    start = {"x": np.random.default_rng(1).normal(size=(3, 4))}
    population = {"A": nb.Population(model, (3, 4), initial=start), "B": nb.Population(model, (3, 4))}
    weight = np.random.default_rng(2).normal(size=(len(expected), len(expected)))
    runs = []
    for choice in (units, expected.tolist()):
        projection = nb.Projection("A.x", "B.u", weight=weight, source_units=choice, target_units=choice, delay=1.0)
        net = nb.Network(population, [projection], [nb.Stimulus("A.u", nb.Step(1.0), units=choice)])
        made: dict[str, object] = {}
        exec(net.to_code(), made)  # noqa: S102  our own text
        assert made["net"] == net == nb.Network.from_json(net.to_json())
        record = [nb.Record("A.x", units=choice), "B.x"]
        runs.append(nb.simulate(net, 10.0, 0.5, record=record))
    for path in ("A.x", "B.x"):
        assert runs[0][path].to_numpy().tobytes() == runs[1][path].to_numpy().tobytes()
    assert runs[0]["A.unit"].to_numpy().tolist() == expected.tolist()


def test_plain_numbers_stay_numbers_of_units():
    for units in ([3, 4], (3, 4), np.array([3, 4])):
        assert np.flatnonzero(seen(nb.Step(1.0), units=units, size=(3, 4))[0]).tolist() == [3, 4]


@pytest.mark.parametrize(
    ("units", "size"),
    [
        ((slice(0, 2), slice(0, 2)), 12),
        ((slice(0, 2), slice(0, 2)), (12,)),
        ((slice(5, 9), slice(0, 2)), (3, 4)),
        (([0, 3], slice(0, 2)), (3, 4)),
        (([1, 1], slice(0, 2)), (3, 4)),
        (([0.5], slice(0, 2)), (3, 4)),
        ((slice(0, 2), "all"), (3, 4)),
        ((slice(0, 2), [[1]]), (3, 4)),
        ((slice(0, 2), slice("a")), (3, 4)),
        ((slice(0, 2), slice(0, 2), slice(0, 2)), (3, 4)),
        ((np.array([0, 1]), np.array([0, 1])), (3, 4)),
        (range(9, 15), (3, 4)),
    ],
)
def test_rows_and_columns_that_are_not_there_are_refused(units, size):
    net = nb.Network({"A": nb.Population(THROUGH, size)}, stimuli=[nb.Stimulus("A.u", nb.Step(1.0), units)])
    with pytest.raises(nb.NbkitError) as caught:
        nb.simulate(net, 1.0, 0.5)
    assert {p.code for p in caught.value.problems} == {"bad-units"}
    assert all(p.hint for p in caught.value.problems)


# Files


def test_everything_of_place_survives_json_link_and_code():
    net = nb.Network(
        {
            "A": nb.Population(LEAK, (2, 3), {"tau": nb.Expression("5 + x*y")}, extent=(1.0, 2.5), edges="periodic"),
            "B": nb.Population(LEAK, (4,), initial={"x": nb.Expression("x")}, extent=3),
        },
        stimuli=[
            nb.Stimulus("A.u", nb.MovingBubble(1.0, 0.2, 0.3, "2 s", 2, 0.1, (0.5, 1.0)), name="a"),
            nb.Stimulus("B.u", nb.MovingBubble(1.0, 0.2, 0.3, 40.0, centre=0.5), name="b"),
            nb.Stimulus("A.u", nb.UniformNoise(-1, 1), (slice(0, 2), [1, 2]), name="c"),
            nb.Stimulus("A.u", nb.Expression("x + t"), name="d"),
        ],
    )
    made: dict[str, object] = {}
    exec(net.to_code(), made)  # noqa: S102  our own text
    for again in (nb.Network.from_json(net.to_json()), nb.Network.from_link(net.to_link()), made["net"]):
        assert again == net
        assert again.check() == []
        assert again.populations["A"].size == (2, 3)
        assert again.populations["A"].grid == net.populations["A"].grid
        assert again.stimuli[0].signal == net.stimuli[0].signal
    assert "nb.Population(nb.models.leaky_integrator, (2, 3)" in net.to_code()
    assert {"a.width", "a.period", "c.low"} <= set(net.paths())
    assert net.describe("a.period").unit == "ms"


def test_large_arrays_of_a_sheet_stand_in_the_result_and_are_read_back():
    rng = np.random.default_rng(0)
    tau, frames = rng.uniform(5, 15, (30, 40)), rng.normal(size=(30, 30, 40))
    net = nb.Network(
        {"A": nb.Population(LEAK, (30, 40), {"tau": tau})}, stimuli=[nb.Stimulus("A.u", nb.Recorded(frames, dt=0.5))]
    )
    for record in ("A.x", nb.Record("A.x", units=slice(None, None, -1))):
        ds = nb.simulate(net, 5.0, 0.5, record=[record])
        again = nb.Network.from_json(ds.attrs["network"], ds)
        assert again == net
        assert nb.simulate(again, 5.0, 0.5)["A.x"].shape == (11, 30, 40)


def test_a_parameter_of_units_recorded_in_another_order_is_read_back_in_its_own():
    net = nb.Network({"A": nb.Population(LEAK, 1200, {"tau": np.linspace(5, 15, 1200)})})
    ds = nb.simulate(net, 1.0, 0.5, record=[nb.Record("A.x", units=slice(None, None, -1))])
    assert nb.Network.from_json(ds.attrs["network"], ds) == net
