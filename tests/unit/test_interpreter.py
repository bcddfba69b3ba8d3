"""Owns the tests of the interpreter as a whole: its guard, its bits, who chooses it, and what results say."""

import dataclasses
import itertools
import shutil
from collections.abc import Callable

import numpy as np
import pytest

import nbkit as nb
from nbkit.compile.compiler import compile_network
from nbkit.run.interpreter import build, encoder, library, machine
from nbkit.run.interpreter.choice import choose
from nbkit.run.interpreter.counts import counted
from nbkit.run.interpreter.guard import Bounds, check
from nbkit.run.interpreter.log import longest_delays
from nbkit.run.interpreter.printer import COLUMNS, NUMBERS, file_name, fingerprint, whole
from nbkit.run.stepper import Stepper
from nbkit.run.tapes import Plan
from nbkit.simulation import simulation

WEIGHTS = np.random.default_rng(3).normal(0, 0.4, (7, 7))


def rates(size: int = 7, delay: float = 0.0) -> nb.Network:
    weights = np.random.default_rng(3).normal(0, 1 / size**0.5, (size, size))
    population = nb.Population(
        nb.models.wilson_cowan, size, parameters={"tau": nb.Uniform(8, 12)}, initial={"r": nb.Uniform(0, 0.5)}
    )
    return nb.Network(
        {"E": population},
        [nb.Projection("E.r", "E.r_in", weight=weights, delay=delay)],
        [nb.Stimulus("E.r_ext", nb.Sine(1.0, 20.0))],
    )


def spiking(size: int = 60) -> nb.Network:
    model = nb.models.iaf_psc_exp
    return nb.Network(
        {
            "E": nb.Population(model, size, parameters={"I_e": nb.Uniform(350.0, 450.0)}),
            "I": nb.Population(model, size // 2, parameters={"I_e": 380.0}),
        },
        [
            nb.Projection("E.spike", "I.I_ex", weight=40.0, delay=nb.Uniform(0.5, 3.0), rule=nb.FixedInDegree(10)),
            nb.Projection("I.spike", "E.I_in", weight=-90.0, delay=1.5, rule=nb.FixedInDegree(10)),
        ],
        [nb.Stimulus("E.I_ex", nb.Poisson(8000.0, 20.0))],
    )


def event_driven() -> nb.Network:
    return nb.Network(
        {"Q": nb.Population(nb.models.qif, 5, initial={"v": np.linspace(-2.0, 0.0, 5)})},
        [nb.Projection("Q.s", "Q.s_in", weight=np.abs(WEIGHTS[:5, :5]))],
        [nb.Stimulus("Q.I_ext", nb.Sine(10.0, 4.0))],
        time_unit="1",
    )


def numbers_of(stepper: Stepper, steps: int) -> bytes:
    program = stepper.program
    states = [Plan(v) for v in program.variables.values() if v.is_state]
    names = [m.population for s in program.spikes for m in s.stack.members]
    trace = stepper.run(steps, states, names)
    rows = [tape.rows.tobytes() for tape in trace.tapes]
    return b"".join([*rows, *(a.tobytes() for pair in trace.spikes.values() for a in pair)])


NETWORKS: dict[str, Callable[[], nb.Network]] = {
    "rates": rates,
    "many rates": lambda: rates(40),
    "rates with a delay": lambda: rates(9, 5.0),
    "spikes": spiking,
}


# ------------------------------------------------------------ bits


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_the_bits_do_not_depend_on_blocks_tiles_or_pieces(interpreter, monkeypatch, name, precision):
    found = set()
    for longest, tile, piece in ((256, 2048, 1024), (33, 7, 1024), (8, 2048, 5)):
        monkeypatch.setattr("nbkit.compile.delays.LONGEST_BLOCK", longest)
        monkeypatch.setattr("nbkit.compile.delays.FEW_NUMBERS", 0)
        monkeypatch.setattr(machine, "TILE_NUMBERS", tile)
        monkeypatch.setattr(encoder, "PIECE", piece)
        program = compile_network(NETWORKS[name](), 0.1)
        assert program.block <= longest
        found.add(numbers_of(Stepper(program, "numpy", precision, interpreter), 600))
    assert len(found) == 1


@pytest.mark.parametrize("name", NETWORKS)
def test_the_bits_do_not_depend_on_the_width_of_vectors(interpreter, name):
    folder = interpreter.path.parent
    program, found, tried = compile_network(NETWORKS[name](), 0.1), set(), []
    for vectors in (0, *build.VECTORS):
        path = folder / file_name(vectors)
        if path.is_file() and vectors <= interpreter.vectors:
            tried.append(vectors)
            loaded = library._library(path, vectors, library.ctypes.CDLL(str(path)))
            found.add(numbers_of(Stepper(program, library=loaded), 600))
    assert tried[-1] == interpreter.vectors
    assert len(found) == 1


def test_spike_trains_are_those_of_numpy_bit_for_bit(interpreter):
    program = compile_network(spiking(), 0.1)
    compiled, plain = numbers_of(Stepper(program, library=interpreter), 3000), numbers_of(Stepper(program), 3000)
    assert compiled == plain


def test_a_list_of_spikes_that_is_full_grows(interpreter, monkeypatch):
    program = compile_network(spiking(), 0.1)
    stepper = Stepper(program, library=interpreter)
    for log in stepper.executor.stores:
        log.units, log.starts = log.units[: 2 * log.source.size], log.starts[:3]
    assert numbers_of(stepper, 3000) == numbers_of(Stepper(program), 3000)


def test_the_longest_delay_of_each_unit():
    for table in compile_network(spiking(), 0.1).tables:
        counts = np.diff(table.pointers).reshape(table.units, table.delays)
        expected = [max((d + 1 for d in range(table.delays) if row[d]), default=0) for row in counts]
        assert len(set(expected)) > 1 or table.delays == 1
        np.testing.assert_array_equal(longest_delays(table), expected)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_saved_run_goes_on_with_and_without_the_interpreter(interpreter, tmp_path, name):
    first = nb.Simulation(NETWORKS[name](), dt=0.1, accelerator=True)
    first.run(40.0)
    first.save(tmp_path / "standing")
    again = nb.Simulation.load(tmp_path / "standing")
    other = nb.Simulation(NETWORKS[name](), dt=0.1, accelerator=False)
    other._stepper.restored(first._stepper.saved())
    ran, same, near = (sim.run(40.0) for sim in (first, again, other))
    for path in ran.data_vars:
        assert same[path].to_numpy().tobytes() == ran[path].to_numpy().tobytes()
        np.testing.assert_allclose(near[path], ran[path], rtol=1e-9, atol=1e-12)


# ------------------------------------------------------------ the guard


def encoded(network: nb.Network) -> tuple[np.ndarray, dict, Bounds, Stepper]:
    program = compile_network(network, 0.1)
    stepper = Stepper(program)
    weights = [np.asfortranarray(w) if isinstance(w, np.ndarray) else w for w in stepper.executor._scaled]
    executor, live = stepper.executor, [i for part in ("block", "step") for i in program.sections[part]]
    counts = counted(program, live, executor.rows, executor._noise)
    made = encoder.Encoder(program, weights, (), counts).step(program.sections["step"])
    sources = [s.size for s in program.spikes]
    tables = [t.width for t in program.tables]
    bounds = Bounds(program.memory, program.block, program.span - program.block + 1, 1, sources, tables)
    return made.array(), made.arrays, bounds, stepper


@pytest.mark.parametrize("made", [rates, spiking, event_driven])
def test_what_the_encoder_makes_is_sound(made):
    rows, arrays, bounds, _ = encoded(made())
    check(rows, arrays, bounds)


@pytest.mark.parametrize("made", [rates, spiking, event_driven])
def test_every_operand_beyond_the_memory_is_seen(made):
    rows, arrays, bounds, _ = encoded(made())
    for number, name in itertools.product(range(len(rows)), ("TARGET", "A", "B", "C")):
        if not rows[number, encoder.COLUMN[f"{name}_STEP"]] and not rows[number, encoder.COLUMN[name]]:
            continue  # an operand that this operation does not have
        wrong = rows.copy()
        wrong[number, encoder.COLUMN[name]] = bounds.memory
        with pytest.raises(nb.NbkitError) as caught:
            check(wrong, arrays, bounds)
        assert caught.value.code == "bad-program"


def reached(row: dict, bounds: Bounds, operand: str, length: int) -> int:
    """One after the last number that an operand meets, over all steps and bases."""
    steps = np.arange(bounds.block, dtype=object)
    furthest = row[operand] + row[f"{operand}_STEP"] * steps + row[f"{operand}_BASE"] * (bounds.bases - 1)
    return int(furthest.max()) + length


def lengths(name: str, row: dict) -> dict[str, int]:
    """How many numbers each operand of an operation has, as the C source uses them."""
    units, kind = row["UNITS"], name.rpartition("_")[2]
    if set(kind) <= set("vs"):
        target = {} if name.startswith("spike") else {"TARGET": units}
        return target | {x: units if k == "v" else 1 for x, k in zip("ABC", kind, strict=False)}
    if name in ("dense", "uniform", "sparse_32", "sparse_64"):
        return {"TARGET": 1 if name == "uniform" else units, "A": row["OTHER"]}
    of_value = units if row["BY"] else 1
    known = {"spike": {"A": units}, "gather": {}, "hold": {"TARGET": units, "A": units}}
    known |= {"arrive_counts": {"TARGET": units, "A": 1}}
    known |= {key: {"TARGET": units, "A": of_value} for key in ("assign", "increase", "arrive")}
    return known.get(name, {"TARGET": units})


@pytest.mark.parametrize("made", [rates, spiking, event_driven])
def test_no_changed_row_that_passes_leaves_the_memory(made):
    rows, arrays, bounds, _ = encoded(made())
    draw, passed, names = np.random.default_rng(0), 0, tuple(NUMBERS)
    changes = [0, 1, 2, 3, 7, 64, bounds.memory - 1, bounds.memory, 2**31, 2**47, 2**63, 2**64 - 1]
    for _ in range(6000):
        row = rows[draw.integers(len(rows))].copy()
        for _ in range(draw.integers(1, 4)):
            row[draw.integers(len(COLUMNS))] = np.uint64(changes[draw.integers(len(changes))])
        try:
            check(row[None], arrays, bounds)
        except nb.NbkitError:
            continue
        passed += 1
        values = dict(zip(COLUMNS, row.tolist(), strict=True))
        name = names[values["OPERATION"]]
        for operand, length in lengths(name, values).items():
            assert reached(values, bounds, operand, length) <= bounds.memory
    assert passed > 50


def test_changed_rows_that_pass_write_inside_the_memory_alone(interpreter):
    rows, arrays, bounds, stepper = encoded(rates())
    draw, margin, ran = np.random.default_rng(1), 4096, 0
    memory = np.full(bounds.memory + 2 * margin, 7.5)
    inside = memory[margin:-margin]
    live = np.zeros(1000, dtype=np.uint8)
    for _ in range(8000):
        row = rows[draw.integers(len(rows))].copy()
        place = draw.integers(len(COLUMNS) - 1)
        row[place] = np.uint64(draw.integers(0, bounds.memory + 300 if place > 1 else len(NUMBERS)))
        if row[0] >= NUMBERS["spike"]:
            continue
        try:
            check(row[None], arrays, bounds)
        except nb.NbkitError:
            continue
        ran += 1
        for base in (0, bounds.bases - 1):
            interpreter.block["float64"](
                inside.ctypes.data, row.ctypes.data, 1, live.ctypes.data, base, bounds.block, bounds.tile
            )
    assert ran > 200
    assert (memory[:margin] == 7.5).all()
    assert (memory[-margin:] == 7.5).all()
    assert stepper.position == 0


# ------------------------------------------------------------ who chooses, and what results say


def test_it_can_be_forced_and_forbidden(interpreter):
    forced = nb.simulate(rates(), 10.0, 0.1, accelerator=True)
    forbidden = nb.simulate(rates(), 10.0, 0.1, accelerator=False)
    assert (forced.attrs["accelerator"], forbidden.attrs["accelerator"]) == ("compiled", "none")
    assert forbidden.attrs["accelerator_reason"] == "accelerator=False"
    np.testing.assert_allclose(forced["E.r"], forbidden["E.r"], rtol=1e-12)


def test_the_work_of_a_step_decides_not_the_length_of_a_run(interpreter):
    for duration in (0.1, 200.0):
        assert nb.simulate(rates(), duration, 0.1).attrs["accelerator"] == "compiled"
    large = nb.simulate(rates(300), 1.0, 0.1)
    assert large.attrs["accelerator"] == "none"
    assert "90000 weights at every step" in large.attrs["accelerator_reason"]
    assert nb.simulate(rates(300, 10.0), 1.0, 0.1).attrs["accelerator"] == "compiled"


def test_where_it_is_not_built_numpy_runs_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(simulation, "choose", lambda program, asked: choose(program, asked, tmp_path))
    result = nb.simulate(rates(), 1.0, 0.1)
    assert (result.attrs["accelerator"], result.attrs["accelerator_reason"]) == ("none", "it is not built here")
    with pytest.raises(nb.NbkitError) as caught:
        nb.simulate(rates(), 1.0, 0.1, accelerator=True)
    assert caught.value.code == "no-accelerator"
    assert "nbkit.run.interpreter.build" in str(caught.value)


def test_a_library_of_another_version_is_not_run(interpreter, tmp_path, monkeypatch):
    shutil.copyfile(interpreter.path.parent / file_name(), tmp_path / file_name())
    monkeypatch.setattr(library, "fingerprint", lambda: fingerprint() + 1)
    assert "another version" in library.find(tmp_path)


def test_a_damaged_library_is_told(tmp_path):
    (tmp_path / file_name()).write_bytes(b"no library")
    assert "cannot be loaded" in library.find(tmp_path)


def test_without_a_compiler_the_build_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("CC", "no-such-compiler")
    with pytest.raises(RuntimeError, match="no C compiler"):
        build.build(tmp_path)


def test_what_changes_while_a_simulation_stands_changes_what_it_does(interpreter):
    compiled, plain = (nb.Simulation(rates(9), dt=0.1, accelerator=way) for way in (True, False))
    for sim in (compiled, plain):
        sim.run(10.0)
        sim.set("E.theta", 2.0)
        sim.set("E->E.weight", 0.5 * np.eye(9))
        sim.set("E.tau", np.linspace(5.0, 9.0, 9))
    np.testing.assert_allclose(compiled.run(20.0)["E.r"], plain.run(20.0)["E.r"], rtol=1e-12)


def test_poisson_counts_beyond_a_byte_arrive_too(interpreter):
    compiled, plain = (nb.Simulation(spiking(), dt=0.1, accelerator=way) for way in (True, False))
    for rate, weight in ((8000.0, 20.0), (0.0, 20.0), (5e6, 0.01), (8000.0, 30.0)):
        spikes = []
        for sim in (compiled, plain):
            sim.set("E.I_ex.rate", rate)
            sim.set("E.I_ex.weight", weight)
            found = sim.run(60.0)
            spikes.append(np.array([found["E.spike_time"], found["E.spike_unit"]]))
        assert spikes[0].size or not rate
        np.testing.assert_array_equal(*spikes)


def test_a_program_has_no_operation_that_is_unknown():
    for made in NETWORKS.values():
        program = compile_network(made(), 0.1)
        assert encoder.refusal(program) == ""
        assert all(encoder.is_known(i.operation) for i in program.sections["step"])


def test_the_printed_file_is_one_and_the_same():
    assert whole() == whole()
    assert whole().count("API U steps_float64") + whole().count("API U T(steps)") == 2
    assert dataclasses.is_dataclass(library.Library)
