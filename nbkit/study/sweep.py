"""Owns `sweep`: one network, run at every combination of some values. Must not know how points are run together."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from nbkit.errors import NbkitError, Problem, fail, shown
from nbkit.model.numbers import is_finite_number, plain
from nbkit.network.laws import Law
from nbkit.network.network import Network
from nbkit.network.time import Time, to_unit
from nbkit.simulation.points import Batch, Settings, run_one, run_points, side_by_side
from nbkit.simulation.progress import Bar
from nbkit.simulation.recording import Asked
from nbkit.study.swept import Axis, Kept, Reduce

if TYPE_CHECKING:
    import xarray

Progress = Callable[[int, int], None]

#: the axis of several seeds
SEED = "seed"
_MOST = 1_000_000  # points


def sweep(
    network: Network,
    values: Mapping[str, Sequence[Any]],
    duration: Time,
    dt: Time,
    record: Asked = None,
    *,
    reduce: Reduce | None = None,
    seed: int | Sequence[int] = 0,
    method: str | None = None,
    precision: str = "float64",
    delays: str = "error",
    discard: Time = 0.0,
    executor: Executor | None = None,
    progress: bool | Progress | None = None,
    backend: str = "numpy",
) -> xarray.Dataset:
    """Run a network at every combination of some values.

    Points that differ in numbers alone are moved together, others one by one: spiking networks, and values that change
    the shape of a network, such as delays. A point equals its own `simulate` to rounding, with the same draws.

    Args:
        network: what to run.
        values: path -> numbers, such as ``{"drive.amplitude": [0, 1, 2]}``; each path is a leading dimension of the
            result.
        duration: as for `simulate`, like the other arguments that are not told here.
        dt: step.
        record: paths.
        reduce: makes of the result of one point what is kept of it: a number, a mapping of names to numbers or arrays,
            or a Dataset. Without it everything that was recorded is kept.
        seed: root of every draw; a list makes ``seed`` the last of the leading dimensions.
        method: for all populations.
        precision: of states.
        delays: off the grid.
        discard: samples before this time.
        executor: from `concurrent.futures`; it runs groups of points elsewhere, ``reduce`` after them here.
        progress: True for a bar, or a function called with (points made, points asked).
        backend: ``"cupy"`` for an NVIDIA card, where every point has a block of threads of its own.

    Returns:
        What was recorded, or what ``reduce`` gave (as ``value`` where it is one number), with the swept paths as
        leading dimensions. ``stopped`` is the time at which a point left the finite numbers and becomes NaN. The
        attribute ``side_by_side`` tells which points were moved together, or why none were.

    Raises:
        NbkitError: all problems together: ``bad-value`` for values that are no numbers, stand twice or belong to a
            law; what each network's check finds; ``bad-type`` where points give results of different shapes.

    Example:
        >>> import nbkit as nb
        >>> runs = nb.sweep(nb.networks.rhythm(), {"drive.amplitude": [0.8, 1.25]}, 200.0, 0.1, ["E.r"])
        >>> runs["E.r"].dims, runs["E.r"].isel(time=-1, **{"E.unit": 0}).values.round(3).tolist()
        (('drive.amplitude', 'time', 'E.unit'), [0.015, 0.096])
    """
    axes = _axes(network, values, seed)
    settings = Settings(duration, dt, record, 0, method, precision, delays, discard, backend)
    groups = _groups(network, axes, settings)
    return _together(groups, Kept(axes, reduce), executor, Bar("points") if progress is True else progress or None)


def _together(
    groups: Sequence[_Group], kept: Kept, executor: Executor | None, progress: Progress | None
) -> xarray.Dataset:
    """Run all groups and put their points in their places."""
    made, asked = 0, sum(len(group.numbers) for group in groups)
    for numbers, batch in _run(groups, executor):
        kept.take(numbers, batch)
        batch.release()
        made += len(batch.numbers)
        if progress is not None:
            progress(made, asked)
    return kept.result(groups[0].words)


@dataclass(frozen=True)
class _Group:
    """Points that are run by one call: ``numbers`` tells which of all they are.

    They go side by side, each with ``inner`` values of its own; without such there is one point. ``words`` tells so.
    """

    network: Network
    settings: Settings
    numbers: Any
    inner: Mapping[str, Any]
    words: str

    def batches(self) -> Iterator[Batch]:
        """Run the group, a batch after the other."""
        if self.inner:
            yield from run_points(self.network, self.inner, self.settings)
        else:
            yield run_one(self.network, self.settings)

    def all_batches(self) -> list[Batch]:
        """The same at once, for another process."""
        return list(self.batches())


# ------------------------------------------------------------ what is asked


def sweep_problems(network: Network, values: object) -> list[Problem]:
    """What is wrong with the values of a sweep."""
    try:
        _axes(network, values, 0)
    except NbkitError as error:
        return list(error.problems)
    return []


def _axes(network: object, values: object, seed: Any) -> list[Axis]:
    """The axes, once everything about them is found right."""
    if not isinstance(network, Network):
        raise fail("bad-type", "network", f"{shown(network)} is no network", "nb.Network(...)")
    network.require()
    if not isinstance(values, Mapping) or not values:
        raise fail("bad-type", "values", f"{shown(values)} names no values", '{"E.tau": [5, 10, 20]}')
    problems: list[Problem] = []
    axes = []
    for path, asked in values.items():
        axis, wrong = _axis(network, path, asked)
        problems += wrong
        axes.append(axis)
    if isinstance(seed, Sequence | np.ndarray) and not isinstance(seed, str | bytes):
        seeds = tuple(plain(one) for one in seed)
        if not seeds or len(set(seeds)) < len(seeds):
            problems.append(Problem("bad-seed", "seed", "a seed stands twice, or none is there", "different seeds"))
        axes.append(Axis(SEED, seeds, "", "seed"))
    else:
        axes.append(Axis("", (plain(seed),)))
    count = math.prod(len(axis.numbers) for axis in axes)
    if count > _MOST:
        problems.append(Problem("too-much-memory", "values", f"they make {count:,} points", "fewer values"))
    if problems:
        raise NbkitError(problems)
    return axes


def _axis(network: Network, path: str, asked: Any) -> tuple[Axis, list[Problem]]:
    """One axis and what is wrong with it."""
    try:
        present = network.value(path)
        about = network.describe(path)
    except NbkitError as error:
        return Axis(path, ()), list(error.problems)
    if isinstance(present, Law):
        inside = [known for known in network.paths() if known.startswith(f"{path}.")]
        what = f"it is a {type(present).__name__}, of which each unit draws its own"
        return Axis(path, ()), [Problem("bad-value", path, what, f"one of its numbers: {', '.join(inside)}")]
    held = asked.tolist() if isinstance(asked, np.ndarray) and asked.ndim == 1 else asked
    if not isinstance(held, Sequence) or isinstance(held, str | bytes) or not held:
        return Axis(path, ()), [Problem("bad-value", path, f"{shown(asked)} is no list of numbers", "[5, 10, 20]")]
    numbers: list[Any] = []
    problems: list[Problem] = []
    for value in map(plain, held):
        try:
            edited = network.with_value(path, value)
            problems += edited.check()
            numbers.append(to_unit(value, network.time_unit, path) if isinstance(value, str) else value)
        except NbkitError as error:
            problems += error.problems
    if not problems and not all(map(is_finite_number, numbers)):
        problems.append(Problem("bad-value", path, "these are not all numbers", "[5, 10, 20]"))
    elif not problems and len(set(numbers)) < len(numbers):
        problems.append(Problem("bad-value", path, "a value stands twice", "each value once"))
    return Axis(path, tuple(numbers), about.unit, str(about.meaning)), problems


# ------------------------------------------------------------ which points go together


def _groups(network: Network, axes: Sequence[Axis], settings: Settings) -> list[_Group]:
    """All points: those that can go side by side in one group, for each combination of the other values."""
    order = np.arange(math.prod(len(a.numbers) for a in axes)).reshape([len(a.numbers) for a in axes])
    paths, seeds = [a.path for a in axes[:-1]], axes[-1].numbers
    start = _at(network, {a.path: a.numbers[0] for a in axes[:-1]})
    settings = replace(settings, seed=seeds[0])
    alone = {path: side_by_side(start, path, settings) for path in paths}
    inner = [path for path in paths if not alone[path]]
    words = f"yes, in {', '.join(inner)}" if inner else f"no: {alone[paths[0]]}"
    outer = [axis for axis in axes if axis.path not in inner]
    moved = np.moveaxis(order, [k for k, a in enumerate(axes) if a in outer], range(len(outer)))
    numbers = [np.array(a.numbers, dtype=np.float64) for a in axes if a.path in inner]
    grids = np.meshgrid(*numbers, indexing="ij") if inner else []
    side = {path: grid.reshape(-1) for path, grid in zip(inner, grids, strict=True)}
    groups = []
    for place in np.ndindex(*(len(axis.numbers) for axis in outer)):
        chosen = {axis.path: axis.numbers[k] for axis, k in zip(outer, place, strict=True)}
        seed = chosen.pop(axes[-1].path)
        here = _at(start, chosen)
        here.require()
        groups.append(_Group(here, replace(settings, seed=seed), moved[place].reshape(-1), side, words))
    return groups


def _at(network: Network, values: Mapping[str, Any]) -> Network:
    for path, value in values.items():
        network = network.with_value(path, value)
    return network


def _run(groups: Sequence[_Group], executor: Executor | None) -> Iterator[tuple[Any, Batch]]:
    """The batches of all groups, with the numbers of their points among all."""
    made = map(_Group.batches, groups) if executor is None else executor.map(_Group.all_batches, groups)
    for group, batches in zip(groups, made, strict=True):
        yield from ((group.numbers[batch.numbers], batch) for batch in batches)
