"""Owns the shipped models of population activity: Wilson-Cowan and leaky integrators. Must not know networks."""

from __future__ import annotations

from nbkit.model.model import Model, Parameter, State

_RATE = State(0.0, meaning="activity")
_TAU = Parameter(10.0, "ms", (1e-9, None), "time constant")

wilson_cowan = Model(
    "wilson_cowan",
    """
    tau * dr/dt = -r + (1 - k*r)*m
    m = sigmoid(s*(r_in + r_ext - theta)) - sigmoid(-s*theta)
    """,
    states={"r": _RATE},
    inputs={"r_in": 0.0, "r_ext": 0.0},
    parameters={
        "tau": _TAU,
        "k": Parameter(1.0, meaning="refractory factor; 0 leaves it out"),
        "s": Parameter(1.0, meaning="slope"),
        "theta": Parameter(2.0, meaning="threshold"),
    },
    source="Wilson & Cowan (1972) Biophys. J. 12:1-24; excitatory unit, sigmoid shifted through zero",
)

wilson_cowan_inhibitory = Model(
    "wilson_cowan_inhibitory",
    wilson_cowan.equations,
    states=wilson_cowan.states,
    inputs=wilson_cowan.inputs,
    parameters={
        **wilson_cowan.parameters,
        "s": Parameter(2.0, meaning="slope"),
        "theta": Parameter(2.5, meaning="threshold"),
    },
    source="Wilson & Cowan (1972) Biophys. J. 12:1-24; inhibitory unit, sigmoid shifted through zero",
)

wilson_cowan_stp = Model(
    "wilson_cowan_stp",
    """
    tau * dr/dt = -r + (1 - k*r)*m
    dx/dt = (1 - x)/tau_d - u*x*r_max*r
    du/dt = (U - u)/tau_f + U*(1 - u)*r_max*r
    m = sigmoid(s*(r_in + r_ext - theta)) - sigmoid(-s*theta)
    r_eff = u*x*r
    """,
    states={
        "r": _RATE,
        "x": State(1.0, meaning="available resources of the outgoing synapses"),
        "u": State(0.6, meaning="release probability of the outgoing synapses"),
    },
    inputs=wilson_cowan.inputs,
    parameters={
        **wilson_cowan.parameters,
        "U": Parameter(0.6, limits=(0.0, 1.0), meaning="release probability at rest"),
        "tau_d": Parameter(100.0, "ms", (1e-9, None), "time constant of depression"),
        "tau_f": Parameter(200.0, "ms", (1e-9, None), "time constant of facilitation"),
        "r_max": Parameter(0.1, "1/ms", (0.0, None), "firing rate at full activity"),
    },
    source="Wilson & Cowan (1972) Biophys. J. 12:1-24, with the outgoing synapses of Tsodyks, Pawelzik & Markram "
    "(1998) Neural Comput. 10:821-835; project r_eff. PyRates counts spikes with a factor k in x alone; here r_max "
    "turns activity into a firing rate in x and in u",
)

_PAIR_STATES = {
    "E": State(0.0, meaning="activity of the excitatory population"),
    "I": State(0.0, meaning="activity of the inhibitory population"),
}
_PAIR_PARAMETERS = {
    "tau_e": Parameter(8.0, "ms", (1e-9, None), "time constant of the excitatory population"),
    "tau_i": Parameter(8.0, "ms", (1e-9, None), "time constant of the inhibitory population"),
    "c1": Parameter(16.0, meaning="weight from E onto E"),
    "c2": Parameter(12.0, meaning="weight from I onto E, taken off"),
    "c3": Parameter(15.0, meaning="weight from E onto I"),
    "c4": Parameter(3.0, meaning="weight from I onto I, taken off"),
    "a_e": Parameter(1.3, meaning="slope of the excitatory population"),
    "theta_e": Parameter(4.0, meaning="threshold of the excitatory population"),
    "a_i": Parameter(2.0, meaning="slope of the inhibitory population"),
    "theta_i": Parameter(3.7, meaning="threshold of the inhibitory population"),
}
_PAIR_RESPONSES = """
    S_e = sigmoid(a_e*(c1*E - c2*I + P - theta_e)) - sigmoid(-a_e*theta_e)
    S_i = sigmoid(a_i*(c3*E - c4*I + Q - theta_i)) - sigmoid(-a_i*theta_i)
"""

wilson_cowan_pair = Model(
    "wilson_cowan_pair",
    f"""
    tau_e * dE/dt = -E + (k_e - r_e*E)*S_e
    tau_i * dI/dt = -I + (k_i - r_i*I)*S_i
    {_PAIR_RESPONSES.strip()}
    k_e = 1 - sigmoid(-a_e*theta_e)
    k_i = 1 - sigmoid(-a_i*theta_i)
    """,
    states=_PAIR_STATES,
    inputs={"P": 0.0, "Q": 0.0},
    parameters={
        **_PAIR_PARAMETERS,
        "r_e": Parameter(1.0, limits=(0.0, None), meaning="refractory factor of the excitatory population"),
        "r_i": Parameter(1.0, limits=(0.0, None), meaning="refractory factor of the inhibitory population"),
    },
    source="Wilson & Cowan (1972) Biophys. J. 12:1-24: the pair with the limit cycle; k_e and k_i are the largest "
    "values of the shifted sigmoids, as published. Many texts put 1 in their place",
)

wilson_cowan_pair_no_refractory = Model(
    "wilson_cowan_pair_no_refractory",
    f"""
    tau_e * dE/dt = -E + S_e
    tau_i * dI/dt = -I + S_i
    {_PAIR_RESPONSES.strip()}
    """,
    states=_PAIR_STATES,
    inputs={"P": 0.0, "Q": 0.0},
    parameters=_PAIR_PARAMETERS,
    source="Wilson & Cowan (1972) Biophys. J. 12:1-24 without the refractory factor: Pinto, Brumberg, Simons & "
    "Ermentrout (1996) J. Comput. Neurosci. 3:247-264",
)

_ACTIVITY = {"x": State(0.0, meaning="activity")}

leaky_integrator = Model(
    "leaky_integrator",
    "tau * dx/dt = -x + u",
    states=_ACTIVITY,
    inputs={"u": 0.0},
    parameters={"tau": _TAU},
    source="a first-order low-pass filter",
)

leaky_integrator_sigmoid = Model(
    "leaky_integrator_sigmoid",
    """
    tau * dx/dt = -x + u
    r = r_max*sigmoid(s*(x - theta))
    """,
    states=_ACTIVITY,
    inputs={"u": 0.0},
    parameters={
        "tau": _TAU,
        "r_max": Parameter(1.0, meaning="largest output"),
        "s": Parameter(1.0, meaning="slope"),
        "theta": Parameter(0.0, meaning="input of half the largest output"),
    },
    source="Hopfield (1984) Proc. Natl. Acad. Sci. 81:3088-3092; projections send r",
)

leaky_integrator_tanh = Model(
    "leaky_integrator_tanh",
    """
    tau * dx/dt = -x + u
    r = tanh(x)
    """,
    states=_ACTIVITY,
    inputs={"u": 0.0},
    parameters={"tau": _TAU},
    source="Sompolinsky, Crisanti & Sommers (1988) Phys. Rev. Lett. 61:259-262; projections send r",
)

leaky_integrator_threshold_linear = Model(
    "leaky_integrator_threshold_linear",
    """
    tau * dx/dt = -x + u
    r = g*positive_part(x - theta)
    """,
    states=_ACTIVITY,
    inputs={"u": 0.0},
    parameters={
        "tau": _TAU,
        "g": Parameter(1.0, meaning="gain above threshold"),
        "theta": Parameter(0.0, meaning="threshold"),
    },
    source="Ben-Yishai, Bar-Or & Sompolinsky (1995) Proc. Natl. Acad. Sci. 92:3844-3848; projections send r",
)
