"""Owns jobs that wait to be encoded, and the pairs of operations that become one. Must not know networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nbkit.compile.instructions import EFFECTS, Instruction, Operand, Slot
from nbkit.run.interpreter.printer import FIRST

#: second operation, and which of its sources is the value of the first -> its name in a pair
_SECOND = {
    ("add", 0): "add",
    ("add", 1): "add",
    ("subtract", 0): "subtract",
    ("subtract", 1): "from",
    ("multiply", 0): "multiply",
    ("multiply", 1): "multiply",
    ("divide", 1): "over",
}


@dataclass(frozen=True)
class Job:
    """An operation, or a pair of them, on rows; ``form`` tells which sources are a number for each unit.

    What adds to a row from elsewhere has ``index``, its number in the program.
    """

    operation: str
    target: Operand
    sources: tuple[Operand, ...]
    form: str
    index: int = -1


def paired(first: Job, second: Job, later: Sequence[Instruction]) -> Job | None:
    """Two operations as one, if the value of the first is for the second alone."""
    between = first.target
    if between.slot.role != "scratch" or first.operation not in FIRST or second.sources.count(between) != 1:
        return None
    if not _is_overwritten(between.slot, later):
        return None
    place = second.sources.index(between)
    kind = (second.operation, place)
    if kind not in _SECOND or second.form[place] != "v":
        return None
    sources, form = first.sources, first.form
    if form == "sv" and first.operation != "subtract":
        sources, form = sources[::-1], "vs"
    others = second.sources[1 - place]
    operation = f"{first.operation}_{_SECOND[kind]}"
    return Job(operation, second.target, (*sources, others), form + second.form[1 - place])


def can_wait(job: Job, others: Sequence[Job]) -> bool:
    """Whether a job may as well be done after others: they neither touch its target nor change its sources."""
    own = {source.slot for source in job.sources}
    return not any(
        other.target.slot == job.target.slot
        or other.target.slot in own
        or any(source.slot == job.target.slot for source in other.sources)
        for other in others
    )


def _is_overwritten(slot: Slot, later: Sequence[Instruction]) -> bool:
    """Whether nobody reads a slot again before something else stands in it."""
    for instruction in later:
        if any(source.slot == slot for source in instruction.sources):
            return False
        if instruction.target.slot == slot:
            return instruction.operation not in EFFECTS
    return True
