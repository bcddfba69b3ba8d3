"""Owns the list of the models that come with nbkit. Reached as ``nb.models``; must not know networks.

A family of models is a file of this folder, and is loaded when one of its models is first asked for.
"""

from __future__ import annotations

import importlib

from nbkit.errors import did_you_mean
from nbkit.model.model import Model

#: file of this folder -> the models in it, in the order in which they are listed
_FAMILIES: dict[str, tuple[str, ...]] = {
    "rate": (
        "wilson_cowan",
        "wilson_cowan_inhibitory",
        "wilson_cowan_stp",
        "wilson_cowan_pair",
        "wilson_cowan_pair_no_refractory",
        "leaky_integrator",
        "leaky_integrator_sigmoid",
        "leaky_integrator_tanh",
        "leaky_integrator_threshold_linear",
    ),
    "field": (
        "neural_field",
        "rectified_input",
    ),
    "neural_mass": (
        "jansen_rit",
        "jansen_rit_column",
        "jansen_rit_pyramidal",
        "jansen_rit_interneuron",
    ),
    "mean_field": (
        "qif_mean_field",
        "qif_mean_field_adaptation",
        "qif_mean_field_gap_junctions",
        "qif_mean_field_alpha",
        "qif_mean_field_conductance",
        "qif_mean_field_depression",
        "qif_mean_field_stp",
    ),
    "mean_field_izhikevich": (
        "izhikevich_mean_field_dimensionless",
        "izhikevich_mean_field_currents",
        "izhikevich_mean_field_thresholds",
    ),
    "mean_field_phase": (
        "theta_mean_field",
        "theta_mean_field_conductance",
        "kuramoto_mean_field",
    ),
    "oscillator": (
        "kuramoto",
        "stuart_landau",
        "van_der_pol",
        "fitzhugh_nagumo",
    ),
    "excitable": (
        "morris_lecar",
        "hodgkin_huxley",
    ),
    "spiking": (
        "qif",
        "qif_adaptation",
        "lif",
        "lif_exponential",
        "adex",
        "izhikevich",
        "poisson_source",
    ),
    "integrate_and_fire": (
        "iaf_psc_delta",
        "iaf_psc_exp",
        "iaf_psc_alpha",
        "iaf_cond_exp",
    ),
    "synapse": (
        "exponential_synapse",
        "biexponential_synapse",
        "alpha_synapse",
        "synaptic_depression",
        "synaptic_facilitation",
        "tsodyks_markram",
    ),
}

_FAMILY_OF = {name: family for family, members in _FAMILIES.items() for name in members}


def names() -> tuple[str, ...]:
    """Names of all shipped models.

    >>> "wilson_cowan" in names()
    True
    """
    return tuple(_FAMILY_OF)


def __getattr__(name: str) -> Model:
    if name not in _FAMILY_OF:
        raise AttributeError(f"no shipped model '{name}'; {did_you_mean(name, _FAMILY_OF)}")
    family = importlib.import_module(f"{__name__}.{_FAMILY_OF[name]}")
    model: Model = getattr(family, name)
    globals()[name] = model
    return model


def __dir__() -> list[str]:
    return ["names", *_FAMILY_OF]
