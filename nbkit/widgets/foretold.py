"""Owns what theory says of every network that a slider makes, before and after its run. Must not know any theory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import xarray as xr

from nbkit.errors import NbkitError, Problem, shown
from nbkit.network.network import Network
from nbkit.study.prediction import Applies, Check, Prediction
from nbkit.widgets.workbench.theory import checked, for_figures

#: What makes a prediction for a network: a function, or a prediction that knows its theory.
Theory = Prediction | Callable[[Network], Prediction]


class Foretold:
    """Theories that are asked again for each network.

    Args:
        theories: functions from a network to a prediction, or predictions made by such a function.
        network: the first network that they are asked about.

    Attributes:
        predictions: what they say of the network that was asked about last.

    Raises:
        NbkitError: ``bad-type`` for what is neither of them; whatever a theory raises for the first network.

    Example:
        >>> import nbkit as nb
        >>> from nbkit.study.ready.delays import critical_delay
        >>> loop = nb.Projection("E.r", "E.u", weight=-2.0, delay=13.0)
        >>> net = nb.Network({"E": nb.Population(nb.models.leaky_integrator_tanh, 1)}, [loop])
        >>> told = Foretold([critical_delay], net)
        >>> told.ask(net.with_value("E.tau", 5.0))
        >>> print(told.predictions[0])
        Critical delay of E: 6.046 ms
    """

    def __init__(self, theories: Sequence[Theory], network: Network) -> None:
        self._theories = _functions(theories)
        self.predictions = [_prediction(theory(network)) for theory in self._theories]

    def ask(self, network: Network) -> None:
        """Ask all theories about a network; one that fails there does not apply, and says why."""
        self.predictions = [
            _asked(theory, network, before) for theory, before in zip(self._theories, self.predictions, strict=True)
        ]

    def beside(self, result: xr.Dataset) -> list[Prediction | Check]:
        """What was said, with what a run of that network has of it, as pictures take it."""
        return for_figures(self.predictions, result)

    def checks(self, result: xr.Dataset) -> list[Check]:
        """What was said, held beside a run; it does not hold where there is no value or nothing to measure."""
        found = [(one, checked(one, result)) for one in self.predictions]
        return [_unmeasured(one) if check is None else check for one, check in found]


def _functions(theories: object) -> list[Callable[[Network], Prediction]]:
    hint = "predictions=[nb.study.ready.delays.feedback_period], or a function of a network"
    if not isinstance(theories, list | tuple):
        raise NbkitError([Problem("bad-type", "predictions", f"{shown(theories)} is no list of theories", hint)])
    made, wrong = [], []
    for number, one in enumerate(theories):
        theory = one.theory if isinstance(one, Prediction) else one
        if callable(theory):
            made.append(theory)
        else:
            what = f"{shown(one)} cannot be asked about another network"
            wrong.append(Problem("bad-type", f"predictions[{number}]", what, hint))
    if wrong:
        raise NbkitError(wrong)
    return made


def _prediction(said: object) -> Prediction:
    if not isinstance(said, Prediction):
        hint = "a function that takes a network and gives nb.Prediction(...)"
        raise NbkitError([Problem("bad-type", "predictions", f"a theory gave {shown(said)}, no prediction", hint)])
    return said


def _asked(theory: Callable[[Network], Prediction], network: Network, before: Prediction) -> Prediction:
    try:
        return _prediction(theory(network))
    except NbkitError as error:
        reason = f"its theory fails here: {error.where} {error.what}"
        return replace(before, value=None, verdict=Applies("no", (reason,)))


def _unmeasured(prediction: Prediction) -> Check:
    """What cannot be held beside a run: without a value, or without a way to measure it."""
    reason = "nothing is measured for it" if prediction.verdict else str(prediction.verdict)
    return Check(prediction, None, holds=False, reason=reason)
