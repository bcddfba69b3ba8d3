"""Owns the measuring: fresh processes, one at a time, all sides in turn. Knows no simulator and no table."""

from __future__ import annotations

import compileall
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.bench.figures import ALONE, OURS
from tests.bench.peers import WORKERS, NotMeasuredError
from tests.bench.store import Store
from tests.bench.workloads import Rival, Workload

ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM")}
REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True, eq=False)
class Side:
    """One program that can run a workload: a name for the table, an interpreter, a script, settings of its own."""

    name: str
    python: Path
    worker: str
    options: Mapping[str, Any] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)
    turns: int | None = None

    @property
    def ours(self) -> bool:
        """Whether this is nbkit."""
        return self.worker == "nbkit"

    def run(self, load: Workload) -> dict[str, Any]:
        """Hand one job to a fresh process; ``wall`` in the answer is that process from start to end.

        Raises:
            NotMeasuredError: if the process fails, or does not end in time.
        """
        began = time.time()
        job = {"task": load.task, "settings": dict(load.settings), "precision": load.precision, "began": began}
        job["options"] = dict(self.options)
        command = [str(self.python), str(WORKERS / f"{self.worker}_worker.py"), json.dumps(job)]
        environ = os.environ | ONE_THREAD | {"PYTHONDONTWRITEBYTECODE": ""} | dict(self.environ)
        code, said, complained = _answered(command, environ, load.timeout)
        wall = time.time() - began
        if code:
            lines = [line.strip() for line in complained.splitlines() if line.strip()]
            raise NotMeasuredError(f"exit code {code}: {lines[-1][:200] if lines else 'it said nothing'}")
        answers = [line for line in said.splitlines() if line.startswith("{")]
        if not answers:
            raise NotMeasuredError("it gave no answer")
        answer: dict[str, Any] = json.loads(answers[-1])
        return answer | {"wall": wall}


def _answered(command: Sequence[str], environ: Mapping[str, str], timeout: float) -> tuple[int, str, str]:
    """Exit code and words of a process; compilers that it started do not outlive it."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environ, start_new_session=True, **pipes) as process:  # type: ignore[call-overload]
        try:
            said, complained = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            _end(process)
            raise NotMeasuredError(f"no answer within {timeout:g} s") from None
        except BaseException:
            _end(process)
            raise
        return process.returncode, said, complained


def _end(process: subprocess.Popen[str]) -> None:
    """End a process and all that it started."""
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.communicate()


def as_installed() -> None:
    """Compile nbkit's own modules, as an installation does; the peers have theirs behind them."""
    for folder in (REPOSITORY / "nbkit", WORKERS):
        compileall.compile_dir(folder, quiet=2)


def our_sides(load: Workload) -> list[Side]:
    """Nbkit as it decides by itself, and on NumPy alone."""
    python, here = Path(sys.executable), {"PYTHONPATH": str(REPOSITORY)}
    sides = [Side(OURS, python, "nbkit", environ=here)]
    if load.numpy_alone:
        sides.append(Side(ALONE, python, "nbkit", {"accelerator": False}, here))
    return sides


def rival_side(rival: Rival, load: Workload, cache: Path, store: Store) -> Side:
    """A peer, installed, and with its compiled code in place.

    Raises:
        NotMeasuredError: if it cannot be installed, or fails when it compiles.
    """
    peer = rival.peer
    side = Side(rival.name, peer.python(cache), peer.worker, rival.options, peer.environment(cache), load.peer_turns)
    if not peer.compiles:
        return side
    compiled = peer.home(cache) / "compiled" / f"{load.name}-{rival.options['target']}"
    side = replace(side, options={**rival.options, "folder": str(compiled)})
    if store.get(_compiling(load, rival)) is None:
        print(f"{load.name}: {rival.name} compiles ...", file=sys.stderr)
        shutil.rmtree(compiled, ignore_errors=True)
        compiled.mkdir(parents=True)
        store.keep(_compiling(load, rival), side.run(load))
    return side


def _compiling(load: Workload, rival: Rival) -> str:
    """Name of the answer of a peer's first process, which had to compile and is not counted."""
    return f"{load.name}, {rival.name}, compiling"


def measure(
    loads: Sequence[Workload], repeats: int, cache: Path, store: Store, *, peers: bool
) -> Iterator[dict[str, Any]]:
    """Yield one row for each workload: what every side answered, turn by turn, or why it did not."""
    for load in loads:
        sides, failed = our_sides(load), {}
        for rival in load.rivals if peers else ():
            try:
                sides.append(rival_side(rival, load, cache, store))
            except NotMeasuredError as error:
                failed[rival.name] = str(error)
        answers = _in_turn(load, sides, repeats, store, failed)
        wrong = disagreements(load, answers)
        kept = replace(load, rivals=load.rivals if peers else ())
        firsts = {rival.name: store.get(_compiling(load, rival)) for rival in kept.rivals}
        colds = {name: answer["first"] for name, answer in firsts.items() if answer}
        yield _row(kept, answers, failed | wrong, colds)


def _in_turn(
    load: Workload, sides: Sequence[Side], repeats: int, store: Store, failed: dict[str, str]
) -> dict[Side, list[dict[str, Any]]]:
    """Every side once, then every side once again, in the other direction."""
    answers: dict[Side, list[dict[str, Any]]] = {side: [] for side in sides}
    for turn in range(repeats):
        for side in sides if turn % 2 == 0 else reversed(sides):
            if side.name in failed or turn >= (side.turns or repeats):
                continue
            key = f"{load.name}, {side.name}, turn {turn + 1}"
            try:
                kept = store.get(key)
                answer = kept or store.keep(key, side.run(load))
            except NotMeasuredError as error:
                failed[side.name] = str(error)
                print(f"{key}: {error}", file=sys.stderr)
                continue
            answers[side].append(answer)
            print(f"{key}: {answer['wall']:.1f} s{' (kept)' if kept else ''}", file=sys.stderr)
    return {side: found for side, found in answers.items() if found}


def disagreements(load: Workload, answers: Mapping[Side, Sequence[Mapping[str, Any]]]) -> dict[str, str]:
    """Sides that computed something else than nbkit: programs that do different things are not compared."""
    ours: list[float] = next((found[0]["check"] for side, found in answers.items() if side.ours), [])
    wrong = {}
    for side, found in answers.items() if ours else ():
        got = found[0]["check"]
        near = load.tolerance * max(abs(number) for number in ours)
        met = [math.isclose(a, b, rel_tol=load.tolerance, abs_tol=near) for a, b in zip(ours, got, strict=True)]
        if not all(met):
            wrong[side.name] = f"it ended at {got}, nbkit at {ours}"
    return wrong


def _row(
    load: Workload,
    answers: Mapping[Side, Sequence[Mapping[str, Any]]],
    failed: Mapping[str, str],
    colds: Mapping[str, float],
) -> dict[str, Any]:
    """A workload as it is stored: everything that the table, the picture and a later comparison need."""
    told = {side.name: _told(found) for side, found in answers.items() if side.name not in failed}
    skipped = {rival.name: list(rival.unmeasured) for rival in load.rivals}
    for name, what in told.items():
        what["values"] = {k: v for k, v in what["values"].items() if k not in skipped.get(name, [])}
    return {
        "workload": load.name,
        "words": load.words,
        "metrics": [{k: v for k, v in vars(metric).items() if v is not None} for metric in load.metrics],
        "rivals": [rival.name for rival in load.rivals],
        "sides": told,
        "failed": dict(failed),
        "compiling_s": dict(colds),
    }


def _told(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The figures of one side, one list for each, a number for each turn."""
    figures = [{**a["values"], "first": a["first"], "peak_mb": a["peak_mb"], "wall": a["wall"]} for a in found]
    return {
        "values": {key: [figure[key] for figure in figures] for key in figures[0]},
        "yardstick": [a["yardstick"] for a in found],
        "versions": found[0]["versions"],
    }
