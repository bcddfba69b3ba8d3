"""Owns how signatures and types become HTML, with links to types of ours. Must not know docstrings or pages."""

from __future__ import annotations

import html
from collections.abc import Callable
from contextlib import suppress

import griffe

#: dotted place of a definition -> where its page is; "" if it has none
Place = Callable[[str], str]

_WIDTH = 88


def type_html(annotation: griffe.Expr | str | None, place: Place) -> str:
    """A type; names that have a page lead there, and short names of longer types tell what they stand for."""
    if annotation is None:
        return ""
    if isinstance(annotation, str):
        return html.escape(annotation)
    parts = (annotation,) if isinstance(annotation, griffe.ExprName) else annotation.iterate(flat=True)
    return "".join(_name_html(p, place) if isinstance(p, griffe.ExprName) else html.escape(str(p)) for p in parts)


def _name_html(name: griffe.ExprName, place: Place) -> str:
    shown, path = html.escape(name.name), definition(name)
    where = place(path)
    if where:
        return f'<a href="{html.escape(where)}">{shown}</a>'
    meant = _stands_for(name, path)
    return f'<abbr title="{html.escape(meant)}">{shown}</abbr>' if meant else shown


def definition(name: griffe.ExprName) -> str:
    """The dotted place where a name is defined, past all imports."""
    path = name.canonical_path
    if path.startswith("nbkit."):
        with suppress(KeyError, griffe.AliasResolutionError, griffe.CyclicAliasError):
            held = _root(name)[path.removeprefix("nbkit.")]
            return str(held.final_target.path if held.is_alias else held.path)
    return path


def _root(name: griffe.ExprName) -> griffe.Object:
    place = name.parent
    while isinstance(place, griffe.ExprName):
        place = place.parent
    assert place is not None
    return place.package


def _stands_for(name: griffe.ExprName, path: str) -> str:
    """What a type alias of ours is short for, or what a class without a page is."""
    if not path.startswith("nbkit."):
        return ""
    with suppress(KeyError, griffe.AliasResolutionError):
        held = _root(name)[path.removeprefix("nbkit.")]
        held = held.final_target if held.is_alias else held
        if held.is_attribute and held.value is not None and len(str(held.value)) < 200:
            return str(held.value)
        if held.is_class and held.docstring is not None:
            return held.docstring.value.split("\n\n")[0].replace("\n", " ").replace("`", "")
    return ""


def parameters_of(thing: griffe.Class | griffe.Function) -> list[griffe.Parameter]:
    """What a caller gives: the parameters without ``self`` and ``cls``."""
    bound = thing.is_class or (thing.parent is not None and thing.parent.is_class)
    given = list(thing.parameters)
    own = given[1:] if bound and given and given[0].name in ("self", "cls") else given
    return [_as_declared(thing, one) for one in own] if thing.is_class else own


def _as_declared(thing: griffe.Class, given: griffe.Parameter) -> griffe.Parameter:
    """A field may be given by its place although the fields of its class may not."""
    held = thing.all_members.get(given.name)
    if held is not None and held.is_attribute and "kw_only=False" in str(held.value):
        kind = griffe.ParameterKind.positional_or_keyword
        return griffe.Parameter(given.name, annotation=given.annotation, kind=kind, default=None)
    return given


def default_text(value: griffe.Expr | str | None) -> str:
    """A default as a reader would write it."""
    text = "" if value is None else str(value)
    return {"dict()": "{}", "FrozenMap()": "{}", "list()": "[]", "tuple()": "()"}.get(text, text)


def signature_html(shown: str, thing: griffe.Class | griffe.Function, place: Place) -> str:
    """A call as it is written; one argument a line where it would be long."""
    words: list[str] = []
    bare: list[str] = []
    starred = False
    for given in parameters_of(thing):
        if given.kind is griffe.ParameterKind.keyword_only and not starred:
            words.append("*")
            bare.append("*")
            starred = True
        star = {griffe.ParameterKind.var_positional: "*", griffe.ParameterKind.var_keyword: "**"}.get(given.kind, "")
        starred = starred or star == "*"
        default = default_text(given.default) if not star else ""
        kind = type_html(given.annotation, place)
        words.append(
            f"{star}<b>{html.escape(given.name)}</b>{f': {kind}' if kind else ''}"
            f"{f' = {html.escape(default)}' if default else ''}"
        )
        bare.append(f"{star}{given.name}: {given.annotation} = {default}")
    result = thing.returns if thing.is_function else None
    arrow = f" → {type_html(result, place)}" if result is not None else ""
    long = len(shown) + sum(len(word) + 2 for word in bare) + len(str(result or "")) > _WIDTH
    inside = "\n    " + ",\n    ".join(words) + ",\n" if long and words else ", ".join(words)
    return f'<pre class="ref-signature"><code>{html.escape(shown)}({inside}){arrow}</code></pre>'
