"""Owns what is asked of a run, checked before it starts: all problems at once. Must not know how it runs."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbkit.compile.delays import first_step, steps_of
from nbkit.compile.program import Program
from nbkit.errors import NbkitError, Problem, shown
from nbkit.network.time import Time, to_unit
from nbkit.run.stepper import Progress, Until
from nbkit.simulation.checks import require_memory
from nbkit.simulation.progress import Bar
from nbkit.simulation.recording import Asked, Recording, recording
from nbkit.simulation.until import read_until

Out = str | Path | None

SUFFIX = ".zarr"
_NO_ROOM = (
    f'out="run{SUFFIX}" writes it to the disk as it is made; or record fewer variables or units, or every 10th sample'
)


@dataclass(frozen=True)
class Ask:
    """A run that makes sense.

    ``begun`` of its ``steps`` are made before anything is recorded, and no sample before ``left_out`` is kept;
    ``about`` is what the result tells of it. With ``out`` it is recorded there.
    """

    steps: int
    left_out: int
    recorded: Recording
    progress: Progress | None
    condition: Until | None
    about: dict[str, Any]
    out: Path | None

    @property
    def begun(self) -> int:
        """Steps that are made before anything is recorded."""
        return self.recorded.begin(self.left_out)


def ask(
    program: Program,
    position: int,
    duration: Time,
    record: Asked,
    *,
    progress: bool | Progress | None,
    until: str | None,
    discard: Time,
    out: Out,
) -> Ask:
    """Read what is asked of a run from a position on.

    Raises:
        NbkitError: all problems together; ``too-much-memory`` for a recording that does not fit.
    """
    unit = program.network.time_unit
    steps, problems = whole_steps(program, duration)
    recorded, wrong = recording(program, record)
    problems += wrong or input_problems(program, position + steps)
    every = recorded.every
    if "block" in recorded.averages.values() and (position % every or steps % every):
        what = f"means over {every} samples need runs of whole multiples of {every} steps"
        problems.append(Problem("bad-record", "record", what, "another duration, or another every="))
    if progress is not None and not isinstance(progress, bool) and not callable(progress):
        what = f"{shown(progress)} is neither True nor a function"
        problems.append(Problem("bad-choice", "progress", what, "progress=True"))
    condition, left_out = None, 0
    try:
        left_out = first_step(to_unit(discard, unit, "discard"), program.dt)
        condition = None if until is None else read_until(until, program)
    except NbkitError as error:
        problems += error.problems
    if not problems and not 0 <= left_out <= steps:
        what = f"{discard!r} is not within the run"
        problems.append(Problem("bad-duration", "discard", what, "leave out less than the whole run"))
    problems += out_problems(out)
    if problems:
        raise NbkitError(problems)
    if out is None:
        kept = (steps - left_out) // every + 1
        require_memory("this recording", kept * sum(plan.width for plan in recorded.plans) * 8, _NO_ROOM)
    about = {"duration": steps * program.dt, "until": until, "discard": left_out * program.dt}
    call = Bar() if progress is True else progress or None
    return Ask(steps, left_out, recorded, call, condition, about, None if out is None else Path(out))


def whole_steps(program: Program, duration: Time) -> tuple[int, list[Problem]]:
    """The steps of a duration, and what is wrong with it."""
    try:
        asked = to_unit(duration, program.network.time_unit, "duration")
    except NbkitError as error:
        return 0, [Problem("bad-duration", p.where, p.what, p.hint) for p in error.problems]
    if not asked > 0:
        return 0, [Problem("bad-duration", "duration", f"{duration!r} is not positive", "give a positive time")]
    steps, off = steps_of(asked, program.dt)
    if off or not steps:
        near = max(steps, 1) * program.dt
        what = f"{asked:g} is {asked / program.dt:.6g} steps of {program.dt:g}"
        return 0, [Problem("duration-off-grid", "duration", what, f"give {near:.12g}, or another dt")]
    return steps, []


def input_problems(program: Program, last: int) -> list[Problem]:
    """The inputs that end before a step."""
    return [
        Problem(
            "input-too-short",
            r.name,
            f"it lasts {r.steps} steps, the run goes on to step {last}",
            f"run for at most {r.steps * program.dt:.12g} in all, or give a longer array",
        )
        for r in program.recorded
        if r.steps is not None and r.steps < last
    ]


def out_problems(out: object, where: str = "out") -> Iterator[Problem]:
    """What is wrong with the place to which a recording is to be written while it is made."""
    if out is None:
        return
    if not isinstance(out, str | Path) or "\0" in str(out) or Path(out).suffix != SUFFIX:
        hint = (
            f'out="run{SUFFIX}"; for another kind of file record into memory, then for example ds.to_netcdf("run.nc")'
        )
        yield Problem("bad-file", where, f"{shown(out)} is no name that ends in {SUFFIX}", hint)
        return
    if importlib.util.find_spec("zarr") is None:
        yield Problem("missing-package", where, "zarr is not installed", 'pip install "nbkit[storage]"')
    yield from place_problems(Path(out), where)


def place_problems(path: Path, where: str) -> Iterator[Problem]:
    """What is wrong with the place of something new: something is there, or its folder is not."""
    try:
        taken = path.exists() and (not path.is_dir() or any(path.iterdir()))
        homeless = not path.absolute().parent.is_dir()
    except OSError as error:
        yield Problem("bad-file", where, f"{shown(str(path))} cannot be looked at: {error}", "another name")
        return
    if taken:
        yield Problem("bad-file", where, f"{shown(str(path))} is there already", "a new name, or delete it first")
    elif homeless:
        yield Problem("bad-file", where, f"there is no folder {shown(str(path.parent))}", "make the folder first")
