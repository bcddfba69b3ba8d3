"""Owns paths: the text that names any value of a network, to read it or to make a network with another one.

``E.tau`` is a parameter, ``E.tau.low`` a number inside its law, ``E.r.initial`` a start value, ``E.size``
a size; ``E->I.gain``, ``.weight``, ``.delay`` and ``.spread`` belong to a projection, ``E.r_ext.amplitude``
to a stimulus. Must not know how a network runs.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbkit.errors import did_you_mean, fail, shown
from nbkit.model.frozen import FrozenMap
from nbkit.model.model import Limits
from nbkit.network.balanced import Balanced
from nbkit.network.conduction import ConductionDelay
from nbkit.network.description import Population, Projection, Stimulus
from nbkit.network.kernels import Kernel, usual_meaning
from nbkit.network.laws import Law
from nbkit.network.time import parameter_factor, unit_shown
from nbkit.network.values import freeze

if TYPE_CHECKING:
    from nbkit.network.network import Network

#: values with numbers inside them that have paths of their own
OPEN = (Law, Balanced, Kernel, ConductionDelay)

_PROJECTION_FIELDS = ("gain", "weight", "delay", "spread")


@dataclass(frozen=True)
class Description:
    """What a path means, for labels: symbol, unit, limits and a few words."""

    path: str
    symbol: str
    unit: str = ""
    limits: Limits | None = None
    meaning: str = ""


@dataclass(frozen=True)
class Place:
    """Where a path leads: the part that owns the value, and the way to it inside that part."""

    owner: Population | Projection | Stimulus
    name: str
    keys: tuple[str, ...]


def find(network: Network, path: str) -> Place:
    """Find where a path leads.

    Raises:
        NbkitError: ``unknown-path``, with the paths that come near.
    """
    if not isinstance(path, str):
        raise fail("unknown-path", "path", f"{shown(path)} is not text", 'write for example "E.tau"')
    parts: dict[str, Projection | Stimulus] = {p.name: p for p in network.projections}
    parts |= {s.name: s for s in network.stimuli}
    for name in sorted(parts, key=len, reverse=True):
        if path.startswith(name + "."):
            inside = path[len(name) + 1 :].split(".")
            owner = parts[name]
            keys = ("signal", *inside) if isinstance(owner, Stimulus) else tuple(inside)
            allowed = _PROJECTION_FIELDS if isinstance(owner, Projection) else _numbers_of(owner.signal)
            if inside[0] in allowed and _law_key_fits(owner, keys, len(keys) - len(inside) + 1):
                return Place(owner, name, keys)
    name, *inside = path.split(".")
    population = network.populations.get(name)
    if population is not None and inside:
        keys = _population_keys(population, inside)
        if keys:
            return Place(population, name, keys)
    raise fail("unknown-path", path or "path", "no such value in the network", did_you_mean(path, all_paths(network)))


def _numbers_of(part: Any) -> tuple[str, ...]:
    return tuple(f.name for f in dataclasses.fields(part))


def _population_keys(population: Population, inside: list[str]) -> tuple[str, ...]:
    head, rest = inside[0], tuple(inside[1:])
    if inside == ["size"]:
        return ("size",)
    if head in population.model.states and rest[:1] == ("initial",):
        keys = ("initial", head, *rest[1:])
        return keys if _law_key_fits(population, keys, 2) else ()
    if head in population.model.parameters:
        keys = ("parameters", head, *rest)
        return keys if _law_key_fits(population, keys, 2) else ()
    return ()


def _law_key_fits(owner: Any, keys: tuple[str, ...], depth: int) -> bool:
    """Whether what follows the value's own name leads on through the laws that it holds."""
    held = _plain(owner, keys[:depth])
    for key in keys[depth:]:
        if not isinstance(held, OPEN) or key not in held.numbers():
            return False
        held = held.numbers()[key]
    return True


def _inner_paths(path: str, held: object) -> list[str]:
    """The numbers inside a law, a kernel or a delay by distance."""
    if not isinstance(held, OPEN):
        return []
    found = []
    for key, number in held.numbers().items():
        found += _inner_paths(f"{path}.{key}", number) or [f"{path}.{key}"]
    return found


def all_paths(network: Network) -> list[str]:
    """Every path of a network."""
    found: list[str] = []
    for name, population in network.populations.items():
        found += [f"{name}.{p}" for p in population.model.parameters]
        found += [f"{name}.{s}.initial" for s in population.model.states]
        found.append(f"{name}.size")
    for projection in network.projections:
        found += [f"{projection.name}.{f}" for f in _PROJECTION_FIELDS]
    for stimulus in network.stimuli:
        found += [f"{stimulus.name}.{f}" for f in _numbers_of(stimulus.signal)]
    for path in list(found):
        found += _inner_paths(path, value(network, path))
    return found


def _plain(owner: Any, keys: tuple[str, ...]) -> Any:
    held = owner
    for key in keys:
        held = held.get(key) if isinstance(held, FrozenMap) else getattr(held, key)
    return held


def value(network: Network, path: str) -> Any:
    """The value at a path: what was given, or the model's default in the network's time unit."""
    place = find(network, path)
    held = _plain(place.owner, place.keys)
    if held is None and isinstance(place.owner, Population):
        model, name = place.owner.model, place.keys[1]
        if place.keys[0] == "initial":
            return float(model.states[name].initial)
        parameter = model.parameters[name]
        return float(parameter.default) / parameter_factor(parameter.unit, model.time_unit, network.time_unit)
    return held


def with_value(network: Network, path: str, new: object) -> Network:
    """A network that differs from this one in the value at a path."""
    place = find(network, path)
    part = _replaced(place.owner, place.keys, freeze(new) if place.keys != ("size",) else new)
    if isinstance(part, Population):
        return dataclasses.replace(network, populations={**network.populations, place.name: part})
    which = "projections" if isinstance(part, Projection) else "stimuli"
    others = tuple(part if p.name == place.name else p for p in getattr(network, which))
    return dataclasses.replace(network, **{which: others})  # type: ignore[arg-type]


def _inside_of(path: str, place: Place, held: Kernel | ConductionDelay, time: str) -> Description:
    """What a number inside a kernel or a delay by distance means."""
    key = place.keys[1]
    positive = key in (*getattr(held, "lengths", ()), "cutoff", "speed", "base")
    limits = (0.0, None) if positive else None
    return Description(path, key, time if key == "base" else "", limits, f"{key} of {place.name}.{place.keys[0]}")


def _replaced(held: Any, keys: tuple[str, ...], new: object) -> Any:
    if not keys:
        return new
    if isinstance(held, FrozenMap):
        return FrozenMap({**held, keys[0]: _replaced(held.get(keys[0]), keys[1:], new)})
    changed = {keys[0]: _replaced(getattr(held, keys[0]), keys[1:], new)}
    if isinstance(held, Projection) and keys == ("weight",) and held.weight_is == usual_meaning(held.weight):
        changed["weight_is"] = None  # what a weight usually stands for follows from its kind
    return dataclasses.replace(held, **changed)


def describe(network: Network, path: str) -> Description:
    """What a path means, for labels of sliders and axes."""
    place = find(network, path)
    owner, unit = place.owner, network.time_unit
    time = "" if unit == "1" else unit
    if isinstance(owner, Projection):
        held = getattr(owner, place.keys[0])
        if isinstance(held, Kernel | ConductionDelay) and len(place.keys) > 1:
            return _inside_of(path, place, held, time)
        shown = time if place.keys[0] in ("delay", "spread") else ""
        limits = (0.0, None) if shown or place.keys[0] == "delay" else None
        return Description(path, place.keys[0], shown, limits, f"{place.keys[0]} of {place.name}")
    if isinstance(owner, Stimulus):
        key = place.keys[1]
        kinds = {"start": time, "dt": time, "period": time, "frequency": "" if unit == "1" else "Hz", "phase": "rad"}
        return Description(
            path,
            key,
            kinds.get(key, ""),
            None,
            f"{key} of the {type(owner.signal).__name__.lower()} onto {owner.target}",
        )
    if place.keys == ("size",):
        return Description(path, "size", "", (1, None), f"number of units of {place.name}")
    key, inner = place.keys[1], " ".join(place.keys[2:])
    if place.keys[0] == "initial":
        state = owner.model.states[key]
        return Description(
            path, f"{key}(0)", state.unit, state.limits, f"start value of {state.meaning or key} {inner}".strip()
        )
    parameter = owner.model.parameters[key]
    shown = unit_shown(parameter.unit, unit)
    return Description(path, key, shown, parameter.limits, f"{parameter.meaning or key} {inner}".strip())
