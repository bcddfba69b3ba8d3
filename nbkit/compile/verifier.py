"""Owns the check of a program before it runs: every operand, at every step, inside its rows. Must not know backends.

Executors trust a verified program blindly: a compiled one has no bounds checks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from nbkit.compile.instructions import EFFECTS, SECTIONS, SPECIAL, Instruction, Operand
from nbkit.compile.program import Program
from nbkit.errors import NbkitError, Problem
from nbkit.model.functions import OPERATIONS


def verify(program: Program) -> None:
    """Check every instruction of a program.

    Raises:
        NbkitError: ``bad-program`` for each operand outside its rows, each value read before it is
            written, each unknown operation and each row of a wrong length.
    """
    problems = [
        Problem("bad-program", f"{section}[{i}] {instruction.operation}", what)
        for section in SECTIONS
        for i, instruction in enumerate(program.sections[section])
        for what in _faults(program, instruction)
    ]
    problems += [Problem("bad-program", "order", what) for what in _order_faults(program)]
    problems += [Problem("bad-program", "layout", what) for what in _layout_faults(program)]
    if problems:
        raise NbkitError(problems)


def _layout_faults(program: Program) -> Iterator[str]:
    end = 0
    for slot in program.slots:
        if slot.offset < end or slot.width < 1 or slot.rows < 1:
            yield f"slot {slot.name} overlaps the one before it"
        end = slot.offset + slot.size
    if end > program.memory:
        yield f"slots need {end} numbers, the memory has {program.memory}"
    if program.span % program.block:
        yield "the span is not a whole number of blocks"


def _faults(program: Program, instruction: Instruction) -> Iterator[str]:
    operation, target = instruction.operation, instruction.target
    for operand in (target, *instruction.sources):
        yield from _row_faults(program, operand)
        if operand.reach and (operand is target or operation != "couple" or instruction.section != "step"):
            yield f"{operand} is more than a row"
    if operation in _FAULTS:
        yield from _FAULTS[operation](program, instruction)
    else:
        yield from _elementwise_faults(instruction)
    if instruction.section == "block":
        for source in instruction.sources:
            if source.slot.role == "window" and program.block - 1 + source.shift > 0:
                yield f"{source} is read for a whole block before it is known"
            if source.slot.role == "scratch":
                yield f"{source} belongs to the step"


def _elementwise_faults(instruction: Instruction) -> Iterator[str]:
    operation, target = instruction.operation, instruction.target
    row = OPERATIONS.get(operation)
    if row is not None and row.numpy:
        if len(instruction.sources) != row.arity:
            yield f"{len(instruction.sources)} sources for {operation}"
    elif operation not in SPECIAL:
        yield f"no operation {operation!r}"
    for source in instruction.sources:
        if not source.slot.shared and source.length != target.length:
            yield f"{source} has {source.length} numbers, {target} has {target.length}"


def _effect_faults(program: Program, instruction: Instruction) -> Iterator[str]:
    operation, index, length = instruction.operation, instruction.index, instruction.target.length
    if operation == "arrive":
        if instruction.sources[0].length not in (1, length):
            yield f"{instruction.sources[0]} has {instruction.sources[0].length} numbers, not {length}"
        return
    tables: dict[str, Sequence[Any]] = {"deliver": program.deliveries, "fold": program.folds}
    table = tables.get(operation, program.spikes)
    if not 0 <= index < len(table):
        yield f"no such {operation}"
        return
    if operation in ("deliver", "fold"):
        coupling = program.couplings[table[index].coupling]
        if coupling.weights.shape[0] not in (length, 1):
            yield f"weights for {coupling.weights.shape[0]} targets, a row of {length}"
        if operation == "deliver" and program.deliveries[index].steps < 1:
            yield "a spike that arrives before it was sent"
        return
    for source in instruction.sources:
        if not source.slot.shared and source.length != length:
            yield f"{source} has {source.length} numbers, {instruction.target} has {length}"
    if program.spikes[index].size != length:
        yield f"a source of {program.spikes[index].size} units, a row of {length}"


def _arrival_faults(program: Program, instruction: Instruction) -> Iterator[str]:
    index, length = instruction.index, instruction.target.length
    if not 0 <= index < len(program.arrivals):
        yield "no such synapses"
        return
    arrival = program.arrivals[index]
    table = program.tables[arrival.table]
    if arrival.size != length or not 0 <= arrival.start <= table.width - length:
        yield f"arrivals for {arrival.size} units, a row of {length}"
    if not 0 <= table.first <= program.spikes[arrival.source].size - table.units:
        yield f"{table.units} source units from {table.first} on"
    if len(table.pointers) != table.units * table.delays + 1 or int(table.pointers[-1]) != len(table.targets):
        yield f"cells of {table.units} units and {table.delays} delays do not hold {len(table.targets)} synapses"
    elif len(table.targets) and not 0 <= int(table.targets.min()) <= int(table.targets.max()) < table.width:
        yield "a synapse reaches beyond the row of sums"


def _draw_faults(program: Program, instruction: Instruction) -> Iterator[str]:
    sizes = [draw.size for draw in program.draws]
    if not 0 <= instruction.index < len(sizes) or sizes[instruction.index] != instruction.target.length:
        yield "no such draw"


def _propagator_faults(program: Program, instruction: Instruction) -> Iterator[str]:
    if not 0 <= instruction.index < len(program.propagators):
        yield "no such propagator"
        return
    made = program.propagators[instruction.index]
    if len(instruction.sources) != len(made.entries) + 1:
        yield f"{len(instruction.sources)} sources for {len(made.entries)} numbers of a matrix and a step"
    if any(not 0 <= n < made.size for pair in (*made.entries, (made.row, made.column)) for n in pair):
        yield f"a place outside a matrix of {made.size} rows"


def _recorded_faults(program: Program, instruction: Instruction) -> Iterator[str]:
    if not 0 <= instruction.index < len(program.recorded):
        yield "no such recorded input"
    elif program.recorded[instruction.index].width != instruction.target.length:
        yield "a recorded input of another width"


def _couple_faults(program: Program, instruction: Instruction) -> Iterator[str]:
    if not 0 <= instruction.index < len(program.couplings):
        yield "no such coupling"
        return
    post, pre = program.couplings[instruction.index].weights.shape
    if instruction.sources[0].length != pre or instruction.target.length != post:
        between = f"{instruction.target.length} and {instruction.sources[0].length}"
        yield f"weights of {post} x {pre} between rows of {between}"


def _row_faults(program: Program, operand: Operand) -> Iterator[str]:
    """Whether an operand stays inside its slot at every base and step."""
    slot = operand.slot
    rows = [operand.row(b, s) for b in (0, program.span - program.block) for s in (0, program.block - 1)]
    rows.append(rows[0] - operand.reach)
    if operand.reach and (slot.role != "window" or operand.start or operand.width or operand.reach < 0):
        yield f"{operand} is more than a row, but not whole rows of a window"
    if operand.shift and slot.role != "window":
        yield f"{operand} is moved in time, but {slot.name} has no past"
    if min(rows) < 0 or max(rows) >= slot.rows:
        yield f"{operand} reaches row {min(rows)} to {max(rows)} of {slot.rows}"
    if operand.start < 0 or operand.start + (operand.width or slot.width) > slot.width:
        yield f"{operand} reaches beyond {slot.width} numbers"


def _order_faults(program: Program) -> Iterator[str]:
    """Values that are read before anything wrote them, and rows written by the wrong section."""
    written = {fill.slot.offset for fill in program.fills}
    for section in SECTIONS:
        for instruction in program.sections[section]:
            for source in instruction.sources:
                slot = source.slot
                if slot.offset not in written:
                    yield f"{source} is read before it is written"
                if slot.role == "window" and source.shift > 0:
                    writers = [i.target for i in program.sections["step"] if i.target.slot == slot]
                    if all(w.shift < source.shift for w in writers):
                        yield f"{source} is read before it is written"
            target = instruction.target
            if section == "setup" and target.slot.role != "cell":
                yield f"{target} is no cell"
            if target.slot.role == "window" and target.shift not in (0, 1):
                yield f"{target} writes into the past"
            written.add(target.slot.offset)


_FAULTS: dict[str, Callable[[Program, Instruction], Iterator[str]]] = {
    "couple": _couple_faults,
    "propagator": _propagator_faults,
    "recorded": _recorded_faults,
    "normal": _draw_faults,
    "uniform": _draw_faults,
    "poisson": _draw_faults,
    **dict.fromkeys(EFFECTS, _effect_faults),
    "synapses": _arrival_faults,
}
