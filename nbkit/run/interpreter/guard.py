"""Owns the check of encoded instructions before the interpreter may run them. Must not know where they come from.

The interpreter has no bounds checks: a wrong row would read or overwrite other people's memory. So every operand of
every row is checked at the first and the last step of a block and at the first and the last base; between them an
address moves along a straight line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nbkit.errors import NbkitError, Problem
from nbkit.run.interpreter.encoder import COLUMN
from nbkit.run.interpreter.printer import MORE, NUMBERS, PAIRS, TESTS

_NAMES = tuple(NUMBERS)
_LARGEST = 2**48  # no number of a row is larger, addresses apart


@dataclass(frozen=True)
class Bounds:
    """What rows may reach.

    ``memory`` numbers; steps 0 to ``block`` - 1, bases 0 to ``bases`` - 1, and ``tile`` steps of a whole block at a
    time. ``sources`` has the units of each source of spikes, ``tables`` the width of each table's row of sums.
    """

    memory: int
    block: int
    bases: int
    tile: int = 1
    sources: Sequence[int] = ()
    tables: Sequence[int] = ()


def check(rows: Any, arrays: Mapping[int, Any], bounds: Bounds) -> None:
    """Check encoded instructions, shape (instructions, columns); ``arrays`` are those that they may name.

    Raises:
        NbkitError: ``bad-program`` for each row that reaches beyond its bounds.
    """
    problems = []
    for number, row in enumerate(np.asarray(rows, dtype=np.uint64).tolist()):
        values = dict(zip(COLUMN, row, strict=True))
        fault = _fault(values, arrays, bounds)
        if fault:
            problems.append(Problem("bad-program", f"row {number} of the interpreter", fault))
    problems += [
        Problem("bad-program", f"table {number} of the interpreter", "a row of sums that is not emptied")
        for number in _not_emptied(rows, bounds)
    ]
    if problems:
        raise NbkitError(problems)


def _not_emptied(rows: Any, bounds: Bounds) -> set[int]:
    """The tables whose sums are gathered and not read, and so emptied, once each."""
    gathered, read = set(), dict.fromkeys(range(len(bounds.tables)), 0)
    for row in np.asarray(rows, dtype=np.uint64).tolist():
        table = row[COLUMN["OTHER"]]
        if row[0] == NUMBERS["gather"]:
            gathered.add(table)
        if row[0] == NUMBERS["synapses"] and table in read:
            read[table] += row[COLUMN["UNITS"]]
    return {table for table in gathered if table in read and read[table] != bounds.tables[table]}


def _fault(row: Mapping[str, int], arrays: Mapping[int, Any], bounds: Bounds) -> str:
    if row["OPERATION"] >= len(_NAMES):
        return "no such operation"
    if any(value >= _LARGEST for name, value in row.items() if name not in "XYZ"):
        return "a number that is far too large"
    name = _NAMES[row["OPERATION"]]
    if name not in MORE and name not in TESTS:
        return _elementwise(name, row, bounds)
    plan = name.removeprefix("deliver_").removeprefix("fold_")
    if name in ("dense", "uniform", "sparse_32", "sparse_64", "arrive_counts"):
        return (_counts if name == "arrive_counts" else _product)(name, row, arrays, bounds)
    if name in ("gather", "synapses"):
        return _synapses(name, row, bounds)
    return _spikes(name, row, bounds) or (_columns(plan, row, arrays) if plan != name else "")


def _reach(row: Mapping[str, int], operand: str, length: int, bounds: Bounds) -> str:
    """Whether an operand leaves the memory somewhere."""
    last = row[operand] + row[f"{operand}_BASE"] * (bounds.bases - 1) + row[f"{operand}_STEP"] * (bounds.block - 1)
    return f"{operand} reaches {last + length} of {bounds.memory}" if last + length > bounds.memory else ""


def _meets(row: Mapping[str, int], other: str, lengths: tuple[int, int], bounds: Bounds) -> bool:
    """Whether the target and a source overlap somewhere without being the same."""
    apart = [
        (row["TARGET"] - row[other])
        + (row["TARGET_BASE"] - row[f"{other}_BASE"]) * base
        + (row["TARGET_STEP"] - row[f"{other}_STEP"]) * step
        for base in (0, bounds.bases - 1)
        for step in (0, bounds.block - (bounds.tile if row["WHOLE"] else 1))
    ]
    return not (min(apart) >= lengths[1] or max(apart) <= -lengths[0])


def _elementwise(name: str, row: Mapping[str, int], bounds: Bounds) -> str:
    units = row["UNITS"]
    long = units * (bounds.tile if row["WHOLE"] else 1)
    if row["WHOLE"] and row["TARGET_STEP"] != units:
        return "rows that are no whole"
    fault = _reach(row, "TARGET", units, bounds)
    for source, kind in zip("ABC", name.rpartition("_")[2], strict=False):
        length = units if kind == "v" else 1
        fault = fault or _reach(row, source, length, bounds)
        if row["WHOLE"] and row[f"{source}_STEP"] != (units if kind == "v" else 0):
            return "rows that are no whole"
        same = name in PAIRS and all(row["TARGET" + c] == row[source + c] for c in ("", "_STEP", "_BASE"))
        if kind == "v" and not same and _meets(row, source, (long, long), bounds):
            return f"the target overlaps {source}"
        if kind == "s" and (row["WHOLE"] or name in PAIRS) and _meets(row, source, (long, 1), bounds):
            return f"the target overlaps {source}"
    return fault


def _product(name: str, row: Mapping[str, int], arrays: Mapping[int, Any], bounds: Bounds) -> str:
    units, other = row["UNITS"], row["OTHER"]
    target = 1 if name == "uniform" else units
    fault = _reach(row, "TARGET", target, bounds) or _reach(row, "A", other, bounds)
    if row["WHOLE"] or _meets(row, "A", (target, other), bounds):
        return "the target overlaps A"
    if name.startswith("sparse"):
        return fault or _entries(name, row, arrays, (units, other))
    numbers = other if name == "uniform" else units * other
    return fault or _array(arrays, row["X"], numbers)


def _array(arrays: Mapping[int, Any], address: int, numbers: int) -> str:
    if address not in arrays or arrays[address].size < numbers:
        return "an array that is not there, or too short"
    return ""


def _entries(name: str, row: Mapping[str, int], arrays: Mapping[int, Any], shape: tuple[int, int]) -> str:
    """Whether a sparse matrix holds together: ``shape`` is (stretches, places)."""
    if any(row[column] not in arrays for column in "XYZ"):
        return "an array that is not there"
    data, places, ends = (arrays[row[column]] for column in "XYZ")
    width = np.int64 if name.endswith("64") else np.int32
    if places.dtype != width or ends.dtype != width:
        return "numbers of another width"
    if len(ends) != shape[0] + 1 or ends[0] != 0 or (np.diff(ends) < 0).any() or len(places) < ends[-1]:
        return "entries that do not hold together"
    if len(data) < ends[-1] or (len(places) and not 0 <= int(places.min()) <= int(places.max()) < shape[1]):
        return "an entry outside the matrix"
    return ""


def _synapses(name: str, row: Mapping[str, int], bounds: Bounds) -> str:
    if row["OTHER"] >= len(bounds.tables):
        return "no such table"
    if name == "gather":
        return ""
    if row["FIRST"] + row["UNITS"] > bounds.tables[row["OTHER"]]:
        return "a stretch beyond the row of sums"
    return _reach(row, "TARGET", row["UNITS"], bounds)


def _counts(_: str, row: Mapping[str, int], arrays: Mapping[int, Any], bounds: Bounds) -> str:
    """Whether counts hold a row for each step of a block, and a weight stands apart from what it is added to."""
    if row["WHOLE"] or row["FIRST"] + row["UNITS"] > row["OTHER"]:
        return "counts of units that are not there"
    if row["X"] not in arrays or arrays[row["X"]].dtype != np.uint8:
        return "counts that are not there"
    if _meets(row, "A", (row["UNITS"], 1), bounds):
        return "the target overlaps A"
    fault = _array(arrays, row["X"], row["OTHER"] * bounds.block)
    return fault or _reach(row, "TARGET", row["UNITS"], bounds) or _reach(row, "A", 1, bounds)


def _spikes(name: str, row: Mapping[str, int], bounds: Bounds) -> str:  # noqa: PLR0911  one return per operation
    units = row["UNITS"]
    if row["WHOLE"] or row["BY"] > 1:
        return "rows that are no whole"
    if name == "arrive":
        return _reach(row, "TARGET", units, bounds) or _reach(row, "A", units if row["BY"] else 1, bounds)
    if row["OTHER"] >= len(bounds.sources):
        return "no such source"
    size = bounds.sources[row["OTHER"]]
    if name.startswith("spike"):
        form = name.rpartition("_")[2] if name in TESTS else "v"
        reaches = [_reach(row, x, units if k == "v" else 1, bounds) for x, k in zip("AB", form, strict=False)]
        return "".join(reaches) if units == size else "a source of another size"
    fault = _reach(row, "TARGET", units, bounds)
    if name in ("assign", "increase", "hold"):
        length = units if name == "hold" or row["BY"] else 1
        return fault or ("" if units == size else "a source of another size") or _reach(row, "A", length, bounds)
    if name.startswith("deliver"):
        within = row["DELAY"] >= 1 and row["FIRST"] + row["SIZE"] <= size
        return fault or ("" if within else "units that the source does not have")
    within = row["SIZE"] == size
    return fault or ("" if within else "a source of another size") or _reach(row, "A", size if row["BY"] else 1, bounds)


def _columns(plan: str, row: Mapping[str, int], arrays: Mapping[int, Any]) -> str:
    """Weights of which columns are added."""
    units, size = row["UNITS"], row["SIZE"]
    if plan.startswith("sparse"):
        return _entries(plan, row, arrays, (size, units))
    if plan == "alike":
        return "twins of another number" if row["TWIN"] and size > units else _array(arrays, row["X"], size)
    return _array(arrays, row["X"], units * size)
