"""Owns shipped motifs: small networks that do something at once, to begin with. Must not know how they run."""

from __future__ import annotations

from nbkit.errors import NbkitError, Problem, fail, shown
from nbkit.model import shipped as models
from nbkit.model.numbers import is_whole
from nbkit.network.bubbles import MovingBubble
from nbkit.network.description import Population, Projection, Stimulus
from nbkit.network.kernels import DifferenceOfGaussians
from nbkit.network.network import Network
from nbkit.network.signals import Noise, Step
from nbkit.network.time import Time

#: time constant, ms; slope and threshold of excitatory and inhibitory units
_TAU, _EXCITATORY, _INHIBITORY = 8.0, {"s": 1.3, "theta": 4.0}, {"s": 2.0, "theta": 3.7}

#: total weight onto a unit, from the excitatory and from the inhibitory population
_ONTO_E, _ONTO_I = (16.0, -12.0), (15.0, -3.0)


def rhythm(drive: float = 1.25, delay: Time = 0.0, size: int = 80) -> Network:
    """Make a pair of populations that excite and inhibit each other: the smallest network with a rhythm.

    ``size`` excitatory units ``E`` and a quarter as many inhibitory units ``I``. Weights are those onto a unit in
    all, so that the rhythm is the same at every size.

    Args:
        drive: constant input of E. Without delay there is a rhythm from about 1.1 to 1.9.
        delay: from E to I and back.
        size: number of excitatory units, 4 or more.

    Returns:
        A network in ms, its period about five time constants of 8 ms.

    Raises:
        NbkitError: ``bad-size`` for what is no such number.

    Source:
        Wilson & Cowan (1972) Biophys. J. 12:1-24, with the parameters of their limit cycle.

    Example:
        >>> import nbkit as nb
        >>> ds = nb.simulate(nb.networks.rhythm(), 800.0, 0.02)
        >>> round(float(nb.analysis.period(ds, "E.r", discard=300.0, mean=True)), 1)
        40.5
    """
    if not is_whole(size, 4):
        raise fail("bad-size", "rhythm.size", f"{shown(size)} is no number of units", "a whole number from 4 on")
    populations = {
        "E": Population(models.wilson_cowan, size, {"tau": _TAU, **_EXCITATORY}, {"r": 0.1}),
        "I": Population(models.wilson_cowan_inhibitory, size // 4, {"tau": _TAU, **_INHIBITORY}, {"r": 0.1}),
    }
    wires = []
    for target, weights in (("E", _ONTO_E), ("I", _ONTO_I)):
        for source, weight in zip("EI", weights, strict=True):
            later = delay if source != target else 0.0
            wires.append(Projection(f"{source}.r", f"{target}.r_in", weight=weight, weight_is="total", delay=later))
    return Network(populations, wires, [Stimulus("E.r_ext", Step(drive), name="drive")])


def moving_bump(size: int = 30, bumps: int = 2) -> Network:
    """Make a sheet of units that gather input into a bump of activity, and keep it while the input wanders.

    Near units excite and far ones inhibit each other. Spots of input go round on the sheet, under noise; the sheet
    answers with a bump at each of them, or chooses. The kernel is a density: a finer sheet does the same.

    Args:
        size: units along each edge, 8 or more.
        bumps: spots of input, 1 to 8.

    Returns:
        A network in ms, one population ``field`` on a torus.

    Raises:
        NbkitError: ``bad-size`` for what are no such numbers.

    Source:
        Amari (1977) Biol. Cybern. 27:77-87.

    Example:
        >>> import nbkit as nb
        >>> nb.networks.moving_bump(10).populations["field"].shape
        (10, 10)
    """
    problems = [
        Problem("bad-size", f"moving_bump.{name}", f"{shown(value)} is not from {least} to {most}", f"{usual}")
        for name, value, least, most, usual in (("size", size, 8, 10_000, 30), ("bumps", bumps, 1, 8, 2))
        if not is_whole(value, least, most)
    ]
    if problems:
        raise NbkitError(problems)
    kernel = DifferenceOfGaussians(60.0, 0.07, surround_amplitude=12.0, surround_width=0.25)
    field = Population(models.neural_field, (size, size), edges="periodic")
    spots = MovingBubble(0.7, width=0.08, radius=0.3, period=400.0, count=bumps)
    stimuli = [Stimulus("field.exc", spots, name="spots"), Stimulus("field.exc", Noise(0.6), name="noise")]
    return Network({"field": field}, [Projection("field.r", "field.lateral", weight=kernel)], stimuli)
