"""Owns the shipped synapses as units of their own: filters and short-term plasticity of rates. Must not know networks.

What leaves a plastic synapse, r_eff, follows its input at once; reading it therefore needs a delay.
"""

from __future__ import annotations

from nbkit.model.model import Model, Parameter, State

_ACTIVATION = State(0.0, meaning="synaptic activation")
_SLOPE = State(0.0, meaning="time derivative of s")

exponential_synapse = Model(
    "exponential_synapse",
    "ds/dt = -s/tau + r_in",
    states={"s": _ACTIVATION},
    inputs={"r_in": 0.0},
    parameters={"tau": Parameter(5.0, "ms", (1e-9, None), "time constant")},
    source="Dayan & Abbott (2001) Theoretical Neuroscience, MIT Press, chapter 5: opened by spikes, closed at a "
    "constant rate",
)

biexponential_synapse = Model(
    "biexponential_synapse",
    """
    ds/dt = z
    dz/dt = (r_in - (tau_r + tau_d)*z - s)/(tau_r*tau_d)
    """,
    states={"s": _ACTIVATION, "z": _SLOPE},
    inputs={"r_in": 0.0},
    parameters={
        "tau_r": Parameter(1.0, "ms", (1e-9, None), "time constant of the rise"),
        "tau_d": Parameter(10.0, "ms", (1e-9, None), "time constant of the decay"),
    },
    source="Dayan & Abbott (2001) Theoretical Neuroscience, MIT Press, chapter 5: difference of two exponentials, of "
    "unit area",
)

alpha_synapse = Model(
    "alpha_synapse",
    """
    ds/dt = z
    dz/dt = (r_in - 2*tau*z - s)/tau**2
    """,
    states={"s": _ACTIVATION, "z": _SLOPE},
    inputs={"r_in": 0.0},
    parameters={"tau": Parameter(5.0, "ms", (1e-9, None), "time constant: the time of the peak")},
    source="Rall (1967) J. Neurophysiol. 30:1138-1168: the alpha function, of unit area; PyRates' has an area of "
    "tau**2",
)

_RESOURCES = State(1.0, meaning="available resources")
_RELEASE = State(0.15, meaning="release probability")
_U = Parameter(0.15, limits=(0.0, 1.0), meaning="release probability at rest")
_TAU_F = Parameter(1.5, "s", (1e-9, None), "time constant of facilitation")

synaptic_depression = Model(
    "synaptic_depression",
    """
    dx/dt = (1 - x)/tau_d - U*x*r_in
    r_eff = U*x*r_in
    """,
    states={"x": _RESOURCES},
    inputs={"r_in": 0.0},
    parameters={
        "U": Parameter(0.5, limits=(0.0, 1.0), meaning="share of the resources that a spike uses"),
        "tau_d": Parameter(0.8, "s", (1e-9, None), "time constant of the recovery"),
    },
    time_unit="s",
    source="Tsodyks & Markram (1997) Proc. Natl. Acad. Sci. 94:719-723, averaged over spike trains; r_in in Hz",
)

synaptic_facilitation = Model(
    "synaptic_facilitation",
    """
    du/dt = (U - u)/tau_f + U*(1 - u)*r_in
    r_eff = u*r_in
    """,
    states={"u": _RELEASE},
    inputs={"r_in": 0.0},
    parameters={"U": _U, "tau_f": _TAU_F},
    time_unit="s",
    source="Markram, Wang & Tsodyks (1998) Proc. Natl. Acad. Sci. 95:5323-5328 without depression, averaged over spike "
    "trains; r_in in Hz. PyRates takes the second term off, so that u falls with the rate",
)

tsodyks_markram = Model(
    "tsodyks_markram",
    """
    dx/dt = (1 - x)/tau_d - u*x*r_in
    du/dt = (U - u)/tau_f + U*(1 - u)*r_in
    r_eff = u*x*r_in
    """,
    states={"x": _RESOURCES, "u": _RELEASE},
    inputs={"r_in": 0.0},
    parameters={"U": _U, "tau_d": Parameter(0.2, "s", (1e-9, None), "time constant of depression"), "tau_f": _TAU_F},
    time_unit="s",
    source="Tsodyks, Pawelzik & Markram (1998) Neural Comput. 10:821-835, averaged over spike trains; r_in in Hz. "
    "PyRates puts a factor k before u*x*r_in",
)
