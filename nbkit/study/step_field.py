"""Owns how a line of units that are awake above a threshold is recognised in a network. Must not know any theory.

The units obey ``tau dv/dt = -v + what arrives`` and send 1 where ``v`` is above a threshold, 0 elsewhere, along one
projection whose weights follow from distance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nbkit.errors import NbkitError
from nbkit.model.expression import Apply, Symbol, Tree, names
from nbkit.model.model import Model
from nbkit.network.description import Projection, split_path
from nbkit.network.distances import weights_at
from nbkit.network.evaluation import evaluate
from nbkit.network.expressions import Expression
from nbkit.network.grids import Grid
from nbkit.network.kernels import OfDistance
from nbkit.network.network import Network
from nbkit.network.rules import AllToAll
from nbkit.network.time import parameter_factor
from nbkit.study.wiring import one_number, own_time, projections_onto, steady_drive

Array = npt.NDArray[np.float64]

#: comparison -> on which side of it the state stands where a unit is awake
_AWAKE = {"greater": 0, "greater_equal": 0, "less": 1, "less_equal": 1}


@dataclass(frozen=True, eq=False)
class StepField:
    """A line of units that are awake or asleep; lengths are those of its extent, times those of the network.

    Attributes:
        path: the state that is held against the threshold.
        level: the threshold as it is written.
        threshold: what must arrive from the field: the level less the drive from outside.
        tau: time constant.
        grid: the line.
        kernel: the weight per length, as a function of an array of distances.
        projection: the one that carries it.
    """

    path: str
    level: float
    threshold: float
    tau: float
    grid: Grid
    kernel: Callable[[Array], Array]
    projection: Projection

    @property
    def spacing(self) -> float:
        """Distance from a unit to the next."""
        return self.grid.spacing[0]

    @property
    def longest(self) -> float:
        """The longest distance between two units."""
        return self.grid.extent[0] / 2 if self.grid.periodic else self.grid.extent[0]

    @property
    def own(self) -> bool:
        """Whether a unit reaches itself."""
        return not isinstance(self.projection.rule, AllToAll) or self.projection.rule.autapses


def step_fields(network: Network) -> list[str]:
    """Populations on a line whose units send whether they are above a threshold, to their like, by distance."""
    return [
        name
        for name, p in network.populations.items()
        if p.grid is not None
        and any(
            split_path(q.source) == (name, _output(p.model))
            and split_path(q.target)[0] == name
            and isinstance(q.weight, OfDistance | Expression)
            for q in network.projections
        )
    ]


def step_field(network: Network, name: str) -> StepField | list[str]:
    """Read such a line off a network; or, in words, everything that makes it something else."""
    if name not in network.populations:
        return [f"there is no population {name}"]
    population, arriving = network.populations[name], projections_onto(network, name)
    model, output = population.model, _output(population.model)
    if not output or len(model.states) != 1 or model.spiking is not None or model.noisy:
        return [f"derived for units that send 1 above a threshold and 0 below it; those of {name} are {model.name}"]
    if len(arriving) != 1 or arriving[0].source != f"{name}.{output}":
        told = ", ".join(p.source for p in arriving) or "nothing"
        return [f"derived for a field that receives its own {name}.{output} alone; onto {name} comes {told}"]
    values = {key: one_number(network.value(f"{name}.{key}")) for key in model.parameters}
    differing = [f"{name}.{key}" for key, value in values.items() if value is None]
    reasons = [f"derived for equal units; {', '.join(differing)} differs between them"] if differing else []
    reasons += _line_reasons(network, name, arriving[0])
    if reasons:
        return reasons
    known = {
        key: value * parameter_factor(model.parameters[key].unit, model.time_unit, network.time_unit)
        for key, value in values.items()
        if value is not None
    }
    tau = _time_constant(model, known)
    if tau is None:
        (state,) = model.states
        return [f"derived for tau d{state}/dt = -{state} + input; the equation of {name} is another one"]
    drive = sum(_drive(network, name, key, arriving[0]) for key in model.inputs)
    level = _level(model, output, known)
    grid = population.grid
    assert grid is not None, "it was looked at"
    return StepField(
        f"{name}.{next(iter(model.states))}", level, level - drive, tau * own_time(network, population), grid,
        _kernel(arriving[0], grid), arriving[0],
    )  # fmt: skip


def _output(model: Model) -> str:
    """The variable that is 1 above a threshold and 0 below it; empty if there is none."""
    for key, line in model.algebraic.items():
        if _threshold(model, line.right) is not None:
            return key
    return ""


def _threshold(model: Model, tree: Tree) -> Tree | None:
    """What a state is compared with in a formula that is 1 above it; None for any other formula."""
    if not isinstance(tree, Apply) or tree.operation not in _AWAKE:
        return None
    side = _AWAKE[tree.operation]
    state, other = tree.arguments[side], tree.arguments[1 - side]
    plain = isinstance(state, Symbol) and state.name in model.states and names(other) <= set(model.parameters)
    return other if plain else None


def _level(model: Model, output: str, known: dict[str, float]) -> float:
    tree = _threshold(model, model.algebraic[output].right)
    assert tree is not None, "it was found"
    return float(evaluate(tree, known))


def _time_constant(model: Model, known: dict[str, float]) -> float | None:
    """tau, if the equation is ``tau dv/dt = -v + inputs``, by trying it; None if it is not."""
    (state,) = model.states
    line = model.differential[state]
    if names(line.right) - {state, *model.inputs, *model.parameters}:
        return None
    tries = np.random.default_rng(0).normal(size=(1 + len(model.inputs), 5))
    inputs = dict(zip(model.inputs, tries[1:], strict=True))
    with np.errstate(all="ignore"):
        right = np.asarray(evaluate(line.right, {**known, **inputs, state: tries[0]}))
        factor = float(evaluate(line.factor, known)) if line.factor is not None else 1.0
        ratio = np.broadcast_to((tries[1:].sum(axis=0) - tries[0]) / right, tries[0].shape)
    tau = factor * float(ratio[0])
    return tau if tau > 0 and np.allclose(ratio, ratio[0], rtol=1e-9, atol=0.0) else None


def _line_reasons(network: Network, name: str, projection: Projection) -> list[str]:
    """Why the wiring, the places or the drive are not those of a line that is left alone."""
    reasons, grid = [], network.populations[name].grid
    if grid is None or len(grid.shape) != 1:
        reasons.append(f"derived for a line; {name} is {'a sheet' if grid is not None else 'without places'}")
    if not isinstance(projection.weight, OfDistance | Expression) or not isinstance(projection.rule, AllToAll):
        reasons.append(f"derived for weights that follow from distance; those of {projection.name} do not")
    if projection.source_units is not None or projection.target_units is not None:
        reasons.append(f"derived for a whole line; {projection.name} connects chosen units")
    if projection.weight_is == "total":
        reasons.append(f"derived for a kernel; the weights of {projection.name} are divided by their number")
    for key in network.populations[name].model.inputs:
        drive = steady_drive(network, f"{name}.{key}")
        reasons += [f"derived for a constant drive of all units; {drive}"] if isinstance(drive, str) else []
    return reasons or _kernel_reasons(projection, grid)


def _kernel_reasons(projection: Projection, grid: Grid | None) -> list[str]:
    assert grid is not None, "it is a line"
    try:
        _kernel(projection, grid)(np.linspace(0.0, grid.extent[0], 1000))
    except NbkitError as error:
        return [f"{error.where}: {error.what}"]
    return []


def _kernel(projection: Projection, grid: Grid) -> Callable[[Array], Array]:
    """The weight per length at distances, gain included."""
    scale = projection.gain * (1.0 if projection.weight_is == "density" else 1.0 / grid.spacing[0])
    weight = projection.weight
    assert isinstance(weight, OfDistance | Expression), "it was looked at"
    return lambda distances: scale * weights_at(weight, np.asarray(distances, dtype=np.float64), projection.name)


def _drive(network: Network, name: str, key: str, projection: Projection) -> float:
    """What an input brings besides the field itself: stimuli, or the model's own number where nothing arrives."""
    path = f"{name}.{key}"
    drive = steady_drive(network, path)
    assert isinstance(drive, float), "it was looked at"
    driven = projection.target == path or any(s.target == path for s in network.stimuli)
    return drive if driven else float(network.populations[name].model.inputs[key])
