"""Owns the cortical microcircuit as a network: from its numbers to populations and projections. Must not know runs."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

from nbkit.errors import NbkitError, NbkitNote, Problem, did_you_mean, shown
from nbkit.model import shipped as models
from nbkit.model.numbers import is_finite_number
from nbkit.network.description import Population, Projection, Stimulus
from nbkit.network.laws import Normal, Truncated
from nbkit.network.network import Network
from nbkit.network.rules import FixedTotalNumber
from nbkit.network.shipped import microcircuit_table as table
from nbkit.network.shipped.microcircuit_numbers import Derived, derive, full_synapses, rheobase, thalamic_synapses
from nbkit.network.signals import Poisson

BACKGROUNDS = ("poisson", "dc")


def microcircuit(
    scale: float = 0.1,
    k_scale: float | None = None,
    *,
    background: str = "poisson",
    thalamus: tuple[float, float] | None = None,
    v0: str = "optimized",
    resolution: float = 0.1,
) -> Network:
    """Make the microcircuit of Potjans and Diesmann: eight populations under a square millimetre of cortex.

    Populations ``L23E L23I L4E L4I L5E L5I L6E L6I`` of `iaf_psc_exp`, 77,169 neurons and 298,880,968 synapses at full
    scale. Every pair is connected by a fixed total number of synapses, drawn with repetition. Weights are normal with
    a spread of 10 % and keep their sign; delays are normal with a spread of 50 %. A smaller network has fewer
    neurons, fewer inputs for each, weights larger by ``1/sqrt(k_scale)``, and a constant current in ``I_e`` that
    keeps the mean input. It keeps mean and variance of the input, not the correlations: below full scale the rates
    are lower.

    Args:
        scale: share of the neurons, above 0 and at most 1; sizes are rounded half to even.
        k_scale: share of each neuron's inputs; as ``scale`` if left out.
        background: ``"poisson"``: independent spike trains onto every neuron; ``"dc"``: their mean as a current.
        thalamus: when 902 thalamic neurons fire at 120 Hz, from and until (ms), such as ``(700.0, 710.0)``: the
            population ``TC``, whose trains all their targets share. A spike takes 1 ms to leave it. None leaves it out.
        v0: initial potentials: ``"optimized"`` for each population, or ``"original"``, which begins with a burst.
        resolution: the step dt that the network is for, in ms; delays below half of it are drawn again.

    Raises:
        NbkitError: ``bad-value`` for scales that are no shares, ``bad-choice`` for an unknown background or v0,
            ``bad-size`` for a scale that leaves a population without neurons, ``bad-rule`` for one that leaves a
            pair without any of its synapses.

    Source:
        Potjans & Diesmann (2014) Cereb. Cortex 24:785-806, as maintained in microcircuit-PD14-model (INM-6).

    Example:
        >>> import nbkit as nb
        >>> net = nb.networks.microcircuit(scale=0.1)
        >>> sum(p.count for p in net.populations.values()), sum(p.rule.number for p in net.projections)
        (7717, 2988807)
        >>> round(net.value("L4E->L23E.weight.inside.mean"), 2)
        555.35
    """
    _refuse([*_argument_problems(scale, k_scale, background, v0, resolution), *_window_problems(thalamus)])
    share = scale if k_scale is None else k_scale
    numbers = derive(scale, share, background)
    _refuse([*_scale_problems(numbers, background)])
    if background == "dc":
        _warn_of_silence(numbers)
    populations = {name: _population(i, numbers, v0) for i, name in enumerate(table.POPULATIONS)}
    pairs = [(i, j) for i in range(len(populations)) for j in range(len(populations)) if numbers.synapses[i, j]]
    projections = [_projection(target, source, numbers, resolution) for target, source in pairs]
    stimuli = _background(numbers) if background == "poisson" else []
    if thalamus is not None:
        populations["TC"] = Population(models.poisson_source, table.THALAMIC_SIZE)
        projections += _thalamic_projections(share, numbers.background_weight, resolution)
        stimuli.append(_thalamic_trains(*thalamus))
    return Network(populations, projections, stimuli)


def _refuse(wrong: list[Problem]) -> None:
    if wrong:
        raise NbkitError(wrong)


def _background(numbers: Derived) -> list[Stimulus]:
    trains = zip(table.POPULATIONS, numbers.background_rates, strict=True)
    return [Stimulus(f"{name}.I_ex", Poisson(float(rate), numbers.background_weight)) for name, rate in trains]


def _thalamic_trains(start: float, stop: float) -> Stimulus:
    window = (start + table.RELAY_DELAY, stop + table.RELAY_DELAY)
    return Stimulus("TC.n", Poisson(table.THALAMIC_RATE, 1.0, *window))


def _thalamic_projections(k_scale: float, weight: float, resolution: float) -> list[Projection]:
    delay = Normal(table.THALAMIC_DELAY, table.DELAY_SPREAD * table.THALAMIC_DELAY)
    return [
        Projection(
            "TC.spike",
            f"{name}.I_ex",
            rule=FixedTotalNumber(int(number)),
            weight=Truncated(Normal(weight, table.WEIGHT_SPREAD * weight), low=0.0),
            delay=Truncated(delay, low=resolution / 2),
        )
        for name, number in zip(table.POPULATIONS, thalamic_synapses(k_scale), strict=True)
        if number
    ]


def _population(index: int, numbers: Derived, v0: str) -> Population:
    parameters = {**table.NEURON, "I_e": float(numbers.currents[index])}
    start = Normal(*table.INITIAL_POTENTIALS[v0][index])
    return Population(models.iaf_psc_exp, int(numbers.sizes[index]), parameters, {"V_m": start})


def _projection(target: int, source: int, numbers: Derived, resolution: float) -> Projection:
    """One pair; the sources of even number excite."""
    excites = source % 2 == 0
    mean, delay = float(numbers.weights[target, source]), table.DELAYS[source % 2]
    spread = Normal(mean, table.WEIGHT_SPREAD * abs(mean))
    return Projection(
        f"{table.POPULATIONS[source]}.spike",
        f"{table.POPULATIONS[target]}.{'I_ex' if excites else 'I_in'}",
        rule=FixedTotalNumber(int(numbers.synapses[target, source])),
        weight=Truncated(spread, low=0.0) if excites else Truncated(spread, high=0.0),
        delay=Truncated(Normal(delay, table.DELAY_SPREAD * delay), low=resolution / 2),
    )


def _argument_problems(
    scale: object, k_scale: object, background: object, v0: object, resolution: object
) -> Iterator[Problem]:
    for name, share in (("scale", scale), ("k_scale", scale if k_scale is None else k_scale)):
        if name == "k_scale" and k_scale is None:
            continue
        if not is_finite_number(share) or not 0 < share <= 1:  # type: ignore[operator]
            what = f"{shown(share)} is no share"
            yield Problem("bad-value", f"microcircuit.{name}", what, "a number above 0 and at most 1, such as 0.1")
    for name, word, known in (("background", background, BACKGROUNDS), ("v0", v0, [*table.INITIAL_POTENTIALS])):
        if not isinstance(word, str) or word not in known:
            hint = did_you_mean(str(word), known)
            yield Problem("bad-choice", f"microcircuit.{name}", f"{shown(word)} is not one of the choices", hint)
    longest = 2 * min(table.DELAYS)
    if not is_finite_number(resolution) or not 0 < resolution <= longest:  # type: ignore[operator]
        what = f"{shown(resolution)} is no step for delays of {min(table.DELAYS):g} ms"
        yield Problem("bad-value", "microcircuit.resolution", what, "the dt of the run in ms, such as 0.1")


def _window_problems(thalamus: object) -> Iterator[Problem]:
    if thalamus is None:
        return
    fits = isinstance(thalamus, tuple) and len(thalamus) == 2 and all(is_finite_number(t) for t in thalamus)
    if not fits or not 0 <= thalamus[0] < thalamus[1]:  # type: ignore[index]
        what = f"{shown(thalamus)} is no pair of times"
        yield Problem("bad-value", "microcircuit.thalamus", what, "from and until in ms, such as (700.0, 710.0)")


def _scale_problems(numbers: Derived, background: str) -> Iterator[Problem]:
    """Populations and pairs of which rounding leaves nothing."""
    for name, size, full in zip(table.POPULATIONS, numbers.sizes, table.SIZES, strict=True):
        if not size:
            what = f"nothing is left of {full} neurons"
            yield Problem("bad-size", f"microcircuit.scale, {name}", what, "a larger scale")
    full_numbers = full_synapses()
    for i, target in enumerate(table.POPULATIONS):
        for j, source in enumerate(table.POPULATIONS):
            if full_numbers[i, j] and not numbers.synapses[i, j]:
                what = f"nothing is left of {full_numbers[i, j]:.0f} synapses"
                yield Problem("bad-rule", f"microcircuit.scale, {source}->{target}", what, "a larger scale or k_scale")
    for name, rate in zip(table.POPULATIONS, numbers.background_rates, strict=True):
        if not rate and background == "poisson":
            what = "nothing is left of its background synapses"
            yield Problem("bad-rule", f"microcircuit.k_scale, {name}", what, "a larger k_scale")


def _warn_of_silence(numbers: Derived) -> None:
    quiet = [n for n, current in zip(table.POPULATIONS, numbers.currents, strict=True) if current <= rheobase()]
    if quiet:
        what = "below the current that reaches the threshold alone, so the network may stay silent"
        note = f"background='dc': {', '.join(quiet)} get a constant current {what}; take a larger k_scale or 'poisson'"
        warnings.warn(note, NbkitNote, stacklevel=3)
