"""Owns the shipped mean fields of phases: theta neurons and Kuramoto oscillators. Must not know networks.

Their variable is the Kuramoto order parameter z = x + i y, written as two real equations.
"""

from __future__ import annotations

from nbkit.model.model import Model, Parameter, State

_SPREAD = "half-width of the"

_THETA_STATES = {
    "x": State(-0.6, meaning="real part of the order parameter"),
    "y": State(-0.8, meaning="imaginary part of the order parameter"),
}
_THETA_PARAMETERS = {
    "tau": Parameter(1.0, "", (1e-9, None), "membrane time constant"),
    "Delta": Parameter(1.0, limits=(0.0, None), meaning="half-width of the excitabilities"),
    "eta": Parameter(-5.0, meaning="mean excitability"),
    "J": Parameter(15.0, meaning="coupling of the population to itself"),
}

theta_mean_field = Model(
    "theta_mean_field",
    """
    2*tau * dx/dt = -Delta*((1 + x)**2 - y**2) - 2*H*(1 + x)*y - 2*(1 - x)*y
    2*tau * dy/dt = H*((1 + x)**2 - y**2) - 2*Delta*(1 + x)*y - (1 - x)**2 + y**2
    H = eta + I_ext + J*tau*r + tau*r_in
    r = (1 - x**2 - y**2)/(pi*tau*((1 + x)**2 + y**2))
    """,
    states=_THETA_STATES,
    inputs={"r_in": 0.0, "I_ext": 0.0},
    parameters=_THETA_PARAMETERS,
    time_unit="1",
    source="Luke, Barreto & So (2013) Neural Comput. 25:3207-3234, pulses of no width; the same dynamics as "
    "qif_mean_field in other variables",
)

theta_mean_field_conductance = Model(
    "theta_mean_field_conductance",
    """
    2*tau * dx/dt = -Delta*((1 + x)**2 - y**2) - 2*H*(1 + x)*y - 2*(1 - x)*y + s*(1 - x**2 + y**2)
    2*tau * dy/dt = H*((1 + x)**2 - y**2) - 2*Delta*(1 + x)*y - (1 - x)**2 + y**2 - 2*s*x*y
    H = eta + I_ext + s*v_s
    s = J*tau*r + tau*r_in
    r = (1 - x**2 - y**2)/(pi*tau*((1 + x)**2 + y**2))
    """,
    states=_THETA_STATES,
    inputs={"r_in": 0.0, "I_ext": 0.0},
    parameters={**_THETA_PARAMETERS, "v_s": Parameter(-10.0, meaning="reversal potential of the synapses")},
    time_unit="1",
    source="Coombes & Byrne (2019) in Nonlinear Dynamics in Computational Neuroscience, Springer, 1-16; synapses "
    "without delay",
)

kuramoto_mean_field = Model(
    "kuramoto_mean_field",
    """
    dx/dt = -Delta*x - omega*y + (h_x - h_x*(x**2 - y**2) - 2*h_y*x*y)/2
    dy/dt = omega*x - Delta*y + (h_y + h_y*(x**2 - y**2) - 2*h_x*x*y)/2
    h_x = K*x + x_in
    h_y = K*y + y_in
    r = sqrt(x**2 + y**2)
    """,
    states={
        "x": State(0.5, meaning="real part of the order parameter"),
        "y": State(0.1, meaning="imaginary part of the order parameter"),
    },
    inputs={"x_in": 0.0, "y_in": 0.0},
    parameters={
        "omega": Parameter(10.0, meaning="mean natural frequency, in radians"),
        "Delta": Parameter(1.0, limits=(0.0, None), meaning="half-width of the natural frequencies"),
        "K": Parameter(4.0, meaning="coupling of the population to itself"),
    },
    time_unit="1",
    source="Ott & Antonsen (2008) Chaos 18:037113: exact for infinitely many oscillators of Lorentzian frequencies",
)
