"""Owns spiking units with threshold and reset, as data."""

from __future__ import annotations

from nbkit.model.model import Model, Parameter, State

_POSITIVE = (1e-9, None)

qif = Model(
    "qif",
    """
    tau * dv/dt = v**2 + eta + I_ext + tau*k*s_in
    ds/dt = -s/tau_s
    """,
    states={"v": State(-2.0, meaning="membrane potential"), "s": State(0.0, meaning="synaptic activation")},
    inputs={"s_in": 0.0, "I_ext": 0.0},
    parameters={
        "tau": Parameter(1.0, limits=_POSITIVE, meaning="membrane time constant"),
        "eta": Parameter(-5.0, meaning="excitability"),
        "k": Parameter(1.0, meaning="coupling strength"),
        "tau_s": Parameter(1.0, limits=_POSITIVE, meaning="synaptic time constant"),
        "v_th": Parameter(100.0, meaning="threshold"),
        "v_reset": Parameter(-100.0, meaning="reset potential"),
    },
    threshold="v >= v_th",
    reset="v = v_reset\ns += 1",
    reset_at="start",
    time_unit="1",
    source="quadratic integrate-and-fire: Ermentrout & Kopell (1986) SIAM J. Appl. Math. 46:233-253; "
    "with a synaptic trace, as in Montbrio, Pazo & Roxin (2015) Phys. Rev. X 5:021028",
)

qif_adaptation = Model(
    "qif_adaptation",
    """
    tau * dv/dt = v**2 + eta + I_ext + tau*k*s_in - a
    ds/dt = -s/tau_s
    da/dt = -a/tau_a
    """,
    states={**qif.states, "a": State(0.0, meaning="adaptation")},
    inputs=qif.inputs,
    parameters={
        **qif.parameters,
        "tau_a": Parameter(10.0, limits=_POSITIVE, meaning="adaptation time constant"),
        "alpha": Parameter(0.5, meaning="adaptation per spike"),
    },
    threshold="v >= v_th",
    reset="v = v_reset\ns += 1\na += alpha",
    reset_at="start",
    time_unit="1",
    source="Gast, Schmidt & Knoesche (2020) Neural Comput. 32:1615-1634: quadratic neurons with spike-frequency "
    "adaptation",
)

lif = Model(
    "lif",
    "tau * dv/dt = -(v - v_rest) + I_ext",
    states={"v": State(0.0, "mV", meaning="membrane potential")},
    inputs={"I_ext": 0.0},
    parameters={
        "tau": Parameter(20.0, "ms", _POSITIVE, "membrane time constant"),
        "v_rest": Parameter(0.0, "mV", meaning="resting potential"),
        "v_th": Parameter(20.0, "mV", meaning="threshold"),
        "v_reset": Parameter(10.0, "mV", meaning="reset potential"),
        "t_ref": Parameter(2.0, "ms", (0.0, None), "refractory time"),
    },
    events=("v",),
    threshold="v >= v_th",
    reset="v = v_reset",
    refractory="t_ref",
    source="leaky integrate-and-fire with instantaneous synapses: Brunel (2000) J. Comput. Neurosci. 8:183-208; "
    "the input is in mV, resistance times current",
)

lif_exponential = Model(
    "lif_exponential",
    """
    tau * dv/dt = -(v - v_rest) + I_ext + i_syn
    tau_s * di_syn/dt = -i_syn
    """,
    states={**lif.states, "i_syn": State(0.0, "mV", meaning="synaptic input")},
    inputs=lif.inputs,
    parameters={**lif.parameters, "tau_s": Parameter(5.0, "ms", _POSITIVE, "synaptic time constant")},
    events=("i_syn",),
    threshold="v >= v_th",
    reset="v = v_reset",
    refractory="t_ref",
    source="leaky integrate-and-fire with exponential synapses; the inputs are in mV, resistance times current",
)

adex = Model(
    "adex",
    """
    C * dv/dt = -g_L*(v - E_L) + g_L*Delta_T*exp((v - V_T)/Delta_T) - w + I_ext + i_syn
    tau_w * dw/dt = a*(v - E_L) - w
    tau_s * di_syn/dt = -i_syn
    """,
    states={
        "v": State(-70.6, "mV", meaning="membrane potential"),
        "w": State(0.0, "pA", meaning="adaptation current"),
        "i_syn": State(0.0, "pA", meaning="synaptic current"),
    },
    inputs={"I_ext": 0.0},
    parameters={
        "C": Parameter(281.0, "pF", _POSITIVE, "membrane capacitance"),
        "g_L": Parameter(30.0, "nS", _POSITIVE, "leak conductance"),
        "E_L": Parameter(-70.6, "mV", meaning="leak reversal potential"),
        "V_T": Parameter(-50.4, "mV", meaning="threshold of the upswing"),
        "Delta_T": Parameter(2.0, "mV", _POSITIVE, "sharpness of the upswing"),
        "tau_w": Parameter(144.0, "ms", _POSITIVE, "adaptation time constant"),
        "a": Parameter(4.0, "nS", meaning="subthreshold adaptation"),
        "b": Parameter(80.5, "pA", meaning="adaptation per spike"),
        "tau_s": Parameter(5.0, "ms", _POSITIVE, "synaptic time constant"),
        "v_peak": Parameter(0.0, "mV", meaning="where a spike is counted"),
        "v_reset": Parameter(-70.6, "mV", meaning="reset potential"),
        "t_ref": Parameter(0.0, "ms", (0.0, None), "refractory time"),
    },
    events=("i_syn",),
    threshold="v >= v_peak",
    reset="v = v_reset\nw += b",
    refractory="t_ref",
    source="Brette & Gerstner (2005) J. Neurophysiol. 94:3637-3642; with exponential synaptic currents",
)

izhikevich = Model(
    "izhikevich",
    """
    dv/dt = 0.04*v**2 + 5*v + 140 - u + I_ext
    du/dt = a*(b*v - u)
    """,
    states={
        "v": State(-65.0, "mV", meaning="membrane potential"),
        "u": State(-13.0, "mV", meaning="recovery"),
    },
    inputs={"I_ext": 0.0},
    parameters={
        "a": Parameter(0.02, "1/ms", meaning="rate of recovery"),
        "b": Parameter(0.2, meaning="sensitivity of recovery"),
        "c": Parameter(-65.0, "mV", meaning="reset potential"),
        "d": Parameter(8.0, "mV", meaning="recovery per spike"),
        "v_peak": Parameter(30.0, "mV", meaning="where a spike is counted"),
    },
    events=("v",),
    threshold="v >= v_peak",
    reset="v = c\nu += d",
    source="Izhikevich (2003) IEEE Trans. Neural Netw. 14:1569-1572; regular spiking",
)

poisson_source = Model(
    "poisson_source",
    "dn/dt = 0*n",
    states={"n": State(0.0, meaning="spikes that are still to be sent")},
    events=("n",),
    threshold="n >= 1",
    reset="n += -1",
    reset_at="end",
    method="exact",
    time_unit="ms",
    source="a unit that sends on what arrives: driven by nb.Poisson(rate, weight=1) it is a Poisson train that all its "
    "targets share; of two spikes in one step the second is sent a step later",
)
