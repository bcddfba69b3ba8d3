"""Owns the shipped mean fields of quadratic integrate-and-fire neurons. Must not know networks.

Each is exact for infinitely many all-to-all coupled neurons whose excitabilities follow a Lorentzian
of centre eta and half-width Delta, unless its source says otherwise.
"""

from __future__ import annotations

from nbkit.model.model import Model, Parameter, State

_STATES = {"r": State(0.0, meaning="firing rate"), "v": State(-2.0, meaning="mean membrane potential")}
_INPUTS = {"r_in": 0.0, "I_ext": 0.0}
_NEURONS = {
    "tau": Parameter(1.0, "", (1e-9, None), "membrane time constant"),
    "Delta": Parameter(1.0, limits=(0.0, None), meaning="half-width of the excitabilities"),
    "eta": Parameter(-5.0, meaning="mean excitability"),
}
_PARAMETERS = {**_NEURONS, "J": Parameter(15.0, meaning="coupling of the population to itself")}

_MONTBRIO = "Montbrio, Pazo & Roxin (2015) Phys. Rev. X 5:021028"

qif_mean_field = Model(
    "qif_mean_field",
    """
    tau * dr/dt = Delta/(pi*tau) + 2*r*v
    tau * dv/dt = v**2 + eta + J*tau*r + tau*r_in + I_ext - (pi*tau*r)**2
    """,
    states=_STATES,
    inputs=_INPUTS,
    parameters=_PARAMETERS,
    time_unit="1",
    source=f"{_MONTBRIO}: exact for infinitely many quadratic neurons",
)

qif_mean_field_adaptation = Model(
    "qif_mean_field_adaptation",
    """
    tau * dr/dt = Delta/(pi*tau) + 2*r*v
    tau * dv/dt = v**2 + eta - a + J*tau*r + tau*r_in + I_ext - (pi*tau*r)**2
    tau_a * da/dt = x
    tau_a * dx/dt = alpha*tau_a*r - 2*x - a
    """,
    states={
        **_STATES,
        "a": State(0.0, meaning="adaptation current"),
        "x": State(0.0, meaning="time derivative of a, times tau_a"),
    },
    inputs=_INPUTS,
    parameters={
        **_PARAMETERS,
        "alpha": Parameter(0.5, meaning="strength of the adaptation"),
        "tau_a": Parameter(10.0, "", (1e-9, None), "time constant of the adaptation"),
    },
    time_unit="1",
    source="Gast, Schmidt & Knoesche (2020) Neural Comput. 32:1615-1634: spike-frequency adaptation through an alpha "
    "function; all neurons adapt alike",
)

qif_mean_field_gap_junctions = Model(
    "qif_mean_field_gap_junctions",
    """
    tau * dr/dt = Delta/(pi*tau) + 2*r*v - g*r
    tau * dv/dt = v**2 + eta + J*tau*r + tau*r_in + I_ext - (pi*tau*r)**2
    """,
    states=_STATES,
    inputs=_INPUTS,
    parameters={**_PARAMETERS, "g": Parameter(1.0, limits=(0.0, None), meaning="strength of the gap junctions")},
    time_unit="1",
    source="Pietras, Devalle, Roxin, Daffertshofer & Montbrio (2019) Phys. Rev. E 100:042412",
)

qif_mean_field_alpha = Model(
    "qif_mean_field_alpha",
    """
    tau * dr/dt = Delta/(pi*tau) + 2*r*v
    tau * dv/dt = v**2 + eta + tau*s + I_ext - (pi*tau*r)**2
    ds/dt = z
    dz/dt = (J*r + r_in - 2*tau_s*z - s)/tau_s**2
    """,
    states={
        **_STATES,
        "s": State(0.0, meaning="synaptic drive"),
        "z": State(0.0, meaning="time derivative of s"),
    },
    inputs=_INPUTS,
    parameters={**_PARAMETERS, "tau_s": Parameter(1.0, "", (1e-9, None), "time constant of the synapse")},
    time_unit="1",
    source="Coombes & Byrne (2019) in Nonlinear Dynamics in Computational Neuroscience, Springer, 1-16: second-order "
    "synapse, here of unit area and with currents instead of conductances",
)

qif_mean_field_conductance = Model(
    "qif_mean_field_conductance",
    """
    tau * dr/dt = Delta/(pi*tau) + r*(2*v - g*tau*s)
    tau * dv/dt = v**2 + eta + I_ext + g*tau*s*(E_r - v) - (pi*tau*r)**2
    ds/dt = -s/tau_s + J*r + r_in
    """,
    states={
        "r": _STATES["r"],
        "v": State(0.0, meaning="mean membrane potential"),
        "s": State(0.0, meaning="synaptic activation"),
    },
    inputs=_INPUTS,
    parameters={
        **_NEURONS,
        "J": Parameter(1.0, meaning="coupling of the population to itself"),
        "g": Parameter(5.0, limits=(0.0, None), meaning="synaptic conductance"),
        "E_r": Parameter(1.0, meaning="reversal potential of the synapses"),
        "tau_s": Parameter(2.0, "", (1e-9, None), "time constant of the synapses"),
    },
    time_unit="1",
    source="Coombes & Byrne (2019) in Nonlinear Dynamics in Computational Neuroscience, Springer, 1-16; first-order "
    "synapse",
)

qif_mean_field_depression = Model(
    "qif_mean_field_depression",
    """
    tau * dr/dt = Delta/(pi*tau) + 2*r*v
    tau * dv/dt = v**2 + eta + J*tau*r_eff + tau*r_in + I_ext - (pi*tau*r)**2
    dx/dt = (1 - x)/tau_d - U*x*r
    r_eff = U*x*r
    """,
    states={**_STATES, "x": State(1.0, meaning="available resources of the outgoing synapses")},
    inputs=_INPUTS,
    parameters={
        **_PARAMETERS,
        "U": Parameter(1.0, limits=(0.0, 1.0), meaning="share of the resources that a spike uses"),
        "tau_d": Parameter(100.0, "", (1e-9, None), "time constant of the recovery"),
    },
    time_unit="1",
    source=f"{_MONTBRIO}, with the depressing synapse of Tsodyks & Markram (1997) Proc. Natl. Acad. Sci. 94:719-723, "
    "averaged over the neurons; project r_eff",
)

qif_mean_field_stp = Model(
    "qif_mean_field_stp",
    """
    tau * dr/dt = Delta/(pi*tau) + 2*r*v
    tau * dv/dt = v**2 + eta + J*tau*r_eff + tau*r_in + I_ext - (pi*tau*r)**2
    dx/dt = (1 - x)/tau_d - u*x*r
    du/dt = (U - u)/tau_f + U*(1 - u)*r
    r_eff = u*x*r
    """,
    states={
        **_STATES,
        "x": State(1.0, meaning="available resources of the outgoing synapses"),
        "u": State(0.6, meaning="release probability of the outgoing synapses"),
    },
    inputs=_INPUTS,
    parameters={
        **_PARAMETERS,
        "U": Parameter(0.6, limits=(0.0, 1.0), meaning="release probability at rest"),
        "tau_d": Parameter(100.0, "", (1e-9, None), "time constant of depression"),
        "tau_f": Parameter(200.0, "", (1e-9, None), "time constant of facilitation"),
    },
    time_unit="1",
    source="Taher, Torcini & Olmi (2020) PLoS Comput. Biol. 16:e1008533, x and u averaged over the neurons; project "
    "r_eff. PyRates puts a factor k before u*x*r, which is left out here as in the paper",
)
