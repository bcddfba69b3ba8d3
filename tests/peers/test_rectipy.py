"""Owns the agreement with RectiPy 0.12.2: five quadratic neurons, every spike and every twentieth row.

The traces come from RectiPy's own float64 run on the CPU, Euler, dt = 0.001, 30,000 steps, recurrent weights J,
one recorded input per neuron.
"""

from pathlib import Path

import numpy as np
import pytest

import nbkit as nb

pytestmark = pytest.mark.both_ways

DATA = np.load(Path(__file__).parent / "data" / "rectipy_qif.npz")
DT, STEPS = float(DATA["dt"]), len(DATA["inp"])


def network() -> nb.Network:
    return nb.Network(
        {"Q": nb.Population(nb.models.qif, 5)},
        [nb.Projection("Q.s", "Q.s_in", weight=DATA["J"])],
        [nb.Stimulus("Q.I_ext", nb.Recorded(DATA["inp"], dt=DT))],
        time_unit="1",
    )


def test_every_spike_and_every_row_of_rectipy_is_met():
    sim = nb.Simulation(network(), dt=DT)
    ds = sim.run(STEPS * DT, record=["Q.v", "Q.s", "Q.spike"])
    stamps = np.rint(ds["Q.spike_time"].to_numpy() / DT).astype(int)
    assert len(stamps) == 760
    assert stamps.tolist() == DATA["spike_step"].tolist()
    assert ds["Q.spike_unit"].to_numpy().tolist() == DATA["spike_unit"].tolist()
    np.testing.assert_allclose(ds["Q.v"].to_numpy()[:-1:20], DATA["v"], atol=1e-9)
    np.testing.assert_allclose(ds["Q.s"].to_numpy()[:-1:20], DATA["s"], atol=1e-9)


def test_the_coupling_is_kept_at_the_target():
    """One product per step would be the slow way; the folded sum says the same."""
    sim = nb.Simulation(network(), dt=DT)
    assert len(sim.program.folds) == 1
    sim.run(5.0)
    fold = sim.program.folds[0]
    executor, stepper = sim._stepper.executor, sim._stepper
    row = stepper._base + stepper._inside
    folded, state = executor.rows(fold.sum)[row], executor.rows(fold.state)[row + fold.state.history]
    assert np.abs(folded).max() > 1e-3
    np.testing.assert_allclose(folded, DATA["J"] @ state, atol=1e-12)
