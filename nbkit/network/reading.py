"""Owns the reading of networks from JSON: strict, versioned, without code. Must not know how a network runs.

Nothing in a file is ever executed: laws, rules and signals are looked up by name in their tables. Whatever is
wrong with a file is said at once.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from nbkit.errors import NbkitError, Problem, did_you_mean, fail
from nbkit.model.model import Model, Parameter, State
from nbkit.network.balanced import Balanced
from nbkit.network.bubbles import MovingBubble
from nbkit.network.chosen import Rectangle
from nbkit.network.conduction import ConductionDelay
from nbkit.network.description import Population, Projection, Stimulus
from nbkit.network.expressions import Signal
from nbkit.network.files import FAMILIES, FORMAT, VERSION
from nbkit.network.kernels import Filter, Kernel
from nbkit.network.laws import Law, Quantiles, Truncated
from nbkit.network.rules import Explicit, Rule
from nbkit.network.signals import Recorded
from nbkit.network.spike_times import SpikeTimes
from nbkit.network.values import SparseMatrix


def from_json(text: str, arrays: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Read a network file into the arguments of `Network`.

    Raises:
        NbkitError: if the text is no JSON, no network, from an unknown version, or has unknown or
            missing keys. Whether the network makes sense is for `Network.check` to say.
    """
    return from_mapping(loaded(text), arrays)


def from_mapping(document: Any, arrays: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Read what JSON holds into the arguments of `Network`; errors are those of `from_json`."""
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise fail(
            "unknown-format", "format", f"not a network file ({FORMAT!r} is missing)", "give text from to_json()"
        )
    if document.get("version") != VERSION:
        what = f"version {document.get('version')!r}; this nbkit reads {VERSION}"
        raise fail("unknown-format", "version", what, "update nbkit, or save the network again")
    reader = _Reader(arrays or {})
    makers = {}
    for key, value in document.items():
        if key in _NETWORK:
            makers[key] = _NETWORK[key](reader, value, key)
        elif key not in ("format", "version"):
            reader.note("unknown-key", key, f"a network has no '{key}'", did_you_mean(key, _NETWORK))
    for key in _NETWORK.keys() - document.keys():
        reader.note("missing-key", key, f"a network needs '{key}'", "add it")
    if reader.problems:
        raise NbkitError(reader.problems)
    try:
        return {key: make() for key, make in makers.items()}
    except (TypeError, ValueError, OverflowError, AttributeError, RecursionError) as error:
        raise fail("bad-value", "file", f"a value is of the wrong kind: {error}", "save the network again") from None


def loaded(text: str) -> Any:
    """What JSON text holds; a key that stands twice is refused."""

    def without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise fail("bad-json", key, f"the key {key!r} stands twice", "keep one of them")
            found[key] = value
        return found

    try:
        return json.loads(text, object_pairs_hook=without_twins)
    except (ValueError, TypeError, RecursionError) as error:
        raise fail("bad-json", "file", f"the text is not JSON: {error}", "give text from to_json()") from None


Maker = Callable[[], Any]


class _Reader:
    """Reads parts and collects problems; nothing is made until the whole file is known to be sound."""

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        self.arrays = arrays
        self.problems: list[Problem] = []

    def note(self, code: str, where: str, what: str, hint: str = "") -> Maker:
        self.problems.append(Problem(code, where or "file", what, hint))
        return lambda: None

    def part(self, kind: type, document: Any, where: str) -> Maker:
        """Read the fields of a dataclass by its own argument names."""
        if not isinstance(document, dict):
            return self.note("bad-type", where, f"{type(document).__name__} where {kind.__name__} is needed")
        known = {f.name: f for f in dataclasses.fields(kind) if f.init}
        for key in document:
            if key not in known:
                self.note(
                    "unknown-key",
                    f"{where}.{key}".lstrip("."),
                    f"{kind.__name__} has no '{key}'",
                    did_you_mean(key, known),
                )
        for name, f in known.items():
            if name not in document and f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING:
                self.note("missing-key", where, f"{kind.__name__} needs '{name}'", "add it")
        makers = {
            key: _FIELDS.get((kind, key), _Reader.plain)(self, value, f"{where}.{key}".lstrip("."))
            for key, value in document.items()
            if key in known
        }
        return lambda: kind(**{key: make() for key, make in makers.items()})

    def plain(self, value: Any, where: str) -> Maker:
        """Text, numbers and null, as they stand."""
        if isinstance(value, dict | list):
            return self.note("bad-type", where, f"{type(value).__name__} where a number or text is needed")
        return lambda: value

    def value(self, value: Any, where: str) -> Maker:
        """A number, an array, a law, an expression, a kernel or a delay by distance."""
        if isinstance(value, dict):
            for family in (Law, Signal, Kernel, ConductionDelay):
                if FAMILIES[family][0] in value:
                    return self.tagged(family, value, where)
            if "balanced" in value:
                return self.part(Balanced, value["balanced"], where)
            if "sparse" in value:
                return self.part(SparseMatrix, value["sparse"], where)
            return self.array(value, where)
        return lambda: value

    def array(self, document: dict[str, Any], where: str) -> Maker:
        """A packed array, or one that is kept beside the text."""
        if set(document) == {"variable"}:
            name = document["variable"]
            if name not in self.arrays:
                return self.note(
                    "missing-key", where, f"the array {name!r} is not there", "give arrays=, for example the Dataset"
                )
            return lambda: np.asarray(self.arrays[name], dtype=np.float64)
        if set(document) != {"shape", "float64"}:
            return self.note(
                "unknown-key", where, f"keys {sorted(document)} are no value", "law, variable, or shape and float64"
            )
        try:
            shape = tuple(int(n) for n in document["shape"])
            array = np.frombuffer(base64.b64decode(document["float64"], validate=True), "<f8").reshape(shape)
        except (ValueError, TypeError, OverflowError, binascii.Error):
            return self.note("bad-value", where, "the packed array does not fit its shape", "save the network again")
        return lambda: array

    def tagged(self, family: type, document: Any, where: str) -> Maker:
        """A law, rule or signal, looked up by name."""
        tag, table = FAMILIES[family]
        name = document.get(tag) if isinstance(document, dict) else None
        if not isinstance(name, str) or name not in table:
            return self.note("bad-choice", where, f"{name!r} is no {tag}", did_you_mean(str(name), table))
        return self.part(table[name], {k: v for k, v in document.items() if k != tag}, where)

    def mapping(self, read: Callable[[_Reader, Any, str], Maker], document: Any, where: str) -> Maker:
        """Name -> part."""
        if not isinstance(document, dict):
            return self.note("bad-type", where, f"{type(document).__name__} where a mapping is needed")
        makers = {k: read(self, v, f"{where}.{k}") for k, v in document.items()}
        return lambda: {k: make() for k, make in makers.items()}

    def row(self, kind: type, document: Any, where: str) -> Maker:
        """A list of parts."""
        if not isinstance(document, list):
            return self.note("bad-type", where, f"{type(document).__name__} where a list is needed")
        makers = [self.part(kind, v, f"{where}[{i}]") for i, v in enumerate(document)]
        return lambda: tuple(make() for make in makers)

    def units(self, value: Any, where: str) -> Maker:
        """Chosen units: null, a list, a slice, or rows and columns of these kinds."""
        if isinstance(value, dict) and set(value) == {"rows", "columns"}:
            rows, columns = (self.units(value[key], f"{where}.{key}") for key in ("rows", "columns"))
            return lambda: Rectangle(rows(), columns())
        if isinstance(value, dict) and set(value) == {"slice"}:
            ends = value["slice"]
            if isinstance(ends, list) and len(ends) == 3 and all(e is None or type(e) is int for e in ends):
                return lambda: slice(*ends)
            return self.note("bad-type", where, "a slice is three whole numbers or nulls")
        return self.value(value, where)

    def numbers(self, value: Any, where: str) -> Maker:
        """A number, or one for each axis of a grid."""
        if not isinstance(value, list):
            return self.plain(value, where)
        if not all(isinstance(number, int | float) for number in value):
            return self.note("bad-type", where, "one number for each axis is needed")
        return lambda: tuple(value)

    def words(self, value: Any, where: str) -> Maker:
        """A list of names."""
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            return self.note("bad-type", where, "a list of names is needed")
        return lambda: tuple(value)

    def pair(self, value: Any, where: str) -> Maker:
        """Two numbers, or null."""
        if value is not None and not (isinstance(value, list) and len(value) == 2):
            return self.note("bad-type", where, "a pair or null is needed")
        return lambda: None if value is None else tuple(value)


Read = Callable[[_Reader, Any, str], Maker]


def _part(kind: type) -> Read:
    return lambda reader, value, where: reader.part(kind, value, where)


def _mapping(read: Read) -> Read:
    return lambda reader, value, where: reader.mapping(read, value, where)


def _tagged(family: type) -> Read:
    return lambda reader, value, where: reader.tagged(family, value, where)


def _rows(kind: type) -> Read:
    return lambda reader, value, where: reader.row(kind, value, where)


#: How the keys of a network are read.
_NETWORK: dict[str, Read] = {
    "time_unit": _Reader.plain,
    "populations": _mapping(_part(Population)),
    "projections": _rows(Projection),
    "stimuli": _rows(Stimulus),
}

#: How the fields of its parts are read; a field that is not here is plain.
_FIELDS: dict[tuple[type, str], Read] = {
    (Population, "model"): _part(Model),
    (Population, "size"): _Reader.numbers,
    (Population, "extent"): _Reader.numbers,
    (Population, "parameters"): _mapping(_Reader.value),
    (Population, "initial"): _mapping(_Reader.value),
    (Model, "states"): _mapping(_part(State)),
    (Model, "events"): _Reader.words,
    (Model, "inputs"): _mapping(_Reader.plain),
    (Model, "parameters"): _mapping(_part(Parameter)),
    (State, "limits"): _Reader.pair,
    (Parameter, "limits"): _Reader.pair,
    (Projection, "rule"): _tagged(Rule),
    (Projection, "weight"): _Reader.value,
    (Projection, "delay"): _Reader.value,
    (Projection, "source_units"): _Reader.units,
    (Projection, "target_units"): _Reader.units,
    (Stimulus, "units"): _Reader.units,
    (SparseMatrix, "shape"): _Reader.pair,
    (SparseMatrix, "rows"): _Reader.value,
    (SparseMatrix, "columns"): _Reader.value,
    (SparseMatrix, "values"): _Reader.value,
    (Explicit, "sources"): _Reader.value,
    (Explicit, "targets"): _Reader.value,
    (Stimulus, "signal"): _tagged(Signal),
    (Recorded, "array"): _Reader.value,
    (SpikeTimes, "times"): _Reader.value,
    (SpikeTimes, "weight"): _Reader.value,
    (SpikeTimes, "units"): _Reader.value,
    (Filter, "array"): _Reader.value,
    (MovingBubble, "centre"): _Reader.numbers,
    (Truncated, "inside"): _tagged(Law),
    (Quantiles, "inside"): _tagged(Law),
}
