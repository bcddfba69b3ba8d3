"""Owns the forecast of bytes and the limit that a run must respect. Must not know what runs."""

from __future__ import annotations

from pathlib import Path

from nbkit.compile.program import Program

SHARE = 0.7  # of the memory that is left


def bytes_of_program(program: Program, precision: str) -> int:
    """Bytes that a simulation holds while it stands."""
    each = 4 if precision == "float32" else 8
    given = [id(p.weight) for p in program.network.projections]  # matrices that the network itself holds
    weights = sum(c.weights.size * (2 * each + 8 * (id(c.weights) not in given)) for c in program.couplings)
    return int(program.memory * each + weights)  # tables of synapses are there already


def available() -> int | None:
    """Bytes that this process may still take: the container's limit or the machine's, None where neither is known."""
    limits = [_container(), _machine()]
    known = [limit for limit in limits if limit is not None]
    return min(known) if known else None


def _container(folder: Path = Path("/sys/fs/cgroup")) -> int | None:
    """What a container's limit leaves; copies of files that were written or read give way when room is needed."""
    try:
        limit, used = ((folder / f"memory.{name}").read_text().strip() for name in ("max", "current"))
        held = dict(line.split(maxsplit=1) for line in (folder / "memory.stat").read_text().splitlines() if line)
    except OSError:
        return None
    return None if limit == "max" else int(limit) - int(used) + int(held.get("inactive_file", 0))


def _machine() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None
