"""Owns the writing of networks as JSON: strict, versioned, without code. Must not know how a network runs.

Keys are the constructors' argument names. `nbkit.network.reading` reads what is written here.
"""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nbkit.network.balanced import Balanced
from nbkit.network.conduction import ConductionDelay
from nbkit.network.expressions import Signal
from nbkit.network.kernels import KERNELS, Kernel
from nbkit.network.laws import LAWS, Law
from nbkit.network.rules import RULES, Rule
from nbkit.network.signals import SIGNALS
from nbkit.network.values import Array, SparseMatrix

if TYPE_CHECKING:
    from nbkit.network.network import Network

FORMAT = "nbkit.network"
VERSION = 1
INLINE = 64  # arrays of more elements are packed
SEPARATE = 1000  # arrays of more elements may be kept beside the text

#: kind -> the key that names it in a file, and its table of names
FAMILIES: dict[type, tuple[str, Mapping[str, type]]] = {
    Law: ("law", LAWS),
    Rule: ("rule", RULES),
    Signal: ("signal", SIGNALS),
    Kernel: ("kernel", KERNELS),
    ConductionDelay: ("delay", {"ConductionDelay": ConductionDelay}),
}

_SPARSE = ("shape", "rows", "columns", "values")


def to_json(network: Network, arrays: dict[str, Array] | None = None) -> str:
    """Write a network; large arrays go into ``arrays`` if it is given."""
    return json.dumps(as_mapping(network, arrays), allow_nan=True, indent=1)


def as_mapping(network: Network, arrays: dict[str, Array] | None = None) -> dict[str, Any]:
    """A network as plain mappings and lists, ready for JSON."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "time_unit": network.time_unit,
        "populations": {n: _written(p, n, arrays) for n, p in network.populations.items()},
        "projections": [_written(p, p.name, arrays) for p in network.projections],
        "stimuli": [_written(s, s.name, arrays) for s in network.stimuli],
    }


def written(value: Any) -> Any:
    """A value of a description as plain mappings and lists, ready for JSON; arrays packed."""
    return _written(value, "", None)


def _written(value: Any, path: str, arrays: dict[str, Array] | None) -> Any:  # noqa: PLR0911  one per kind
    if isinstance(value, np.ndarray):
        return _written_array(value, path, arrays)
    if isinstance(value, Mapping):
        return {k: _written(v, f"{path}.{k}", arrays) for k, v in value.items()}
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, slice):
        return {"slice": [value.start, value.stop, value.step]}
    if not dataclasses.is_dataclass(value):
        return list(value) if isinstance(value, tuple) else value
    if isinstance(value, Balanced):
        return {"balanced": value.numbers()}
    if isinstance(value, SparseMatrix):
        return {"sparse": {f: _written(getattr(value, f), f"{path}.{f}", arrays) for f in _SPARSE}}
    tag = {tag: type(value).__name__ for family, (tag, _) in FAMILIES.items() if isinstance(value, family)}
    inside = {}
    for f in dataclasses.fields(value):
        if f.init:
            skipped = f.name in ("parameters", "signal", "model")
            inside[f.name] = _written(getattr(value, f.name), path if skipped else f"{path}.{f.name}", arrays)
    return tag | inside


def _written_array(array: Array, path: str, arrays: dict[str, Array] | None) -> Any:
    if arrays is not None and array.size > SEPARATE:
        arrays[path] = array
        return {"variable": path}
    if array.size <= INLINE:
        return array.tolist()
    packed = base64.b64encode(np.ascontiguousarray(array, "<f8").tobytes()).decode("ascii")
    return {"shape": list(array.shape), "float64": packed}
