"""Owns the lowering of background spikes that reach whole populations of a stack: drawn and added in one go.

Must not know other stimuli.
"""

from __future__ import annotations

import numpy as np

from nbkit.compile.context import Context, slot_of
from nbkit.compile.emitter import Effect
from nbkit.compile.instructions import Operand
from nbkit.compile.program import Draw, Setting
from nbkit.network.description import Stimulus, split_path
from nbkit.network.signals import Poisson
from nbkit.network.time import steps_per_unit, to_unit


def lower_background(context: Context) -> list[Stimulus]:
    """Let Poisson spikes arrive at the events of stacks; say which stimuli that were."""
    groups: dict[tuple[str, str], dict[str, Stimulus]] = {}
    for stimulus in context.network.stimuli:
        population, variable = split_path(stimulus.target)
        member = context.members[population]
        if len(context.stacks[member.stack].members) > 1 and _is_whole(context, stimulus):
            groups.setdefault((member.stack, variable), {}).setdefault(population, stimulus)
    for (stack, variable), stimuli in groups.items():
        _join(context, stack, variable, stimuli)
    return [stimulus for stimuli in groups.values() for stimulus in stimuli.values()]


def _is_whole(context: Context, stimulus: Stimulus) -> bool:
    """Whether Poisson spikes reach all units of a population, all the time."""
    signal = stimulus.signal
    if not isinstance(signal, Poisson) or stimulus.units is not None or signal.stop is not None:
        return False
    return to_unit(signal.start, context.network.time_unit, stimulus.name) <= 0


def _join(context: Context, stack: str, variable: str, stimuli: dict[str, Stimulus]) -> None:
    """Draw the spikes of several stimuli as one row; members without a stimulus get none."""
    members, size = context.stacks[stack].members, context.stacks[stack].size
    factors = {"rate": 1.0 / steps_per_unit(context.network.time_unit), "weight": 1.0}
    cells, title = {}, f"background of {stack}.{variable}"
    for key, factor in factors.items():
        row = np.zeros(size)
        for m in members:
            if m.population in stimuli:
                row[m.start : m.start + m.size] = getattr(stimuli[m.population].signal, key) * factor
        cells[key] = context.cell(f"{title} {key}", row)
        for m in members:
            if m.population in stimuli:
                path = f"{stimuli[m.population].name}.{key}"
                slot = slot_of(cells[key])
                context.settings[path] = Setting(path, slot, factor, start=m.start, width=m.size)
    mean = context.graph.apply("multiply", cells["rate"], context.step(context.timing.dt), text="rate*dt")
    named = [stimuli[m.population].name if m.population in stimuli else f"{title} nothing" for m in members]
    segments = tuple((name, m.start, m.size) for name, m in zip(named, members, strict=True))
    brought = context.random(Draw(title, "poisson", size, segments), (mean, cells["weight"]))
    place = Operand(slot_of(context.names[stack][variable]), 1)
    context.effects.append(Effect("deliver", "arrive", place, (brought,), -1, f"{title}: weight*count"))
