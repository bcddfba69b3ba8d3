"""Owns the agreement of the shipped microcircuit with the published one, number by number.

``microcircuit_params.json`` holds the numbers of the PyNEST example that came with NEST 3.9 and of the repository
INM-6/microcircuit-PD14-model, and what that example derives from them at four scales.
"""

import json
from pathlib import Path

import numpy as np
import pytest

import nbkit as nb
from nbkit.errors import NbkitNote
from nbkit.network.shipped import microcircuit_numbers as numbers
from nbkit.network.shipped import microcircuit_table as table

PUBLISHED = json.loads((Path(__file__).parent / "data" / "microcircuit_params.json").read_text(encoding="utf-8"))
DERIVED = PUBLISHED["derived"]
SCALED = {(case["N_scaling"], case["bg"]): case for case in PUBLISHED["scaled"]}

#: constant currents as they are printed, pA
CURRENTS = {
    (1, "poisson"): "0.000 0.000 0.000 0.000 0.000 0.000 0.000 0.000",
    (1, "dc"): "561.974 526.851 737.591 667.345 702.468 667.345 1018.579 737.591",
    (0.5, "poisson"): "12.437 48.134 48.390 49.256 53.723 64.974 18.782 65.841",
    (0.2, "poisson"): "23.473 90.845 91.329 92.962 101.393 122.627 35.447 124.265",
    (0.1, "poisson"): "29.035 112.371 112.970 114.990 125.418 151.684 43.847 153.710",
    (0.1, "dc"): "206.747 278.976 346.217 326.023 347.558 362.717 365.950 386.957",
}
TOTALS = {1: (77169, 298880968), 0.5: (38586, 74720239), 0.2: (15435, 11955239), 0.1: (7717, 2988807)}
WEIGHTS = {1: (87.8085, -351.2340), 0.5: (124.1800, -496.7198), 0.2: (196.3458, -785.3830), 0.1: (277.6748, -1110.6993)}


def make(scale: float, background: str = "poisson") -> nb.Network:
    if background == "dc" and scale < 0.5:
        with pytest.warns(NbkitNote, match="silent"):
            return nb.networks.microcircuit(scale, background=background)
    return nb.networks.microcircuit(scale, background=background)


def test_the_table_is_the_published_one():
    assert list(table.POPULATIONS) == PUBLISHED["populations"]
    assert list(table.SIZES) == PUBLISHED["num_neurons_full"]
    assert [list(row) for row in table.PROBABILITIES] == PUBLISHED["conn_probs_target_by_source"]
    assert list(table.EXTERNAL_IN_DEGREES) == PUBLISHED["K_ext"]
    assert PUBLISHED["bg_rate_Hz"] == table.BACKGROUND_RATE
    assert list(table.FULL_RATES) == PUBLISHED["full_mean_rates_used_for_scaling_Hz"]
    assert (PUBLISHED["PSP_exc_mV"], PUBLISHED["g"]) == (table.POTENTIAL, table.INHIBITION)
    assert ("L4E", "L23E", PUBLISHED["PSP_L4E_to_L23E_factor"]) == table.DOUBLED
    assert (PUBLISHED["weight_rel_std"], PUBLISHED["delay_rel_std"]) == (table.WEIGHT_SPREAD, table.DELAY_SPREAD)
    assert (PUBLISHED["delay_exc_ms"], PUBLISHED["delay_inh_ms"]) == table.DELAYS
    start = PUBLISHED["V0"]["optimized"]
    assert table.INITIAL_POTENTIALS["optimized"] == tuple(zip(start["mean"], start["std"], strict=True))
    start = PUBLISHED["V0"]["original"]
    assert set(table.INITIAL_POTENTIALS["original"]) == {(start["mean"], start["std"])}
    neuron = dict(PUBLISHED["neuron"])
    assert neuron.pop("model") == "iaf_psc_exp"
    tau = neuron.pop("tau_syn")
    assert {**neuron, "tau_syn_ex": tau, "tau_syn_in": tau} == table.NEURON


def test_the_thalamus_is_the_published_one():
    thalamus = PUBLISHED["thalamus"]
    assert thalamus["num_neurons"] == table.THALAMIC_SIZE
    assert list(table.THALAMIC_PROBABILITIES) == thalamus["conn_probs"]
    assert (thalamus["rate_Hz"], thalamus["delay_ms"]) == (table.THALAMIC_RATE, table.THALAMIC_DELAY)
    assert numbers.thalamic_synapses(1.0).tolist() == [0, 0, 2045393, 315791, 0, 0, 682419, 52636]
    assert numbers.thalamic_synapses(0.1).tolist() == np.rint(np.array(thalamus["num_synapses_full"]) / 10).tolist()
    in_degrees = numbers.thalamic_synapses(1.0) / np.array(table.SIZES)
    np.testing.assert_allclose(in_degrees, thalamus["indegree_full"], rtol=1e-5)


def test_synapses_and_weights_at_full_scale():
    assert numbers.full_synapses() == pytest.approx(np.array(DERIVED["num_synapses_full_exact"]), rel=1e-15)
    in_degrees = numbers.full_synapses() / np.array(table.SIZES)[:, None]
    assert in_degrees == pytest.approx(np.array(DERIVED["indegree_full"]), rel=1e-14)
    assert in_degrees.sum(axis=1).round().tolist() == [4995, 5285, 2806, 5888, 4944, 2736, 2564, 2434]
    assert numbers.current_per_potential() == pytest.approx(DERIVED["PSP_to_PSC_pA_per_mV"], rel=1e-15)
    assert numbers.rheobase() == 375.0


@pytest.mark.parametrize("case", SCALED, ids=str)
def test_every_number_of_a_scaled_network(case):
    scale, background = case
    published, net = SCALED[case], make(scale, background)
    names = table.POPULATIONS
    assert [p.count for p in net.populations.values()] == published["num_neurons"]
    synapses = {p.name: p.rule.number for p in net.projections}
    expected = np.array(published["num_synapses"], dtype=int)
    pairs = [(i, j) for i in range(8) for j in range(8) if expected[i, j]]
    assert synapses == {f"{names[j]}->{names[i]}": expected[i, j] for i, j in pairs}
    assert (sum(published["num_neurons"]), sum(synapses.values())) == TOTALS[scale]
    currents = [net.value(f"{name}.I_e") for name in names]
    assert currents == pytest.approx(published["I_e_pA"], rel=1e-12)
    assert " ".join(f"{current:.3f}" for current in currents) == CURRENTS[case]
    means = {p.name: p.weight.inside.mean for p in net.projections}
    assert (round(means["L23E->L23E"], 4), round(means["L6I->L6E"], 4)) == WEIGHTS[scale]
    assert means["L4E->L23E"] == pytest.approx(published["weight_L4E_to_L23E_pA"], rel=1e-14)
    assert len({round(mean, 9) for mean in means.values()}) == 3
    trains = [(s.target, s.signal.rate, s.signal.weight) for s in net.stimuli]
    rates = published["poisson_rate_per_neuron_Hz"] if background == "poisson" else []
    weight = pytest.approx(published["weight_ext_pA"], rel=1e-14)
    assert trains == [(f"{name}.I_ex", rate, weight) for name, rate in zip(names, rates, strict=False)]


def test_laws_of_weights_delays_and_initial_potentials():
    net = make(0.1)
    for p in net.projections:
        excites = p.source.split(".")[0].endswith("E")
        weight, delay = p.weight, p.delay
        assert (weight.low, weight.high) == ((0.0, None) if excites else (None, 0.0))
        assert (weight.inside.mean > 0) == excites == p.target.endswith("I_ex")
        assert weight.inside.standard_deviation == pytest.approx(0.1 * abs(weight.inside.mean), rel=1e-15)
        mean = 1.5 if excites else 0.75
        assert (delay.inside, delay.low, delay.high) == (nb.Normal(mean, mean / 2), 0.05, None)
    assert net.value("L5I.V_m.initial") == nb.Normal(-61.66, 4.55)
    assert nb.networks.microcircuit(v0="original").value("L5I.V_m.initial") == nb.Normal(-58.0, 10.0)
    assert nb.networks.microcircuit(resolution=0.05).projections[0].delay.low == 0.025


def test_sizes_and_inputs_are_scaled_apart():
    net = nb.networks.microcircuit(0.1, k_scale=1.0)
    assert net.populations["L5I"].count == 106
    assert net.value("L23E->L23E.weight.inside.mean") == pytest.approx(87.808494)
    assert net.projections[0].rule.number == round(45499804.888 * 0.1)
    assert [net.value(f"{name}.I_e") for name in table.POPULATIONS] == [0.0] * 8


def test_a_constant_background_is_told_where_it_cannot_reach_the_threshold():
    with pytest.warns(NbkitNote) as notes:
        nb.networks.microcircuit(0.1, background="dc")
    assert "L23E, L23I, L4E, L4I, L5E, L5I, L6E get" in str(notes[0].message)
    with pytest.warns(NbkitNote) as notes:
        nb.networks.microcircuit(0.2, background="dc")
    assert str(notes[0].message).count("L") == 2
    nb.networks.microcircuit(0.5, background="dc")


#: NEST 3.10, the same network at 0.1, five seeds of 2 s after 0.5 s: means, and the spread between seeds
NEST_RATES = [0.489, 2.116, 3.971, 5.001, 6.616, 7.829, 0.828, 7.020]
RATE_SPREAD = [0.025, 0.067, 0.066, 0.047, 0.348, 0.065, 0.037, 0.063]
NEST_CV = [0.552, 0.634, 0.693, 0.706, 0.712, 0.717, 0.591, 0.704]
NEST_SYNCHRONY = [3.02, 2.98, 3.19, 2.38, 5.63, 1.16, 1.65, 1.13]


def test_rates_irregularity_and_synchrony_are_those_of_nest():
    """One seed of 2 s: within four spreads of a seed, CV within 12 %, synchrony within 35 %."""
    sim = nb.Simulation(nb.networks.microcircuit(0.1), 0.1, seed=1)
    assert [len(table.targets) for table in sim.program.tables] == [2988807]
    assert sim.program.tables[0].size < 9 * 2988807
    assert not sim.program.deliveries
    ds = sim.run(2500.0)
    late = {name: ds[f"{name}.spike_time"] >= 500.0 for name in table.POPULATIONS}
    ds = ds.isel({f"{name}.spike": kept.values for name, kept in late.items()})
    ds = ds.sel(time=slice(500.0, None))
    found = nb.analysis.spike_statistics(ds).sel(population=list(table.POPULATIONS))
    rates = found["rate"].values
    assert (np.abs(rates - NEST_RATES) < np.maximum(4 * np.array(RATE_SPREAD), 0.04 * np.array(NEST_RATES))).all(), (
        rates
    )
    np.testing.assert_allclose(found["cv"].values, NEST_CV, rtol=0.12)
    np.testing.assert_allclose(found["synchrony"].values, NEST_SYNCHRONY, rtol=0.35)
