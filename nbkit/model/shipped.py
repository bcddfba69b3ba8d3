"""Owns the models that come with nbkit, as data. Reached as ``nb.models``."""

from __future__ import annotations

from nbkit.errors import did_you_mean
from nbkit.model.model import Model, Parameter, State

_RATE = State(0.0, meaning="activity")

wilson_cowan = Model(
    "wilson_cowan",
    """
    tau * dr/dt = -r + (1 - k*r)*m
    m = sigmoid(s*(r_in + r_ext - theta)) - sigmoid(-s*theta)
    """,
    states={"r": _RATE},
    inputs={"r_in": 0.0, "r_ext": 0.0},
    parameters={
        "tau": Parameter(10.0, "ms", (1e-9, None), "time constant"),
        "k": Parameter(1.0, meaning="refractory factor"),
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

leaky_integrator = Model(
    "leaky_integrator",
    "tau * dx/dt = -x + u",
    states={"x": State(0.0, meaning="activity")},
    inputs={"u": 0.0},
    parameters={"tau": Parameter(10.0, "ms", (1e-9, None), "time constant")},
    source="a first-order low-pass filter",
)

qif_mean_field = Model(
    "qif_mean_field",
    """
    tau * dr/dt = Delta/(pi*tau) + 2*r*v
    tau * dv/dt = v**2 + eta + J*tau*r + tau*r_in + I_ext - (pi*tau*r)**2
    """,
    states={"r": State(0.0, meaning="firing rate"), "v": State(-2.0, meaning="mean membrane potential")},
    inputs={"r_in": 0.0, "I_ext": 0.0},
    parameters={
        "tau": Parameter(1.0, "", (1e-9, None), "membrane time constant"),
        "Delta": Parameter(1.0, limits=(0.0, None), meaning="half-width of the excitabilities"),
        "eta": Parameter(-5.0, meaning="mean excitability"),
        "J": Parameter(15.0, meaning="coupling of the population to itself"),
    },
    time_unit="1",
    source="Montbrio, Pazo & Roxin (2015) Phys. Rev. X 5:021028: exact for infinitely many quadratic neurons",
)

_MODELS = {name: value for name, value in globals().items() if isinstance(value, Model)}


def names() -> tuple[str, ...]:
    """Names of all shipped models.

    >>> "wilson_cowan" in names()
    True
    """
    return tuple(_MODELS)


def __getattr__(name: str) -> Model:
    raise AttributeError(f"no shipped model '{name}'; {did_you_mean(name, _MODELS)}")
