"""Owns the tests of the verifier: a program that reaches outside its rows never runs."""

import dataclasses

import numpy as np
import pytest

import nbkit as nb
from nbkit.compile.instructions import Instruction, Operand, Section
from nbkit.compile.program import Program
from nbkit.compile.verifier import verify
from nbkit.model.frozen import FrozenMap


def program() -> Program:
    population = nb.Population(nb.models.wilson_cowan, 4, parameters={"tau": nb.Uniform(8, 12)})
    net = nb.Network(
        {"E": population},
        [
            nb.Projection("E.r", "E.r_in", weight=np.eye(4), delay=2.0),
            nb.Projection("E.m", "E.r_in", weight=np.eye(4), delay=0.1, name="short"),
            nb.Projection("E.r", "E.r_in", weight=1.0, delay=2.0, spread=1.0, name="gamma"),
        ],
        [nb.Stimulus("E.r_ext", nb.Recorded(np.ones(100), dt=0.1))],
    )
    return nb.Simulation(net, dt=0.1).program


def with_instruction(whole: Program, section: Section, number: int, changed: Instruction) -> Program:
    lines = list(whole.sections[section])
    lines[number] = changed
    return dataclasses.replace(whole, sections=FrozenMap({**whole.sections, section: tuple(lines)}))


def moved(operand: Operand, shift: int = 0, start: int = 0) -> Operand:
    return dataclasses.replace(operand, shift=operand.shift + shift, start=operand.start + start)


def every_instruction() -> list[tuple[Section, int]]:
    return [(s, i) for s, lines in program().sections.items() for i in range(len(lines))]


def test_a_compiled_program_is_sound():
    verify(program())


@pytest.mark.parametrize(("section", "number"), every_instruction())
@pytest.mark.parametrize("shift", [-500, 500])
def test_an_operand_moved_out_of_its_rows_is_seen(section, number, shift):
    whole = program()
    line = whole.sections[section][number]
    changes = [dataclasses.replace(line, target=moved(line.target, shift))]
    for i, source in enumerate(line.sources):
        sources = (*line.sources[:i], moved(source, shift), *line.sources[i + 1 :])
        changes.append(dataclasses.replace(line, sources=sources))
    for changed in changes:
        with pytest.raises(nb.NbkitError) as caught:
            verify(with_instruction(whole, section, number, changed))
        assert caught.value.code == "bad-program"


@pytest.mark.parametrize(("section", "number"), every_instruction())
def test_a_row_of_another_length_is_seen(section, number):
    whole = program()
    line = whole.sections[section][number]
    changed = dataclasses.replace(line, target=moved(line.target, start=line.target.slot.width))
    with pytest.raises(nb.NbkitError):
        verify(with_instruction(whole, section, number, changed))


@pytest.mark.parametrize(
    "change",
    [
        {"operation": "launch"},
        {"operation": "minimum"},
        {"index": 99},
    ],
)
def test_what_no_executor_knows_is_seen(change):
    whole = program()
    number = next(i for i, line in enumerate(whole.sections["block"]) if line.operation == "couple")
    line = dataclasses.replace(whole.sections["block"][number], **change)
    with pytest.raises(nb.NbkitError):
        verify(with_instruction(whole, "block", number, line))


def test_a_value_read_before_it_is_written_is_seen():
    whole = program()
    lines = whole.sections["setup"]
    turned = dataclasses.replace(whole, sections=FrozenMap({**whole.sections, "setup": tuple(reversed(lines))}))
    with pytest.raises(nb.NbkitError, match="before it is written"):
        verify(turned)


def test_a_block_may_not_read_what_its_own_steps_make():
    whole = program()
    number, line = next((i, x) for i, x in enumerate(whole.sections["block"]) if x.operation == "couple")
    early = dataclasses.replace(line.sources[0], shift=-1)
    with pytest.raises(nb.NbkitError, match="before it is known"):
        verify(with_instruction(whole, "block", number, dataclasses.replace(line, sources=(early,))))


def test_rows_before_the_past_that_is_kept_are_seen():
    """The matrix over the past reads several rows; each must be there, and only a product may read them."""
    delay = 1.0 + np.arange(400).reshape(20, 20) % 40
    net = nb.Network(
        {"E": nb.Population(nb.models.leaky_integrator, 20)},
        [nb.Projection("E.x", "E.u", weight=0.1, delay=delay), nb.Projection("E.x", "E.u", delay=1.0, name="other")],
    )
    whole = nb.Simulation(net, dt=1.0).program
    verify(whole)
    number, line = next((i, x) for i, x in enumerate(whole.sections["step"]) if x.sources[0].reach)
    (past,) = line.sources
    assert (past.shift, past.reach) == (-1, 39)
    for change in ({"shift": -2}, {"reach": 40}, {"reach": 38}, {"reach": -1}, {"start": 1}, {"width": 20}):
        changed = dataclasses.replace(line, sources=(dataclasses.replace(past, **change),))
        with pytest.raises(nb.NbkitError):
            verify(with_instruction(whole, "step", number, changed))
    for change in ({"operation": "copy"}, {"section": "block"}, {"target": past}):
        with pytest.raises(nb.NbkitError, match="more than a row"):
            verify(with_instruction(whole, "step", number, dataclasses.replace(line, **change)))


def test_memory_too_small_is_seen():
    whole = program()
    with pytest.raises(nb.NbkitError, match="the memory has"):
        verify(dataclasses.replace(whole, memory=whole.memory - 1))


def test_the_listing_names_every_instruction_and_phase():
    whole = program()
    listing = whole.explain()
    count = sum(len(lines) for lines in whole.sections.values())
    assert listing.count(" = ") >= count
    for phase in ("prepare:", "gather:", "remember:", "advance:"):
        assert phase in listing
    assert "E.r[k-20]" in listing
    assert "E.r[k+1]" in listing
    assert "tau * dr/dt = -r + (1 - k*r)*m" in listing
