"""Owns what theory says about circuits of integrate-and-fire neurons: their rates. Must not know single neurons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from nbkit.model.shipped.integrate_and_fire import iaf_cond_exp, iaf_psc_alpha, iaf_psc_delta, iaf_psc_exp
from nbkit.model.shipped.spiking import lif, lif_exponential
from nbkit.network.description import SPIKE, split_path
from nbkit.network.network import Network
from nbkit.network.signals import Poisson
from nbkit.network.time import to_unit
from nbkit.study.mean_field import self_consistent_rates
from nbkit.study.mean_inputs import MeanInput, mean_inputs
from nbkit.study.prediction import Applies, Prediction, together
from nbkit.study.ready.drive import attempt, idle, of_models, require
from nbkit.study.ready.readings import mean_rates
from nbkit.study.wiring import in_time, nearly, no

_KNOWN = (iaf_psc_delta, iaf_psc_exp)
_FAMILY = (*_KNOWN, iaf_psc_alpha, iaf_cond_exp, lif, lif_exponential)

_LARGEST = 0.06  # of the way to the threshold: larger jumps are no diffusion
_SMALL = 0.02  # of the way: smaller ones leave as much noise as in a large network
_FEW = 0.1  # of the rate that theory misses where jumps are small
_PER_JUMP = 3.0  # and how much more for jumps, as a share of the way to the threshold
_SLOW = 0.1  # and where the drive alone does not reach the threshold
_FAINT = 0.2  # Hz
_SETTLED = 100.0  # ms until a circuit has forgotten its start
_BUSY = 300.0  # Hz, from which other states are looked for
_OTHER = 0.02  # share by which rates of another state differ, at least


def circuit_rates_of(network: Network) -> Prediction:
    """Predict the rate of every population of a circuit, as if all spikes were independent Poisson trains.

    The rates are those that give themselves, reached from silence, see `self_consistent_rates`. The tolerance is what
    simulations show: 10 % where single spikes move the potential little, more where they are large, as in networks
    that stand for larger ones, and 0.2 Hz beside that.

    Args:
        network: any network.

    Returns:
        A prediction with one value in Hz for each population.

    Raises:
        NbkitError: ``bad-type`` for what is no network; what `Network.check` finds.

    Example:
        >>> import nbkit as nb
        >>> rates = nb.study.ready.circuits.circuit_rates_of(nb.networks.brunel(order=2500))
        >>> print(rates.words(), rates.verdict.answer)
        E 32.03 Hz, I 32.03 Hz approximately
    """
    require(network)
    verdict = together([_known(network), *_drives(network)])
    value: Mapping[str, float] | None = None
    rtol, since = _FEW, _SETTLED
    if verdict:
        value, verdict = attempt(lambda: self_consistent_rates(network))
    if value is not None:
        inputs = mean_inputs(network, value)
        verdict = together([*_told(inputs), *_elsewhere(network, value)])
        if not verdict:
            value = None
        else:
            rtol += _PER_JUMP * max(one.share for one in inputs.values())
            rtol += _SLOW if all(map(_waits, inputs.values())) else 0.0
        since += _begins(network)
    return Prediction(
        "Rates of the populations",
        value,
        unit="Hz",
        latex=r"r_i = \Phi(\mu_i, \sigma_i), \quad \mu_i = E_i + \tau \sum_j K_{ij} J_{ij} r_j, \quad "
        r"\sigma_i^2 = \tau \sum_j K_{ij} \langle J_{ij}^2 \rangle r_j",
        source="Amit & Brunel (1997) Cereb. Cortex 7:237-252; Brunel (2000) J. Comput. Neurosci. 8:183-208",
        rtol=rtol,
        atol=_FAINT,
        quantity="rate",
        verdict=verdict,
        theory=circuit_rates_of,
        measure=partial(mean_rates, populations=tuple(network.populations), since=since),
    )


def offered(network: Network, dt: float | None) -> Iterator[Prediction]:
    """What this module says about a network: integrate-and-fire neurons that spikes reach."""
    del dt
    reached = {split_path(p.target)[0] for p in network.projections if split_path(p.source)[1] == SPIKE and not idle(p)}
    reached |= {split_path(s.target)[0] for s in network.stimuli if isinstance(s.signal, Poisson) and not idle(s)}
    if any(of_models(network, name, _FAMILY) for name in reached):
        yield circuit_rates_of(network)


def _known(network: Network) -> Applies:
    return together([of_models(network, name, _KNOWN) for name in network.populations])


def _drives(network: Network) -> Iterator[Applies]:
    """Whether the drive from outside lasts."""
    for stimulus in network.stimuli:
        signal = stimulus.signal
        if isinstance(signal, Poisson) and signal.stop is not None and not idle(stimulus):
            stop = in_time(network, to_unit(signal.stop, network.time_unit, stimulus.name))
            yield no(f"derived for a drive that lasts; {stimulus.name} ends at {stop}")


def _begins(network: Network) -> float:
    """Since when all of the drive is there."""
    starts = [stimulus.signal.start for stimulus in network.stimuli if isinstance(stimulus.signal, Poisson)]
    return max((max(0.0, to_unit(start, network.time_unit, "start")) for start in starts), default=0.0)


def _told(inputs: Mapping[str, MeanInput]) -> Iterator[Applies]:
    """What of a circuit is not as the theory takes it."""
    name, one = max(inputs.items(), key=lambda item: item[1].share)
    told = f"a spike moves {name} by {one.jump:.2g} mV, {100 * one.share:.2g} % of the way to its threshold"
    if one.share > _LARGEST:
        yield no(f"derived for many small inputs; {told}")
    yield nearly(f"derived for many small independent inputs; {told}")
    quiet = [name for name, one in inputs.items() if _waits(one) and one.noise == 0]
    if quiet and one.share > _SMALL:
        drive = f"what comes from outside is steady, and does not bring {', '.join(quiet)} to the threshold"
        yield no(f"derived for networks that are kept going by noise from outside; {drive}: they may stay silent")
    if all(map(_waits, inputs.values())):
        drive = "the mean drive from outside alone brings no population to its threshold"
        yield nearly(f"derived for asynchronous spikes; {drive}: such networks wax and wane together")
    regular = [name for name, one in inputs.items() if one.mean > one.threshold]
    if regular:
        yield nearly(f"derived for irregular spikes; the mean input of {', '.join(regular)} is above the threshold")


def _waits(one: MeanInput) -> bool:
    """Whether units need the others' spikes to fire in the mean."""
    return one.outside < one.threshold


def _elsewhere(network: Network, rates: Mapping[str, float]) -> Iterator[Applies]:
    """Whether the circuit has another state, which is reached from high rates."""
    start = dict.fromkeys(network.populations, _BUSY)
    other, _ = attempt(lambda: self_consistent_rates(network, start))
    if other is not None and any(abs(other[name] - rate) > _OTHER * (1 + rate) for name, rate in rates.items()):
        told = ", ".join(f"{name} {rate:.3g} Hz" for name, rate in other.items())
        yield nearly(f"this is the state that is reached from silence; there is another: {told}")
