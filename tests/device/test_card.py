"""Law: a real card does what NumPy does. Skipped, with the reason, where there is none."""

from __future__ import annotations

import numpy as np
import pytest

import nbkit as nb
from tests.device.compare import everything, farthest, run
from tests.device.networks import RATES, SPIKES, STEPS, shipped

pytestmark = pytest.mark.device

CLOSE = {"float64": 1e-12, "float32": 1e-5}


@pytest.mark.parametrize("precision", CLOSE)
@pytest.mark.parametrize("unit", STEPS)
def test_shipped_models_do_what_numpy_does(card, unit, precision):
    net, dt = shipped(unit), STEPS[unit][0]
    pair = [run(net, 1000, dt, backend=b, precision=precision) for b in ("cupy", "numpy")]
    assert farthest(*pair, net) < CLOSE[precision]


@pytest.mark.parametrize("precision", CLOSE)
@pytest.mark.parametrize("kind", RATES)
def test_rates_do_what_numpy_does(card, kind, precision):
    net = RATES[kind]()
    pair = [run(net, 1000, 0.1, backend=b, precision=precision) for b in ("cupy", "numpy")]
    assert farthest(*pair, net) < CLOSE[precision]


@pytest.mark.parametrize("kind", SPIKES)
def test_spikes_do_what_numpy_does_and_bits_repeat(card, kind):
    net = SPIKES[kind]()
    dt = {"ms": 0.1, "1": 0.002}[net.time_unit]
    one, again, expected = (run(net, 700, dt, backend=b) for b in ("cupy", "cupy", "numpy"))
    assert farthest(one, expected, net) < (1e-5 if kind == "drawn table" else 1e-9)
    for path in everything(net):
        for name in (f"{path}_time", f"{path}_unit") if path.endswith("spike") else (path,):
            assert one[name].values.tobytes() == again[name].values.tobytes()


def test_the_microcircuit_keeps_its_rates(card):
    """A tenth of the microcircuit on a card: means of five seeds of NEST, within four spreads of a seed."""
    ds = nb.simulate(nb.networks.microcircuit(0.1), 2500.0, 0.1, seed=1, backend="cupy", discard=500.0)
    nest = np.array([0.489, 2.116, 3.971, 5.001, 6.616, 7.829, 0.828, 7.020])
    spread = np.array([0.025, 0.067, 0.066, 0.047, 0.348, 0.065, 0.037, 0.063])
    names = ["L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I"]
    sizes = [nb.networks.microcircuit(0.1).populations[name].count for name in names]
    rates = np.array([ds.sizes[f"{name}.spike"] / size / 2.0 for name, size in zip(names, sizes, strict=True)])
    assert (np.abs(rates - nest) < np.maximum(4 * spread, 0.04 * nest)).all(), rates
