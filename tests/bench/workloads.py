"""Owns the table of workloads: what is run, by whom, what is read off, and what nbkit asks of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.bench.peers import ANNARCHY, BRIAN2, NEST, PYRATES, RECTIPY, Peer


@dataclass(frozen=True)
class Metric:
    """One line of the table: a duration or a size that every side of a workload tells.

    ``factor`` is how many times nbkit's figure a peer's is to be at least, ``limit`` what nbkit's may be at most, both
    on two cores of a small shared machine; ``numpy_factor`` and ``numpy_limit`` are the same without the accelerator.
    ``most`` turns the comparison round: nbkit's figure may be so many times the peer's.
    """

    key: str
    words: str
    unit: str = "s"
    factor: float | None = None
    limit: float | None = None
    numpy_factor: float | None = None
    numpy_limit: float | None = None
    most: float | None = None


@dataclass(frozen=True)
class Rival:
    """A peer on a workload: under which name, and with which settings of its own."""

    peer: Peer
    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    unmeasured: tuple[str, ...] = ()  # metrics that this peer cannot tell


@dataclass(frozen=True)
class Workload:
    """One job that every side gets, in a fresh process each time.

    ``tolerance``: largest relative difference of the numbers that both sides end at; for networks that draw their own
    random numbers it is one of rates. ``peer_turns``: fewer fresh processes for a slow peer. ``full``: only on request.
    """

    name: str
    words: str
    task: str
    settings: Mapping[str, Any]
    metrics: tuple[Metric, ...]
    rivals: tuple[Rival, ...] = ()
    precision: str = "float64"
    tolerance: float = 1e-9
    numpy_alone: bool = True
    peer_turns: int | None = None
    full: bool = False
    timeout: float = 600.0


def _step(words: str = "one step", **goals: Any) -> Metric:
    return Metric("step", words, **goals)


def _first(words: str = "from a fresh process to the result", **goals: Any) -> Metric:
    return Metric("first", words, **goals)


def _memory(**goals: Any) -> Metric:
    return Metric("peak_mb", "peak memory", "MB", **goals)


def _rates(n: int, steps: int, delay: float = 0.0, *goals: Metric, repeats: int = 3, single: bool = False) -> Workload:
    """All-to-all Wilson-Cowan units, Euler, dt = 0.001, r(0) random in [0, 0.5], every step recorded."""
    late = f"delay {delay:g}" if delay else "no delay"
    kind = "float32" if single else "float64"
    return Workload(
        f"rates-{n}" + (f"-delay-{delay:g}" if delay else "") + ("-float32" if single else ""),
        f"{n} rate units, {late}" + (", float32" if single else ""),
        "wilson_cowan",
        {"n": n, "delay": delay, "steps": steps, "repeats": repeats},
        goals or (_step(),),
        (Rival(PYRATES, "PyRates"),),
        precision=kind,
        tolerance=1e-4 if single else 1e-9,
        numpy_alone=n <= 100,
    )


_CYTHON = Rival(BRIAN2, "Brian2, Cython", {"target": "cython"})
_STANDALONE = Rival(BRIAN2, "Brian2, C++", {"target": "standalone"}, unmeasured=("peak_mb",))
_NEST = Rival(NEST, "NEST, 2 threads", {"threads": 2})
_RTF = "seconds for a biological second"

WORKLOADS = (
    Workload(
        "rates-10-first",
        "10 rate units, 2000 steps",
        "wilson_cowan_first",
        {"n": 10, "steps": 2_000},
        (_first(factor=3.0, limit=0.5), _memory()),
        (Rival(PYRATES, "PyRates"),),
    ),
    _rates(10, 40_000, 0.0, _step(factor=60.0, limit=0.2e-6, numpy_factor=2.0, numpy_limit=7e-6)),
    _rates(10, 40_000, 0.5),
    _rates(100, 20_000, 0.5),
    _rates(1000, 3_000, 0.0, repeats=1),
    _rates(1000, 3_000, 0.5, _step(factor=15.0), repeats=1),
    _rates(1000, 3_000, 0.5, _step(factor=15.0, limit=25e-6), repeats=1, single=True),
    _rates(3000, 600, 0.0, _step(factor=1.0), repeats=1, single=True),
    _rates(3000, 1_200, 0.5, _step(factor=9.0, limit=200e-6), repeats=1, single=True),
    Workload(
        "quadratic-5",
        "5 quadratic neurons, 30,000 steps",
        "quadratic",
        {"n": 5, "steps": 30_000},
        (Metric("run", "build and run", factor=200.0, limit=16e-3), _first(), _memory()),
        (Rival(RECTIPY, "RectiPy"),),
    ),
    Workload(
        "quadratic-1000",
        "1000 quadratic neurons, 10,000 steps",
        "quadratic",
        {"n": 1000, "steps": 10_000},
        (Metric("run", "build and run", factor=100.0, limit=0.2),),
        (Rival(RECTIPY, "RectiPy"),),
        tolerance=1e-6,
        numpy_alone=False,
        peer_turns=2,
    ),
    Workload(
        "field-20",
        "field of 20 × 20, 2000 steps",
        "field_picture",
        {"n": 20, "steps": 2_000},
        (_first("from a fresh process to a picture", factor=12.0, limit=1.2), _memory()),
        (Rival(ANNARCHY, "ANNarchy"),),
        tolerance=1e-5,
    ),
    Workload(
        "field-100",
        "field of 100 × 100",
        "field_steps",
        {"n": 100, "steps": 500, "peer_steps": 10, "checked": 10},
        (_step("one step, nearly all of it lateral", factor=500.0, limit=0.2e-3), _memory()),
        (Rival(ANNARCHY, "ANNarchy"),),
        tolerance=1e-4,
        numpy_alone=False,
        peer_turns=1,
        timeout=900.0,
    ),
    Workload(
        "live",
        "5 rate units",
        "live",
        {},
        (Metric("run", "turn a parameter and make 20 steps", factor=50.0, limit=1e-3),),
        (_CYTHON,),
    ),
    Workload(
        "cuba",
        "4000 spiking neurons",
        "cuba",
        {},
        (_first("from a fresh process to a second of it", factor=1.0), Metric("run", "a second of it", most=1.5)),
        (_CYTHON, _STANDALONE),
        tolerance=0.15,
    ),
    Workload(
        "microcircuit-0.1",
        "a tenth of the microcircuit",
        "microcircuit",
        {"scale": 0.1, "settle": 100.0, "duration": 1000.0},
        (
            Metric("rtf", _RTF, "", factor=18.0, limit=0.2, numpy_factor=3.5, numpy_limit=0.9),
            Metric("build", "build"),
            _memory(),
        ),
        (_NEST,),
        tolerance=0.15,
    ),
    Workload(
        "microcircuit-1",
        "the whole microcircuit",
        "microcircuit",
        {"scale": 1, "settle": 20.0, "duration": 100.0},
        (
            Metric("rtf", _RTF, "", factor=20.0, limit=4.5, numpy_factor=12.0, numpy_limit=7.0),
            Metric("build", "build", factor=6.0, limit=15.0),
            _memory(factor=4.0, limit=3700.0, numpy_limit=3000.0),
        ),
        (_NEST,),
        tolerance=0.25,
        peer_turns=1,
        full=True,
        timeout=1500.0,
    ),
    Workload(
        "ensemble-1000",
        "1000 variants of 10 rate units",
        "sweep",
        {"points": 1000, "steps": 2_000},
        (_step("one step of all", limit=0.1e-3),),
        numpy_alone=False,
    ),
    Workload(
        "sweep-2000",
        "2000 variants of 10 rate units, 2000 steps",
        "sweep",
        {"points": 2000, "steps": 2_000},
        (Metric("run", "the whole sweep", limit=1.5),),
        numpy_alone=False,
    ),
)
