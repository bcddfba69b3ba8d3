"""Owns the published numbers of the cortical microcircuit, nothing derived. Must not know networks.

One square millimetre of early sensory cortex: four layers, each with an excitatory and an inhibitory population.

Sources: Potjans & Diesmann (2014) Cereb. Cortex 24:785-806. Initial potentials that avoid a burst at the onset, and
the rates of a run at full scale, are those of the model's maintained description, microcircuit-PD14-model (INM-6),
and of the PyNEST example that came with NEST 3.
"""

from __future__ import annotations

#: layer and kind; every list below is in this order
POPULATIONS = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")

SIZES = (20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948)

#: chance that two neurons have at least one contact: a row for each target, a column for each source
PROBABILITIES = (
    (0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0),
    (0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0),
    (0.0077, 0.0059, 0.0497, 0.1350, 0.0067, 0.0003, 0.0453, 0.0),
    (0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0),
    (0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0),
    (0.0548, 0.0269, 0.0257, 0.0022, 0.0600, 0.3158, 0.0086, 0.0),
    (0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252),
    (0.0364, 0.0010, 0.0034, 0.0005, 0.0277, 0.0080, 0.0658, 0.1443),
)

#: number of background synapses of a neuron, and the rate of each, Hz
EXTERNAL_IN_DEGREES = (1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100)
BACKGROUND_RATE = 8.0

#: rates of a run at full scale, Hz: what the compensation of a smaller network takes as given
FULL_RATES = (0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829)

#: membrane: mV, pF, ms
NEURON = {
    "tau_m": 10.0,
    "C_m": 250.0,
    "E_L": -65.0,
    "V_th": -50.0,
    "V_reset": -65.0,
    "t_ref": 2.0,
    "tau_syn_ex": 0.5,
    "tau_syn_in": 0.5,
}

#: peak potential of one excitatory spike, mV; inhibition relative to it; the one connection that is stronger
POTENTIAL = 0.15
INHIBITION = -4.0
DOUBLED = ("L4E", "L23E", 2.0)  # source, target, factor

#: standard deviation over mean
WEIGHT_SPREAD = 0.1
DELAY_SPREAD = 0.5

#: mean delays of excitatory and of inhibitory sources, ms
DELAYS = (1.5, 0.75)

#: the initial potentials, mean and standard deviation in mV
INITIAL_POTENTIALS = {
    "optimized": (
        (-68.28, 5.36),
        (-63.16, 4.57),
        (-63.33, 4.74),
        (-63.45, 4.94),
        (-63.11, 4.94),
        (-61.66, 4.55),
        (-66.72, 5.46),
        (-61.43, 4.48),
    ),
    "original": ((-58.0, 10.0),) * 8,
}

#: the thalamic relay neurons: number, chance of a contact with each population, rate in Hz, mean delay in ms
THALAMIC_SIZE = 902
THALAMIC_PROBABILITIES = (0.0, 0.0, 0.0983, 0.0619, 0.0, 0.0, 0.0512, 0.0196)
THALAMIC_RATE = 120.0
RELAY_DELAY = 1.0
THALAMIC_DELAY = 1.5
