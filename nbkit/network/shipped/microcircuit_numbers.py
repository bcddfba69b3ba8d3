"""Owns what follows from the microcircuit's table: synapses, weights, compensating currents. Must not know networks.

Arrays over populations are in the order of the table; matrices are (target, source). Currents in pA, potentials in
mV, times in ms, rates in Hz. The formulas are those of Potjans & Diesmann (2014) and of van Albada, Helias &
Diesmann (2015) PLoS Comput. Biol. 11:e1004490 for smaller networks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nbkit.network.shipped import microcircuit_table as table
from nbkit.network.values import Array

_PER_MS = 1e-3  # Hz in spikes per ms


@dataclass(frozen=True, eq=False)
class Derived:
    """The numbers of a network of a certain scale.

    Attributes:
        sizes: units of each population, (8,).
        synapses: connections of each pair, (8, 8).
        weights: mean weight of each pair, (8, 8).
        background_weight: weight of a background spike.
        background_rates: rate of all background spikes onto a unit, (8,).
        currents: constant current onto each unit, (8,).
    """

    sizes: Array
    synapses: Array
    weights: Array
    background_weight: float
    background_rates: Array
    currents: Array


def derive(scale: float, k_scale: float, background: str) -> Derived:
    """The numbers of a network with ``scale`` of the neurons and ``k_scale`` of each neuron's inputs.

    ``background`` is ``"poisson"`` or ``"dc"``. All numbers of units and synapses are rounded half to even.

    >>> derive(0.1, 0.1, "poisson").synapses.sum()
    np.float64(2988807.0)
    """
    return Derived(
        sizes=np.rint(np.array(table.SIZES) * scale),
        synapses=np.rint(full_synapses() * scale * k_scale),
        weights=full_weights() / math.sqrt(k_scale),
        background_weight=table.POTENTIAL * current_per_potential() / math.sqrt(k_scale),
        background_rates=table.BACKGROUND_RATE * np.rint(np.array(table.EXTERNAL_IN_DEGREES) * k_scale),
        currents=compensating_currents(k_scale, background),
    )


def synapse_number(probability: float, sources: int, targets: int) -> float:
    """How many synapses, drawn among all pairs with repetition, give a pair this chance of at least one.

    Written as the published model computes it: with more careful arithmetic two pairs would get one synapse more.

    >>> round(synapse_number(0.0077, 20683, 21915))
    3503670
    """
    return math.log(1.0 - probability) / math.log(1.0 - 1.0 / (float(sources) * targets))


def full_synapses() -> Array:
    """Number of synapses of each pair at full scale, not yet rounded, (target, source)."""
    rows = zip(table.SIZES, table.PROBABILITIES, strict=True)
    return np.array([[synapse_number(p, n, m) for p, n in zip(row, table.SIZES, strict=True)] for m, row in rows])


def current_per_potential() -> float:
    """Weight in pA that moves the membrane by 1 mV at the peak of its response.

    >>> round(current_per_potential(), 6)
    585.389957
    """
    tau_m, tau_s, capacitance = (table.NEURON[name] for name in ("tau_m", "tau_syn_ex", "C_m"))
    shared = tau_m * tau_s / (tau_m - tau_s)
    peak = shared * math.log(tau_m / tau_s)
    return capacitance / (shared * (math.exp(-peak / tau_m) - math.exp(-peak / tau_s)))


def full_weights() -> Array:
    """Mean weight of each pair at full scale, (target, source)."""
    excites = np.arange(len(table.POPULATIONS)) % 2 == 0
    potentials = np.tile(np.where(excites, table.POTENTIAL, table.INHIBITION * table.POTENTIAL), (len(excites), 1))
    source, target, factor = table.DOUBLED
    potentials[table.POPULATIONS.index(target), table.POPULATIONS.index(source)] *= factor
    return potentials * current_per_potential()


def rheobase() -> float:
    """The constant current that only just reaches the threshold."""
    return table.NEURON["C_m"] * (table.NEURON["V_th"] - table.NEURON["E_L"]) / table.NEURON["tau_m"]


def compensating_currents(k_scale: float, background: str) -> Array:
    """The constant current that replaces what is missing in the mean input of each population.

    Fewer inputs with weights larger by ``1/sqrt(k_scale)`` keep the variance of the input but not its mean. The
    rates of the full network are taken as given. With ``"dc"`` the whole background is such a current.
    """
    per_rate = _PER_MS * table.NEURON["tau_syn_ex"]
    in_degrees = full_synapses() / np.array(table.SIZES, dtype=np.float64)[:, None]
    recurrent = (full_weights() * in_degrees * np.array(table.FULL_RATES)).sum(axis=1)
    weight = table.POTENTIAL * current_per_potential()
    outside = weight * np.array(table.EXTERNAL_IN_DEGREES) * table.BACKGROUND_RATE
    missing = 1.0 - math.sqrt(k_scale)
    share = 1.0 if background == "dc" else missing
    currents: Array = per_rate * (share * outside + missing * recurrent)
    return currents


def thalamic_synapses(k_scale: float) -> Array:
    """Number of synapses of the thalamic neurons onto each population of the full size, (8,).

    Thalamic neurons and what they reach are not scaled with the number of cortical neurons.
    """
    pairs = zip(table.THALAMIC_PROBABILITIES, table.SIZES, strict=True)
    return np.rint([k_scale * synapse_number(p, table.THALAMIC_SIZE, n) for p, n in pairs]) + 0.0
