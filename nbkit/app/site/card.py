"""Owns the card of a network: its drawing, its parts as tables, its equations. Must not know the rest of a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nbkit.app.site.drawings import drawing
from nbkit.app.site.texts import escaped
from nbkit.errors import shown
from nbkit.model.mathml import model_mathml
from nbkit.model.model import Model
from nbkit.network.description import Population, Projection, Stimulus
from nbkit.network.laws import Law
from nbkit.network.network import Network
from nbkit.network.setup import Setup
from nbkit.network.time import unit_shown
from nbkit.widgets.workbench.drawing import delay_words, weight_words

#: more populations than this are a table without a drawing
DRAWN = 6


def card(network: Network, setup: Setup) -> str:
    """Everything that a network consists of, and how it is run."""
    picture = drawing(network) if len(network.populations) <= DRAWN else ""
    tables = [
        _table(
            "Populations", ("name", "units", "model", "set to"), [_population(*p) for p in network.populations.items()]
        ),
        _table(
            "Connections",
            ("name", "from → to", "rule", "weight", "delay"),
            [_projection(network, p) for p in network.projections],
        ),
        _table("Stimuli", ("name", "what", "into"), [_stimulus(s) for s in network.stimuli]),
        _table("The run", ("value", "is"), _setup(network, setup)),
    ]
    return f'<div class="card-of">{picture}<div class="tables">{"".join(tables)}</div></div>'


def equations(network: Network) -> str:
    """The equations of each model of a network, once, with its parameters."""
    models = {p.model.name: p.model for p in network.populations.values()}
    return "".join(map(_equations, models.values()))


def _equations(model: Model) -> str:
    rows = [
        (f"<code>{escaped(name)}</code>", escaped(f"{p.default:g} {p.unit}".strip()), escaped(p.meaning))
        for name, p in model.parameters.items()
    ]
    inside = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    table = f"<details><summary>Its parameters, and their usual values</summary><table>{inside}</table></details>"
    heading = f"<h3>{escaped(_spoken(model.name))}</h3>"
    return f'<section class="equations">{heading}{model_mathml(model)}{table * bool(rows)}</section>'


def _spoken(name: str) -> str:
    """A name of a model as words."""
    return name.replace("_", " ")


def _table(heading: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    top = "".join(f"<th>{one}</th>" for one in head)
    inside = "".join(f"<tr>{''.join(f'<td>{escaped(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<h3>{heading}</h3><table><thead><tr>{top}</tr></thead><tbody>{inside}</tbody></table>"


def _population(name: str, population: Population) -> tuple[str, ...]:
    size = " × ".join(map(str, population.shape))
    model = _spoken(population.model.name)
    held = [f"{key} = {told(value)}" for key, value in population.parameters.items()]
    held += [f"{key}(0) = {told(value)}" for key, value in population.initial.items()]
    return name, size, model, ", ".join(held) or "as the model has it"


def _projection(network: Network, projection: Projection) -> tuple[str, ...]:
    way = f"{projection.source} → {projection.target}"
    meant = {"total": " in all", "density": " per length"}.get(projection.weight_is or "", "")
    weight = f"{weight_words(projection)}{meant}"
    return (
        projection.name or "",
        way,
        _words(type(projection.rule).__name__),
        weight,
        delay_words(network, projection) or "none",
    )


def _stimulus(stimulus: Stimulus) -> tuple[str, ...]:
    return stimulus.name or "", told(stimulus.signal), stimulus.target


def _setup(network: Network, setup: Setup) -> list[tuple[str, ...]]:
    unit = unit_shown("ms", network.time_unit) if network.time_unit != "1" else "units of time"

    def time(value: object) -> str:
        return value if isinstance(value, str) else f"{value:g} {unit}"

    return [("duration", time(setup.duration)), ("step", time(setup.dt)), ("seed", str(setup.seed))]


def told(value: Any) -> str:
    """A value in a few words: a number, a law with its numbers, an array by its shape."""
    if isinstance(value, float | int):
        return f"{value:g}"
    if hasattr(value, "shape"):
        return f"array of {' × '.join(map(str, value.shape))}"
    return shown(value) if isinstance(value, str | Law) else _short(value)


def _short(value: object) -> str:
    text = shown(value)
    return text if len(text) <= 70 else f"{text[:69]}…"


def _words(name: str) -> str:
    """``FixedInDegree`` as ``fixed in degree``."""
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()
