"""Owns leaky integrate-and-fire units in the terms and units of NEST, as data.

Potentials in mV, currents in pA, conductances in nS, capacitance in pF, times in ms; the defaults are NEST's. A spike
that arrives adds the weight of its connection to an event state: mV onto ``V_m``, pA onto a current, nS onto a
conductance. Inhibitory connections have their own event state; onto currents their weights are negative, onto
conductances positive. While a unit is refractory its potential is held and events onto the potential are dropped;
currents and conductances go on.
"""

from __future__ import annotations

from nbkit.model.model import Model, Parameter, State

_POSITIVE = (1e-9, None)
_NEST = "NEST's model of this name, its terms, units and defaults"

_V_M = State(-70.0, "mV", meaning="membrane potential")

_CAPACITANCE = {"C_m": Parameter(250.0, "pF", _POSITIVE, "membrane capacitance")}
_FIRING = {
    "E_L": Parameter(-70.0, "mV", meaning="resting potential"),
    "V_th": Parameter(-55.0, "mV", meaning="threshold"),
    "V_reset": Parameter(-70.0, "mV", meaning="reset potential"),
    "t_ref": Parameter(2.0, "ms", (0.0, None), "refractory time"),
    "I_e": Parameter(0.0, "pA", meaning="constant current from outside"),
}
_MEMBRANE = {"tau_m": Parameter(10.0, "ms", _POSITIVE, "membrane time constant"), **_CAPACITANCE, **_FIRING}


def _synapses(excitatory: float, inhibitory: float) -> dict[str, Parameter]:
    return {
        "tau_syn_ex": Parameter(excitatory, "ms", _POSITIVE, "time constant of excitatory synapses"),
        "tau_syn_in": Parameter(inhibitory, "ms", _POSITIVE, "time constant of inhibitory synapses"),
    }


iaf_psc_delta = Model(
    "iaf_psc_delta",
    "dV_m/dt = -(V_m - E_L)/tau_m + (I_e + I_stim)/C_m",
    states={"V_m": _V_M},
    inputs={"I_stim": 0.0},
    parameters=_MEMBRANE,
    events=("V_m",),
    threshold="V_m >= V_th",
    reset="V_m = V_reset",
    refractory="t_ref",
    reset_at="end",
    method="exact",
    time_unit="ms",
    source="leaky integrate-and-fire, a spike moves the potential at once by its weight in mV: Rotter & Diesmann "
    f"(1999) Biol. Cybern. 81:381-402; {_NEST}",
)

iaf_psc_exp = Model(
    "iaf_psc_exp",
    """
    dV_m/dt = -(V_m - E_L)/tau_m + (I_ex + I_in + I_e + I_stim)/C_m
    dI_ex/dt = -I_ex/tau_syn_ex
    dI_in/dt = -I_in/tau_syn_in
    """,
    states={
        "V_m": _V_M,
        "I_ex": State(0.0, "pA", meaning="excitatory synaptic current"),
        "I_in": State(0.0, "pA", meaning="inhibitory synaptic current"),
    },
    inputs={"I_stim": 0.0},
    parameters={**_MEMBRANE, **_synapses(2.0, 2.0)},
    events=("I_ex", "I_in"),
    threshold="V_m >= V_th",
    reset="V_m = V_reset",
    refractory="t_ref",
    reset_at="end",
    method="exact",
    time_unit="ms",
    source="leaky integrate-and-fire, the current of a spike begins at its weight in pA and decays: Tsodyks, Uziel & "
    f"Markram (2000) J. Neurosci. 20:RC50; {_NEST}",
)

iaf_psc_alpha = Model(
    "iaf_psc_alpha",
    """
    dV_m/dt = -(V_m - E_L)/tau_m + (I_ex + I_in + I_e + I_stim)/C_m
    dI_ex/dt = (exp(1)*dI_ex - I_ex)/tau_syn_ex
    dI_in/dt = (exp(1)*dI_in - I_in)/tau_syn_in
    ddI_ex/dt = -dI_ex/tau_syn_ex
    ddI_in/dt = -dI_in/tau_syn_in
    """,
    states={
        **iaf_psc_exp.states,
        "dI_ex": State(0.0, "pA", meaning="drive of the excitatory current: what arrives"),
        "dI_in": State(0.0, "pA", meaning="drive of the inhibitory current: what arrives"),
    },
    inputs={"I_stim": 0.0},
    parameters={**_MEMBRANE, **_synapses(2.0, 2.0)},
    events=("dI_ex", "dI_in"),
    threshold="V_m >= V_th",
    reset="V_m = V_reset",
    refractory="t_ref",
    reset_at="end",
    method="exact",
    time_unit="ms",
    source="leaky integrate-and-fire, the current of a spike rises to its weight in pA within the synaptic time "
    f"constant and falls again: Rotter & Diesmann (1999) Biol. Cybern. 81:381-402; {_NEST}",
)

iaf_cond_exp = Model(
    "iaf_cond_exp",
    """
    dV_m/dt = (-g_L*(V_m - E_L) - g_ex*(V_m - E_ex) - g_in*(V_m - E_in) + I_e + I_stim)/C_m
    dg_ex/dt = -g_ex/tau_syn_ex
    dg_in/dt = -g_in/tau_syn_in
    """,
    states={
        "V_m": _V_M,
        "g_ex": State(0.0, "nS", meaning="excitatory synaptic conductance"),
        "g_in": State(0.0, "nS", meaning="inhibitory synaptic conductance"),
    },
    inputs={"I_stim": 0.0},
    parameters={
        "g_L": Parameter(16.6667, "nS", _POSITIVE, "leak conductance"),
        **_CAPACITANCE,
        **_FIRING,
        "V_reset": Parameter(-60.0, "mV", meaning="reset potential"),
        "E_ex": Parameter(0.0, "mV", meaning="excitatory reversal potential"),
        "E_in": Parameter(-85.0, "mV", meaning="inhibitory reversal potential"),
        **_synapses(0.2, 2.0),
    },
    events=("g_ex", "g_in"),
    threshold="V_m >= V_th",
    reset="V_m = V_reset",
    refractory="t_ref",
    reset_at="end",
    time_unit="ms",
    source="leaky integrate-and-fire with synaptic conductances, after Meffin, Burkitt & Grayden (2004) J. Comput. "
    f"Neurosci. 16:159-175; {_NEST}, but weights onto g_in are positive",
)
