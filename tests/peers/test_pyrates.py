"""Owns the agreement with PyRates 1.2.3: its Wilson-Cowan population, row by row.

The traces come from PyRates' own NumPy backend in float64, Euler, dt = 0.001, started away from the
fixed point with heterogeneous thresholds. PyRates' sources are zero before t = 0.
"""

from pathlib import Path

import numpy as np
import pytest

import nbkit as nb

pytestmark = pytest.mark.both_ways

DATA = np.load(Path(__file__).parent / "data" / "pyrates_wilson_cowan.npz")
DELAYS = {"basic": {}, "het": {}, "delay": {"delay": 0.5}, "gamma": {"delay": 0.5, "spread": 0.1}}


def network(case: str, history: str = "zero") -> nb.Network:
    parameters = {"theta": DATA["theta"]} | ({"tau": DATA["tau"]} if case == "het" else {})
    population = nb.Population(nb.models.wilson_cowan, 10, parameters=parameters, initial={"r": DATA["r0"]})
    projection = nb.Projection("E.r", "E.r_in", weight=DATA["W"], history=history, **DELAYS[case])
    return nb.Network({"E": population}, [projection])


@pytest.mark.parametrize("case", DELAYS)
@pytest.mark.parametrize(("duration", "every"), [(2, 1), (100, 100)])
def test_every_row_of_pyrates_is_met(case, duration, every):
    theirs = DATA[f"init_{case}_T{duration}_f64"]
    ours = nb.simulate(network(case), duration, float(DATA["dt"]), record=["E.r"])["E.r"].to_numpy()
    assert np.ptp(theirs, axis=0).max() > 0.02  # the traces move: agreement means something
    assert np.abs(ours[:-1:every] - theirs).max() < 1e-10


@pytest.mark.parametrize("case", ["delay", "gamma"])
def test_our_own_history_differs_from_theirs(case):
    theirs = DATA[f"init_{case}_T2_f64"]
    ours = nb.simulate(network(case, history="initial"), 2, 1e-3)["E.r"].to_numpy()[:-1]
    assert np.abs(ours - theirs).max() > 1e-4
