"""Owns the shipped oscillators: phases, Stuart-Landau, van der Pol, FitzHugh-Nagumo. Must not know networks."""

from __future__ import annotations

from nbkit.model.model import Model, Parameter, State

kuramoto = Model(
    "kuramoto",
    """
    dtheta/dt = omega + K*(sin_in*cos_phase - cos_in*sin_phase) + omega_ext
    sin_phase = sin(theta)
    cos_phase = cos(theta)
    """,
    states={"theta": State(0.0, "rad", meaning="phase")},
    inputs={"sin_in": 0.0, "cos_in": 0.0, "omega_ext": 0.0},
    parameters={
        "omega": Parameter(10.0, meaning="natural frequency, in radians"),
        "K": Parameter(1.0, meaning="coupling strength"),
    },
    time_unit="1",
    source="Kuramoto (1984) Chemical Oscillations, Waves, and Turbulence, Springer; project sin_phase onto sin_in and "
    "cos_phase onto cos_in, each with a total weight of 1: their difference is the sum of sin(theta_j - theta_i)",
)

stuart_landau = Model(
    "stuart_landau",
    """
    dx/dt = (a - x**2 - y**2)*x - omega*y + x_in
    dy/dt = (a - x**2 - y**2)*y + omega*x + y_in
    """,
    states={"x": State(1.0, meaning="real part"), "y": State(0.0, meaning="imaginary part")},
    inputs={"x_in": 0.0, "y_in": 0.0},
    parameters={
        "a": Parameter(1.0, meaning="distance from the Hopf bifurcation: rest below 0, a cycle above"),
        "omega": Parameter(1.0, meaning="frequency, in radians"),
    },
    time_unit="1",
    source="Stuart (1960) J. Fluid Mech. 9:353-370; as a brain region: Deco, Kringelbach, Jirsa & Ritter (2017) Sci. "
    "Rep. 7:3095. PyRates multiplies both brackets by the second variable and turns the other way round",
)

van_der_pol = Model(
    "van_der_pol",
    """
    dx/dt = y
    dy/dt = mu*(1 - x**2)*y - x + u
    """,
    states={"x": State(0.0, meaning="deflection"), "y": State(1.0, meaning="velocity")},
    inputs={"u": 0.0},
    parameters={"mu": Parameter(1.0, meaning="damping: pushes inside |x| < 1 and brakes outside")},
    time_unit="1",
    source="van der Pol (1926) Phil. Mag. 2:978-992",
)

fitzhugh_nagumo = Model(
    "fitzhugh_nagumo",
    """
    dv/dt = v - v**3/3 - w + I_ext
    dw/dt = epsilon*(v + a - b*w)
    """,
    states={"v": State(-1.2, meaning="membrane potential"), "w": State(-0.625, meaning="recovery")},
    inputs={"I_ext": 0.0},
    parameters={
        "epsilon": Parameter(0.08, limits=(0.0, None), meaning="rate of the recovery"),
        "a": Parameter(0.7, meaning="offset of the recovery"),
        "b": Parameter(0.8, meaning="slope of the recovery"),
    },
    time_unit="1",
    source="FitzHugh (1961) Biophys. J. 1:445-466; Nagumo, Arimoto & Yoshizawa (1962) Proc. IRE 50:2061-2070",
)
