"""Owns the pages of the shipped models and networks. Must not know docstrings' parts other than as HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping

from nbkit.app.site.reference_links import Links
from nbkit.app.site.reference_pages import way
from nbkit.model import shipped as models
from nbkit.model.mathml import model_mathml, symbol
from nbkit.model.model import Limits, Model
from nbkit.model.rendering import to_text
from nbkit.network import shipped as networks
from nbkit.network.description import Stimulus
from nbkit.network.laws import Law
from nbkit.network.network import Network

_UNITS = {"ms": "milliseconds", "s": "seconds", "1": "model units"}


def model_page(name: str, family: str, siblings: Iterable[str], links: Links) -> str:
    """Equations, states, inputs, parameters, how a step is made, and where it comes from."""
    model: Model = getattr(models, name)
    link = f'<a href="{links.names.get("models", "index.html")}">models</a>'
    parts = [
        way("describe", link, html.escape(family)),
        f'<h1><code>nb.models.{name}</code> <span class="ref-kind">model</span></h1>',
        f'<p class="ref-lead">{model_summary(name)}</p>',
        f'<div class="ref-equations">{model_mathml(model)}</div>',
        f'<details><summary>As text, as it is run</summary><pre class="ref-code">{_typed(model)}</pre></details>',
        _table("States", ("initial value", "unit", "limits", "meaning"), _states(model)),
        _table("Inputs", ("value when nothing drives it",), {k: (f"{v:g}",) for k, v in model.inputs.items()}),
        _table("Parameters", ("default", "unit", "limits", "meaning"), _parameters(model)),
        f"<h3>How it is stepped</h3>{_stepped(model)}",
        f"<h3>How to use it</h3>{_use(name, model)}",
        _others(name, siblings),
    ]
    return f'<article class="ref">{"".join(parts)}</article>'


def model_summary(name: str) -> str:
    """What a model's source says first."""
    model: Model = getattr(models, name)
    return html.escape(model.source[:1].upper() + model.source[1:])


def _typed(model: Model) -> str:
    lines = [line.strip() for line in model.equations.strip().splitlines()]
    if model.threshold:
        lines += [f"threshold: {model.threshold}", *(f"reset: {line.strip()}" for line in model.reset.split("\n"))]
    return html.escape("\n".join(lines))


def _limits(limits: Limits | None) -> str:
    if limits is None or limits == (None, None):
        return ""
    low, high = limits
    if low is not None and 0 < low < 1e-6 and high is None:
        return "above 0"
    return f"{'−∞' if low is None else f'{low:g}'} to {'∞' if high is None else f'{high:g}'}"


def _states(model: Model) -> dict[str, tuple[str, ...]]:
    return {n: (f"{s.initial:g}", s.unit, _limits(s.limits), s.meaning) for n, s in model.states.items()}


def _parameters(model: Model) -> dict[str, tuple[str, ...]]:
    return {n: (f"{p.default:g}", p.unit, _limits(p.limits), p.meaning) for n, p in model.parameters.items()}


def _table(title: str, head: tuple[str, ...], rows: Mapping[str, tuple[str, ...]]) -> str:
    """A table of names; a column that is empty everywhere is left out."""
    if not rows:
        return ""
    kept = [k for k in range(len(head)) if any(row[k] for row in rows.values())]
    top = "".join(f'<th scope="col">{head[k]}</th>' for k in kept)
    lines = []
    for name, row in rows.items():
        drawn = f"<math>{symbol(name)}</math>"
        cells = "".join(f"<td>{html.escape(row[k])}</td>" for k in kept)
        lines.append(f'<tr id="{name}"><th scope="row">{drawn} <code>{name}</code></th>{cells}</tr>')
    return f'<h3>{title}</h3><table><tr><th scope="col">name</th>{top}</tr>{"".join(lines)}</table>'


def _stepped(model: Model) -> str:
    unit = _UNITS[model.time_unit]
    said = [f"Time in its equations is in {unit}; the usual method is <code>{model.method}</code>."]
    if model.algebraic:
        held = ", ".join(f"<code>{name}</code>" for name in model.algebraic)
        said.append(f"{held} follow{'s' * (len(model.algebraic) == 1)} from the states and inputs at each moment.")
    if model.events:
        held = ", ".join(f"<code>{name}</code>" for name in model.events)
        said.append(f"A spike that arrives adds its weight to {held}.")
    if model.spiking is not None:
        when = {"end": "after the step, and the spike is stamped with its end", "start": "before the step"}
        condition = html.escape(to_text(model.spiking.threshold))
        said.append(f"It spikes when <code>{condition}</code>; this is tested {when[model.reset_at]}.")
    if model.refractory:
        said.append(f"After a spike it is refractory for <code>{html.escape(str(model.refractory))}</code>.")
    return "".join(f"<p>{line}</p>" for line in said)


def _use(name: str, model: Model) -> str:
    unit = f', time_unit="{model.time_unit}"' if model.time_unit != "ms" else ""
    code = f'net = nb.Network({{"E": nb.Population(nb.models.{name}, 10)}}{unit})'
    return f'<pre class="ref-code"><code>{html.escape(code)}</code></pre>'


def _others(name: str, siblings: Iterable[str]) -> str:
    held = [f'<a href="models.{one}.html"><code>{one}</code></a>' for one in siblings if one != name]
    return f"<h3>In the same family</h3><p>{' · '.join(held)}</p>" if held else ""


def network_parts(name: str, links: Links) -> str:
    """What a shipped network is made of, as its function makes it without arguments."""
    made: Network = getattr(networks, name)()
    rows = []
    for key, population in made.populations.items():
        model = population.model.name
        where = links.names.get(f"models.{model}", "")
        linked = f'<a href="{where}"><code>{model}</code></a>' if where else f"<code>{model}</code>"
        size = " × ".join(f"{n:,}" for n in population.shape)
        rows.append(f'<tr><th scope="row"><code>{key}</code></th><td>{linked}</td><td>{size}</td></tr>')
    head = '<tr><th scope="col">population</th><th scope="col">model</th><th scope="col">units</th></tr>'
    wires = [
        f'<tr><th scope="row"><code>{html.escape(p.source)}</code> → <code>{html.escape(p.target)}</code></th>'
        f"<td>{html.escape(type(p.rule).__name__)}</td><td>{_brief(p.weight)}</td><td>{_brief(p.delay)}</td></tr>"
        for p in made.projections[:12]
    ]
    more = len(made.projections) - len(wires)
    tail = f"<p>… and {more} more of the same kind.</p>" if more > 0 else ""
    top = "".join(f'<th scope="col">{word}</th>' for word in ("projection", "rule", "weight", "delay"))
    drives = ", ".join(f"<code>{html.escape(_shape(s))}</code>" for s in made.stimuli) or "none"
    return (
        f"<h3>What it is made of</h3><table>{head}{''.join(rows)}</table>"
        f"<table><tr>{top}</tr>{''.join(wires)}</table>{tail}<p>Stimuli: {drives}. Time unit: {made.time_unit}.</p>"
    )


def _brief(value: object) -> str:
    """A weight or delay in a few letters."""
    if isinstance(value, int | float):
        return f"{value:g}"
    shown = _law(value) if isinstance(value, Law) else value if isinstance(value, str) else type(value).__name__
    return f"<code>{html.escape(shown if len(shown) <= 60 else shown[:57] + '…')}</code>"


def _law(law: Law) -> str:
    """A law as it would be typed, its numbers cut to six digits."""
    bare = re.sub(r"\w+=", "", repr(law))
    return re.sub(r"-?\d+\.\d+(?:e[+-]?\d+)?", lambda found: f"{float(found[0]):g}", bare)


def _shape(stimulus: Stimulus) -> str:
    """Which signal drives what."""
    return f"{type(stimulus.signal).__name__} onto {stimulus.target}"
