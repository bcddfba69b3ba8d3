"""Owns the change of a value while a simulation stands. Must not know how it runs on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from nbkit.compile.delays import first_step
from nbkit.compile.program import Program, Setting
from nbkit.errors import NbkitError, did_you_mean, fail
from nbkit.network.balanced import Balanced
from nbkit.network.expressions import Expression
from nbkit.network.laws import Law
from nbkit.network.network import Network
from nbkit.network.places import at_places
from nbkit.network.time import to_unit
from nbkit.network.values import SparseMatrix, freeze
from nbkit.run.numpy_executor import NumpyExecutor

if TYPE_CHECKING:
    from nbkit.run.cuda.executor import CudaExecutor


def change(
    program: Program, executor: NumpyExecutor | CudaExecutor, present: Network, path: str, value: object
) -> tuple[Any, Network]:
    """Write a value where the running program reads it; return it as it is kept, and the network that has it.

    Raises:
        NbkitError: if the path cannot be set or the value does not fit; nothing is changed then.
    """
    present.value(path)
    setting = program.settings.get(path)
    if setting is None:
        hint = f"make a new network with with_value({path!r}, ...). {did_you_mean(path, program.settings)}"
        raise fail("not-settable", path, "cannot be changed while a simulation stands", hint)
    frozen = freeze(value)
    if isinstance(frozen, Law | Balanced | SparseMatrix):
        hint = "give numbers, or make a new network"
        raise fail("not-settable", path, f"a {type(frozen).__name__} is for the compile step", hint)
    edited = present.with_value(path, value)
    if edited.check():
        raise NbkitError(edited.check())
    if isinstance(frozen, Expression):
        population = edited.populations[path.split(".", maxsplit=1)[0]]
        frozen = at_places(frozen, population.grid, population.count).reshape(population.shape)
    number: Any = frozen.reshape(-1) if isinstance(frozen, np.ndarray) and setting.coupling < 0 else frozen
    if setting.edge_of or isinstance(frozen, str):
        number = to_unit(value, present.time_unit, path)
    _write(program, executor, setting, float(first_step(number, setting.edge_of)) if setting.edge_of else number)
    return frozen, edited


def _write(program: Program, executor: NumpyExecutor | CudaExecutor, setting: Setting, value: Any) -> None:
    of_weights = setting.coupling >= 0 and not setting.path.endswith(".gain")
    target = executor.weights[setting.coupling] if of_weights else executor.rows(setting.slot)[0]
    if setting.width:
        target = target[setting.start : setting.start + setting.width]
    one = setting.slot.shared and not of_weights
    if np.ndim(value) and (one or np.shape(value) != target.shape):
        what = f"it was compiled as one number for all, this is an array of {np.shape(value)}"
        raise fail("not-settable", setting.path, what, "make a new network with this array")
    share = program.couplings[setting.coupling].share if of_weights else 1.0
    target[...] = value * (setting.factor * share)
    if setting.path.endswith(".gain"):
        _reweigh(program, setting.path.removesuffix(".gain"), float(value))


def _reweigh(program: Program, projection: str, gain: float) -> None:
    """Let the synapses of a projection in a table have another gain."""
    for table in program.tables:
        bundle = table.bundle(projection)
        if bundle is not None:
            table.reweigh(replace(bundle, gain=gain))
