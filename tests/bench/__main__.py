"""Owns the command line of the measurement: `python -m tests.bench`, from the top of the repository."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.bench.measure import measure, sides
from tests.bench.peers import default_cache
from tests.bench.report import RESULT, over_limit, report, table, write_json, write_readme


def main() -> int:
    """Measure, write down, and return 1 where nbkit missed a limit of its own."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="fresh processes for each side of each workload")
    parser.add_argument("--only", default="", help="measure only workloads whose name contains this text")
    parser.add_argument("--cache", type=Path, default=default_cache(), help="where the peers are installed")
    parser.add_argument("--out", type=Path, default=RESULT, help="JSON file of the measurement")
    parser.add_argument("--readme", action="store_true", help="put the table into README.md")
    asked = parser.parse_args()
    rows = list(measure(sides(asked.cache), asked.repeats, asked.only))
    if not rows:
        parser.error(f"no workload contains {asked.only!r}")
    found = report(rows, asked.repeats)
    write_json(found, asked.out)
    print(table(found))
    if asked.readme:
        write_readme(found)
    missed = list(over_limit(rows))
    print(*missed, sep="\n", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
