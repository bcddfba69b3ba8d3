"""Owns a run that is recorded piece by piece. Must not know where the pieces go, nor how a step is made."""

from __future__ import annotations

from collections.abc import Iterator

from nbkit.run.stepper import Progress, Stepper, Trace
from nbkit.simulation.asking import Ask


def pieces(stepper: Stepper, asked: Ask, length: int) -> Iterator[Trace]:
    """Run on and give what was recorded, piece by piece; together they are what one run would have recorded.

    Pieces end at multiples of their length counted from step 0. The last one is that in which the run was stopped,
    interrupted, or ended by its condition.
    """
    first, last = stepper.position, stepper.position + asked.steps - asked.begun
    while stepper.position < last:
        begin = stepper.position
        end = min(last, (begin // length + 1) * length)
        call = _shifted(asked.progress, begin - first, last - first)
        trace = stepper.run(end - begin, asked.recorded.plans, asked.recorded.spikes, call, asked.condition)
        held = trace.stopped is None and asked.condition is not None and asked.condition(stepper.present)
        yield trace
        if trace.stopped is not None or trace.interrupted or held:
            return


def _shifted(progress: Progress | None, before: int, asked: int) -> Progress | None:
    """What is told of a piece, told as a part of the whole."""
    return None if progress is None else lambda done, _: progress(before + done, asked)
