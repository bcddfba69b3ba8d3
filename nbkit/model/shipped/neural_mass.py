"""Owns the shipped neural masses: the cortical column of Jansen and Rit, in three forms. Must not know networks."""

from __future__ import annotations

from nbkit.model.model import Model, Parameter, State

_SOURCE = "Jansen & Rit (1995) Biol. Cybern. 73:357-366"

_SIGMOID = {
    "e0": Parameter(2.5, "1/s", (0.0, None), "half of the largest firing rate"),
    "v0": Parameter(6.0, "mV", meaning="potential of half the largest firing rate"),
    "r": Parameter(0.56, "1/mV", (0.0, None), "slope of the sigmoid"),
}
_EXCITATORY = {
    "A": Parameter(3.25, "mV", (0.0, None), "excitatory synaptic gain"),
    "a": Parameter(100.0, "1/s", (1e-9, None), "rate of the excitatory synapse, one over its time constant"),
}
_INHIBITORY = {
    "B": Parameter(22.0, "mV", (0.0, None), "inhibitory synaptic gain"),
    "b": Parameter(50.0, "1/s", (1e-9, None), "rate of the inhibitory synapse, one over its time constant"),
}
_CONNECTIVITY = {"C": Parameter(135.0, "", (0.0, None), "average number of synaptic contacts")}


def _potential(meaning: str) -> State:
    return State(0.0, "mV", meaning=meaning)


def _slope(of: str) -> State:
    return State(0.0, "mV/s", meaning=f"time derivative of {of}")


jansen_rit = Model(
    "jansen_rit",
    """
    dy0/dt = y3
    dy1/dt = y4
    dy2/dt = y5
    dy3/dt = A*a*m - 2*a*y3 - a**2*y0
    dy4/dt = A*a*(p + m_in + C2*m_e) - 2*a*y4 - a**2*y1
    dy5/dt = B*b*C4*m_i - 2*b*y5 - b**2*y2
    eeg = y1 - y2
    m = 2*e0/(1 + exp(r*(v0 - eeg)))
    m_e = 2*e0/(1 + exp(r*(v0 - C1*y0)))
    m_i = 2*e0/(1 + exp(r*(v0 - C3*y0)))
    C1 = C
    C2 = 0.8*C
    C3 = 0.25*C
    C4 = 0.25*C
    """,
    states={
        "y0": _potential("potential that the pyramidal cells bring to both kinds of interneurons, per contact"),
        "y1": _potential("excitatory potential of the pyramidal cells"),
        "y2": _potential("inhibitory potential of the pyramidal cells"),
        "y3": _slope("y0"),
        "y4": _slope("y1"),
        "y5": _slope("y2"),
    },
    inputs={"p": 220.0, "m_in": 0.0},
    parameters={**_EXCITATORY, **_INHIBITORY, **_CONNECTIVITY, **_SIGMOID},
    time_unit="s",
    source=f"{_SOURCE}; p is the pulse density from outside, m_in that of other columns",
)

jansen_rit_column = Model(
    "jansen_rit_column",
    """
    dv_ein/dt = x_ein
    dv_iin/dt = x_iin
    dv_e/dt = x_e
    dv_i/dt = x_i
    dx_ein/dt = A*a*C1*m - 2*a*x_ein - a**2*v_ein
    dx_iin/dt = A*a*C3*m - 2*a*x_iin - a**2*v_iin
    dx_e/dt = A*a*(p + C_in*m_in + C2*m_ein) - 2*a*x_e - a**2*v_e
    dx_i/dt = B*b*C4*m_iin - 2*b*x_i - b**2*v_i
    eeg = v_e - v_i
    m = 2*e0/(1 + exp(r*(v0 - eeg)))
    m_ein = 2*e0/(1 + exp(r*(v0 - v_ein)))
    m_iin = 2*e0/(1 + exp(r*(v0 - v_iin)))
    C1 = C
    C2 = 0.8*C
    C3 = 0.25*C
    C4 = 0.25*C
    C_in = C/3
    """,
    states={
        "v_ein": _potential("potential of the excitatory interneurons"),
        "v_iin": _potential("potential of the inhibitory interneurons"),
        "v_e": _potential("excitatory potential of the pyramidal cells"),
        "v_i": _potential("inhibitory potential of the pyramidal cells"),
        "x_ein": _slope("v_ein"),
        "x_iin": _slope("v_iin"),
        "x_e": _slope("v_e"),
        "x_i": _slope("v_i"),
    },
    inputs={"p": 220.0, "m_in": 0.0},
    parameters={**_EXCITATORY, **_INHIBITORY, **_CONNECTIVITY, **_SIGMOID},
    time_unit="s",
    source=f"{_SOURCE}, with a potential of its own for each kind of interneuron; columns reach each other through "
    "C/3 contacts, as in PyRates",
)

jansen_rit_pyramidal = Model(
    "jansen_rit_pyramidal",
    """
    dv_e/dt = x_e
    dv_i/dt = x_i
    dx_e/dt = A*a*(p + m_e) - 2*a*x_e - a**2*v_e
    dx_i/dt = B*b*m_i - 2*b*x_i - b**2*v_i
    eeg = v_e - v_i
    m = 2*e0/(1 + exp(r*(v0 - eeg)))
    """,
    states={
        "v_e": _potential("excitatory potential"),
        "v_i": _potential("inhibitory potential"),
        "x_e": _slope("v_e"),
        "x_i": _slope("v_i"),
    },
    inputs={"p": 220.0, "m_e": 0.0, "m_i": 0.0},
    parameters={**_EXCITATORY, **_INHIBITORY, **_SIGMOID},
    time_unit="s",
    source=f"{_SOURCE}: the pyramidal cells alone, for a column of three populations; project m of the excitatory "
    "interneurons onto m_e with weight 108, m of the inhibitory ones onto m_i with weight 33.75",
)

jansen_rit_interneuron = Model(
    "jansen_rit_interneuron",
    """
    dv/dt = x
    dx/dt = A*a*m_e - 2*a*x - a**2*v
    m = 2*e0/(1 + exp(r*(v0 - v)))
    """,
    states={"v": _potential("potential"), "x": _slope("v")},
    inputs={"m_e": 0.0},
    parameters={**_EXCITATORY, **_SIGMOID},
    time_unit="s",
    source=f"{_SOURCE}: one kind of interneuron alone, for a column of three populations; project m of the pyramidal "
    "cells onto m_e with weight 135 (excitatory) or 33.75 (inhibitory)",
)
