"""Owns the table of workloads and of the limits that nbkit sets itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Workload:
    """All-to-all Wilson-Cowan units, Euler, dt = 0.001, r(0) random in [0, 0.5], every step recorded.

    ``steps`` are timed after a build and a short first run; a peer without such a split is timed
    at ``steps`` and at a tenth of them, and the difference counts. ``limit`` is nbkit's own, in µs a step.
    """

    n: int
    delay: float
    steps: int
    limit: float | None = None

    @property
    def name(self) -> str:
        """Short name, for the command line and the stored results."""
        return f"wc-{self.n}" + (f"-delay-{self.delay:g}" if self.delay else "")

    @property
    def words(self) -> str:
        """The name as the table prints it."""
        return f"{self.n} units, " + (f"delay {self.delay:g}" if self.delay else "no delay")


WORKLOADS = (
    Workload(10, 0.0, 40_000, limit=0.4),
    Workload(10, 0.5, 40_000, limit=0.4),
    Workload(100, 0.0, 20_000),
    Workload(100, 0.5, 20_000),
    Workload(1000, 0.0, 3_000),
    Workload(1000, 0.5, 3_000, limit=60.0),
)

#: The workload whose first result is timed from the start of the process.
FIRST = Workload(10, 0.0, 2_000)

#: Both sides must have computed the same thing: largest relative difference of the last state.
AGREEMENT = 1e-9
