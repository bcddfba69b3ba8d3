"""Owns the checks of what moves a network: rest, drives below the rheobase, parts without effect.

Must not know how spikes travel.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from nbkit.network.description import split_path
from nbkit.network.network import Network
from nbkit.study.checkups.chart import Chart
from nbkit.study.checkups.finding import HealthFinding, Level, PlannedRun, Remedy
from nbkit.study.checkups.rest import add_step, resting, start_elsewhere, woken
from nbkit.study.checkups.rheobase import drive_of, silent
from nbkit.study.checkups.strength import has_effect, has_strength

#: populations that are named in a sentence
NAMED = 3


def check_drive(chart: Chart) -> Iterator[HealthFinding]:
    """Populations that never move, populations that never spike, and parts that might as well not be there."""
    plan = chart.plan
    rest = resting(plan.network, plan.length)
    if rest:
        verb = "it starts at rest and stays" if len(rest) == 1 else "they start at rest and stay"
        what = f"nothing drives {listed(rest)}: {verb} there"
        yield HealthFinding("nothing-drives", "warning", rest[0], what, tuple(_waking(plan)))
    quiet = {name: helped for name, helped in silent(plan.network).items() if name not in rest}
    alone = [name for name, helped in quiet.items() if not helped]
    helped = [name for name, helped in quiet.items() if helped]
    if alone:
        yield _below(plan, alone, "warning", "it never spikes" if len(alone) == 1 else "they never spike")
    if helped:
        yield _below(
            plan, helped, "note", f"only spikes of others can make {'it' if len(helped) == 1 else 'them'} fire"
        )
    yield from _parts(plan.network)
    yield from _unconnected(plan.network, rest)


def listed(names: list[str]) -> str:
    """Names as they stand in a sentence; of many the first few.

    >>> listed(["E"]), listed(["E", "I"]), listed(["a", "b", "c", "d", "e"])
    ('E', 'E and I', 'a, b, c and 2 more')
    """
    shown = names if len(names) <= NAMED + 1 else [*names[:NAMED], f"{len(names) - NAMED} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _waking(plan: PlannedRun) -> Iterator[Remedy]:
    """A step onto, or another start of, as many populations as it takes."""
    for edit, verb in ((add_step, "add"), (start_elsewhere, "start")):
        made = woken(plan.network, plan.length, edit)
        if made is not None:
            yield Remedy(f"{verb} {listed(made[1])}", network=made[0])


def _below(plan: PlannedRun, names: list[str], level: Level, effect: str) -> HealthFinding:
    """The finding that these populations get less than the rheobase."""
    told: list[str] = []
    network, sure = plan.network, True
    for name in names:
        drive = drive_of(network, name)
        if drive is None:
            made = add_step(network, name)
            sure, network = sure and made is not None, network if made is None else made[0]
            continue
        told.append(str(drive))
        network = network.with_value(drive.path, drive.wanted)
    more = f"; {len(told) - NAMED} more" if len(told) > NAMED else ""
    numbers = f" ({'; '.join(told[:NAMED])}{more})" if told else ""
    what = f"the constant drive of {listed(names)} stays below the threshold, so {effect}{numbers}"
    remedies = (Remedy(f"raise the drive of {listed(names)} a fifth above the threshold", network=network),)
    return HealthFinding("below-rheobase", level, names[0], what, remedies if sure else ())


# ---------------------------------------------------------------- parts without effect


def _parts(network: Network) -> Iterator[HealthFinding]:
    """Projections and stimuli whose strength is zero."""
    for p in network.projections:
        if not has_strength(p):
            key = "gain" if p.gain == 0 else "weight"
            without = replace(network, projections=[q for q in network.projections if q is not p])
            remedies = [Remedy(f"take {p.name} out", network=without)]
            if key == "gain" and has_strength(replace(p, gain=1.0)):
                remedies.append(Remedy(f"{p.name}.gain = 1", network=network.with_value(f"{p.name}.gain", 1.0)))
            yield HealthFinding("without-effect", "note", f"{p.name}.{key}", f"its {key} is 0", tuple(remedies))
    for s in network.stimuli:
        if not has_effect(s.signal):
            remedy = Remedy(
                f"take {s.name} out", network=replace(network, stimuli=[t for t in network.stimuli if t is not s])
            )
            yield HealthFinding("without-effect", "note", s.name, "it brings nothing but 0", (remedy,))


def _unconnected(network: Network, rest: list[str]) -> Iterator[HealthFinding]:
    """Populations beside a network that others make; those that rest are told elsewhere."""
    ends = [split_path(path)[0] for p in network.projections for path in (p.source, p.target)]
    used = {*ends, *(split_path(s.target)[0] for s in network.stimuli)}
    if not used:
        return
    for name in network.populations:
        if name not in used and name not in rest:
            others = {n: p for n, p in network.populations.items() if n != name}
            remedy = Remedy(f"take {name} out", network=replace(network, populations=others))
            what = "no projection and no stimulus begins or ends there"
            yield HealthFinding("unconnected", "note", name, what, (remedy,))
