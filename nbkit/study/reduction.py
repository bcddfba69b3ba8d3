"""Owns mean-field reductions: a network with one unit for each population that stands for all of them.

Must not know how anything is stepped or drawn.
"""

from __future__ import annotations

import html
import math
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from nbkit.errors import NbkitError, Problem, fail, shown
from nbkit.model.counting import bincount
from nbkit.model.expression import names, parse
from nbkit.model.model import Model, Parameter, State
from nbkit.model.shipped import qif
from nbkit.network.check_projections import ends_of
from nbkit.network.description import Population, Projection, Stimulus
from nbkit.network.evaluation import evaluate
from nbkit.network.expressions import Expression
from nbkit.network.kernels import Kernel
from nbkit.network.laws import Law, Lorentzian, Quantiles, Truncated
from nbkit.network.network import Network
from nbkit.network.rules import AllToAll, FixedInDegree, OneToOne
from nbkit.network.signals import Formula, Noise, OrnsteinUhlenbeck, Sine, Step, UniformNoise
from nbkit.network.time import to_unit
from nbkit.network.values import SparseMatrix
from nbkit.study.mean_field import moments
from nbkit.study.prediction import Applies, together

#: rate and mean potential of infinitely many `qif` units whose eta is Lorentzian, and the synapse that they share
qif_population = Model(
    "qif_population",
    """
    tau * dr/dt = Delta/(pi*tau) + 2*r*v
    tau * dv/dt = v**2 + eta + I_ext + tau*k*s_in - (pi*tau*r)**2
    ds/dt = -s/tau_s + r
    """,
    states={"r": State(0.0), "v": State(-2.0), "s": State(0.0)},
    inputs={"s_in": 0.0, "I_ext": 0.0},
    parameters={k: Parameter(v) for k, v in {"tau": 1.0, "eta": -5.0, "Delta": 1.0, "k": 1.0, "tau_s": 1.0}.items()},
    time_unit="1",
    source="Montbrio, Pazo & Roxin (2015) Phys. Rev. X 5:021028",
)


@dataclass(frozen=True)
class Reduction:
    """A small network that stands for a large one.

    Attributes:
        name: the reduction.
        network: one unit for each population; paths are those of the large network.
        verdict: yes where every unit does what the small network does, else approximately, with the reasons.

    Example:
        >>> import nbkit as nb
        >>> small = nb.study.reduced(nb.networks.rhythm())
        >>> {name: population.size for name, population in small.network.populations.items()}
        {'E': 1, 'I': 1}
    """

    name: str
    network: Network
    verdict: Applies

    def _repr_html_(self) -> str:
        verdict = html.escape("; ".join(self.verdict.reasons) or "exact: all units of a population do the same")
        return f"<div><b>{html.escape(self.name)}</b><br>{verdict}</div>"


def reduced(network: Network, at: float = math.inf) -> Reduction:
    """Put one unit for each population, which stands for all of them.

    Where all units of a population are equal, and get equal input, they all do the same and the reduction is exact.
    Where they differ, each unit is taken for the mean one, and the reduction is approximate. Units of the model
    `qif` with a Lorentzian ``eta`` are replaced by their exact mean field. Delays are kept.

    Args:
        network: populations that do not spike, or units of `qif`.
        at: a stimulus is held at the value that it has at this time; at the one that it ends with by default.

    Returns:
        The small network, with the name and the verdict of the reduction.

    Raises:
        NbkitError: what `Network.check` finds; ``no-reduction`` for parts that no reduction is known for.

    Source:
        Montbrio, Pazo & Roxin (2015) Phys. Rev. X 5:021028 for `qif`.

    Example:
        >>> import nbkit as nb
        >>> units = nb.Population(nb.models.wilson_cowan, 80)
        >>> net = nb.Network({"E": units}, [nb.Projection("E.r", "E.r_in", weight=15.0, weight_is="total")])
        >>> small = nb.study.reduced(net)
        >>> small.network.value("E.size"), small.network.value("E->E.weight"), small.verdict.answer
        (1, 15.0, 'yes')
    """
    if not isinstance(network, Network):
        raise fail("bad-type", "network", f"{shown(network)} is no network", "nb.Network(...)")
    network.require()
    answers: list[Applies] = []
    problems: list[Problem] = []
    populations = {n: _population(n, p, network, answers, problems) for n, p in network.populations.items()}
    projections = [_projection(network, p, answers, problems) for p in network.projections]
    stimuli = [_stimulus(network, s, at, answers, problems) for s in network.stimuli]
    if problems:
        raise NbkitError(problems)
    spiking = any(p.model.spiking is not None for p in network.populations.values())
    name = "exact mean field of quadratic units" if spiking else "one unit for each population"
    small = Network(populations, projections, [s for s in stimuli if s is not None], network.time_unit)
    return Reduction(name, small, together(answers))


def _population(
    name: str, population: Population, network: Network, answers: list[Applies], problems: list[Problem]
) -> Population:
    model = population.model
    if model == qif:
        return _quadratic(name, population, network, answers, problems)
    if model.spiking is not None:
        what = f"no mean field is known for the spikes of {model.name}"
        problems.append(Problem("no-reduction", name, what, "nb.models.qif, or a model of rates"))
        return population
    if model.noisy:
        answers.append(Applies("approximately", (f"the noise of {name} is left out",)))
    held = {key: f"{name}.{key}" for key in model.parameters}
    start = {key: f"{name}.{key}.initial" for key in model.states}
    return replace(
        population,
        size=1, extent=None, edges="open",
        parameters={key: _mean(network, path, answers, problems) for key, path in held.items()},
        initial={key: _mean(network, path, [], problems) for key, path in start.items()},
    )  # fmt: skip


def _quadratic(
    name: str, population: Population, network: Network, answers: list[Applies], problems: list[Problem]
) -> Population:
    eta = network.value(f"{name}.eta")
    law = eta.inside if isinstance(eta, Quantiles) else eta
    law = law.inside if isinstance(law, Truncated) else law
    if not isinstance(law, Lorentzian):
        what = f"{shown(eta)}: the mean field is exact for a Lorentzian"
        problems.append(Problem("no-reduction", f"{name}.eta", what, "nb.Lorentzian(centre, half_width)"))
        return population
    keys = ("tau", "k", "tau_s")
    values = {key: _mean(network, f"{name}.{key}", answers, problems) for key in keys}
    values |= {"eta": float(law.centre), "Delta": float(law.half_width)}
    answers.append(Applies("approximately", (f"exact for infinitely many units; {name} has {population.count:,}",)))
    return Population(qif_population, 1, values, {"v": _mean(network, f"{name}.v.initial", [], problems)})


def _projection(
    network: Network, projection: Projection, answers: list[Applies], problems: list[Problem]
) -> Projection:
    where = projection.name
    ends = ends_of(network, projection)
    if projection.source_units is not None or projection.target_units is not None:
        what = "connects chosen units, which then differ from the others"
        problems.append(Problem("no-reduction", where, what, "a population of their own for them"))
    if isinstance(projection.weight, Kernel | Expression):
        what = "weights in space: what a unit gets depends on its place"
        problems.append(Problem("no-reduction", f"{where}.weight", what, "a number as a weight"))
        return projection
    total, equal = _total(projection, projection.rule.connections(ends) / max(ends.post, 1), ends.post)
    if not equal:
        answers.append(Applies("approximately", (f"units get different input through {where}",)))
    return replace(projection, rule=OneToOne(), weight=total, weight_is="synapse", delay=_delay(projection))


def _delay(projection: Projection) -> Any:
    """The delay as one number: the mean of many."""
    if isinstance(projection.delay, np.ndarray):
        return float(projection.delay.mean())
    if isinstance(projection.delay, Law):
        return float(moments(projection.delay)[0])
    return projection.delay


def _total(projection: Projection, in_degree: float, post: int) -> tuple[float, bool]:
    """The weight of all connections onto a unit together, without the gain; and whether all units get it."""
    weight, regular = projection.weight, isinstance(projection.rule, AllToAll | OneToOne | FixedInDegree)
    count = 1.0 if projection.weight_is == "total" else in_degree
    if isinstance(weight, float | int):
        return float(weight) * count, regular or projection.weight_is == "total"
    if isinstance(weight, np.ndarray | SparseMatrix):
        rows = _row_sums(weight, post) / (in_degree if projection.weight_is == "total" and in_degree else 1.0)
        return float(rows.mean()), bool(np.ptp(rows) <= 1e-12 * np.abs(rows).max(initial=0.0))
    if isinstance(weight, Law):
        return float(moments(weight)[0]) * count, False
    return float("nan"), False


def _row_sums(weight: Any, post: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    if isinstance(weight, SparseMatrix):
        rows: Any = bincount(np.asarray(weight.rows), np.asarray(weight.values), minlength=post)
    else:
        rows = weight if weight.ndim == 1 else weight.reshape(post, -1).sum(axis=1)
    return np.asarray(rows, dtype=np.float64)


def _stimulus(
    network: Network, stimulus: Stimulus, at: float, answers: list[Applies], problems: list[Problem]
) -> Stimulus | None:
    if stimulus.units is not None:
        what = "drives chosen units, which then differ from the others"
        problems.append(Problem("no-reduction", stimulus.name, what, "a population of their own for them"))
        return None
    signal = stimulus.signal
    if isinstance(signal, Noise | OrnsteinUhlenbeck | UniformNoise | Sine):
        answers.append(Applies("approximately", (f"{stimulus.name} is replaced by its mean",)))
        return replace(stimulus, signal=Step(_middle(signal)), name=stimulus.name)
    value = _held(network, signal, at)
    if value is None:
        what = f"{type(signal).__name__} does not come to rest"
        problems.append(Problem("no-reduction", stimulus.name, what, "a Step, or at= the time that you mean"))
        return None
    return replace(stimulus, signal=Step(value), name=stimulus.name)


def _middle(signal: Noise | OrnsteinUhlenbeck | UniformNoise | Sine) -> float:
    if isinstance(signal, UniformNoise):
        return (signal.low + signal.high) / 2
    return float(signal.offset if isinstance(signal, Sine) else signal.mean)


def _held(network: Network, signal: Any, at: float) -> float | None:
    """The value of a formula of time at a time; None where it has none."""
    if isinstance(signal, Expression):
        tree, known = parse(signal.text), {}
        if names(tree) - {"t"}:
            return None
    elif isinstance(signal, Formula):
        tree, known = parse(signal.formula), {f.name: getattr(signal, f.name) for f in fields(signal)}  # type: ignore[arg-type]
        known |= {key: to_unit(known[key], network.time_unit, key) for key in signal.times}
    else:
        return None
    with np.errstate(all="ignore"):
        value = float(evaluate(tree, {**known, "t": at}))
    return value if math.isfinite(value) else None


def _mean(network: Network, path: str, answers: list[Applies], problems: list[Problem]) -> float:
    """A value as one number: the mean over the units."""
    held = network.value(path)
    if isinstance(held, float | int):
        return float(held)
    if isinstance(held, np.ndarray) and np.ptp(held) == 0:
        return float(held.flat[0])
    answers.append(Applies("approximately", (f"{path} differs between units; the mean stands for it",)))
    if isinstance(held, np.ndarray):
        return float(held.mean())
    law = held.inside if isinstance(held, Quantiles) else held
    if isinstance(law, Law) and not isinstance(law, Lorentzian):
        return float(moments(law)[0])
    problems.append(Problem("no-reduction", path, f"{shown(held)} has no mean", "a number, or a law that has one"))
    return math.nan
