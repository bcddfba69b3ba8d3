"""Owns the question which populations never move in a run, and how they are woken. Must not know findings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from nbkit.network.description import SPIKE, Projection, Stimulus, split_path
from nbkit.network.network import Network
from nbkit.network.signals import Poisson, Step
from nbkit.study.checkups.rheobase import free_input, needed
from nbkit.study.checkups.strength import has_effect, has_strength
from nbkit.study.checkups.units import Units, units_of

#: of a state's size: what moves by less than this in the whole run stands still
STILL = 1e-9
#: a step that wakes a rate model, and a start that does; the shipped models answer to inputs of about one
WAKING_STEP, WAKING_START = 1.0, 0.1
#: Hz, of spikes onto units that take nothing else
WAKING_RATE = 10.0


def resting(network: Network, length: float) -> list[str]:
    """The populations that stand still from the start to the end, because neither they nor anything else moves."""
    units = {name: units_of(network, name) for name, p in network.populations.items() if p.model.states}
    awake = {split_path(s.target)[0] for s in network.stimuli if has_effect(s.signal)}
    awake |= {name for name in network.populations if name not in units or network.populations[name].model.noisy}
    awake |= {name for name in units if name not in awake and _moves(network, units[name], length)}
    heard = [p for p in network.projections if has_strength(p)]
    grown = len(awake) < len(network.populations)
    while grown:
        reached = {split_path(p.target)[0] for p in heard if _sounds(p, awake, units)}
        grown = not reached <= awake
        awake |= reached
    return [name for name in units if name not in awake]


def _moves(network: Network, units: Units, length: float) -> bool:
    """Whether any unit moves by itself; inputs that projections bring count as zero."""
    driven = {split_path(p.target)[1] for p in network.projections if split_path(p.target)[0] == units.name}
    speed = units.speed(
        {key: np.zeros_like(units.known[key]) for key in driven if key in units.population.model.inputs}
    )
    size = np.maximum(1.0, np.abs(np.array([units.known[key] for key in units.states])))
    return not bool((np.abs(speed) * length <= STILL * size).all())


def _sounds(projection: Projection, awake: set[str], units: dict[str, Units]) -> bool:
    """Whether anything but zero ever leaves the source of a projection."""
    name, variable = split_path(projection.source)
    if name in awake or variable == SPIKE:
        return name in awake
    return bool(np.any(units[name].variables()[variable]))


Edit = Callable[[Network, str], tuple[Network, str] | None]


def woken(network: Network, length: float, edit: Edit) -> tuple[Network, list[str]] | None:
    """Edit populations, one after the other, until none rests; the network and what was done, None if some still do."""
    done: list[str] = []
    rest = resting(network, length)
    while rest:
        changed = edit(network, rest[0])
        if changed is None or len(done) > len(network.populations):
            return None
        network, words = changed
        done.append(words)
        rest = resting(network, length)
    return network, done


def add_step(network: Network, name: str) -> tuple[Network, str] | None:
    """A constant input from the start on, as strong as it takes a unit to spike."""
    target, events = free_input(network, name), network.populations[name].model.events
    if target is None and not events:
        return None
    path = f"{name}.{target or events[0]}"
    used = {*(s.name for s in network.stimuli), *(p.name for p in network.projections), *network.populations}
    label = path if path not in used else next(f"step_{i}" for i in range(len(used) + 1) if f"step_{i}" not in used)
    if target is None:
        train = Stimulus(path, Poisson(WAKING_RATE, 1.0), name=label)
        return replace(network, stimuli=[*network.stimuli, train]), f"spikes of {WAKING_RATE:g} Hz onto {path}"
    amplitude = needed(network, name, target) or WAKING_STEP
    stimulus = Stimulus(path, Step(amplitude), name=label)
    return replace(network, stimuli=[*network.stimuli, stimulus]), f"a step of {amplitude:g} onto {path}"


def start_elsewhere(network: Network, name: str) -> tuple[Network, str] | None:
    """Another start for a population of rates without a unit."""
    model = network.populations[name].model
    key, state = next(iter(model.states.items()))
    if model.spiking is not None or state.unit:
        return None
    changed = network.with_value(f"{name}.{key}.initial", WAKING_START)
    return None if changed.check() else (changed, f"{name}.{key} at {WAKING_START:g}")
