"""Owns the sections of the inspector: every value of what is selected, under its heading. Must not know toolkits."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass

from nbkit.model.mathml import model_mathml
from nbkit.model.numbers import is_finite_number
from nbkit.network.check_projections import ends_of
from nbkit.network.description import SPIKE, Population, Projection, Stimulus, split_path
from nbkit.network.laws import Law
from nbkit.network.network import Network
from nbkit.network.setup import Setup
from nbkit.network.time import to_unit
from nbkit.widgets.workbench.drawing import weight_words
from nbkit.widgets.workbench.law_rows import with_law
from nbkit.widgets.workbench.rows import Row, row_of

__all__ = ["Row", "Section", "inspect", "row_of"]


@dataclass(frozen=True)
class Section:
    """Rows under a heading.

    Attributes:
        title: the heading.
        about: what stands behind it, such as the model.
        equations: the lines of the model, as typed.
        rows: the values.
        part: the name of the part that they belong to; of several the first one.
        kind: ``"population"``, ``"connection"`` or ``"stimulus"``.
        formula: the equations as MathML.
        several: whether the rows are those that several parts share.
    """

    title: str
    about: str
    equations: tuple[str, ...]
    rows: tuple[Row, ...]
    part: str
    kind: str = "population"
    formula: str = ""
    several: bool = False


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
        >>> (both,) = inspect(net, ("E->I", "I->E"), nb.Setup(400.0, 0.02))
        >>> [row.words for row in both.rows]
        ['total onto a unit, both', 'delay, both']
    """
    if len(selected) > 1:
        return tuple(_shared(network, selected, setup))
    return tuple(_alone(network, selected, setup))


def _alone(network: Network, selected: tuple[str, ...], setup: Setup) -> Iterator[Section]:
    for name in selected:
        if name in network.populations:
            yield _of_population(network, name, setup)
            yield from (_of_projection(network, p, setup) for p in network.projections if _ends_at(p, name))
            yield from (_of_stimulus(network, s) for s in network.stimuli if split_path(s.target)[0] == name)
        else:
            yield from (_of_projection(network, p, setup) for p in network.projections if p.name == name)
            yield from (_of_stimulus(network, s) for s in network.stimuli if s.name == name)


def _ends_at(projection: Projection, name: str) -> bool:
    return split_path(projection.target)[0] == name


# ---------------------------------------------------------------- several parts at once


def _shared(network: Network, selected: tuple[str, ...], setup: Setup) -> Iterator[Section]:
    """One section for each kind of part: the rows that all of that kind have."""
    kinds: dict[str, list[Section]] = {}
    for name in selected:
        own = next(iter(_alone(network, (name,), setup)), None)
        if own is not None:
            kinds.setdefault(own.kind, []).append(own)
    for kind, sections in kinds.items():
        yield sections[0] if len(sections) == 1 else _together(kind, sections)


def _together(kind: str, sections: list[Section]) -> Section:
    """The rows that several sections have in common, with the values of the first."""
    all_of = "both" if len(sections) == 2 else f"all {len(sections)}"
    inside = [{row.path[len(s.part) :]: row for row in s.rows} for s in sections]
    rows = []
    for ending, row in inside[0].items():
        if all(ending in other for other in inside):
            values = [" ".join(filter(None, (other[ending].law, other[ending].told))) for other in inside]
            names = [s.title.removeprefix("Population ") for s in sections]
            differ = "now " + ", ".join(f"{told} ({name})" for name, told in zip(names, values, strict=True))
            note = differ if len(set(values)) > 1 else ""
            rows.append(dataclasses.replace(row, words=f"{row.words}, {all_of}", note=note))
    plural = "stimuli" if kind == "stimulus" else f"{kind}s"
    names = ", ".join(s.title.removeprefix("Population ") for s in sections)
    return Section(f"{len(sections)} {plural}", names, (), tuple(rows), sections[0].part, kind, several=True)


# ---------------------------------------------------------------- one part


def _of_population(network: Network, name: str, setup: Setup) -> Section:
    population = network.populations[name]
    model = population.model
    rows = [_size_row(name, population)] if isinstance(population.size, int) else []
    for key in (*model.parameters, *(f"{state}.initial" for state in model.states)):
        row = with_law(network, row_of(network, f"{name}.{key}"), setup.seed, count=population.count)
        rows.append(dataclasses.replace(row, key=key.removesuffix(".initial")))
    lines = tuple(line.text for line in model.lines)
    about = model.name.replace("_", " ")
    return Section(f"Population {name}", about, lines, tuple(rows), name, formula=model_mathml(model))


def _size_row(name: str, population: Population) -> Row:
    size = population.count
    high = float(max(200, 10 ** math.ceil(math.log10(4 * size))))
    return Row(
        f"{name}.size", ("N", ""), "number of units", "", float(size), 1.0, high, 1.0, 1.0, None, whole=True,
        told=f"{size} units", tip=f"number of units · usually 1 to {high:g} · 1 or more",
    )  # fmt: skip


def _of_projection(network: Network, projection: Projection, setup: Setup) -> Section:
    source, target = split_path(projection.source)[0], split_path(projection.target)[0]
    count = math.ceil(projection.rule.connections(ends_of(network, projection)))
    rows = []
    if isinstance(projection.weight, float | Law):
        row = with_law(network, row_of(network, f"{projection.name}.weight"), setup.seed, count=count)
        words = "total onto a unit" if projection.weight_is == "total" else "each synapse"
        note = _weight_note(network, projection) if is_finite_number(projection.weight) else ""
        rows.append(dataclasses.replace(row, words=words, note=note, tip=_renamed(row.tip, words)))
    else:
        row = row_of(network, f"{projection.name}.gain")
        words = f"factor on {weight_words(dataclasses.replace(projection, gain=1.0))}"
        rows.append(dataclasses.replace(row, words=words, tip=_renamed(row.tip, words)))
    if isinstance(projection.delay, float | int | str):
        rows.append(_delay_row(network, projection, setup))
    elif isinstance(projection.delay, Law):
        row = row_of(network, f"{projection.name}.delay")
        row = with_law(network, dataclasses.replace(row, words="delay"), setup.seed, count=count)
        rows.append(row)
    ports = f"{split_path(projection.source)[1]} → {split_path(projection.target)[1]}"
    return Section(f"{source} → {target}", ports, (), tuple(rows), projection.name, "connection")


def _renamed(tip: str, words: str) -> str:
    """A tip that begins with other words."""
    return " · ".join([words, *tip.split(" · ")[1:]])


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
    spikes = split_path(projection.source)[1] == SPIKE
    row = row_of(network, f"{projection.name}.delay", value=delay, least=dt if spikes else 0.0)
    steps = delay / dt
    told = f"{round(steps)} steps" if abs(steps - round(steps)) < 1e-9 else f"{steps:.6g} steps: off the grid"
    target = split_path(projection.target)[0]
    tau = network.value(f"{target}.tau") if "tau" in network.populations[target].model.parameters else None
    share = f" · {delay / tau:.3g} τ" if is_finite_number(tau) and tau else ""
    on_grid = dt * max(1, math.ceil(row.step / dt - 1e-9))  # what the slider gives is a whole number of steps
    if projection.spread is None and isinstance(projection.delay, float):
        row = with_law(network, row, setup.seed, count=0)
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
    return Section(title, f"{type(signal).__name__} → {target[1]}", (), tuple(rows), stimulus.name, "stimulus")
