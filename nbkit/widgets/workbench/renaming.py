"""Owns names of parts: another name for one, everywhere, and networks put together under free names. No toolkits."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from nbkit.errors import NbkitError, fail
from nbkit.network.description import Projection, Stimulus, split_path
from nbkit.network.network import Network
from nbkit.network.setup import Setup
from nbkit.widgets.workbench.wiring import free_among, names_of


def renamed(network: Network, setup: Setup, old: str, new: str) -> tuple[Network, Setup]:
    """A network in which a part has another name, and its setup: arrows, stimuli and recordings follow.

    Arrows and stimuli that are called after their population, such as ``E->I``, are called after its new name.

    Raises:
        NbkitError: ``name-clash`` for a name that is taken, ``bad-name`` for what is no name of a population.

    Example:
        >>> import nbkit as nb
        >>> net, setup = renamed(nb.networks.rhythm(), nb.Setup(400.0, 0.1, record=["E.r"]), "E", "Pyr")
        >>> [p.name for p in net.projections], net.stimuli[0].target, setup.record
        (['Pyr->Pyr', 'I->Pyr', 'Pyr->I', 'I->I'], 'Pyr.r_ext', ('Pyr.r',))
    """
    taken = names_of(network)
    if new != old and new in taken:
        raise fail("name-clash", old, f"'{new}' is taken", f"such as {free_among(taken, new)}")
    if not new:
        raise fail("bad-name", old, "a name has at least one letter", "such as E")
    made = _with_names(network, {old: new})
    fresh = [problem for problem in made.check() if problem.code == "bad-name"]
    if fresh:
        raise NbkitError([dataclasses.replace(problem, where=old) for problem in fresh])
    record = None if setup.record is None else tuple(_path(path, {old: new}) for path in setup.record)
    return made, dataclasses.replace(setup, record=record)


def joined(network: Network, more: Network) -> tuple[Network, tuple[str, ...]]:
    """Two networks side by side in one, and the names that the second one's populations have in it.

    Raises:
        NbkitError: ``time-unit-mismatch`` for networks that count time in different units.

    Example:
        >>> import nbkit as nb
        >>> net, new = joined(nb.networks.rhythm(), nb.networks.rhythm())
        >>> new, net.projections[-1].name, net.stimuli[-1].target
        (('E2', 'I2'), 'I2->I2', 'E2.r_ext')
    """
    if not network.populations:
        return more, tuple(more.populations)
    if network.time_unit != more.time_unit:
        what = f"this network counts {network.time_unit}, the new part counts {more.time_unit}"
        raise fail("time-unit-mismatch", "motif", what, "begin with it on an empty canvas")
    names: dict[str, str] = {}
    taken = names_of(network)
    for name in (*more.populations, *(p.name for p in more.projections), *(s.name for s in more.stimuli)):
        names[name] = free_among(taken, _named_after(name, names))
        taken.add(names[name])
    made = _with_names(more, names)
    whole = dataclasses.replace(
        network, populations={**network.populations, **made.populations},
        projections=[*network.projections, *made.projections], stimuli=[*network.stimuli, *made.stimuli],
    )  # fmt: skip
    return whole, tuple(names[name] for name in more.populations)


def _with_names(network: Network, names: Mapping[str, str]) -> Network:
    """A network whose parts have other names."""

    def named(part: Projection | Stimulus) -> str:
        return names.get(part.name) or _named_after(part.name, names)

    return dataclasses.replace(
        network,
        populations={names.get(name, name): held for name, held in network.populations.items()},
        projections=[
            dataclasses.replace(p, source=_path(p.source, names), target=_path(p.target, names), name=named(p))
            for p in network.projections
        ],
        stimuli=[dataclasses.replace(s, target=_path(s.target, names), name=named(s)) for s in network.stimuli],
    )


def _path(path: str, names: Mapping[str, str]) -> str:
    population, rest = split_path(path)
    return f"{names.get(population, population)}.{rest}"


def _named_after(name: str, names: Mapping[str, str]) -> str:
    """The name of an arrow or a stimulus that is called after populations, after their other names."""
    if "->" in name:
        source, _, target = name.partition("->")
        return f"{names.get(source, source)}->{names.get(target, target)}"
    population, dot, rest = name.partition(".")
    return f"{names.get(population, population)}{dot}{rest}" if dot else name
