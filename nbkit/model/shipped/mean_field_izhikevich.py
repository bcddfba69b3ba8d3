"""Owns the shipped mean fields of Izhikevich neurons. Must not know networks.

The recovery variable u is averaged over the neurons, which is an approximation.
"""

from __future__ import annotations

from nbkit.model.model import Model, Parameter, State

_INPUTS = {"r_in": 0.0, "I_ext": 0.0}

izhikevich_mean_field_dimensionless = Model(
    "izhikevich_mean_field_dimensionless",
    """
    tau * dr/dt = Delta/(pi*tau) + r*(2*v - alpha - g*tau*s)
    tau * dv/dt = v**2 - alpha*v + eta + I_ext - u + g*tau*s*(E_r - v) - (pi*tau*r)**2
    du/dt = a*(b*v - u) + d*r
    ds/dt = -s/tau_s + J*r + r_in
    """,
    states={
        "r": State(0.0, meaning="firing rate"),
        "v": State(0.0, meaning="mean membrane potential"),
        "u": State(0.0, meaning="mean recovery current"),
        "s": State(0.0, meaning="synaptic activation"),
    },
    inputs=_INPUTS,
    parameters={
        "tau": Parameter(1.0, "", (1e-9, None), "membrane time constant"),
        "Delta": Parameter(0.02, limits=(0.0, None), meaning="half-width of the background currents"),
        "eta": Parameter(0.0, meaning="mean background current"),
        "alpha": Parameter(0.6, meaning="threshold above rest"),
        "J": Parameter(1.0, meaning="coupling of the population to itself"),
        "g": Parameter(0.5, limits=(0.0, None), meaning="synaptic conductance"),
        "E_r": Parameter(1.0, meaning="reversal potential of the synapses"),
        "tau_s": Parameter(2.6, "", (1e-9, None), "time constant of the synapses"),
        "a": Parameter(0.008, meaning="rate of the recovery"),
        "b": Parameter(-0.01, meaning="sensitivity of the recovery to the potential"),
        "d": Parameter(0.02, meaning="recovery current added by a spike"),
    },
    time_unit="1",
    source="Chen & Campbell (2022) J. Comput. Neurosci. 50:445-469",
)

_STATES = {
    "r": State(0.0, "1/ms", meaning="firing rate"),
    "v": State(-60.0, "mV", meaning="mean membrane potential"),
    "u": State(0.0, "pA", meaning="mean recovery current"),
    "s": State(0.0, meaning="synaptic activation"),
}
_PARAMETERS = {
    "C": Parameter(100.0, "pF", (1e-9, None), "membrane capacitance"),
    "k": Parameter(1.0, "nS/mV", (1e-9, None), "steepness of the quadratic"),
    "v_r": Parameter(-70.0, "mV", meaning="resting potential"),
    "v_t": Parameter(-40.0, "mV", meaning="mean spike threshold"),
    "eta": Parameter(0.0, "pA", meaning="mean background current"),
    "J": Parameter(1.0, meaning="coupling of the population to itself"),
    "g": Parameter(0.5, "nS", (0.0, None), "synaptic conductance"),
    "E_r": Parameter(0.0, "mV", meaning="reversal potential of the synapses"),
    "tau_s": Parameter(5.0, "ms", (1e-9, None), "time constant of the synapses"),
    "a": Parameter(0.008, "1/ms", meaning="rate of the recovery"),
    "b": Parameter(-0.01, "nS", meaning="sensitivity of the recovery to the potential"),
    "d": Parameter(10.0, "pA", meaning="recovery current added by a spike"),
}
_RECOVERY_AND_SYNAPSE = """
    du/dt = a*(b*(v - v_r) - u) + d*r
    ds/dt = -s/tau_s + J*r + r_in
"""

izhikevich_mean_field_currents = Model(
    "izhikevich_mean_field_currents",
    f"""
    C * dr/dt = k*Delta/(pi*C) + r*(k*(2*v - v_r - v_t) - g*s)
    C * dv/dt = k*(v - v_r)*(v - v_t) + eta + I_ext - u + g*s*(E_r - v) - (pi*C*r)**2/k
    {_RECOVERY_AND_SYNAPSE.strip()}
    """,
    states=_STATES,
    inputs=_INPUTS,
    parameters={
        **_PARAMETERS,
        "Delta": Parameter(0.02, "pA", (0.0, None), "half-width of the background currents"),
    },
    source="Chen & Campbell (2022) J. Comput. Neurosci. 50:445-469, in physical units. Delta is the half-width of the "
    "currents themselves, hence k*Delta; PyRates has k**2*Delta, which is the same at k = 1",
)

izhikevich_mean_field_thresholds = Model(
    "izhikevich_mean_field_thresholds",
    f"""
    C * dr/dt = k**2*Delta*(v - v_r)/(pi*C) + r*(k*(2*v - v_r - v_t) - g*s)
    C * dv/dt = k*(v - v_r)*(v - v_t) + eta + I_ext - u + g*s*(E_r - v) - pi*C*r*(Delta + pi*C*r/k)
    {_RECOVERY_AND_SYNAPSE.strip()}
    """,
    states=_STATES,
    inputs=_INPUTS,
    parameters={
        **_PARAMETERS,
        "Delta": Parameter(0.02, "mV", (0.0, None), "half-width of the spike thresholds"),
    },
    source="Gast, Solla & Kennedy (2023) Phys. Rev. E 107:024306; holds while v stays above v_r",
)
