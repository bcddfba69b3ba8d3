"""Owns what is read of a running simulation and what is kept of it: always the same few numbers. Knows no pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from nbkit.compile.program import Variable
from nbkit.network.network import Network
from nbkit.plots.places import extremes
from nbkit.simulation import Simulation

Array = np.ndarray
#: Samples that a rolling view keeps.
COLUMNS = 600
#: Numbers that a recording may hold while it is read.
AT_ONCE = 4_000_000


def run_on(
    simulation: Simulation, steps: int, paths: Sequence[str], *, last: int, every: int = 1
) -> Iterator[tuple[Array, dict[str, Array]]]:
    """Run on; give piece after piece the times (samples,) and the values (samples, units) of the last steps.

    This is the one place in which a live view steps and reads recordings.

    Args:
        simulation: what runs.
        steps: how many steps.
        paths: the variables that are wanted.
        last: of how many steps at the end.
        every: keep every so manieth sample of those.
    """
    kept = min(last, steps) if paths else 0
    if steps > kept:
        simulation.advance(steps - kept)
    at_once = max(1, AT_ONCE // sum((simulation.program.variables[path].size for path in paths), start=1))
    while kept:
        piece = min(kept, at_once)
        samples, rows = simulation.advance(piece, paths, every)
        yield samples * simulation.program.dt, rows
        kept -= piece


def present(simulation: Simulation, path: str) -> Array:
    """Give the present values of a state, (units,)."""
    return np.asarray(simulation.state[path].values).reshape(-1)


class Colours:
    """The numbers at the ends of the colours: chosen ones, a state's own limits, or the lowest and highest seen."""

    def __init__(self, network: Network, variable: Variable, chosen: tuple[float, float] | None) -> None:
        states = network.populations[variable.population].model.states
        own = states[variable.name].limits if variable.name in states else None
        whole = own if own is not None and None not in own else None
        self.fixed: tuple[float, float] | None = chosen or whole  # type: ignore[assignment]
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.low, self.high = np.inf, -np.inf

    def spanning(self, values: Array) -> tuple[float, float]:
        """Give the limits once these values are seen too."""
        if self.fixed is not None:
            return self.fixed
        if np.isfinite(values).any():
            low, high = extremes(values)
            self.low, self.high = min(self.low, low), max(self.high, high)
        if self.low < self.high:
            return self.low, self.high
        middle = self.low if np.isfinite(self.low) else 0.0
        return middle - 0.5, middle + 0.5


class Rolling:
    """The last rows of a table that grows at its end; rows of what has not happened yet are not numbers."""

    def __init__(self, width: int, columns: int = COLUMNS) -> None:
        self.rows = np.full((columns, width), np.nan)

    def push(self, rows: Array) -> None:
        """Take in new rows; the oldest go."""
        count = min(len(rows), len(self.rows))
        if count:
            self.rows[:-count] = self.rows[count:]
            self.rows[-count:] = rows[-count:]

    def forget(self) -> None:
        """Keep nothing."""
        self.rows[:] = np.nan
