"""Law: threads and blocks that run side by side never meet what another one writes."""

from __future__ import annotations

import pytest

import nbkit as nb
from nbkit.compile.compiler import compile_network
from nbkit.compile.instructions import Instruction, Operand, Slot
from nbkit.run.cuda.pieces import pieces
from tests.device.networks import NETWORKS, RATES, SPIKES

PROGRAM = compile_network(nb.Network({"E": nb.Population(nb.models.leaky_integrator, 10)}, time_unit="ms"), 0.1)
LONG = Slot("long", "scratch", 0, 20)
ONE, OTHER = Slot("one", "scratch", 20, 10), Slot("other", "scratch", 30, 10)
PAST = Slot("past", "window", 40, 10, rows=20, history=3)


def levels(*pairs: tuple[Operand, Operand]) -> list[tuple[int, int]]:
    """Level and length of every piece that copies, each from the second operand to the first, are cut into."""
    made = [Instruction("copy", target, (source,), "step", "advance") for target, source in pairs]
    return [(piece.level, len(piece.items)) for piece in pieces(PROGRAM, "step", made)]


def test_what_a_thread_wrote_it_may_read_itself():
    assert levels((Operand(ONE), Operand(PAST)), (Operand(OTHER), Operand(ONE))) == [(0, 2)]


def test_what_another_thread_wrote_waits_for_the_next_launch():
    early, late = Operand(LONG, 0, 0, 10), Operand(LONG, 0, 5, 10)
    assert levels((early, Operand(ONE)), (Operand(OTHER), late)) == [(0, 1), (1, 1)]
    assert levels((Operand(OTHER), late), (early, Operand(ONE))) == [(0, 1), (1, 1)]
    assert levels((early, Operand(ONE)), (late, Operand(OTHER))) == [(0, 1), (1, 1)]


def test_parts_that_do_not_meet_and_rows_of_other_steps_go_together():
    early, late = Operand(LONG, 0, 0, 10), Operand(LONG, 0, 10, 10)
    assert levels((early, Operand(ONE)), (Operand(OTHER), late)) == [(0, 2)]
    assert levels((Operand(PAST, 1), Operand(ONE)), (Operand(OTHER), Operand(PAST, -2))) == [(0, 2)]


def test_rows_of_different_lengths_stand_side_by_side_or_wait():
    assert levels((Operand(LONG), Operand(LONG)), (Operand(OTHER), Operand(ONE))) == [(0, 1), (0, 1)]
    assert levels((Operand(LONG), Operand(LONG)), (Operand(OTHER), Operand(LONG, 0, 0, 10))) == [(0, 1), (1, 1)]


@pytest.mark.parametrize("table", [RATES, SPIKES, NETWORKS])
def test_pieces_of_one_level_touch_nothing_in_common(table):
    for make in table.values():
        net = make()
        program = compile_network(net, {"ms": 0.1, "1": 0.002}[net.time_unit])
        for section in ("block", "step"):
            found = pieces(program, section, program.sections[section])
            assert sum(len(p.items) for p in found) >= len(program.sections[section])
            for n, piece in enumerate(found):
                beside = [other for other in found[:n] if other.level == piece.level]
                assert not any(piece.follows(other) for other in beside)
