"""Owns the checks of memory: a run that does not fit, and a recording that is larger than it need be.

Must not know how bytes are forecast.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

from nbkit.network.description import SPIKE
from nbkit.simulation.recording import Record, Recording
from nbkit.study.checkups.finding import HealthFinding, PlannedRun, Remedy
from nbkit.study.checkups.forecast import Forecast, told_bytes
from nbkit.study.checkups.remedies import rounded, smaller

#: bytes: a fifth of what a class server gives to a student; more is kept than any picture can show
LARGE_RECORDING = 2e8
#: of the room that is left: a remedy leaves the other half free
ROOM = 0.5

Look = Callable[[PlannedRun], Forecast | None]


def check_memory(plan: PlannedRun, found: Forecast, recorded: Recording | None, look: Look) -> Iterator[HealthFinding]:
    """The forecast beside the limit; ``look`` forecasts another run."""
    limit = math.inf if found.limit_bytes is None else float(found.limit_bytes)
    if found.bytes > limit:
        parts = f"{told_bytes(found.setup_bytes)} while it is made, {told_bytes(found.state_bytes)} while it stands"
        what = f"it needs about {told_bytes(found.bytes)}, {told_bytes(limit)} may be taken "
        what += f"({parts}, {told_bytes(found.recording_bytes)} recorded)"
        remedies = [*_that_fit(plan, _remedies(plan, found, recorded, limit), look)]
        where = "record" if found.state_bytes <= limit and found.setup_bytes <= limit else "network"
        if where == "record" and plan.sweep is None:
            remedies.append(Remedy('nb.simulate(..., out="run.zarr") writes the recording to the disk as it is made'))
        yield HealthFinding("too-much-memory", "problem", where, what, tuple(remedies))
    elif found.recording_bytes > LARGE_RECORDING:
        what = f"{told_bytes(found.recording_bytes)} are recorded, of {told_bytes(found.bytes)} in all"
        fewer = _fewer_samples(plan, recorded, LARGE_RECORDING / found.recording_bytes)
        yield HealthFinding("large-recording", "note", "record", what, tuple(fewer))


def _that_fit(plan: PlannedRun, remedies: Iterator[Remedy], look: Look) -> Iterator[Remedy]:
    """The remedies that are enough; of smaller networks only the largest one."""
    done = False
    for remedy in remedies:
        if remedy.network is not None and done:
            continue
        found = look(plan.with_remedy(remedy))
        if found is not None and (found.limit_bytes is None or found.bytes <= found.limit_bytes):
            done = done or remedy.network is not None
            yield remedy


def _remedies(plan: PlannedRun, found: Forecast, recorded: Recording | None, limit: float) -> Iterator[Remedy]:
    """What might help; smaller networks come in descending order."""
    room = limit - found.state_bytes
    if room > 0 and found.recording_bytes:
        yield from _fewer_samples(plan, recorded, ROOM * room / found.recording_bytes)
        shorter = rounded(max(1, int(plan.steps * ROOM * room / found.recording_bytes)) * plan.step)
        yield Remedy(f"run for {plan.told(shorter, 12)}", duration=shorter)
    if plan.precision == "float64":
        yield Remedy('precision="float32"', precision="float32")
    share = ROOM * limit / found.bytes
    for part in (share**0.5, share, share**2):
        made = smaller(plan.network, min(part, 0.9))
        if made is not None:
            before, after = (sum(p.count for p in n.populations.values()) for n in (plan.network, made))
            yield Remedy(f"{after:,} units in place of {before:,}; they need not behave alike", network=made)


def _fewer_samples(plan: PlannedRun, recorded: Recording | None, share: float) -> Iterator[Remedy]:
    """The same records with fewer samples, or as the mean of each population."""
    if recorded is None or not recorded.plans:
        return
    factor = next(10**p * d for p in range(12) for d in (1, 2, 5) if 10**p * d * min(1.0, share) >= 1)
    records = _as_records(recorded)
    thin = [r if r.path.endswith(f".{SPIKE}") else replace(r, every=r.every * factor) for r in records]
    blocks = any(r.average == "block" for r in records)
    if factor > 1 and not (blocks and plan.steps % thin[0].every):
        yield Remedy(f"keep every {recorded.every * factor}th sample", record=thin)
    if any(p.width > 1 for p in recorded.plans):
        mean = [r if r.path.endswith(f".{SPIKE}") else replace(r, average="population") for r in records]
        yield Remedy("record the mean of each population", record=mean)


def _as_records(recorded: Recording) -> list[Record]:
    """What is recorded, written out."""
    rows = [
        Record(p.variable.path, recorded.units.get(p.variable.population), p.every, p.average) for p in recorded.plans
    ]
    return [*rows, *(Record(f"{name}.{SPIKE}", recorded.units.get(name)) for name in recorded.spikes)]
