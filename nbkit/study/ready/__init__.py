"""Owns the list of ready predictions: which theories speak about a network. Must not know what they say.

Each module has predictions as functions of a network, and ``offered``, which makes those that speak about a network.
"""

from __future__ import annotations

from nbkit.errors import fail, shown
from nbkit.model.numbers import is_finite_number
from nbkit.network.network import Network
from nbkit.study.prediction import Prediction
from nbkit.study.ready import (
    circuits,
    delays,
    neurons,
    phases,
    quadratic,
    random_networks,
    rings,
    space,
    stabilised,
    steps,
    wilson_cowan,
)

#: the theories, from one unit to a piece of cortex
_MODULES = (
    steps,
    neurons,
    wilson_cowan,
    stabilised,
    delays,
    phases,
    quadratic,
    random_networks,
    space,
    rings,
    circuits,
)


def predictions(network: Network, dt: float | None = None) -> list[Prediction]:
    """Everything that a ready theory says about a network, also that it does not apply, and why.

    Args:
        network: any network.
        dt: the step of the run, in the network's time, for what Euler's rule does at this step; None leaves that out.

    Returns:
        Predictions; those whose theory does not apply have no value, and a reason.

    Raises:
        NbkitError: ``bad-type`` for what is no network, ``bad-value`` for what is no step; what `Network.check` finds.

    Example:
        >>> import nbkit as nb
        >>> neuron = nb.Population(nb.models.lif, 1)
        >>> drive = nb.Stimulus("N.I_ext", nb.Step(25.0))
        >>> for p in nb.study.predictions(nb.Network({"N": neuron}, stimuli=[drive]), dt=0.1):
        ...     print(p.name, "-", p.words())
        Rate of N - 41.71 Hz
        Rate of N at this step - 41.67 Hz
    """
    if not isinstance(network, Network):
        raise fail("bad-type", "network", f"{shown(network)} is no network", "nb.Network(...)")
    if dt is not None and (not is_finite_number(dt) or dt <= 0):
        raise fail("bad-value", "dt", f"{shown(dt)} is no step", "a positive time, or None")
    network.require()
    return [prediction for module in _MODULES for prediction in module.offered(network, dt)]
