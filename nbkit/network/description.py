"""Owns the frozen parts of a network: populations, projections, stimuli. Must not know how they run.

They keep what the user wrote, right or wrong; `nbkit.network.check` names everything that is wrong at once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nbkit.errors import fail, shown
from nbkit.model.frozen import FrozenMap
from nbkit.model.model import Model
from nbkit.model.numbers import plain
from nbkit.network.chosen import freeze_units
from nbkit.network.conduction import ConductionDelay
from nbkit.network.expressions import Signal
from nbkit.network.grids import Grid, grid_of
from nbkit.network.kernels import Kernel, usual_meaning
from nbkit.network.laws import Law
from nbkit.network.rules import AllToAll, Rule
from nbkit.network.time import Time
from nbkit.network.values import Array, Value, freeze


def _frozen_mapping(value: object) -> Any:
    return FrozenMap({k: freeze(v) for k, v in value.items()}) if isinstance(value, Mapping) else value


@dataclass(frozen=True, eq=False)
class Population:
    """Units of one model.

    Args:
        model: the equations of one unit.
        size: number of units; or a grid of them, ``(nx,)`` for a line and ``(ny, nx)`` for a sheet.
        parameters: name -> a number for all units, an array of the shape of ``size``, a law to draw from, or on
            a grid an `Expression` of ``x`` (and ``y``).
        initial: state -> the same, for the value at t = 0.
        label: free text for titles; never used as a name.
        time_scale: for a dimensionless model in a network with physical time: the length of one
            model unit, such as ``"10 ms"``.
        extent: length of the x axis of a grid, its cells being square; or the length of each axis, in the
            order of ``size``. 1 if left out.
        edges: ``"open"``, or ``"periodic"`` for a ring or a torus.

    Example:
        >>> import nbkit as nb
        >>> nb.Population(nb.models.wilson_cowan, 100, parameters={"tau": nb.Uniform(8, 12)}).size
        100
    """

    model: Model
    size: int | tuple[int, ...]
    parameters: Mapping[str, Value] = field(default_factory=dict)
    initial: Mapping[str, Value] = field(default_factory=dict)
    label: str = ""
    time_scale: Time | None = None
    extent: float | tuple[float, ...] | None = None
    edges: str = "open"

    def __post_init__(self) -> None:
        if not isinstance(self.model, Model):
            hint = "give a model, for example nb.models.wilson_cowan"
            raise fail("bad-type", "Population.model", f"{type(self.model).__name__} is not a Model", hint)
        for name in ("size", "time_scale", "extent"):
            held = getattr(self, name)
            whole = tuple(map(plain, held)) if isinstance(held, tuple | list) else plain(held)
            object.__setattr__(self, name, whole)
        object.__setattr__(self, "parameters", _frozen_mapping(self.parameters))
        object.__setattr__(self, "initial", _frozen_mapping(self.initial))

    @property
    def count(self) -> int:
        """Number of units."""
        return math.prod(self.size) if isinstance(self.size, tuple) else self.size

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of an array with one number for each unit."""
        return self.size if isinstance(self.size, tuple) else (self.size,)

    @property
    def grid(self) -> Grid | None:
        """Where the units stand; None where they have no places."""
        return grid_of(self.size, self.extent, self.edges)


@dataclass(frozen=True, eq=False, kw_only=True)
class Projection:
    """Connections from a variable of one population onto an input of another.

    Args:
        source: ``"population.variable"``: a state, an algebraic variable, or ``spike``.
        target: ``"population.input"``; for spikes a state that takes events.
        rule: which units are connected, such as `AllToAll`, `OneToOne` or `FixedInDegree`.
        weight: a number, a law, an array, (post, pre) all-to-all and (size,) one-to-one, a DataArray with
            dimensions ``post`` and ``pre``, or a sparse matrix of SciPy. Between grids also a kernel such as
            ``nb.kernels.Gaussian(1.0, width=0.1)``, or an `Expression` of the distance ``d``.
        delay: a time, the same for all; or an array shaped like the weights, or a law. Step k uses the
            source exactly ``delay`` earlier. Between grids also a `ConductionDelay`.
        spread: standard deviation of a gamma-distributed delay of mean ``delay``; ``None`` for a sharp one.
        history: what the source was before t = 0: its ``"initial"`` value or ``"zero"``.
        gain: a factor on all weights.
        weight_is: ``"synapse"``: the weight of each connection; ``"total"``: of all connections onto
            a unit together, divided by their number; ``"density"``: per length or area of the source, so
            that a kernel means the same on a finer grid. Kernels and expressions are densities, unless
            something else is said; filters and all other weights are of each connection.
        source_units: which units of the source take part: a slice, a list of numbers, rows and columns of a
            sheet such as ``(slice(0, 5), [1, 2])``, None for all.
        target_units: the same for the target. Rule and weights then speak of the chosen units alone.
        name: its name in paths; by default ``"source->target"`` of the populations.

    Example:
        >>> import nbkit as nb
        >>> nb.Projection("E.r", "I.r_in", weight=15.0, delay="2 ms").name
        'E->I'
    """

    source: str = field(kw_only=False)
    target: str = field(kw_only=False)
    rule: Rule = field(default_factory=AllToAll)
    weight: Value | Kernel = 1.0
    delay: Time | Array | Law | ConductionDelay = 0.0
    spread: Time | None = None
    history: str = "initial"
    gain: float = 1.0
    weight_is: str | None = None
    source_units: Any = None
    target_units: Any = None
    name: str = ""

    def __post_init__(self) -> None:
        _require_text(self.source, "Projection.source", '"E.r"')
        _require_text(self.target, "Projection.target", '"E.r_in"')
        object.__setattr__(self, "weight", freeze(self.weight))
        object.__setattr__(self, "gain", freeze(self.gain))
        object.__setattr__(self, "source_units", freeze_units(self.source_units))
        object.__setattr__(self, "target_units", freeze_units(self.target_units))
        for name in ("delay", "spread"):
            object.__setattr__(self, name, plain(getattr(self, name)))
        if self.weight_is is None:
            object.__setattr__(self, "weight_is", usual_meaning(self.weight))
        if not isinstance(self.delay, int | float | str):
            object.__setattr__(self, "delay", freeze(self.delay))
        _require_name(self.name, "Projection.name")
        if not self.name:
            object.__setattr__(self, "name", f"{self.source.split('.')[0]}->{self.target.split('.')[0]}")


@dataclass(frozen=True, eq=False)
class Stimulus:
    """A signal from outside that is added to an input of a population.

    Args:
        target: ``"population.input"``; for `Poisson` a state that takes events.
        signal: `Step`, `Pulse`, `Ramp`, `Sine`, `Expression`, `MovingBubble`, `Noise`, `UniformNoise`,
            `OrnsteinUhlenbeck`, `Poisson` or `Recorded`.
        units: which units receive it: a slice, a list of numbers, rows and columns of a sheet, None for all.
        name: its name in paths; by default the target.

    Example:
        >>> import nbkit as nb
        >>> nb.Stimulus("E.r_ext", nb.Sine(amplitude=1.0, frequency=10.0)).name
        'E.r_ext'
    """

    target: str
    signal: Signal
    units: Any = None
    name: str = ""

    def __post_init__(self) -> None:
        _require_text(self.target, "Stimulus.target", '"E.r_ext"')
        if not isinstance(self.signal, Signal):
            what = f"{type(self.signal).__name__} is not a signal"
            raise fail("bad-type", f"Stimulus({self.target!r}).signal", what, "give nb.Step(...), nb.Sine(...) ...")
        object.__setattr__(self, "units", freeze_units(self.units))
        _require_name(self.name, "Stimulus.name")
        if not self.name:
            object.__setattr__(self, "name", self.target)


def _require_name(value: object, where: str) -> None:
    if not isinstance(value, str):
        raise fail("bad-type", where, f"{shown(value)} is not text", "leave it out for the default name")


def _require_text(value: object, where: str, example: str) -> None:
    if not isinstance(value, str) or not value:
        raise fail("bad-type", where, f"{shown(value)} is not a path", f"write it as text, such as {example}")


#: the variable that stands for the spikes of a population
SPIKE = "spike"


def split_path(path: str) -> tuple[str, str]:
    """Split ``"E.r"`` into population and variable."""
    population, _, variable = path.partition(".")
    return population, variable
