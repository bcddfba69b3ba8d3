"""Owns the rows of the inspector: every value of what is selected, as a slider and a number. Must not know toolkits."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nbkit.model.numbers import is_finite_number
from nbkit.network.check_projections import ends_of
from nbkit.network.description import Population, Projection, Stimulus, split_path
from nbkit.network.laws import Law
from nbkit.network.network import Network
from nbkit.network.setup import Setup
from nbkit.network.time import to_unit
from nbkit.widgets.controls import GREEK, round_step
from nbkit.widgets.workbench.drawing import weight_words


@dataclass(frozen=True)
class Row:
    """One value that can be edited.

    Attributes:
        path: of the value, such as ``E.tau``.
        symbol: as formulae call it, and its index.
        words: what it means.
        unit: of the number.
        value: the number; None where the value is a law or an array, which ``told`` names.
        low: where the slider begins.
        high: where it ends.
        step: of the slider.
        least: the lowest value that may be typed; None for any.
        most: the highest one.
        whole: whether only whole numbers count.
        told: the value in words: the law with its numbers, or the number with its unit.
        note: a second line: what follows from the value.
        law: whether a law may stand here.
    """

    path: str
    symbol: tuple[str, str]
    words: str
    unit: str
    value: float | None
    low: float
    high: float
    step: float
    least: float | None = None
    most: float | None = None
    whole: bool = False
    told: str = ""
    note: str = ""
    law: bool = False


@dataclass(frozen=True)
class Section:
    """Rows under a heading.

    Attributes:
        title: the heading.
        about: what stands behind it, such as the model.
        equations: the lines of the model, as typed.
        rows: the values.
        part: the name of the part that they belong to.
    """

    title: str
    about: str
    equations: tuple[str, ...]
    rows: tuple[Row, ...]
    part: str


def inspect(network: Network, selected: tuple[str, ...], setup: Setup) -> tuple[Section, ...]:
    """The sections for what is selected: the part itself, and the arrows that end at a population.

    Several selected parts of one kind give the rows that they share, with the value of the first; an edit is for all.

    Example:
        >>> import nbkit as nb
        >>> net = nb.networks.rhythm(delay=2.0)
        >>> sections = inspect(net, ("E",), nb.Setup(400.0, 0.02))
        >>> [s.title for s in sections]
        ['Population E', 'E → E', 'I → E', 'drive → E']
        >>> [(row.path, row.value, row.note) for row in sections[2].rows]
        [('I->E.weight', -12.0, 'each synapse -0.6 · 20 inputs'), ('I->E.delay', 2.0, '100 steps · 0.25 τ')]
    """
    return tuple(_sections(network, selected, setup))


def _sections(network: Network, selected: tuple[str, ...], setup: Setup) -> Iterator[Section]:
    projections = {p.name: p for p in network.projections}
    stimuli = {s.name: s for s in network.stimuli}
    for name in selected:
        if name in network.populations:
            yield _of_population(network, name)
            if len(selected) == 1:
                ending = [p for p in network.projections if split_path(p.target)[0] == name]
                yield from (_of_projection(network, p, setup) for p in ending)
                yield from (_of_stimulus(network, s) for s in network.stimuli if split_path(s.target)[0] == name)
        elif name in projections:
            yield _of_projection(network, projections[name], setup)
        elif name in stimuli:
            yield _of_stimulus(network, stimuli[name])


def _of_population(network: Network, name: str) -> Section:
    population = network.populations[name]
    model = population.model
    rows = [_size_row(name, population)] if isinstance(population.size, int) else []
    rows += [row_of(network, f"{name}.{key}", law=True) for key in model.parameters]
    rows += [row_of(network, f"{name}.{key}.initial", law=True) for key in model.states]
    lines = tuple(line.text for line in model.lines)
    return Section(f"Population {name}", model.name.replace("_", " "), lines, tuple(rows), name)


def _size_row(name: str, population: Population) -> Row:
    size = population.count
    high = float(max(200, 10 ** math.ceil(math.log10(4 * size))))
    return Row(
        f"{name}.size", ("N", ""), "number of units", "", float(size), 1.0, high, 1.0, 1.0, None, whole=True,
        told=f"{size} units",
    )  # fmt: skip


def _of_projection(network: Network, projection: Projection, setup: Setup) -> Section:
    source, target = split_path(projection.source)[0], split_path(projection.target)[0]
    rows = []
    if is_finite_number(projection.weight):
        row = row_of(network, f"{projection.name}.weight", law=True)
        words = "total onto a unit" if projection.weight_is == "total" else "each synapse"
        rows.append(dataclasses.replace(row, words=words, note=_weight_note(network, projection)))
    else:
        row = row_of(network, f"{projection.name}.gain")
        words = f"factor on {weight_words(dataclasses.replace(projection, gain=1.0))}"
        rows.append(dataclasses.replace(row, words=words))
    if isinstance(projection.delay, float | int | str):
        rows.append(_delay_row(network, projection, setup))
    ports = f"{split_path(projection.source)[1]} → {split_path(projection.target)[1]}"
    return Section(f"{source} → {target}", ports, (), tuple(rows), projection.name)


def _weight_note(network: Network, projection: Projection) -> str:
    """The other reading of a weight: each synapse, or all onto a unit."""
    ends = ends_of(network, projection)
    inputs = projection.rule.connections(ends) / max(ends.post, 1)
    weight = float(projection.weight) * projection.gain  # type: ignore[arg-type]
    if not inputs:
        return "no inputs"
    if projection.weight_is == "total":
        return f"each synapse {weight / inputs:.3g} · {inputs:.4g} inputs"
    return f"total onto a unit {weight * inputs:.3g} · {inputs:.4g} inputs"


def _delay_row(network: Network, projection: Projection, setup: Setup) -> Row:
    delay = to_unit(projection.delay, network.time_unit, "delay")  # type: ignore[arg-type]
    dt = to_unit(setup.dt, network.time_unit, "dt")
    row = row_of(network, f"{projection.name}.delay", value=delay, least=0.0)
    steps = delay / dt
    told = f"{round(steps)} steps" if abs(steps - round(steps)) < 1e-9 else f"{steps:.6g} steps: off the grid"
    target = split_path(projection.target)[0]
    tau = network.value(f"{target}.tau") if "tau" in network.populations[target].model.parameters else None
    share = f" · {delay / tau:.3g} τ" if is_finite_number(tau) and tau else ""
    on_grid = dt * max(1, math.ceil(row.step / dt - 1e-9))  # what the slider gives is a whole number of steps
    return dataclasses.replace(row, words="delay", step=float(f"{on_grid:.9g}"), note=told + share if delay else "")


def _of_stimulus(network: Network, stimulus: Stimulus) -> Section:
    signal = stimulus.signal
    rows = []
    for f in dataclasses.fields(signal):  # type: ignore[arg-type]
        value = getattr(signal, f.name)
        if f.init and isinstance(value, float | int | str) and not isinstance(value, bool):
            path = f"{stimulus.name}.{f.name}"
            if isinstance(value, str) and f.name in getattr(signal, "times", ()):
                value = to_unit(value, network.time_unit, path)
            if is_finite_number(value):
                rows.append(row_of(network, path, value=float(value)))
    target = split_path(stimulus.target)
    title = f"{stimulus.name} → {target[0]}"
    return Section(title, f"{type(signal).__name__} → {target[1]}", (), tuple(rows), stimulus.name)


def row_of(
    network: Network, path: str, *, value: float | None = None, least: float | None = None, law: bool = False
) -> Row:
    """The row of one value, with the range that its slider has.

    The range holds the value, stays within the limits of the model, and is wide enough to see what the value does.
    """
    about = network.describe(path)
    held: Any = network.value(path) if value is None else value
    low_limit, high_limit = about.limits or (None, None)
    least = low_limit if least is None else least
    symbol, words = _symbol_and_words(path, about.symbol, str(about.meaning))
    if not is_finite_number(held):
        told = _law_words(held) if isinstance(held, Law) else f"{type(held).__name__} of values"
        return Row(path, symbol, words, about.unit, None, 0.0, 1.0, 0.01, least, high_limit, told=told, law=law)
    number = float(held)
    low, high = slider_range(number, least, high_limit)
    told = f"{number:g} {about.unit}".strip()
    step = round_step(low, high, number)
    return Row(path, symbol, words, about.unit, number, low, high, step, least, high_limit, told=told, law=law)


#: values that no formula names -> the letter that stands for them
_LETTERS = {"weight": "w", "delay": "d", "gain": "g", "amplitude": "A", "frequency": "f", "rate": "f"}


def _symbol_and_words(path: str, symbol: str, meaning: str) -> tuple[tuple[str, str], str]:
    """How formulae call a value, with its index, and what it means; of stimuli the name of the value itself."""
    key = path.rpartition(".")[2]
    if symbol == key and f"{key} of " in f"{meaning} " and " " in meaning:
        return (_LETTERS.get(key, ""), ""), key.replace("_", " ")
    base, _, index = symbol.partition("_")
    words = meaning.removeprefix(f"{symbol} ").removeprefix(f"{symbol}, ")
    return (GREEK.get(base, base), index), words or key


def slider_range(value: float, least: float | None, most: float | None) -> tuple[float, float]:
    """Where a slider begins and ends: from nothing to a round number above twice the value, within the limits.

    >>> slider_range(8.0, 0.1, 100.0), slider_range(-12.0, None, None), slider_range(0.0, 0.0, None)
    ((0.1, 20.0), (-50.0, 0.0), (0.0, 10.0))
    """
    reach = _round_above(2 * abs(value)) if value else 10.0
    low, high = (0.0, reach) if value > 0 else (-reach, 0.0) if value < 0 else (-reach, reach)
    low = low if least is None else max(low, least)
    high = high if most is None else min(high, most)
    return (low, high) if low < high else (low, low + 1.0)


def _round_above(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return float(f"{next(r for r in (1, 2, 5, 10) if r * power >= value * (1 - 1e-12)) * power:.6g}")


def _law_words(law: Law) -> str:
    numbers = ", ".join(
        f"{held:g}" if is_finite_number(held) else type(held).__name__ for held in law.numbers().values()
    )
    return f"{type(law).__name__}({numbers})"
