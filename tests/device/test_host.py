"""Law: the kernels of a card, compiled for the processor, do what NumPy does."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

import nbkit as nb
from nbkit.run.cuda import device
from nbkit.run.cuda.plan import make_plan
from tests.device.compare import everything, farthest, run
from tests.device.host_device import HostDevice
from tests.device.networks import NOISY, RATES, SPIKES, STEPS, shipped

CLOSE = {"float64": 1e-12, "float32": 1e-5}


def test_every_shipped_model_has_its_place():
    named = [name for unit in STEPS for name in shipped(unit).populations]
    assert sorted(named) == sorted(nb.models.names())


@pytest.mark.parametrize("precision", CLOSE)
@pytest.mark.parametrize("unit", STEPS)
def test_shipped_models_do_what_numpy_does(host, unit, precision):
    net, dt = shipped(unit), STEPS[unit][0]
    found = run(net, 1000, dt, backend="cupy", precision=precision)
    expected = run(net, 1000, dt, precision=precision)
    assert farthest(found, expected, net) < CLOSE[precision]
    moved = [path for path in everything(net) if not path.endswith("spike") and np.ptp(expected[path].values) > 1e-3]
    assert len(moved) > 0.8 * len(everything(net)), "models that stand still prove little"
    for name, population in net.populations.items():
        if population.model.spiking is not None and name != "poisson_source":
            assert expected.sizes[f"{name}.spike"] >= 8


@pytest.mark.parametrize("kind", RATES)
def test_rates_do_what_numpy_does(host, kind):
    net = RATES[kind]()
    steps = 1000 if net.populations["A"].count < 200 else 60
    found, expected = run(net, steps, 0.1, backend="cupy"), run(net, steps, 0.1)
    assert farthest(found, expected, net) < CLOSE["float64"]


@pytest.mark.parametrize("kind", ["dense", "sparse", "many delays", "separable kernel", "kernel by spectrum"])
def test_rates_in_single_precision(host, kind):
    net = RATES[kind]()
    pair = [run(net, 100, 0.1, backend=b, precision="float32") for b in ("cupy", "numpy")]
    assert farthest(*pair, net) < CLOSE["float32"]


@pytest.mark.parametrize("kind", SPIKES)
def test_spikes_do_what_numpy_does(host, kind):
    net = SPIKES[kind]()
    dt = {"ms": 0.1, "1": 0.002}[net.time_unit]
    found, expected = run(net, 700, dt, backend="cupy"), run(net, 700, dt)
    assert sum(expected.sizes[f"{name}.spike"] for name in net.populations) > 50
    single = kind == "drawn table"  # weights in single precision, which NumPy adds up in single precision
    assert farthest(found, expected, net) < CLOSE["float32" if single else "float64"]


@pytest.mark.parametrize("kind", [*SPIKES, "sparse", "parts of populations", "gamma delay", "conduction"])
def test_the_order_in_which_blocks_and_threads_come_changes_no_bit(monkeypatch, kind):
    net, results = (SPIKES.get(kind) or RATES[kind])(), []
    dt = {"ms": 0.1, "1": 0.002}[net.time_unit]
    for backwards in (False, True):
        monkeypatch.setattr(device, "find", lambda b=backwards: HostDevice(backwards=b))
        results.append(run(net, 300, dt, backend="cupy"))
    for path in everything(net):
        for name in (f"{path}_time", f"{path}_unit") if path.endswith("spike") else (path,):
            assert results[0][name].values.tobytes() == results[1][name].values.tobytes()


def test_arrays_of_a_card_and_of_the_processor_are_never_mixed(monkeypatch):
    """What CuPy would refuse, strict arrays refuse too; whatever is done with every kind of network."""
    monkeypatch.setattr(device, "find", lambda: HostDevice(strict=True))
    for make in (*RATES.values(), *SPIKES.values(), *NOISY.values()):
        net = make()
        run(net, 40, {"ms": 0.1, "1": 0.002}[net.time_unit], backend="cupy")
    sim = nb.Simulation(SPIKES["table"](), 0.1, backend="cupy")
    sim.run(5.0)
    sim.set("A->B.gain", 2.0)
    sim.run(30.0, until="any(A.v > 0.9)")
    sim.reset()
    folded = nb.Simulation(SPIKES["folded"](), 0.002, backend="cupy")
    folded.run(0.1)
    folded.set("A.tau_s", 4.0)
    nb.sweep(RATES["recorded"](), {"A.tau": [4.0, 6.0]}, 10.0, 0.1, ["A.r"], backend="cupy")
    with pytest.raises(TypeError, match="of the processor"):
        sim._stepper.executor.arrays.memory[:3] = np.zeros(3)


def test_loose_sums_say_so_and_are_close(host):
    net = SPIKES["table"]()
    loose = run(net, 300, 0.1, backend="cupy", deterministic=False)
    firm = run(net, 300, 0.1, backend="cupy")
    assert farthest(loose, firm, net) < CLOSE["float64"]
    assert (loose.attrs["deterministic"], firm.attrs["deterministic"]) == (0, 1)
    assert firm.attrs["device"] == host.name


# ------------------------------------------------------------ chance


def test_the_same_seed_gives_the_same_noise_however_a_run_is_cut(host):
    net = NOISY["white"]()
    whole = run(net, 900, 0.1, backend="cupy", seed=3)["E.x"].values
    sim = nb.Simulation(net, 0.1, seed=3, backend="cupy")
    pieces = [sim.run(steps * 0.1)["E.x"].values for steps in (1, 300, 599)]
    assert np.concatenate(pieces).tobytes() == whole.tobytes()
    assert not np.allclose(run(net, 900, 0.1, backend="cupy", seed=4)["E.x"].values, whole)


def test_noise_has_its_moments(host):
    """A leak with white noise: standard deviation sqrt(tau/2) * intensity / tau; uniform numbers; coloured noise."""
    net = nb.Network(
        {name: nb.Population(nb.models.leaky_integrator, 400) for name in "WUC"},
        stimuli=[
            nb.Stimulus("W.u", nb.Noise(1.0)),
            nb.Stimulus("U.u", nb.UniformNoise(-1.0, 2.0)),
            nb.Stimulus("C.u", nb.OrnsteinUhlenbeck(0.7, 5.0, mean=0.3)),
        ],
        time_unit="ms",
    )
    found = nb.simulate(net, 300.0, 0.1, backend="cupy", discard=100.0)
    expected = nb.simulate(net, 300.0, 0.1, discard=100.0)
    for name in "WUC":
        ours, theirs = found[f"{name}.x"].values, expected[f"{name}.x"].values
        assert ours.std() == pytest.approx(theirs.std(), rel=0.05)
        assert ours.mean() == pytest.approx(theirs.mean(), abs=0.03)


def test_numbers_of_different_units_steps_and_names_are_independent(host):
    white = nb.Model("white", "x = u", inputs={"u": 0.0})
    net = nb.Network(
        {"A": nb.Population(white, 300), "B": nb.Population(white, 300)},
        stimuli=[nb.Stimulus("A.u", nb.Noise(1.0)), nb.Stimulus("B.u", nb.Noise(1.0))],
        time_unit="ms",
    )
    ds = nb.simulate(net, 60.0, 0.1, backend="cupy")
    rows = np.concatenate([ds["A.x"].values[:600], ds["B.x"].values[:600]], axis=1) * np.sqrt(0.1)
    assert abs(rows.mean()) < 0.01
    assert rows.var() == pytest.approx(1.0, abs=0.01)
    assert (rows**4).mean() == pytest.approx(3.0, abs=0.05)
    between_units = np.corrcoef(rows.T) - np.eye(600)
    assert np.abs(between_units).max() < 6 / np.sqrt(600)
    assert abs((rows[1:] * rows[:-1]).mean()) < 0.01
    shares = norm.cdf(np.sort(rows.ravel()))
    assert np.abs(shares - (np.arange(shares.size) + 0.5) / shares.size).max() < 1.7 / np.sqrt(shares.size)


@pytest.mark.parametrize("rate", [0.0, 3.0, 800.0, 20_000.0, 3e6])
def test_poisson_numbers_have_mean_variance_and_shape(host, rate):
    sum_of = nb.Model("sum", "dn/dt = -n*10", states={"n": 0.0}, events=("n",), threshold="n > 1e30", reset="n = 0")
    net = nb.Network(
        {"A": nb.Population(sum_of, 300)}, stimuli=[nb.Stimulus("A.n", nb.Poisson(rate, 1.0))], time_unit="ms"
    )
    counts = np.rint(nb.simulate(net, 40.0, 0.1, backend="cupy", record=["A.n"])["A.n"].values[1:])
    mean = rate * 1e-4
    error = np.sqrt(max(mean, 1e-12) / counts.size)
    assert abs(counts.mean() - mean) <= 5 * error
    assert counts.var() == pytest.approx(mean, rel=0.03, abs=10 * error)
    if mean:
        assert (counts == 0).mean() == pytest.approx(np.exp(-mean), abs=5 * np.sqrt(np.exp(-mean) / counts.size) + 1e-9)


# ------------------------------------------------------------ replays, values that are set, the microcircuit


def test_steps_are_captured_once_and_replayed(host):
    net = SPIKES["uniform"]()
    sim = nb.Simulation(net, 0.1, backend="cupy")
    block = sim.program.block
    sim.run(block * 0.1)
    replayed, launched = host.replays, host.launches
    sim.run(block * 0.1)
    assert host.replays - replayed == block // 64
    assert host.launches - launched <= 2, "what is replayed is not launched again"


def test_a_step_is_a_few_launches():
    """However many populations there are: those that wait for nothing stand side by side."""
    made = nb.Simulation(nb.networks.microcircuit(0.01), 0.1).program
    found = make_plan(made, "float64", made.sections["block"], made.sections["step"])
    assert (len(found.block), len(found.step)) == (1, 2)
    made = nb.Simulation(RATES["dense"](), 0.1).program
    assert len(make_plan(made, "float64", made.sections["block"], made.sections["step"]).step) == 2


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("dense", "A.tau", 7.0),
        ("dense", "A->B.gain", 0.3),
        ("uniform", "A->B.weight", -0.02),
        ("kernel by spectrum", "A->B.gain", 2.0),
        ("separable kernel", "A->B.gain", 0.5),
        ("formulas", "p.amplitude", -1.0),
    ],
)
def test_what_is_set_acts_from_the_present_step_on(host, kind, path, value):
    results = []
    for backend in ("cupy", "numpy"):
        sim = nb.Simulation(RATES[kind](), 0.1, backend=backend, accelerator=None if backend == "cupy" else False)
        sim.run(3.0)
        sim.set(path, value)
        results.append(sim.run(6.0, record=["A.r", "B.r"]))
    for name in ("A.r", "B.r"):
        np.testing.assert_allclose(results[0][name], results[1][name], rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [("table", "A->B.gain", 3.0), ("dense", "A->B.gain", 3.0), ("folded", "A.tau_s", 4.0), ("far", "A.jump", 0.1)],
)
def test_what_is_set_acts_on_spikes(host, kind, path, value):
    net, results = SPIKES[kind](), []
    dt = {"ms": 0.1, "1": 0.002}[net.time_unit]
    for backend in ("cupy", "numpy"):
        sim = nb.Simulation(net, dt, backend=backend, accelerator=None if backend == "cupy" else False)
        sim.run(101 * dt)
        sim.set(path, value)
        results.append(sim.run(200 * dt, record=everything(net)))
    assert farthest(*results, net) < CLOSE["float64"]


@pytest.mark.parametrize("kind", ["uniform", "table", "refractory, each its own", "no refractoriness"])
def test_a_look_at_the_last_sample_leaves_no_trace(host, kind):
    """A variable at the last sample needs a step more, which is made again: spikes and sums of it must not count."""
    net, results = SPIKES[kind](), []
    for backend in ("cupy", "numpy"):
        sim = nb.Simulation(net, 0.1, backend=backend, accelerator=None if backend == "cupy" else False)
        record = ["A.pull", "B.pull", "A.spike", "B.spike"]
        results.append([sim.run(steps * 0.1, record) for steps in (37, 1, 1, 1, 60, 200, 3)])
    for ours, theirs in zip(*results, strict=True):
        for name in "AB":
            np.testing.assert_allclose(ours[f"{name}.pull"], theirs[f"{name}.pull"], rtol=1e-12, atol=1e-12)
            np.testing.assert_array_equal(ours[f"{name}.spike_time"], theirs[f"{name}.spike_time"])
            np.testing.assert_array_equal(ours[f"{name}.spike_unit"], theirs[f"{name}.spike_unit"])


def test_save_load_and_reset_keep_every_bit(host, tmp_path):
    net = SPIKES["table"]()
    whole = run(net, 400, 0.1, backend="cupy")
    sim = nb.Simulation(net, 0.1, backend="cupy")
    sim.run(15.0)
    sim.save(tmp_path / "standing.npz")
    loaded = nb.Simulation.load(tmp_path / "standing.npz")
    rest = loaded.run(25.0, record=everything(net))
    assert rest["B.v"].values.tobytes() == whole["B.v"].values[151:].tobytes()
    loaded.reset()
    assert loaded.run(40.0, record=["A.v"])["A.v"].values.tobytes() == whole["A.v"].values.tobytes()


def test_a_state_that_leaves_the_finite_numbers_is_found(host):
    model = nb.Model("burst", "dx/dt = x*x", states={"x": 1.0})
    net = nb.Network({"E": nb.Population(model, 3)}, time_unit="ms")
    errors = []
    for backend in ("cupy", "numpy"):
        with pytest.raises(nb.NbkitError, match="became") as error:
            nb.simulate(net, 100.0, 0.1, backend=backend)
        errors.append(str(error.value))
    assert errors[0] == errors[1]


def test_the_microcircuit_has_the_rates_of_nest(monkeypatch):
    """A tenth of the network for 1 s: means of five seeds of NEST 3.10, within four spreads of a seed of 2 s."""
    monkeypatch.setattr(device, "find", lambda: HostDevice(quick=True))
    net = nb.networks.microcircuit(0.1)
    ds = nb.simulate(net, 1500.0, 0.1, seed=1, backend="cupy", discard=500.0)
    nest = np.array([0.489, 2.116, 3.971, 5.001, 6.616, 7.829, 0.828, 7.020])
    spread = np.sqrt(2) * np.array([0.025, 0.067, 0.066, 0.047, 0.348, 0.065, 0.037, 0.063])
    rates = np.array([ds.sizes[f"{name}.spike"] / p.count for name, p in net.populations.items()])
    assert (np.abs(rates - nest) < 4 * spread).all(), rates
