"""Owns the body of the page of one public name. Must not know the index, models, or how files are written."""

from __future__ import annotations

import html
from dataclasses import dataclass, replace

import griffe

from nbkit.app.site.reference_links import Links, public_members
from nbkit.app.site.reference_names import GROUPS, Entry, ready_functions, target
from nbkit.app.site.reference_signature import default_text, parameters_of, signature_html, type_html
from nbkit.app.site.reference_text import Told, told
from nbkit.model.expression import parse
from nbkit.model.mathml import to_mathml


@dataclass(frozen=True)
class Written:
    """The body of a page, its one-line summary, what it lacks, and the codes of errors that it tells of."""

    body: str
    summary: str
    lacks: tuple[str, ...] = ()


def way(group: str, *further: str) -> str:
    """The line above a title that says where one is."""
    title = GROUPS[group][0] if group in GROUPS else ""
    steps = ['<a href="index.html">Reference</a>', *([f'<a href="index.html#{group}">{title}</a>'] if title else [])]
    return f'<p class="ref-way">{" › ".join([*steps, *further])}</p>'


def entry_page(entry: Entry, package: griffe.Module, links: Links) -> Written:
    """The page of a class, a function or a module."""
    thing = target(package, entry.path)

    def link(text: str) -> str:
        figure = f"{text}_picture" == thing.name
        return links.names.get(entry.name.removesuffix("_picture"), "") if figure else links.name(text)

    said = _with_those_of_the_figure(thing, told(thing, link), links)
    lacks = [] if said.summary else ["no docstring"]
    if thing.is_module:
        inside, more = _module(entry, thing, links)
    elif thing.is_class:
        inside, more = _class(entry, thing, said, links)
    else:
        inside, more = _call(entry.shown, thing, said, links), _missing(thing, said)
    if not thing.is_module and 'class="ref-example"' not in inside:
        lacks.append("no example")
    kind = f'<span class="ref-kind">{thing.kind.value}</span>'
    where = f'<p class="ref-defined">Defined in <code>{_file(thing)}</code></p>'
    title = f'<h1><code>{html.escape(entry.shown)}</code> {kind}</h1><p class="ref-lead">{said.summary}</p>'
    body = f'<article class="ref">{way(entry.group, html.escape(entry.heading))}{title}{inside}{where}</article>'
    return Written(body, said.summary, (*lacks, *more))


def _with_those_of_the_figure(thing: griffe.Object, said: Told, links: Links) -> Told:
    """``traces_picture`` takes what ``traces`` takes, and what is said there holds for both."""
    figure = thing.parent.members.get(thing.name.removesuffix("_picture")) if thing.parent is not None else None
    if figure is None or figure is thing or not thing.name.endswith("_picture"):
        return said
    return replace(said, arguments=told(figure, links.name).arguments | said.arguments)


def _file(thing: griffe.Object) -> str:
    path = str(thing.filepath).replace("\\", "/")
    line = f", line {thing.lineno}" if thing.lineno and not thing.is_module else ""
    return html.escape("nbkit" + path.rpartition("nbkit")[2] + line)


def _missing(thing: griffe.Object, said: Told) -> list[str]:
    """Arguments about which nothing is said."""
    given = [p.name for p in parameters_of(thing)]
    known = said.arguments | said.fields
    prose = said.summary + said.text
    lost = [name for name in given if name not in known and f"<code>{name}</code>" not in prose]
    return [f"nothing is said about {', '.join(lost)}"] if lost else []


def _call(shown: str, thing: griffe.Class | griffe.Function, said: Told, links: Links, formula: str = "") -> str:
    """Signature and docstring of what can be called."""
    parts = [signature_html(shown, thing, links.place), said.text]
    parts += [_arguments(thing, said, links), _fields(thing, said, links)]
    returns = thing.returns if thing.is_function else None
    if said.returns:
        parts.append(f"<h3>Returns</h3>{_typed(returns, links)}{said.returns}")
    if said.raises:
        parts.append(f"<h3>Raises</h3>{said.raises}")
    parts += [f"<h3>{html.escape(title)}</h3>{text}" for title, text in said.notes]
    parts.append(formula)
    if said.examples:
        parts.append(f"<h3>Example</h3>{said.examples}")
    return "\n".join(part for part in parts if part)


def _typed(annotation: griffe.Expr | str | None, links: Links) -> str:
    written = type_html(annotation, links.place)
    return f'<p class="ref-type">{written}</p>' if written else ""


def _row(name: str, kind: str, default: str, meaning: str) -> str:
    usual = f'<br><span class="ref-type">default <code>{html.escape(default)}</code></span>' if default else ""
    typed = f'<br><span class="ref-type">{kind}</span>' if kind else ""
    return f"<tr><th scope='row'><code>{html.escape(name)}</code>{typed}{usual}</th><td>{meaning}</td></tr>"


def _arguments(thing: griffe.Class | griffe.Function, said: Told, links: Links) -> str:
    known = said.arguments | said.fields
    given = parameters_of(thing)
    if not given or not (known.keys() & {p.name for p in given}):
        return ""
    rows = [
        _row(p.name, type_html(p.annotation, links.place), default_text(p.default), known.get(p.name, ""))
        for p in given
    ]
    return f'<h3>Arguments</h3><table class="ref-table">{"".join(rows)}</table>'


def _fields(thing: griffe.Class | griffe.Function, said: Told, links: Links) -> str:
    given = {p.name for p in parameters_of(thing)}
    rows = []
    for name, meaning in said.fields.items():
        if name in given and said.fields.keys() & given:
            continue
        held = thing.members.get(name) if thing.is_class else None
        kind = type_html(held.annotation, links.place) if held is not None and held.is_attribute else ""
        rows.append(_row(name, kind, "", meaning))
    return f'<h3>Attributes</h3><table class="ref-table">{"".join(rows)}</table>' if rows else ""


def _class(entry: Entry, thing: griffe.Class, said: Told, links: Links) -> tuple[str, list[str]]:
    lacks = _missing(thing, said)
    parts = [_call(entry.shown, thing, said, links, _formula(thing))]
    short = entry.name.split(".")[-1]
    methods, properties = [], []
    for name, member in public_members(thing).items():
        inside = told(member, links.name)
        if inside.empty:
            lacks.append(f".{name} has no docstring")
        if member.is_function:
            called = f"{short}.{name}" if member.labels & {"classmethod", "staticmethod"} else f"{short.lower()}.{name}"
            lacks += [f".{name}: {what}" for what in _missing(member, inside) if inside.arguments]
            methods.append(_member(name, _call(called, member, inside, links), inside.summary))
        else:
            typed = type_html(member.annotation, links.place)
            properties.append(_row(name, typed, "", inside.summary + inside.text).replace("<tr>", f'<tr id="{name}">'))
    if properties:
        parts.append(f'<h2>Properties</h2><table class="ref-table">{"".join(properties)}</table>')
    if methods:
        parts.append(f"<h2>Methods</h2>{''.join(methods)}")
    return "\n".join(part for part in parts if part), lacks


def _member(name: str, inside: str, summary: str) -> str:
    head = f'<h3 class="ref-member-name"><a href="#{name}"><code>{name}</code></a></h3>'
    return f'<section class="ref-member" id="{name}">{head}<p>{summary}</p>{inside.replace("h3>", "h4>")}</section>'


def _formula(thing: griffe.Class) -> str:
    """The formula of a kernel, as it is evaluated."""
    held = thing.members.get("formula")
    text = str(held.value) if held is not None and held.is_attribute and held.value is not None else ""
    if not text.startswith(("'", '"')):
        return ""
    formula = text.strip("'\"")
    drawn = f'<math display="block">{to_mathml(parse(formula))}</math>'
    return f"<h3>Formula</h3>{drawn}<p><code>{html.escape(formula)}</code>, with the distance <code>d</code></p>"


def _module(entry: Entry, thing: griffe.Module, links: Links) -> tuple[str, list[str]]:
    """What a module is for, and its members; ready predictions stand on the page of their module."""
    said = told(thing, links.name)
    if ".ready." in entry.name:
        return said.text + "".join(_ready(f"{entry.shown}.{f.name}", f, links) for f in ready_functions(thing)), []
    stem = f"{entry.name}."
    inside = {n: w for n, w in links.names.items() if n.startswith(stem) and "." not in n.removeprefix(stem)}
    rows = [_listed(name, where, thing, links) for name, where in inside.items() if "#" not in where]
    return f'{said.text}<ul class="ref-list">{"".join(rows)}</ul>', []


def _listed(name: str, where: str, module: griffe.Module, links: Links) -> str:
    """A member of a module in one line."""
    short = name.rpartition(".")[2]
    held = target(module.package, f"{module.path}.{short}") if short in module.members else None
    summary = told(held, links.name).summary if held is not None else ""
    return f'<li><a href="{where}"><code>nb.{html.escape(name)}</code></a><span>{summary}</span></li>'


def _ready(shown: str, function: griffe.Function, links: Links) -> str:
    said = told(function, links.name)
    return _member(function.name, _call(shown, function, said, links), said.summary)
