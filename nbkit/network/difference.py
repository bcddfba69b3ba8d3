"""Owns the difference between two networks, part by part and in words. Must not know who edits them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nbkit.errors import shown
from nbkit.network import files
from nbkit.network.description import Population, Projection, Stimulus
from nbkit.network.network import Network

Part = Population | Projection | Stimulus


@dataclass(frozen=True, eq=False)
class Difference:
    """One thing in which two networks differ.

    Attributes:
        path: of the value, such as ``"E.tau"``; or the name of a part that came or went.
        old: what it was; None for a part that is new.
        new: what it is; None for a part that is gone.
        words: the difference as a user reads it, such as ``"E->I.delay 0 → 2 ms"``.
        value: whether it is a value at a path, rather than a part or its kind.
    """

    path: str
    old: Any
    new: Any
    words: str
    value: bool = True


def differences(old: Network, new: Network) -> tuple[Difference, ...]:
    """Everything in which two networks differ, in the order of their parts; empty if they are the same.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"E": nb.Population(nb.models.wilson_cowan, 80)})
        >>> [d.words for d in differences(net, net.with_value("E.tau", 12.0).with_value("E.size", 320))]
        ['E: 80 → 320 units', 'E.tau 10 → 12 ms']
    """
    return tuple(_all(old, new))


def _all(old: Network, new: Network) -> Iterator[Difference]:
    if old.time_unit != new.time_unit:
        words = f"time unit {old.time_unit} → {new.time_unit}"
        yield Difference("time_unit", old.time_unit, new.time_unit, words, value=False)
    for kind, before, after in (
        ("population", old.populations, new.populations),
        ("connection", _by_name(old.projections), _by_name(new.projections)),
        ("stimulus", _by_name(old.stimuli), _by_name(new.stimuli)),
    ):
        for name in (*before, *(n for n in after if n not in before)):
            if name not in after:
                yield Difference(name, before[name], None, f"{kind} {name} removed", value=False)
            elif name not in before:
                yield Difference(name, None, after[name], f"{kind} {name} added", value=False)
            else:
                yield from _of_part(old, new, name, before[name], after[name])
        if list(before) != list(after) and set(before) == set(after):
            yield Difference(kind, tuple(before), tuple(after), f"order of the {kind}s", value=False)


def _by_name(parts: Any) -> dict[str, Part]:
    return {part.name: part for part in parts}


def _of_part(old: Network, new: Network, name: str, before: Any, after: Any) -> Iterator[Difference]:
    """Differences between two parts of the same name and family."""
    if before is after:
        return
    for f in dataclasses.fields(before):
        one, other = getattr(before, f.name), getattr(after, f.name)
        if same(one, other):
            continue
        if f.name == "size":
            words = f"{name}: {_sized(one)} → {_sized(other)} units"
            yield Difference(f"{name}.size", one, other, words)
        elif f.name in ("parameters", "initial"):
            yield from _of_values(old, new, name, f.name, {*one, *other})
        elif f.name == "signal" and type(one) is type(other):
            for inside in dataclasses.fields(one):
                pair = getattr(one, inside.name), getattr(other, inside.name)
                if inside.init and not same(*pair):
                    yield _at(old, new, f"{name}.{inside.name}", *pair)
        elif f.name in ("gain", "weight", "delay", "spread"):
            yield _at(old, new, f"{name}.{f.name}", one, other)
        else:
            words = f"{name}: {f.name.replace('_', ' ')} {_named(one)} → {_named(other)}"
            yield Difference(f"{name}.{f.name}", one, other, words, value=False)


def _of_values(old: Network, new: Network, name: str, kind: str, keys: set[str]) -> Iterator[Difference]:
    """Differing parameters or initial values; one that is not given has the model's default."""
    ending = ".initial" if kind == "initial" else ""
    for key in sorted(keys):
        path = f"{name}.{key}{ending}"
        held = [
            net.value(path)
            if key in _declared(net.populations[name], kind)
            else getattr(net.populations[name], kind)[key]
            for net in (old, new)
            if key in _declared(net.populations[name], kind) or key in getattr(net.populations[name], kind)
        ]
        if len(held) == 2 and not same(*held):
            yield _at(old, new, path, *held)


def _declared(population: Population, kind: str) -> Mapping[str, Any]:
    return population.model.states if kind == "initial" else population.model.parameters


def _at(old: Network, new: Network, path: str, one: Any, other: Any) -> Difference:
    """The difference at a path, with the unit once."""
    unit = next((net.describe(path).unit for net in (new, old) if path in net.paths()), "")
    unit = f" {unit}" if unit and all(isinstance(v, int | float) for v in (one, other)) else ""
    return Difference(path, one, other, f"{path} {_named(one)} → {_named(other)}{unit}")


def same(one: Any, other: Any) -> bool:
    """Whether two values of a description are the same, arrays bit for bit."""
    return one is other or _text(one) == _text(other)


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return json.dumps({key: _text(held) for key, held in value.items()})
    return type(value).__name__ * dataclasses.is_dataclass(value) + json.dumps(files.written(value))


def _named(value: Any) -> str:
    """A value in a few words."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        return f"{value:.6g}"
    if isinstance(value, str):
        return value
    return str(getattr(value, "name", "")) or shown(value)


def _sized(size: Any) -> str:
    return " x ".join(map(str, size)) if isinstance(size, tuple) else str(size)
