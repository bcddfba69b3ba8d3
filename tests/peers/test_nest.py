"""Owns the agreement with NEST 3.10: single neurons `iaf_psc_exp` to rounding, a network spike by spike.

The traces come from NEST's own runs at a resolution of 0.1 ms: four cases of one neuron or two (a constant current and
three excitatory and one inhibitory spike; the same below threshold; a current switched on and off; a chain of two), and
160 + 40 neurons with 4,800 given synapses, own weights and delays, for 1000 ms. NEST's sample stamped t is the state at
t; its first one is at t = h.
"""

from pathlib import Path

import numpy as np
import pytest

import nbkit as nb

DATA = Path(__file__).parent / "data"
ONE = np.load(DATA / "nest_iaf_psc_exp.npz")
MANY = np.load(DATA / "nest_network.npz")
H = 0.1
PARAMETERS = {k.removeprefix("par_"): float(ONE[k]) for k in ONE.files if k.startswith("par_")}


def neurons(count: int, current=0.0, potential=-65.0) -> nb.Population:
    parameters = {**PARAMETERS, "I_e": current}
    return nb.Population(nb.models.iaf_psc_exp, count, parameters=parameters, initial={"V_m": potential})


def spikes_from_outside(excitatory: float, inhibitory: float) -> list[nb.Stimulus]:
    delay = float(ONE["delay"])
    return [
        nb.Stimulus("E.I_ex", nb.SpikeTimes(ONE["exc_times"] + delay, weight=excitatory), units=[0]),
        nb.Stimulus("E.I_in", nb.SpikeTimes(ONE["inh_times"] + delay, weight=inhibitory), units=[0]),
    ]


def chain() -> nb.Network:
    weight, delay = (float(ONE[f"D_chain_{name}"]) for name in ("weight", "delay"))
    onto_second = nb.Projection("E.spike", "E.I_ex", rule=nb.Explicit([0], [1]), weight=np.array([weight]), delay=delay)
    return nb.Network({"E": neurons(2, [400.0, 0.0])}, [onto_second], spikes_from_outside(500.0, -500.0))


def switched() -> nb.Network:
    amplitude, start, stop, delay = ONE["C_dc"]
    current = nb.Stimulus("E.I_stim", nb.Pulse(start + delay, stop + delay, amplitude))
    return nb.Network({"E": neurons(1)}, stimuli=[current, *spikes_from_outside(500.0, -500.0)])


CASES = {
    "A": lambda: nb.Network({"E": neurons(1, 400.0)}, stimuli=spikes_from_outside(500.0, -500.0)),
    "B": lambda: nb.Network({"E": neurons(1)}, stimuli=spikes_from_outside(2000.0, -1000.0)),
    "C": switched,
    "D": chain,
}


@pytest.mark.parametrize("case", CASES)
def test_a_neuron_of_nest_is_met_to_rounding(case):
    record = ["E.V_m", "E.I_ex", "E.I_in", "E.spike"]
    ds = nb.simulate(CASES[case](), len(ONE["A_V"]) * H, H, record=record)
    for variable, stored in {"V_m": "V", "I_ex": "Iex", "I_in": "Iin"}.items():
        np.testing.assert_allclose(ds[f"E.{variable}"].to_numpy()[1:, 0], ONE[f"{case}_{stored}"], rtol=0, atol=1e-9)
    stamps = np.rint(ds["E.spike_time"].to_numpy()[ds["E.spike_unit"].to_numpy() == 0] / H).astype(int)
    assert stamps.tolist() == np.rint(ONE[f"{case}_spikes"] / H).astype(int).tolist()


def test_the_second_neuron_of_a_chain_is_met():
    ds = nb.simulate(chain(), len(ONE["D_V2"]) * H, H, record=["E.V_m", "E.I_ex"])
    np.testing.assert_allclose(ds["E.V_m"].to_numpy()[1:, 1], ONE["D_V2"], rtol=0, atol=1e-9)
    np.testing.assert_allclose(ds["E.I_ex"].to_numpy()[1:, 1], ONE["D_Iex2"], rtol=0, atol=1e-9)


def network() -> nb.Network:
    """The 200 neurons; the sign of a weight tells onto which current it goes."""
    projections = []
    for name, kept in (("I_ex", MANY["weight"] > 0), ("I_in", MANY["weight"] <= 0)):
        rule = nb.Explicit(MANY["src"][kept], MANY["tgt"][kept])
        delay = MANY["delay_steps"][kept] * H
        weight = MANY["weight"][kept]
        projections.append(nb.Projection("N.spike", f"N.{name}", rule=rule, weight=weight, delay=delay, name=name))
    return nb.Network({"N": neurons(200, MANY["I_e"], MANY["V0"])}, projections)


def test_every_spike_of_a_network_of_nest_is_met():
    ds = nb.simulate(network(), float(MANY["T"]), H, record=["N.spike", "N.V_m"])
    stamps = np.rint(ds["N.spike_time"].to_numpy() / H).astype(int)
    found = sorted(zip(stamps.tolist(), ds["N.spike_unit"].to_numpy().tolist(), strict=True))
    expected = list(zip(MANY["spike_step"].tolist(), MANY["spike_id"].tolist(), strict=True))
    assert len(expected) == 3753
    assert found == expected
    first = ds["N.V_m"].to_numpy()[1:, :5].T
    np.testing.assert_allclose(first[:, : MANY["V_first5"].shape[1]], MANY["V_first5"], rtol=0, atol=1e-9)


def test_the_network_needs_the_exact_step():
    """Euler at the same resolution fires more: 3826 spikes."""
    ds = nb.simulate(network(), float(MANY["T"]), H, record=["N.spike"], method="euler")
    assert ds.sizes["N.spike"] == 3826
