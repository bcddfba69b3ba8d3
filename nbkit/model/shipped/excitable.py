"""Owns the shipped excitable membranes: Morris-Lecar and Hodgkin-Huxley. Must not know networks."""

from __future__ import annotations

from nbkit.model.model import Model, Parameter, State

_CONDUCTANCE = "mS/cm2"


def _conductance(default: float, of: str) -> Parameter:
    return Parameter(default, _CONDUCTANCE, (0.0, None), f"largest conductance of {of}")


def _reversal(default: float, of: str) -> Parameter:
    return Parameter(default, "mV", meaning=f"reversal potential of {of}")


morris_lecar = Model(
    "morris_lecar",
    """
    C * dV/dt = I_ext - I_Ca - I_K - I_L
    dw/dt = phi*(w_inf - w)/tau_w
    I_Ca = g_Ca*m_inf*(V - E_Ca)
    I_K = g_K*w*(V - E_K)
    I_L = g_L*(V - E_L)
    m_inf = (1 + tanh((V - V_1)/V_2))/2
    w_inf = (1 + tanh((V - V_3)/V_4))/2
    tau_w = 1/cosh((V - V_3)/(2*V_4))
    """,
    states={
        "V": State(-60.855, "mV", meaning="membrane potential"),
        "w": State(0.0149, meaning="open share of the potassium channels"),
    },
    inputs={"I_ext": 0.0},
    parameters={
        "C": Parameter(20.0, "uF/cm2", (1e-9, None), "membrane capacitance"),
        "g_Ca": _conductance(4.4, "calcium"),
        "g_K": _conductance(8.0, "potassium"),
        "g_L": _conductance(2.0, "the leak"),
        "E_Ca": _reversal(120.0, "calcium"),
        "E_K": _reversal(-84.0, "potassium"),
        "E_L": _reversal(-60.0, "the leak"),
        "V_1": Parameter(-1.2, "mV", meaning="potential at which half of the calcium channels are open"),
        "V_2": Parameter(18.0, "mV", (1e-9, None), "width of the calcium activation"),
        "V_3": Parameter(2.0, "mV", meaning="potential at which half of the potassium channels are open"),
        "V_4": Parameter(30.0, "mV", (1e-9, None), "width of the potassium activation"),
        "phi": Parameter(0.04, "1/ms", (0.0, None), "rate of the potassium channels"),
    },
    source="Morris & Lecar (1981) Biophys. J. 35:193-213; parameters of Rinzel & Ermentrout (1989) in Methods in "
    "Neuronal Modeling, MIT Press, where rest is lost through a Hopf bifurcation; I_ext in uA/cm2",
)

hodgkin_huxley = Model(
    "hodgkin_huxley",
    """
    C * dV/dt = I_ext - I_Na - I_K - I_L
    dm/dt = alpha_m*(1 - m) - beta_m*m
    dh/dt = alpha_h*(1 - h) - beta_h*h
    dn/dt = alpha_n*(1 - n) - beta_n*n
    I_Na = g_Na*m**3*h*(V - E_Na)
    I_K = g_K*n**4*(V - E_K)
    I_L = g_L*(V - E_L)
    alpha_m = 1/exprel(-(V + 40)/10)
    beta_m = 4*exp(-(V + 65)/18)
    alpha_h = 0.07*exp(-(V + 65)/20)
    beta_h = 1/(1 + exp(-(V + 35)/10))
    alpha_n = 0.1/exprel(-(V + 55)/10)
    beta_n = 0.125*exp(-(V + 65)/80)
    """,
    states={
        "V": State(-65.0, "mV", meaning="membrane potential"),
        "m": State(0.0529, meaning="activation of sodium"),
        "h": State(0.5961, meaning="inactivation of sodium: 1 where it is lifted"),
        "n": State(0.3177, meaning="activation of potassium"),
    },
    inputs={"I_ext": 0.0},
    parameters={
        "C": Parameter(1.0, "uF/cm2", (1e-9, None), "membrane capacitance"),
        "g_Na": _conductance(120.0, "sodium"),
        "g_K": _conductance(36.0, "potassium"),
        "g_L": _conductance(0.3, "the leak"),
        "E_Na": _reversal(50.0, "sodium"),
        "E_K": _reversal(-77.0, "potassium"),
        "E_L": _reversal(-54.387, "the leak"),
    },
    source="Hodgkin & Huxley (1952) J. Physiol. 117:500-544: squid axon at 6.3 degrees Celsius, potentials counted "
    "from -65 mV at rest; I_ext in uA/cm2, rates in 1/ms",
)
