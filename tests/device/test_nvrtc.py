"""Law: every kernel of every shipped model and network, and of every kind of coupling, compiles for every card."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

import nbkit as nb
from nbkit.compile.compiler import compile_network
from nbkit.run.cuda.ensemble import member_text
from nbkit.run.cuda.plan import Plan, make_plan
from nbkit.run.cuda.printer import common
from tests.device.networks import NETWORKS, NOISY, RATES, SPIKES, STEPS, shipped
from tests.device.nvrtc import cubin, ptx
from tests.device.test_ensembles import SWEPT

ARCHITECTURES = ("compute_75", "compute_80", "compute_90")
MODELS: dict[str, Callable[[], nb.Network]] = {unit: (lambda unit=unit: shipped(unit)) for unit in STEPS}
TABLES = {"models": MODELS, "rates": RATES, "spikes": SPIKES, "chance": NOISY, "networks": NETWORKS}


def plan(net: nb.Network, precision: str, *, loose: bool = False) -> Plan:
    """The kernels of a whole program, everything recorded."""
    program = compile_network(net, {"ms": 0.1, "s": 1e-4, "1": 0.002}[net.time_unit], delays="nearest")
    everything = frozenset(program.variables)
    sections = program.sections
    return make_plan(program, precision, sections["block"], sections["step"], everything, loose=loose)


def together(sources: list[str]) -> str:
    """Many sources as one, each in a namespace of its own."""
    parts = [common().replace('#define KERNEL extern "C" __global__', "#define KERNEL __global__")]
    for number, source in enumerate(sources):
        parts.append(f"namespace program_{number} {{\n{source.removeprefix(common())}\n}}\n")
    return "".join(parts)


@pytest.fixture(scope="module")
def sources() -> Callable[[str, str], tuple[str, int]]:
    """Table and precision -> the source of all its kernels, and how many there are."""
    made: dict[tuple[str, str], tuple[str, int]] = {}

    def of(table: str, precision: str) -> tuple[str, int]:
        if (table, precision) not in made:
            plans = [plan(make(), precision, loose=precision == "float32") for make in TABLES[table].values()]
            made[table, precision] = together([p.source for p in plans]), sum(len(p.kernels) for p in plans)
        return made[table, precision]

    return of


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("table", TABLES)
def test_nvrtc_compiles_every_kernel(sources, table, architecture):
    source, kernels = sources(table, "float64")
    written = ptx(source, architecture)
    assert len(re.findall(r"^\.visible \.entry", written, flags=re.MULTILINE)) == kernels
    assert f".target sm_{architecture.removeprefix('compute_')}" in written


@pytest.mark.parametrize("table", TABLES)
def test_nvrtc_compiles_single_precision_and_loose_sums(sources, table):
    source, kernels = sources(table, "float32")
    written = ptx(source, ARCHITECTURES[0])
    assert written.count(".entry") == kernels
    if table == "spikes":
        assert ".f64" in written
        assert re.search(r"(atom|red)\.global\.add\.f64", written), "loose sums are added as they are"


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_nvrtc_compiles_ensembles(architecture):
    sources = []
    for kind in SWEPT:
        program = compile_network(RATES[kind](), 0.1, points=1000)
        sources.append(member_text(program, "float64", 1000, frozenset(program.variables))[0].whole())
    written = ptx(together(sources), architecture)
    assert written.count(".entry members") + len(re.findall(r"\.entry \w*members", written)) >= len(SWEPT)
    assert written.count("bar.sync") > len(SWEPT)


@pytest.mark.parametrize("table", ["spikes", "networks"])
def test_nvrtc_makes_machine_code(sources, table):
    source, kernels = sources(table, "float64")
    made = cubin(source, "sm_90")
    assert made.startswith(b"\x7fELF")
    assert len(set(re.findall(rb"\.text\.(\w+)", made))) == kernels


def test_nvrtc_sees_whole_number_sums():
    written = ptx(plan(SPIKES["table"](), "float64").source, "compute_80")
    assert re.search(r"(atom|red)\.global\.add\.u64", written)
    assert not re.search(r"(atom|red)\.global\.add\.f", written)


def test_nvrtc_keeps_every_rounding():
    """No product is fused with a sum, so that a card rounds as NumPy does."""
    net = RATES["dense"]()
    written = ptx(plan(net, "float64").source, "compute_90")
    body = written[written.index(".entry step") :]
    assert "mul.rn.f64" in body or "mul.f64" in body
    assert "fma" not in body.split("ret;")[0]


def test_nvrtc_refuses_a_kernel_with_a_mistake():
    source = plan(RATES["dense"](), "float64").source
    with pytest.raises(AssertionError, match="undefined"):
        ptx(source.replace("part[thread] = sum;", "part[thread] = total;"), "compute_75")
