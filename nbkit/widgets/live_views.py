"""Owns the live views: which numbers of a running simulation each one keeps, and its picture. Knows no toolkit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from nbkit.compile.program import Variable
from nbkit.errors import did_you_mean, fail, shown
from nbkit.network.network import Network
from nbkit.plots import Picture
from nbkit.plots.checks import names_of
from nbkit.plots.heatmap import HeatmapPlan
from nbkit.plots.picture import Columns, Settings
from nbkit.plots.places import Axis
from nbkit.plots.reduce import IMAGE_UNITS, mean_along, spread_evenly
from nbkit.plots.sheet import block_words, frame_picture, sheet_block
from nbkit.plots.sheet_plan import FramePlan
from nbkit.plots.space_time import direction_words, reduced
from nbkit.plots.style import colour, dash, note_settings
from nbkit.plots.trace_plan import Line, Panel, TracePlan
from nbkit.simulation import Simulation
from nbkit.widgets.live_memory import COLUMNS, Colours, Rolling, present, run_on

#: Single units that live traces draw.
UNITS_DRAWN = 8
#: Height of the pictures, in pixels.
HEIGHT = 340


class LiveView(Protocol):
    """What the presenter asks of a view."""

    def advance(self, steps: int) -> None:
        """Run the simulation on, and keep what the picture needs."""
        ...

    def picture(self) -> Picture:
        """Draw what is kept."""
        ...

    def forget(self) -> None:
        """Keep nothing of the past: the simulation went back to its start."""
        ...


class SheetView:
    """The present activity of a sheet."""

    def __init__(self, simulation: Simulation, path: str, limits: tuple[float, float] | None) -> None:
        self._simulation, self._variable = simulation, simulation.program.variables[path]
        network = simulation.network
        self._colours = Colours(network, self._variable, limits)
        self._time = time_words(network)
        self._shape = network.populations[self._variable.population].shape
        block = sheet_block(self._shape)
        cells = (-(-self._shape[0] // block[0]), -(-self._shape[1] // block[1]))
        y, x = axes_of(network, self._variable.population)
        self._plan = FramePlan(x, y, cells, block, label(self._variable), "", HEIGHT)
        self._last = None if self._variable.is_state else np.full(self._variable.size, np.nan)

    def advance(self, steps: int) -> None:
        """Run on. A state can be read at any time; any other variable is recorded at the last step."""
        path, last = self._variable.path, 0 if self._last is None else 1
        for _, found in run_on(self._simulation, steps, (path,), last=last):
            self._last = found[path][-1]

    def picture(self) -> Picture:
        """Draw the present moment."""
        held = present(self._simulation, self._variable.path) if self._last is None else self._last
        values = held.reshape(self._shape)
        moment = f"t = {self._simulation.time:.10g} {self._time}"
        return frame_picture(
            self._plan, values, moment, self._colours.spanning(values), note=block_words(self._plan.block)
        )

    def forget(self) -> None:
        """Forget the lowest and the highest value."""
        self._colours.forget()
        if self._last is not None:
            self._last[:] = np.nan


class SpaceTimeView:
    """The last stretch of time of a line, or of a sheet's mean over y."""

    def __init__(self, simulation: Simulation, path: str, window: int, limits: tuple[float, float] | None) -> None:
        self._simulation, self._variable = simulation, simulation.program.variables[path]
        network = simulation.network
        self._axes = axes_of(network, self._variable.population)
        self._colours = Colours(network, self._variable, limits)
        self._window, self._every = window, -(-window // COLUMNS)
        along = self._axes[-1]
        self._block = -(-along.count // IMAGE_UNITS)
        self._rolling = Rolling(-(-along.count // self._block), -(-window // self._every))
        self._plan = self._heatmap(along, time_words(network))

    def _heatmap(self, along: Axis, words: str) -> HeatmapPlan:
        columns, cells = self._rolling.rows.shape
        step = self._every * self._simulation.program.dt
        return HeatmapPlan(
            x_label=f"time before now ({words})",
            y_label=along.label,
            colour_label=label(self._variable) + direction_words(self._axes, "x", "mean"),
            time_words=words,
            window=(-step * columns, 0.0, along.start, along.end),
            image=(-step * columns, along.start, step * columns, along.cell * self._block * cells),
            shape=(cells, columns),
            title="",
            height=HEIGHT,
            row_name=along.label,
            row_format="%.4g",
        )

    def advance(self, steps: int) -> None:
        """Run on and keep the newest samples."""
        path = self._variable.path
        shape = tuple(axis.count for axis in self._axes)
        for _, found in run_on(self._simulation, steps, (path,), last=self._window, every=self._every):
            rows = reduced(found[path].reshape(-1, *shape), self._axes, "x", "mean")
            self._rolling.push(mean_along(rows, 1, self._block))

    def picture(self) -> Picture:
        """Draw the window, its newest sample on the right."""
        image = self._rolling.rows.T.astype(np.float32)
        low, high = self._colours.spanning(image)
        words = "" if self._every == 1 else f"One column for {self._every} steps"
        settings: dict[str, Settings] = {"note": note_settings(words), "colours": {"low": low, "high": high}}
        summary = f"Space-time plot of {self._variable.path} at {self._simulation.time:.10g} {self._plan.time_words}"
        return Picture(self._plan, {"image": {"image": image[None]}}, settings, summary)

    def forget(self) -> None:
        """Empty the window."""
        self._rolling.forget()
        self._colours.forget()


class TracesView:
    """The last stretch of time of means, bands and a few units."""

    def __init__(self, simulation: Simulation, paths: Sequence[str], window: int) -> None:
        self._simulation, self._paths = simulation, tuple(paths)
        self._window, self._every = window, -(-window // COLUMNS)
        columns = -(-window // self._every)
        self._variables = [simulation.program.variables[path] for path in paths]
        self._time = Rolling(1, columns)
        drawn = UNITS_DRAWN if len(paths) == 1 else 0
        self._units = {v.path: spread_evenly(v.size, drawn if v.size > 1 else 0) for v in self._variables}
        self._kept = {path: Rolling(3 + len(self._units[path]), columns) for path in paths}
        self._plan = self._traces(time_words(simulation.network))

    def advance(self, steps: int) -> None:
        """Run on; keep mean, lowest, highest and the drawn units of the newest samples."""
        for times, found in run_on(self._simulation, steps, self._paths, last=self._window, every=self._every):
            self._time.push(times[:, None])
            for path, values in found.items():
                rows = [values.mean(axis=1), values.min(axis=1), values.max(axis=1), *values[:, self._units[path]].T]
                self._kept[path].push(np.stack(rows, axis=1))

    def picture(self) -> Picture:
        """Draw the window."""
        known = np.isfinite(self._time.rows[:, 0])
        time = self._time.rows[known, 0]
        columns: dict[str, Columns] = {}
        for path, rolling in self._kept.items():
            mean, low, high, *units = rolling.rows[known].T
            columns[f"{path} mean"] = {"x": time, "y": mean}
            columns[f"{path} band"] = {"x": time, "low": low, "high": high}
            if units:
                columns[f"{path} units"] = {
                    "xs": np.tile(time, (len(units), 1)),
                    "ys": np.array(units),
                    "unit": np.asarray(self._units[path]),
                }
        words = "" if self._every == 1 else f"Every {self._every} steps"
        summary = f"Traces of {', '.join(self._paths)} at {self._simulation.time:.10g} {self._plan.time_words}"
        return Picture(self._plan, columns, {"note": note_settings(words)}, summary)

    def forget(self) -> None:
        """Empty the window."""
        for rolling in (self._time, *self._kept.values()):
            rolling.forget()

    def _traces(self, words: str) -> TracePlan:
        panels: dict[str, list[Line]] = {}
        for variable in self._variables:
            lines = panels.setdefault(label(variable), [])
            lines += self._lines(variable, len({line.who for line in lines}))
        return TracePlan(
            tuple(Panel(f"time ({words})", name, tuple(lines)) for name, lines in panels.items()), "", HEIGHT, words
        )

    def _lines(self, variable: Variable, index: int) -> list[Line]:
        who, path, units = variable.population, variable.path, self._units[variable.path]
        lines = []
        if len(units):
            text = f"{len(units)} of {variable.size} units" if len(units) < variable.size else f"{len(units)} units"
            lines.append(Line("units", f"{path} units", text, colour(index), alpha=0.5, who=who))
        if variable.size > 1:
            lines.append(Line("band", f"{path} band", "min to max", colour(index), alpha=0.12, who=who))
        text = who if variable.size == 1 else f"{who}, mean of {variable.size}"
        return [*lines, Line("mean", f"{path} mean", text, colour(index), dash=dash(index), width=2.6, who=who)]


def axes_of(network: Network, population: str) -> tuple[Axis, ...]:
    """Give the axes of a line or a sheet, y before x; none where units have no places."""
    grid = network.populations[population].grid
    if grid is None:
        return ()
    told = zip(grid.axes, grid.spacing, grid.shape, strict=True)
    return tuple(Axis(name, 0.0, spacing, count) for name, spacing, count in told)


def time_words(network: Network) -> str:
    """The unit of time in words."""
    return "model units" if network.time_unit == "1" else network.time_unit


def label(variable: Variable) -> str:
    """Name and unit of a variable, as axes show them."""
    words = f"{variable.meaning} {variable.name}" if variable.meaning not in ("", variable.name) else variable.name
    return f"{words} ({variable.unit if variable.unit not in ('', '1') else 'dimensionless'})"


#: name of a view -> axes that a population must have for it
VIEWS: dict[str, tuple[int, ...]] = {"sheet": (2,), "space_time": (1, 2), "traces": (0, 1, 2)}


def choose(simulation: Simulation, view: str | None, asked: Any) -> tuple[str, tuple[str, ...]]:
    """Choose view and variables where nobody did: a sheet or a line if there is one, else all states as traces.

    Raises:
        NbkitError: an unknown view or variable, a view that does not fit the population.
    """
    known = simulation.program.variables
    axes = {path: len(axes_of(simulation.network, v.population)) for path, v in known.items()}
    if view is not None and (not isinstance(view, str) or view not in VIEWS):
        raise fail("unknown-view", "view", f"there is no view {shown(view)}", did_you_mean(str(view), VIEWS))
    paths = names_of(asked, "variable") or []
    for path in paths:
        if path not in known:
            raise fail("unknown-variable", str(path), "no such variable", did_you_mean(str(path), known))
    states = paths or [path for path, v in known.items() if v.is_state]
    if view is None:
        best = max(axes[path] for path in states)
        view = ("traces", "space_time", "sheet")[best] if len(paths) < 2 else "traces"
    fitting = [path for path in states if axes[path] in VIEWS[view]]
    if view == "traces":
        return view, tuple(states)
    if not fitting or len(paths) > 1:
        what = f"'{view}' shows one variable of a {'sheet' if view == 'sheet' else 'line or sheet'}"
        raise fail("bad-choice", "variable", what, "view='traces', or a population of size (nx,) or (ny, nx)")
    return view, (fitting[0],)


def make_view(
    simulation: Simulation, view: str, paths: Sequence[str], window: int, limits: tuple[float, float] | None
) -> LiveView:
    """Make the view of this name."""
    made: dict[str, Callable[[], LiveView]] = {
        "sheet": lambda: SheetView(simulation, paths[0], limits),
        "space_time": lambda: SpaceTimeView(simulation, paths[0], window, limits),
        "traces": lambda: TracesView(simulation, paths, window),
    }
    return made[view]()
