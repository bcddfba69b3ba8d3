"""Owns the command line of the measurement: `python -m tests.bench`, from the top of the repository."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from nbkit.run.interpreter import library
from tests.bench.figures import failures, missed
from tests.bench.measure import as_installed, measure
from tests.bench.peers import default_cache
from tests.bench.picture import write_picture
from tests.bench.report import RESULT, machine, merged, read, report, table, write_json, write_readme
from tests.bench.store import Store
from tests.bench.workloads import WORKLOADS

#: A load beyond which figures say little.
BUSY = 0.7


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """The command line, read."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="fresh processes for each side of each workload")
    parser.add_argument("--only", default="", help="measure only workloads whose name contains this text")
    parser.add_argument("--ours", action="store_true", help="measure nbkit alone, without its peers")
    parser.add_argument("--full", action="store_true", help="the whole microcircuit too: 16 GB and ten minutes")
    parser.add_argument("--resume", action="store_true", help="go on with a measurement that was cut off")
    parser.add_argument("--cache", type=Path, default=default_cache(), help="where the peers are installed")
    parser.add_argument("--out", type=Path, default=RESULT, help="JSON file of the measurement")
    parser.add_argument("--readme", action="store_true", help="put the table into README.md and draw its picture")
    asked = parser.parse_args(given)
    asked.loads = [w for w in WORKLOADS if asked.only in w.name and (asked.full or not w.full)]
    if not asked.loads:
        parser.error(f"no workload contains {asked.only!r}; there are {', '.join(w.name for w in WORKLOADS)}")
    if asked.ours and asked.out == RESULT:
        parser.error("--ours has no peers to compare with: give it a file of its own by --out")
    built = library.find()
    if isinstance(built, str):
        parser.error(f"the accelerator: {built}; python -m nbkit.run.interpreter.build")
    return asked


def main() -> int:
    """Measure and write down; return 1 where nbkit failed, or where a side computed something else than nbkit."""
    asked = arguments()
    about = f"{asked.repeats} {asked.ours} {asked.loads}"
    store = Store(asked.cache / "unfinished.json", resume=asked.resume, about=about)
    if len(store):
        print(f"{len(store)} answers were there already", file=sys.stderr)
    as_installed()
    at = machine()
    if (at["load"] or 0.0) > BUSY:
        print(f"this machine is busy, load {at['load']:.1f}: factors will lie apart", file=sys.stderr)
    rows = list(measure(asked.loads, asked.repeats, asked.cache, store, peers=not asked.ours))
    found = report(rows, asked.repeats, at)
    if asked.out.exists():
        found = merged(read(asked.out), found, [load.name for load in WORKLOADS])
    write_json(found, asked.out)
    print(table(found))
    if asked.readme:
        write_readme(found)
        write_picture(found)
    wrong = list(failures(rows))
    print(*missed(rows), *wrong, sep="\n", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
